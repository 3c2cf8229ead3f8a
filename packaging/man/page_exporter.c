#include "engine/base/text.h"
#include "exporter/daemon.h"
#include "exporter/options.h"
#include "packaging/man/flags.h"
#include "packaging/man/pages.h"
#include "packaging/man/roff.h"

static const struct {
    const char *term;
    const char *text;
} signals[] = {
    { "*SIGHUP*", "Reads the configuration again. A configuration with errors "
                  "is refused whole, logged and counted; the old one stays." },
    { "*SIGTERM*, *SIGINT*",
      "Stops: the requests under way are answered, the state is saved. This "
      "takes less than a second, even while Azure is being asked." },
};

static const struct {
    const char *term;
    const char *text;
} files[] = {
    { "_/etc/flowverify/flowverify.cfg_",
      "The configuration, see *flowverify.cfg*(5)." },
    { "_/etc/default/flowverify_exporter_",
      "Arguments that the systemd unit passes (ARGS)." },
    { "_/var/lib/flowverify_exporter_", "State, see *--storage.path*." },
    { "_/usr/share/flowverify_",
      "Alert rules, runbooks, dashboards, and an example estate." },
};

void
page_exporter(struct text *out)
{
    roff_page(out, "flowverify_exporter", "8",
              "Prometheus exporter that verifies flows against Azure's "
              "network rules");
    roff_section(out, "SYNOPSIS");
    roff_paragraph(out, "*flowverify_exporter* [_FLAGS_]");
    roff_section(out, "DESCRIPTION");
    roff_paragraph(
        out, "*flowverify_exporter* fetches network security groups and "
             "Virtual Network Manager admin rules on its own schedule, judges "
             "a configured list of flows against them, and serves each flow's "
             "verdict and the rule that decided it to Prometheus. A scrape "
             "never waits for Azure: it gets what the last cycle found.");
    roff_paragraph(
        out, "A verdict is allow, deny, partial or unknown. Unknown means "
             "that the data does not determine the answer, and says why; it "
             "is never a guess.");
    roff_section(out, "OPTIONS");
    flags_describe(out, &daemon_flags);
    roff_section(out, "SIGNALS");
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        roff_item(out, signals[i].term, signals[i].text);
    }
    roff_section(out, "EXIT STATUS");
    roff_item(out, "*0*", "Stopped by a signal, or a check found no error.");
    roff_item(out, "*1*", "The configuration is wrong, or starting failed.");
    roff_item(out, "*2*", "Wrong usage.");
    roff_section(out, "FILES");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        roff_item(out, files[i].term, files[i].text);
    }
    roff_section(out, "SEE ALSO");
    roff_paragraph(out, "*flowverify*(1), *flowverify.cfg*(5), "
                        "*prometheus*(1)");
}
