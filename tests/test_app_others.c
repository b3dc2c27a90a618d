/* SPDX-License-Identifier: MIT
 * Two sherds and other programs on one store: nobody's words are written over, what
 * another one writes is seen, and a store that is held loses nothing. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/ask.h"
#include "app/batch.h"
#include "app/narrow.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "store/store_bulk.h"
#include "tests/support/fake_model.h"
#include "tests/support/pilot_app.h"
#include "tests/support/store_rig.h"

struct fixture {
    struct pilot pilot;
    struct fake_model *model;
    struct id ids[3];
    struct batch *batch;
    int fd;
    size_t logged, skipped, failed, stopped;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->model = pilot_use_model(&fixture->pilot);
    pilot_start(&fixture->pilot);
    static const char *const prompts[] = {"One?", "Two?", "Three?"};
    for (int i = 0; i < 3; i++)
        fixture->ids[i] = pilot_add(&fixture->pilot, prompts[i], "Yes.");
    app_go(fixture->pilot.app, 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    batch_free(fixture->batch);
    pilot_end(&fixture->pilot);
    if (fixture->fd > 0)
        close(fixture->fd);
    free(fixture);
    return 0;
}

static const char *feedback_of(const struct response *response)
{
    const struct value *value = values_find(&response->values, "response-feedback");
    return value ? value->text : "";
}

static bool has_clash(const struct pilot *pilot)
{
    return pilot->session->current.has_clash;
}

static bool has_half(const struct pilot *pilot)
{
    size_t len = 0;
    return !strcmp(session_response(pilot->session, &len), "Half. ");
}

/* ---- responses ---- */

static void clash(struct fixture *fixture)
{
    struct pilot *pilot = &fixture->pilot;
    assert_true(pilot_write(pilot, "my word"));
    pilot_put_by_other(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x");
    assert_true(pilot_write(pilot, "my words")); /* one more key */
    pilot_until(pilot, has_clash);
}

static void two_texts_at_once_are_both_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const struct session *session = pilot->session;
    clash(fixture);
    assert_true(session->is_clash_here);
    assert_string_equal(feedback_of(&session->current.response), "my words");
    assert_string_equal(feedback_of(&session->current.theirs), "x");
    assert_int_equal(session->save, SAVE_FAILED);
    assert_non_null(strstr(session->unsaved, "another sherd has changed it"));
    pilot_expect_notice(pilot, "Another sherd has changed #1 meanwhile.");
    assert_true(pilot_write(pilot, "my words, all")); /* one goes on typing */
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x"); /* not overwritten */
    app_go(pilot->app, 1);
    app_go(pilot->app, 0);
    assert_string_equal(feedback_of(&session->current.response), "my words, all");
    assert_true(session->current.has_clash);
    app_go(pilot->app, 1); /* what comes behind it is written all the same */
    assert_true(pilot_rate(pilot, 4));
    pilot_settle(pilot);
    assert_int_equal(session->save, SAVE_DONE);
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_DRAFT, 4, NULL);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x");
}

static void ours_is_kept_and_theirs_is_one_undo_away(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    clash(fixture);
    assert_true(app_choose_response(pilot->app, true));
    pilot_settle(pilot);
    assert_false(pilot->session->current.has_clash);
    assert_int_equal(pilot->session->save, SAVE_DONE);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "my words");
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x");
    assert_false(app_choose_response(pilot->app, true));
}

static void theirs_is_taken_and_ours_is_one_undo_away(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    clash(fixture);
    assert_true(app_choose_response(pilot->app, false));
    pilot_settle(pilot);
    assert_string_equal(feedback_of(&pilot->session->current.response), "x");
    assert_string_equal(pilot->session->unsaved, "");
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x");
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "my words");
}

static void a_choice_over_a_held_store_is_made_later(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    clash(fixture);
    pilot_hold_store(pilot, true);
    app_dismiss_notice(pilot->app);
    assert_true(app_choose_response(pilot->app, false));
    assert_int_equal(pilot->session->notice.kind, NOTICE_ERROR);
    assert_true(pilot->session->current.has_clash); /* nothing was chosen */
    assert_string_equal(feedback_of(&pilot->session->current.response), "my words");
    pilot_hold_store(pilot, false);
    assert_true(app_choose_response(pilot->app, false));
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x");
    assert_int_equal(pilot->session->save, SAVE_DONE);
}

static void a_choice_not_made_loses_nothing_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct err err = {0};
    clash(fixture);
    assert_int_equal(app_finish(pilot->app, &err), STATUS_CONFLICT);
    assert_non_null(strstr(err.text, "#1: what another sherd wrote stays"));
    pilot_reopen(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 2, "x");
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "my words");
}

static bool has_theirs(const struct pilot *pilot)
{
    return !has_clash(pilot) &&
           !strcmp(feedback_of(&pilot->session->current.response), "x");
}

/* Another app on the store sees what one has that is killed now. */
static void what_is_typed_in_a_clash_outlives_the_program(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct undone undone = {0};
    struct err err = {0};
    clash(fixture);
    assert_true(pilot_write(pilot, "my words, all"));
    pilot_run(pilot, 400);
    assert_true(has_clash(pilot));
    assert_int_equal(
        store_undo(app_store(pilot->app), pilot->session->dataset.row, &undone, &err),
        STATUS_OK);
    response_clear(&undone.response);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 0, "my words, all");
    assert_int_equal(store_rig_redo_in(app_store(pilot->app), pilot->session->dataset.row,
                                       &undone, &err),
                     STATUS_OK);
    response_clear(&undone.response);
    assert_true(app_choose_response(pilot->app, false));
    pilot_settle(pilot);
    assert_true(has_theirs(pilot));
}

static void a_digit_over_an_unseen_response_clashes_too(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_put_by_other(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 5, "theirs");
    assert_true(pilot_rate(pilot, 1));
    assert_true(has_clash(pilot));
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 5, "theirs");
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 0);
    assert_false(app_submit(pilot->app)); /* does not leave what is not settled */
    pilot_expect_notice(pilot, "Choose first: < keeps yours, > takes the other.");
    app_dismiss_notice(pilot->app);
    assert_false(app_discard(pilot->app));
    app_undo(pilot->app);
    pilot_expect_notice(pilot, "Choose first: < keeps yours, > takes the other.");
    assert_true(has_clash(pilot));
    assert_int_equal(pilot->session->queue.position, 0);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 5, "theirs");
}

static void the_same_response_twice_is_no_clash(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_put_by_other(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
    assert_true(pilot_rate(pilot, 4));
    pilot_settle(pilot);
    assert_false(pilot->session->current.has_clash);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
}

static bool is_rated_by_other(const struct pilot *pilot)
{
    return pilot->session->current.response.status == RESPONSE_SUBMITTED;
}

static void what_others_change_is_seen_by_itself(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_put_by_other(pilot, &fixture->ids[1], RESPONSE_DISCARDED, 0, NULL);
    pilot_put_by_other(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 5, "theirs");
    pilot_until(pilot, is_rated_by_other);
    assert_int_equal(pilot->session->queue.rows[0].rating, 5);
    assert_int_equal(pilot->session->queue.rows[1].status, RESPONSE_DISCARDED);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_PENDING], 1);
    assert_int_equal(pilot->session->queue.position, 0);
}

static void a_filter_follows_what_others_do(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_filter(pilot->app, true, RESPONSE_PENDING);
    pilot_put_by_other(pilot, &fixture->ids[1], RESPONSE_SUBMITTED, 3, NULL);
    pilot_put_by_other(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 5, NULL);
    pilot_until(pilot, is_rated_by_other);
    assert_true(app_go_next_open(pilot->app));
    assert_int_equal(pilot->session->queue.position, 2);
    assert_false(app_go_next_open(pilot->app));
    pilot_expect_notice(pilot, "The filter shows no other record.");
}

static enum status delete_row(struct store *store, const void *what, struct err *err)
{
    struct bulk bulk = {0};
    return store_put_bulk(store, &bulk, what, 1, true, err);
}

static bool is_deleted(const struct pilot *pilot)
{
    return pilot->session->current.flags & QUEUE_DELETED;
}

/* It is no clash either: there is nothing to choose from. */
static void a_record_that_another_deletes_is_said_and_undone(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_true(pilot_rate(pilot, 4));
    pilot_by_other(pilot, delete_row, &pilot->session->current.row);
    pilot_until(pilot, is_deleted);
    pilot_expect_notice(pilot, "Another sherd has deleted this record: u brings it back");
    pilot_rate(pilot, 5);
    pilot_write(pilot, "more");
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "This record is deleted; undo brings it back");
    assert_false(pilot->session->current.has_clash);
    assert_string_equal(pilot->session->unsaved, "");
    app_undo(pilot->app);
    pilot_settle(pilot);
    assert_false(is_deleted(pilot));
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
}

static enum status forget(struct store *store, const void *what, struct err *err)
{
    return store_forget_dataset(store, *(const int64_t *)what, err);
}

static bool has_notice(const struct pilot *pilot)
{
    return pilot->session->notice.text[0];
}

static void a_dataset_that_another_forgets_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_dismiss_notice(pilot->app);
    pilot_by_other(pilot, forget, &pilot->session->dataset.row);
    pilot_until(pilot, has_notice);
    pilot_expect_notice(pilot, "Another sherd has forgotten \"");
}

/* ---- answers ---- */

/* Record 3, of which another sherd writes the answer. */
static struct id claim_fourth(struct fixture *fixture)
{
    struct pilot *pilot = &fixture->pilot;
    assert_true(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    struct id id = pilot->session->current.id;
    pilot_settle(pilot);
    app_go(pilot->app, 0);
    pilot_claim_for_other(pilot, &id);
    app_go(pilot->app, 3);
    return id;
}

static void an_answer_that_another_writes_is_not_judged(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    claim_fourth(fixture);
    assert_true(session_is_elsewhere(pilot->session, &pilot->session->current));
    assert_false(pilot_rate(pilot, 5));
    pilot_expect_notice(pilot, "Another sherd is still writing this answer");
    assert_false(app_submit(pilot->app));
    assert_false(pilot_write(pilot, "x"));
    assert_false(app_regenerate(pilot->app));
    pilot_reopen(pilot);
    app_go(pilot->app, 3);
    assert_true(session_is_elsewhere(pilot->session, &pilot->session->current));
    assert_int_equal(pilot->session->queue.rows[3].flags, QUEUE_STREAMING);
}

static bool is_cut(const struct pilot *pilot)
{
    return pilot->session->current.completion.state == COMPLETION_CUT &&
           pilot->session->queue.rows[3].flags == QUEUE_CUT;
}

static void the_half_answer_of_a_dead_one_is_called_cut(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = claim_fourth(fixture);
    pilot_kill_other(pilot);
    pilot_until(pilot, is_cut); /* by itself */
    assert_true(pilot_rate(pilot, 2));
    pilot_claim_for_other(pilot, &id);
    pilot_kill_other(pilot);
    pilot_reopen(pilot); /* and at the next start, from the first screen on */
    app_go(pilot->app, 3);
    assert_true(is_cut(pilot));
}

/* ---- a store that is held ---- */

static void a_held_store_is_told_and_nothing_is_asked(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_hold_store(pilot, true);
    int64_t start = clock_mono_ms(&clock_system);
    assert_false(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    assert_true(clock_mono_ms(&clock_system) - start < 5000);
    pilot_expect_notice(pilot, "Not asked, since it cannot be kept: ");
    assert_int_equal(fake_model_count(fixture->model), 0);
    pilot_hold_store(pilot, false);
    assert_true(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.count, 4);
}

static bool is_told(const struct pilot *pilot)
{
    return pilot->session->unsaved[0] != '\0';
}

static bool is_all_saved(const struct pilot *pilot)
{
    return pilot->session->unsaved[0] == '\0';
}

static void what_is_typed_over_a_held_store_is_written_by_itself(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_hold_store(pilot, true);
    assert_true(pilot_rate(pilot, 4));
    assert_true(pilot_write(pilot, "kept"));
    assert_true(app_submit(pilot->app));
    assert_true(is_told(pilot));
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 0);
    assert_true(pilot_rate(pilot, 2));
    assert_false(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    pilot_expect_notice(pilot, "Nothing is asked that cannot be kept.");
    pilot_hold_store(pilot, false);
    pilot_until(pilot, is_all_saved);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 1);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_SUBMITTED, 4, "kept");
    pilot_expect(pilot, &fixture->ids[1], RESPONSE_DRAFT, 2, NULL);
    app_undo(pilot->app); /* each is an undo step of its own, in order */
    app_undo(pilot->app);
    pilot_settle(pilot);
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, "kept");
}

static bool is_saved(const struct pilot *pilot)
{
    return pilot->session->save == SAVE_DONE;
}

static bool is_told_unsaved(const struct pilot *pilot)
{
    return pilot->session->unsaved[0] != '\0';
}

static void a_store_that_is_moved_away_saves_and_asks_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    char *path = xstrdup(store_path(app_store(pilot->app)));
    char *away = xasprintf("%s.away", path);
    assert_true(pilot_rate(pilot, 3));
    pilot_until(pilot, is_saved);
    assert_int_equal(rename(path, away), 0);
    pilot_until(pilot, is_told_unsaved); /* nobody need do anything */
    assert_non_null(strstr(pilot->session->unsaved, "was deleted or moved away"));
    pilot_expect_notice(pilot, "The last changes are not saved: The store ");
    assert_true(pilot_rate(pilot, 5));
    pilot_settle(pilot);
    assert_int_equal(pilot->session->save, SAVE_FAILED);
    assert_non_null(strstr(pilot->session->unsaved, "store.db"));
    assert_false(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    assert_int_equal(fake_model_count(fixture->model), 0);
    struct err err = {0};
    assert_true(app_finish(pilot->app, &err) != STATUS_OK);
    assert_non_null(strstr(err.text, "#1 is not saved: "));
    err_clear(&err);
    app_go(pilot->app, 1);
    pilot_rate(pilot, 2);
    assert_true(app_finish(pilot->app, &err) != STATUS_OK);
    assert_non_null(strstr(err.text, "#1, #2 are not saved: "));
    assert_int_equal(rename(away, path), 0);
    err_clear(&err);
    assert_int_equal(app_finish(pilot->app, &err), STATUS_OK); /* it is there again */
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 5, NULL);
    free(away);
    free(path);
}

static void on_event(void *ctx, const struct batch_event *event)
{
    struct fixture *fixture = ctx;
    fixture->logged += event->outcome == BATCH_LOGGED;
    fixture->skipped += event->outcome == BATCH_SKIPPED;
    fixture->failed += event->outcome == BATCH_FAILED;
    fixture->stopped += event->outcome == BATCH_STOPPED;
}

static void begin(struct fixture *fixture, const char *const *texts, int concurrency)
{
    struct err err = {0};
    batch_free(fixture->batch);
    if (fixture->fd > 0)
        close(fixture->fd);
    fixture->fd = pilot_file(texts);
    struct batch_options options = {.name = "prompts.txt",
                                    .fd = fixture->fd,
                                    .samples = 1,
                                    .concurrency = concurrency};
    fixture->logged = fixture->skipped = fixture->failed = fixture->stopped = 0;
    fixture->batch = batch_start(fixture->pilot.app, &options, on_event, fixture, &err);
    if (!fixture->batch)
        fail_msg("%s", err.text);
}

static void wait_for_end(struct fixture *fixture)
{
    int64_t end = clock_mono_ms(&clock_system) + 10000;
    while (!batch_is_over(fixture->batch) && clock_mono_ms(&clock_system) < end)
        pilot_run(&fixture->pilot, 5);
    assert_true(batch_is_over(fixture->batch));
}

static void a_run_over_a_held_store_asks_nothing_and_drops_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *const texts[] = {"HOLD 1", "2", "3", NULL};
    begin(fixture, texts, 1);
    while (!fake_model_count(fixture->model))
        pilot_run(pilot, 5);
    pilot_hold_store(pilot, true);
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_until(pilot, is_told); /* its answer is here, and not on disk */
    pilot_run(pilot, 300);
    assert_int_equal(fake_model_count(fixture->model), 1);
    assert_int_equal(fixture->logged + fixture->failed, 0);
    assert_false(batch_is_over(fixture->batch));
    pilot_hold_store(pilot, false);
    wait_for_end(fixture);
    assert_int_equal(fixture->logged, 3);
    assert_int_equal(fake_model_count(fixture->model), 3);
}

static void let_go(void *ctx)
{
    pilot_hold_store(ctx, false);
}

/* A command waits for a store that is held, and for nothing else that fails. */
static void who_waits_waits_for_a_held_store(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct loop_timer *timer = loop_timer_new(pilot->loop, let_go, pilot);
    pilot_hold_store(pilot, true);
    assert_true(pilot_rate(pilot, 4));
    loop_timer_start(timer, 400, 0);
    pilot_settle(pilot);
    assert_string_equal(pilot->session->unsaved, "");
    pilot_expect(pilot, &fixture->ids[0], RESPONSE_DRAFT, 4, NULL);
    loop_timer_free(timer);
}

static void a_run_begins_when_the_store_is_free(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"1", "2", NULL};
    pilot_hold_store(&fixture->pilot, true);
    begin(fixture, texts, 2);
    pilot_run(&fixture->pilot, 300);
    assert_int_equal(fake_model_count(fixture->model), 0);
    assert_int_equal(fixture->failed, 0);
    pilot_expect_notice(&fixture->pilot, "The run waits for it.");
    pilot_hold_store(&fixture->pilot, false);
    wait_for_end(fixture);
    assert_int_equal(fixture->logged, 2);
}

static void a_run_on_a_full_disk_asks_nothing(void **state)
{
    struct fixture *fixture = *state;
    const char *const texts[] = {"1", "2", "3", "4", "5", NULL};
    begin(fixture, texts, 2);
    pilot_fill_disk(true);
    wait_for_end(fixture);
    pilot_fill_disk(false);
    assert_int_equal(fake_model_count(fixture->model), 0);
    assert_int_equal(fixture->failed, 1);
    assert_non_null(strstr(batch_fault(fixture->batch)->text, "disk"));
}

static void what_another_run_asks_is_not_asked_twice(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *const texts[] = {"CUT 1", "2", NULL};
    begin(fixture, texts, 1);
    wait_for_end(fixture);
    size_t asked = fake_model_count(fixture->model);
    struct record record = {0};
    struct err err = {0};
    assert_int_equal(store_get_record_row(app_store(pilot->app),
                                          pilot->session->queue.rows[3].row, &record,
                                          &err),
                     STATUS_OK);
    struct id id = record.id;
    record_clear(&record);
    pilot_claim_for_other(pilot, &id);
    begin(fixture, texts, 1);
    wait_for_end(fixture);
    assert_int_equal(fake_model_count(fixture->model), asked);
    assert_int_equal(fixture->skipped, 2);
    assert_int_equal(batch_progress(fixture->batch)->elsewhere, 1);
    char *text = pilot_field(pilot, &id, "response");
    assert_string_equal(text, "Half. ");
    free(text);
    pilot_kill_other(pilot);
    begin(fixture, texts, 1);
    wait_for_end(fixture);
    assert_int_equal(fake_model_count(fixture->model), asked + 1);
}

static void a_late_end_does_not_replace_what_was_finished_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_true(app_ask(pilot->app, "HOLD on", 7, NULL, NULL));
    struct id id = pilot->session->current.id;
    pilot_until(pilot, has_half);
    pilot_claim_for_other(pilot, &id); /* it took ours for dead */
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
    struct record record;
    pilot_read(pilot, &id, &record);
    assert_int_equal(record.completion.state, COMPLETION_RUNNING);
    record_clear(&record);
    assert_string_equal(pilot->session->unsaved, "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(two_texts_at_once_are_both_kept),
        CASE(ours_is_kept_and_theirs_is_one_undo_away),
        CASE(theirs_is_taken_and_ours_is_one_undo_away),
        CASE(a_choice_over_a_held_store_is_made_later),
        CASE(a_choice_not_made_loses_nothing_at_the_end),
        CASE(what_is_typed_in_a_clash_outlives_the_program),
        CASE(a_digit_over_an_unseen_response_clashes_too),
        CASE(the_same_response_twice_is_no_clash),
        CASE(what_others_change_is_seen_by_itself),
        CASE(a_filter_follows_what_others_do),
        CASE(a_record_that_another_deletes_is_said_and_undone),
        CASE(a_dataset_that_another_forgets_is_said),
        CASE(an_answer_that_another_writes_is_not_judged),
        CASE(the_half_answer_of_a_dead_one_is_called_cut),
        CASE(a_held_store_is_told_and_nothing_is_asked),
        CASE(what_is_typed_over_a_held_store_is_written_by_itself),
        CASE(a_store_that_is_moved_away_saves_and_asks_nothing),
        CASE(a_run_over_a_held_store_asks_nothing_and_drops_nothing),
        CASE(who_waits_waits_for_a_held_store),
        CASE(a_run_begins_when_the_store_is_free),
        CASE(a_run_on_a_full_disk_asks_nothing),
        CASE(what_another_run_asks_is_not_asked_twice),
        CASE(a_late_end_does_not_replace_what_was_finished_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
