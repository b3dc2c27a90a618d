/* SPDX-License-Identifier: MIT
 *
 * arguments - reading argv with getopt_long by the tables.
 */
#include "config.h"

#include "cli/arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "text/outside.h"

enum { FIRST_LONG = 256 }; /* above every short option's letter */

bool arguments_has(const struct arguments *arguments, enum option_id option)
{
    return arguments->given[option];
}

enum prompts_kind arguments_file_kind(const struct arguments *arguments)
{
    return arguments_has(arguments, OPTION_AS)
               ? (enum prompts_kind)(arguments->numbers[OPTION_AS] + PROMPTS_TEXT)
               : PROMPTS_BY_NAME;
}

/* Whether text is one of the words; its place among them. */
static bool find_word(const char *words, const char *text, double *place)
{
    size_t len = strlen(text);
    for (*place = 0; *words; ++*place) {
        size_t word = strcspn(words, "|");
        if (word == len && strncmp(words, text, len) == 0)
            return true;
        words += word + (words[word] == '|');
    }
    return false;
}

static enum status set_value(struct arguments *arguments, enum option_id option,
                             const char *text, struct err *err)
{
    const struct option_row *row = option_row(option);
    bool is_sampling = row->type == OPTION_IS_SAMPLING;
    const struct number_limits *limits =
        is_sampling ? &sampling_row(row->field)->limits : &row->limits;
    bool is_number =
        is_sampling ? sampling_row(row->field)->is_number : row->type == OPTION_IS_NUMBER;
    double number = 0;
    char range[96];
    if (is_number && !number_read(text, limits, &number))
        return err_set(err, STATUS_USAGE, "--%s takes %s; “%.60s” is not one.", row->name,
                       number_describe(limits, range, sizeof range), text);
    if (row->type == OPTION_IS_CHOICE && !find_word(row->words, text, &number)) {
        struct buf words = {0};
        for (const char *at = row->words; *at;) {
            size_t len = strcspn(at, "|");
            const char *between = at == row->words ? "" : strchr(at, '|') ? ", " : " or ";
            buf_addf(&words, "%s%.*s", between, (int)len, at);
            at += len + (at[len] == '|');
        }
        err_set(err, STATUS_USAGE, "--%s takes %s; “%.60s” is none of them.", row->name,
                buf_text(&words), text);
        buf_clear(&words);
        return STATUS_USAGE;
    }
    if ((is_sampling || row->type == OPTION_IS_TEXT) &&
        utf8_check(text, strlen(text)) < strlen(text))
        return err_set(err, STATUS_USAGE, "The text of --%s is not UTF-8.", row->name);
    /* "" is never a name, and would mean "none" further down */
    if ((is_sampling || row->type == OPTION_IS_NAME) && !*text)
        return err_set(err, STATUS_USAGE, "--%s needs a value that is not empty.",
                       row->name);
    if (is_sampling && sampling_put(&arguments->sampling, row->field, text, err))
        return err->code;
    arguments->texts[option] = text;
    arguments->list = xreallocarray(arguments->list, arguments->list_count + 1,
                                    sizeof *arguments->list);
    arguments->list[arguments->list_count++] =
        (struct option_given){.option = option, .text = text};
    arguments->numbers[option] = (int64_t)number;
    arguments->given[option] = true;
    return STATUS_OK;
}

const char **arguments_all(const struct arguments *arguments, enum option_id option,
                           size_t *count)
{
    const char **texts = xcalloc(arguments->list_count + 1, sizeof *texts);
    *count = 0;
    for (size_t i = 0; i < arguments->list_count; i++)
        if (arguments->list[i].option == option)
            texts[(*count)++] = arguments->list[i].text;
    return texts;
}

static int option_of_letter(int letter)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_row((enum option_id)i)->letter == letter)
            return i;
    return OPTION_COUNT;
}

/* What getopt could not take: code is what it returned, optopt what it was about. */
static enum status refuse_option(int code, const char *typed, struct err *err)
{
    int option = optopt >= FIRST_LONG ? optopt - FIRST_LONG : option_of_letter(optopt);
    if (!optopt || option >= OPTION_COUNT) {
        const char *names[OPTION_COUNT];
        char bare[64];
        for (int i = 0; i < OPTION_COUNT; i++)
            names[i] = option_row((enum option_id)i)->name;
        const char *start = typed + strspn(typed, "-");
        snprintf(bare, sizeof bare, "%.*s", (int)strcspn(start, "="), start);
        const char *near = typed[0] == '-' && typed[1] == '-'
                               ? nearest_word(bare, names, OPTION_COUNT)
                               : NULL;
        if (near)
            return err_set(
                err, STATUS_USAGE,
                "There is no option %.60s. Did you mean --%s? “sherd --help” lists them.",
                typed, near);
        return err_set(err, STATUS_USAGE,
                       "There is no option %.60s. “sherd --help” lists them; words that "
                       "start with a dash go behind “--”.",
                       typed);
    }
    const struct option_row *rule = option_row((enum option_id)option);
    if (code == ':')
        return err_set(err, STATUS_USAGE, "--%s needs a value: --%s %s.", rule->name,
                       rule->name, rule->value);
    return err_set(err, STATUS_USAGE, "--%s takes no value.", rule->name);
}

struct getopt_tables {
    struct option options[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 3];
};

static void fill_tables(struct getopt_tables *tables)
{
    size_t at = 0;
    tables->letters[at++] = '-'; /* operands come as option 1, in their order */
    tables->letters[at++] = ':';
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *rule = option_row((enum option_id)i);
        tables->options[i] =
            (struct option){.name = rule->name,
                            .has_arg = rule->value ? required_argument : no_argument,
                            .val = FIRST_LONG + i};
        if (rule->letter)
            tables->letters[at++] = rule->letter;
        if (rule->letter && rule->value)
            tables->letters[at++] = ':';
    }
}

/* Reads the options into arguments and gathers the other words. Returns their number,
 * or -1 with err. */
static int read_words(struct arguments *arguments, int argc, char **argv, struct err *err)
{
    struct getopt_tables tables = {0};
    fill_tables(&tables);
    int words = 0, code;
    optind = 0; /* glibc: start anew */
    opterr = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        code = getopt_long(argc, argv, tables.letters, tables.options, NULL);
        if (code == -1)
            break;
        if (code == 1) {
            arguments->words[words++] = optarg;
            continue;
        }
        int option = code >= FIRST_LONG ? code - FIRST_LONG : option_of_letter(code);
        enum status status =
            code == '?' || code == ':'
                ? refuse_option(code, argv[at], err)
                : set_value(arguments, (enum option_id)option, optarg, err);
        if (status)
            return -1;
    }
    while (optind < argc)
        arguments->words[words++] = argv[optind++];
    return words;
}

static enum status refuse_command(const char *typed, struct err *err)
{
    const char *names[COMMAND_COUNT];
    size_t count = 0;
    for (int i = COMMAND_DEMO; i < COMMAND_COUNT; i++)
        names[count++] = command_row((enum command_id)i)->name;
    const char *near = nearest_word(typed, names, count);
    return err_set(err, STATUS_USAGE,
                   "There is no command “%.60s”.%s%s%s “sherd --help” lists them.", typed,
                   near ? " Did you mean “" : "", near ? near : "", near ? "”?" : "");
}

static enum status check_operands(const struct arguments *arguments, struct err *err)
{
    const struct command_row *rule = command_row(arguments->command);
    if (arguments->operand_count < rule->min_operands)
        return err_set(err, STATUS_USAGE,
                       "“sherd %s” needs %s. “sherd %s --help” says more.", rule->name,
                       rule->operands, rule->name);
    if (arguments->operand_count > rule->max_operands)
        return err_set(
            err, STATUS_USAGE,
            "“%.60s” is one word too many for “sherd %s”%s. “sherd %s --help” says more.",
            arguments->operands[rule->max_operands], rule->name,
            arguments->command == COMMAND_ASK ? ": quote the prompt" : "", rule->name);
    return STATUS_OK;
}

static enum status check_options(const struct arguments *arguments, struct err *err)
{
    const struct command_row *rule = command_row(arguments->command);
    for (int i = 0; i < OPTION_COUNT; i++) {
        enum option_id option = (enum option_id)i;
        if (!arguments_has(arguments, option) ||
            command_takes(arguments->command, option))
            continue;
        return err_set(err, STATUS_USAGE,
                       "--%s has no meaning for “sherd%s%s”. “sherd %s%s--help” lists "
                       "what it takes.",
                       option_row(option)->name, *rule->name ? " " : "", rule->name,
                       rule->name, *rule->name ? " " : "");
    }
    return STATUS_OK;
}

static enum status find_command(struct arguments *arguments, int words, struct err *err)
{
    arguments->command = COMMAND_SCREEN;
    if (!words)
        return STATUS_OK;
    arguments->command = command_find(arguments->words[0]);
    if (arguments->command == COMMAND_COUNT)
        return refuse_command(arguments->words[0], err);
    arguments->operands = arguments->words + 1;
    arguments->operand_count = words - 1;
    if (arguments->command == COMMAND_HELP && words > 1 &&
        command_find(arguments->words[1]) == COMMAND_COUNT)
        return refuse_command(arguments->words[1], err);
    return STATUS_OK;
}

/* Nothing is taken to be passed over. */
static enum status check_together(const struct arguments *arguments, struct err *err)
{
    const struct command_row *rule = command_row(arguments->command);
    static const struct {
        enum option_id one, other;
    } pairs[] = {{OPTION_DRAFT, OPTION_DISCARD},      {OPTION_LOCAL, OPTION_SERVER},
                 {OPTION_SAMPLES, OPTION_REPEAT},     {OPTION_AS, OPTION_PARAGRAPHS},
                 {OPTION_FRESH, OPTION_RETRY_FAILED}, {OPTION_NO_LOG, OPTION_RATING},
                 {OPTION_NO_LOG, OPTION_AGENT},       {OPTION_NO_LOG, OPTION_FEEDBACK},
                 {OPTION_NO_LOG, OPTION_ANSWER},      {OPTION_NO_LOG, OPTION_TOOL}};
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++)
        if (arguments_has(arguments, pairs[k].one) &&
            arguments_has(arguments, pairs[k].other))
            return err_set(err, STATUS_USAGE, "--%s and --%s exclude each other.",
                           option_row(pairs[k].one)->name,
                           option_row(pairs[k].other)->name);
    static const enum option_id of_agents[] = {OPTION_STEPS, OPTION_TIME_LIMIT,
                                               OPTION_YES};
    bool has_agent =
        arguments_has(arguments, OPTION_AGENT) || arguments_has(arguments, OPTION_TOOL) ||
        (arguments->command != COMMAND_ASK && arguments->command != COMMAND_RUN);
    for (size_t k = 0; k < sizeof of_agents / sizeof of_agents[0] && !has_agent; k++)
        if (arguments_has(arguments, of_agents[k]))
            return err_set(err, STATUS_USAGE,
                           "--%s is for agents: --agent or --tool makes it one.",
                           option_row(of_agents[k])->name);
    if (arguments->operand_count && arguments_has(arguments, OPTION_DATASET) &&
        !strncmp(rule->operands, "[DATASET", 8))
        return err_set(err, STATUS_USAGE,
                       "DATASET and --dataset say the same: leave one of the two out.");
    return STATUS_OK;
}

enum status arguments_read(struct arguments *arguments, int argc, char *const *argv,
                           struct err *err)
{
    *arguments = (struct arguments){.numbers = {[OPTION_SAMPLES] = 1,
                                                [OPTION_REPEAT] = 1,
                                                [OPTION_CONCURRENCY] = 4,
                                                [OPTION_TOKEN_MS] = -1}};
    size_t count = argc > 0 ? (size_t)argc : 0;
    arguments->words = xcalloc(count + 1, sizeof *arguments->words);
    char **copy = xcalloc(count + 1, sizeof *copy); /* getopt may reorder it */
    for (size_t i = 0; i < count; i++)
        copy[i] = argv[i];
    int words = count ? read_words(arguments, argc, copy, err) : 0;
    free(copy);
    if (words < 0 || find_command(arguments, words, err))
        return STATUS_USAGE;
    if (arguments_has(arguments, OPTION_HELP) || arguments_has(arguments, OPTION_VERSION))
        return STATUS_OK; /* whatever else was said */
    if (check_operands(arguments, err) || check_options(arguments, err))
        return STATUS_USAGE;
    return check_together(arguments, err);
}

void arguments_clear(struct arguments *arguments)
{
    free(arguments->words);
    free(arguments->list);
    sampling_clear(&arguments->sampling);
    *arguments = (struct arguments){0};
}
