#!/bin/sh
# The commands, queries, routes and metrics of the runbooks.
set -eu
exec python3 "$(dirname "$0")/runbooks.py"
