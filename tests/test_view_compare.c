/* SPDX-License-Identifier: MIT
 * Answers beside each other, as golden screens. */
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

static const char *const answers[] = {
    "Every evening the keeper lit the lamp, not for the ships, but for himself.\n\n"
    "**\"Isn't it lonely?\"** asked the gull.\n\n"
    "\"Only when it's off,\" he said.",
    "Why did the lighthouse keeper keep a night light?\n\n"
    "Because the lamp points *outwards*, and the dark comes in by the door.",
    "# A joke\n\n1. A keeper was afraid of the dark.\n2. He lit the lamp.\n3. The ships "
    "thanked him.",
    "The keeper said: \"It is not the dark. It is what the dark says about the bulb.\" "
    "灯台の人は暗闇が怖い。"};
static const char *const models[] = {"smollm2", "qwen3", "llama-4", "gemma"};

/* The first count answers, whole. */
static void beside(struct stage *stage, size_t count)
{
    struct comparison *comparison = &stage->session.comparison;
    comparison->is_open = true;
    comparison->count = count;
    comparison->chosen = -1;
    for (size_t i = 0; i < count; i++) {
        struct record *record = &comparison->records[i];
        record_copy(record, &stage->session.current);
        record->id.bytes[15] = (uint8_t)(0x60 + i);
        record_set_field(record, "response", answers[i], strlen(answers[i]));
        free(record->completion.model_used);
        record->completion.model_used = xstrdup(models[i]);
    }
}

static void two(struct stage *stage)
{
    beside(stage, 2);
}

static void on_the_scale(struct stage *stage)
{
    beside(stage, 2);
    stage->frame.compare.scale = -2;
}

static void two_chosen(struct stage *stage)
{
    struct comparison *comparison = &stage->session.comparison;
    beside(stage, 2);
    comparison->is_decided = true;
    comparison->chosen = 1;
    comparison->strength = 3;
    stage_notify(stage, NOTICE_DONE, "#14 is better, saved; u takes it back.");
}

static void three_with_troubles(struct stage *stage)
{
    struct comparison *comparison = &stage->session.comparison;
    beside(stage, 3);
    struct stream *stream = stage_stream(stage, "Every evening the keeper");
    stream->record = comparison->records[0].id;
    comparison->records[1].completion.state = COMPLETION_CUT;
    comparison->records[2].completion.state = COMPLETION_FAILED;
    comparison->records[2].completion.error = xstrdup("Nothing listens there.");
    record_set_field(&comparison->records[2], "response", "", 0);
}

static void four(struct stage *stage)
{
    beside(stage, 4);
}

static void four_chosen(struct stage *stage)
{
    beside(stage, 4);
    stage->session.comparison.is_decided = true;
    stage->session.comparison.chosen = 2;
}

static void two_as_one(struct stage *stage)
{
    beside(stage, 2);
    struct record *second = &stage->session.comparison.records[1];
    static const char text[] =
        "Every evening the old keeper lit his lamp, not for the ships.\n\n"
        "**\"Isn't it lonely?\"** asked a gull.\n\n"
        "\"Only when it's off,\" he said.";
    record_set_field(second, "response", text, sizeof text - 1);
    stage->frame.compare.pair = 1;
}

static void list(struct stage *stage)
{
    struct comparison *comparison = &stage->session.comparison;
    comparison->is_open = true;
    comparison->candidates = xcalloc(6, sizeof *comparison->candidates);
    comparison->candidate_count = 6;
    for (size_t i = 0; i < 6; i++) {
        struct candidate *candidate = &comparison->candidates[i];
        candidate->number = 13 + i;
        candidate->is_marked = i % 2 == 0;
        if (i < 4)
            snprintf(candidate->start, sizeof candidate->start, "%s", answers[i]);
    }
    stage->frame.compare.here = 1;
}

static void check_at(const char *name, void (*set)(struct stage *stage), int rows,
                     int cols, bool is_plain)
{
    struct stage stage;
    char file[64];
    stage_init(&stage, rows, cols);
    stage.view.is_plain = is_plain;
    set(&stage);
    stage_draw(&stage, MODE_COMPARE);
    snprintf(file, sizeof file, "%s-%dx%d", name, cols, rows);
    golden_check(file, &stage.frame.cells);
    stage_clear(&stage);
}

static void two_stand_side_by_side_without_names(void **state)
{
    (void)state;
    check_at("compare-two", two, 24, 80, false);
    check_at("compare-two", two, 40, 120, false);
    check_at("compare-two", two, 10, 40, false);
    check_at("compare-scale", on_the_scale, 24, 80, false);
}

static void names_stand_there_after_the_choice(void **state)
{
    (void)state;
    check_at("compare-chosen", two_chosen, 24, 80, false);
    check_at("compare-four-chosen", four_chosen, 40, 120, false);
}

static void what_streams_was_cut_or_failed_says_so(void **state)
{
    (void)state;
    check_at("compare-three", three_with_troubles, 24, 80, false);
    check_at("compare-three", three_with_troubles, 40, 120, false);
}

static void four_stand_two_by_two(void **state)
{
    (void)state;
    check_at("compare-four", four, 24, 80, false);
    check_at("compare-four", four, 40, 120, false);
}

static void two_are_shown_as_one_text(void **state)
{
    (void)state;
    check_at("compare-words", two_as_one, 24, 80, false);
    check_at("compare-words", two_as_one, 40, 120, false);
}

static void of_more_than_four_one_marks_which(void **state)
{
    (void)state;
    check_at("compare-list", list, 24, 80, false);
}

static void plain_shows_one_after_the_other(void **state)
{
    (void)state;
    check_at("plain-compare", two, 24, 110, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_stand_side_by_side_without_names),
        cmocka_unit_test(names_stand_there_after_the_choice),
        cmocka_unit_test(what_streams_was_cut_or_failed_says_so),
        cmocka_unit_test(four_stand_two_by_two),
        cmocka_unit_test(two_are_shown_as_one_text),
        cmocka_unit_test(of_more_than_four_one_marks_which),
        cmocka_unit_test(plain_shows_one_after_the_other),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
