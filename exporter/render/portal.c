#include "exporter/render/portal.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "engine/compile/policy.h"

void
portal_append_url(struct text *out, const struct config *config,
                  const struct policy_rule *rule)
{
    static const struct {
        const char *cloud;
        const char *portal;
    } portals[] = {
        { "AzureUSGovernment", "https://portal.azure.us" },
        { "AzureChina", "https://portal.azure.cn" },
    };
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789/-._~()";
    const char *portal = "https://portal.azure.com";
    const char *cloud = config && config->source.kind == SOURCE_AZURE
                            ? config->source.cloud
                            : "";

    if (!rule || rule->kind == RULE_NONE || rule->kind == RULE_DEFAULT
        || *rule->ruleset_id != '/') {
        return;
    }
    for (size_t i = 0; i < sizeof portals / sizeof *portals; i++) {
        if (!strcmp(cloud, portals[i].cloud)) {
            portal = portals[i].portal;
        }
    }
    text_printf(out, "%s/#@/resource", portal);
    /* Of admin rules the portal shows the network manager, which is the
     * resource that their collection is part of: eight words of its id. */
    size_t words = 0;
    for (const char *c = rule->ruleset_id; *c; c++) {
        words += *c == '/';
        if (words > 8) {
            break;
        }
        if (strchr(safe, *c)) {
            text_append_char(out, *c);
        } else {
            text_printf(out, "%%%02X", (unsigned char) *c);
        }
    }
}
