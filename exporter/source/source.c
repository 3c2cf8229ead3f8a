#include "exporter/source/source.h"

#include <string.h>

#include "config/config.h"

/* The members that are strings, of the settings and of the credential. */
static const size_t words[] = {
    offsetof(struct config_source, path),
    offsetof(struct config_source, cloud),
    offsetof(struct config_source, arm_endpoint),
    offsetof(struct config_source, authority),
    offsetof(struct config_source, audience),
    offsetof(struct config_source, ca_file),
    offsetof(struct config_source, credential.tenant_id),
    offsetof(struct config_source, credential.client_id),
    offsetof(struct config_source, credential.object_id),
    offsetof(struct config_source, credential.resource_id),
    offsetof(struct config_source, credential.secret_file),
    offsetof(struct config_source, credential.certificate_file),
    offsetof(struct config_source, credential.certificate_password_file),
    offsetof(struct config_source, credential.token_file),
    offsetof(struct config_source, credential.algorithm),
};

struct source *
source_create(const struct config *config, const char *storage,
              struct clock *clock, struct error *error)
{
    switch (config->source.kind) {
    case SOURCE_AZURE: return azure_create(config, storage, clock, error);
    case SOURCE_DIRECTORY: break;
    }
    return directory_create(config, clock);
}

const struct collection *
source_stored(struct source *source)
{
    return source->class->stored ? source->class->stored(source) : NULL;
}

const struct feed_state *
source_feeds(const struct source *source, size_t *n)
{
    return source->class->feeds(source, n);
}

const struct collection *
source_collect(struct source *source, const struct config *config)
{
    return source->class->collect(source, config);
}

void
source_interrupt(struct source *source)
{
    if (source->class->interrupt) {
        source->class->interrupt(source);
    }
}

void
source_add_flow(struct source *source, const struct flow *flow)
{
    if (source->class->add_flow) {
        source->class->add_flow(source, flow);
    }
}

void
source_destroy(struct source *source)
{
    if (source) {
        source->class->destroy(source);
    }
}

static bool
word_equal(const struct config_source *a, const struct config_source *b,
           size_t offset)
{
    const char *left;
    const char *right;

    memcpy(&left, (const unsigned char *) a + offset, sizeof left);
    memcpy(&right, (const unsigned char *) b + offset, sizeof right);
    return strcmp(left ? left : "", right ? right : "") == 0;
}

static bool
subscriptions_equal(const struct config_source *a,
                    const struct config_source *b)
{
    if (a->n_subscriptions != b->n_subscriptions) {
        return false;
    }
    for (size_t i = 0; i < a->n_subscriptions; i++) {
        if (strcmp(a->subscriptions[i].id, b->subscriptions[i].id)
            || strcmp(a->subscriptions[i].alias, b->subscriptions[i].alias)) {
            return false;
        }
    }
    return true;
}

bool
source_settings_equal(const struct config *left, const struct config *right)
{
    const struct config_source *a = &left->source;
    const struct config_source *b = &right->source;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!word_equal(a, b, words[i])) {
            return false;
        }
    }
    return a->kind == b->kind && a->credential.kind == b->credential.kind
           && a->request_timeout_ms == b->request_timeout_ms
           && a->admin_rules == b->admin_rules
           && a->refresh_service_tags_ms == b->refresh_service_tags_ms
           && a->refresh_admin_rules_ms == b->refresh_admin_rules_ms
           && left->interval_ms == right->interval_ms
           && subscriptions_equal(a, b);
}
