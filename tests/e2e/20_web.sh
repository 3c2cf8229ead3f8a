#!/bin/sh
# The metrics as others read them: promtool and the strict OpenMetrics parser
# find nothing on the example and on a hostile estate; curl and gzip read what
# is compressed; a real Prometheus scrapes over TLS with a client certificate
# and a password.
set -eu
cd "$(dirname "$0")/../.."
exporter=${EXPORTER:-build/flowverify_exporter}
for tool in curl openssl promtool prometheus python3 gzip; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
python=
for candidate in /usr/bin/python3 python3; do
    if $candidate -c 'import prometheus_client' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "skipped: no python3-prometheus-client"; exit 77; }

work=$(mktemp -d)
pids=
stop_all() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    pids=
}
trap 'stop_all; rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
free_port() {
    $python -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
start() { # CONFIG [FLAG...]
    config=$1
    shift
    port=$(free_port)
    "$exporter" --config.file="$config" \
        --web.listen-address="127.0.0.1:$port" "$@" 2>"$work/log" &
    pids="$pids $!"
}
await() {
    for _ in $(seq 100); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

check_formats() { # NAME URL
    curl -sf "$2/metrics" >"$work/text"
    promtool check metrics <"$work/text" || fail "$1: promtool"
    curl -sf -H 'Accept: application/openmetrics-text; version=1.0.0' \
        "$2/metrics" >"$work/om"
    $python - "$work/om" <<'END' || fail "$1: OpenMetrics parser"
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
text = open(sys.argv[1], newline="", encoding="utf-8").read()
families = list(text_string_to_metric_families(text))
assert len(families) > 40, len(families)
END
    curl -sf -H 'Accept-Encoding: gzip' "$2/metrics" >"$work/gz"
    gzip -t "$work/gz" || fail "$1: gzip -t"
    curl -sf --compressed "$2/metrics" >"$work/curl"
    for file in text curl; do
        grep -v -E '^(process_|flowverify_(http|log|cycle|feed|flow_data|exposition))' \
            "$work/$file" >"$work/$file.same"
    done
    cmp "$work/text.same" "$work/curl.same" || fail "$1: curl --compressed"
}

start config/example/flowverify.cfg
await curl -sf "http://127.0.0.1:$port/-/ready" || fail "the example is not ready"
check_formats example "http://127.0.0.1:$port"
stop_all

# Names of 300 characters, quotes, line ends, bytes that are no UTF-8.
mkdir -p "$work/hostile/data"
long=$(printf 'n%.0s' $(seq 300))
id=/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network
cat >"$work/hostile/data/all.json" <<END
{"value":[
 {"id":"$id/virtualNetworks/v","name":"v","type":"Microsoft.Network/virtualNetworks","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/8"]},"subnets":[{"id":"$id/virtualNetworks/v/subnets/s","name":"s","properties":{"addressPrefix":"10.0.0.0/24","networkSecurityGroup":{"id":"$id/networkSecurityGroups/$long"}}}]}},
 {"id":"$id/networkSecurityGroups/$long","name":"$long","type":"Microsoft.Network/networkSecurityGroups","properties":{"securityRules":[{"name":"a\"b\\\\c\nd$long","id":"$id/x","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"*","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"*"}}]}},
 {"id":"$id/networkInterfaces/nic","name":"nic","type":"Microsoft.Network/networkInterfaces","properties":{"primary":true,"ipConfigurations":[{"name":"c","id":"$id/c","properties":{"primary":true,"privateIPAddress":"10.0.0.4","subnet":{"id":"$id/virtualNetworks/v/subnets/s"}}}]}}
]}
END
{
    printf 'interval = "5s"; source = { kind = "directory"; path = "data"; };\n'
    printf 'flows = ( { name = "hostile"; nic = "nic"; direction = "Inbound"; protocol = "Tcp"; local_port = 80; remote_address = "192.0.2.1"; '
    printf 'labels = { text = "quote\\" slash\\\\ line\\n \377\303( %s"; other = "%s"; }; } );\n' "$long" "$long"
} >"$work/hostile/flowverify.cfg"
start "$work/hostile/flowverify.cfg"
await curl -sf "http://127.0.0.1:$port/-/ready" || fail "the hostile estate is not ready: $(cat "$work/log")"
check_formats hostile "http://127.0.0.1:$port"
grep -q 'rule="a\\"b\\\\c\\nd' "$work/text" || fail "the rule's name is not escaped"
longest=$(grep -o 'ruleset="[^"]*"' "$work/text" | LC_ALL=C awk '{print length($0) - 10}' | sort -n | tail -1)
# 127 characters and an ellipsis of three bytes.
[ "$longest" -eq 130 ] || fail "a label of $longest bytes"
stop_all

(
    cd "$work"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout ca.key -out ca.pem -subj /CN=ca -days 2 2>/dev/null
    for who in "server serverAuth DNS:localhost,IP:127.0.0.1" "client clientAuth DNS:prometheus.test"; do
        set -- $who
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
        printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$3" "$2" >"$1.ext"
        openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
            -days 2 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    done
)
cat >"$work/web.yml" <<'END'
tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.test]
basic_auth_users:
  scraper: $2b$10$XAyR3WHjqRWE6j5RhpVov.bpwiQRHWSMogJQM6tu7iJ.aYd8q96oC
END
start config/example/flowverify.cfg --web.config.file="$work/web.yml"
tls="--cacert $work/ca.pem --cert $work/client.pem --key $work/client.key"
await curl -sf $tls "https://localhost:$port/-/ready" || fail "TLS: not ready"
curl -s --cacert "$work/ca.pem" "https://localhost:$port/-/healthy" >/dev/null \
    && fail "a client without a certificate was served"
[ "$(curl -s -o /dev/null -w '%{http_code}' $tls "https://localhost:$port/metrics")" = 401 ] \
    || fail "no password was asked for"

cat >"$work/prometheus.yml" <<END
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: flowverify
    scheme: https
    basic_auth: { username: scraper, password: secret }
    tls_config: { ca_file: $work/ca.pem, cert_file: $work/client.pem, key_file: $work/client.key, server_name: localhost }
    static_configs: [ { targets: [ "127.0.0.1:$port" ] } ]
END
prom=$(free_port)
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
    --web.listen-address="127.0.0.1:$prom" --log.level=error 2>"$work/prometheus.log" &
pids="$pids $!"
query() { curl -sG "http://127.0.0.1:$prom/api/v1/query" --data-urlencode "query=$1"; }
violated() { query 'flowverify_flow_expectation_violated == 1' | grep -q web-must-not-reach-database; }
await violated || fail "Prometheus has no verdict: $(query up)"
query up | grep -q ',"1"\]' || fail "up is not 1"
grep -rq secret "$work/log" && fail "the password is in the log"
echo "metrics are read by promtool, OpenMetrics' parser, curl, gzip and Prometheus"
