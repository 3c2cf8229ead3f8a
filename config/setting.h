/* Typed access to libconfig's settings, checked against the table of keys.
 *
 * setting_check_keys() reports what is unknown or of a wrong type; the getters
 * then read what is right, take the default for what is absent or wrong, and
 * report values that they cannot read.  So nothing is reported twice. */

#ifndef CONFIG_SETTING_H
#define CONFIG_SETTING_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/problem.h"

struct arena;
struct strings;

/* What all that read one configuration share. */
struct reader {
    struct arena *arena;   /* Of the configuration. */
    struct arena *scratch; /* Ends with the loading. */
    struct strings *strings;
    struct problems *problems;
    const char *file;    /* The file being read. */
    const char *context; /* Before each cause: "flow \"x\": ", or "". */
};

/* One word of a value, as the file spells it. */
struct word {
    const char *text;
    bool is_number;
};

/* A value that is one word or several. */
struct words {
    const char *key; /* As messages name it. */
    bool given;      /* The other members but 'key' need it. */
    bool bad;        /* Something is wrong with it and was reported. */
    struct place place;
    const struct word *list;
    size_t n;
};

struct place setting_place(const struct reader *reader,
                           const config_setting_t *setting);

/* Adds a problem at 'place': the context, then the cause. */
void reader_problem(struct reader *reader, struct place place,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports the members of 'group' that the table does not have at 'path', and
 * those of a wrong type. */
void setting_check_keys(struct reader *reader, const config_setting_t *group,
                        const char *path);

/* Returns the member that 'path' ends in, if it has a right type; NULL if
 * not, or if 'group' is NULL. */
const config_setting_t *setting_member(const config_setting_t *group,
                                       const char *path);
/* Returns true if the member is there, of whatever type. */
bool setting_has(const config_setting_t *group, const char *path);

/* Reports that the key is missing in 'group' unless it is there. */
void setting_require(struct reader *reader, const config_setting_t *group,
                     const char *path);

/* The getters: 'path' is the key's whole path, 'group' the group that may
 * hold it or NULL.  Strings live in the configuration's arena. */
const char *setting_string(struct reader *reader,
                           const config_setting_t *group, const char *path);
/* A path of a file, made relative to the file that names it. */
const char *setting_path(struct reader *reader, const config_setting_t *group,
                         const char *path);
bool setting_boolean(struct reader *reader, const config_setting_t *group,
                     const char *path);
int64_t setting_integer(struct reader *reader, const config_setting_t *group,
                        const char *path, int64_t min, int64_t max);
int64_t setting_duration(struct reader *reader, const config_setting_t *group,
                         const char *path, int64_t min_ms);
/* Returns the number of the word in 'choices' that the value is, without
 * case, or that the default is; 'n' if there is neither. */
size_t setting_choice(struct reader *reader, const config_setting_t *group,
                      const char *path, const char *const choices[], size_t n);
/* Reads a string, a number, or a list of them. */
struct words setting_words(struct reader *reader,
                           const config_setting_t *group, const char *path);

/* Returns the path of what the main file 'file' included, by the name that
 * libconfig has for it. */
const char *path_of_included(struct arena *arena, const char *file,
                             const char *name);

/* Returns 'word', or its copy in front of which the folder of 'file' was
 * put. */
const char *path_relative_to(struct arena *arena, const char *file,
                             const char *word);

#endif
