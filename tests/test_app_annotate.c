/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/pilot_app.h"

struct fixture {
    struct pilot pilot;
    struct id ids[3];
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    pilot_start(&fixture->pilot);
    static const char *const prompts[] = {"One?", "Two?", "Three?"};
    for (int i = 0; i < 3; i++)
        fixture->ids[i] = pilot_add(&fixture->pilot, prompts[i], "Yes.");
    app_go(fixture->pilot.app, 0);
    *state = fixture;
    return 0;
}

static bool is_feedback_saved(const struct pilot *pilot)
{
    return pilot->session->save == SAVE_DONE;
}

static void a_digit_makes_a_draft_and_the_same_clears_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 4);
    assert_int_equal(pilot->session->current.response.status, RESPONSE_DRAFT);
    assert_int_equal(pilot->session->queue.rows[0].rating, 4);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_DRAFT], 1);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
    pilot_rate(pilot, 2);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, NULL);
    pilot_rate(pilot, 2);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_PENDING, 0, NULL);
    assert_int_equal(pilot->session->queue.rows[0].rating, -1);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_PENDING], 3);
}

static void a_cleared_rating_leaves_the_feedback_in_the_draft(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 5);
    pilot_write(pilot, "warm");
    app_end_text(pilot->app);
    pilot_rate(pilot, 5);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "warm");
}

static void saved_is_said_only_once_the_disk_has_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_int_equal(pilot->session->save, SAVE_NONE);
    pilot_rate(pilot, 3);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 3, NULL); /* at once */
    assert_int_equal(pilot->session->save, SAVE_RUNNING);           /* but not on disk */
    assert_true(store_flushed(app_store(pilot->app)) <
                store_committed(app_store(pilot->app)));
    pilot_until(pilot, is_feedback_saved);
    assert_int_equal(store_flushed(app_store(pilot->app)),
                     store_committed(app_store(pilot->app)));
}

/* What comes between the key and the disk is read first. */
static void saved_does_not_take_the_place_of_news(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 3);
    assert_true(app_submit(pilot->app));
    pilot->now_ms += 10;
    app_notify(pilot->app, NOTICE_DONE, "The run has ended: 3 logged.");
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "The run has ended: 3 logged.");
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 3, NULL);
}

static void a_rating_that_is_not_asked_for_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 7);
    pilot_expect_notice(pilot, "7 is not one of this dataset's ratings: 1 to 5.");
    assert_int_equal(pilot->session->current.response.status, RESPONSE_PENDING);
}

static void feedback_is_saved_while_one_types(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    size_t changes = pilot->changes;
    pilot_write(pilot, "go");
    assert_true(pilot->changes > changes); /* the screen hears of it at once */
    assert_int_equal(pilot->session->queue.counts[RESPONSE_DRAFT], 1);
    assert_int_equal(pilot->session->save, SAVE_RUNNING);
    pilot_write(pilot, "goo");
    pilot_write(pilot, "good");
    assert_string_equal(pilot->session->current.response.values.items[0].text, "good");
    pilot_until(pilot, is_feedback_saved);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "good");
}

static void a_steady_typist_is_saved_too(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    char text[64] = "";
    for (size_t i = 0; i < 20; i++) { /* a key each 30 ms never pauses for 250 */
        text[i] = 'x';
        pilot_write(pilot, text);
        pilot_run(pilot, 30);
    }
    struct record record;
    pilot_read(pilot, &fixture->ids[0], &record);
    assert_int_equal(record.response.status, RESPONSE_DRAFT);
    record_clear(&record);
}

static void one_edit_is_one_undo_step(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_write(pilot, "first");
    pilot_settle(pilot);
    pilot_write(pilot, "first words");
    pilot_settle(pilot);
    app_end_text(pilot->app);
    pilot_write(pilot, "first words, then more");
    app_end_text(pilot->app);
    pilot_settle(pilot);
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "first words");
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_PENDING, 0, NULL);
}

static void an_edit_after_a_restart_is_a_step_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_write(pilot, "before");
    pilot_reopen(pilot);
    pilot_go(pilot, &fixture->ids[0]);
    pilot_write(pilot, "after");
    app_end_text(pilot->app);
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "before");
}

static void emptied_feedback_makes_it_pending_again(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_write(pilot, "x");
    pilot_settle(pilot);
    pilot_write(pilot, "");
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_PENDING, 0, NULL);
}

static void moving_away_writes_the_feedback(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_write(pilot, "half a sen");
    assert_true(app_go_next(pilot->app));
    assert_int_equal(pilot->session->current.response.values.count, 0);
    assert_true(app_go_previous(pilot->app)); /* before the commit: our copy wins */
    assert_string_equal(pilot->session->current.response.values.items[0].text,
                        "half a sen");
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "half a sen");
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_PENDING, 0, NULL);
}

static void closing_writes_the_feedback(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_write(pilot, "last words");
    pilot_reopen(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "last words");
}

static void submit_needs_the_required_answers(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_write(pilot, "no number");
    assert_false(app_submit(pilot->app));
    pilot_expect_notice(pilot, "Rating has no answer yet; a digit rates");
    assert_int_equal(pilot->session->queue.position, 0);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "no number");
}

static void submit_goes_to_the_next_open_record(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 4);
    pilot_write(pilot, "fine");
    assert_true(app_submit(pilot->app));
    assert_int_equal(pilot->session->queue.position, 1);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 1);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 4, "fine");
    pilot_expect_notice(pilot, "#1 submitted and saved");
}

static void discard_and_draft_go_on_too(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_true(app_discard(pilot->app));
    assert_int_equal(pilot->session->queue.position, 1);
    pilot_rate(pilot, 2);
    assert_true(app_draft(pilot->app));
    assert_int_equal(pilot->session->queue.position, 2);
    assert_true(app_draft(pilot->app)); /* round to the draft, past the discarded */
    assert_int_equal(pilot->session->queue.position, 1);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DISCARDED, 0, NULL);
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_DRAFT, 2, NULL);
    pilot_expect(pilot, &fixture->ids[2], RESPONSE_DRAFT, 0, NULL);
}

static void the_last_one_says_that_all_are_done(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    for (int i = 0; i < 3; i++)
        assert_true(app_discard(pilot->app));
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "All 3 records are done.");
    assert_int_equal(pilot->session->queue.position, 2);
    assert_false(app_go_next_open(pilot->app));
}

static void changing_a_submitted_answer_makes_it_a_draft(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 4);
    app_submit(pilot->app);
    pilot_settle(pilot);
    app_go(pilot->app, 0);
    pilot_rate(pilot, 5);
    pilot_expect_notice(pilot,
                        "It was submitted and is a draft now: Enter submits it again.");
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 5, NULL);
    assert_true(app_submit(pilot->app));
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 5, NULL);
    app_go(pilot->app, 0);
    assert_true(app_discard(pilot->app));
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "#1 discarded and saved; u takes it back.");
    app_go(pilot->app, 0);
    pilot_write(pilot, "why");
    pilot_expect_notice(pilot, "It was discarded and is a draft now: Enter submits it.");
    assert_true(app_submit(pilot->app));
    pilot_settle(pilot);
    app_go(pilot->app, 0);
    pilot_rate(pilot, 5); /* the same again takes it away */
    pilot_expect_notice(pilot, "It was submitted and is open again, without Rating: u "
                               "brings it back.");
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "why");
}

static void undo_goes_back_across_a_submit(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 4);
    app_submit(pilot->app);
    pilot_rate(pilot, 1);
    pilot_settle(pilot);
    app_undo(pilot->app);
    app_undo(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.position, 0);
    pilot_expect_notice(pilot, "Undid submit of #1.");
    assert_int_equal(pilot->session->current.response.status, RESPONSE_DRAFT);
    assert_int_equal(pilot->session->queue.rows[1].rating, -1);
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_PENDING, 0, NULL);
    app_undo(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->notice.kind, NOTICE_INFO);
    for (int i = 0; i < 3; i++)
        app_redo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 4, NULL);
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_DRAFT, 1, NULL);
    assert_int_equal(pilot->session->queue.position, 1);
}

static void a_change_right_after_undo_is_made_to_what_undo_brought(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 4);
    pilot_write(pilot, "said");
    app_end_text(pilot->app);
    app_undo(pilot->app); /* takes the feedback back */
    pilot_rate(pilot, 5);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 5, NULL);
}

static void any_questions_value_can_be_set_and_removed(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    char rating[] = "response-rating";
    char feedback[] = "response-feedback";
    char text[] = "by value";
    app_set_value(pilot->app, &(struct value){.question = rating, .rating = 3},
                  SET_VALUE);
    app_set_value(pilot->app, &(struct value){.question = rating, .rating = 3},
                  SET_VALUE);
    app_set_value(pilot->app, &(struct value){.question = feedback, .text = text},
                  SET_VALUE);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 3, "by value");
    app_set_value(pilot->app, &(struct value){.question = feedback}, SET_VALUE);
    app_set_value(pilot->app, &(struct value){.question = rating, .rating = -1},
                  SET_VALUE);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_PENDING, 0, NULL);
}

static void a_failed_write_is_said_and_made_good_later(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_fill_disk(true);
    pilot_rate(pilot, 4);
    pilot_write(pilot, "kept");
    app_end_text(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->save, SAVE_FAILED);
    assert_int_equal(pilot->session->notice.kind, NOTICE_ERROR);
    pilot_expect_notice(pilot, "#1 is not saved: ");
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_PENDING, 0, NULL);
    app_go_next(pilot->app);
    app_go_previous(pilot->app);
    assert_int_equal(pilot->session->save, SAVE_FAILED);
    assert_int_equal(pilot->session->current.response.values.count, 2);
    pilot_fill_disk(false);
    app_go_next(pilot->app);
    pilot_rate(pilot, 2); /* any next change writes the other again */
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, "kept");
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_DRAFT, 2, NULL);
    assert_int_equal(pilot->session->save, SAVE_DONE);
}

static bool is_all_saved(const struct pilot *pilot)
{
    return pilot->session->unsaved[0] == '\0';
}

static void a_failed_write_is_told_until_it_works_by_itself(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_fill_disk(true);
    pilot_rate(pilot, 4);
    assert_true(app_submit(pilot->app)); /* goes on to another record */
    pilot_settle(pilot);
    app_dismiss_notice(pilot->app);
    assert_memory_equal(pilot->session->unsaved, "#1: The store ", 14);
    app_keep_prompt(pilot->app, "also in vain");
    assert_false(is_all_saved(pilot)); /* a new try is not a success */
    pilot_settle(pilot);
    assert_false(is_all_saved(pilot));
    assert_string_equal(pilot->session->notice.text, ""); /* said once */
    pilot_fill_disk(false);
    pilot_until(pilot, is_all_saved);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 4, NULL);
}

static void a_failed_write_is_made_good_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_fill_disk(true);
    pilot_rate(pilot, 4);
    pilot_settle(pilot);
    pilot_fill_disk(false);
    assert_int_equal(pilot->session->save, SAVE_FAILED);
    pilot_reopen(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
}

static void what_cannot_be_saved_at_the_end_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct err err = {0};
    pilot_fill_disk(true);
    pilot_rate(pilot, 4);
    enum status status = app_finish(pilot->app, &err);
    pilot_fill_disk(false);
    assert_int_equal(status, STATUS_IO);
    assert_non_null(strstr(err.text, "#1 is not saved: The store "));
    err_clear(&err);
    assert_int_equal(app_finish(pilot->app, &err), STATUS_OK);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
}

static void undo_takes_back_what_was_not_saved_at_first(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_rate(pilot, 2);
    app_submit(pilot->app);
    pilot_settle(pilot);
    pilot_fill_disk(true);
    pilot_rate(pilot, 4);
    pilot_settle(pilot);
    pilot_fill_disk(false);
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 2, NULL);
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_PENDING, 0, NULL);
    assert_int_equal(pilot->session->current.response.values.count, 0);
    assert_int_equal(pilot->session->save, SAVE_DONE);
}

static void nothing_to_rate_says_so(void **state)
{
    (void)state;
    struct pilot pilot = {0};
    pilot_start(&pilot);
    pilot_rate(&pilot, 1);
    pilot_expect_notice(&pilot, ": i writes a prompt");
    struct key_binding bindings[2] = {{.action = ACTION_NONE}, {.action = ACTION_PROMPT}};
    assert_true(key_parse("i", &bindings[0].key));
    assert_true(key_parse("Ctrl-P", &bindings[1].key));
    pilot.settings.bindings = bindings;
    pilot.settings.binding_count = 2;
    pilot_rate(&pilot, 1);
    pilot_expect_notice(&pilot, ": Ctrl-P writes a prompt");
    pilot.settings.binding_count = 1;
    pilot_rate(&pilot, 1);
    pilot_expect_notice(&pilot, ": :prompt writes a prompt");
    pilot.settings.bindings = NULL;
    pilot.settings.binding_count = 0;
    pilot_write(&pilot, "x");
    assert_false(app_submit(pilot.app));
    assert_false(app_discard(pilot.app));
    app_undo(pilot.app);
    pilot_settle(&pilot);
    pilot_end(&pilot);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_digit_makes_a_draft_and_the_same_clears_it),
        CASE(a_cleared_rating_leaves_the_feedback_in_the_draft),
        CASE(saved_is_said_only_once_the_disk_has_it),
        CASE(saved_does_not_take_the_place_of_news),
        CASE(a_rating_that_is_not_asked_for_is_refused),
        CASE(feedback_is_saved_while_one_types),
        CASE(a_steady_typist_is_saved_too),
        CASE(one_edit_is_one_undo_step),
        CASE(an_edit_after_a_restart_is_a_step_of_its_own),
        CASE(emptied_feedback_makes_it_pending_again),
        CASE(moving_away_writes_the_feedback),
        CASE(closing_writes_the_feedback),
        CASE(submit_needs_the_required_answers),
        CASE(submit_goes_to_the_next_open_record),
        CASE(discard_and_draft_go_on_too),
        CASE(the_last_one_says_that_all_are_done),
        CASE(changing_a_submitted_answer_makes_it_a_draft),
        CASE(undo_goes_back_across_a_submit),
        CASE(a_change_right_after_undo_is_made_to_what_undo_brought),
        CASE(any_questions_value_can_be_set_and_removed),
        CASE(a_failed_write_is_said_and_made_good_later),
        CASE(a_failed_write_is_told_until_it_works_by_itself),
        CASE(a_failed_write_is_made_good_at_the_end),
        CASE(what_cannot_be_saved_at_the_end_is_said),
        CASE(undo_takes_back_what_was_not_saved_at_first),
        cmocka_unit_test(nothing_to_rate_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
