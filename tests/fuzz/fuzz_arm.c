/* What comes from the network is taken as an answer of ARM, of a gateway and
 * of a token endpoint, and as a link to the next page.  A link that is
 * followed leads to the pinned origin, also in the eyes of the library that
 * makes the request. */

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/source/arm_error.h"
#include "exporter/source/arm_ids.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/arm_url.h"
#include "exporter/source/instant.h"
#include "exporter/source/token_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool ok)
{
    if (!ok) {
        abort();
    }
}

static bool
is_one_line(const char *text)
{
    return !strpbrk(text, "\r\n");
}

static void
check_part(CURLU *url, CURLUPart part, const char *expected)
{
    char *found = NULL;
    CURLUcode code = curl_url_get(url, part, &found, CURLU_DEFAULT_PORT);

    require(expected ? code == CURLUE_OK && strcmp(found, expected) == 0
                     : code != CURLUE_OK);
    curl_free(found);
}

static void
check_link(const char *link)
{
    static const struct origin arm = { true, "management.azure.com", 443 };
    struct error error;
    struct text url;

    text_init(&url);
    if (origin_follow(&arm, link, &url, &error)) {
        CURLU *parsed = curl_url();
        require(parsed && !curl_url_set(parsed, CURLUPART_URL, url.data, 0));
        check_part(parsed, CURLUPART_SCHEME, "https");
        check_part(parsed, CURLUPART_HOST, "management.azure.com");
        check_part(parsed, CURLUPART_PORT, "443");
        check_part(parsed, CURLUPART_USER, NULL);
        curl_url_cleanup(parsed);
    } else {
        require(*error.message && is_one_line(error.message));
    }
    text_clear(&url);
}

static void
check_page(const char *body, size_t size)
{
    struct arm_page page;

    if (arm_page_scan(body, size, "value", &page) && page.has_array) {
        require(page.array_start <= page.array_end && page.array_end <= size);
    }
    if (page.next_link) {
        check_link(page.next_link);
    }
    arm_page_clear(&page);
}

static void
check_token(const char *body, size_t size)
{
    struct token_answer answer = { .expires_s = 0 };
    struct error error;

    text_init(&answer.bearer);
    if (token_answer_parse(body, size, 1000, &answer, &error)) {
        require(answer.bearer.length && is_one_line(answer.bearer.data));
    } else {
        require(*error.message && is_one_line(error.message));
    }
    token_wipe(&answer.bearer);
    text_clear(&answer.bearer);
}

static void
visit_link(void *aux, const char *from, const char *to)
{
    size_t *n = aux;

    require(from && to);
    (*n)++;
}

static arm_link_read *const readers[] = { arm_member_ids, arm_membership_ids,
                                          arm_scope_ids, arm_subscription_ids,
                                          arm_scale_set_ids };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arm_error arm_error;
    int64_t seconds;
    size_t n = 0;
    char *body = memory_alloc(size + 1);

    memcpy(body, data, size);
    body[size] = '\0';
    check_page(body, size);
    check_link(body);
    check_token(body, size);
    arm_error_parse(body, size, &arm_error);
    require(is_one_line(arm_error.message) && is_one_line(arm_error.code));
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct error error = { .message = "" };
        if (!readers[i](body, size, visit_link, &n, &error)) {
            require(*error.message && is_one_line(error.message));
        }
    }
    (void) instant_parse(body, &seconds);
    free(body);
    return 0;
}
