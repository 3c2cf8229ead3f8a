#!/bin/sh
# Shows an alert arriving: real Prometheus and Alertmanager, the exporter on a
# copy of the example estate, and a receiver that prints what it is told.
set -eu
exec python3 "$(dirname "$0")/demo.py"
