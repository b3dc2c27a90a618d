/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/dataset_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/json.h"

static void read_values(struct values *values, const char *text,
                        const struct dataset *dataset)
{
    json_t *json = json_parse(text, strlen(text), NULL);
    assert_non_null(json);
    values_from_json(values, json, dataset);
    json_decref(json);
}

static void assert_written(const struct values *values, const char *expected)
{
    json_t *json = values_to_json(values);
    char *text = json_print(json);
    assert_string_equal(text, expected);
    free(text);
    json_decref(json);
}

static void no_values_are_an_object_never_null(void **state)
{
    (void)state;
    struct values values = {0};
    assert_written(&values, "{}");
    read_values(&values, "null", NULL);
    assert_int_equal(values.count, 0);
    assert_written(&values, "{}");
}

static void guide_answers_go_both_ways(void **state)
{
    (void)state;
    static const char text[] = "{\"response-rating\":{\"value\":4},"
                               "\"response-feedback\":{\"value\":\"Warm.\\nLong.\"}}";
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "d", "w", "");
    struct values values = {0};
    read_values(&values, text, &dataset);
    assert_int_equal(values_find(&values, "response-rating")->rating, 4);
    assert_string_equal(values_find(&values, "response-feedback")->text, "Warm.\nLong.");
    assert_written(&values, text);
    values_clear(&values);
    dataset_clear(&dataset);
}

static void every_shape_is_kept_without_a_dataset(void **state)
{
    (void)state;
    static const char text[] =
        "{\"r\":{\"value\":0},\"t\":{\"value\":\"x\"},"
        "\"m\":{\"value\":[\"a\",\"b\"]},"
        "\"k\":{\"value\":[{\"value\":\"a\",\"rank\":1},{\"value\":\"b\",\"rank\":2}]},"
        "\"s\":{\"value\":[{\"label\":\"l\",\"start\":0,\"end\":3}]},"
        "\"o\":{\"value\":{\"new\":[1,2.5]}}}";
    struct values values = {0};
    read_values(&values, text, NULL);
    assert_int_equal(values_find(&values, "m")->type, QUESTION_MULTI_LABEL);
    assert_int_equal(values_find(&values, "k")->type, QUESTION_RANKING);
    assert_int_equal(values_find(&values, "s")->type, QUESTION_SPAN);
    assert_int_equal(values_find(&values, "o")->type, QUESTION_OTHER);
    assert_written(&values, text);
    values_clear(&values);
}

static void value_of_the_wrong_shape_is_kept_as_it_came(void **state)
{
    (void)state;
    static const char text[] = "{\"response-rating\":{\"value\":\"four\"}}";
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "d", "w", "");
    struct values values = {0};
    read_values(&values, text, &dataset);
    assert_int_equal(values_find(&values, "response-rating")->type, QUESTION_OTHER);
    assert_written(&values, text);
    values_clear(&values);
    dataset_clear(&dataset);
}

static void whole_real_is_a_rating_and_null_is_none(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "d", "w", "");
    struct values values = {0};
    read_values(&values,
                "{\"response-rating\":{\"value\":4.0},"
                "\"response-feedback\":{\"value\":null},\"odd\":7,\"empty\":{}}",
                &dataset);
    assert_int_equal(values.count, 1);
    assert_written(&values, "{\"response-rating\":{\"value\":4}}");
    values_clear(&values);
    dataset_clear(&dataset);
}

static void reading_replaces_what_was_there(void **state)
{
    (void)state;
    struct values values = {0};
    values_set_rating(&values, "old", 1);
    read_values(&values, "{\"new\":{\"value\":2}}", NULL);
    assert_null(values_find(&values, "old"));
    assert_int_equal(values_find(&values, "new")->rating, 2);
    values_clear(&values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_values_are_an_object_never_null),
        cmocka_unit_test(guide_answers_go_both_ways),
        cmocka_unit_test(every_shape_is_kept_without_a_dataset),
        cmocka_unit_test(value_of_the_wrong_shape_is_kept_as_it_came),
        cmocka_unit_test(whole_real_is_a_rating_and_null_is_none),
        cmocka_unit_test(reading_replaces_what_was_there),
    };
    return cmocka_run_group_tests_name("values_json", tests, NULL, NULL);
}
