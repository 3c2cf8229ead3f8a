/* A small Azure for tests over the fake network: resources by id, lists with
 * pages of two, admin rules, members of groups, and a hook for faults. */

#ifndef TESTS_SUPPORT_FAKE_ARM_H
#define TESTS_SUPPORT_FAKE_ARM_H

#include "tests/support/fake_http.h"

enum { FAKE_ARM_MAX = 64, FAKE_PAGE = 2 };

struct fake_arm;

/* Called before a request is answered: returns true if it answered itself. */
typedef bool fake_fault(struct fake_arm *arm,
                        const struct http_request *request,
                        struct http_response *response, int64_t *latency_ms);

struct fake_arm {
    struct fake_http http;
    const char *paths[FAKE_ARM_MAX]; /* As the API spells them. */
    char *bodies[FAKE_ARM_MAX];      /* From the heap. */
    size_t n;
    fake_fault *fault;
    void *aux; /* For the fault. */
    unsigned int n_tokens;
    unsigned int n_arm; /* Requests, without those for tokens. */
    struct text asked;  /* Their paths, one a line. */
};

void fake_arm_init(struct fake_arm *arm);
void fake_arm_clear(struct fake_arm *arm);

/* Puts a body at a path, in place of the one that was there; NULL takes it
 * away.  The path of a POST is that of the action. */
void fake_arm_put(struct fake_arm *arm, const char *path, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
void fake_arm_remove(struct fake_arm *arm, const char *path);

#endif
