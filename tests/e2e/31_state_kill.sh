#!/bin/sh
# kill -9 at random moments while state is written: every restart comes up
# with a valid state.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
exec python3 tests/e2e/state_kill.py "$@"
