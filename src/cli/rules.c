/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/rules.h"

#include <stdint.h>
#include <string.h>

static const struct command_rule commands[COMMAND_COUNT] = {
    [COMMAND_SCREEN] =
        {"", "", "the screen: prompt, answer, rating",
         "Opens the screen on the configured dataset, server and endpoint.", 0, 0},
    [COMMAND_DEMO] =
        {"demo", "", "the screen on a built-in endpoint; nothing to set up",
         "Opens the screen on a built-in endpoint whose answers are canned and say so, "
         "with a throw-away store: no network, no key. With --serve it runs only the "
         "endpoint until it is interrupted and prints its URL, for OPENAI_BASE_URL.",
         0, 0},
    [COMMAND_DATASET] =
        {"dataset", "create|list|show [NAME]", "make, list or show datasets",
         "On the server when one is configured, else (or with --local) in the store. "
         "“create” makes the guide's dataset: fields prompt and response, questions "
         "response-rating (1-5) and response-feedback, and says what was made.",
         1, 2},
    [COMMAND_LOG] =
        {"log", "", "log one record by hand",
         "Logs one prompt and its response; prints the record's id. A “-” for one of the "
         "two reads it from standard input. With --rating the record is submitted, "
         "unless --draft or --discard.",
         0, 0},
    [COMMAND_ASK] =
        {"ask", "PROMPT", "ask the model; the answer streams to standard output",
         "Sends PROMPT (“-”: standard input), writes the answer to standard output as it "
         "comes and logs the pair. On a terminal nothing that is not text reaches it; "
         "a pipe or file gets the answer's own bytes.",
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
         "server's records. Records kept without a server go to the configured one; the "
         "dataset is created there when it is missing. Says what it did.",
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

static const struct option_rule options[OPTION_COUNT] = {
    [OPTION_DATASET] = {"dataset", "NAME", "the dataset (langchain-dataset)", 0, true},
    [OPTION_WORKSPACE] = {"workspace", "W", "its workspace (the user's first)", 0, true},
    [OPTION_SERVER] = {"server", "NAME|URL", "the Argilla server: its name in the config",
                       0, true},
    [OPTION_ENDPOINT] = {"endpoint", "NAME|URL", "the model endpoint, likewise", 0, true},
    [OPTION_STORE] = {"store", "PATH", "the store's file", 0, true},
    [OPTION_LOCAL] = {"local", NULL, "no server, even if one is configured", 0, true},
    [OPTION_JSON] = {"json", NULL, "print one JSON object a line", 0, true},
    [OPTION_NO_STRIP] = {"no-strip", NULL, "send responses with the blanks at their ends",
                         0, true},
    [OPTION_CONFIG] = {"config", "FILE",
                       "read this file instead of ~/.config/sherd/config", 0, true},
    [OPTION_LOG] = {"log", NULL, "write ~/.local/state/sherd/log (as SHERD_LOG=1 does)",
                    0, true},
    [OPTION_HELP] = {"help", NULL, "help, for a command too", 'h', true},
    [OPTION_VERSION] = {"version", NULL, "the version", 'V', true},
    [OPTION_MODEL] = {"model", "M", "the model's name", 0, false},
    [OPTION_TEMPERATURE] = {"temperature", "T", "sampling temperature, 0 to 10", 0,
                            false},
    [OPTION_MAX_TOKENS] = {"max-tokens", "N", "longest answer, in tokens", 0, false},
    [OPTION_SYSTEM] = {"system", "TEXT", "the system prompt", 0, false},
    [OPTION_SEED] = {"seed", "N", "the seed, where the endpoint takes one", 0, false},
    [OPTION_PROMPT] = {"prompt", "P", "the prompt; “-” reads standard input", 0, false},
    [OPTION_RESPONSE] = {"response", "R", "the response; “-” reads standard input", 0,
                         false},
    [OPTION_RATING] = {"rating", "N", "rate it and submit", 0, false},
    [OPTION_FEEDBACK] = {"feedback", "T", "feedback to go with the rating", 0, false},
    [OPTION_DRAFT] = {"draft", NULL, "keep as a draft instead of submitting", 0, false},
    [OPTION_DISCARD] = {"discard", NULL, "mark as discarded", 0, false},
    [OPTION_NO_LOG] = {"no-log", NULL,
                       "keep nothing: not in the store, not on the server", 0, false},
    [OPTION_NO_FETCH] = {"no-fetch", NULL, "only send; do not read the server's records",
                         0, false},
    [OPTION_REPEAT] = {"repeat", "N", "go through the file N times (1)", 0, false},
    [OPTION_CONCURRENCY] = {"concurrency", "C", "at most C prompts at once (4)", 0,
                            false},
    [OPTION_NAME] = {"name", "RUN", "the run's name (the file's path)", 0, false},
    [OPTION_STATUS] = {"status", "S", "only pending, draft, submitted or discarded", 0,
                       false},
    [OPTION_SERVE] = {"serve", NULL, "only the endpoint, until interrupted", 0, false},
    [OPTION_PORT] = {"port", "N", "with --serve: its port (any free one)", 0, false},
    [OPTION_TOKEN_MS] = {"token-ms", "N", "milliseconds between two tokens (25)", 0,
                         false},
};

#define BIT(id) (UINT64_C(1) << OPTION_##id)
#define SAMPLING                                                                         \
    (BIT(MODEL) | BIT(TEMPERATURE) | BIT(MAX_TOKENS) | BIT(SYSTEM) | BIT(SEED))
/* What each takes beside the global options. */
static const uint64_t taken[COMMAND_COUNT] = {
    [COMMAND_SCREEN] = SAMPLING,
    [COMMAND_DEMO] = SAMPLING | BIT(SERVE) | BIT(PORT) | BIT(TOKEN_MS),
    [COMMAND_LOG] = BIT(PROMPT) | BIT(RESPONSE) | BIT(RATING) | BIT(FEEDBACK) |
                    BIT(DRAFT) | BIT(DISCARD),
    [COMMAND_ASK] = SAMPLING | BIT(RATING) | BIT(FEEDBACK) | BIT(NO_LOG),
    [COMMAND_RUN] = SAMPLING | BIT(REPEAT) | BIT(CONCURRENCY) | BIT(NAME),
    [COMMAND_RATE] = BIT(FEEDBACK) | BIT(DRAFT),
    [COMMAND_RECORDS] = BIT(STATUS),
    [COMMAND_SYNC] = BIT(NO_FETCH),
};
#undef SAMPLING

const struct command_rule *command_rule(enum command_id command)
{
    return &commands[command];
}

const struct option_rule *option_rule(enum option_id option)
{
    return &options[option];
}

bool command_takes(enum command_id command, enum option_id option)
{
    bool has_screen = command == COMMAND_SCREEN;
    if (option == OPTION_JSON && has_screen)
        return false;
    return options[option].is_global || (taken[command] >> option) & 1;
}

enum command_id command_find(const char *name)
{
    for (int i = COMMAND_DEMO; i < COMMAND_COUNT; i++)
        if (!strcmp(commands[i].name, name))
            return (enum command_id)i;
    return COMMAND_COUNT;
}
