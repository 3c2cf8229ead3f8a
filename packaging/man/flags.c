#include "packaging/man/flags.h"

#include "engine/base/text.h"
#include "exporter/options.h"
#include "packaging/man/roff.h"

void
flags_describe(struct text *out, const struct option_table *table)
{
    struct text term;
    struct text about;

    text_init(&term);
    text_init(&about);
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        text_reset(&term);
        text_reset(&about);
        if (option->argument) {
            text_printf(&term, "*--%s*=_%s_", option->name, option->argument);
        } else {
            text_printf(&term, "*--%s*", option->name);
        }
        text_append(&about, option->help);
        if (option->standard) {
            text_printf(&about, " Default: %s.", option->standard);
        }
        if (option->kind == OPTION_WORDS) {
            text_append(&about, " May be repeated.");
        }
        roff_item(out, term.data, about.data);
    }
    text_clear(&term);
    text_clear(&about);
}
