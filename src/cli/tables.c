/* SPDX-License-Identifier: MIT
 *
 * The tables of commands and options: what exists, what takes what, and the words that
 * help says about each.
 */
#include "config.h"

#include <string.h>

#include "cli/arguments.h"

static const struct command_row commands[COMMAND_COUNT] = {
    [COMMAND_SCREEN] =
        {"", "", "the screen: prompt, answer, rating",
         "Opens the screen on the configured dataset, server and endpoint.", 0, 0},
    [COMMAND_DEMO] =
        {"demo", "", "the screen on a built-in endpoint; nothing to set up",
         "Opens the screen on a built-in endpoint whose answers are canned and say so, "
         "with a throw-away store: no network, no key. --endpoint demo gives any other "
         "command the same endpoint.",
         0, 0},
    [COMMAND_DATASET] =
        {"dataset", "create|list|show|move …", "make, list, show or move datasets",
         "On the server when one is configured, else (or with --local) in the store. "
         "“create [NAME]” makes the guide's dataset: fields prompt and response, "
         "questions response-rating (1-5) and response-feedback, and says what was made. "
         "“list” lists them, “show [NAME]” shows one. “move FROM TO” takes all that the "
         "store has of one dataset over to another, where it is sent: a name, or a name "
         "and a server as “sherd dataset list” writes them, such as "
         "langchain-dataset@local or langchain-dataset@http://old.example.",
         1, 3},
    [COMMAND_LOG] =
        {"log", "", "log one record by hand",
         "Logs one prompt and its response; prints the record's id. A “-” for one of the "
         "two reads it from standard input. With --rating the record is submitted, "
         "unless --draft or --discard.",
         0, 0},
    [COMMAND_ASK] =
        {"ask", "PROMPT", "ask the model; the answer streams to standard output",
         "Sends PROMPT (“-”: standard input), writes the answer to standard output as it "
         "comes and logs the pair. What is piped in goes in front of PROMPT, with an "
         "empty line between. On a terminal nothing that is not text reaches it; a pipe "
         "or file gets the answer's own bytes.",
         1, 1},
    [COMMAND_RUN] =
        {"run", "FILE|-", "ask every line of a file, log each answer",
         "Sends one prompt a line; each answer is logged as it ends and its record's id "
         "printed. Started again with the same file it finishes what is missing and "
         "repeats nothing; another --name runs it anew. A prompt that fails does not "
         "stop the others.",
         1, 1},
    [COMMAND_RATE] =
        {"rate", "RECORD N", "rate a record and submit it",
         "Gives RECORD (any unique start of an id that “sherd records” prints) the "
         "rating N and submits it. Feedback that it has stays, unless --feedback gives "
         "another (\"\" removes it).",
         2, 2},
    [COMMAND_DISCARD] = {"discard", "RECORD", "discard a record",
                         "Marks RECORD as discarded; “sherd undo” takes it back.", 1, 1},
    [COMMAND_UNDO] =
        {"undo", "", "take back the last change",
         "Takes back the last rating, feedback, submit, draft or discard in the dataset, "
         "on the server too.",
         0, 0},
    [COMMAND_RECORDS] =
        {"records", "[DATASET]", "list the records in the store",
         "Lists what the store has of the dataset, in order. “sherd sync” first, to see "
         "what others logged on the server.",
         0, 1},
    [COMMAND_SYNC] =
        {"sync", "", "send what is unsent, fetch what is new",
         "Sends all that the server has not confirmed, the refused too, and reads the "
         "server's records: of every dataset of that server, unless --dataset names one. "
         "Records kept without a server go to the configured one; the dataset is created "
         "there when it is missing. Says what it did, and what waits for other servers.",
         0, 0},
    [COMMAND_OUTBOX] = {"outbox", "", "list what is not sent yet, and why",
                        "Lists what the server has not confirmed, with the reason.", 0,
                        0},
    [COMMAND_DOCTOR] =
        {"doctor", "", "check terminal, store, endpoints, servers",
         "Checks terminal, locale, config, store, every endpoint and every server; one "
         "line each, with what to do about it.",
         0, 0},
    [COMMAND_HELP] = {"help", "[COMMAND]", "this text, or a command's",
                      "Shows the help of sherd or of a command.", 0, 1},
};

#define BIT(id) (UINT64_C(1) << COMMAND_##id)
#define EVERY (~UINT64_C(0))
#define ASKING (BIT(SCREEN) | BIT(DEMO) | BIT(ASK) | BIT(RUN))

static const struct option_row options[OPTION_COUNT] = {
    [OPTION_DATASET] = {.name = "dataset",
                        .value = "NAME",
                        .text = "the dataset (langchain-dataset)",
                        .type = OPTION_IS_NAME,
                        .commands = EVERY,
                        .setting = "dataset"},
    [OPTION_WORKSPACE] = {.name = "workspace",
                          .value = "W",
                          .text = "its workspace (the user's first)",
                          .type = OPTION_IS_NAME,
                          .commands = EVERY,
                          .setting = "workspace"},
    [OPTION_SERVER] = {.name = "server",
                       .value = "NAME|URL",
                       .text = "the Argilla server: its name in the config",
                       .type = OPTION_IS_NAME,
                       .commands = EVERY,
                       .setting = "server"},
    [OPTION_ENDPOINT] = {.name = "endpoint",
                         .value = "NAME|URL",
                         .text = "the model endpoint, likewise",
                         .type = OPTION_IS_NAME,
                         .commands = EVERY,
                         .setting = "endpoint"},
    [OPTION_STORE] = {.name = "store",
                      .value = "PATH",
                      .text = "the store's file",
                      .type = OPTION_IS_NAME,
                      .commands = EVERY,
                      .setting = "store"},
    [OPTION_LOCAL] = {.name = "local",
                      .text = "no server, even if one is configured",
                      .type = OPTION_IS_FLAG,
                      .commands = EVERY},
    [OPTION_JSON] = {.name = "json",
                     .text = "print one JSON object a line",
                     .type = OPTION_IS_FLAG,
                     .commands = EVERY & ~BIT(SCREEN)},
    [OPTION_PLAIN] = {.name = "plain",
                      .text = "the screen without frames, for screen readers",
                      .type = OPTION_IS_FLAG,
                      .commands = EVERY,
                      .setting = "plain",
                      .put = "yes"},
    [OPTION_NO_STRIP] = {.name = "no-strip",
                         .text = "send responses with the blanks at their ends",
                         .type = OPTION_IS_FLAG,
                         .commands = EVERY,
                         .setting = "strip",
                         .put = "no"},
    [OPTION_CONFIG] = {.name = "config",
                       .value = "FILE",
                       .text = "read this file instead of ~/.config/sherd/config",
                       .type = OPTION_IS_NAME,
                       .commands = EVERY},
    [OPTION_LOG] = {.name = "log",
                    .text = "write ~/.local/state/sherd/log (as SHERD_LOG=1 does)",
                    .type = OPTION_IS_FLAG,
                    .commands = EVERY},
    [OPTION_HELP] = {.name = "help",
                     .text = "help, for a command too",
                     .type = OPTION_IS_FLAG,
                     .commands = EVERY,
                     .letter = 'h'},
    [OPTION_VERSION] = {.name = "version",
                        .text = "the version",
                        .type = OPTION_IS_FLAG,
                        .commands = EVERY,
                        .letter = 'V'},
    [OPTION_MODEL] = {.name = "model",
                      .value = "M",
                      .text = "the model's name",
                      .type = OPTION_IS_SAMPLING,
                      .commands = ASKING,
                      .field = SAMPLING_MODEL},
    [OPTION_TEMPERATURE] = {.name = "temperature",
                            .value = "T",
                            .text = "sampling temperature, 0 to 10",
                            .type = OPTION_IS_SAMPLING,
                            .commands = ASKING,
                            .field = SAMPLING_TEMPERATURE},
    [OPTION_MAX_TOKENS] = {.name = "max-tokens",
                           .value = "N",
                           .text = "longest answer, in tokens",
                           .type = OPTION_IS_SAMPLING,
                           .commands = ASKING,
                           .field = SAMPLING_MAX_TOKENS},
    [OPTION_SYSTEM] = {.name = "system",
                       .value = "TEXT",
                       .text = "the system prompt",
                       .type = OPTION_IS_SAMPLING,
                       .commands = ASKING,
                       .field = SAMPLING_SYSTEM},
    [OPTION_SEED] = {.name = "seed",
                     .value = "N",
                     .text = "the seed, where the endpoint takes one",
                     .type = OPTION_IS_SAMPLING,
                     .commands = ASKING,
                     .field = SAMPLING_SEED},
    [OPTION_PROMPT] = {.name = "prompt",
                       .value = "P",
                       .text = "the prompt; “-” reads standard input",
                       .type = OPTION_IS_TEXT,
                       .commands = BIT(LOG)},
    [OPTION_RESPONSE] = {.name = "response",
                         .value = "R",
                         .text = "the response; “-” reads standard input",
                         .type = OPTION_IS_TEXT,
                         .commands = BIT(LOG)},
    [OPTION_RATING] = {.name = "rating",
                       .value = "N",
                       .text = "rate it and submit",
                       .type = OPTION_IS_TEXT,
                       .commands = BIT(LOG) | BIT(ASK)},
    [OPTION_FEEDBACK] = {.name = "feedback",
                         .value = "T",
                         .text = "feedback to go with the rating",
                         .type = OPTION_IS_TEXT,
                         .commands = BIT(LOG) | BIT(ASK) | BIT(RATE)},
    [OPTION_DRAFT] = {.name = "draft",
                      .text = "keep as a draft instead of submitting",
                      .type = OPTION_IS_FLAG,
                      .commands = BIT(LOG) | BIT(RATE)},
    [OPTION_DISCARD] = {.name = "discard",
                        .text = "mark as discarded",
                        .type = OPTION_IS_FLAG,
                        .commands = BIT(LOG)},
    [OPTION_NO_LOG] = {.name = "no-log",
                       .text = "keep nothing: not in the store, not on the server",
                       .type = OPTION_IS_FLAG,
                       .commands = BIT(ASK)},
    [OPTION_NO_FETCH] = {.name = "no-fetch",
                         .text = "only send; do not read the server's records",
                         .type = OPTION_IS_FLAG,
                         .commands = BIT(SYNC)},
    [OPTION_UNFINISHED] = {.name = "unfinished",
                           .text = "send cut-off answers that nobody rated, too",
                           .type = OPTION_IS_FLAG,
                           .commands = BIT(SYNC)},
    [OPTION_REPEAT] = {.name = "repeat",
                       .value = "N",
                       .text = "go through the file N times (1)",
                       .type = OPTION_IS_NUMBER,
                       .commands = BIT(RUN),
                       .limits = {true, 1, 100000}},
    [OPTION_CONCURRENCY] = {.name = "concurrency",
                            .value = "C",
                            .text = "at most C prompts at once (4)",
                            .type = OPTION_IS_NUMBER,
                            .commands = BIT(RUN),
                            .limits = {true, 1, 256}},
    [OPTION_NAME] = {.name = "name",
                     .value = "RUN",
                     .text = "the run's name (none)",
                     .type = OPTION_IS_NAME,
                     .commands = BIT(RUN)},
    [OPTION_STATUS] = {.name = "status",
                       .value = "S",
                       .text = "only pending, draft, submitted or discarded",
                       .type = OPTION_IS_TEXT,
                       .commands = BIT(RECORDS)},
    [OPTION_TOKEN_MS] = {.name = "token-ms",
                         .value = "N",
                         .text = "milliseconds between two tokens (25)",
                         .type = OPTION_IS_NUMBER,
                         .commands = BIT(DEMO),
                         .limits = {true, 0, 60000}},
};

const struct command_row *command_row(enum command_id command)
{
    return &commands[command];
}

const struct option_row *option_row(enum option_id option)
{
    return &options[option];
}

bool command_takes(enum command_id command, enum option_id option)
{
    return (options[option].commands >> command) & 1;
}

enum command_id command_find(const char *name)
{
    for (int i = COMMAND_DEMO; i < COMMAND_COUNT; i++)
        if (!strcmp(commands[i].name, name))
            return (enum command_id)i;
    return COMMAND_COUNT;
}
