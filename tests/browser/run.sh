#!/bin/sh
# Drives the pages with a real browser: npm packages go to build/browser,
# screenshots to build/screenshots.  Skipped (77) where npm, node or Chromium
# are missing.
set -eu
cd "$(dirname "$0")/../.."

for tool in node npm chromium; do
    command -v $tool >/dev/null 2>&1 || { echo "skipped: no $tool"; exit 77; }
done
exporter=${EXPORTER:-build/flowverify_exporter}
[ -x "$exporter" ] || { echo "skipped: no $exporter"; exit 77; }

modules=build/browser
mkdir -p "$modules" build/screenshots
if ! [ -d "$modules/node_modules/axe-core" ]; then
    npm install --silent --no-audit --no-fund --ignore-scripts \
        --prefix "$modules" playwright-core@1.49 axe-core@4.10 \
        >"$modules/npm.log" 2>&1 || { echo "skipped: npm cannot install"; exit 77; }
fi
cp tests/browser/pages.mjs "$modules/"

estate=$(mktemp -d)
pid=
trap 'if [ -n "$pid" ]; then kill $pid; fi; rm -rf "$estate"' EXIT
node tests/browser/estate.mjs "$estate"
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1",
    () => { console.log(s.address().port); s.close(); })')
"$exporter" --config.file="$estate/flowverify.cfg" \
    --web.listen-address=127.0.0.1:$port >"$estate/log" 2>&1 &
pid=$!
for _ in $(seq 50); do
    curl -sf "http://127.0.0.1:$port/-/ready" >/dev/null && break
    sleep 0.1
done

CHROMIUM=$(command -v chromium) SCREENSHOTS=build/screenshots \
    ESTATE=$estate node "$modules/pages.mjs" "http://127.0.0.1:$port"
