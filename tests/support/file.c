#include "tests/support/file.h"

#include "tests/support/test.h"

#include <stdio.h>

#include "engine/base/text.h"

void
file_read(const char *path, struct text *text)
{
    char chunk[65536];
    size_t n;
    FILE *file = fopen(path, "rb");

    if (!file) {
        fail_msg("%s cannot be read", path);
        return;
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        text_append_bytes(text, chunk, n);
    }
    fclose(file);
}
