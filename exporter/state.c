#include "exporter/state.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

/* "flowverify-state VERSION NAME SIZE CHECKSUM\n", then the bytes. */
#define HEADER_FORMAT                                                         \
    "flowverify-state 1 %s %zu %016" PRIx64 "%016" PRIx64 "\n"
#define DOCUMENT_SUFFIX ".state"
#define TEMPORARY_SUFFIX ".state.new"
#define BAD_SUFFIX ".state.bad"

enum { PATH_SIZE = 4096, HEADER_SIZE = 512 };

static bool make_path(char path[PATH_SIZE], const char *folder,
                      const char *name, const char *suffix);
static bool ends_with(const char *string, const char *suffix);
static bool write_file(const char *path, const char *header, const void *bytes,
                       size_t size, struct error *error);
static bool sync_folder(const char *folder, struct error *error);
static bool read_file(const char *path, struct text *bytes,
                      struct error *error);
static bool check_document(const char *name, const struct text *file,
                           size_t *header_size, struct error *error);

bool
state_open(const char *folder, struct error *error)
{
    if (mkdir(folder, 0700) && errno != EEXIST) {
        return error_set(error, "storage folder %s: %s", folder,
                         strerror(errno));
    }
    DIR *entries = opendir(folder);
    if (!entries) {
        return error_set(error, "storage folder %s: %s", folder,
                         strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[PATH_SIZE];
        if (ends_with(entry->d_name, TEMPORARY_SUFFIX)
            && make_path(path, folder, entry->d_name, "")) {
            unlink(path);
        }
    }
    closedir(entries);
    return true;
}

bool
state_save(const char *folder, const char *name, const void *bytes,
           size_t size, struct error *error)
{
    char temporary[PATH_SIZE];
    char path[PATH_SIZE];
    char header[HEADER_SIZE];
    struct hash hash = hash_bytes(bytes, size);

    int length = snprintf(header, sizeof header, HEADER_FORMAT, name, size,
                          hash.high, hash.low);
    if (length < 0 || (size_t) length >= sizeof header
        || !make_path(temporary, folder, name, TEMPORARY_SUFFIX)
        || !make_path(path, folder, name, DOCUMENT_SUFFIX)) {
        return error_set(error, "state %s: the name is too long", name);
    }
    if (!write_file(temporary, header, bytes, size, error)) {
        unlink(temporary);
        return false;
    }
    if (rename(temporary, path)) {
        error_set(error, "state file %s: %s", path, strerror(errno));
        unlink(temporary);
        return false;
    }
    return sync_folder(folder, error);
}

enum state_outcome
state_load(const char *folder, const char *name, struct text *bytes,
           struct error *error)
{
    char path[PATH_SIZE];
    struct text file;
    size_t header_size = 0;

    if (!make_path(path, folder, name, DOCUMENT_SUFFIX)
        || (access(path, F_OK) && errno == ENOENT)) {
        return STATE_ABSENT;
    }
    text_init(&file);
    enum state_outcome outcome = STATE_PUT_ASIDE;
    if (read_file(path, &file, error)
        && check_document(name, &file, &header_size, error)) {
        text_append_bytes(bytes, file.data + header_size,
                          file.length - header_size);
        outcome = STATE_LOADED;
    } else {
        state_put_aside(folder, name);
        error_prefix(error, "state file %s was put aside", path);
    }
    text_clear(&file);
    return outcome;
}

void
state_remove(const char *folder, const char *name)
{
    char path[PATH_SIZE];

    if (make_path(path, folder, name, DOCUMENT_SUFFIX)) {
        unlink(path);
    }
}

void
state_put_aside(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    char aside[PATH_SIZE];

    if (make_path(path, folder, name, DOCUMENT_SUFFIX)
        && make_path(aside, folder, name, BAD_SUFFIX) && rename(path, aside)) {
        /* What can neither be used nor moved would be met again at every
         * start. */
        unlink(path);
    }
}

static int
compare_names(const void *a, const void *b)
{
    const char *const *first = a;
    const char *const *second = b;
    return strcmp(*first, *second);
}

void
state_each(const char *folder, const char *prefix, state_visit *visit,
           void *aux)
{
    char **names = NULL;
    size_t n = 0;
    size_t capacity = 0;
    DIR *entries = opendir(folder);

    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        const char *file = entry->d_name;
        if (strncmp(file, prefix, strlen(prefix)) != 0
            || !ends_with(file, DOCUMENT_SUFFIX)) {
            continue;
        }
        size_t length = strlen(file) - strlen(DOCUMENT_SUFFIX);
        names = memory_grow(names, n, &capacity, sizeof *names);
        names[n] = memory_alloc(length + 1);
        memcpy(names[n], file, length);
        names[n++][length] = '\0';
    }
    if (entries) {
        closedir(entries);
    }
    if (n) {
        qsort(names, n, sizeof *names, compare_names);
    }
    for (size_t i = 0; i < n; i++) {
        visit(aux, names[i]);
        free(names[i]);
    }
    free(names);
}

static bool
make_path(char path[PATH_SIZE], const char *folder, const char *name,
          const char *suffix)
{
    int length = snprintf(path, PATH_SIZE, "%s/%s%s", folder, name, suffix);
    assert(name[0] && !strchr(name, '/'));
    return length > 0 && length < PATH_SIZE;
}

static bool
ends_with(const char *string, const char *suffix)
{
    size_t length = strlen(string);
    size_t wanted = strlen(suffix);
    return length > wanted && !strcmp(string + length - wanted, suffix);
}

static bool
write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        size -= (size_t) n;
    }
    return true;
}

/* The rename may reach the disk before the bytes do, unless they are flushed
 * first. */
static bool
write_file(const char *path, const char *header, const void *bytes,
           size_t size, struct error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return error_set(error, "state file %s: %s", path, strerror(errno));
    }
    bool written = write_all(fd, header, strlen(header))
                   && write_all(fd, bytes, size) && !fsync(fd);
    if (!written) {
        error_set(error, "state file %s: %s", path, strerror(errno));
    }
    close(fd);
    return written;
}

/* Makes the rename itself last. */
static bool
sync_folder(const char *folder, struct error *error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return error_set(error, "storage folder %s: %s", folder,
                         strerror(errno));
    }
    bool synced = !fsync(fd) || errno == EINVAL;
    if (!synced) {
        error_set(error, "storage folder %s: %s", folder, strerror(errno));
    }
    close(fd);
    return synced;
}

static bool
read_file(const char *path, struct text *bytes, struct error *error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        error_set(error, "%s",
                  fd < 0 ? strerror(errno) : "it is not a regular file");
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    ssize_t n = 0;
    text_reserve(bytes, (size_t) status.st_size);
    do {
        char chunk[16384];
        n = read(fd, chunk, sizeof chunk);
        if (n > 0) {
            text_append_bytes(bytes, chunk, (size_t) n);
        }
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0) {
        error_set(error, "%s", strerror(errno));
    }
    close(fd);
    return n == 0;
}

/* Makes the header that the bytes ought to have, and compares. */
static bool
check_document(const char *name, const struct text *file, size_t *header_size,
               struct error *error)
{
    char header[HEADER_SIZE];
    const char *end = memchr(file->data, '\n', file->length);

    if (!end || strncmp(file->data, "flowverify-state ", 17) != 0) {
        return error_set(error, "it is not a state file");
    }
    size_t length = (size_t) (end - file->data) + 1;
    const char *bytes = file->data + length;
    size_t size = file->length - length;
    struct hash hash = hash_bytes(bytes, size);
    int expected = snprintf(header, sizeof header, HEADER_FORMAT, name, size,
                            hash.high, hash.low);
    if (expected < 0 || (size_t) expected != length
        || memcmp(file->data, header, length) != 0) {
        return error_set(error, "its version, name, size or checksum is not "
                                "what it should be");
    }
    *header_size = length;
    return true;
}
