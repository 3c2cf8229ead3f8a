/* Error bodies that Azure sent, where they are at hand. */

#include "tests/support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/text.h"
#include "exporter/source/arm_error.h"
#include "exporter/source/arm_retry.h"
#include "exporter/source/http.h"
#include "tests/support/file.h"

static const char folder[] = "../shared/data/errors";

static cJSON *
read_record(const char *name)
{
    struct text text;
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    text_init(&text);
    file_read(path, &text);
    cJSON *json = cJSON_ParseWithLength(text.data, text.length);
    text_clear(&text);
    return json;
}

static void
check_record(const char *name)
{
    cJSON *json = read_record(name);
    const cJSON *body = cJSON_GetObjectItem(json, "body");
    int status = cJSON_GetObjectItem(json, "status")->valueint;
    const char *bytes = cJSON_IsString(body) ? body->valuestring : "";
    struct http_response response;
    struct arm_error error;

    http_response_init(&response);
    response.status = status;
    arm_error_parse(bytes, strlen(bytes), &error);

    if (bytes[0] == '{' && !error.code[0]) {
        fail_msg("%s: no code in %s", name, bytes);
    }
    if (strpbrk(error.message, "\r\n")) {
        fail_msg("%s: more than one line", name);
    }
    if (status == 404 && !error.gone) {
        fail_msg("%s: %s is not known as gone", name, error.code);
    }
    /* Azure names its quotas with this word and no other. */
    if (strstr(error.code, "Throttled") && error.busy) {
        fail_msg("%s: a quota is not a busy resource", name);
    }
    assert_int_equal(arm_is_transient(&response),
                     status == 429 || status >= 500);
    assert_int_equal(arm_failure_of(&response) == FETCH_THROTTLED,
                     status == 429);
    http_response_clear(&response);
    cJSON_Delete(json);
}

static void
test_recorded_errors_are_understood(void **state)
{
    (void) state;
    DIR *entries = opendir(folder);
    size_t n = 0;

    if (!entries) {
        print_message("skipped: no %s\n", folder);
        skip();
    }
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (!strncmp(entry->d_name, "err-", 4)) {
            check_record(entry->d_name);
            n++;
        }
    }
    closedir(entries);
    assert_in_range(n, 30, 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_errors_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
