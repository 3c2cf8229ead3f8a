#!/bin/sh
# Azure's own SDK for JavaScript asks the exporter, over TLS, what it would
# ask Network Watcher.  Needs @azure/arm-network, in SDK_MODULES or from the
# registry.
set -eu
cd "$(dirname "$0")/../.."
exporter=${EXPORTER:-build/flowverify_exporter}
for program in openssl node curl; do
    command -v $program >/dev/null || { echo "skipped: no $program"; exit 77; }
done
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
if [ -z "${SDK_MODULES:-}" ]; then
    SDK_MODULES=$work/node_modules
    command -v npm >/dev/null || { echo "skipped: no npm"; exit 77; }
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" \
        @azure/arm-network@36.0.0 >/dev/null 2>&1 \
        || { echo "skipped: no registry"; exit 77; }
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$work/key.pem" -out "$work/cert.pem" -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -days 2 2>/dev/null
cat >"$work/web.yml" <<END
tls_server_config: 
  cert_file: cert.pem
  key_file: key.pem
END
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1",
    () => { console.log(s.address().port); s.close(); })')
"$exporter" --config.file=config/example/flowverify.cfg \
    --web.config.file="$work/web.yml" \
    --web.listen-address="127.0.0.1:$port" 2>"$work/log" &
pid=$!
for _ in $(seq 100); do
    curl -sf --cacert "$work/cert.pem" "https://localhost:$port/-/ready" >/dev/null && break
    sleep 0.1
done
export NODE_EXTRA_CA_CERTS="$work/cert.pem"
NODE_PATH=$SDK_MODULES node tests/e2e/ip_flow_verify.js "https://localhost:$port"
