/* SPDX-License-Identifier: MIT
 *
 * What the servers' rules say of values: every line of the table was put to 1.29 and 2.8.
 */
#include "config.h"

#include "app/choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/all_questions.h"
#include "json/dataset_json.h"

static const struct {
    const char *question, *value, *why; /* NULL = it is taken */
} rows[] = {
    {"score", "10", NULL},
    {"score", "0", NULL},
    {"score", "11", "does not take this rating"},
    {"score", "\"4\"", "does not take this rating"},
    {"why", "\"\"", NULL},
    {"why", "4", "takes a text"},
    {"topic", "\"t300\"", NULL},
    {"topic", "\"topic 300\"", "does not know this label"},
    {"faults", "[\"dull\",\"long\"]", NULL},
    {"faults", "[]", "takes no empty list"},
    {"faults", "[\"dull\",\"dull\"]", "has a label twice"},
    {"faults", "[\"bright\"]", "has a label that it does not know"},
    {"faults", "\"dull\"", "takes a list"},
    {"order", "[{\"value\":\"a\",\"rank\":1},{\"value\":\"b\",\"rank\":1}]", NULL},
    {"order", "[{\"value\":\"a\",\"rank\":null}]", NULL},
    {"order", "[{\"value\":\"a\",\"rank\":1},{\"value\":\"a\",\"rank\":2}]",
     "ranks something twice"},
    {"order", "[{\"value\":\"z\",\"rank\":1}]", "ranks something that it does not know"},
    {"order", "[{\"value\":\"a\",\"rank\":-1}]", "has a rank that is no number from 1"},
    /* the text has nine code points: a family of five, a blank, three letters */
    {"parts", "[]", NULL},
    {"parts", "[{\"label\":\"place\",\"start\":0,\"end\":9}]", NULL},
    {"parts", "[{\"label\":\"place\",\"start\":0,\"end\":10}]",
     "has a span that is not in its text"},
    {"parts", "[{\"label\":\"place\",\"start\":3,\"end\":3}]",
     "has a span that is not in its text"},
    {"parts", "[{\"label\":\"place\",\"start\":-1,\"end\":3}]",
     "has a span that is not in its text"},
    {"parts", "[{\"label\":\"x\",\"start\":0,\"end\":3}]",
     "has a span with a label that it does not know"},
    {"parts",
     "[{\"label\":\"time\",\"start\":0,\"end\":5},{\"label\":\"time\",\"start\":5,"
     "\"end\":6}]",
     NULL},
    {"parts",
     "[{\"label\":\"time\",\"start\":0,\"end\":5},{\"label\":\"place\",\"start\":4,"
     "\"end\":6}]",
     "has two spans on the same letters"},
    {"marks",
     "[{\"label\":\"a\",\"start\":0,\"end\":5},{\"label\":\"b\",\"start\":0,\"end\":5}]",
     NULL},
};

static void fill(struct dataset *dataset, struct record *record)
{
    static const char text[] = "👨‍👩‍👧 a🎉b";
    all_questions(dataset);
    record_set_field(record, "response", text, strlen(text));
    record_set_field(record, "prompt", text, strlen(text));
}

static void a_value_is_taken_as_the_servers_take_it(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    struct record record = {0};
    fill(&dataset, &record);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        const char *why = choice_value_fault(
            &record, dataset_question(&dataset, rows[i].question), value);
        if (!rows[i].why != !why || (why && strcmp(why, rows[i].why) != 0))
            fail_msg("%s %s: %s", rows[i].question, rows[i].value, why ? why : "taken");
        json_decref(value);
    }
    record_clear(&record);
    dataset_clear(&dataset);
}

static void the_first_faulty_question_is_named(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    struct record record = {0};
    struct values values = {0};
    const char *why;
    fill(&dataset, &record);
    dataset.questions[4].is_required = true; /* spans: there may be none */
    assert_string_equal(choice_find_fault(&dataset, &record, &values, true, &why)->name,
                        "score");
    assert_string_equal(why, "has no answer yet");
    assert_null(choice_find_fault(&dataset, &record, &values, false, &why));
    values_set_rating(&values, "score", 3);
    assert_null(choice_find_fault(&dataset, &record, &values, true, &why));
    values_set_text(&values, "order", QUESTION_RANKING, "[{\"value\":\"a\",\"rank\":1}]");
    assert_string_equal(choice_find_fault(&dataset, &record, &values, true, &why)->name,
                        "order");
    assert_string_equal(why, "ranks only some; rank all or none");
    assert_null(choice_find_fault(&dataset, &record, &values, false, &why));
    values_set_rating(&values, "score", 12);
    assert_string_equal(choice_find_fault(&dataset, &record, &values, false, &why)->name,
                        "score");
    values_clear(&values);
    dataset_complete_values(&dataset, &values);
    assert_int_equal(values.count, 1);
    assert_string_equal(values_find(&values, "parts")->text, "[]");
    values_clear(&values);
    record_clear(&record);
    dataset_clear(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_taken_as_the_servers_take_it),
        cmocka_unit_test(the_first_faulty_question_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
