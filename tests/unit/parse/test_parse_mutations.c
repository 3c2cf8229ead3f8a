/* Every value of every kind of document, one after the other, is replaced by
 * each other kind of value.  Nothing may crash, and nothing may be lost in
 * silence: an element of a list that was an object and is none now is
 * refused or reported, since a rule or an address that is skipped without a
 * word would be a guess. */

#include "tests/unit/parse/parsing.h"

#include <cjson/cJSON.h>
#include <dirent.h>

#define CORPUS "tests/fuzz/corpus/parse"

enum { DOCUMENT_MAX = 4096 };

/* In words that are read as JSON. */
static const char *const replacements[] = {
    "null", "true", "-7.5",  "\"x\"",      "\"\"",
    "[]",   "{}",   "[[1]]", "[{}, null]", "{\"id\": [], \"properties\": 1}",
};

struct tally {
    size_t documents;
    size_t mutants;
};

/* Reads the document and checks what is said about it. */
static void
read_mutant(const cJSON *root, bool lost, const char *what)
{
    char *bytes = cJSON_PrintUnformatted(root);
    struct parsed parsed = parse_bytes(bytes, strlen(bytes));

    if (!parsed.ok) {
        assert_says(parsed.error.message, "x.json: ");
    } else if (lost && !parsed.findings.length) {
        fail_msg("replaced by %s without a word: %s", what, bytes);
    }
    parsed_clear(&parsed);
    cJSON_free(bytes);
}

static void
swap(cJSON *parent, cJSON *old, cJSON *new)
{
    assert_true(cJSON_ReplaceItemViaPointer(parent, old, new));
}

/* Tells whether 'other' says less than the element of a list that it stands
 * for.  An id may stand for a reference; of the users of a subnet nothing is
 * read but that there are some; and a list of resources may hold a list. */
static bool
is_lost(const cJSON *list, const cJSON *element, const cJSON *other)
{
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(element, "id"));
    bool reference = id && cJSON_GetArraySize(element) == 1;

    if (!cJSON_IsArray(list) || !cJSON_IsObject(element)
        || cJSON_IsObject(other)) {
        return false;
    }
    if (cJSON_IsArray(other)
        && (!list->string || strcmp(list->string, "value") == 0)) {
        return false;
    }
    return !reference
           || (!strstr(id, "/ipConfigurations/") && !cJSON_IsString(other));
}

/* Puts 'text' where 'value' is, reads the document, and puts it back. */
static void
mutate_value(struct tally *tally, cJSON *root, cJSON *parent, cJSON *value,
             const char *text)
{
    cJSON *other = cJSON_Parse(text);
    cJSON *copy = cJSON_Duplicate(value, true);
    const char *name = value->string;
    bool lost = is_lost(parent, value, other);

    if (name) {
        other->string = cJSON_malloc(strlen(name) + 1);
        strcpy(other->string, name);
    }
    swap(parent, value, other);
    read_mutant(root, lost, text);
    swap(parent, other, copy);
    tally->mutants++;
}

static void
mutate_below(struct tally *tally, cJSON *root, cJSON *parent)
{
    int n = cJSON_GetArraySize(parent);

    for (int i = 0; i < n; i++) {
        for (size_t k = 0; k < COUNT_OF(replacements); k++) {
            mutate_value(tally, root, parent, cJSON_GetArrayItem(parent, i),
                         replacements[k]);
        }
        mutate_below(tally, root, cJSON_GetArrayItem(parent, i));
    }
}

static void
mutate_file(struct tally *tally, const char *name)
{
    char path[512];
    char bytes[DOCUMENT_MAX];

    (void) snprintf(path, sizeof path, "%s/%s", CORPUS, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    assert_true(size < sizeof bytes);
    cJSON *root = cJSON_ParseWithLength(bytes, size);
    assert_non_null(root);
    mutate_below(tally, root, root);
    cJSON_Delete(root);
    tally->documents++;
}

static void
test_no_value_of_another_kind_is_fatal_or_lost(void **state)
{
    (void) state;
    struct tally tally = { 0 };
    DIR *corpus = opendir(CORPUS);
    const struct dirent *entry;

    assert_non_null(corpus);
    while ((entry = readdir(corpus))) {
        if (entry->d_name[0] != '.') {
            mutate_file(&tally, entry->d_name);
        }
    }
    assert_int_equal(closedir(corpus), 0);
    assert_true(tally.documents >= 10);
    assert_true(tally.mutants >= 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_value_of_another_kind_is_fatal_or_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
