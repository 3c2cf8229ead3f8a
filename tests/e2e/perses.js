// usage: node perses.js PERSES_FOLDER
// The dashboard for Perses, its panels, queries and variables, against the
// types that Perses and its plugins publish.
'use strict';
const fs = require('fs');
const path = require('path');
const { execFileSync } = require('child_process');

// kind of a panel: [package, type of its options]
const PANELS = {
  StatChart: ['stat-chart-plugin', 'StatChartOptions'],
  StatusHistoryChart: ['status-history-chart-plugin', 'StatusHistoryChartOptions'],
  Table: ['table-plugin', 'TableOptions'],
  TimeSeriesChart: ['timeseries-chart-plugin', 'TimeSeriesChartOptions'],
};

function program(board) {
  const lines = [
    "import { DashboardResource } from '@perses-dev/core';",
    "import { PrometheusTimeSeriesQuerySpec, PrometheusLabelValuesVariableOptions } from '@perses-dev/prometheus-plugin';",
    ...Object.values(PANELS).map(([name, type]) => `import { ${type} } from '@perses-dev/${name}';`),
    `export const board: DashboardResource = ${JSON.stringify(board)};`,
  ];
  for (const [key, panel] of Object.entries(board.spec.panels)) {
    const { kind, spec } = panel.spec.plugin;
    lines.push(`export const ${key}: ${PANELS[kind][1]} = ${JSON.stringify(spec)};`);
    panel.spec.queries.forEach((query, i) => lines.push(
      `export const ${key}${i}: PrometheusTimeSeriesQuerySpec = ${JSON.stringify(query.spec.plugin.spec)};`));
  }
  for (const variable of board.spec.variables) {
    lines.push(`export const variable_${variable.spec.name}: PrometheusLabelValuesVariableOptions = ` +
      `${JSON.stringify(variable.spec.plugin.spec)};`);
  }
  return lines.join('\n');
}

const folder = process.argv[2];
const work = fs.mkdtempSync(path.join(process.cwd(), 'types-'));
try {
  for (const name of fs.readdirSync(folder)) {
    const board = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
    fs.writeFileSync(path.join(work, name.replace('.json', '.ts')), program(board));
  }
  execFileSync('node_modules/.bin/tsc', ['--noEmit', '--strict', '--moduleResolution', 'bundler', '--module', 'esnext',
    '--jsx', 'react-jsx', '--skipLibCheck', '--pretty', 'false',
    ...fs.readdirSync(work).map((name) => path.join(work, name))], { encoding: 'utf8' });
} catch (error) {
  console.log(error.stdout || error.stack);
  process.exitCode = 1;
} finally {
  fs.rmSync(work, { recursive: true });
}
