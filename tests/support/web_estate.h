/* A small estate with hostile names, collected and judged: what the web
 * surface shows in tests. */

#ifndef TESTS_SUPPORT_WEB_ESTATE_H
#define TESTS_SUPPORT_WEB_ESTATE_H

#include "exporter/web/web.h"
#include "tests/support/fake_clock.h"

struct cycle;
struct source;

#define HOSTILE_TEXT "quote\" slash\\ line\nend <b> \xff\xc3\x28"
#define ESTATE_VM                                                             \
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/"     \
    "rg-a/providers/Microsoft.Compute/virtualMachines/vm-a"

struct web_estate {
    struct fake_clock clock;
    const struct config *config;
    struct source *source;
    struct changes *changes;
    struct cycle *cycle;
    struct publisher *publisher;
    struct web web; /* As the handlers get it. */
};

/* 'folder' is that of a test.  Nothing is collected yet. */
void web_estate_start(struct web_estate *estate, const char *folder);
/* Makes a cycle and publishes its snapshot. */
void web_estate_run(struct web_estate *estate);
void web_estate_end(struct web_estate *estate);

/* Answers "METHOD /target" as the server does, without one.  'accept' and
 * 'body' may be NULL.  The caller clears the response. */
void web_estate_ask(const struct web_estate *estate, const char *method,
                    const char *target, const char *accept, const char *body,
                    struct response *response);

#endif
