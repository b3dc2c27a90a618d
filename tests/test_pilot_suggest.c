/* SPDX-License-Identifier: MIT
 * Suggestions in their three settings, and the key that submits, with the whole program.
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

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/pilot_screen.h"
#include "json/dataset_json.h"

static void suggest(struct record *record, const char *question, enum question_type type,
                    int rating, const char *text)
{
    record->suggestions = xreallocarray(record->suggestions, record->suggestion_count + 1,
                                        sizeof *record->suggestions);
    record->suggestions[record->suggestion_count++] =
        (struct suggestion){.value = {.question = xstrdup(question),
                                      .type = type,
                                      .rating = rating,
                                      .text = xstrdup_or_null(text)},
                            .agent = xstrdup("judge"),
                            .score = 0.83};
}

static void fill(struct record *record, int number)
{
    char prompt[32], external[32];
    snprintf(prompt, sizeof prompt, "Question %d", number);
    snprintf(external, sizeof external, "given-%d", number);
    record->external_id = xstrdup(external);
    record_set_field(record, "prompt", prompt, strlen(prompt));
    record_set_field(record, "response", "An answer.", 10);
}

/* As a pull brings it. */
static void pull(struct pilot_screen *stand, const struct record *record)
{
    struct store *store = app_store(stand->pilot.app);
    struct err err = {0};
    int64_t number;
    assert_int_equal(store_begin_pull(store, &number, &err), STATUS_OK);
    assert_int_equal(store_apply_pull(store, stand->pilot.session->dataset.row, number,
                                      record, 1, NULL, &err),
                     STATUS_OK);
    navigate_take_changes(stand->pilot.app);
}

static void pull_rating(struct pilot_screen *stand, int number, int rating)
{
    struct record record = {0};
    fill(&record, number);
    suggest(&record, "response-rating", QUESTION_RATING, rating, NULL);
    suggest(&record, "response-feedback", QUESTION_TEXT, 0, "Kind, but long.");
    pull(stand, &record);
    record_clear(&record);
}

/* Three records; 4 and a text are suggested for each. */
static struct pilot_screen *start(enum suggestion_use use)
{
    struct pilot_screen *stand = pilot_screen_new(0, 0);
    stand->pilot.settings.suggestions = use;
    pilot_screen_reopen(stand);
    for (int i = 1; i <= 3; i++)
        pull_rating(stand, i, 4);
    pilot_see(stand, "Question 1");
    return stand;
}

/* The record's response as the store has it. */
static void expect(struct pilot_screen *stand, const struct id *id,
                   enum response_status status, int rating, const char *feedback)
{
    pilot_rest(stand);
    pilot_expect(&stand->pilot, id, status, rating, feedback);
}

/* ---- suggestions = start ---- */

static void a_record_starts_from_what_is_suggested_and_enter_takes_it(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_see(stand, "(4)  5   suggested · judge 0.83");
    pilot_see(stand, "Kind, but long.");
    pilot_see(stand, "pending ──");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#1 submitted and saved");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, "Kind, but long.");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid submit of #1");
    pilot_see(stand, "(4)");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "<Ctrl-R>");
    pilot_see(stand, "Redid submit of #1");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, "Kind, but long.");
    pilot_keys(stand, "f!<Esc>"); /* what was submitted is one's own */
    pilot_see(stand, "draft, was submitted ──");
    pilot_see(stand, "[4]");
    expect(stand, &first, RESPONSE_DRAFT, 4, "Kind, but long.!");
    pilot_screen_free(stand);
}

static void the_suggested_digit_makes_it_ones_own_and_again_clears(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4");
    pilot_see(stand, "[4]");
    pilot_see(stand, "draft ──");
    pilot_see(stand, "Feedback   suggested · judge"); /* of which nothing is touched */
    pilot_keys(stand, "4");
    pilot_see_gone(stand, "[4]");
    assert_false(pilot_sees(stand, "(4)")); /* cleared is not suggested again */
    pilot_see(stand, "suggested 4 · judge 0.83");
    expect(stand, &first, RESPONSE_DRAFT, 0, "Kind, but long.");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Rating has no answer yet");
    pilot_keys(stand, "uu");
    pilot_see(stand, "Undid rate of #1: Rating.");
    pilot_see(stand, "(4)");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_screen_free(stand);
}

/* The value's text, or the rating in figures; "" = none. */
static const char *value_of(const struct pilot_screen *stand, const char *question)
{
    static char number[16];
    const struct value *value =
        values_find(&stand->pilot.session->current.response.values, question);
    if (!value || value->text)
        return value ? value->text : "";
    snprintf(number, sizeof number, "%d", value->rating);
    return number;
}

/* Of every question that digits answer; whatever made the draft. */
static void a_suggested_digit_is_agreed_with_before_it_is_taken_away(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 40, .cols = 100, .prepare = all_questions};
    stand.pilot.settings.suggestions = SUGGESTIONS_START;
    pilot_screen_start(&stand);
    struct record record = {0};
    fill(&record, 1);
    suggest(&record, "score", QUESTION_RATING, 4, NULL);
    suggest(&record, "faults", QUESTION_MULTI_LABEL, 0, "[\"long\",\"dull\"]");
    suggest(&record, "order", QUESTION_RANKING, 0,
            "[{\"value\":\"b\",\"rank\":1},{\"value\":\"a\",\"rank\":2},"
            "{\"value\":\"c\",\"rank\":3}]");
    suggest(&record, "topic", QUESTION_LABEL, 0, "t2");
    pull(&stand, &record);
    record_clear(&record);
    pilot_see(&stand, "Question 1");
    pilot_keys(&stand, "4"); /* the draft has all, and only this is the person's */
    pilot_see(&stand, "[4]");
    pilot_see(&stand, "(1 Too long)");
    pilot_see(&stand, "(2 topic 2)");
    pilot_keys(&stand, "1"); /* of the faults, where the suggested stand first */
    pilot_see(&stand, "[1 Too long]");
    pilot_see(&stand, "(2 Dull)");
    pilot_keys(&stand, "2");
    pilot_see(&stand, "[2 Dull]");
    assert_string_equal(value_of(&stand, "faults"), "[\"long\",\"dull\"]");
    pilot_keys(&stand, "2");
    assert_string_equal(value_of(&stand, "faults"), "[\"long\"]");
    pilot_keys(&stand, "u"); /* of what was taken away: it is the person's as before */
    pilot_see(&stand, "[2 Dull]");
    pilot_keys(&stand, "u");
    pilot_see(&stand, "(2 Dull)");
    pilot_keys(&stand, "<Ctrl-R>");
    pilot_see(&stand, "[2 Dull]");
    pilot_screen_reopen(&stand);
    pilot_see(&stand, "[2 Dull]");
    pilot_see(&stand, "[4]");
    pilot_see(&stand, "(2 topic 2)");
    pilot_keys(&stand, "<Tab><Tab><Esc><Tab>p"); /* the order, past the text */
    pilot_see(&stand, "3 of 3 chosen, suggested");
    pilot_keys(&stand, "<Esc>1p");
    pilot_see(&stand, "3 of 3 chosen, some suggested");
    pilot_keys(&stand, "<Esc>23");
    pilot_see(&stand, "[1 Alpha #2]");
    pilot_see(&stand, "[3 Gamma #3]");
    pilot_keys(&stand, "<Tab><Tab><Tab>2");
    pilot_see(&stand, "[2 topic 2]");
    pilot_keys(&stand, "2");
    pilot_see_gone(&stand, "[2 topic 2]");
    pilot_keys(&stand, "2<Enter>");
    pilot_see(&stand, "#1 submitted and saved");
    assert_string_equal(value_of(&stand, "topic"), "t2");
    pilot_keys(&stand, "4"); /* all that was submitted is the person's */
    pilot_see(&stand, "[4]");
    pilot_screen_end(&stand);
}

static void a_suggested_span_is_agreed_with_by_its_label(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 40, .cols = 100, .prepare = all_questions};
    stand.pilot.settings.suggestions = SUGGESTIONS_START;
    pilot_screen_start(&stand);
    struct record record = {0};
    fill(&record, 1);
    suggest(&record, "parts", QUESTION_SPAN, 0,
            "[{\"start\":0,\"end\":2,\"label\":\"place\"},"
            "{\"start\":3,\"end\":9,\"label\":\"time\"}]");
    pull(&stand, &record);
    record_clear(&record);
    pilot_see(&stand, "Question 1");
    pilot_keys(&stand, "<Tab><Tab><Esc><Tab><Tab>p2");
    pilot_see(&stand, "[An|Place] (answer|Time)."); /* as the next press has it */
    pilot_see(&stand, "2 spans, some suggested");
    pilot_keys(&stand, "nn3");
    pilot_see(&stand, "Time: “answer”.");
    pilot_see(&stand, "[An|Place] [answer|Time].");
    pilot_keys(&stand, "u");
    pilot_see(&stand, "Undid change of #1: Parts.");
    pilot_see(&stand, "[An|Place] (answer|Time).");
    pilot_keys(&stand, "<Ctrl-R>");
    pilot_keys(&stand, "N2");
    pilot_see(&stand, "No span any more: “An”.");
    pilot_keys(&stand, "u");
    pilot_see(&stand, "[An|Place] [answer|Time].");
    pilot_keys(&stand, "NxnxNx"); /* none of them is an answer, too */
    pilot_see(&stand, "0 spans");
    const struct values *values = &stand.pilot.session->current.response.values;
    assert_string_equal(values_find(values, "parts")->text, "[]");
    pilot_screen_end(&stand);
}

static void another_digit_and_another_text_take_their_place(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "2");
    pilot_see(stand, "[2]");
    pilot_see(stand, "suggested 4 · judge 0.83");
    pilot_keys(stand, "f");
    pilot_type(stand, " No.");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Kind, but long. No.");
    expect(stand, &first, RESPONSE_DRAFT, 2, "Kind, but long. No.");
    pilot_keys(stand, "<Enter>");
    expect(stand, &first, RESPONSE_SUBMITTED, 2, "Kind, but long. No.");
    pilot_screen_free(stand);
}

static void an_emptied_text_stays_empty(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f<Ctrl-U><Esc>");
    pilot_see(stand, "draft ──");
    expect(stand, &first, RESPONSE_DRAFT, 4, NULL);
    pilot_keys(stand, "4"); /* the rating is one's own now */
    pilot_see(stand, "[4]");
    pilot_keys(stand, "4"); /* and away as well: an empty draft */
    expect(stand, &first, RESPONSE_DRAFT, 0, NULL);
    assert_false(pilot_sees(stand, "(4)"));
    pilot_screen_free(stand);
}

/* Not even the newline at its end. */
static void an_editor_that_changed_nothing_makes_no_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    setenv("VISUAL", "true", 1);
    pilot_keys(stand, "e");
    while (stand->returns < 1)
        pilot_run(&stand->pilot, 0);
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    assert_true(pilot_sees(stand, "(4)"));
    pilot_keys(stand, "f<Ctrl-U>");
    pilot_type(stand, "Mine.\n");
    pilot_keys(stand, "<Esc>e");
    while (stand->returns < 2)
        pilot_run(&stand->pilot, 0);
    expect(stand, &first, RESPONSE_DRAFT, 4, "Mine.\n");
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

static void a_discard_takes_nothing_and_a_draft_takes_what_is_shown(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "d");
    pilot_see(stand, "Question 2");
    struct id second = pilot_current(stand);
    pilot_keys(stand, "s");
    pilot_see(stand, "Question 3");
    expect(stand, &first, RESPONSE_DISCARDED, 0, NULL);
    expect(stand, &second, RESPONSE_DRAFT, 4, "Kind, but long.");
    pilot_screen_free(stand);
}

static void a_pull_that_changes_the_suggestion_is_seen_before_it_is_taken(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pull_rating(stand, 1, 2);
    pilot_see(stand, "(2)");
    pilot_keys(stand, "<Enter>u2"); /* one's own 2: no pull changes it */
    pull_rating(stand, 1, 5);
    pilot_see(stand, "suggested 5 · judge 0.83");
    pilot_see(stand, "[2]");
    expect(stand, &first, RESPONSE_DRAFT, 2, "Kind, but long.");
    pilot_screen_free(stand);
}

static void what_another_sherd_answered_is_not_what_is_suggested(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_put_by_other(&stand->pilot, &first, RESPONSE_DRAFT, 0, "Mine.");
    pilot_see(stand, "Mine.");
    assert_false(pilot_sees(stand, "(4)"));
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Rating has no answer yet");
    pilot_screen_free(stand);
}

/* Between the look and the key another sherd answers: nothing is overwritten. */
static void an_enter_over_another_sherds_answer_is_a_choice(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    struct event enter = {.kind = EVENT_KEY, .key = {.code = KEYCODE_ENTER}};
    pilot_put_by_other(&stand->pilot, &first, RESPONSE_SUBMITTED, 1, NULL);
    screen_handle(stand->screen, &enter); /* before the loop hears of it */
    pilot_see(stand, "Two answers of yours");
    expect(stand, &first, RESPONSE_SUBMITTED, 1, NULL);
    pilot_screen_free(stand);
}

/* Nothing but what the person does is written: a start leaves no trace. */
static void a_look_leaves_no_answer_after_a_restart_and_a_resize(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id first = pilot_current(stand);
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "(4)");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "(4)");
    pilot_keys(stand, "lhf<Esc><Tab><Tab><Esc>");
    pilot_screen_reopen(stand);
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_PENDING], 3);
    pilot_screen_free(stand);
}

static void a_suggestion_that_the_question_cannot_have_is_none(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    pull_rating(stand, 1, 9);
    pilot_see_gone(stand, "suggested · judge 0.83\n");
    pilot_see_gone(stand, "(4)");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Rating has no answer yet");
    pilot_screen_free(stand);
}

/* ---- suggestions = show ---- */

static void shown_is_not_chosen_and_one_key_takes_all(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_SHOW);
    struct id first = pilot_current(stand);
    pilot_see(stand, "suggested 4 · judge 0.83");
    pilot_see(stand, "suggested: Kind, but long. · judge 0.83");
    assert_false(pilot_sees(stand, "(4)"));
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Rating has no answer yet");
    pilot_keys(stand, "A");
    pilot_see(stand, "Taken: 2 suggested; u takes them back.");
    expect(stand, &first, RESPONSE_DRAFT, 4, "Kind, but long.");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid suggestion of #1");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "<Ctrl-R>");
    expect(stand, &first, RESPONSE_DRAFT, 4, "Kind, but long.");
    pilot_screen_free(stand);
}

static void the_key_takes_only_what_is_open_then_the_one_in_focus(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_SHOW);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "2A");
    pilot_see(stand, "Taken: 1 suggested; u takes it back.");
    expect(stand, &first, RESPONSE_DRAFT, 2, "Kind, but long.");
    pilot_keys(stand, "A");
    pilot_see(stand, "[4]");
    expect(stand, &first, RESPONSE_DRAFT, 4, "Kind, but long.");
    pilot_keys(stand, "A");
    pilot_see(stand, "The answer is what is suggested already.");
    pilot_screen_free(stand);
}

/* ---- suggestions = hidden ---- */

static void hidden_ones_are_seen_and_taken_only_after_the_submit(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_HIDDEN);
    struct id first = pilot_current(stand);
    assert_false(pilot_sees(stand, "suggested"));
    pilot_keys(stand, "A");
    pilot_see(stand, "What is suggested is hidden until you have submitted.");
    pilot_keys(stand, "I");
    pilot_see(stand, "Facts of the record");
    pilot_keys(stand, "<End>");
    assert_false(pilot_sees(stand, "judge"));
    pilot_keys(stand, "<Esc>2");
    assert_false(pilot_sees(stand, "judge"));
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Question 2");
    assert_false(pilot_sees(stand, "judge"));
    pilot_keys(stand, "h");
    pilot_see(stand, "[2]");
    pilot_see(stand, "suggested 4 · judge 0.83");
    expect(stand, &first, RESPONSE_SUBMITTED, 2, NULL);
    pilot_keys(stand, "u");
    pilot_see_gone(stand, "judge");
    pilot_screen_free(stand);
}

/* ---- fast ---- */

static void a_digit_submits_and_goes_on_and_one_undo_brings_it_back(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "!");
    pilot_see(stand, "langchain-dataset · fast");
    pilot_keys(stand, "4");
    pilot_see(stand, "#1 submitted and saved");
    pilot_see(stand, "Prompt #2");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid submit of #1");
    pilot_see(stand, "Prompt #1");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "<Ctrl-R>");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_keys(stand, "h4"); /* of a submitted one it clears, as ever */
    pilot_see(stand, "It was submitted and is open again, without Rating: u brings it");
    pilot_keys(stand, "44");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_keys(stand, "!");
    pilot_see(stand, "Not fast any more");
    pilot_see_gone(stand, "· fast");
    pilot_screen_free(stand);
}

static void
fast_keeps_what_was_written_and_a_draft_is_submitted_by_its_digit(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4:fast<Enter>f");
    pilot_type(stand, "Good.");
    pilot_keys(stand, "<Esc>4");
    pilot_see(stand, "#1 submitted and saved");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, "Good.");
    pilot_screen_free(stand);
}

static void only_a_tone(struct dataset *dataset)
{
    static const char text[] =
        "[{\"name\":\"tone\",\"settings\":{\"type\":\"label_selection\",\"options\":["
        "{\"value\":\"w\",\"text\":\"Very "
        "warm\"},{\"value\":\"c\",\"text\":\"Cold\"}]}}]";
    json_t *json = json_parse(text, strlen(text), NULL);
    dataset_questions_from_json(dataset, json);
    json_decref(json);
}

static void fast_says_what_it_made_of_a_submitted_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, "!4h2");
    pilot_see(stand, "#1 was 4, is 2 now and saved; u takes it back.");
    pilot_keys(stand, "u");
    pilot_see(stand, "[4]");
    pilot_keys(stand, "ldh3");
    pilot_see(stand, "#2 was discarded, is submitted now");
    pilot_screen_free(stand);
    stand = xcalloc(1, sizeof *stand); /* a label, in the words that one reads */
    stand->records = 2;
    stand->prepare = only_a_tone;
    pilot_screen_start(stand);
    pilot_keys(stand, "!1h2");
    pilot_see(stand, "#1 was ");
    pilot_expect_notice(&stand->pilot,
                        "#1 was Very warm, is Cold now and saved; u takes");
    pilot_screen_free(stand);
}

static void fast_takes_all_that_is_suggested_and_submits(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_SHOW);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "!A");
    pilot_see(stand, "#1 submitted and saved");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, "Kind, but long.");
    pilot_screen_free(stand);
}

static void fast_waits_for_all_that_is_required(struct dataset *dataset)
{
    dataset->questions[1].is_required = true;
}

static void fast_does_not_submit_what_is_not_complete(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 24,
                                 .cols = 80,
                                 .records = 2,
                                 .prepare = fast_waits_for_all_that_is_required};
    pilot_screen_start(&stand);
    struct id first = pilot_current(&stand);
    pilot_keys(&stand, "!4");
    pilot_see(&stand, "[4]");
    expect(&stand, &first, RESPONSE_DRAFT, 4, NULL);
    pilot_screen_end(&stand);
}

static void a_score_and_a_topic(struct dataset *dataset)
{
    all_questions(dataset);
    size_t last = dataset->question_count - 1;
    struct question topic = dataset->questions[last];
    dataset->questions[last] = dataset->questions[1];
    dataset->questions[1] = topic;
    dataset->questions[1].is_required = true;
    struct dataset rest = {.question_count = last - 1};
    rest.questions = xcalloc(last - 1, sizeof *rest.questions);
    memcpy(rest.questions, dataset->questions + 2, (last - 1) * sizeof *rest.questions);
    dataset_clear_questions(&rest);
    dataset->question_count = 2;
}

/* The same keys for both: else what is meant for one record answers the next. */
static void fast_takes_as_many_keys_with_suggestions_as_without(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 24, .cols = 80, .prepare = a_score_and_a_topic};
    stand.pilot.settings.suggestions = SUGGESTIONS_START;
    pilot_screen_start(&stand);
    pilot_keys(&stand, "!");
    struct record records[3] = {0};
    for (int i = 0; i < 3; i++) {
        fill(&records[i], i + 1);
        if (i != 1)
            suggest(&records[i], "score", QUESTION_RATING, 8, NULL);
        if (i != 1)
            suggest(&records[i], "topic", QUESTION_LABEL, 0, "t2");
        pull(&stand, &records[i]);
    }
    for (int i = 0; i < 2; i++) {
        pilot_keys(&stand, "8");
        pilot_see(&stand, "[8]");
        pilot_keys(&stand, "1");
        pilot_see(&stand, i ? "#2 submitted and saved" : "#1 submitted and saved");
    }
    pilot_keys(&stand, "8<Enter>"); /* the rest as it is suggested */
    pilot_see(&stand, "All 3 records are done.");
    for (int i = 0; i < 3; i++)
        record_clear(&records[i]);
    pilot_screen_end(&stand);
}

static void only_the_rating(struct dataset *dataset)
{
    struct dataset rest = {.questions = dataset->questions + 1, .question_count = 1};
    rest.questions = xcalloc(1, sizeof *rest.questions);
    *rest.questions = dataset->questions[1];
    dataset_clear_questions(&rest);
    dataset->question_count = 1;
}

static void the_only_question_is_submitted_by_its_key_unless_set_otherwise(void **state)
{
    (void)state;
    struct pilot_screen stand = {
        .rows = 24, .cols = 80, .records = 3, .prepare = only_the_rating};
    pilot_screen_start(&stand);
    struct id first = pilot_current(&stand);
    pilot_keys(&stand, "3");
    pilot_see(&stand, "#1 submitted and saved; u takes it back.");
    expect(&stand, &first, RESPONSE_SUBMITTED, 3, NULL);
    pilot_keys(&stand, "u5");
    expect(&stand, &first, RESPONSE_SUBMITTED, 5, NULL);
    stand.pilot.settings.submit_single = false;
    pilot_screen_reopen(&stand);
    struct id second = pilot_current(&stand);
    pilot_keys(&stand, "3");
    pilot_see(&stand, "[3]");
    expect(&stand, &second, RESPONSE_DRAFT, 3, NULL);
    pilot_screen_end(&stand);
}

static void haste_with_what_is_suggested_is_said_as_such(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 0);
    struct buf text = {0};
    stand->pilot.settings.suggestions = SUGGESTIONS_START;
    pilot_screen_reopen(stand);
    for (int i = 0; i < 60; i++)
        buf_add_text(&text, "some words of English ");
    for (int i = 1; i <= 11; i++) {
        struct record record = {0};
        fill(&record, i);
        record_set_field(&record, "response", text.data, text.len);
        suggest(&record, "response-rating", QUESTION_RATING, 4, NULL);
        pull(stand, &record);
        record_clear(&record);
    }
    pilot_see(stand, "Question 1");
    pilot_keys(stand, "<Enter><Enter><Enter><Enter><Enter>");
    pilot_see(stand, "The last 5 are as suggested, faster than one reads.");
    pilot_keys(stand, "<Enter><Enter><Enter><Enter>2<Enter>"); /* not all of them */
    pilot_see(stand, "The last 5 came faster than one reads.");
    buf_clear(&text);
    pilot_screen_free(stand);
}

/* ---- many at once ---- */

static void a_bulk_change_starts_from_what_is_suggested(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id id = pilot_current(stand);
    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "y: yes");
    pilot_keys(stand, "y");
    pilot_see(stand, "3 records discarded and saved");
    expect(stand, &id, RESPONSE_DISCARDED, 0, NULL);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid discard of 3 records.");
    pilot_type(stand, ":bulk submit\n");
    pilot_see(stand, "Submit 3 records, with what is suggested?");
    pilot_keys(stand, "y");
    pilot_see(stand, "3 records submitted and saved");
    expect(stand, &id, RESPONSE_SUBMITTED, 4, "Kind, but long.");
    pilot_screen_free(stand);
}

static void a_bulk_value_that_is_suggested_already_becomes_an_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_START);
    struct id id = pilot_current(stand);
    pilot_type(stand, ":bulk rate 4\n");
    pilot_see(stand, "Give Rating 4 and what is suggested to 3 records?");
    pilot_keys(stand, "y");
    pilot_see(stand, "3 records given Rating 4 and what is suggested and saved");
    expect(stand, &id, RESPONSE_DRAFT, 4, "Kind, but long.");
    pilot_type(stand, ":bulk rate 4\n");
    pilot_see(stand, "3 as asked for already");
    pilot_screen_free(stand);
}

static void a_bulk_choice_that_is_suggested_already_becomes_an_answer(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 24, .cols = 80, .prepare = all_questions};
    stand.pilot.settings.suggestions = SUGGESTIONS_START;
    pilot_screen_start(&stand);
    struct record record = {0};
    fill(&record, 1);
    suggest(&record, "faults", QUESTION_MULTI_LABEL, 0, "[\"dull\",\"long\"]");
    pull(&stand, &record);
    pilot_see(&stand, "Question 1");
    pilot_type(&stand, ":bulk choose Dull\n");
    pilot_see(&stand, "Give Faults Dull to 1 record?");
    pilot_keys(&stand, "y");
    pilot_see(&stand, "1 record given Faults Dull and saved");
    const struct response *response = &stand.pilot.session->current.response;
    assert_int_equal(response->status, RESPONSE_DRAFT);
    assert_string_equal(values_find(&response->values, "faults")->text,
                        "[\"dull\",\"long\"]");
    record_clear(&record);
    pilot_screen_end(&stand);
}

static void a_bulk_change_takes_what_is_suggested_when_told(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(SUGGESTIONS_SHOW);
    struct id id = pilot_current(stand);
    pilot_type(stand, ":bulk submit\n");
    pilot_see(stand, "There is nothing to change.");
    pilot_keys(stand, "2");
    pilot_type(stand, ":bulk suggestion submit\n");
    pilot_see(stand, "Give and submit what is suggested for 3 records?");
    pilot_keys(stand, "y");
    pilot_see(stand, "given what is suggested, submitted and saved");
    expect(stand, &id, RESPONSE_SUBMITTED, 2, "Kind, but long.");
    pilot_type(stand, ":bulk suggestion\n");
    pilot_see(stand, "There is nothing to change.");
    pilot_screen_free(stand);
    stand = start(SUGGESTIONS_SHOW);
    pilot_resize(stand, 24, 120);
    pilot_see(stand, "A suggested");
    pilot_keys(stand, "B"); /* the form for all starts from none */
    pilot_see(stand, "For all 3 shown");
    pilot_see(stand, "1–5 rate");
    assert_false(pilot_sees(stand, "A suggested"));
    pilot_screen_free(stand);
    stand = start(SUGGESTIONS_HIDDEN);
    pilot_type(stand, ":bulk suggestion\n");
    pilot_see(stand, "There is nothing to change.");
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_starts_from_what_is_suggested_and_enter_takes_it),
        cmocka_unit_test(the_suggested_digit_makes_it_ones_own_and_again_clears),
        cmocka_unit_test(a_suggested_digit_is_agreed_with_before_it_is_taken_away),
        cmocka_unit_test(a_suggested_span_is_agreed_with_by_its_label),
        cmocka_unit_test(another_digit_and_another_text_take_their_place),
        cmocka_unit_test(an_emptied_text_stays_empty),
        cmocka_unit_test(an_editor_that_changed_nothing_makes_no_answer),
        cmocka_unit_test(a_discard_takes_nothing_and_a_draft_takes_what_is_shown),
        cmocka_unit_test(a_pull_that_changes_the_suggestion_is_seen_before_it_is_taken),
        cmocka_unit_test(what_another_sherd_answered_is_not_what_is_suggested),
        cmocka_unit_test(an_enter_over_another_sherds_answer_is_a_choice),
        cmocka_unit_test(a_look_leaves_no_answer_after_a_restart_and_a_resize),
        cmocka_unit_test(a_suggestion_that_the_question_cannot_have_is_none),
        cmocka_unit_test(shown_is_not_chosen_and_one_key_takes_all),
        cmocka_unit_test(the_key_takes_only_what_is_open_then_the_one_in_focus),
        cmocka_unit_test(hidden_ones_are_seen_and_taken_only_after_the_submit),
        cmocka_unit_test(a_digit_submits_and_goes_on_and_one_undo_brings_it_back),
        cmocka_unit_test(
            fast_keeps_what_was_written_and_a_draft_is_submitted_by_its_digit),
        cmocka_unit_test(fast_says_what_it_made_of_a_submitted_answer),
        cmocka_unit_test(fast_takes_all_that_is_suggested_and_submits),
        cmocka_unit_test(fast_does_not_submit_what_is_not_complete),
        cmocka_unit_test(fast_takes_as_many_keys_with_suggestions_as_without),
        cmocka_unit_test(the_only_question_is_submitted_by_its_key_unless_set_otherwise),
        cmocka_unit_test(haste_with_what_is_suggested_is_said_as_such),
        cmocka_unit_test(a_bulk_change_starts_from_what_is_suggested),
        cmocka_unit_test(a_bulk_value_that_is_suggested_already_becomes_an_answer),
        cmocka_unit_test(a_bulk_choice_that_is_suggested_already_becomes_an_answer),
        cmocka_unit_test(a_bulk_change_takes_what_is_suggested_when_told),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
