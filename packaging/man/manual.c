/* Prints one manual page or completion: manual FILE, where FILE is its file
 * name. */

#include <stdio.h>
#include <string.h>

#include "engine/base/text.h"
#include "packaging/man/pages.h"

static const struct {
    const char *file;
    void (*print)(struct text *out);
} outputs[] = {
    { "flowverify_exporter.8", page_exporter },
    { "flowverify.1", page_tool },
    { "flowverify.cfg.5", page_config },
    { "flowverify_exporter.bash", completion_exporter_bash },
    { "_flowverify_exporter", completion_exporter_zsh },
    { "flowverify.bash", completion_tool_bash },
    { "_flowverify", completion_tool_zsh },
};

int
main(int argc, char *argv[])
{
    for (size_t i = 0; argc == 2 && i < sizeof outputs / sizeof *outputs;
         i++) {
        if (strcmp(outputs[i].file, argv[1]) == 0) {
            struct text out;
            text_init(&out);
            outputs[i].print(&out);
            size_t written = fwrite(out.data, 1, out.length, stdout);
            int code = written == out.length && fflush(stdout) == 0 ? 0 : 1;
            text_clear(&out);
            return code;
        }
    }
    fputs("usage: manual FILE, one of:\n", stderr);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        fprintf(stderr, "  %s\n", outputs[i].file);
    }
    return 2;
}
