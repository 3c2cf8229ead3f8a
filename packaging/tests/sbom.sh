#!/bin/sh
# The bills of materials: valid by CycloneDX's own schema, the same twice, and
# a wrong one refused.
set -eu
mkdir -p build/tools/sbom build/packaging
sh packaging/tarball.sh
tarball=build/release/flowverify-$(cat VERSION).tar.gz
python3 packaging/sbom/sbom.py "$tarball" > build/packaging/sbom.json
python3 packaging/sbom/sbom.py "$tarball" | cmp - build/packaging/sbom.json
echo "ok: $(grep -c '"type": "library"' build/packaging/sbom.json) libraries listed, twice alike"
command -v npm >/dev/null || { echo "skipped: npm is not installed"; exit 77; }
[ -d build/tools/sbom/node_modules ] || (cd build/tools/sbom \
    && npm install --silent --no-audit --no-fund --ignore-scripts \
        @cyclonedx/cyclonedx-library@6 ajv@8 ajv-formats@2 ajv-formats-draft2019@1 >/dev/null) \
    || { echo "skipped: the schema cannot be fetched"; exit 77; }
cat > build/tools/sbom/check.cjs <<'JS'
const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');
const { readFileSync } = require('node:fs');
const text = readFileSync(process.argv[2], 'utf8');
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
(async () => {
  const fault = await validator.validate(text);
  if (fault) { console.error(JSON.stringify(fault).slice(0, 500)); process.exit(1); }
  const wrong = JSON.parse(text);
  wrong.metadata.component.type = 'no such type';
  if (!(await validator.validate(JSON.stringify(wrong)))) { console.error('a wrong type passed'); process.exit(1); }
})();
JS
node build/tools/sbom/check.cjs build/packaging/sbom.json
echo "ok: valid CycloneDX 1.5"
