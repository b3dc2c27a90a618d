/* SPDX-License-Identifier: MIT
 *
 * Golden screens of each type of question, at rest and opened.
 */
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
#include "tests/support/all_questions.h"
#include "tests/support/golden.h"
#include "tests/support/stage.h"
#include "ui/questions.h"
#include "json/dataset_json.h"

static const char text[] =
    "👩‍🚀 Ana Botín flew from 東京だ to Rome on Monday.\n\nNobody (not even "
    "*she*) "
    "had "
    "told the [keeper](x) of the lighthouse that the boat was late.";
static const char spans[] = "[{\"label\":\"person\",\"start\":4,\"end\":13},"
                            "{\"label\":\"place\",\"start\":24,\"end\":26},"
                            "{\"label\":\"place\",\"start\":31,\"end\":35}]";

static const int sizes[][2] = {{24, 80}, {40, 120}};

static void begin(struct stage *stage, int size)
{
    stage_init(stage, sizes[size][0], sizes[size][1]);
    all_questions(&stage->session.dataset);
    stage_set_text(stage, "response", text);
    stage->session.current.has_completion = false;
    struct values *values = &stage->session.current.response.values;
    values_clear(values);
    values_set_rating(values, "score", 10);
    values_set_text(values, "why", QUESTION_TEXT, "**Good**, but late.");
    values_set_text(values, "topic", QUESTION_LABEL, "t291");
    values_set_text(values, "faults", QUESTION_MULTI_LABEL, "[\"long\",\"dull\"]");
    values_set_text(values, "order", QUESTION_RANKING,
                    "[{\"value\":\"c\",\"rank\":1},{\"value\":\"a\",\"rank\":2},"
                    "{\"value\":\"b\",\"rank\":2}]");
    values_set_text(values, "parts", QUESTION_SPAN, spans);
    stage->session.current.response.status = RESPONSE_DRAFT;
}

static void check(struct stage *stage, const char *what, int size)
{
    char *name = xasprintf("%s-%dx%d", what, sizes[size][1], sizes[size][0]);
    golden_check(name, &stage->frame.cells);
    free(name);
    stage_clear(stage);
}

static void focus_on(struct stage *stage, const char *name)
{
    const struct dataset *dataset = &stage->session.dataset;
    stage->frame.form.focus =
        (size_t)(dataset_question(dataset, name) - dataset->questions);
}

static void all_types_are_shown_at_rest(void **state)
{
    (void)state;
    struct stage stage;
    for (int size = 0; size < 2; size++) {
        begin(&stage, size);
        stage_draw(&stage, MODE_BROWSE);
        check(&stage, "all-questions", size);
        begin(&stage, size);
        focus_on(&stage, "topic");
        stage_draw(&stage, MODE_BROWSE);
        check(&stage, "all-questions-last", size);
    }
}

static void options_are_listed(void **state)
{
    (void)state;
    static const char *const names[] = {"topic", "faults", "order"};
    struct stage stage;
    for (int size = 0; size < 2; size++) {
        for (size_t i = 0; i < 3; i++) {
            char *name = xasprintf("options-%s", names[i]);
            begin(&stage, size);
            focus_on(&stage, names[i]);
            if (i == 0)
                editbuf_set(stage.frame.options.filter, "ic 29", 5);
            stage.frame.options.focus = i == 0 ? 290 : 1;
            stage_draw(&stage, MODE_OPTIONS);
            check(&stage, name, size);
            free(name);
        }
    }
}

static void a_description_has_three_cells_at_least(void **state)
{
    (void)state;
    struct stage stage;
    for (int room = 4; room <= 5; room++) { /* behind an option, with the gap */
        begin(&stage, 0);
        focus_on(&stage, "faults");
        struct question *faults =
            &stage.session.dataset.questions[stage.frame.form.focus];
        free(faults->options[0].text);
        faults->options[0].text = xasprintf("%0*d", 72 - room, 0);
        stage.frame.options.focus = 1;
        stage_draw(&stage, MODE_OPTIONS);
        assert_string_equal(stage_row(&stage, stage_find(&stage, "[x] 0")) +
                                strlen("   [x] ") + 72 - room,
                            room == 4 ? "" : "  Ov…");
        stage_clear(&stage);
    }
}

static void spans_are_marked(void **state)
{
    (void)state;
    struct stage stage;
    size_t rome = (size_t)(strstr(text, "Rome") - text);
    size_t keeper = (size_t)(strstr(text, "keeper") - text);
    for (int size = 0; size < 2; size++) {
        begin(&stage, size);
        focus_on(&stage, "parts");
        stage.frame.span.from = rome;
        stage.frame.span.to = rome + strlen("Rome");
        stage_draw(&stage, MODE_SPAN);
        check(&stage, "span-walked", size);
        begin(&stage, size);
        focus_on(&stage, "parts");
        stage.frame.span.is_open = true;
        stage.frame.span.base_from = keeper;
        stage.frame.span.base_to = keeper + strlen("keeper");
        stage.frame.span.from = keeper + strlen("keeper](x) of the ");
        stage.frame.span.to = stage.frame.span.from + strlen("lighthouse");
        stage_draw(&stage, MODE_SPAN);
        check(&stage, "span-open", size);
    }
}

static void suggested_spans_stand_in_round_brackets(void **state)
{
    (void)state;
    struct stage stage;
    for (int size = 0; size < 2; size++) {
        begin(&stage, size);
        struct record *record = &stage.session.current;
        values_clear(&record->response.values);
        record->response.status = RESPONSE_PENDING;
        record->suggestion_use = SUGGESTIONS_START;
        record->suggestions = xcalloc(1, sizeof *record->suggestions);
        record->suggestion_count = 1;
        record->suggestions[0] =
            (struct suggestion){.value = {.question = xstrdup("parts"),
                                          .type = QUESTION_SPAN,
                                          .text = xstrdup(spans)},
                                .agent = xstrdup("tagger"),
                                .score = 0.5};
        focus_on(&stage, "parts");
        stage_draw(&stage, MODE_BROWSE);
        check(&stage, "span-suggested", size);
    }
}

/* Few enough that the form has room. */
static void begin_described(struct stage *stage, int size)
{
    static const char asks[] =
        "Rate how well the answer does what the prompt asks for, not how nicely it is "
        "put: a short one may well have the best. 10 is for what you would sign.";
    begin(stage, size);
    char *questions = xasprintf(
        "[{\"name\":\"score\",\"description\":\"%s\",\"settings\":{\"type\":\"rating\","
        "\"options\":[{\"value\":1},{\"value\":2},{\"value\":10}]}},"
        "{\"name\":\"why\",\"description\":\"What would have made it better?\","
        "\"settings\":{\"type\":\"text\"}},"
        "{\"name\":\"fault\",\"description\":\"The worst one.\",\"settings\":{\"type\":"
        "\"label_selection\",\"options\":[{\"value\":\"long\",\"text\":\"Too long\","
        "\"description\":\"Over 200 words\"},{\"value\":\"wrong\",\"text\":\"Wrong\"}]}},"
        "{\"name\":\"parts\",\"description\":\"%s\",\"settings\":{\"type\":\"span\","
        "\"field\":\"response\",\"options\":[{\"value\":\"person\",\"text\":\"Person\"},"
        "{\"value\":\"place\",\"text\":\"Place\",\"description\":"
        "\"A town, a land, a house\"}]}}]",
        asks, asks);
    json_t *json = json_parse(questions, strlen(questions), NULL);
    dataset_questions_from_json(&stage->session.dataset, json);
    json_decref(json);
    free(questions);
    values_set_text(&stage->session.current.response.values, "fault", QUESTION_LABEL,
                    "long");
}

static void what_a_question_asks_stands_below_it(void **state)
{
    (void)state;
    struct stage stage;
    for (int size = 0; size < 2; size++) {
        begin_described(&stage, size);
        stage_draw(&stage, MODE_BROWSE); /* no room beside the ratings */
        check(&stage, "described-score", size);
        begin_described(&stage, size);
        focus_on(&stage, "fault"); /* room beside them, for the label's own */
        stage_draw(&stage, MODE_BROWSE);
        check(&stage, "described-label", size);
        begin_described(&stage, size);
        focus_on(&stage, "why");
        editbuf_set(stage.frame.form.edit, "Good", 4);
        stage_draw(&stage, MODE_FEEDBACK);
        check(&stage, "described-text", size);
        begin_described(&stage, size);
        stage_draw(&stage, MODE_BROWSE);
        int rule = stage_find(&stage, "Your answer");
        for (size_t i = 1; i < stage.session.dataset.question_count; i++) {
            stage.frame.form.focus = i; /* moves nothing around it */
            stage_draw(&stage, i == 1 ? MODE_FEEDBACK : MODE_BROWSE);
            assert_int_equal(stage_find(&stage, "Your answer"), rule);
        }
        /* where the spans would stand, and behind them */
        assert_true(stage_find(&stage, "▸Parts    [Person “Ana Botín”] [Place “東京”] "
                                       "[Place “Rome”]  Rate how well ") > rule);
        values_set_text(&stage.session.current.response.values, "parts", QUESTION_SPAN,
                        "");
        stage_draw(&stage, MODE_BROWSE);
        assert_true(stage_find(&stage, "▸Parts    Rate how well the answer") > rule);
        stage_clear(&stage);
        begin_described(&stage, size);
        stage_draw(&stage, MODE_OPTIONS);
        check(&stage, "described-list", size);
        begin_described(&stage, size);
        focus_on(&stage, "parts");
        stage.frame.span.label = 1;
        stage_draw(&stage, MODE_SPAN);
        check(&stage, "described-span", size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types_are_shown_at_rest),
        cmocka_unit_test(options_are_listed),
        cmocka_unit_test(a_description_has_three_cells_at_least),
        cmocka_unit_test(spans_are_marked),
        cmocka_unit_test(what_a_question_asks_stands_below_it),
        cmocka_unit_test(suggested_spans_stand_in_round_brackets),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
