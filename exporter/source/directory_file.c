#include "exporter/source/directory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/parse/json_scan.h"

/* A file system's clock ticks slowly: what was changed less than this ago may
 * change again without a new stamp. */
enum { SETTLE_MS = 3000 };

static bool read_file(const char *path, struct text *bytes, char **error);
static bool take_bytes(struct directory_file *file, const struct text *bytes,
                       const struct parse_request *request);
static bool parse_bytes(struct directory_file *file, const struct text *bytes,
                        const struct parse_request *request);
static char *duplicate(const char *string);

struct directory_file *
directory_file_create(const char *path)
{
    struct directory_file *file = memory_calloc(1, sizeof *file);

    file->path = duplicate(path);
    text_init(&file->findings);
    return file;
}

void
directory_file_destroy(struct directory_file *file)
{
    if (!file) {
        return;
    }
    if (file->result.part) {
        arena_unref(file->result.part->arena);
    }
    text_clear(&file->findings);
    free(file->error);
    free(file->path);
    free(file);
}

void
directory_file_fail(struct directory_file *file, const char *cause)
{
    char *error = duplicate(cause);

    free(file->error);
    file->error = error;
    /* Whatever the cause was, the next cycle reads the file anew. */
    file->settled = false;
    file->has_bad_hash = false;
    file->stamp = (struct file_stamp){ 0 };
}

/* Returns true if the content need not be read. */
static bool
is_settled(struct directory_file *file, const struct file_stamp *stamp)
{
    if (!file_stamp_equal(&file->stamp, stamp)) {
        file->settled = false;
        file->stamp = *stamp;
        return false;
    }
    return file->settled;
}

/* A stamp is trusted once the content was read again after it was first
 * seen, and only if it is not of this very moment: a change within one tick
 * of the file system's clock would go unseen for ever. */
static void
settle(struct directory_file *file, bool seen_before, int64_t wall_ms)
{
    int64_t changed_ms = file->stamp.changed_ns / 1000000;

    file->settled = seen_before && wall_ms - changed_ms >= SETTLE_MS;
}

bool
directory_file_update(struct directory_file *file,
                      const struct file_stamp *stamp,
                      const struct parse_request *request, int64_t wall_ms)
{
    bool seen_before = file_stamp_equal(&file->stamp, stamp);
    struct text bytes;
    char *error = NULL;

    if (is_settled(file, stamp)) {
        return false;
    }
    text_init(&bytes);
    if (!read_file(file->path, &bytes, &error)) {
        directory_file_fail(file, error);
        free(error);
        text_clear(&bytes);
        return false;
    }
    bool is_new = take_bytes(file, &bytes, request);
    settle(file, seen_before, wall_ms);
    text_clear(&bytes);
    return is_new;
}

static char *
duplicate(const char *string)
{
    size_t size = strlen(string) + 1;

    return memcpy(memory_alloc(size), string, size);
}

/* Parses the content if it is neither what was good last nor what was found
 * bad already.  Returns true if it gave a new part. */
static bool
take_bytes(struct directory_file *file, const struct text *bytes,
           const struct parse_request *request)
{
    struct hash hash = hash_bytes(bytes->data, bytes->length);

    if (file->result.part && hash_equal(hash, file->good_hash)) {
        free(file->error);
        file->error = NULL;
        return false;
    }
    if (file->has_bad_hash && hash_equal(hash, file->bad_hash)) {
        return false;
    }
    bool ok = parse_bytes(file, bytes, request);
    file->has_bad_hash = !ok;
    *(ok ? &file->good_hash : &file->bad_hash) = hash;
    return ok;
}

static bool
parse_bytes(struct directory_file *file, const struct text *bytes,
            const struct parse_request *request)
{
    struct text findings;
    struct parse_result result = { .findings = &findings };
    struct error error;

    text_init(&findings);
    if (!parse_document(request, bytes->data, bytes->length, &result,
                        &error)) {
        /* A file that is being written is half a file: it heals in the next
         * cycle, and until then the old content counts. */
        free(file->error);
        file->error = duplicate(error.message);
        text_clear(&findings);
        return false;
    }
    if (file->result.part) {
        arena_unref(file->result.part->arena);
    }
    text_clear(&file->findings);
    free(file->error);
    file->error = NULL;
    file->findings = findings;
    file->result = result;
    file->result.findings = NULL;
    return true;
}

static bool
read_fail(const char *path, const char *cause, char **error)
{
    struct error line;

    error_set(&line, "%s: %s", path, cause);
    *error = duplicate(line.message);
    return false;
}

static bool
read_all(int descriptor, struct text *bytes, size_t size)
{
    char chunk[64 * 1024];
    ssize_t n;

    text_reserve(bytes, size + 1);
    do {
        n = read(descriptor, chunk, sizeof chunk);
        if (n > 0) {
            text_append_bytes(bytes, chunk, (size_t) n);
        }
        if (bytes->length > JSON_SIZE_MAX) {
            errno = EFBIG;
            return false;
        }
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n == 0;
}

static bool
read_file(const char *path, struct text *bytes, char **error)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct file_stamp stamp;

    if (descriptor < 0) {
        return read_fail(path, strerror(errno), error);
    }
    bool ok = true;
    if (!file_stamp_read(descriptor, &stamp)) {
        ok = read_fail(path, "not a regular file", error);
    } else if (stamp.size > JSON_SIZE_MAX) {
        ok = read_fail(path, strerror(EFBIG), error);
    } else if (!read_all(descriptor, bytes, (size_t) stamp.size)) {
        ok = read_fail(path, strerror(errno), error);
    }
    close(descriptor);
    return ok;
}
