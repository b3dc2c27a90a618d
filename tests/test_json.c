/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/dataset_json.h"
#include "json/readable.h"

static json_t *parse(const char *text)
{
    struct err err = {0};
    json_t *json = json_parse(text, strlen(text), &err);
    if (!json)
        fail_msg("%s: %s", text, err.text);
    return json;
}

/* The document that text becomes, printed again. */
static void assert_reads_as(const char *text, const char *expected)
{
    json_t *json = parse(text);
    char *printed = json_print(json);
    assert_string_equal(printed, expected);
    free(printed);
    json_decref(json);
}

static void parse_reads_plain_documents(void **state)
{
    (void)state;
    assert_reads_as("{\"a\":[1,2.5,true,null,\"x\"]}", "{\"a\":[1,2.5,true,null,\"x\"]}");
    assert_reads_as("\n\n 7", "7");
    assert_reads_as("\"bare\"", "\"bare\"");
    assert_reads_as("\xEF\xBB\xBF{}", "{}");
}

static void parse_mends_bad_utf8(void **state)
{
    (void)state;
    assert_reads_as("{\"a\":\"x\xFFy\"}", "{\"a\":\"x\xEF\xBF\xBDy\"}");
    /* cut inside a character, as at a token limit */
    json_t *json = parse("[\"\xE4\xBD\"]");
    const char *text = json_string_value(json_array_get(json, 0));
    assert_memory_equal(text, "\xEF\xBF\xBD", 3);
    json_decref(json);
}

static void parse_mends_lone_surrogates_and_keeps_pairs(void **state)
{
    (void)state;
    assert_reads_as("[\"\\ud83d\"]", "[\"\xEF\xBF\xBD\"]");
    assert_reads_as("[\"\\ude00 x\"]", "[\"\xEF\xBF\xBD x\"]");
    assert_reads_as("[\"\\ud83d\\u0041\"]", "[\"\xEF\xBF\xBD"
                                            "A\"]");
    assert_reads_as("[\"\\ud83d\\ude00\", \"\\ud83d\"]",
                    "[\"\xF0\x9F\x98\x80\",\"\xEF\xBF\xBD\"]");
    /* an escaped backslash before a u is no escape */
    assert_reads_as("[\"\\\\ud83d\", NaN]", "[\"\\\\ud83d\",null]");
}

static void parse_reads_numbers_json_has_not(void **state)
{
    (void)state;
    assert_reads_as("[NaN,Infinity,-Infinity,1e999,-1e999]",
                    "[null,null,null,null,null]");
    assert_reads_as("[\"NaN\",NaN]", "[\"NaN\",null]");
    assert_reads_as("[\"a \\\" NaN \\\"\",NaN]", "[\"a \\\" NaN \\\"\",null]");
}

static void parse_keeps_other_integers_when_one_is_huge(void **state)
{
    (void)state;
    json_t *json =
        parse("{\"big\":123456789012345678901234567890,\"id\":42,\"x\":1e-999}");
    assert_true(json_is_real(json_object_get(json, "big")));
    double big = json_real_value(json_object_get(json, "big"));
    assert_true(big > 1.2e29 && big < 1.3e29);
    assert_true(json_is_integer(json_object_get(json, "id")));
    assert_true(json_real_value(json_object_get(json, "x")) == 0);
    json_decref(json);
    assert_reads_as("[9223372036854775807,-9223372036854775808,9223372036854775808,NaN]",
                    "[9223372036854775807,-9223372036854775808,9.223372036854776e18,"
                    "null]");
}

static void parse_reads_nul_and_raw_control_bytes(void **state)
{
    (void)state;
    json_t *json = parse("{\"a\":\"x\\u0000y\"}");
    size_t len = 0;
    const char *text = json_get_text(json, "a", &len);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "x\0y", 4);
    json_decref(json);
    assert_reads_as("[\"a\nb\tc\"]", "[\"a\\nb\\tc\"]");
    assert_reads_as("{\"k\\u0000\":1}", "{\"k\xEF\xBF\xBD\":1}");
    struct err err = {0};
    json = json_parse("[\"a\0b\"]", 7, &err);
    assert_non_null(json);
    assert_int_equal(json_string_length(json_array_get(json, 0)), 3);
    json_decref(json);
    /* a name holds no NUL, and every other control byte */
    json = json_parse("{\"k\0\t\" \n:\"v\0\"}", 14, &err);
    assert_non_null(json);
    size_t length = 0;
    assert_non_null(json_get_text(json, "k\xEF\xBF\xBD\t", &length));
    assert_int_equal(length, 2);
    json_decref(json);
    assert_reads_as("{\"a\\\"\\u0000\":\"\\u0000\"}",
                    "{\"a\\\"\xEF\xBF\xBD\":\"\\u0000\"}");
}

static void parse_says_where_it_failed(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(json_parse("{\"a\":\n  oops}", 13, &err));
    assert_int_equal(err.code, STATUS_PROTOCOL);
    assert_non_null(strstr(err.text, "line 2, column"));
    err_clear(&err);
    assert_null(json_parse("", 0, &err));
    assert_null(json_parse("{} {}", 5, NULL));
    assert_null(json_parse("<html>\x1b[31m</html>", 17, &err));
    assert_null(strchr(err.text, '\x1b'));
}

/* Whatever is cut off or changed, parsing ends, with a document or without. */
static void parse_survives_every_cut_and_change(void **state)
{
    (void)state;
    static const char whole[] = "{\"a\\ud83d\":[\"\\ud83d\\ude00\xFF\",-1e9999,NaN,"
                                "99999999999999999999],\"b\":\"\\\\\\\"\"}";
    size_t len = sizeof whole - 1;
    for (size_t cut = 0; cut <= len; cut++)
        json_decref(json_parse(whole, cut, NULL));
    for (size_t at = 0; at < len; at++) {
        char changed[sizeof whole];
        memcpy(changed, whole, sizeof whole);
        for (int byte = 0; byte < 256; byte += 3) {
            changed[at] = (char)byte;
            json_decref(json_parse(changed, len, NULL));
        }
    }
}

static void parse_refuses_endless_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *deep = malloc(DEPTH);
    memset(deep, '[', DEPTH);
    struct err err = {0};
    assert_null(json_parse(deep, DEPTH, &err));
    assert_int_equal(err.code, STATUS_PROTOCOL);
    free(deep);
}

static void text_of_any_bytes_becomes_a_string(void **state)
{
    (void)state;
    json_t *json = json_new_text("a\xC0z\0b", 5);
    assert_true(json_is_string(json));
    assert_int_equal(json_string_length(json), 7);
    json_decref(json);
}

static void members_of_another_type_are_no_text(void **state)
{
    (void)state;
    json_t *json = parse("{\"n\":1,\"s\":\"x\"}");
    assert_null(json_get_text(json, "n", NULL));
    assert_null(json_get_text(json, "gone", NULL));
    assert_null(json_get_text(NULL, "s", NULL));
    char *copy = json_dup_text(json, "s");
    assert_string_equal(copy, "x");
    free(copy);
    assert_null(json_dup_text(json, "n"));
    json_decref(json);
}

static void print_keeps_short_numbers_short(void **state)
{
    (void)state;
    assert_reads_as("{\"t\":0.9,\"u\":0.1}", "{\"t\":0.9,\"u\":0.1}");
    assert_reads_as("[5.0,-1e300,1e-7]", "[5.0,-1e300,1e-7]");
    assert_reads_as("{\"0.10000000000000001\":\"\\\"0.10000000000000001\"}",
                    "{\"0.10000000000000001\":\"\\\"0.10000000000000001\"}");
}

static void print_keeps_every_digit_that_counts(void **state)
{
    (void)state;
    assert_reads_as("[0.0033333333333333335,0.30000000000000004]",
                    "[0.0033333333333333335,0.30000000000000004]");
    assert_reads_as("{\"a\":-1.7976931348623157e308,\"b\":[2.2250738585072014e-308,3]}",
                    "{\"a\":-1.7976931348623157e308,\"b\":[2.2250738585072014e-308,3]}");
}

static char *text_copy(const char *text)
{
    return strdup(text);
}

static struct completion make_completion(void)
{
    struct completion completion;
    completion_init(&completion);
    completion.state = COMPLETION_CUT;
    completion.endpoint = text_copy("local");
    completion.sampling = (struct sampling){.model = text_copy("smollm2"),
                                            .system_prompt = text_copy("Be brief."),
                                            .temperature = 0.9,
                                            .has_temperature = true,
                                            .max_tokens = 64,
                                            .seed = 0,
                                            .has_seed = true};
    completion.finish_reason = text_copy("cancelled");
    completion.started_ms = 1700000000123;
    completion.first_token_ms = 0;
    completion.total_ms = 2100;
    completion.completion_tokens = 17;
    completion.attempts = 2;
    completion.sample = 3;
    id_random(&completion.run);
    return completion;
}

/* ---- fields that are no texts, as people read them ---- */

#define NO_CUSTOM "\n\n(A terminal cannot show it as Argilla's page does.)"
#define NO_IMAGE "\n\n(An image: a terminal cannot show it.)"

static const struct {
    const char *type, *text, *read; /* NULL: the text itself is what people read */
    bool is_markdown;
} fields[] = {
    {NULL, "[1]", NULL, false},
    {"text", "[{\"role\":\"user\",\"content\":\"a\"}]", NULL, false},
    {"chat",
     "[{\"role\":\"user\",\"content\":\"a\"},{\"content\":\"b\"},{\"role\":\"system\","
     "\"content\":\"\"}]",
     "**user**\n\na\n\n**?**\n\nb\n\n**system**\n\n", true},
    {"chat", "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"user\"}]",
     "[\n  {\n    \"role\": \"user\",\n    \"content\": \"a\"\n  },\n  {\n    \"role\": "
     "\"user\"\n  }\n]",
     false},
    {"chat", "{\"a\":1}", "{\n  \"a\": 1\n}", false},
    {"chat", "[]", "[]", true},
    {"chat", "no JSON", NULL, false},
    {"custom", "{\"a\":[1]}", "{\n  \"a\": [\n    1\n  ]\n}" NO_CUSTOM, false},
    {"custom", "no JSON", NULL, false},
    {"image", "", NULL, false},
    {"image", "x", "x" NO_IMAGE, false},
    {"image", "https://a.example/b.png", "https://a.example/b.png" NO_IMAGE, false},
    {"image", "data:", "image, 0 bytes, inside the record" NO_IMAGE, false},
    {"image", "data:,abc", "image, 3 bytes, inside the record" NO_IMAGE, false},
    {"image", "data:image/png;base64,AAAAAAAA",
     "image/png, 6 bytes, inside the record" NO_IMAGE, false},
    {"image", "data:image/svg+xml;utf8,<svg/>",
     "image/svg+xml, 6 bytes, inside the record" NO_IMAGE, false},
    {"image", "data:;base64,AAAA", "image, 3 bytes, inside the record" NO_IMAGE, false},
};

static void fields_of_other_kinds_read_as_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t len = 0;
        bool is_markdown = true;
        char *read = readable_field(fields[i].type, fields[i].text,
                                    strlen(fields[i].text), &len, &is_markdown);
        if (!read != !fields[i].read || (read && strcmp(read, fields[i].read) != 0))
            fail_msg("%s: %s", fields[i].text, read ? read : "none");
        assert_int_equal(len, read ? strlen(read) : 0);
        assert_int_equal(is_markdown, fields[i].is_markdown);
        free(read);
    }
}

static void an_image_in_a_record_has_a_size(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        const char *said;
    } sizes[] = {{1023, "image, 1023 bytes, "},
                 {1024, "image, 1 KiB, "},
                 {1024 * 1024 - 1, "image, 1023 KiB, "},
                 {1024 * 1024, "image, 1.0 MiB, "},
                 {1024 * 1024 * 5 / 2, "image, 2.5 MiB, "}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t len = strlen("data:,") + sizes[i].bytes, read_len;
        bool is_markdown;
        char *text = malloc(len);
        memset(text, 'x', len);
        memcpy(text, "data:,", strlen("data:,"));
        char *read = readable_field("image", text, len, &read_len, &is_markdown);
        if (strncmp(read, sizes[i].said, strlen(sizes[i].said)) != 0)
            fail_msg("%zu: %s", sizes[i].bytes, read);
        free(read);
        free(text);
    }
}

static void metadata_reads_as_lines(void **state)
{
    (void)state;
    size_t len = 9;
    char *text = readable_metadata(
        "{\"a\":\"x y\",\"n\":1.5,\"l\":[1,\"b\"],\"none\":null}", &len);
    assert_string_equal(text, "a: x y\nn: 1.5\nl: [1,\"b\"]\nnone: null\n");
    assert_int_equal(len, strlen(text));
    free(text);
    static const char *const empty[] = {NULL, "{}", "[1]", "no JSON"};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        free(readable_metadata(empty[i], &len));
        assert_int_equal(len, 0);
    }
}

static void expect_written(json_t *messages, const char *expected)
{
    struct buf out = {0};
    conversation_write(messages, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
    json_decref(messages);
}

static void a_conversation_is_written_turn_by_turn(void **state)
{
    (void)state;
    expect_written(parse("[{\"role\":\"user\",\"content\":\"Why?\"}]"), "Why?");
    expect_written(
        parse("[{\"role\":\"user\",\"content\":\"Why?\"},{\"role\":"
              "\"assistant\",\"content\":\"So.\"},{\"role\":\"Ego\","
              "\"content\":\"\"},{\"role\":\"\"},{\"content\":\"x\"},{\"role\":"
              "\"a\"},{\"role\":\"zoe\"}]"),
        "User: Why?\n\nAssistant: So.\n\nEgo: \n\n: \n\n?: x\n\nA: \n\n"
        "Zoe: ");
    expect_written(json_array(), "");
}

/* What was sent, else the chat, else the prompt by the user. */
static void a_record_is_a_conversation(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    struct record record = {0};
    struct buf out = {0};
    dataset_init_guide(&dataset, "d", "argilla", "");
    char *printed = json_print_new(conversation_of(&record, &dataset));
    assert_string_equal(printed, "[{\"role\":\"user\",\"content\":\"\"}]");
    free(printed);
    conversation_write_prompt(&record, &dataset, &out);
    assert_int_equal(out.len, 0);
    conversation_set_prompt(&record, &dataset, "Why?", 4, "[\"not in a text field\"]");
    assert_string_equal(record_field(&record, "prompt")->text, "Why?");
    conversation_write_prompt(&record, &dataset, &out);
    assert_string_equal(buf_text(&out), "Why?");
    free(dataset.fields[0].type);
    dataset.fields[0].type = strdup("chat");
    conversation_set_prompt(&record, &dataset, "Why?", 4, NULL);
    assert_string_equal(record_field(&record, "prompt")->text,
                        "[{\"role\":\"user\",\"content\":\"Why?\"}]");
    buf_reset(&out);
    conversation_write_prompt(&record, &dataset, &out);
    assert_string_equal(buf_text(&out), "Why?");
    static const char two[] = "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"user\","
                              "\"content\":\"b\"}]";
    conversation_set_prompt(&record, &dataset, "b", 1, two);
    printed = json_print_new(conversation_of(&record, &dataset));
    assert_string_equal(printed, two);
    free(printed);
    record_set_field(&record, "prompt", "[]", 2); /* nobody said anything: a text */
    printed = json_print_new(conversation_of(&record, &dataset));
    assert_string_equal(printed, "[{\"role\":\"user\",\"content\":\"[]\"}]");
    free(printed);
    record.has_completion = true;
    record.completion = make_completion();
    record.completion.messages = strdup("[1]");
    printed = json_print_new(conversation_of(&record, &dataset));
    assert_string_equal(printed, "[1]");
    free(printed);
    buf_clear(&out);
    record_clear(&record);
    dataset_clear(&dataset);
}

static void completion_survives_the_store(void **state)
{
    (void)state;
    struct completion before = make_completion();
    json_t *json = completion_to_json(&before);
    struct completion after;
    completion_init(&after);
    completion_from_json(&after, json);
    assert_int_equal(after.state, COMPLETION_CUT);
    assert_string_equal(after.endpoint, "local");
    assert_string_equal(after.sampling.model, "smollm2");
    assert_string_equal(after.sampling.system_prompt, "Be brief.");
    assert_true(after.sampling.has_temperature && after.sampling.has_seed);
    assert_true(after.sampling.temperature > 0.89 && after.sampling.temperature < 0.91);
    assert_int_equal(after.sampling.max_tokens, 64);
    assert_string_equal(after.finish_reason, "cancelled");
    assert_int_equal(after.started_ms, 1700000000123);
    assert_int_equal(after.first_token_ms, 0);
    assert_int_equal(after.total_ms, 2100);
    assert_int_equal(after.prompt_tokens, -1);
    assert_int_equal(after.completion_tokens, 17);
    assert_int_equal(after.attempts, 2);
    assert_int_equal(after.sample, 3);
    assert_true(id_equal(&after.run, &before.run));
    assert_true(id_is_zero(&after.parent));
    assert_null(after.error);
    json_decref(json);
    completion_clear(&before);
    completion_clear(&after);
}

static void metadata_holds_known_facts_only(void **state)
{
    (void)state;
    struct completion completion = make_completion();
    json_t *json = completion_metadata(&completion);
    assert_string_equal(json_get_text(json, "model", NULL), "smollm2");
    assert_true(json_is_real(json_object_get(json, "temperature")));
    assert_int_equal(json_integer_value(json_object_get(json, "seed")), 0);
    assert_int_equal(json_integer_value(json_object_get(json, "sample")), 3);
    assert_int_equal(json_integer_value(json_object_get(json, "total_time_ms")), 2100);
    assert_non_null(json_get_text(json, "run_id", NULL));
    assert_null(json_object_get(json, "prompt_tokens"));
    assert_null(json_object_get(json, "parent_id"));
    assert_null(json_object_get(json, "system_prompt"));
    json_decref(json);
    completion.model_used = text_copy("smollm2-135m");
    completion.tools = text_copy("search");
    completion.prompt_tokens = 5;
    completion.first_token_ms = 40;
    id_random(&completion.parent);
    json = completion_metadata(&completion);
    struct id_text run = id_text(&completion.run), parent = id_text(&completion.parent);
    const char *const texts[][2] = {
        {"model", "smollm2-135m"}, {"endpoint", "local"}, {"finish_reason", "cancelled"},
        {"tools", "search"},       {"run_id", run.text},  {"parent_id", parent.text}};
    static const struct {
        const char *name;
        int number;
    } numbers[] = {{"prompt_tokens", 5},
                   {"completion_tokens", 17},
                   {"time_to_first_token_ms", 40},
                   {"total_time_ms", 2100},
                   {"max_tokens", 64},
                   {"seed", 0}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_true(json_text_is(json, texts[i][0], texts[i][1]));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_int_equal(json_integer_value(json_object_get(json, numbers[i].name)),
                         numbers[i].number);
    json_decref(json);
    static const char *const files[] = {"/models/a-q8_0.gguf", "a.GGUF"};
    for (size_t i = 0; i < 2; i++) { /* what llama.cpp calls it: both are in the facts */
        free(completion.model_used);
        completion.model_used = text_copy(files[i]);
        json = completion_metadata(&completion);
        assert_string_equal(json_get_text(json, "model", NULL), "smollm2");
        json_decref(json);
        json = completion_to_json(&completion);
        assert_string_equal(json_get_text(json, "model", NULL), "smollm2");
        assert_string_equal(json_get_text(json, "model_used", NULL), files[i]);
        json_decref(json);
    }
    free(completion.sampling.model);
    completion.sampling.model = NULL;
    assert_string_equal(completion_model(&completion), "a.GGUF");
    completion_clear(&completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_reads_plain_documents),
        cmocka_unit_test(parse_mends_bad_utf8),
        cmocka_unit_test(parse_mends_lone_surrogates_and_keeps_pairs),
        cmocka_unit_test(parse_reads_numbers_json_has_not),
        cmocka_unit_test(parse_keeps_other_integers_when_one_is_huge),
        cmocka_unit_test(parse_reads_nul_and_raw_control_bytes),
        cmocka_unit_test(parse_says_where_it_failed),
        cmocka_unit_test(parse_survives_every_cut_and_change),
        cmocka_unit_test(parse_refuses_endless_nesting),
        cmocka_unit_test(text_of_any_bytes_becomes_a_string),
        cmocka_unit_test(members_of_another_type_are_no_text),
        cmocka_unit_test(print_keeps_short_numbers_short),
        cmocka_unit_test(print_keeps_every_digit_that_counts),
        cmocka_unit_test(fields_of_other_kinds_read_as_text),
        cmocka_unit_test(an_image_in_a_record_has_a_size),
        cmocka_unit_test(metadata_reads_as_lines),
        cmocka_unit_test(a_conversation_is_written_turn_by_turn),
        cmocka_unit_test(a_record_is_a_conversation),
        cmocka_unit_test(completion_survives_the_store),
        cmocka_unit_test(metadata_holds_known_facts_only),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
