#include "exporter/parse/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/number.h"

static const char *word_of(struct json_reader *reader,
                           const struct cJSON *value, const char *key);
static const char *copy_word(struct json_reader *reader, const char *word);

void
json_bad(struct json_reader *reader, const char *format, ...)
{
    char cause[sizeof reader->cause.message];
    va_list arguments;

    if (reader->bad) {
        return;
    }
    reader->bad = true;
    va_start(arguments, format);
    vsnprintf(cause, sizeof cause, format, arguments);
    va_end(arguments);
    error_set(&reader->cause, "%s", cause);
}

const struct cJSON *
json_get(struct json_reader *reader, const struct cJSON *object,
         const char *key)
{
    const struct cJSON *exact = NULL;
    const struct cJSON *similar = NULL;
    char first = ascii_lower(*key);

    if (!cJSON_IsObject(object)) {
        return NULL;
    }
    for (const struct cJSON *m = object->child; m; m = m->next) {
        if (ascii_lower(*m->string) != first || !ascii_equal(m->string, key)) {
            continue;
        }
        if (strcmp(m->string, key) != 0) {
            similar = similar ? similar : m;
        } else if (exact) {
            json_bad(reader, "the member \"%s\" is there twice", key);
        } else {
            exact = m;
        }
    }
    const struct cJSON *found = exact ? exact : similar;
    return found && !cJSON_IsNull(found) ? found : NULL;
}

const struct cJSON *
json_object(struct json_reader *reader, const struct cJSON *object,
            const char *key)
{
    const struct cJSON *member = json_get(reader, object, key);

    if (member && !cJSON_IsObject(member)) {
        json_bad(reader, "\"%s\" is no object", key);
        return NULL;
    }
    return member;
}

const struct cJSON *
json_array(struct json_reader *reader, const struct cJSON *object,
           const char *key)
{
    const struct cJSON *member = json_get(reader, object, key);

    if (member && !cJSON_IsArray(member)) {
        json_bad(reader, "\"%s\" is no list", key);
        return NULL;
    }
    return member;
}

const struct cJSON *
json_properties(struct json_reader *reader, const struct cJSON *resource)
{
    if (!cJSON_IsObject(resource)) {
        json_bad(reader, "an element of a list is no object");
        return NULL;
    }
    const struct cJSON *properties =
        json_object(reader, resource, "properties");
    return properties ? properties : resource;
}

const struct cJSON *
json_first(const struct cJSON *array)
{
    return array ? array->child : NULL;
}

const struct cJSON *
json_following(const struct cJSON *element)
{
    return element->next;
}

size_t
json_count(const struct cJSON *array)
{
    size_t n = 0;

    for (const struct cJSON *e = json_first(array); e; e = e->next) {
        n++;
    }
    return n;
}

const char *
json_word(struct json_reader *reader, const struct cJSON *object,
          const char *key)
{
    return word_of(reader, json_get(reader, object, key), key);
}

const char *
json_peek(const struct cJSON *object, const char *key)
{
    struct json_reader unheeded = { .bad = true };
    const struct cJSON *member = json_get(&unheeded, object, key);

    return cJSON_IsString(member) ? member->valuestring : "";
}

const char *
json_text(const struct cJSON *element)
{
    return cJSON_IsString(element) ? element->valuestring : "";
}

bool
json_flag(struct json_reader *reader, const struct cJSON *object,
          const char *key)
{
    const struct cJSON *member = json_get(reader, object, key);

    if (!member || cJSON_IsBool(member)) {
        return cJSON_IsTrue(member);
    }
    if (!cJSON_IsString(member)
        || (!ascii_equal(member->valuestring, "true")
            && !ascii_equal(member->valuestring, "false"))) {
        json_bad(reader, "\"%s\" is neither true nor false", key);
        return false;
    }
    return ascii_equal(member->valuestring, "true");
}

bool
json_integer(struct json_reader *reader, const struct cJSON *object,
             const char *key, int min, int max, int *value)
{
    const struct cJSON *member = json_get(reader, object, key);
    double number = (double) NAN;
    uint64_t digits;

    if (cJSON_IsNumber(member)) {
        number = member->valuedouble;
    } else if (cJSON_IsString(member)
               && number_parse(member->valuestring,
                               strlen(member->valuestring), INT32_MAX,
                               &digits)) {
        number = (double) digits;
    }
    if (!(number >= min && number <= max) || floor(number) != number) {
        return false;
    }
    *value = (int) number;
    return true;
}

/* Returns the id that 'reference' holds; "" is bad. */
static const char *
reference_id(struct json_reader *reader, const struct cJSON *reference,
             const char *key)
{
    const char *id = cJSON_IsObject(reference)
                         ? json_word(reader, reference, "id")
                         : word_of(reader, reference, key);

    if (!*id) {
        json_bad(reader, "\"%s\" refers to something without an id", key);
    }
    return id;
}

const char *
json_reference(struct json_reader *reader, const struct cJSON *object,
               const char *key)
{
    const struct cJSON *member = json_get(reader, object, key);

    if (!member || (cJSON_IsString(member) && !*member->valuestring)) {
        return "";
    }
    return reference_id(reader, member, key);
}

const char *const *
json_references(struct json_reader *reader, const struct cJSON *object,
                const char *key, size_t *n)
{
    const struct cJSON *array = json_array(reader, object, key);
    const char **ids =
        arena_alloc_array(reader->arena, json_count(array), sizeof *ids);

    *n = 0;
    for (const struct cJSON *e = json_first(array); e; e = e->next) {
        ids[(*n)++] = reference_id(reader, e, key);
    }
    return ids;
}

const char *const *
json_words(struct json_reader *reader, const struct cJSON *object,
           const char *singular, const char *plural, size_t *n)
{
    const struct cJSON *array =
        plural ? json_array(reader, object, plural) : NULL;
    const char *first = singular ? json_word(reader, object, singular) : "";
    const char **words =
        arena_alloc_array(reader->arena, json_count(array) + 1, sizeof *words);

    *n = 0;
    if (*first) {
        words[(*n)++] = first;
    }
    for (const struct cJSON *e = json_first(array); e; e = e->next) {
        const char *word = word_of(reader, e, plural);
        if (*word) {
            words[(*n)++] = word;
        }
    }
    return words;
}

/* Returns the text of 'value', which is the member 'key' or an element of
 * it. */
static const char *
word_of(struct json_reader *reader, const struct cJSON *value, const char *key)
{
    if (!value || cJSON_IsNull(value)) {
        return "";
    }
    if (cJSON_IsString(value)) {
        return copy_word(reader, value->valuestring);
    }
    double number = value->valuedouble;
    if (cJSON_IsNumber(value) && floor(number) == number
        && fabs(number) < 1e15) {
        return arena_printf(reader->arena, "%.0f", number);
    }
    json_bad(reader, "\"%s\" is neither text nor a whole number", key);
    return "";
}

/* Words that most rules hold, so that each is not copied for each rule. */
static const char *const common_words[] = {
    "*",       "Tcp",  "Udp",      "Allow",          "Deny",
    "22",      "80",   "443",      "Inbound",        "Outbound",
    "3389",    "1433", "Internet", "VirtualNetwork", "AzureLoadBalancer",
    "0-65535", "Icmp", "Any"
};

static const char *
copy_word(struct json_reader *reader, const char *word)
{
    if (!*word) {
        return "";
    }
    for (size_t i = 0; i < sizeof common_words / sizeof *common_words; i++) {
        if (*word == *common_words[i] && strcmp(word, common_words[i]) == 0) {
            return common_words[i];
        }
    }
    return arena_strdup(reader->arena, word);
}
