/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "model/dataset.h"

static void the_guides_dataset_is_exactly_the_guides(void **state)
{
    (void)state;
    struct dataset dataset;
    dataset_init_guide(&dataset, "langchain-dataset", "argilla", "https://a.example");
    assert_string_equal(dataset.name, "langchain-dataset");
    assert_string_equal(dataset.workspace, "argilla");
    assert_string_equal(dataset.server, "https://a.example");
    assert_null(dataset.remote_id);
    assert_string_equal(
        dataset.guidelines,
        "You're asked to rate the quality of the response and provide feedback.");
    assert_int_equal(dataset.field_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(dataset.fields[i].name, i ? "response" : "prompt");
        assert_string_equal(dataset.fields[i].type, "text");
        assert_true(dataset.fields[i].is_required);
    }
    assert_int_equal(dataset.question_count, 2);
    const struct question *rating = dataset_rating_question(&dataset);
    assert_string_equal(rating->name, "response-rating");
    assert_string_equal(rating->description,
                        "How would you rate the quality of the response?");
    assert_true(rating->is_required);
    assert_int_equal(rating->rating_count, 5);
    assert_false(question_allows_rating(rating, 0));
    assert_true(question_allows_rating(rating, 1));
    assert_true(question_allows_rating(rating, 5));
    assert_false(question_allows_rating(rating, 6));
    const struct question *feedback = dataset_feedback_question(&dataset);
    assert_string_equal(feedback->name, "response-feedback");
    assert_false(feedback->is_required);
    assert_true(dataset_takes_pairs(&dataset));
    dataset_clear(&dataset);
    dataset_clear(&dataset);
}

static void without_a_server_it_is_local(void **state)
{
    (void)state;
    struct dataset dataset;
    dataset_init_guide(&dataset, "d", NULL, NULL);
    assert_string_equal(dataset.server, "");
    assert_null(dataset.workspace);
    dataset_clear(&dataset);
}

/* "name:type" words, a "!" behind it = required. */
static struct dataset with_fields(size_t count, const char *const *names)
{
    struct dataset dataset = {.field_count = count};
    dataset.fields = xcalloc(count, sizeof *dataset.fields);
    for (size_t i = 0; i < count; i++) {
        const char *colon = strchr(names[i], ':');
        struct field *field = &dataset.fields[i];
        field->name = xmemdup0(names[i], (size_t)(colon - names[i]));
        field->is_required = colon[strlen(colon) - 1] == '!';
        field->type = xmemdup0(colon + 1, strlen(colon + 1) - field->is_required);
    }
    return dataset;
}

static void expect_pair(size_t count, const char *const *names, const char *prompt,
                        const char *response, bool takes_pairs)
{
    struct dataset dataset = with_fields(count, names);
    const struct field *first = dataset_prompt_field(&dataset);
    const struct field *second = dataset_response_field(&dataset);
    assert_string_equal(first ? first->name : "none", prompt);
    assert_string_equal(second ? second->name : "none", response);
    assert_int_equal(dataset_takes_pairs(&dataset), takes_pairs);
    dataset_clear(&dataset);
}

static void prompt_and_answer_are_found_by_name_else_by_place(void **state)
{
    (void)state;
    expect_pair(2, (const char *const[]){"response:text", "prompt:text"}, "prompt",
                "response", true);
    expect_pair(3, (const char *const[]){"logo:image", "question:text", "reply:text"},
                "question", "reply", false);
    expect_pair(2, (const char *const[]){"response:text", "instruction:text"},
                "instruction", "response", false);
    expect_pair(1, (const char *const[]){"text:text"}, "text", "none", false);
    expect_pair(1, (const char *const[]){"logo:image"}, "none", "none", false);
    expect_pair(0, (const char *const[]){""}, "none", "none", false);
}

static void a_dataset_that_needs_more_takes_no_pairs(void **state)
{
    (void)state;
    expect_pair(3, (const char *const[]){"prompt:text!", "response:text!", "note:text"},
                "prompt", "response", true);
    expect_pair(3, (const char *const[]){"prompt:text!", "response:text!", "note:text!"},
                "prompt", "response", false);
    expect_pair(2, (const char *const[]){"response:text!", "talk:chat!"}, "talk",
                "response", true); /* a conversation is a prompt, too */
    expect_pair(3, (const char *const[]){"talk:chat", "note:text", "response:text"},
                "note", "response", false);
    expect_pair(2, (const char *const[]){"talk:chat", "text:text"}, "text", "none",
                false);
}

static void the_missing_answer_is_named(void **state)
{
    (void)state;
    struct dataset dataset;
    struct values values = {0};
    dataset_init_guide(&dataset, "d", "w", "");
    assert_string_equal(dataset_missing_answer(&dataset, &values), "response-rating");
    values_set_text(&values, "response-feedback", QUESTION_TEXT, "x");
    assert_string_equal(dataset_missing_answer(&dataset, &values), "response-rating");
    values_set_rating(&values, "response-rating", 3);
    assert_null(dataset_missing_answer(&dataset, &values));
    /* no span at all is an answer, and is written down as one where it is required */
    dataset.questions[0].type = dataset.questions[1].type = QUESTION_SPAN;
    values_clear(&values);
    assert_null(dataset_missing_answer(&dataset, &values));
    for (int i = 0; i < 2; i++) {
        dataset_complete_values(&dataset, &values);
        assert_int_equal(values.count, 1);
        assert_string_equal(values_find(&values, "response-rating")->text, "[]");
    }
    values_set_text(&values, "response-rating", QUESTION_SPAN, "[1]");
    dataset_complete_values(&dataset, &values);
    assert_string_equal(values_find(&values, "response-rating")->text, "[1]");
    values_clear(&values);
    dataset_clear(&dataset);
}

static void a_copy_has_everything_and_is_its_own(void **state)
{
    (void)state;
    struct dataset from, to = {0};
    dataset_init_guide(&from, "d", "w", "");
    from.row = 7;
    from.remote_id = xstrdup("r");
    struct question *question = &from.questions[1];
    question->options = xcalloc(1, sizeof *question->options);
    question->option_count = 1;
    question->options[0].value = xstrdup("v");
    question->options[0].text = xstrdup("t");
    question->settings_json = xstrdup("{}");
    dataset_copy(&to, &from);
    dataset_copy(&to, &to);
    dataset_clear(&from);
    assert_int_equal(to.row, 7);
    assert_string_equal(to.remote_id, "r");
    assert_string_equal(dataset_field(&to, "prompt")->title, "Prompt");
    assert_null(dataset_field(&to, "none"));
    assert_string_equal(dataset_question(&to, "response-feedback")->options[0].text, "t");
    assert_string_equal(to.questions[1].settings_json, "{}");
    assert_null(dataset_question(&to, "none"));
    assert_true(question_allows_rating(dataset_rating_question(&to), 5));
    dataset_clear(&to);
}

static void ratings_are_told_as_they_are(void **state)
{
    (void)state;
    static const struct {
        int ratings[5];
        size_t count;
        const char *text;
    } rows[] = {{{1, 2, 3, 4, 5}, 5, "1 to 5"},    {{0, 1, 2}, 3, "0 to 2"},
                {{1, 5, 10}, 3, "1, 5 or 10"},     {{0, 1}, 2, "0 or 1"},
                {{1, 2, 4, 5}, 4, "1, 2, 4 or 5"}, {{7}, 1, "7"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int ratings[5];
        char out[64];
        memcpy(ratings, rows[i].ratings, sizeof ratings);
        struct question question = {.ratings = ratings, .rating_count = rows[i].count};
        assert_string_equal(question_describe_ratings(&question, out, sizeof out),
                            rows[i].text);
    }
}

/* Each alone makes another dataset; what is asked for is the same. */
static void what_a_server_may_change_is_told(void **state)
{
    (void)state;
    struct dataset a, b = {0};
    dataset_init_guide(&a, "d", "w", "");
    for (int change = 0; change < 11; change++) {
        dataset_copy(&b, &a);
        assert_true(dataset_equal(&a, &b));
        struct field *field = &b.fields[change % 2];
        struct question *question = &b.questions[change % 2];
        char **const texts[] = {&b.guidelines,          &b.name,
                                &field->title,          &question->title,
                                &question->description, &question->settings_json};
        bool *const marks[] = {&b.allow_extra_metadata, &b.is_published,
                               &field->is_required, &field->use_markdown,
                               &question->is_required};
        if (change < 6) {
            free(*texts[change]);
            *texts[change] = xstrdup("other");
        } else {
            *marks[change - 6] = !*marks[change - 6];
        }
        if (dataset_equal(&a, &b))
            fail_msg("change %d is not seen", change);
        assert_true(dataset_asks_same(&a, &b));
        dataset_clear(&b);
    }
    dataset_clear(&a);
}

/* Each difference alone, also in the first of several. */
static void another_question_or_field_is_told(void **state)
{
    (void)state;
    struct dataset a, b;
    dataset_init_guide(&a, "d", "w", "");
    struct question *labels = &a.questions[1];
    labels->type = QUESTION_LABEL;
    labels->options = xcalloc(2, sizeof *labels->options);
    labels->option_count = 2;
    for (size_t i = 0; i < 2; i++) {
        labels->options[i].value = xstrdup(i ? "no" : "yes");
        labels->options[i].text = xstrdup("Text");
    }
    for (int change = 0; change < 7; change++) {
        b = (struct dataset){0};
        dataset_copy(&b, &a);
        assert_true(dataset_asks_same(&a, &b));
        char *const names[] = {b.fields[0].name, b.fields[1].name, b.questions[0].name,
                               b.questions[1].options[0].value,
                               b.questions[1].options[1].value};
        if (change < 5)
            names[change][0] = 'X';
        else
            b.questions[0].ratings[change == 5 ? 0 : 4] = 9;
        if (dataset_asks_same(&a, &b))
            fail_msg("change %d is not seen", change);
        dataset_clear(&b);
    }
    dataset_clear(&a);
}

/* ---- template files ---- */

static void expect_template(const char *text, const char *wanted)
{
    struct dataset dataset = {0};
    struct err err = {0};
    enum status status = dataset_file_read(&dataset, text, strlen(text), "t.json", &err);
    if (status != err.code || status != (*wanted ? STATUS_USAGE : STATUS_OK) ||
        strcmp(err.text, wanted) != 0)
        fail_msg("%.100s: %s, not: %s", text, err.text, wanted);
    dataset_clear(&dataset);
}

/* With this member of the first question, of the type given; wanted = why it is refused.
 */
static void expect_question(const char *type, const char *members, const char *wanted)
{
    char *text =
        xasprintf("{\"fields\":[{\"name\":\"t\",\"type\":\"text\",\"required\":true},"
                  "{\"name\":\"c\",\"type\":\"chat\"}],\"questions\":[{\"name\":\"q\","
                  "\"required\":true,\"type\":\"%s\"%s}]}",
                  type, members);
    char *words = xasprintf("t.json: the question “q” %s.", wanted);
    expect_template(text, *wanted ? words : "");
    free(text);
    free(words);
}

/* So many options, different ones. */
static void expect_count(const char *type, int first, int count, const char *wanted)
{
    struct buf members = {0};
    buf_add_text(&members, ",\"field\":\"t\",\"options\":[");
    for (int i = 0; i < count; i++)
        buf_addf(&members, strcmp(type, "rating") ? "%s\"%d\"" : "%s%d", i ? "," : "",
                 first + i);
    buf_add_text(&members, "]");
    expect_question(type, buf_text(&members), wanted);
    buf_clear(&members);
}

static void a_template_is_refused_for_what_no_server_takes(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        int least, most;
        const char *wanted;
    } counts[] = {{"rating", 2, 11, "takes 2 to 11 options"},
                  {"label_selection", 2, 500, "takes 2 to 500 options"},
                  {"multi_label_selection", 2, 500, "takes 2 to 500 options"},
                  {"ranking", 2, 50, "takes 2 to 50 options"},
                  {"span", 1, 500, "takes 1 to 500 options"}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        expect_count(counts[i].type, 0, counts[i].least - 1, counts[i].wanted);
        expect_count(counts[i].type, 0, counts[i].least, "");
        expect_count(counts[i].type, 0, counts[i].most, "");
        expect_count(counts[i].type, 0, counts[i].most + 1, counts[i].wanted);
    }
    static const char whole[] = "takes whole numbers from 0 to 10",
                      without[] = "has an option without a value",
                      twice[] = "has an option twice",
                      place[] = "needs a text field, its “field”",
                      known[] =
                          "has a type that is none of rating, text, "
                          "label_selection, multi_label_selection, ranking and span";
    static const char *const questions[][3] = {
        {"rating", ",\"options\":[0,10]", ""},
        {"rating", ",\"options\":[-1,10]", whole},
        {"rating", ",\"options\":[1,11]", whole},
        {"rating", ",\"options\":[\"1\",\"2\"]", whole},
        {"rating", ",\"options\":[10,5,10]", twice},
        {"ranking", ",\"options\":[\"a\",\"b\",\"a\"]", twice},
        {"ranking", ",\"options\":[\"a\",{\"text\":\"b\"}]", without},
        {"ranking", ",\"options\":[\"a\",\"\"]", without},
        {"span", ",\"options\":[\"a\"]", place},
        {"span", ",\"options\":[\"a\"],\"field\":\"c\"", place},
        {"span", ",\"options\":[\"a\"],\"field\":\"u\"", place},
        {"dance", "", known},
        {"text", "", ""}};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        expect_question(questions[i][0], questions[i][1], questions[i][2]);
}

#define PARTS(fields, questions, more)                                                   \
    "{\"fields\":[" fields "],\"questions\":[" questions "]" more "}"
#define PART(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\",\"required\":true}"

static void a_template_is_refused_for_its_parts(void **state)
{
    (void)state;
    static const char field[] = PART("f", "text"), none[] = "{\"questions\":[]}";
    static const char shape[] =
        "t.json is no template: it needs “fields” and "
        "“questions”, as “sherd dataset show --json” prints them.";
    static const char *const rows[][2] = {
        {"[]", shape},
        {none, shape},
        {"{\"fields\":[]}", shape},
        {PARTS("", PART("q", "text"), ""),
         "t.json: servers ask for at least one field with \"required\": true."},
        {PARTS(PART("f", "text"), "{\"name\":\"q\",\"type\":\"text\"}", ""),
         "t.json: servers ask for at least one question with \"required\": true."},
        {PARTS(PART("f", "sound"), PART("q", "text"), ""),
         "t.json: the field “f” has a type that is none of text, chat, image and "
         "custom."},
        {PARTS(PART("F", "text"), PART("q", "text"), ""),
         "t.json: the field “F” may have small letters, digits, “-” and “_” in its name, "
         "200 at most."},
        {PARTS(PART("", "text"), PART("q", "text"), ""),
         "t.json: the field “” has no name."},
        {PARTS("{\"type\":\"text\"}", PART("q", "text"), ""),
         "t.json: the field “?” has no name."},
        {PARTS(PART("f", "text"),
               PART("q", "text") "," PART("r", "text") "," PART("q", "text"), ""),
         "t.json: the question “q” is there twice."},
        {PARTS(PART("f", "text"), PART("q", "text"),
               ",\"metadata_properties\":[" PART("m", "date") "]"),
         "t.json: the metadata property “m” has a type that is none of terms, integer "
         "and "
         "float."},
        {PARTS(PART("f", "text"), PART("q", "text"),
               ",\"distribution\":{\"min_submitted\":0}"),
         "t.json: the distribution needs \"min_submitted\", 1 or more."},
        {PARTS(PART("f", "image") "," PART("g", "custom"), PART("q", "text"),
               ",\"distribution\":{\"min_submitted\":1},\"metadata\":[" PART(
                   "m", "float") "]"),
         ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_template(rows[i][0], rows[i][1]);
    for (int len = 200; len <= 201; len++) {
        char *text =
            xasprintf("{\"fields\":[%s],\"questions\":[{\"name\":\"%0*d\",\"type\":"
                      "\"text\",\"required\":true}]}",
                      field, len, 0);
        char *words = xasprintf("t.json: the question “%0120d” may have small letters, "
                                "digits, “-” and “_” in its name, 200 at most.",
                                0);
        expect_template(text, len == 200 ? "" : words);
        free(text);
        free(words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_question_or_field_is_told),
        cmocka_unit_test(what_a_server_may_change_is_told),
        cmocka_unit_test(a_template_is_refused_for_what_no_server_takes),
        cmocka_unit_test(a_template_is_refused_for_its_parts),
        cmocka_unit_test(ratings_are_told_as_they_are),
        cmocka_unit_test(the_guides_dataset_is_exactly_the_guides),
        cmocka_unit_test(without_a_server_it_is_local),
        cmocka_unit_test(prompt_and_answer_are_found_by_name_else_by_place),
        cmocka_unit_test(a_dataset_that_needs_more_takes_no_pairs),
        cmocka_unit_test(the_missing_answer_is_named),
        cmocka_unit_test(a_copy_has_everything_and_is_its_own),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
