// The alerts.  Three rules hold for all of them:
//
// * What an alert is about (its labels) never holds what may change while it
//   lasts, above all not the deciding rule; annotations look that up.
// * A failed scrape is no news: selectors take the last sample of a window,
//   which neither forgets a pending alert nor delays a new one.
// * Two replicas of one exporter that see the same make one alert per flow.
//   If they differ, the worse news counts; "unknown" only if all say so.
function(c)
  local selector(extra=[]) =
    '{' + std.join(',', ['job="%s"' % c.job] + c.matchers + extra) + '}';
  local last(name, extra=[]) =
    'last_over_time(flowverify_%s%s[%s])' % [name, selector(extra), c.bridge];
  local flowLabels = c.identity + ['flow'];
  local by = ' by (' + std.join(', ', flowLabels) + ') ';
  local perFlow(how, what) = how + by + '(' + what + ')';
  local byIdentity(how, what) =
    how + ' by (' + std.join(', ', c.identity) + ') (' + what + ')';

  // --- Annotations ---------------------------------------------------------

  // The flow as a PromQL selector, inside a template.
  local flowSelector =
    '{{- $flow := printf "{' + std.join(',', [l + '=%q' for l in flowLabels]) + '}" ' +
    std.join(' ', ['$labels.' + l for l in flowLabels]) + ' -}}\n';

  // What 'text' says of the first result of 'query', which is about the flow
  // ('@' stands for its selector); 'otherwise' if there is no result.
  local ask(query, text, otherwise='') =
    '\n{{- with query (reReplaceAll "@" $flow "' + query + '") }}' +
    '\n{{- with (. | sortByLabel "instance" | first) }}' + text + '{{ end }}' +
    (if otherwise == '' then '' else '{{ else }}' + otherwise) + '{{ end }}';

  // The deciding rule as a replica that is concerned shows it, or, when no
  // replica answers, as one last showed it.
  local decision(concerned='') =
    'topk(1, 1e12 * (flowverify_flow_decision_info@' + concerned + ')' +
    ' or max_over_time(timestamp(flowverify_flow_decision_info@)[' + c.bridge + ':30s]))';
  local violated =
    ' and on (job, instance, flow) flowverify_flow_expectation_violated@ == 1';
  local place =
    '\n{{- if eq .Labels.side "destination" }} at its destination' +
    '{{ else if eq .Labels.side "source" }} at its source{{ end }}' +
    '\n{{- if eq .Labels.layer "admin" }}, in the security admin rules' +
    '\n{{- else if eq .Labels.layer "subnet_nsg" }}, in the network security group of the subnet' +
    '\n{{- else if eq .Labels.layer "nic_nsg" }}, in the network security group of the NIC{{ end }}';
  local rule(lead, tail='') =
    lead + '{{ if eq .Labels.rule_kind "none" }}no rule at all' +
    '\n{{- else }}{{ if eq .Labels.rule_kind "default" }}default {{ end }}' +
    'rule {{ .Labels.rule }} of {{ .Labels.ruleset }}{{ end }}' + tail;
  // With a part open and a part blocked, the exporter names the rule of the
  // largest part.
  local largestPart = ask(
    decision(violated),
    '{{ if ne .Labels.rule_kind "none" }}; the largest part is decided' +
    place + rule(' by ') + '{{ end }}',
  );
  // 'concerned' may restrict it to some replicas.
  local since(lead, concerned='') = ask(
    'max(last_over_time(flowverify_flow_last_change_timestamp_seconds@[' + c.bridge + '])' +
    concerned + ') > 0',
    lead + '{{ (.Value | toTime).Format "2006-01-02 15:04:05 UTC" }}',
  );
  local sinceViolated = since(
    ', since ',
    ' and on (job, instance, flow) last_over_time(flowverify_flow_expectation_violated@[' +
    c.bridge + ']) == 1',
  );
  local page = 'flows/{{ $labels.flow | urlquery }}';
  local flowUrl =
    if c.exporterUrl != '' then std.rstripChars(c.exporterUrl, '/') + '/' + page
    else flowSelector + ask('last_over_time(flowverify_flow_info@[' + c.bridge + '])',
                            'http://{{ .Labels.instance }}/' + page,
                            'http://unknown.invalid/' + page);
  local exporterUrl =
    if c.exporterUrl != '' then std.rstripChars(c.exporterUrl, '/') + '/'
    else 'http://{{ $labels.instance }}/';
  local dashboard(uid, variables) =
    if c.grafanaUrl == '' then {} else {
      dashboard_url: std.rstripChars(c.grafanaUrl, '/') + '/d/' + uid + '?' + variables,
    };

  // --- Building ------------------------------------------------------------

  local alert(name, a) =
    local wait = std.get(c.wait, name, a.wait);
    local keep = std.get(c.keepFiring, name, std.get(a, 'keep', '0s'));
    {
      why:: std.rstripChars(a.why, '\n'),
      alert: 'Flowverify' + name,
      expr: std.rstripChars(a.expr, '\n'),
      [if wait != '0s' then 'for']: wait,
      [if keep != '0s' then 'keep_firing_for']: keep,
      labels: { severity: std.get(c.severity, name, a.severity) },
      annotations: {
        summary: a.summary,
        description: (if a.asks then flowSelector else '') + a.description,
        runbook_url: c.runbookUrl + 'Flowverify' + name + '.md',
      } + a.links,
      local wait = std.get(c.wait, name, a.wait),
      local keep = std.get(c.keepFiring, name, std.get(a, 'keep', '0s')),
    };
  local flowAlert(name, a) = alert(name, {
    asks: true,
    links: { flow_url: flowUrl } + dashboard(
      'flowverify-flow', 'var-flow={{ $labels.flow | urlquery }}'
    ),
  } + a);
  local exporterAlert(name, a) = alert(name, {
    asks: false,
    links: { exporter_url: exporterUrl } + dashboard(
      'flowverify-exporter', 'var-instance={{ $labels.instance | urlquery }}'
    ),
  } + a);
  local jobAlert(name, a) = alert(name, {
    asks: false,
    links: dashboard('flowverify-exporter', 'var-job={{ $labels.job | urlquery }}'),
  } + a);

  local isViolated(expected, verdict) =
    perFlow('max', last('flow_expectation_violated', ['expected="%s"' % expected])) +
    ' == 1\nand\n' +
    perFlow('max', last('flow_verdict', ['verdict="%s"' % verdict])) + ' == 1';

  local flows = [
    flowAlert('RequiredFlowBlocked', {
      why: |||
        A person is needed now: something that must work does not.  Two minutes
        let a deployment that replaces a group's rules pass.  An exporter that
        has just started calls every flow unknown, which is not violated:
        keep_firing_for outlasts that, and outlasts the wait of
        FlowverifyFlowUnknown, so that nobody is told "resolved" by a gap.
      |||,
      expr: isViolated('allow', 'deny'),
      wait: '2m',
      keep: '10m',
      severity: 'critical',
      summary: 'Required flow {{ $labels.flow }} is blocked',
      description:
        'Flow {{ $labels.flow }} must be allowed, but is blocked' +
        ask(decision(violated),
            place + rule(': ', ' denies it'),
            '; the deciding rule is not known at the moment') +
        sinceViolated + '.',
    }),
    flowAlert('ForbiddenFlowOpen', {
      why: |||
        An exposure lasts from the first packet on, so this waits for one
        minute only: long enough for a group that is being written.
      |||,
      expr: isViolated('deny', 'allow'),
      wait: '1m',
      keep: '10m',
      severity: 'critical',
      summary: 'Forbidden flow {{ $labels.flow }} is open',
      description:
        'Flow {{ $labels.flow }} must be denied, but is open' +
        ask(decision(violated),
            '{{ if eq .Labels.rule_kind "none" }}: nothing stands in its way, no rule decides' +
            '{{ else }}' + place + rule(': ', ' allows it') + '{{ end }}',
            '; the deciding rule is not known at the moment') +
        sinceViolated + '.',
    }),
    flowAlert('FlowPartlyBlocked', {
      why: |||
        Part of a required flow still works, so this is work for the day, not
        for the night.
      |||,
      expr: isViolated('allow', 'partial'),
      wait: '5m',
      keep: '10m',
      severity: 'warning',
      summary: 'Required flow {{ $labels.flow }} is partly blocked',
      description:
        'Flow {{ $labels.flow }} must be allowed, but only a part of it is' +
        ask('min(last_over_time(flowverify_flow_allowed_ratio@[' + c.bridge + ']))',
            ' ({{ .Value | humanizePercentage }} of its packets)') +
        largestPart +
        sinceViolated + '.',
    }),
    flowAlert('FlowPartlyOpen', {
      why: |||
        A hole is a hole, however narrow: one open port of a forbidden range is
        an exposure like an open flow.
      |||,
      expr: isViolated('deny', 'partial'),
      wait: '1m',
      keep: '10m',
      severity: 'critical',
      summary: 'Forbidden flow {{ $labels.flow }} is partly open',
      description:
        'Flow {{ $labels.flow }} must be denied, but a part of it is open' +
        ask('max(last_over_time(flowverify_flow_allowed_ratio@[' + c.bridge + ']))',
            ' ({{ .Value | humanizePercentage }} of its packets)') +
        largestPart +
        sinceViolated + '.',
    }),
    flowAlert('FlowUnknown', {
      why: |||
        Unknown is never silent: no data, data that is too old, or data that
        does not say enough.  Only if every replica says so, since one that has
        just started knows nothing yet.
      |||,
      expr: perFlow('min', last('flow_verdict', ['verdict="unknown"'])) + ' == 1',
      wait: '5m',
      keep: '5m',
      severity: 'warning',
      summary: 'Verdict of flow {{ $labels.flow }} is unknown',
      description:
        'Nobody can say at the moment whether flow {{ $labels.flow }} is allowed or blocked' +
        since(', since ') + '.' +
        ' Its page names the reason.',
    }),
    flowAlert('VerdictChanged', {
      why: |||
        For the record, never for a page.  The time of the change, not the
        growth of the counter, decides: it is also right for a change that
        happened while the exporter was down.  The counter of the same replica
        tells a change from the first verdict of one that was restarted.
      |||,
      expr:
        'time() - ' +
        perFlow('max', '\n  ' + last('flow_last_change_timestamp_seconds') +
                       '\n  and ' + last('flow_verdict_changes_total') + ' > 0\n') +
        ' < %d' % self.seconds(c.changeWindow),
      seconds(window)::
        std.parseInt(window[0:std.length(window) - 1]) *
        { s: 1, m: 60, h: 3600 }[window[std.length(window) - 1:]],
      wait: '0s',
      severity: 'info',
      summary: 'Verdict of flow {{ $labels.flow }} has changed',
      description:
        'The verdict of flow {{ $labels.flow }} changed' +
        since(' at ', ' and on (job, instance, flow) last_over_time(flowverify_flow_verdict_changes_total@[' +
                      c.bridge + ']) > 0') +
        ask('flowverify_flow_verdict@ == 1',
            ' and is now {{ .Labels.verdict }}') +
        ask(decision(),
            '{{ if ne .Labels.rule_kind "none" }}, decided' + place + rule(' by ') + '{{ end }}') + '.',
    }),
    flowAlert('DecidingRuleChanged', {
      why: |||
        The verdict stayed, but rests on another rule: often the first half of
        a change.  Verdict changes count as decision changes, so they are taken
        off; half a change is the margin for what increase() extrapolates.
      |||,
      expr:
        perFlow('max', 'increase(flowverify_flow_decision_changes_total' + selector() +
                       '[' + c.changeWindow + '])') +
        '\n- ' +
        perFlow('max', 'increase(flowverify_flow_verdict_changes_total' + selector() +
                       '[' + c.changeWindow + '])') +
        ' > 0.5',
      wait: '0s',
      severity: 'info',
      summary: 'Another rule decides flow {{ $labels.flow }}',
      description:
        'Flow {{ $labels.flow }} kept its verdict, but another rule decides it now' +
        ask(decision(),
            place + rule(': ')) + '.',
    }),
    flowAlert('FlowFlapping', {
      asks: false,
      why: |||
        Two tools that undo each other's rules, or an exporter between two
        answers.  increase() extrapolates; rounding gives the count back.
      |||,
      expr:
        'round(' +
        perFlow('max', 'increase(flowverify_flow_verdict_changes_total' + selector() +
                       '[' + c.flappingWindow + '])') +
        ') > %d' % c.flappingChanges,
      wait: '0s',
      keep: '15m',
      severity: 'warning',
      summary: 'Flow {{ $labels.flow }} flaps between verdicts',
      description:
        'The verdict of flow {{ $labels.flow }} changed {{ $value }} times within ' +
        c.flappingWindow + '; something rewrites the rules that decide it.',
    }),
    flowAlert('FlowRemoved', {
      asks: false,
      why: |||
        Somebody took a check away.  Only while exporters of the installation
        run and have flows, and not for what an exporter had that is down: a
        silent exporter is another alert.
      |||,
      expr:
        perFlow('group', '\n  last_over_time(flowverify_flow_info' + selector() +
                         '[' + c.removedWindow + '])' +
                         '\n  unless on (' + std.join(', ', c.identity + ['instance']) + ') ' +
                         'max_over_time(up' + selector() + '[' + c.failureWindow + ']) == 0\n') +
        '\nunless ' + perFlow('group', last('flow_info')) +
        '\nand on (' + std.join(', ', c.identity) + ') ' +
        byIdentity('max', last('flows')) + ' > 0',
      wait: '0s',
      severity: 'info',
      summary: 'Flow {{ $labels.flow }} is watched no more',
      description:
        'No exporter watches flow {{ $labels.flow }} any more: it has gone from the ' +
        'configuration, or the exporter that had it has gone from Prometheus.',
      links: dashboard('flowverify-overview', 'var-job={{ $labels.job | urlquery }}'),
    }),
  ];

  local feed = 'feed {{ $labels.feed }} of {{ $labels.scope }}';
  local slow = std.join('|', std.objectFields(c.slowFeeds));
  local age(matcher) =
    'time() - ' + last('feed_last_success_timestamp_seconds', [matcher]);
  local intervals(n) = '%d * %s' % [n, last('cycle_interval_seconds')];
  local data = [
    exporterAlert('RulesStale', {
      why: |||
        In intervals of the exporter, so no number has to be kept in step with
        its configuration.  Feeds with a longer refresh of their own get twice
        that.  It fires before the data passes max_age (ten intervals) and
        verdicts turn unknown.
      |||,
      expr:
        '(' + age('feed!~"%s"' % slow) + ')\n' +
        '  > ignoring (feed, scope) group_left () (' + intervals(c.staleIntervals) + ')' +
        std.join('', [
          '\nor\n(' + age('feed=~"%s"' % f) + ')\n' +
          '  > ignoring (feed, scope) group_left () clamp_min(' +
          intervals(c.staleIntervals) + ', %d)' % c.slowFeeds[f]
          for f in std.objectFields(c.slowFeeds)
        ]),
      wait: '3m',
      severity: 'warning',
      summary: 'Rules that flowverify judges by are stale',
      description:
        '{{ $labels.instance }} judges by old data: ' + feed +
        '{{ if lt $value 1e9 }} was last read {{ $value | humanizeDuration }} ago' +
        '{{ else }} has never been read{{ end }}. Verdicts that rest on it will turn unknown.',
    }),
    exporterAlert('FeedFailing', {
      why: |||
        The cause of stale data, named before the data is stale.  One good
        attempt in the window ends it; a first collection may take its time.
      |||,
      expr: 'max_over_time(flowverify_feed_up' + selector() + '[' + c.failureWindow + ']) == 0',
      wait: '5m',
      severity: 'warning',
      summary: 'A feed of flowverify cannot be read',
      description:
        '{{ $labels.instance }} cannot read ' + feed +
        '; the last good data stays in use until it is too old.',
    }),
    exporterAlert('PartialEvaluation', {
      why: 'How many, where FlowverifyFlowUnknown says which.\n',
      expr:
        last('flows') + ' - ' + last('flows_evaluated') + ' > 0',
      wait: '10m',
      severity: 'warning',
      summary: 'Some flows have no verdict',
      description:
        '{{ $value }} of the flows of {{ $labels.instance }} have no verdict' +
        '{{ with query (printf "topk(3, increase(flowverify_evaluation_failures_total{job=%q,instance=%q}[' +
        c.changeWindow + ']) > 0)" $labels.job $labels.instance) }}; ' +
        'the reasons are{{ range $i, $r := (. | sortByLabel "reason") }}' +
        '{{ if $i }},{{ end }} {{ $r.Labels.reason }}{{ end }}{{ end }}.',
    }),
    exporterAlert('NoFlows', {
      why: |||
        An exporter that is up and watches nothing looks healthy: an empty
        list, or a scrape of something that is not flowverify.
      |||,
      expr:
        'max_over_time(flowverify_flows' + selector() + '[' + c.failureWindow + ']) == 0' +
        '\nor\nmin_over_time(up' + selector() + '[' + c.failureWindow + ']) == 1\n' +
        '  unless ' + last('flows'),
      wait: '5m',
      severity: 'warning',
      summary: 'flowverify watches no flow',
      description: '{{ $labels.instance }} is up, but watches no flow.',
    }),
    exporterAlert('CycleStuck', {
      why: |||
        The process answers scrapes, but its cycles do not end well any more.
        It does not heal by itself, and all verdicts are about to be unknown.
        The wait leaves a start the time for its first cycle.
      |||,
      expr:
        'time() - ' + last('cycle_last_success_timestamp_seconds') +
        '\n  > ' + intervals(c.stuckIntervals),
      wait: '5m',
      severity: 'critical',
      summary: 'flowverify has stopped judging',
      description:
        '{{ $labels.instance }} answers, but ' +
        '{{ if lt $value 1e9 }}its last good cycle ended {{ $value | humanizeDuration }} ago' +
        '{{ else }}has not ended one good cycle since its start{{ end }}.',
    }),
    exporterAlert('Throttled', {
      why: |||
        Azure's limits are shared: who is throttled throttles the portal and
        the pipelines of the same subscription, too.
      |||,
      expr:
        'sum without (reason) (increase(flowverify_fetch_failures_total' +
        selector(['reason="throttled"']) + '[' + c.changeWindow + '])) > %d' % c.throttledRequests,
      wait: '15m',
      severity: 'warning',
      summary: 'Azure throttles flowverify',
      description:
        'Azure refused about {{ $value | printf "%.0f" }} requests of {{ $labels.instance }} ' +
        'to {{ $labels.api }} within ' + c.changeWindow + ' because there were too many.',
    }),
    exporterAlert('CredentialRefused', {
      why: |||
        A secret or certificate that has run out, or a role that was taken
        away, shows as 401 and 403.  One retry after a renewal is normal.
      |||,
      expr:
        'sum without (reason) (increase(flowverify_fetch_failures_total' +
        selector(['reason="auth"']) + '[' + c.changeWindow + '])) > %d' % c.refusedRequests,
      wait: '5m',
      severity: 'warning',
      summary: 'Azure refuses the credential of flowverify',
      description:
        'Azure refused about {{ $value | printf "%.0f" }} requests of {{ $labels.instance }} ' +
        'to {{ $labels.api }} within ' + c.changeWindow +
        ' with 401 or 403: the credential has run out, or may not read this.',
    }),
    exporterAlert('TokenExpiring', {
      why: |||
        Tokens are renewed long before their end; one so near to it means that
        renewing fails.  Nothing is shown (0) where no token is needed.
      |||,
      expr:
        '(' + last('token_expiry_timestamp_seconds') + ' > 0) - time() < %d' % c.tokenSecondsLeft,
      wait: '2m',
      severity: 'warning',
      summary: 'The Azure token of flowverify is not renewed',
      description:
        'The token of {{ $labels.instance }} ' +
        '{{ if gt $value 0.0 }}ends in {{ $value | humanizeDuration }}' +
        '{{ else }}has run out{{ end }} and is not renewed; then nothing can be read from Azure.',
    }),
    exporterAlert('ReloadFailed', {
      why: |||
        The old configuration stays in force, so nothing is broken yet: but
        what somebody wanted to be watched is not.
      |||,
      expr:
        'max_over_time(flowverify_config_last_reload_successful' + selector() +
        '[' + c.failureWindow + ']) == 0',
      wait: '5m',
      severity: 'warning',
      summary: 'flowverify refused its new configuration',
      description:
        '{{ $labels.instance }} refused the configuration it was told to load and keeps the old one; ' +
        'its log names file and line.',
    }),
    exporterAlert('ExporterDown', {
      why: |||
        One of the replicas.  A single failed scrape starts the wait and the
        next good one ends it.  Mutes what the same instance says about itself.
      |||,
      expr: 'up' + selector() + ' == 0',
      wait: '5m',
      severity: 'warning',
      summary: 'A flowverify exporter is down',
      description: 'Prometheus cannot scrape {{ $labels.instance }}, an exporter of flowverify.',
    }),
    jobAlert('ExporterAbsent', {
      why: |||
        No exporter at all, down or no longer configured: nobody watches the
        flows, and nothing else can tell.
      |||,
      expr: byIdentity('max', 'up' + selector()) + ' == 0\nor\nabsent(up' + selector() + ')',
      wait: '5m',
      severity: 'critical',
      summary: 'No flowverify exporter is up',
      description:
        'Prometheus has no working exporter of flowverify (job ' + c.job +
        '): nobody watches the flows.',
    }),
  ];

  {
    groups: [
      { name: 'flowverify-flows', rules: flows },
      { name: 'flowverify-exporter', rules: data },
    ],
  }
