#!/bin/sh
# 100,000 flows in one process and in four shards, with Azure simulated: the
# same verdicts, flow by flow, and what each costs in requests, bytes, time and
# memory.  A shard asks only for the subscriptions that its flows are in.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
command -v openssl >/dev/null || { echo "skipped: no openssl"; exit 77; }
exec python3 tests/bench/shards.py \
    "${OUT:-build/release-gcc}/flowverify_exporter" \
    "${FLOWVERIFY_BENCH_FLOWS:-100000}"
