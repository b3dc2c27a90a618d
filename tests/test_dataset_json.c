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

static void assert_printed(json_t *json, const char *expected)
{
    char *text = json_print(json);
    assert_string_equal(text, expected);
    free(text);
    json_decref(json);
}

static json_t *parse(const char *text)
{
    json_t *json = json_parse(text, strlen(text), NULL);
    assert_non_null(json);
    return json;
}

/* Title is mandatory on every server; the sentence stands in it or below it. */
static void assert_asks(const json_t *question, const char *sentence)
{
    const char *title = json_get_text(question, "title", NULL);
    const char *description = json_get_text(question, "description", NULL);
    assert_non_null(title);
    assert_true(strcmp(title, sentence) == 0 ||
                (description && strcmp(description, sentence) == 0));
}

static void guide_is_written_as_argilla_wants_it(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "langchain-dataset", "argilla", "");
    json_t *field = field_to_json(dataset_field(&dataset, "prompt"));
    assert_string_equal(json_get_text(field, "name", NULL), "prompt");
    assert_true(json_is_true(json_object_get(field, "required")));
    json_t *settings = json_object_get(field, "settings");
    assert_string_equal(json_get_text(settings, "type", NULL), "text");
    json_decref(field);
    json_t *rating = question_to_json(dataset_question(&dataset, "response-rating"));
    assert_asks(rating, "How would you rate the quality of the response?");
    settings = json_incref(json_object_get(rating, "settings"));
    json_decref(rating);
    assert_printed(settings,
                   "{\"type\":\"rating\",\"options\":[{\"value\":1},{\"value\":2},"
                   "{\"value\":3},{\"value\":4},{\"value\":5}]}");
    json_t *feedback = question_to_json(dataset_question(&dataset, "response-feedback"));
    assert_asks(feedback, "What feedback do you have for the response?");
    assert_true(json_is_false(json_object_get(feedback, "required")));
    json_decref(feedback);
    dataset_clear(&dataset);
}

static void fields_survive_both_ways(void **state)
{
    (void)state;
    static const char text[] = "[{\"name\":\"p\",\"title\":\"P\",\"required\":true,"
                               "\"settings\":{\"type\":\"text\",\"use_markdown\":true}},"
                               "{\"name\":\"talk\",\"title\":\"T\",\"required\":false,"
                               "\"settings\":{\"type\":\"chat\",\"use_markdown\":false}},"
                               "{\"title\":\"no name\"},"
                               "{\"name\":\"pic\",\"title\":\"Pic\",\"required\":false,"
                               "\"settings\":{\"type\":\"image\"}}]";
    struct dataset dataset = {0};
    json_t *json = parse(text);
    dataset_fields_from_json(&dataset, json);
    dataset_fields_from_json(&dataset, json); /* replaces */
    assert_int_equal(dataset.field_count, 3);
    assert_string_equal(dataset.fields[1].type, "chat");
    assert_printed(field_to_json(&dataset.fields[0]),
                   "{\"name\":\"p\",\"title\":\"P\",\"required\":true,"
                   "\"settings\":{\"type\":\"text\",\"use_markdown\":true}}");
    assert_printed(field_to_json(&dataset.fields[2]),
                   "{\"name\":\"pic\",\"title\":\"Pic\",\"required\":false,"
                   "\"settings\":{\"type\":\"image\"}}");
    json_decref(json);
    dataset_clear(&dataset);
}

static void questions_of_every_type_are_read(void **state)
{
    (void)state;
    json_t *json =
        parse("[{\"name\":\"r\",\"title\":\"R\",\"required\":true,\"settings\":{\"type\":"
              "\"rating\",\"options\":[{\"value\":0},{\"value\":10},{\"value\":\"x\"}]}},"
              "{\"name\":\"l\",\"description\":\"Why\",\"settings\":{\"type\":"
              "\"label_selection\",\"options\":[{\"value\":\"a\",\"text\":\"A\"},"
              "{\"value\":\"b\"}],\"visible_options\":null}},"
              "{\"name\":\"k\",\"settings\":{\"type\":\"ranking\",\"options\":["
              "{\"value\":\"a\",\"text\":\"A\"}]}},"
              "{\"name\":\"new\",\"settings\":{\"type\":\"hologram\",\"depth\":3}}]");
    struct dataset dataset = {0};
    dataset_questions_from_json(&dataset, json);
    assert_int_equal(dataset.question_count, 4);
    assert_int_equal(dataset.questions[0].rating_count, 2);
    assert_int_equal(dataset.questions[0].ratings[1], 10);
    assert_int_equal(dataset.questions[1].type, QUESTION_LABEL);
    assert_string_equal(dataset.questions[1].title, "l");
    assert_string_equal(dataset.questions[1].description, "Why");
    assert_string_equal(dataset.questions[1].options[1].text, "b");
    assert_int_equal(dataset.questions[2].type, QUESTION_RANKING);
    assert_int_equal(dataset.questions[3].type, QUESTION_OTHER);
    /* what we do not understand is written back as it came */
    json_t *again = question_to_json(&dataset.questions[3]);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(again, "settings"), "depth")),
        3);
    json_decref(again);
    json_decref(json);
    dataset_clear(&dataset);
}

static void anything_else_leaves_no_questions(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    json_t *json = parse("{\"detail\":\"no\"}");
    dataset_questions_from_json(&dataset, json);
    dataset_fields_from_json(&dataset, NULL);
    assert_int_equal(dataset.question_count, 0);
    assert_int_equal(dataset.field_count, 0);
    json_decref(json);
    dataset_clear(&dataset);
}

/* What Argilla's properties take of a value; none = it is left out. */
static void metadata_is_what_its_property_takes(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *value, *becomes;
    } rows[] = {
        {"{}", "[1]", "[1]"},
        {"{\"type\":\"date\"}", "\"today\"", "\"today\""},
        {"{\"type\":\"terms\"}", "\"a\"", "\"a\""},
        {"{\"type\":\"terms\"}", "1", NULL},
        {"{\"type\":\"terms\",\"values\":[\"a\",2]}", "\"a\"", "\"a\""},
        {"{\"type\":\"terms\",\"values\":[\"a\",2]}", "2", "2"},
        {"{\"type\":\"terms\",\"values\":[\"a\"]}", "\"b\"", NULL},
        {"{\"type\":\"integer\"}", "3", "3"},
        {"{\"type\":\"integer\"}", "3.0", NULL},
        {"{\"type\":\"integer\"}", "\"3\"", NULL},
        {"{\"type\":\"integer\",\"min\":3,\"max\":5}", "2", NULL},
        {"{\"type\":\"integer\",\"min\":3,\"max\":5}", "3", "3"},
        {"{\"type\":\"integer\",\"min\":3,\"max\":5}", "5", "5"},
        {"{\"type\":\"integer\",\"min\":3,\"max\":5}", "6", NULL},
        {"{\"type\":\"float\"}", "5", "5.0"},
        {"{\"type\":\"float\"}", "\"5\"", NULL},
        {"{\"type\":\"float\",\"max\":0.5}", "0.5", "0.5"},
        {"{\"type\":\"float\",\"max\":0.5}", "0.75", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *property = json_pack("{s:o}", "settings", parse(rows[i].settings));
        json_t *value = parse(rows[i].value), *fit = metadata_fit(property, value);
        char *printed = fit ? json_print(fit) : NULL;
        if (!printed != !rows[i].becomes ||
            (printed && strcmp(printed, rows[i].becomes) != 0))
            fail_msg("%s of %s: %s", rows[i].value, rows[i].settings,
                     printed ? printed : "none");
        free(printed);
        json_decref(fit);
        json_decref(value);
        json_decref(property);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_is_what_its_property_takes),
        cmocka_unit_test(guide_is_written_as_argilla_wants_it),
        cmocka_unit_test(fields_survive_both_ways),
        cmocka_unit_test(questions_of_every_type_are_read),
        cmocka_unit_test(anything_else_leaves_no_questions),
    };
    return cmocka_run_group_tests_name("dataset_json", tests, NULL, NULL);
}
