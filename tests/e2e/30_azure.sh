#!/bin/sh
# The real programs against the simulator of Azure: the same verdicts as from
# a folder, every fault, every credential, no leaked token or secret.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
command -v openssl >/dev/null || { echo "skipped: no openssl"; exit 77; }
exec python3 tests/e2e/azure_cases.py "$@"
