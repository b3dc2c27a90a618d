/* SPDX-License-Identifier: MIT
 *
 * The tables of commands and options: what exists, what takes what, and the words that
 * help says about each.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "text/width.h"

static const struct command_row commands[COMMAND_COUNT] = {
    [COMMAND_SCREEN] =
        {"", "", "the screen: prompt, answer, rating",
         "Opens the screen on the configured dataset, server and endpoint.", 0, 0},
    [COMMAND_DEMO] = {"demo", "", "the screen on a built-in endpoint; nothing to set up",
                      "Opens the screen on a built-in endpoint whose answers are canned "
                      "and say so, with a throw-away store: no network, no key. "
                      "--endpoint demo gives any other command the same endpoint.",
                      0, 0},
    [COMMAND_REVIEW] =
        {"review", "[DATASET]", "the screen on a dataset that others filled",
         "Opens the screen on any dataset, with an annotator's key too; no model "
         "endpoint is needed. DATASET is a name, WORKSPACE/NAME, either with @SERVER "
         "behind it (a name in the configuration, a host or a URL, “local”), or the "
         "server's id. Without it the datasets are listed, to take one. What the store "
         "has opens without the server, and the rest is read while you work.",
         0, 1},
    [COMMAND_DATASET] =
        {"dataset", "create|list|show|…",
         "make, list, show, move, clone or forget datasets",
         "On the server when one is configured, else (or with --local) in the store. "
         "“create [NAME]” makes the guide's dataset: fields prompt and response, "
         "questions response-rating (1-5) and response-feedback, or with --from what "
         "FILE says, and says what was made. “clone FROM NAME” makes one like it, with "
         "its records too where --records or --answers asks for them; a server takes "
         "only your own answers. “list” lists them, “show [NAME]” shows one. “move FROM "
         "TO” takes all that the store has of one dataset over to another, where it is "
         "sent: a name, or a name and a server as “sherd dataset list” writes them, such "
         "as langchain-dataset@local or langchain-dataset@http://old.example. “forget "
         "NAME” takes one out of the store, such as one that was deleted on its server.",
         1, 3},
    [COMMAND_LOG] = {"log", "", "log one record by hand",
                     "Logs one prompt and its response; prints the record's id. A “-” "
                     "for one of the two reads it from standard input. With --rating the "
                     "record is submitted, unless --draft or --discard.",
                     0, 0},
    [COMMAND_ASK] =
        {"ask", "PROMPT", "ask the model; the answer streams to standard output",
         "Sends PROMPT (“-”: standard input), writes the answer to standard output as it "
         "comes and logs the pair. What is piped in goes in front of PROMPT, with an "
         "empty line between. On a terminal nothing that is not text reaches it; a pipe "
         "or file gets the answer's own bytes.",
         1, 1},
    [COMMAND_RUN] =
        {"run", "FILE|-", "ask every prompt of a file, log each answer",
         "Sends one prompt a line, or a row of JSON lines, CSV or TSV through a "
         "--template; gzip and zstd are unpacked. Each answer is logged as it ends and "
         "its record's id printed. --model and --endpoint may stand several times: each "
         "asks every prompt. Started again with the same file it finishes what is "
         "missing and repeats nothing; --fresh or another --name runs it anew. A row "
         "that is bad or a prompt that fails does not stop the others.",
         0, 1},
    [COMMAND_RATE] =
        {"rate", "RECORD [N]", "rate a record and submit it",
         "Gives RECORD (any unique start of an id that “sherd records” prints, in any "
         "dataset) the rating N and the other answers, and submits it. What it has stays "
         "where nothing else is given; an empty value removes it. --answer "
         "QUESTION=VALUE is for questions of every type: a number, a text, a label, "
         "labels as “long,wrong”, a ranking as “b,a=c” (the best first, = between "
         "equals), spans as “person:0-3,place:12-14” (characters, the end not included). "
         "--note is kept in the store, for you: it is no answer, and alone it submits "
         "nothing.",
         1, 2},
    [COMMAND_DISCARD] = {"discard", "RECORD", "discard a record",
                         "Marks RECORD as discarded; “sherd undo” takes it back.", 1, 1},
    [COMMAND_DELETE] =
        {"delete", "[RECORD…]", "delete records, here and on the server",
         "Deletes the RECORDs, all of one dataset, or all that --filter, --search and "
         "--status leave of the dataset; those are counted first, and it asks, unless "
         "--yes. Here they are gone at once, on the server ten minutes later or with "
         "“sherd sync”; until then “sherd undo” brings them back. The key must be an "
         "owner's or an admin's.",
         0, INT_MAX},
    [COMMAND_FLAG] = {"flag", "RECORD", "flag a record to come back to it",
                      "Flags RECORD, in the store alone; “sherd undo” takes it back, and "
                      "b on the screen.",
                      1, 1},
    [COMMAND_UNDO] = {"undo", "", "take back the last change",
                      "Takes back the last rating, feedback, submit, draft or discard in "
                      "the store (--dataset: in that dataset), on the server too.",
                      0, 0},
    [COMMAND_RECORDS] = {"records", "[DATASET]", "list the records in the store",
                         "Lists what the store has of the dataset, in order. “sherd "
                         "sync” first, to see what others logged on the server.",
                         0, 1},
    [COMMAND_STATS] =
        {"stats", "[DATASET]", "ratings, pace and agreement of a dataset",
         "Says what the answers that the store has come to: ratings by person and model, "
         "over time, pace and time left, length against rating, and how far people agree "
         "(Krippendorff's alpha). “sherd sync” with an owner's or admin's key first, to "
         "have what others answered.",
         0, 1},
    [COMMAND_EXPORT] =
        {"export", "[DATASET]", "write the records for other programs",
         "Writes what the store has of the dataset as jsonl or csv, or for trainers: "
         "trl-preference, trl-unpaired, trl-prompt-completion, openai-dpo. Pairs come "
         "from choices between answers to one prompt, and from their submitted ratings. "
         "FILE is there whole or not at all; FILE.manifest.json says what was left out, "
         "and why.",
         0, 1},
    [COMMAND_TRACE] =
        {"trace", "RECORD", "what an agent did on the way to an answer",
         "Prints the steps of the agent that wrote RECORD's answer: what the model "
         "thought, which tools it called with what, and what came back.",
         1, 1},
    [COMMAND_IMPORT] =
        {"import", "FILE|-", "add the records of a file to a dataset",
         "Adds what “sherd export” or Argilla's own client exported (JSON lines, a JSON "
         "array, CSV, also packed by gzip or zstd), or plain rows whose columns are the "
         "dataset's fields and questions: fields, metadata, suggestions, answers of all "
         "people, run facts. A row that the dataset does not take is named with its line "
         "and left out. What is there already is left as it is, so the same file adds "
         "nothing twice.",
         1, 1},
    [COMMAND_SYNC] =
        {"sync", "", "send what is unsent, fetch what is new",
         "Sends all that the server has not confirmed, the refused too, and reads the "
         "server's records: of every dataset of that server, unless --dataset names one. "
         "What was kept without a server goes there only by its name, with --dataset; a "
         "dataset that is missing there is created. Says what it did, and what waits for "
         "other servers.",
         0, 0},
    [COMMAND_OUTBOX] = {"outbox", "", "list what is not sent yet, and why",
                        "Lists what the server has not confirmed, with the reason.", 0,
                        0},
    [COMMAND_DOCTOR] = {"doctor", "", "check terminal, store, endpoints, servers",
                        "Checks terminal, locale, config, store, every endpoint and "
                        "every server; one line each, with what to do about it.",
                        0, 0},
    [COMMAND_ENDPOINTS] =
        {"endpoints", "[NAME]", "list the endpoints and their models",
         "Asks every configured endpoint, or the one of that name, which models it has: "
         "one line a model, with the day that it closes where the endpoint says so. One "
         "that does not answer has its reason there.",
         0, 1},
    [COMMAND_HELP] = {"help", "[COMMAND]", "this text, or a command's",
                      "Shows the help of sherd or of a command.", 0, 1},
};

#define BIT(id) (UINT64_C(1) << COMMAND_##id)
#define EVERY (~UINT64_C(0))
#define ASKING (BIT(SCREEN) | BIT(REVIEW) | BIT(DEMO) | BIT(ASK) | BIT(RUN))

/* NOLINTBEGIN(bugprone-macro-parentheses): what is initialised takes none */
#define OPT(id, ...) [OPTION_##id] = {__VA_ARGS__}
#define FLAG(id, n, t, c) OPT(id, .name = n, .text = t, .commands = c)
#define TEXT(id, n, v, t, c)                                                             \
    OPT(id, .name = n, .value = v, .text = t, .type = OPTION_IS_TEXT, .commands = c)
#define NAME(id, n, v, t, c)                                                             \
    OPT(id, .name = n, .value = v, .text = t, .type = OPTION_IS_NAME, .commands = c)
#define SETTING(id, n, v, t)                                                             \
    OPT(id, .name = n, .value = v, .text = t, .type = OPTION_IS_NAME, .commands = EVERY, \
        .setting = n)
#define CHOICE(id, n, v, t, c, w)                                                        \
    OPT(id, .name = n, .value = v, .text = t, .type = OPTION_IS_CHOICE, .commands = c,   \
        .words = w)
#define NUMBER(id, n, v, t, c, min, max)                                                 \
    OPT(id, .name = n, .value = v, .text = t, .type = OPTION_IS_NUMBER, .commands = c,   \
        .limits = {true, min, max})
#define PARAMETER(id, n, v, t)                                                           \
    OPT(id, .name = n, .value = v, .text = t, .type = OPTION_IS_SAMPLING,                \
        .commands = ASKING, .field = SAMPLING_##id)
/* NOLINTEND(bugprone-macro-parentheses) */
static const struct option_row options[OPTION_COUNT] = {
    SETTING(DATASET, "dataset", "NAME", "the dataset (langchain-dataset)"),
    SETTING(WORKSPACE, "workspace", "W", "its workspace (the user's first)"),
    SETTING(SERVER, "server", "NAME|URL", "the Argilla server: its name in the config"),
    SETTING(ENDPOINT, "endpoint", "NAME|URL", "the model endpoint, likewise"),
    SETTING(STORE, "store", "PATH", "the store's file"),
    FLAG(LOCAL, "local", "no server, even if one is configured", EVERY),
    FLAG(JSON, "json", "print one JSON object a line",
         EVERY & ~BIT(SCREEN) & ~BIT(REVIEW)),
    OPT(PLAIN, .name = "plain", .text = "the screen without frames, for screen readers",
        .commands = EVERY, .setting = "plain", .put = "yes"),
    OPT(NO_STRIP, .name = "no-strip",
        .text = "send responses with the blanks at their ends", .commands = EVERY,
        .setting = "strip", .put = "no"),
    NAME(CONFIG, "config", "FILE", "read this file instead of ~/.config/sherd/config",
         EVERY),
    FLAG(LOG, "log", "write ~/.local/state/sherd/log (as SHERD_LOG=1 does)", EVERY),
    OPT(HELP, .name = "help", .text = "help, for a command too", .commands = EVERY,
        .letter = 'h'),
    OPT(VERSION, .name = "version", .text = "the version", .commands = EVERY,
        .letter = 'V'),
    PARAMETER(MODEL, "model", "M", "the model's name"),
    PARAMETER(TEMPERATURE, "temperature", "T", "sampling temperature, 0 to 10"),
    PARAMETER(MAX_TOKENS, "max-tokens", "N", "longest answer, in tokens"),
    PARAMETER(SYSTEM, "system", "TEXT", "the system prompt"),
    PARAMETER(SEED, "seed", "N", "the seed, where the endpoint takes one"),
    TEXT(PROMPT, "prompt", "P", "the prompt; “-” reads standard input", BIT(LOG)),
    TEXT(RESPONSE, "response", "R", "the response; “-” reads standard input", BIT(LOG)),
    TEXT(RATING, "rating", "N", "rate it and submit", BIT(LOG) | BIT(ASK)),
    TEXT(FEEDBACK, "feedback", "T", "feedback to go with the rating",
         BIT(LOG) | BIT(ASK) | BIT(RATE)),
    TEXT(ANSWER, "answer", "Q=V", "the answer V to question Q; see “sherd rate --help”",
         BIT(LOG) | BIT(ASK) | BIT(RATE)),
    TEXT(NOTE, "note", "T", "a note on the record, for you alone; empty: none",
         BIT(RATE) | BIT(FLAG)),
    FLAG(DRAFT, "draft", "keep as a draft instead of submitting", BIT(LOG) | BIT(RATE)),
    FLAG(DISCARD, "discard", "mark as discarded", BIT(LOG)),
    FLAG(NO_LOG, "no-log", "keep nothing: not in the store, not on the server", BIT(ASK)),
    FLAG(NO_FETCH, "no-fetch", "only send; do not read the server's records", BIT(SYNC)),
    FLAG(UNFINISHED, "unfinished", "send cut-off answers that nobody rated, too",
         BIT(SYNC)),
    CHOICE(KEEP, "keep", "WHICH", "the server has another response: mine or server",
           BIT(SYNC), "mine|server"),
    CHOICE(GONE, "gone", "HOW", "gone from the server: send again, or drop for good",
           BIT(SYNC), "send|drop"),
    NUMBER(SAMPLES, "samples", "N", "so many answers to each prompt (1)", BIT(RUN), 1,
           100000),
    NUMBER(REPEAT, "repeat", "N", "the same as --samples", BIT(RUN), 1, 100000),
    NUMBER(CONCURRENCY, "concurrency", "C", "at most C prompts at once (4)", BIT(RUN), 1,
           1024),
    NAME(NAME, "name", "RUN", "the run's name (none)", BIT(RUN)),
    NAME(TEMPLATE, "template", "FILE|TEXT",
         "what is asked of each row: {title} is a column", BIT(RUN)),
    NAME(ROWS, "rows", "FILE", "the rows of the template, instead of FILE", BIT(RUN)),
    NAME(VAR, "var", "K=V", "a variable of the template, for every row", BIT(RUN)),
    NAME(THEN, "then", "FILE|TEXT", "a template asked next, {output} is the answer",
         BIT(RUN)),
    NAME(META, "meta", "COLUMN", "a column that is kept in the record's metadata",
         BIT(RUN)),
    CHOICE(AS, "as", "KIND", "text, paragraphs, jsonl, csv, tsv (by the name)",
           BIT(RUN) | BIT(IMPORT), "text|paragraphs|jsonl|csv|tsv"),
    FLAG(PARAGRAPHS, "paragraphs", "an empty line parts two prompts, not each line",
         BIT(RUN)),
    FLAG(STRICT, "strict", "ask nothing when a row is bad", BIT(RUN)),
    FLAG(FRESH, "fresh", "new answers, beside those of earlier runs", BIT(RUN)),
    FLAG(RETRY_FAILED, "retry-failed", "only what failed in an earlier run", BIT(RUN)),
    FLAG(DRY_RUN, "dry-run", "ask nothing: show the first prompts and the count",
         BIT(RUN)),
    TEXT(MAX_COST, "max-cost", "X", "stop when the answers have cost X", BIT(RUN)),
    FLAG(QUIET, "quiet", "no progress on standard error", BIT(ASK) | BIT(RUN)),
    CHOICE(STATUS, "status", "S", "only pending, draft, submitted or discarded",
           BIT(RECORDS) | BIT(EXPORT) | BIT(DELETE), "pending|draft|submitted|discarded"),
    TEXT(FILTER, "filter", "LINE", "only what LINE asks for, as “:filter” takes it",
         BIT(RECORDS) | BIT(EXPORT) | BIT(DELETE)),
    TEXT(SEARCH, "search", "TEXT|/RE/",
         "only what has this in its texts, as “/” finds it",
         BIT(RECORDS) | BIT(EXPORT) | BIT(DELETE)),
    TEXT(ORDER, "order", "KEY", "in this order, as “:order” takes it",
         BIT(RECORDS) | BIT(EXPORT)),
    CHOICE(FORMAT, "format", "F", "jsonl (default), csv, trl-preference, …", BIT(EXPORT),
           "jsonl|csv|trl-preference|trl-unpaired|trl-prompt-completion|openai-dpo"),
    CHOICE(PAIRS, "pairs", "P", "asked-together (default) or equal-prompt", BIT(EXPORT),
           "asked-together|equal-prompt"),
    CHOICE(BY, "by", "WHOSE", "ratings: mine (default), mean or majority", BIT(EXPORT),
           "mine|mean|majority"),
    OPT(OUTPUT, .name = "output", .value = "FILE", .letter = 'o',
        .text = "the file (standard output)", .type = OPTION_IS_NAME,
        .commands = BIT(EXPORT)),
    FLAG(AGENT, "agent", "ask as an agent, which may call tools", ASKING),
    NAME(TOOL, "tool", "NAME", "a tool that it may call; again for more", ASKING),
    NUMBER(STEPS, "steps", "N", "at most N questions to the model an answer (15)", ASKING,
           1, 1000000),
    NUMBER(TIME_LIMIT, "time-limit", "S", "at most S seconds an answer (300)", ASKING, 1,
           86400),
    FLAG(YES, "yes", "without asking: delete, forget, run tools that ask",
         ASKING | BIT(DELETE) | BIT(DATASET)),
    NAME(ME, "me", "USER", "the user id in FILE whose answers are yours", BIT(IMPORT)),
    NAME(FROM, "from", "FILE", "make what this template says", BIT(DATASET)),
    FLAG(RECORDS, "records", "clone the records of the store, too", BIT(DATASET)),
    FLAG(ANSWERS, "answers", "and everybody's answers to them", BIT(DATASET)),
    NAME(RECORD, "record", "ID|N", "open on this record: its number or id", BIT(REVIEW)),
    NUMBER(TOKEN_MS, "token-ms", "N", "milliseconds between two tokens (25)", BIT(DEMO),
           0, 60000),
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

/* ---- help ---- */

enum { NAME_COLUMNS = 28, COLUMNS = 80 };

/* A name and what it is, beside it or below when it is too long for that. */
static void write_pair(const char *name, const char *text, struct buf *out)
{
    bool is_long = strlen(name) > NAME_COLUMNS - 3;
    buf_addf(out, "  %-*s", is_long ? 0 : NAME_COLUMNS - 2, name);
    buf_addf(out, "%s%*s%s\n", is_long ? "\n" : "", is_long ? NAME_COLUMNS : 0, "", text);
}

static void write_paragraph(const char *text, struct buf *out)
{
    size_t used = 0;
    while (*text) {
        size_t len = strcspn(text, " "), width = width_of(text, len);
        bool is_new = used && used + 1 + width > COLUMNS;
        buf_add_text(out, is_new ? "\n" : used ? " " : "");
        buf_add(out, text, len);
        used = is_new || !used ? width : used + 1 + width;
        text += len + strspn(text + len, " ");
    }
    buf_add_byte(out, '\n');
}

/* How many there are; out NULL = only counts them. */
static int write_options(enum command_id command, bool of_all, struct buf *out)
{
    int count = 0;
    for (int i = 0; i < OPTION_COUNT; i++) {
        enum option_id option = (enum option_id)i;
        /* what help takes, every command takes */
        if (command_takes(COMMAND_HELP, option) != of_all ||
            !command_takes(command, option))
            continue;
        count++;
        if (out) {
            const struct option_row *rule = option_row(option);
            char usage[64], letter[8] = "";
            if (rule->letter)
                snprintf(letter, sizeof letter, "-%c, ", rule->letter);
            snprintf(usage, sizeof usage, "%s--%s%s%s", letter, rule->name,
                     rule->value ? " " : "", rule->value ? rule->value : "");
            write_pair(usage, rule->text, out);
        }
    }
    return count;
}

static void write_program(struct buf *out)
{
    buf_add_text(out, "sherd: run prompts, read the answers as they stream, rate them, "
                      "log both.\n\nCommands:\n");
    for (int i = COMMAND_SCREEN; i < COMMAND_COUNT; i++) {
        const struct command_row *rule = command_row((enum command_id)i);
        char usage[64];
        snprintf(usage, sizeof usage, "sherd%s%s%s%s", *rule->name ? " " : "", rule->name,
                 *rule->operands ? " " : "", rule->operands);
        write_pair(usage, rule->summary, out);
    }
    buf_add_text(out, "\nOptions of ask, run and the screen:\n");
    write_options(COMMAND_SCREEN, false, out);
    buf_add_text(out, "\nOptions of every command:\n");
    write_options(COMMAND_HELP, true, out);
    buf_add_text(
        out,
        "\n“sherd COMMAND --help” shows the options of a command, “man sherd” all else.\n"
        "Environment: OPENAI_API_KEY OPENAI_BASE_URL OPENAI_MODEL ARGILLA_API_URL\n"
        "ARGILLA_API_KEY ARGILLA_WORKSPACE NO_COLOR SHERD_LOG\n"
        "Exit codes: 0 done, 1 failed, 2 usage, 3 configuration or authorisation,\n"
        "4 nothing lost but not all sent yet.\n");
}

void help_write(enum command_id command, struct buf *out)
{
    const struct command_row *rule = command_row(command);
    bool has_own = write_options(command, false, NULL) > 0;
    if (command == COMMAND_SCREEN) {
        write_program(out);
        return;
    }
    buf_addf(out, "Usage: sherd %s%s%s%s\n\n", rule->name, *rule->operands ? " " : "",
             rule->operands, has_own ? " [OPTIONS]" : "");
    write_paragraph(rule->text, out);
    if (has_own) {
        buf_add_text(out, "\nOptions:\n");
        write_options(command, false, out);
    }
    buf_add_text(out, "\nOptions of every command:\n");
    write_options(command, true, out);
}
