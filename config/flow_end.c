#include "config/flow_end.h"

#include <string.h>

#include "config/strings.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/model/port.h"

static const char *read_reference(struct reader *reader,
                                  const struct words *words,
                                  const char *segment);
static bool is_tag(const char *word);
static void keep_addresses(struct reader *reader,
                           const struct address_range ranges[], size_t n,
                           struct flow_end *end);

void
flow_end_read_reference(struct reader *reader, const struct words *nic,
                        const struct words *vm, struct flow_end *end)
{
    if (nic->given && vm->given && !vm->bad) {
        reader_problem(reader, vm->place, "%s: \"%s\" beside %s, give one",
                       vm->key, vm->list[0].text, nic->key);
    }
    end->nic = read_reference(reader, nic, "/networkInterfaces/");
    if (!end->nic) {
        end->vm = read_reference(reader, vm, "/virtualMachines/");
    }
}

/* Checks how a NIC or a virtual machine is named.  Whether it exists is known
 * only from the data. */
static const char *
read_reference(struct reader *reader, const struct words *words,
               const char *segment)
{
    if (!words->given || words->bad) {
        return NULL;
    }
    const char *word = words->list[0].text;
    const char *slash = strchr(word, '/');
    bool good;
    if (slash == word) {
        good = ascii_starts_with(word, "/subscriptions/")
               && ascii_find(word, segment) && word[strlen(word) - 1] != '/';
    } else {
        good = *word && (!slash || (slash[1] && !strchr(slash + 1, '/')));
    }
    if (!good) {
        reader_problem(reader, words->place,
                       "%s: \"%s\" is not an ARM id, a "
                       "\"resource-group/name\" or a name",
                       words->key, word);
    }
    return strings_share(reader->strings, word);
}

void
flow_end_read_own_addresses(struct reader *reader, const struct words *words,
                            struct flow_end *end)
{
    if (!words->given) {
        return;
    }
    if (!words->n && !words->bad) {
        reader_problem(reader, words->place, "%s: the list is empty",
                       words->key);
    }
    struct address_range *ranges =
        arena_alloc_array(reader->scratch, words->n + 1, sizeof *ranges);
    size_t n = 0;
    for (size_t i = 0; i < words->n; i++) {
        const char *word = words->list[i].text;
        struct address address;
        struct address_range range;
        if (!strcmp(word, "*")) {
            end->any = true;
        } else if (address_parse(word, &address)) {
            ranges[n++] =
                (struct address_range){ address.family,
                                        { address.value, address.value } };
        } else if (address_range_parse(word, &range)) {
            reader_problem(reader, words->place,
                           "%s: \"%s\" is a range, give single addresses of "
                           "the NIC or \"*\"",
                           words->key, word);
        } else {
            reader_problem(reader, words->place, "%s: \"%s\" is no address",
                           words->key, word);
        }
    }
    if (!end->any) {
        keep_addresses(reader, ranges, n, end);
    }
}

void
flow_end_read_addresses(struct reader *reader, const struct words *words,
                        struct flow_end *end)
{
    if (!words->given) {
        return;
    }
    if (!words->n && !words->bad) {
        reader_problem(reader, words->place, "%s: the list is empty",
                       words->key);
    }
    struct address_range *ranges =
        arena_alloc_array(reader->scratch, words->n + 1, sizeof *ranges);
    const char **tags =
        arena_alloc_array(reader->scratch, words->n, sizeof *tags);
    size_t n = 0;
    size_t n_tags = 0;
    for (size_t i = 0; i < words->n; i++) {
        const char *word = words->list[i].text;
        if (!strcmp(word, "*")) {
            end->any = true;
        } else if (address_range_parse(word, &ranges[n])) {
            n++;
        } else if (is_tag(word)) {
            tags[n_tags++] = strings_share(reader->strings, word);
        } else {
            reader_problem(reader, words->place,
                           "%s: \"%s\" is no address, CIDR, \"a-b\", service "
                           "tag or \"*\"",
                           words->key, word);
        }
    }
    if (end->any) {
        return;
    }
    keep_addresses(reader, ranges, n, end);
    end->n_tags = n_tags;
    end->tags = n_tags
                    ? arena_memdup(reader->arena, tags, n_tags * sizeof *tags)
                    : NULL;
}

struct span_set
flow_ports_read(struct reader *reader, const struct words *words)
{
    static const struct span all = { 0, PORT_MAX };
    struct span_list list;

    if (!words || !words->given) {
        return (struct span_set){ &all, 1 };
    }
    if (!words->n && !words->bad) {
        reader_problem(reader, words->place, "%s: the list is empty",
                       words->key);
    }
    span_list_init(&list);
    for (size_t i = 0; i < words->n; i++) {
        const struct word *word = &words->list[i];
        if (!port_list_parse(word->text, &list)) {
            reader_problem(reader, words->place,
                           word->is_number
                               ? "%s: %s is no port, ports are 0 to 65535"
                               : "%s: \"%s\" is no list of ports, write it "
                                 "like \"80,443\", \"8000-8100\" or \"*\"",
                           words->key, word->text);
        }
    }
    struct span_set ports = span_list_finish(&list, reader->arena);
    return port_set_is_full(ports) ? (struct span_set){ &all, 1 } : ports;
}

/* Tags begin with a letter; "Storage.WestEurope", "VIRTUAL_NETWORK". */
static bool
is_tag(const char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789._-";

    if (!strspn(word, letters)) {
        return false;
    }
    while (*word && (strchr(letters, *word) || strchr(others, *word))) {
        word++;
    }
    return !*word;
}

static void
keep_addresses(struct reader *reader, const struct address_range ranges[],
               size_t n, struct flow_end *end)
{
    if (n) {
        end->n_addresses = n;
        end->addresses =
            arena_memdup(reader->arena, ranges, n * sizeof *ranges);
    }
}
