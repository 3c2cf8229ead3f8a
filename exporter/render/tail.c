#include "exporter/render/tail.h"

#include <pthread.h>
#include <stdlib.h>

#include <zlib.h>

#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/counters.h"
#include "exporter/log.h"
#include "exporter/render/chunk.h"
#include "exporter/render/metrics.h"
#include "exporter/render/process.h"

struct tail {
    enum exposition_format format;
    uint32_t crc_before;
    size_t size_before;
    pthread_mutex_t lock;
    /* Guarded by 'lock': all but the samples that each scrape changes, of
     * which version that is, and until when it holds. */
    struct text kept;
    uint32_t crc; /* Up to its end. */
    uint64_t version;
    int64_t expires_ms;
};

static void renew(struct tail *tail, const struct exposition *exposition);
static void append_samples_of_scrapes(struct text *out,
                                      const struct tail *tail,
                                      const struct exposition *exposition);
static uint64_t current_version(void);
static uint32_t continue_crc(uint32_t crc, const struct text *text);

struct tail *
tail_create(enum exposition_format format, uint32_t crc, size_t size)
{
    struct tail *tail = memory_calloc(1, sizeof *tail);
    (void) pthread_mutex_init(&tail->lock, NULL);
    tail->format = format;
    tail->crc_before = crc;
    tail->size_before = size;
    text_init(&tail->kept);
    return tail;
}

void
tail_destroy(struct tail *tail)
{
    if (tail) {
        (void) pthread_mutex_destroy(&tail->lock);
        text_clear(&tail->kept);
        free(tail);
    }
}

void
tail_append(struct tail *tail, const struct exposition *exposition, bool gzip,
            struct text *out)
{
    struct clock *clock = clock_system();
    int64_t now = clock->monotonic_ms(clock);
    struct text scrapes;
    text_init(&scrapes);
    append_samples_of_scrapes(&scrapes, tail, exposition);

    (void) pthread_mutex_lock(&tail->lock);
    if (now >= tail->expires_ms || tail->version != current_version()) {
        renew(tail, exposition);
    }
    text_reserve(out, tail->kept.length + scrapes.length + 64);
    if (gzip) {
        chunk_append_stored(out, &tail->kept, false);
    } else {
        text_append_bytes(out, tail->kept.data, tail->kept.length);
    }
    uint32_t crc = tail->crc;
    size_t size = tail->size_before + tail->kept.length + scrapes.length;
    (void) pthread_mutex_unlock(&tail->lock);

    if (gzip) {
        chunk_append_stored(out, &scrapes, true);
        chunk_append_le32(out, continue_crc(crc, &scrapes));
        chunk_append_le32(out, (uint32_t) size);
    } else {
        text_append_bytes(out, scrapes.data, scrapes.length);
    }
    text_clear(&scrapes);
}

static void
renew(struct tail *tail, const struct exposition *exposition)
{
    const struct metric_family *families;
    size_t n = metric_families(&families);

    /* Asked for first: what changes meanwhile is rendered again next time. */
    tail->version = current_version();
    tail->expires_ms = process_stats().expires_ms;
    text_reset(&tail->kept);
    for (size_t i = 0; i < n; i++) {
        if (families[i].emit_live) {
            metric_describe(&tail->kept, &families[i], tail->format);
            families[i].emit_live(&tail->kept, &families[i], exposition);
        }
    }
    tail->crc = continue_crc(tail->crc_before, &tail->kept);
}

static void
append_samples_of_scrapes(struct text *out, const struct tail *tail,
                          const struct exposition *exposition)
{
    const struct metric_family *families;
    size_t n = metric_families(&families);
    const struct metric_family *last = &families[n - 1];

    last->emit_scrape(out, last, exposition);
    if (tail->format == EXPOSITION_OPENMETRICS) {
        text_append(out, "# EOF\n");
    }
}

/* A number that is another one when the tail has something new to say, but
 * for what time alone changes: its parts only ever go up. */
static uint64_t
current_version(void)
{
    uint64_t version = counters_version();
    for (unsigned int i = 0; i < N_LOG_LEVELS; i++) {
        version += log_count((enum log_level) i);
    }
    return version;
}

static uint32_t
continue_crc(uint32_t crc, const struct text *text)
{
    return (uint32_t) crc32(crc, (const Bytef *) text->data,
                            (uInt) text->length);
}
