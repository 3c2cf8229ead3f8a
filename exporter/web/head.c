#include "exporter/web/head.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/number.h"

static const char *const names[N_HEAD_NAMES] = {
    [HEAD_ACCEPT] = "Accept",
    [HEAD_ACCEPT_ENCODING] = "Accept-Encoding",
    [HEAD_IF_NONE_MATCH] = "If-None-Match",
    [HEAD_AUTHORIZATION] = "Authorization",
    [HEAD_CONTENT_LENGTH] = "Content-Length",
    [HEAD_HOST] = "Host",
    [HEAD_TRANSFER_ENCODING] = "Transfer-Encoding",
};

void
head_init(struct head *head)
{
    *head = (struct head){ 0 };
    for (size_t i = 0; i < N_HEAD_LISTS; i++) {
        text_init(&head->joined[i]);
    }
}

void
head_clear(struct head *head)
{
    for (size_t i = 0; i < N_HEAD_LISTS; i++) {
        text_clear(&head->joined[i]);
    }
}

void
head_add(struct head *head, const char *name, const char *value)
{
    size_t i = 0;

    head->bad_name |= strpbrk(name, " \t") != NULL;
    while (i < N_HEAD_NAMES && !ascii_equal(names[i], name)) {
        i++;
    }
    if (i == N_HEAD_NAMES) {
        return;
    }
    value = value ? value : "";
    if (!head->counts[i]++) {
        head->values[i] = value;
    } else if (i < N_HEAD_LISTS) {
        struct text *joined = &head->joined[i];
        if (!joined->length) {
            text_append(joined, head->values[i]);
        }
        text_append(joined, ", ");
        text_append(joined, value);
        head->values[i] = joined->data;
    }
}

/* RFC 9112, 3.2 (Host) and 6.1 to 6.3 (where a body ends). */
struct refusal
head_check(const struct head *head, const char *version, unsigned int max)
{
    const char *length = head->values[HEAD_CONTENT_LENGTH];
    const char *coding = head->values[HEAD_TRANSFER_ENCODING];
    unsigned int n_lengths = head->counts[HEAD_CONTENT_LENGTH];
    unsigned int n_codings = head->counts[HEAD_TRANSFER_ENCODING];
    unsigned int n_hosts = head->counts[HEAD_HOST];
    bool old = !strcmp(version, "HTTP/1.0");
    uint64_t size;

    if (head->bad_name) {
        return (struct refusal){ 400, "A blank stands in a header's name." };
    }
    if (n_hosts > 1 || (!n_hosts && !old)) {
        return (struct refusal){ 400, "One Host header is needed." };
    }
    if (n_lengths + n_codings > 1 || (n_codings && old)) {
        return (struct refusal){ 400, "Where the body ends is not clear." };
    }
    if (coding && !ascii_equal(coding, "chunked")) {
        return (struct refusal){ 501, "This transfer coding is not known." };
    }
    if (length && !number_parse(length, strlen(length), max, &size)) {
        return (struct refusal){ 413, "The body is too large." };
    }
    return (struct refusal){ 0 };
}
