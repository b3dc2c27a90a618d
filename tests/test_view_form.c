/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/drawn.h"
#include "tests/support/golden.h"
#include "tests/support/stage.h"
#include "ui/questions.h"

static void the_chosen_rating_stands_in_brackets(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    for (int rating = 1; rating <= 5; rating++) {
        char chosen[8] = "[0]";
        chosen[1] = (char)('0' + rating);
        stage_answer(&stage, rating, NULL, RESPONSE_DRAFT);
        stage_draw(&stage, MODE_BROWSE);
        assert_non_null(
            strstr(stage_row(&stage, stage_find(&stage, "Rating *")), chosen));
    }
    stage_clear(&stage);
}

static void a_rating_moves_nothing(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_BROWSE);
    int row = stage_find(&stage, "Rating *");
    char *before = xstrdup(stage_row(&stage, row));
    stage_answer(&stage, 3, NULL, RESPONSE_DRAFT);
    stage_draw(&stage, MODE_BROWSE);
    const char *after = stage_row(&stage, row);
    for (const char *at = before; *at != '\0'; at++)
        assert_true(*at == after[at - before] || *at == ' ');
    free(before);
    stage_clear(&stage);
}

static void fill_questions(struct dataset *dataset);

static void suggest_two(struct stage *stage)
{
    struct record *record = &stage->session.current;
    record->suggestions = xcalloc(2, sizeof *record->suggestions);
    record->suggestion_count = 2;
    record->suggestions[0].value = (struct value){
        .question = xstrdup("response-rating"), .type = QUESTION_RATING, .rating = 4};
    record->suggestions[0].agent = xstrdup("judge-7b");
    record->suggestions[0].score = 0.83;
    record->suggestions[1].value =
        (struct value){.question = xstrdup("response-feedback"),
                       .type = QUESTION_TEXT,
                       .text = xstrdup("Kind, but long.")};
    record->suggestions[1].score = -1;
}

static void a_suggestion_is_shown_with_its_agent_and_score(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct record *record = &stage.session.current;
    suggest_two(&stage);
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "suggested 4 · judge-7b 0.83") > 0);
    assert_true(stage_find(&stage, "suggested: Kind, but long.") > 0);
    record->suggestions[0].score = 0; /* a score too */
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "suggested 4 · judge-7b 0.00") > 0);
    stage_clear(&stage);
}

static void suggestions_look_as_they_are_set(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum suggestion_use use;
    } uses[] = {{"start", SUGGESTIONS_START},
                {"show", SUGGESTIONS_SHOW},
                {"hidden", SUGGESTIONS_HIDDEN}};
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < 6; i++) {
        const int *size = sizes[i % 2];
        struct stage stage;
        char name[64];
        stage_init(&stage, size[0], size[1]);
        suggest_two(&stage);
        stage.session.current.suggestion_use = uses[i / 2].use;
        stage_draw(&stage, MODE_BROWSE);
        snprintf(name, sizeof name, "suggested-%s-%dx%d", uses[i / 2].name, size[1],
                 size[0]);
        golden_check(name, &stage.frame.cells);
        stage_clear(&stage);
    }
}

/* Several values have a score each, whatever the form shows of them. */
static void several_labels_are_suggested_with_a_score_each(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 40, 120);
    struct record *record = &stage.session.current;
    fill_questions(&stage.session.dataset);
    record->suggestions = xcalloc(3, sizeof *record->suggestions);
    record->suggestion_count = 3;
    record->suggestions[0] = (struct suggestion){
        .value = {.question = xstrdup("faults"),
                  .type = QUESTION_MULTI_LABEL,
                  .text = xstrdup("[\"too long\", \"repeats itself\"]")},
        .score = -1,
        .scores = xstrdup("[0.71, 0.4]")};
    record->suggestions[1] = (struct suggestion){
        .value = {.question = xstrdup("order"),
                  .type = QUESTION_RANKING,
                  .text = xstrdup("[{\"value\": \"second\", \"rank\": 1}, "
                                  "{\"value\": \"first\", \"rank\": 2}]")},
        .score = 0.5};
    record->suggestions[2] =
        (struct suggestion){.value = {.question = xstrdup("tone"),
                                      .type = QUESTION_LABEL,
                                      .text = xstrdup("green")}, /* is no option */
                            .score = 1};
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "suggested: too long 0.71, repeats itself 0.40") > 0);
    assert_true(stage_find(&stage, "suggested: second #1, first #2 · 0.50") > 0);
    assert_int_equal(stage_find(&stage, "green"), -1);
    record->suggestion_use = SUGGESTIONS_START;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "(1 too long)") > 0);
    assert_true(stage_find(&stage, "(5 repeats itself)") > 0);
    assert_true(stage_find(&stage, "(2 second #1)") > 0);
    assert_true(stage_find(&stage, "suggested · 0.50") > 0);
    stage_clear(&stage);
}

static void fill_questions(struct dataset *dataset)
{
    struct question *label = add_question(dataset, "tone", QUESTION_LABEL);
    add_option(label, "warm");
    add_option(label, "neutral");
    add_option(label, "cold");
    struct question *several = add_question(dataset, "faults", QUESTION_MULTI_LABEL);
    add_option(several, "too long");
    add_option(several, "not funny");
    add_option(several, "wrong facts");
    add_option(several, "not in the language of the prompt");
    add_option(several, "repeats itself");
    struct question *ranking = add_question(dataset, "order", QUESTION_RANKING);
    add_option(ranking, "first");
    add_option(ranking, "second");
    add_question(dataset, "places", QUESTION_SPAN);
}

static void every_type_of_question_is_shown(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct values *values = &stage.session.current.response.values;
    fill_questions(&stage.session.dataset);
    stage_answer(&stage, 2, "Short.", RESPONSE_DRAFT);
    values_set_text(values, "tone", QUESTION_LABEL, "neutral");
    values_set_text(values, "faults", QUESTION_MULTI_LABEL,
                    "[\"too long\",\"wrong facts\"]");
    values_set_text(
        values, "order", QUESTION_RANKING,
        "[{\"value\":\"second\",\"rank\":1},{\"value\":\"first\",\"rank\":2}]");
    stage.frame.form.focus = 2;
    stage_draw(&stage, MODE_BROWSE);
    golden_check("questions-80x24", &stage.frame.cells);
    stage_clear(&stage);
}

static void the_focused_question_stays_in_view(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    fill_questions(&stage.session.dataset);
    for (size_t focus = 0; focus < 5; focus++) {
        char label[64];
        question_label(&stage.session.dataset.questions[focus], label, sizeof label);
        stage.frame.form.focus = focus;
        stage_draw(&stage, MODE_BROWSE);
        assert_true(stage_find(&stage, label) >= 7);
    }
    stage_clear(&stage);
}

static void the_focus_is_marked_where_there_is_a_choice(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_BROWSE);
    assert_int_equal(stage_find(&stage, "▸"), -1); /* two: f and digits are enough */
    add_question(&stage.session.dataset, "note", QUESTION_TEXT);
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "▸Rating") > 0);
    stage_clear(&stage);
}

static void a_long_remark_says_how_much_more_there_is(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_answer(&stage, 0, "one\ntwo\nthree\nfour\nfive", RESPONSE_DRAFT);
    stage_draw(&stage, MODE_BROWSE);
    int row = stage_find(&stage, "two");
    assert_non_null(strstr(stage_row(&stage, row), "3 more"));
    stage_answer(&stage, 0, "one\ntwo", RESPONSE_DRAFT);
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, row), "more"));
    stage_clear(&stage);
}

/* Six lines of what is written at most, ten on a high screen. */
static void a_text_that_is_written_has_its_rows(void **state)
{
    static const int cases[][3] = {{24, 6}, {35, 6}, {36, 10}, {40, 10}};
    (void)state;
    struct buf text = {0};
    for (int i = 1; i <= 20; i++)
        buf_addf(&text, "written %d\n", i);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;
        int rows = 0;
        stage_init(&stage, cases[i][0], 80);
        stage.frame.form.focus = 1;
        editbuf_set(stage.frame.form.edit, buf_text(&text), text.len);
        stage_draw(&stage, MODE_FEEDBACK);
        for (int row = 0; row < cases[i][0]; row++)
            rows += strstr(stage_row(&stage, row), "written ") != NULL;
        assert_int_equal(rows, cases[i][1] - 1); /* the last one is empty */
        stage_clear(&stage);
    }
    buf_clear(&text);
}

static void a_label_is_not_said_twice(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct question *question = &stage.session.dataset.questions[1];
    free(question->description);
    question->description = NULL;
    free(question->title);
    question->title = xstrdup("Feedback");
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, stage_find(&stage, "Feedback")), " Feedback");
    stage_clear(&stage);
}

static void names_are_made_readable(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"response-rating", "Rating"},
                                           {"response_feedback", "Feedback"},
                                           {"is_it_true", "Is it true"},
                                           {"response-", "Response "},
                                           {"Qualität", "Qualität"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char label[64];
        char *name = xstrdup(names[i][0]);
        question_label(&(struct question){.name = name}, label, sizeof label);
        assert_string_equal(label, names[i][1]);
        free(name);
    }
}

static void a_short_title_is_the_label(void **state)
{
    (void)state;
    static char name[] = "ents_2";
    static struct {
        char title[40];
        const char *label;
    } cases[] = {{"Entities of the text", "Entities of the text"},
                 {"Ents_2", "Ents 2"},
                 {"Which entities does it name?", "Ents 2"},
                 {"", "Ents 2"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char label[64];
        struct question question = {.name = name, .title = cases[i].title};
        question_label(&question, label, sizeof label);
        assert_string_equal(label, cases[i].label);
    }
}

static void ten_choices_have_a_digit_and_lines_are_filled(void **state)
{
    (void)state;
    struct stage stage;
    struct cells cells = {0};
    stage_init(&stage, 24, 80);
    struct view view = {.keymap = &stage.keymap};
    struct question *label = add_question(&stage.session.dataset, "tone", QUESTION_LABEL);
    for (char name[] = "a"; name[0] <= 'k'; name[0]++)
        add_option(label, name);
    int end = 0;
    cells_resize(&cells, 3, 40);
    /* five columns each and one between: six of them take 35 */
    int rows =
        question_draw_choices(&view, label, &cells, (struct rect){0, 0, 3, 35}, &end);
    assert_int_equal(rows, 2);
    struct buf text = {0};
    cells_dump(&cells, &text);
    assert_non_null(
        strstr(buf_text(&text), "| 1 a   2 b   3 c   4 d   5 e   6 f      |"));
    assert_non_null(
        strstr(buf_text(&text), "| 7 g   8 h   9 i   0 j   k              |"));
    rows = question_draw_choices(&view, label, NULL, (struct rect){0, 0, 3, 32}, &end);
    assert_int_equal(rows, 3);
    buf_clear(&text);
    cells_clear(&cells);
    stage_clear(&stage);
}

static void digits_mean_the_ratings_that_there_are(void **state)
{
    (void)state;
    int to_ten[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    int from_zero[] = {0, 1};
    struct question question = {.type = QUESTION_RATING, .ratings = to_ten};
    question.rating_count = 10;
    assert_int_equal(question_choice_of_digit(&question, NULL, 7), 6);
    assert_int_equal(question_choice_of_digit(&question, NULL, 0), 9);
    question.ratings = from_zero;
    question.rating_count = 2;
    assert_int_equal(question_choice_of_digit(&question, NULL, 0), 0);
    assert_true(question_choice_of_digit(&question, NULL, 5) == SIZE_MAX);
    question.type = QUESTION_LABEL; /* by place; 0 is the tenth */
    question.option_count = 10;
    assert_int_equal(question_choice_of_digit(&question, NULL, 1), 0);
    assert_int_equal(question_choice_of_digit(&question, NULL, 0), 9);
    question.option_count = 9;
    assert_true(question_choice_of_digit(&question, NULL, 0) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chosen_rating_stands_in_brackets),
        cmocka_unit_test(a_rating_moves_nothing),
        cmocka_unit_test(a_suggestion_is_shown_with_its_agent_and_score),
        cmocka_unit_test(suggestions_look_as_they_are_set),
        cmocka_unit_test(several_labels_are_suggested_with_a_score_each),
        cmocka_unit_test(every_type_of_question_is_shown),
        cmocka_unit_test(the_focused_question_stays_in_view),
        cmocka_unit_test(the_focus_is_marked_where_there_is_a_choice),
        cmocka_unit_test(a_long_remark_says_how_much_more_there_is),
        cmocka_unit_test(a_text_that_is_written_has_its_rows),
        cmocka_unit_test(a_label_is_not_said_twice),
        cmocka_unit_test(names_are_made_readable),
        cmocka_unit_test(a_short_title_is_the_label),
        cmocka_unit_test(ten_choices_have_a_digit_and_lines_are_filled),
        cmocka_unit_test(digits_mean_the_ratings_that_there_are),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
