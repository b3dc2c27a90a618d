/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/keys.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum edit_outcome press(struct editbuf *edit, const char *name)
{
    struct key key = {0};
    assert_true(key_parse(name, &key));
    return edit_key(edit, key);
}

static struct editbuf *with_text(const char *text)
{
    struct editbuf *edit = editbuf_new();
    editbuf_set(edit, text, strlen(text));
    editbuf_layout(edit, 40);
    return edit;
}

static void every_known_key_does_its_work(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *text;
        size_t cursor;
    } cases[] = {
        {"Left", "one two", 6},       {"Ctrl-B", "one two", 6},
        {"Ctrl-Left", "one two", 4},  {"Alt-b", "one two", 4},
        {"Home", "one two", 0},       {"Ctrl-A", "one two", 0},
        {"End", "one two", 7},        {"Ctrl-Home", "one two", 0},
        {"Backspace", "one tw", 6},   {"Ctrl-W", "one ", 4},
        {"Alt-Backspace", "one ", 4}, {"Ctrl-U", "", 0},
        {"x", "one twox", 8},         {"Space", "one two ", 8},
        {"é", "one twoé", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct editbuf *edit = with_text("one two");
        assert_int_not_equal(press(edit, cases[i].key), EDIT_UNKNOWN);
        assert_string_equal(editbuf_text(edit), cases[i].text);
        assert_int_equal(editbuf_cursor(edit), cases[i].cursor);
        editbuf_free(edit);
    }
}

static void deleting_forward_works_from_the_start(void **state)
{
    (void)state;
    static const char *const keys[][2] = {
        {"Delete", "ne two"}, {"Ctrl-D", "ne two"}, {"Alt-d", " two"}, {"Ctrl-K", ""}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct editbuf *edit = with_text("one two");
        press(edit, "Home");
        assert_int_equal(press(edit, keys[i][0]), EDIT_CHANGED);
        assert_string_equal(editbuf_text(edit), keys[i][1]);
        editbuf_free(edit);
    }
}

static void undo_and_redo_have_two_keys_each(void **state)
{
    (void)state;
    struct editbuf *edit = with_text("one two");
    press(edit, "Ctrl-U");
    assert_int_equal(press(edit, "Ctrl-Z"), EDIT_CHANGED);
    assert_string_equal(editbuf_text(edit), "one two");
    assert_int_equal(press(edit, "Alt-z"), EDIT_CHANGED);
    assert_string_equal(editbuf_text(edit), "");
    assert_int_equal(press(edit, "Ctrl-Y"), EDIT_CHANGED);
    assert_string_equal(editbuf_text(edit), "one two");
    editbuf_free(edit);
}

static void moving_at_the_end_is_nothing_not_unknown(void **state)
{
    (void)state;
    struct editbuf *edit = with_text("one");
    assert_int_equal(press(edit, "Right"), EDIT_NOTHING);
    assert_int_equal(press(edit, "Ctrl-Z"), EDIT_NOTHING);
    assert_int_equal(press(edit, "F5"), EDIT_UNKNOWN);
    assert_int_equal(press(edit, "Alt-x"), EDIT_UNKNOWN);
    assert_int_equal(press(edit, "Ctrl-G"), EDIT_UNKNOWN);
    assert_string_equal(editbuf_text(edit), "one");
    editbuf_free(edit);
}

static void shift_changes_no_move_and_a_control_is_no_letter(void **state)
{
    (void)state;
    struct editbuf *edit = with_text("ab");
    assert_int_equal(press(edit, "Shift-Left"), EDIT_MOVED);
    assert_int_equal(press(edit, "Shift-Ctrl-Left"), EDIT_MOVED);
    assert_int_equal(edit_key(edit, (struct key){.code = 0x7f}), EDIT_UNKNOWN);
    assert_int_equal(edit_key(edit, (struct key){.code = 0x1f}), EDIT_UNKNOWN);
    assert_string_equal(editbuf_text(edit), "ab");
    editbuf_free(edit);
}

static void a_paste_into_one_line_has_no_lines(void **state)
{
    (void)state;
    struct event event = {.kind = EVENT_PASTE, .text = "a\nb\n", .len = 4};
    struct editbuf *edit = with_text("");
    assert_int_equal(edit_paste(edit, &event, false), EDIT_CHANGED);
    assert_string_equal(editbuf_text(edit), "a b ");
    editbuf_set(edit, "", 0);
    edit_paste(edit, &event, true);
    assert_string_equal(editbuf_text(edit), "a\nb\n");
    event.is_cut = true;
    assert_int_equal(edit_paste(edit, &event, true), EDIT_FULL);
    editbuf_free(edit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_key_does_its_work),
        cmocka_unit_test(deleting_forward_works_from_the_start),
        cmocka_unit_test(undo_and_redo_have_two_keys_each),
        cmocka_unit_test(moving_at_the_end_is_nothing_not_unknown),
        cmocka_unit_test(shift_changes_no_move_and_a_control_is_no_letter),
        cmocka_unit_test(a_paste_into_one_line_has_no_lines),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
