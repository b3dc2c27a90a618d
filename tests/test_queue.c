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

#include "model/queue.h"

/* One letter a row: p(ending), d(raft), s(ubmitted), x (discarded); rows 10, 20, 30… */
static struct queue_row row_of(size_t index, char letter)
{
    enum response_status status = letter == 'd'   ? RESPONSE_DRAFT
                                  : letter == 's' ? RESPONSE_SUBMITTED
                                  : letter == 'x' ? RESPONSE_DISCARDED
                                                  : RESPONSE_PENDING;
    return (struct queue_row){
        .row = (int64_t)(index + 1) * 10, .status = (uint8_t)status, .rating = -1};
}

static struct queue queue_of(const char *letters)
{
    struct queue queue = {0};
    for (size_t i = 0; letters[i]; i++) {
        struct queue_row row = row_of(i, letters[i]);
        assert_int_equal(queue_add(&queue, &row), i);
    }
    return queue;
}

static void a_row_takes_sixteen_bytes_at_most(void **state)
{
    (void)state;
    assert_true(sizeof(struct queue_row) <= 16); /* fewer on 32 bits */
}

static void flagged_ones_are_counted(void **state)
{
    (void)state;
    struct queue queue = queue_of("ppd");
    struct queue_row row = row_of(1, 'p');
    row.flags = QUEUE_FLAGGED;
    queue_add(&queue, &row);
    queue_add(&queue, &row);
    assert_int_equal(queue.flagged, 1);
    queue_set_status(&queue, 1, RESPONSE_SUBMITTED, 4);
    assert_int_equal(queue.flagged, 1);
    struct queue_row *rows = calloc(2, sizeof *rows);
    rows[0] = row;
    rows[1] = row_of(2, 'd');
    queue_give_rows(&queue, rows, 2);
    assert_int_equal(queue.flagged, 1);
    row.flags = QUEUE_FLAGGED | QUEUE_DELETED;
    queue_add(&queue, &row);
    assert_int_equal(queue.flagged, 0);
    queue_clear(&queue);
}

static void what_others_have_completed_is_not_pending(void **state)
{
    (void)state;
    struct queue queue = queue_of("ppd");
    struct queue_row row = row_of(0, 'p');
    row.flags = QUEUE_COMPLETED;
    queue_add(&queue, &row);
    assert_int_equal(queue.counts[RESPONSE_PENDING], 1);
    assert_int_equal(queue_total(&queue), 3);
    queue_set_filter(&queue, true, RESPONSE_PENDING);
    queue_go(&queue, 2);
    assert_false(queue_shows(&queue, 0));
    assert_int_equal(queue_next_open(&queue, 2), 1);
    queue_set_status(&queue, 0, RESPONSE_DRAFT, 4); /* one answers it all the same */
    assert_int_equal(queue.counts[RESPONSE_DRAFT], 2);
    queue_set_status(&queue, 0, RESPONSE_PENDING, -1);
    assert_int_equal(queue.counts[RESPONSE_PENDING], 1);
    queue_clear(&queue);
}

static void counts_follow_every_change(void **state)
{
    (void)state;
    struct queue queue = queue_of("ppsdx");
    assert_int_equal(queue.counts[RESPONSE_PENDING], 2);
    assert_int_equal(queue.counts[RESPONSE_DISCARDED], 1);
    queue_set_status(&queue, 0, RESPONSE_SUBMITTED, 4);
    assert_int_equal(queue.rows[0].rating, 4);
    assert_int_equal(queue.counts[RESPONSE_PENDING], 1);
    assert_int_equal(queue.counts[RESPONSE_SUBMITTED], 2);
    struct queue_row again = row_of(1, 'd');
    assert_int_equal(queue_add(&queue, &again), 1);
    assert_int_equal(queue.count, 5);
    assert_int_equal(queue.counts[RESPONSE_PENDING], 0);
    assert_int_equal(queue.counts[RESPONSE_DRAFT], 2);
    queue_set_status(&queue, 0, RESPONSE_PENDING, 1000);
    assert_int_equal(queue.rows[0].rating, -1);
    queue_clear(&queue);
    assert_int_equal(queue.count, 0);
}

static void rows_are_found_by_number(void **state)
{
    (void)state;
    struct queue queue = {0};
    assert_int_equal(queue_find(&queue, 10), SIZE_MAX);
    for (size_t i = 0; i < 1000; i++) {
        struct queue_row row = row_of(i, 'p');
        queue_add(&queue, &row);
    }
    assert_int_equal(queue_find(&queue, 10), 0);
    assert_int_equal(queue_find(&queue, 5000), 499);
    assert_int_equal(queue_find(&queue, 10000), 999);
    assert_int_equal(queue_find(&queue, 5001), SIZE_MAX);
    assert_int_equal(queue_find(&queue, 1), SIZE_MAX);
    assert_int_equal(queue_find(&queue, 99999), SIZE_MAX);
    queue_clear(&queue);
}

static void a_late_row_takes_its_place_and_we_stay_on_ours(void **state)
{
    (void)state;
    struct queue queue = queue_of("ppp");
    queue.position = 1;
    struct queue_row late = {.row = 15, .rating = -1};
    assert_int_equal(queue_add(&queue, &late), 1);
    assert_int_equal(queue.position, 2);
    assert_int_equal(queue.rows[queue.position].row, 20);
    assert_int_equal(queue_find(&queue, 30), 3);
    queue_clear(&queue);
}

static void next_and_previous_stop_at_the_ends(void **state)
{
    (void)state;
    struct queue queue = queue_of("psp");
    assert_int_equal(queue_next(&queue, 0), 1);
    assert_int_equal(queue_next(&queue, 2), SIZE_MAX);
    assert_int_equal(queue_previous(&queue, 2), 1);
    assert_int_equal(queue_previous(&queue, 0), SIZE_MAX);
    queue_clear(&queue);
    assert_int_equal(queue_next(&queue, 0), SIZE_MAX);
    assert_int_equal(queue_previous(&queue, 0), SIZE_MAX);
    assert_int_equal(queue_next_open(&queue, 0), SIZE_MAX);
}

static void a_filter_hides_rows_but_never_the_current_one(void **state)
{
    (void)state;
    struct queue queue = queue_of("pspsp");
    queue_set_filter(&queue, true, RESPONSE_SUBMITTED);
    assert_true(queue_shows(&queue, 0)); /* we stand on it */
    assert_false(queue_shows(&queue, 2));
    assert_int_equal(queue_next(&queue, 0), 1);
    queue.position = 1;
    assert_int_equal(queue_next(&queue, 1), 3);
    assert_int_equal(queue_previous(&queue, 1), SIZE_MAX);
    queue_set_status(&queue, 1, RESPONSE_PENDING, -1);
    assert_true(queue_shows(&queue, 1));
    queue_set_filter(&queue, false, RESPONSE_PENDING);
    assert_true(queue_shows(&queue, 4));
    queue_clear(&queue);
}

static void the_next_open_row_wraps_round(void **state)
{
    (void)state;
    struct queue queue = queue_of("dsxp");
    assert_int_equal(queue_next_open(&queue, 0), 3);
    assert_int_equal(queue_next_open(&queue, 3), 0);
    assert_int_equal(queue_next_open(&queue, 1), 3);
    queue_set_status(&queue, 0, RESPONSE_SUBMITTED, 1);
    assert_int_equal(queue_next_open(&queue, 3), SIZE_MAX); /* itself is not next */
    queue_clear(&queue);
}

static void new_rows_keep_us_on_our_record(void **state)
{
    (void)state;
    struct queue queue = queue_of("ppp");
    queue.position = 1; /* row 20 */
    struct queue_row *rows = calloc(4, sizeof *rows);
    for (size_t i = 0; i < 4; i++)
        rows[i] = (struct queue_row){.row = 5 + (int64_t)i * 5, .status = 2};
    queue_give_rows(&queue, rows, 4); /* 5 10 15 20 */
    assert_int_equal(queue.position, 3);
    assert_int_equal(queue.counts[RESPONSE_SUBMITTED], 4);
    assert_int_equal(queue.counts[RESPONSE_PENDING], 0);
    rows = calloc(2, sizeof *rows);
    rows[0].row = 1;
    rows[1].row = 2;
    queue_give_rows(&queue, rows, 2);
    assert_int_equal(queue.position, 1);
    queue_give_rows(&queue, NULL, 0);
    assert_int_equal(queue.position, 0);
    struct queue_row row = row_of(0, 'p');
    queue_add(&queue, &row);
    assert_int_equal(queue.position, 0);
    queue_clear(&queue);
}

/* The rows that are gone through from before the first on, as "3 1 ". */
static void expect_walk(const struct queue *queue, const char *expected)
{
    char forth[64] = "", back[64] = "", *end = back + sizeof back - 1;
    for (size_t at = queue_next(queue, SIZE_MAX); at != SIZE_MAX;
         at = queue_next(queue, at))
        snprintf(forth + strlen(forth), sizeof forth - strlen(forth), "%zu ", at);
    assert_string_equal(forth, expected);
    for (size_t at = queue_previous(queue, queue->count); at != SIZE_MAX;
         at = queue_previous(queue, at)) {
        char number[24];
        size_t len = (size_t)snprintf(number, sizeof number, "%zu ", at);
        end -= len;
        memcpy(end, number, len);
    }
    assert_string_equal(end, expected);
}

static void narrow(struct queue *queue, const char *digits)
{
    queue_narrow(queue, false);
    for (; *digits; digits++)
        queue_show(queue, (size_t)(*digits - '0'));
}

static void a_selection_is_gone_through_in_its_order(void **state)
{
    (void)state;
    struct queue queue = queue_of("pspdx");
    queue_go(&queue, 3);
    narrow(&queue, "31");
    expect_walk(&queue, "3 1 ");
    queue_show(&queue, 1); /* is there */
    queue_show(&queue, 4);
    expect_walk(&queue, "3 1 4 ");
    assert_int_equal(queue_counts(&queue)[RESPONSE_DRAFT], 1);
    assert_int_equal(queue_counts(&queue)[RESPONSE_PENDING], 0);
    assert_int_equal(queue_total(&queue), 3);
    queue_set_status(&queue, 3, RESPONSE_SUBMITTED, 4);
    assert_int_equal(queue_counts(&queue)[RESPONSE_DRAFT], 0);
    assert_int_equal(queue_counts(&queue)[RESPONSE_SUBMITTED], 2);
    expect_walk(&queue, "3 1 4 "); /* keeps its place */
    queue_set_filter(&queue, true, RESPONSE_DISCARDED);
    expect_walk(&queue, "3 4 "); /* we stand on the first */
    queue_set_filter(&queue, false, RESPONSE_PENDING);
    queue_widen(&queue);
    expect_walk(&queue, "0 1 2 3 4 ");
    assert_int_equal(queue_counts(&queue)[RESPONSE_SUBMITTED], 2);
    queue_narrow(&queue, false);
    expect_walk(&queue, "3 ");
    assert_int_equal(queue_total(&queue), 0);
    queue_clear(&queue);
}

static void a_record_outside_the_selection_has_a_place_while_one_is_there(void **state)
{
    (void)state;
    struct queue queue = queue_of("pppppp");
    narrow(&queue, "420");
    queue_go(&queue, 2);
    queue_go(&queue, 5);
    expect_walk(&queue, "4 2 5 0 ");
    assert_int_equal(queue_next_open(&queue, 5), 0);
    queue_go(&queue, 0);
    expect_walk(&queue, "4 2 0 ");
    queue_go(&queue, 1);
    expect_walk(&queue, "4 2 0 1 ");
    assert_int_equal(queue_next_open(&queue, 1), 4); /* round */
    queue_place_guest(&queue, 1, false);
    expect_walk(&queue, "4 1 2 0 ");
    queue_place_guest(&queue, 2, false);
    expect_walk(&queue, "4 2 1 0 ");
    queue_place_guest(&queue, 3, false);
    expect_walk(&queue, "4 2 0 1 ");
    queue_place_guest(&queue, 0, false);
    expect_walk(&queue, "1 4 2 0 ");
    narrow(&queue, "024"); /* in the dataset's order it has its own place */
    queue_place_guest(&queue, 0, true);
    expect_walk(&queue, "0 1 2 4 ");
    queue_go(&queue, 2);
    queue_place_guest(&queue, 0, false); /* is none */
    expect_walk(&queue, "0 2 4 ");
    assert_int_equal(queue.place, 2);
    queue_clear(&queue);
}

static void open_rows_of_a_selection_come_round(void **state)
{
    (void)state;
    struct queue queue = queue_of("dsxpp");
    queue.rows[4].flags = QUEUE_FAILED;
    queue_narrow(&queue, false);
    for (size_t i = 0; i < 5; i++)
        queue_show(&queue, 4 - i);
    assert_int_equal(queue_next_open(&queue, SIZE_MAX), 3);
    assert_int_equal(queue_next_open(&queue, 3), 0);
    assert_int_equal(queue_next_open(&queue, 0), 3);
    queue.takes_done = true;
    assert_int_equal(queue_next_open(&queue, 3), 2);
    assert_int_equal(queue_next_open(&queue, 0), 3);
    queue_clear(&queue);
}

static void new_rows_leave_the_selection_as_it_was(void **state)
{
    (void)state;
    struct queue queue = queue_of("pps");
    queue_go(&queue, 2);
    narrow(&queue, "20");
    struct queue_row late = {.row = 15, .rating = -1};
    assert_int_equal(queue_add(&queue, &late), 1);
    expect_walk(&queue, "3 0 ");
    struct queue_row *rows = calloc(3, sizeof *rows);
    for (size_t i = 0; i < 3; i++) /* 5 20 30: the first is gone */
        rows[i] = (struct queue_row){.row = i ? 10 + (int64_t)i * 10 : 5, .place = 9};
    queue_give_rows(&queue, rows, 3);
    assert_int_equal(queue.position, 2);
    expect_walk(&queue, "2 ");
    assert_int_equal(queue_total(&queue), 1);
    queue_clear(&queue);
}

static void what_is_deleted_is_not_shown_and_not_counted(void **state)
{
    (void)state;
    struct queue queue = queue_of("ppp");
    struct queue_row gone = row_of(1, 'p');
    gone.flags = QUEUE_DELETED;
    queue_add(&queue, &gone);
    expect_walk(&queue, "0 2 ");
    assert_int_equal(queue_total(&queue), 2);
    assert_int_equal(queue_next_open(&queue, 0), 2);
    queue_go(&queue, 1);
    expect_walk(&queue, "0 1 2 "); /* one sees what one did */
    gone.flags = 0;
    queue_add(&queue, &gone);
    assert_int_equal(queue_total(&queue), 3);
    queue_clear(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_selection_is_gone_through_in_its_order),
        cmocka_unit_test(a_record_outside_the_selection_has_a_place_while_one_is_there),
        cmocka_unit_test(open_rows_of_a_selection_come_round),
        cmocka_unit_test(new_rows_leave_the_selection_as_it_was),
        cmocka_unit_test(what_is_deleted_is_not_shown_and_not_counted),
        cmocka_unit_test(a_row_takes_sixteen_bytes_at_most),
        cmocka_unit_test(flagged_ones_are_counted),
        cmocka_unit_test(what_others_have_completed_is_not_pending),
        cmocka_unit_test(counts_follow_every_change),
        cmocka_unit_test(rows_are_found_by_number),
        cmocka_unit_test(a_late_row_takes_its_place_and_we_stay_on_ours),
        cmocka_unit_test(next_and_previous_stop_at_the_ends),
        cmocka_unit_test(a_filter_hides_rows_but_never_the_current_one),
        cmocka_unit_test(the_next_open_row_wraps_round),
        cmocka_unit_test(new_rows_keep_us_on_our_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
