#!/bin/sh
# Lays out the chart with the alert rules and dashboards of this release in
# build/helm/, and packages it into build/release/ where helm is installed.
set -eu
version=$(cat VERSION)
chart=build/helm/flowverify-exporter
rm -rf build/helm
mkdir -p build/helm build/release
cp -r packaging/helm/flowverify-exporter build/helm/
mkdir -p "$chart/files/rules" "$chart/files/dashboards"
cp dashboards/alerts.yml "$chart/files/rules/10-alerts.yml"
[ ! -f dashboards/rules.yml ] || cp dashboards/rules.yml "$chart/files/rules/00-rules.yml"
cp dashboards/grafana/*.json "$chart/files/dashboards/"
cp LICENSE "$chart/"
sed -i "s/^version:.*/version: $version/; s/^appVersion:.*/appVersion: \"$version\"/" "$chart/Chart.yaml"
# Packed by tar, not by helm, whose archives carry the time of day.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    --mode='u+rwX,go+rX,go-w' --exclude=ci --exclude=.helmignore -C build/helm -cf - \
    flowverify-exporter | gzip -n -9 > "build/release/flowverify-exporter-$version.tgz"
echo "build/release/flowverify-exporter-$version.tgz"
