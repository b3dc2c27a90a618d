/* SPDX-License-Identifier: MIT
 *
 * rules - the tables of commands and options: what exists, what takes what, and the
 * words that help says about each.
 */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include <stdbool.h>

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
    OPTION_NO_FETCH,
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

const struct command_rule *command_rule(enum command_id command);
const struct option_rule *option_rule(enum option_id option);
/* Whether the command takes the option. */
bool command_takes(enum command_id command, enum option_id option);
/* COMMAND_COUNT when there is none of that name. */
enum command_id command_find(const char *name);

#endif
