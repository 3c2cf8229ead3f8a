// flowverify as a monitoring mixin: alerts, recording rules, dashboards and an
// Alertmanager example, all from the settings below.  Plain jsonnet, nothing
// to vendor.  build.sh writes the committed files from it; to change a
// setting, import it and override _config:
//
//   (import 'mixin.libsonnet') + { _config+:: { job: 'azure-flows' } }
{
  local mixin = self,

  _config+:: {
    // The job under which Prometheus scrapes the exporter.
    job: 'flowverify',
    // Further matchers for every selector of the rules, such as
    // 'environment="prod"'.
    matchers: [],
    // Labels that tell one installation from another.  Replicas of one
    // installation share them, so that two replicas page once.  With several
    // clusters behind one Prometheus: ['cluster', 'job'].
    identity: ['job'],

    // Where the runbooks are; the name of the alert and '.md' are added.
    runbookUrl: 'https://github.com/flowverify/flowverify/blob/main/dashboards/runbooks/',
    // How people reach the exporter's pages.  Empty: http:// and the
    // 'instance' label.
    exporterUrl: '',
    // Where Grafana is, for the dashboard_url of each alert.  Empty: no such
    // annotation.
    grafanaUrl: '',

    // A sample counts for this long after its scrape.  It bridges failed
    // scrapes and a restart of the exporter; it delays nothing.
    bridge: '10m',
    // Data is stale after so many cycles.  The exporter's own max_age is ten,
    // so this warns before verdicts turn unknown.
    staleIntervals: 5,
    // Feeds with a refresh of their own (seconds): twice their default.
    slowFeeds: {
      'admin_rules|network_manager': 2 * 5 * 60,
      service_tags: 2 * 24 * 3600,
    },
    // The cycle is stuck after so many intervals without a good one.
    stuckIntervals: 10,
    // A change is shown for this long.
    changeWindow: '15m',
    // More verdict changes than this in the window are flapping.
    flappingChanges: 4,
    flappingWindow: '1h',
    throttledRequests: 5,
    refusedRequests: 2,
    // Azure's tokens live for an hour and more, and are renewed well ahead.
    tokenSecondsLeft: 300,
    // How long a removed flow is reported.
    removedWindow: '1h',
    // Feeds and reloads that failed throughout this window have failed.
    failureWindow: '3m',

    // Overrides by the name of the alert, without 'Flowverify'.
    severity: {},
    wait: {},
    keepFiring: {},

    alertmanager: {
      groupWait: '30s',
      groupInterval: '5m',
      repeatInterval: '4h',
      pageUrl: 'http://127.0.0.1:9099/page',
      ticketUrl: 'http://127.0.0.1:9099/ticket',
      logUrl: 'http://127.0.0.1:9099/log',
    },

    dashboards: {
      tag: 'flowverify',
      prefix: 'Azure flows / ',
      refresh: '1m',
      from: 'now-6h',
    },
  },

  prometheusAlerts+:: (import 'lib/alerts.libsonnet')(mixin._config),
  prometheusRules+:: (import 'lib/rules.libsonnet')(mixin._config),
  grafanaDashboards+:: {
    'overview.json': (import 'lib/overview.libsonnet')(mixin._config),
    'flow.json': (import 'lib/flow.libsonnet')(mixin._config),
    'exporter.json': (import 'lib/exporter.libsonnet')(mixin._config),
  },
  persesDashboards+:: {
    'overview.json': (import 'lib/perses.libsonnet')(mixin._config),
  },
  alertmanagerConfig+:: (import 'lib/alertmanager.libsonnet')(mixin._config),
}
