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

static const struct {
    const char *term;
    const char *text;
} web_keys[] = {
    { "*tls_server_config*",
      "*cert_file* and *key_file* (or, as text in this file, *cert* and "
      "*key*) switch TLS on. *client_ca_file* (or *client_ca*), "
      "*client_auth_type* and *client_allowed_sans* say which clients are let "
      "in by their certificates. *min_version* and *max_version* are TLS12 or "
      "TLS13; older versions are never spoken. *cipher_suites* and "
      "*curve_preferences* take Go's names; suites limit TLS 1.2 alone. "
      "*prefer_server_cipher_suites* is accepted and changes nothing. Paths "
      "are relative to the file." },
    { "*basic_auth_users*",
      "Names and bcrypt hashes of passwords. /-/healthy and /-/ready stay "
      "open." },
    { "*http_server_config*",
      "*headers*: Content-Security-Policy, X-Frame-Options, "
      "X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security. "
      "*http2* is accepted, but HTTP/1.1 is what is spoken: a scrape is one "
      "request on one connection." },
    { "*rate_limit*",
      "*interval* between requests and *burst*; more are answered with 429." },
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
    roff_section(out, "WEB CONFIGURATION");
    roff_paragraph(
        out, "The file of *--web.config.file* is that of the Prometheus "
             "exporter toolkit: YAML or JSON with the keys below. An unknown "
             "key is an error. The file, and those that it names, are looked "
             "at with every connection and request, so a new certificate or "
             "password counts at once; while one of them is empty or has an "
             "error, the last good state stays in force and the log says so.");
    for (size_t i = 0; i < sizeof web_keys / sizeof *web_keys; i++) {
        roff_item(out, web_keys[i].term, web_keys[i].text);
    }
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
