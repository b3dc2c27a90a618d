/* SPDX-License-Identifier: MIT
 *
 * The doctor's round: what asks endpoints and servers, all at once.
 */
#include "config.h"

#include "app/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/doctor_parts.h"
#include "argilla/argilla.h"
#include "base/sanitise.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "llm/llm.h"
#include "llm/tools.h"
#include "net/url.h"

enum { SERVER_PATIENCE_MS = 10000 }; /* as an endpoint's connect_timeout is */

const char *doctor_state_name(enum doctor_state state)
{
    static const char *const names[] = {"ok", "warn", "fail", "fail"};
    return names[state];
}

static void set_name(struct check *check, const char *kind, const char *name)
{
    char safe[128];
    sanitise_line(name, strlen(name), safe, sizeof safe);
    snprintf(check->name, sizeof check->name, "%s%s%s", kind, *safe ? " " : "", safe);
}

/* ---- an endpoint: does GET models answer, is the key taken, is the model there ---- */

static void judge_models(struct check *check, const char *host,
                         const struct llm_model *models, size_t count)
{
    const struct endpoint *endpoint = &check->endpoint;
    const struct sampling *flags = &check->doctor->settings->sampling;
    const char *model = flags->model ? flags->model : endpoint->defaults.model;
    const char *first = count ? models[0].name : "its name";
    if (!model && count == 1)
        model = first;
    size_t at = 0;
    while (model && at < count && strcmp(models[at].name, model) != 0)
        at++;
    if (!model)
        doctor_say(
            check, DOCTOR_WARN,
            "%s answers with %zu models and none is chosen: set model, such as %.100s.",
            host, count, first);
    else if (at < count && models[at].shutdown_date)
        doctor_say(check, DOCTOR_WARN,
                   "%s answers, but its model %.100s is there until %.20s only: set "
                   "another; sherd endpoints lists them.",
                   host, model, models[at].shutdown_date);
    else if (count && at == count)
        doctor_say(check, DOCTOR_WARN,
                   "%s answers, but does not list the model %.100s; it lists %.100s%s.",
                   host, model, first, count > 1 ? " and others" : "");
    else if (!flags->model && !endpoint->defaults.model)
        doctor_say(check, DOCTOR_OK, "%s answers; its model is %.100s.", host, model);
    else
        doctor_say(check, DOCTOR_OK, "%s answers%s; the model is %.100s.", host,
                   secret_is_set(&endpoint->key) ? " and takes the key" : "", model);
}

static void on_models(void *ctx, const struct err *err, const struct llm_model *models,
                      size_t count)
{
    struct check *check = ctx;
    char *host = url_host(check->endpoint.base_url);
    if (err->code)
        doctor_fail(check, err);
    else
        judge_models(check, host, models, count);
    free(host);
}

/* The list of models is the same for several kinds: whether an answer can be had here is
 * found out first. */
static void on_kind(void *ctx, const struct endpoint *found)
{
    struct check *check = ctx;
    const struct endpoint *endpoint = &check->endpoint;
    bool is_same = !found || !strcmp(found->base_url, endpoint->base_url);
    if (found && (found->kind != endpoint->kind || !is_same)) {
        char *host = url_host(endpoint->base_url);
        doctor_say(check, DOCTOR_DENIED,
                   "%s does not speak %s at this address: set kind = %s%s%.200s.", host,
                   endpoint_kind_name(endpoint->kind), endpoint_kind_name(found->kind),
                   is_same ? "" : " and url = ", is_same ? "" : found->base_url);
        free(host);
        return;
    }
    llm_list_models(check->doctor->http, &check->endpoint, on_models, check);
}

/* ---- a server: version, who we are, workspace, dataset ---- */

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct check *check = ctx;
    const struct argilla_identity *identity = argilla_identity(check->argilla);
    static const char *const names[] = {[ARGILLA_OWNER] = "owner",
                                        [ARGILLA_ADMIN] = "admin",
                                        [ARGILLA_ANNOTATOR] = "annotator"};
    const char *role = names[identity->role];
    if (err->code == STATUS_NOT_FOUND)
        doctor_say(check, DOCTOR_WARN, "Argilla %s takes the key of %s (%s). %s",
                   identity->version, identity->username, role, err->text);
    else if (err->code)
        doctor_fail(check, err);
    else if (identity->role == ARGILLA_ANNOTATOR)
        doctor_say(check, DOCTOR_WARN,
                   "Argilla %s takes the key of %s, an annotator: %s in %s can be "
                   "reviewed, new records need an owner's or admin's key.",
                   identity->version, identity->username, dataset->name,
                   dataset->workspace);
    else
        doctor_say(check, DOCTOR_OK,
                   "Argilla %s takes the key of %s (%s); %s is in the workspace %s.",
                   identity->version, identity->username, role, dataset->name,
                   dataset->workspace);
}

static void on_identity(void *ctx, const struct argilla_identity *identity,
                        const struct err *err)
{
    struct check *check = ctx;
    (void)identity;
    if (err->code)
        doctor_fail(check, err);
    else
        argilla_open_dataset(check->argilla, check->doctor->settings->dataset,
                             settings_workspace(check->doctor->settings, check->server),
                             on_dataset, check);
}

static void say_hello(struct check *check, const struct secret *key)
{
    if (!secret_is_set(key)) {
        /* ARGILLA_API_KEY is the key of ARGILLA_API_URL, else of the chosen one;
         * only what has a section can be given one there */
        const struct server_settings *server = check->server;
        const struct settings *settings = check->doctor->settings;
        const char *file = settings->path ? settings->path : "the config file";
        bool is_env = !strcmp(server->name, "env");
        bool is_other = server->key_place && !*server->key_place; /* not for it */
        char way[512];
        if (setting_is_url(server->name))
            snprintf(way, sizeof way,
                     "%s a [server NAME] with this url and api_key_file in %.200s",
                     is_other
                         ? "ARGILLA_API_KEY is for the server of ARGILLA_API_URL; add"
                         : "set ARGILLA_API_KEY, or add",
                     file);
        else
            snprintf(
                way, sizeof way,
                "%sapi_key_env, api_key_file or api_key_cmd in [server %.80s] of %.200s",
                is_other ? "set " : "set ARGILLA_API_KEY, or ", server->name, file);
        doctor_say(check, DOCTOR_DENIED, "There is no key for %.200s: %s.", server->url,
                   is_env ? "set ARGILLA_API_KEY" : way);
        return;
    }
    argilla_free(check->argilla);
    check->argilla = argilla_new(check->doctor->http, check->doctor->loop,
                                 check->server->url, key, check->server->allow_plain_key);
    argilla_use(check->argilla, &check->server->connection, check->server->key_place,
                check->server->url_place);
    argilla_hurry(check->argilla, SERVER_PATIENCE_MS);
    argilla_connect(check->argilla, on_identity, check);
}

/* ---- a tool: is it configured, and does an MCP server list what it offers ---- */

static void on_tools(void *ctx, const struct err *err)
{
    enum { NAMED = 8 };
    struct check *check = ctx;
    size_t count = 0;
    if (err->code) {
        doctor_fail(check, err);
        return;
    }
    const struct llm_tool *tools = toolset_list(check->tools, &count);
    struct buf names = {0};
    for (size_t i = 0; i < count && i < NAMED; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", tools[i].name);
    if (count > NAMED)
        buf_addf(&names, " and %zu more", count - NAMED);
    doctor_say(check, DOCTOR_OK, "It answers; %zu tool%s: %s.", count,
               count == 1 ? "" : "s", buf_text(&names));
    buf_clear(&names);
}

/* The program of a command, along PATH as its start would look for it. */
static void find_program(const struct tool_settings *tool, struct err *err)
{
    size_t count = 0;
    char **words = words_split("command", tool->command, &count, err);
    const char *path = getenv("PATH");
    bool is_there = words && strchr(words[0], '/') && !access(words[0], X_OK);
    for (const char *at = path ? path : ""; words && *at && !strchr(words[0], '/');) {
        size_t len = strcspn(at, ":");
        char *file = xasprintf("%.*s/%s", (int)len, at, words[0]);
        is_there |= !access(file, X_OK);
        free(file);
        at += len + (at[len] == ':');
    }
    if (words && !is_there)
        err_set(err, STATUS_CONFIG,
                "Its program %.100s is not there: install it, or mend command in its "
                "section.",
                words[0]);
    free(words);
}

static void open_tool(struct check *check)
{
    struct err err = {0};
    if (toolset_add(check->tools, check->tool, &err) == STATUS_OK && check->tool->command)
        find_program(check->tool, &err);
    if (err.code)
        doctor_fail(check, &err);
    else if (check->tool->kind == TOOL_MCP)
        toolset_open(check->tools, on_tools, check);
    else
        doctor_say(check, DOCTOR_OK, "%s",
                   check->tool->kind == TOOL_SERPAPI
                       ? "It has a key; no search was made, since it would cost one."
                       : "It can be used.");
}

/* ---- each with its key ---- */

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    (void)command;
    struct check *check = ctx;
    if (err->code) {
        doctor_fail(check, err);
    } else if (check->tool) { /* the settings have it */
        open_tool(check);
    } else if (check->server) {
        say_hello(check, key);
    } else {
        secret_copy(&check->endpoint.key, key);
        llm_find_kind(check->doctor->http, &check->endpoint, on_kind, check);
    }
}

static void check_endpoint(struct check *check, size_t index)
{
    struct endpoint *endpoint = &check->doctor->settings->endpoints[index];
    struct err err = {0};
    if (endpoint->kind == ENDPOINT_CANNED)
        doctor_say(check, DOCTOR_OK, "Its answers are canned: no network, no key.");
    else if (!endpoint->base_url)
        doctor_say(check, DOCTOR_DENIED, "It has no url: add one to its section.");
    else if (settings_find_key(check->doctor->settings, KEY_OF_ENDPOINT, endpoint->name,
                               &endpoint->key, &err) != STATUS_OK)
        doctor_fail(check, &err);
    else {
        endpoint_copy(&check->endpoint, endpoint);
        if (endpoint->key_command && !secret_is_set(&endpoint->key))
            keyring_fetch(check->doctor->keyring, endpoint->key_command, on_key, check);
        else
            llm_find_kind(check->doctor->http, &check->endpoint, on_kind, check);
    }
}

static void check_server(struct check *check, size_t index)
{
    struct server_settings *server = &check->doctor->settings->servers[index];
    struct err err = {0};
    check->server = server;
    if (!server->url)
        doctor_say(check, DOCTOR_DENIED, "It has no url: add one to its section.");
    else if (settings_find_server_key(check->doctor->settings, server, &err) != STATUS_OK)
        doctor_fail(check, &err);
    else if (server->key_command && !secret_is_set(&server->key))
        keyring_fetch(check->doctor->keyring, server->key_command, on_key, check);
    else
        say_hello(check, &server->key);
}

static void check_tool(struct check *check, size_t index)
{
    struct doctor *doctor = check->doctor;
    struct err err = {0};
    struct tool_settings *tool = check->tool = doctor->settings->tools[index];
    set_name(check, tool->kind == TOOL_MCP ? "mcp" : "tool", tool->name);
    check->tools = toolset_new(doctor->http, doctor->loop);
    if (!settings_tool(doctor->settings, tool->name, &err))
        doctor_fail(check, &err);
    else if (tool->key_command && !secret_is_set(&tool->key))
        keyring_fetch(doctor->keyring, tool->key_command, on_key, check);
    else
        open_tool(check);
}

/* ---- all at once ---- */

static const struct {
    const char *name;
    void (*run)(struct check *check);
} local_checks[] = {{"locale", doctor_check_locale},
                    {"terminal", doctor_check_terminal},
                    {"config", doctor_check_config},
                    {"store", doctor_check_store}};

enum { LOCAL_CHECKS = sizeof local_checks / sizeof *local_checks };

/* The endpoints, or one line where there is none, but not where the faulty file may name
 * some. */
static size_t count_lines(const struct doctor *doctor, size_t count)
{
    return count || doctor->file_err.code ? count : 1;
}

static void begin(struct check *check, size_t index)
{
    const struct doctor *doctor = check->doctor;
    const struct settings *settings = doctor->settings;
    size_t endpoints = count_lines(doctor, doctor->endpoint_count);
    size_t servers = count_lines(doctor, doctor->server_count);
    if (index < LOCAL_CHECKS) {
        set_name(check, local_checks[index].name, "");
        local_checks[index].run(check);
    } else if ((index -= LOCAL_CHECKS) < endpoints) {
        set_name(check, "endpoint",
                 doctor->endpoint_count ? settings->endpoints[index].name : "");
        if (doctor->endpoint_count)
            check_endpoint(check, index);
        else
            doctor_say(check, DOCTOR_WARN,
                       "No model endpoint is configured: set OPENAI_BASE_URL or "
                       "OPENAI_API_KEY, or add an [endpoint NAME] with a url to %s.",
                       settings->path ? settings->path : "the config file");
    } else if ((index -= endpoints) < servers) {
        set_name(check, "server",
                 doctor->server_count ? settings->servers[index].name : "");
        if (doctor->server_count)
            check_server(check, index);
        else
            doctor_say(check, DOCTOR_OK,
                       "No Argilla server is configured; everything stays in the local "
                       "store. ARGILLA_API_URL and ARGILLA_API_KEY name one.");
    } else {
        check_tool(check, index - servers);
    }
}

static void go_on(void *ctx)
{
    struct doctor *doctor = ctx;
    for (size_t i = 0; i < doctor->count && !doctor->has_begun; i++)
        begin(&doctor->checks[i], i);
    doctor->has_begun = true;
    for (; !doctor_is_over(doctor) && doctor->checks[doctor->told].text; doctor->told++) {
        const struct check *check = &doctor->checks[doctor->told];
        doctor->fn(doctor->ctx, &(struct doctor_check){.name = check->name,
                                                       .state = check->state,
                                                       .text = check->text});
    }
}

struct doctor *doctor_start(struct loop *loop, const struct clock *clock,
                            struct settings *settings, const struct err *file_err,
                            doctor_fn fn, void *ctx)
{
    struct doctor *doctor = xcalloc(1, sizeof *doctor);
    doctor->loop = loop;
    doctor->clock = clock;
    doctor->settings = settings;
    if (file_err)
        doctor->file_err = *file_err;
    doctor->fn = fn;
    doctor->ctx = ctx;
    doctor->http = http_new(loop);
    doctor->keyring = keyring_new(loop, settings, 0);
    doctor->timer = loop_timer_new(loop, go_on, doctor);
    /* asking makes known what --endpoint URL and --server URL name: it is checked, too */
    struct err err = {0};
    setting_choose_endpoint(doctor->settings, &err);
    setting_choose_server(doctor->settings, &err);
    mcp_read_file(doctor->settings, &err);
    if (err.code && !doctor->file_err.code)
        doctor->file_err = err;
    doctor->endpoint_count = doctor->settings->endpoint_count;
    doctor->server_count =
        doctor->settings->is_local ? 0 : doctor->settings->server_count;
    doctor->count = LOCAL_CHECKS + count_lines(doctor, doctor->endpoint_count) +
                    count_lines(doctor, doctor->server_count) +
                    doctor->settings->tool_count;
    doctor->checks = xcalloc(doctor->count, sizeof *doctor->checks);
    for (size_t i = 0; i < doctor->count; i++)
        doctor->checks[i].doctor = doctor;
    loop_timer_start(doctor->timer, 0, 0);
    return doctor;
}

bool doctor_is_over(const struct doctor *doctor)
{
    return doctor->told == doctor->count;
}

const char *doctor_check_name(const struct doctor *doctor)
{
    return doctor->checks[doctor->told - doctor_is_over(doctor)].name;
}

enum doctor_state doctor_worst(const struct doctor *doctor)
{
    return doctor->worst;
}

void doctor_free(struct doctor *doctor)
{
    if (!doctor)
        return;
    doctor->is_freeing = true;
    keyring_free(doctor->keyring);
    for (size_t i = 0; i < doctor->count; i++) {
        argilla_free(doctor->checks[i].argilla);
        toolset_free(doctor->checks[i].tools);
    }
    http_free(doctor->http);
    if (doctor->store)
        store_close(doctor->store);
    loop_timer_free(doctor->timer);
    for (size_t i = 0; i < doctor->count; i++) {
        endpoint_clear(&doctor->checks[i].endpoint);
        free(doctor->checks[i].text);
    }
    free(doctor->checks);
    free(doctor);
}
