#include <ctype.h>
#include <stddef.h>

#include "engine/base/text.h"
#include "exporter/options.h"
#include "exporter/tool/commands.h"
#include "packaging/man/flags.h"
#include "packaging/man/pages.h"
#include "packaging/man/roff.h"

static void
describe_exits(struct text *out)
{
    static const struct {
        const char *term;
        const char *text;
    } exits[] = {
        { "*0*", "run: every flow is as expected. verify: allowed. diff: "
                 "nothing differs." },
        { "*1*", "run: at least one flow is violated. verify: denied, or "
                 "allowed in part. diff: something differs. analyze: "
                 "something was found. check-config: there are errors." },
        { "*2*", "run: none is violated, some are unknown. verify: unknown. "
                 "snapshot: some of it could not be read." },
        { "*3*", "It could not run; one line on standard error says why." },
    };

    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++) {
        roff_item(out, exits[i].term, exits[i].text);
    }
}

void
page_tool(struct text *out)
{
    const struct tool_command *commands;
    size_t n = tool_commands(&commands);
    struct text line;

    text_init(&line);
    roff_page(out, "flowverify", "1",
              "judge flows against Azure's network rules");
    roff_section(out, "SYNOPSIS");
    roff_paragraph(out, "*flowverify* _COMMAND_ [_FLAGS_]");
    roff_section(out, "DESCRIPTION");
    roff_paragraph(
        out, "*flowverify* answers at once what *flowverify_exporter*(8) "
             "answers continuously: whether Azure's network rules allow a "
             "flow, and which rule decides. It works on what it fetches, or "
             "on a folder of JSON documents without any network.");
    roff_section(out, "COMMANDS");
    for (size_t i = 0; i < n; i++) {
        roff_subsection(out, commands[i].name);
        text_reset(&line);
        text_printf(&line, "*flowverify %s* %s", commands[i].name,
                    commands[i].operands);
        roff_paragraph(out, line.data);
        text_reset(&line);
        if (commands[i].flags) {
            roff_paragraph(out, commands[i].flags->about);
        } else {
            text_printf(&line, "%c%s.", toupper(commands[i].summary[0]),
                        commands[i].summary + 1);
            roff_paragraph(out, line.data);
        }
        if (commands[i].flags) {
            flags_describe(out, commands[i].flags);
        }
    }
    text_clear(&line);
    roff_section(out, "EXIT STATUS");
    describe_exits(out);
    roff_section(out, "EXAMPLES");
    roff_example(out, "flowverify run --config.file=flowverify.cfg\n"
                      "flowverify verify --config.file=flowverify.cfg \\\n"
                      "  --nic=rg-web/nic-web-01 --direction=Outbound \\\n"
                      "  --protocol=Tcp --local=10.0.1.4:* "
                      "--remote=10.0.2.5:1433\n"
                      "flowverify diff --before=yesterday --after=today \\\n"
                      "  --config.file=flowverify.cfg\n");
    roff_section(out, "SEE ALSO");
    roff_paragraph(out, "*flowverify_exporter*(8), *flowverify.cfg*(5)");
}
