#!/bin/sh
# Every panel of every dashboard against a Prometheus that scrapes the
# exporter on the example estate.
set -eu
exec python3 "$(dirname "$0")/panels.py"
