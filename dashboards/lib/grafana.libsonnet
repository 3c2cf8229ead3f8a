// The few shapes of panel that the dashboards are made of, so that each panel
// says only what it shows.
function(c)
  local d = c.dashboards;
  local source = { type: 'prometheus', uid: '${datasource}' };
  local job = 'job=~"$job"';
  local exporter = job + ',instance=~"$instance"';

  local target(query, extra={}) = {
    datasource: source,
    editorMode: 'code',
    expr: query,
    instant: false,
    legendFormat: '__auto',
    range: true,
  } + extra;
  local lettered(targets) = [
    targets[i] { refId: std.char(65 + i) }
    for i in std.range(0, std.length(targets) - 1)
  ];

  local color(name) = { mode: 'fixed', fixedColor: name };
  local steps(list) = {
    mode: 'absolute',
    steps: [{ color: s[1], value: s[0] } for s in list],
  };

  // Blue and orange rather than green and red alone, and always with a word.
  local shade = {
    good: 'blue',
    bad: 'orange',
    worse: 'red',
    part: 'yellow',
    none: '#8e8e8e',
  };
  local word(text, tone, index) = { text: text, color: shade[tone], index: index };
  local mapping(options) = [{ type: 'value', options: options }];
  local mappings = {
    // The number of lib/queries: replicas that differ show the stricter one,
    // and knowledge beats none.
    verdict: mapping({
      '3': word('DENY', 'bad', 0),
      '2': word('PARTIAL', 'part', 1),
      '1': word('ALLOW', 'good', 2),
      '0': word('UNKNOWN', 'none', 3),
      '-1': word('NO DATA', 'none', 4),
    }),
    verdictName: mapping({
      deny: word('DENY', 'bad', 0),
      partial: word('PARTIAL', 'part', 1),
      allow: word('ALLOW', 'good', 2),
      unknown: word('UNKNOWN', 'none', 3),
    }),
    expected: mapping({
      deny: { text: 'must be denied', index: 0 },
      allow: { text: 'must be allowed', index: 1 },
    }),
    asExpected: mapping({
      '0': word('AS EXPECTED', 'good', 0),
      '1': word('NOT AS EXPECTED', 'worse', 1),
    }),
    up: mapping({ '1': word('UP', 'good', 0), '0': word('DOWN', 'worse', 1) }),
    loaded: mapping({ '1': word('LOADED', 'good', 0), '0': word('REFUSED', 'worse', 1) }),
    decides: mapping({ '1': word('DECIDES', 'good', 0) }),
    denies: mapping({ '1': word('DENIES', 'bad', 0), '0': word('LETS PASS', 'good', 1) }),
    layer: mapping({
      admin: { text: 'security admin rules', index: 0 },
      subnet_nsg: { text: "subnet's group", index: 1 },
      nic_nsg: { text: "NIC's group", index: 2 },
      none: { text: 'no rule', index: 3 },
    }),
  };

  local panel(type, title, description, targets, extra) = {
    type: type,
    title: title,
    description: description,
    datasource: source,
    targets: lettered(targets),
    fieldConfig: { defaults: {}, overrides: [] },
    options: {},
    transparent: false,
  } + extra;

  local link(title, url) = { title: title, url: url, targetBlank: false };
  local flowLink(field) = link(
    'History of this flow',
    '/d/flowverify-flow?${datasource:queryparam}&${job:queryparam}&${instance:queryparam}' +
    '&var-flow=' + field + '&${__url_time_range}',
  );
  local pageLink(field, instance) = link(
    "The exporter's page of this flow",
    (if c.exporterUrl != '' then std.rstripChars(c.exporterUrl, '/')
     else 'http://' + instance) + '/flows/' + field,
  ) + { targetBlank: true };

  local override(field, properties) = {
    matcher: { id: 'byName', options: field },
    properties: [{ id: id, value: properties[id] } for id in std.objectFields(properties)],
  };

  local variable(name, label, query, extra={}) = {
    name: name,
    label: label,
    type: 'query',
    datasource: source,
    definition: query,
    query: { query: query, refId: 'Variable-' + name },
    hide: 0,
    includeAll: true,
    allValue: '.+',
    multi: true,
    options: [],
    refresh: 2,
    regex: '',
    skipUrlSync: false,
    sort: 1,
  } + extra;

  local placed(panels) =
    // A row of panels per inner array; each says its width and height.
    std.foldl(
      function(sum, row)
        local height = std.foldl(function(h, p) std.max(h, p.height), row, 0);
        {
          y: sum.y + height,
          n: sum.n + std.length(row),
          panels: sum.panels + std.foldl(
            function(r, p) {
              x: r.x + p.width,
              i: r.i + 1,
              panels: r.panels + [
                p.panel { id: sum.n + r.i + 1, gridPos: { h: p.height, w: p.width, x: r.x, y: sum.y } },
              ],
            },
            row,
            { x: 0, i: 0, panels: [] },
          ).panels,
        },
      panels,
      { y: 0, n: 0, panels: [] },
    ).panels;

  {
    job:: job,
    exporter:: exporter,
    flow:: exporter + ',flow=~"$flow"',
    mappings:: mappings,
    shade:: shade,
    steps:: steps,
    override:: override,
    flowLink:: flowLink,
    pageLink:: pageLink,
    variable:: variable,
    target:: target,

    at(width, height, panel):: { width: width, height: height, panel: panel },

    stat(title, description, query, defaults, options={}):: panel(
      'stat', title, description, [target(query, { instant: true, range: false })], {
        fieldConfig: {
          defaults: { noValue: 'no data', unit: 'short', mappings: [] } + defaults,
          overrides: [],
        },
        options: {
          colorMode: 'background',
          graphMode: 'none',
          justifyMode: 'auto',
          orientation: 'auto',
          reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
          textMode: 'auto',
        } + options,
      },
    ),

    timeseries(title, description, targets, unit, extra={}):: panel(
      'timeseries', title, description, targets, {
        fieldConfig: {
          defaults: {
            unit: unit,
            custom: { fillOpacity: 10, lineWidth: 1, showPoints: 'never', spanNulls: false },
          } + extra,
          overrides: [],
        },
        options: {
          legend: { calcs: ['lastNotNull'], displayMode: 'table', placement: 'bottom', showLegend: true },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
      },
    ),

    stacked:: { custom: { fillOpacity: 60, lineWidth: 0, showPoints: 'never', spanNulls: false, stacking: { group: 'A', mode: 'normal' } } },

    timeline(title, description, targets, mapping, links=[]):: panel(
      'state-timeline', title, description, targets, {
        fieldConfig: {
          defaults: {
            color: color(shade.none),
            mappings: mapping,
            links: links,
            custom: { fillOpacity: 80, lineWidth: 0, spanNulls: false },
          },
          overrides: [],
        },
        options: {
          alignValue: 'left',
          legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
          mergeValues: true,
          rowHeight: 0.85,
          perPage: 20,
          showValue: 'auto',
          tooltip: { mode: 'single', sort: 'none' },
        },
      },
    ),

    // 'columns': [[field, title, properties]...] in order; other fields go.
    table(title, description, query, columns, sort=[]):: panel(
      'table',
      title,
      description,
      [target(query, { instant: true, range: false, format: 'table' })],
      {
        fieldConfig: {
          defaults: { custom: { align: 'left', filterable: true }, noValue: '–', mappings: [] },
          overrides: [
            override(column[1], column[2])
            for column in columns
            if std.length(column) > 2
          ],
        },
        options: {
          cellHeight: 'sm',
          showHeader: true,
          sortBy: sort,
          footer: { show: false, reducer: ['sum'], countRows: false, fields: '' },
        },
        transformations: [
          {
            id: 'filterFieldsByName',
            options: { include: { names: [column[0] for column in columns] } },
          },
          {
            id: 'organize',
            options: {
              excludeByName: {},
              indexByName: {
                [columns[i][0]]: i
                for i in std.range(0, std.length(columns) - 1)
              },
              renameByName: { [column[0]]: column[1] for column in columns },
            },
          },
        ],
      },
    ),

    annotation(name, query, title, shown, tone):: {
      name: name,
      datasource: source,
      enable: shown,
      hide: false,
      iconColor: tone,
      target: { expr: query, refId: 'Annotation', legendFormat: title, interval: '' },
      titleFormat: title,
    },

    dashboard(uid, title, description, variables, annotations, rows):: {
      uid: uid,
      title: d.prefix + title,
      description: description,
      tags: [d.tag],
      id: null,
      version: 1,
      schemaVersion: 39,
      editable: false,
      graphTooltip: 1,
      timezone: 'utc',
      refresh: d.refresh,
      time: { from: d.from, to: 'now' },
      timepicker: {},
      weekStart: '',
      fiscalYearStartMonth: 0,
      liveNow: false,
      links: [{
        type: 'dashboards',
        tags: [d.tag],
        title: 'Azure flows',
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        icon: 'external link',
        targetBlank: false,
        tooltip: 'The other dashboards of flowverify',
        url: '',
      }],
      templating: {
        list: [
          {
            name: 'datasource',
            label: 'Data source',
            type: 'datasource',
            query: 'prometheus',
            hide: 0,
            includeAll: false,
            multi: false,
            options: [],
            refresh: 1,
            regex: '',
            skipUrlSync: false,
          },
          variable('job', 'Job', 'label_values(flowverify_exporter_build_info, job)'),
          variable('instance',
                   'Instance',
                   'label_values(flowverify_exporter_build_info{job=~"$job"}, instance)'),
        ] + variables,
      },
      annotations: { list: annotations },
      panels: placed(rows),
    },
  }
