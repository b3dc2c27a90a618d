/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/sanitise.h"
#include "text/outside.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include <cmocka.h>
#include <unictype.h>
#include <unistr.h>

#include "base/xalloc.h"
#include "tests/support/hostile.h"
#include "text/cells.h"

/* Each cluster of text between bars: "|a|b|", newline as \n, tab as \t. */
static char *split(const char *text, size_t len)
{
    struct buf out = {0};
    struct cluster cluster;
    buf_add_byte(&out, '|');
    for (size_t at = 0; at < len; at += cluster.bytes) {
        char bytes[CLUSTER_BYTES];
        sanitise_next(text, len, at, &cluster);
        if (cluster.kind == CLUSTER_HIDDEN)
            continue;
        if (cluster.kind == CLUSTER_NEWLINE)
            buf_add_text(&out, "\\n");
        else if (cluster.kind == CLUSTER_TAB)
            buf_add_text(&out, "\\t");
        else
            buf_add(&out, bytes, sanitise_encode(&cluster, bytes));
        buf_add_byte(&out, '|');
    }
    return buf_take(&out);
}

#define assert_split(text, expected)                                                     \
    do {                                                                                 \
        char *got = split(text, sizeof(text) - 1);                                       \
        assert_string_equal(got, expected);                                              \
        free(got);                                                                       \
    } while (0)

static void plain_text_comes_through_as_it_is(void **state)
{
    (void)state;
    assert_split("ab c", "|a|b| |c|");
    assert_split("é漢字か한글", "|é|漢|字|か|한|글|");
    assert_split("e\u0301x", "|e\u0301|x|");
    assert_split("", "|");
}

static void newlines_and_tabs_have_kinds(void **state)
{
    (void)state;
    assert_split("a\nb\r\nc\rd\u2028e\u2029f\tg",
                 "|a|\\n|b|\\n|c|\\n|d|\\n|e|\\n|f|\\t|g|");
    struct cluster cluster; /* what follows the text is none of it */
    sanitise_next("a\r\n", 2, 1, &cluster);
    assert_int_equal(cluster.bytes, 1);
    sanitise_next("a\r\n", 3, 1, &cluster);
    assert_int_equal(cluster.bytes, 2);
}

static void controls_become_a_visible_mark(void **state)
{
    (void)state;
    assert_split("a\033[1m", "|a|\uFFFD|[|1|m|");
    assert_split("\0\a\177", "|\uFFFD|\uFFFD|\uFFFD|");
    assert_split("\xC2\x9B\xC2\x85", "|\uFFFD|\uFFFD|");
}

static void bad_bytes_become_a_mark_each(void **state)
{
    (void)state;
    assert_split("a\xFF\xFE"
                 "b",
                 "|a|\uFFFD|\uFFFD|b|");
    assert_split("\xC0\xAF", "|\uFFFD|\uFFFD|");
    assert_split("\xED\xA0\x80", "|\uFFFD|\uFFFD|\uFFFD|");
    assert_split("\xE2\x82", "|\uFFFD|\uFFFD|");
    assert_split("\xE2\x82z", "|\uFFFD|\uFFFD|z|");
    assert_split("\uFFFD", "|\uFFFD|");
}

static void invisible_tricks_are_dropped(void **state)
{
    (void)state;
    assert_split("a\u202Eb\u2066c\u200Bd\uFEFFe\u00ADf\U000E0041g", "|a|b|c|d|e|f|g|");
    assert_split("x\uFE0Fy\u034Fz", "|x|y|z|");
    assert_split("\u115F\u1160\u3164\uFFA0", "| | | | |");
}

static void emoji_sequences_show_their_first_emoji(void **state)
{
    (void)state;
    assert_split("\U0001F468\u200D\U0001F469\u200D\U0001F467!", "|\U0001F468|!|");
    assert_split("\U0001F44D\U0001F3FD!", "|\U0001F44D|!|");
    assert_split("\u2764\uFE0F\u200D\U0001F525.", "|\u2764|.|");
    assert_split("1\uFE0F\u20E3"
                 "2\u20E3",
                 "|1|2|");
    assert_split("a\u200D\U0001F525", "|a|\U0001F525|");
    assert_split("\U0001F3FD", "|\u25A0|");
    assert_split("a\U0001F3FD", "|a|\u25A0|");
    assert_split("\U0001F44D\u200B\U0001F3FD", "|\U0001F44D|\u25A0|");
    assert_split("\u00A9\uFE0F\u200D\U0001F525", "|\u00A9|");
}

static void flags_become_two_letters(void **state)
{
    (void)state;
    struct cluster cluster;
    assert_split("\U0001F1EE\U0001F1F9\U0001F1EA\U0001F1F8", "|IT|ES|");
    assert_split("\U0001F1EE\U0001F1F9\U0001F1EA", "|IT|E|");
    assert_split("\U0001F1EEx", "|I|x|");
    sanitise_next("\U0001F1EE\U0001F1F9", 8, 0, &cluster);
    assert_int_equal(cluster.width, 2);
    assert_int_equal(cluster.bytes, 8);
}

static unsigned lacks_of(const char *text)
{
    struct cluster cluster;
    sanitise_next(text, strlen(text), 0, &cluster);
    assert_int_equal(cluster.bytes, strlen(text));
    return cluster.lacks;
}

static void a_sequence_says_that_it_is_not_all_shown(void **state)
{
    (void)state;
    assert_int_equal(lacks_of("\U0001F468\u200D\U0001F469\u200D\U0001F467"),
                     SEQUENCE_JOINED);
    assert_int_equal(lacks_of("\U0001F44D\U0001F3FD"), SEQUENCE_TONE);
    assert_int_equal(lacks_of("\U0001F468\U0001F3FD\u200D\U0001F680"),
                     SEQUENCE_TONE | SEQUENCE_JOINED);
    assert_int_equal(lacks_of("\U0001F1EE\U0001F1F9"), SEQUENCE_FLAG);
    assert_int_equal(lacks_of("\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E007F"),
                     SEQUENCE_TONE);
    assert_int_equal(lacks_of("1\uFE0F\u20E3"), SEQUENCE_KEYCAP);
    assert_int_equal(lacks_of("\u2764\uFE0F"), 0); /* how, not what */
    assert_int_equal(lacks_of("\U0001F600"), 0);
    assert_int_equal(lacks_of("e\u0301"), 0);
    assert_int_equal(lacks_of("\U0001F1EE"), 0);
    assert_int_equal(lacks_of("a"), 0);
}

static void what_a_screen_does_not_show_is_listed(void **state)
{
    (void)state;
    struct buf out = {0};
    static const char text[] =
        "\U0001F44D\U0001F3FD and e\u0301 \U0001F44D\U0001F3FD a\u202Eb"
        " \U0001F44D\U0001F3FE \U0001F1EE\U0001F1F9";
    buf_add_text(&out, "before: U+202E\n");
    sanitise_list(text, sizeof text - 1, &out);
    assert_string_equal(buf_text(&out), "before: U+202E\n"
                                        "U+1F44D U+1F3FD\nU+202E\nU+1F44D U+1F3FE\n"
                                        "U+1F1EE U+1F1F9\n");
    buf_reset(&out);
    sanitise_list("plain", 5, &out);
    assert_string_equal(buf_text(&out), "");
    char many[200];
    for (int i = 0; i < 50; i++) {
        uint32_t cp = i < 25 ? 0xE0041U + (uint32_t)i : 0xE0041U;
        u8_uctomb((uint8_t *)many + i * 4, cp, 4);
    }
    sanitise_list(many, sizeof many, &out);
    int lines = 0;
    for (size_t i = 0; i < out.len; i++)
        lines += out.data[i] == '\n';
    assert_int_equal(lines, 20);
    buf_clear(&out);
}

static void a_mark_without_a_base_gets_one(void **state)
{
    (void)state;
    assert_split("\u0301a", "|\u25CC\u0301|a|");
    assert_split("a\n\u0301", "|a|\\n|\u25CC\u0301|");
    assert_split("\033\u0301", "|\uFFFD|\u25CC\u0301|");
    assert_split(" \u0301", "| \u0301|");
    assert_split("\u093F", "|\u25CC\u093F|");
}

static void hangul_letters_join_to_syllables(void **state)
{
    (void)state;
    assert_split("\u1112\u1161\u11AB\u1100", "|\u1112\u1161\u11AB|\u1100|");
    assert_split("x\u1161", "|x|\u25CC\u1161|");
}

static void spacing_marks_count_their_width(void **state)
{
    (void)state;
    struct cluster cluster;
    assert_split("\u0915\u093F\u0916", "|\u0915\u093F|\u0916|");
    sanitise_next("\u0915\u093F", 6, 0, &cluster);
    assert_int_equal(cluster.width, 2);
}

static void what_has_no_width_becomes_a_mark(void **state)
{
    (void)state;
    assert_split("\uE000\U0010FFFD\u0378\uFDD0", "|\uFFFD|\uFFFD|\uFFFD|\uFFFD|");
}

static void a_cluster_keeps_at_most_four_marks(void **state)
{
    (void)state;
    struct cluster cluster;
    size_t len = 1 + 2 * (size_t)HOSTILE_MARKS;
    char *text = xmalloc(len);
    text[0] = 'a';
    for (size_t i = 1; i < len; i += 2)
        memcpy(text + i, "\u0301", 2);
    sanitise_next(text, len, 0, &cluster);
    assert_int_equal(cluster.bytes, len);
    assert_int_equal(cluster.count, CLUSTER_MAX);
    assert_int_equal(cluster.width, 1);
    free(text);
}

static void a_cluster_ends_in_the_end(void **state)
{
    (void)state;
    struct cluster cluster;
    size_t len = 1 + 2 * 1024 * 1024;
    char *text = xmalloc(len);
    text[0] = 'a';
    for (size_t i = 1; i < len; i += 2)
        memcpy(text + i, "\u0301", 2);
    sanitise_next(text, len, 0, &cluster);
    assert_true(cluster.bytes >= 2 * HOSTILE_MARKS && cluster.bytes <= 1024 * 1024);
    free(text);
}

static bool is_safe_lead(uint32_t cp)
{
    return cp >= 0x20 && !(cp >= 0x7F && cp <= 0x9F) && wcwidth((wchar_t)cp) > 0 &&
           !uc_is_general_category_withtable(
               cp, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Cn) &&
           !uc_is_property_bidi_control(cp) && cp != 0xAD;
}

static bool is_safe_mark(uint32_t cp)
{
    bool is_jamo = (cp >= 0x1161 && cp <= 0x11FF) || (cp >= 0xD7B0 && cp <= 0xD7FF);
    bool is_hidden = cp == 0x34F || (cp >= 0xFE00 && cp <= 0xFE0F) || cp >= 0xE0000 ||
                     (cp >= 0x180B && cp <= 0x180F) || cp == 0x20E3;
    return wcwidth((wchar_t)cp) == 0 && !is_hidden &&
           (is_jamo || uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_M));
}

static void assert_cells_are_safe(const struct cells *cells, const char *name)
{
    for (int i = 0; i < cells->rows * cells->cols; i++) {
        const struct cell *cell = &cells->cell[i];
        if (cell->width == 0)
            continue;
        bool is_safe =
            is_safe_lead(cell->cp[0]) && wcwidth((wchar_t)cell->cp[0]) == cell->width;
        for (size_t k = 1; k < CLUSTER_MAX && cell->cp[k]; k++)
            is_safe = is_safe && is_safe_mark(cell->cp[k]);
        if (!is_safe)
            fail_msg("%s: cell %d holds U+%04X U+%04X", name, i, cell->cp[0],
                     cell->cp[1]);
    }
}

static void no_hostile_text_reaches_a_cell(void **state)
{
    (void)state;
    struct cells cells = {0};
    cells_resize(&cells, 1, 400);
    for (size_t i = 0; i < hostile_count(); i++) {
        const char *name;
        size_t len;
        const char *text = hostile_item(i, &name, &len);
        cells_erase(&cells);
        cells_text(&cells, 0, 0, 400, text, len, STYLE_TEXT);
        assert_cells_are_safe(&cells, name);
    }
    cells_clear(&cells);
}

static void every_code_point_gives_safe_cells(void **state)
{
    (void)state;
    struct cells cells = {0};
    cells_resize(&cells, 1, 12);
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char text[24] = "a";
        uint8_t one[4];
        int bytes = u8_uctomb(one, cp, sizeof one);
        if (bytes < 0)
            continue;
        size_t count = (size_t)bytes;
        memcpy(text + 1, one, count); /* after a letter, after an emoji, alone */
        memcpy(text + 1 + count, "\U0001F600", 4);
        memcpy(text + 5 + count, one, count);
        memcpy(text + 5 + 2 * count, " \n", 2);
        memcpy(text + 7 + 2 * count, one, count);
        cells_erase(&cells);
        cells_text(&cells, 0, 0, 12, text, 7 + 3 * count, STYLE_TEXT);
        assert_cells_are_safe(&cells, "code point");
    }
    cells_clear(&cells);
}

static void clusters_cover_every_byte_of_hostile_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < hostile_count(); i++) {
        struct cluster cluster;
        const char *name;
        size_t len;
        size_t at = 0;
        const char *text = hostile_item(i, &name, &len);
        while (at < len) {
            sanitise_next(text, len, at, &cluster);
            assert_true(cluster.bytes >= 1 && cluster.bytes <= len - at);
            assert_true(cluster.count <= CLUSTER_MAX);
            at += cluster.bytes;
        }
        assert_int_equal(at, len);
    }
}

/* The largest items take about as long a byte as plain ones, not their square. */
static void huge_text_takes_linear_time(void **state)
{
    (void)state;
    clock_t start = clock();
    clusters_cover_every_byte_of_hostile_text(state);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_true(seconds < 60);
}

static void a_line_for_a_sentence_is_cut_with_an_ellipsis(void **state)
{
    (void)state;
    char out[12];
    assert_string_equal(sanitise_line("short", 5, out, sizeof out), "short");
    assert_string_equal(sanitise_line("a\nb\tc\033[m", 8, out, sizeof out),
                        "a b c\uFFFD[m");
    assert_string_equal(sanitise_line("hello world", 11, out, sizeof out), "hello world");
    assert_string_equal(sanitise_line("hello worlds", 12, out, sizeof out), "hello…");
    char line[40]; /* a word that is long may be cut */
    assert_string_equal(sanitise_line("see https://example.org/a/b/c/d/e/f/g/h/i/j", 43,
                                      line, sizeof line),
                        "see https://example.org/a/b/c/d/e/f/…");
    assert_string_equal(sanitise_line("Rate limit reached for requests, try again later",
                                      48, line, sizeof line),
                        "Rate limit reached for requests,…");
    assert_string_equal(sanitise_line("漢字漢字漢字", 18, out, sizeof out), "漢字…");
    assert_string_equal(sanitise_line("abc", 3, out, 3), "");
    assert_string_equal(sanitise_line("abcd", 4, out, 4), "…");
    out[0] = 'x';
    sanitise_line("abc", 3, out, 0);
    assert_int_equal(out[0], 'x');
}

static void a_copy_keeps_its_lines(void **state)
{
    (void)state;
    char *copy = sanitise_copy("a\r\nb\tc\u202E\xFF", 10);
    assert_string_equal(copy, "a\nb c\uFFFD");
    free(copy);
    static const char family[] = "\U0001F469\u200D\U0001F467\u200D!\U0001F1EE\U0001F1F9";
    copy = sanitise_copy(family, sizeof family - 1);
    assert_string_equal(copy, family);
    free(copy);
    char line[30], endless[200] = "\U0001F44D";
    assert_string_equal(sanitise_line(family, sizeof family - 1, line, sizeof line),
                        family);
    for (size_t i = 4; i + 4 < sizeof endless; i += 4)
        memcpy(endless + i, "\U0001F3FD", 4); /* tone upon tone is no emoji */
    copy = sanitise_copy(endless, strlen(endless));
    assert_string_equal(copy, "\U0001F44D");
    free(copy);
    copy = sanitise_copy("", 0);
    assert_string_equal(copy, "");
    free(copy);
}

static void safe_text_stays_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < hostile_count(); i++) {
        const char *name;
        size_t len;
        const char *text = hostile_item(i, &name, &len);
        char *once = sanitise_copy(text, len);
        char *twice = sanitise_copy(once, strlen(once));
        if (strcmp(once, twice) != 0)
            fail_msg("%s: changed again", name);
        free(once);
        free(twice);
    }
}

static void utf8_repair_changes_bad_bytes_only(void **state)
{
    (void)state;
    size_t len;
    char *text = sanitise_utf8("a\0\033\u202E\xFFz\xE2\x82", 10, &len);
    static const char expected[] = "a\0\033\u202E\uFFFDz\uFFFD\uFFFD";
    assert_int_equal(len, sizeof expected - 1);
    assert_memory_equal(text, expected, sizeof expected);
    free(text);
    text = sanitise_utf8("", 0, NULL);
    assert_string_equal(text, "");
    free(text);
}

static void text_from_outside_is_made_alike(void **state)
{
    static const struct {
        const char *text, *becomes;
    } samples[] = {
        {"", ""},
        {"plain\nlines\n", "plain\nlines\n"},
        {"\xEF\xBB\xBFmarked", "marked"},
        {"\xEF\xBB\xBF", ""},
        {"a\xEF\xBB\xBF"
         "b",
         "a\xEF\xBB\xBF"
         "b"}, /* a mark in the middle is text */
        {"one\r\ntwo\r\n", "one\ntwo\n"},
        {"\r\n\r\n", "\n\n"},
        {"last\r", "last"},
        {"50 %\r100 %\n", "50 %\r100 %\n"}, /* not at an end: text */
        {"\xC3\xA4\r\n", "\xC3\xA4\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct buf text = {0};
        struct err err = {0};
        buf_add_text(&text, samples[i].text);
        assert_int_equal(outside_text(&text, "x", &err), STATUS_OK);
        assert_string_equal(buf_text(&text), samples[i].becomes);
        assert_int_equal(text.len, strlen(samples[i].becomes));
        buf_clear(&text);
    }
}

static void text_from_outside_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        const char *starts;
    } samples[] = {
        {"ab\xFF", 3, "f?le:1:3: this is not UTF-8"},
        {"ok\r\n\n\xC3\xA4 \xE4 end", 11, "f?le:3:4: this is not UTF-8"},
        {"cut \xE2\x82", 6, "f?le:1:5: this is not UTF-8"},
        {"x\ny\0z", 5, "f?le:2:2: there is a NUL byte"},
        {"\xFF\xFEh\0i\0", 6, "f?le:1:1: this is UTF-16"},
        {"\xFE\xFF\0h", 4, "f?le:1:1: this is UTF-16"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct buf text = {0};
        struct err err = {0};
        buf_add(&text, samples[i].text, samples[i].len);
        assert_int_equal(outside_text(&text,
                                      "f\x1b"
                                      "le",
                                      &err),
                         STATUS_USAGE);
        char *mark = strstr(err.text, "\xEF\xBF\xBD"); /* the name was made safe */
        assert_non_null(mark);
        *mark = '?';
        memmove(mark + 1, mark + 3, strlen(mark + 3) + 1);
        assert_memory_equal(err.text, samples[i].starts, strlen(samples[i].starts));
        assert_int_equal(text.len, samples[i].len);
        buf_clear(&text);
    }
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_comes_through_as_it_is),
        cmocka_unit_test(newlines_and_tabs_have_kinds),
        cmocka_unit_test(controls_become_a_visible_mark),
        cmocka_unit_test(bad_bytes_become_a_mark_each),
        cmocka_unit_test(invisible_tricks_are_dropped),
        cmocka_unit_test(emoji_sequences_show_their_first_emoji),
        cmocka_unit_test(flags_become_two_letters),
        cmocka_unit_test(a_sequence_says_that_it_is_not_all_shown),
        cmocka_unit_test(what_a_screen_does_not_show_is_listed),
        cmocka_unit_test(a_mark_without_a_base_gets_one),
        cmocka_unit_test(hangul_letters_join_to_syllables),
        cmocka_unit_test(spacing_marks_count_their_width),
        cmocka_unit_test(what_has_no_width_becomes_a_mark),
        cmocka_unit_test(a_cluster_keeps_at_most_four_marks),
        cmocka_unit_test(a_cluster_ends_in_the_end),
        cmocka_unit_test(no_hostile_text_reaches_a_cell),
        cmocka_unit_test(every_code_point_gives_safe_cells),
        cmocka_unit_test(huge_text_takes_linear_time),
        cmocka_unit_test(a_line_for_a_sentence_is_cut_with_an_ellipsis),
        cmocka_unit_test(a_copy_keeps_its_lines),
        cmocka_unit_test(safe_text_stays_as_it_is),
        cmocka_unit_test(utf8_repair_changes_bad_bytes_only),
        cmocka_unit_test(text_from_outside_is_made_alike),
        cmocka_unit_test(text_from_outside_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
