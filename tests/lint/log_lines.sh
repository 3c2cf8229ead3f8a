#!/bin/sh
# Every line that the exporter can log stands with its level in the table of
# the operations guide, and the guide explains no line that there is not.
set -u
guide=packaging/README.md
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
fail() { echo "$1"; bad=1; }

# One call may span lines; a level may be chosen: (bad ? log_warn : log_info)(
for file in $(find exporter -name '*.c' ! -path exporter/log.c | sort); do
    tr '\n' ' ' <"$file" |
        grep -oE 'log_(debug|info|warn|error)\)?\( *("[^"]*"|[a-z])' |
        sed -E 's/^log_([a-z]+)\)?\( */\1 /'
done | sort -u >"$scratch/code"
# | `message` | level | ...
sed -nE 's/^\| `([^`]+)` \| ((debug|info|warn|error)[^|]*) \|.*/\2|\1/p' \
    "$guide" >"$scratch/guide"
[ -s "$scratch/code" ] && [ -s "$scratch/guide" ] || fail "nothing was found"

while read -r level message; do
    case $message in
    \"*) message=${message#\"} message=${message%\"} ;;
    *) fail "a log line whose message is no literal: $level $message"; continue ;;
    esac
    grep -qE "^[^|]*\b$level\b[^|]*\|$message\$" "$scratch/guide" ||
        fail "$guide does not explain $level \"$message\""
done <"$scratch/code"
while IFS='|' read -r level message; do
    grep -qF " \"$message\"" "$scratch/code" ||
        fail "$guide explains \"$message\", which is never logged"
done <"$scratch/guide"
exit $bad
