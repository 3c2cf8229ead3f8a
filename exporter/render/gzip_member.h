/* The gzip member (RFC 1952) of an exposition in one format: header and
 * deflated chunks in one stretch of memory, with room behind them for a tail,
 * so that an answer can be one piece.  The HTTP library sends such an answer
 * with its head in one call, and the client is woken once.
 *
 * Threads: what was appended is immutable once answers are made of it; the
 * room is one answer's at a time. */

#ifndef EXPORTER_RENDER_GZIP_MEMBER_H
#define EXPORTER_RENDER_GZIP_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

struct gzip_member;
struct text;

/* 'size' is the size that is expected. */
struct gzip_member *gzip_member_create(size_t size);
void gzip_member_destroy(struct gzip_member *member);

void gzip_member_append(struct gzip_member *member, const void *bytes,
                        size_t n);
/* Ends the appending. */
void gzip_member_seal(struct gzip_member *member);

const unsigned char *gzip_member_bytes(const struct gzip_member *member);
size_t gzip_member_size(const struct gzip_member *member);

/* Puts 'tail' behind the bytes, and returns true, if the room is free and
 * large enough.  The caller gives it back by member_release(). */
bool gzip_member_take_room(struct gzip_member *member,
                           const struct text *tail);
void gzip_member_release_room(struct gzip_member *member);

#endif
