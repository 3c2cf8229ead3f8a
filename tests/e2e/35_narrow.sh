#!/bin/sh
# What a terminal of 80 columns shows of a verdict fits it and names the rule;
# into a file or a pipe goes all of it, without colours.
set -eu
tool=${FLOWVERIFY:-build/flowverify}
command -v script >/dev/null || { echo "skipped: no script"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
config=config/example/flowverify.cfg

NO_COLOR=1 script -qec "stty cols 80; $tool run --config.file=$config" \
    /dev/null </dev/null | tr -d '\r' >"$scratch/narrow" || true
"$tool" run --config.file="$config" >"$scratch/whole" || [ $? -le 2 ]
for name in narrow whole; do
    grep -q "18 flows: " "$scratch/$name"
    grep -q "^shop-from-internet .* AllowHttpsFromI" "$scratch/$name"
    if grep -n ' $' "$scratch/$name"; then exit 1; fi
done
awk 'length > 80 { print; bad = 1 } END { exit bad }' "$scratch/narrow"
grep -q "^logic-to-monitoring .* unknown_tag: " "$scratch/narrow"
grep -q "nsg-web AllowHttpsFromInternet$" "$scratch/whole"
if grep -n "$(printf '\033')" "$scratch/whole"; then exit 1; fi
echo "80 columns are enough"
