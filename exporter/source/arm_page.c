#include "exporter/source/arm_page.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"

struct scanner {
    const char *bytes;
    size_t size;
    size_t at;
    bool too_deep;
};

static bool skip_string(struct scanner *scanner);
static bool skip_value(struct scanner *scanner);
static char *decode_string(const struct scanner *scanner, size_t start);
static void take_member(const struct scanner *scanner, const char *name,
                        size_t name_size, size_t start, const char *array,
                        struct arm_page *page);

static void
skip_blanks(struct scanner *scanner)
{
    while (scanner->at < scanner->size
           && memchr(" \t\r\n", scanner->bytes[scanner->at], 4)) {
        scanner->at++;
    }
}

static bool
skip_char(struct scanner *scanner, char c)
{
    skip_blanks(scanner);
    if (scanner->at < scanner->size && scanner->bytes[scanner->at] == c) {
        scanner->at++;
        return true;
    }
    return false;
}

static bool
scan_members(struct scanner *scanner, const char *array, struct arm_page *page)
{
    if (skip_char(scanner, '}')) {
        return true;
    }
    do {
        skip_blanks(scanner);
        size_t name = scanner->at + 1;
        if (!skip_string(scanner)) {
            return false;
        }
        size_t name_size = scanner->at - 1 - name;
        if (!skip_char(scanner, ':')) {
            return false;
        }
        skip_blanks(scanner);
        size_t start = scanner->at;
        if (!skip_value(scanner)) {
            return false;
        }
        take_member(scanner, scanner->bytes + name, name_size, start, array,
                    page);
    } while (skip_char(scanner, ','));
    return skip_char(scanner, '}');
}

bool
arm_page_scan(const char *bytes, size_t size, const char *array,
              struct arm_page *page)
{
    struct scanner scanner = { .bytes = bytes, .size = size };

    *page = (struct arm_page){ .is_object = false };
    /* A byte order mark is no part of JSON, yet gateways send one. */
    if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
        scanner.at = 3;
    }
    bool whole;
    if (skip_char(&scanner, '{')) {
        page->is_object = true;
        whole = scan_members(&scanner, array, page);
    } else {
        whole = skip_value(&scanner);
    }
    skip_blanks(&scanner);
    page->too_deep = scanner.too_deep;
    if (!whole || scanner.at != size) {
        arm_page_clear(page);
        page->too_deep = scanner.too_deep;
        return false;
    }
    return true;
}

void
arm_page_clear(struct arm_page *page)
{
    free(page->next_link);
    free(page->skip_token);
    free(page->change_number);
    free(page->id);
    free(page->status);
    *page = (struct arm_page){ .is_object = false };
}

static void
take_member(const struct scanner *scanner, const char *name, size_t name_size,
            size_t start, const char *array, struct arm_page *page)
{
    char *truncated = NULL;
    const struct {
        const char *name;
        char **to;
    } strings[] = {
        { "nextLink", &page->next_link },
        { "skipToken", &page->skip_token },
        { "$skipToken", &page->skip_token },
        { "resultTruncated", &truncated },
        { "changeNumber", &page->change_number },
        { "id", &page->id },
        { "status", &page->status },
    };
    char first = scanner->bytes[start];

    if (first == '[' && name_size == strlen(array)
        && !memcmp(name, array, name_size)) {
        page->has_array = true;
        page->array_start = start + 1;
        page->array_end = scanner->at - 1;
        return;
    }
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        if (first == '"' && name_size == strlen(strings[i].name)
            && !memcmp(name, strings[i].name, name_size) && !*strings[i].to) {
            *strings[i].to = decode_string(scanner, start);
        }
    }
    page->truncated |= truncated && ascii_equal(truncated, "true");
    free(truncated);
}

/* Returns the string between 'start' and here; NULL if it is empty. */
static char *
decode_string(const struct scanner *scanner, size_t start)
{
    cJSON *json =
        cJSON_ParseWithLength(scanner->bytes + start, scanner->at - start);
    char *copy = NULL;

    if (cJSON_IsString(json) && json->valuestring[0]) {
        size_t size = strlen(json->valuestring) + 1;
        copy = memory_alloc(size);
        memcpy(copy, json->valuestring, size);
    }
    cJSON_Delete(json);
    return copy;
}

static bool
skip_string(struct scanner *scanner)
{
    const char *bytes = scanner->bytes;
    size_t at = scanner->at;

    if (at >= scanner->size || bytes[at] != '"') {
        return false;
    }
    for (at++; at < scanner->size; at++) {
        if (bytes[at] == '\\') {
            at++;
        } else if (bytes[at] == '"') {
            scanner->at = at + 1;
            return true;
        }
    }
    return false;
}

static bool
skip_word(struct scanner *scanner)
{
    size_t start = scanner->at;

    while (scanner->at < scanner->size
           && !memchr(",]} \t\r\n:\"[{", scanner->bytes[scanner->at], 11)) {
        scanner->at++;
    }
    return scanner->at > start;
}

/* Objects and arrays are skipped by counting brackets: whether they match is
 * for the parser to say. */
static bool
skip_value(struct scanner *scanner)
{
    size_t depth = 0;

    do {
        skip_blanks(scanner);
        if (scanner->at >= scanner->size) {
            return false;
        }
        switch (scanner->bytes[scanner->at]) {
        case '"':
            if (!skip_string(scanner)) {
                return false;
            }
            break;
        case '{':
        case '[':
            scanner->at++;
            if (++depth > ARM_DEPTH_MAX) {
                scanner->too_deep = true;
                return false;
            }
            break;
        case '}':
        case ']':
            if (!depth) {
                return false;
            }
            scanner->at++;
            depth--;
            break;
        case ',':
        case ':':
            if (!depth) {
                return false;
            }
            scanner->at++;
            break;
        default:
            if (!skip_word(scanner)) {
                return false;
            }
        }
    } while (depth);
    return true;
}
