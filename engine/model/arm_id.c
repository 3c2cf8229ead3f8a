#include "engine/model/arm_id.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"

/* Finds the value that follows the segment 'word'.  Segments come in pairs,
 * so that a resource that is called like a type is not taken for one. */
static bool
find_value(const char *id, const char *word, const char **value,
           size_t *length)
{
    size_t word_length = strlen(word);
    const char *at = id;

    while (*at == '/') {
        const char *key = at + 1;
        size_t key_length = strcspn(key, "/");
        if (key[key_length] == '\0') {
            return false;
        }
        const char *start = key + key_length + 1;
        size_t n = strcspn(start, "/");
        if (n > 0 && key_length == word_length
            && ascii_equal_n(key, word, word_length)) {
            *value = start;
            *length = n;
            return true;
        }
        at = start + n;
    }
    return false;
}

const char *
arm_id_segment(struct arena *arena, const char *id, const char *word)
{
    const char *value;
    size_t length;

    return find_value(id, word, &value, &length)
               ? arena_strndup(arena, value, length)
               : "";
}

const char *
arm_id_name(const char *id)
{
    const char *slash = strrchr(id, '/');

    return slash ? slash + 1 : id;
}

const char *
arm_id_up_to(struct arena *arena, const char *id, const char *word)
{
    return arena_strndup(arena, id, arm_id_length_up_to(id, word));
}

size_t
arm_id_length_up_to(const char *id, const char *word)
{
    const char *value;
    size_t length;

    return find_value(id, word, &value, &length)
               ? (size_t) (value - id) + length
               : 0;
}

const char *
arm_id_admin_ruleset(struct arena *arena, const char *id)
{
    const char *manager = arm_id_segment(arena, id, "networkManagers");
    const char *collection = arm_id_segment(arena, id, "ruleCollections");

    return *manager && *collection
               ? arena_printf(arena, "%s/%s", manager, collection)
               : "";
}
