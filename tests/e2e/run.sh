#!/bin/sh
# Runs tests/e2e/NN_*.sh, or those that are named, against the real programs.
# A test that exits 77 was skipped; it says why.  One that fails is run once
# more, and both outcomes are shown: real programs on a busy machine may miss a
# bound of time, but not twice.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

[ $# -gt 0 ] || set -- tests/e2e/[0-9]*_*.sh
for test in "$@"; do
    sh "$test" >"$log" 2>&1
    code=$?
    if [ $code -ne 0 ] && [ $code -ne 77 ]; then
        echo "failed once: $test"
        tail -n 20 "$log"
        sh "$test" >"$log" 2>&1
        code=$?
    fi
    case $code in
    0) passed=$((passed + 1)); echo "ok     $test" ;;
    77) skipped=$((skipped + 1)); echo "skip   $test: $(tail -n 1 "$log")" ;;
    *) failed=$((failed + 1)); echo "FAILED $test"; tail -n 60 "$log" ;;
    esac
done
echo
if [ $skipped -gt 0 ]; then
    echo "$skipped skipped"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
