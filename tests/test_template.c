/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "llm/prompts.h"

static char *format(const char *text, const struct template_value *values, size_t count,
                    struct err *err)
{
    struct template *template = template_new(text, strlen(text), err);
    struct buf out = {0};
    if (!template)
        return NULL;
    enum status status = template_write(template, 0, values, count, &out, err);
    template_free(template);
    if (status == STATUS_OK)
        return buf_take(&out);
    buf_clear(&out);
    return NULL;
}

/* The newline at a template's end is an editor's, to us. */
static void drop_newline(char *text)
{
    size_t len = strlen(text);
    if (len && text[len - 1] == '\n')
        text[len - 1] = '\0';
}

/* tests/fixtures/templates.json: what langchain-core made of the same templates. */
static void templates_are_formatted_as_langchain_does(void **state)
{
    (void)state;
    json_error_t where;
    json_t *items =
        json_load_file(TOP_SRCDIR "/tests/fixtures/templates.json", 0, &where);
    size_t i;
    const json_t *item;
    assert_non_null(items);
    assert_true(json_array_size(items) >= 30);
    json_array_foreach(items, i, item)
    {
        const char *text = json_string_value(json_object_get(item, "template"));
        struct template_value values[4];
        size_t count = 0;
        const char *name;
        json_t *value;
        struct err err = {0};
        json_object_foreach(json_object_get(item, "values"), name, value)
            values[count++] = (struct template_value){.name = name,
                                                      .text = json_string_value(value),
                                                      .len = json_string_length(value)};
        char *made = format(text, values, count, &err);
        const char *wanted = json_string_value(json_object_get(item, "text"));
        char *expected = wanted ? strdup(wanted) : NULL;
        size_t len = strlen(text);
        if (expected && len && text[len - 1] == '\n')
            drop_newline(expected);
        bool is_stricter = json_is_true(json_object_get(item, "stricter"));
        if (is_stricter ? made != NULL
                        : !made != !expected || (made && strcmp(made, expected) != 0))
            fail_msg("%s: %s, not %s", text, made ? made : err.text,
                     expected ? expected : "refused");
        free(made);
        free(expected);
    }
    json_decref(items);
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"one\ntwo }", "2:5: A single }"},
        {"one {two", "1:5: A { that is not closed"},
        {"{\"k\": 1}", "write {{ and }}"},
        {"x {a:=5}", "1:6: The alignment = is for numbers"},
        {"x\n{a:.2f}", "2:6: This is no format of a text, such as :>10 or :.200."},
        {"{k: 1}", "write {{ and }}"},
        {"{a!x}", "1:5: After ! stands r, s or a"},
        {"{a!}", "After ! stands r, s or a"},
        {"{a:>{w}}", "1:1: A format has no variable in it here."},
        {"{a:.}", "how many characters"},
        {"{a:999999}", "The width is over 100000."},
        {"{0}", "have no name"},
        {"{}", "1:2: {} and {0} have no name"},
        {"{a.b}", "1:2: This is no name of a variable."},
        {"{a:100001}", "The width is over 100000."},
        {"--- user\nok\n--- system\nx }\n--- user\n{", "4:3: A single }"},
        {"--- user\n{a!x}\n--- user\nfine", "2:5: After ! stands r, s or a"},
        {"{missing}", "The variable {missing} of the template has no value."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        assert_null(format(cases[i].text, NULL, 0, &err));
        if (!strstr(err.text, cases[i].sentence))
            fail_msg("%s: %s", cases[i].text, err.text);
    }
}

static void a_conversation_has_a_message_for_each_role(void **state)
{
    (void)state;
    static const char text[] = "--- system\nYou are {who}.\n\nBe brief.\n--- user\n1+1?\n"
                               "--- assistant\n2\n--- user\n{question}\n";
    static const char *const messages[] = {"You are {who}.\n\nBe brief.", "1+1?", "2",
                                           "Why?"};
    static const char *const roles[] = {"system", "user", "assistant", "user"};
    const struct template_value values[] = {
        {.name = "question", .text = "Why?", .len = 4},
        {.name = "who", .text = "{who}", .len = 5}};
    struct err err = {0};
    struct template *template = template_new(text, sizeof text - 1, &err);
    assert_non_null(template);
    assert_int_equal(template_message_count(template), 4);
    for (size_t i = 0; i < 4; i++) {
        struct buf out = {0};
        assert_string_equal(template_role(template, i), roles[i]);
        assert_int_equal(template_write(template, i, values, 2, &out, &err), STATUS_OK);
        assert_string_equal(buf_text(&out), messages[i]);
        buf_clear(&out);
    }
    size_t count = 0;
    const char *const *names = template_names(template, &count);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "who");
    assert_true(template_uses(template, "question"));
    assert_false(template_uses(template, "title"));
    template_free(template);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_are_formatted_as_langchain_does),
        cmocka_unit_test(what_is_wrong_is_named_with_its_place),
        cmocka_unit_test(a_conversation_has_a_message_for_each_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
