#!/bin/sh
# 100,000 flows in one process and in four shards: the same verdicts, flow by
# flow; time to the first cycle, memory and size of each.  Rows go to
# $BENCH_ROWS as JSON lines.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flows=${FLOWVERIFY_BENCH_FLOWS:-100000}
exporter=${OUT:-build/release-gcc}/flowverify_exporter
python3 tests/bench/shards.py "$exporter" "$work" "$flows" >> "${BENCH_ROWS:-/dev/null}"
