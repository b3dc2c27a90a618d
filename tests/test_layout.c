/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/layout.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct layout make(int rows, int cols, int prompt_lines, int bottom_lines)
{
    struct layout layout;
    struct layout_wish wish = {.rows = rows,
                               .cols = cols,
                               .has_prompt = true,
                               .prompt_lines = prompt_lines,
                               .bottom_lines = bottom_lines,
                               .response_lines = 1000};
    layout_make(&layout, &wish);
    return layout;
}

static int end_of(struct rect rect)
{
    return rect.row + rect.rows;
}

static void below_40_by_10_it_is_too_small(void **state)
{
    (void)state;
    assert_true(make(9, 80, 1, 3).is_too_small);
    assert_true(make(24, 39, 1, 3).is_too_small);
    assert_false(make(10, 40, 1, 3).is_too_small);
}

static void eighty_columns_have_no_queue(void **state)
{
    (void)state;
    struct layout layout = make(24, 80, 1, 3);
    assert_false(layout.has_queue);
    assert_int_equal(layout.divider_col, -1);
    assert_int_equal(layout.response.col, 1);
    assert_int_equal(layout.response.cols, 78);
}

static void wide_screens_have_the_queue_at_the_left(void **state)
{
    (void)state;
    struct layout layout = make(40, 120, 1, 3);
    assert_true(layout.has_queue);
    assert_true(layout.queue.col + layout.queue.cols <= layout.divider_col);
    assert_true(layout.divider_col < layout.response.col);
    assert_int_equal(layout.response.cols, layout_text_cols(120, false, false));
    assert_false(make(40, 109, 1, 3).has_queue);
}

static void the_queue_can_be_hidden(void **state)
{
    (void)state;
    struct layout layout;
    struct layout_wish wish = {.rows = 40,
                               .cols = 120,
                               .hides_queue = true,
                               .has_prompt = true,
                               .prompt_lines = 1,
                               .bottom_lines = 3};
    layout_make(&layout, &wish);
    assert_false(layout.has_queue);
    assert_int_equal(layout.response.cols, 118);
}

static void the_parts_fill_the_screen_without_overlap(void **state)
{
    (void)state;
    for (int rows = LAYOUT_ROWS_MIN; rows < 70; rows++) {
        for (int cols = LAYOUT_COLS_MIN; cols < 210; cols += 5) {
            for (int lines = 0; lines < 40; lines += 13) {
                struct layout layout = make(rows, cols, lines, lines / 2);
                assert_true(layout.prompt_rule.row >= end_of(layout.status));
                assert_int_equal(layout.prompt.row, end_of(layout.prompt_rule));
                assert_int_equal(layout.response_rule.row, end_of(layout.prompt));
                assert_int_equal(layout.response.row, end_of(layout.response_rule));
                assert_int_equal(layout.bottom_rule.row, end_of(layout.response));
                assert_int_equal(layout.bottom.row, end_of(layout.bottom_rule));
                assert_true(end_of(layout.bottom) <= layout.notice.row);
                assert_true(layout.response.rows >= 1 && layout.prompt.rows >= 1);
                assert_true(layout.bottom.rows >= 1);
                assert_int_equal(end_of(layout.keys), rows);
            }
        }
    }
}

static void small_screens_give_the_notice_no_row(void **state)
{
    (void)state;
    assert_true(make(13, 80, 1, 3).shares_notice);
    struct layout layout = make(14, 80, 1, 3);
    assert_false(layout.shares_notice);
    assert_int_equal(layout.notice.rows, 1);
    assert_int_equal(make(23, 80, 1, 3).notice.rows, 1);
    assert_int_equal(make(24, 80, 1, 3).notice.rows, 2);
}

static void a_text_that_shrinks_leaves_no_row_empty(void **state)
{
    (void)state;
    struct scroll scroll = {.top = 5};
    scroll_fit(&scroll, 10, 5);
    assert_int_equal(scroll.top, 5);
    scroll_fit(&scroll, 9, 5);
    assert_int_equal(scroll.top, 4);
    scroll_fit(&scroll, 9, 6);
    assert_int_equal(scroll.top, 3);
    scroll_fit(&scroll, 2, 6);
    assert_int_equal(scroll.top, 0);
}

static void a_long_prompt_gets_what_a_short_response_leaves(void **state)
{
    (void)state;
    struct layout layout;
    struct layout_wish wish = {.rows = 24,
                               .cols = 80,
                               .has_prompt = true,
                               .prompt_lines = 30,
                               .bottom_lines = 3,
                               .response_lines = 2};
    layout_make(&layout, &wish);
    assert_int_equal(layout.response.rows, 2);
    assert_int_equal(layout.prompt.rows, 17 - 3 - 2);
    wish.prompt_lines = 9;
    layout_make(&layout, &wish);
    assert_int_equal(layout.prompt.rows, 9);
    wish.response_lines = 0;
    wish.prompt_lines = 100;
    layout_make(&layout, &wish);
    assert_int_equal(layout.response.rows, 1);
    wish.response_lines = 16; /* more than there is room for */
    layout_make(&layout, &wish);
    assert_int_equal(layout.prompt.rows, 5);
    wish.response_lines = -1; /* it grows: nothing may move */
    layout_make(&layout, &wish);
    assert_int_equal(layout.prompt.rows, 5);
}

static void a_long_prompt_gets_at_most_a_third(void **state)
{
    (void)state;
    struct layout layout = make(24, 80, 1000, 3);
    assert_true(layout.prompt.rows >= 4 && layout.prompt.rows <= 8);
    assert_true(layout.response.rows > layout.prompt.rows);
}

static void small_screens_share_the_last_row(void **state)
{
    (void)state;
    assert_true(make(10, 40, 1, 2).shares_notice);
    assert_false(make(24, 80, 1, 3).shares_notice);
}

static void without_a_prompt_its_rows_are_the_responses(void **state)
{
    (void)state;
    struct layout layout;
    struct layout_wish wish = {.rows = 24, .cols = 80, .bottom_lines = 3};
    layout_make(&layout, &wish);
    assert_int_equal(layout.prompt_rule.rows, 0);
    assert_int_equal(layout.prompt.rows, 0);
    assert_int_equal(layout.response_rule.row, 1);
}

/* ---- scroll ---- */

static void scrolling_stops_at_the_ends(void **state)
{
    (void)state;
    struct scroll scroll = {0};
    scroll_fit(&scroll, 30, 10);
    assert_false(scroll_by(&scroll, -1));
    assert_true(scroll_by(&scroll, 100));
    assert_int_equal(scroll.top, 20);
    assert_true(scroll_is_at_end(&scroll));
    assert_false(scroll_by(&scroll, 1));
}

static void a_page_keeps_one_line_in_view(void **state)
{
    (void)state;
    struct scroll scroll = {0};
    scroll_fit(&scroll, 100, 10);
    scroll_page(&scroll, 1);
    assert_int_equal(scroll.top, 9);
    scroll_page(&scroll, -1);
    assert_int_equal(scroll.top, 0);
}

static void a_shrinking_text_stays_in_view(void **state)
{
    (void)state;
    struct scroll scroll = {.top = 90};
    scroll_fit(&scroll, 100, 10);
    assert_int_equal(scroll.top, 90);
    scroll_fit(&scroll, 40, 10);
    assert_int_equal(scroll.top, 30);
    scroll_fit(&scroll, 4, 10);
    assert_int_equal(scroll.top, 0);
}

static void following_keeps_the_end_in_view(void **state)
{
    (void)state;
    struct scroll scroll = {.follows = true};
    scroll_fit(&scroll, 100, 10);
    assert_int_equal(scroll.top, 90);
    scroll_fit(&scroll, 101, 10);
    assert_int_equal(scroll.top, 91);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_40_by_10_it_is_too_small),
        cmocka_unit_test(eighty_columns_have_no_queue),
        cmocka_unit_test(wide_screens_have_the_queue_at_the_left),
        cmocka_unit_test(the_queue_can_be_hidden),
        cmocka_unit_test(the_parts_fill_the_screen_without_overlap),
        cmocka_unit_test(small_screens_give_the_notice_no_row),
        cmocka_unit_test(a_text_that_shrinks_leaves_no_row_empty),
        cmocka_unit_test(a_long_prompt_gets_what_a_short_response_leaves),
        cmocka_unit_test(a_long_prompt_gets_at_most_a_third),
        cmocka_unit_test(small_screens_share_the_last_row),
        cmocka_unit_test(without_a_prompt_its_rows_are_the_responses),
        cmocka_unit_test(scrolling_stops_at_the_ends),
        cmocka_unit_test(a_page_keeps_one_line_in_view),
        cmocka_unit_test(a_shrinking_text_stays_in_view),
        cmocka_unit_test(following_keeps_the_end_in_view),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
