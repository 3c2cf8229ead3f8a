#include "config/syntax.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"

enum { DEPTH_MAX = 64 };

/* A token is told by its first character; these two stand for many. */
enum { TOKEN_STRING = '"', TOKEN_WORD = 'w', TOKEN_END = '\0' };

struct token {
    int kind;
    const char *start;
    size_t length;
    unsigned int line;
};

struct syntax {
    struct arena *arena;
    const char *at;
    unsigned int line;
    unsigned int error_line;      /* Where libconfig stopped. */
    struct token before;          /* The token before the present one. */
    struct token name;            /* The newest word before a "=". */
    struct token open[DEPTH_MAX]; /* Brackets that are not closed yet. */
    size_t n_open;
};

static void next_token(struct syntax *syntax, struct token *token);
static void skip_blanks(struct syntax *syntax);
static const char *judge(struct syntax *syntax, const struct token *token);
static const char *judge_value(struct syntax *syntax,
                               const struct token *token);
static const char *judge_opening(struct syntax *syntax,
                                 const struct token *token);
static const char *judge_closing(struct syntax *syntax,
                                 const struct token *token);

const char *
syntax_suspect(struct arena *arena, const char *text, unsigned int line)
{
    struct syntax syntax = {
        .arena = arena, .at = text, .line = 1, .error_line = line
    };
    struct token token;
    const char *suspect = NULL;

    syntax.before.kind = ';';
    do {
        next_token(&syntax, &token);
        suspect = token.line <= line ? judge(&syntax, &token) : NULL;
        syntax.before = token;
    } while (!suspect && token.kind != TOKEN_END && token.line <= line);
    return suspect;
}

static void
next_token(struct syntax *syntax, struct token *token)
{
    skip_blanks(syntax);
    const char *start = syntax->at;
    *token = (struct token){ *start, start, 1, syntax->line };
    if (!*start) {
        return;
    }
    if (*start == '"') {
        for (start++; *start && *start != '"'; start++) {
            start += *start == '\\' && start[1];
            syntax->line += *start == '\n';
        }
        syntax->at = start + (*start == '"');
    } else if (strchr("{}()[];,=:", *start)) {
        syntax->at++;
    } else {
        token->kind = TOKEN_WORD;
        syntax->at += strcspn(start, "{}()[];,=:\"# \t\r\n\f");
        syntax->at += syntax->at == start; /* An odd character. */
    }
    token->length = (size_t) (syntax->at - token->start);
}

static void
skip_blanks(struct syntax *syntax)
{
    for (;;) {
        const char *at = syntax->at;
        if (*at == '#' || (at[0] == '/' && at[1] == '/')) {
            syntax->at += strcspn(at, "\n");
        } else if (at[0] == '/' && at[1] == '*' && strstr(at + 2, "*/")) {
            const char *end = strstr(at + 2, "*/") + 2;
            for (; syntax->at < end; syntax->at++) {
                syntax->line += *syntax->at == '\n';
            }
        } else if (*at && strchr(" \t\r\n\f", *at)) {
            syntax->line += *at == '\n';
            syntax->at++;
        } else {
            return;
        }
    }
}

static bool
in_list(const struct syntax *syntax)
{
    return syntax->n_open && syntax->open[syntax->n_open - 1].kind != '{';
}

static bool
is_plain_value(const struct token *token)
{
    static const char *const words[] = { "true", "false" };
    char *end;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (token->length == strlen(words[i])
            && ascii_equal_n(token->start, words[i], token->length)) {
            return true;
        }
    }
    (void) strtod(token->start, &end);
    end += *end == 'L';
    return end == token->start + token->length;
}

static const char *
judge(struct syntax *syntax, const struct token *token)
{
    int before = syntax->before.kind;

    switch (token->kind) {
    case TOKEN_WORD:
    case TOKEN_STRING: return judge_value(syntax, token);
    case '=':
    case ':':
        if (before != TOKEN_WORD) {
            return "a name is missing before '='";
        }
        syntax->name = syntax->before;
        return NULL;
    case '{':
    case '(':
    case '[': return judge_opening(syntax, token);
    case '}':
    case ')':
    case ']': return judge_closing(syntax, token);
    case TOKEN_END:
        return !syntax->n_open
                   ? NULL
                   : arena_printf(syntax->arena,
                                  "the '%c' of line %u is never closed",
                                  syntax->open[syntax->n_open - 1].kind,
                                  syntax->open[syntax->n_open - 1].line);
    default: return NULL;
    }
}

static const char *
judge_value(struct syntax *syntax, const struct token *token)
{
    int before = syntax->before.kind;
    bool is_value = before == '=' || before == ':' || in_list(syntax);

    if (token->kind == TOKEN_STRING) {
        /* A text may go over lines, but hardly up to the error. */
        if (syntax->line > token->line && syntax->line >= syntax->error_line) {
            return arena_printf(syntax->arena,
                                "the quote that opens in line %u is not "
                                "closed there",
                                token->line);
        }
        return is_value || before == TOKEN_STRING
                   ? NULL
                   : "a quote is missing or too many in this line";
    }
    if (token->length > 1 && !memcmp(token->start, "/*", 2)) {
        return "a comment is not closed";
    }
    if (is_value && !is_plain_value(token)) {
        return in_list(syntax) ? "a word in a list needs quotes"
                               : arena_printf(syntax->arena,
                                              "the value of %.*s needs "
                                              "quotes",
                                              (int) syntax->name.length,
                                              syntax->name.start);
    }
    return NULL;
}

static const char *
judge_opening(struct syntax *syntax, const struct token *token)
{
    int before = syntax->before.kind;
    int outer = syntax->n_open ? syntax->open[syntax->n_open - 1].kind : 0;

    if (before == '}' && in_list(syntax)) {
        return "a comma is missing between '}' and '{'";
    }
    if (outer == '[' || (outer == '{' && before == '{')) {
        return arena_printf(syntax->arena,
                            "a list of groups is written in ( ), not in %s",
                            outer == '[' ? "[ ]" : "{ }");
    }
    if (syntax->n_open < DEPTH_MAX) {
        syntax->open[syntax->n_open++] = *token;
    }
    return NULL;
}

static const char *
judge_closing(struct syntax *syntax, const struct token *token)
{
    static const char pairs[] = "{}()[]";
    const struct token *open =
        syntax->n_open ? &syntax->open[syntax->n_open - 1] : NULL;

    if (!open) {
        return arena_printf(syntax->arena, "'%c' closes nothing", token->kind);
    }
    if (strchr(pairs, open->kind)[1] != token->kind) {
        return arena_printf(syntax->arena,
                            "'%c' where the '%c' of line %u must be closed",
                            token->kind, open->kind, open->line);
    }
    if (syntax->before.kind == ',' && token->kind != '}') {
        return arena_printf(syntax->arena,
                            "the comma before '%c' has nothing behind it",
                            token->kind);
    }
    syntax->n_open--;
    return NULL;
}
