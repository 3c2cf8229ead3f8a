#include "exporter/source/arm_error.h"

#include <cjson/cJSON.h>

#include "engine/base/ascii.h"

/* An error body is small; what is larger is something else. */
enum { ERROR_BODY_MAX = 64 * 1024 };

static void copy_line(char *to, size_t size, const cJSON *from);
static void note_code(struct arm_error *error, const char *code);

void
arm_error_parse(const char *body, size_t size, struct arm_error *error)
{
    *error = (struct arm_error){ .busy = false };
    if (size > ERROR_BODY_MAX) {
        return;
    }
    cJSON *json = cJSON_ParseWithLength(body, size);
    const cJSON *inner = cJSON_GetObjectItem(json, "error");
    const cJSON *holder = cJSON_IsObject(inner) ? inner : json;

    copy_line(error->code, sizeof error->code,
              cJSON_GetObjectItem(holder, "code"));
    copy_line(error->message, sizeof error->message,
              cJSON_IsString(inner) ? inner
                                    : cJSON_GetObjectItem(holder, "message"));
    note_code(error, error->code);
    const cJSON *detail;
    cJSON_ArrayForEach(detail, cJSON_GetObjectItem(holder, "details"))
    {
        const cJSON *code = cJSON_GetObjectItem(detail, "code");
        note_code(error, cJSON_IsString(code) ? code->valuestring : "");
    }
    cJSON_Delete(json);
}

static void
note_code(struct arm_error *error, const char *code)
{
    static const char *const busy[] = { "RetryableError",
                                        "RetryableErrorDueToAnotherOperation",
                                        "ReferencedResourceNotProvisioned",
                                        "AnotherOperationInProgress" };
    static const char *const gone[] = { "ResourceNotFound", "NotFound",
                                        "ParentResourceNotFound",
                                        "ResourceGroupNotFound" };

    for (size_t i = 0; i < sizeof busy / sizeof *busy; i++) {
        error->busy |= ascii_equal(code, busy[i]);
    }
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        error->gone |= ascii_equal(code, gone[i]);
    }
}

static void
copy_line(char *to, size_t size, const cJSON *from)
{
    const char *string = cJSON_IsString(from) ? from->valuestring : "";
    size_t n = 0;

    for (; string[n] && n + 1 < size; n++) {
        unsigned char c = (unsigned char) string[n];
        to[n] = c < 0x20 || c == 0x7f ? ' ' : (char) c;
    }
    to[n] = '\0';
}
