/* Rows of the table that "make bench" prints, and the clock behind them. */

#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

enum bench_goal { GOAL_NONE, GOAL_AT_LEAST, GOAL_AT_MOST };

/* Seconds of processor time of this thread. */
double bench_now(void);
/* Bytes that the process holds and has held at most. */
double bench_resident_mb(void);

/* Prints a row, and adds it as a line of JSON to the file named in
 * BENCH_ROWS, if any. */
void bench_row(const char *name, double value, const char *unit,
               enum bench_goal goal, double target);

/* The same for a value next to another one that was measured in this run. */
void bench_row_peer(const char *name, double value, const char *unit,
                    enum bench_goal goal, double target, const char *peer,
                    double peer_value, double ratio);

void bench_lookups(const char *tags_file);
void bench_sets(const char *tags_file);
void bench_analyses(const char *tags_file);
void bench_stress(const char *tags_file);
void bench_cycle(void);
/* Writes rule sets and questions for the peers to a folder. */
void bench_dump(const char *folder, const char *tags_file);

#endif
