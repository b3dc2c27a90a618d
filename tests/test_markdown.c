/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/markdown.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/drawn.h"
#include "tests/support/hostile.h"
#include "text/flow.h"

static char *shown(const char *text, int columns, bool is_style)
{
    struct flow *flow = flow_new();
    flow_set_markdown(flow, text, strlen(text), columns);
    char *got = is_style ? drawn_styles(flow, columns) : drawn_text(flow, columns);
    flow_free(flow);
    return got;
}

static void assert_shows(const char *text, int columns, const char *expected)
{
    char *got = shown(text, columns, false);
    assert_string_equal(got, expected);
    free(got);
}

static void assert_styles(const char *text, int columns, const char *expected)
{
    char *got = shown(text, columns, true);
    assert_string_equal(got, expected);
    free(got);
}

static void paragraphs_wrap_and_keep_their_lines(void **state)
{
    (void)state;
    assert_shows("one two three\nfour", 8, "|one two |\n|three   |\n|four    |\n");
    assert_shows("one\n\n\n\ntwo\n", 5, "|one  |\n|     |\n|two  |\n");
    assert_shows("one  \ntwo\\\nthree", 5, "|one  |\n|two  |\n|three|\n");
    struct flow *flow = flow_new(); /* no room is room for one */
    flow_set_markdown(flow, "ab", 2, 0);
    assert_int_equal(flow_line_count(flow), 2);
    flow_set_raw(flow, "abc", 3, -1);
    assert_int_equal(flow_line_count(flow), 3);
    flow_free(flow);
    assert_shows("\n\n one", 5, "|one  |\n");
}

static void joined_emoji_stay_whole(void **state)
{
    (void)state;
    static const char joined[] = "\U0001F469\u200D\U0001F680";
    static const char *const texts[] = {"\U0001F469\u200D\U0001F680 x",
                                        "> *\U0001F469\u200D\U0001F680*"};
    for (size_t i = 0; i < 2; i++) {
        struct flow *flow = flow_new();
        struct cells cells = {0};
        cells_resize(&cells, 1, 8);
        flow_set_markdown(flow, texts[i], strlen(texts[i]), 8);
        flow_draw(flow, &cells, (struct rect){0, 0, 1, 8}, 0);
        uint16_t whole = cells_at(&cells, 0, i ? 2 : 0)->whole;
        assert_int_not_equal(whole, 0);
        assert_string_equal(cells_whole(whole)->text, joined);
        cells_clear(&cells);
        flow_free(flow);
    }
}

static void line_ends_of_other_systems_are_one_line_end(void **state)
{
    (void)state;
    assert_shows("one\r\ntwo", 5, "|one  |\n|two  |\n");
    assert_shows("one\r\n\r\ntwo\rx", 5, "|one  |\n|     |\n|two  |\n|x    |\n");
    assert_shows("```\r\na\r\nb\r\n```\r\n", 5, "|  a  |\n|  b  |\n");
    bool is_closed = false;
    assert_int_equal(section_end("a\r\n\r\nb\r\n", 8, 0, &is_closed), 5);
    assert_true(is_closed);
}

static void emphasis_and_code_become_styles(void **state)
{
    (void)state;
    assert_shows("a *b* **c** `d`", 10, "|a b c d   |\n");
    assert_styles("a *b* **c** `d`", 10, "|..i.b.c...|\n");
    assert_styles("**a *b* c**", 6, "|bbbbb.|\n");
    assert_shows("2 * 3 * 4 and a_b_c", 20, "|2 * 3 * 4 and a_b_c |\n");
    assert_shows("**open", 8, "|**open  |\n");
}

static void headings_show_their_level(void **state)
{
    (void)state;
    assert_shows("# A\ntext\n### B ###", 8,
                 "|A       |\n|        |\n|text    |\n|        |\n|### B   |\n");
    assert_styles("## A *b*", 8, "|dddhhh..|\n");
    assert_shows("A\n===\nB\n---", 5, "|A    |\n|     |\n|## B |\n");
}

static void lists_hang_their_indent(void **state)
{
    (void)state;
    assert_shows("- one two\n- b\n  - c d e", 8,
                 "|• one   |\n|  two   |\n|• b     |\n|  ◦ c d |\n|    e   |\n");
    assert_shows("9. a\n10. b c", 7, "|9. a   |\n|10. b c|\n");
    assert_shows("3) a\n\n3) b", 6, "|3) a  |\n|      |\n|4) b  |\n");
    assert_shows("- a\n\n  b\n- c", 5, "|• a  |\n|     |\n|  b  |\n|     |\n|• c  |\n");
    assert_shows("- a\n\n  - b\n\n- c", 5,
                 "|• a  |\n|     |\n|  ◦ b|\n|     |\n|• c  |\n");
    assert_shows("-\n- x", 5, "|•    |\n|• x  |\n");
    assert_shows("- [x] a\n- [ ] b", 9, "|• [x] a  |\n|• [ ] b  |\n");
}

static void text_before_a_list_keeps_its_distance(void **state)
{
    (void)state;
    assert_shows("a\n- b\n- c\n\nd", 4,
                 "|a   |\n|    |\n|• b |\n|• c |\n|    |\n|d   |\n");
}

static void quotes_have_a_bar(void **state)
{
    (void)state;
    assert_shows("> a b c\n> d\n>\n> > e", 8,
                 "|│ a b c |\n|│ d     |\n|│       |\n|│ │ e   |\n");
    assert_styles("> a", 4, "|qqq.|\n");
}

static void code_blocks_keep_their_indentation(void **state)
{
    (void)state;
    assert_shows("```py\nif x:\n\n    y = \"a b c\"\n```\n", 12,
                 "|py          |\n|  if x:     |\n|            |\n|      y = \"a|\n|   b "
                 "c\"     |\n");
    assert_shows("    a\n      b", 8, "|  a     |\n|    b   |\n");
    assert_shows("~~~\n# no *markup* &amp;\n~~~", 24, "|  # no *markup* &amp;   |\n");
    assert_shows("```\n\tx\n```", 12, "|      x     |\n");
    assert_shows("```\nopen\n\nstill", 8, "|  open  |\n|        |\n|  still |\n");
    assert_shows("- a\n  ```\n  b\n  ```", 8, "|• a     |\n|    b   |\n");
    assert_shows("- a\n  ```py\n  b\n  ```", 8, "|• a     |\n|  py    |\n|    b   |\n");
}

static void links_show_where_they_lead(void **state)
{
    (void)state;
    assert_shows("[a](http://b.c)", 20, "|a (http://b.c)      |\n");
    assert_shows("[a](b \"t\")", 12, "|a (b \"t\")   |\n");
    assert_shows("[b](b \"t\")", 12, "|b (b \"t\")   |\n");
    assert_shows("[a](b \"x &amp; y\")", 14, "|a (b \"x & y\") |\n");
    assert_shows("[a](b?c&amp;d)", 12, "|a (b?c&d)   |\n");
    assert_shows("<http://b.c> www.x.yz", 24, "|http://b.c www.x.yz     |\n");
    assert_shows("[http://b.c](http://b.c)", 12, "|http://b.c  |\n");
    assert_shows("me@x.yz", 8, "|me@x.yz |\n");
    assert_shows("![pic](p.png)", 14, "|pic (p.png)   |\n");
    assert_styles("[a](b)", 7, "|ldddd..|\n");
}

static void what_a_web_page_hides_is_shown(void **state)
{
    (void)state;
    assert_shows("[a]: http://b.c \"t\"", 20, "|[a]: http://b.c \"t\" |\n");
    assert_shows("[a]: b\n*c*", 7, "|[a]: b |\n|c      |\n");
    assert_shows("<b>x</b><!-- y -->", 20, "|<b>x</b><!-- y -->  |\n");
    assert_shows("<div>\n*x*\n</div>", 8, "|<div>   |\n|x       |\n|</div>  |\n");
    assert_shows("`d[x]: 1`", 10, "|d[x]: 1   |\n");
    /* a cell too many would be lost in a table, so there is none */
    assert_shows("|a|b|\n|---|---|\n|1|2|three|", 14,
                 "||a|b|         |\n||---|---|     |\n||1|2|three|   |\n");
}

static void entities_become_characters(void **state)
{
    (void)state;
    assert_shows("&lt;&amp;&#65;&#x42;&eacute;&nope;", 14, "|<&ABé&nope;   |\n");
    assert_shows("&#27;[2J&#x202E;x&#0;", 10, "|\uFFFD[2Jx\uFFFD    |\n");
}

static void rules_and_strikethrough_are_visible(void **state)
{
    (void)state;
    assert_shows("---", 4, "|────|\n");
    assert_shows("~~a~~ b", 9, "|~~a~~ b  |\n");
    assert_styles("~~a~~ b", 9, "|ddddd....|\n");
    assert_shows("|a|\n|---|\n|~~b~~|", 6, "|a     |\n|───── |\n|~~b~~ |\n");
}

static void tables_line_up(void **state)
{
    (void)state;
    assert_shows("|a|long|\n|:--|--:|\n|xyz|1|", 14,
                 "|a   │ long    |\n|────┼─────    |\n|xyz │    1    |\n");
    assert_shows("|漢|b|\n|:-:|---|\n|abcd|*d*|", 10,
                 "| 漢  │ b  |\n|─────┼──  |\n|abcd │ d  |\n");
    assert_styles("|a|b|\n|---|---|\n|c|`d`|", 6, "|brrrb.|\n|rrrrr.|\n|.rrrc.|\n");
}

static void tables_too_wide_wrap_in_their_cells(void **state)
{
    (void)state;
    assert_shows("|n|text|\n|---|---|\n|1|one two three|", 12,
                 "|n │ text    |\n|──┼─────────|\n|1 │ one two |\n|  │ three   |\n");
    assert_shows("|a|b|c|\n|---|---|---|\n|long|long|long|", 10,
                 "|a │ b │ c |\n|long │    |\n|long │    |\n|long      |\n");
}

static void a_column_keeps_three_cells_or_there_is_no_table(void **state)
{
    (void)state;
    const char *text = "|abcd|efgh|\n|---|---|\n|1|2|";
    assert_shows(text, 9, "|abc │ efg|\n|d   │ h  |\n|────┼────|\n|1   │ 2  |\n");
    assert_shows(text, 8, "|abcd │  |\n|efgh    |\n|1 │ 2   |\n");
    assert_shows("|abcd|\n|:-:|\n|x|", 4, "|abcd|\n|────|\n| x  |\n");
}

static void cells_below_code_keep_their_words(void **state)
{
    (void)state;
    assert_shows(
        "> ```\n> one two three\n> ```\n> |a|b|\n> |---|---|\n> |one twosome|x|\n", 14,
        "|│   one two th|\n|│   ree       |\n|│             |\n"
        "|│ a        │ b|\n|│ ─────────┼──|\n|│ one      │ x|\n"
        "|│ twosome  │  |\n");
}

static void wrapped_cells_keep_to_the_right(void **state)
{
    (void)state;
    assert_shows("|n|m|\n|--:|---|\n|ab cd|x|", 7,
                 "|  n │ m|\n|────┼──|\n| ab │ x|\n| cd │  |\n");
}

static void deep_nesting_keeps_room_for_text(void **state)
{
    (void)state;
    assert_shows("> > > > > > word", 8, "|│ │ word|\n");
    assert_shows("1. 1. 1. 1. a", 8, "|1. 1. 1.|\n|   1. a |\n");
}

/* "|" = where the first section ends; at the end: it may still grow. */
static void a_section_ends_where_nothing_goes_on(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "a\n\n|b\n",
        "\n \na\nb\n\n\n|c\n",
        "a\n\n  b\n\n|c\n",
        "a\n\n|- b\n",
        "- a\n\n- b\n\n  c\n\n|d\n",
        "1. a\n\n12) b\n\n|c\n",
        "1234567890. a\n\n1. b\n\n|c\n",
        "12345678901. a\n\n|1. b\n\nc\n",
        "1.a\n\n|1. b\n\nc\n",
        "+\n\n* b\n\n|c\n",
        "```\na\n\nb\n```\n\n|c\n",
        "```\na\n\n~~~\n\nb\n```\n\n|c\n",
        "~~~ `x`\n\nb\n~~~\n\n|c\n",
        "``` `x`\n\n|b\n",
        "``\n\n|b\n",
        "````\na\n```\n\nb\n`````\n\n|c\n",
        "```\na\n``` x\n\nb\n```\n\n|c\n",
        "```\na\n    ```\n\nb\n   ```\n\n|c\n",
        "> ```\n> a\n> ```\n\n|b\n\nc\n",
        "- ```\n  a\n\n  b\n  ```\n\n|c\n",
        "> 1. ~~~\n>    a\n>    ~~~\n\n|b\n",
        "```\na\n\nb\n|",
        "a\n\n|",
        "a\nb|",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = strcspn(rows[i], "|"), len = strlen(rows[i]) - 1;
        char *text = xmemdup0(rows[i], len + 1);
        bool is_closed = false;
        memmove(text + at, text + at + 1, len - at + 1);
        if (section_end(text, len, 0, &is_closed) != at || is_closed != (at < len))
            fail_msg("%s: %zu%s", rows[i], section_end(text, len, 0, &is_closed),
                     is_closed ? "" : ", open");
        /* without the newline behind it, the next may become part of this one */
        if (at < len && !strchr(text + at, '\n')[1])
            assert_true(section_end(text, len - 1, 0, &is_closed) == at && !is_closed);
        free(text);
    }
}

static void long_texts_are_laid_out_raw(void **state)
{
    (void)state;
    size_t len = 300 * 1024;
    char *text = xmalloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    memcpy(text, "**x** ", 6);
    struct flow *flow = flow_new();
    flow_set_markdown(flow, text, len, 80);
    char *got = drawn_text(flow, 80);
    assert_memory_equal(got, "|**x** ", 7);
    free(got);
    flow_free(flow);
    free(text);
}

static size_t next_random(unsigned *seed, size_t limit)
{
    *seed = *seed * 1103515245U + 12345U;
    return (*seed >> 16) % limit;
}

static char *random_markdown(unsigned seed)
{
    static const char *const pieces[] = {
        "alpha ",   "beta",      "*",      "**",
        "_",        "`",         "```\n",  "\n",
        "\n\n",     "- ",        "  - ",   "> ",
        "# ",       "## ",       "---\n",  "|a|b|\n|---|---|\n",
        "|c|d|\n",  "|e|f|g|\n", "[h](i)", "![j](k 'l')",
        "[m]: n\n", "~~",        "    ",   "\t",
        "<b>",      "\\",        "[x] ",   "- [ ] ",
        "漢字",     "e\u0301",   "~~~q\n", "<o@p.r>",
        "(",        ")",         "]:",     "[",
        "]",        "***",       "===\n",  "  \n",
        "\r\n",
    };
    struct buf out = {0};
    for (size_t i = next_random(&seed, 40) + 1; i > 0; i--)
        buf_add_text(&out, pieces[next_random(&seed, sizeof pieces / sizeof pieces[0])]);
    return buf_take(&out);
}

/* How often each letter occurs; letters in a table are not in the source's order. */
static void count_letters(const char *text, size_t counts[256])
{
    memset(counts, 0, 256 * sizeof counts[0]);
    for (; *text; text++)
        counts[(unsigned char)*text]++;
}

static bool is_counted(unsigned byte)
{
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z');
}

static void no_letter_is_lost(void **state)
{
    (void)state;
    static const int widths[] = {2, 5, 12, 40, 80};
    struct flow *flow = flow_new();
    for (unsigned seed = 0; seed < 20000; seed++) {
        char *text = random_markdown(seed);
        int columns = widths[seed % 5];
        size_t source[256];
        size_t shown_count[256];
        flow_set_markdown(flow, text, strlen(text), columns);
        char *ink = drawn_ink(flow, columns);
        count_letters(text, source);
        count_letters(ink, shown_count);
        for (unsigned byte = 0; byte < 256; byte++) {
            if (is_counted(byte) && shown_count[byte] < source[byte])
                fail_msg("lost '%c' at %d columns of:\n%s\n%s", byte, columns, text, ink);
        }
        free(ink);
        free(text);
    }
    flow_free(flow);
}

static void random_text_that_grows_ends_up_the_same(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 400; seed++) {
        char *text = random_markdown(seed);
        struct flow *grown = flow_new();
        for (size_t cut = 0; cut <= strlen(text); cut++) {
            struct flow *fresh = flow_new();
            flow_set_markdown(grown, text, cut, 14);
            flow_set_markdown(fresh, text, cut, 14);
            char *got = drawn_text(grown, 14);
            char *expected = drawn_text(fresh, 14);
            assert_string_equal(got, expected);
            free(got);
            free(expected);
            flow_free(fresh);
        }
        flow_free(grown);
        free(text);
    }
}

/* Each as large as Markdown may be: the parser must not take the square of it. */
static void repeated_openings_take_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "[",        "*a **b ", "` `` ``` ", "![[]()", "[a](",        "a**b_c*", "> ",
        "- a\n",    "|",       "[a]: b\n",  "<a@",    "http://a.b ", "[a][b]",  "&",
        "1. a\n\n", "# a\n",   "\t",        "~~~~ ",  "* - 1. ",     "\\",      "> - ",
    };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf text = {0};
        while (text.len < 255 * 1024)
            buf_add_text(&text, pieces[i]);
        struct flow *flow = flow_new();
        clock_t start = clock();
        flow_set_markdown(flow, text.data, text.len, 80);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 10)
            fail_msg("\"%s\" took %.1f s", pieces[i], seconds);
        flow_free(flow);
        buf_clear(&text);
    }
}

static void entities_decode_or_say_that_they_cannot(void **state)
{
    (void)state;
    char out[ENTITY_MAX];
    assert_int_equal(entity_decode("&amp;", 5, out), 1);
    assert_int_equal(out[0], '&');
    assert_int_equal(entity_decode("&hellip;", 8, out), 3);
    assert_int_equal(entity_decode("&#x1F600;", 9, out), 4);
    assert_memory_equal(out, "\U0001F600", 4);
    assert_int_equal(entity_decode("&#xD800;", 8, out), 3);
    assert_memory_equal(out, "\uFFFD", 3);
    assert_int_equal(entity_decode("&#99999999999;", 14, out), 3);
    assert_int_equal(entity_decode("&x;", 3, out), 0);
    assert_int_equal(entity_decode("&;", 2, out), 0);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_wrap_and_keep_their_lines),
        cmocka_unit_test(joined_emoji_stay_whole),
        cmocka_unit_test(line_ends_of_other_systems_are_one_line_end),
        cmocka_unit_test(emphasis_and_code_become_styles),
        cmocka_unit_test(headings_show_their_level),
        cmocka_unit_test(lists_hang_their_indent),
        cmocka_unit_test(text_before_a_list_keeps_its_distance),
        cmocka_unit_test(quotes_have_a_bar),
        cmocka_unit_test(code_blocks_keep_their_indentation),
        cmocka_unit_test(links_show_where_they_lead),
        cmocka_unit_test(what_a_web_page_hides_is_shown),
        cmocka_unit_test(entities_become_characters),
        cmocka_unit_test(rules_and_strikethrough_are_visible),
        cmocka_unit_test(tables_line_up),
        cmocka_unit_test(tables_too_wide_wrap_in_their_cells),
        cmocka_unit_test(a_column_keeps_three_cells_or_there_is_no_table),
        cmocka_unit_test(cells_below_code_keep_their_words),
        cmocka_unit_test(wrapped_cells_keep_to_the_right),
        cmocka_unit_test(deep_nesting_keeps_room_for_text),
        cmocka_unit_test(a_section_ends_where_nothing_goes_on),
        cmocka_unit_test(long_texts_are_laid_out_raw),
        cmocka_unit_test(no_letter_is_lost),
        cmocka_unit_test(random_text_that_grows_ends_up_the_same),
        cmocka_unit_test(repeated_openings_take_linear_time),
        cmocka_unit_test(entities_decode_or_say_that_they_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
