#include "config/credential_setting.h"

#include <stdbool.h>
#include <string.h>

#include "config/config.h"
#include "config/setting.h"
#include "engine/base/ascii.h"

enum {
    KIND_SECRET = 1 << CREDENTIAL_CLIENT_SECRET,
    KIND_CERTIFICATE = 1 << CREDENTIAL_CLIENT_CERTIFICATE,
    KIND_WORKLOAD = 1 << CREDENTIAL_WORKLOAD_IDENTITY,
    KIND_MANAGED = 1 << CREDENTIAL_MANAGED_IDENTITY,
    KIND_CLI = 1 << CREDENTIAL_AZURE_CLI
};

static const char *const kinds[] = {
    [CREDENTIAL_CLIENT_SECRET] = "client_secret",
    [CREDENTIAL_CLIENT_CERTIFICATE] = "client_certificate",
    [CREDENTIAL_WORKLOAD_IDENTITY] = "workload_identity",
    [CREDENTIAL_MANAGED_IDENTITY] = "managed_identity",
    [CREDENTIAL_AZURE_CLI] = "azure_cli",
    [CREDENTIAL_ENVIRONMENT] = "environment",
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* What each kind takes and needs.  A workload identity finds what is absent
 * in AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE;
 * "environment" takes everything from there. */
static const struct {
    const char *path;
    unsigned int allowed;
    unsigned int required;
} rows[] = {
    { "source.credential.tenant_id",
      KIND_SECRET | KIND_CERTIFICATE | KIND_WORKLOAD | KIND_CLI,
      KIND_SECRET | KIND_CERTIFICATE },
    { "source.credential.client_id",
      KIND_SECRET | KIND_CERTIFICATE | KIND_WORKLOAD | KIND_MANAGED,
      KIND_SECRET | KIND_CERTIFICATE },
    { "source.credential.object_id", KIND_MANAGED, 0 },
    { "source.credential.resource_id", KIND_MANAGED, 0 },
    { "source.credential.secret_file", KIND_SECRET, KIND_SECRET },
    { "source.credential.certificate_file", KIND_CERTIFICATE,
      KIND_CERTIFICATE },
    { "source.credential.certificate_password_file", KIND_CERTIFICATE, 0 },
    { "source.credential.token_file", KIND_WORKLOAD, 0 },
    { "source.credential.algorithm", KIND_CERTIFICATE, 0 },
};

static void check_kind(struct reader *reader, const config_setting_t *group,
                       size_t kind);
static void check_identity(struct reader *reader,
                           const config_setting_t *group);
static const char *read_file_name(struct reader *reader,
                                  const config_setting_t *group,
                                  const char *path);

void
credential_setting_read(struct reader *reader, const config_setting_t *group,
                        struct config_credential *credential)
{
    static const char *const algorithms[] = { "PS256", "RS256" };
    size_t kind = CREDENTIAL_MANAGED_IDENTITY;

    if (group) {
        setting_check_keys(reader, group, "source.credential");
        setting_require(reader, group, "source.credential.kind");
        kind = setting_choice(reader, group, "source.credential.kind", kinds,
                              N_KINDS);
        check_kind(reader, group, kind);
    }
    size_t algorithm = setting_choice(
        reader, group, "source.credential.algorithm", algorithms, 2);
    *credential = (struct config_credential){
        .kind = (enum credential_kind)(kind < N_KINDS ? kind : 0),
        .tenant_id =
            setting_string(reader, group, "source.credential.tenant_id"),
        .client_id =
            setting_string(reader, group, "source.credential.client_id"),
        .object_id =
            setting_string(reader, group, "source.credential.object_id"),
        .resource_id =
            setting_string(reader, group, "source.credential.resource_id"),
        .secret_file =
            read_file_name(reader, group, "source.credential.secret_file"),
        .certificate_file = read_file_name(
            reader, group, "source.credential.certificate_file"),
        .certificate_password_file = read_file_name(
            reader, group, "source.credential.certificate_password_file"),
        .token_file =
            read_file_name(reader, group, "source.credential.token_file"),
        .algorithm = algorithms[algorithm == 1],
    };
}

static void
check_kind(struct reader *reader, const config_setting_t *group, size_t kind)
{
    if (kind == N_KINDS) {
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const config_setting_t *setting = setting_member(group, rows[i].path);
        if (rows[i].required & 1U << kind) {
            setting_require(reader, group, rows[i].path);
        } else if (!(rows[i].allowed & 1U << kind) && setting
                   && *config_setting_get_string(setting)) {
            reader_problem(reader, setting_place(reader, setting),
                           "%s does not go with the credential \"%s\"",
                           config_setting_name(setting), kinds[kind]);
        }
    }
    if (kind == CREDENTIAL_MANAGED_IDENTITY) {
        check_identity(reader, group);
    }
}

/* A managed identity is named in one way. */
static void
check_identity(struct reader *reader, const config_setting_t *group)
{
    static const char *const paths[] = { "source.credential.client_id",
                                         "source.credential.object_id",
                                         "source.credential.resource_id" };
    const char *first = NULL;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const config_setting_t *setting = setting_member(group, paths[i]);
        if (!setting || !*config_setting_get_string(setting)) {
            continue;
        }
        if (first) {
            reader_problem(reader, setting_place(reader, setting),
                           "%s: \"%s\" beside %s, give one",
                           config_setting_name(setting),
                           config_setting_get_string(setting), first);
        } else {
            first = config_setting_name(setting);
        }
    }
}

/* Returns true if the word is no file name but a secret in its place: a
 * token, a key, or a long word of all kinds of characters, without slash and
 * dot. */
static bool
looks_secret(const char *word)
{
    enum { SECRET_LENGTH = 24 };

    bool mixed = strlen(word) >= SECRET_LENGTH && !strpbrk(word, "/.")
                 && strpbrk(word, "0123456789")
                 && strpbrk(word, "abcdefghijklmnopqrstuvwxyz")
                 && strpbrk(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /* Entra's client secrets have a '~' in them. */
    return mixed || ascii_starts_with(word, "eyJ")
           || strstr(word, "-----BEGIN") || strchr(word, '~');
}

static const char *
read_file_name(struct reader *reader, const config_setting_t *group,
               const char *path)
{
    const config_setting_t *setting = setting_member(group, path);

    if (setting && looks_secret(config_setting_get_string(setting))) {
        reader_problem(reader, setting_place(reader, setting),
                       "%s: the value looks like a secret, not like the name "
                       "of a file; a secret is never written here",
                       config_setting_name(setting));
        return "";
    }
    return setting_path(reader, group, path);
}
