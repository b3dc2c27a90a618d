/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "llm/react.h"

enum { MAX_CALLS = 32 /* of one turn */ };

const char agent_stopped[] = "Agent stopped due to iteration limit or time limit.";

enum ending { GOES_ON, BY_USER, BY_TIME, BY_STORE };

struct agent {
    struct http *http;
    struct loop *loop;
    const struct clock *clock;
    struct agent_request request;
    struct agent_settings settings;
    struct endpoint endpoint;
    struct sampling sampling;
    bool is_text; /* react's way */
    llm_fn fn;
    void *ctx;

    struct llm_messages said; /* is_text: ends with the question */
    struct buf steps;         /* is_text: react's */
    int64_t turns;
    struct llm_call *call;
    struct buf text;          /* of this turn */
    struct react_shown shown; /* of it, as the answer */
    int64_t shown_ms;         /* since when */
    int64_t turn_ms;          /* when it began */

    struct llm_messages turn;        /* what the model said last, with its calls */
    size_t call_at;                  /* how many of them were made */
    const struct llm_tool_call *now; /* the one that is made; NULL */
    bool is_cut;                     /* they end at the token limit */
    size_t used; /* is_text: bytes of the text that ask for the call */
    struct tool_call *tool;
    int64_t tool_ms;
    bool waits_for_user;
    bool allows_all;

    struct loop_timer *timer; /* the time limit */
    int64_t left_ms;          /* of it, when the timer was last started */
    int64_t timed_ms;
    struct loop_timer *turn_timer; /* what is next, in a turn of its own */
    enum ending ending;
    struct completion completion;
    int64_t started_ms; /* monotonic */
};

/* ---- what is told ---- */

static int64_t now_ms(const struct agent *agent)
{
    return clock_mono_ms(agent->clock);
}

/* False: the agent is ending for it. */
static bool note(struct agent *agent, enum trace_kind kind, const char *tool,
                 const char *text, size_t len, bool is_error)
{
    bool is_timed = kind == TRACE_THOUGHT || kind == TRACE_RESULT;
    int64_t began_ms = kind == TRACE_THOUGHT ? agent->turn_ms : agent->tool_ms;
    const struct trace_step step = {.kind = kind,
                                    .at_ms = clock_wall_ms(agent->clock),
                                    .took_ms = is_timed ? now_ms(agent) - began_ms : -1,
                                    .tool = tool,
                                    .text = text,
                                    .len = len,
                                    .is_error = is_error};
    bool is_kept = agent->request.on_step(agent->ctx, &step);
    agent->ending = is_kept || agent->ending ? agent->ending : BY_STORE;
    return is_kept;
}

static void end(struct agent *agent, enum completion_state state, const char *reason,
                const struct err *why, enum llm_fault fault, int64_t wait_ms)
{
    struct completion *completion = &agent->completion;
    loop_timer_stop(agent->timer);
    loop_timer_stop(agent->turn_timer);
    completion->state = state;
    completion->first_token_ms = agent->shown.len ? agent->shown_ms : -1;
    completion->total_ms = now_ms(agent) - agent->started_ms;
    if (reason)
        setting_text(&completion->finish_reason, reason);
    setting_text(&completion->error, why ? why->text : NULL);
    struct llm_event event = {.kind = LLM_END,
                              .err = why,
                              .fault = fault,
                              .wait_ms = wait_ms,
                              .completion = completion};
    agent->fn(agent->ctx, &event);
    llm_messages_clear(&agent->said);
    llm_messages_clear(&agent->turn);
    buf_clear(&agent->steps);
    buf_clear(&agent->text);
    loop_timer_free(agent->timer);
    loop_timer_free(agent->turn_timer);
    completion_clear(&agent->completion);
    sampling_clear(&agent->sampling);
    endpoint_clear(&agent->endpoint);
    free(agent);
}

/* The next of the answer; takes_back: so much of what was shown was none. */
static void show(struct agent *agent, const char *text, size_t len, size_t takes_back)
{
    const struct llm_event event = {
        .kind = LLM_TEXT, .text = text, .len = len, .takes_back = takes_back};
    if (!len && !takes_back)
        return;
    if (!agent->shown.len || takes_back)
        agent->shown_ms = now_ms(agent) - agent->started_ms;
    agent->shown.len += len - takes_back;
    agent->fn(agent->ctx, &event);
}

static void show_more(struct agent *agent, size_t came)
{
    size_t len = react_show(&agent->shown, agent->is_text, &agent->text, came);
    show(agent, buf_text(&agent->text) + agent->shown.from + agent->shown.len, len, 0);
}

static void answer(struct agent *agent, const char *text, size_t len, const char *reason)
{
    size_t shown = agent->shown.len;
    const char *before = buf_text(&agent->text) + agent->shown.from;
    size_t same = shown <= len && memcmp(before, text, shown) == 0 ? shown : 0;
    show(agent, text + same, len - same, shown - same);
    end(agent, COMPLETION_DONE, reason, NULL, LLM_FAULT_NONE, -1);
}

/* As everywhere: an answer that broke off is cut, not lost. */
static void fail(struct agent *agent, const struct err *why, enum llm_fault fault,
                 int64_t wait_ms)
{
    note(agent, TRACE_END, NULL, why->text, strlen(why->text), true);
    end(agent, agent->shown.len ? COMPLETION_CUT : COMPLETION_FAILED, NULL, why, fault,
        wait_ms);
}

/* At a limit LangChain's sentence is the answer. */
static void stop_at_limit(struct agent *agent, bool is_time)
{
    char why[80];
    snprintf(why, sizeof why, "The limit of %g %s was reached.",
             is_time ? (double)agent->settings.limit_ms / 1000
                     : (double)agent->settings.steps,
             is_time ? "seconds" : "steps");
    note(agent, TRACE_END, NULL, why, strlen(why), false);
    answer(agent, agent_stopped, strlen(agent_stopped),
           is_time ? "agent_time" : "agent_steps");
}

/* What was under way has been stopped: now it is over. */
static void end_early(struct agent *agent)
{
    struct err err = {0};
    if (agent->ending == BY_TIME) {
        stop_at_limit(agent, true);
    } else if (agent->ending == BY_STORE) {
        err_set(&err, STATUS_IO, "The agent was stopped: what it does cannot be kept.");
        end(agent, COMPLETION_FAILED, NULL, &err, LLM_FAULT_CERTAIN, -1);
    } else {
        err_set(&err, STATUS_CANCELLED, "You stopped the agent.");
        note(agent, TRACE_END, NULL, err.text, strlen(err.text), false);
        end(agent, COMPLETION_CUT, "cancelled", &err, LLM_FAULT_PASSING, -1);
    }
}

static void go_on(struct agent *agent)
{
    loop_timer_start(agent->turn_timer, 0, 0);
}

/* ---- time ---- */

static void run_clock(struct agent *agent, bool runs)
{
    int64_t now = now_ms(agent);
    agent->left_ms -= runs ? 0 : now - agent->timed_ms;
    agent->timed_ms = now;
    loop_timer_stop(agent->timer);
    if (runs)
        loop_timer_start(agent->timer, agent->left_ms, 0);
}

static void stop(struct agent *agent, enum ending ending)
{
    if (agent->ending)
        return;
    agent->ending = ending;
    toolset_forget(agent->request.tools, agent);
    if (agent->tool) {
        static const char words[] = "It was stopped.";
        tool_cancel(agent->tool);
        agent->tool = NULL;
        note(agent, TRACE_RESULT, agent->now->name, words, strlen(words), true);
    }
    if (agent->call)
        llm_cancel(agent->call); /* its END is next */
    else
        go_on(agent);
}

static void on_late(void *ctx)
{
    struct agent *agent = ctx;
    agent->left_ms = 0;
    agent->timed_ms = now_ms(agent);
    stop(agent, BY_TIME);
}

void agent_cancel(struct agent *agent)
{
    if (agent)
        stop(agent, BY_USER);
}

/* ---- tools ---- */

static void take_result(void *ctx, const struct tool_result *result)
{
    struct agent *agent = ctx;
    const char *text = result->text;
    size_t len = result->len;
    const struct llm_message message = {"tool", text, len, .call_id = agent->now->id};
    agent->tool = NULL;
    note(agent, TRACE_RESULT, agent->now->name, text, len, result->is_error);
    if (agent->is_text)
        react_add_step(&agent->steps, buf_text(&agent->text), agent->used, text, len);
    else
        llm_messages_add(&agent->said, &message);
    agent->call_at++;
    go_on(agent);
}

static void refuse_call(struct agent *agent, const char *why)
{
    take_result(agent, &(struct tool_result){true, why, strlen(why)});
}

static void start_tool(struct agent *agent)
{
    agent->tool_ms = now_ms(agent);
    agent->tool = toolset_call(agent->request.tools, agent->now->name,
                               agent->now->arguments, take_result, agent);
}

static void run_call(struct agent *agent)
{
    const struct llm_tool_call *call = agent->now;
    agent->tool_ms = now_ms(agent);
    bool asks = !agent->allows_all &&
                toolset_asks(agent->request.tools, call->name, agent->settings.asks);
    if (!note(agent, TRACE_CALL, call->name, call->arguments, strlen(call->arguments),
              false)) {
        go_on(agent);
    } else if (agent->is_cut) {
        refuse_call(agent, "The call was cut off at the token limit, and not made.");
    } else if (agent->call_at >= MAX_CALLS) {
        refuse_call(agent, "Too many calls at once: this one was not made.");
    } else if (!asks) {
        start_tool(agent);
    } else if (!agent->request.on_confirm) {
        refuse_call(agent, "This tool was not run: the user must allow it, and cannot be "
                           "asked here.");
    } else {
        run_clock(agent, false);
        agent->waits_for_user = true;
        agent->request.on_confirm(agent->ctx, call->name, call->arguments);
    }
}

void agent_decide(struct agent *agent, bool is_allowed, bool for_all)
{
    if (!agent->waits_for_user || agent->ending)
        return;
    agent->waits_for_user = false;
    agent->allows_all |= is_allowed && for_all;
    run_clock(agent, true);
    if (!is_allowed)
        refuse_call(agent, "The user did not allow this call.");
    else
        start_tool(agent);
}

/* ---- turns ---- */

static void take_calls(struct agent *agent, const struct llm_message *turn)
{
    llm_messages_clear(&agent->turn);
    llm_messages_add(&agent->turn, turn);
    agent->call_at = 0;
    go_on(agent);
}

static void take_text(struct agent *agent, bool is_cut)
{
    struct react react;
    const struct buf *text = &agent->text;
    react_read(&react, buf_text(text), text->len);
    if (react.kind != REACT_ANSWER &&
        !note(agent, TRACE_THOUGHT, NULL, buf_text(text), react.used, false)) {
        go_on(agent);
    } else if (react.kind == REACT_ANSWER) {
        answer(agent, react.input, strlen(react.input), NULL);
    } else if (react.kind == REACT_CALL) {
        char id[] = "text";
        char *arguments =
            toolset_arguments(agent->request.tools, react.tool, react.input);
        const struct llm_tool_call call = {id, react.tool, arguments};
        agent->used = react.used;
        agent->is_cut = is_cut && react.used == text->len;
        take_calls(agent, &(struct llm_message){
                              .role = "assistant", .calls = &call, .call_count = 1});
        free(arguments);
    } else {
        agent->tool_ms = now_ms(agent);
        note(agent, TRACE_RESULT, NULL, react.input, strlen(react.input), true);
        react_add_step(&agent->steps, buf_text(text), react.used, react.input,
                       strlen(react.input));
        go_on(agent);
    }
    react_clear(&react);
}

static void take_native(struct agent *agent, const struct llm_event *event)
{
    const struct buf *text = &agent->text;
    if (!event->call_count) {
        answer(agent, buf_text(text), text->len, NULL);
        return;
    }
    show(agent, "", 0, agent->shown.len); /* it was a thought */
    const char *thought = text->len ? buf_text(text) : event->completion->reasoning;
    if (thought && *thought)
        note(agent, TRACE_THOUGHT, NULL, thought, strlen(thought), false);
    const struct llm_message turn = {.role = "assistant",
                                     .text = buf_text(text),
                                     .len = text->len,
                                     .calls = event->calls,
                                     .call_count = event->call_count,
                                     .kept = event->kept};
    llm_messages_add(&agent->said, &turn);
    agent->is_cut = finish_find(event->completion->finish_reason)->is_limit;
    take_calls(agent, &turn);
}

static void on_turn_end(struct agent *agent, const struct llm_event *event)
{
    const struct completion *turn = event->completion;
    agent->call = NULL;
    completion_add_turn(&agent->completion, turn);
    if (turn->state != COMPLETION_DONE && agent->text.len) {
        note(agent, TRACE_THOUGHT, NULL, buf_text(&agent->text), agent->text.len, false);
        show_more(agent, agent->text.len);
    }
    if (agent->ending) {
        end_early(agent);
    } else if (event->refuses_tools && agent->settings.way == AGENT_AUTO) {
        agent->is_text = true;
        agent->turns--;
        go_on(agent);
    } else if (turn->state != COMPLETION_DONE && event->err) {
        fail(agent, event->err, event->fault, event->wait_ms);
    } else if (agent->is_text) {
        take_text(agent, finish_find(turn->finish_reason)->is_limit);
    } else {
        take_native(agent, event);
    }
}

static void on_llm(void *ctx, const struct llm_event *event)
{
    struct agent *agent = ctx;
    switch (event->kind) {
    case LLM_TEXT:
        buf_add(&agent->text, event->text, event->len);
        if (agent->request.streams && !agent->ending)
            show_more(agent, event->len);
        break;
    case LLM_REASONING:
    case LLM_WAITING:
        agent->fn(agent->ctx, event);
        break;
    case LLM_END:
        on_turn_end(agent, event);
        break;
    }
}

static void ask(struct agent *agent)
{
    struct llm_request request = agent->request.llm;
    size_t count = agent->said.count;
    struct llm_message *messages = xcalloc(count, sizeof *messages);
    struct llm_message *last = &messages[count - 1];
    struct buf prompt = {0};
    size_t tool_count;
    const struct llm_tool *tools = toolset_list(agent->request.tools, &tool_count);
    memcpy(messages, agent->said.items, count * sizeof *messages);
    if (agent->is_text) {
        react_write(&prompt, tools, tool_count, last->text, last->len, &agent->steps);
        last->text = buf_text(&prompt);
        last->len = prompt.len;
    }
    request.endpoint = &agent->endpoint;
    request.sampling = &agent->sampling;
    request.messages = messages;
    request.message_count = count;
    request.tools = agent->is_text ? NULL : tools;
    request.tool_count = agent->is_text ? 0 : tool_count;
    request.stop = agent->is_text ? react_stops : NULL;
    agent->turns++;
    agent->turn_ms = now_ms(agent);
    buf_reset(&agent->text);
    agent->shown = (struct react_shown){0};
    agent->call =
        llm_start(agent->http, agent->loop, agent->clock, &request, on_llm, agent);
    buf_clear(&prompt);
    free(messages);
}

static void next_turn(void *ctx)
{
    struct agent *agent = ctx;
    const struct llm_message *turn = agent->turn.items;
    bool calls = agent->turn.count && agent->call_at < turn->call_count;
    agent->now = calls ? &turn->calls[agent->call_at] : NULL;
    if (agent->ending)
        end_early(agent);
    else if (calls)
        run_call(agent);
    else if (agent->turns >= agent->settings.steps)
        stop_at_limit(agent, false);
    else
        ask(agent);
}

static void on_open(void *ctx, const struct err *err)
{
    struct agent *agent = ctx;
    size_t count;
    struct err why = *err;
    toolset_list(agent->request.tools, &count);
    if (!why.code && !count)
        err_set(&why, STATUS_CONFIG, "The agent has no tools: name some with --tool.");
    if (why.code) {
        fail(agent, &why, LLM_FAULT_CERTAIN, -1);
        return;
    }
    bool takes_tools = llm_takes_tools(agent->request.llm.memory, &agent->endpoint,
                                       agent->sampling.model);
    agent->is_text = agent->settings.way == AGENT_TEXT ||
                     (agent->settings.way == AGENT_AUTO && !takes_tools);
    run_clock(agent, true);
    go_on(agent);
}

struct agent *agent_start(struct http *http, struct loop *loop, const struct clock *clock,
                          const struct agent_request *request, llm_fn fn, void *ctx)
{
    struct agent *agent = xcalloc(1, sizeof *agent);
    *agent = (struct agent){.http = http,
                            .loop = loop,
                            .clock = clock,
                            .request = *request,
                            .settings = *request->settings,
                            .fn = fn,
                            .ctx = ctx,
                            .allows_all = request->allows_all,
                            .left_ms = request->settings->limit_ms,
                            .started_ms = clock_mono_ms(clock)};
    endpoint_copy(&agent->endpoint, request->llm.endpoint);
    if (request->llm.sampling)
        sampling_copy(&agent->sampling, request->llm.sampling);
    for (size_t i = 0; i < request->llm.message_count; i++)
        llm_messages_add(&agent->said, &request->llm.messages[i]);
    completion_init(&agent->completion);
    agent->completion.started_ms = clock_wall_ms(clock);
    agent->completion.endpoint = xstrdup_or_null(agent->endpoint.name);
    sampling_copy(&agent->completion.sampling, &agent->sampling);
    agent->timer = loop_timer_new(loop, on_late, agent);
    agent->turn_timer = loop_timer_new(loop, next_turn, agent);
    toolset_open(agent->request.tools, on_open, agent);
    return agent;
}
