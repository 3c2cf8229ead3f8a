#include "exporter/changes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* A change that at least one list holds. */
struct record {
    unsigned int holders; /* Lists. */
    struct record **slot; /* In the queue; NULL there once it ends. */
    struct change change;
    struct rule_change rule_changes[]; /* The strings follow. */
};

/* Records, the newest first. */
struct list {
    struct record **records;
    size_t n;
    size_t n_violations;
    size_t max;
    size_t capacity;
};

struct flow_list {
    char *flow;
    struct list list;
};

struct changes {
    pthread_mutex_t lock;     /* Guards all below. */
    struct list newest;       /* Over all flows. */
    struct flow_list **flows; /* Sorted by flow. */
    size_t n_flows;
    size_t flows_capacity;
    /* Every record in the order of its coming: a ring that bounds what all
     * flows together may hold. */
    struct record *queue[CHANGES_TOTAL_MAX];
    size_t queue_first;
    size_t queue_n;
};

static struct record *record_create(const struct change *change);
static void record_release(struct record *record);
static void list_add(struct list *list, struct record *record);
static void list_remove(struct list *list, const struct record *record);
static void list_clear(struct list *list);
static size_t find_flow(const struct changes *changes, const char *flow,
                        bool *found);
static struct list *flow_list_of(struct changes *changes, const char *flow);
static void drop_oldest(struct changes *changes);

struct changes *
changes_create(void)
{
    struct changes *changes = memory_calloc(1, sizeof *changes);

    pthread_mutex_init(&changes->lock, NULL);
    changes->newest.max = CHANGES_MAX;
    return changes;
}

void
changes_destroy(struct changes *changes)
{
    if (!changes) {
        return;
    }
    while (changes->queue_n) {
        drop_oldest(changes);
    }
    list_clear(&changes->newest);
    free(changes->flows);
    pthread_mutex_destroy(&changes->lock);
    free(changes);
}

void
changes_add(struct changes *changes, const struct change *change)
{
    struct record *record = record_create(change);

    pthread_mutex_lock(&changes->lock);
    if (changes->queue_n == CHANGES_TOTAL_MAX) {
        drop_oldest(changes);
    }
    size_t last =
        (changes->queue_first + changes->queue_n) % CHANGES_TOTAL_MAX;
    changes->queue[last] = record;
    record->slot = &changes->queue[last];
    changes->queue_n++;
    list_add(&changes->newest, record);
    list_add(flow_list_of(changes, change->flow), record);
    pthread_mutex_unlock(&changes->lock);
}

void
changes_each(struct changes *changes, const char *flow, size_t limit,
             changes_visit *visit, void *aux)
{
    const struct list *list = &changes->newest;
    static const struct list none;

    pthread_mutex_lock(&changes->lock);
    if (flow) {
        bool found;
        size_t i = find_flow(changes, flow, &found);
        list = found ? &changes->flows[i]->list : &none;
    }
    for (size_t i = 0; i < list->n && i < limit; i++) {
        visit(aux, &list->records[i]->change);
    }
    pthread_mutex_unlock(&changes->lock);
}

void
changes_each_kept(struct changes *changes, changes_visit *visit, void *aux)
{
    pthread_mutex_lock(&changes->lock);
    for (size_t i = 0; i < changes->queue_n; i++) {
        size_t slot = (changes->queue_first + i) % CHANGES_TOTAL_MAX;
        if (changes->queue[slot]) {
            visit(aux, &changes->queue[slot]->change);
        }
    }
    pthread_mutex_unlock(&changes->lock);
}

/* The members of a change, and of a rule's change, that are strings. */
static const size_t change_strings[] = {
    offsetof(struct change, flow),
    offsetof(struct change, verdict_before),
    offsetof(struct change, verdict_after),
    offsetof(struct change, layer_before),
    offsetof(struct change, ruleset_before),
    offsetof(struct change, rule_before),
    offsetof(struct change, layer_after),
    offsetof(struct change, ruleset_after),
    offsetof(struct change, rule_after),
};
static const size_t rule_change_strings[] = {
    offsetof(struct rule_change, what),
    offsetof(struct rule_change, layer),
    offsetof(struct rule_change, ruleset),
    offsetof(struct rule_change, rule),
    offsetof(struct rule_change, field),
    offsetof(struct rule_change, before),
    offsetof(struct rule_change, after),
};
enum {
    N_CHANGE_STRINGS = sizeof change_strings / sizeof *change_strings,
    N_RULE_CHANGE_STRINGS =
        sizeof rule_change_strings / sizeof *rule_change_strings
};

/* Returns the string that is the member at 'offset' of 'object'. */
static const char *
get_string(const void *object, size_t offset)
{
    const char *string;

    memcpy(&string, (const unsigned char *) object + offset, sizeof string);
    return string ? string : "";
}

static size_t
strings_size(const void *object, const size_t offsets[], size_t n)
{
    size_t size = 0;

    for (size_t i = 0; i < n; i++) {
        size += strlen(get_string(object, offsets[i])) + 1;
    }
    return size;
}

/* Copies the strings of 'object' to 'room', lets it have the copies, and
 * returns where the room goes on. */
static char *
own_strings(void *object, const size_t offsets[], size_t n, char *room)
{
    for (size_t i = 0; i < n; i++) {
        const char *string = get_string(object, offsets[i]);
        size_t size = strlen(string) + 1;

        memcpy(room, string, size);
        memcpy((unsigned char *) object + offsets[i], &room, sizeof room);
        room += size;
    }
    return room;
}

/* One piece of memory holds the record, its rule changes and all strings:
 * there may be very many of them. */
static struct record *
record_create(const struct change *change)
{
    size_t n = change->n_rule_changes;
    size_t size = sizeof(struct record) + n * sizeof(struct rule_change)
                  + strings_size(change, change_strings, N_CHANGE_STRINGS);

    for (size_t i = 0; i < n; i++) {
        size += strings_size(&change->rule_changes[i], rule_change_strings,
                             N_RULE_CHANGE_STRINGS);
    }
    struct record *record = memory_alloc(size);
    *record = (struct record){ .change = *change };
    record->change.rule_changes = record->rule_changes;
    char *room = (char *) (record->rule_changes + n);
    room =
        own_strings(&record->change, change_strings, N_CHANGE_STRINGS, room);
    for (size_t i = 0; i < n; i++) {
        record->rule_changes[i] = change->rule_changes[i];
        room = own_strings(&record->rule_changes[i], rule_change_strings,
                           N_RULE_CHANGE_STRINGS, room);
    }
    return record;
}

static void
record_release(struct record *record)
{
    if (--record->holders == 0) {
        *record->slot = NULL;
        free(record);
    }
}

/* Which record makes room: the oldest that is no violation, as long as
 * violations fill no more than half of the list.  What went wrong must not be
 * pushed out by what went well afterwards. */
static const struct record *
list_victim(const struct list *list)
{
    bool violated = list->n_violations > list->max / 2;

    for (size_t i = list->n; i-- > 0;) {
        if (list->records[i]->change.violated == violated) {
            return list->records[i];
        }
    }
    return list->records[list->n - 1];
}

static void
list_add(struct list *list, struct record *record)
{
    list->records = memory_grow(list->records, list->n, &list->capacity,
                                sizeof *list->records);
    memmove(list->records + 1, list->records, list->n * sizeof *list->records);
    list->records[0] = record;
    list->n++;
    list->n_violations += record->change.violated;
    record->holders++;
    if (list->n > list->max) {
        list_remove(list, list_victim(list));
    }
}

static void
list_remove(struct list *list, const struct record *record)
{
    for (size_t i = list->n; i-- > 0;) {
        if (list->records[i] == record) {
            struct record *gone = list->records[i];
            list->n--;
            memmove(list->records + i, list->records + i + 1,
                    (list->n - i) * sizeof *list->records);
            list->n_violations -= gone->change.violated;
            record_release(gone);
            return;
        }
    }
}

static void
list_clear(struct list *list)
{
    while (list->n) {
        list_remove(list, list->records[list->n - 1]);
    }
    free(list->records);
    list->records = NULL;
}

/* Returns where 'flow' stands among the sorted flows, or belongs. */
static size_t
find_flow(const struct changes *changes, const char *flow, bool *found)
{
    size_t low = 0;
    size_t high = changes->n_flows;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(changes->flows[middle]->flow, flow);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct list *
flow_list_of(struct changes *changes, const char *flow)
{
    bool found;
    size_t i = find_flow(changes, flow, &found);

    if (!found) {
        struct flow_list *added = memory_calloc(1, sizeof *added);
        size_t size = strlen(flow) + 1;
        added->flow = memory_alloc(size);
        memcpy(added->flow, flow, size);
        added->list.max = CHANGES_PER_FLOW_MAX;
        changes->flows =
            memory_grow(changes->flows, changes->n_flows,
                        &changes->flows_capacity, sizeof *changes->flows);
        memmove(changes->flows + i + 1, changes->flows + i,
                (changes->n_flows - i) * sizeof *changes->flows);
        changes->flows[i] = added;
        changes->n_flows++;
    }
    return &changes->flows[i]->list;
}

/* Forgets the oldest record of the queue, and its flow if it was the last. */
static void
drop_oldest(struct changes *changes)
{
    struct record *record = changes->queue[changes->queue_first];
    bool found = false;

    changes->queue_first = (changes->queue_first + 1) % CHANGES_TOTAL_MAX;
    changes->queue_n--;
    if (!record) {
        return;
    }
    size_t i = find_flow(changes, record->change.flow, &found);
    record->holders++; /* It must outlast its lists for a moment. */
    list_remove(&changes->newest, record);
    if (found) {
        struct flow_list *flow = changes->flows[i];
        list_remove(&flow->list, record);
        if (flow->list.n == 0) {
            list_clear(&flow->list);
            free(flow->flow);
            free(flow);
            changes->n_flows--;
            memmove(changes->flows + i, changes->flows + i + 1,
                    (changes->n_flows - i) * sizeof *changes->flows);
        }
    }
    record_release(record);
}
