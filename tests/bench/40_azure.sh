#!/bin/sh
# A large estate behind the simulator of Azure: what a first, an unchanged and
# a changed cycle cost in requests, time, CPU and memory.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
command -v openssl >/dev/null || { echo "skipped: no openssl"; exit 77; }
exec python3 tests/bench/azure_bench.py "$@"
