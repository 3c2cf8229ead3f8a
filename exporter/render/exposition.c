#include "exporter/render/exposition.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "config/config.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/render/chunk.h"
#include "exporter/render/metrics.h"
#include "exporter/render/tail.h"
#include "exporter/snapshot.h"

/* Flows in one chunk: small enough that a change costs little, large enough
 * that gzip finds what repeats. */
enum { CHUNK_FLOWS = 2048 };

enum { GZIP_HEADER_SIZE = 10, GZIP_TRAILER_SIZE = 8 };

/* A stretch of the exposition in each format. */
struct segment {
    struct chunk *chunks[N_EXPOSITION_FORMATS];
};

struct exposition {
    atomic_uint references;
    const struct config *config;
    struct segment *segments;
    size_t n_segments;
    size_t capacity;
    size_t sizes[N_EXPOSITION_FORMATS];
    size_t deflated_sizes[N_EXPOSITION_FORMATS];
    uint32_t crcs[N_EXPOSITION_FORMATS];
    struct tail *tails[N_EXPOSITION_FORMATS];
};

/* An exposition in the making. */
struct builder {
    struct exposition *exposition;
    const struct exposition *before; /* Or NULL. */
    z_stream deflater;
    struct text scratch;
    struct text deflated;
    /* Families about the whole, collected until a family of flows comes. */
    struct text pending[N_EXPOSITION_FORMATS];
};

static void build(struct builder *builder, const struct snapshot *snapshot);
static void add_flow_family(struct builder *builder,
                            const struct metric_family *family,
                            const struct snapshot *snapshot);
static void add_pending(struct builder *builder,
                        const struct metric_family *family,
                        const struct snapshot *snapshot);
static void flush_pending(struct builder *builder);
static void add_shared(struct builder *builder, const struct text *text);
static void add_segment(struct builder *builder, struct segment segment);
static struct chunk *make_chunk(struct builder *builder,
                                const struct text *text,
                                enum exposition_format format);
static const struct segment *same_place(const struct builder *builder);

struct exposition *
exposition_create(const struct snapshot *snapshot,
                  const struct exposition *before)
{
    struct exposition *exposition = memory_calloc(1, sizeof *exposition);
    atomic_init(&exposition->references, 1);
    exposition->config = config_ref(snapshot->config);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        exposition->crcs[i] = (uint32_t) crc32(0, NULL, 0);
    }

    struct builder builder = { .exposition = exposition, .before = before };
    text_init(&builder.scratch);
    text_init(&builder.deflated);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        text_init(&builder.pending[i]);
    }
    /* Negative: raw deflate, without a header of its own. */
    if (deflateInit2(&builder.deflater, 6, Z_DEFLATED, -15, 8,
                     Z_DEFAULT_STRATEGY)
        != Z_OK) {
        abort(); /* Out of memory, as engine/base/memory does. */
    }

    build(&builder, snapshot);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        exposition->tails[i] =
            tail_create((enum exposition_format) i, exposition->crcs[i],
                        exposition->sizes[i]);
    }

    (void) deflateEnd(&builder.deflater);
    text_clear(&builder.scratch);
    text_clear(&builder.deflated);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        text_clear(&builder.pending[i]);
    }
    return exposition;
}

struct exposition *
exposition_ref(const struct exposition *exposition)
{
    struct exposition *mutable = (struct exposition *) (uintptr_t) exposition;
    if (mutable) {
        atomic_fetch_add(&mutable->references, 1);
    }
    return mutable;
}

void
exposition_unref(const struct exposition *exposition)
{
    struct exposition *mutable = (struct exposition *) (uintptr_t) exposition;
    if (!mutable || atomic_fetch_sub(&mutable->references, 1) != 1) {
        return;
    }
    for (size_t i = 0; i < mutable->n_segments; i++) {
        for (size_t k = 0; k < N_EXPOSITION_FORMATS; k++) {
            chunk_unref(mutable->segments[i].chunks[k]);
        }
    }
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        tail_destroy(mutable->tails[i]);
    }
    config_unref(mutable->config);
    free(mutable->segments);
    free(mutable);
}

const char *
exposition_content_type(enum exposition_format format)
{
    return format == EXPOSITION_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

void
exposition_answer(const struct exposition *exposition,
                  enum exposition_format format, int gzip,
                  struct exposition_answer *answer)
{
    /* gzip: one member (RFC 1952) of header, chunks, the tail in blocks that
     * are stored as they are, CRC and size.  Two members would be simpler,
     * but some clients read the first only. */
    static const unsigned char header[GZIP_HEADER_SIZE] = { 0x1f, 0x8b, 8, 0,
                                                            0,    0,    0, 0,
                                                            0,    3 };
    struct text end;
    text_init(&end);
    tail_append(exposition->tails[format], exposition, gzip, &end);

    size_t n = 0;
    answer->pieces =
        memory_alloc((exposition->n_segments + 2) * sizeof *answer->pieces);
    if (gzip) {
        answer->pieces[n++] =
            (struct exposition_piece){ header, sizeof header };
    }
    for (size_t i = 0; i < exposition->n_segments; i++) {
        const struct chunk *chunk = exposition->segments[i].chunks[format];
        answer->pieces[n++] = (struct exposition_piece){
            gzip ? chunk->bytes + chunk->size : chunk->bytes,
            gzip ? chunk->deflated_size : chunk->size,
        };
    }
    answer->pieces[n++] = (struct exposition_piece){ end.data, end.length };
    answer->n_pieces = n;
    answer->size = end.length
                   + (gzip ? sizeof header + exposition->deflated_sizes[format]
                           : exposition->sizes[format]);
    answer->tail = end.data;
}

void
exposition_answer_clear(struct exposition_answer *answer)
{
    free(answer->pieces);
    free(answer->tail);
    *answer = (struct exposition_answer){ 0 };
}

size_t
exposition_size(const struct exposition *exposition, int gzip)
{
    return gzip ? exposition->deflated_sizes[EXPOSITION_TEXT]
                      + GZIP_HEADER_SIZE + GZIP_TRAILER_SIZE
                : exposition->sizes[EXPOSITION_TEXT];
}

static void
build(struct builder *builder, const struct snapshot *snapshot)
{
    const struct metric_family *families;
    size_t n = metric_families(&families);

    for (size_t i = 0; i < n; i++) {
        if (!metric_is_on(&families[i], snapshot->config)) {
            continue;
        }
        if (families[i].emit_flow) {
            flush_pending(builder);
            add_flow_family(builder, &families[i], snapshot);
        } else if (families[i].emit) {
            add_pending(builder, &families[i], snapshot);
        }
    }
    flush_pending(builder);
}

static void
add_flow_family(struct builder *builder, const struct metric_family *family,
                const struct snapshot *snapshot)
{
    const struct exposition *before = builder->before;
    bool reuse =
        family->constant && before && before->config == snapshot->config;

    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        metric_describe(&builder->pending[i], family,
                        (enum exposition_format) i);
    }
    flush_pending(builder);
    for (size_t i = 0; i < snapshot->n_results; i += CHUNK_FLOWS) {
        const struct segment *same = reuse ? same_place(builder) : NULL;
        if (same) {
            struct segment segment = { .chunks = { NULL } };
            for (size_t k = 0; k < N_EXPOSITION_FORMATS; k++) {
                segment.chunks[k] = chunk_ref(same->chunks[k]);
            }
            add_segment(builder, segment);
            continue;
        }
        text_reset(&builder->scratch);
        for (size_t k = i; k < snapshot->n_results && k < i + CHUNK_FLOWS;
             k++) {
            family->emit_flow(&builder->scratch, family, &snapshot->results[k],
                              snapshot->config->limit_label_length);
        }
        add_shared(builder, &builder->scratch);
    }
}

static void
add_pending(struct builder *builder, const struct metric_family *family,
            const struct snapshot *snapshot)
{
    text_reset(&builder->scratch);
    family->emit(&builder->scratch, family, snapshot);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        metric_describe(&builder->pending[i], family,
                        (enum exposition_format) i);
        text_append_bytes(&builder->pending[i], builder->scratch.data,
                          builder->scratch.length);
    }
}

static void
flush_pending(struct builder *builder)
{
    struct segment segment = { .chunks = { NULL } };

    if (!builder->pending[0].length) {
        return;
    }
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        segment.chunks[i] = make_chunk(builder, &builder->pending[i],
                                       (enum exposition_format) i);
        text_reset(&builder->pending[i]);
    }
    add_segment(builder, segment);
}

/* The same bytes in both formats: they exist once. */
static void
add_shared(struct builder *builder, const struct text *text)
{
    struct chunk *chunk = make_chunk(builder, text, EXPOSITION_TEXT);
    struct segment segment;
    segment.chunks[0] = chunk;
    for (size_t i = 1; i < N_EXPOSITION_FORMATS; i++) {
        segment.chunks[i] = chunk_ref(chunk);
    }
    add_segment(builder, segment);
}

static void
add_segment(struct builder *builder, struct segment segment)
{
    struct exposition *exposition = builder->exposition;

    exposition->segments =
        memory_grow(exposition->segments, exposition->n_segments,
                    &exposition->capacity, sizeof segment);
    exposition->segments[exposition->n_segments++] = segment;
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        const struct chunk *chunk = segment.chunks[i];
        exposition->sizes[i] += chunk->size;
        exposition->deflated_sizes[i] += chunk->deflated_size;
        exposition->crcs[i] = (uint32_t) crc32_combine(
            exposition->crcs[i], chunk->crc, (z_off_t) chunk->size);
    }
}

/* Returns a chunk of what 'text' holds: the one of the exposition before if
 * it stands at the same place and is the same. */
static struct chunk *
make_chunk(struct builder *builder, const struct text *text,
           enum exposition_format format)
{
    const struct segment *same = same_place(builder);
    struct chunk *old = same ? same->chunks[format] : NULL;
    if (old && old->size == text->length
        && !memcmp(old->bytes, text->data, text->length)) {
        return chunk_ref(old);
    }

    return chunk_create(text, &builder->deflater, &builder->deflated);
}

/* Returns the segment of the exposition before that stands where the next
 * one is going to stand, or NULL. */
static const struct segment *
same_place(const struct builder *builder)
{
    size_t i = builder->exposition->n_segments;
    return builder->before && i < builder->before->n_segments
               ? &builder->before->segments[i]
               : NULL;
}
