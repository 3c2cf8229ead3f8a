#!/bin/sh
# flowverify diff and analyze on the example estate: exit codes, the flow that
# flips with the change that alone flips it, JSON that parses.
set -eu
cd "$(dirname "$0")/../.."
tool=${TOOL:-build/flowverify}
[ -x "$tool" ] || { echo "skipped: no $tool"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
estate=config/example/estate
config=config/example/flowverify.cfg

# expect CODE COMMAND...: runs it into $work/out and checks the exit code.
expect() {
    want=$1
    shift
    code=0
    "$@" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -eq "$want" ] || {
        echo "exit $code instead of $want: $*"
        cat "$work/out" "$work/err"
        exit 1
    }
}
contains() {
    grep -qF "$1" "$work/out" || {
        echo "missing: $1"
        cat "$work/out"
        exit 1
    }
}

expect 0 "$tool" diff --before=$estate --after=$estate --config.file=$config
contains "Rule sets: 0 differ"

cp -r $estate "$work/after"
sed -i 's/"destinationPortRange": "1433"/"destinationPortRange": "1434"/' \
    "$work/after/network-security-groups/nsg-db.json"
expect 1 "$tool" diff --before=$estate --after="$work/after" --config.file=$config
contains "logic-to-database: allow -> deny (VIOLATED)"
contains "caused alone by: changed subnet_nsg rg-shop-data/nsg-db AllowSqlFromLogicTier destination port: 1433 -> 1434"

expect 1 "$tool" diff --before=$estate --after="$work/after" --output=json
python3 - "$work/out" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["differs"] and report["rulesets"], report
change = report["rulesets"][0]["changes"][0]
assert int(change["packets"]) > 0 and change["regions"], change
PYTHON

expect 1 "$tool" analyze --source=$estate
contains "redundant"
expect 1 "$tool" analyze --source=$estate --output=json
python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/out"
expect 3 "$tool" analyze --source="$work/nowhere"
expect 3 "$tool" diff --before=$estate
echo "diff and analyze: as expected"
