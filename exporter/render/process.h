/* What the system says about this process.
 *
 * Threads: any.  What /proc tells is read at most once a second, so that many
 * scrapers cost no more than one. */

#ifndef EXPORTER_RENDER_PROCESS_H
#define EXPORTER_RENDER_PROCESS_H

#include <stdint.h>

struct process_stats {
    int64_t expires_ms; /* Monotonic: when it is read anew. */
    double cpu_seconds;
    double start_seconds; /* Since the epoch. */
    double max_fds;
    double virtual_max_bytes; /* 18446744073709551615: no limit. */
    uint64_t open_fds;
    uint64_t virtual_bytes;
    uint64_t resident_bytes;
    uint64_t received_bytes; /* Of the network namespace, as /proc/self/net
                              * counts them. */
    uint64_t sent_bytes;
};

struct process_stats process_stats(void);

#endif
