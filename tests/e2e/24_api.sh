#!/bin/sh
# The API answers what its OpenAPI document says: every route, with every
# parameter, over the example and over what changes in it.
set -eu
cd "$(dirname "$0")/../.."
python=
for candidate in /usr/bin/python3 python3; do
    if $candidate -c 'import jsonschema' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || { echo "skipped: no python3-jsonschema"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r config/example "$work/example"
exec $python tests/e2e/api.py "${EXPORTER:-build/flowverify_exporter}" \
    "${TOOL:-build/flowverify}" "$work/example"
