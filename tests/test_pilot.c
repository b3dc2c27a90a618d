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
#include "tests/support/pilot_screen.h"

static size_t position(const struct pilot_screen *stand)
{
    return stand->pilot.session->queue.position;
}

/* ---- rating ---- */

static void a_record_is_rated_and_submitted_with_few_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4f");
    pilot_type(stand, "Warm, d q 1 and all.");
    pilot_see(stand, "▸Feedback   Warm, d q 1 and all.");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "#1 submitted and saved");
    pilot_see(stand, "Prompt #2");
    pilot_see(stand, "1 of 3 done");
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 4, "Warm, d q 1 and all.");
    pilot_screen_free(stand);
}

static void two_keys_rate_and_go_on(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    for (int i = 0; i < 3; i++)
        pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "All 3 records are done.");
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_SUBMITTED], 3);
    pilot_screen_free(stand);
}

static void the_same_digit_clears(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "3");
    pilot_see(stand, "[3]");
    pilot_keys(stand, "3");
    pilot_see_gone(stand, "[3]");
    pilot_see(stand, "pending");
    pilot_screen_free(stand);
}

static void a_rating_that_is_cleared_takes_a_submit_back_and_says_so(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4<Enter>h");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "4");
    pilot_see(stand, "It was submitted and is open again, without Rating: u brings it");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid clear of #1");
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_screen_free(stand);
}

static void submit_without_a_rating_says_what_is_missing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Rating has no answer yet");
    assert_int_equal(position(stand), 0);
    pilot_screen_free(stand);
}

static void undo_goes_back_over_a_submit_and_redo_forward(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid submit of #1");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "u");
    pilot_see(stand, "pending");
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "<Ctrl-R><Ctrl-R>");
    pilot_see(stand, "submitted ──");
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_screen_free(stand);
}

static void keys_right_after_undo_are_about_what_it_brought(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    struct event events[] = {{.kind = EVENT_KEY, .key = {.code = 'u'}},
                             {.kind = EVENT_KEY, .key = {.code = 'f'}},
                             {.kind = EVENT_KEY, .key = {.code = 'd'}}};
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "Prompt #2");
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        screen_handle(stand->screen, &events[i]); /* in one turn, as a fast hand types */
    pilot_see(stand, "▸Feedback   d");
    pilot_see(stand, "Prompt #1");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 4, "d");
    pilot_screen_free(stand);
}

static void discard_and_draft_go_on(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, "d");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "2s");
    pilot_see(stand, "Prompt #3");
    pilot_rest(stand);
    const struct queue *queue = &stand->pilot.session->queue;
    assert_int_equal(queue->counts[RESPONSE_DISCARDED], 1);
    assert_int_equal(queue->counts[RESPONSE_DRAFT], 1);
    pilot_screen_free(stand);
}

static void esc_enter_comes_as_alt_enter_and_submits(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "5f");
    pilot_type(stand, "a\nb");
    pilot_keys(stand, "<Alt-Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_see(stand, "#1 submitted");
    pilot_screen_free(stand);
}

/* ---- typing ---- */

static void typing_is_saved_without_leaving_the_box(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "half a sent");
    pilot_see(stand, "saving…");
    pilot_see(stand, "draft saved");
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "half a sent");
    pilot_screen_free(stand);
}

static void the_text_box_knows_the_usual_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "one two three");
    pilot_keys(stand, "<Ctrl-W>");
    pilot_see(stand, "▸Feedback   one two ");
    pilot_keys(stand, "<Ctrl-A>");
    pilot_type(stand, "zero ");
    pilot_see(stand, "▸Feedback   zero one two");
    pilot_keys(stand, "<Ctrl-E><Backspace><Backspace>");
    pilot_see(stand, "▸Feedback   zero one tw ");
    pilot_keys(stand, "<Ctrl-Z>");
    pilot_see(stand, "▸Feedback   zero one two ");
    pilot_keys(stand, "<Ctrl-U>");
    pilot_see_gone(stand, "zero");
    pilot_keys(stand, "<Ctrl-Y>");
    pilot_see(stand, "zero one");
    pilot_screen_free(stand);
}

static void a_paste_while_browsing_runs_no_command(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_paste(stand, "d4\nq");
    pilot_see(stand, "press f or i first.");
    assert_int_equal(position(stand), 0);
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    assert_false(screen_wants_quit(stand->screen));
    pilot_screen_free(stand);
}

static void a_paste_in_the_box_is_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_paste(stand, "two\nlines: 灯台");
    pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "two\nlines: 灯台");
    pilot_screen_free(stand);
}

static void an_unknown_key_is_named(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "z");
    pilot_see(stand, "z does nothing here; ? shows the keys.");
    pilot_keys(stand, "<F7>");
    pilot_see(stand, "F7 does nothing here");
    pilot_screen_free(stand);
}

/* ---- other datasets ---- */

static void add_questions(struct dataset *dataset)
{
    struct question *tone = add_question(dataset, "tone", QUESTION_LABEL);
    tone->is_required = true;
    add_option(tone, "warm");
    add_option(tone, "cold");
    struct question *faults = add_question(dataset, "faults", QUESTION_MULTI_LABEL);
    add_option(faults, "long");
    add_option(faults, "wrong");
    add_question(dataset, "note", QUESTION_TEXT);
}

static void every_question_of_a_dataset_is_answered_with_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = 2;
    stand->prepare = add_questions;
    pilot_screen_start(stand);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4"); /* goes on to the next that digits answer */
    pilot_see(stand, "▸Tone");
    pilot_keys(stand, "2");
    pilot_see(stand, "[2 cold]");
    pilot_see(stand, "▸Faults");
    pilot_keys(stand, "12");
    pilot_see(stand, "[1 long] [2 wrong]");
    pilot_keys(stand, "1");
    pilot_see(stand, " 1 long  [2 wrong]");
    pilot_keys(stand, "<Tab>");
    pilot_type(stand, "1 more word");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Note       1 more word");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#1 submitted");
    struct record record;
    pilot_read(&stand->pilot, &first, &record);
    const struct values *values = &record.response.values;
    assert_int_equal(values_find(values, "response-rating")->rating, 4);
    assert_string_equal(values_find(values, "tone")->text, "cold");
    assert_string_equal(values_find(values, "faults")->text, "[\"wrong\"]");
    assert_string_equal(values_find(values, "note")->text, "1 more word");
    record_clear(&record);
    pilot_screen_free(stand);
}

static void any_text_is_called_saved_only_when_it_is(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = 1;
    stand->prepare = add_questions;
    pilot_screen_start(stand);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4");
    pilot_see(stand, "draft saved");
    pilot_keys(stand, "<Tab><Tab>");
    pilot_type(stand, "half a note");
    pilot_see(stand, "saving…");
    assert_false(pilot_sees(stand, "draft saved"));
    pilot_see(stand, "draft saved");
    struct record record;
    pilot_read(&stand->pilot, &first, &record);
    assert_string_equal(values_find(&record.response.values, "note")->text,
                        "half a note");
    record_clear(&record);
    pilot_screen_free(stand);
}

static void add_ranking(struct dataset *dataset)
{
    struct question *order = add_question(dataset, "order", QUESTION_RANKING);
    add_option(order, "first");
    add_option(order, "second");
    add_option(order, "third");
}

static void half_a_ranking_is_not_submitted(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = 1;
    stand->prepare = add_ranking;
    pilot_screen_start(stand);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "431<Enter>");
    pilot_see(stand, "Not submitted: Order ranks only some; rank all or none.");
    pilot_keys(stand, "2<Enter>");
    pilot_see(stand, "#1 submitted and saved; it was the only one.");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_screen_free(stand);
}

static void the_page_of_what_is_unsent_opens_and_closes(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "O");
    pilot_see(stand, "No server is configured");
    pilot_keys(stand, "g"); /* the key of another page goes there at once */
    pilot_see(stand, "── Guidelines");
    pilot_keys(stand, "g:outbox<Enter>");
    pilot_see(stand, "── Not on the server yet");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "── Prompt #1");
    pilot_screen_free(stand);
}

static void a_missing_label_gets_the_focus(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = 1;
    stand->prepare = add_questions;
    pilot_screen_start(stand);
    pilot_keys(stand, "4<Tab><Enter>");
    pilot_see(stand, "Tone has no answer yet");
    pilot_see(stand, "▸Tone");
    pilot_keys(stand, ":choose wa<Tab><Enter>");
    pilot_see(stand, "[1 warm]");
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_rated_and_submitted_with_few_keys),
        cmocka_unit_test(two_keys_rate_and_go_on),
        cmocka_unit_test(the_same_digit_clears),
        cmocka_unit_test(a_rating_that_is_cleared_takes_a_submit_back_and_says_so),
        cmocka_unit_test(submit_without_a_rating_says_what_is_missing),
        cmocka_unit_test(undo_goes_back_over_a_submit_and_redo_forward),
        cmocka_unit_test(keys_right_after_undo_are_about_what_it_brought),
        cmocka_unit_test(discard_and_draft_go_on),
        cmocka_unit_test(esc_enter_comes_as_alt_enter_and_submits),
        cmocka_unit_test(typing_is_saved_without_leaving_the_box),
        cmocka_unit_test(the_text_box_knows_the_usual_keys),
        cmocka_unit_test(a_paste_while_browsing_runs_no_command),
        cmocka_unit_test(a_paste_in_the_box_is_text),
        cmocka_unit_test(an_unknown_key_is_named),
        cmocka_unit_test(every_question_of_a_dataset_is_answered_with_keys),
        cmocka_unit_test(any_text_is_called_saved_only_when_it_is),
        cmocka_unit_test(half_a_ranking_is_not_submitted),
        cmocka_unit_test(the_page_of_what_is_unsent_opens_and_closes),
        cmocka_unit_test(a_missing_label_gets_the_focus),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
