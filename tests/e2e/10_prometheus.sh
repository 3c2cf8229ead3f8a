#!/bin/sh
# The exporter on the example estate, scraped by a real Prometheus: every
# flow's verdict is there, an edited rule flips its series within one interval,
# SIGHUP reloads, SIGTERM ends it within a second.
set -eu
exporter=${FLOWVERIFY_EXPORTER:-build/flowverify_exporter}
tool=${FLOWVERIFY:-build/flowverify}
command -v prometheus >/dev/null || { echo "prometheus is not installed"; exit 77; }
command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }

scratch=$(mktemp -d)
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$scratch"
}
trap stop EXIT
fail() {
    echo "failed: $*"
    tail -n 20 "$scratch"/*.log
    exit 1
}

free_port() {
    python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# usage: await SECONDS COMMAND...: repeats the command until it succeeds
await() {
    tries=$(($1 * 5))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.2
    done
}

cp -r config/example "$scratch/example"
config=$scratch/example/flowverify.cfg
sed -i 's/^interval *=.*/interval = "5s";/' "$config"
port=$(free_port)
prometheus_port=$(free_port)
web=http://127.0.0.1:$port

"$exporter" --config.file="$config" --web.listen-address="127.0.0.1:$port" \
    2>"$scratch/exporter.log" &
exporter_pid=$!
pids=$exporter_pid
await 20 curl -fs "$web/-/ready" || fail "the exporter is not ready"

curl -fs "$web/metrics" >"$scratch/metrics"
promtool check metrics <"$scratch/metrics" >"$scratch/lint" 2>&1 ||
    fail "promtool check metrics: $(cat "$scratch/lint")"
[ ! -s "$scratch/lint" ] || fail "promtool says: $(cat "$scratch/lint")"

cat >"$scratch/prometheus.yml" <<END
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: flowverify
    static_configs: [{ targets: ['127.0.0.1:$port'] }]
END
prometheus --config.file="$scratch/prometheus.yml" \
    --storage.tsdb.path="$scratch/data" --log.level=warn \
    --web.listen-address="127.0.0.1:$prometheus_port" \
    2>"$scratch/prometheus.log" &
pids="$pids $!"

# Prints the values that a query gives, as "label value" lines.
query() {
    curl -fsG "http://127.0.0.1:$prometheus_port/api/v1/query" \
        --data-urlencode "query=$1" | python3 -c '
import json, sys
for sample in json.load(sys.stdin)["data"]["result"]:
    metric = sample["metric"]
    print(metric.get("flow", "-"), metric.get("verdict", "-"),
          sample["value"][1])'
}
is() {
    [ "$(query "$1")" = "$2" ]
}

await 30 is 'up{job="flowverify"}' "- - 1" || fail "up is not 1"

# What Prometheus stores is what the tool says, flow by flow.
"$tool" run --config.file="$config" --output=json >"$scratch/run.json" || true
python3 - "$scratch/run.json" >"$scratch/expected" <<'END'
import json, sys
for flow in json.load(open(sys.argv[1]))["flows"]:
    print(flow["name"], flow["verdict"], "1")
END
[ "$(wc -l <"$scratch/expected")" -ge 15 ] || fail "the example has too few flows"
query 'flowverify_flow_verdict == 1' | sort >"$scratch/stored"
sort "$scratch/expected" | diff - "$scratch/stored" || fail "verdicts differ"

# The rule that run.sh of the example names: the flow flips within one
# interval (5 s), one scrape (1 s), and the time to look.
flow=web-must-not-reach-database
verdict="flowverify_flow_verdict{flow=\"$flow\"} == 1"
is "$verdict" "$flow allow 1" || fail "$flow is not allowed at first"
group=$scratch/example/estate/network-security-groups/nsg-db.json
awk '/"name": "TemporaryMigrationAccess"/ { rule = 1 }
     rule && /"access": "Allow"/ { sub(/Allow/, "Deny"); rule = 0 }
     { print }' "$group" >"$scratch/edited.json"
! cmp -s "$group" "$scratch/edited.json" || fail "the rule was not found"
mv "$scratch/edited.json" "$group"
await 9 is "$verdict" "$flow deny 1" || fail "$flow did not flip"
is "flowverify_flow_verdict_changes_total{flow=\"$flow\"}" "$flow - 1" ||
    fail "the change was not counted"
is "flowverify_flow_expectation_violated{flow=\"$flow\"}" "$flow - 0" ||
    fail "$flow is still violated"
[ "$(grep -c "verdict changed.*flow=$flow" "$scratch/exporter.log")" = 1 ] ||
    fail "the change was not logged once"

# SIGHUP: a new name appears, counters of the others stay.
sed -i 's/"scanner-to-database"/"scanner-renamed"/' "$config"
kill -HUP $exporter_pid
await 5 is 'flowverify_flow_verdict{flow="scanner-renamed"} == 1' \
    "scanner-renamed allow 1" || fail "the reload was not taken over"
is "flowverify_flow_verdict_changes_total{flow=\"$flow\"}" "$flow - 1" ||
    fail "a counter was lost in the reload"

# A bad configuration is refused, and says so.
echo 'no_such_key = 1;' >>"$config"
kill -HUP $exporter_pid
await 5 is 'flowverify_config_last_reload_successful' "- - 0" ||
    fail "the refusal does not show"
grep -q 'no_such_key' "$scratch/exporter.log" || fail "the refusal was not logged"
is 'flowverify_flow_verdict{flow="scanner-renamed"} == 1' \
    "scanner-renamed allow 1" || fail "the old configuration did not stay"

began=$(date +%s%N)
kill -TERM $exporter_pid
code=0
wait $exporter_pid || code=$?
took_ms=$((($(date +%s%N) - began) / 1000000))
[ $code -eq 0 ] || fail "SIGTERM ended with exit code $code"
[ $took_ms -lt 1000 ] || fail "SIGTERM took $took_ms ms"
echo "stopped in $took_ms ms"
