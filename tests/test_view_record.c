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

#include "base/xalloc.h"
#include "tests/support/golden.h"
#include "tests/support/stage.h"

static void raw_shows_the_marks(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.frame.record.is_raw = true;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "**\"Isn't it lonely?\"**") > 0);
    assert_true(stage_find(&stage, "raw") > 0);
    stage_clear(&stage);
}

static void a_text_is_no_wider_than_one_reads(void **state)
{
    (void)state;
    struct stage stage;
    char words[600];
    for (size_t i = 0; i + 1 < sizeof words; i++)
        words[i] = i % 5 < 4 ? 'x' : ' ';
    words[sizeof words - 1] = '\0';
    stage_init(&stage, 60, 260);
    stage_set_text(&stage, "response", words);
    stage_draw(&stage, MODE_BROWSE);
    const struct record_pane *pane = &stage.frame.record;
    assert_true(flow_line_count(pane->sections[0].text.flow) >= 599 / VIEW_TEXT_COLS_MAX);
    stage_clear(&stage);
}

static void a_note_after_nothing_stands_first(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct completion *completion = &stage.session.current.completion;
    completion->state = COMPLETION_CUT;
    stage_set_text(&stage, "response", "\n\n");
    stage_draw(&stage, MODE_BROWSE);
    int note = stage_find(&stage, "── cut off here");
    assert_non_null(strstr(stage_row(&stage, note - 1), "── Response"));
    stage_clear(&stage);
}

static void a_stopped_answer_is_marked_as_cut_off(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct completion *completion = &stage.session.current.completion;
    completion->state = COMPLETION_CUT;
    free(completion->finish_reason);
    completion->finish_reason = xstrdup("cancelled");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "cut off here: you stopped it") > 0);
    free(completion->finish_reason);
    completion->finish_reason = xstrdup("quit");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "cut off here: sherd was quit · r asks again") > 0);
    free(completion->finish_reason);
    completion->finish_reason = xstrdup("abort");
    completion->error = xstrdup("The server gave \"abort\".");
    stage_draw(&stage, MODE_BROWSE);
    int row = stage_find(&stage, "── cut off here · r asks again ──");
    assert_string_equal(stage_row(&stage, row + 1), " The server gave \"abort\".");
    assert_non_null(strstr(stage_row(&stage, 3), "cut off"));
    stage_clear(&stage);
}

static void what_nobody_here_finishes_is_not_shown_as_whole(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.session.current.completion.state = COMPLETION_RUNNING;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "not whole yet: another sherd is writing it") > 0);
    assert_non_null(strstr(stage_row(&stage, 3), "written elsewhere"));
    stage_clear(&stage);
}

static void what_came_at_once_has_no_speed(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct completion *completion = &stage.session.current.completion;
    completion->first_token_ms = 2;
    completion->total_ms = 14;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 3), "─ 54 tok ──"));
    completion->first_token_ms = -1; /* not known */
    completion->total_ms = 1500;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 3), "─ 54 tok · 1.5 s ──"));
    completion->first_token_ms = 2;
    completion->total_ms = 202;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 3), "─ 54 tok · 270 tok/s · 0.2 s ──"));
    stage_clear(&stage);
}

static void the_limit_of_tokens_is_named(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct completion *completion = &stage.session.current.completion;
    free(completion->finish_reason);
    completion->finish_reason = xstrdup("length");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "the limit of max tokens was reached") > 0);
    stage_clear(&stage);
}

static void a_retry_counts_down(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct stream *stream = stage_stream(&stage, "");
    stream->retry_at_ms = STAGE_NOW_MS + 4000;
    snprintf(stream->waiting, sizeof stream->waiting, "The endpoint is busy (429).");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "The endpoint is busy (429). Trying again in 4.0 s.") >
                0);
    stage.view.now_ms += 1000;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "Trying again in 3.0 s.") > 0);
    stage.view.is_plain = true;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "(429). It is asked again by itself.") > 0);
    stage.view.is_plain = false;
    stage.view.now_ms += 3000; /* it is being asked again */
    stage_draw(&stage, MODE_BROWSE);
    assert_int_equal(stage_find(&stage, "Trying again"), -1);
    assert_true(stage_find(&stage, "Waiting for the first word") > 0);
    stage_clear(&stage);
}

/* In the rule of the answer, and below it. */
static void an_answer_that_streams_says_what_it_does(void **state)
{
    static const struct {
        const char *text, *reasoning, *doing, *asks;
        int64_t retry_ms, spoken_ms; /* 0 = none; no first word */
        int cols;
        bool is_agent, is_plain;
        const char *rule, *note;
    } rows[] = {
        {.cols = 80,
         .rule = "─ waiting · 2.1 s ▏ ─",
         .note = " Waiting for the first word…"},
        {.cols = 50, .rule = "─ waiting ▏ ─", .note = " Waiting for the first word…"},
        {.cols = 80, .is_plain = true, .rule = " being written", .note = " Waiting for"},
        {.cols = 80,
         .reasoning = "Hm so",
         .rule = "─ thinking · 2.1 s ▏ ─",
         .note = " Thinking: 5 characters so far."},
        {.cols = 80,
         .reasoning = "Hm so",
         .is_plain = true,
         .rule = " being written",
         .note = " Waiting for the first word…"},
        {.cols = 80,
         .is_agent = true,
         .rule = "─ waiting · 2.1 s ▏ ─",
         .note = " An agent is at work; steps so far: 3, t shows them."},
        {.cols = 80,
         .is_agent = true,
         .doing = "search lamp",
         .rule = "─ waiting",
         .note = " It runs search lamp"},
        {.cols = 80,
         .is_agent = true,
         .asks = "search lamp",
         .rule = "─ waiting",
         .note = " The agent wants to run search lamp: t shows it and asks."},
        {.cols = 80,
         .retry_ms = 4000,
         .rule = "─ again in 4.0 s ─",
         .note = "Busy. Trying again in 4.0 s."},
        {.cols = 80,
         .retry_ms = 4000,
         .is_plain = true,
         .rule = " asked again soon",
         .note = "Busy. It is asked again by itself."},
        {.cols = 80,
         .text = "Once",
         .spoken_ms = 1000,
         .rule = "─ 41 tok/s · 2.1 s ▏ ─",
         .note = " Once"},
        {.cols = 80,
         .text = "Once",
         .spoken_ms = 500,
         .rule = "─ 82 tok/s · 2.1 s ▏ ─",
         .note = " Once"}, /* sooner it is no speed yet */
        {.cols = 80,
         .text = "Once",
         .spoken_ms = 499,
         .rule = "─ 41 tok/s · 2.1 s ▏ ─",
         .note = " Once"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage stage;
        stage_init(&stage, 24, rows[i].cols);
        stage.view.is_plain = rows[i].is_plain;
        struct stream *stream = stage_stream(&stage, rows[i].text ? rows[i].text : "");
        buf_add_text(&stream->reasoning, rows[i].reasoning ? rows[i].reasoning : "");
        if (rows[i].spoken_ms)
            stream->first_token_ms = STAGE_NOW_MS - rows[i].spoken_ms;
        if (rows[i].retry_ms)
            stream->retry_at_ms = STAGE_NOW_MS + rows[i].retry_ms;
        snprintf(stream->waiting, sizeof stream->waiting, "Busy.");
        snprintf(stream->doing, sizeof stream->doing, "%s",
                 rows[i].doing ? rows[i].doing : "");
        snprintf(stream->asks, sizeof stream->asks, "%s",
                 rows[i].asks ? rows[i].asks : "");
        stream->is_agent = rows[i].is_agent;
        stream->steps = 3;
        stage_draw(&stage, MODE_BROWSE);
        int rule = stage_find(&stage, "Response ");
        if (!strstr(stage_row(&stage, rule), rows[i].rule))
            fail_msg("%zu: %s", i, stage_row(&stage, rule));
        if (stage_find(&stage, rows[i].note) <= rule)
            fail_msg("%zu: %s", i, rows[i].note);
        stage_clear(&stage);
    }
}

static void an_answer_that_ended_says_how(void **state)
{
    static const struct {
        enum completion_state state;
        const char *reason, *error, *rule, *note;
        enum style style;
    } rows[] = {
        {COMPLETION_DONE, "stop", NULL, "─ 54 tok · 41 tok/s · 1.5 s ─", NULL, STYLE_DIM},
        {COMPLETION_DONE, "length", NULL, "─ cut off at max tokens · 54 tok · 41 tok/s",
         "── cut off here: the limit of max tokens was reached ──", STYLE_WARNING},
        {COMPLETION_CUT, "cancelled", NULL, "─ cut off · 54 tok · 41 tok/s",
         "── cut off here: you stopped it · r asks again ──", STYLE_WARNING},
        {COMPLETION_CUT, "quit", NULL, "─ cut off · 54 tok",
         "── cut off here: sherd was quit · r asks again ──", STYLE_WARNING},
        {COMPLETION_CUT, NULL, "The line broke.", "─ cut off · 54 tok",
         "── cut off here · r asks again ──", STYLE_WARNING},
        {COMPLETION_CUT, NULL, "The line broke.", "─ cut off · 54 tok",
         " The line broke.", STYLE_WARNING},
        {COMPLETION_FAILED, NULL, "Nothing listens.", "─ failed · 54 tok",
         " Nothing listens.", STYLE_WARNING},
        {COMPLETION_FAILED, NULL, NULL, "─ failed · 54 tok", " The answer failed.",
         STYLE_WARNING},
        {COMPLETION_FAILED, NULL, NULL, "─ failed · 54 tok", " r asks again.",
         STYLE_WARNING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage stage;
        stage_init(&stage, 24, 80);
        struct completion *completion = &stage.session.current.completion;
        completion->state = rows[i].state;
        free(completion->finish_reason);
        completion->finish_reason = xstrdup_or_null(rows[i].reason);
        completion->error = xstrdup_or_null(rows[i].error);
        stage_draw(&stage, MODE_BROWSE);
        int rule = stage_find(&stage, "── Response ");
        if (!strstr(stage_row(&stage, rule), rows[i].rule))
            fail_msg("%zu: %s", i, stage_row(&stage, rule));
        assert_int_equal(cells_at(&stage.frame.cells, rule, 74)->style, rows[i].style);
        if (rows[i].note && stage_find(&stage, rows[i].note) <= rule)
            fail_msg("%zu: %s", i, rows[i].note);
        if (!rows[i].note)
            assert_int_equal(stage_find(&stage, "asks again"), -1);
        stage_clear(&stage);
    }
}

static char *many_lines(int count)
{
    struct buf text = {0};
    for (int i = 1; i <= count; i++)
        buf_addf(&text, "line %d\n\n", i);
    return buf_take(&text);
}

static void a_long_prompt_takes_a_third_and_scrolls(void **state)
{
    (void)state;
    struct stage stage;
    char *prompt = many_lines(20);
    stage_init(&stage, 24, 80);
    stage_set_text(&stage, "prompt", prompt);
    stage_set_text(&stage, "response", prompt);
    stage_draw(&stage, MODE_BROWSE);
    int response = stage_find(&stage, "── Response");
    assert_true(response >= 4 && response <= 9);
    assert_true(stage_find(&stage, "of 40 lines J K") == 1 ||
                stage_find(&stage, "of 39 lines J K") == 1);
    scroll_by(&stage.frame.record.prompt_scroll, 2);
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 2), " line 2");
    assert_int_equal(stage_find(&stage, "── Response"), response);
    free(prompt);
    stage_clear(&stage);
}

static void the_end_is_followed_until_one_scrolls_up(void **state)
{
    (void)state;
    struct stage stage;
    char *text = many_lines(40);
    stage_init(&stage, 24, 80);
    struct stream *stream = stage_stream(&stage, text);
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "line 40") > 0);
    size_t top = stage.frame.record.scroll.top;
    buf_add_text(&stream->text, "line 41\n\nline 42\n\n");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "line 42") > 0);
    assert_true(stage.frame.record.scroll.top > top);

    scroll_by(&stage.frame.record.scroll, -3);
    stage.frame.record.scroll.follows = false;
    top = stage.frame.record.scroll.top;
    buf_add_text(&stream->text, "line 43\n\nline 44\n\n");
    stage_draw(&stage, MODE_BROWSE);
    assert_int_equal(stage.frame.record.scroll.top, top);
    assert_int_equal(stage_find(&stage, "line 44"), -1);
    free(text);
    stage_clear(&stage);
}

static void nothing_moves_while_text_streams(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct stream *stream = stage_stream(&stage, "");
    stage_draw(&stage, MODE_BROWSE);
    int response = stage_find(&stage, "── Response");
    int answer = stage_find(&stage, "── Your answer");
    for (int i = 0; i < 60; i++) {
        buf_add_text(&stream->text, "and then some more words, ");
        stage_draw(&stage, MODE_BROWSE);
        assert_int_equal(stage_find(&stage, "── Response"), response);
        assert_int_equal(stage_find(&stage, "── Your answer"), answer);
    }
    stage_clear(&stage);
}

static void every_field_of_another_dataset_is_shown(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct dataset *dataset = &stage.session.dataset;
    dataset->fields = xreallocarray(dataset->fields, 3, sizeof *dataset->fields);
    dataset->fields[2] = (struct field){
        .name = xstrdup("context"), .title = xstrdup("Context"), .type = xstrdup("text")};
    dataset->field_count = 3;
    stage_set_text(&stage, "context", "The lighthouse stands on a rock.");
    stage_draw(&stage, MODE_BROWSE);
    golden_check("three-fields-80x24", &stage.frame.cells);
    stage_clear(&stage);
}

/* ---- fields that are no texts ---- */

static void set_type(struct stage *stage, size_t field, const char *type,
                     const char *title)
{
    struct field *of = &stage->session.dataset.fields[field];
    free(of->type);
    free(of->title);
    of->type = xstrdup(type);
    of->title = xstrdup(title);
}

static void a_chat_is_read_as_a_chat(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    set_type(&stage, 1, "chat", "Conversation");
    stage_set_text(&stage, "response",
                   "[{\"role\":\"user\",\"content\":\"Who are *you*?\"},"
                   "{\"role\":\"assistant\",\"content\":\"A \\u001b[31mgull.\"}]");
    stage_draw(&stage, MODE_BROWSE);
    golden_check("chat-80x24", &stage.frame.cells);
    stage_set_text(&stage, "response", "[{\"role\":\"user\",\"content\":5}]");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "    \"content\": 5") > 0); /* no chat: as it is */
    stage_set_text(&stage, "response", "[{\"role\":\"user\",");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "[{\"role\":\"user\",") > 0);
    stage_clear(&stage);
}

static void a_custom_field_is_indented_and_no_markdown(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    set_type(&stage, 1, "custom", "Facts");
    stage.session.dataset.fields[1].use_markdown = true;
    stage_set_text(&stage, "response", "{\"a\":{\"b\":[\"**x**\",2.5]}}");
    stage_draw(&stage, MODE_BROWSE);
    int row = stage_find(&stage, "── Facts");
    assert_string_equal(stage_row(&stage, row + 2), "   \"a\": {");
    assert_string_equal(stage_row(&stage, row + 4), "       \"**x**\",");
    assert_true(
        stage_find(&stage, " (A terminal cannot show it as Argilla's page does.)") > row);
    stage_clear(&stage);
}

static void an_image_is_its_address_or_its_type_and_size(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"https://example.org/_a_cat_.png", " https://example.org/_a_cat_.png"},
        {"data:image/png;base64,AAAA", " image/png, 3 bytes, inside the record"},
        {"data:;base64,AAAAAAAA", " image, 6 bytes, inside the record"},
        {"data:", " image, 0 bytes, inside the record"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;
        stage_init(&stage, 24, 80);
        set_type(&stage, 1, "image", "Picture");
        stage_set_text(&stage, "response", cases[i][0]);
        stage_draw(&stage, MODE_BROWSE);
        int row = stage_find(&stage, "── Picture");
        assert_string_equal(stage_row(&stage, row + 1), cases[i][1]);
        assert_string_equal(stage_row(&stage, row + 3),
                            " (An image: a terminal cannot show it.)");
        stage_clear(&stage);
    }
}

static void the_size_of_an_image_is_short(void **state)
{
    (void)state;
    struct stage stage;
    struct buf text = {0};
    stage_init(&stage, 24, 80);
    set_type(&stage, 1, "image", "Picture");
    buf_add_text(&text, "data:image/jpeg;base64,");
    while (text.len < 14 * 1024)
        buf_add_text(&text, "AAAA");
    stage_set_text(&stage, "response", buf_text(&text));
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, " image/jpeg, 10 KiB, inside the record") > 0);
    while (text.len < 2 * 1024 * 1024)
        buf_add_text(&text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    stage_set_text(&stage, "response", buf_text(&text));
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, " image/jpeg, 1.5 MiB, inside the record") > 0);
    buf_clear(&text);
    stage_clear(&stage);
}

static void a_pane_is_called_as_its_field(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct field *fields = stage.session.dataset.fields;
    set_type(&stage, 0, "text", "question");
    set_type(&stage, 1, "text", "What was said");
    free(fields[0].name);
    fields[0].name = xstrdup("question");
    stage_set_text(&stage, "question", "Why?");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "── Question #13 ") == 1);
    assert_true(stage_find(&stage, "── What was said ") == 3);
    /* Nothing to pin: the number stands in the only pane. */
    set_type(&stage, 0, "chat", "dialogue");
    stage.session.dataset.field_count = 1;
    stage_set_text(&stage, "question", "[{\"role\":\"user\",\"content\":\"Hello.\"}]");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "── Dialogue #13 ") == 1);
    assert_true(stage_find(&stage, " Hello.") == 4);
    stage.session.dataset.field_count = 2;
    stage_clear(&stage);
}

static void hostile_text_is_shown_as_marks(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_set_text(&stage, "prompt",
                   "a\033[31mred \xff\xe2\x80\xae"
                   "b");
    stage_draw(&stage, MODE_BROWSE);
    const char *row = stage_row(&stage, 2);
    assert_null(strchr(row, '\033'));
    assert_null(strstr(row, "\xe2\x80\xae"));
    stage_clear(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_shows_the_marks),
        cmocka_unit_test(a_note_after_nothing_stands_first),
        cmocka_unit_test(a_text_is_no_wider_than_one_reads),
        cmocka_unit_test(a_stopped_answer_is_marked_as_cut_off),
        cmocka_unit_test(what_nobody_here_finishes_is_not_shown_as_whole),
        cmocka_unit_test(what_came_at_once_has_no_speed),
        cmocka_unit_test(the_limit_of_tokens_is_named),
        cmocka_unit_test(a_retry_counts_down),
        cmocka_unit_test(an_answer_that_streams_says_what_it_does),
        cmocka_unit_test(an_answer_that_ended_says_how),
        cmocka_unit_test(a_long_prompt_takes_a_third_and_scrolls),
        cmocka_unit_test(the_end_is_followed_until_one_scrolls_up),
        cmocka_unit_test(nothing_moves_while_text_streams),
        cmocka_unit_test(every_field_of_another_dataset_is_shown),
        cmocka_unit_test(a_chat_is_read_as_a_chat),
        cmocka_unit_test(a_custom_field_is_indented_and_no_markdown),
        cmocka_unit_test(an_image_is_its_address_or_its_type_and_size),
        cmocka_unit_test(the_size_of_an_image_is_short),
        cmocka_unit_test(a_pane_is_called_as_its_field),
        cmocka_unit_test(hostile_text_is_shown_as_marks),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
