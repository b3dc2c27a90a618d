/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"

static struct match *parse(const char *typed)
{
    struct err err = {0};
    struct match *match = match_parse(typed, &err);
    if (!match)
        fail_msg("%s: %s", typed, err.text);
    return match;
}

/* The hits in brackets. */
static void expect(const char *typed, const char *text, size_t len, const char *shown)
{
    struct match *match = parse(typed);
    struct match_hit hit;
    struct buf out = {0};
    size_t from = 0;
    enum match_result result;
    while ((result = match_find(match, text, len, from, &hit)) == MATCH_FOUND) {
        buf_add(&out, text + from, hit.start - from);
        buf_add_text(&out, "[");
        buf_add(&out, text + hit.start, hit.end - hit.start);
        buf_add_text(&out, "]");
        from = hit.end;
    }
    assert_int_equal(result, MATCH_NONE);
    buf_add(&out, text + from, len - from);
    assert_string_equal(buf_text(&out), shown);
    buf_clear(&out);
    match_free(match);
}

static void words_match_whatever_their_case_unless_they_have_a_capital(void **state)
{
    (void)state;
    expect("grüße", "GRÜSSE Grüße GRÜßE", strlen("GRÜSSE Grüße GRÜßE"),
           "GRÜSSE [Grüße] [GRÜßE]");
    expect("Moon", "moon Moon MOON", 14, "moon [Moon] MOON");
    expect("a.c", "abc a.c A.C", 11, "abc [a.c] [A.C]");
    expect("aa", "aaaaa", 5, "[aa][aa]a");
}

static void words_of_one_and_two_signs_match_in_japanese(void **state)
{
    (void)state;
    const char *text = "東京の灯台は京都にない";
    expect("京", text, strlen(text), "東[京]の灯台は[京]都にない");
    expect("灯台", text, strlen(text), "東京の[灯台]は京都にない");
}

static void patterns_stand_between_slashes(void **state)
{
    (void)state;
    expect("/l[ai]mp/", "lamp Limp lump", 14, "[lamp] [Limp] lump");
    expect("/^the \\S+/", "the end\nThe lamp", 16, "[the end]\n[The lamp]");
    expect("/\\D+/", "12ab34", 6, "12[ab]34"); /* no capital of the text's */
    expect("/\\w+/", "für 灯台", strlen("für 灯台"), "[für] [灯台]");
    expect("/", "a/b", 3, "a[/]b");
    expect("//", "a//b", 4, "a[//]b");
    expect("/x*/", "axxa", 4, "a[xx]a"); /* nothing is no hit */
    expect("/a\\/b/", "a/b", 3, "[a/b]");
    expect("/ab\\/", "/ab\\/", 5, "[/ab\\/]"); /* no end: words */
}

static void letters_behind_a_pattern_change_it(void **state)
{
    (void)state;
    expect("/Lamp/i", "lamp Lamp", 9, "[lamp] [Lamp]");
    expect("/lamp/c", "lamp Lamp", 9, "[lamp] Lamp");
    expect("/灯.守/s", "灯\n守", strlen("灯\n守"), "[灯\n守]");
    expect("/a.B/is", "A\nb", 3, "[A\nb]");
    expect("/lamp/x", "/lamp/x", 7, "[/lamp/x]"); /* not one of them: words */
}

static void a_pattern_ends_where_one_says(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t whole, listed;
    } rows[] = {
        {"/a/", 3, 3},     {"/a/i,b", 0, 4}, {"/a b/ c", 0, 5}, {"/a/b/", 5, 5},
        {"/a\\/ /", 6, 6}, {"/a", 0, 0},     {"//", 0, 0},      {"a/b/", 0, 0},
        {"", 0, 0},        {"/a/si", 5, 5},  {"/a/x", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (match_pattern(rows[i].text, "") != rows[i].whole ||
            match_pattern(rows[i].text, " ,") != rows[i].listed)
            fail_msg("%s", rows[i].text);
}

static void the_place_of_a_fault_is_told_in_characters(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(match_parse("/灯台(/", &err));
    if (!strstr(err.text, "behind its character 3."))
        fail_msg("%s", err.text);
}

static void bytes_that_are_no_text_are_passed_over(void **state)
{
    (void)state;
    static const char text[] = "a\0lamp\xFF\xE3lamp";
    struct match *match = parse("lamp"), *pattern = parse("/l.*?p/");
    struct match *all[] = {match, pattern};
    for (size_t i = 0; i < 2; i++) {
        struct match_hit hit;
        assert_int_equal(match_find(all[i], text, sizeof text - 1, 0, &hit), MATCH_FOUND);
        assert_int_equal(hit.start, 2);
        assert_int_equal(match_find(all[i], text, sizeof text - 1, hit.end, &hit),
                         MATCH_FOUND);
        assert_int_equal(hit.start, 8);
        assert_int_equal(match_find(all[i], text, sizeof text - 1, hit.end, &hit),
                         MATCH_NONE);
        match_free(all[i]);
    }
}

static void what_is_no_pattern_is_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "/(/", "/a{2,1}/", "/\\C/", "/[z-a]/"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct err err = {0};
        assert_null(match_parse(wrong[i], &err));
        assert_int_equal(err.code, STATUS_USAGE);
        assert_true(strlen(err.text) > 10);
    }
    char *long_one = malloc(MATCH_LENGTH_MAX + 2);
    struct err err = {0};
    memset(long_one, 'a', MATCH_LENGTH_MAX + 1);
    long_one[MATCH_LENGTH_MAX + 1] = '\0';
    assert_null(match_parse(long_one, &err));
    assert_int_equal(err.code, STATUS_USAGE);
    free(long_one);
}

static void a_hostile_pattern_ends_soon(void **state)
{
    (void)state;
    static const char *const hostile[] = {"/(a+)+$/",
                                          "/(a|aa)+$/",
                                          "/(a*)*b\\b/",
                                          "/(.*a){12}z/",
                                          "/(?:(?:a?){40}){40}x/",
                                          "/(a(?R)?)+z/",
                                          "/(?=(a+))*\\1{50}z/"};
    size_t len = (size_t)1 << 20;
    char *text = malloc(len);
    memset(text, 'a', len);
    text[len - 1] = '!';
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct match *match = parse(hostile[i]);
        struct match_hit hit;
        int64_t began = clock_mono_ms(&clock_system);
        match_find(match, text, len, 0, &hit);
        int64_t took = clock_mono_ms(&clock_system) - began;
        if (took > 2000)
            fail_msg("%s took %d ms", hostile[i], (int)took);
        match_free(match);
    }
    free(text);
}

/* Where patterns are not compiled, what they remember is bounded. */
static void a_pattern_has_four_mebibytes_at_most(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '!';
    for (int groups = 1; groups <= 200; groups += 199) { /* remembered at each step */
        struct buf typed = {0};
        struct match_hit hit;
        buf_add_text(&typed, "/(*NO_JIT)^(?:(.)|x)*!|");
        for (int i = 0; i < groups; i++)
            buf_add_text(&typed, "()");
        buf_add_text(&typed, "/");
        struct match *match = parse(buf_text(&typed));
        assert_int_equal(match_find(match, text, sizeof text, 0, &hit),
                         groups == 1 ? MATCH_FOUND : MATCH_HARD);
        match_free(match);
        buf_clear(&typed);
    }
}

static void usual_patterns_are_not_too_hard(void **state)
{
    (void)state;
    static const char *const usual[] = {"/lamp.*zebra/",        "/(\\w+\\s+)zebra/",
                                        "/\\bz\\w+a\\b/",       "/(?s)keeper.*zebra/",
                                        "/[^.]*zebra[^.]*\\./", "/\\d{4}-\\d\\d/"};
    struct buf text = {0};
    while (text.len < (size_t)256 << 10)
        buf_add_text(&text, "The keeper lit the lamp and looked over the sea.\n");
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        struct match *match = parse(usual[i]);
        struct match_hit hit;
        if (match_find(match, text.data, text.len, 0, &hit) != MATCH_NONE && i != 3)
            fail_msg("%s", usual[i]);
        match_free(match);
    }
    buf_clear(&text);
}

static void the_words_of_a_pattern_stand_in_every_hit(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"lamp", "lamp"},
        {"/error: \\d+/", "error: "},
        {"/colou?r/", "colo"},
        {"/ab+c/", "ab"},
        {"/a|lamp/", ""},
        {"/(lamp)?oil/", "oil"},
        {"/(?i)lamp/", ""},
        {"/x[lamp]yz/", "yz"},
        {"/\\bfoo\\.bar/", "foo.bar"},
        {"/\\Qlamp\\E/", ""},
        {"/灯台*守/", "灯"},
        {"/a{3}bcd/", "bcd"},
        {"/[]a]bc/", "bc"},
        {"/lamp$/", "lamp"},
        {"/\\x41bc/", ""},
        {"/\\p{Lu}x/", ""},
        {"/a{12345}bc/", "bc"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct match *match = parse(cases[i][0]);
        assert_string_equal(match_words(match), cases[i][1]);
        match_free(match);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_match_whatever_their_case_unless_they_have_a_capital),
        cmocka_unit_test(words_of_one_and_two_signs_match_in_japanese),
        cmocka_unit_test(patterns_stand_between_slashes),
        cmocka_unit_test(letters_behind_a_pattern_change_it),
        cmocka_unit_test(a_pattern_ends_where_one_says),
        cmocka_unit_test(the_place_of_a_fault_is_told_in_characters),
        cmocka_unit_test(bytes_that_are_no_text_are_passed_over),
        cmocka_unit_test(what_is_no_pattern_is_told),
        cmocka_unit_test(a_hostile_pattern_ends_soon),
        cmocka_unit_test(a_pattern_has_four_mebibytes_at_most),
        cmocka_unit_test(usual_patterns_are_not_too_hard),
        cmocka_unit_test(the_words_of_a_pattern_stand_in_every_hit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
