/* Assertions of a certificate credential, from files that the openssl command
 * made in the forms that people have, judged by that command, too. */

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/source/token_kind.h"
#include "tests/support/file.h"
#include "tests/support/folder.h"

#define PASSWORD "p%ss w\xc3\xb6rd"

/* A key whose certificate an intermediate authority signed, an EC key, and
 * the forms that other programs write them in. */
static const char script[] =
    "exec >/dev/null 2>&1; set -e\n"
    "P='" PASSWORD "'\n"
    "new() { openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=$1"
    " -keyout $1.key -out $1.crt; }\n"
    "new root\n"
    "new other\n"
    "openssl req -newkey rsa:2048 -nodes -subj /CN=app -keyout k -out csr\n"
    "openssl x509 -req -in csr -CA root.crt -CAkey root.key -CAcreateserial"
    " -days 9 -out c\n"
    "openssl rsa -in k -traditional -out traditional\n"
    "openssl rsa -in k -traditional -aes256 -passout \"pass:$P\" -out locked\n"
    "openssl pkcs8 -topk8 -in k -passout \"pass:$P\" -out locked8\n"
    "cat k c >key-first\n"
    "cat c k >certificate-first\n"
    "cat k root.crt c >root-before\n"
    "cat k c root.crt >chain\n"
    "cat traditional c >rsa\n"
    "cat locked c >rsa-locked\n"
    "cat locked8 c >pkcs8-locked\n"
    "sed 's/$/\\r/' key-first >crlf\n"
    "pfx() { out=$1; shift; openssl pkcs12 -export -inkey k -in c"
    " -certfile root.crt -out $out \"$@\"; }\n"
    "pfx pfx -passout \"pass:$P\"\n"
    "pfx pfx-open -passout pass:\n"
    "pfx pfx-3des -passout \"pass:$P\" -keypbe PBE-SHA1-3DES"
    " -certpbe PBE-SHA1-3DES -macalg sha1\n"
    "openssl pkcs12 -in pfx -passin \"pass:$P\" -nodes -out bags\n"
    "cat k other.crt >mismatch\n"
    "cat c >keyless\n"
    "cat k >certless\n"
    ": >empty\n"
    "sed 5d c | cat k - >garbled\n"
    "sed 5d c | cat k root.crt - >garbled-later\n"
    "head -c 500 pfx >cut\n"
    "head -c 300000 /dev/zero >large\n"
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    " -days 9 -subj /CN=ec -keyout ec.key -out ec.crt\n"
    "cat ec.key ec.crt >ec\n"
    "openssl x509 -in c -pubkey -noout >public\n"
    "openssl x509 -in c -outform DER >der\n"
    "openssl x509 -in root.crt -outform DER >root.der\n"
    "openssl dgst -sha256 -binary der >sha256\n"
    "openssl dgst -sha1 -binary der >sha1\n";

static bool
run(const char *folder, const char *commands)
{
    struct text line;

    text_init(&line);
    text_printf(&line, "cd '%s'\n%s", folder, commands);
    int code = system(line.data);
    text_clear(&line);
    return code == 0;
}

static int
make_files(void **state)
{
    int code = folder_setup(state);

    return code ? code
           : system("command -v openssl >/dev/null") != 0
                   || run(*state, script)
               ? 0
               : -1;
}

/* Without the command there is nothing to judge. */
static void
need_openssl(const char *folder)
{
    struct stat status;

    if (stat(folder_path(folder, "sha1"), &status) != 0) {
        print_message("skipped: the openssl command is not installed\n");
        skip();
    }
}

static bool
assertion_of(const char *folder, const char *file, const char *password,
             struct token_settings *settings, struct text *assertion,
             struct error *error)
{
    char path[512];
    char password_path[512];

    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(password_path, sizeof password_path, "%s",
             password ? folder_write(folder, "password", password) : "");
    settings->client_id = "app-id";
    settings->certificate_file = path;
    settings->certificate_password_file = password_path;
    settings->password_variable = "FLOWVERIFY_TEST_NO_SUCH_VARIABLE";
    return token_assertion(settings, "https://login.example/t", 1800000000,
                           assertion, error);
}

/* Returns how many bytes the 'length' digits stand for. */
static size_t
decode(const char *digits, size_t length, unsigned char *bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789-_";
    uint32_t word = 0;
    unsigned int bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        const char *found = strchr(alphabet, digits[i]);
        assert_true(found && *found);
        word = word << 6 | (uint32_t) (found - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[n++] = (unsigned char) (word >> bits);
        }
    }
    return n;
}

/* Takes the three parts of an assertion apart: 'header' and 'claims' become
 * strings, what was signed and the signature become files. */
static void
take_apart(const char *folder, const struct text *assertion, char *header,
           char *claims)
{
    unsigned char signature[1024];
    const char *first = strchr(assertion->data, '.');
    assert_non_null(first);
    const char *last = strchr(first + 1, '.');
    assert_non_null(last);

    header[decode(assertion->data, (size_t) (first - assertion->data),
                  (unsigned char *) header)] = '\0';
    claims[decode(first + 1, (size_t) (last - first - 1),
                  (unsigned char *) claims)] = '\0';
    size_t n = decode(last + 1, strlen(last + 1), signature);
    folder_write_bytes(folder, "signed", assertion->data,
                       (size_t) (last - assertion->data));
    folder_write_bytes(folder, "signature", signature, n);
}

static void
assert_print(const char *folder, const char *header, const char *member,
             const char *file)
{
    unsigned char bytes[64];
    char start[32];
    struct text print;

    text_init(&print);
    file_read(folder_path(folder, file), &print);
    snprintf(start, sizeof start, "\"%s\":\"", member);
    const char *value = strstr(header, start);
    assert_non_null(value);
    value += strlen(start);
    size_t n = decode(value, strcspn(value, "\""), bytes);
    assert_int_equal(n, print.length);
    assert_memory_equal(bytes, print.data, n);
    text_clear(&print);
}

static const struct {
    const char *file;
    const char *password;
} forms[] = {
    { "key-first", NULL },
    { "certificate-first", NULL },
    { "root-before", NULL },
    { "chain", NULL },
    { "rsa", NULL },
    { "rsa-locked", PASSWORD },
    { "pkcs8-locked", PASSWORD },
    { "crlf", NULL },
    { "bags", NULL },
    { "pfx", PASSWORD },
    { "pfx-open", NULL },
    { "pfx-3des", PASSWORD },
};

static void
test_every_form_of_file_signs_for_its_certificate(void **state)
{
    need_openssl(*state);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        for (int legacy = 0; legacy <= 1; legacy++) {
            struct token_settings settings = { .legacy_algorithm = legacy };
            char header[4096];
            char claims[1024];
            struct text assertion;
            struct error error = { "" };

            text_init(&assertion);
            if (!assertion_of(*state, forms[i].file, forms[i].password,
                              &settings, &assertion, &error)) {
                fail_msg("%s: %s", forms[i].file, error.message);
            }
            take_apart(*state, &assertion, header, claims);

            if (!run(*state, legacy
                                 ? "openssl dgst -sha256 -verify public "
                                   "-signature signature signed >/dev/null"
                                 : "openssl dgst -sha256 -verify public "
                                   "-sigopt rsa_padding_mode:pss "
                                   "-sigopt rsa_pss_saltlen:32 "
                                   "-signature signature signed >/dev/null")) {
                fail_msg("%s: bad signature", forms[i].file);
            }
            assert_non_null(strstr(header, legacy ? "\"alg\":\"RS256\""
                                                  : "\"alg\":\"PS256\""));
            assert_print(*state, header, legacy ? "x5t" : "x5t#S256",
                         legacy ? "sha1" : "sha256");
            text_clear(&assertion);
        }
    }
}

static void
test_claims_name_the_application_and_the_audience(void **state)
{
    need_openssl(*state);
    struct token_settings settings = { .legacy_algorithm = false };
    char header[4096];
    char claims[1024];
    struct text assertion;
    struct error error;

    text_init(&assertion);
    assert_true(assertion_of(*state, "key-first", NULL, &settings, &assertion,
                             &error));
    take_apart(*state, &assertion, header, claims);

    assert_non_null(strstr(claims, "\"aud\":\"https://login.example/t\""));
    assert_non_null(strstr(claims, "\"iss\":\"app-id\",\"sub\":\"app-id\""));
    assert_non_null(strstr(claims, "\"nbf\":1800000000,\"iat\":1800000000,"
                                   "\"exp\":1800000600}"));
    const char *id = strstr(claims, "\"jti\":\"");
    assert_non_null(id);
    assert_int_equal(strspn(id + 7, "0123456789abcdef-"), 36);
    assert_int_equal(id[7 + 14], '4');
    text_clear(&assertion);
}

/* Where the subject and issuer are trusted instead of one certificate. */
static void
test_the_chain_is_sent_from_the_certificate_on(void **state)
{
    static const struct {
        const char *file;
        const char *password;
    } files[] = { { "chain", NULL },
                  { "root-before", NULL },
                  { "pfx", PASSWORD } };
    need_openssl(*state);
    struct text expected;

    text_init(&expected);
    assert_true(run(*state, "printf '\"x5c\":[\"%s\",\"%s\"]}' "
                            "\"$(base64 -w0 der)\" \"$(base64 -w0 root.der)\""
                            " >x5c"));
    file_read(folder_path(*state, "x5c"), &expected);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct token_settings settings = { .send_chain = true };
        char header[8192];
        char claims[1024];
        struct text assertion;
        struct error error;

        text_init(&assertion);
        assert_true(assertion_of(*state, files[i].file, files[i].password,
                                 &settings, &assertion, &error));
        take_apart(*state, &assertion, header, claims);

        const char *chain = strstr(header, "\"x5c\"");
        assert_non_null(chain);
        assert_string_equal(chain, expected.data);
        text_clear(&assertion);
    }
    text_clear(&expected);
}

static void
test_what_cannot_sign_is_refused_in_one_line(void **state)
{
    static const char unusable[] = "cannot be read, or holds no RSA key with "
                                   "its certificate, or the password is wrong";
    static const struct {
        const char *file;
        const char *password;
        const char *reason;
    } files[] = {
        { "mismatch", NULL, "the key is not the certificate's" },
        { "keyless", NULL, unusable },
        { "certless", NULL, unusable },
        { "empty", NULL, unusable },
        { "garbled", NULL, unusable },
        { "garbled-later", NULL, unusable },
        { "cut", PASSWORD, unusable },
        { "large", NULL, unusable },
        { "missing", NULL, unusable },
        { "ec", NULL, unusable },
        { "rsa-locked", NULL, unusable },
        { "rsa-locked", "wrong", unusable },
        { "pkcs8-locked", "wrong", unusable },
        { "pfx", NULL, unusable },
        { "pfx", "wrong", unusable },
        { "der", NULL, unusable },
    };
    need_openssl(*state);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct token_settings settings = { .legacy_algorithm = false };
        char expected[512];
        struct text assertion;
        struct error error = { "" };

        text_init(&assertion);
        bool made = assertion_of(*state, files[i].file, files[i].password,
                                 &settings, &assertion, &error);

        assert_false(made);
        snprintf(expected, sizeof expected, "%s: %s",
                 folder_path(*state, files[i].file), files[i].reason);
        assert_string_equal(error.message, expected);
        text_clear(&assertion);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_of_file_signs_for_its_certificate),
        cmocka_unit_test(test_claims_name_the_application_and_the_audience),
        cmocka_unit_test(test_the_chain_is_sent_from_the_certificate_on),
        cmocka_unit_test(test_what_cannot_sign_is_refused_in_one_line),
    };

    return cmocka_run_group_tests(tests, make_files, folder_teardown);
}
