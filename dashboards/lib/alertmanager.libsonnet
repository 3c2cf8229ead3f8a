// An example for Alertmanager: who is told what, and what stays unsaid.
function(c)
  local a = c.alertmanager;
  local hook(name, url) = {
    name: name,
    webhook_configs: [{ url: url, send_resolved: true, max_alerts: 0 }],
  };
  {
    route: {
      receiver: 'ticket',
      // Not by flow: one bad rule that hits fifty flows is one notification
      // that lists them.
      group_by: ['alertname'] + c.identity,
      group_wait: a.groupWait,
      group_interval: a.groupInterval,
      repeat_interval: a.repeatInterval,
      routes: [
        { why:: 'Somebody has to act now.', matchers: ['severity = critical'], receiver: 'page' },
        { why:: 'For the record: seen in a channel, never a page, said once.', matchers: ['severity = info'], receiver: 'log', repeat_interval: '7d' },
      ],
    },
    inhibit_rules: [
      {
        why:: |||
          A dead exporter explains what the same instance says about itself.
          Alerts about flows have no instance, so they are never muted by it.
        |||,
        source_matchers: ['alertname = FlowverifyExporterDown'],
        target_matchers: ['alertname =~ "Flowverify.+"', 'alertname != FlowverifyExporterDown', 'instance != ""'],
        equal: c.identity + ['instance'],
      },
      {
        why:: |||
          What is critical about a flow says more than a warning about the same
          flow.  Stale data mutes nothing: an open flow stays a page.
        |||,
        source_matchers: ['severity = critical', 'flow != ""'],
        target_matchers: ['severity = warning', 'flow != ""'],
        equal: c.identity + ['flow'],
      },
    ],
    receivers: [
      hook('page', a.pageUrl),
      hook('ticket', a.ticketUrl),
      hook('log', a.logUrl),
    ],
  }
