/* SPDX-License-Identifier: MIT
 * The loop of an agent: calls, text, limits, cancelling, the user's word. */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/agent.h"
#include "tests/support/fake_server.h"

struct fixture {
    struct loop *loop;
    struct loop_timer *tick;
    struct http *http;
    struct fake_server *server;
    struct endpoint endpoint;
    struct llm_memory *memory;
    struct tool_settings calculator, sleeper;
    struct toolset *tools;
    struct agent_settings settings;
    struct agent_request request;
    struct agent *agent;
    struct buf steps; /* "call calculator {…}" a line */
    struct buf text;
    struct completion completion;
    struct err err;
    bool is_over;
    bool asked;
    size_t keeps; /* steps that can be kept */
    size_t takes_back;
    int texts;
};

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static bool on_step(void *ctx, const struct trace_step *step)
{
    struct fixture *fixture = ctx;
    if (!fixture->keeps)
        return false;
    fixture->keeps--;
    bool is_timed = step->kind == TRACE_THOUGHT || step->kind == TRACE_RESULT;
    assert_int_equal(step->took_ms >= 0, is_timed);
    assert_true(step->at_ms > 0 && step->took_ms < 60000);
    buf_addf(&fixture->steps, "%s%s%s %s%.*s\n", trace_kind_name(step->kind),
             step->tool ? " " : "", step->tool ? step->tool : "",
             step->is_error ? "! " : "", (int)step->len, step->text);
    return true;
}

static void on_confirm(void *ctx, const char *tool, const char *arguments)
{
    struct fixture *fixture = ctx;
    assert_string_equal(tool, "calculator");
    assert_non_null(strstr(arguments, "expression"));
    fixture->asked = true;
}

static void on_event(void *ctx, const struct llm_event *event)
{
    struct fixture *fixture = ctx;
    if (event->kind == LLM_TEXT) {
        assert_true(event->takes_back <= fixture->text.len);
        fixture->text.len -= event->takes_back;
        fixture->takes_back += event->takes_back;
        buf_add(&fixture->text, event->text, event->len);
        fixture->texts++;
    }
    if (event->kind != LLM_END)
        return;
    assert_false(fixture->is_over); /* once */
    fixture->is_over = true;
    completion_copy(&fixture->completion, event->completion);
    if (event->err)
        fixture->err = *event->err;
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    struct err err = {0};
    static char calculator[] = "calculator", sleeper[] = "sleeper", text[] = "Sleeps.",
                command[] = "sh -c 'trap \"\" TERM; while :; do sleep 1; done'";
    fixture->loop = loop_new();
    fixture->tick = loop_timer_new(fixture->loop, do_nothing, NULL);
    loop_timer_start(fixture->tick, 5, 5);
    fixture->http = http_new(fixture->loop);
    fixture->server = fake_server_new();
    fixture->memory = llm_memory_new();
    endpoint_init(&fixture->endpoint);
    fixture->endpoint.name = xstrdup("fake");
    fixture->endpoint.base_url = xasprintf("%s/v1", fake_server_url(fixture->server));
    fixture->endpoint.defaults.model = xstrdup("fake-1");
    fixture->calculator = (struct tool_settings){.name = calculator,
                                                 .kind = TOOL_CALCULATOR,
                                                 .timeout_ms = 10000,
                                                 .max_output = 1000};
    fixture->sleeper = fixture->calculator;
    fixture->sleeper.name = sleeper;
    fixture->sleeper.kind = TOOL_COMMAND;
    fixture->sleeper.command = command;
    fixture->sleeper.description = text;
    fixture->tools = toolset_new(fixture->http, fixture->loop);
    fixture->settings = (struct agent_settings){.steps = 5, .limit_ms = 60000};
    fixture->keeps = 1000;
    *state = fixture;
    return toolset_add(fixture->tools, &fixture->calculator, &err) ||
           toolset_add(fixture->tools, &fixture->sleeper, &err);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    toolset_free(fixture->tools);
    loop_timer_free(fixture->tick);
    http_free(fixture->http);
    llm_memory_free(fixture->memory);
    loop_free(fixture->loop);
    fake_server_free(fixture->server);
    endpoint_clear(&fixture->endpoint);
    completion_clear(&fixture->completion);
    buf_clear(&fixture->steps);
    buf_clear(&fixture->text);
    free(fixture);
    return 0;
}

static void say(struct fixture *fixture, const char *message, const char *reason)
{
    char *body = xasprintf("{\"model\":\"fake-1\",\"choices\":[{\"index\":0,\"message\":"
                           "{\"role\":\"assistant\",%s},\"finish_reason\":\"%s\"}],"
                           "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}",
                           message, reason);
    fake_reply_http(fake_server_queue(fixture->server), 200, "application/json", body);
    free(body);
}

#define CALL(id, name, arguments)                                                        \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name            \
    "\",\"arguments\":\"" arguments "\"}}"

static void say_call(struct fixture *fixture, const char *calls)
{
    char *message = xasprintf("\"content\":null,\"tool_calls\":[%s]", calls);
    say(fixture, message, "tool_calls");
    free(message);
}

static void start(struct fixture *fixture)
{
    static const struct llm_message question = {
        .role = "user", .text = "What is 6*7?", .len = 12};
    fixture->request.llm = (struct llm_request){.endpoint = &fixture->endpoint,
                                                .messages = &question,
                                                .message_count = 1,
                                                .memory = fixture->memory};
    fixture->request.tools = fixture->tools;
    fixture->request.settings = &fixture->settings;
    fixture->request.on_step = on_step;
    fixture->agent = agent_start(fixture->http, fixture->loop, &clock_system,
                                 &fixture->request, on_event, fixture);
    assert_false(fixture->is_over);
}

static void wait_for(struct fixture *fixture, const bool *is_there)
{
    int64_t end_ms = clock_mono_ms(&clock_system) + 60000;
    while (!*is_there && clock_mono_ms(&clock_system) < end_ms)
        loop_turn(fixture->loop);
    assert_true(*is_there);
}

static void run(struct fixture *fixture)
{
    start(fixture);
    wait_for(fixture, &fixture->is_over);
}

static const char *body(struct fixture *fixture, size_t at)
{
    return fake_server_request(fixture->server, at)->body;
}

static void calls_are_made_and_answered(void **state)
{
    struct fixture *fixture = *state;
    say_call(fixture,
             CALL("a", "calculator", "{\\\"expression\\\":\\\"6*7\\\"}") "," CALL(
                 "b", "calculator", "{\\\"expression\\\":") "," CALL("c", "rm", "{}"));
    say(fixture, "\"content\":\"It is 42.\"", "stop");
    run(fixture);
    assert_string_equal(buf_text(&fixture->text), "It is 42.");
    assert_int_equal(fixture->texts, 1);
    assert_int_equal(fixture->completion.state, COMPLETION_DONE);
    assert_int_equal(fixture->completion.prompt_tokens, 20);
    assert_int_equal(fixture->completion.completion_tokens, 4);
    const char *steps = buf_text(&fixture->steps);
    assert_non_null(strstr(steps, "call calculator {\"expression\":\"6*7\"}\n"
                                  "result calculator 42\n"));
    assert_non_null(strstr(steps, "result calculator ! The arguments are no JSON"));
    assert_non_null(strstr(steps, "call rm {}\nresult rm ! rm is not a valid tool"));
    assert_non_null(strstr(body(fixture, 0), "\"tools\":[{"));
    /* every call has its result, in order */
    const char *second = body(fixture, 1);
    const char *a = strstr(second, "\"tool_call_id\":\"a\"");
    const char *b = strstr(second, "\"tool_call_id\":\"b\"");
    const char *c = strstr(second, "\"tool_call_id\":\"c\"");
    assert_true(a && b && c && a < b && b < c);
}

static void text_is_the_way_where_tools_are_refused(void **state)
{
    struct fixture *fixture = *state;
    fake_reply_http(fake_server_queue(fixture->server), 400, "application/json",
                    "{\"error\":{\"message\":\"fake-1 does not support tools\"}}");
    say(fixture,
        "\"content\":\" I compute.\\nAction: calculator\\nAction Input: "
        "6*7\\nObservation: 41\"",
        "stop");
    say(fixture, "\"content\":\" Hm, I lost the thread.\"", "stop");
    say(fixture, "\"content\":\" I now know\\nFinal Answer: 42\"", "stop");
    run(fixture);
    assert_string_equal(buf_text(&fixture->text), "42");
    assert_int_equal(fake_server_count(fixture->server), 4);
    assert_null(strstr(body(fixture, 1), "\"tools\""));
    assert_non_null(strstr(body(fixture, 1), "\"stop\":[\"\\nObservation:\""));
    assert_non_null(strstr(body(fixture, 2), "Observation: 42\\nThought:"));
    assert_null(strstr(body(fixture, 2), "Observation: 41"));
    assert_non_null(strstr(body(fixture, 3), "Observation: Invalid Format"));
    /* the next one knows it */
    fixture->is_over = false;
    say(fixture, "\"content\":\"Final Answer: 43\"", "stop");
    run(fixture);
    assert_int_equal(fake_server_count(fixture->server), 5);
}

static void stream(struct fixture *fixture, const char *const *pieces, bool calls)
{
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_stream(reply);
    for (size_t i = 0; pieces[i]; i++) {
        char *chunk = xasprintf("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                                "\"%s\"}}]}\n\n",
                                pieces[i]);
        if (!*pieces[i])
            fake_reply_gate(reply);
        fake_reply_text(reply, chunk);
        free(chunk);
    }
    if (calls)
        fake_reply_text(reply,
                        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
                        "\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{"
                        "\"name\":\"calculator\",\"arguments\":\"{\\\"expression\\\":"
                        "\\\"6*7\\\"}\"}}]}}]}\n\n");
    fake_reply_text(reply, "data: {\"choices\":[{\"index\":0,\"delta\":{},"
                           "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    fake_reply_close(reply);
}

/* Runs until that is shown, before the gate is opened for the rest. */
static void wait_for_text(struct fixture *fixture, const char *text)
{
    int64_t end_ms = clock_mono_ms(&clock_system) + 60000;
    while (strcmp(buf_text(&fixture->text), text) != 0 &&
           clock_mono_ms(&clock_system) < end_ms)
        loop_turn(fixture->loop);
    assert_string_equal(buf_text(&fixture->text), text);
    fake_server_open_gate(fixture->server);
}

/* A text that calls followed was none of it. */
static void the_answer_is_shown_as_it_comes(void **state)
{
    static const char *const thought[] = {"Let me ", "see.", "", NULL};
    static const char *const answer[] = {"It is", " 42", "", ".", NULL};
    struct fixture *fixture = *state;
    fixture->request.streams = true;
    stream(fixture, thought, true);
    stream(fixture, answer, false);
    start(fixture);
    wait_for_text(fixture, "Let me see.");
    wait_for_text(fixture, "It is 42");
    wait_for(fixture, &fixture->is_over);
    assert_string_equal(buf_text(&fixture->text), "It is 42.");
    assert_int_equal(fixture->takes_back, strlen("Let me see."));
    assert_non_null(strstr(buf_text(&fixture->steps), "thought Let me see.\n"));
}

/* A pipe cannot take back what it has printed. */
static void without_streaming_only_the_whole_answer_is_told(void **state)
{
    static const char *const thought[] = {"Let me ", "see.", NULL};
    static const char *const answer[] = {"It is", " 42.", NULL};
    struct fixture *fixture = *state;
    stream(fixture, thought, true);
    stream(fixture, answer, false);
    start(fixture);
    wait_for(fixture, &fixture->is_over);
    assert_string_equal(buf_text(&fixture->text), "It is 42.");
    assert_int_equal(fixture->texts, 1);
    assert_int_equal(fixture->takes_back, 0);
}

static void the_answer_in_text_is_shown_behind_its_label(void **state)
{
    static const char *const action[] = {
        "I compute: it.", "\\nAction: calculator\\nAction Input: 6*7", NULL};
    static const char *const answer[] = {
        " I know: it.\\n**Final An", "swer:", "** ", "For", "ty", "", "-two: 42. ", NULL};
    struct fixture *fixture = *state;
    fixture->request.streams = true;
    fixture->settings.way = AGENT_TEXT;
    stream(fixture, action, false);
    stream(fixture, answer, false);
    start(fixture);
    wait_for_text(fixture, "Forty");
    wait_for(fixture, &fixture->is_over);
    assert_string_equal(buf_text(&fixture->text), "Forty-two: 42.");
    assert_int_equal(fixture->takes_back, 0);
}

static void a_completion_endpoint_is_asked_in_text(void **state)
{
    struct fixture *fixture = *state;
    fixture->endpoint.kind = ENDPOINT_OPENAI_COMPLETIONS;
    fake_reply_http(fake_server_queue(fixture->server), 200, "application/json",
                    "{\"choices\":[{\"index\":0,\"text\":\" y\\nFinal Answer: 42\","
                    "\"finish_reason\":\"stop\"}]}");
    run(fixture);
    assert_string_equal(buf_text(&fixture->text), "42");
    assert_non_null(strstr(body(fixture, 0), "Question: What is 6*7?\\nThought:"));
}

static void the_limit_of_steps_ends_it_as_langchain_does(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.steps = 2;
    for (int i = 0; i < 2; i++)
        say_call(fixture, CALL("a", "calculator", "{\\\"expression\\\":\\\"1\\\"}"));
    run(fixture);
    assert_string_equal(buf_text(&fixture->text),
                        "Agent stopped due to iteration limit or time limit.");
    assert_int_equal(fixture->completion.state, COMPLETION_DONE);
    assert_string_equal(fixture->completion.finish_reason, "agent_steps");
    assert_int_equal(fake_server_count(fixture->server), 2);
    assert_non_null(strstr(buf_text(&fixture->steps), "end The limit of 2 steps"));
}

static void the_time_limit_ends_a_tool_and_a_model(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.limit_ms = 1000;
    say_call(fixture, CALL("a", "sleeper", "{}"));
    run(fixture);
    assert_string_equal(buf_text(&fixture->text), agent_stopped);
    assert_string_equal(fixture->completion.finish_reason, "agent_time");
    assert_non_null(strstr(buf_text(&fixture->steps),
                           "result sleeper ! It was stopped.\nend The limit of 1 "
                           "seconds"));
    fixture->is_over = false;
    buf_reset(&fixture->text);
    fake_reply_stall(fake_server_queue(fixture->server));
    run(fixture);
    assert_string_equal(buf_text(&fixture->text), agent_stopped);
}

static void it_can_be_stopped_anywhere(void **state)
{
    struct fixture *fixture = *state;
    start(fixture); /* before anything */
    agent_cancel(fixture->agent);
    agent_cancel(fixture->agent);
    assert_false(fixture->is_over);
    wait_for(fixture, &fixture->is_over);
    assert_string_equal(fixture->completion.finish_reason, "cancelled");
    assert_int_equal(fixture->completion.state, COMPLETION_CUT);
    assert_int_equal(fake_server_count(fixture->server), 0);

    fixture->is_over = false; /* while the model is asked */
    fake_reply_stall(fake_server_queue(fixture->server));
    start(fixture);
    while (!fake_server_count(fixture->server))
        loop_turn(fixture->loop);
    agent_cancel(fixture->agent);
    wait_for(fixture, &fixture->is_over);
    assert_string_equal(fixture->completion.finish_reason, "cancelled");

    fixture->is_over = false; /* while it answers: that has begun at a time */
    struct fake_reply *half = fake_server_queue(fixture->server);
    fake_reply_stream(half);
    fake_reply_text(half, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                          "\"Half.\"}}]}\n\n");
    fake_reply_stall(half);
    fixture->request.streams = true;
    start(fixture);
    while (!fixture->text.len)
        loop_turn(fixture->loop);
    agent_cancel(fixture->agent);
    wait_for(fixture, &fixture->is_over);
    assert_int_equal(fixture->completion.state, COMPLETION_CUT);
    assert_true(fixture->completion.first_token_ms >= 0);
    fixture->request.streams = false;
    buf_reset(&fixture->text);

    fixture->is_over = false; /* while a tool runs that ignores TERM */
    buf_reset(&fixture->steps);
    say_call(fixture, CALL("a", "sleeper", "{}"));
    start(fixture);
    while (!strstr(buf_text(&fixture->steps), "call sleeper"))
        loop_turn(fixture->loop);
    agent_cancel(fixture->agent);
    wait_for(fixture, &fixture->is_over);
    assert_string_equal(fixture->completion.finish_reason, "cancelled");
    assert_int_equal(fixture->text.len, 0);
}

static void a_step_that_cannot_be_kept_ends_it(void **state)
{
    struct fixture *fixture = *state;
    fixture->keeps = 1;
    say_call(fixture, CALL("a", "calculator", "{\\\"expression\\\":\\\"1\\\"}"));
    run(fixture);
    assert_int_equal(fixture->completion.state, COMPLETION_FAILED);
    assert_non_null(strstr(fixture->err.text, "cannot be kept"));
    assert_int_equal(fake_server_count(fixture->server), 1); /* no further question */
}

static void the_user_is_asked_and_may_refuse(void **state)
{
    struct fixture *fixture = *state;
    static const char call[] = CALL("a", "calculator", "{\\\"expression\\\":\\\"1\\\"}");
    fixture->settings.asks = true;
    say_call(fixture, call); /* nobody is there */
    say(fixture, "\"content\":\"Too bad.\"", "stop");
    run(fixture);
    assert_non_null(strstr(body(fixture, 1), "the user must allow it"));

    fixture->is_over = false;
    fixture->request.on_confirm = on_confirm;
    fixture->settings.limit_ms = 1500; /* which stands still while the user thinks */
    say_call(fixture, call);
    say_call(fixture, call);
    say_call(fixture, call);
    say(fixture, "\"content\":\"Fine.\"", "stop");
    buf_reset(&fixture->steps);
    start(fixture);
    wait_for(fixture, &fixture->asked);
    int64_t end_ms = clock_mono_ms(&clock_system) + 1600;
    while (clock_mono_ms(&clock_system) < end_ms)
        loop_turn(fixture->loop);
    assert_false(fixture->is_over);
    assert_null(strstr(buf_text(&fixture->steps), "result"));
    fixture->asked = false;
    agent_decide(fixture->agent, false, false);
    wait_for(fixture, &fixture->asked);
    assert_non_null(strstr(buf_text(&fixture->steps),
                           "result calculator ! The user did not allow this call."));
    fixture->asked = false;
    agent_decide(fixture->agent, true, true);
    wait_for(fixture, &fixture->is_over);
    assert_false(fixture->asked); /* the third was allowed with it */
    assert_non_null(strstr(buf_text(&fixture->steps), "result calculator 1\n"));
}

static void what_is_cut_off_is_not_run(void **state)
{
    struct fixture *fixture = *state;
    say(fixture,
        "\"content\":null,\"tool_calls\":[" CALL("a", "calculator",
                                                 "{\\\"expression\\\":\\\"1\\\"}") "]",
        "length");
    say(fixture, "\"content\":\"Done.\"", "stop");
    run(fixture);
    assert_null(strstr(buf_text(&fixture->steps), "result calculator 1\n"));
    fixture->is_over = false;
    fixture->settings.way = AGENT_TEXT;
    buf_reset(&fixture->steps);
    say(fixture, "\"content\":\" y\\nAction: calculator\\nAction Input: 1\"", "length");
    say(fixture, "\"content\":\"Final Answer: Done.\"", "stop");
    run(fixture);
    assert_non_null(strstr(buf_text(&fixture->steps), "cut off at the token limit"));
}

static void a_failing_endpoint_fails_it(void **state)
{
    struct fixture *fixture = *state;
    say_call(fixture, CALL("a", "calculator", "{\\\"expression\\\":\\\"1\\\"}"));
    fake_reply_http(fake_server_queue(fixture->server), 401, "application/json",
                    "{\"error\":{\"message\":\"bad key\"}}");
    run(fixture);
    assert_int_equal(fixture->completion.state, COMPLETION_FAILED);
    assert_int_equal(fixture->err.code, STATUS_AUTH);
    assert_int_equal(fixture->text.len, 0);
}

/* As for every other prompt: what came is kept, and counts as cut off. */
static void an_answer_that_breaks_off_is_cut(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 4; i++) {
        bool is_text = i % 2, is_filtered = i / 2;
        char *body = xasprintf("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                               "\"%s\"},\"finish_reason\":%s}]}\n\n%s",
                               is_text ? "Final Answer: Half." : "Half.",
                               is_filtered ? "\"content_filter\"" : "null",
                               is_filtered ? "data: [DONE]\n\n" : "");
        fixture->is_over = false;
        fixture->request.streams = i == 3;
        fixture->settings.way = is_text ? AGENT_TEXT : AGENT_AUTO;
        buf_reset(&fixture->text);
        fake_reply_http(fake_server_queue(fixture->server), 200, "text/event-stream",
                        body);
        run(fixture);
        free(body);
        assert_string_equal(buf_text(&fixture->text), "Half.");
        assert_int_equal(fixture->completion.state, COMPLETION_CUT);
        assert_true(fixture->completion.first_token_ms >= 0);
    }
}

int main(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* as the program does */
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(calls_are_made_and_answered),
        CASE(text_is_the_way_where_tools_are_refused),
        CASE(the_answer_is_shown_as_it_comes),
        CASE(without_streaming_only_the_whole_answer_is_told),
        CASE(the_answer_in_text_is_shown_behind_its_label),
        CASE(a_completion_endpoint_is_asked_in_text),
        CASE(the_limit_of_steps_ends_it_as_langchain_does),
        CASE(the_time_limit_ends_a_tool_and_a_model),
        CASE(it_can_be_stopped_anywhere),
        CASE(a_step_that_cannot_be_kept_ends_it),
        CASE(the_user_is_asked_and_may_refuse),
        CASE(what_is_cut_off_is_not_run),
        CASE(a_failing_endpoint_fails_it),
        CASE(an_answer_that_breaks_off_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
