#define _XOPEN_SOURCE 700

#include "tests/support/folder.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/memory.h"

int
folder_setup(void **state)
{
    static const char template[] = "/tmp/flowverify-test-XXXXXX";
    char *folder = memory_alloc(sizeof template);

    memcpy(folder, template, sizeof template);
    if (!mkdtemp(folder)) {
        perror(folder);
        free(folder);
        return -1;
    }
    *state = folder;
    return 0;
}

static int
remove_entry(const char *path, const struct stat *status, int type,
             struct FTW *walk)
{
    (void) status;
    (void) type;
    (void) walk;
    return remove(path);
}

int
folder_teardown(void **state)
{
    int code = nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return code;
}

const char *
folder_path(const char *folder, const char *name)
{
    static char path[1024];

    /* A test that has no folder would write into the tree. */
    assert(folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

const char *
folder_write(const char *folder, const char *name, const char *content)
{
    return folder_write_bytes(folder, name, content, strlen(content));
}

const char *
folder_write_bytes(const char *folder, const char *name, const void *bytes,
                   size_t n)
{
    const char *path = folder_path(folder, name);
    char parent[1024];

    for (const char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        snprintf(parent, sizeof parent, "%.*s", (int) (slash - path), path);
        (void) mkdir(parent, 0700);
    }
    FILE *file = fopen(path, "w");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file) != 0) {
        perror(path);
        abort();
    }
    return path;
}
