// One flow: its verdict and the rule behind it, now and over time.
function(c)
  local g = (import 'grafana.libsonnet')(c);
  local q = import 'queries.libsonnet';
  local s = g.flow;
  local pageLinks = [g.pageLink('${flow}', '${__field.labels.instance}')];
  g.dashboard(
    'flowverify-flow',
    'Flow',
    'One flow: its verdict, the rule that decides it, and how both changed.',
    [
      g.variable(
        'flow',
        'Flow',
        'label_values(flowverify_flow_info{%s}, flow)' % g.exporter,
        { includeAll: false, multi: false },
      ),
    ],
    [
      g.annotation(
        'Verdict changes',
        'max by (job, flow) (changes(flowverify_flow_last_change_timestamp_seconds{%s}[$__interval])) > 0' % s,
        '{{flow}} changed',
        true,
        'orange',
      ),
    ],
    [
      [
        g.at(4, 4, g.stat(
          'Verdict',
          'What Azure does with this flow now.',
          q.verdict(s),
          { mappings: g.mappings.verdict, color: { mode: 'fixed', fixedColor: g.shade.none } },
        )),
        g.at(4, 4, g.stat(
          'Expectation',
          'Whether the verdict is what the configuration expects; an unknown verdict violates nothing.',
          q.violated(s),
          { mappings: g.mappings.asExpected, displayName: '${__field.labels.expected} expected' },
          { textMode: 'value_and_name' },
        )),
        g.at(4, 4, g.stat(
          'Allowed share',
          'Share of the packets of the flow that is known to be allowed.',
          'min by (job, flow) (flowverify_flow_allowed_ratio{%s})' % s,
          { unit: 'percentunit', min: 0, max: 1, color: { mode: 'fixed', fixedColor: g.shade.none } },
        )),
        g.at(4, 4, g.stat(
          'Allowed share over the range',
          'The same on average over the range of the dashboard.',
          'min by (job, flow) (avg_over_time(flowverify_flow_allowed_ratio{%s}[$__range]))' % s,
          { unit: 'percentunit', min: 0, max: 1, color: { mode: 'fixed', fixedColor: g.shade.none } },
        )),
        g.at(4, 4, g.stat(
          'Since the last change',
          'Time since the verdict last changed, or since the first verdict.',
          'time() - (%s > 0)' % q.lastChange(s),
          { unit: 's', decimals: 0, color: { mode: 'fixed', fixedColor: g.shade.none } },
        )),
        g.at(4, 4, g.stat(
          'Age of the data',
          'Age of the oldest data that the verdict rests on.',
          'time() - max by (job, flow) (flowverify_flow_data_timestamp_seconds{%s} > 0)' % s,
          { unit: 's', decimals: 0, thresholds: g.steps([[null, g.shade.good], [300, g.shade.part], [600, g.shade.worse]]), color: { mode: 'thresholds' } },
        )),
      ],
      [
        g.at(24, 4, g.table(
          'Configured flow',
          'What is asked about, as the configuration says it.',
          'max by (flow, expected, direction, protocol, source, source_port, destination, destination_port, nic) (flowverify_flow_info{%s})' % s,
          [
            ['flow', 'Flow', { links: pageLinks }],
            ['expected', 'Expected', { mappings: g.mappings.expected }],
            ['direction', 'Direction'],
            ['protocol', 'Protocol'],
            ['source', 'Source'],
            ['source_port', 'Source port'],
            ['destination', 'Destination'],
            ['destination_port', 'Destination port'],
            ['nic', 'NIC'],
          ],
        )),
      ],
      [
        g.at(24, 4, g.table(
          'Deciding rule',
          "The rule that decides, as each exporter sees it; the link leads to the exporter's page with every layer and rule.",
          'flowverify_flow_decision_info{%s} * on (job, instance, flow) group_left () flowverify_flow_decision_priority{%s}' % [s, s],
          [
            ['flow', 'Flow', { links: [g.pageLink('${__data.fields.Flow}', '${__data.fields.Exporter}')] }],
            ['side', 'Side'],
            ['layer', 'Layer', { mappings: g.mappings.layer }],
            ['ruleset', 'Rule set'],
            ['rule', 'Rule'],
            ['rule_kind', 'Kind'],
            ['Value', 'Priority', { unit: 'none' }],
            ['instance', 'Exporter'],
          ],
        )),
      ],
      [
        g.at(24, 5, g.timeline(
          'Verdict history',
          'NO DATA: no exporter was scraped.',
          [g.target(q.history(s), { legendFormat: '{{flow}}', interval: '1m' })],
          g.mappings.verdict,
        )),
      ],
      [
        g.at(24, 7, g.timeline(
          'Deciding rule over time',
          'One line a rule, marked while it decides; the 20 that decided longest.',
          [g.target(
            'max by (side, layer, ruleset, rule) (flowverify_flow_decision_info{%s})\n' % s +
            'and on (side, layer, ruleset, rule) topk(20, max by (side, layer, ruleset, rule) (count_over_time(flowverify_flow_decision_info{%s}[$__range] @ end())))' % s,
            { legendFormat: '{{side}} {{layer}} {{ruleset}}/{{rule}}', interval: '1m' },
          )],
          g.mappings.decides,
        )),
      ],
      [
        g.at(24, 7, g.timeline(
          'What each layer alone does',
          'DENIES: this layer alone denies a packet of the flow, whatever the others say.',
          [g.target(
            'max by (side, layer) (flowverify_flow_layer_denies{%s})' % s,
            { legendFormat: '{{side}} {{layer}}', interval: '1m' },
          )],
          g.mappings.denies,
        )),
      ],
      [
        g.at(8, 7, g.timeseries(
          'Changes',
          'Changes of the verdict, and of the deciding rule (which include them).',
          [
            g.target('max by (flow) (increase(flowverify_flow_verdict_changes_total{%s}[$__rate_interval]))' % s, { legendFormat: 'verdict' }),
            g.target('max by (flow) (increase(flowverify_flow_decision_changes_total{%s}[$__rate_interval]))' % s, { legendFormat: 'deciding rule' }),
          ],
          'short',
        )),
        g.at(8, 7, g.timeseries(
          'Evaluations without a verdict',
          'How often an evaluation ended unknown.',
          [g.target(
            'max by (flow) (increase(flowverify_flow_evaluation_failures_total{%s}[$__rate_interval]))' % s,
            { legendFormat: 'unknown' },
          )],
          'short',
        )),
        g.at(8, 7, g.timeseries(
          'Flows that the same rule decides',
          'How many flows hang on the rule that decides this one.',
          [g.target(
            'count by (ruleset, rule) (\n  group by (job, flow, ruleset, rule) (flowverify_flow_decision_info{%s})\n' % g.exporter +
            '  and on (ruleset, rule) flowverify_flow_decision_info{%s}\n)' % s,
            { legendFormat: '{{ruleset}}/{{rule}}' },
          )],
          'short',
        )),
      ],
    ],
  )
