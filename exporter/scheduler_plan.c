#include "exporter/scheduler_plan.h"

/* A tenth: of the interval, for jitter and for the pause. */
enum { PARTS = 10 };

void
plan_init(struct plan *plan, uint64_t seed, int64_t now_ms)
{
    *plan =
        (struct plan){ .due_ms = now_ms, .began_ms = now_ms, .random = seed };
}

void
plan_began(struct plan *plan, int64_t now_ms)
{
    plan->began_ms = now_ms;
}

/* SplitMix64: any seed will do, equal ones give equal times. */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

void
plan_ended(struct plan *plan, int64_t interval_ms, int64_t now_ms)
{
    int64_t part_ms = interval_ms / PARTS;
    int64_t early_ms =
        (int64_t) (next_random(&plan->random) % ((uint64_t) part_ms + 1));
    int64_t pause_end_ms = now_ms + part_ms;

    plan->due_ms = plan->began_ms + interval_ms - early_ms;
    if (plan->due_ms < pause_end_ms) {
        plan->due_ms = pause_end_ms;
    }
}

void
plan_hurry(struct plan *plan, int64_t now_ms)
{
    plan->due_ms = now_ms;
}
