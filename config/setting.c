#include "config/setting.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/key.h"
#include "config/strings.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/text.h"

static const char *type_name(const config_setting_t *setting);
static const char *show_value(struct reader *reader,
                              const config_setting_t *setting);
static bool holds_a_secret(const char *name);

struct place
setting_place(const struct reader *reader, const config_setting_t *setting)
{
    const char *file = config_setting_source_file(setting);

    /* The text itself is handed to libconfig, so only what @include brought
     * in has a file name there. */
    return (struct place){
        file ? path_of_included(reader->scratch, reader->file, file)
             : reader->file,
        config_setting_source_line(setting),
    };
}

void
reader_problem(struct reader *reader, struct place place, const char *format,
               ...)
{
    struct text cause;
    char line[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_init(&cause);
    text_append(&cause, reader->context);
    text_append(&cause, line);
    problems_add(reader->problems, place, "%s", cause.data);
    text_clear(&cause);
}

static void
report_unknown(struct reader *reader, const config_setting_t *setting,
               const char *path)
{
    const char *name = config_setting_name(setting);

    /* The value is not shown: it may be a secret under a wrong name. */
    if (holds_a_secret(name)) {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: unknown key; a secret is never written here, name "
                       "the file that holds it",
                       name);
    } else if (*path) {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: unknown key in %s", name, path);
    } else {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: unknown key", name);
    }
}

void
setting_check_keys(struct reader *reader, const config_setting_t *group,
                   const char *path)
{
    struct key_range range = key_range_of(path);

    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(group, (unsigned int) i);
        const char *name = config_setting_name(setting);
        const struct config_key *key = key_find(range, name);
        if (!key) {
            report_unknown(reader, setting, path);
        } else if (!key_accepts(key, config_setting_type(setting),
                                config_setting_length(setting))) {
            reader_problem(reader, setting_place(reader, setting),
                           "%s: %s is %s, not %s", name,
                           holds_a_secret(name) ? "the value"
                                                : show_value(reader, setting),
                           type_name(setting), key_phrase(key));
        }
    }
}

/* libconfig's functions that only read take no const. */
static const config_setting_t *
find_member(const config_setting_t *group, const char *path)
{
    return group ? config_setting_get_member(group, key_name(path)) : NULL;
}

const config_setting_t *
setting_member(const config_setting_t *group, const char *path)
{
    const config_setting_t *setting = find_member(group, path);

    if (setting
        && !key_accepts(key_at(path), config_setting_type(setting),
                        config_setting_length(setting))) {
        return NULL;
    }
    return setting;
}

bool
setting_has(const config_setting_t *group, const char *path)
{
    return find_member(group, path) != NULL;
}

void
setting_require(struct reader *reader, const config_setting_t *group,
                const char *path)
{
    const config_setting_t *setting = find_member(group, path);

    if (!setting) {
        const char *name = key_name(path);
        int length = name > path ? (int) (name - path) - 1 : 0;
        reader_problem(reader, setting_place(reader, group),
                       "%s is missing%s%.*s", name, length ? " in " : "",
                       length, path);
    } else if (config_setting_type(setting) == CONFIG_TYPE_STRING
               && !*config_setting_get_string(setting)) {
        reader_problem(reader, setting_place(reader, setting), "%s is empty",
                       key_name(path));
    }
}

const char *
setting_string(struct reader *reader, const config_setting_t *group,
               const char *path)
{
    const config_setting_t *setting = setting_member(group, path);

    return strings_share(reader->strings,
                         setting ? config_setting_get_string(setting)
                                 : key_at(path)->standard);
}

const char *
setting_path(struct reader *reader, const config_setting_t *group,
             const char *path)
{
    const char *value = setting_string(reader, group, path);
    const config_setting_t *setting = setting_member(group, path);

    return setting && *value ? path_relative_to(
               reader->arena, setting_place(reader, setting).file, value)
                             : value;
}

bool
setting_boolean(struct reader *reader, const config_setting_t *group,
                const char *path)
{
    const config_setting_t *setting = setting_member(group, path);

    (void) reader;
    return setting ? config_setting_get_bool(setting)
                   : !strcmp(key_at(path)->standard, "true");
}

int64_t
setting_integer(struct reader *reader, const config_setting_t *group,
                const char *path, int64_t min, int64_t max)
{
    const config_setting_t *setting = setting_member(group, path);
    int64_t standard = strtoll(key_at(path)->standard, NULL, 10);

    if (!setting) {
        return standard;
    }
    int64_t value = config_setting_get_int64(setting);
    if (value < min || value > max) {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: %" PRId64 " is not in %" PRId64 "..%" PRId64,
                       key_name(path), value, min, max);
        return standard;
    }
    return value;
}

int64_t
setting_duration(struct reader *reader, const config_setting_t *group,
                 const char *path, int64_t min_ms)
{
    const config_setting_t *setting = setting_member(group, path);
    int64_t standard = 0;
    int64_t value;

    (void) duration_parse(key_at(path)->standard, &standard);
    if (!setting) {
        return standard;
    }
    const char *word = config_setting_get_string(setting);
    if (!duration_parse(word, &value)) {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: \"%s\" is no duration, write it like \"30s\", "
                       "\"5m\" or \"1h30m\"",
                       key_name(path), word);
        return standard;
    }
    if (value < min_ms) {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: \"%s\" is too short, the least is %" PRId64 "%s",
                       key_name(path), word,
                       min_ms % 1000 ? min_ms : min_ms / 1000,
                       min_ms % 1000 ? "ms" : "s");
        return standard;
    }
    return value;
}

/* Returns the number of 'word' among the choices, or 'n'. */
static size_t
find_choice(const char *word, const char *const choices[], size_t n)
{
    size_t i = 0;

    while (i < n && !ascii_equal(choices[i], word)) {
        i++;
    }
    return i;
}

size_t
setting_choice(struct reader *reader, const config_setting_t *group,
               const char *path, const char *const choices[], size_t n)
{
    const config_setting_t *setting = setting_member(group, path);

    if (!setting) {
        return find_choice(key_at(path)->standard, choices, n);
    }
    const char *word = config_setting_get_string(setting);
    size_t choice = find_choice(word, choices, n);
    if (choice == n) {
        struct text list;
        text_init(&list);
        for (size_t i = 0; i < n; i++) {
            text_printf(&list, "%s\"%s\"",
                        !i          ? ""
                        : i + 1 < n ? ", "
                                    : " or ",
                        choices[i]);
        }
        reader_problem(reader, setting_place(reader, setting),
                       "%s: \"%s\" is not %s", key_name(path), word,
                       list.data);
        text_clear(&list);
    }
    return choice;
}

/* Reads one string or number; false if the setting is neither. */
static bool
read_word(struct reader *reader, const config_setting_t *setting,
          struct word *word)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_STRING:
        *word = (struct word){ config_setting_get_string(setting), false };
        return true;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        *word = (struct word){ show_value(reader, setting), true };
        return true;
    default: return false;
    }
}

struct words
setting_words(struct reader *reader, const config_setting_t *group,
              const char *path)
{
    const config_setting_t *setting = find_member(group, path);
    struct words words = { .key = key_name(path) };

    if (!setting) {
        return words;
    }
    words.given = true;
    words.place = setting_place(reader, setting);
    if (!key_accepts(key_at(path), config_setting_type(setting),
                     config_setting_length(setting))) {
        words.bad = true;
        return words;
    }
    bool several = config_setting_is_aggregate(setting);
    size_t n = several ? (size_t) config_setting_length(setting) : 1;
    struct word *list =
        arena_alloc_array(reader->scratch, n ? n : 1, sizeof *list);
    bool numbers = key_accepts(key_at(path), CONFIG_TYPE_INT, 0);
    words.list = list;
    for (size_t i = 0; i < n; i++) {
        const config_setting_t *element =
            several ? config_setting_get_elem(setting, (unsigned int) i)
                    : setting;
        if (!read_word(reader, element, &list[words.n])
            || (list[words.n].is_number && !numbers)) {
            /* The line of an element is where libconfig looked ahead to,
             * so the line of the key is given. */
            reader_problem(reader, words.place, "%s: %s is %s, not a string%s",
                           words.key, show_value(reader, element),
                           type_name(element), numbers ? " or integer" : "");
            words.bad = true;
            continue;
        }
        words.n++;
    }
    return words;
}

/* Up to libconfig 1.5 it is the name that @include gives; later ones put the
 * folder before it that they were told to search. */
const char *
path_of_included(struct arena *arena, const char *file, const char *name)
{
    const char *folder = path_relative_to(arena, file, ".");
    size_t length = strlen(folder);

    if (!strncmp(name, folder, length) && name[length] == '/') {
        name += length + 1;
    }
    return path_relative_to(arena, file, name);
}

const char *
path_relative_to(struct arena *arena, const char *file, const char *word)
{
    const char *slash = strrchr(file, '/');

    if (*word == '/' || !slash) {
        return arena_strdup(arena, word);
    }
    return arena_printf(arena, "%.*s/%s", (int) (slash - file), file, word);
}

static const char *
type_name(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP: return "a group";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64: return "an integer";
    case CONFIG_TYPE_FLOAT: return "a float";
    case CONFIG_TYPE_STRING: return "a string";
    case CONFIG_TYPE_BOOL: return "a boolean";
    case CONFIG_TYPE_ARRAY: return "an array";
    default: return "a list";
    }
}

/* Returns the value for a message. */
static const char *
show_value(struct reader *reader, const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return arena_printf(reader->scratch, "%lld",
                            config_setting_get_int64(setting));
    case CONFIG_TYPE_FLOAT:
        return arena_printf(reader->scratch, "%g",
                            config_setting_get_float(setting));
    case CONFIG_TYPE_STRING:
        return arena_printf(reader->scratch, "\"%s\"",
                            config_setting_get_string(setting));
    case CONFIG_TYPE_BOOL:
        return config_setting_get_bool(setting) ? "true" : "false";
    case CONFIG_TYPE_GROUP: return "{ ... }";
    case CONFIG_TYPE_ARRAY: return "[ ... ]";
    default: return "( ... )";
    }
}

static bool
holds_a_secret(const char *name)
{
    static const char *const hints[] = { "secret", "password", "token", "key",
                                         "passphrase" };

    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (ascii_find(name, hints[i])) {
            return true;
        }
    }
    return false;
}
