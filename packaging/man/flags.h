/* Flags of a program or command, as a manual page lists them. */

#ifndef PACKAGING_MAN_FLAGS_H
#define PACKAGING_MAN_FLAGS_H

struct option_table;
struct text;

void flags_describe(struct text *out, const struct option_table *table);

#endif
