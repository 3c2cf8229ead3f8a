#!/bin/sh
# usage: dashboards/build.sh [OUTDIR]
# Builds alerts.yml, rules.yml, alertmanager.yml and the dashboards from
# mixin.libsonnet (needs jsonnet), in place or in OUTDIR.
set -eu
cd "$(dirname "$0")"
out=${1:-.}
mkdir -p "$out/grafana" "$out/perses"

yaml() { # FILE FIELD HEADER
    jsonnet -S -e "
        local mixin = import 'mixin.libsonnet';
        (import 'lib/yaml.libsonnet').manifest(|||
          $3
          Built by build.sh from mixin.libsonnet; change that, not this.
        |||, mixin.$2)" >"$out/$1"
}

yaml alerts.yml prometheusAlerts 'Alerts of flowverify.'
yaml rules.yml prometheusRules 'Recording rules of flowverify; optional.'
yaml alertmanager.yml alertmanagerConfig \
    'An example of routing, grouping and inhibition for flowverify.'
jsonnet -m "$out/grafana" -e "(import 'mixin.libsonnet').grafanaDashboards" \
    >/dev/null
jsonnet -m "$out/perses" -e "(import 'mixin.libsonnet').persesDashboards" \
    >/dev/null
