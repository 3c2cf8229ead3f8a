#!/bin/sh
# The engine does no I/O, reads no clock, starts no thread: its undefined
# symbols are these and no others.  Instrumented builds have more.
set -u
out=${OUT:-build/release-gcc}
case $out in *release* | *debug*) ;; *) echo "skipped: instrumented build"; exit 77 ;; esac
[ -f "$out/libengine.a" ] || { echo "skipped: no $out/libengine.a"; exit 77; }

allowed='^(malloc|calloc|realloc|free|abort|qsort|bsearch|mem(cpy|move|set|cmp|chr)|str(len|cmp|chr|rchr|cspn|spn|ncmp|str)|inet_(pton|ntop)|(v?snprintf)|__(memcpy|memmove|memset|vsnprintf|snprintf|strcpy|strcat|strncpy)_chk|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__cpu_(model|indicator_init)|__udivti3|__umodti3|__popcountdi2|bcmp)$'
defined=$(mktemp)
trap 'rm -f "$defined"' EXIT
nm "$out/libengine.a" 2>/dev/null | awk '$2 ~ /^[A-TV-Z]$/ {print $3}' | sort -u > "$defined"
stray=$(nm -u "$out/libengine.a" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u \
    | grep -vxFf "$defined" | grep -vE "$allowed")
if [ -n "$stray" ]; then
    echo "The engine is pure, yet it uses:"
    echo "$stray"
    exit 1
fi
