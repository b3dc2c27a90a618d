/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/drawn.h"
#include "text/cells.h"

#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"

static struct cells grid(int rows, int cols)
{
    struct cells cells = {0};
    cells_resize(&cells, rows, cols);
    return cells;
}

static void assert_screen(const struct cells *cells, const char *expected)
{
    struct buf out = {0};
    cells_dump(cells, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void assert_styles(const struct cells *cells, const char *expected)
{
    struct buf out = {0};
    cells_dump_styles(cells, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static int put(struct cells *cells, int row, int col, const char *text)
{
    struct cluster cluster;
    sanitise_next(text, strlen(text), 0, &cluster);
    return cells_put(cells, row, col, &cluster, text, STYLE_TEXT);
}

static void a_new_grid_is_blank(void **state)
{
    (void)state;
    struct cells cells = grid(2, 3);
    assert_screen(&cells, "|   |\n|   |\n");
    assert_styles(&cells, "|...|\n|...|\n");
    assert_int_equal(cells.cursor_row, -1);
    cells_clear(&cells);
    assert_null(cells.cell);
}

static void text_is_drawn_and_cut_at_max_cols(void **state)
{
    (void)state;
    struct cells cells = grid(1, 8);
    assert_int_equal(cells_text(&cells, 0, 1, 4, "abcdef", 6, STYLE_STRONG), 4);
    assert_screen(&cells, "| abcd   |\n");
    assert_styles(&cells, "|.bbbb...|\n");
    cells_clear(&cells);
}

static void text_never_shows_a_line_end_or_a_control(void **state)
{
    (void)state;
    struct cells cells = grid(1, 12);
    assert_int_equal(cells_text(&cells, 0, 0, 12, "a\nb\tc\033", 6, STYLE_TEXT), 10);
    assert_screen(&cells, "|a b     c\uFFFD  |\n");
    cells_clear(&cells);
}

static void wide_text_takes_two_cells(void **state)
{
    (void)state;
    struct cells cells = grid(1, 5);
    assert_int_equal(cells_text(&cells, 0, 0, 5, "漢字漢", 9, STYLE_TEXT), 4);
    assert_screen(&cells, "|漢字 |\n");
    assert_int_equal(cells_at(&cells, 0, 0)->width, 2);
    assert_int_equal(cells_at(&cells, 0, 1)->width, 0);
    cells_clear(&cells);
}

static void a_wide_cell_that_does_not_fit_is_a_blank(void **state)
{
    (void)state;
    struct cells cells = grid(1, 3);
    assert_int_equal(put(&cells, 0, 2, "漢"), 2);
    assert_screen(&cells, "|   |\n");
    put(&cells, 0, -1, "漢");
    assert_screen(&cells, "|   |\n");
    cells_clear(&cells);
}

static void overwriting_half_a_wide_cell_blanks_the_other(void **state)
{
    (void)state;
    struct cells cells = grid(1, 4);
    put(&cells, 0, 0, "漢");
    put(&cells, 0, 1, "x");
    assert_screen(&cells, "| x  |\n");
    put(&cells, 0, 0, "漢");
    put(&cells, 0, 0, "y");
    assert_screen(&cells, "|y   |\n");
    put(&cells, 0, 0, "漢");
    put(&cells, 0, 2, "字");
    put(&cells, 0, 1, "語");
    assert_screen(&cells, "| 語 |\n");
    assert_int_equal(cells_at(&cells, 0, 3)->width, 1);
    cells_clear(&cells);
}

static void both_halves_of_a_wide_cell_have_its_style(void **state)
{
    (void)state;
    struct cells cells = grid(1, 4);
    cells_text(&cells, 0, 0, 4, "漢", 3, STYLE_TITLE);
    assert_styles(&cells, "|tt..|\n");
    put(&cells, 0, 1, "x"); /* what is left of it keeps the style */
    assert_styles(&cells, "|t...|\n");
    cells_erase(&cells);
    struct cluster wide;
    sanitise_next("漢", 3, 0, &wide);
    cells_put(&cells, 0, 3, &wide, NULL, STYLE_ERROR); /* no room: blanks of its style */
    assert_styles(&cells, "|...e|\n");
    cells_clear(&cells);
}

static void the_clip_cuts_drawing(void **state)
{
    (void)state;
    struct cells cells = grid(3, 6);
    cells.clip = (struct rect){1, 1, 1, 3};
    for (int row = 0; row < 3; row++)
        cells_text(&cells, row, 0, 6, "abcdef", 6, STYLE_TEXT);
    assert_screen(&cells, "|      |\n| bcd  |\n|      |\n");
    cells_text(&cells, 1, 0, 6, "漢字漢", 9, STYLE_TEXT);
    assert_screen(&cells, "|      |\n|  字  |\n|      |\n");
    cells_erase(&cells);
    assert_int_equal(cells.clip.cols, 6);
    cells_clear(&cells);
}

static void a_clip_through_a_wide_cell_leaves_no_half(void **state)
{
    (void)state;
    struct cells cells = grid(1, 4);
    put(&cells, 0, 1, "漢");
    cells.clip = (struct rect){0, 0, 1, 2};
    put(&cells, 0, 1, "x");
    assert_screen(&cells, "| x  |\n");
    assert_int_equal(cells_at(&cells, 0, 2)->width, 1);
    cells_clear(&cells);
}

static void drawing_outside_the_grid_is_harmless(void **state)
{
    (void)state;
    struct cells cells = grid(1, 2);
    put(&cells, -1, 0, "x");
    put(&cells, 1, 0, "x");
    put(&cells, 0, INT_MAX, "x");
    put(&cells, 0, INT_MIN, "x");
    cells_fill(&cells, (struct rect){INT_MAX, INT_MAX, INT_MAX, INT_MAX}, '#',
               STYLE_TEXT);
    cells_fill(&cells, (struct rect){0, 0, -1, -1}, '#', STYLE_TEXT);
    cells_set_style(&cells, (struct rect){-5, -5, 2, 2}, STYLE_ERROR);
    const int outside[][2] = {{7, 7}, {-1, 0}, {0, -1}, {cells.rows, 0}, {0, cells.cols}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        cells_set_cursor(&cells, 0, 0);
        cells_set_cursor(&cells, outside[i][0], outside[i][1]);
        assert_int_equal(cells.cursor_row, -1);
    }
    assert_screen(&cells, "|  |\n");
    assert_int_equal(cells_at(&cells, 9, 9)->cp[0], ' ');
    cells_clear(&cells);
}

static void an_empty_grid_takes_any_call(void **state)
{
    (void)state;
    struct cells cells = {0};
    cells_resize(&cells, 0, 0);
    put(&cells, 0, 0, "x");
    cells_string(&cells, 0, 0, 5, "hello", STYLE_TEXT);
    assert_screen(&cells, "");
    cells_clear(&cells);
}

static void a_string_too_long_ends_in_an_ellipsis(void **state)
{
    (void)state;
    struct cells cells = grid(1, 6);
    assert_int_equal(cells_string(&cells, 0, 0, 5, "hello", STYLE_TEXT), 5);
    assert_screen(&cells, "|hello |\n");
    assert_int_equal(cells_string(&cells, 0, 0, 4, "hello", STYLE_TEXT), 4);
    assert_screen(&cells, "|hel…o |\n");
    cells_erase(&cells);
    assert_int_equal(cells_string(&cells, 0, 0, 4, "漢字漢", STYLE_TEXT), 3);
    assert_screen(&cells, "|漢…   |\n");
    assert_int_equal(cells_string(&cells, 0, 0, 0, "hello", STYLE_TEXT), 0);
    cells_clear(&cells);
}

static void a_right_aligned_string_ends_at_its_column(void **state)
{
    (void)state;
    struct cells cells = grid(1, 8);
    assert_int_equal(cells_string_right(&cells, 0, 7, 7, "abc", STYLE_TEXT), 3);
    assert_screen(&cells, "|    abc |\n");
    assert_int_equal(cells_string_right(&cells, 0, 7, 4, "abcdef", STYLE_TEXT), 4);
    assert_screen(&cells, "|   abc… |\n");
    cells_clear(&cells);
}

static void a_spacing_mark_takes_a_cell_of_its_own(void **state)
{
    (void)state;
    struct cells cells = grid(1, 4);
    assert_int_equal(put(&cells, 0, 0, "\u0915\u093F"), 2);
    assert_int_equal(cells_at(&cells, 0, 0)->cp[0], 0x915);
    assert_int_equal(cells_at(&cells, 0, 0)->cp[1], 0);
    assert_int_equal(cells_at(&cells, 0, 1)->cp[0], 0x93F);
    assert_int_equal(cells_at(&cells, 0, 1)->width, 1);
    assert_int_equal(put(&cells, 0, 2, "\U0001F1EE\U0001F1F9"), 2);
    assert_screen(&cells, "|\u0915\u093FIT|\n");
    cells_clear(&cells);
}

static void fill_and_style_touch_their_area_only(void **state)
{
    (void)state;
    struct cells cells = grid(2, 4);
    cells_fill(&cells, (struct rect){0, 1, 1, 2}, 0x2500, STYLE_RULE);
    cells_set_style(&cells, (struct rect){1, 2, 1, 9}, STYLE_ACCENT);
    cells_set_cursor(&cells, 1, 0);
    assert_screen(&cells, "| ── |\n|    |\n");
    assert_styles(&cells, "|.rr.|\n|_.aa|\n");
    cells_clear(&cells);
}

static void marks_stay_in_the_cell_of_their_base(void **state)
{
    (void)state;
    struct cells cells = grid(1, 3);
    put(&cells, 0, 0, "e\u0301\u0302");
    assert_int_equal(cells_at(&cells, 0, 0)->cp[2], 0x302);
    assert_screen(&cells, "|e\u0301\u0302  |\n");
    cells_clear(&cells);
}

static void an_emoji_sequence_keeps_its_whole(void **state)
{
    (void)state;
    struct cells cells = {0};
    static const char family[] = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
    static const char flag[] = "\U0001F1EE\U0001F1F9";
    cells_resize(&cells, 1, 8);
    assert_int_equal(cells_text(&cells, 0, 0, 8, family, strlen(family), STYLE_QUOTE), 2);
    assert_int_equal(cells_text(&cells, 0, 2, 8, flag, strlen(flag), STYLE_TEXT), 2);
    const struct cell *cell = cells_at(&cells, 0, 0);
    assert_string_equal(cells_whole(cell->whole)->text, family);
    assert_int_equal(cells_whole(cell->whole)->needs, SEQUENCE_JOINED);
    assert_int_equal(cell->style, STYLE_QUOTE);
    uint16_t number = cells_at(&cells, 0, 2)->whole;
    assert_string_equal(cells_whole(number)->text, flag);
    assert_int_equal(cells_at(&cells, 0, 3)->whole, CELL_REST);
    cells_text(&cells, 0, 4, 4, flag, strlen(flag), STYLE_TEXT);
    assert_int_equal(cells_at(&cells, 0, 4)->whole, number); /* kept once */
    cells_text(&cells, 0, 0, 8, "x", 1, STYLE_TEXT);
    assert_int_equal(cells_at(&cells, 0, 0)->whole, 0);
    /* no two terminals agree on a keycap: a mark says that there is more */
    cells_text(&cells, 0, 0, 8, "1\uFE0F\u20E3", 7, STYLE_TEXT);
    assert_int_equal(cells_at(&cells, 0, 0)->whole, 0);
    assert_int_equal(cells_at(&cells, 0, 0)->style, STYLE_MARK);
    cells_clear(&cells);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_grid_is_blank),
        cmocka_unit_test(text_is_drawn_and_cut_at_max_cols),
        cmocka_unit_test(text_never_shows_a_line_end_or_a_control),
        cmocka_unit_test(wide_text_takes_two_cells),
        cmocka_unit_test(a_wide_cell_that_does_not_fit_is_a_blank),
        cmocka_unit_test(overwriting_half_a_wide_cell_blanks_the_other),
        cmocka_unit_test(both_halves_of_a_wide_cell_have_its_style),
        cmocka_unit_test(the_clip_cuts_drawing),
        cmocka_unit_test(a_clip_through_a_wide_cell_leaves_no_half),
        cmocka_unit_test(drawing_outside_the_grid_is_harmless),
        cmocka_unit_test(an_empty_grid_takes_any_call),
        cmocka_unit_test(a_string_too_long_ends_in_an_ellipsis),
        cmocka_unit_test(a_right_aligned_string_ends_at_its_column),
        cmocka_unit_test(a_spacing_mark_takes_a_cell_of_its_own),
        cmocka_unit_test(fill_and_style_touch_their_area_only),
        cmocka_unit_test(marks_stay_in_the_cell_of_their_base),
        cmocka_unit_test(an_emoji_sequence_keeps_its_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
