#!/bin/sh
# The example says what its configuration promises, and the edit that run.sh
# suggests has the effect that it promises.
set -eu
tool=${FLOWVERIFY:-build/flowverify}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r config/example "$scratch/example"
config=$scratch/example/flowverify.cfg

verdicts() {
    # 1: something is violated, 2: something is unknown.
    "$tool" run --config.file="$config" >"$scratch/table" || [ $? -le 2 ]
    awk 'NR > 1 && NF > 3 { print $1, $3, ($4 == "VIOLATED" ? "violated" : "") }' \
        "$scratch/table" | sed '/^[0-9]/d; s/ $//'
}

cat >"$scratch/expected" <<'EOF'
shop-from-internet allow
load-balancer-probe allow
no-remote-control-from-internet deny
web-to-logic allow
web-pings-logic allow
logic-to-database allow
web-must-not-reach-database allow violated
reporting-to-database allow
branches-to-database partial violated
office-to-jump-host allow
jump-host-to-web allow
scanner-to-database allow
spokes-to-appliance allow
database-backup allow
no-database-to-internet deny
logic-to-payment-provider allow
logic-to-monitoring unknown
partner-to-report-server unknown
EOF
verdicts >"$scratch/before"
diff "$scratch/expected" "$scratch/before"

# TemporaryMigrationAccess is the only rule with this priority.
group=$scratch/example/estate/network-security-groups/nsg-db.json
awk '/"name": "TemporaryMigrationAccess"/ { rule = 1 }
     rule && /"access": "Allow"/ { sub(/Allow/, "Deny"); rule = 0 }
     { print }' "$group" >"$scratch/edited"
cp "$scratch/edited" "$group"
sed 's/^web-must-not-reach-database.*/web-must-not-reach-database deny/' \
    "$scratch/expected" >"$scratch/expected-after"
verdicts >"$scratch/after"
diff "$scratch/expected-after" "$scratch/after"
echo "the example's verdicts are as described, and flip as described"
