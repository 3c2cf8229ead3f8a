#!/bin/sh
# The daemon at 100 and at 10,000 flows over 100 interfaces: process start to
# the first byte of /metrics, the first cycle, a cycle in which nothing changed,
# memory, and the size of a scrape.  Rows go to $BENCH_ROWS as JSON lines.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exporter=${OUT:-build/release-gcc}/flowverify_exporter
for flows in 100 10000; do
    sh tests/bench/web_estate.sh "$work/$flows" $flows
    sed -i 's/^interval = .*/interval = "5s";/' "$work/$flows/flowverify.cfg"
    python3 tests/bench/exporter.py "$exporter" \
        "$work/$flows/flowverify.cfg" $flows >"$work/rows"
    cat "$work/rows" >>"${BENCH_ROWS:-/dev/null}"
    python3 -c '
import json, sys
for row in map(json.loads, open(sys.argv[1])):
    print("%-34s %10s %-5s target %s %s" % (
        row["name"], row["value"], row["unit"], row.get("target", "-"),
        {True: "met", False: "MISSED", None: ""}[row.get("met")]))
' "$work/rows"
done
