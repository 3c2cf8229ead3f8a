/* Measures the engine.  usage: bench [--service-tags=FILE] [--dump=FOLDER] */

#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double
bench_now(void)
{
    struct timespec now;

    (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

double
bench_resident_mb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long total = 0;
    unsigned long resident = 0;

    if (file) {
        if (fscanf(file, "%lu %lu", &total, &resident) != 2) {
            resident = 0;
        }
        (void) fclose(file);
    }
    return (double) resident * (double) sysconf(_SC_PAGESIZE) / 1e6;
}

static bool
is_met(double value, enum bench_goal goal, double target)
{
    return goal == GOAL_AT_LEAST ? value >= target : value <= target;
}

static void
print_row(const char *name, double value, const char *unit,
          enum bench_goal goal, double target)
{
    static const char *const signs[] = { "", ">=", "<=" };

    (void) printf("%-58s %10.4g %-5s", name, value, unit);
    if (goal != GOAL_NONE) {
        (void) printf(" %s %-6.4g %s", signs[goal], target,
                      is_met(value, goal, target) ? "met" : "MISSED");
    }
}

/* Opens the file of rows; the caller closes it. */
static FILE *
open_rows(void)
{
    const char *path = getenv("BENCH_ROWS");

    return path ? fopen(path, "a") : NULL;
}

static void
write_row(FILE *rows, const char *name, double value, const char *unit,
          enum bench_goal goal, double target)
{
    (void) fprintf(rows, "{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"",
                   name, value, unit);
    if (goal != GOAL_NONE) {
        (void) fprintf(rows, ",\"target\":%.6g,\"met\":%s", target,
                       is_met(value, goal, target) ? "true" : "false");
    }
}

void
bench_row(const char *name, double value, const char *unit,
          enum bench_goal goal, double target)
{
    FILE *rows = open_rows();

    print_row(name, value, unit, goal, target);
    (void) printf("\n");
    if (rows) {
        write_row(rows, name, value, unit, goal, target);
        (void) fprintf(rows, "}\n");
        (void) fclose(rows);
    }
}

void
bench_row_peer(const char *name, double value, const char *unit,
               enum bench_goal goal, double target, const char *peer,
               double peer_value, double ratio)
{
    FILE *rows = open_rows();

    print_row(name, value, unit, goal, target);
    (void) printf("  (%s %.4g: %.3gx)\n", peer, peer_value, ratio);
    if (rows) {
        write_row(rows, name, value, unit, goal, target);
        (void) fprintf(rows,
                       ",\"peer\":\"%s\",\"peer_value\":%.6g,"
                       "\"ratio\":%.6g}\n",
                       peer, peer_value, ratio);
        (void) fclose(rows);
    }
}

static const char *
flag_value(const char *word, const char *flag)
{
    size_t length = strlen(flag);

    return strncmp(word, flag, length) ? NULL : word + length;
}

int
main(int argc, char *argv[])
{
    const char *tags_file = NULL;
    const char *folder = NULL;

    for (int i = 1; i < argc; i++) {
        const char *tags = flag_value(argv[i], "--service-tags=");
        const char *dump = flag_value(argv[i], "--dump=");
        tags_file = tags ? tags : tags_file;
        folder = dump ? dump : folder;
        if (!tags && !dump) {
            (void) fprintf(stderr, "usage: bench [--service-tags=FILE] "
                                   "[--dump=FOLDER]\n");
            return 2;
        }
    }
    (void) setvbuf(stdout, NULL, _IOLBF, 0);
    if (folder) {
        bench_dump(folder, tags_file);
        return 0;
    }
    bench_lookups(tags_file);
    bench_sets(tags_file);
    bench_analyses(tags_file);
    bench_stress(tags_file);
    bench_cycle();
    return 0;
}
