#!/bin/sh
# Runs test programs and scripts, shows what failed, ends with the totals.
# A cmocka program counts each of its tests; a script counts one, and is
# skipped when it exits 77.
set -u
passed=0
failed=0
skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count() { grep -c "$1" "$log"; }

for program in "$@"; do
    case $program in
    *.sh) sh "$program" >"$log" 2>&1 ;;
    *) "$program" >"$log" 2>&1 ;;
    esac
    code=$?
    if grep -q '^\[=*\] .*Running' "$log"; then
        ok=$(count '^\[ *OK *\]')
        bad=$(grep -c '^\[  FAILED  \] [^0-9]' "$log")
        skip=$(count '^\[  SKIPPED \] [^0-9]')
        # A failed test is named twice, in place and in the summary.
        bad=$((bad / 2))
        skip=$((skip / 2))
        if [ $code -ne 0 ] && [ $bad -eq 0 ]; then bad=1; fi
    elif [ $code -eq 77 ]; then
        ok=0 bad=0 skip=1
    elif [ $code -eq 0 ]; then
        ok=1 bad=0 skip=0
    else
        ok=0 bad=1 skip=0
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    skipped=$((skipped + skip))
    if [ $bad -ne 0 ]; then
        echo "FAILED $program (exit $code)"
        tail -n 60 "$log"
    elif [ $skip -ne 0 ]; then
        echo "ok     $program ($ok, $skip skipped)"
        grep -i 'skip' "$log" | grep -v '^\[' | head -3
    else
        echo "ok     $program ($ok)"
    fi
done

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
