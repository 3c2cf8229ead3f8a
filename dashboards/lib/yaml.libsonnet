// YAML as people write it: plain keys, blocks for long text, comments.  The
// manifest function of jsonnet quotes every key and sorts them.
local isArray(v) = std.type(v) == 'array';
local isObject(v) = std.type(v) == 'object';

// Fields that come first, in this order; others follow by name.
local first = [
  'name',
  'alert',
  'record',
  'expr',
  'for',
  'keep_firing_for',
  'labels',
  'annotations',
  'receiver',
  'source_matchers',
  'target_matchers',
  'equal',
  'interval',
];
local fields(object) =
  local known = std.filter(function(f) std.objectHas(object, f), first);
  known + std.filter(function(f) std.count(first, f) == 0,
                     std.objectFields(object));

local indented(text, indent) =
  std.join('\n', [
    if line == '' then '' else indent + line
    for line in std.split(std.rstripChars(text, '\n'), '\n')
  ]);

// Always quoted: no surprise from "yes", "1m" or "{{".
local quoted(text) = "'" + std.strReplace(text, "'", "''") + "'";
local isPlain(text) =
  std.length(text) > 0 && std.length(text) < 60 &&
  std.count(['true', 'false', 'yes', 'no', 'on', 'off', 'null'],
            std.asciiLower(text)) == 0 &&
  std.setDiff(std.set(std.stringChars(text)), std.set(std.stringChars(
    'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:'
  ))) == [] &&
  !std.endsWith(text, ':') &&
  std.setDiff(std.set(std.stringChars(text[0:1])), std.set(std.stringChars(
    'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  ))) == [];
local isDuration(text) =
  std.length(text) > 1 &&
  std.setDiff(std.set(std.stringChars(text)), std.set(std.stringChars('0123456789smhdw'))) == [];

local scalar(v, indent) =
  if std.type(v) != 'string' then std.toString(v)
  else if std.length(std.findSubstr('\n', v)) > 0
  then '|-\n' + indented(v, indent + '  ')
  else if isPlain(v) || isDuration(v) then v
  else quoted(v);

local comment(v, indent) =
  if isObject(v) && std.objectHasAll(v, 'why')
  then indented(v.why, indent + '# ') + '\n' else '';

local isInline(v) =
  isArray(v) && std.length(v) > 0 &&
  std.length([e for e in v if std.type(e) != 'string']) == 0 &&
  std.length(std.join(', ', v)) < 60;

local block(v, indent) =
  if isObject(v) then
    std.join('', [
      local value = v[f];
      indent + f + ':' +
      (if isObject(value) && std.length(value) > 0
       then '\n' + block(value, indent + '  ')
       else if isInline(value)
       then ' [' + std.join(', ', [scalar(e, '') for e in value]) + ']\n'
       else if isArray(value) && std.length(value) > 0
       then '\n' + block(value, indent + '  ')
       else if isObject(value) then ' {}\n'
       else if isArray(value) then ' []\n'
       else ' ' + scalar(value, indent) + '\n')
      for f in fields(v)
    ])
  else
    std.join('', [
      if isObject(e) then
        local text = block(e, indent + '  ');
        comment(e, indent) + indent + '- ' +
        std.substr(text, std.length(indent) + 2, std.length(text))
      else indent + '- ' + scalar(e, indent) + '\n'
      for e in v
    ]);

{
  // 'header' becomes the comment on top.
  manifest(header, value):: indented(header, '# ') + '\n' + block(value, ''),
}
