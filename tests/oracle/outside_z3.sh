#!/bin/sh
# Z3 as an outside oracle: the verdicts on sets of packets, over a rule set of
# 200 rules, must be those that Z3 proves.  Skipped where libz3 is absent.
set -u
out=${OUT:-build/release-gcc}
case $out in *release* | *debug*) ;; *) echo "skipped: instrumented build"; exit 77 ;; esac
cc=${CC:-gcc}
if ! echo '#include <z3.h>' | $cc -E - >/dev/null 2>&1; then
    echo "skipped: no z3.h (package libz3-dev)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=${out##*/}
make -s BUILD="${build%%-*}" CC="${build#*-}" "$out/bench" >/dev/null || exit 1
"$out/bench" --dump="$work" || exit 1
$cc -std=c11 -O2 -D_DEFAULT_SOURCE tests/bench/peers/z3.c -o "$work/z3" -lz3 || exit 1
"$work/z3" "$work" S
