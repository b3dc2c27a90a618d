/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/tools.h"

#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "llm/tool_parts.h"
#include "net/url.h"

enum {
    NAME_MAX_LEN = 64,
    DESCRIPTION_MAX = 1024,
    SCHEMA_MAX = 32 * 1024,
    TOOLS_MAX = 256
};

struct tool {
    char *name, *description, *schema_text;
    const struct tool_settings *settings;
    struct mcp *server; /* MCP; else NULL */
    char *remote;       /* its name there */
    json_t *schema;
};

struct server {
    struct mcp *mcp;
    unsigned generation; /* of the tools that were taken from it; 0 = none were */
    const struct tool_settings *settings;
};

struct toolset {
    struct http *http;
    struct loop *loop;
    struct tool *tools;
    struct llm_tool *faces; /* as many */
    size_t count;
    struct server *servers;
    size_t server_count;
    size_t opening; /* the servers before it are open; > count = nothing is opened */
    struct waiter {
        toolset_fn fn;
        void *ctx;
    } * waiters;
    size_t waiter_count;
    struct loop_timer *timer;
};

struct tool_call {
    struct toolset *set;
    const struct tool_settings *settings; /* NULL = there is no such tool */
    tool_fn fn;
    void *ctx;
    struct loop_timer *timer; /* tells what is known at once */
    struct buf text;
    bool is_error;
    struct http_call *request;
    struct tool_run *command;
    struct mcp_call *remote;
};

/* ---- what there is ---- */

static struct tool *find(const struct toolset *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (!strcmp(set->tools[i].name, name))
            return &set->tools[i];
    return NULL;
}

/* What every endpoint takes as a name. server: in front, when another has it. Owned. */
static char *make_name(const struct toolset *set, const char *name, const char *server)
{
    char *made =
        server && find(set, name) ? xasprintf("%s_%s", server, name) : xstrdup(name);
    for (char *at = made; *at; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                         (*at >= '0' && *at <= '9') || *at == '_' || *at == '-';
        *at = is_letter ? *at : '_';
    }
    if (strlen(made) > NAME_MAX_LEN)
        made[NAME_MAX_LEN] = '\0';
    for (int number = 2; find(set, made) && number < 1000; number++) {
        char *other = xasprintf("%.*s_%d", NAME_MAX_LEN - 4, made, number);
        free(made);
        made = other;
    }
    return made;
}

/* Takes the schema's reference. */
static void add(struct toolset *set, const struct tool_settings *settings,
                struct mcp *server, const char *name, const char *description,
                json_t *schema)
{
    char safe[DESCRIPTION_MAX];
    sanitise_line(description, strlen(description), safe, sizeof safe);
    set->tools = xreallocarray(set->tools, set->count + 1, sizeof *set->tools);
    struct tool *tool = &set->tools[set->count];
    *tool = (struct tool){.settings = settings,
                          .server = server,
                          .remote = xstrdup(name),
                          .schema = schema};
    tool->name = make_name(set, name, server ? settings->name : NULL);
    tool->description = xstrdup(safe);
    tool->schema_text = json_print(schema);
    if (strlen(tool->schema_text) > SCHEMA_MAX)
        setting_text(&tool->schema_text, "{\"type\":\"object\"}");
    set->count++;
    set->faces = xreallocarray(set->faces, set->count, sizeof *set->faces);
    for (size_t i = 0; i < set->count; i++)
        set->faces[i] = (struct llm_tool){set->tools[i].name, set->tools[i].description,
                                          set->tools[i].schema_text};
}

/* A schema that asks for one text. */
static json_t *one_text(const char *name, const char *what)
{
    return json_pack("{s:s, s:{s:{s:s, s:s}}, s:[s]}", "type", "object", "properties",
                     name, "type", "string", "description", what, "required", name);
}

static enum status add_command(struct toolset *set, const struct tool_settings *settings,
                               struct err *err)
{
    struct err why = {0};
    json_t *schema = settings->schema
                         ? json_parse(settings->schema, strlen(settings->schema), &why)
                         : command_schema(settings);
    enum status status = STATUS_OK;
    if (!json_is_object(schema))
        status = err_set(err, STATUS_CONFIG,
                         "The tool \"%s\": its schema is no JSON object. %s",
                         settings->name, why.text);
    else
        status = command_check(settings, schema, err);
    if (status == STATUS_OK)
        add(set, settings, NULL, settings->name, settings->description, schema);
    else
        json_decref(schema);
    return status;
}

bool toolset_uses(const struct toolset *set, const struct tool_settings *settings)
{
    bool is_there = false;
    for (size_t i = 0; i < set->count; i++)
        is_there |= set->tools[i].settings == settings;
    for (size_t i = 0; i < set->server_count; i++)
        is_there |= set->servers[i].settings == settings;
    return is_there;
}

enum status toolset_add(struct toolset *set, const struct tool_settings *settings,
                        struct err *err)
{
    static const char search[] = "A search engine. Useful for questions about current "
                                 "events and facts. Input: a search query.";
    static const char calculator[] = "Useful for questions about math. Input: an "
                                     "expression such as (2 + 3) * 4^0.5.";
    const char *given = settings->description;
    if (toolset_uses(set, settings))
        return STATUS_OK;
    switch (settings->kind) {
    case TOOL_COMMAND:
        return add_command(set, settings, err);
    case TOOL_CALCULATOR:
        add(set, settings, NULL, settings->name, given ? given : calculator,
            one_text("expression", "what to compute"));
        break;
    case TOOL_SERPAPI:
    case TOOL_CANNED:
        add(set, settings, NULL, settings->name, given ? given : search,
            one_text("query", "what to search for"));
        break;
    case TOOL_MCP:
        set->servers =
            xreallocarray(set->servers, set->server_count + 1, sizeof *set->servers);
        set->servers[set->server_count++] = (struct server){
            .mcp = mcp_new(set->http, set->loop, settings), .settings = settings};
        break;
    }
    return STATUS_OK;
}

static void free_tool(struct tool *tool)
{
    free(tool->name);
    free(tool->description);
    free(tool->schema_text);
    free(tool->remote);
    json_decref(tool->schema);
}

/* ---- opening ---- */

/* What a server offers now takes the place of what it offered before. */
static void take_tools(struct toolset *set, struct server *server)
{
    const struct mcp *mcp = server->mcp;
    size_t kept = 0;
    unsigned generation = server->mcp->generation;
    if (generation == server->generation)
        return;
    server->generation = generation;
    for (size_t i = 0; i < set->count; i++)
        if (set->tools[i].server == server->mcp)
            free_tool(&set->tools[i]);
        else
            set->tools[kept++] = set->tools[i];
    set->count = kept;
    for (size_t i = 0; i < mcp->tool_count && set->count < TOOLS_MAX; i++)
        add(set, server->settings, server->mcp, mcp->tools[i].name,
            mcp->tools[i].description, json_deep_copy(mcp->tools[i].schema));
}

static void tell_waiters(struct toolset *set, const struct err *err)
{
    struct waiter *waiters = set->waiters;
    size_t count = set->waiter_count;
    set->waiters = NULL;
    set->waiter_count = 0;
    set->opening = SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        if (waiters[i].fn)
            waiters[i].fn(waiters[i].ctx, err);
    free(waiters);
}

static void on_server(void *ctx, const struct err *err)
{
    struct toolset *set = ctx;
    if (err->code) {
        tell_waiters(set, err);
        return;
    }
    take_tools(set, &set->servers[set->opening++]);
    loop_timer_start(set->timer, 0, 0);
}

static void open_next(void *ctx)
{
    struct toolset *set = ctx;
    static const struct err fine;
    if (set->opening < set->server_count)
        mcp_open(set->servers[set->opening].mcp, on_server, set);
    else
        tell_waiters(set, &fine);
}

void toolset_open(struct toolset *set, toolset_fn fn, void *ctx)
{
    set->waiters =
        xreallocarray(set->waiters, set->waiter_count + 1, sizeof *set->waiters);
    set->waiters[set->waiter_count++] = (struct waiter){.fn = fn, .ctx = ctx};
    if (set->waiter_count > 1)
        return;
    set->opening = 0;
    loop_timer_start(set->timer, 0, 0);
}

void toolset_forget(struct toolset *set, const void *ctx)
{
    for (size_t i = 0; i < set->waiter_count; i++)
        if (set->waiters[i].ctx == ctx)
            set->waiters[i].fn = NULL;
}

struct toolset *toolset_new(struct http *http, struct loop *loop)
{
    struct toolset *set = xcalloc(1, sizeof *set);
    set->http = http;
    set->loop = loop;
    set->timer = loop_timer_new(loop, open_next, set);
    return set;
}

void toolset_free(struct toolset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->server_count; i++)
        mcp_free(set->servers[i].mcp);
    for (size_t i = 0; i < set->count; i++)
        free_tool(&set->tools[i]);
    loop_timer_free(set->timer);
    free(set->servers);
    free(set->tools);
    free(set->faces);
    free(set->waiters);
    free(set);
}

const struct llm_tool *toolset_list(struct toolset *set, size_t *count)
{
    for (size_t i = 0; i < set->server_count; i++)
        if (set->servers[i].generation) /* it was opened */
            take_tools(set, &set->servers[i]);
    *count = set->count;
    return set->faces;
}

bool toolset_asks(const struct toolset *set, const char *name, bool all)
{
    const struct tool *tool = find(set, name);
    return tool && (all || tool->settings->asks);
}

char *toolset_arguments(const struct toolset *set, const char *name, const char *input)
{
    const struct tool *tool = find(set, name);
    json_t *given = *input == '{' ? json_read(input) : NULL;
    json_t *fields = tool ? json_object_get(tool->schema, "properties") : NULL;
    json_t *required = tool ? json_object_get(tool->schema, "required") : NULL;
    const char *field = json_string_value(json_array_get(required, 0));
    if (!field)
        field = json_object_iter_key(json_object_iter(fields));
    if (!json_is_object(given)) { /* the text is the first field that it needs */
        json_decref(given);
        given = json_object();
        const json_t *type =
            json_object_get(json_object_get(fields, field ? field : ""), "type");
        bool is_text =
            !json_is_string(type) || !strcmp(json_string_value(type), "string");
        json_t *value = is_text ? NULL : json_read(input);
        if (!value)
            value = json_text(input);
        if (field)
            json_object_set_new(given, field, value);
        else
            json_decref(value);
    }
    return json_print_new(given);
}

/* ---- calls ---- */

void tool_cancel(struct tool_call *call)
{
    if (!call)
        return;
    http_cancel(call->request);
    command_free(call->command);
    mcp_cancel(call->remote);
    loop_timer_free(call->timer);
    buf_clear(&call->text);
    free(call);
}

/* Without keys, and no longer than the configuration allows. */
static void finish(void *ctx)
{
    struct tool_call *call = ctx;
    struct buf *text = &call->text;
    if (call->settings && text->len) {
        size_t most = (size_t)call->settings->max_output;
        text->len = tool_redact(call->settings, text->data, text->len);
        /* bytes of so many characters of text */
        size_t characters = most;
        size_t at = 0;
        for (; at < text->len; at++)
            if (((unsigned char)text->data[at] & 0xc0) != 0x80 && !characters--)
                break;
        size_t fits = at;
        if (fits < text->len) {
            text->len = fits;
            buf_addf(text, "\n(cut off here: only %zu characters are shown)", most);
        }
    }
    struct tool_result result = {
        .is_error = call->is_error, .text = buf_text(text), .len = text->len};
    call->fn(call->ctx, &result);
    tool_cancel(call);
}

/* A key may be in it: it waits for finish. */
static void take_result(void *ctx, const struct tool_result *result)
{
    struct tool_call *call = ctx;
    call->remote = NULL; /* its call is over, if it had one */
    call->is_error = result->is_error;
    buf_add(&call->text, result->text, result->len);
    loop_timer_start(call->timer, 0, 0);
}

static void take_text(struct tool_call *call, bool is_error, const char *text)
{
    take_result(call, &(struct tool_result){is_error, text, strlen(text)});
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    struct tool_call *call = ctx;
    call->request = NULL;
    call->is_error = !serpapi_read(reply, &call->text);
    loop_timer_start(call->timer, 0, 0);
}

static void start_search(struct tool_call *call, const char *query)
{
    const struct tool_settings *settings = call->settings;
    char *url = serpapi_url(settings, query);
    if (url_is_http(url) && !url_is_loopback(url) && !settings->allow_plain_key) {
        take_text(call, true,
                  "The search was not made: its key would go over plain http. Use "
                  "https, or set allow_plain_key in the tool's section.");
    } else {
        struct http_request request = {.method = "GET",
                                       .url = url,
                                       .connection = &settings->connection,
                                       .total_timeout_ms = settings->timeout_ms,
                                       .max_body = (size_t)8 << 20};
        struct http_handler handler = {.on_done = on_reply, .ctx = call};
        call->request = http_send(call->set->http, &request, &handler);
    }
    explicit_bzero(url, strlen(url));
    free(url);
}

static void start(struct tool_call *call, const struct tool *tool,
                  const json_t *arguments)
{
    struct err err = {0};
    char value[64];
    bool is_search = tool->settings->kind != TOOL_CALCULATOR;
    const char *text = json_get_text(arguments, is_search ? "query" : "expression", NULL);
    switch (tool->settings->kind) {
    case TOOL_COMMAND:
        call->command = command_start(call->set->loop, tool->settings, arguments,
                                      take_result, call, &err);
        if (!call->command)
            take_text(call, true, err.text);
        return;
    case TOOL_MCP:
        call->remote =
            mcp_start(tool->server, tool->remote, arguments, take_result, call);
        return;
    case TOOL_CALCULATOR:
    case TOOL_SERPAPI:
    case TOOL_CANNED:
        break;
    }
    if (!text || !*text) {
        take_text(call, true,
                  is_search ? "The argument \"query\" is missing."
                            : "The argument \"expression\" is missing.");
    } else if (tool->settings->kind == TOOL_SERPAPI) {
        start_search(call, text);
    } else if (is_search) {
        take_text(call, false, canned_search(text));
    } else if (calculator_run(text, value, sizeof value, &err) == STATUS_OK) {
        take_text(call, false, value);
    } else {
        take_text(call, true, err.text);
    }
}

struct tool_call *toolset_call(struct toolset *set, const char *name,
                               const char *arguments, tool_fn fn, void *ctx)
{
    struct tool_call *call = xcalloc(1, sizeof *call);
    const struct tool *tool = find(set, name);
    struct err err = {0};
    *call = (struct tool_call){
        .set = set, .settings = tool ? tool->settings : NULL, .fn = fn, .ctx = ctx};
    call->timer = loop_timer_new(set->loop, finish, call);
    bool is_empty = arguments[strspn(arguments, " \t\r\n")] == '\0';
    json_t *json =
        is_empty ? json_object() : json_parse(arguments, strlen(arguments), &err);
    if (!tool) {
        char safe[80];
        buf_addf(&call->text, "%s is not a valid tool, try one of [",
                 sanitise_line(name, strlen(name), safe, sizeof safe));
        for (size_t i = 0; i < set->count; i++)
            buf_addf(&call->text, "%s%s", i ? ", " : "", set->tools[i].name);
        take_text(call, true, "].");
    } else if (!json_is_object(json)) {
        buf_addf(&call->text, "The arguments are no JSON object. %s", err.text);
        take_text(call, true, "");
    } else {
        start(call, tool, json);
    }
    json_decref(json);
    return call;
}
