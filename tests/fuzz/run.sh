#!/bin/sh
# usage: sh tests/fuzz/run.sh [SECONDS] [NAME...]
# Runs each fuzzer ("make fuzz" builds them) for so many seconds, 60 by
# default, from its corpus.  Ends with 1 if one of them found something; the
# input is left in build/fuzz/NAME.
set -u
seconds=${1:-60}
[ $# -gt 0 ] && shift
out=${OUT:-build/fuzz-clang}
failed=0

for program in "$out"/tests/fuzz/fuzz_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    case $program in *.o | *.d) continue ;; esac
    name=${program##*/fuzz_}
    case " $* " in "  " | *" $name "*) ;; *) continue ;; esac
    mkdir -p "build/fuzz/$name/corpus"
    seeds=tests/fuzz/corpus/$name
    [ -d "$seeds" ] || seeds=
    echo "== $name, $seconds s"
    if ! "$program" -max_total_time="$seconds" -rss_limit_mb=2048 \
        -timeout=20 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="build/fuzz/$name/" \
        "build/fuzz/$name/corpus" $seeds; then
        failed=1
    fi
done
exit $failed
