#!/bin/sh
# A real Prometheus scrapes both formats: OpenMetrics, which it asks for
# first, and the text format, for which a proxy changes what it asks for.
set -eu
cd "$(dirname "$0")/../.."
for tool in prometheus python3; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec python3 tests/e2e/formats.py \
    "${EXPORTER:-build/flowverify_exporter}" "$work"
