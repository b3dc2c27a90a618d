/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/parts.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct command parsed(const char *line)
{
    struct command command;
    struct err err = {0};
    if (command_parse(line, &command, &err) != STATUS_OK)
        fail_msg("\"%s\" was refused: %s", line, err.text);
    return command;
}

static void assert_refused(const char *line, const char *part_of_sentence)
{
    struct command command;
    struct err err = {0};
    assert_int_equal(command_parse(line, &command, &err), STATUS_USAGE);
    assert_non_null(strstr(err.text, part_of_sentence));
    assert_int_equal(err.text[strlen(err.text) - 1], '.');
}

static void every_action_is_a_command(void **state)
{
    (void)state;
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        struct command command = parsed(action_name((enum action)action));
        assert_int_equal(command.kind, COMMAND_ACTION);
        assert_int_equal(command.action, action);
    }
    assert_int_equal(parsed("q").action, ACTION_QUIT);
}

static void a_number_alone_is_a_place(void **state)
{
    (void)state;
    struct command command = parsed("12");
    assert_int_equal(command.kind, COMMAND_GOTO);
    assert_string_equal(command.text, "12");
    assert_string_equal(parsed("goto 340").text, "340");
    assert_string_equal(parsed("1098").text, "1098");
    assert_refused("goto", "number");
    assert_refused("goto 0", "number");
    assert_string_equal(parsed("goto 3f2a").text, "3f2a");
}

static void a_long_name_is_told_as_far_as_it_fits(void **state)
{
    (void)state;
    char line[80], part[96];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    snprintf(part, sizeof part, "\":%.60s\"", line);
    assert_refused(line, part);
    line[59] = '\0';
    snprintf(part, sizeof part, "\":%s\"", line);
    assert_refused(line, part);
}

static void filters_are_named(void **state)
{
    (void)state;
    struct command command = parsed("filter draft");
    assert_int_equal(command.kind, COMMAND_FILTER);
    assert_string_equal(command.text, "draft");
    assert_string_equal(parsed("filter").text, "");
    command = parsed("order -score");
    assert_int_equal(command.kind, COMMAND_ORDER);
    assert_string_equal(command.text, "-score");
}

static void settings_keep_the_whole_text(void **state)
{
    (void)state;
    struct command command = parsed("system You are  a pirate.");
    assert_int_equal(command.kind, COMMAND_SAMPLING);
    assert_int_equal(command.field, SAMPLING_SYSTEM);
    assert_string_equal(command.text, "You are  a pirate.");
    assert_int_equal(parsed("model llama-3").field, SAMPLING_MODEL);
    assert_int_equal(parsed("seed 7").field, SAMPLING_SEED);
}

static void numbers_out_of_range_are_refused_with_a_sentence(void **state)
{
    (void)state;
    assert_refused("temperature hot", "\"hot\" is not a number from 0 to 10");
    assert_refused("temperature -1", "number from 0 to 10");
    assert_refused("temperature nan", "number from 0 to 10");
    assert_refused("max-tokens 0", "whole number from 1 to");
    assert_refused("max-tokens 1.5", "whole number from 1 to");
    assert_refused("temperature 10.5", "number from 0 to 10");
    assert_refused("temperature 1e1", "number from 0 to 10");
    assert_refused("seed x", "whole number");
    assert_int_equal(parsed("temperature default").kind, COMMAND_SAMPLING);
    assert_refused("temperature", "needs a value, such as :temperature 0.7;");
    assert_refused("max-tokens ", ":max-tokens default leaves it to the endpoint");
    assert_refused("model", ":model needs a value, such as :model gpt-4o-mini");
}

static void a_beginning_is_enough_when_it_is_the_only_one(void **state)
{
    (void)state;
    assert_int_equal(parsed("gui").action, ACTION_GUIDELINES);
    assert_int_equal(parsed("temp 0.5").field, SAMPLING_TEMPERATURE);
    assert_refused("re", "no command \":re\"");
}

static void unknown_names_are_said_safely(void **state)
{
    (void)state;
    assert_refused("frobnicate", "no command \":frobnicate\"");
    struct command command;
    struct err err = {0};
    assert_int_not_equal(command_parse("\033[31mx", &command, &err), STATUS_OK);
    assert_null(strchr(err.text, '\033'));
}

static void what_takes_nothing_refuses_more(void **state)
{
    (void)state;
    assert_refused("undo twice", "takes nothing after it");
}

static void nothing_is_no_command(void **state)
{
    (void)state;
    assert_int_equal(parsed("").kind, COMMAND_NONE);
    assert_int_equal(parsed("   ").kind, COMMAND_NONE);
    assert_int_equal(parsed(":undo").action, ACTION_UNDO);
}

static void names_are_completed_in_order(void **state)
{
    (void)state;
    char line[64];
    static const struct session session;
    assert_true(command_complete("pro", 0, &session, NULL, line, sizeof line));
    assert_string_equal(line, "prompt");
    assert_true(command_complete("pro", 2, &session, NULL, line, sizeof line));
    assert_string_equal(line, "prompt-up");
    assert_true(command_complete("prompt-page", 1, &session, NULL, line, sizeof line));
    assert_string_equal(line, "prompt-page-up");
    assert_false(command_complete("pro", 5, &session, NULL, line, sizeof line));
    assert_true(command_complete("got", 0, &session, NULL, line, sizeof line));
    assert_true(command_complete("filter SUB", 0, &session, NULL, line, sizeof line));
    assert_string_equal(line, "filter submitted");
    assert_true(command_complete("got", 0, &session, NULL, line, sizeof line));
    assert_string_equal(line, "goto ");
    assert_true(command_complete("redr", 0, &session, NULL, line, sizeof line));
    assert_string_equal(line, "redraw"); /* the last of all */
    assert_false(command_complete("zzz", 0, &session, NULL, line, sizeof line));
}

static void arguments_are_completed(void **state)
{
    (void)state;
    char line[64];
    static const struct session session;
    char warm[] = "warm", cold[] = "cold";
    struct question_option options[] = {{warm, warm, NULL}, {cold, cold, NULL}};
    struct question question = {
        .type = QUESTION_LABEL, .options = options, .option_count = 2};
    assert_true(command_complete("filter d", 0, &session, NULL, line, sizeof line));
    assert_string_equal(line, "filter draft");
    assert_true(command_complete("filter d", 1, &session, NULL, line, sizeof line));
    assert_string_equal(line, "filter discarded");
    assert_true(command_complete("choose c", 0, &session, &question, line, sizeof line));
    assert_string_equal(line, "choose cold");
    assert_false(command_complete("choose c", 0, &session, NULL, line, sizeof line));
    assert_false(command_complete("model x", 0, &session, NULL, line, sizeof line));
}

static void former_lines_come_back_and_so_does_the_new_one(void **state)
{
    (void)state;
    char newest[] = "newest", oldest[] = "oldest";
    char *const lines[] = {newest, oldest};
    struct former former = {0};
    struct editbuf *edit = editbuf_new();
    editbuf_set(edit, "unfinished", 10);
    assert_false(former_step(&former, edit, lines, 2, -1));
    assert_true(former_step(&former, edit, lines, 2, 1));
    assert_string_equal(editbuf_text(edit), "newest");
    assert_true(former_step(&former, edit, lines, 2, 1));
    assert_string_equal(editbuf_text(edit), "oldest");
    assert_false(former_step(&former, edit, lines, 2, 1));
    assert_true(former_step(&former, edit, lines, 2, -1));
    assert_true(former_step(&former, edit, lines, 2, -1));
    assert_string_equal(editbuf_text(edit), "unfinished");
    former_clear(&former);
    editbuf_free(edit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_a_command),
        cmocka_unit_test(a_number_alone_is_a_place),
        cmocka_unit_test(a_long_name_is_told_as_far_as_it_fits),
        cmocka_unit_test(filters_are_named),
        cmocka_unit_test(settings_keep_the_whole_text),
        cmocka_unit_test(numbers_out_of_range_are_refused_with_a_sentence),
        cmocka_unit_test(a_beginning_is_enough_when_it_is_the_only_one),
        cmocka_unit_test(unknown_names_are_said_safely),
        cmocka_unit_test(what_takes_nothing_refuses_more),
        cmocka_unit_test(nothing_is_no_command),
        cmocka_unit_test(names_are_completed_in_order),
        cmocka_unit_test(arguments_are_completed),
        cmocka_unit_test(former_lines_come_back_and_so_does_the_new_one),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
