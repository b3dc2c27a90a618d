/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/app_parts.h"
#include "app/narrow.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/fill_store.h"
#include "tests/support/pilot_app.h"

struct fixture {
    struct pilot pilot;
    struct id ids[4];
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    pilot_start(&fixture->pilot);
    static const char *const prompts[] = {"One?", "\n  Two?\nmore", "Thr\x1b[31mee?",
                                          "Four?"};
    for (int i = 0; i < 4; i++)
        fixture->ids[i] = pilot_add(&fixture->pilot, prompts[i], "Yes.");
    app_go(fixture->pilot.app, 0);
    *state = fixture;
    return 0;
}

static void expect_at(const struct fixture *fixture, size_t index)
{
    assert_int_equal(fixture->pilot.session->queue.position, index);
    assert_true(fixture->pilot.session->has_current);
    assert_memory_equal(&fixture->pilot.session->current.id, &fixture->ids[index],
                        sizeof(struct id));
}

static void moves_to_both_ends_and_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct app *app = fixture->pilot.app;
    assert_false(app_go_previous(app));
    pilot_expect_notice(&fixture->pilot, "This is the first record.");
    for (size_t i = 1; i < 4; i++) {
        assert_true(app_go_next(app));
        expect_at(fixture, i);
    }
    assert_false(app_go_next(app));
    pilot_expect_notice(&fixture->pilot, "This is the last record.");
    expect_at(fixture, 3);
    assert_false(app_go(app, 4));
    pilot_expect_notice(&fixture->pilot, "no record #5");
}

/* The first frame of a store with 100,000 records shows one of them. */
static void a_record_is_there_before_a_long_queue_is_read(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fill_store(pilot->settings.store, pilot->session->dataset.name, 1500);
    app_discard(pilot->app); /* on to the next */
    pilot_reopen_early(pilot);
    assert_false(pilot->session->is_queue_loaded);
    expect_at(fixture, 1);
    assert_true(app_go_next(pilot->app));
    expect_at(fixture, 2);
    app_go(pilot->app, pilot->session->queue.count - 1);
    assert_false(app_go_next(pilot->app));
    pilot_expect_notice(pilot, "still being read");
    app_go(pilot->app, 2);
    pilot_settle(pilot);
    assert_true(pilot->session->is_queue_loaded);
    assert_int_equal(pilot->session->queue.count, 1504);
    expect_at(fixture, 2);

    /* one was further on: nothing is shown that would be left in a moment */
    app_go(pilot->app, 1400);
    assert_true(app_go_next_open(pilot->app));
    size_t place = pilot->session->queue.position;
    pilot_reopen_early(pilot);
    assert_false(pilot->session->has_current);
    assert_int_equal(pilot->session->queue.count, 0);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.position, place);

    /* a filter may leave out the first records */
    assert_true(app_narrow(pilot->app, "status:discarded"));
    pilot_settle(pilot);
    pilot_reopen_early(pilot);
    assert_false(pilot->session->has_current);
    pilot_settle(pilot);
    assert_true(pilot->session->queue.has_filter);
}

static void next_open_skips_what_is_done(void **state)
{
    struct fixture *fixture = *state;
    struct app *app = fixture->pilot.app;
    app_go(app, 1);
    app_discard(app);
    app_go(app, 0);
    assert_true(app_go_next_open(app));
    expect_at(fixture, 2);
}

static void a_filter_shows_one_status(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_filter(pilot->app, true, RESPONSE_DISCARDED);
    pilot_expect_notice(pilot, "There is no discarded record.");
    assert_true(app_narrow(pilot->app, "length:1.."));
    pilot_until(pilot, pilot_has_selected);
    app_filter(pilot->app, true, RESPONSE_DISCARDED);
    pilot_expect_notice(pilot, "There is no discarded record in the filter.");
    assert_true(app_narrow(pilot->app, ""));
    pilot_settle(pilot);
    assert_false(pilot->session->queue.has_filter);
    app_go(pilot->app, 1);
    app_discard(pilot->app);
    app_go(pilot->app, 3);
    app_discard(pilot->app);
    app_go(pilot->app, 0);
    app_filter(pilot->app, true, RESPONSE_DISCARDED);
    expect_at(fixture, 1);
    assert_true(app_go_next(pilot->app));
    expect_at(fixture, 3);
    assert_false(app_go_next(pilot->app));
    pilot_expect_notice(pilot, "This is the last record of the filter.");
    app_go(pilot->app, 1);
    assert_false(app_go_previous(pilot->app));
    pilot_expect_notice(pilot, "This is the first record of the filter.");
    app_go(pilot->app, 3);
    app_filter(pilot->app, false, RESPONSE_PENDING);
    assert_true(app_go_previous(pilot->app));
    expect_at(fixture, 2);
}

static void with_a_filter_one_stays_in_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    for (size_t i = 1; i < 4; i += 2) {
        app_go(pilot->app, i);
        pilot_rate(pilot, 3);
        app_submit(pilot->app);
    }
    app_filter(pilot->app, true, RESPONSE_SUBMITTED);
    expect_at(fixture, 1);
    assert_true(app_go_next_open(pilot->app));
    expect_at(fixture, 3);
    assert_true(pilot_rate(pilot, 5)); /* a draft now, and out of the filter */
    assert_true(app_submit(pilot->app));
    expect_at(fixture, 1); /* round, past the open ones between */
    app_filter(pilot->app, true, RESPONSE_PENDING);
    expect_at(fixture, 2);
    assert_true(pilot_rate(pilot, 1));
    assert_true(app_submit(pilot->app));
    expect_at(fixture, 0);
}

static void opens_at_the_next_open_one_when_that_is_done(void **state)
{
    struct fixture *fixture = *state;
    app_go(fixture->pilot.app, 1);
    pilot_rate(&fixture->pilot, 3);
    app_submit(fixture->pilot.app);
    app_go(fixture->pilot.app, 1);
    pilot_reopen(&fixture->pilot);
    expect_at(fixture, 2);
}

static void opens_where_one_was(void **state)
{
    struct fixture *fixture = *state;
    app_go(fixture->pilot.app, 2);
    pilot_reopen(&fixture->pilot);
    expect_at(fixture, 2);
}

static void snippets_are_one_safe_line(void **state)
{
    struct fixture *fixture = *state;
    struct app *app = fixture->pilot.app;
    assert_string_equal(app_snippet(app, 0), "One?");
    assert_string_equal(app_snippet(app, 1), "Two?");
    assert_null(strchr(app_snippet(app, 2), '\x1b'));
    assert_string_equal(app_snippet(app, 3), "Four?");
    assert_string_equal(app_snippet(app, 0), "One?");
    assert_string_equal(app_snippet(app, 4), "");
}

static void what_others_add_appears_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    app_go(fixture->pilot.app, 1);
    pilot_rate(&fixture->pilot, 5); /* not committed when the queue is read */
    pilot_add(&fixture->pilot, "Five?", "Yes.");
    const struct queue *queue = &fixture->pilot.session->queue;
    assert_int_equal(queue->count, 5);
    expect_at(fixture, 1);
    assert_int_equal(queue->rows[1].rating, 5);
    assert_int_equal(queue->rows[1].status, RESPONSE_DRAFT);
    assert_int_equal(queue->counts[RESPONSE_DRAFT], 1);
}

/* In some rounds the read is before the write and told after it. */
static void a_read_that_began_before_a_change_does_not_undo_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    for (int round = 0; round < 40; round++) {
        int rating = 1 + round % 5;
        navigate_load(pilot->app);
        pilot_rate(pilot, rating);
        pilot_settle(pilot);
        assert_int_equal(pilot->session->queue.rows[0].rating, rating);
    }
}

static void a_queue_that_cannot_be_read_is_said_and_stays(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(store_path(app_store(pilot->app)), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP INDEX record_queue", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    app_dismiss_notice(pilot->app);
    navigate_load(pilot->app);
    pilot_expect_notice(pilot, "no such index: record_queue");
    assert_int_equal(pilot->session->notice.kind, NOTICE_ERROR);
    assert_int_equal(pilot->session->queue.count, 4);
    expect_at(fixture, 0);
}

static void commands_and_the_unsent_prompt_are_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_keep_line(pilot->app, LINES_COMMANDS, "sync");
    app_keep_line(pilot->app, LINES_COMMANDS, "go 3");
    app_keep_line(pilot->app, LINES_COMMANDS, "sync");
    app_keep_prompt(pilot->app, "Tell me\nmore");
    pilot_reopen(pilot);
    size_t count = 0;
    char *const *commands = app_former_lines(pilot->app, LINES_COMMANDS, &count);
    assert_int_equal(count, 2);
    assert_string_equal(commands[0], "sync");
    assert_string_equal(commands[1], "go 3");
    char *prompt = app_kept_prompt(pilot->app);
    assert_string_equal(prompt, "Tell me\nmore");
    free(prompt);
    char *const *prompts = app_former_prompts(pilot->app, &count);
    assert_int_equal(count, 4);
    assert_string_equal(prompts[0], "Four?");
    app_keep_line(pilot->app, LINES_COMMANDS, "");
    app_keep_line(pilot->app, LINES_COMMANDS, "two\nlines");
    pilot_fill_disk(true); /* what could not be written is known all the same */
    app_keep_line(pilot->app, LINES_COMMANDS, "go 0");
    pilot_fill_disk(false);
    commands = app_former_lines(pilot->app, LINES_COMMANDS, &count);
    assert_int_equal(count, 3);
    assert_string_equal(commands[0], "go 0");
    assert_string_equal(commands[1], "sync");
    for (int i = 1; i <= 200; i++) { /* as many are kept */
        char line[16];
        snprintf(line, sizeof line, "go %d", i);
        app_keep_line(pilot->app, LINES_COMMANDS, line);
    }
    pilot_reopen(pilot);
    commands = app_former_lines(pilot->app, LINES_COMMANDS, &count);
    assert_int_equal(count, 200);
    assert_string_equal(commands[0], "go 200");
    assert_string_equal(commands[199], "go 1");
}

static void the_prompt_is_called_kept_only_when_it_is(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_dismiss_notice(pilot->app);
    app_put_prompt_away(pilot->app, "Tell me");
    assert_string_equal(pilot->session->notice.text, "");
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "The prompt is kept for later.");
    pilot_fill_disk(true);
    app_put_prompt_away(pilot->app, "Tell me more");
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "The prompt is not saved: The store ");
    pilot_fill_disk(false);
    pilot_rate(pilot, 1); /* any change writes it again */
    pilot_settle(pilot);
    char *prompt = app_kept_prompt(pilot->app);
    assert_string_equal(prompt, "Tell me more");
    free(prompt);
}

static void a_notice_fades_and_can_be_dismissed(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_notify(pilot->app, NOTICE_INFO, "a%cb", 27);
    assert_null(strchr(pilot->session->notice.text, 27));
    assert_int_equal(pilot->session->notice.until_ms, pilot->now_ms + 3000);
    app_dismiss_notice(pilot->app);
    assert_int_equal(pilot->session->notice.until_ms, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(moves_to_both_ends_and_says_so),
        CASE(a_record_is_there_before_a_long_queue_is_read),
        CASE(next_open_skips_what_is_done),
        CASE(a_filter_shows_one_status),
        CASE(with_a_filter_one_stays_in_it),
        CASE(opens_where_one_was),
        CASE(opens_at_the_next_open_one_when_that_is_done),
        CASE(snippets_are_one_safe_line),
        CASE(what_others_add_appears_at_the_end),
        CASE(a_read_that_began_before_a_change_does_not_undo_it),
        CASE(a_queue_that_cannot_be_read_is_said_and_stays),
        CASE(commands_and_the_unsent_prompt_are_kept),
        CASE(the_prompt_is_called_kept_only_when_it_is),
        CASE(a_notice_fades_and_can_be_dismissed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
