#include "exporter/source/directory_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"

enum { DEPTH_MAX = 32, FILES_MAX = 100 * 1000 };

/* A folder by what it is, not by how it was reached. */
struct folder {
    dev_t device;
    ino_t inode;
};

struct scan {
    struct arena *arena;
    struct scan_entry *entries;
    size_t n;
    size_t capacity;
    struct folder *folders; /* Those that were visited. */
    size_t n_folders;
    size_t capacity_folders;
    int depth;
};

static void scan_folder(struct scan *scan, int parent, const char *name,
                        const char *path);
static int compare_entries(const void *a, const void *b);

bool
directory_scan(const char *root, struct arena *arena,
               const struct scan_entry **entries, size_t *n,
               struct error *error)
{
    struct scan scan = { .arena = arena };
    size_t length = strlen(root);

    while (length > 1 && root[length - 1] == '/') {
        length--;
    }
    root = arena_strndup(arena, root, length);
    scan_folder(&scan, AT_FDCWD, root, root);
    if (scan.n) {
        qsort(scan.entries, scan.n, sizeof *scan.entries, compare_entries);
    }
    bool ok = true;
    if (scan.n == 1 && scan.entries[0].is_folder
        && strcmp(scan.entries[0].path, root) == 0) {
        ok = error_set(error, "%s: %s", root, scan.entries[0].error);
    } else {
        *entries =
            arena_memdup(arena, scan.entries, scan.n * sizeof *scan.entries);
        *n = scan.n;
    }
    free(scan.entries);
    free(scan.folders);
    return ok;
}

bool
file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->modified_ns == b->modified_ns
           && a->changed_ns == b->changed_ns;
}

static struct file_stamp
make_stamp(const struct stat *status)
{
    const int64_t second = 1000 * 1000 * 1000;

    return (struct file_stamp){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = status->st_size,
        .modified_ns =
            status->st_mtim.tv_sec * second + status->st_mtim.tv_nsec,
        .changed_ns =
            status->st_ctim.tv_sec * second + status->st_ctim.tv_nsec,
    };
}

bool
file_stamp_read(int descriptor, struct file_stamp *stamp)
{
    struct stat status;

    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        return false;
    }
    *stamp = make_stamp(&status);
    return true;
}

static int
compare_entries(const void *a, const void *b)
{
    const struct scan_entry *left = a;
    const struct scan_entry *right = b;

    return strcmp(left->path, right->path);
}

static void
add_entry(struct scan *scan, struct scan_entry entry)
{
    scan->entries = memory_grow(scan->entries, scan->n, &scan->capacity,
                                sizeof *scan->entries);
    scan->entries[scan->n++] = entry;
}

static void
add_failure(struct scan *scan, const char *path, const char *cause,
            bool is_folder)
{
    add_entry(scan,
              (struct scan_entry){ .path = path,
                                   .error = arena_strdup(scan->arena, cause),
                                   .is_folder = is_folder });
}

/* Returns false if the folder was visited before: a link that leads back up
 * would go round for ever. */
static bool
visit(struct scan *scan, const struct stat *status)
{
    struct folder folder = { status->st_dev, status->st_ino };

    for (size_t i = 0; i < scan->n_folders; i++) {
        if (scan->folders[i].device == folder.device
            && scan->folders[i].inode == folder.inode) {
            return false;
        }
    }
    scan->folders =
        memory_grow(scan->folders, scan->n_folders, &scan->capacity_folders,
                    sizeof *scan->folders);
    scan->folders[scan->n_folders++] = folder;
    return true;
}

static bool
is_document(const char *name)
{
    size_t length = strlen(name);

    return length > 5 && ascii_equal(name + length - 5, ".json");
}

static void
scan_name(struct scan *scan, int parent, const char *name, const char *folder)
{
    struct stat status;
    const char *path = arena_printf(scan->arena, "%s/%s", folder, name);

    if (fstatat(parent, name, &status, 0) != 0) {
        int error = errno;
        /* What is gone since the folder was read is gone.  A link to nowhere
         * may be a folder whose disk is away: that is not gone. */
        if (error != ENOENT
            || fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            add_failure(scan, path, strerror(error), !is_document(name));
        }
        return;
    }
    if (S_ISDIR(status.st_mode)) {
        scan_folder(scan, parent, name, path);
    } else if (S_ISREG(status.st_mode) && is_document(name)) {
        add_entry(scan, (struct scan_entry){ .path = path,
                                             .stamp = make_stamp(&status) });
    }
}

static int
compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

/* Reads the names in a folder, sorted, so that of two ways to one folder the
 * same one counts every time. */
static char **
read_names(DIR *stream, struct arena *arena, size_t *n, int *error)
{
    char **names = NULL;
    size_t capacity = 0;
    const struct dirent *entry;

    *n = 0;
    *error = 0;
    for (;;) {
        errno = 0;
        entry = readdir(stream);
        if (!entry) {
            break;
        }
        if (entry->d_name[0] == '.') {
            continue;
        }
        names = memory_grow(names, *n, &capacity, sizeof *names);
        names[(*n)++] = arena_strdup(arena, entry->d_name);
    }
    *error = errno;
    if (*n) {
        qsort(names, *n, sizeof *names, compare_names);
    }
    return names;
}

static void
scan_names(struct scan *scan, DIR *stream, const char *path)
{
    struct stat status;
    size_t n;

    if (fstat(dirfd(stream), &status) != 0 || !visit(scan, &status)) {
        return;
    }
    int error;
    char **names = read_names(stream, scan->arena, &n, &error);
    if (error) {
        add_failure(scan, path, strerror(error), true);
    }
    for (size_t i = 0; i < n && scan->n < FILES_MAX; i++) {
        scan_name(scan, dirfd(stream), names[i], path);
    }
    if (scan->n == FILES_MAX) {
        add_failure(scan, path, "too many files", true);
    }
    free(names);
}

static void
scan_folder(struct scan *scan, int parent, const char *name, const char *path)
{
    if (scan->depth == DEPTH_MAX) {
        add_failure(scan, path, "folders nested too deep", true);
        return;
    }
    int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (!stream) {
        add_failure(scan, path, strerror(errno), true);
        if (descriptor >= 0) {
            close(descriptor);
        }
        return;
    }
    scan->depth++;
    scan_names(scan, stream, path);
    scan->depth--;
    closedir(stream);
}
