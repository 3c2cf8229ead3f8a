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

/* Of the members that are kept, those that lead to the next page. */
enum { N_NEXT = 3 };

static bool skip_string(struct scanner *scanner);
static bool skip_value(struct scanner *scanner);
static bool decode_string(const struct scanner *scanner, size_t start,
                          char **to);
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
    if (!whole || scanner.at != size || page->odd) {
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

/* Tools and services differ in the case of members. */
static bool
is_name(const char *bytes, size_t size, const char *name)
{
    return size == strlen(name) && ascii_equal_n(bytes, name, size);
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
        { "$skipToken", &page->skip_token }, /* So far what is next. */
        { "resultTruncated", &truncated },
        { "changeNumber", &page->change_number },
        { "id", &page->id },
        { "status", &page->status },
    };
    char first = scanner->bytes[start];

    if (first == '[' && is_name(name, name_size, array)) {
        page->odd |= page->has_array;
        page->has_array = true;
        page->array_start = start + 1;
        page->array_end = scanner->at - 1;
        return;
    }
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        if (!is_name(name, name_size, strings[i].name)) {
            continue;
        }
        if (first == '"' && !*strings[i].to) {
            page->odd |= !decode_string(scanner, start, strings[i].to);
        } else if (i < N_NEXT) {
            page->odd |= first != 'n'; /* null is the end, too. */
        }
    }
    page->truncated |= truncated && ascii_equal(truncated, "true");
    free(truncated);
}

/* Copies the string between 'start' and here, or NULL if it is empty, to
 * '*to'.  Returns false if it cannot be read. */
static bool
decode_string(const struct scanner *scanner, size_t start, char **to)
{
    cJSON *json =
        cJSON_ParseWithLength(scanner->bytes + start, scanner->at - start);
    /* cJSON takes an escape that is none for the end of the string. */
    bool good = cJSON_IsString(json)
                && (json->valuestring[0] || scanner->at - start == 2);

    if (good && json->valuestring[0]) {
        size_t size = strlen(json->valuestring) + 1;
        *to = memory_alloc(size);
        memcpy(*to, json->valuestring, size);
    }
    cJSON_Delete(json);
    return good;
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
