/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/drawn.h"
#include "text/editbuf.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>
#include <uniwbrk.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "text/width.h"

#define FAMILY "👨\u200d👩\u200d👧"
#define FLAG "🇮🇹"
#define ACUTE "\u0301"

static void type(struct editbuf *edit, const char *text)
{
    for (const char *at = text; *at;) {
        int len = u8_strmblen((const uint8_t *)at);
        assert_true(editbuf_insert(edit, at, (size_t)len, false));
        at += len;
    }
}

static void paste(struct editbuf *edit, const char *text)
{
    assert_true(editbuf_insert(edit, text, strlen(text), true));
}

static struct editbuf *edit_of(const char *text)
{
    struct editbuf *edit = editbuf_new();
    editbuf_set(edit, text, strlen(text));
    return edit;
}

static void assert_state(const struct editbuf *edit, const char *before,
                         const char *after)
{
    char *whole = xasprintf("%s%s", before, after);
    assert_string_equal(editbuf_text(edit), whole);
    assert_int_equal(editbuf_cursor(edit), strlen(before));
    free(whole);
}

static void left_and_right_move_by_what_a_person_calls_a_character(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("ae" ACUTE "漢" FAMILY FLAG "z");
    static const size_t borders[] = {1, 4, 7, 25, 33, 34};
    size_t count = sizeof borders / sizeof borders[0];
    for (size_t i = count; i-- > 0;) {
        assert_int_equal(editbuf_cursor(edit), borders[i]);
        assert_true(editbuf_move(edit, EDITBUF_LEFT));
    }
    assert_false(editbuf_move(edit, EDITBUF_LEFT));
    for (size_t i = 0; i < count; i++) {
        assert_true(editbuf_move(edit, EDITBUF_RIGHT));
        assert_int_equal(editbuf_cursor(edit), borders[i]);
    }
    assert_false(editbuf_move(edit, EDITBUF_RIGHT));
    editbuf_free(edit);
}

static void backspace_takes_the_whole_character(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("ae" ACUTE FAMILY FLAG);
    assert_true(editbuf_delete(edit, EDITBUF_LEFT));
    assert_string_equal(editbuf_text(edit), "ae" ACUTE FAMILY);
    assert_true(editbuf_delete(edit, EDITBUF_LEFT));
    assert_true(editbuf_delete(edit, EDITBUF_LEFT));
    assert_string_equal(editbuf_text(edit), "a");
    assert_true(editbuf_delete(edit, EDITBUF_LEFT));
    assert_false(editbuf_delete(edit, EDITBUF_LEFT));
    editbuf_free(edit);
}

static void words_are_moved_over_and_deleted(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("Isn't it, 2.5 lonely?\n  Ça va");
    static const char *const starts[] = {"Isn't it, 2.5 lonely?\n  Ça ",
                                         "Isn't it, 2.5 lonely?\n  ",
                                         "Isn't it, 2.5 ",
                                         "Isn't it, ",
                                         "Isn't ",
                                         ""};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        assert_true(editbuf_move(edit, EDITBUF_WORD_LEFT));
        assert_int_equal(editbuf_cursor(edit), strlen(starts[i]));
    }
    assert_false(editbuf_move(edit, EDITBUF_WORD_LEFT));
    static const char *const ends[] = {"Isn't", "Isn't it", "Isn't it, 2.5",
                                       "Isn't it, 2.5 lonely"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        assert_true(editbuf_move(edit, EDITBUF_WORD_RIGHT));
        assert_int_equal(editbuf_cursor(edit), strlen(ends[i]));
    }
    assert_true(editbuf_delete(edit, EDITBUF_WORD_LEFT));
    assert_state(edit, "Isn't it, 2.5 ", "?\n  Ça va");
    assert_true(editbuf_delete(edit, EDITBUF_WORD_RIGHT));
    assert_state(edit, "Isn't it, 2.5 ", " va");
    editbuf_free(edit);
}

static void line_moves_stay_in_the_logical_line(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("first\nsecond line here\nthird");
    editbuf_layout(edit, 8);
    editbuf_move(edit, EDITBUF_TEXT_START);
    editbuf_move(edit, EDITBUF_LINE_END);
    assert_state(edit, "first", "\nsecond line here\nthird");
    editbuf_move(edit, EDITBUF_RIGHT);
    editbuf_move(edit, EDITBUF_LINE_END);
    assert_state(edit, "first\nsecond line here", "\nthird");
    editbuf_move(edit, EDITBUF_LINE_START);
    assert_state(edit, "first\n", "second line here\nthird");
    assert_false(editbuf_move(edit, EDITBUF_LINE_START));
    editbuf_free(edit);
}

static void up_and_down_keep_the_wanted_column(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("abcdef\nab\nabcdefgh");
    editbuf_layout(edit, 40);
    editbuf_move(edit, EDITBUF_LEFT);
    editbuf_move(edit, EDITBUF_LEFT); /* column 6 */
    assert_true(editbuf_move(edit, EDITBUF_UP));
    assert_state(edit, "abcdef\nab", "\nabcdefgh");
    assert_true(editbuf_move(edit, EDITBUF_UP));
    assert_state(edit, "abcdef", "\nab\nabcdefgh");
    assert_false(editbuf_move(edit, EDITBUF_UP));
    assert_true(editbuf_move(edit, EDITBUF_DOWN));
    assert_true(editbuf_move(edit, EDITBUF_DOWN));
    assert_state(edit, "abcdef\nab\nabcdef", "gh");
    assert_false(editbuf_move(edit, EDITBUF_DOWN));
    assert_true(editbuf_move(edit, EDITBUF_UP));
    editbuf_layout(edit, 39); /* other lines: it is the cursor's own then */
    assert_true(editbuf_move(edit, EDITBUF_UP));
    assert_state(edit, "ab", "cdef\nab\nabcdefgh");
    editbuf_free(edit);
}

static void up_lands_left_of_a_wide_character(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("漢字\nabc");
    editbuf_move(edit, EDITBUF_UP);
    assert_state(edit, "漢", "字\nabc");
    editbuf_free(edit);
}

static void a_wrapped_line_is_left_by_its_last_character(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("aaaa bb cccccc");
    editbuf_layout(edit, 9); /* "aaaa bb ", "cccccc" */
    assert_int_equal(editbuf_line_count(edit), 2);
    editbuf_move(edit, EDITBUF_TEXT_START);
    for (int i = 0; i < 7; i++)
        editbuf_move(edit, EDITBUF_RIGHT);
    size_t line;
    int col;
    editbuf_cursor_cell(edit, &line, &col);
    assert_int_equal(line, 0);
    assert_int_equal(col, 7);
    assert_true(editbuf_move(edit, EDITBUF_DOWN));
    assert_state(edit, "aaaa bb cccccc", "");
    assert_true(editbuf_move(edit, EDITBUF_UP));
    assert_state(edit, "aaaa bb", " cccccc");
    editbuf_free(edit);
}

static void typing_is_undone_word_by_word(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("");
    type(edit, "one two  three");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "one two  ", "");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "one ", "");
    assert_true(editbuf_redo(edit));
    assert_state(edit, "one two  ", "");
    type(edit, "x");
    assert_false(editbuf_redo(edit));
    assert_true(editbuf_undo(edit));
    assert_true(editbuf_undo(edit));
    assert_true(editbuf_undo(edit));
    assert_state(edit, "", "");
    assert_false(editbuf_undo(edit));
    editbuf_free(edit);
}

static void a_paste_is_one_step_even_between_typing(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("");
    type(edit, "ab");
    paste(edit, "one two three");
    type(edit, "cd");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "abone two three", "");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "ab", "");
    editbuf_free(edit);
}

static void a_move_ends_the_step(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("");
    type(edit, "ab");
    editbuf_move(edit, EDITBUF_LEFT);
    editbuf_move(edit, EDITBUF_RIGHT);
    type(edit, "cd");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "ab", "");
    editbuf_free(edit);
}

static void what_was_erased_comes_back_word_by_word(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("The quick brown fox");
    for (int i = 0; i < 13; i++)
        editbuf_delete(edit, EDITBUF_LEFT);
    assert_state(edit, "The qu", "");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "The quick", "");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "The quick brown", "");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "The quick brown fox", "");
    editbuf_move(edit, EDITBUF_TEXT_START);
    for (int i = 0; i < 12; i++)
        editbuf_delete(edit, EDITBUF_RIGHT);
    assert_state(edit, "", "own fox");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "", "brown fox");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "", "quick brown fox");
    editbuf_free(edit);
}

static void a_newline_at_the_end_begins_a_line(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("a\n");
    editbuf_layout(edit, 10);
    assert_int_equal(editbuf_line_count(edit), 2);
    type(edit, "b\n");
    editbuf_layout(edit, 10);
    assert_int_equal(editbuf_line_count(edit), 3);
    assert_true(editbuf_move(edit, EDITBUF_UP));
    assert_state(edit, "a\n", "b\n");
    editbuf_free(edit);
}

/* Japanese has no blanks, nor has an address. */
static void words_without_an_end_are_undone_in_pieces(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("");
    for (int i = 0; i < 43; i++)
        type(edit, "\xe3\x81\x82");
    assert_true(editbuf_undo(edit));
    assert_int_equal(editbuf_len(edit), 24 * 3);
    for (int i = 0; i < 24; i++)
        editbuf_delete(edit, EDITBUF_LEFT);
    assert_int_equal(editbuf_len(edit), 0);
    assert_true(editbuf_undo(edit));
    assert_int_equal(editbuf_len(edit), 24 * 3);
    editbuf_free(edit);
    edit = edit_of("http://a.b/123456789012345678");
    for (int i = 0; i < 29; i++)
        editbuf_delete(edit, EDITBUF_LEFT);
    assert_true(editbuf_undo(edit));
    assert_int_equal(editbuf_len(edit), 29 - 24);
    assert_true(editbuf_undo(edit));
    assert_int_equal(editbuf_len(edit), 29);
    editbuf_free(edit);
}

static void a_run_of_erasing_comes_back_at_once(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("lighthouse");
    for (int i = 0; i < 5; i++)
        editbuf_delete(edit, EDITBUF_LEFT);
    assert_state(edit, "light", "");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "lighthouse", "");
    editbuf_move(edit, EDITBUF_TEXT_START);
    for (int i = 0; i < 5; i++)
        editbuf_delete(edit, EDITBUF_RIGHT);
    assert_state(edit, "", "house");
    assert_true(editbuf_undo(edit));
    assert_state(edit, "", "lighthouse");
    editbuf_free(edit);
}

static void killed_text_can_be_put_back(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("one two\nthree");
    editbuf_move(edit, EDITBUF_UP);
    editbuf_move(edit, EDITBUF_WORD_LEFT);
    assert_state(edit, "one ", "two\nthree");
    assert_true(editbuf_delete_line(edit, 1));
    assert_state(edit, "one ", "\nthree");
    assert_true(editbuf_delete_line(edit, 1));
    assert_state(edit, "one ", "three");
    assert_true(editbuf_yank(edit));
    assert_state(edit, "one \n", "three");
    assert_true(editbuf_delete(edit, EDITBUF_WORD_RIGHT));
    assert_true(editbuf_yank(edit));
    assert_true(editbuf_yank(edit));
    assert_state(edit, "one \nthreethree", "");
    assert_true(editbuf_delete_line(edit, -1));
    assert_state(edit, "one \n", "");
    assert_false(editbuf_delete_line(edit, -1));
    assert_false(editbuf_delete_line(edit, 1));
    editbuf_free(edit);
}

static void what_comes_in_is_filtered(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("");
    static const char text[] = "a\x1b[31mb\r\nc\rd\te\x7f\0f\xc2\x9bg\xffh\u2028i";
    assert_true(editbuf_insert(edit, text, sizeof text - 1, true));
    assert_string_equal(editbuf_text(edit), "a[31mb\nc\nd\tefg\ufffdh\ni");
    assert_int_equal(editbuf_len(edit), strlen(editbuf_text(edit)));
    editbuf_free(edit);
}

static void a_mark_typed_after_its_letter_moves_the_cursor_behind_both(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("ex");
    editbuf_move(edit, EDITBUF_LEFT);
    type(edit, ACUTE);
    assert_state(edit, "e" ACUTE, "x");
    editbuf_free(edit);
    edit = edit_of("\n" ACUTE);
    editbuf_move(edit, EDITBUF_TEXT_START);
    type(edit, "e");
    assert_true(editbuf_delete(edit, EDITBUF_RIGHT)); /* the newline between */
    assert_state(edit, "e" ACUTE, "");
    editbuf_free(edit);
}

static void more_than_the_cap_is_refused_whole(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("x");
    char *large = xmalloc(EDITBUF_MAX + 1);
    memset(large, 'y', EDITBUF_MAX + 1);
    assert_false(editbuf_insert(edit, large, EDITBUF_MAX, true));
    assert_state(edit, "x", "");
    assert_false(editbuf_undo(edit));
    assert_true(editbuf_insert(edit, large, EDITBUF_MAX - 1, true));
    assert_int_equal(editbuf_len(edit), EDITBUF_MAX);
    assert_false(editbuf_insert(edit, "z", 1, false));
    assert_true(editbuf_delete(edit, EDITBUF_LEFT));
    assert_true(editbuf_insert(edit, "z", 1, false));
    editbuf_free(edit);
    free(large);
}

static void assert_drawn(struct editbuf *edit, struct cells *cells, struct rect area,
                         const char *picture)
{
    struct buf dump = {0};
    cells_erase(cells);
    editbuf_draw(edit, cells, area, STYLE_TEXT, true);
    cells_dump(cells, &dump);
    assert_string_equal(buf_text(&dump), picture);
    buf_clear(&dump);
}

static void lines_are_drawn_wrapped_with_the_cursor_in_place(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("Warm, a 漢字 e" ACUTE " bit\n\ttab");
    struct cells cells = {0};
    cells_resize(&cells, 5, 14);
    editbuf_layout(edit, 12);
    assert_drawn(edit, &cells, (struct rect){1, 1, 3, 12},
                 "|              |\n| Warm, a 漢   |\n| 字 e" ACUTE
                 " bit     |\n|         tab  |\n|              |\n");
    assert_int_equal(cells.cursor_row, 3);
    assert_int_equal(cells.cursor_col, 12);
    cells_clear(&cells);
    editbuf_free(edit);
}

static void drawing_scrolls_as_little_as_needed(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("1\n2\n3\n4\n5");
    struct cells cells = {0};
    struct rect area = {0, 0, 2, 3};
    cells_resize(&cells, 2, 3);
    assert_drawn(edit, &cells, area, "|4  |\n|5  |\n");
    editbuf_move(edit, EDITBUF_UP);
    assert_drawn(edit, &cells, area, "|4  |\n|5  |\n");
    editbuf_move(edit, EDITBUF_UP);
    assert_drawn(edit, &cells, area, "|3  |\n|4  |\n");
    assert_int_equal(cells.cursor_row, 0);
    editbuf_move(edit, EDITBUF_DOWN);
    assert_drawn(edit, &cells, area, "|3  |\n|4  |\n");
    editbuf_move(edit, EDITBUF_TEXT_END);
    editbuf_delete(edit, EDITBUF_UP);
    assert_drawn(edit, &cells, area, "|3  |\n|4  |\n");
    /* what has another row below it is left as it is there */
    cells_resize(&cells, 4, 3);
    editbuf_move(edit, EDITBUF_TEXT_START);
    assert_drawn(edit, &cells, (struct rect){1, 0, 2, 3}, "|   |\n|1  |\n|2  |\n|   |\n");
    cells_clear(&cells);
    editbuf_free(edit);
}

static void a_row_of_a_full_line_still_has_a_cell_for_the_cursor(void **state)
{
    (void)state;
    struct editbuf *edit = edit_of("");
    size_t line;
    int col;
    editbuf_layout(edit, 6);
    type(edit, "aaaaa");
    editbuf_cursor_cell(edit, &line, &col);
    assert_int_equal(line, 0);
    assert_int_equal(col, 5);
    type(edit, "   "); /* blanks hang over the edge, the cursor does not */
    editbuf_cursor_cell(edit, &line, &col);
    assert_int_equal(line, 0);
    assert_int_equal(col, 5);
    type(edit, "b");
    editbuf_cursor_cell(edit, &line, &col);
    assert_int_equal(line, 1);
    assert_int_equal(col, 1);
    editbuf_free(edit);
}

/* --- random scripts against a model that knows nothing of lines or caches --- */

struct random {
    uint64_t state;
};

static size_t pick(struct random *random, size_t count)
{
    random->state = random->state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(random->state >> 33) % count;
}

static const char *const pieces[] = {
    "a",      "b",      "word",      " ",      "  ",          "\n",     "\t",
    "漢",     "字",     ("e" ACUTE), ACUTE,    "\u200d",      "👩",      "👍🏽",
    FAMILY,   "🇮",      "🇹",         FLAG,     "\u1100",      "\u1161", "\u11a8",
    "한",     "क्षि",    "\u0903",    "\u200b", "\u00ad",      "مر",     "(",
    ")",      "「",     "。",        "ไทย",    "\u0600",      "-",      "don't",
    "1.5",    "_",      "\r\n",      "\r",     "\x1b[31m",    "\xff",   "\xe2\x82",
    "\u2028", "\u3000", "\u00a0",    "ß",      "longerword ", ",",      "http://a.b/c?d",
};

struct model {
    char *text;
    size_t len, cursor;
};

static char *borders_of(const struct model *model)
{
    char *breaks = xcalloc(model->len + 1, 1);
    u8_grapheme_breaks((const uint8_t *)model->text, model->len, breaks);
    breaks[0] = breaks[model->len] = 1;
    return breaks;
}

static size_t snapped(const struct model *model, size_t at)
{
    char *borders = borders_of(model);
    while (!borders[at])
        at++;
    free(borders);
    return at;
}

static bool has_alnum(const struct model *model, size_t from, size_t to)
{
    for (size_t at = from; at < to;) {
        ucs4_t cp;
        at += (size_t)u8_mbtouc(&cp, (const uint8_t *)model->text + at, to - at);
        if (uc_is_alnum(cp))
            return true;
    }
    return false;
}

static size_t model_word(const struct model *model, bool is_left)
{
    char *breaks = xcalloc(model->len + 1, 1);
    u8_wordbreaks((const uint8_t *)model->text, model->len, breaks);
    breaks[0] = breaks[model->len] = 1;
    size_t at = model->cursor;
    if (is_left) {
        while (at > 0 && !(breaks[at] && has_alnum(model, at, model->cursor)))
            at--;
    } else {
        while (at < model->len && !(breaks[at] && has_alnum(model, model->cursor, at)))
            at++;
    }
    free(breaks);
    return at;
}

static size_t model_target(const struct model *model, enum editbuf_move move)
{
    char *borders = borders_of(model);
    size_t at = model->cursor;
    if (move == EDITBUF_LEFT && at > 0) {
        do
            at--;
        while (!borders[at]);
    } else if (move == EDITBUF_RIGHT && at < model->len) {
        do
            at++;
        while (!borders[at]);
    } else if (move == EDITBUF_WORD_LEFT || move == EDITBUF_WORD_RIGHT) {
        at = model_word(model, move == EDITBUF_WORD_LEFT);
    } else if (move == EDITBUF_LINE_START) {
        while (at > 0 && model->text[at - 1] != '\n')
            at--;
    } else if (move == EDITBUF_LINE_END) {
        while (at < model->len && model->text[at] != '\n')
            at++;
    } else if (move == EDITBUF_TEXT_START) {
        at = 0;
    } else if (move == EDITBUF_TEXT_END) {
        at = model->len;
    }
    while (!borders[at]) /* words may start inside a grapheme */
        at += move == EDITBUF_WORD_LEFT ? (size_t)-1 : 1;
    free(borders);
    return at;
}

static void model_splice(struct model *model, size_t from, size_t to, const char *text)
{
    struct buf whole = {0};
    buf_add(&whole, model->text, from);
    buf_add_text(&whole, text);
    size_t cursor = whole.len;
    buf_add(&whole, model->text + to, model->len - to);
    free(model->text);
    model->len = whole.len;
    model->text = buf_take(&whole);
    model->cursor = snapped(model, cursor);
}

/* What the filter makes of a piece, got from a buffer of its own. */
static char *filtered(const char *piece)
{
    struct editbuf *edit = edit_of(piece);
    char *text = xstrdup(editbuf_text(edit));
    editbuf_free(edit);
    return text;
}

static void step_insert(struct editbuf *edit, struct model *model, struct random *random)
{
    const char *piece = pieces[pick(random, sizeof pieces / sizeof pieces[0])];
    bool is_paste = pick(random, 4) == 0;
    char *text = filtered(piece);
    assert_true(editbuf_insert(edit, piece, strlen(piece), is_paste));
    if (text[0])
        model_splice(model, model->cursor, model->cursor, text);
    free(text);
}

static void step_delete(struct editbuf *edit, struct model *model, enum editbuf_move move)
{
    size_t target = model_target(model, move);
    size_t from = target < model->cursor ? target : model->cursor;
    size_t to = target < model->cursor ? model->cursor : target;
    assert_int_equal(editbuf_delete(edit, move), from < to);
    if (from < to)
        model_splice(model, from, to, "");
}

static const enum editbuf_move moves[] = {
    EDITBUF_LEFT,       EDITBUF_RIGHT,    EDITBUF_WORD_LEFT,  EDITBUF_WORD_RIGHT,
    EDITBUF_LINE_START, EDITBUF_LINE_END, EDITBUF_TEXT_START, EDITBUF_TEXT_END};

static void take_over(const struct editbuf *edit, struct model *model)
{
    free(model->text);
    model->text = xstrdup(editbuf_text(edit));
    model->len = editbuf_len(edit);
    model->cursor = editbuf_cursor(edit);
}

static void step(struct editbuf *edit, struct model *model, struct random *random)
{
    size_t what = pick(random, 100);
    if (what < 50) {
        step_insert(edit, model, random);
    } else if (what < 70) {
        enum editbuf_move move = moves[pick(random, 8)];
        size_t target = model_target(model, move);
        assert_int_equal(editbuf_move(edit, move), target != model->cursor);
        model->cursor = target;
    } else if (what < 80) {
        editbuf_move(edit, what % 2 ? EDITBUF_UP : EDITBUF_DOWN);
        model->cursor = editbuf_cursor(edit); /* checked by its own cases */
    } else if (what < 92) {
        step_delete(edit, model, moves[pick(random, 4)]);
    } else if (what < 94) {
        editbuf_delete_line(edit, what % 2 ? 1 : -1);
        take_over(edit, model);
    } else if (what < 96) {
        editbuf_yank(edit);
        take_over(edit, model);
    } else if (what < 98) {
        editbuf_undo(edit);
        take_over(edit, model);
    } else {
        editbuf_layout(edit, 1 + (int)pick(random, 30));
    }
}

static void assert_at_border(const struct editbuf *edit)
{
    size_t len = editbuf_len(edit);
    char *breaks = xcalloc(len + 1, 1);
    u8_grapheme_breaks((const uint8_t *)editbuf_text(edit), len, breaks);
    breaks[0] = breaks[len] = 1;
    assert_true(breaks[editbuf_cursor(edit)]);
    free(breaks);
}

/* The lines follow each other without a hole and are what a fresh layout gives. */
static void assert_lines(const struct editbuf *edit, int columns)
{
    struct editbuf *fresh = editbuf_new();
    editbuf_layout(fresh, columns);
    editbuf_set(fresh, editbuf_text(edit), editbuf_len(edit));
    size_t expected = 0, count = editbuf_line_count(edit);
    assert_int_equal(count, editbuf_line_count(fresh));
    for (size_t line = 0; line < count; line++) {
        size_t start, end, other;
        editbuf_line_range(edit, line, &start, &end);
        assert_int_equal(start, expected);
        editbuf_line_range(fresh, line, &other, &expected);
        assert_int_equal(start, other);
        assert_int_equal(end, expected);
        const char *newline = memchr(editbuf_text(edit) + start, '\n', end - start);
        assert_true(!newline || newline == editbuf_text(edit) + end - 1);
    }
    assert_int_equal(expected, editbuf_len(edit));
    editbuf_free(fresh);
}

static void assert_cursor_inside(struct editbuf *edit, int columns)
{
    size_t line;
    int col;
    editbuf_cursor_cell(edit, &line, &col);
    assert_true(line < editbuf_line_count(edit));
    assert_true(col >= 0 && col < columns);
}

static void random_scripts_agree_with_the_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct random random = {seed};
        struct editbuf *edit = edit_of("");
        struct model model = {.text = xstrdup("")};
        int columns = 1 + (int)pick(&random, 20);
        editbuf_layout(edit, columns);
        for (int i = 0; i < 120; i++) {
            step(edit, &model, &random);
            assert_string_equal(editbuf_text(edit), model.text);
            assert_int_equal(editbuf_cursor(edit), model.cursor);
            assert_at_border(edit);
            if (i % 10 == 0)
                editbuf_layout(edit, columns);
        }
        free(model.text);
        editbuf_free(edit);
    }
}

static void random_scripts_keep_the_lines_as_a_fresh_layout_has_them(void **state)
{
    (void)state;
    struct cells cells = {0};
    cells_resize(&cells, 4, 30);
    for (uint64_t seed = 1000; seed < 1150; seed++) {
        struct random random = {seed};
        struct editbuf *edit = edit_of("");
        struct model model = {.text = xstrdup("")};
        int columns = 1 + (int)pick(&random, 24);
        for (int i = 0; i < 100; i++) {
            editbuf_layout(edit, columns);
            step(edit, &model, &random);
            editbuf_layout(edit, columns);
            assert_lines(edit, columns);
            assert_cursor_inside(edit, columns);
            editbuf_draw(edit, &cells, (struct rect){0, 0, 4, columns}, STYLE_TEXT, true);
            assert_true(cells.cursor_row >= 0);
        }
        free(model.text);
        editbuf_free(edit);
    }
    cells_clear(&cells);
}

static void undoing_everything_gives_the_start_and_redoing_the_end(void **state)
{
    (void)state;
    for (uint64_t seed = 5000; seed < 5100; seed++) {
        struct random random = {seed};
        struct editbuf *edit = edit_of("The start, 漢字.\nSecond.");
        struct model model = {.text = xstrdup("")};
        take_over(edit, &model);
        for (int i = 0; i < 100; i++)
            step(edit, &model, &random);
        while (editbuf_redo(edit))
            assert_at_border(edit);
        take_over(edit, &model);
        while (editbuf_undo(edit))
            assert_at_border(edit);
        assert_string_equal(editbuf_text(edit), "The start, 漢字.\nSecond.");
        while (editbuf_redo(edit))
            assert_at_border(edit);
        assert_string_equal(editbuf_text(edit), model.text);
        free(model.text);
        editbuf_free(edit);
    }
}

static void down_goes_to_the_next_line_and_never_right_of_the_wanted_column(void **state)
{
    (void)state;
    struct random random = {77};
    for (int round = 0; round < 200; round++) {
        struct editbuf *edit = edit_of("");
        editbuf_layout(edit, 2 + (int)pick(&random, 20));
        for (int i = 0; i < 40; i++) {
            const char *piece = pieces[pick(&random, sizeof pieces / sizeof pieces[0])];
            editbuf_insert(edit, piece, strlen(piece), true);
        }
        size_t line, next;
        int wanted, col;
        for (size_t i = pick(&random, 60); i > 0; i--)
            editbuf_move(edit, EDITBUF_LEFT);
        editbuf_cursor_cell(edit, &line, &wanted);
        while (editbuf_move(edit, EDITBUF_UP)) {
            editbuf_cursor_cell(edit, &next, &col);
            assert_int_equal(next, line - 1);
            assert_true(col <= wanted);
            line = next;
        }
        assert_int_equal(line, 0);
        editbuf_free(edit);
    }
}

/* Counted in work, not in time: typing in a large text must cost about what it costs
 * in a small one. The ratio is wide enough for a busy machine. */
static double seconds_for_keys(struct editbuf *edit, int keys)
{
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < keys; i++)
        editbuf_insert(edit, i % 6 ? "x" : " ", 1, false);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void typing_in_a_large_text_does_not_lay_out_the_whole(void **state)
{
    (void)state;
    static const char words[] = "many words of one paragraph without an end ";
    struct buf text = {0};
    while (text.len < EDITBUF_MAX - 4096)
        buf_add_text(&text, words);
    struct editbuf *edit = editbuf_new();
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    editbuf_set(edit, text.data, text.len);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    double whole =
        (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    for (int i = 0; i < 50; i++)
        editbuf_move(edit, EDITBUF_UP);
    double keys = seconds_for_keys(edit, 200) / 200;
    print_message("# whole layout %.1f ms, a key %.3f ms\n", whole * 1e3, keys * 1e3);
    assert_true(keys < whole / 4);
    editbuf_free(edit);
    buf_clear(&text);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_and_right_move_by_what_a_person_calls_a_character),
        cmocka_unit_test(backspace_takes_the_whole_character),
        cmocka_unit_test(words_are_moved_over_and_deleted),
        cmocka_unit_test(line_moves_stay_in_the_logical_line),
        cmocka_unit_test(up_and_down_keep_the_wanted_column),
        cmocka_unit_test(up_lands_left_of_a_wide_character),
        cmocka_unit_test(a_wrapped_line_is_left_by_its_last_character),
        cmocka_unit_test(typing_is_undone_word_by_word),
        cmocka_unit_test(a_paste_is_one_step_even_between_typing),
        cmocka_unit_test(a_move_ends_the_step),
        cmocka_unit_test(a_run_of_erasing_comes_back_at_once),
        cmocka_unit_test(what_was_erased_comes_back_word_by_word),
        cmocka_unit_test(a_newline_at_the_end_begins_a_line),
        cmocka_unit_test(words_without_an_end_are_undone_in_pieces),
        cmocka_unit_test(killed_text_can_be_put_back),
        cmocka_unit_test(what_comes_in_is_filtered),
        cmocka_unit_test(a_mark_typed_after_its_letter_moves_the_cursor_behind_both),
        cmocka_unit_test(more_than_the_cap_is_refused_whole),
        cmocka_unit_test(lines_are_drawn_wrapped_with_the_cursor_in_place),
        cmocka_unit_test(drawing_scrolls_as_little_as_needed),
        cmocka_unit_test(a_row_of_a_full_line_still_has_a_cell_for_the_cursor),
        cmocka_unit_test(random_scripts_agree_with_the_model),
        cmocka_unit_test(random_scripts_keep_the_lines_as_a_fresh_layout_has_them),
        cmocka_unit_test(undoing_everything_gives_the_start_and_redoing_the_end),
        cmocka_unit_test(down_goes_to_the_next_line_and_never_right_of_the_wanted_column),
        cmocka_unit_test(typing_in_a_large_text_does_not_lay_out_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
