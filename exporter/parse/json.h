/* Reading the members of a JSON tree the way Azure means them: null, absent,
 * "" and [] are alike, and the case of a member's name is tolerated (tools
 * print privateIpAddress where the API says privateIPAddress).
 *
 * A reader remembers the first thing that could not be read.  Its functions
 * never fail, so a resource is read straight through and judged at the end:
 * with 'bad' set it is refused as a whole, for half a resource would give
 * wrong verdicts. */

#ifndef EXPORTER_PARSE_JSON_H
#define EXPORTER_PARSE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/error.h"

struct arena;
struct cJSON;

struct json_reader {
    struct arena *arena; /* Where strings and lists are copied to. */
    bool bad;
    struct error cause;
};

/* Notes that the resource cannot be read, unless something was noted
 * before. */
void json_bad(struct json_reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns the member 'key' of 'object', or NULL if it is absent or null, or if
 * 'object' is NULL or no object (json_properties() calls that bad).  A member that is there twice is bad: which one counts would
 * be a guess. */
const struct cJSON *json_get(struct json_reader *reader,
                             const struct cJSON *object, const char *key);

/* The same, for a member that must be an object or an array. */
const struct cJSON *json_object(struct json_reader *reader,
                                const struct cJSON *object, const char *key);
const struct cJSON *json_array(struct json_reader *reader,
                               const struct cJSON *object, const char *key);

/* Returns where the properties of a resource are: in its member "properties",
 * or, in the flattened form of "az ... -o json", in the resource itself. */
const struct cJSON *json_properties(struct json_reader *reader,
                                    const struct cJSON *resource);

/* Returns the first element of an array (which may be NULL), or NULL. */
const struct cJSON *json_first(const struct cJSON *array);
const struct cJSON *json_following(const struct cJSON *element);
size_t json_count(const struct cJSON *array);

/* Returns a string, or the text of a whole number; "" if absent. */
const char *json_word(struct json_reader *reader, const struct cJSON *object,
                      const char *key);

/* Returns a string as it stands in the tree, which it lives as long as; "" if
 * it is absent or no string. */
const char *json_peek(const struct cJSON *object, const char *key);

/* Returns the string of an element of an array; "" if it is none. */
const char *json_text(const struct cJSON *element);

bool json_flag(struct json_reader *reader, const struct cJSON *object,
               const char *key);

/* Returns true if the member is a whole number (or a string of one) from 'min'
 * to 'max', and then sets '*value'. */
bool json_integer(struct json_reader *reader, const struct cJSON *object,
                  const char *key, int min, int max, int *value);

/* Returns the id of a reference, {"id": "..."} or the id itself; "" if the
 * member is absent.  A reference without an id is bad. */
const char *json_reference(struct json_reader *reader,
                           const struct cJSON *object, const char *key);

/* Returns the ids of an array of references. */
const char *const *json_references(struct json_reader *reader,
                                   const struct cJSON *object, const char *key,
                                   size_t *n);

/* Returns the union of the string 'singular' and the array 'plural', without
 * empty words.  Either key may be NULL. */
const char *const *json_words(struct json_reader *reader,
                              const struct cJSON *object, const char *singular,
                              const char *plural, size_t *n);

#endif
