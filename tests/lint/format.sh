#!/bin/sh
# Every C file is as clang-format leaves it.  Other versions differ in small
# things, so only 14 is asked.
set -u
version=$(clang-format --version 2>/dev/null | sed -nE 's/.*version ([0-9]+).*/\1/p')
[ "$version" = 14 ] || { echo "skipped: no clang-format 14"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo "skipped: no git work tree"; exit 77; }
bad=0
for file in $(git ls-files '*.c' '*.h'); do
    if ! clang-format --dry-run -Werror "$file" >/dev/null 2>&1; then
        echo "$file: run make format"
        bad=1
    fi
done
exit $bad
