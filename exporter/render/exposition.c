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
#include "exporter/render/gzip_member.h"
#include "exporter/render/metrics.h"
#include "exporter/render/tail.h"
#include "exporter/snapshot.h"

/* Flows in one chunk: small enough that a change costs little, large enough
 * that gzip finds what repeats. */
enum { CHUNK_FLOWS = 2048 };

enum { GZIP_TRAILER_SIZE = 8 };

/* A chunk, and where its deflated bytes stand in the member. */
struct part {
    struct chunk *chunk;
    size_t at;
};

/* All but the tail, in one format. */
struct rendering {
    struct part *parts;
    size_t n_parts;
    size_t capacity;
    size_t size;
    uint32_t crc;
    struct gzip_member *member;
    struct tail *tail;
};

struct exposition {
    atomic_uint references;
    const struct config *config;
    struct rendering renderings[N_EXPOSITION_FORMATS];
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

static void add_piece(struct exposition_answer *answer, const void *bytes,
                      size_t size);
static void build(struct builder *builder, const struct snapshot *snapshot);
static void add_flow_family(struct builder *builder,
                            const struct metric_family *family,
                            const struct snapshot *snapshot);
static void add_pending(struct builder *builder,
                        const struct metric_family *family,
                        const struct snapshot *snapshot);
static void flush_pending(struct builder *builder);
static void add_shared(struct builder *builder, const struct text *text);
static struct chunk *add_text(struct builder *builder, const struct text *text,
                              enum exposition_format format);
static void reuse(struct builder *builder, enum exposition_format format);
static void add_part(struct rendering *rendering, struct chunk *chunk,
                     const void *deflated);
static const struct part *same_place(const struct builder *builder,
                                     enum exposition_format format);

struct exposition *
exposition_create(const struct snapshot *snapshot,
                  const struct exposition *before)
{
    struct exposition *exposition = memory_calloc(1, sizeof *exposition);
    atomic_init(&exposition->references, 1);
    exposition->config = config_ref(snapshot->config);

    struct builder builder = { .exposition = exposition, .before = before };
    text_init(&builder.scratch);
    text_init(&builder.deflated);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        text_init(&builder.pending[i]);
        exposition->renderings[i].crc = (uint32_t) crc32(0, NULL, 0);
        exposition->renderings[i].member = gzip_member_create(
            before ? gzip_member_size(before->renderings[i].member) : 0);
    }
    /* Negative: raw deflate, without a header of its own. */
    if (deflateInit2(&builder.deflater, 6, Z_DEFLATED, -15, 8,
                     Z_DEFAULT_STRATEGY)
        != Z_OK) {
        abort(); /* Out of memory, as engine/base/memory does. */
    }

    build(&builder, snapshot);

    (void) deflateEnd(&builder.deflater);
    text_clear(&builder.scratch);
    text_clear(&builder.deflated);
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        struct rendering *rendering = &exposition->renderings[i];
        text_clear(&builder.pending[i]);
        gzip_member_seal(rendering->member);
        rendering->tail = tail_create((enum exposition_format) i,
                                      rendering->crc, rendering->size);
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
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        struct rendering *rendering = &mutable->renderings[i];
        for (size_t k = 0; k < rendering->n_parts; k++) {
            chunk_unref(rendering->parts[k].chunk);
        }
        free(rendering->parts);
        gzip_member_destroy(rendering->member);
        tail_destroy(rendering->tail);
    }
    config_unref(mutable->config);
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
    /* gzip: one member of header, chunks, the tail in blocks that are stored
     * as they are, CRC and size.  Two members would be simpler, but some
     * clients read the first only. */
    const struct rendering *rendering = &exposition->renderings[format];
    struct text tail;
    text_init(&tail);
    tail_append(rendering->tail, exposition, gzip, &tail);

    *answer = (struct exposition_answer){ 0 };
    answer->pieces =
        memory_alloc((rendering->n_parts + 2) * sizeof *answer->pieces);
    if (gzip) {
        add_piece(answer, gzip_member_bytes(rendering->member),
                  gzip_member_size(rendering->member));
    } else {
        for (size_t i = 0; i < rendering->n_parts; i++) {
            const struct chunk *chunk = rendering->parts[i].chunk;
            add_piece(answer, chunk->bytes, chunk->size);
        }
    }
    if (gzip && gzip_member_take_room(rendering->member, &tail)) {
        answer->room = rendering->member;
        answer->pieces[0].size += tail.length;
        answer->size += tail.length;
        text_clear(&tail);
    } else {
        add_piece(answer, tail.data, tail.length);
        answer->tail = text_steal(&tail);
    }
}

void
exposition_answer_clear(struct exposition_answer *answer)
{
    if (answer->room) {
        gzip_member_release_room(answer->room);
    }
    free(answer->pieces);
    free(answer->tail);
    *answer = (struct exposition_answer){ 0 };
}

size_t
exposition_size(const struct exposition *exposition, int gzip)
{
    const struct rendering *text = &exposition->renderings[EXPOSITION_TEXT];
    return gzip ? gzip_member_size(text->member) + GZIP_TRAILER_SIZE
                : text->size;
}

static void
add_piece(struct exposition_answer *answer, const void *bytes, size_t size)
{
    answer->pieces[answer->n_pieces++] =
        (struct exposition_piece){ bytes, size };
    answer->size += size;
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
    bool constant =
        family->constant && before && before->config == snapshot->config;

    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        metric_describe(&builder->pending[i], family,
                        (enum exposition_format) i);
    }
    flush_pending(builder);
    for (size_t i = 0; i < snapshot->n_results; i += CHUNK_FLOWS) {
        if (constant && same_place(builder, EXPOSITION_TEXT)) {
            for (size_t k = 0; k < N_EXPOSITION_FORMATS; k++) {
                reuse(builder, (enum exposition_format) k);
            }
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
    if (!builder->pending[0].length) {
        return;
    }
    for (size_t i = 0; i < N_EXPOSITION_FORMATS; i++) {
        (void) add_text(builder, &builder->pending[i],
                        (enum exposition_format) i);
        text_reset(&builder->pending[i]);
    }
}

/* The same bytes in all formats: they exist, and are compressed, once. */
static void
add_shared(struct builder *builder, const struct text *text)
{
    struct exposition *exposition = builder->exposition;
    struct chunk *chunk = add_text(builder, text, EXPOSITION_TEXT);
    const struct rendering *first = &exposition->renderings[EXPOSITION_TEXT];
    size_t at = first->parts[first->n_parts - 1].at;

    for (size_t i = EXPOSITION_TEXT + 1; i < N_EXPOSITION_FORMATS; i++) {
        add_part(&exposition->renderings[i], chunk_ref(chunk),
                 gzip_member_bytes(first->member) + at);
    }
}

/* Adds a chunk of what 'text' holds, and returns it: the one of the exposition
 * before if it stands at the same place and is the same. */
static struct chunk *
add_text(struct builder *builder, const struct text *text,
         enum exposition_format format)
{
    struct rendering *rendering = &builder->exposition->renderings[format];
    const struct part *same = same_place(builder, format);
    if (same && same->chunk->size == text->length
        && !memcmp(same->chunk->bytes, text->data, text->length)) {
        reuse(builder, format);
    } else {
        struct chunk *chunk =
            chunk_create(text, &builder->deflater, &builder->deflated);
        add_part(rendering, chunk, builder->deflated.data);
    }
    return rendering->parts[rendering->n_parts - 1].chunk;
}

/* Adds what stands at the same place of the exposition before. */
static void
reuse(struct builder *builder, enum exposition_format format)
{
    const struct part *same = same_place(builder, format);
    const struct gzip_member *member =
        builder->before->renderings[format].member;
    add_part(&builder->exposition->renderings[format], chunk_ref(same->chunk),
             gzip_member_bytes(member) + same->at);
}

static void
add_part(struct rendering *rendering, struct chunk *chunk,
         const void *deflated)
{
    rendering->parts =
        memory_grow(rendering->parts, rendering->n_parts, &rendering->capacity,
                    sizeof *rendering->parts);
    rendering->parts[rendering->n_parts++] =
        (struct part){ chunk, gzip_member_size(rendering->member) };
    gzip_member_append(rendering->member, deflated, chunk->deflated_size);
    rendering->size += chunk->size;
    rendering->crc = (uint32_t) crc32_combine(rendering->crc, chunk->crc,
                                              (z_off_t) chunk->size);
}

/* Returns the part of the exposition before that stands where the next one is
 * going to stand, or NULL. */
static const struct part *
same_place(const struct builder *builder, enum exposition_format format)
{
    size_t i = builder->exposition->renderings[format].n_parts;
    const struct rendering *before =
        builder->before ? &builder->before->renderings[format] : NULL;
    return before && i < before->n_parts ? &before->parts[i] : NULL;
}
