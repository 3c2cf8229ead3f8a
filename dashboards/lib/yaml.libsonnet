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

// std.strReplace is built in; splitting long texts in jsonnet takes seconds.
local indented(text, indent) =
  indent + std.strReplace(
    std.strReplace(std.rstripChars(text, '\n'), '\n', '\n' + indent),
    '\n' + indent + '\n',
    '\n\n',
  );
local hasLines(text) =
  std.length(std.strReplace(text, '\n', '')) != std.length(text);

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
  std.length(text) > 1 && std.length(text) < 8 &&
  std.setDiff(std.set(std.stringChars(text)), std.set(std.stringChars('0123456789smhdw'))) == [];

local scalar(v, indent) =
  if std.type(v) != 'string' then std.toString(v)
  else if hasLines(v)
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

// 'lead' stands before the first field: the indent, or the dash of a list.
local block(v, indent, lead=indent) =
  if isObject(v) then
    local names = fields(v);
    std.join('', [
      local value = v[names[i]];
      (if i == 0 then lead else indent) + names[i] + ':' +
      (if isObject(value) && std.length(value) > 0
       then '\n' + block(value, indent + '  ')
       else if isInline(value)
       then ' [' + std.join(', ', [scalar(e, '') for e in value]) + ']\n'
       else if isArray(value) && std.length(value) > 0
       then '\n' + block(value, indent + '  ')
       else if isObject(value) then ' {}\n'
       else if isArray(value) then ' []\n'
       else ' ' + scalar(value, indent) + '\n')
      for i in std.range(0, std.length(names) - 1)
    ])
  else
    std.join('', [
      if isObject(e)
      then comment(e, indent) + block(e, indent + '  ', indent + '- ')
      else indent + '- ' + scalar(e, indent) + '\n'
      for e in v
    ]);

{
  // 'header' becomes the comment on top.
  manifest(header, value):: indented(header, '# ') + '\n' + block(value, ''),
}
