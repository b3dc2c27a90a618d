/* SPDX-License-Identifier: MIT
 *
 * Tools: how they, former calls and their results are written for each kind, and
 * endpoints that take none. How calls are read is in test_llm_quirks.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/llm.h"
#include "llm/llm_parts.h"
#include "net/retry.h"
#include "tests/support/net_stand.h"
#include "json/json.h"

struct fixture {
    struct net_stand net;
    struct endpoint endpoint;
    struct llm_memory *memory;
    bool is_over, refuses_tools;
    size_t calls;
    char arguments[32]; /* of the first */
    struct err err;
    struct completion completion;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    net_stand_start(&fixture->net, true);
    fixture->memory = llm_memory_new();
    endpoint_init(&fixture->endpoint);
    fixture->endpoint.name = xstrdup("box");
    fixture->endpoint.base_url = xstrdup(fake_server_url(fixture->net.server));
    fixture->endpoint.defaults.model = xstrdup("m");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    net_stand_end(&fixture->net);
    llm_memory_free(fixture->memory);
    endpoint_clear(&fixture->endpoint);
    completion_clear(&fixture->completion);
    free(fixture);
    return 0;
}

static void on_event(void *ctx, const struct llm_event *event)
{
    struct fixture *fixture = ctx;
    if (event->kind != LLM_END)
        return;
    fixture->is_over = true;
    fixture->refuses_tools = event->refuses_tools;
    fixture->calls = event->call_count;
    snprintf(fixture->arguments, sizeof fixture->arguments, "%s",
             event->call_count ? event->calls[0].arguments : "");
    fixture->err = event->err ? *event->err : (struct err){0};
    completion_clear(&fixture->completion);
    completion_copy(&fixture->completion, event->completion);
}

static const struct llm_tool tools[] = {
    {"look", "Looks it up.",
     "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\"}}}"},
    {"now", NULL, "no schema"},
};

static void ask(struct fixture *fixture, const struct llm_message *messages, size_t count,
                bool has_tools)
{
    static const char *const stop[] = {"\nObservation", NULL};
    struct llm_request request = {.endpoint = &fixture->endpoint,
                                  .messages = messages,
                                  .message_count = count,
                                  .memory = fixture->memory,
                                  .tools = has_tools ? tools : NULL,
                                  .tool_count = has_tools ? 2 : 0,
                                  .stop = stop};
    fixture->is_over = false;
    llm_start(fixture->net.http, fixture->net.loop, &clock_system, &request, on_event,
              fixture);
    while (!fixture->is_over)
        loop_turn(fixture->net.loop);
}

static void queue(struct fixture *fixture, int code, const char *body)
{
    fake_reply_http(fake_server_queue(fixture->net.server), code, "application/json",
                    body);
}

static void check_sent(struct fixture *fixture, size_t at, const char *member,
                       const char *expected)
{
    const struct fake_request *request = fake_server_request(fixture->net.server, at);
    assert_non_null(request);
    json_t *body = json_parse(request->body, request->body_len, NULL);
    json_t *part = json_object_get(body, member);
    char *text = part ? json_print(part) : xstrdup("none");
    assert_string_equal(text, expected);
    free(text);
    json_decref(body);
}

/* A turn with text, what the endpoint wants back, a good call and a broken one. */
static void ask_on(struct fixture *fixture, enum endpoint_kind kind, const char *kept,
                   const char *reply)
{
    char ids[][8] = {"c1", "c2"}, names[][8] = {"look", "now"};
    char arguments[][16] = {"{\"q\": 1}", "{\"q\": oops"};
    const struct llm_tool_call calls[] = {{ids[0], names[0], arguments[0]},
                                          {ids[1], names[1], arguments[1]}};
    const struct llm_message messages[] = {
        {.role = "system", .text = "Be brief.", .len = 9},
        {.role = "user", .text = "Where?", .len = 6},
        {.role = "assistant",
         .text = "I look.",
         .len = 7,
         .calls = calls,
         .call_count = 2,
         .kept = kept},
        {.role = "tool", .text = "There \xff", .len = 7, .call_id = "c1"},
        {.role = "tool", .text = "No JSON.", .len = 8, .call_id = "c2"},
    };
    fixture->endpoint.kind = kind;
    queue(fixture, 200, reply);
    ask(fixture, messages, 5, true);
    assert_int_equal(fixture->completion.state, COMPLETION_DONE);
}

#define CHAT_REPLY                                                                       \
    "{\"choices\":[{\"message\":{\"content\":\"Ok\"},\"finish_reason\":\"stop\"}]}"
#define SCHEMA "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\"}}}"
#define EMPTY "{\"type\":\"object\",\"properties\":{}}"
#define CHAT_TOOLS                                                                       \
    "[{\"type\":\"function\",\"function\":{\"name\":\"look\",\"description\":\"Looks "   \
    "it "                                                                                \
    "up.\",\"parameters\":" SCHEMA "}},{\"type\":\"function\",\"function\":{\"name\":"   \
    "\"now\",\"description\":\"\",\"parameters\":" EMPTY "}}]"

static void chat_is_told_of_tools_calls_and_results(void **state)
{
    struct fixture *fixture = *state;
    ask_on(fixture, ENDPOINT_OPENAI_CHAT,
           "{\"reasoning_content\":\"Hm.\",\"extra_content\":[null,{\"google\":{}}]}",
           CHAT_REPLY);
    check_sent(fixture, 0, "tools", CHAT_TOOLS);
    check_sent(fixture, 0, "stop", "[\"\\nObservation\"]");
    check_sent(fixture, 0, "temperature", "none"); /* what is not set is not sent */
    check_sent(fixture, 0, "max_tokens", "none");
    check_sent(fixture, 0, "seed", "none");
    check_sent(fixture, 0, "stream_options", "{\"include_usage\":true}");
    check_sent(
        fixture, 0, "messages",
        "[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":"
        "\"Where?\"},{\"role\":\"assistant\",\"content\":\"I look.\",\"tool_calls\":[{"
        "\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"look\","
        "\"arguments\":\"{\\\"q\\\":1}\"}},{\"id\":\"c2\",\"type\":\"function\","
        "\"function\":{\"name\":\"now\",\"arguments\":\"{}\"},\"extra_content\":{"
        "\"google\":{}}}],\"reasoning_content\":\"Hm.\"},{\"role\":\"tool\",\"content\":"
        "\"There \xef\xbf\xbd\",\"tool_call_id\":\"c1\"},{\"role\":\"tool\",\"content\":"
        "\"No JSON.\",\"tool_call_id\":\"c2\"}]");
}

static void ollama_is_told_of_tools_calls_and_results(void **state)
{
    struct fixture *fixture = *state;
    ask_on(fixture, ENDPOINT_OLLAMA, "{\"thinking\":\"Hm.\"}",
           "{\"message\":{\"content\":\"Ok\"},\"done\":true,\"done_reason\":\"stop\"}");
    check_sent(fixture, 0, "tools", CHAT_TOOLS);
    check_sent(fixture, 0, "options", "{\"stop\":[\"\\nObservation\"]}");
    check_sent(fixture, 0, "stream", "true");
    check_sent(
        fixture, 0, "messages",
        "[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":"
        "\"Where?\"},{\"role\":\"assistant\",\"content\":\"I look.\",\"tool_calls\":[{"
        "\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"look\","
        "\"arguments\":{\"q\":1}}},{\"id\":\"c2\",\"type\":\"function\",\"function\":{"
        "\"name\":\"now\",\"arguments\":{}}}],\"thinking\":\"Hm.\"},{\"role\":\"tool\","
        "\"content\":\"There \xef\xbf\xbd\",\"tool_name\":\"look\"},{\"role\":\"tool\","
        "\"content\":\"No JSON.\",\"tool_name\":\"now\"}]");
}

static void anthropic_is_told_of_tools_calls_and_results(void **state)
{
    struct fixture *fixture = *state;
    ask_on(
        fixture, ENDPOINT_ANTHROPIC,
        "{\"blocks\":[{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"s\"}]"
        "}",
        "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"Ok\"}],"
        "\"stop_reason\":\"end_turn\"}");
    check_sent(
        fixture, 0, "tools",
        "[{\"name\":\"look\",\"description\":\"Looks it up.\",\"input_schema\":" SCHEMA
        "},{\"name\":\"now\",\"description\":\"\",\"input_schema\":" EMPTY "}]");
    check_sent(fixture, 0, "stop_sequences", "[\"\\nObservation\"]");
    check_sent(fixture, 0, "temperature", "none");
    check_sent(fixture, 0, "system", "\"Be brief.\"");
    check_sent(
        fixture, 0, "messages",
        "[{\"role\":\"user\",\"content\":\"Where?\"},{\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"thinking\",\"thinking\":\"Hm.\",\"signature\":\"s\"},{\"type\":"
        "\"text\",\"text\":\"I look.\"},{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":"
        "\"look\",\"input\":{\"q\":1}},{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":"
        "\"now\",\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":"
        "\"tool_result\",\"tool_use_id\":\"c1\",\"content\":\"There \xef\xbf\xbd\"},{"
        "\"type\":\"tool_result\",\"tool_use_id\":\"c2\",\"content\":\"No JSON.\"}]}]");
}

static void responses_are_told_of_tools_calls_and_results(void **state)
{
    struct fixture *fixture = *state;
    ask_on(fixture, ENDPOINT_OPENAI_RESPONSES,
           "{\"items\":[{\"type\":\"reasoning\",\"encrypted_content\":\"e\"}]}",
           "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{"
           "\"type\":\"output_text\",\"text\":\"Ok\"}]}]}");
    check_sent(
        fixture, 0, "tools",
        "[{\"name\":\"look\",\"description\":\"Looks it up.\",\"parameters\":" SCHEMA
        ",\"type\":\"function\",\"strict\":false},{\"name\":\"now\","
        "\"description\":\"\",\"parameters\":" EMPTY ",\"type\":\"function\",\"strict\":"
        "false}]");
    check_sent(fixture, 0, "stop", "none"); /* it has none */
    check_sent(fixture, 0, "temperature", "none");
    check_sent(fixture, 0, "max_output_tokens", "none");
    check_sent(
        fixture, 0, "input",
        "[{\"role\":\"user\",\"content\":\"Where?\"},{\"type\":\"reasoning\","
        "\"encrypted_content\":\"e\"},{\"role\":\"assistant\",\"content\":\"I look.\"},{"
        "\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"look\",\"arguments\":"
        "\"{\\\"q\\\":1}\"},{\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":"
        "\"now\",\"arguments\":\"{}\"},{\"type\":\"function_call_output\",\"call_id\":"
        "\"c1\",\"output\":\"There \xef\xbf\xbd\"},{\"type\":\"function_call_output\","
        "\"call_id\":\"c2\",\"output\":\"No JSON.\"}]");
}

static const struct llm_message hi = {.role = "user", .text = "Hi", .len = 2};

/* Text and calls at once. */
static void an_answer_ends_in_calls(void **state)
{
    struct fixture *fixture = *state;
    static const char *const arguments[][2] = {
        {"", "{}"}, {" \\t\\r\\n", "{}"}, {" {\\\"q\\\":1}", " {\"q\":1}"}};
    for (size_t i = 0; i < 3; i++) {
        char *body = xasprintf(
            "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"id\":"
            "\"c1\",\"function\":{\"name\":\"now\",\"arguments\":\"%s\"}}]},"
            "\"finish_reason\":\"tool_calls\"}]}",
            arguments[i][0]);
        queue(fixture, 200, body);
        ask(fixture, &hi, 1, true);
        assert_int_equal(fixture->completion.state, COMPLETION_DONE);
        assert_int_equal(fixture->calls, 1);
        assert_string_equal(fixture->arguments, arguments[i][1]);
        assert_int_equal(fixture->err.code, STATUS_OK);
        free(body);
    }
}

/* What it was copied from may go. */
static void messages_are_kept_whole(void **state)
{
    (void)state;
    char role[] = "assistant", text[] = "I look.", kept[] = "{}", id[] = "c1",
         of[] = "c0", name[] = "look", arguments[] = "{\"q\":1}";
    struct llm_tool_call call = {id, name, arguments};
    const struct llm_message from = {.role = role,
                                     .text = text,
                                     .len = 7,
                                     .calls = &call,
                                     .call_count = 1,
                                     .kept = kept,
                                     .call_id = of};
    struct llm_messages list = {0};
    llm_messages_add(&list, &from);
    llm_messages_add(&list, &(struct llm_message){.role = "user"});
    char *const all[] = {role, text, kept, id, of, name, arguments};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        all[i][0] = '\0';
    call = (struct llm_tool_call){0};
    const struct llm_message *to = &list.items[0];
    assert_int_equal(list.count, 2);
    assert_string_equal(to->role, "assistant");
    assert_string_equal(to->text, "I look.");
    assert_int_equal(to->len, 7);
    assert_string_equal(to->kept, "{}");
    assert_string_equal(to->call_id, "c0");
    assert_int_equal(to->call_count, 1);
    assert_string_equal(to->calls[0].id, "c1");
    assert_string_equal(to->calls[0].name, "look");
    assert_string_equal(to->calls[0].arguments, "{\"q\":1}");
    assert_string_equal(list.items[1].text, "");
    assert_null(list.items[1].kept);
    assert_null(list.items[1].call_id);
    llm_messages_clear(&list);
}

static void completions_take_no_tools_and_are_not_asked(void **state)
{
    struct fixture *fixture = *state;
    fixture->endpoint.kind = ENDPOINT_OPENAI_COMPLETIONS;
    assert_false(llm_takes_tools(fixture->memory, &fixture->endpoint, NULL));
    ask(fixture, &hi, 1, true);
    assert_true(fixture->refuses_tools);
    assert_int_equal(fixture->completion.state, COMPLETION_FAILED);
    assert_non_null(strstr(fixture->err.text, "takes no tools"));
    assert_int_equal(fake_server_count(fixture->net.server), 0);
    queue(fixture, 200, "{\"choices\":[{\"text\":\"Ok\",\"finish_reason\":\"stop\"}]}");
    ask(fixture, &hi, 1, false);
    check_sent(fixture, 0, "stop", "[\"\\nObservation\"]");
}

/* llm-protocols.md and the servers' own words. */
static const struct refusal {
    int code;
    const char *body;
    bool is_one;
} refusals[] = {
    {400, "{\"error\":\"registry.ollama.ai/library/gemma:2b does not support tools\"}",
     true},
    {500, "{\"error\":{\"code\":500,\"message\":\"tools param requires --jinja flag\"}}",
     true},
    {400,
     "{\"object\":\"error\",\"message\":\"\\\"auto\\\" tool choice requires "
     "--enable-auto-tool-choice and --tool-call-parser to be set\",\"code\":400}",
     true},
    {404,
     "{\"error\":{\"message\":\"No endpoints found that support tool use. To learn more "
     "about provider routing, visit the docs\",\"code\":404}}",
     true},
    {400,
     "{\"error\":{\"message\":\"`tool calling` is not supported with this "
     "model\",\"type\""
     ":\"invalid_request_error\"}}",
     true},
    {400,
     "{\"error\":{\"message\":\"Unsupported parameter: 'tools' is not supported with "
     "this "
     "model.\",\"param\":\"tools\",\"code\":\"unsupported_parameter\"}}",
     true},
    {400,
     "{\"message\":\"Function calling is not enabled for this model\",\"code\":3051}",
     true},
    {400,
     "[{\"error\":{\"code\":400,\"message\":\"Function calling is not enabled for "
     "models/gemma-3\",\"status\":\"INVALID_ARGUMENT\"}}]",
     true},
    {400,
     "{\"error\":{\"message\":\"deepseek-reasoner does not support Function Calling\"}}",
     true},
    {422,
     "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"tools\"],\"msg\":"
     "\"Extra inputs are not permitted\"}]}",
     true},
    {400,
     "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":"
     "\"'claude-2.1' does not support tool use.\"}}",
     true},
    {400, "{\"error\":{\"message\":\"This model doesn't support tool use.\"}}", true},
    {400, "{\"error\":{\"message\":\"Unrecognized request argument supplied: tools\"}}",
     true},
    /* about one tool, a call, or something else: not a lack of tools */
    {400,
     "{\"error\":{\"message\":\"Invalid schema for function 'look': "
     "'additionalProperties' is not supported\",\"param\":\"tools[0].function."
     "parameters\"}}",
     false},
    {400,
     "{\"error\":{\"message\":\"messages with role 'tool' must be a response to a "
     "preceding message with 'tool_calls', unexpected tool_call_id\"}}",
     false},
    {400, "{\"error\":{\"message\":\"top_k is not supported\"}}", false},
    {429, "{\"error\":{\"message\":\"tool use is not supported on the free plan\"}}",
     false},
};

static void a_lack_of_tools_is_learnt_from_one_refusal(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *refusal = &refusals[i];
        size_t before = fake_server_count(fixture->net.server);
        free(fixture->endpoint.defaults.model);
        fixture->endpoint.defaults.model = xasprintf("m%zu", i);
        assert_true(llm_takes_tools(fixture->memory, &fixture->endpoint, NULL));
        /* a lack lasts, even where the code is one that is tried again */
        fake_reply_http_with(fake_server_queue(fixture->net.server), refusal->code,
                             refusal->is_one ? "" : "x-should-retry: false\r\n",
                             refusal->body, strlen(refusal->body));
        ask(fixture, &hi, 1, true);
        if (fixture->refuses_tools != refusal->is_one)
            fail_msg("%s", refusal->body);
        assert_int_equal(fixture->completion.state, COMPLETION_FAILED);
        assert_int_equal(fake_server_count(fixture->net.server), before + 1);
        assert_int_equal(llm_takes_tools(fixture->memory, &fixture->endpoint, NULL),
                         !refusal->is_one);
        assert_int_equal(fixture->completion.attempts, 1);
        assert_non_null(strstr(fixture->err.text, "The endpoint box "));
        if (!refusal->is_one)
            continue;
        ask(fixture, &hi, 1, true); /* is not asked again */
        assert_true(fixture->refuses_tools);
        assert_int_equal(fake_server_count(fixture->net.server), before + 1);
        queue(fixture, 200, CHAT_REPLY); /* without tools it is */
        ask(fixture, &hi, 1, false);
        assert_int_equal(fixture->completion.state, COMPLETION_DONE);
    }
}

static void on_models(void *ctx, const struct err *err, const struct llm_model *models,
                      size_t count)
{
    struct fixture *fixture = ctx;
    (void)models;
    fixture->is_over = true;
    fixture->calls = count;
    fixture->err = *err;
}

/* Whatever stands in it. */
static void a_reply_of_300_is_no_answer(void **state)
{
    struct fixture *fixture = *state;
    static const char list[] = "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}";
    for (int code = 299; code <= 300; code++) {
        bool is_fine = code == 299;
        queue(fixture, code, CHAT_REPLY);
        ask(fixture, &hi, 1, false);
        assert_int_equal(fixture->completion.state,
                         is_fine ? COMPLETION_DONE : COMPLETION_FAILED);
        queue(fixture, code, list);
        fixture->is_over = false;
        llm_list_models(fixture->net.http, &fixture->endpoint, on_models, fixture);
        while (!fixture->is_over)
            loop_turn(fixture->net.loop);
        assert_int_equal(fixture->calls, is_fine ? 2 : 0);
        assert_int_equal(fixture->err.code == STATUS_OK, is_fine);
    }
}

static void load_lesson(struct llm_memory *memory, const char *of, int64_t at,
                        int64_t now)
{
    static const struct id parent;
    struct id id;
    id_by_name(&id, &parent, of, strlen(of));
    char *lesson = xasprintf("{\"%s\": {\"at\": %lld, \"flags\": [\"no-such\", 7, "
                             "\"no-tools\"]}}",
                             id_text(&id).text, (long long)at);
    llm_memory_load(memory, lesson, now);
    free(lesson);
}

/* For a month, of the model that is asked: the one named, that of the section, the
 * host's usual one, or the first that it has offered. */
static void a_lack_of_tools_is_remembered_of_its_model(void **state)
{
    (void)state;
    const int64_t month = (int64_t)30 * 24 * 3600 * 1000, now = 2 * month;
    const struct {
        int64_t at;
        bool is_kept;
    } times[] = {
        {now - month, false}, {now - month + 1, true}, {now, true}, {now + 1, false}};
    struct endpoint endpoint;
    endpoint_init(&endpoint);
    endpoint.base_url = xstrdup("https://api.mistral.ai/v1");
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct llm_memory *memory = llm_memory_new();
        load_lesson(memory, "openai-chat https://api.mistral.ai/v1 mistral-small-latest",
                    times[i].at, now);
        assert_int_equal(llm_takes_tools(memory, &endpoint, NULL), !times[i].is_kept);
        assert_true(llm_takes_tools(memory, &endpoint, "other"));
        char *saved = llm_memory_save(memory);
        assert_int_equal(strstr(saved, "\"flags\":[\"no-tools\"]") != NULL,
                         times[i].is_kept);
        free(saved);
        llm_memory_free(memory);
    }
    free(endpoint.base_url);
    endpoint.base_url = xstrdup("http://127.0.0.1/v1");
    struct llm_memory *memory = llm_memory_new();
    load_lesson(memory, "openai-chat http://127.0.0.1/v1 small", now, now);
    assert_true(llm_takes_tools(memory, &endpoint, NULL)); /* none is known */
    memory_keep_model(memory, &endpoint, "small");
    load_lesson(memory, "openai-chat http://127.0.0.1/v1 small", now - 1, now);
    char *saved = llm_memory_save(memory); /* what is known already is the newer */
    char *newer = xasprintf("\"at\":%lld,", (long long)now);
    assert_non_null(strstr(saved, newer));
    free(newer);
    free(saved);
    assert_false(llm_takes_tools(memory, &endpoint, NULL));
    endpoint.defaults.model = xstrdup("large");
    assert_true(llm_takes_tools(memory, &endpoint, NULL));
    assert_false(llm_takes_tools(memory, &endpoint, "small"));
    llm_memory_free(memory);
    assert_true(llm_takes_tools(NULL, &endpoint, "small"));
    endpoint_clear(&endpoint);
}

/* The longest pause that was asked for holds, of the endpoint and no other. */
static void a_pause_lasts_as_long_as_was_asked(void **state)
{
    (void)state;
    struct llm_memory *memory = llm_memory_new();
    struct endpoint endpoint, other;
    endpoint_init(&endpoint);
    endpoint_init(&other);
    other.base_url = xstrdup("http://127.0.0.1/v1");
    memory_pause(memory, &endpoint, 0, 1000);
    memory_pause(memory, &endpoint, retry_model.max_server_ms + 1, 1000);
    assert_int_equal(llm_paused_ms(memory, &endpoint, 1000), 0);
    memory_pause(memory, &endpoint, 500, 1000);
    memory_pause(memory, &endpoint, 300, 1100); /* ends before */
    assert_int_equal(llm_paused_ms(memory, &endpoint, 1000), 500);
    assert_int_equal(llm_paused_ms(memory, &endpoint, 1499), 1);
    assert_int_equal(llm_paused_ms(memory, &endpoint, 1500), 0);
    assert_int_equal(llm_paused_ms(memory, &other, 1000), 0);
    memory_pause(memory, &endpoint, retry_model.max_server_ms, 1000);
    assert_int_equal(llm_paused_ms(memory, &endpoint, 1000), retry_model.max_server_ms);
    llm_memory_free(memory);
    memory_pause(NULL, &endpoint, 500, 1000);
    assert_int_equal(llm_paused_ms(NULL, &endpoint, 1000), 0);
    endpoint_clear(&other);
    endpoint_clear(&endpoint);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(chat_is_told_of_tools_calls_and_results),
        CASE(ollama_is_told_of_tools_calls_and_results),
        CASE(anthropic_is_told_of_tools_calls_and_results),
        CASE(responses_are_told_of_tools_calls_and_results),
        CASE(an_answer_ends_in_calls),
        CASE(a_reply_of_300_is_no_answer),
        cmocka_unit_test(messages_are_kept_whole),
        CASE(completions_take_no_tools_and_are_not_asked),
        CASE(a_lack_of_tools_is_learnt_from_one_refusal),
        cmocka_unit_test(a_lack_of_tools_is_remembered_of_its_model),
        cmocka_unit_test(a_pause_lasts_as_long_as_was_asked),
    };
    return cmocka_run_group_tests_name("llm_tools", tests, NULL, NULL);
}
