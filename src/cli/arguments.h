/* SPDX-License-Identifier: MIT
 *
 * arguments - argv as a command, its options and its operands, checked; the tables of
 * commands and options, and the help that is drawn from them.
 *
 * Options may stand before or after the command, as --name value or --name=value; "--"
 * ends them. What is given is remembered, so that a command tells "0" from "not given".
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "llm/prompts.h"
#include "model/sampling.h"

enum command_id {
    COMMAND_SCREEN, /* no command: the screen */
    COMMAND_DEMO,
    COMMAND_REVIEW,
    COMMAND_DATASET,
    COMMAND_LOG,
    COMMAND_ASK,
    COMMAND_RUN,
    COMMAND_RATE,
    COMMAND_DISCARD,
    COMMAND_DELETE,
    COMMAND_FLAG,
    COMMAND_UNDO,
    COMMAND_RECORDS,
    COMMAND_STATS,
    COMMAND_EXPORT,
    COMMAND_TRACE,
    COMMAND_IMPORT,
    COMMAND_SYNC,
    COMMAND_OUTBOX,
    COMMAND_DOCTOR,
    COMMAND_ENDPOINTS,
    COMMAND_HELP,
    COMMAND_COUNT
};

/* A command as help shows it. */
struct command_row {
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
    OPTION_PLAIN,
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
    OPTION_ANSWER,
    OPTION_NOTE,
    OPTION_DRAFT,
    OPTION_DISCARD,
    OPTION_NO_LOG,
    OPTION_NO_FETCH,
    OPTION_UNFINISHED,
    OPTION_KEEP,
    OPTION_GONE,
    OPTION_SAMPLES,
    OPTION_REPEAT,
    OPTION_CONCURRENCY,
    OPTION_NAME,
    OPTION_TEMPLATE,
    OPTION_ROWS,
    OPTION_VAR,
    OPTION_THEN,
    OPTION_META,
    OPTION_AS,
    OPTION_PARAGRAPHS,
    OPTION_STRICT,
    OPTION_FRESH,
    OPTION_RETRY_FAILED,
    OPTION_DRY_RUN,
    OPTION_MAX_COST,
    OPTION_QUIET,
    OPTION_STATUS,
    OPTION_FILTER,
    OPTION_SEARCH,
    OPTION_ORDER,
    OPTION_FORMAT,
    OPTION_PAIRS,
    OPTION_BY,
    OPTION_OUTPUT,
    OPTION_AGENT,
    OPTION_TOOL,
    OPTION_STEPS,
    OPTION_TIME_LIMIT,
    OPTION_YES,
    OPTION_ME,
    OPTION_FROM,
    OPTION_RECORDS,
    OPTION_ANSWERS,
    OPTION_RECORD,
    OPTION_TOKEN_MS,
    OPTION_COUNT
};

enum option_type {
    OPTION_IS_FLAG,
    OPTION_IS_TEXT,
    OPTION_IS_NAME, /* a text that may not be empty */
    OPTION_IS_NUMBER,
    OPTION_IS_CHOICE, /* one of the row's words; its place among them is the number */
    OPTION_IS_SAMPLING
};

struct option_row {
    const char *name;  /* without the dashes */
    const char *value; /* "NAME"; NULL = takes none */
    const char *text;  /* as help shows it */
    enum option_type type;
    uint64_t commands;           /* a bit for each that takes it */
    struct number_limits limits; /* NUMBER */
    const char *words;           /* CHOICE: "mine|server" */
    enum sampling_field field;   /* SAMPLING */
    const char *setting;         /* of [sherd], that it puts; NULL */
    const char *put;             /* what a flag puts there; NULL = its text */
    char letter;                 /* 0 = no short form */
};

const struct command_row *command_row(enum command_id command);
const struct option_row *option_row(enum option_id option);
/* Whether the command takes the option. */
bool command_takes(enum command_id command, enum option_id option);
/* COMMAND_COUNT when there is none of that name. */
enum command_id command_find(const char *name);

/* All pointers but those of words and sampling are borrowed from argv. */
struct arguments {
    enum command_id command;
    const char *const *operands; /* those after the command */
    int operand_count;
    bool given[OPTION_COUNT];
    const char *texts[OPTION_COUNT]; /* as given; NULL */
    int64_t numbers[OPTION_COUNT];   /* given or default */
    struct sampling sampling;        /* owned */
    const char **words;              /* command and operands; owned */
    struct option_given {
        enum option_id option;
        const char *text;
    } * list; /* every option with a value, in the order given; owned */
    size_t list_count;
};

/* Fills arguments with defaults and what argv says. On USAGE the sentence names the
 * nearest thing that exists. argv[0] is not looked at. */
enum status arguments_read(struct arguments *arguments, int argc, char *const *argv,
                           struct err *err) __attribute__((warn_unused_result));
void arguments_clear(struct arguments *arguments);
/* Every value of an option, in the order given. Owned array. */
const char **arguments_all(const struct arguments *arguments, enum option_id option,
                           size_t *count);
bool arguments_has(const struct arguments *arguments, enum option_id option);
/* --as; PROMPTS_BY_NAME where it was not given. */
enum prompts_kind arguments_file_kind(const struct arguments *arguments);

/* The help of the whole program (COMMAND_SCREEN) or of one command. */
void help_write(enum command_id command, struct buf *out);

#endif
