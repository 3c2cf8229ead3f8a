/* What this program was built from: for --version, metrics and pages. */

#ifndef EXPORTER_BUILD_H
#define EXPORTER_BUILD_H

#include <stddef.h>

struct text;

struct build_library {
    const char *name; /* "libcurl" */
    const char *version;
};

const char *build_version(void);  /* "0.1.0" */
const char *build_revision(void); /* "2ca2b35d9a01" or "unknown" */
const char *build_compiler(void); /* "gcc 12.2.0" */
/* The libraries it was built against. */
size_t build_libraries(const struct build_library **libraries);

/* What --version prints, in the shape that Prometheus gave it. */
void build_describe(struct text *out, const char *program);

#endif
