#include "exporter/render/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "exporter/clock.h"

enum { REFRESH_MS = 1000 };

static struct process_stats read_stats(int64_t now);
static void read_stat(struct process_stats *stats);
static double boot_seconds(void);
static uint64_t count_fds(void);
static void read_network(struct process_stats *stats);
static double limit_of(int resource);
static bool read_file(const char *path, char *bytes, size_t size);

struct process_stats
process_stats(void)
{
    static atomic_flag busy = ATOMIC_FLAG_INIT;
    static struct process_stats last; /* Guarded by 'busy'. */

    struct clock *clock = clock_system();
    int64_t now = clock->monotonic_ms(clock);
    if (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) {
        return read_stats(now);
    }
    if (now >= last.expires_ms) {
        last = read_stats(now);
    }
    struct process_stats stats = last;
    atomic_flag_clear_explicit(&busy, memory_order_release);
    return stats;
}

static struct process_stats
read_stats(int64_t now)
{
    struct process_stats stats = {
        .expires_ms = now + REFRESH_MS,
        .max_fds = limit_of(RLIMIT_NOFILE),
        .virtual_max_bytes = limit_of(RLIMIT_AS),
        .open_fds = count_fds(),
    };
    read_stat(&stats);
    read_network(&stats);
    return stats;
}

/* proc(5), /proc/[pid]/stat: the fields behind the name in brackets, which
 * may hold blanks and brackets itself.  utime is field 14, stime 15,
 * starttime 22, vsize 23, rss 24. */
static void
read_stat(struct process_stats *stats)
{
    char line[1024];
    if (!read_file("/proc/self/stat", line, sizeof line)) {
        return;
    }
    char *field = strrchr(line, ')');
    uint64_t values[25] = { 0 };
    if (!field) {
        return;
    }
    field += 4; /* Behind ") S". */
    for (size_t i = 4; i < 25; i++) {
        values[i] = strtoull(field, &field, 10);
    }
    double ticks = (double) sysconf(_SC_CLK_TCK);
    stats->cpu_seconds = (double) (values[14] + values[15]) / ticks;
    stats->start_seconds = boot_seconds() + (double) values[22] / ticks;
    stats->virtual_bytes = values[23];
    stats->resident_bytes = values[24] * (uint64_t) sysconf(_SC_PAGESIZE);
}

/* When the machine started; it is asked once, since the line stands behind
 * long ones.  Two threads that ask at once find the same. */
static double
boot_seconds(void)
{
    static _Atomic uint64_t seconds;
    if (!seconds) {
        FILE *file = fopen("/proc/stat", "re");
        char line[256];
        while (file && fgets(line, sizeof line, file)) {
            if (!strncmp(line, "btime ", 6)) {
                seconds = strtoull(line + 6, NULL, 10);
            }
        }
        if (file) {
            (void) fclose(file);
        }
    }
    return (double) seconds;
}

static uint64_t
count_fds(void)
{
    DIR *directory = opendir("/proc/self/fd");
    uint64_t n = 0;
    const struct dirent *entry;
    if (!directory) {
        return 0;
    }
    while ((entry = readdir(directory))) {
        n += entry->d_name[0] != '.';
    }
    (void) closedir(directory);
    return n - 1; /* The directory itself. */
}

/* /proc/self/net/netstat: a line of names and a line of values for each
 * group; InOctets and OutOctets stand in "IpExt:". */
static void
read_network(struct process_stats *stats)
{
    char text[8192];
    if (!read_file("/proc/self/net/netstat", text, sizeof text)) {
        return;
    }
    char *names = strstr(text, "IpExt:");
    char *values = names ? strstr(names + 6, "IpExt:") : NULL;
    if (!values) {
        return;
    }
    values[-1] = '\0';
    char *rest_names, *rest_values;
    char *name = strtok_r(names, " \n", &rest_names);
    char *value = strtok_r(values, " \n", &rest_values);
    while (name && value) {
        if (!strcmp(name, "InOctets")) {
            stats->received_bytes = strtoull(value, NULL, 10);
        } else if (!strcmp(name, "OutOctets")) {
            stats->sent_bytes = strtoull(value, NULL, 10);
        }
        name = strtok_r(NULL, " \n", &rest_names);
        value = strtok_r(NULL, " \n", &rest_values);
    }
}

static double
limit_of(int resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit)) {
        return 0;
    }
    return limit.rlim_cur == RLIM_INFINITY ? 18446744073709551615.0
                                           : (double) limit.rlim_cur;
}

static bool
read_file(const char *path, char *bytes, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t n = read(fd, bytes, size - 1);
    (void) close(fd);
    bytes[n > 0 ? n : 0] = '\0';
    return n > 0;
}
