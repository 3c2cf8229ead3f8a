#!/bin/sh
# What an unfriendly client sends: the exporter answers clearly or closes,
# keeps its memory, and goes on serving others.
set -eu
cd "$(dirname "$0")/../.."
exporter=${EXPORTER:-build/flowverify_exporter}
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$work"' EXIT
port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$exporter" --config.file=config/example/flowverify.cfg \
    --web.listen-address="127.0.0.1:$port" 2>"$work/log" &
pid=$!
python3 tests/e2e/web_attacks.py "$port" "$pid"
