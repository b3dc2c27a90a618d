/* SPDX-License-Identifier: MIT
 * Going through a part of the records, in an order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app_parts.h"
#include "app/narrow.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/pilot_app.h"

enum { RECORDS = 8 };

struct fixture {
    struct pilot pilot;
    struct id ids[RECORDS];
};

/* Topics a b c a b c a b; grades 7 6 5 4 3 2 1 0. */
static int set_up(void **state)
{
    static const char *const topics[] = {"a", "b", "c"};
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    pilot_start(&fixture->pilot);
    for (int i = 0; i < RECORDS; i++) {
        struct record record = {.dataset_row = fixture->pilot.session->dataset.row};
        id_random(&record.id);
        fixture->ids[i] = record.id;
        record_set_field(&record, "prompt", "Why?", 4);
        record_set_field(&record, "response", "Because.", 8);
        record.metadata_json =
            xasprintf("{\"topic\":\"%s\",\"grade\":%d}", topics[i % 3], 7 - i);
        pilot_add_record(&fixture->pilot, &record, true);
        record_clear(&record);
    }
    pilot_settle(&fixture->pilot);
    app_go(fixture->pilot.app, 0);
    *state = fixture;
    return 0;
}

static bool is_selected(const struct pilot *pilot)
{
    return pilot->session->is_queue_loaded && !pilot->session->is_selecting;
}

static void narrow(struct fixture *fixture, const char *line)
{
    assert_true(app_narrow(fixture->pilot.app, line));
    pilot_until(&fixture->pilot, is_selected);
}

/* The records one goes through from the first on, "2 5 ", numbers from 0. */
static void expect_shown(const struct fixture *fixture, const char *expected)
{
    const struct queue *queue = &fixture->pilot.session->queue;
    char text[64] = "";
    for (size_t at = queue_next(queue, SIZE_MAX); at != SIZE_MAX;
         at = queue_next(queue, at))
        snprintf(text + strlen(text), sizeof text - strlen(text), "%zu ", at);
    assert_string_equal(text, expected);
}

static void expect_at(const struct fixture *fixture, size_t index)
{
    assert_int_equal(fixture->pilot.session->queue.position, index);
    assert_memory_equal(&fixture->pilot.session->current.id, &fixture->ids[index],
                        sizeof(struct id));
}

static void a_filter_is_gone_through_to_its_ends(void **state)
{
    struct fixture *fixture = *state;
    struct app *app = fixture->pilot.app;
    narrow(fixture, "meta.topic:b");
    expect_shown(fixture, "1 4 7 ");
    expect_at(fixture, 1);
    assert_true(app_go_next(app));
    assert_true(app_go_next(app));
    expect_at(fixture, 7);
    assert_false(app_go_next(app));
    pilot_expect_notice(&fixture->pilot, "last record of the filter");
    assert_true(app_go_previous(app));
    expect_at(fixture, 4);
    narrow(fixture, "meta.grade:2..4 order:meta.grade");
    expect_shown(fixture, "5 4 3 ");
    expect_at(fixture, 5); /* an order begins with its first */
    narrow(fixture, "");
    expect_shown(fixture, "0 1 2 3 4 5 6 7 ");
    expect_at(fixture, 5);
    narrow(fixture, "meta.grade:..3");
    expect_at(fixture, 5); /* it is among them */
}

static void a_record_that_is_done_keeps_its_place_until_one_looks_again(void **state)
{
    struct fixture *fixture = *state;
    struct app *app = fixture->pilot.app;
    narrow(fixture, "pending meta.topic:a");
    expect_shown(fixture, "0 3 6 ");
    assert_true(pilot_rate(&fixture->pilot, 4));
    assert_true(app_submit(app));
    expect_at(fixture, 3);
    expect_shown(fixture, "0 3 6 ");
    assert_int_equal(queue_counts(&fixture->pilot.session->queue)[RESPONSE_SUBMITTED], 1);
    assert_true(app_go_previous(app));
    expect_at(fixture, 0);
    app_undo(app); /* the submit */
    expect_shown(fixture, "0 3 6 ");
    assert_int_equal(queue_counts(&fixture->pilot.session->queue)[RESPONSE_SUBMITTED], 0);
    app_redo(app);
    app_go(app, 3);
    app_narrow_again(app);
    pilot_until(&fixture->pilot, is_selected);
    expect_shown(fixture, "3 6 ");
    expect_at(fixture, 3);
    /* The one that one is at has left: it stays where it stood. */
    assert_true(pilot_rate(&fixture->pilot, 4));
    app_narrow_again(app);
    pilot_until(&fixture->pilot, is_selected);
    expect_shown(fixture, "3 6 ");
    assert_true(app_go_next(app));
    expect_shown(fixture, "6 ");
    assert_false(app_go_previous(app));
}

static void a_status_is_followed_within_a_filter(void **state)
{
    struct fixture *fixture = *state;
    struct app *app = fixture->pilot.app;
    narrow(fixture, "meta.topic:a");
    app_filter(app, true, RESPONSE_PENDING);
    assert_true(pilot_rate(&fixture->pilot, 4));
    assert_true(app_submit(app));
    expect_at(fixture, 3);
    expect_shown(fixture, "3 6 ");
    app_filter(app, true, RESPONSE_DISCARDED);
    pilot_expect_notice(&fixture->pilot, "no discarded record in the filter");
    app_filter(app, true, RESPONSE_SUBMITTED);
    expect_at(fixture, 0);
    app_filter(app, false, RESPONSE_PENDING);
    expect_shown(fixture, "0 3 6 ");
}

static void a_filter_is_there_next_time(void **state)
{
    struct fixture *fixture = *state;
    narrow(fixture, "meta.grade:..3 order:random");
    char *line = app_narrowed(fixture->pilot.app);
    assert_non_null(strstr(line, "meta.grade:..3 order:random:"));
    size_t order[4];
    for (size_t i = 0; i < 4; i++)
        order[i] = fixture->pilot.session->queue.shown[i];
    app_filter(fixture->pilot.app, true, RESPONSE_PENDING);
    pilot_reopen(&fixture->pilot);
    pilot_until(&fixture->pilot, is_selected);
    char *again = app_narrowed(fixture->pilot.app);
    assert_memory_equal(again, "status:pending ", 15);
    assert_string_equal(again + 15, line);
    assert_int_equal(fixture->pilot.session->queue.shown_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(fixture->pilot.session->queue.shown[i], order[i]);
    narrow(fixture, "draft,pending");
    narrow(fixture, "all");
    pilot_reopen(&fixture->pilot);
    pilot_until(&fixture->pilot, is_selected);
    expect_shown(fixture, "0 1 2 3 4 5 6 7 ");
    free(line);
    free(again);
}

static void a_filter_has_a_name(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_false(app_narrow(pilot->app, "@hard"));
    pilot_expect_notice(pilot, "No filter was saved as hard");
    narrow(fixture, "meta.topic:c order:-meta.grade");
    app_save_narrowed(pilot->app, "two words");
    pilot_expect_notice(pilot, "a name of one word");
    app_save_narrowed(pilot->app, "hard");
    pilot_expect_notice(pilot, "Saved");
    narrow(fixture, "");
    pilot_reopen(pilot);
    pilot_until(pilot, is_selected);
    char line[64];
    assert_true(selection_complete("@", 0, &pilot->session->dataset,
                                   &pilot->session->words, line, sizeof line));
    assert_string_equal(line, "@hard");
    narrow(fixture, "@hard");
    expect_shown(fixture, "2 5 ");
    narrow(fixture, "");
    app_save_narrowed(pilot->app, "hard"); /* everything: it is forgotten */
    assert_false(app_narrow(pilot->app, "@hard"));
}

static void what_cannot_be_read_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    narrow(fixture, "meta.topic:c");
    assert_false(app_narrow(fixture->pilot.app, "meta.topic:c colour:red"));
    pilot_expect_notice(&fixture->pilot, "At 14, \"colour:red\"");
    expect_shown(fixture, "2 5 ");
    assert_false(app_order(fixture->pilot.app, "size"));
    assert_true(app_order(fixture->pilot.app, "-dataset"));
    pilot_until(&fixture->pilot, is_selected);
    expect_shown(fixture, "5 2 ");
}

static void a_filter_that_finds_nothing_says_so_and_moves_nobody(void **state)
{
    struct fixture *fixture = *state;
    app_go(fixture->pilot.app, 4);
    narrow(fixture, "meta.topic:z");
    pilot_expect_notice(&fixture->pilot, "No record meets the filter");
    expect_at(fixture, 4);
    expect_shown(fixture, "4 ");
    assert_int_equal(queue_total(&fixture->pilot.session->queue), 0);
}

static void what_others_do_shows_when_one_looks_again(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    narrow(fixture, "pending meta.topic:b");
    pilot_put_by_other(pilot, &fixture->ids[4], RESPONSE_SUBMITTED, 5, NULL);
    navigate_take_changes(pilot->app);
    expect_shown(fixture, "1 4 7 ");
    assert_int_equal(queue_counts(&pilot->session->queue)[RESPONSE_SUBMITTED], 1);
    app_narrow_again(pilot->app);
    pilot_until(pilot, is_selected);
    expect_shown(fixture, "1 7 ");
    size_t changes = pilot->changes;
    app_narrow_again(pilot->app); /* nothing has changed: nothing is looked for */
    assert_false(pilot->session->is_selecting);
    assert_int_equal(pilot->changes, changes);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_filter_is_gone_through_to_its_ends),
        CASE(a_record_that_is_done_keeps_its_place_until_one_looks_again),
        CASE(a_status_is_followed_within_a_filter),
        CASE(a_filter_is_there_next_time),
        CASE(a_filter_has_a_name),
        CASE(what_cannot_be_read_changes_nothing),
        CASE(a_filter_that_finds_nothing_says_so_and_moves_nobody),
        CASE(what_others_do_shows_when_one_looks_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
