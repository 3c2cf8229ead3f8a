/* The web configuration: the toolkit's keys, and an error for all else. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/error.h"
#include "exporter/web/web_config.h"

#define HASH "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"

static struct web_config *
parse(const char *text, struct error *error)
{
    return web_config_parse("dir/web.yml", text, strlen(text), error);
}

static void
test_all_keys_are_read(void **state)
{
    (void) state;
    struct error error;
    struct web_config *config =
        parse("---\n"
              "# a comment\n"
              "tls_server_config:\n"
              "  # another one: indented\n"
              "  cert_file: server.pem   # beside this file\n"
              "  key_file: '/etc/keys/server key.pem'\n"
              "  client_auth_type: RequireAndVerifyClientCert\n"
              "  client_ca_file: \"ca.pem\"\n"
              "  client_allowed_sans:\n"
              "  - prometheus.example\n"
              "  - 192.0.2.1\n"
              "  min_version: TLS13\n"
              "  max_version: TLS13\n"
              "  cipher_suites: [TLS_AES_128_GCM_SHA256, "
              "\"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\"]\n"
              "  curve_preferences: []\n"
              "http_server_config:\n"
              "  http2: false\n"
              "  headers:\n"
              "    X-Frame-Options: deny\n"
              "    Strict-Transport-Security: max-age=31536000; a #b\n"
              "basic_auth_users:\n"
              "    alice: " HASH "\n"
              "    \"bob\": '" HASH "'\n"
              "rate_limit:\n"
              "  interval: 1s\n"
              "  burst: 20\n",
              &error);
    if (!config) {
        fail_msg("%s", error.message);
        return;
    }

    assert_string_equal(config->cert_file, "dir/server.pem");
    assert_string_equal(config->key_file, "/etc/keys/server key.pem");
    assert_string_equal(config->client_ca_file, "dir/ca.pem");
    assert_int_equal(config->client_auth, CLIENT_AUTH_REQUIRE_AND_VERIFY);
    assert_int_equal(config->client_allowed_sans.n, 2);
    assert_string_equal(config->client_allowed_sans.words[1], "192.0.2.1");
    assert_int_equal(config->min_version, TLS_VERSION_13);
    assert_int_equal(config->cipher_suites.n, 2);
    assert_int_equal(config->curve_preferences.n, 0);
    assert_int_equal(config->n_headers, 2);
    assert_string_equal(config->headers[1].value, "max-age=31536000; a");
    assert_int_equal(config->n_users, 2);
    assert_string_equal(config->users[1].name, "bob");
    assert_string_equal(config->users[1].hash, HASH);
    assert_int_equal(config->rate_interval_ms, 1000);
    assert_int_equal(config->rate_burst, 20);
    web_config_unref(config);
}

static void
test_an_empty_file_protects_nothing(void **state)
{
    (void) state;
    static const char *const texts[] = { "",
                                         "\n\n",
                                         "# only this\n",
                                         "---\n",
                                         "\xef\xbb\xbf# Windows\n---\n",
                                         "basic_auth_users:\n",
                                         "basic_auth_users: {}\n" };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct web_config *config = parse(texts[i], &error);
        assert_non_null(config);
        assert_null(config->cert_file);
        assert_int_equal(config->n_users, 0);
        web_config_unref(config);
    }
}

/* What programs write: JSON, or the brackets of a one-line template. */
static void
test_brackets_mean_the_same_as_indentation(void **state)
{
    (void) state;
    static const char *const texts[] = {
        "{\"tls_server_config\": {\"cert_file\": \"c.pem\",\n"
        "  \"key_file\":\"k.pem\", \"client_allowed_sans\":\n"
        "  [\"a\",\n \"b\"], \"client_auth_type\": \"RequireClientCert\"},\n"
        "\"basic_auth_users\": {\"alice\":\"" HASH "\"},\n"
        "\"http_server_config\": {\"http2\": true, \"headers\": {}}}\n",
        "tls_server_config: { cert_file: c.pem, key_file: k.pem,  # here\n"
        "  client_allowed_sans: [ a, 'b' ],\n"
        "\n"
        "  client_auth_type: RequireAnyClientCert }\n"
        "basic_auth_users: {alice: " HASH "}\n"
        "http_server_config: {http2: Yes, headers: ~}\n"
        "rate_limit: {interval: 0s, burst: 0}\n",
    };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct web_config *config = parse(texts[i], &error);
        if (!config) {
            fail_msg("%zu: %s", i, error.message);
            return;
        }
        assert_string_equal(config->cert_file, "dir/c.pem");
        assert_string_equal(config->key_file, "dir/k.pem");
        assert_int_equal(config->client_auth, CLIENT_AUTH_REQUIRE_ANY);
        assert_int_equal(config->client_allowed_sans.n, 2);
        assert_string_equal(config->client_allowed_sans.words[1], "b");
        assert_int_equal(config->n_users, 1);
        assert_string_equal(config->users[0].name, "alice");
        assert_string_equal(config->users[0].hash, HASH);
        assert_int_equal(config->rate_interval_ms, 0);
        web_config_unref(config);
    }
}

static void
test_keys_may_stand_in_the_file_itself(void **state)
{
    (void) state;
    struct error error;
    struct web_config *config =
        parse("tls_server_config:\n"
              "  cert: |\n"
              "    -----BEGIN CERTIFICATE-----\n"
              "    # not: a comment\n"
              "\n"
              "    -----END CERTIFICATE-----\n"
              "\n"
              "  key: \"one\\ntwo\\n\"\n"
              "  client_ca: |-\r\n"
              "     three\r\n"
              "      four\r\n"
              "  # a comment\n"
              "  client_auth_type: RequireAndVerifyClientCert\n"
              "  client_allowed_sans: []\n",
              &error);
    if (!config) {
        fail_msg("%s", error.message);
        return;
    }

    assert_true(web_config_has_tls(config));
    assert_null(config->cert_file);
    assert_string_equal(config->cert,
                        "-----BEGIN CERTIFICATE-----\n# not: a comment\n\n"
                        "-----END CERTIFICATE-----\n");
    assert_string_equal(config->key, "one\ntwo\n");
    assert_string_equal(config->client_ca, "three\n four");
    /* Nobody's name is in an empty list. */
    assert_non_null(config->client_allowed_sans.words);
    assert_int_equal(config->client_allowed_sans.n, 0);
    web_config_unref(config);
}

static void
test_each_mistake_names_its_line(void **state)
{
    (void) state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        { "x: 1\n", "dir/web.yml:1: unknown key 'x'" },
        { "\ntls_server_config:\n  cert_path: a\n",
          "dir/web.yml:3: unknown key 'cert_path'" },
        { "tls_server_config: a\n",
          "dir/web.yml:1: 'tls_server_config' is not a mapping" },
        { "tls_server_config:\n  cert_file: [a]\n",
          "dir/web.yml:2: 'cert_file' is not a word" },
        { "tls_server_config:\n  cert_file: a\n",
          "dir/web.yml: a certificate and a key belong together" },
        { "tls_server_config:\n  min_version: TLS10\n",
          "dir/web.yml:2: min_version: neither TLS12 nor TLS13, which alone "
          "are "
          "spoken" },
        { "tls_server_config:\n  client_auth_type: Maybe\n",
          "dir/web.yml:2: client_auth_type: no type of the toolkit" },
        { "tls_server_config:\n  cert_file: a\n  key_file: b\n"
          "  client_ca_file: c\n",
          "dir/web.yml: client_ca_file needs a client_auth_type" },
        { "tls_server_config:\n  cert_file: a\n  key_file: b\n"
          "  client_auth_type: RequireAndVerifyClientCert\n",
          "dir/web.yml: this client_auth_type needs a client_ca_file" },
        { "tls_server_config:\n  cert_file: a\n  key_file: b\n"
          "  client_auth_type: RequestClientCert\n"
          "  client_allowed_sans: [a]\n",
          "dir/web.yml: client_allowed_sans needs a client_auth_type that "
          "requires a certificate" },
        { "tls_server_config:\n  cert_file: a\n  key_file: b\n"
          "  min_version: TLS13\n  max_version: TLS12\n",
          "dir/web.yml: min_version is above max_version" },
        { "basic_auth_users:\n  alice: hunter2\n",
          "dir/web.yml:2: alice: not a bcrypt hash" },
        { "basic_auth_users:\n  'a:b': " HASH "\n",
          "dir/web.yml:2: a:b: a user's name holds no colon" },
        { "http_server_config:\n  http2: maybe\n",
          "dir/web.yml:2: http2: neither true nor false" },
        { "http_server_config:\n  headers:\n    Server: x\n",
          "dir/web.yml:3: Server: a header that cannot be set" },
        { "http_server_config:\n  headers:\n    X-Frame-Options: all\n",
          "dir/web.yml:3: X-Frame-Options: no value of this header" },
        { "rate_limit:\n  interval: 1s\n",
          "dir/web.yml: interval of rate_limit needs a burst" },
        { "rate_limit:\n  burst: -1\n",
          "dir/web.yml:2: burst: not a number of 0 to 1000000" },
        { "rate_limit:\n  interval: soon\n",
          "dir/web.yml:2: interval: not a duration like 1s" },
        { "a: 1\na: 2\n", "dir/web.yml:2: 'a' is given twice" },
        { "a:\n\tb: 1\n", "dir/web.yml:2: a tab indents" },
        { "a:\n    b: 1\n  c: 2\n",
          "dir/web.yml:3: the indentation does not fit" },
        { "a\n", "dir/web.yml:1: 'key: value' is expected" },
        { "- a\n", "dir/web.yml:1: a mapping is expected" },
        { "a: 'x\n", "dir/web.yml:1: a quote is not closed" },
        { "a: \"x\" y\n", "dir/web.yml:1: something follows the value" },
        { "a: &x b\n", "dir/web.yml:1: this part of YAML is not supported" },
        { "a: |2\n  b\n",
          "dir/web.yml:1: this part of YAML is not supported" },
        { "a: >\n  b\n", "dir/web.yml:1: this part of YAML is not supported" },
        { "\na: {b: c\n", "dir/web.yml:2: the mapping does not end in '}'" },
        { "a: {b:\n c, b: d}\n", "dir/web.yml:2: 'b' is given twice" },
        { "a: {b c}\n", "dir/web.yml:1: 'key: value' is expected" },
        { "a: {b: c}}\n", "dir/web.yml:1: something follows the value" },
        { "a: [[b]]\n", "dir/web.yml:1: a list holds words only" },
        { "a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}\n",
          "dir/web.yml:1: it is nested too deep" },
        { "a: [b, c\n", "dir/web.yml:1: the list does not end in ']'" },
        { "a: b: c\n", "dir/web.yml:1: a value with ': ' needs quotes" },
        { "a: \"\\x41\"\n", "dir/web.yml:1: this escape is not supported" },
        { "a:\n- b: c\n", "dir/web.yml:2: a list holds words only" },
    };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct web_config *config = parse(cases[i].text, &error);
        if (config || strcmp(error.message, cases[i].error) != 0) {
            fail_msg("%s: got '%s'", cases[i].error,
                     config ? "(read)" : error.message);
        }
    }
}

static void
test_a_message_never_shows_a_password(void **state)
{
    (void) state;
    struct error error;

    assert_null(parse("basic_auth_users:\n  alice: hunter2\n", &error));

    assert_null(strstr(error.message, "hunter2"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_keys_are_read),
        cmocka_unit_test(test_an_empty_file_protects_nothing),
        cmocka_unit_test(test_brackets_mean_the_same_as_indentation),
        cmocka_unit_test(test_keys_may_stand_in_the_file_itself),
        cmocka_unit_test(test_each_mistake_names_its_line),
        cmocka_unit_test(test_a_message_never_shows_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
