#include "exporter/build.h"

#include "engine/base/text.h"
#include "version.h"

#define STRING_OF(number) #number
#define STRING(number) STRING_OF(number)
#define DOTTED(major, minor, patch)                                           \
    STRING(major) "." STRING(minor) "." STRING(patch)

#if defined __clang__
#define COMPILER                                                              \
    "clang " DOTTED(__clang_major__, __clang_minor__, __clang_patchlevel__)
#elif defined __GNUC__
#define COMPILER "gcc " DOTTED(__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__)
#else
#define COMPILER "unknown"
#endif

static const struct build_library libraries[] = {
    { "libmicrohttpd", FLOWVERIFY_LIBMICROHTTPD },
    { "libcurl", FLOWVERIFY_LIBCURL },
    { "cjson", FLOWVERIFY_LIBCJSON },
    { "libconfig", FLOWVERIFY_LIBCONFIG },
    { "gnutls", FLOWVERIFY_GNUTLS },
    { "zlib", FLOWVERIFY_ZLIB },
};
enum { N_LIBRARIES = sizeof libraries / sizeof *libraries };

const char *
build_version(void)
{
    return FLOWVERIFY_VERSION;
}

const char *
build_revision(void)
{
    return FLOWVERIFY_REVISION;
}

const char *
build_compiler(void)
{
    return COMPILER;
}

size_t
build_libraries(const struct build_library **list)
{
    *list = libraries;
    return N_LIBRARIES;
}

void
build_describe(struct text *out, const char *program)
{
    text_printf(out, "%s, version %s (revision: %s)\n", program,
                FLOWVERIFY_VERSION, FLOWVERIFY_REVISION);
    text_append(out, "  compiler:         " COMPILER "\n");
    text_append(out, "  libraries:        ");
    for (size_t i = 0; i < N_LIBRARIES; i++) {
        text_printf(out, "%s%s %s", i ? ", " : "", libraries[i].name,
                    libraries[i].version);
    }
    text_append(out, "\n");
}
