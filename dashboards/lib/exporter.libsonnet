// The exporter itself: does it read, judge and answer as it should.
function(c)
  local g = (import 'grafana.libsonnet')(c);
  local s = g.exporter;
  local m(text) = std.strReplace(text, '#', '{' + s + '}');
  local lines(title, description, unit, targets, extra={}) = g.timeseries(
    title,
    description,
    [g.target(m(t[0]), { legendFormat: t[1] }) for t in targets],
    unit,
    extra
  );
  local rate(metric, by, legend) = [
    'sum by (%s) (rate(flowverify_%s#[$__rate_interval]))' % [by, metric],
    legend,
  ];
  g.dashboard(
    'flowverify-exporter',
    'Exporter',
    'Health of the exporter: cycles, feeds, requests to Azure, and its own use of the machine.',
    [],
    [
      g.annotation(
        'Configuration loaded',
        m('changes(flowverify_config_last_reload_success_timestamp_seconds#[$__interval]) > 0'),
        '{{instance}} loaded a configuration',
        true,
        'blue',
      ),
    ],
    [
      [
        g.at(4, 4, g.stat(
          'Up',
          'Whether Prometheus can scrape each exporter.',
          m('min by (instance) (up#)'),
          { mappings: g.mappings.up, displayName: '${__field.labels.instance}', color: { mode: 'fixed', fixedColor: g.shade.none } },
          { textMode: 'value_and_name' },
        )),
        g.at(4, 4, g.stat(
          'Configuration',
          'Whether the last reload was accepted; a refused one leaves the old in force.',
          m('min by (instance) (flowverify_config_last_reload_successful#)'),
          { mappings: g.mappings.loaded, color: { mode: 'fixed', fixedColor: g.shade.none } },
        )),
        g.at(4, 4, g.stat(
          'Since the last good cycle',
          'Time since the last cycle that ended well.',
          m('max(time() - flowverify_cycle_last_success_timestamp_seconds#)'),
          { unit: 's', decimals: 0, thresholds: g.steps([[null, g.shade.good], [300, g.shade.part], [600, g.shade.worse]]), color: { mode: 'thresholds' } },
        )),
        g.at(4, 4, g.stat(
          'Without a verdict',
          'Flows that an exporter cannot judge.',
          m('max(flowverify_flows# - flowverify_flows_evaluated#)'),
          { thresholds: g.steps([[null, g.shade.good], [1, g.shade.part]]), color: { mode: 'thresholds' } },
        )),
        g.at(4, 4, g.stat(
          'Token left',
          'Time until the Azure token ends; it is renewed long before. Nothing where no token is needed.',
          m('min(flowverify_token_expiry_timestamp_seconds# > 0) - time()'),
          { unit: 's', decimals: 0, noValue: 'no token', thresholds: g.steps([[null, g.shade.worse], [300, g.shade.good]]), color: { mode: 'thresholds' } },
        )),
        g.at(4, 4, g.stat(
          'Configurations in force',
          'Replicas should show one; two mean that they watch different flows.',
          m('count(count_values("hash", flowverify_config_hash#))'),
          { thresholds: g.steps([[null, g.shade.good], [2, g.shade.part]]), color: { mode: 'thresholds' } },
        )),
      ],
      [
        g.at(24, 4, g.table(
          'Build',
          'What runs where.',
          m('max by (instance, version, revision, compiler) (flowverify_exporter_build_info#)'),
          [['instance', 'Exporter'], ['version', 'Version'], ['revision', 'Revision'], ['compiler', 'Compiler']],
        )),
      ],
      [
        g.at(12, 7, g.timeline(
          'Feeds',
          'DOWN: the last attempt to read failed; the last good data stays in use.',
          [g.target(
            // With many subscriptions, those that failed within the range.
            m('min by (instance, feed, scope) (flowverify_feed_up#)\n' +
              'and on (instance, feed, scope) bottomk(100, min by (instance, feed, scope) (min_over_time(flowverify_feed_up#[$__range] @ end())))'),
            { legendFormat: '{{feed}} {{scope}} {{instance}}', interval: '1m' },
          )],
          g.mappings.up,
        )),
        g.at(12, 7, lines(
          'Age of the feeds',
          'Time since each kind of data was last read; the oldest scope counts.',
          's',
          [['max by (instance, feed) (time() - (flowverify_feed_last_success_timestamp_seconds# > 0))', '{{feed}} {{instance}}']],
        )),
      ],
      [
        g.at(8, 7, lines(
          'Cycle', 'How long a cycle takes, next to the interval it must fit in.', 's', [
            ['max by (instance) (flowverify_cycle_duration_seconds#)', 'cycle {{instance}}'],
            ['max by (instance) (flowverify_cycle_interval_seconds#)', 'interval {{instance}}'],
          ],
        )),
        g.at(8, 7, lines(
          'Phases of a cycle',
          'Where the time of a cycle goes.',
          's',
          [['max by (phase) (flowverify_cycle_phase_duration_seconds#)', '{{phase}}']],
          g.stacked,
        )),
        g.at(8, 7, lines(
          'Cycles', 'Cycles, and those that did not end well.', 'cps', [
            ['sum by (instance) (rate(flowverify_cycles_total#[$__rate_interval]))', 'all {{instance}}'],
            ['sum by (instance) (rate(flowverify_cycle_failures_total#[$__rate_interval]))', 'failed {{instance}}'],
          ],
        )),
      ],
      [
        g.at(8, 7, lines(
          'Evaluations without a verdict',
          'By reason; the flow pages say which flow.',
          'cps',
          [rate('evaluation_failures_total', 'reason', '{{reason}}')],
        )),
        g.at(8, 7, lines(
          'Rules', 'Rules that are in force, by kind and direction, and their sets.', 'short', [
            ['max by (ruleset_kind, direction) (flowverify_rules#)', 'rules {{ruleset_kind}} {{direction}}'],
            ['max by (ruleset_kind) (flowverify_rulesets#)', 'sets {{ruleset_kind}}'],
          ],
        )),
        g.at(8, 7, lines(
          'Objects read', 'Documents of each kind, and how often their content changed.', 'short', [
            ['sum by (feed) (max by (feed, scope) (flowverify_feed_objects#))', '{{feed}}'],
            ['sum by (feed) (max by (feed, scope) (increase(flowverify_feed_changes_total#[$__rate_interval])))', '{{feed}} changed'],
          ],
        )),
      ],
      [
        g.at(8, 7, lines(
          'Time to read', 'How long the last attempt of each feed took, and whether attempts go on.', 's', [
            ['max by (feed) (flowverify_feed_refresh_duration_seconds#)', '{{feed}}'],
            ['min by (feed) (time() - (flowverify_feed_last_attempt_timestamp_seconds# > 0))', '{{feed}} since the last attempt'],
          ],
        )),
        g.at(8, 7, lines(
          'Requests to Azure', 'By what was asked, and retries.', 'reqps', [
            rate('fetch_requests_total', 'api', '{{api}}'),
            rate('fetch_retries_total', 'api', '{{api}} retries'),
          ],
        )),
        g.at(8, 7, lines(
          'Failed requests to Azure',
          'By reason; throttled and auth have alerts of their own.',
          'reqps',
          [rate('fetch_failures_total', 'reason', '{{reason}}')],
        )),
      ],
      [
        g.at(8, 7, lines(
          'Time of requests to Azure', 'Median and 99th percentile.', 's', [
            ['histogram_quantile(0.5, sum by (le) (rate(flowverify_fetch_duration_seconds_bucket#[$__rate_interval])))', 'p50'],
            ['histogram_quantile(0.99, sum by (le) (rate(flowverify_fetch_duration_seconds_bucket#[$__rate_interval])))', 'p99'],
          ],
        )),
        g.at(8, 7, lines(
          'Throttling', 'Time spent waiting because Azure asked for it, and what is left of its limits.', 'short', [
            rate('fetch_throttle_wait_seconds_total', 'api', 'seconds waited per second, {{api}}'),
            [
              'min by (scope, limit) (flowverify_ratelimit_remaining_requests#)\n' +
              'and on (scope, limit) bottomk(10, min by (scope, limit) (min_over_time(flowverify_ratelimit_remaining_requests#[$__range] @ end())))',
              'left {{scope}} {{limit}}',
            ],
          ],
        )),
        g.at(8, 7, lines(
          'Bytes from Azure',
          'After decompression, by what was asked.',
          'Bps',
          [rate('fetch_response_bytes_total', 'api', '{{api}}')],
        )),
      ],
      [
        g.at(8, 7, lines(
          'Requests served',
          'By page and answer.',
          'reqps',
          [rate('http_requests_total', 'handler, code', '{{handler}} {{code}}')],
        )),
        g.at(8, 7, lines(
          'Size of the metrics',
          'One scrape, as text and compressed.',
          'bytes',
          [['max by (encoding) (flowverify_exposition_size_bytes#)', '{{encoding}}']],
        )),
        g.at(8, 7, lines(
          'Scrapes', 'How long Prometheus takes to scrape, and how much it gets.', 's', [
            ['max by (instance) (scrape_duration_seconds#)', '{{instance}}'],
          ],
        )),
      ],
      [
        g.at(8, 7, lines(
          'Log lines',
          'By level; errors and warnings should be rare.',
          'cps',
          [rate('log_messages_total', 'level', '{{level}}')],
        )),
        g.at(8, 7, lines(
          'Memory', 'Resident and virtual memory.', 'bytes', [
            ['max by (instance) (process_resident_memory_bytes#)', 'resident {{instance}}'],
            ['max by (instance) (process_virtual_memory_bytes#)', 'virtual {{instance}}'],
          ],
        )),
        g.at(8, 7, lines(
          'CPU',
          'Cores in use.',
          'short',
          [['sum by (instance) (rate(process_cpu_seconds_total#[$__rate_interval]))', '{{instance}}']],
        )),
      ],
      [
        g.at(8, 7, lines(
          'File descriptors',
          'Share of what the process may open.',
          'percentunit',
          [['max by (instance) (process_open_fds# / process_max_fds#)', '{{instance}}']],
        )),
        g.at(8, 7, lines(
          'Network', 'Bytes that the process received and sent.', 'Bps', [
            ['sum by (instance) (rate(process_network_receive_bytes_total#[$__rate_interval]))', 'received {{instance}}'],
            ['sum by (instance) (rate(process_network_transmit_bytes_total#[$__rate_interval]))', 'sent {{instance}}'],
          ],
        )),
        g.at(8, 7, lines(
          'Running for',
          'Time since the start of the process.',
          's',
          [['max by (instance) (time() - process_start_time_seconds#)', '{{instance}}']],
        )),
      ],
    ],
  )
