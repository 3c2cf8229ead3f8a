#!/bin/sh
# What scripts rely on: exit codes of the commands, one line on standard error
# for one cause, and help that fits a terminal.
set -eu
cd "$(dirname "$0")/../.."
tool=${TOOL:-build/flowverify}
[ -x "$tool" ] || { echo "skipped: no $tool"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r config/example "$work/example"
config=$work/example/flowverify.cfg

fail() {
    echo "$1"
    cat "$work/out" "$work/err"
    exit 1
}
# expect CODE COMMAND...: runs it into $work/out and $work/err.
expect() {
    want=$1
    shift
    code=0
    "$@" >"$work/out" 2>"$work/err" || code=$?
    [ "$code" -eq "$want" ] || fail "exit $code instead of $want: $*"
}
# says N TEXT: standard error has N lines, of which one holds TEXT.
says() {
    [ "$(wc -l <"$work/err")" -eq "$1" ] || fail "not $1 lines of errors"
    grep -qF -e "$2" "$work/err" || fail "missing: $2"
    if grep -qv '^flowverify: ' "$work/err"; then
        fail "a line without its program"
    fi
}

expect 0 "$tool" run --config.file="$config" web-to-logic
expect 1 "$tool" run --config.file="$config" web-to-logic branches-to-database
expect 2 "$tool" run --config.file="$config" web-to-logic logic-to-monitoring
expect 3 "$tool" run --config.file="$config" no-such-flow
says 1 "'no-such-flow'"
expect 3 "$tool" run --config.file="$work/none.cfg"
says 1 "none.cfg"

for flow in web-to-logic branches-to-database logic-to-monitoring; do
    expect 0 "$tool" explain --config.file="$config" "$flow"
done
expect 3 "$tool" explain --config.file="$config"
says 1 "one flow must be named"

verify() {
    want=$1
    shift
    expect "$want" "$tool" verify --config.file="$config" \
        --vm=rg-shop-web/vm-web-01 --direction=Inbound --protocol=Tcp "$@"
}
verify 0 --local=10.101.1.4:443 --remote=203.0.113.7:50000
verify 1 --local=10.101.1.4:3389 --remote=203.0.113.7:50000
verify 1 --local='10.101.1.4:*' --remote='203.0.113.7:*'
verify 2 --local=10.101.1.99:443 --remote=203.0.113.7:50000
verify 3 --local=10.101.1.4:443
says 1 "--remote is missing"

expect 0 "$tool" check-config "$config"
expect 1 "$tool" check-config "$work/example/estate/service-tags.json"
cat >"$work/doubtful.cfg" <<END
max_age = "1s";
source = { kind = "azure"; subscriptions = ( { id = "00000000-0000-0000-0000-000000000001"; } );
  credential = { kind = "client_secret"; tenant_id = "t"; client_id = "c"; secret_file = "missing"; }; };
END
expect 0 "$tool" check-config "$work/doubtful.cfg"
says 2 "doubtful.cfg: warning: source.credential.secret_file: $work/missing: No such file"
expect 0 build/flowverify_exporter --config.check --config.file="$work/doubtful.cfg"
grep -qF "doubtful.cfg: warning: max_age (1 s) is less than interval (60 s)" "$work/err" \
    || fail "the exporter does not warn"
expect 3 "$tool" no-such-command

# What README.md shows of the example is what is printed.
sed -n '/^\$ flowverify run /,/^$/p' README.md | sed '1d; /^\.\.\.$/d; /^$/d' \
    >"$work/shown"
expect 1 "$tool" run --config.file=config/example/flowverify.cfg
while read -r line; do
    grep -qxF -e "$line" "$work/out" || fail "README.md is out of date: $line"
done <"$work/shown"
[ "$(wc -l <"$work/shown")" -gt 5 ] || fail "README.md shows nothing"

# One file that cannot be read is one line, though no feed knows what it holds.
echo '{ "value": ' >"$work/example/estate/half.json"
expect 0 "$tool" run --config.file="$config" web-to-logic
says 1 "half.json: line 2"
expect 3 "$tool" analyze --source="$work/nowhere"
says 1 "nowhere: No such file"

for command in run explain verify snapshot diff analyze check-config; do
    expect 0 "$tool" help "$command"
    awk 'length > 79 { exit 1 }' "$work/out" || fail "a line too long"
    # A paragraph is filled: no line of it breaks off early.
    awk '/^$/ { paragraph++ }
         paragraph == 1 && previous != "" && length(previous) < 60 { exit 1 }
         paragraph == 1 { previous = $0 }' "$work/out" ||
        fail "help $command breaks its lines"
done
echo "exit codes, errors and help: as expected"
