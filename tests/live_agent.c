/* SPDX-License-Identifier: MIT
 * Agents and their tools with real servers. SHERD_LIVE_MCP_STDIO: the command of an MCP
 * server with get_current_time; SHERD_LIVE_MCP_URL: the address of one with echo and
 * get-sum; SHERD_LIVE_MODEL: a model's base URL, asked over four protocols. What is not
 * named is skipped. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/agent.h"

enum { PATIENCE_MS = 240000 };

struct fixture {
    struct loop *loop;
    struct loop_timer *tick;
    struct http *http;
    struct toolset *tools;
    struct tool_settings settings;
    bool is_there; /* what is waited for */
    bool is_error;
    struct err err;
    struct buf text;
    struct completion completion;
};

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    static char name[] = "live";
    fixture->loop = loop_new();
    fixture->tick = loop_timer_new(fixture->loop, do_nothing, NULL);
    loop_timer_start(fixture->tick, 20, 20);
    fixture->http = http_new(fixture->loop);
    fixture->tools = toolset_new(fixture->http, fixture->loop);
    fixture->settings = (struct tool_settings){
        .name = name, .kind = TOOL_MCP, .timeout_ms = 30000, .max_output = 4000};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    toolset_free(fixture->tools);
    loop_timer_free(fixture->tick);
    http_free(fixture->http);
    loop_free(fixture->loop);
    free(fixture->settings.command);
    free(fixture->settings.url);
    completion_clear(&fixture->completion);
    buf_clear(&fixture->text);
    free(fixture);
    return 0;
}

static void wait_for(struct fixture *fixture)
{
    int64_t end_ms = clock_mono_ms(&clock_system) + PATIENCE_MS;
    while (!fixture->is_there && clock_mono_ms(&clock_system) < end_ms)
        loop_turn(fixture->loop);
    assert_true(fixture->is_there);
    fixture->is_there = false;
}

static void on_open(void *ctx, const struct err *err)
{
    struct fixture *fixture = ctx;
    fixture->is_there = true;
    fixture->err = *err;
}

static void open_tools(struct fixture *fixture)
{
    struct err err = {0};
    assert_int_equal(toolset_add(fixture->tools, &fixture->settings, &err), STATUS_OK);
    toolset_open(fixture->tools, on_open, fixture);
    wait_for(fixture);
    if (fixture->err.code)
        fail_msg("%s", fixture->err.text);
}

static void on_result(void *ctx, const struct tool_result *result)
{
    struct fixture *fixture = ctx;
    fixture->is_there = true;
    fixture->is_error = result->is_error;
    buf_reset(&fixture->text);
    buf_add(&fixture->text, result->text, result->len);
}

static const char *run(struct fixture *fixture, const char *name, const char *arguments)
{
    toolset_call(fixture->tools, name, arguments, on_result, fixture);
    wait_for(fixture);
    return buf_text(&fixture->text);
}

static void a_server_from_pypi_over_stdio(void **state)
{
    struct fixture *fixture = *state;
    const char *command = getenv("SHERD_LIVE_MCP_STDIO");
    if (!command)
        skip();
    fixture->settings.command = xstrdup(command);
    open_tools(fixture);
    assert_non_null(
        strstr(run(fixture, "get_current_time", "{\"timezone\":\"UTC\"}"), "UTC"));
    assert_false(fixture->is_error);
    run(fixture, "get_current_time", "{\"timezone\":\"Nowhere\"}");
    assert_true(fixture->is_error);
    assert_true(strlen(buf_text(&fixture->text)) > 10);
}

static void a_server_from_npm_over_http(void **state)
{
    struct fixture *fixture = *state;
    const char *url = getenv("SHERD_LIVE_MCP_URL");
    if (!url)
        skip();
    fixture->settings.url = xstrdup(url);
    open_tools(fixture);
    assert_string_equal(run(fixture, "echo", "{\"message\":\"h\xc3\xa9llo\"}"),
                        "Echo: h\xc3\xa9llo");
    assert_non_null(strstr(run(fixture, "get-sum", "{\"a\":40,\"b\":2}"), "42"));
    run(fixture, "get-sum", "{\"a\":\"x\"}");
    assert_true(fixture->is_error);
    assert_non_null(strstr(run(fixture, "get-tiny-image", "{}"), "[image image/png]"));
}

/* ---- a poor model: it must end ---- */

static bool on_step(void *ctx, const struct trace_step *step)
{
    (void)ctx;
    printf("# %s %s: %.*s\n", trace_kind_name(step->kind), step->tool ? step->tool : "",
           (int)strcspn(step->text, "\n"), step->text);
    return true;
}

static void on_event(void *ctx, const struct llm_event *event)
{
    struct fixture *fixture = ctx;
    if (event->kind == LLM_TEXT)
        buf_add(&fixture->text, event->text, event->len);
    if (event->kind != LLM_END)
        return;
    fixture->is_there = true;
    completion_copy(&fixture->completion, event->completion);
}

static void ask(struct fixture *fixture, enum endpoint_kind kind, enum agent_way way)
{
    static char name[] = "calculator";
    const char *url = getenv("SHERD_LIVE_MODEL");
    struct endpoint endpoint = {0};
    static const struct llm_message question = {
        .role = "user", .text = "What is 25 to the power of 0.43?", .len = 32};
    const struct agent_settings settings = {.way = way, .steps = 3, .limit_ms = 120000};
    if (!url)
        skip();
    fixture->settings.name = name;
    fixture->settings.kind = TOOL_CALCULATOR;
    open_tools(fixture);
    endpoint_init(&endpoint);
    endpoint.kind = kind;
    endpoint.name = xstrdup("live");
    endpoint.base_url = xstrdup(url);
    endpoint.defaults.max_tokens = 80;
    endpoint.defaults.has_temperature = true; /* the same words each time */
    const struct agent_request request = {
        .llm = {.endpoint = &endpoint, .messages = &question, .message_count = 1},
        .tools = fixture->tools,
        .settings = &settings,
        .on_step = on_step};
    agent_start(fixture->http, fixture->loop, &clock_system, &request, on_event, fixture);
    wait_for(fixture);
    if (fixture->completion.state != COMPLETION_DONE)
        fail_msg("%s", fixture->completion.error);
    assert_true(fixture->text.len > 0);
    printf("# %s: %.*s\n", fixture->completion.finish_reason,
           (int)strcspn(buf_text(&fixture->text), "\n"), buf_text(&fixture->text));
    endpoint_clear(&endpoint);
}

static void chat_ends(void **state)
{
    ask(*state, ENDPOINT_OPENAI_CHAT, AGENT_AUTO);
}

static void chat_in_text_ends(void **state)
{
    ask(*state, ENDPOINT_OPENAI_CHAT, AGENT_TEXT);
}

static void completions_ends(void **state)
{
    ask(*state, ENDPOINT_OPENAI_COMPLETIONS, AGENT_AUTO);
}

static void responses_ends(void **state)
{
    ask(*state, ENDPOINT_OPENAI_RESPONSES, AGENT_AUTO);
}

static void messages_ends(void **state)
{
    ask(*state, ENDPOINT_ANTHROPIC, AGENT_AUTO);
}

int main(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* as the program does */
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_server_from_pypi_over_stdio),
        CASE(a_server_from_npm_over_http),
        CASE(chat_ends),
        CASE(chat_in_text_ends),
        CASE(completions_ends),
        CASE(responses_ends),
        CASE(messages_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
