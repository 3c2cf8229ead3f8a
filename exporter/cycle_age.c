#include "exporter/cycle_age.h"

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/judge/verdict.h"
#include "exporter/clock.h"

/* One feed at this time. */
struct age {
    bool expired;
    bool counts; /* For the timestamp of what rests on it. */
    /* Success or, of a feed that gave data without ever succeeding as a
     * whole, when that was first seen; 0: no data. */
    int64_t since_ms;
    int64_t first_seen_ms;   /* Of data, with or without success. */
    struct verdict *verdict; /* Of all flows that want for it, or NULL. */
};

struct ages {
    const struct feed_state *feeds;
    struct age *ages; /* One a feed. */
    size_t n;
    struct verdict *no_data;
};

static void forget_verdicts(struct ages *ages);
static bool update_one(struct age *age, const struct feed_state *feed,
                       int64_t interval_ms, int64_t max_age_ms,
                       int64_t now_ms);
static bool next_feed(const struct ages *ages, const struct verdict *judged,
                      size_t *i, size_t *feed);
static size_t find_expired(const struct ages *ages,
                           const struct verdict *judged);
static size_t find_unread_nics(const struct ages *ages);
static struct verdict *expired_verdict(struct age *age,
                                       const struct feed_state *feed);
static struct verdict *unread_verdict(struct age *age,
                                      const struct feed_state *feed);

struct ages *
ages_create(void)
{
    struct ages *ages = memory_calloc(1, sizeof *ages);

    ages->no_data = verdict_unknown(REASON_NO_DATA,
                                    "no collection has been completed yet");
    return ages;
}

void
ages_destroy(struct ages *ages)
{
    if (ages) {
        forget_verdicts(ages);
        verdict_unref(ages->no_data);
        free(ages->ages);
        free(ages);
    }
}

struct ages *
ages_copy(const struct ages *ages, const struct feed_state *feeds)
{
    struct ages *copy = ages_create();

    copy->feeds = feeds;
    copy->n = ages->n;
    copy->ages = memory_calloc(ages->n, sizeof *copy->ages);
    for (size_t i = 0; i < ages->n; i++) {
        copy->ages[i] = ages->ages[i];
        copy->ages[i].verdict = NULL;
    }
    return copy;
}

bool
ages_update(struct ages *ages, const struct feed_state *feeds, size_t n,
            int64_t interval_ms, int64_t max_age_ms, int64_t now_ms)
{
    bool differs = n != ages->n;

    forget_verdicts(ages);
    if (differs) {
        free(ages->ages);
        ages->ages = memory_calloc(n, sizeof *ages->ages);
        ages->n = n;
    }
    ages->feeds = feeds;
    for (size_t i = 0; i < n; i++) {
        differs |= update_one(&ages->ages[i], &feeds[i], interval_ms,
                              max_age_ms, now_ms);
    }
    return differs;
}

bool
ages_any_expired(const struct ages *ages)
{
    for (size_t i = 0; i < ages->n; i++) {
        if (ages->ages[i].expired) {
            return true;
        }
    }
    return false;
}

const struct verdict *
ages_apply(struct ages *ages, const struct verdict *judged)
{
    size_t feed;

    if (!judged) {
        return ages->no_data;
    }
    /* "There is no such NIC" cannot be said while some NICs are unread. */
    if (judged->reason == REASON_NIC_NOT_FOUND
        && (feed = find_unread_nics(ages)) < ages->n) {
        return unread_verdict(&ages->ages[feed], &ages->feeds[feed]);
    }
    feed = find_expired(ages, judged);
    if (feed < ages->n) {
        return expired_verdict(&ages->ages[feed], &ages->feeds[feed]);
    }
    return judged;
}

int64_t
ages_data_timestamp(const struct ages *ages, const struct verdict *judged)
{
    int64_t oldest = 0;
    size_t feed;

    for (size_t i = 0; next_feed(ages, judged, &i, &feed);) {
        const struct age *age = &ages->ages[feed];
        if (age->counts && (oldest == 0 || age->since_ms < oldest)) {
            oldest = age->since_ms;
        }
    }
    return oldest;
}

static void
forget_verdicts(struct ages *ages)
{
    for (size_t i = 0; i < ages->n; i++) {
        verdict_unref(ages->ages[i].verdict);
        ages->ages[i].verdict = NULL;
    }
}

/* A feed with a refresh of its own is overdue when an attempt after that time
 * failed, or when there was none for a whole interval. */
static bool
is_overdue(const struct feed_state *feed, int64_t since_ms,
           int64_t interval_ms, int64_t now_ms)
{
    int64_t late_ms = now_ms - since_ms - feed->refresh_ms;

    return late_ms > (feed->up ? interval_ms : 0);
}

static bool
update_one(struct age *age, const struct feed_state *feed, int64_t interval_ms,
           int64_t max_age_ms, int64_t now_ms)
{
    bool was_expired = age->expired;
    struct feed_state aged = *feed;

    if (!age->first_seen_ms) {
        age->first_seen_ms = feed->last_attempt_ms;
    }
    age->since_ms =
        feed->last_success_ms ? feed->last_success_ms : age->first_seen_ms;
    aged.last_success_ms = age->since_ms;
    age->expired =
        age->since_ms && now_ms >= feed_expires_ms(&aged, max_age_ms);
    age->counts = age->since_ms
                  && (feed->refresh_ms == 0
                      || is_overdue(feed, age->since_ms, interval_ms, now_ms));
    return age->expired != was_expired;
}

/* Walks the feeds that 'judged' rests on; '*i' begins at 0.  A verdict of
 * nothing that was found rests on the NICs that were looked through. */
static bool
next_feed(const struct ages *ages, const struct verdict *judged, size_t *i,
          size_t *feed)
{
    if (judged->n_origins) {
        while (*i < judged->n_origins && judged->origins[*i] >= ages->n) {
            (*i)++;
        }
        *feed = *i < judged->n_origins ? judged->origins[*i] : ages->n;
    } else {
        while (*i < ages->n && ages->feeds[*i].feed != FEED_NIC) {
            (*i)++;
        }
        *feed = *i;
    }
    (*i)++;
    return *feed < ages->n;
}

/* Returns the expired feed that 'judged' rests on, the oldest of several, or
 * the number of feeds. */
static size_t
find_expired(const struct ages *ages, const struct verdict *judged)
{
    size_t found = ages->n;
    size_t feed;

    for (size_t i = 0; next_feed(ages, judged, &i, &feed);) {
        const struct age *age = &ages->ages[feed];
        if (age->expired
            && (found == ages->n
                || age->since_ms < ages->ages[found].since_ms)) {
            found = feed;
        }
    }
    return found;
}

static size_t
find_unread_nics(const struct ages *ages)
{
    size_t i = 0;

    while (i < ages->n
           && (ages->feeds[i].feed != FEED_NIC || ages->feeds[i].has_data)) {
        i++;
    }
    return i;
}

static struct verdict *
expired_verdict(struct age *age, const struct feed_state *feed)
{
    if (!age->verdict) {
        char since[CLOCK_TEXT_SIZE];
        struct text detail;

        clock_format(age->since_ms, since);
        text_init(&detail);
        text_printf(&detail, "%s of %s was last read at %s",
                    feed_name(feed->feed), feed->scope, since);
        if (*feed->error) {
            text_printf(&detail, ": %s", feed->error);
        }
        age->verdict = verdict_unknown(REASON_DATA_EXPIRED, detail.data);
        text_clear(&detail);
    }
    return age->verdict;
}

static struct verdict *
unread_verdict(struct age *age, const struct feed_state *feed)
{
    if (!age->verdict) {
        struct text detail;

        text_init(&detail);
        text_printf(&detail, "the NICs of %s were never read", feed->scope);
        if (*feed->error) {
            text_printf(&detail, ": %s", feed->error);
        }
        age->verdict = verdict_unknown(REASON_NO_DATA, detail.data);
        text_clear(&detail);
    }
    return age->verdict;
}
