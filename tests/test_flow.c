/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/flow.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/drawn.h"
#include "tests/support/hostile.h"
#include "text/match.h"

typedef void (*set_fn)(struct flow *flow, const char *text, size_t len, int columns);

static void assert_raw(const char *text, int columns, const char *expected)
{
    struct flow *flow = flow_new();
    flow_set_raw(flow, text, strlen(text), columns);
    char *got = drawn_text(flow, columns);
    assert_string_equal(got, expected);
    free(got);
    flow_free(flow);
}

static double seconds_since(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static char *repeated(const char *piece, size_t size)
{
    size_t step = strlen(piece);
    char *text = xmalloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = piece[i % step];
    text[size] = '\0';
    return text;
}

static void flow_keeps_words_whole(void **state)
{
    (void)state;
    assert_raw("the quick brown fox", 10, "|the quick |\n|brown fox |\n");
    assert_raw("the quick brown fox", 9, "|the quick|\n|brown fox|\n");
    assert_raw("well-known facts", 7, "|well-  |\n|known  |\n|facts  |\n");
}

static void flow_cuts_words_longer_than_a_line(void **state)
{
    (void)state;
    assert_raw("a abcdefghij b", 4, "|a   |\n|abcd|\n|efgh|\n|ij b|\n");
}

static void flow_keeps_the_lines_of_the_text(void **state)
{
    (void)state;
    assert_raw("", 3, "");
    assert_raw("a\n\nb", 3, "|a  |\n|   |\n|b  |\n");
    assert_raw("a\n", 3, "|a  |\n");
    assert_raw("a\r\nb\rc\u2028d", 3, "|a  |\n|b  |\n|c  |\n|d  |\n");
    assert_raw("abc\nd", 3, "|abc|\n|d  |\n");
    assert_raw("  a\n b", 3, "|  a|\n| b |\n");
}

static void blanks_at_the_edge_make_no_line(void **state)
{
    (void)state;
    assert_raw("abc    \nd", 3, "|abc|\n|d  |\n");
    assert_raw("abc     d", 3, "|abc|\n|d  |\n");
}

static void tabs_go_to_the_next_stop(void **state)
{
    (void)state;
    assert_raw("a\tb", 12, "|a       b   |\n");
    assert_raw("12345678\tb", 18, "|12345678        b |\n");
}

static void chinese_and_japanese_break_between_characters(void **state)
{
    (void)state;
    assert_raw("漢字漢字", 5, "|漢字 |\n|漢字 |\n");
    /* kinsoku: no line starts with a full stop, none ends in an opening bracket */
    assert_raw("漢字。", 4, "|漢  |\n|字。|\n");
    assert_raw("漢「字」", 6, "|漢    |\n|「字」|\n");
}

static void what_is_not_printable_is_marked(void **state)
{
    (void)state;
    struct flow *flow = flow_new();
    flow_set_raw(flow, "a\033b", 3, 5);
    char *styles = drawn_styles(flow, 5);
    assert_string_equal(styles, "|.x...|\n");
    free(styles);
    flow_free(flow);
}

static void drawing_starts_at_the_line_asked_for(void **state)
{
    (void)state;
    struct cells cells = {0};
    struct buf out = {0};
    struct flow *flow = flow_new();
    flow_set_raw(flow, "one\ntwo\nthree\nfour", 18, 8);
    cells_resize(&cells, 4, 8);
    flow_draw(flow, &cells, (struct rect){1, 2, 2, 4}, 2);
    cells_dump(&cells, &out);
    assert_string_equal(buf_text(&out),
                        "|        |\n|  thre  |\n|  four  |\n|        |\n");
    flow_draw(flow, &cells, (struct rect){0, 0, 4, 8}, 99);
    buf_clear(&out);
    cells_clear(&cells);
    flow_free(flow);
}

/* The code points that raw text must show at this width, blanks left out. */
static char *expected_ink(const char *text, size_t len, int columns)
{
    struct buf out = {0};
    struct cluster cluster;
    for (size_t at = 0; at < len; at += cluster.bytes) {
        sanitise_next(text, len, at, &cluster);
        char bytes[CLUSTER_BYTES];
        size_t blank = cluster.cp[0] == ' ' ? 1 : 0;
        size_t count = sanitise_encode(&cluster, bytes);
        if (cluster.kind == CLUSTER_TEXT && cluster.width <= columns)
            buf_add(&out, bytes + blank, count - blank);
    }
    return buf_take(&out);
}

static void assert_all_ink(const char *name, const char *text, size_t len)
{
    struct flow *flow = flow_new();
    for (int columns = 1; columns <= 200; columns++) {
        flow_set_raw(flow, text, len, columns);
        char *got = drawn_ink(flow, columns);
        char *expected = expected_ink(text, len, columns);
        if (strcmp(got, expected) != 0)
            fail_msg("%s at %d columns", name, columns);
        free(got);
        free(expected);
    }
    flow_free(flow);
}

static void every_character_is_shown_once_at_any_width(void **state)
{
    (void)state;
    static const char text[] =
        "Every evening the keeper lit the lamp, not for the ships, but for himself.\n"
        "\t\"Isn't it lonely?\" asked the gull (a very-very-long-hyphenated-word).\n\n"
        "漢字かな交じり文、句読点。「括弧」も。 한국어 텍스트 e\u0301a\u0308 "
        "\U0001F468\u200D"
        "\U0001F469 \U0001F1EE\U0001F1F9 \u0915\u094D\u0937\u093F "
        "https://example.com/a/b?c=d\n";
    assert_all_ink("plain text", text, sizeof text - 1);
    for (size_t i = 0; i < hostile_count(); i++) {
        const char *name;
        size_t len;
        const char *bytes = hostile_item(i, &name, &len);
        if (len <= HOSTILE_SMALL)
            assert_all_ink(name, bytes, len);
    }
}

/* A text given piece by piece looks as if it had been given at once. */
static void assert_growth(const char *name, const char *text, size_t len, int columns,
                          set_fn set)
{
    struct flow *grown = flow_new();
    for (size_t cut = 0; cut <= len; cut++) {
        struct flow *fresh = flow_new();
        set(fresh, text, cut, columns);
        set(grown, text, cut, columns);
        char *expected = drawn_styles(fresh, columns);
        char *got = drawn_styles(grown, columns);
        char *expected_text = drawn_text(fresh, columns);
        char *got_text = drawn_text(grown, columns);
        if (strcmp(got, expected) != 0 || strcmp(got_text, expected_text) != 0)
            fail_msg("%s cut at %zu:\n%s\n%s", name, cut, got_text, expected_text);
        free(got);
        free(expected);
        free(got_text);
        free(expected_text);
        flow_free(fresh);
    }
    flow_free(grown);
}

static void text_that_grows_ends_up_the_same(void **state)
{
    (void)state;
    static const char text[] =
        "# Head\r\n\r\nOne two *three* four five six.\n\n- item\n\n- item **two**\n\n  "
        "more\n\n"
        "1. x\n\n1. y\n\nText\n\n```c\nint a;\n\nint b;\n```\n\n> quote\n\n> quote\n\n"
        "- a\n\n-b\n\n- c\n\n---\n\n|a|b|\n|---|---|\n|1|2|3|\n\n[x]: y\n\ne\u0301 "
        "\U0001F468\u200D"
        "\U0001F469 漢字。\n\n    code\n\n~~~\nopen\n\nfence";
    assert_growth("markdown", text, sizeof text - 1, 11, flow_set_markdown);
    assert_growth("raw", text, sizeof text - 1, 11, flow_set_raw);
    for (size_t i = 0; i < hostile_count(); i++) {
        const char *name;
        size_t len;
        const char *bytes = hostile_item(i, &name, &len);
        if (len > HOSTILE_SMALL)
            continue;
        assert_growth(name, bytes, len, 5, flow_set_raw);
        assert_growth(name, bytes, len, 5, flow_set_markdown);
    }
}

static void another_text_or_width_starts_over(void **state)
{
    (void)state;
    struct flow *flow = flow_new();
    flow_set_raw(flow, "one two", 7, 3);
    assert_int_equal(flow_line_count(flow), 2);
    flow_set_raw(flow, "one two", 7, 7);
    assert_int_equal(flow_line_count(flow), 1);
    flow_set_raw(flow, "two three", 9, 7);
    assert_int_equal(flow_line_count(flow), 2);
    flow_set_raw(flow, "one two", 7, 7);
    flow_set_raw(flow, "six six six", 11, 7);
    char *longer = drawn_text(flow, 7);
    assert_string_equal(longer, "|six six|\n|six    |\n");
    free(longer);
    flow_set_raw(flow, "x", 1, 7);
    char *got = drawn_text(flow, 7);
    assert_string_equal(got, "|x      |\n");
    free(got);
    flow_set_markdown(flow, "**x**", 5, 7);
    got = drawn_text(flow, 7);
    assert_string_equal(got, "|x      |\n");
    free(got);
    flow_set_raw(flow, "**x**", 5, 7);
    got = drawn_text(flow, 7);
    assert_string_equal(got, "|**x**  |\n");
    free(got);
    flow_set_raw(flow, "", 0, 7);
    assert_int_equal(flow_line_count(flow), 0);
    flow_free(flow);
}

/* 1 MiB without a line end, arriving in 1,000 pieces, then looked at 1,000 times. */
static void a_huge_line_is_laid_out_in_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "lorem ipsum ", "x", "\u200B", "\U0001F468\u200D", "e\u0301\u0302", " ", "\t"};
    enum { LEN = HOSTILE_HUGE / 10 };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char *text = repeated(pieces[i], LEN);
        struct flow *flow = flow_new();
        clock_t start = clock();
        for (size_t piece = 1; piece <= 1000; piece++)
            flow_set_raw(flow, text, LEN / 1000 * piece, 80);
        for (size_t look = 0; look < 1000; look++)
            flow_set_raw(flow, text, LEN / 1000 * 1000, 80);
        double seconds = seconds_since(start);
        if (seconds > 6)
            fail_msg("item %zu took %.1f s", i, seconds);
        flow_free(flow);
        free(text);
    }
}

static void every_hostile_text_can_be_laid_out(void **state)
{
    (void)state;
    struct cells cells = {0};
    cells_resize(&cells, 30, 80);
    for (size_t i = 0; i < hostile_count(); i++) {
        const char *name;
        size_t len;
        const char *bytes = hostile_item(i, &name, &len);
        struct flow *flow = flow_new();
        clock_t start = clock();
        flow_set_raw(flow, bytes, len, 80);
        flow_draw(flow, &cells, (struct rect){0, 0, 30, 80}, flow_line_count(flow) / 2);
        flow_set_markdown(flow, bytes, len, 80);
        flow_draw(flow, &cells, (struct rect){0, 0, 30, 80}, flow_line_count(flow) / 2);
        double seconds = seconds_since(start);
        if (seconds > 20)
            fail_msg("%s took %.1f s", name, seconds);
        flow_free(flow);
    }
    cells_clear(&cells);
}

/* ---- hits ---- */

static size_t below(uint64_t *state, size_t limit)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (size_t)((*state * 2685821657736338717u) >> 33) % limit;
}

/* Markdown in which each %s is a word that stands nowhere else. */
static const char *const marked[] = {
    "%s and *%s* or **%s**.\n\n",
    "# %s\n\n## The `%s`\n\n",
    "- %s\n- a [%s](http://%s.example)\n  1. %s\n\n",
    "> %s\n> and %s &amp; &lt;%s&gt;\n\n",
    "```%s\nint %s;\n\n\t%s\n```\n\n",
    "| a | %s |\n|---|---|\n| %s is long enough to wrap | %s |\n\n",
    "[%s]: %s\r\nbad \xFF\xE3 bytes \x01 %s\r\n\r\n",
    "~~%s~~ ![%s](%s)\n***\n\n",
    "e\u0301%s\u200B \U0001F468\u200D\U0001F469 %s 灯台%s守\n\n",
    "<b>%s</b> \\*%s\\* %s_%s\n\n",
};

static size_t write_marked(uint64_t *state, struct buf *text, struct buf *words)
{
    size_t count = 0;
    while (count < 30) {
        const char *at = marked[below(state, sizeof marked / sizeof marked[0])];
        for (const char *mark; (mark = strstr(at, "%s")); at = mark + 2) {
            buf_add(text, at, (size_t)(mark - at));
            struct buf word = {0};
            size_t shape = below(state, 4);
            /* literal formats, for the compiler */
            if (shape == 0)
                buf_addf(&word, "w%zux", 100 + count);
            else if (shape == 1)
                buf_addf(&word, "語%zu句", 100 + count);
            else if (shape == 2)
                buf_addf(&word, "é%zuo\u0301", 100 + count);
            else
                buf_addf(&word, "\U0001F600%zuß", 100 + count);
            buf_add(text, word.data, word.len);
            buf_add(words, word.data, word.len + 1); /* and its NUL */
            buf_clear(&word);
            count++;
        }
        buf_add_text(text, at);
    }
    return count;
}

static void a_hit_is_shown_where_it_stands_and_nowhere_else(void **state)
{
    (void)state;
    uint64_t random = 20261126;
    for (int round = 0; round < 60; round++) {
        struct buf text = {0}, words = {0};
        size_t count = write_marked(&random, &text, &words);
        int columns = 6 + (int)below(&random, 75);
        set_fn set = round % 2 ? flow_set_markdown : flow_set_raw;
        struct flow *flow = flow_new();
        set(flow, text.data, text.len, columns);
        const char *word = words.data;
        for (size_t i = 0; i < count; i++, word += strlen(word) + 1) {
            struct match *match = match_parse(word, NULL);
            assert_true(flow_find(flow, match, i + 1));
            assert_int_equal(flow_hit_count(flow), 1);
            flow_choose_hit(flow, i % 2 ? 0 : SIZE_MAX);
            char *ink = drawn_hits(flow, columns);
            if (strcmp(ink, word) != 0)
                fail_msg("round %d, %d columns: \"%s\" is shown as \"%s\" in\n%s", round,
                         columns, word, ink, text.data);
            size_t line = flow_hit_line(flow, 0);
            assert_true(line < flow_line_count(flow));
            free(ink);
            match_free(match);
        }
        flow_free(flow);
        buf_clear(&text);
        buf_clear(&words);
    }
}

/* A choice is of one search: the next begins without. */
static void another_search_has_no_hit_chosen(void **state)
{
    (void)state;
    static const char text[] = "a lamp, a lamp";
    struct match *lamp = match_parse("lamp", NULL), *am = match_parse("am", NULL);
    struct flow *flow = flow_new(), *fresh = flow_new();
    flow_set_raw(flow, text, strlen(text), 20);
    flow_set_raw(fresh, text, strlen(text), 20);
    assert_true(flow_find(flow, lamp, 1));
    char *before = drawn_styles(flow, 20);
    flow_choose_hit(flow, 1);
    assert_true(flow_find(flow, lamp, 1)); /* the same search: it stays */
    char *chosen = drawn_styles(flow, 20);
    assert_string_not_equal(before, chosen);
    assert_true(flow_find(flow, am, 2));
    assert_true(flow_find(fresh, am, 2));
    char *after = drawn_styles(flow, 20), *wanted = drawn_styles(fresh, 20);
    assert_string_equal(after, wanted);
    assert_true(flow_find(flow, NULL, 0));
    assert_int_equal(flow_hit_count(flow), 0);
    free(before);
    free(chosen);
    free(after);
    free(wanted);
    flow_free(flow);
    flow_free(fresh);
    match_free(lamp);
    match_free(am);
}

static void hits_follow_a_text_that_grows(void **state)
{
    (void)state;
    static const char text[] = "# One lamp\n\nA **lamp**, a la";
    struct flow *flow = flow_new();
    struct match *match = match_parse("lamp", NULL);
    for (size_t len = 1; len <= strlen(text); len++) {
        flow_set_markdown(flow, text, len, 20);
        flow_find(flow, match, 7);
    }
    assert_int_equal(flow_hit_count(flow), 2);
    assert_int_equal(flow_hit_line(flow, 1), 2);
    flow_find(flow, NULL, 0);
    assert_int_equal(flow_hit_count(flow), 0);
    match_free(match);
    flow_free(flow);
}

static void what_stands_in_marks_is_found_and_not_shown(void **state)
{
    (void)state;
    struct flow *flow = flow_new();
    struct match *match = match_parse("**", NULL);
    flow_set_markdown(flow, "a **b** c", 9, 20);
    flow_find(flow, match, 1);
    assert_int_equal(flow_hit_count(flow), 2);
    assert_int_equal(flow_hit_line(flow, 0), SIZE_MAX);
    flow_set_raw(flow, "a **b** c", 9, 20);
    flow_find(flow, match, 1);
    char *ink = drawn_hits(flow, 20);
    assert_string_equal(ink, "****");
    free(ink);
    match_free(match);
    flow_free(flow);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flow_keeps_words_whole),
        cmocka_unit_test(flow_cuts_words_longer_than_a_line),
        cmocka_unit_test(flow_keeps_the_lines_of_the_text),
        cmocka_unit_test(blanks_at_the_edge_make_no_line),
        cmocka_unit_test(tabs_go_to_the_next_stop),
        cmocka_unit_test(chinese_and_japanese_break_between_characters),
        cmocka_unit_test(what_is_not_printable_is_marked),
        cmocka_unit_test(drawing_starts_at_the_line_asked_for),
        cmocka_unit_test(every_character_is_shown_once_at_any_width),
        cmocka_unit_test(text_that_grows_ends_up_the_same),
        cmocka_unit_test(another_text_or_width_starts_over),
        cmocka_unit_test(a_huge_line_is_laid_out_in_linear_time),
        cmocka_unit_test(every_hostile_text_can_be_laid_out),
        cmocka_unit_test(a_hit_is_shown_where_it_stands_and_nowhere_else),
        cmocka_unit_test(another_search_has_no_hit_chosen),
        cmocka_unit_test(hits_follow_a_text_that_grows),
        cmocka_unit_test(what_stands_in_marks_is_found_and_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
