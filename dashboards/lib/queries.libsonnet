// Queries that several dashboards share.  's' holds the matchers.  All join
// replicas by (job, flow).
{
  local by = ' by (job, flow) ',

  // 3 deny, 2 partial, 1 allow, 0 unknown.
  verdict(s)::
    'max' + by + '(flowverify_flow_verdict{%s,verdict="allow"}' % s +
    ' + ignoring (verdict) 2 * flowverify_flow_verdict{%s,verdict="partial"}' % s +
    ' + ignoring (verdict) 3 * flowverify_flow_verdict{%s,verdict="deny"})' % s,

  violated(s):: 'max by (job, flow, expected) (flowverify_flow_expectation_violated{%s})' % s,

  unknown(s):: 'min' + by + '(flowverify_flow_verdict{%s,verdict="unknown"})' % s,

  // A flow without data at some time reads -1 then, instead of leaving a gap
  // over which a state timeline would draw the last state.
  history(s)::
    self.verdict(s) + '\nor max' + by +
    '(last_over_time(flowverify_flow_verdict{%s}[$__range])) * 0 - 1' % s,

  // One series a flow, also if replicas name different rules at the moment.
  decision(s):: 'topk' + by + '(1, flowverify_flow_decision_info{%s})' % s,
  verdictName(s):: 'topk' + by + '(1, flowverify_flow_verdict{%s} == 1)' % s,
  lastChange(s):: 'max' + by + '(flowverify_flow_last_change_timestamp_seconds{%s})' % s,

  // The flows to look at first, 'n' at most: violated ones, then those that
  // changed most within the range.  '@ end()' keeps the choice over a graph.
  notable(s, n)::
    ('topk(%d, max' % n) + by +
    '(1000 * last_over_time(flowverify_flow_expectation_violated{%s}[$__range] @ end())' % s +
    ' + ignoring (expected) changes(flowverify_flow_last_change_timestamp_seconds{%s}[$__range] @ end())))' % s,

  // Rows of a table: flow, expected, verdict, deciding rule; the value is the
  // time of the last change in milliseconds.
  rows(flows, s)::
    '(' + flows + ' >= bool 0)\n' +
    '* on (job, flow) group_left (verdict) ' + self.verdictName(s) + '\n' +
    '* on (job, flow) group_left (instance, side, layer, ruleset, rule) ' + self.decision(s) + '\n' +
    '* on (job, flow) group_left () (1000 * ' + self.lastChange(s) + ')',

  // Flows that each rule blocks, whole or in part.
  blockingRules(s)::
    'count by (layer, ruleset, rule) (\n' +
    '  group by (job, flow, layer, ruleset, rule) (flowverify_flow_decision_info{%s})\n' % s +
    '  and on (job, flow) (max by (job, flow) (flowverify_flow_verdict{%s,verdict=~"deny|partial"}) == 1)\n)' % s,
}
