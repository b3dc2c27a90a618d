/* SPDX-License-Identifier: MIT
 * How answers come about: what is kept of it, the word on haste, and records of one's own
 * that are shown once more. */
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

#include "store/store_stats.h"
#include "tests/support/pilot_screen.h"

enum { EVERY = 3, DISTANCE = 30 }; /* the latter is app/again.c's */

static int start(void **state)
{
    *state = pilot_screen_new(4, 0);
    return 0;
}

static int start_again(void **state)
{
    struct pilot_screen *stand = calloc(1, sizeof *stand);
    stand->records = 48;
    pilot_screen_start(stand);
    stand->pilot.settings.again = EVERY;
    *state = stand;
    return 0;
}

static int end(void **state)
{
    pilot_screen_free(*state);
    return 0;
}

static void wait_ms(struct pilot_screen *stand, int64_t ms)
{
    stand->clock_base_ms += ms;
    stand->pilot.now_ms += ms;
}

static struct viewing viewing_of(struct pilot_screen *stand, const struct id *id)
{
    struct record record = {0};
    pilot_read(&stand->pilot, id, &record);
    struct viewing viewing = record.response.viewing;
    record_clear(&record);
    return viewing;
}

/* ---- the times ---- */

static void an_answer_keeps_first_sight_its_end_and_pauses(void **state)
{
    struct pilot_screen *stand = *state;
    struct buf text = {0};
    for (int i = 0; i < 60; i++)
        buf_addf(&text, "Line %d.\n\n", i);
    struct id id = pilot_add(&stand->pilot, "Long", text.data);
    buf_clear(&text);
    pilot_keys(stand, "<End>");
    pilot_see(stand, "Line 0.");
    wait_ms(stand, 5000);
    pilot_keys(stand, "4");
    assert_int_equal(viewing_of(stand, &id).shown_ms, 0); /* a draft is no answer yet */
    wait_ms(stand, 90000);
    pilot_keys(stand, "<Enter>");
    struct viewing viewing = viewing_of(stand, &id);
    assert_true(viewing.shown_ms > 0);
    assert_int_equal(viewing.end_ms, 0);
    assert_true(viewing.paused_ms >= 90000 && viewing.paused_ms <= 94000);
    assert_true(viewing.answered_ms - viewing.shown_ms >= 95000 &&
                viewing.answered_ms - viewing.shown_ms <= 99000);
    /* taken back, read to its end, answered anew */
    wait_ms(stand, 1000);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid submit");
    for (int i = 0; i < 20; i++)
        pilot_keys(stand, "<Space>");
    pilot_see(stand, "Line 59.");
    pilot_keys(stand, "<Enter>");
    struct viewing second = viewing_of(stand, &id);
    assert_true(second.shown_ms > viewing.answered_ms);
    assert_true(second.end_ms >= second.shown_ms);
    assert_int_equal(second.paused_ms, 0);
    pilot_keys(stand, "<End>I");
    pilot_see(stand, "its end seen after");
}

static void what_covers_the_record_is_not_looking_at_it(void **state)
{
    struct pilot_screen *stand = *state;
    pilot_keys(stand, "?"); /* the next record arrives behind a page */
    pilot_resize(stand, 9, 39);
    struct id id = pilot_add(&stand->pilot, "Behind", "A page.");
    pilot_go(&stand->pilot, &id);
    pilot_run(&stand->pilot, 20);
    pilot_resize(stand, 24, 80);
    wait_ms(stand, 20000);
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "A page.");
    pilot_keys(stand, "4<Enter>");
    struct viewing viewing = viewing_of(stand, &id);
    assert_true(viewing.answered_ms - viewing.shown_ms >= 0 &&
                viewing.answered_ms - viewing.shown_ms <= 5000);
}

static void a_command_line_keeps_no_times(void **state)
{
    struct pilot_screen *stand = *state;
    struct id id = pilot_current(stand);
    pilot_put_by_other(&stand->pilot, &id, RESPONSE_SUBMITTED, 5, NULL);
    assert_int_equal(viewing_of(stand, &id).shown_ms, 0);
}

static void a_full_disk_keeps_the_times_with_the_answer(void **state)
{
    struct pilot_screen *stand = *state;
    struct id id = pilot_current(stand);
    wait_ms(stand, 5000);
    pilot_fill_disk(true);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "NOT SAVED: #1");
    wait_ms(stand, 40000);
    assert_int_equal(viewing_of(stand, &id).shown_ms, 0);
    pilot_fill_disk(false);
    pilot_keys(stand, "l"); /* another change writes it, too */
    pilot_see_gone(stand, "NOT SAVED");
    struct viewing viewing = viewing_of(stand, &id);
    assert_true(viewing.answered_ms - viewing.shown_ms >= 3000 &&
                viewing.answered_ms - viewing.shown_ms <= 9000);
}

/* ---- haste ---- */

static void add_long_ones(struct pilot_screen *stand, int count, const char *words)
{
    struct buf text = {0};
    for (int i = 0; i < 60; i++)
        buf_add_text(&text, words);
    for (int i = 0; i < count; i++)
        pilot_add(&stand->pilot, "Why?", text.data);
    buf_clear(&text);
    pilot_keys(stand, ":5<Enter>");
    pilot_see(stand, "Prompt #5");
}

static void five_answers_that_nobody_can_have_read_are_said(void **state)
{
    struct pilot_screen *stand = *state;
    add_long_ones(stand, 12, "some words of English ");
    for (int i = 0; i < 4; i++)
        pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#8 submitted and saved; u");
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#9 submitted and saved. The last 5 came faster than one reads.");
    pilot_keys(stand, "4<Enter>"); /* not each time */
    pilot_see(stand, "#10 submitted and saved; u");
}

static void reading_takes_the_time_of_its_script(void **state)
{
    struct pilot_screen *stand = *state;
    add_long_ones(stand, 12, "日本語の文です。"); /* 420 characters: 71 s */
    for (int i = 0; i < 5; i++) {
        wait_ms(stand, 80000);
        pilot_keys(stand, "4<Enter>");
    }
    pilot_see(stand, "#9 submitted and saved; u");
    for (int i = 0; i < 5; i++) {
        wait_ms(stand, 50000);
        pilot_keys(stand, "4<Enter>");
    }
    pilot_see(stand, "#14 submitted and saved. The last 5 came faster");
}

static void the_word_on_haste_can_be_switched_off(void **state)
{
    struct pilot_screen *stand = *state;
    stand->pilot.settings.pace_note = false;
    add_long_ones(stand, 12, "some words of English ");
    for (int i = 0; i < 5; i++)
        pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#9 submitted and saved; u");
}

/* ---- oneself again ---- */

/* Rates 4 until a record is shown a second time; its number in the store. */
static int64_t rate_until_again(struct pilot_screen *stand)
{
    const struct session *session = stand->pilot.session;
    for (int i = 0; i < 46 && !session->is_again; i++) {
        assert_int_equal(session->current.response.status, RESPONSE_PENDING);
        pilot_keys(stand, "4<Enter>");
    }
    assert_true(session->is_again);
    return session->current.row;
}

static void a_record_is_shown_again_as_a_new_one(void **state)
{
    struct pilot_screen *stand = *state;
    const struct session *session = stand->pilot.session;
    rate_until_again(stand);
    size_t place = session->queue.position,
           done = session->queue.counts[RESPONSE_SUBMITTED];
    struct id id = pilot_current(stand);
    char number[32];
    assert_true(done > DISTANCE);
    assert_true(session->current.row != session->queue.rows[place].row);
    assert_int_equal(session->current.response.status, RESPONSE_PENDING);
    snprintf(number, sizeof number, "Prompt #%zu", place + 1);
    pilot_see(stand, number);
    pilot_keys(stand, "2");
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "fDoubts.<Esc>");
    assert_int_equal(session->queue.counts[RESPONSE_SUBMITTED], done);
    assert_int_equal(session->queue.counts[RESPONSE_DRAFT], 0);
    snprintf(number, sizeof number, "#%zu submitted and saved", place + 1);
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, number);
    /* the answer is where it was, the next record is the place's own */
    pilot_expect(&stand->pilot, &id, RESPONSE_SUBMITTED, 4, NULL);
    assert_false(session->is_again);
    assert_int_equal(session->queue.position, place);
    assert_int_equal(session->current.row, session->queue.rows[place].row);
    assert_int_equal(session->queue.counts[RESPONSE_SUBMITTED], done);
    /* and by hand one comes to the real one */
    pilot_go(&stand->pilot, &id);
    assert_int_equal(session->current.response.status, RESPONSE_SUBMITTED);
    assert_int_equal(
        values_find(&session->current.response.values, "response-rating")->rating, 4);
    pilot_keys(stand, "%<End>");
    pilot_see(stand, "With yourself");
    pilot_see(stand, "0 %");
}

static int rating_shown(const struct pilot_screen *stand)
{
    const struct value *value =
        values_find(&stand->pilot.session->current.response.values, "response-rating");
    return value ? value->rating : 0;
}

static void undo_goes_through_a_second_showing_and_on(void **state)
{
    struct pilot_screen *stand = *state;
    const struct session *session = stand->pilot.session;
    int64_t row = rate_until_again(stand);
    size_t done = session->queue.counts[RESPONSE_SUBMITTED];
    pilot_keys(stand, "23u");
    assert_int_equal(rating_shown(stand), 2);
    pilot_keys(stand, "<Ctrl-R>");
    assert_int_equal(rating_shown(stand), 3);
    pilot_keys(stand, "fWell<Esc>u");
    assert_int_equal(session->current.response.values.count, 1);
    pilot_keys(stand, "<Ctrl-R><Enter>");
    pilot_see(stand, "submitted and saved");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid submit");
    assert_true(session->is_again);
    assert_int_equal(session->current.row, row);
    assert_int_equal(rating_shown(stand), 3);
    pilot_keys(stand, "u"); /* the answer before it, a real one */
    assert_false(session->is_again);
    assert_int_equal(session->queue.counts[RESPONSE_SUBMITTED], done - 1);
    pilot_keys(stand, "<Ctrl-R><Ctrl-R>");
    assert_false(session->is_again);
    pilot_keys(stand, "%<End>");
    pilot_see(stand, "With yourself");
}

static void a_second_showing_ends_with_the_session_or_by_going_elsewhere(void **state)
{
    struct pilot_screen *stand = *state;
    const struct session *session = stand->pilot.session;
    rate_until_again(stand);
    struct id id = pilot_current(stand);
    size_t done = session->queue.counts[RESPONSE_SUBMITTED],
           place = session->queue.position;
    pilot_keys(stand, "2");
    pilot_screen_reopen(stand);
    session = stand->pilot.session;
    pilot_rest(stand);
    assert_false(session->is_again);
    assert_int_equal(session->queue.position, place);
    assert_int_equal(session->queue.counts[RESPONSE_SUBMITTED], done);
    pilot_expect(&stand->pilot, &id, RESPONSE_SUBMITTED, 4, NULL);
    rate_until_again(stand);
    id = pilot_current(stand);
    pilot_keys(stand, "2h"); /* away from it: nothing was answered */
    assert_false(session->is_again);
    pilot_expect(&stand->pilot, &id, RESPONSE_SUBMITTED, 4, NULL);
    pilot_keys(stand, "%<End>");
    pilot_see(stand, "Statistics");
    assert_false(pilot_sees(stand, "With yourself"));
}

static void what_others_change_meanwhile_does_not_show_the_answer(void **state)
{
    struct pilot_screen *stand = *state;
    const struct session *session = stand->pilot.session;
    rate_until_again(stand);
    struct id id = pilot_current(stand);
    size_t place = session->queue.position;
    pilot_keys(stand, "2");
    pilot_put_by_other(&stand->pilot, &id, RESPONSE_SUBMITTED, 5, "Theirs");
    pilot_run(&stand->pilot, 1200); /* longer than another sherd is looked after */
    assert_true(session->is_again);
    assert_int_equal(rating_shown(stand), 2);
    assert_int_equal(session->queue.position, place);
    assert_false(pilot_sees(stand, "Theirs"));
    pilot_keys(stand, "d");
    pilot_see(stand, "discarded and saved");
    pilot_expect(&stand->pilot, &id, RESPONSE_SUBMITTED, 5, "Theirs");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)
#define AGAIN(name) cmocka_unit_test_setup_teardown(name, start_again, end)
    const struct CMUnitTest tests[] = {
        CASE(an_answer_keeps_first_sight_its_end_and_pauses),
        CASE(a_full_disk_keeps_the_times_with_the_answer),
        CASE(what_covers_the_record_is_not_looking_at_it),
        CASE(a_command_line_keeps_no_times),
        CASE(five_answers_that_nobody_can_have_read_are_said),
        CASE(reading_takes_the_time_of_its_script),
        CASE(the_word_on_haste_can_be_switched_off),
        AGAIN(a_record_is_shown_again_as_a_new_one),
        AGAIN(undo_goes_through_a_second_showing_and_on),
        AGAIN(a_second_showing_ends_with_the_session_or_by_going_elsewhere),
        AGAIN(what_others_change_meanwhile_does_not_show_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
