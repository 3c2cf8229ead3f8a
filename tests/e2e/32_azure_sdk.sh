#!/bin/sh
# The simulator is proven by a client that others wrote: Azure's own SDK for
# JavaScript lists groups from it and runs IP flow verify's long-running
# operation.  Needs @azure/arm-network, in SDK_MODULES or from the registry.
set -eu
cd "$(dirname "$0")/../.."
for program in python3 openssl node; do
    command -v $program >/dev/null || { echo "skipped: no $program"; exit 77; }
done
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
if [ -z "${SDK_MODULES:-}" ]; then
    SDK_MODULES=$work/node_modules
    command -v npm >/dev/null || { echo "skipped: no npm"; exit 77; }
    npm install --silent --no-audit --no-fund --prefix "$work" \
        @azure/arm-network@36.0.0 >/dev/null 2>&1 \
        || { echo "skipped: no registry"; exit 77; }
fi
python3 tests/simulator/simulator.py --directory=config/example/estate --tls \
    --page=2 --work="$work" --ready="$work/ready" >/dev/null &
pid=$!
for _ in $(seq 100); do
    [ -f "$work/ready" ] && break
    sleep 0.1
done
export NODE_EXTRA_CA_CERTS="$work/ca.pem"
NODE_PATH=$SDK_MODULES node tests/e2e/azure_sdk.js "$work/ready"
