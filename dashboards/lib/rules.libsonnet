// Recording rules: few series, for long retention, federation and reports.
// Neither the alerts nor the dashboards need them.
function(c)
  local selector(extra=[]) =
    '{' + std.join(',', ['job="%s"' % c.job] + c.matchers + extra) + '}';
  local by(labels) = ' by (' + std.join(', ', c.identity + labels) + ') ';
  local flows(how, name, labels, extra=[]) =
    how + by(['flow'] + labels) + '(flowverify_' + name + selector(extra) + ')';
  local rule(why, name, expr) = { why:: why, record: name, expr: expr };
  {
    groups: [{
      name: 'flowverify-aggregates',
      rules: [
        rule(
          'Flows by verdict; replicas count once.',
          'job_verdict:flowverify_flow_verdict:sum',
          'sum' + by(['verdict']) + '(' + flows('max', 'flow_verdict', ['verdict']) + ')',
        ),
        rule(
          'Flows that are not as expected, by what was expected.',
          'job_expected:flowverify_flow_expectation_violated:sum',
          'sum' + by(['expected']) + '(' +
          flows('max', 'flow_expectation_violated', ['expected']) + ')',
        ),
        rule(
          'Share of flows that are known to be as expected: for objectives.',
          'job:flowverify_flows_as_expected:ratio',
          'avg' + by([]) + '(\n  1 - clamp_max(\n    ' +
          flows('max', 'flow_expectation_violated', []) + '\n    + ' +
          flows('min', 'flow_verdict', [], ['verdict="unknown"']) + ',\n    1\n  )\n)',
        ),
        rule(
          'Flows that each rule denies, whole or in part.',
          'job_layer_ruleset_rule:flowverify_flow_denied:count',
          'count' + by(['layer', 'ruleset', 'rule']) + '(\n  ' +
          flows('group', 'flow_decision_info', ['layer', 'ruleset', 'rule']) +
          '\n  and on (' + std.join(', ', c.identity + ['flow']) + ') (' +
          flows('max', 'flow_verdict', [], ['verdict=~"deny|partial"']) + ' == 1)\n)',
        ),
        rule(
          'Age of the oldest data that a verdict rests on.',
          'job:flowverify_flow_data_age_seconds:max',
          'time() - min' + by([]) + '(' + flows('max', 'flow_data_timestamp_seconds', []) + ' > 0)',
        ),
      ],
    }],
  }
