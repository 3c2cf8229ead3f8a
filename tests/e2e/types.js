// usage: node types.js GRAFANA_FOLDER
// Each dashboard, as a constant of the type Dashboard of @grafana/schema,
// goes through the TypeScript compiler.
'use strict';
const fs = require('fs');
const path = require('path');
const { execFileSync } = require('child_process');

const folder = process.argv[2];
const work = fs.mkdtempSync(path.join(process.cwd(), 'types-'));
// String literals stand for enums in JSON, "definition" of a variable is
// Grafana's own addition: no faults.
const harmless = [
  /Type '"\w[\w-]*"' is not assignable to type '(\w+Mode|\w+Type|\w+Sort\w*|\w+Refresh|\w+Hide|\w+Cursor\w*|DashboardCursorSync|FieldColorModeId|MappingType|ThresholdsMode)/,
  // A query of Prometheus extends DataQuery; the annotation's type does not know.
  /'"expr"' does not exist in type 'DataQuery'/,
  /'"definition"' does not exist in type/,
];
try {
  for (const name of fs.readdirSync(folder).filter((n) => n.endsWith('.json'))) {
    fs.writeFileSync(path.join(work, name.replace('.json', '.ts')),
      "import { Dashboard } from '@grafana/schema';\nexport const board: Dashboard = " +
      fs.readFileSync(path.join(folder, name), 'utf8') + ';\n');
  }
  const files = fs.readdirSync(work).map((n) => path.join(work, n));
  let out = '';
  try {
    execFileSync('node_modules/.bin/tsc', ['--noEmit', '--strict', '--moduleResolution', 'bundler',
      '--module', 'esnext', '--skipLibCheck', '--pretty', 'false', ...files], { encoding: 'utf8' });
  } catch (error) {
    out = error.stdout;
  }
  // A fault is one line that starts at the margin, with its reasons below.
  const faults = out.split(/\n(?=\S)/).filter((f) => f.trim() && !harmless.some((h) => h.test(f)));
  for (const fault of faults) {
    console.log(fault);
  }
  process.exitCode = faults.length ? 1 : 0;
} finally {
  fs.rmSync(work, { recursive: true });
}
