#include "exporter/cycle_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "exporter/changes.h"
#include "exporter/cycle_flow.h"
#include "exporter/log.h"
#include "exporter/state.h"

static const char document[] = "flows";
static const char first_line[] = "flowverify flows 1";

enum { WORDS_MAX = 16, RULE_CHANGES_MAX = 1000 };

struct cycle_state {
    const char *folder;
    bool touched;
    bool failed; /* The last save; logged already. */
};

/* One line, taken apart. */
struct words {
    char *word[WORDS_MAX];
    size_t n;
};

/* A document being read. */
struct reading {
    struct cycle_flow **sorted;
    size_t n;
    struct changes *changes;
    struct change change; /* Whose rule changes follow. */
    struct rule_change *rules;
    size_t rules_capacity;
    size_t n_expected;
};

static bool read_document(struct reading *reading, char *text);
static void write_flow(struct text *out, const struct cycle_flow *flow);
static void write_change(void *aux, const struct change *change);

struct cycle_state *
cycle_state_create(const char *folder)
{
    struct cycle_state *state = memory_calloc(1, sizeof *state);

    state->folder = folder;
    return state;
}

void
cycle_state_destroy(struct cycle_state *state)
{
    free(state);
}

void
cycle_state_load(struct cycle_state *state, struct cycle_flow *flows, size_t n,
                 struct changes *changes)
{
    struct reading reading = { .n = n, .changes = changes };
    struct error error;
    struct text text;

    text_init(&text);
    switch (state_load(state->folder, document, &text, &error)) {
    case STATE_ABSENT: break;
    case STATE_PUT_ASIDE:
        log_warn("state was put aside", "error", error.message, NULL);
        break;
    case STATE_LOADED:
        reading.sorted = cycle_flows_sort(flows, n);
        if (!read_document(&reading, text.data)) {
            log_warn("state was put aside", "error",
                     "its content makes no sense", NULL);
            state_put_aside(state->folder, document);
        }
        free(reading.sorted);
        free(reading.rules);
        break;
    }
    text_clear(&text);
}

void
cycle_state_touch(struct cycle_state *state)
{
    state->touched = true;
}

bool
cycle_state_is_touched(const struct cycle_state *state)
{
    return state->touched;
}

void
cycle_state_save(struct cycle_state *state, const struct cycle_flow *flows,
                 size_t n, struct changes *changes)
{
    struct error error;
    struct text out;

    text_init(&out);
    text_printf(&out, "%s\n", first_line);
    for (size_t i = 0; i < n; i++) {
        if (flows[i].last || flows[i].kept) {
            write_flow(&out, &flows[i]);
        }
    }
    if (changes) {
        changes_each_kept(changes, write_change, &out);
    }
    bool saved =
        state_save(state->folder, document, out.data, out.length, &error);
    if (!saved && !state->failed) {
        log_error("state was not saved", "error", error.message, NULL);
    }
    state->failed = !saved;
    state->touched = !saved;
    text_clear(&out);
}

/* Appends a word and a tab; what would end a word or a line is escaped. */
static void
write_word(struct text *out, const char *word)
{
    for (; *word; word++) {
        switch (*word) {
        case '\t': text_append(out, "\\t"); break;
        case '\n': text_append(out, "\\n"); break;
        case '\\': text_append(out, "\\\\"); break;
        default: text_append_char(out, *word); break;
        }
    }
    text_append_char(out, '\t');
}

static void
write_flow(struct text *out, const struct cycle_flow *flow)
{
    struct verdict_words words =
        flow->last ? verdict_words(flow->last) : *flow->kept;

    text_append(out, "flow\t");
    write_word(out, flow->name);
    write_word(out, verdict_name(words.kind));
    write_word(out, words.side);
    write_word(out, words.layer);
    write_word(out, words.ruleset);
    write_word(out, words.rule);
    write_word(out, words.rule_id);
    text_printf(out, "%" PRId64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
                flow->last_change_ms, flow->verdict_changes,
                flow->decision_changes, flow->evaluation_failures);
}

static void
write_change(void *aux, const struct change *change)
{
    struct text *out = aux;

    text_printf(out, "change\t%" PRId64 "\t", change->at_ms);
    write_word(out, change->flow);
    write_word(out, change->verdict_before);
    write_word(out, change->verdict_after);
    write_word(out, change->layer_before);
    write_word(out, change->ruleset_before);
    write_word(out, change->rule_before);
    write_word(out, change->layer_after);
    write_word(out, change->ruleset_after);
    write_word(out, change->rule_after);
    text_printf(out, "%d\t%zu\n", change->violated, change->n_rule_changes);
    for (size_t i = 0; i < change->n_rule_changes; i++) {
        const struct rule_change *rule = &change->rule_changes[i];
        text_append(out, "rule\t");
        write_word(out, rule->what);
        write_word(out, rule->layer);
        write_word(out, rule->ruleset);
        write_word(out, rule->rule);
        write_word(out, rule->field);
        write_word(out, rule->before);
        write_word(out, rule->after);
        text_printf(out, "%d\n", rule->alone);
    }
}

/* Takes the line at '*next' apart, in place. */
static bool
read_words(char **next, struct words *words)
{
    char *from = *next;
    char *to = from;

    words->n = 1;
    words->word[0] = to;
    for (; *from && *from != '\n'; from++) {
        if (*from == '\t') {
            *to++ = '\0';
            if (words->n == WORDS_MAX) {
                return false;
            }
            words->word[words->n++] = to;
        } else if (*from == '\\') {
            from++;
            if (*from != 't' && *from != 'n' && *from != '\\') {
                return false;
            }
            *to++ = (char) (*from == 't' ? '\t' : *from == 'n' ? '\n' : '\\');
        } else {
            *to++ = *from;
        }
    }
    bool ended = *from == '\n';
    *to = '\0';
    *next = from + ended;
    return ended;
}

static bool
read_count(const char *word, uint64_t *value)
{
    return number_parse(word, strlen(word), INT64_MAX, value);
}

static bool
read_kind(const char *word, enum verdict_kind *kind)
{
    for (int i = 0; i < N_VERDICTS; i++) {
        if (strcmp(word, verdict_name((enum verdict_kind) i)) == 0) {
            *kind = (enum verdict_kind) i;
            return true;
        }
    }
    return false;
}

static bool
read_flow(struct reading *reading, const struct words *words)
{
    char *const *word = words->word;
    struct verdict_words kept = { .side = word[3],
                                  .layer = word[4],
                                  .ruleset = word[5],
                                  .rule = word[6],
                                  .rule_id = word[7] };
    uint64_t counts[4];

    if (words->n != 12 || !read_kind(word[2], &kept.kind)) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        if (!read_count(word[8 + i], &counts[i])) {
            return false;
        }
    }
    struct cycle_flow *flow =
        cycle_flows_find(reading->sorted, reading->n, word[1]);
    if (flow && !flow->kept) {
        cycle_flow_keep(flow, &kept);
        flow->last_change_ms = (int64_t) counts[0];
        flow->verdict_changes = counts[1];
        flow->decision_changes = counts[2];
        flow->evaluation_failures = counts[3];
    }
    return true;
}

static void
end_change(struct reading *reading)
{
    reading->change.rule_changes = reading->rules;
    if (reading->changes) {
        changes_add(reading->changes, &reading->change);
    }
}

static bool
read_change(struct reading *reading, const struct words *words)
{
    char *const *word = words->word;
    uint64_t at_ms;
    uint64_t n;

    if (words->n != 13 || !read_count(word[1], &at_ms)
        || !read_count(word[12], &n) || n > RULE_CHANGES_MAX) {
        return false;
    }
    reading->change = (struct change){
        .at_ms = (int64_t) at_ms,
        .flow = word[2],
        .verdict_before = word[3],
        .verdict_after = word[4],
        .layer_before = word[5],
        .ruleset_before = word[6],
        .rule_before = word[7],
        .layer_after = word[8],
        .ruleset_after = word[9],
        .rule_after = word[10],
        .violated = strcmp(word[11], "1") == 0,
    };
    reading->n_expected = (size_t) n;
    if (n == 0) {
        end_change(reading);
    }
    return true;
}

static bool
read_rule(struct reading *reading, const struct words *words)
{
    char *const *word = words->word;
    size_t n = reading->change.n_rule_changes;

    if (words->n != 9 || n == reading->n_expected) {
        return false;
    }
    reading->rules = memory_grow(reading->rules, n, &reading->rules_capacity,
                                 sizeof *reading->rules);
    reading->rules[n] = (struct rule_change){
        .what = word[1],
        .layer = word[2],
        .ruleset = word[3],
        .rule = word[4],
        .field = word[5],
        .before = word[6],
        .after = word[7],
        .alone = strcmp(word[8], "1") == 0,
    };
    reading->change.n_rule_changes = n + 1;
    if (n + 1 == reading->n_expected) {
        end_change(reading);
    }
    return true;
}

static bool
read_document(struct reading *reading, char *text)
{
    static const struct {
        const char *word;
        bool (*read)(struct reading *, const struct words *);
    } kinds[] = {
        { "flow", read_flow },
        { "change", read_change },
        { "rule", read_rule },
    };
    struct words words = { 0 };
    char *next = text;

    if (!read_words(&next, &words) || strcmp(words.word[0], first_line)) {
        return false;
    }
    while (*next) {
        size_t kind = 0;
        if (!read_words(&next, &words)) {
            return false;
        }
        while (kind < 3 && strcmp(words.word[0], kinds[kind].word)) {
            kind++;
        }
        if (kind == 3 || !kinds[kind].read(reading, &words)) {
            return false;
        }
    }
    return true;
}
