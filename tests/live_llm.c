/* SPDX-License-Identifier: MIT
 *
 * One prompt to a real model server: SHERD_LIVE_MODEL. Part of make live, not of make
 * check; skipped when it is not set or nothing listens there.
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
#include "tests/support/live.h"

enum { DEADLINE_MS = 180000, TICK_MS = 20 };

struct live {
    struct loop *loop;
    struct http *http;
    struct loop_timer *timer;
    struct endpoint endpoint;
    int ticks;
    struct buf text;
    struct buf names;
    struct err err;
    int pieces;
    bool is_over;
    struct completion completion;
};

static void tick(void *ctx)
{
    struct live *live = ctx;
    assert_true(++live->ticks < DEADLINE_MS / TICK_MS);
}

static int set_up(void **state)
{
    const char *url = live_model();
    struct live *live = xcalloc(1, sizeof *live);
    struct err err = {0};
    live->loop = loop_new();
    live->http = http_new(live->loop);
    live->timer = loop_timer_new(live->loop, tick, live);
    loop_timer_start(live->timer, TICK_MS, TICK_MS);
    endpoint_init(&live->endpoint);
    live->endpoint.name = xstrdup("live");
    *state = live;
    return endpoint_set_url(&live->endpoint, url, &err) != STATUS_OK;
}

static int tear_down(void **state)
{
    struct live *live = *state;
    http_free(live->http);
    loop_timer_free(live->timer);
    loop_free(live->loop);
    endpoint_clear(&live->endpoint);
    completion_clear(&live->completion);
    buf_clear(&live->text);
    buf_clear(&live->names);
    free(live);
    return 0;
}

static void settle(struct live *live)
{
    while (!live->is_over)
        loop_turn(live->loop);
    live->is_over = false;
}

static void on_names(void *ctx, const struct err *err, const struct llm_model *models,
                     size_t count)
{
    struct live *live = ctx;
    live->err = *err;
    for (size_t i = 0; i < count; i++)
        buf_addf(&live->names, "%s%s%s%s", i ? "\n" : "", models[i].name,
                 models[i].shutdown_date ? " until " : "",
                 models[i].shutdown_date ? models[i].shutdown_date : "");
    live->is_over = true;
}

/* The names of its models; skips the case when nobody is there. */
static void find_models(struct live *live)
{
    llm_list_models(live->http, &live->endpoint, on_names, live);
    settle(live);
    if (live->err.code == STATUS_NETWORK) {
        print_message("%s\n", live->err.text);
        skip();
    }
    assert_int_equal(live->err.code, STATUS_OK);
    assert_true(live->names.len > 0);
}

static void on_event(void *ctx, const struct llm_event *event)
{
    struct live *live = ctx;
    if (event->kind == LLM_TEXT) {
        buf_add(&live->text, event->text, event->len);
        live->pieces++;
    } else if (event->kind == LLM_WAITING) {
        print_message("%s\n", event->err->text);
    } else if (event->kind == LLM_END) {
        completion_copy(&live->completion, event->completion);
        live->is_over = true;
    }
}

static struct llm_call *ask(struct live *live, const char *prompt,
                            const struct sampling *sampling)
{
    struct llm_message message = {.role = "user", .text = prompt, .len = strlen(prompt)};
    struct llm_request request = {.endpoint = &live->endpoint,
                                  .messages = &message,
                                  .message_count = 1,
                                  .sampling = sampling};
    buf_reset(&live->text);
    live->pieces = 0;
    live->is_over = false;
    return llm_start(live->http, live->loop, &clock_system, &request, on_event, live);
}

/* The rig takes one request at a time, and others may be using it. */
static bool was_interrupted(const struct live *live)
{
    const char *error = live->completion.error;
    if (!error || !strstr(error, "one at a time"))
        return false;
    print_message("%s\n", error);
    return true;
}

static void a_real_model_streams_its_answer(void **state)
{
    struct live *live = *state;
    struct sampling sampling = {.max_tokens = 24, .has_temperature = true};
    find_models(live);
    for (int i = 0; i == 0 || (i < 8 && was_interrupted(live)); i++) {
        ask(live, "Tell me a joke.", &sampling);
        settle(live);
    }
    const struct completion *got = &live->completion;
    print_message("%s\n\"%s\"\n%d pieces, %lld + %lld tokens, first after %lld ms, all "
                  "after %lld ms, %s\n",
                  got->model_used ? got->model_used : "?", buf_text(&live->text),
                  live->pieces, (long long)got->prompt_tokens,
                  (long long)got->completion_tokens, (long long)got->first_token_ms,
                  (long long)got->total_ms,
                  got->finish_reason ? got->finish_reason : "?");
    if (got->error)
        print_message("%s (%d attempts)\n", got->error, got->attempts);
    assert_int_equal(got->state, COMPLETION_DONE);
    assert_true(live->text.len > 0 && live->pieces > 1);
    assert_non_null(got->finish_reason);
    /* llama-cpp-python says no usage in a stream, although asked: then none is known */
    bool says_usage = got->prompt_tokens != -1;
    assert_true(!says_usage || got->prompt_tokens > 0);
    if (says_usage)
        assert_true(got->completion_tokens >= 1 && got->completion_tokens <= 24);
    else
        assert_int_equal(got->completion_tokens, -1);
    assert_true(got->first_token_ms >= 0 && got->first_token_ms <= got->total_ms);
    assert_non_null(got->sampling.model); /* the first one that it lists */
}

static void a_real_answer_can_be_stopped(void **state)
{
    struct live *live = *state;
    find_models(live);
    for (int i = 0; i == 0 || (i < 8 && was_interrupted(live)); i++) {
        struct llm_call *call = ask(live, "Count from one to a thousand in words.", NULL);
        while (live->pieces < 3 && !live->is_over)
            loop_turn(live->loop);
        if (!live->is_over)
            llm_cancel(call);
        settle(live);
    }
    assert_string_equal(live->completion.finish_reason, "cancelled");
    assert_int_equal(live->completion.state, COMPLETION_CUT);
    assert_true(live->text.len > 0);
}

enum { STREAMS = 8 };

struct one {
    struct buf text;
    struct completion completion;
    struct err err;
    enum llm_fault fault;
    bool is_over;
};

static void on_one(void *ctx, const struct llm_event *event)
{
    struct one *one = ctx;
    if (event->kind == LLM_TEXT)
        buf_add(&one->text, event->text, event->len);
    if (event->kind != LLM_END)
        return;
    completion_copy(&one->completion, event->completion);
    if (event->err)
        one->err = *event->err;
    one->fault = event->fault;
    one->is_over = true;
}

/* All of them are under way before any has ended: a server of one stream would not. */
static void eight_answers_stream_at_once(void **state)
{
    struct live *live = *state;
    struct one ones[STREAMS];
    struct llm_memory *memory = llm_memory_new();
    struct sampling sampling = {.max_tokens = 40, .has_temperature = true};
    bool has_all = false;
    size_t over = 0;
    memset(ones, 0, sizeof ones);
    find_models(live);
    for (size_t i = 0; i < STREAMS; i++) {
        char *prompt = xasprintf("Write a sentence about the number %zu.", i + 2);
        struct llm_message message = {
            .role = "user", .text = prompt, .len = strlen(prompt)};
        struct llm_request request = {.endpoint = &live->endpoint,
                                      .messages = &message,
                                      .message_count = 1,
                                      .sampling = &sampling,
                                      .memory = memory};
        llm_start(live->http, live->loop, &clock_system, &request, on_one, &ones[i]);
        free(prompt);
    }
    while (over < STREAMS) {
        size_t begun = 0;
        loop_turn(live->loop);
        over = 0;
        for (size_t i = 0; i < STREAMS; i++) {
            begun += ones[i].text.len > 0;
            over += ones[i].is_over;
        }
        has_all |= begun == STREAMS && over == 0;
    }
    for (size_t i = 0; i < STREAMS; i++) {
        if (ones[i].completion.state != COMPLETION_DONE)
            fail_msg("%s", ones[i].err.text);
        assert_true(ones[i].text.len > 0);
        assert_int_equal(ones[i].fault, LLM_FAULT_NONE);
        buf_clear(&ones[i].text);
        completion_clear(&ones[i].completion);
    }
    llm_memory_free(memory);
    assert_true(has_all);
}

/* A server that has not one of them says so; llama.cpp has them all. */
static void other_protocols_are_spoken(void **state)
{
    struct live *live = *state;
    static const enum endpoint_kind kinds[] = {
        ENDPOINT_OPENAI_COMPLETIONS, ENDPOINT_OPENAI_RESPONSES, ENDPOINT_ANTHROPIC};
    struct sampling sampling = {.max_tokens = 8, .has_temperature = true};
    find_models(live);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        live->endpoint.kind = kinds[i];
        completion_clear(&live->completion);
        /* one that is not over at once where it is only continued */
        ask(live, "Once upon a time, there was a", &sampling);
        settle(live);
        print_message("%s: \"%s\" %s\n", endpoint_kind_name(kinds[i]),
                      buf_text(&live->text),
                      live->completion.error ? live->completion.error : "");
        if (live->completion.error && strstr(live->completion.error, "no chat service"))
            continue;
        assert_int_equal(live->completion.state, COMPLETION_DONE);
        assert_int_equal(live->completion.completion_tokens, 8);
        assert_true(live->completion.prompt_tokens > 0);
    }
}

static const enum endpoint_kind spoken[] = {
    ENDPOINT_OPENAI_CHAT, ENDPOINT_OPENAI_COMPLETIONS, ENDPOINT_OPENAI_RESPONSES,
    ENDPOINT_ANTHROPIC};
enum { SPOKEN = sizeof spoken / sizeof *spoken };

/* Also where the endpoint knows no such parameter. */
static void a_stop_sequence_ends_every_kind(void **state)
{
    struct live *live = *state;
    static const char *const stop[] = {"e", ",", NULL};
    struct sampling sampling = {.max_tokens = 60, .has_temperature = true};
    find_models(live);
    for (size_t i = 0; i < SPOKEN; i++) {
        struct llm_message message = {
            .role = "user", .text = "Once upon a time, there was a", .len = 29};
        struct llm_request request = {.endpoint = &live->endpoint,
                                      .messages = &message,
                                      .message_count = 1,
                                      .sampling = &sampling,
                                      .stop = stop};
        live->endpoint.kind = spoken[i];
        completion_clear(&live->completion);
        buf_reset(&live->text);
        llm_start(live->http, live->loop, &clock_system, &request, on_event, live);
        settle(live);
        print_message("%s: \"%s\" %s\n", endpoint_kind_name(spoken[i]),
                      buf_text(&live->text), live->completion.finish_reason);
        assert_int_equal(live->completion.state, COMPLETION_DONE);
        assert_null(strchr(buf_text(&live->text), 'e'));
        assert_null(strchr(buf_text(&live->text), ','));
    }
}

struct turn {
    bool is_over, refuses_tools;
    size_t calls;
    struct completion completion;
    struct err err;
};

static void on_turn(void *ctx, const struct llm_event *event)
{
    struct turn *turn = ctx;
    if (event->kind != LLM_END)
        return;
    for (size_t i = 0; i < event->call_count; i++)
        print_message("  calls %s(%s) as %s\n", event->calls[i].name,
                      event->calls[i].arguments, event->calls[i].id);
    turn->is_over = true;
    turn->refuses_tools = event->refuses_tools;
    turn->calls = event->call_count;
    completion_copy(&turn->completion, event->completion);
    if (event->err)
        turn->err = *event->err;
}

/* Whatever so small a model makes of them: tools, a former call and its result are taken,
 * and it ends in text, in calls or in a refusal of tools. */
static void tools_and_their_results_are_taken(void **state)
{
    struct live *live = *state;
    static const struct llm_tool tool = {
        "look", "Looks something up.",
        "{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\"}}}"};
    char id[] = "call_1", name[] = "look", arguments[] = "{\"q\":\"president\"}";
    const struct llm_tool_call call = {id, name, arguments};
    const struct llm_message messages[] = {
        {.role = "system", .text = "Be brief.", .len = 9},
        {.role = "user", .text = "Who was the first president?", .len = 28},
        {.role = "assistant", .text = "", .calls = &call, .call_count = 1},
        {.role = "tool", .text = "George Washington", .len = 17, .call_id = id}};
    struct llm_memory *memory = llm_memory_new();
    struct sampling sampling = {.max_tokens = 24, .has_temperature = true};
    find_models(live);
    for (size_t i = 0; i < SPOKEN; i++) {
        struct turn turn = {.is_over = false};
        struct llm_request request = {.endpoint = &live->endpoint,
                                      .messages = messages,
                                      .message_count = 4,
                                      .sampling = &sampling,
                                      .memory = memory,
                                      .tools = &tool,
                                      .tool_count = 1};
        live->endpoint.kind = spoken[i];
        llm_start(live->http, live->loop, &clock_system, &request, on_turn, &turn);
        while (!turn.is_over)
            loop_turn(live->loop);
        print_message("%s: %s, %zu calls%s %s\n", endpoint_kind_name(spoken[i]),
                      completion_state_name(turn.completion.state), turn.calls,
                      turn.refuses_tools ? ", takes no tools" : "", turn.err.text);
        assert_true(turn.refuses_tools || turn.completion.state == COMPLETION_DONE);
        assert_int_equal(turn.refuses_tools,
                         !llm_takes_tools(memory, &live->endpoint, NULL));
        completion_clear(&turn.completion);
    }
    llm_memory_free(memory);
}

static void on_kind(void *ctx, const struct endpoint *found)
{
    struct live *live = ctx;
    assert_non_null(found);
    print_message("%s %s\n", endpoint_kind_name(found->kind), found->base_url);
    assert_int_equal(found->kind, ENDPOINT_OPENAI_CHAT);
    live->is_over = true;
}

static void its_kind_is_found(void **state)
{
    struct live *live = *state;
    find_models(live);
    live->endpoint.kind = ENDPOINT_OLLAMA; /* which it does not speak */
    llm_find_kind(live->http, &live->endpoint, on_kind, live);
    settle(live);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_real_model_streams_its_answer),
        CASE(a_real_answer_can_be_stopped),
        CASE(eight_answers_stream_at_once),
        CASE(other_protocols_are_spoken),
        CASE(a_stop_sequence_ends_every_kind),
        CASE(tools_and_their_results_are_taken),
        CASE(its_kind_is_found),
    };
    if (!*live_model())
        return live_skip_all("SHERD_LIVE_MODEL is not set");
    return cmocka_run_group_tests_name("live_llm", tests, NULL, NULL);
}
