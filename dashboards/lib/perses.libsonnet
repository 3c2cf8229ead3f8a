// The overview for Perses, from the same queries as for Grafana.
function(c)
  local q = import 'queries.libsonnet';
  local s = 'job=~"$job",instance=~"$instance"';

  local panel(kind, title, description, query, spec, legend='') = {
    kind: 'Panel',
    spec: {
      display: { name: title, description: description },
      plugin: { kind: kind, spec: spec },
      queries: [{
        kind: 'TimeSeriesQuery',
        spec: { plugin: {
          kind: 'PrometheusTimeSeriesQuery',
          spec: { query: query, seriesNameFormat: legend },
        } },
      }],
    },
  };
  local stat(title, description, query, steps, unit='decimal') = panel(
    'StatChart', title, description, query, {
      calculation: 'last',
      format: { unit: unit },
      thresholds: { defaultColor: '#3274d9', steps: steps },
    }
  );
  local alarm = [{ value: 1, color: '#e02f44' }];
  local table(title, description, query, columns) = panel(
    'Table', title, description, query, {
      density: 'compact',
      columnSettings:
        [{ name: 'timestamp', hide: true }] +
        [{ name: column[0], header: column[1] } for column in columns],
    }
  );
  local mapping(value, text, color) = {
    kind: 'Value',
    spec: { value: value, result: { value: text, color: color } },
  };

  local panels = {
    violated: stat(
      'Not as expected',
      'Flows whose verdict is known and is not what the configuration expects.',
      'sum(%s) or vector(0)' % q.violated(s),
      alarm,
    ),
    blocked: stat(
      'Required but blocked',
      'Flows that must be allowed and are denied, whole or in part.',
      'sum(%s) or vector(0)' % q.violated(s + ',expected="allow"'),
      alarm,
    ),
    open: stat(
      'Forbidden but open',
      'Flows that must be denied and are allowed, whole or in part.',
      'sum(%s) or vector(0)' % q.violated(s + ',expected="deny"'),
      alarm,
    ),
    unknown: stat(
      'Unknown',
      'Flows that no exporter can judge at the moment.',
      'sum(%s) or vector(0)' % q.unknown(s),
      [{ value: 1, color: '#fade2a' }],
    ),
    flows: stat(
      'Flows',
      'Flows that are watched; replicas count once.',
      'count(group by (job, flow) (flowverify_flow_info{%s}))' % s,
      [],
    ),
    age: stat(
      'Age of the data',
      'Age of the oldest data that a verdict rests on.',
      'time() - min(max by (job, flow) (flowverify_flow_data_timestamp_seconds{%s}) > 0)' % s,
      [{ value: 300, color: '#fade2a' }, { value: 600, color: '#e02f44' }],
      'seconds',
    ),
    problems: table(
      'Not as expected',
      'The flows that alerts are about, 100 at most; the value is the time of the last change in milliseconds.',
      q.rows('topk(100, %s == 1)' % q.violated(s), s),
      [
        ['flow', 'Flow'],
        ['expected', 'Expected'],
        ['verdict', 'Verdict'],
        ['side', 'Side'],
        ['layer', 'Layer'],
        ['ruleset', 'Rule set'],
        ['rule', 'Deciding rule'],
      ],
    ),
    history: panel(
      'StatusHistoryChart',
      'Verdict history',
      'The 40 flows to look at first: those not as expected, then those that changed most.',
      '(\n' + q.history(s) + '\n)\nand on (job, flow) ' + q.notable(s, 40),
      {
        legend: { position: 'bottom' },
        mappings: [
          mapping('3', 'DENY', '#ff9830'),
          mapping('2', 'PARTIAL', '#fade2a'),
          mapping('1', 'ALLOW', '#3274d9'),
          mapping('0', 'UNKNOWN', '#8e8e8e'),
          mapping('-1', 'NO DATA', '#8e8e8e'),
        ],
      },
      '{{flow}}',
    ),
    verdicts: panel(
      'TimeSeriesChart',
      'Flows by verdict',
      'All flows of the selection; replicas count once.',
      'sum by (verdict) (max by (job, flow, verdict) (flowverify_flow_verdict{%s}))' % s,
      { legend: { position: 'bottom' }, visual: { stack: 'all', areaOpacity: 0.6 } },
      '{{verdict}}',
    ),
    rules: table(
      'Rules that block most flows',
      'The ten rules that deny most flows, whole or in part.',
      'topk(10, %s)' % q.blockingRules(s),
      [['layer', 'Layer'], ['ruleset', 'Rule set'], ['rule', 'Rule'], ['value', 'Flows']],
    ),
  };
  local place(x, y, width, height, name) = {
    x: x,
    y: y,
    width: width,
    height: height,
    content: { '$ref': '#/spec/panels/' + name },
  };
  local variable(name, title, matcher) = {
    kind: 'ListVariable',
    spec: {
      name: name,
      display: { name: title },
      allowAllValue: true,
      allowMultiple: true,
      customAllValue: '.+',
      defaultValue: '$__all',
      plugin: {
        kind: 'PrometheusLabelValuesVariable',
        spec: { labelName: name, matchers: [matcher] },
      },
    },
  };
  {
    kind: 'Dashboard',
    metadata: { name: 'flowverify-overview', project: 'flowverify' },
    spec: {
      display: {
        name: c.dashboards.prefix + 'Overview',
        description: 'Which configured flows Azure lets pass, which it blocks, and what is not as expected.',
      },
      duration: '6h',
      refreshInterval: c.dashboards.refresh,
      variables: [
        variable('job', 'Job', 'flowverify_exporter_build_info'),
        variable('instance', 'Instance', 'flowverify_exporter_build_info{job=~"$job"}'),
      ],
      panels: panels,
      layouts: [{
        kind: 'Grid',
        spec: { items: [
          place(0, 0, 4, 4, 'violated'),
          place(4, 0, 4, 4, 'blocked'),
          place(8, 0, 4, 4, 'open'),
          place(12, 0, 4, 4, 'unknown'),
          place(16, 0, 4, 4, 'flows'),
          place(20, 0, 4, 4, 'age'),
          place(0, 4, 24, 7, 'problems'),
          place(0, 11, 24, 10, 'history'),
          place(0, 21, 12, 8, 'verdicts'),
          place(12, 21, 12, 8, 'rules'),
        ] },
      }],
    },
  }
