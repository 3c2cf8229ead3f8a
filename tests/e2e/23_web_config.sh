#!/bin/sh
# The keys of --web.config.file, as the exporter-toolkit documents them, seen
# from outside by OpenSSL: versions, suites, curves, client certificates,
# users, and files that change under a running exporter.
set -eu
cd "$(dirname "$0")/../.."
for tool in openssl python3; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec python3 tests/e2e/web_config.py \
    "${EXPORTER:-build/flowverify_exporter}" "$work"
