#include "config/network_setting.h"

#include "config/setting.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/compile/settings.h"

static void read_on_premises(struct reader *reader,
                             const config_setting_t *group,
                             struct engine_settings *settings);
static struct address_set read_prefixes(struct reader *reader,
                                        const struct words *words,
                                        bool ipv4_only);

void
network_setting_read(struct reader *reader, const config_setting_t *group,
                     struct engine_settings *settings)
{
    static const char *const empty_asg[] = { "ignore", "no_match" };

    if (group) {
        setting_check_keys(reader, group, "network");
    }
    read_on_premises(reader, group, settings);
    struct words excludes =
        setting_words(reader, group, "network.internet_excludes");
    settings->has_internet_excludes = excludes.given;
    settings->internet_excludes = read_prefixes(reader, &excludes, true);
    settings->empty_asg_no_match =
        setting_choice(reader, group, "network.empty_asg", empty_asg, 2) == 1;
}

static void
read_on_premises(struct reader *reader, const config_setting_t *group,
                 struct engine_settings *settings)
{
    const config_setting_t *list =
        setting_member(group, "network.on_premises");
    int n = list ? config_setting_length(list) : 0;
    struct on_premises *entries =
        arena_alloc_array(reader->arena, (size_t) n + 1, sizeof *entries);

    settings->on_premises = entries;
    for (int i = 0; i < n; i++) {
        const config_setting_t *entry =
            config_setting_get_elem(list, (unsigned int) i);
        if (!config_setting_is_group(entry)) {
            reader_problem(reader, setting_place(reader, list),
                           "on_premises: entry %d is not a group", i + 1);
            continue;
        }
        setting_check_keys(reader, entry, "network.on_premises");
        setting_require(reader, entry, "network.on_premises.virtual_network");
        const char *name = setting_string(
            reader, entry, "network.on_premises.virtual_network");
        for (size_t j = 0; j < settings->n_on_premises; j++) {
            if (*name && ascii_equal(entries[j].virtual_network, name)) {
                reader_problem(reader, setting_place(reader, entry),
                               "virtual_network: \"%s\" is there twice", name);
            }
        }
        setting_require(reader, entry, "network.on_premises.prefixes");
        struct words prefixes =
            setting_words(reader, entry, "network.on_premises.prefixes");
        entries[settings->n_on_premises++] =
            (struct on_premises){ name,
                                  read_prefixes(reader, &prefixes, false) };
    }
}

static struct address_set
read_prefixes(struct reader *reader, const struct words *words, bool ipv4_only)
{
    struct address_list list;

    address_list_init(&list);
    for (size_t i = 0; i < words->n; i++) {
        const char *word = words->list[i].text;
        struct address_range range;
        if (!prefix_parse(word, &range)) {
            reader_problem(reader, words->place,
                           "%s: \"%s\" is no address or CIDR", words->key,
                           word);
        } else if (ipv4_only && range.family != FAMILY_IPV4) {
            reader_problem(reader, words->place,
                           "%s: \"%s\" is not IPv4; the IPv6 part of the tag "
                           "Internet is 2000::/3",
                           words->key, word);
        } else {
            address_list_add(&list, range);
        }
    }
    return address_list_finish(&list, reader->arena);
}
