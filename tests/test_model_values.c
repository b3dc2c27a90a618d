/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/values.h"

static void a_value_is_set_replaced_and_removed(void **state)
{
    (void)state;
    struct values values = {0};
    values_set_rating(&values, "rating", 4);
    values_set_text(&values, "text", QUESTION_TEXT, "good");
    values_set_rating(&values, "rating", 5);
    assert_int_equal(values.count, 2);
    assert_int_equal(values_find(&values, "rating")->rating, 5);
    assert_int_equal(values_find(&values, "rating")->type, QUESTION_RATING);
    assert_string_equal(values_find(&values, "text")->text, "good");
    assert_true(values_remove(&values, "rating"));
    assert_false(values_remove(&values, "rating"));
    assert_null(values_find(&values, "rating"));
    assert_string_equal(values_find(&values, "text")->text, "good");
    values_clear(&values);
    assert_int_equal(values.count, 0);
    values_clear(&values);
}

static void an_empty_text_is_no_answer(void **state)
{
    (void)state;
    struct values values = {0};
    values_set_text(&values, "text", QUESTION_TEXT, "");
    assert_int_equal(values.count, 0);
    values_set_text(&values, "text", QUESTION_TEXT, "x");
    values_set_text(&values, "text", QUESTION_TEXT, NULL);
    assert_int_equal(values.count, 0);
    values_set_text(&values, "label", QUESTION_LABEL, "");
    assert_int_equal(values.count, 1);
    values_set_text(&values, "label", QUESTION_LABEL, NULL);
    values_set_text(&values, "labels", QUESTION_MULTI_LABEL, "[]");
    values_set_text(&values, "labels", QUESTION_MULTI_LABEL, NULL);
    assert_int_equal(values.count, 0);
    values_clear(&values);
}

/* As another client may send them. */
static void lists_are_sets(void **state)
{
    static const struct {
        enum question_type type;
        const char *a, *b;
        bool is_same;
    } cases[] = {
        {QUESTION_MULTI_LABEL, "[\"a\",\"b\"]", "[\"b\",\"a\"]", true},
        {QUESTION_MULTI_LABEL, "[\"a\",\"b\"]", "[\"b\",\"c\"]", false},
        {QUESTION_MULTI_LABEL, "[\"a\",\"a\",\"b\"]", "[\"a\",\"b\",\"b\"]", false},
        {QUESTION_MULTI_LABEL, "[\"a,\\\"b\",\"c\"]", "[\"c\",\"a,\\\"b\"]", true},
        {QUESTION_MULTI_LABEL, "[\"a,b\",\"]\"]", "[\"a\",\"b,]\"]", false},
        {QUESTION_MULTI_LABEL, "[]", "[]", true},
        {QUESTION_MULTI_LABEL, "[\"a\"]", "[]", false},
        {QUESTION_RANKING, "[{\"value\":\"a\",\"rank\":1},{\"value\":\"b\",\"rank\":2}]",
         "[{\"value\":\"b\",\"rank\":2},{\"value\":\"a\",\"rank\":1}]", true},
        {QUESTION_RANKING, "[{\"value\":\"a\",\"rank\":1},{\"value\":\"b\",\"rank\":2}]",
         "[{\"value\":\"b\",\"rank\":1},{\"value\":\"a\",\"rank\":2}]", false},
        {QUESTION_SPAN, "[{\"start\":0,\"end\":5},{\"start\":6,\"end\":9}]",
         "[{\"start\":6,\"end\":9},{\"start\":0,\"end\":5}]", true},
        {QUESTION_SPAN, "[[1],[2]]", "[[2],[1]]", true},
        {QUESTION_SPAN, "[[1],[2]]", "[[1],[3]]", false},
        {QUESTION_TEXT, "[a,b]", "[b,a]", false},
        {QUESTION_OTHER, "[1,2]", "[2,1]", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct values a = {0}, b = {0};
        values_set_text(&a, "q", cases[i].type, cases[i].a);
        values_set_text(&b, "q", cases[i].type, cases[i].b);
        if (values_equal(&a, &b) != cases[i].is_same ||
            values_equal(&b, &a) != cases[i].is_same)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
        values_clear(&a);
        values_clear(&b);
    }
}

static void a_value_can_be_set_to_its_own_text(void **state)
{
    (void)state;
    struct values values = {0};
    values_set_text(&values, "text", QUESTION_TEXT, "the same");
    values_set_text(&values, "text", QUESTION_TEXT, values_find(&values, "text")->text);
    assert_string_equal(values_find(&values, "text")->text, "the same");
    values_clear(&values);
}

static void a_type_can_change(void **state)
{
    (void)state;
    struct values values = {0};
    values_set_rating(&values, "q", 4);
    values_set_text(&values, "q", QUESTION_TEXT, "four");
    assert_int_equal(values_find(&values, "q")->rating, 0);
    values_set_rating(&values, "q", 3);
    assert_null(values_find(&values, "q")->text);
    values_clear(&values);
}

static void equality_is_about_answers_not_their_order(void **state)
{
    (void)state;
    struct values a = {0}, b = {0};
    assert_true(values_equal(&a, &b));
    values_set_rating(&a, "rating", 4);
    values_set_text(&a, "text", QUESTION_TEXT, "x");
    values_set_text(&b, "text", QUESTION_TEXT, "x");
    assert_false(values_equal(&a, &b));
    values_set_rating(&b, "rating", 4);
    assert_true(values_equal(&a, &b));
    values_set_rating(&b, "rating", 3);
    assert_false(values_equal(&a, &b));
    values_set_rating(&b, "rating", 4);
    values_set_text(&b, "text", QUESTION_TEXT, "y");
    assert_false(values_equal(&a, &b));
    values_set_text(&b, "text", QUESTION_LABEL, "x");
    assert_false(values_equal(&a, &b));
    values_remove(&b, "text");
    values_set_text(&b, "other", QUESTION_TEXT, "x");
    assert_false(values_equal(&a, &b));
    values_clear(&a);
    values_clear(&b);
}

static void a_copy_is_its_own(void **state)
{
    (void)state;
    struct values a = {0}, b = {0};
    values_set_text(&a, "text", QUESTION_TEXT, "x");
    values_set_rating(&b, "rating", 1);
    values_copy(&b, &a);
    values_copy(&b, &b);
    values_set_text(&a, "text", QUESTION_TEXT, "changed");
    assert_int_equal(b.count, 1);
    assert_string_equal(values_find(&b, "text")->text, "x");
    values_clear(&a);
    values_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_set_replaced_and_removed),
        cmocka_unit_test(an_empty_text_is_no_answer),
        cmocka_unit_test(a_value_can_be_set_to_its_own_text),
        cmocka_unit_test(a_type_can_change),
        cmocka_unit_test(equality_is_about_answers_not_their_order),
        cmocka_unit_test(lists_are_sets),
        cmocka_unit_test(a_copy_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
