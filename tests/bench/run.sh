#!/bin/sh
# usage: OUT=build/release-gcc sh tests/bench/run.sh [--service-tags=FILE]
# Measures the engine, then its peers where their packages are installed, then
# what tests/bench/NN_*.sh measure.  Prints a table; build/bench.json holds the
# same rows.  Scripts add their rows as lines of JSON to $BENCH_ROWS.
set -u
out=${OUT:-build/release-gcc}
BENCH_ROWS=$(mktemp)
export BENCH_ROWS
dump=$(mktemp -d)
trap 'rm -rf "$BENCH_ROWS" "$dump"' EXIT
failed=0

build=${out##*/}
make -s BUILD="${build%%-*}" CC="${build#*-}" "$out/bench" || exit 1
grep -m1 'model name' /proc/cpuinfo 2>/dev/null | sed 's/.*: /processor: /'
"$out/bench" "$@" || failed=1

echo
"$out/bench" --dump="$dump" "$@" || failed=1
sh tests/bench/peers/run.sh "$out" "$dump" || failed=1

for script in tests/bench/[0-9][0-9]_*.sh; do
    [ -f "$script" ] || continue
    echo
    OUT=$out sh "$script" || [ $? -eq 77 ] || failed=1
done

mkdir -p build
{
    echo '['
    sed '$!s/$/,/' "$BENCH_ROWS"
    echo ']'
} > build/bench.json
if grep -qE '"met": ?false' "$BENCH_ROWS"; then
    echo
    echo "Missed:"
    grep -E '"met": ?false' "$BENCH_ROWS"
fi
exit $failed
