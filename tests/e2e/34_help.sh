#!/bin/sh
# Help and manual pages: every line fits a terminal of 80 columns, ends in no
# blank, and no mark of the pages' source shows.
set -eu
tool=${FLOWVERIFY:-build/flowverify}
exporter=${EXPORTER:-build/flowverify_exporter}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$tool" help >"$scratch/list"
"$exporter" --help >"$scratch/exporter"
commands=$(sed -n 's/^  \([a-z-]*\)  .*/\1/p' "$scratch/list")
[ -n "$commands" ]
for command in $commands; do
    "$tool" help "$command" >"$scratch/$command"
done
make -s man
for page in flowverify.1 flowverify.cfg.5 flowverify_exporter.8; do
    ! command -v man >/dev/null ||
        MANWIDTH=80 MANPAGER=cat man -l "build/man/$page" >"$scratch/$page"
done

bad=0
for file in "$scratch"/*; do
    awk -v name="${file##*/}" 'length > 80 || / $/ ||
        /=_|[a-z]_$|\.\.$/ {
        print name ":" FNR ": " $0; bad = 1 } END { exit bad }' "$file" || bad=1
done
[ $bad -eq 0 ]
echo "$(ls "$scratch" | wc -l) texts of help fit the terminal"
