/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/arguments.h"
#include "config/action.h"
#include "text/outside.h"
#include "text/width.h"

#define WORDS_MAX 16

struct reading {
    struct arguments arguments;
    struct err err;
    enum status status;
};

/* Reads words (ended by NULL) as argv[1..]. */
static void read_words(struct reading *reading, const char *const *words)
{
    static char name[] = "sherd";
    char *argv[WORDS_MAX + 2] = {name};
    int argc = 1;
    for (; words[argc - 1] && argc <= WORDS_MAX; argc++)
        memcpy(&argv[argc], &words[argc - 1], sizeof argv[argc]);
    memset(reading, 0, sizeof *reading);
    reading->status = arguments_read(&reading->arguments, argc, argv, &reading->err);
}

#define READ(reading, ...) read_words((reading), (const char *const[]){__VA_ARGS__, NULL})

static void assert_refused(const struct reading *reading, const char *part)
{
    assert_int_equal(reading->status, STATUS_USAGE);
    if (!strstr(reading->err.text, part))
        fail_msg("“%s” lacks “%s”", reading->err.text, part);
}

static void no_words_mean_the_screen(void **state)
{
    (void)state;
    struct reading reading;
    read_words(&reading, (const char *const[]){NULL});
    assert_int_equal(reading.status, STATUS_OK);
    assert_int_equal(reading.arguments.command, COMMAND_SCREEN);
    arguments_clear(&reading.arguments);
}

static void options_stand_before_and_after_the_command(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "--dataset", "one", "rate", "abc", "--store=/tmp/x", "4", "--local");
    assert_int_equal(reading.status, STATUS_OK);
    assert_int_equal(reading.arguments.command, COMMAND_RATE);
    assert_string_equal(reading.arguments.texts[OPTION_DATASET], "one");
    assert_string_equal(reading.arguments.texts[OPTION_STORE], "/tmp/x");
    assert_true(arguments_has(&reading.arguments, OPTION_LOCAL));
    assert_false(arguments_has(&reading.arguments, OPTION_JSON));
    assert_int_equal(reading.arguments.operand_count, 2);
    assert_string_equal(reading.arguments.operands[0], "abc");
    assert_string_equal(reading.arguments.operands[1], "4");
    arguments_clear(&reading.arguments);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "ask", "--model", "m", "--", "--local");
    assert_int_equal(reading.status, STATUS_OK);
    assert_string_equal(reading.arguments.operands[0], "--local");
    assert_false(arguments_has(&reading.arguments, OPTION_LOCAL));
    assert_string_equal(reading.arguments.texts[OPTION_MODEL], "m");
    arguments_clear(&reading.arguments);
}

static void one_dash_is_an_operand_and_a_value(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "run", "-", "--repeat", "3");
    assert_int_equal(reading.status, STATUS_OK);
    assert_string_equal(reading.arguments.operands[0], "-");
    assert_int_equal(reading.arguments.numbers[OPTION_REPEAT], 3);
    arguments_clear(&reading.arguments);
    READ(&reading, "log", "--prompt", "-", "--response=-");
    assert_int_equal(reading.status, STATUS_OK);
    assert_string_equal(reading.arguments.texts[OPTION_PROMPT], "-");
    arguments_clear(&reading.arguments);
}

static void a_bad_number_is_named_with_its_limits(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "run", "f", "--repeat", "0");
    assert_refused(&reading, "--repeat takes a whole number from 1 to 100000; “0”");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "p", "--temperature", "warm");
    assert_refused(&reading, "--temperature takes a number from 0 to 10; “warm”");
    arguments_clear(&reading.arguments);
}

static void zero_is_told_from_not_given(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "ask", "p", "--temperature", "0", "--seed", "0");
    assert_int_equal(reading.status, STATUS_OK);
    assert_true(arguments_has(&reading.arguments, OPTION_TEMPERATURE));
    assert_true(arguments_has(&reading.arguments, OPTION_SEED));
    assert_false(arguments_has(&reading.arguments, OPTION_MAX_TOKENS));
    arguments_clear(&reading.arguments);
}

static void an_unknown_command_gets_the_nearest(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "recrods");
    assert_refused(&reading, "Did you mean “records”? “sherd --help”");
    arguments_clear(&reading.arguments);
    READ(&reading, "xyzzy");
    assert_refused(&reading, "There is no command “xyzzy”. “sherd --help”");
    arguments_clear(&reading.arguments);
}

static void an_unknown_option_gets_the_nearest(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "ask", "p", "--modle=x");
    assert_refused(&reading, "There is no option --modle=x. Did you mean --model?");
    arguments_clear(&reading.arguments);
    READ(&reading, "--frobnicate", "ask");
    assert_refused(&reading, "There is no option --frobnicate. “sherd --help”");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "-modle"); /* a letter, if anything */
    assert_refused(&reading, "There is no option -modle. “sherd --help”");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "-5 degrees");
    assert_refused(&reading, "There is no option -5 degrees.");
    assert_refused(&reading, "go behind “--”");
    arguments_clear(&reading.arguments);
}

static void an_unknown_option_is_named_wherever_it_stands(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "--local", "rate", "abc", "--oops", "4");
    assert_refused(&reading, "There is no option --oops.");
    arguments_clear(&reading.arguments);
    READ(&reading, "rate", "abc", "-hx");
    assert_refused(&reading, "There is no option -hx.");
    arguments_clear(&reading.arguments);
}

static void values_are_asked_for_and_refused(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "records", "--dataset");
    assert_refused(&reading, "--dataset needs a value: --dataset NAME.");
    arguments_clear(&reading.arguments);
    READ(&reading, "records", "--dataset", "");
    assert_refused(&reading, "--dataset needs a value that is not empty.");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "p", "--model=");
    assert_refused(&reading, "--model needs a value that is not empty.");
    arguments_clear(&reading.arguments);
    READ(&reading, "log", "--prompt", "p", "--response", "");
    assert_int_equal(reading.status, STATUS_OK);
    arguments_clear(&reading.arguments);
    READ(&reading, "records", "--json=yes");
    assert_refused(&reading, "--json takes no value.");
    arguments_clear(&reading.arguments);
}

static void options_of_other_commands_are_refused(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "undo", "--repeat", "3");
    assert_refused(&reading, "--repeat has no meaning for “sherd undo”.");
    arguments_clear(&reading.arguments);
    READ(&reading, "--json");
    assert_refused(&reading, "--json has no meaning for “sherd”.");
    arguments_clear(&reading.arguments);
}

static void operands_are_counted(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "rate");
    assert_refused(&reading, "“sherd rate” needs RECORD [N].");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "two", "words");
    assert_refused(&reading, "“words” is one word too many for “sherd ask”: quote");
    arguments_clear(&reading.arguments);
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "log", "--draft", "--discard");
    assert_refused(&reading, "--draft and --discard exclude each other.");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "p", "--no-log", "--rating", "4");
    assert_refused(&reading, "--no-log and --rating exclude each other.");
    arguments_clear(&reading.arguments);
    READ(&reading, "ask", "p", "--no-log", "--tool", "search");
    assert_refused(&reading, "--no-log and --tool exclude each other.");
    arguments_clear(&reading.arguments);
    READ(&reading, "run", "f", "--time-limit", "3");
    assert_refused(&reading, "--time-limit is for agents: --agent or --tool makes it");
    arguments_clear(&reading.arguments);
    READ(&reading, "run", "f", "--time-limit", "3", "--tool", "search");
    assert_int_equal(reading.status, STATUS_OK);
    arguments_clear(&reading.arguments);
    READ(&reading, "delete", "--filter", "x", "--yes"); /* its own */
    assert_int_equal(reading.status, STATUS_OK);
    arguments_clear(&reading.arguments);
    READ(&reading, "records", "one", "--dataset", "other");
    assert_refused(&reading, "DATASET and --dataset say the same:");
    arguments_clear(&reading.arguments);
}

static void help_is_given_whatever_else_was_said(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "rate", "--help");
    assert_int_equal(reading.status, STATUS_OK);
    assert_true(arguments_has(&reading.arguments, OPTION_HELP));
    arguments_clear(&reading.arguments);
    READ(&reading, "-V");
    assert_int_equal(reading.status, STATUS_OK);
    assert_true(arguments_has(&reading.arguments, OPTION_VERSION));
    arguments_clear(&reading.arguments);
}

static void foreign_words_are_safe_in_the_sentence(void **state)
{
    (void)state;
    struct reading reading;
    READ(&reading, "\033[31mred\033]0;title\007");
    assert_int_equal(reading.status, STATUS_USAGE);
    assert_null(strchr(reading.err.text, '\033'));
    assert_null(strchr(reading.err.text, '\007'));
    arguments_clear(&reading.arguments);
}

static void help_lists_every_command_and_option(void **state)
{
    (void)state;
    struct buf program = {0};
    help_write(COMMAND_SCREEN, &program);
    for (int i = COMMAND_DEMO; i < COMMAND_COUNT; i++) {
        const char *name = command_row((enum command_id)i)->name;
        if (!strstr(buf_text(&program), name))
            fail_msg("help lacks the command %s", name);
        struct buf own = {0};
        help_write((enum command_id)i, &own);
        for (int option = 0; option < OPTION_COUNT; option++) {
            const char *word = option_row((enum option_id)option)->name;
            if (command_takes((enum command_id)i, (enum option_id)option) &&
                !strstr(buf_text(&own), word))
                fail_msg("help of %s lacks --%s", name, word);
        }
        buf_clear(&own);
    }
    buf_clear(&program);
}

/* Of the paragraph that says what a command does: each line takes what fits. */
static void expect_filled(const char *help)
{
    const char *line = strstr(help, "\n\n") + 2;
    for (const char *next; *line != '\n' && *line; line = next) {
        size_t len = strcspn(line, "\n");
        next = line + len + (line[len] == '\n');
        if (*next != '\n' &&
            width_of(line, len) + 1 + width_of(next, strcspn(next, " \n")) <= 80)
            fail_msg("not filled: %.*s", (int)len, line);
    }
}

static void help_has_its_parts(void **state)
{
    (void)state;
    static const char *const parts[] = {"sherd: run prompts, ",
                                        "\n\nCommands:\n  sherd                     ",
                                        "\n\nOptions of ask, run and the screen:\n",
                                        "--temperature T",
                                        "\n\nOptions of every command:\n",
                                        "  -h, --help ",
                                        "\n\n“sherd COMMAND --help” shows",
                                        "not all sent yet.\n"};
    struct buf out = {0};
    help_write(COMMAND_SCREEN, &out);
    const char *at = buf_text(&out);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *found = strstr(at, parts[i]);
        if (found && !strstr(found + 1, parts[i]))
            at = found;
        else
            fail_msg("“%s” is not there once", parts[i]);
    }
    buf_clear(&out);
    help_write(COMMAND_FLAG, &out);
    static const char flag[] =
        "Usage: sherd flag RECORD [OPTIONS]\n\nFlags RECORD, in the store alone; “sherd "
        "undo” takes it back, and b on the\nscreen.\n\nOptions:\n  --note T              "
        " "
        "   a note on the record, for you alone; empty: none\n\nOptions of every "
        "command:\n";
    if (strncmp(buf_text(&out), flag, strlen(flag)) != 0)
        fail_msg("%s", buf_text(&out));
    buf_clear(&out);
    help_write(COMMAND_UNDO, &out); /* it has no options of its own */
    static const char undo[] = "Usage: sherd undo\n\nTakes back";
    if (strncmp(buf_text(&out), undo, strlen(undo)) != 0 ||
        strstr(buf_text(&out), "\nOptions:"))
        fail_msg("%s", buf_text(&out));
    buf_clear(&out);
}

static void help_fits_eighty_columns(void **state)
{
    (void)state;
    for (int i = COMMAND_SCREEN; i < COMMAND_COUNT; i++) {
        struct buf out = {0};
        help_write((enum command_id)i, &out);
        const char *line = buf_text(&out);
        while (*line) {
            size_t len = strcspn(line, "\n");
            if (width_of(line, len) > 80)
                fail_msg("too wide: %.*s", (int)len, line);
            line += len + (line[len] == '\n');
        }
        if (i != COMMAND_SCREEN)
            expect_filled(buf_text(&out));
        buf_clear(&out);
    }
}

/* The file without its backslashes, which a man page puts in front of dashes. Owned. */
static char *read_source(const char *name)
{
    char path[512], piece[4096];
    struct buf text = {0};
    snprintf(path, sizeof path, "%s/%s", TOP_SRCDIR, name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be read", path);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        for (size_t i = 0; i < got; i++)
            if (piece[i] != '\\')
                buf_add_byte(&text, piece[i]);
    fclose(file);
    return buf_take(&text);
}

static void assert_mentions(const char *file, const char *text, const char *word)
{
    if (!strstr(text, word))
        fail_msg("%s lacks %s", file, word);
}

static void assert_documents(const char *file, const char *dashes)
{
    char *text = read_source(file), word[64];
    for (int i = COMMAND_DEMO; i < COMMAND_COUNT; i++)
        assert_mentions(file, text, command_row((enum command_id)i)->name);
    for (int i = 0; i < OPTION_COUNT; i++) {
        snprintf(word, sizeof word, "%s%s", dashes, option_row((enum option_id)i)->name);
        assert_mentions(file, text, word);
    }
    free(text);
}

static void the_man_page_names_every_command_option_and_key(void **state)
{
    (void)state;
    static const char man[] = "data/sherd.1";
    char *text = read_source(man), line[256];
    assert_documents(man, "--");
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        enum action action = (enum action)i;
        snprintf(line, sizeof line, ".B %s\n.RI ( %s )\n", action_default_keys(action),
                 action_name(action));
        assert_mentions(man, text, line);
    }
    free(text);
}

static void distance_counts_single_slips(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("sync", "sync"), 0);
    assert_int_equal(nearest_distance("snyc", "sync"), 1);
    assert_int_equal(nearest_distance("syn", "sync"), 1);
    assert_int_equal(nearest_distance("synce", "sync"), 1);
    assert_int_equal(nearest_distance("sink", "sync"), 2);
    assert_int_equal(nearest_distance("", "abc"), 3);
    assert_int_equal(nearest_distance("ysnc", "sync"), 1);
    static const char *const words[] = {"bat", "rat", "record"};
    assert_string_equal(nearest_word("cat", words, 3), "bat"); /* the first of two */
    assert_string_equal(nearest_word("rec", words, 3), "record");
    assert_string_equal(nearest_word("xexord", words, 3), "record");
    assert_null(
        nearest_word("baxt", words + 1, 2)); /* short: only one letter may differ */
}

static int set_locale(void **state)
{
    (void)state;
    return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_words_mean_the_screen),
        cmocka_unit_test(options_stand_before_and_after_the_command),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(one_dash_is_an_operand_and_a_value),
        cmocka_unit_test(a_bad_number_is_named_with_its_limits),
        cmocka_unit_test(zero_is_told_from_not_given),
        cmocka_unit_test(an_unknown_command_gets_the_nearest),
        cmocka_unit_test(an_unknown_option_gets_the_nearest),
        cmocka_unit_test(an_unknown_option_is_named_wherever_it_stands),
        cmocka_unit_test(values_are_asked_for_and_refused),
        cmocka_unit_test(options_of_other_commands_are_refused),
        cmocka_unit_test(operands_are_counted),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(help_is_given_whatever_else_was_said),
        cmocka_unit_test(foreign_words_are_safe_in_the_sentence),
        cmocka_unit_test(help_lists_every_command_and_option),
        cmocka_unit_test(help_has_its_parts),
        cmocka_unit_test(help_fits_eighty_columns),
        cmocka_unit_test(the_man_page_names_every_command_option_and_key),
        cmocka_unit_test(distance_counts_single_slips),
    };
    return cmocka_run_group_tests(tests, set_locale, NULL);
}
