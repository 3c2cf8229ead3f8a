// usage: node render.js GRAFANA_FOLDER PROMETHEUS_URL FLOW
// Grafana's own library turns what Prometheus answers into what the panels
// show: text and colour of each value, compared with what is expected of the
// example estate.
'use strict';
const fs = require('fs');
const path = require('path');

globalThis.navigator ??= { language: 'en-US', languages: ['en-US'], userAgent: '' };
const D = require('@grafana/data');
const { lastValueFrom } = require('rxjs');
globalThis.window ??= globalThis;

const [folder, prometheus, flow] = process.argv.slice(2);
const BLUE = /5794f2|3274d9/i, RED = /f2495c|e02f44|e0226e|c4162a|d10e5c|e54545/i;
const ORANGE = /ff9830|fa6400|ff780a/i, YELLOW = /fade2a|f2cc0c/i, GREY = /8e8e8e/i;
const BOARD = {
  overview: 'Azure flows / Overview', flow: 'Azure flows / Flow', exporter: 'Azure flows / Exporter',
};

// dashboard, panel, row (a field and its text), field (of a stat: null), text, colour
const EXPECTED = [
  ['overview', 'Not as expected', null, null, /^2$/, RED],
  ['overview', 'Required but blocked', null, null, /^0$/, BLUE],
  ['overview', 'Forbidden but open', null, null, /^2$/, RED],
  ['overview', 'Unknown', null, null, /^2$/, YELLOW],
  ['overview', 'Flows', null, null, /^18$/, GREY],
  ['overview', 'Age of the data', null, null, /^\d+ s$/, BLUE],
  ['overview', 'Not as expected', ['Flow', flow], 'Expected', /^must be denied$/, null],
  ['overview', 'Not as expected', ['Flow', flow], 'Verdict', /^ALLOW$/, BLUE],
  ['overview', 'Not as expected', ['Flow', flow], 'Layer', /^NIC's group$/, null],
  ['overview', 'Not as expected', ['Flow', flow], 'Rule set', /^rg-shop-data\/nsg-nic-db-01$/, null],
  ['overview', 'Not as expected', ['Flow', flow], 'Deciding rule', /^AllowSqlInsideVnet$/, null],
  ['overview', 'Not as expected', ['Flow', flow], 'Since', /ago$/, null],
  ['overview', 'Not as expected', ['Flow', 'branches-to-database'], 'Verdict', /^PARTIAL$/, YELLOW],
  ['overview', 'Flows and deciding rules', ['Flow', 'no-database-to-internet'], 'Verdict', /^DENY$/, ORANGE],
  ['overview', 'Flows and deciding rules', ['Flow', 'logic-to-monitoring'], 'Verdict', /^UNKNOWN$/, GREY],
  ['overview', 'Flows and deciding rules', ['Flow', 'spokes-to-appliance'], 'Layer', /^no rule$/, null],
  ['overview', 'Rules that block most flows', ['Rule', 'DenyEverythingInBound'], 'Flows', /^\d+$/, null],
  ['overview', 'Flows that change most', ['Flow', flow], 'Changes', /^[12]$/, null],
  ['overview', 'Verdict history', null, 'logic-to-database', /^ALLOW$/, BLUE],
  ['overview', 'Verdict history', null, 'branches-to-database', /^PARTIAL$/, YELLOW],
  ['overview', 'Verdict history', null, 'logic-to-monitoring', /^UNKNOWN$/, GREY],
  ['overview', 'Verdict history', null, 'no-database-to-internet', /^DENY$/, ORANGE],
  ['flow', 'Verdict', null, null, /^ALLOW$/, BLUE],
  ['flow', 'Expectation', null, null, /^NOT AS EXPECTED$/, RED],
  ['flow', 'Allowed share', null, null, /^100%$/, GREY],
  ['flow', 'Since the last change', null, null, /^\d+ s$/, GREY],
  ['flow', 'Configured flow', ['Flow', flow], 'Destination port', /^1433$/, null],
  ['flow', 'Configured flow', ['Flow', flow], 'Direction', /^both$/, null],
  ['flow', 'Deciding rule', ['Flow', flow], 'Priority', /^\d+$/, null],
  ['flow', 'Deciding rule', ['Flow', flow], 'Kind', /^custom$/, null],
  ['flow', 'Deciding rule over time', null, 'destination nic_nsg rg-shop-data/nsg-nic-db-01/AllowSqlInsideVnet', /^DECIDES$/, BLUE],
  ['flow', 'What each layer alone does', null, 'destination subnet_nsg', /^LETS PASS$/, BLUE],
  ['exporter', 'Up', null, null, /^UP$/, BLUE],
  ['exporter', 'Configuration', null, null, /^LOADED$/, BLUE],
  ['exporter', 'Since the last good cycle', null, null, /^\d+ s$/, BLUE],
  ['exporter', 'Without a verdict', null, null, /^2$/, YELLOW],
  ['exporter', 'Token left', null, null, /^\d+ mins$/, BLUE],
  ['exporter', 'Configurations in force', null, null, /^1$/, BLUE],
  ['exporter', 'Build', null, 'Version', /^\d+\.\d+/, null],
];

function prepare() {
  const transformers = [...new Map(Object.values(D.standardTransformers).map((t) => [t.id, t])).values()];
  D.standardTransformersRegistry.setInit(() => transformers.map((t) => ({
    id: t.id, name: t.name, transformation: async () => t, editor: () => null, imageDark: '', imageLight: '',
  })));
  const property = (id, process, more = {}) => ({
    id, path: id, name: id, category: ['x'], editor: () => null, override: () => null, process,
    shouldApply: () => true, settings: {}, ...more,
  });
  D.standardFieldConfigEditorRegistry.setInit(() => [
    property('unit', D.unitOverrideProcessor), property('min', D.numberOverrideProcessor),
    property('max', D.numberOverrideProcessor), property('decimals', D.numberOverrideProcessor),
    property('displayName', D.displayNameOverrideProcessor), property('noValue', D.identityOverrideProcessor),
    property('color', D.identityOverrideProcessor),
    property('mappings', D.valueMappingsOverrideProcessor, { defaultValue: [] }),
    property('thresholds', D.thresholdsOverrideProcessor,
      { defaultValue: { mode: 'absolute', steps: [{ value: -Infinity, color: 'green' }] } }),
    property('links', D.dataLinksOverrideProcessor),
  ]);
}

function substitute(query) {
  return [['$__rate_interval', '10s'], ['$__interval', '10s'], ['$__range', '60s'], ['$job', 'flowverify'],
    ['$instance', '.+']].reduce((text, [name, value]) => text.replaceAll(name, value), query);
}

async function ask(target, board) {
  const query = substitute(target.expr).replaceAll('$flow', board === 'flow' ? flow : '.+');
  const now = Date.now() / 1000;
  const parameters = target.instant ? { query, time: now } : { query, start: now - 20, end: now, step: 2 };
  const url = `${prometheus}/api/v1/query${target.instant ? '' : '_range'}?${new URLSearchParams(parameters)}`;
  const answer = await (await fetch(url)).json();
  if (answer.status !== 'success') {
    throw new Error(`${query}: ${answer.error}`);
  }
  return answer.data.result;
}

// The frames that Grafana's data source makes: one wide frame for a table,
// else one a series, named by its legend.
function frames(series, target) {
  const number = (value) => Number(value[1]);
  if (target.format === 'table') {
    const labels = [...new Set(series.flatMap((one) => Object.keys(one.metric)))];
    return [D.toDataFrame({ refId: target.refId, fields: [
      { name: 'Time', type: 'time', values: series.map((one) => one.value[0] * 1000) },
      ...labels.map((label) => ({ name: label, type: 'string', values: series.map((one) => one.metric[label] ?? '') })),
      { name: 'Value', type: 'number', values: series.map((one) => number(one.value)) },
    ] })];
  }
  return series.map((one) => {
    const values = one.values ?? [one.value];
    const legend = (target.legendFormat ?? '').replace(/\{\{(\w+)\}\}/g, (_, label) => one.metric[label] ?? '');
    return D.toDataFrame({ refId: target.refId, name: legend, fields: [
      { name: 'Time', type: 'time', values: values.map((v) => v[0] * 1000) },
      { name: 'Value', type: 'number', values: values.map(number), labels: one.metric,
        config: legend && legend !== '__auto' ? { displayNameFromDS: legend } : {} },
    ] });
  });
}

async function render(panel, board) {
  let out = [];
  for (const target of panel.targets) {
    out = out.concat(frames(await ask(target, board), target));
  }
  out = await lastValueFrom(D.transformDataFrame(panel.transformations ?? [], out));
  return D.applyFieldOverrides({
    data: out, fieldConfig: panel.fieldConfig, replaceVariables: (text) => text,
    theme: D.createTheme({ colors: { mode: 'dark' } }), timeZone: 'utc',
    fieldConfigRegistry: D.standardFieldConfigEditorRegistry,
  });
}

function shown(field, row) {
  const value = field.display(field.values[row]);
  return { text: D.formattedValueToString(value), color: value.color ?? '' };
}

// What the panel shows in 'field' where the field row[0] shows row[1].
function find(data, row, name) {
  for (const frame of data) {
    const fields = frame.fields.filter((f) => f.type !== 'time');
    if (row) {
      const key = frame.fields.find((f) => D.getFieldDisplayName(f, frame, data) === row[0]);
      const field = frame.fields.find((f) => D.getFieldDisplayName(f, frame, data) === name);
      const index = key ? [...key.values].findIndex((_, i) => shown(key, i).text === row[1]) : -1;
      if (field && index >= 0) {
        return shown(field, index);
      }
    } else {
      const field = fields.find((f) => name === null || D.getFieldDisplayName(f, frame, data) === name);
      if (field) {
        return shown(field, field.values.length - 1);
      }
    }
  }
  return null;
}

async function main() {
  prepare();
  let faults = 0;
  const boards = Object.fromEntries(Object.keys(BOARD).map((name) => [
    name, JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), 'utf8'))]));
  for (const [board, title, row, field, text, color] of EXPECTED) {
    const panels = boards[board].panels.filter((p) => p.title === title);
    const panel = panels.find((p) => (p.type === 'stat') === (row === null && field === null)) ?? panels[0];
    const got = panel ? find(await render(panel, board), row, field) : null;
    if (!got || !text.test(got.text) || (color && !color.test(got.color))) {
      faults++;
      console.log(`${BOARD[board]} / ${title}${row ? ` / ${row[1]}` : ''}${field ? ` / ${field}` : ''}: ` +
        `expected ${text} ${color ?? ''}, got ${JSON.stringify(got)}`);
    }
  }
  console.log(`${EXPECTED.length - faults} of ${EXPECTED.length} values as expected`);
  process.exitCode = faults ? 1 : 0;
}

main().catch((error) => {
  console.log(error.stack);
  process.exitCode = 1;
});
