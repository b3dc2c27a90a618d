/* SPDX-License-Identifier: MIT
 *
 * arguments - argv as a command, its options and its operands, checked; and the tables
 * of both that help is drawn from.
 *
 * Options may stand before or after the command, as --name value or --name=value; "--"
 * ends them. What is given is remembered, so that a command tells "0" from "not given".
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum command_id {
    COMMAND_SCREEN, /* no command: the screen */
    COMMAND_DEMO,
    COMMAND_DATASET,
    COMMAND_LOG,
    COMMAND_ASK,
    COMMAND_RUN,
    COMMAND_RATE,
    COMMAND_DISCARD,
    COMMAND_UNDO,
    COMMAND_RECORDS,
    COMMAND_SYNC,
    COMMAND_OUTBOX,
    COMMAND_DOCTOR,
    COMMAND_HELP,
    COMMAND_COUNT
};

/* A command as help shows it. */
struct command_rule {
    const char *name;     /* "" for the screen */
    const char *operands; /* "RECORD N" */
    const char *summary;  /* half a line, for the list */
    const char *text;     /* the paragraph of its own --help */
    int min_operands;
    int max_operands;
};

enum option_id {
    OPTION_DATASET,
    OPTION_WORKSPACE,
    OPTION_SERVER,
    OPTION_ENDPOINT,
    OPTION_STORE,
    OPTION_LOCAL,
    OPTION_JSON,
    OPTION_NO_STRIP,
    OPTION_CONFIG,
    OPTION_LOG,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_MODEL,
    OPTION_TEMPERATURE,
    OPTION_MAX_TOKENS,
    OPTION_SYSTEM,
    OPTION_SEED,
    OPTION_PROMPT,
    OPTION_RESPONSE,
    OPTION_RATING,
    OPTION_FEEDBACK,
    OPTION_DRAFT,
    OPTION_DISCARD,
    OPTION_NO_LOG,
    OPTION_REPEAT,
    OPTION_CONCURRENCY,
    OPTION_NAME,
    OPTION_STATUS,
    OPTION_SERVE,
    OPTION_PORT,
    OPTION_TOKEN_MS,
    OPTION_COUNT
};

/* An option as help shows it. */
struct option_rule {
    const char *name;  /* without the dashes */
    const char *value; /* "NAME"; NULL = takes none */
    const char *text;
    char letter; /* 0 = no short form */
    bool is_global;
};

/* All pointers are borrowed from argv. */
struct arguments {
    enum command_id command;
    const char *const *operands; /* those after the command */
    int operand_count;
    uint64_t given; /* a bit for each option_id */
    const char *dataset, *workspace, *server, *endpoint, *store, *config;
    const char *model, *system, *prompt, *response, *feedback, *status, *name;
    int64_t max_tokens, seed, rating, repeat, concurrency, port, token_ms;
    double temperature;
    const char **words; /* command and operands; owned */
};

/* Fills arguments with defaults and what argv says. On USAGE the sentence names the
 * nearest thing that exists. argv[0] is not looked at. */
enum status arguments_read(struct arguments *arguments, int argc, char *const *argv,
                           struct err *err) __attribute__((warn_unused_result));
void arguments_clear(struct arguments *arguments);
bool arguments_has(const struct arguments *arguments, enum option_id option);

const struct command_rule *command_rule(enum command_id command);
const struct option_rule *option_rule(enum option_id option);
/* Whether the command takes the option. */
bool command_takes(enum command_id command, enum option_id option);
/* COMMAND_COUNT when there is none of that name. */
enum command_id command_find(const char *name);

/* The whole text as a number within the limits; false when it is not one. */
bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out);
bool real_parse(const char *text, double min, double max, double *out);

#endif
