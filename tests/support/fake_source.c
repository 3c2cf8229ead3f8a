#include "tests/support/fake_source.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/parse/parse.h"
#include "tests/support/test.h"

#define NETWORK                                                               \
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/"

static struct fake_source *
fake_of(struct source *source)
{
    return (struct fake_source *) source;
}

static const struct collection *
fake_collect(struct source *source, const struct config *config)
{
    struct fake_source *fake = fake_of(source);
    int64_t now_ms = fake->clock->wall_ms(fake->clock);
    struct collection *collection = &fake->collection;

    (void) config;
    pthread_mutex_lock(&fake->lock);
    fake->n_collects++;
    pthread_cond_broadcast(&fake->released);
    while (fake->hangs && !fake->interrupted) {
        pthread_cond_wait(&fake->released, &fake->lock);
    }
    fake->interrupted = false;
    pthread_mutex_unlock(&fake->lock);

    *collection = (struct collection){
        .parts = (const struct network_part *const *) fake->parts,
        .n_parts = fake->n_parts,
        .feeds = fake->feeds,
        .n_feeds = N_FEEDS,
        .changed = fake->changed,
        .complete = true,
        .succeeded = true,
        .absent = ADMIN_RULES_ABSENT_IS_NONE,
        .findings = fake->findings,
        .n_findings = fake->n_findings,
    };
    fake->changed = false;
    for (int i = 0; i < N_FEEDS; i++) {
        struct feed_state *feed = &fake->feeds[i];
        feed->last_attempt_ms = now_ms;
        feed->up = !fake->fails[i];
        feed->error = fake->fails[i] ? "HTTP 503" : "";
        if (feed->up) {
            feed->last_success_ms = now_ms;
            feed->has_data = true;
        }
        collection->succeeded &= feed->up;
        collection->complete &= feed->has_data;
    }
    return collection;
}

static const struct feed_state *
fake_feeds(const struct source *source, size_t *n)
{
    *n = N_FEEDS;
    return ((const struct fake_source *) source)->feeds;
}

static void
fake_interrupt(struct source *source)
{
    struct fake_source *fake = fake_of(source);

    pthread_mutex_lock(&fake->lock);
    fake->interrupted = true;
    pthread_cond_broadcast(&fake->released);
    pthread_mutex_unlock(&fake->lock);
}

static void
fake_destroy(struct source *source)
{
    struct fake_source *fake = fake_of(source);

    for (size_t i = 0; i < fake->n_parts; i++) {
        arena_unref(fake->parts[i]->arena);
    }
    if (fake->n_destroyed) {
        (*fake->n_destroyed)++;
    }
    pthread_cond_destroy(&fake->released);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

struct fake_source *
fake_source_create(struct clock *clock)
{
    static const struct source_class class = {
        .collect = fake_collect,
        .feeds = fake_feeds,
        .interrupt = fake_interrupt,
        .destroy = fake_destroy,
    };
    struct fake_source *fake = memory_calloc(1, sizeof *fake);

    fake->source.class = &class;
    fake->clock = clock;
    pthread_mutex_init(&fake->lock, NULL);
    pthread_cond_init(&fake->released, NULL);
    for (int i = 0; i < N_FEEDS; i++) {
        fake->feeds[i] = (struct feed_state){ .feed = (enum feed) i,
                                              .scope = "test",
                                              .error = "" };
    }
    return fake;
}

static size_t
find_label(const struct fake_source *fake, const char *label)
{
    size_t i = 0;

    while (i < fake->n_parts && strcmp(fake->labels[i], label)) {
        i++;
    }
    return i;
}

void
fake_source_put(struct fake_source *fake, const char *label, const char *json)
{
    struct parse_request request = { .label = label };
    struct text findings;
    struct parse_result result = { .findings = &findings };
    struct error error;
    size_t i = find_label(fake, label);

    if (i < fake->n_parts) {
        arena_unref(fake->parts[i]->arena);
        fake->n_parts--;
        fake->parts[i] = fake->parts[fake->n_parts];
        fake->labels[i] = fake->labels[fake->n_parts];
    }
    fake->changed = true;
    if (!json) {
        return;
    }
    for (size_t k = 0; k < N_FEEDS; k++) {
        request.origins[k] = (uint16_t) k;
    }
    text_init(&findings);
    if (!parse_document(&request, json, strlen(json), &result, &error)) {
        fail_msg("%s", error.message);
    }
    assert_string_equal(findings.data, "");
    text_clear(&findings);
    fake->labels[fake->n_parts] = label;
    fake->parts[fake->n_parts++] = result.part;
}

void
fake_source_hang(struct fake_source *fake, bool hangs)
{
    pthread_mutex_lock(&fake->lock);
    fake->hangs = hangs;
    pthread_cond_broadcast(&fake->released);
    pthread_mutex_unlock(&fake->lock);
}

unsigned int
fake_source_collects(struct fake_source *fake)
{
    pthread_mutex_lock(&fake->lock);
    unsigned int n = fake->n_collects;
    pthread_mutex_unlock(&fake->lock);
    return n;
}

void
fake_source_await(struct fake_source *fake, unsigned int n)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->n_collects < n) {
        pthread_cond_wait(&fake->released, &fake->lock);
    }
    pthread_mutex_unlock(&fake->lock);
}

void
fake_source_put_estate(struct fake_source *fake)
{
    fake_source_put(
        fake, "vnet",
        "{\"id\":\"" NETWORK "virtualNetworks/vnet\",\"name\":\"vnet\","
        "\"type\":\"Microsoft.Network/virtualNetworks\",\"properties\":{"
        "\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/16\"]},"
        "\"subnets\":[{\"id\":\"" NETWORK "virtualNetworks/vnet/subnets/web\","
        "\"name\":\"web\",\"properties\":{\"addressPrefix\":\"10.0.0.0/24\","
        "\"networkSecurityGroup\":{\"id\":\"" NETWORK
        "networkSecurityGroups/nsg-web\"}}}]}}");
    fake_source_put(
        fake, "nic",
        "{\"id\":\"" NETWORK "networkInterfaces/nic-web\","
        "\"name\":\"nic-web\",\"type\":\"Microsoft.Network/"
        "networkInterfaces\","
        "\"properties\":{\"ipConfigurations\":[{\"name\":\"ip\","
        "\"properties\":{\"primary\":true,\"privateIPAddress\":\"10.0.0.4\","
        "\"subnet\":{\"id\":\"" NETWORK
        "virtualNetworks/vnet/subnets/web\"}}}]}}");
}

void
fake_source_put_rule(struct fake_source *fake, const char *rule,
                     const char *access)
{
    struct text json;

    text_init(&json);
    text_printf(&json,
                "{\"id\":\"" NETWORK "networkSecurityGroups/nsg-web\","
                "\"name\":\"nsg-web\","
                "\"type\":\"Microsoft.Network/networkSecurityGroups\","
                "\"properties\":{\"securityRules\":[{"
                "\"id\":\"" NETWORK
                "networkSecurityGroups/nsg-web/securityRules/%s\","
                "\"name\":\"%s\",\"properties\":{\"priority\":100,"
                "\"direction\":\"Inbound\",\"access\":\"%s\","
                "\"protocol\":\"Tcp\",\"sourceAddressPrefix\":\"*\","
                "\"sourcePortRange\":\"*\","
                "\"destinationAddressPrefix\":\"*\","
                "\"destinationPortRange\":\"443\"}}]}}",
                rule, rule, access);
    fake_source_put(fake, "nsg", json.data);
    text_clear(&json);
}
