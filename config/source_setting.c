#include "config/source_setting.h"

#include <string.h>

#include "config/credential_setting.h"
#include "config/config.h"
#include "config/setting.h"
#include "config/url.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"

enum { GUID_LENGTH = 36, DURATION_MIN_MS = 1 };

static void check_kind(struct reader *reader, const config_setting_t *group,
                       enum source_kind kind);
static void read_cloud(struct reader *reader, const config_setting_t *group,
                       struct config_source *source);
static void read_subscriptions(struct reader *reader,
                               const config_setting_t *group,
                               struct config_source *source);
static bool is_guid(const char *word);

void
source_setting_read(struct reader *reader, const config_setting_t *group,
                    struct config_source *source)
{
    static const char *const kinds[] = { "azure", "directory" };
    static const char *const admin_rules[] = { "required", "off" };

    if (group) {
        setting_check_keys(reader, group, "source");
        setting_require(reader, group, "source.kind");
    }
    size_t kind = setting_choice(reader, group, "source.kind", kinds, 2);
    source->kind = kind == SOURCE_DIRECTORY ? SOURCE_DIRECTORY : SOURCE_AZURE;
    if (group && kind < 2) {
        check_kind(reader, group, source->kind);
    }
    source->path = setting_path(reader, group, "source.path");
    source->ca_file = setting_path(reader, group, "source.ca_file");
    read_cloud(reader, group, source);
    credential_setting_read(reader, setting_member(group, "source.credential"),
                            &source->credential);
    read_subscriptions(reader, group, source);
    source->admin_rules =
        setting_choice(reader, group, "source.admin_rules", admin_rules, 2)
        != 1;
    source->request_timeout_ms = setting_duration(
        reader, group, "source.request_timeout", DURATION_MIN_MS);
    const config_setting_t *refresh = setting_member(group, "source.refresh");
    if (refresh) {
        setting_check_keys(reader, refresh, "source.refresh");
    }
    source->refresh_service_tags_ms = setting_duration(
        reader, refresh, "source.refresh.service_tags", DURATION_MIN_MS);
    source->refresh_admin_rules_ms = setting_duration(
        reader, refresh, "source.refresh.admin_rules", DURATION_MIN_MS);
}

/* Which keys each kind of source needs and allows. */
static void
check_kind(struct reader *reader, const config_setting_t *group,
           enum source_kind kind)
{
    static const struct {
        const char *path;
        enum source_kind kind;
        bool required;
    } rows[] = {
        { "source.path", SOURCE_DIRECTORY, true },
        { "source.cloud", SOURCE_AZURE, false },
        { "source.arm_endpoint", SOURCE_AZURE, false },
        { "source.authority", SOURCE_AZURE, false },
        { "source.audience", SOURCE_AZURE, false },
        { "source.credential", SOURCE_AZURE, true },
        { "source.ca_file", SOURCE_AZURE, false },
        { "source.request_timeout", SOURCE_AZURE, false },
        { "source.subscriptions", SOURCE_AZURE, true },
        { "source.refresh", SOURCE_AZURE, false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].kind == kind) {
            if (rows[i].required) {
                setting_require(reader, group, rows[i].path);
            }
            continue;
        }
        const config_setting_t *setting = setting_member(group, rows[i].path);
        if (setting) {
            reader_problem(reader, setting_place(reader, setting),
                           "%s does not go with kind \"%s\"",
                           config_setting_name(setting),
                           kind == SOURCE_AZURE ? "azure" : "directory");
        }
    }
}

/* Reads an address of a custom cloud, without a slash at its end. */
static const char *
read_url(struct reader *reader, const config_setting_t *group,
         const char *path)
{
    const char *url = setting_string(reader, group, path);
    const char *cause;

    if (!*url) {
        return url;
    }
    if (!url_check(url, &cause)) {
        const config_setting_t *setting = setting_member(group, path);
        reader_problem(reader, setting_place(reader, setting), "%s: \"%s\" %s",
                       config_setting_name(setting),
                       url_without_user(reader->scratch, url), cause);
    }
    size_t length = strlen(url);
    while (length && url[length - 1] == '/') {
        length--;
    }
    return arena_strndup(reader->arena, url, length);
}

static void
read_cloud(struct reader *reader, const config_setting_t *group,
           struct config_source *source)
{
    static const char *const clouds[] = { "AzurePublic", "AzureUSGovernment",
                                          "AzureChina", "custom" };
    static const char *const paths[] = { "source.arm_endpoint",
                                         "source.authority",
                                         "source.audience" };
    enum { CUSTOM = 3, N_CLOUDS };
    size_t cloud =
        setting_choice(reader, group, "source.cloud", clouds, N_CLOUDS);

    source->cloud = clouds[cloud < N_CLOUDS ? cloud : 0];
    source->arm_endpoint = read_url(reader, group, paths[0]);
    source->authority = read_url(reader, group, paths[1]);
    source->audience = setting_string(reader, group, paths[2]);
    if (!group || source->kind != SOURCE_AZURE || cloud == N_CLOUDS) {
        return;
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const config_setting_t *setting = setting_member(group, paths[i]);
        if (cloud == CUSTOM) {
            setting_require(reader, group, paths[i]);
        } else if (setting && *config_setting_get_string(setting)) {
            reader_problem(reader, setting_place(reader, setting),
                           "%s needs cloud = \"custom\"",
                           config_setting_name(setting));
        }
    }
}

static void
read_subscription(struct reader *reader, const config_setting_t *group,
                  struct config_subscription *subscription)
{
    const char *id = setting_string(reader, group, "source.subscriptions.id");
    const char *alias =
        setting_string(reader, group, "source.subscriptions.alias");

    setting_check_keys(reader, group, "source.subscriptions");
    setting_require(reader, group, "source.subscriptions.id");
    if (*id && !is_guid(id)) {
        reader_problem(
            reader,
            setting_place(reader,
                          setting_member(group, "source.subscriptions.id")),
            "id: \"%s\" is no GUID", id);
    }
    *subscription = (struct config_subscription){ id, *alias ? alias : id };
}

/* Reports a subscription whose id or alias another one has: both name the
 * scope of its feeds. */
static void
check_unique(struct reader *reader, const config_setting_t *group,
             const struct config_source *source,
             const struct config_subscription *subscription)
{
    for (size_t i = 0; i < source->n_subscriptions; i++) {
        const struct config_subscription *other = &source->subscriptions[i];
        if (*subscription->id && ascii_equal(other->id, subscription->id)) {
            reader_problem(reader, setting_place(reader, group),
                           "id: \"%s\" is there twice", subscription->id);
        } else if (*subscription->alias
                   && !strcmp(other->alias, subscription->alias)) {
            reader_problem(reader, setting_place(reader, group),
                           "alias: \"%s\" is there twice",
                           subscription->alias);
        }
    }
}

static void
read_subscriptions(struct reader *reader, const config_setting_t *group,
                   struct config_source *source)
{
    const config_setting_t *list =
        setting_member(group, "source.subscriptions");
    int n = list ? config_setting_length(list) : 0;
    struct config_subscription *subscriptions = arena_alloc_array(
        reader->arena, (size_t) n + 1, sizeof *subscriptions);

    source->subscriptions = subscriptions;
    if (list && !n) {
        reader_problem(reader, setting_place(reader, list),
                       "subscriptions: the list is empty");
    }
    for (int i = 0; i < n; i++) {
        const config_setting_t *group_i =
            config_setting_get_elem(list, (unsigned int) i);
        if (!config_setting_is_group(group_i)) {
            reader_problem(reader, setting_place(reader, list),
                           "subscriptions: entry %d is not a group", i + 1);
            continue;
        }
        struct config_subscription *subscription =
            &subscriptions[source->n_subscriptions];
        read_subscription(reader, group_i, subscription);
        check_unique(reader, group_i, source, subscription);
        source->n_subscriptions++;
    }
}

static bool
is_guid(const char *word)
{
    if (strlen(word) != GUID_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < GUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? word[i] != '-'
                 : !strchr("0123456789abcdefABCDEF", word[i])) {
            return false;
        }
    }
    return true;
}
