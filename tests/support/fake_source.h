/* A source whose documents and failures a test decides. */

#ifndef TESTS_SUPPORT_FAKE_SOURCE_H
#define TESTS_SUPPORT_FAKE_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "exporter/source/source.h"

enum { FAKE_DOCUMENTS_MAX = 8 };

struct fake_source {
    struct source source; /* First, so that one leads to the other. */
    struct clock *clock;
    struct feed_state feeds[N_FEEDS]; /* Feed number i is enum feed i. */
    const char *labels[FAKE_DOCUMENTS_MAX];
    struct network_part *parts[FAKE_DOCUMENTS_MAX];
    size_t n_parts;
    bool changed;
    bool fails[N_FEEDS];
    struct collection collection;
    const char *findings[4];
    size_t n_findings;
    /* Of collections that wait until somebody interrupts or frees them. */
    pthread_mutex_t lock;
    pthread_cond_t released;
    bool hangs; /* Guarded by 'lock', as all below. */
    bool interrupted;
    unsigned int n_collects;
    unsigned int *n_destroyed; /* Counts the sources that ended, or NULL. */
};

/* Makes a source without documents; source_destroy() ends it. */
struct fake_source *fake_source_create(struct clock *clock);

/* Lets the document 'label' be 'json'; NULL takes it away. */
void fake_source_put(struct fake_source *fake, const char *label,
                     const char *json);

/* Lets collections wait, or go on. */
void fake_source_hang(struct fake_source *fake, bool hangs);
unsigned int fake_source_collects(struct fake_source *fake);
/* Waits until collection number 'n' is under way. */
void fake_source_await(struct fake_source *fake, unsigned int n);

/* A small estate of one NIC, rg/nic-web (10.0.0.4), in one subnet with the
 * group rg/nsg-web, whose one custom rule 'rule' for Tcp port 443 inbound from
 * anywhere has the access 'access'. */
void fake_source_put_estate(struct fake_source *fake);
void fake_source_put_rule(struct fake_source *fake, const char *rule,
                          const char *access);

#endif
