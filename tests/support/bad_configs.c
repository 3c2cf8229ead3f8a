#include "tests/support/bad_configs.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

void
bad_configs_check(const char *folder, const struct bad_config table[],
                  size_t n)
{
    size_t failures = 0;

    for (size_t i = 0; i < n; i++) {
        struct text expected;
        struct text errors;
        const char *path = folder_write(folder, "bad.cfg", table[i].content);
        text_init(&expected);
        text_init(&errors);
        text_printf(&expected, "%s:%s\n", path, table[i].line);

        struct config *config = config_load(path, &errors);

        if (config || strcmp(errors.data, expected.data) != 0) {
            print_error("%s\n  expected %s  got      %s\n", table[i].what,
                        expected.data, errors.data);
            failures++;
        }
        config_unref(config);
        text_clear(&expected);
        text_clear(&errors);
    }
    assert_int_equal(failures, 0);
}
