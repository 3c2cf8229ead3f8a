/* Bodies that Azure itself gave (../shared/data): each is read, or refused
 * with a reason.  Recordings wrap the body in an object of their own. */

#include "tests/support/file.h"
#include "tests/unit/parse/parsing.h"

#include <dirent.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#define DATA "../shared/data"

/* Reads the body of a recording, or the file itself. */
static struct parsed
parse_recording(const char *path)
{
    struct text text;

    text_init(&text);
    file_read(path, &text);
    cJSON *root = cJSON_ParseWithLength(text.data, text.length);
    cJSON *body = cJSON_GetObjectItemCaseSensitive(root, "body");

    if (!body) {
        body = cJSON_GetObjectItemCaseSensitive(root, "response");
    }
    if (body) {
        char *printed = cJSON_PrintUnformatted(body);
        text_reset(&text);
        text_append(&text, printed);
        cJSON_free(printed);
    }
    struct parsed parsed = parse_bytes(text.data, text.length);
    cJSON_Delete(root);
    text_clear(&text);
    return parsed;
}

static size_t
count_of_feed(const struct parsed *parsed)
{
    size_t n = 0;

    for (size_t i = 0; parsed->ok && i < N_FEEDS; i++) {
        n += parsed->result.objects[i];
    }
    return n;
}

struct tally {
    size_t files;
    size_t read;
    size_t resources;
    size_t left_out;
};

/* Reads a folder.  Whatever is refused must say why. */
static struct tally
read_folder(const char *folder)
{
    struct tally tally = { 0 };
    char path[512];
    const struct dirent *entry;

    snprintf(path, sizeof path, DATA "/%s", folder);
    DIR *stream = opendir(path);
    if (!stream) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    while ((entry = readdir(stream)) != NULL) {
        if (!strstr(entry->d_name, ".json")) {
            continue;
        }
        snprintf(path, sizeof path, DATA "/%s/%s", folder, entry->d_name);
        struct parsed parsed = parse_recording(path);
        tally.files++;
        tally.read += parsed.ok;
        tally.resources += count_of_feed(&parsed);
        for (size_t i = 0; parsed.ok && i < N_FEEDS; i++) {
            tally.left_out += parsed.result.refused[i];
        }
        if (!parsed.ok) {
            assert_says(parsed.error.message, "x.json: ");
        }
        parsed_clear(&parsed);
    }
    closedir(stream);
    print_message("%s: %zu files, %zu read, %zu resources, %zu left out\n",
                  folder, tally.files, tally.read, tally.resources,
                  tally.left_out);
    return tally;
}

static void
test_recorded_groups_are_read(void **state)
{
    (void) state;
    struct tally tally = read_folder("nsg");

    /* The others are lists of rules, which are no resources. */
    assert_true(tally.files - tally.read <= 4);
    assert_true(tally.resources >= 107);
    assert_int_equal(tally.left_out, 0);
}

static void
test_recorded_nics_are_read(void **state)
{
    (void) state;
    struct tally tally = read_folder("nic");

    assert_int_equal(tally.read, tally.files);
    assert_true(tally.resources >= tally.files);
    assert_int_equal(tally.left_out, 0);
}

static void
test_recorded_networks_are_read(void **state)
{
    (void) state;
    struct tally tally = read_folder("vnet");

    assert_true(tally.resources >= 29);
    assert_int_equal(tally.left_out, 0);
}

static void
test_other_recordings_are_read_or_refused(void **state)
{
    (void) state;
    static const char *const folders[] = { "asg",           "admin-rules",
                                           "effective-nsg", "errors",
                                           "ipflow",        "ncd",
                                           "resource-graph" };

    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        assert_true(read_folder(folders[i]).files > 0);
    }
}

static void
test_recorded_effective_rules_wear_their_network(void **state)
{
    (void) state;
    static const char path[] = DATA "/admin-rules/"
                                    "effective-ps-admin-rule-crud-2024-10-17"
                                    ".json";
    if (access(path, R_OK) != 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    struct text text;
    text_init(&text);
    file_read(path, &text);
    cJSON *root = cJSON_ParseWithLength(text.data, text.length);
    cJSON *body = cJSON_GetObjectItemCaseSensitive(root, "response");
    cJSON_AddStringToObject(body, "virtualNetwork", "/vnet");
    char *printed = cJSON_PrintUnformatted(body);

    struct parsed parsed = parse_bytes(printed, strlen(printed));

    assert_true(parsed.ok);
    const struct effective_admin_rules *list =
        parsed.part->effective_admin_rules;
    assert_int_equal(list->n_rules, 1);
    assert_false(list->unavailable);
    assert_int_equal(list->rules[0].priority, 0);
    assert_string_equal(list->rules[0].name, "ps9863");
    parsed_clear(&parsed);
    cJSON_free(printed);
    cJSON_Delete(root);
    text_clear(&text);
}

static void
test_the_public_service_tags_are_read_whole(void **state)
{
    (void) state;
    static const char path[] =
        DATA "/service-tags/ServiceTags_Public_cn376_2025-11-10.json";
    if (access(path, R_OK) != 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    struct text text;
    text_init(&text);
    file_read(path, &text);

    struct parsed parsed = parse_bytes(text.data, text.length);

    assert_true(parsed.ok);
    assert_int_equal(parsed.part->n_service_tags, 3041);
    for (size_t i = 0; i < parsed.part->n_service_tags; i++) {
        assert_false(parsed.part->service_tags[i].has_bad_prefix);
    }
    assert_int_equal(parsed.findings.length, 0);
    print_message("%zu bytes of text are %zu bytes of tags\n", text.length,
                  arena_size(parsed.part->arena));
    parsed_clear(&parsed);
    text_clear(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_groups_are_read),
        cmocka_unit_test(test_recorded_nics_are_read),
        cmocka_unit_test(test_recorded_networks_are_read),
        cmocka_unit_test(test_other_recordings_are_read_or_refused),
        cmocka_unit_test(test_recorded_effective_rules_wear_their_network),
        cmocka_unit_test(test_the_public_service_tags_are_read_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
