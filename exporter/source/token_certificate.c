#include "exporter/source/token_certificate.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/source/token_kind.h"

enum { FILE_MAX = 256 * 1024, KEY_ID_BYTES = 32 };

/* What a file holds, in the order in which it stands there. */
struct content {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t *certificates; /* Memory of GnuTLS, as its members. */
    unsigned int n;
};

static bool read_password(const struct token_settings *settings,
                          struct text *password, struct error *error);
static bool read_content(const char *path, const char *password,
                         struct content *content);
static bool read_file(const char *path, struct text *bytes);
static bool read_pem(const gnutls_datum_t *bytes, const char *password,
                     struct content *content);
static bool read_pkcs12(const gnutls_datum_t *bytes, const char *password,
                        struct content *content);
static void content_clear(struct content *content);
static bool put_own_first(struct content *content);
static bool take(struct token_certificate *certificate,
                 struct content *content);

bool
token_certificate_load(struct token_certificate *certificate,
                       const struct token_settings *settings,
                       struct error *error)
{
    const char *path = settings->certificate_file;
    struct content content = { .key = NULL };
    struct text password;
    bool loaded = false;

    if (!path[0]) {
        return error_set(error, "neither certificate_file nor "
                                "AZURE_CLIENT_CERTIFICATE_PATH is set");
    }
    text_init(&password);
    if (!read_password(settings, &password, error)) {
        /* The file was named. */
    } else if (!read_content(path, password.data, &content)
               || gnutls_x509_privkey_get_pk_algorithm(content.key)
                      != GNUTLS_PK_RSA) {
        error_set(error,
                  "%s: cannot be read, or holds no RSA key with its "
                  "certificate, or the password is wrong",
                  path);
    } else if (!put_own_first(&content)) {
        error_set(error, "%s: the key is not the certificate's", path);
    } else if (!take(certificate, &content)) {
        error_set(error, "%s: the key cannot be used", path);
    } else {
        loaded = true;
    }
    content_clear(&content);
    token_wipe(&password);
    return loaded;
}

void
token_certificate_clear(struct token_certificate *certificate)
{
    struct content content = { .certificates = certificate->chain,
                               .n = certificate->n };

    gnutls_privkey_deinit(certificate->key);
    content_clear(&content);
    *certificate = (struct token_certificate){ .key = NULL };
}

static bool
read_password(const struct token_settings *settings, struct text *password,
              struct error *error)
{
    const char *variable = getenv(settings->password_variable);

    if (settings->certificate_password_file[0]) {
        return token_read_file(settings->certificate_password_file, password,
                               error);
    }
    if (variable) {
        text_append(password, variable);
    }
    return true;
}

static bool
read_content(const char *path, const char *password, struct content *content)
{
    struct text file;

    text_init(&file);
    bool got = read_file(path, &file);
    gnutls_datum_t bytes = { .data = (unsigned char *) file.data,
                             .size = (unsigned int) file.length };
    got = got
          && (read_pem(&bytes, password, content)
              || read_pkcs12(&bytes, password, content));
    token_wipe(&file);
    return got;
}

static bool
read_file(const char *path, struct text *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    /* Once, so that no copy of a key stays behind where it grew. */
    char *room = memory_alloc(FILE_MAX);
    size_t size = 0;
    ssize_t n = -1;

    while (fd >= 0 && size < FILE_MAX
           && (n = read(fd, room + size, FILE_MAX - size)) > 0) {
        size += (size_t) n;
    }
    if (fd >= 0) {
        close(fd);
    }
    text_append_bytes(bytes, room, size);
    explicit_bzero(room, size);
    free(room);
    return n == 0;
}

/* Takes all certificates of the file, in its order. */
static bool
read_pem(const gnutls_datum_t *bytes, const char *password,
         struct content *content)
{
    if (gnutls_x509_privkey_init(&content->key) == 0
        && gnutls_x509_privkey_import2(content->key, bytes,
                                       GNUTLS_X509_FMT_PEM,
                                       password[0] ? password : NULL, 0)
               == 0
        && gnutls_x509_crt_list_import2(&content->certificates, &content->n,
                                        bytes, GNUTLS_X509_FMT_PEM, 0)
               == 0) {
        return true;
    }
    content_clear(content);
    return false;
}

/* Certificates that lead to no root come apart from those that do. */
static bool
parse_pkcs12(gnutls_pkcs12_t file, const char *password,
             struct content *content)
{
    gnutls_x509_crt_t *others = NULL;
    unsigned int n_others = 0;

    content_clear(content);
    if (gnutls_pkcs12_simple_parse(
            file, password, &content->key, &content->certificates, &content->n,
            &others, &n_others, NULL, GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED)
        != 0) {
        return false;
    }
    gnutls_x509_crt_t *all = gnutls_realloc(
        content->certificates, (content->n + n_others + 1) * sizeof *all);
    if (!all) {
        abort(); /* Memory is gone. */
    }
    for (unsigned int i = 0; i < n_others; i++) {
        all[content->n++] = others[i];
    }
    content->certificates = all;
    gnutls_free(others);
    return content->key && content->n;
}

/* No password is an empty one to some programs, and none to others. */
static bool
read_pkcs12(const gnutls_datum_t *bytes, const char *password,
            struct content *content)
{
    gnutls_pkcs12_t file = NULL;

    bool got =
        gnutls_pkcs12_init(&file) == 0
        && gnutls_pkcs12_import(file, bytes, GNUTLS_X509_FMT_DER, 0) == 0
        && (parse_pkcs12(file, password, content)
            || (!password[0] && parse_pkcs12(file, NULL, content)));
    gnutls_pkcs12_deinit(file);
    return got;
}

static void
content_clear(struct content *content)
{
    gnutls_x509_privkey_deinit(content->key);
    /* Where GnuTLS failed, it may have counted what it then gave back. */
    for (unsigned int i = 0; content->certificates && i < content->n; i++) {
        gnutls_x509_crt_deinit(content->certificates[i]);
    }
    gnutls_free(content->certificates);
    *content = (struct content){ .key = NULL };
}

/* Files with the authorities before the certificate exist. */
static bool
put_own_first(struct content *content)
{
    unsigned char key_id[KEY_ID_BYTES];
    unsigned char id[KEY_ID_BYTES];
    size_t size = sizeof key_id;

    if (gnutls_x509_privkey_get_key_id(content->key, GNUTLS_KEYID_USE_SHA256,
                                       key_id, &size)
        != 0) {
        return false;
    }
    for (unsigned int i = 0; i < content->n; i++) {
        gnutls_x509_crt_t own = content->certificates[i];
        size = sizeof id;
        if (gnutls_x509_crt_get_key_id(own, GNUTLS_KEYID_USE_SHA256, id, &size)
                == 0
            && memcmp(id, key_id, sizeof id) == 0) {
            memmove(content->certificates + 1, content->certificates,
                    i * sizeof *content->certificates);
            content->certificates[0] = own;
            return true;
        }
    }
    return false;
}

/* What was taken is no longer in 'content'. */
static bool
take(struct token_certificate *certificate, struct content *content)
{
    if (gnutls_privkey_init(&certificate->key) != 0
        || gnutls_privkey_import_x509(certificate->key, content->key,
                                      GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE)
               != 0) {
        return false;
    }
    certificate->chain = content->certificates;
    certificate->n = content->n;
    *content = (struct content){ .key = NULL };
    return true;
}
