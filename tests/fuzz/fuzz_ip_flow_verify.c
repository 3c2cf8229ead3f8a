/* Bodies of ipFlowVerify: the reader of the object, on its own. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "exporter/web/json_object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_member members[] = {
        { "targetResourceId", NULL },
        { "direction", NULL },
        { "localPort", NULL },
    };
    struct arena *arena = arena_create();
    struct error error;

    if (json_object_read((const char *) data, size, members, 3, arena,
                         &error)) {
        for (size_t i = 0; i < 3; i++) {
            assert(!members[i].value || strlen(members[i].value) <= size);
        }
    }
    arena_unref(arena);
    return 0;
}
