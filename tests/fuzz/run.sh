#!/bin/sh
# usage: sh tests/fuzz/run.sh [SECONDS] [NAME...]
# Runs each fuzzer ("make fuzz" builds them) for so many seconds, 60 by
# default, from its corpus.  Ends with 1 if one of them found something: its
# report is printed last, and the input is left in build/fuzz/NAME.
set -u
seconds=${1:-60}
[ $# -gt 0 ] && shift
out=${OUT:-build/fuzz-clang}
failed=""

for program in "$out"/tests/fuzz/fuzz_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    case $program in *.o | *.d) continue ;; esac
    name=${program##*/fuzz_}
    case " $* " in "  " | *" $name "*) ;; *) continue ;; esac
    mkdir -p "build/fuzz/$name/corpus"
    seeds=tests/fuzz/corpus/$name
    [ -d "$seeds" ] || seeds=
    log=build/fuzz/$name/log
    "$program" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
        -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="build/fuzz/$name/" \
        "build/fuzz/$name/corpus" $seeds >"$log" 2>&1 || failed="$failed $name"
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: //p' "$log")" \
        "inputs in $seconds s"
done
for name in $failed; do
    echo "== $name found something; see build/fuzz/$name"
    grep -aE '^ +#[0-9]|ERROR|SUMMARY|runtime error|written to' \
        "build/fuzz/$name/log" | head -n 40
done
[ -z "$failed" ]
