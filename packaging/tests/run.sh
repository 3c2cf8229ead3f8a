#!/bin/sh
# Builds and exercises every artefact; each check is a script beside this one.
# Ends with the totals; a check whose tools cannot be had is skipped and says
# so.
set -u
passed=0
failed=0
skipped=0
mkdir -p build/packaging
for check in ${*:-tarball install completion deb rpm image helm sbom boot}; do
    log=build/packaging/$check.log
    started=$(date +%s)
    sh "packaging/tests/$check.sh" >"$log" 2>&1
    code=$?
    took=$(($(date +%s) - started))
    case $code in
    0) passed=$((passed + 1)); echo "ok      packaging/$check (${took} s)"; grep -E '^(image|size|exposure|ok:)' "$log" | sed 's/^/        /' ;;
    77) skipped=$((skipped + 1)); echo "skipped packaging/$check: $(tail -n 1 "$log")" ;;
    *) failed=$((failed + 1)); echo "FAILED  packaging/$check (exit $code)"; tail -n 40 "$log" ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
