/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/worddiff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tests/support/drawn.h"

static void expect(const char *a, const char *b, const char *diff, size_t different)
{
    struct rich out = {0};
    assert_int_equal(worddiff_write(a, strlen(a), b, strlen(b), &out), different);
    assert_string_equal(buf_text(&out.text), diff);
    rich_clear(&out);
}

static void words_of_one_text_alone_are_marked(void **state)
{
    (void)state;
    expect("the keeper lit the lamp", "the keeper lit a lamp",
           "the keeper lit [-the-] {+a+} lamp", 2);
    expect("one two three four", "one four", "one [-two three-] four", 2);
    expect("one four", "one two three four", "one {+two three+} four", 2);
    expect("He said.\n\nAnd left.", "He said.", "He said. [-And left.-]", 3);
    expect("He said:", "He said: yes!", "He said: {+yes!+}", 2);
    expect("He said: no.", "He said: yes!", "He said: [-no.-]{+yes!+}", 4);
}

static void equal_texts_have_no_marks(void **state)
{
    (void)state;
    expect("a b", "a b", "a b", 0);
    expect("", "", "", 0);
    expect("a  b\n", "a\nb", "a\nb", 0); /* white space is the second's */
}

static void an_empty_text_is_the_other_in_marks(void **state)
{
    (void)state;
    expect("", " all new\n", " {+all new+}\n", 2);
    expect("all old\n", "", "[-all old-] ", 2);
}

static void a_script_without_blanks_differs_by_characters(void **state)
{
    (void)state;
    expect("灯台の人", "灯台の鳥", "灯台の[-人-]{+鳥+}", 2);
}

/* What is common, and what stands in the marks of one side. */
static void take_side(const char *diff, char open, char close, struct buf *out)
{
    for (const char *at = diff; *at; at++) {
        bool is_start = (at[0] == '[' && at[1] == '-') || (at[0] == '{' && at[1] == '+');
        char end[3] = {at[1], at[0] == '[' ? ']' : '}', '\0'};
        if (!is_start) {
            buf_add_byte(out, *at);
            continue;
        }
        const char *stop = strstr(at + 2, end);
        if (*at == open && end[1] == close)
            buf_add(out, at + 2, (size_t)(stop - at) - 2);
        at = stop + 1;
    }
}

/* The words alone: blanks between them may be either's. */
static void expect_words(const char *text, const char *words)
{
    while (*text || *words) {
        while (*text == ' ')
            text++;
        while (*words == ' ')
            words++;
        assert_int_equal(*text, *words);
        text += *text != '\0';
        words += *words != '\0';
    }
}

static void both_texts_can_be_read_out_of_it(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 300; round++) {
        struct buf a = {0}, b = {0}, old = {0}, new = {0};
        struct rich out = {0};
        for (int i = 0; i < 60; i++) {
            seed = seed * 1103515245 + 12345;
            char word[3] = {(char)('a' + (seed >> 16) % 5), ' ', '\0'};
            buf_add_text((seed >> 20) % 3 ? &a : &b, word);
            if ((seed >> 24) % 2)
                buf_add_text(&b, word);
        }
        worddiff_write(buf_text(&a), a.len, buf_text(&b), b.len, &out);
        take_side(buf_text(&out.text), '[', ']', &old);
        take_side(buf_text(&out.text), '{', '}', &new);
        expect_words(buf_text(&old), buf_text(&a));
        expect_words(buf_text(&new), buf_text(&b));
        buf_clear(&a);
        buf_clear(&b);
        buf_clear(&old);
        buf_clear(&new);
        rich_clear(&out);
    }
}

static void the_fewest_words_are_marked(void **state)
{
    (void)state;
    expect("a b c a b b a", "c b a b a c", "[-a b-] c {+b+} a b [-b-] a {+c+}", 5);
}

static void texts_too_different_are_marked_as_wholes(void **state)
{
    (void)state;
    struct buf a = {0}, b = {0};
    struct rich out = {0};
    for (int i = 0; i < 2000; i++) {
        buf_addf(&a, "a%d same ", i);
        buf_addf(&b, "b%d same ", i);
    }
    size_t different = worddiff_write(a.data, a.len, b.data, b.len, &out);
    assert_int_equal(different, 2 * (4000 - 1)); /* all but the last */
    buf_clear(&a);
    buf_clear(&b);
    rich_clear(&out);
}

/* A word in two is another: 500 of them are 1,000 changes. */
static void a_thousand_changes_are_told_one_by_one(void **state)
{
    (void)state;
    for (int count = 500; count <= 501; count++) {
        struct buf a = {0}, b = {0};
        struct rich out = {0};
        for (int i = 0; i < count; i++) {
            buf_addf(&a, "a%d k%d ", i, i);
            buf_addf(&b, "b%d k%d ", i, i);
        }
        size_t different = worddiff_write(a.data, a.len, b.data, b.len, &out);
        /* the last word is the same at any rate */
        assert_int_equal(different, count == 500 ? 1000 : 2 * (2 * 501 - 1));
        buf_clear(&a);
        buf_clear(&b);
        rich_clear(&out);
    }
}

static void bytes_that_are_no_text_are_kept(void **state)
{
    (void)state;
    expect("a \xff\xfe b", "a \xff\xfd b", "a \xff[-\xfe-] {+\xfd+} b", 2);
}

static void it_is_laid_out_with_its_styles(void **state)
{
    (void)state;
    struct flow *flow = flow_new();
    struct rich out = {0};
    worddiff_write("the lamp", 8, "a lamp\nnow", 10, &out);
    flow_set_rich(flow, &out, 20);
    char *text = drawn_text(flow, 20), *styles = drawn_styles(flow, 20);
    assert_string_equal(text, "|[-the-] {+a+} lamp  |\n|{+now+}             |\n");
    assert_string_equal(styles, "|wwwwwww.aaaaa.......|\n|aaaaaaa.............|\n");
    free(text);
    free(styles);
    flow_set_markdown(flow, "", 0, 20); /* and nothing of it stays */
    assert_int_equal(flow_line_count(flow), 0);
    rich_clear(&out);
    flow_free(flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_one_text_alone_are_marked),
        cmocka_unit_test(equal_texts_have_no_marks),
        cmocka_unit_test(an_empty_text_is_the_other_in_marks),
        cmocka_unit_test(a_script_without_blanks_differs_by_characters),
        cmocka_unit_test(both_texts_can_be_read_out_of_it),
        cmocka_unit_test(the_fewest_words_are_marked),
        cmocka_unit_test(texts_too_different_are_marked_as_wholes),
        cmocka_unit_test(a_thousand_changes_are_told_one_by_one),
        cmocka_unit_test(bytes_that_are_no_text_are_kept),
        cmocka_unit_test(it_is_laid_out_with_its_styles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
