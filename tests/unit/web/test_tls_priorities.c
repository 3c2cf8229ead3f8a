/* Go's names of versions, suites and curves in the words of GnuTLS. */

#include "tests/support/test.h"

#include <string.h>

#include <gnutls/gnutls.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/web/tls_priorities.h"
#include "exporter/web/web_config.h"

enum { WORDS_MAX = 3 };

static void
test_cipher_suites_limit_tls_1_2_alone(void **state)
{
    (void) state;
    static const char gcm[] = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    static const char cbc[] = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA";
    static const struct {
        const char *what;
        const char *suites[WORDS_MAX];
        bool rsa;
        int min, max;
        const char *has, *lacks; /* Of what a session begins with. */
        const char *limited;     /* In what TLS 1.2 goes on with; or NULL. */
    } cases[] = {
        { "none named",
          { NULL },
          true,
          12,
          13,
          "1.3:+VERS-TLS1.2",
          "CHACHA",
          NULL },
        { "one named",
          { gcm },
          true,
          12,
          13,
          "1.3:+VERS-TLS1.2",
          "-ALL:+A",
          ":+ECDHE-RSA:+AES-128-GCM:+AEAD" },
        { "of the other key",
          { gcm },
          false,
          12,
          13,
          "TLS1.3",
          "TLS1.2",
          NULL },
        { "for each key",
          { gcm, cbc },
          false,
          12,
          13,
          "TLS1.2",
          "-CIPHER-ALL",
          ":+ECDHE-ECDSA:+AES-256-CBC:+SHA1" },
        { "of TLS 1.3",
          { "TLS_AES_128_GCM_SHA256" },
          true,
          12,
          13,
          "TLS1.3",
          "TLS1.2",
          NULL },
        { "only TLS 1.3", { gcm }, true, 13, 13, "TLS1.3", "TLS1.2", NULL },
        { "only TLS 1.2",
          { gcm },
          true,
          12,
          12,
          "TLS1.2",
          "TLS1.3",
          "+AES-128-GCM" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct web_config config = { .min_version = cases[i].min,
                                     .max_version = cases[i].max };
        config.cipher_suites.words = cases[i].suites;
        while (config.cipher_suites.n < WORDS_MAX
               && cases[i].suites[config.cipher_suites.n]) {
            config.cipher_suites.n++;
        }
        struct text whole, limited;
        struct error error;
        gnutls_priority_t priority;
        text_init(&whole);
        text_init(&limited);

        assert_true(tls_priorities_make(&config, cases[i].rsa, &whole,
                                        &limited, &error));

        if (!strstr(whole.data, cases[i].has)
            || strstr(whole.data, cases[i].lacks)
            || (limited.length > 0) != (cases[i].limited != NULL)
            || !strstr(limited.data,
                       cases[i].limited ? cases[i].limited : "")) {
            fail_msg("%s: '%s', '%s'", cases[i].what, whole.data,
                     limited.data);
        }
        assert_int_equal(gnutls_priority_init(&priority, whole.data, NULL), 0);
        gnutls_priority_deinit(priority);
        if (limited.length) {
            assert_int_equal(
                gnutls_priority_init(&priority, limited.data, NULL), 0);
            gnutls_priority_deinit(priority);
        }
        text_clear(&whole);
        text_clear(&limited);
    }
}

static void
test_what_cannot_be_spoken_is_refused(void **state)
{
    (void) state;
    static const char *const rsa[] = {
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    };
    static const char *const unknown[] = { "TLS_RSA_WITH_RC4_128_SHA" };
    static const struct {
        struct web_words suites, curves;
        int max;
        const char *error;
    } cases[] = {
        { { unknown, 1 },
          { NULL, 0 },
          13,
          "cipher suite 'TLS_RSA_WITH_RC4_128_SHA' is not known" },
        { { NULL, 0 },
          { unknown, 1 },
          13,
          "curve 'TLS_RSA_WITH_RC4_128_SHA' is not known" },
        { { rsa, 1 }, { NULL, 0 }, 12, "no cipher suite fits the key" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct web_config config = {
            .min_version = TLS_VERSION_12,
            .max_version = cases[i].max,
            .cipher_suites = cases[i].suites,
            .curve_preferences = cases[i].curves,
        };
        struct text whole, limited;
        struct error error;
        text_init(&whole);
        text_init(&limited);

        assert_false(
            tls_priorities_make(&config, false, &whole, &limited, &error));

        assert_string_equal(error.message, cases[i].error);
        text_clear(&whole);
        text_clear(&limited);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cipher_suites_limit_tls_1_2_alone),
        cmocka_unit_test(test_what_cannot_be_spoken_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
