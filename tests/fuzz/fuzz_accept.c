/* Accept and Accept-Encoding: any bytes, never a crash; a decision about the
 * same bytes is always the same. */

#include <assert.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/memory.h"
#include "exporter/web/accept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *word = memory_alloc(size + 1);
    memcpy(word, data, size);
    word[size] = '\0';

    enum exposition_format format = accept_format(word);
    bool gzip = accept_gzip(word);

    assert(format == accept_format(word) && gzip == accept_gzip(word));
    assert(format == EXPOSITION_TEXT || strlen(word) > 20);
    free(word);
    return 0;
}
