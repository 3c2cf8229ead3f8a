#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/state.h"

static char folder[64];

static int
make_folder(void **state)
{
    (void) state;
    struct error error;

    snprintf(folder, sizeof folder, "/tmp/flowverify-state-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return state_open(folder, &error) ? 0 : -1;
}

static int
remove_folder(void **state)
{
    (void) state;
    static const char *const files[] = { "a.state", "a.state.bad", "b.state",
                                         "b.state.bad", "a.state.new" };

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static void
write_raw(const char *name, const char *bytes, size_t size)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static size_t
read_raw(const char *name, char *bytes, size_t size)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, size, file);
    fclose(file);
    return n;
}

static bool
exists(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return !access(path, F_OK);
}

static void
test_what_is_saved_is_loaded(void **state)
{
    (void) state;
    static const char bytes[] = "one\0two\n";
    struct error error;
    struct text loaded;
    text_init(&loaded);

    assert_true(state_save(folder, "a", "older", 5, &error));
    assert_true(state_save(folder, "a", bytes, sizeof bytes, &error));
    enum state_outcome outcome = state_load(folder, "a", &loaded, &error);

    assert_int_equal(outcome, STATE_LOADED);
    assert_int_equal(loaded.length, sizeof bytes);
    assert_memory_equal(loaded.data, bytes, sizeof bytes);
    assert_false(exists("a.state.new"));
    text_clear(&loaded);
}

static void
test_what_was_never_saved_is_absent(void **state)
{
    (void) state;
    struct error error;
    struct text loaded;
    text_init(&loaded);

    assert_int_equal(state_load(folder, "b", &loaded, &error), STATE_ABSENT);
    text_clear(&loaded);
}

static void
test_every_damaged_byte_is_noticed(void **state)
{
    (void) state;
    char good[256];
    struct error error;
    assert_true(state_save(folder, "a", "content", 7, &error));
    size_t size = read_raw("a.state", good, sizeof good);

    for (size_t i = 0; i < size; i++) {
        char bad[256];
        struct text loaded;
        text_init(&loaded);
        memcpy(bad, good, size);
        bad[i] = (char) (bad[i] ^ 0x10);
        write_raw("a.state", bad, size);

        enum state_outcome outcome = state_load(folder, "a", &loaded, &error);

        assert_int_equal(outcome, STATE_PUT_ASIDE);
        assert_int_equal(loaded.length, 0);
        assert_false(exists("a.state"));
        assert_true(exists("a.state.bad"));
        text_clear(&loaded);
    }
}

static void
test_every_cut_is_noticed(void **state)
{
    (void) state;
    char good[256];
    struct error error;
    assert_true(state_save(folder, "a", "content", 7, &error));
    size_t size = read_raw("a.state", good, sizeof good);

    for (size_t i = 0; i < size; i++) {
        struct text loaded;
        text_init(&loaded);
        write_raw("a.state", good, i);

        assert_int_equal(state_load(folder, "a", &loaded, &error),
                         STATE_PUT_ASIDE);

        text_clear(&loaded);
    }
}

static void
test_a_document_under_another_name_is_foreign(void **state)
{
    (void) state;
    char good[256];
    struct error error;
    struct text loaded;
    text_init(&loaded);
    assert_true(state_save(folder, "a", "content", 7, &error));
    size_t size = read_raw("a.state", good, sizeof good);
    write_raw("b.state", good, size);

    assert_int_equal(state_load(folder, "b", &loaded, &error),
                     STATE_PUT_ASIDE);

    text_clear(&loaded);
}

static void
test_what_a_killed_process_left_is_cleared_away(void **state)
{
    (void) state;
    struct error error;
    write_raw("a.state.new", "half", 4);

    assert_true(state_open(folder, &error));

    assert_false(exists("a.state.new"));
}

static void
collect_name(void *aux, const char *name)
{
    struct text *names = aux;
    text_printf(names, "%s ", name);
}

static void
test_documents_are_walked_in_order(void **state)
{
    (void) state;
    struct error error;
    struct text names;
    text_init(&names);
    assert_true(state_save(folder, "b", "", 0, &error));
    assert_true(state_save(folder, "a", "", 0, &error));

    state_each(folder, "", collect_name, &names);

    assert_string_equal(names.data, "a b ");
    text_clear(&names);
}

static void
test_a_folder_that_cannot_be_is_an_error(void **state)
{
    (void) state;
    struct error error;

    assert_false(state_open("/proc/none/such", &error));
    assert_non_null(strstr(error.message, "/proc/none/such"));
}

int
main(void)
{
#define WITH_FOLDER(test)                                                     \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_what_is_saved_is_loaded),
        WITH_FOLDER(test_what_was_never_saved_is_absent),
        WITH_FOLDER(test_every_damaged_byte_is_noticed),
        WITH_FOLDER(test_every_cut_is_noticed),
        WITH_FOLDER(test_a_document_under_another_name_is_foreign),
        WITH_FOLDER(test_what_a_killed_process_left_is_cleared_away),
        WITH_FOLDER(test_documents_are_walked_in_order),
        WITH_FOLDER(test_a_folder_that_cannot_be_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
