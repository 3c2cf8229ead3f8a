/* The configuration file, read and checked (spec interfaces,
 * "Configuration").
 *
 * Errors: all of a file are reported, each as one line "FILE:LINE: cause".
 * Threads: a loaded configuration is immutable; references count atomically. */

#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/hash.h"
#include "engine/compile/settings.h"
#include "engine/model/flow.h"

struct arena;
struct text;

struct config_label {
    const char *name; /* Without the "label_" that metrics put before it. */
    const char *value;
};

enum flow_direction { FLOW_INBOUND, FLOW_OUTBOUND, FLOW_BOTH };

/* One entry of 'flows'. */
struct config_flow {
    struct flow flow;
    const char *description;
    bool expect_allow; /* "allow"; otherwise "deny". */
    enum flow_direction direction;
    const struct config_label *labels; /* Sorted by name. */
    size_t n_labels;
    /* As flow_info shows them; "" where there is nothing to say. */
    const char *protocol_text; /* "Tcp", "Tcp,Udp", "*" */
    const char *source_text;   /* Address text, or the NIC's or VM's
                                        * reference. */
    const char *source_port_text;
    const char *destination_text;
    const char *destination_port_text;
    const char *nic_text; /* The NIC or VM reference that is judged; of a
                           * two-sided flow "from -> to". */
    const char *file;
    unsigned int line;
};

enum source_kind { SOURCE_AZURE, SOURCE_DIRECTORY };

enum credential_kind {
    CREDENTIAL_CLIENT_SECRET,
    CREDENTIAL_CLIENT_CERTIFICATE,
    CREDENTIAL_WORKLOAD_IDENTITY,
    CREDENTIAL_MANAGED_IDENTITY,
    CREDENTIAL_AZURE_CLI,
    CREDENTIAL_ENVIRONMENT
};

/* Strings are "" where the file says nothing. */
struct config_credential {
    enum credential_kind kind;
    const char *tenant_id;
    const char *client_id;
    const char *object_id;
    const char *resource_id;
    const char *secret_file;
    const char *certificate_file;
    const char *certificate_password_file;
    const char *token_file;
    const char *algorithm; /* "PS256" (the default) or "RS256". */
};

struct config_subscription {
    const char *id;
    const char *alias; /* The id if none was given. */
};

struct config_source {
    enum source_kind kind;
    const char *path;         /* Directory source; absolute or relative to the
                       * working directory, resolved against the file. */
    const char *cloud;        /* "AzurePublic" ... "custom" */
    const char *arm_endpoint; /* Without a trailing slash. */
    const char *authority;
    const char *audience;
    const char *ca_file;
    struct config_credential credential;
    int64_t request_timeout_ms;
    const struct config_subscription *subscriptions;
    size_t n_subscriptions;
    bool admin_rules; /* "required"; false: "off". */
    int64_t refresh_service_tags_ms;
    int64_t refresh_admin_rules_ms;
};

struct config {
    const char *path; /* Of the main file. */
    struct hash hash; /* Of the content of all files. */
    int64_t interval_ms;
    int64_t max_age_ms;
    struct config_source source;
    struct engine_settings engine; /* network = { ... } */
    size_t limit_flows;
    size_t limit_label_length;
    bool metrics_layer_denies;
    bool metrics_decision_priority;
    bool metrics_changes;
    const struct config_flow *flows; /* In the order of the files. */
    size_t n_flows;
};

/* Reads the file at 'path' and those it names.  Returns NULL if anything is
 * wrong; then 'errors' has one line for each thing, ending in newlines.
 * The caller owns one reference. */
struct config *config_load(const char *path, struct text *errors);

/* The same, with the source replaced: for commands that are given a folder
 * (--source=DIR). */
struct config *config_load_with_directory(const char *path, const char *dir,
                                          struct text *errors);

/* A configuration without flows that reads the folder 'dir'. */
struct config *config_for_directory(const char *dir);

/* Appends a line "FILE: warning: cause" for each thing that is no error but
 * will hardly do what its author wants: such as a file with a secret that
 * cannot be read here and now. */
void config_warn(const struct config *config, struct text *warnings);

/* Keeps of the flows those whose names belong to shard number 'shard', from
 * 0, of 'n_shards'.  To be called before others see the configuration. */
void config_keep_shard(struct config *config, size_t shard, size_t n_shards);

struct config *config_ref(const struct config *config);
void config_unref(const struct config *config);

/* Reads one flow from words, as the command line and the API give them.  An
 * empty or NULL word is absent.  'flow' lives in 'arena'. */
struct config_flow_words {
    const char *nic;
    const char *vm;
    const char *direction;
    const char *protocol;
    const char *local_address;
    const char *local_port;
    const char *remote_address;
    const char *remote_port;
};
struct error;
bool config_flow_from_words(const struct config_flow_words *words,
                            struct arena *arena, struct config_flow *flow,
                            struct error *error);

/* Reads a duration as Prometheus writes it: "30s", "5m", "1h30m", "500ms". */
bool duration_parse(const char *word, int64_t *duration_ms);

/* Walks the table of keys that the loader knows: for man page and tests. */
struct config_key {
    const char *path;     /* "source.credential.kind", "flows.local_port" */
    const char *type;     /* "string", "integer", "duration", "boolean", ... */
    const char *standard; /* Default as text; "" if none. */
    const char *help;     /* One sentence. */
};
size_t config_keys(const struct config_key **table);

#endif
