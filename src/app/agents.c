/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "llm/agent.h"
#include "llm/tools.h"

/* An agent at work for one record. */
struct agent_run {
    struct app *app;
    struct stream *stream;      /* of the session */
    struct llm_request request; /* its parts live as long as the stream */
    struct agent *agent;        /* NULL while it waits for keys */
    struct loop_timer *timer;   /* it was stopped then */
    llm_fn fn;
    void *ctx;
};

struct agents {
    struct toolset *tools;
    struct agent_run **runs;
    size_t count;
    bool is_answered; /* somebody is there to be asked */
    size_t fetching;  /* key commands that run */
};

/* ---- which tools ---- */

static enum status add_tool(struct app *app, struct toolset *set, const char *name,
                            struct err *err)
{
    const struct tool_settings *tool = settings_tool(app->settings, name, err);
    if (!tool)
        return err->code;
    if (tool->kind == TOOL_CANNED && app->endpoint.kind != ENDPOINT_CANNED)
        return err_set(err, STATUS_CONFIG,
                       "The tool \"search\" is the demo's own: serpapi searches the web, "
                       "and a [tool search] with a command may take its place.");
    return toolset_add(set, tool, err);
}

enum status app_set_agent(struct app *app, const char *tools, struct err *err)
{
    bool is_demo = app->endpoint.kind == ENDPOINT_CANNED;
    const char *own = app->settings->agent.tools;
    const char *names = tools && *tools ? tools
                        : own           ? own
                        : is_demo       ? "search calculator"
                                        : "";
    struct agents *agents = app->agents;
    if (agents->count)
        return err_set(err, STATUS_BUSY,
                       "An agent is at work: its tools stay until it has answered.");
    if (tools && mcp_read_file(app->settings, err))
        return err->code;
    struct toolset *set = tools ? toolset_new(app->http, app->loop) : NULL;
    struct buf said = {0};
    for (const char *at = names; set && *(at += strspn(at, " ,\t")) && !err->code;) {
        size_t len = strcspn(at, " ,\t");
        char *name = xmemdup0(at, len);
        (void)add_tool(app, set, name, err);
        buf_addf(&said, "%s%s", said.len ? " " : "", name);
        free(name);
        at += len;
    }
    if (set && !said.len)
        err_set(err, STATUS_CONFIG,
                "An agent needs tools: name them, as --tool NAME or in [agent] of %s.",
                app->settings->path ? app->settings->path : "the config file");
    if (err->code) {
        toolset_free(set);
    } else {
        toolset_free(agents->tools);
        agents->tools = set;
        setting_text(&app->session.agent, set ? buf_text(&said) : NULL);
        app_changed(app);
    }
    buf_clear(&said);
    return err->code;
}

void app_answer_tools(struct app *app)
{
    app->agents->is_answered = true;
}

/* ---- one at work ---- */

static void describe(char *out, size_t size, const char *tool, const char *text)
{
    char name[80], rest[300];
    snprintf(out, size, "%s %s", sanitise_line(tool, strlen(tool), name, sizeof name),
             sanitise_line(text, strlen(text), rest, sizeof rest));
}

static bool on_step(void *ctx, const struct trace_step *step)
{
    struct agent_run *run = ctx;
    struct stream *stream = run->stream;
    struct err err = {0};
    if (store_put_step(run->app->store, &stream->record, (int64_t)stream->steps, step,
                       &err) != STATUS_OK) {
        if (!run->app->is_closing)
            app_notify_err(run->app, &err);
        return false;
    }
    unsaved_committed(run->app, false);
    stream->steps++;
    stream->doing[0] = stream->asks[0] = stream->waiting[0] = '\0';
    stream->retry_at_ms = 0;
    if (step->kind == TRACE_CALL)
        describe(stream->doing, sizeof stream->doing, step->tool, step->text);
    app_changed(run->app);
    return true;
}

static void on_confirm(void *ctx, const char *tool, const char *arguments)
{
    struct agent_run *run = ctx;
    struct stream *stream = run->stream;
    describe(stream->asks, sizeof stream->asks, tool, arguments);
    app_notify(run->app, NOTICE_WARNING,
               "The agent wants to run %s: %s shows it and asks.", stream->asks,
               app_key_name(run->app, ACTION_TRACE).text);
    app_changed(run->app);
}

static void on_llm(void *ctx, const struct llm_event *event)
{
    struct agent_run *run = ctx;
    struct agents *agents = run->app->agents;
    bool is_end = event->kind == LLM_END;
    if (is_end) {
        size_t at = 0;
        while (agents->runs[at] != run)
            at++;
        agents->runs[at] = agents->runs[--agents->count];
    }
    run->fn(run->ctx, event);
    if (!is_end)
        return;
    loop_timer_free(run->timer);
    free(run);
}

static void begin(struct agent_run *run)
{
    struct app *app = run->app;
    const struct agent_settings *settings = &app->settings->agent;
    struct agent_request asked = {.llm = run->request,
                                  .tools = app->agents->tools,
                                  .settings = settings,
                                  .streams = app->loads_queue, /* not into a pipe */
                                  .on_step = on_step,
                                  .on_confirm =
                                      app->agents->is_answered ? on_confirm : NULL,
                                  .allows_all = settings->allows_all};
    run->agent = agent_start(app->http, app->loop, app->clock, &asked, on_llm, run);
}

/* ---- keys of tools, which commands give ---- */

static void end_waiting(struct agent_run *run, const struct err *why,
                        enum completion_state state)
{
    struct completion completion;
    completion_init(&completion);
    completion.state = state;
    completion.error = xstrdup(why->text);
    completion.started_ms = clock_wall_ms(run->app->clock);
    on_llm(run, &(struct llm_event){.kind = LLM_END,
                                    .err = why,
                                    .fault = LLM_FAULT_CERTAIN,
                                    .wait_ms = -1,
                                    .completion = &completion});
    completion_clear(&completion);
}

static void on_stopped(void *ctx)
{
    struct err err = {0};
    err_set(&err, STATUS_CANCELLED, "Stopped before it was sent.");
    end_waiting(ctx, &err, COMPLETION_CUT);
}

static void on_tool_key(void *ctx, const char *command, const struct secret *key,
                        const struct err *err)
{
    struct app *app = ctx;
    struct agents *agents = app->agents;
    (void)command;
    (void)key; /* the settings have it */
    agents->fetching--;
    for (size_t i = agents->count; i-- > 0;) {
        struct agent_run *run = agents->runs[i];
        if (run->agent || loop_timer_is_running(run->timer))
            continue;
        if (err->code)
            end_waiting(run, err, COMPLETION_FAILED);
        else if (!agents->fetching)
            begin(run);
    }
}

struct agent_run *agents_start(struct app *app, struct stream *stream,
                               const struct llm_request *request, llm_fn fn, void *ctx)
{
    struct agents *agents = app->agents;
    struct agent_run *run = xcalloc(1, sizeof *run);
    *run = (struct agent_run){
        .app = app, .stream = stream, .request = *request, .fn = fn, .ctx = ctx};
    run->timer = loop_timer_new(app->loop, on_stopped, run);
    agents->runs =
        xreallocarray(agents->runs, agents->count + 1, sizeof(struct agent_run *));
    agents->runs[agents->count++] = run;
    for (size_t i = 0; i < app->settings->tool_count && agents->count == 1; i++) {
        const struct tool_settings *tool = app->settings->tools[i];
        if (!tool->key_command || secret_is_set(&tool->key) ||
            !toolset_uses(agents->tools, tool))
            continue;
        agents->fetching++;
        keyring_fetch(app->keyring, tool->key_command, on_tool_key, app);
    }
    if (!agents->fetching)
        begin(run);
    return run;
}

void agents_cancel(struct agent_run *run)
{
    if (run && !run->agent)
        loop_timer_start(run->timer, 0, 0);
    else if (run)
        agent_cancel(run->agent);
}

void app_decide_tool(struct app *app, const struct id *record, bool is_allowed,
                     bool for_all)
{
    for (size_t i = 0; i < app->agents->count; i++) {
        struct agent_run *run = app->agents->runs[i];
        if (!run->stream->asks[0] || !id_equal(&run->stream->record, record))
            continue;
        run->stream->asks[0] = '\0';
        agent_decide(run->agent, is_allowed, for_all);
        app_changed(app);
        return;
    }
}

void agents_open(struct app *app)
{
    app->agents = xcalloc(1, sizeof *app->agents);
}

void agents_close(struct app *app)
{
    if (!app->agents)
        return;
    toolset_free(app->agents->tools);
    for (size_t i = 0; i < app->agents->count; i++) {
        loop_timer_free(app->agents->runs[i]->timer);
        free(app->agents->runs[i]);
    }
    free(app->agents->runs);
    free(app->agents);
    app->agents = NULL;
}
