#include "exporter/source/http_curl_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "engine/base/error.h"

/* The interface that curl has kept since 2006, and what Debian calls it where
 * GnuTLS is inside.  Without a folder: the loader looks where the system's
 * libraries are, and nowhere else. */
static const char *const sonames[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

/* CURLOPT_QUICK_EXIT came with it. */
enum { VERSION_MIN = 0x075700 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct curl_library loaded; /* Guarded by 'lock' until it is ready. */
static bool is_ready;              /* Guarded by 'lock'. */

static bool take_functions(struct curl_library *library, void *handle,
                           const char *soname, struct error *error);

const struct curl_library *
curl_library_get(struct error *error)
{
    pthread_mutex_lock(&lock);
    if (!is_ready) {
        struct error other;
        is_ready = curl_library_load(&loaded, sonames[0], error)
                   || curl_library_load(&loaded, sonames[1], &other);
    }
    bool got = is_ready;
    pthread_mutex_unlock(&lock);
    return got ? &loaded : NULL;
}

bool
curl_library_load(struct curl_library *library, const char *soname,
                  struct error *error)
{
    /* All symbols now: one that is missing must not show in the middle of a
     * request.  It is never closed, since TLS libraries do not survive that. */
    void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

    if (!handle) {
        return error_set(error, "source azure needs curl: %s", dlerror());
    }
    if (!take_functions(library, handle, soname, error)) {
        return false;
    }
    const curl_version_info_data *version =
        library->version_info(CURLVERSION_NOW);
    if (version->version_num < VERSION_MIN) {
        return error_set(error,
                         "source azure needs curl 7.87.0 or later; %s is %s",
                         soname, version->version);
    }
    /* Without signals of its own, curl leaves this one to its user. */
    (void) signal(SIGPIPE, SIG_IGN);
    if (library->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return error_set(error, "source azure needs curl: %s does not start",
                         soname);
    }
    return true;
}

static bool
take_functions(struct curl_library *library, void *handle, const char *soname,
               struct error *error)
{
    static const struct {
        const char *name;
        size_t offset;
    } functions[] = {
#define CURL_ROW(name) { "curl_" #name, offsetof(struct curl_library, name) },
        CURL_FUNCTIONS(CURL_ROW)
#undef CURL_ROW
    };

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *function = dlsym(handle, functions[i].name);
        if (!function) {
            return error_set(error, "source azure needs curl: %s has no %s",
                             soname, functions[i].name);
        }
        /* POSIX, unlike C, lets the one pointer be the other. */
        memcpy((char *) library + functions[i].offset, &function,
               sizeof function);
    }
    return true;
}
