/* What a good configuration means: values, defaults, all errors at once. */

#include "tests/support/test.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "tests/support/folder.h"

#define DIRECTORY "source = { kind = \"directory\"; path = \"estate\"; };\n"
#define ID "00000000-0000-0000-0000-00000000000"

/* Loads the text as the file "f.cfg"; the test fails if it is refused. */
static struct config *
load(void **state, const char *content)
{
    struct text errors;

    text_init(&errors);
    struct config *config =
        config_load(folder_write(*state, "f.cfg", content), &errors);
    if (!config) {
        print_error("%s", errors.data);
    }
    text_clear(&errors);
    assert_non_null(config);
    return config;
}

/* Returns what is said about the file "f.cfg", or about another one. */
static void
load_bad(void **state, const char *content, struct text *errors)
{
    text_init(errors);
    assert_null(config_load(folder_write(*state, "f.cfg", content), errors));
}

static void
test_absent_keys_have_their_defaults(void **state)
{
    struct config *config = load(state, DIRECTORY);

    assert_int_equal(config->interval_ms, 60000);
    assert_int_equal(config->max_age_ms, 600000);
    assert_int_equal(config->limit_flows, 20000);
    assert_int_equal(config->limit_label_length, 128);
    assert_true(config->metrics_layer_denies);
    assert_true(config->metrics_decision_priority);
    assert_true(config->metrics_changes);
    assert_int_equal(config->n_flows, 0);
    assert_int_equal(config->engine.n_on_premises, 0);
    assert_false(config->engine.has_internet_excludes);
    assert_false(config->engine.empty_asg_no_match);
    assert_true(config->source.admin_rules);
    config_unref(config);
}

static void
test_max_age_is_ten_intervals_unless_given(void **state)
{
    struct config *config = load(state, DIRECTORY "interval = \"7s\";");

    assert_int_equal(config->interval_ms, 7000);
    assert_int_equal(config->max_age_ms, 70000);
    config_unref(config);

    config = load(state, DIRECTORY "interval = \"7s\"; max_age = \"8s\";");

    assert_int_equal(config->max_age_ms, 8000);
    config_unref(config);
}

static void
test_paths_are_relative_to_the_file(void **state)
{
    struct config *config = load(state, DIRECTORY);

    assert_string_equal(config->source.path, folder_path(*state, "estate"));
    config_unref(config);

    config =
        load(state, "source = { kind = \"directory\"; path = \"/data\"; };");

    assert_string_equal(config->source.path, "/data");
    config_unref(config);
}

static void
test_azure_source_is_read(void **state)
{
    struct config *config = load(
        state,
        "source = { kind = \"azure\"; cloud = \"azurechina\"; ca_file = "
        "\"ca.pem\"; request_timeout = \"1m\"; admin_rules = \"off\";\n"
        "credential = { kind = \"client_certificate\"; tenant_id = \"t\"; "
        "client_id = \"c\"; certificate_file = \"/etc/c.pem\"; "
        "certificate_password_file = \"p\"; algorithm = \"RS256\"; };\n"
        "subscriptions = ( { id = \"" ID "1\"; alias = \"prod\"; }, { id = "
        "\"" ID "2\"; } );\n"
        "refresh = { service_tags = \"1d\"; admin_rules = \"10m\"; }; };");
    const struct config_source *source = &config->source;

    assert_int_equal(source->kind, SOURCE_AZURE);
    assert_string_equal(source->cloud, "AzureChina");
    assert_string_equal(source->ca_file, folder_path(*state, "ca.pem"));
    assert_int_equal(source->request_timeout_ms, 60000);
    assert_false(source->admin_rules);
    assert_int_equal(source->credential.kind, CREDENTIAL_CLIENT_CERTIFICATE);
    assert_string_equal(source->credential.tenant_id, "t");
    assert_string_equal(source->credential.client_id, "c");
    assert_string_equal(source->credential.certificate_file, "/etc/c.pem");
    assert_string_equal(source->credential.certificate_password_file,
                        folder_path(*state, "p"));
    assert_string_equal(source->credential.algorithm, "RS256");
    assert_string_equal(source->credential.secret_file, "");
    assert_int_equal(source->n_subscriptions, 2);
    assert_string_equal(source->subscriptions[0].alias, "prod");
    assert_string_equal(source->subscriptions[1].alias, ID "2");
    assert_int_equal(source->refresh_service_tags_ms, 24 * 3600 * 1000);
    assert_int_equal(source->refresh_admin_rules_ms, 600000);
    config_unref(config);
}

static void
test_credentials_take_what_they_need(void **state)
{
    static const char *const credentials[] = {
        "kind = \"client_secret\"; tenant_id = \"t\"; client_id = \"c\"; "
        "secret_file = \"s\";",
        "kind = \"client_secret\"; tenant_id = \"t\"; client_id = \"c\"; "
        "secret_file = \"flowverify-production-client-secret\";",
        "kind = \"workload_identity\";",
        "kind = \"workload_identity\"; tenant_id = \"t\"; client_id = \"c\"; "
        "token_file = \"/var/run/secrets/azure/tokens/azure-identity-token\";",
        "kind = \"managed_identity\"; client_id = \"\";",
        "kind = \"managed_identity\"; object_id = \"o\";",
        "kind = \"managed_identity\"; resource_id = \"/subscriptions/x\";",
        "kind = \"azure_cli\"; tenant_id = \"t\";",
        "kind = \"environment\";",
    };

    for (size_t i = 0; i < COUNT_OF(credentials); i++) {
        struct text content;
        text_init(&content);
        text_printf(&content,
                    "source = { kind = \"azure\"; credential = { %s };\n"
                    "subscriptions = ( { id = \"" ID "1\"; } ); };",
                    credentials[i]);

        struct config *config = load(state, content.data);

        config_unref(config);
        text_clear(&content);
    }
}

static void
test_custom_cloud_takes_https_and_loopback_http(void **state)
{
    static const char *const good[] = {
        "https://arm.example",    "https://arm.example:8443/sub/",
        "https://[2001:db8::1]",  "http://localhost:8080/",
        "http://127.0.0.2:1",     "http://[::1]:8080",
        "HTTPS://arm.example///",
    };

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct text content;
        text_init(&content);
        text_printf(&content,
                    "source = { kind = \"azure\"; cloud = \"custom\"; "
                    "arm_endpoint = \"%s\"; authority = \"%s\"; audience = "
                    "\"https://a/\"; credential = { kind = \"azure_cli\"; };\n"
                    "subscriptions = ( { id = \"" ID "1\"; } ); };",
                    good[i], good[i]);

        struct config *config = load(state, content.data);

        size_t length = strlen(config->source.arm_endpoint);
        assert_true(config->source.arm_endpoint[length - 1] != '/');
        assert_string_equal(config->source.audience, "https://a/");
        config_unref(config);
        text_clear(&content);
    }
}

static void
test_network_is_read(void **state)
{
    struct config *config = load(
        state, DIRECTORY
        "network = { on_premises = (\n"
        "{ virtual_network = \"rg/hub\"; prefixes = [ \"192.168.1.9/16\", "
        "\"2001:db8::/32\" ]; },\n"
        "{ virtual_network = \"other\"; prefixes = [ ]; } );\n"
        "internet_excludes = [ ]; empty_asg = \"no_match\"; };");
    const struct engine_settings *engine = &config->engine;
    struct address address;

    assert_int_equal(engine->n_on_premises, 2);
    assert_string_equal(engine->on_premises[0].virtual_network, "rg/hub");
    assert_true(address_parse("192.168.0.1", &address));
    assert_true(
        address_set_contains(engine->on_premises[0].prefixes, address));
    assert_true(address_parse("2001:db8::1", &address));
    assert_true(
        address_set_contains(engine->on_premises[0].prefixes, address));
    assert_true(address_set_is_empty(engine->on_premises[1].prefixes));
    assert_true(engine->has_internet_excludes);
    assert_true(address_set_is_empty(engine->internet_excludes));
    assert_true(engine->empty_asg_no_match);
    config_unref(config);
}

static void
test_switches_are_read(void **state)
{
    struct config *config = load(
        state, DIRECTORY "metrics = { layer_denies = false; "
                         "decision_priority = false; changes = false; };\n"
                         "limits = { flows = 7; label_length = 64; };");

    assert_false(config->metrics_layer_denies);
    assert_false(config->metrics_decision_priority);
    assert_false(config->metrics_changes);
    assert_int_equal(config->limit_flows, 7);
    assert_int_equal(config->limit_label_length, 64);
    config_unref(config);
}

static void
test_all_errors_are_reported_in_file_order(void **state)
{
    struct text errors;
    struct text expected;

    load_bad(state,
             "flows = (\n"
             "  { name = \"a\"; nic = \"n\"; },\n"
             "  { name = \"a\"; from = { }; } );\n"
             "metrics = 5;\n"
             "source = { kind = \"directory\"; };\n"
             "interval = \"1s\";\n",
             &errors);

    const char *path = folder_path(*state, "f.cfg");
    text_init(&expected);
    text_printf(&expected,
                "%s:2: flow \"a\": direction is missing\n"
                "%s:2: flow \"a\": remote_address is missing (\"*\" is any)\n"
                "%s:2: flow \"a\": protocol is missing\n"
                "%s:3: flow \"a\": from needs nic, vm or address\n"
                "%s:3: flow \"a\": to is missing\n"
                "%s:3: flow \"a\": protocol is missing\n"
                "%s:3: name: \"a\" is taken by the flow at %s:2\n"
                "%s:4: metrics: 5 is an integer, not a group\n"
                "%s:5: path is missing in source\n"
                "%s:6: interval: \"1s\" is too short, the least is 5s\n",
                path, path, path, path, path, path, path, path, path, path,
                path);
    assert_string_equal(errors.data, expected.data);
    text_clear(&errors);
    text_clear(&expected);
}

static void
test_a_file_that_cannot_be_read_is_named(void **state)
{
    struct text errors;

    text_init(&errors);
    assert_null(config_load("/nowhere/f.cfg", &errors));
    assert_string_equal(errors.data, "/nowhere/f.cfg:1: cannot read the file: "
                                     "No such file or directory\n");
    text_reset(&errors);

    assert_null(config_load(*state, &errors));

    assert_non_null(strstr(errors.data, ":1: cannot read the file: it is a "
                                        "folder\n"));
    text_clear(&errors);
}

static void
test_a_nul_byte_is_no_end_of_file(void **state)
{
    static const char content[] = DIRECTORY "flows = ( );\n\0 junk";
    struct text errors;

    text_init(&errors);
    const char *path =
        folder_write_bytes(*state, "f.cfg", content, sizeof content - 1);

    assert_null(config_load(path, &errors));

    assert_non_null(strstr(errors.data, "f.cfg:3: syntax error: a NUL byte"));
    text_clear(&errors);
}

/* Editors on Windows put one there. */
static void
test_a_byte_order_mark_is_skipped(void **state)
{
    static const char flow[] = "\xef\xbb\xbf"
                               "flows = ( { name = \"a\"; nic = \"n\"; "
                               "direction = \"Inbound\"; protocol = \"*\"; "
                               "remote_address = \"*\"; } );";

    folder_write(*state, "team.cfg", flow);
    struct config *config = load(state, "\xef\xbb\xbf" DIRECTORY
                                        "flows_files = [ \"team.cfg\" ];");

    assert_int_equal(config->source.kind, SOURCE_DIRECTORY);
    assert_int_equal(config->n_flows, 1);
    config_unref(config);
}

/* That one, libconfig reads by itself. */
static void
test_a_byte_order_mark_of_an_included_file_is_named(void **state)
{
    struct text errors;

    folder_write(*state, "more.cfg",
                 "\xef\xbb\xbf"
                 "interval = \"60s\";");
    load_bad(state, DIRECTORY "@include \"more.cfg\"\n", &errors);

    assert_non_null(strstr(errors.data, "/more.cfg:1: @include takes no byte "
                                        "order mark; save the file as UTF-8 "
                                        "without\n"));
    text_clear(&errors);
}

static void
test_the_limit_of_flows_counts_all(void **state)
{
    struct text errors;

    load_bad(state,
             DIRECTORY
             "limits = { flows = 1; };\nflows = (\n"
             "{ name = \"a\"; nic = \"n\"; direction = \"Inbound\"; protocol "
             "= \"*\"; remote_address = \"*\"; },\n"
             "{ name = \"b\"; nic = \"n\"; direction = \"Inbound\"; protocol "
             "= \"*\"; remote_address = \"*\"; } );",
             &errors);

    assert_non_null(
        strstr(errors.data,
               "f.cfg:5: flow \"b\" is one more than limits.flows, 1\n"));
    text_clear(&errors);
}

static void
test_the_hash_is_of_the_content(void **state)
{
    struct config *first = load(state, DIRECTORY);
    struct config *same = load(state, DIRECTORY);
    struct config *other = load(state, DIRECTORY " ");

    assert_true(hash_equal(first->hash, same->hash));
    assert_false(hash_equal(first->hash, other->hash));
    config_unref(first);
    config_unref(same);
    config_unref(other);
}

static void
test_a_directory_replaces_the_source(void **state)
{
    struct text errors;

    text_init(&errors);
    const char *path = folder_write(*state, "f.cfg", "interval = \"5s\";");

    struct config *config = config_load_with_directory(path, "data", &errors);

    assert_string_equal(errors.data, "");
    assert_int_equal(config->source.kind, SOURCE_DIRECTORY);
    assert_string_equal(config->source.path, "data");
    config_unref(config);
    text_clear(&errors);
}

static void
test_a_directory_alone_has_the_defaults(void **state)
{
    (void) state;

    struct config *config = config_for_directory("data");

    assert_int_equal(config->source.kind, SOURCE_DIRECTORY);
    assert_string_equal(config->source.path, "data");
    assert_int_equal(config->interval_ms, 60000);
    assert_int_equal(config->n_flows, 0);
    assert_non_null(config->flows);
    config_unref(config);
}

static void
test_references_keep_a_configuration(void **state)
{
    struct config *config = load(state, DIRECTORY);

    assert_ptr_equal(config_ref(config), config);
    config_unref(config);
    assert_int_equal(config->interval_ms, 60000);
    config_unref(config);
    config_unref(NULL);
    assert_null(config_ref(NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_absent_keys_have_their_defaults),
        FOLDER_TEST(test_max_age_is_ten_intervals_unless_given),
        FOLDER_TEST(test_paths_are_relative_to_the_file),
        FOLDER_TEST(test_azure_source_is_read),
        FOLDER_TEST(test_credentials_take_what_they_need),
        FOLDER_TEST(test_custom_cloud_takes_https_and_loopback_http),
        FOLDER_TEST(test_network_is_read),
        FOLDER_TEST(test_switches_are_read),
        FOLDER_TEST(test_all_errors_are_reported_in_file_order),
        FOLDER_TEST(test_a_file_that_cannot_be_read_is_named),
        FOLDER_TEST(test_a_nul_byte_is_no_end_of_file),
        FOLDER_TEST(test_a_byte_order_mark_is_skipped),
        FOLDER_TEST(test_a_byte_order_mark_of_an_included_file_is_named),
        FOLDER_TEST(test_the_limit_of_flows_counts_all),
        FOLDER_TEST(test_the_hash_is_of_the_content),
        FOLDER_TEST(test_a_directory_replaces_the_source),
        FOLDER_TEST(test_a_directory_alone_has_the_defaults),
        FOLDER_TEST(test_references_keep_a_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
