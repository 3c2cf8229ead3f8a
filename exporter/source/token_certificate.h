/* The key and the certificates of a certificate credential.  Private to
 * exporter/source/token*.c. */

#ifndef EXPORTER_SOURCE_TOKEN_CERTIFICATE_H
#define EXPORTER_SOURCE_TOKEN_CERTIFICATE_H

#include <stdbool.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

struct error;
struct token_settings;

struct token_certificate {
    gnutls_privkey_t key;     /* RSA. */
    gnutls_x509_crt_t *chain; /* The key's own first. */
    unsigned int n;
};

/* Reads the certificate file of 'settings', PEM or PKCS#12, with its password.
 * What it filled is to be cleared also where it fails. */
bool token_certificate_load(struct token_certificate *certificate,
                            const struct token_settings *settings,
                            struct error *error);
void token_certificate_clear(struct token_certificate *certificate);

#endif
