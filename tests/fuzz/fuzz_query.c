/* Queries: what was read holds names that are all different, and decoding
 * never makes a string longer. */

#include <assert.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/web/query.h"
#include "exporter/web/selection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *word = memory_alloc(size + 1);
    struct query query;
    struct selection selection;
    struct error error;
    memcpy(word, data, size);
    word[size] = '\0';

    if (query_parse(&query, word, &error)) {
        for (size_t i = 0; i < query.n; i++) {
            assert(query_get(&query, query.items[i].name)
                   == query.items[i].value);
        }
        (void) selection_read(&selection, &query, &error);
        query_clear(&query);
    }
    size_t before = strlen(word);
    if (percent_decode(word, false)) {
        assert(strlen(word) <= before);
    }
    free(word);
    return 0;
}
