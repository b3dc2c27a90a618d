/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "config/endpoint.h"
#include "llm/protocol.h"

static void check_url(const char *pasted, const char *base, const char *chat)
{
    struct endpoint endpoint;
    struct err err = {0};
    endpoint_init(&endpoint);
    assert_int_equal(endpoint_set_url(&endpoint, pasted, &err), STATUS_OK);
    assert_string_equal(endpoint.base_url, base);
    char *url = protocol_url(&endpoint, protocol_find(endpoint.kind)->path);
    assert_string_equal(url, chat);
    free(url);
    endpoint_clear(&endpoint);
}

static void a_pasted_address_is_cut_to_its_base(void **state)
{
    (void)state;
    check_url("https://h", "https://h", "https://h/chat/completions");
    check_url("https://h/v1", "https://h/v1", "https://h/v1/chat/completions");
    check_url(" https://h/v1//\n", "https://h/v1", "https://h/v1/chat/completions");
    check_url("https://h/v1/chat/completions", "https://h/v1",
              "https://h/v1/chat/completions");
    check_url("https://h/v1/chat/completions/", "https://h/v1",
              "https://h/v1/chat/completions");
    check_url("https://g/openai/v1", "https://g/openai/v1",
              "https://g/openai/v1/chat/completions");
    check_url("http://localhost:1/v1#top", "http://localhost:1/v1",
              "http://localhost:1/v1/chat/completions");
}

static void a_query_stays_at_the_end(void **state)
{
    (void)state;
    check_url("https://r.openai.azure.com/openai/deployments/d/chat/"
              "completions?api-version=2024-10-21",
              "https://r.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
              "https://r.openai.azure.com/openai/deployments/d/chat/"
              "completions?api-version=2024-10-21");
}

static void a_bad_address_changes_nothing(void **state)
{
    (void)state;
    struct endpoint endpoint;
    struct err err = {0};
    endpoint_init(&endpoint);
    assert_int_equal(endpoint_set_url(&endpoint, "http://h/v1", &err), STATUS_OK);
    assert_int_equal(endpoint_set_url(&endpoint, "http://h /v1", &err), STATUS_CONFIG);
    assert_string_equal(endpoint.base_url, "http://h/v1");
    endpoint_clear(&endpoint);
}

static void a_copy_owns_everything(void **state)
{
    (void)state;
    struct endpoint endpoint, copy = {0};
    endpoint_init(&endpoint);
    endpoint.name = xstrdup("box");
    endpoint.base_url = xstrdup("http://h");
    endpoint.key_command = xstrdup("pass show x");
    endpoint.defaults.model = xstrdup("m");
    secret_set(&endpoint.key, "sk");
    endpoint_copy(&copy, &endpoint);
    endpoint_clear(&endpoint);
    assert_string_equal(copy.name, "box");
    assert_string_equal(copy.base_url, "http://h");
    assert_string_equal(copy.key_command, "pass show x");
    assert_string_equal(copy.defaults.model, "m");
    assert_string_equal(copy.key.text, "sk");
    assert_int_equal(copy.first_token_timeout_ms, 300000);
    endpoint_clear(&copy);
    endpoint_clear(&copy);
}

static void kinds_are_read_as_they_are_written(void **state)
{
    (void)state;
    enum endpoint_kind kind;
    assert_true(endpoint_kind_parse("openai-chat", &kind));
    assert_int_equal(kind, ENDPOINT_OPENAI_CHAT);
    assert_string_equal(endpoint_kind_name(kind), "openai-chat");
    assert_false(endpoint_kind_parse("openai", &kind));
    static const char *const names[] = {"openai-chat",      "openai-completions",
                                        "openai-responses", "anthropic",
                                        "ollama",           "canned"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(endpoint_kind_parse(names[i], &kind));
        assert_string_equal(endpoint_kind_name(kind), names[i]);
        assert_int_equal(protocol_find(kind)->kind, kind); /* each is spoken */
    }
}

static struct wire wire_of(const char *url)
{
    struct endpoint endpoint;
    struct wire wire;
    endpoint_init(&endpoint);
    endpoint.base_url = xstrdup(url);
    wire_init(&wire, &endpoint);
    endpoint_clear(&endpoint);
    return wire;
}

static void famous_hosts_are_known_by_their_name(void **state)
{
    (void)state;
    assert_int_equal(wire_of("https://api.openai.com/v1").flags,
                     WIRE_MAX_COMPLETION_TOKENS);
    assert_string_equal(wire_of("https://r.openai.azure.com/openai/v1").key_header,
                        "api-key");
    assert_int_equal(wire_of("https://api.mistral.ai/v1").flags,
                     WIRE_RANDOM_SEED | WIRE_NO_STREAM_OPTIONS);
    assert_int_equal(wire_of("https://api.openai.com.evil.example/v1").flags, 0);
    assert_int_equal(wire_of("https://notapi.openai.com.example/v1").flags, 0);
    assert_int_equal(wire_of("https://myapi.openai.com/v1").flags, 0);
    assert_null(wire_of("http://localhost:1/v1").key_header); /* the protocol's */
}

static bool learns(const char *message, const char *code, const char *param, long status,
                   unsigned turned)
{
    struct sampling sampling = {
        .has_temperature = true, .max_tokens = 9, .has_seed = true};
    struct wire wire = wire_of("http://localhost:1");
    json_t *body = json_pack("{s:f, s:i, s:i, s:b, s:[s], s:b, s:{}}", "temperature", 0.5,
                             "max_tokens", 9, "seed", 7, "stream", 1, "stop", "x",
                             "store", 0, "stream_options");
    struct llm_error error = {.status = 0};
    strncat(error.message, message, sizeof error.message - 1);
    strncat(error.code, code, sizeof error.code - 1);
    strncat(error.param, param, sizeof error.param - 1);
    bool learned = wire_learn(&wire, &error, status, &sampling, body);
    assert_int_equal(wire.flags, learned ? turned : 0);
    /* the same refusal again teaches nothing new */
    if (learned && turned != WIRE_MAX_COMPLETION_TOKENS)
        assert_false(wire_learn(&wire, &error, status, &sampling, body));
    json_decref(body);
    return learned;
}

static void a_refused_parameter_is_left_out_or_renamed(void **state)
{
    (void)state;
    assert_true(learns("Unsupported parameter: 'max_tokens' is not supported with this "
                       "model. Use 'max_completion_tokens' instead.",
                       "unsupported_parameter invalid_request_error", "max_tokens", 400,
                       WIRE_MAX_COMPLETION_TOKENS));
    assert_true(learns("Unsupported value: 'temperature' does not support 0.2 with this "
                       "model.",
                       "unsupported_value", "temperature", 400, WIRE_NO_TEMPERATURE));
    assert_true(learns("Extra inputs are not permitted", "extra_forbidden",
                       "stream_options", 422, WIRE_NO_STREAM_OPTIONS));
    assert_true(
        learns("unknown field stream_options", "", "", 400, WIRE_NO_STREAM_OPTIONS));
    assert_true(learns("Unrecognized request argument supplied: seed", "", "", 400,
                       WIRE_NO_SEED));
    assert_true(learns("Your organization must be verified to stream this model.",
                       "unsupported_value", "stream", 400, WIRE_NO_STREAM));
    assert_true(learns("`temperature` is deprecated for this model.",
                       "invalid_request_error", "", 400, WIRE_NO_TEMPERATURE));
    assert_true(learns("invalid temperature: only 1 is allowed for this model", "", "",
                       400, WIRE_NO_TEMPERATURE));
    assert_true(learns("Unsupported parameter: 'stop' is not supported with this model.",
                       "unsupported_parameter", "stop", 400, WIRE_NO_STOP));
    assert_true(learns("Unrecognized request argument supplied: stop", "", "", 400,
                       WIRE_NO_STOP));
    assert_true(learns("Streaming is not supported for this model.", "", "", 400,
                       WIRE_NO_STREAM));
    assert_true(learns("This model doesn't support tool use in streaming mode.", "", "",
                       400, WIRE_NO_STREAM));
    assert_true(learns("Unknown parameter: 'store'.", "unknown_parameter", "store", 400,
                       WIRE_NO_STORE));
}

static void a_refused_value_is_not_taken_for_a_refused_parameter(void **state)
{
    (void)state;
    assert_false(
        learns("max_tokens is too large: 100000. This model allows at most 4096.",
               "invalid_request_error", "max_tokens", 400, 0));
    assert_false(learns("temperature must be at most 2", "", "temperature", 400, 0));
    assert_false(learns("model is not supported", "", "model", 400, 0));
    assert_false(learns("unsupported max_tokens", "", "", 500, 0));
}

/* The guide's own endpoint, OpenAI(temperature=0.9). */
static void openais_closed_completions_name_the_kind_to_set(void **state)
{
    (void)state;
    struct endpoint endpoint;
    struct verdict verdict;
    struct llm_error error = {.message = "The model `gpt-3.5-turbo-instruct` has been "
                                         "deprecated",
                              .code = "model_not_found",
                              .wait_ms = -1};
    endpoint_init(&endpoint);
    endpoint.name = xstrdup("env");
    endpoint.base_url = xstrdup("https://api.openai.com/v1");
    endpoint.kind = ENDPOINT_OPENAI_COMPLETIONS;
    verdict_of_error(&verdict, &error, 404, -1, &endpoint, "gpt-3.5-turbo-instruct");
    assert_non_null(strstr(verdict.err.text, "set kind = openai-chat"));
    endpoint.kind = ENDPOINT_OPENAI_CHAT;
    verdict_of_error(&verdict, &error, 404, -1, &endpoint, "gpt-3.5-turbo-instruct");
    assert_non_null(strstr(verdict.err.text, "Set another model"));
    endpoint_clear(&endpoint);
}

static void what_was_not_sent_is_not_left_out(void **state)
{
    (void)state;
    struct sampling sampling = {0};
    struct wire wire = wire_of("http://localhost:1");
    struct llm_error error = {.message = "temperature is not supported"};
    assert_false(wire_learn(&wire, &error, 400, &sampling, NULL));
}

/* Whether a broken connection is worth another attempt, and what it says of the next
 * prompts. */
static void a_connection_that_fails_is_judged_by_its_kind(void **state)
{
    (void)state;
    static const struct {
        enum status code;
        enum llm_error_class class;
        enum llm_fault fault;
    } rows[] = {
        {STATUS_NETWORK, LLM_ERROR_PASSING, LLM_FAULT_LIKELY},
        {STATUS_TIMEOUT, LLM_ERROR_PASSING, LLM_FAULT_LIKELY},
        {STATUS_CONFIG, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN},
        {STATUS_PROTOCOL, LLM_ERROR_LASTING, LLM_FAULT_CERTAIN},
        {STATUS_FULL, LLM_ERROR_LASTING, LLM_FAULT_PASSING},
    };
    struct endpoint endpoint;
    endpoint_init(&endpoint);
    endpoint.name = xstrdup("box");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict verdict;
        struct err why = {0};
        err_set(&why, rows[i].code, "It broke.");
        verdict_of_transport(&verdict, &endpoint, &why);
        assert_int_equal(verdict.class, rows[i].class);
        assert_int_equal(verdict.fault, rows[i].fault);
        assert_string_equal(verdict.err.text, "The endpoint box: It broke.");
    }
    endpoint_clear(&endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pasted_address_is_cut_to_its_base),
        cmocka_unit_test(a_query_stays_at_the_end),
        cmocka_unit_test(a_bad_address_changes_nothing),
        cmocka_unit_test(a_copy_owns_everything),
        cmocka_unit_test(kinds_are_read_as_they_are_written),
        cmocka_unit_test(famous_hosts_are_known_by_their_name),
        cmocka_unit_test(a_refused_parameter_is_left_out_or_renamed),
        cmocka_unit_test(a_refused_value_is_not_taken_for_a_refused_parameter),
        cmocka_unit_test(openais_closed_completions_name_the_kind_to_set),
        cmocka_unit_test(what_was_not_sent_is_not_left_out),
        cmocka_unit_test(a_connection_that_fails_is_judged_by_its_kind),
    };
    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
