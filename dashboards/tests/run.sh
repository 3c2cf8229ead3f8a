#!/bin/sh
# usage: dashboards/tests/run.sh
# Checks everything in this folder that needs no running program: rules and
# their tests, the Alertmanager example, drift, runbooks, dashboards.
# Ends with "N passed, N failed"; 77 when the tools are not there.
# MUTATIONS=0/1 changes the alerts in every place instead of every fourth.
set -u
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1
alertmanager_tool=amtool
passed=0
failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for tool in promtool "$alertmanager_tool" jsonnet python3; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "skipped: $tool is missing (Debian: prometheus," \
            "prometheus-alertmanager, jsonnet, python3)"
        exit 77
    fi
done

check() { # WHAT COMMAND...
    what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
        echo "ok     $what"
    else
        failed=$((failed + 1))
        echo "FAILED $what"
        sed 's/^/       /' "$scratch/log"
    fi
}

no_drift() {
    ./build.sh "$scratch/built" || return
    for file in alerts.yml rules.yml alertmanager.yml; do
        cmp "$file" "$scratch/built/$file" || return
    done
    diff -r grafana "$scratch/built/grafana" &&
        diff -r perses "$scratch/built/perses"
}

# Settings reach every selector, and what comes out is valid.
other_settings() {
    jsonnet -e "((import 'mixin.libsonnet') + { _config+:: {
        job: 'other', matchers: ['environment=\"prod\"'],
        identity: ['cluster', 'job'],
        exporterUrl: 'https://flows.example.com/',
        grafanaUrl: 'https://grafana.example.com',
        severity+: { FlowRemoved: 'warning' },
        wait+: { RequiredFlowBlocked: '7m' },
        keepFiring+: { RequiredFlowBlocked: '9m' },
    } }) { both: { groups: \$.prometheusAlerts.groups +
                           \$.prometheusRules.groups } }.both" \
        >"$scratch/other.yml" &&
        promtool check rules --lint=all --lint-fatal "$scratch/other.yml" &&
        ! grep 'job=\\"flowverify' "$scratch/other.yml" &&
        ! grep -E '(by|on) \((job|job, flow)\)' "$scratch/other.yml" &&
        grep -q '"for": "7m"' "$scratch/other.yml" &&
        grep -q '"keep_firing_for": "9m"' "$scratch/other.yml" &&
        grep -q 'https://flows.example.com/flows/' "$scratch/other.yml" &&
        grep -q 'https://grafana.example.com/d/flowverify-flow' \
            "$scratch/other.yml"
}

# Where an alert of each severity goes, and one of none that we know.
routed() {
    for pair in critical=page warning=ticket info=log other=ticket; do
        got=$("$alertmanager_tool" config routes test \
            --config.file=alertmanager.yml alertname=FlowverifyAny \
            job=flowverify flow=any "severity=${pair%=*}") || return
        [ "$got" = "${pair#*=}" ] || { echo "$pair: goes to $got"; return 1; }
    done
}

formatted() { jsonnetfmt --test ./*.libsonnet lib/*.libsonnet; }

check "rules are valid" \
    promtool check rules --lint=all --lint-fatal alerts.yml rules.yml
for file in tests/*.yml; do
    check "$file" promtool test rules "$file"
done
check "the Alertmanager example is valid" "$alertmanager_tool" check-config \
    alertmanager.yml
check "alerts go where their severity says" routed
check "the built files are those of the mixin" no_drift
check "other settings make valid rules" other_settings
if command -v jsonnetfmt >/dev/null 2>&1; then
    check "jsonnet is formatted" formatted
fi
check "alerts, their tests, runbooks and the README agree" \
    python3 tests/check_alerts.py
if python3 -c 'import yaml' 2>/dev/null; then
    check "a change of an alert makes a test fail (share ${MUTATIONS:=0/4})" \
        python3 tests/mutate_alerts.py --share "$MUTATIONS"
else
    echo "skipped: the changes of alerts (no python3-yaml)"
fi
check "the lint of dashboards finds faults" python3 tests/test_lint.py
for page in grafana/*.json; do
    [ -e "$page" ] || continue
    check "$page is portable and readable" python3 tests/lint_dashboard.py \
        "$page"
done

echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
