// All flows at a glance: what is not as expected, by which rule, since when.
function(c)
  local g = (import 'grafana.libsonnet')(c);
  local q = import 'queries.libsonnet';
  local s = g.flow;
  local count(title, description, query, steps) = g.stat(
    title, description, query, { thresholds: g.steps(steps), color: { mode: 'thresholds' } }
  );
  local neutral = [[null, g.shade.none]];
  local alarm = [[null, g.shade.good], [1, g.shade.worse]];
  local columns = [
    ['flow', 'Flow', { links: [
      g.flowLink('${__data.fields.Flow}'),
      g.pageLink('${__data.fields.Flow}', '${__data.fields.Exporter}'),
    ] }],
    ['expected', 'Expected', { mappings: g.mappings.expected }],
    ['verdict', 'Verdict', { mappings: g.mappings.verdictName, 'custom.cellOptions': { type: 'color-text' } }],
    ['side', 'Side'],
    ['layer', 'Layer', { mappings: g.mappings.layer }],
    ['ruleset', 'Rule set'],
    ['rule', 'Deciding rule'],
    ['Value', 'Since', { unit: 'dateTimeFromNow' }],
    ['instance', 'Exporter'],
  ];
  g.dashboard(
    'flowverify-overview',
    'Overview',
    'Which configured flows Azure lets pass, which it blocks, and what is not as expected.',
    [
      g.variable('flow', 'Flow', 'label_values(flowverify_flow_info{%s}, flow)' % g.exporter),
    ],
    [
      g.annotation(
        'Verdict changes',
        'topk(20, max by (job, flow) (changes(flowverify_flow_last_change_timestamp_seconds{%s}[$__interval])) > 0)' % s,
        '{{flow}} changed',
        true,
        'orange',
      ),
      g.annotation(
        'Configuration loaded',
        'changes(flowverify_config_last_reload_success_timestamp_seconds{%s}[$__interval]) > 0' % g.exporter,
        '{{instance}} loaded a configuration',
        true,
        'blue',
      ),
    ],
    [
      [
        g.at(4, 4, count(
          'Not as expected',
          'Flows whose verdict is known and is not what the configuration expects.',
          'sum(%s) or vector(0)' % q.violated(s),
          alarm,
        )),
        g.at(4, 4, count(
          'Required but blocked',
          'Flows that must be allowed and are denied, whole or in part.',
          'sum(%s) or vector(0)' % q.violated(s + ',expected="allow"'),
          alarm,
        )),
        g.at(4, 4, count(
          'Forbidden but open',
          'Flows that must be denied and are allowed, whole or in part.',
          'sum(%s) or vector(0)' % q.violated(s + ',expected="deny"'),
          alarm,
        )),
        g.at(3, 4, count(
          'Unknown',
          'Flows that no exporter can judge at the moment.',
          'sum(%s) or vector(0)' % q.unknown(s),
          [[null, g.shade.good], [1, g.shade.part]],
        )),
        g.at(3, 4, count(
          'Flows',
          'Flows that are watched; replicas count once.',
          'count(group by (job, flow) (flowverify_flow_info{%s}))' % s,
          neutral,
        )),
        g.at(3, 4, g.stat(
          'Age of the data',
          'Age of the oldest data that a verdict rests on.',
          'time() - min(max by (job, flow) (flowverify_flow_data_timestamp_seconds{%s}) > 0)' % s,
          { unit: 's', decimals: 0, thresholds: g.steps([[null, g.shade.good], [300, g.shade.part], [600, g.shade.worse]]), color: { mode: 'thresholds' } },
        )),
        g.at(3, 4, count(
          'Verdict changes',
          'How often verdicts changed within the range.',
          'sum(max by (job, flow) (changes(flowverify_flow_last_change_timestamp_seconds{%s}[$__range]))) or vector(0)' % s,
          neutral,
        )),
      ],
      [
        g.at(24, 7, g.table(
          'Not as expected',
          'The flows that alerts are about, 100 at most, with the rule that decides each.',
          q.rows('topk(100, %s == 1)' % q.violated(s), s),
          columns,
          [{ displayName: 'Since', desc: true }],
        )),
      ],
      [
        g.at(24, 10, g.timeline(
          'Verdict history',
          'The 40 flows to look at first: those not as expected, then those that changed most. NO DATA: no exporter was scraped.',
          [g.target('(\n' + q.history(s) + '\n)\nand on (job, flow) ' + q.notable(s, 40), { legendFormat: '{{flow}}', interval: '1m' })],
          g.mappings.verdict,
          [g.flowLink('${__field.labels.flow}')],
        )),
      ],
      [
        g.at(12, 8, g.timeseries(
          'Flows by verdict',
          'All flows of the selection; replicas count once.',
          [g.target(
            'sum by (verdict) (max by (job, flow, verdict) (flowverify_flow_verdict{%s}))' % s,
            { legendFormat: '{{verdict}}' },
          )],
          'short',
          g.stacked,
        )),
        g.at(12, 8, g.timeseries(
          'Flows that each layer denies',
          'A layer counts if it alone would deny any packet of the flow, whatever the other layers say.',
          [g.target(
            'sum by (side, layer) (max by (job, flow, side, layer) (flowverify_flow_layer_denies{%s}))' % s,
            { legendFormat: '{{side}} {{layer}}' },
          )],
          'short',
        )),
      ],
      [
        g.at(12, 8, g.table(
          'Rules that block most flows',
          'The ten rules that deny most flows, whole or in part.',
          'topk(10, %s)' % q.blockingRules(s),
          [
            ['layer', 'Layer', { mappings: g.mappings.layer }],
            ['ruleset', 'Rule set'],
            ['rule', 'Rule'],
            ['Value', 'Flows', { unit: 'short' }],
          ],
          [{ displayName: 'Flows', desc: true }],
        )),
        g.at(12, 8, g.table(
          'Flows that change most',
          'The ten flows whose verdict changed most often within the range.',
          'topk(10, max by (job, flow) (changes(flowverify_flow_last_change_timestamp_seconds{%s}[$__range])) > 0)' % s,
          [
            ['flow', 'Flow', { links: [g.flowLink('${__data.fields.Flow}')] }],
            ['Value', 'Changes', { unit: 'short' }],
          ],
          [{ displayName: 'Changes', desc: true }],
        )),
      ],
      [
        g.at(24, 10, g.table(
          'Flows and deciding rules',
          'Those not as expected first, 100 at most; narrow them down with the variable Flow.',
          q.rows('topk(100, %s)' % q.violated(s), s),
          columns,
          [{ displayName: 'Flow', desc: false }],
        )),
      ],
    ],
  )
