#!/bin/sh
# Serves the example estate: [PORT=N] run.sh EXPORTER [FLAG...]
set -eu

exporter=$(command -v "$1") || { echo "run.sh: no program at '$1'" >&2; exit 1; }
shift
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-16863}
web=http://localhost:$port

cat <<EOF

flowverify serves the example estate on port $port.  In a browser:

  $web/                                    every flow and its verdict
  $web/flows/web-must-not-reach-database   one of them, explained
  $web/changes                             what changed, and by which edit
  $web/what-if                             any other packet
  $web/metrics                             what Prometheus scrapes

In a terminal:

  curl -s $web/metrics | grep -E 'verdict.* 1\$|violated.* 1\$'

To see a verdict flip, remove the forgotten rule TemporaryMigrationAccess from
  $here/estate/network-security-groups/nsg-db.json
(or set its "access" to "Deny") and look again after five seconds: the flow
web-must-not-reach-database turns from allow to deny, and is violated no more.

The flows are in $here/flowverify.cfg.  Stop with Ctrl-C.
If the port is taken: make run PORT=16864

EOF
exec "$exporter" --config.file="$here/flowverify.cfg" \
    --web.listen-address=":$port" "$@"
