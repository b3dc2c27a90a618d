/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "event/event.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_name(uint32_t code, unsigned mods, const char *name)
{
    struct key key = key_make(code, mods), back;
    char text[40];
    key_format(key, text, sizeof text);
    assert_string_equal(text, name);
    assert_true(key_parse(name, &back));
    assert_true(key_equal(key, back));
}

static void names_go_out_and_come_back(void **state)
{
    (void)state;
    assert_name('f', 0, "f");
    assert_name('F', 0, "F");
    assert_name('?', 0, "?");
    assert_name('-', 0, "-");
    assert_name('-', KEY_CTRL_BIT, "Ctrl--");
    assert_name(' ', 0, "Space");
    assert_name(' ', KEY_CTRL_BIT, "Ctrl-Space");
    assert_name('r', KEY_CTRL_BIT, "Ctrl-R");
    assert_name('x', KEY_ALT_BIT, "Alt-x");
    assert_name('X', KEY_ALT_BIT, "Alt-X");
    assert_name('k', KEY_ALT_BIT | KEY_CTRL_BIT, "Ctrl-Alt-K");
    assert_name(KEYCODE_ENTER, KEY_ALT_BIT, "Alt-Enter");
    assert_name(KEYCODE_ENTER, KEY_CTRL_BIT, "Ctrl-Enter");
    assert_name(KEYCODE_TAB, KEY_SHIFT_BIT, "Shift-Tab");
    assert_name(KEYCODE_LEFT, KEY_CTRL_BIT | KEY_SHIFT_BIT, "Ctrl-Shift-Left");
    assert_name(KEYCODE_F1 + 8, 0, "F9");
    assert_name(KEYCODE_F12, 0, "F12");
    assert_name(0xe9, 0, "é");
    assert_name(0x6f22, 0, "漢");
    assert_name(0x202e, 0, "U+202E");
    assert_name(0x301, 0, "U+0301");
}

static void every_named_key_has_a_name(void **state)
{
    (void)state;
    for (uint32_t code = KEYCODE_BASE + 1; code <= KEYCODE_F12; code++) {
        struct key key = {.code = code}, back;
        char text[40];
        key_format(key, text, sizeof text);
        assert_true(text[0] != 'U' || text[1] != '+');
        assert_true(key_parse(text, &back));
        assert_int_equal(back.code, code);
    }
}

static void names_are_read_in_other_spellings(void **state)
{
    (void)state;
    static const char *const spellings[][2] = {
        {"ctrl-r", "Ctrl-R"}, {"CTRL-r", "Ctrl-R"},    {"alt-ctrl-k", "Ctrl-Alt-K"},
        {"escape", "Esc"},    {"pgdn", "PageDown"},    {"Return", "Enter"},
        {"space", "Space"},   {"Ctrl-I", "Tab"},       {"Ctrl-m", "Enter"},
        {"Ctrl-[", "Esc"},    {"Ctrl-H", "Backspace"}, {"U+0041", "A"},
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        struct key key;
        char text[40];
        assert_true(key_parse(spellings[i][0], &key));
        key_format(key, text, sizeof text);
        assert_string_equal(text, spellings[i][1]);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",     "ff",   "Ctrl-",    "Ctrl-Ctrl-a", "F13",     "F0",       "Hyper-x",
        "\x01", "\x7f", "\xc2\x9b", "\xff",        "Shift-a", "U+D800",   "U+1F",
        "U+",   " ",    "a ",       "\xc3",        "U+001B",  "U+110000", "U+0085"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct key key = {.code = 7};
        if (key_parse(names[i], &key))
            fail_msg("%s was taken for a key", names[i]);
    }
}

static void a_small_buffer_is_never_passed(void **state)
{
    (void)state;
    char text[8];
    memset(text, 'z', sizeof text);
    key_format(key_make(KEYCODE_PAGE_DOWN, KEY_CTRL_BIT), text, 5);
    assert_string_equal(text, "Ctrl");
    assert_int_equal(text[5], 'z');
}

static void shift_stays_only_where_terminals_tell_it(void **state)
{
    (void)state;
    assert_int_equal(key_make('a', KEY_SHIFT_BIT).code, 'A');
    assert_int_equal(key_make('a', KEY_SHIFT_BIT).mods, 0);
    assert_int_equal(key_make(KEYCODE_BACKSPACE, KEY_SHIFT_BIT).mods, 0);
    assert_int_equal(key_make(KEYCODE_UP, KEY_SHIFT_BIT).mods, KEY_SHIFT_BIT);
    assert_int_equal(key_make('A', KEY_SHIFT_BIT | KEY_CTRL_BIT).mods, KEY_CTRL_BIT);
    assert_int_equal(key_make('A', KEY_CTRL_BIT).code, 'a');
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_out_and_come_back),
        cmocka_unit_test(every_named_key_has_a_name),
        cmocka_unit_test(names_are_read_in_other_spellings),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(a_small_buffer_is_never_passed),
        cmocka_unit_test(shift_stays_only_where_terminals_tell_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
