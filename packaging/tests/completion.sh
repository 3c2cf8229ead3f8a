#!/bin/sh
# Completion: what real bash offers behind some words, and that zsh can read
# its files.
set -eu
command -v bash >/dev/null || { echo "skipped: bash is not installed"; exit 77; }
make -s man
top=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/estate"
touch "$work/web.cfg"
cat > "$work/offer.bash" <<'BASH'
# offer.bash TOP PROGRAM WORD...: what Tab offers after the last word, sorted.
source "$1/build/completion/$2.bash"
compopt() { :; } # Works in an interactive shell only.
COMP_WORDS=("${@:2}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMPREPLY=()
"_$2"
printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
BASH
offers() { # WANTED PROGRAM WORD...: bash splits "--flag=x" at the "=".
    wanted=$1
    shift
    got=$(cd "$work" && LC_ALL=C bash offer.bash "$top" "$@")
    [ "$got" = "$wanted" ] || { echo "FAILED: $*: '$got' is offered, not '$wanted'"; exit 1; }
}
offers "run" flowverify ru
offers "--config.file=" flowverify run --con
offers "web.cfg" flowverify run --config.file = we
offers "estate" flowverify diff --before = es
offers "json table" flowverify run --output =
offers "json text" flowverify explain --output =
offers "Inbound Outbound" flowverify verify --direction =
offers "Ah Esp Icmp Tcp Udp" flowverify verify --protocol =
offers "" flowverify verify --nic =
offers "web.cfg" flowverify check-config we
offers "--log.format= --log.level=" flowverify_exporter --log
offers "debug" flowverify_exporter --log.level = d
offers "json logfmt" flowverify_exporter --log.format =
# Each command and each of its flags is offered.
commands=$(build/flowverify help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | sort | paste -sd' ')
offers "$commands" flowverify ""
for command in run explain verify snapshot diff analyze check-config; do
    flags=$(build/flowverify $command --help | grep -oE '^  --[a-z.]+=?' | tr -d ' ' | sort | paste -sd' ')
    offers "$flags" flowverify $command --
done
flags=$(build/flowverify_exporter --help | grep -oE '^  --[a-z.-]+=?' | tr -d ' ' | LC_ALL=C sort | paste -sd' ')
offers "$flags" flowverify_exporter --
echo "ok: bash offers commands, flags, their values and files"
if command -v zsh >/dev/null; then
    for program in flowverify flowverify_exporter; do
        zsh -n "build/completion/_$program"
        grep -q '(debug info warn error)' build/completion/_flowverify_exporter
        grep -q '(Inbound Outbound)' build/completion/_flowverify
    done
    echo "ok: zsh reads its files"
fi
