/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "net/url.h"

#define OPENAI_URL "https://api.openai.com/v1"
enum { AGENT_STEPS = 15 /* LangChain's */, AGENT_LIMIT_MS = 300000 };
#define OPENAI_MODEL "gpt-4o-mini" /* where nothing else was asked for */

void settings_init(struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->dataset = xstrdup("langchain-dataset");
    settings->strip = settings->mouse = true;
    settings->suggestions = SUGGESTIONS_START;
    settings->submit_single = true;
    settings->pace_note = true;
    settings->agent.steps = AGENT_STEPS;
    settings->agent.limit_ms = AGENT_LIMIT_MS;
}

void setting_clear_server(struct server_settings *server)
{
    free(server->name);
    free(server->url);
    free(server->workspace);
    free(server->key_command);
    free(server->key_place);
    free(server->url_place);
    secret_clear(&server->key);
    http_connection_clear(&server->connection);
}

static void clear_tools(struct settings *settings)
{
    for (size_t i = 0; i < settings->tool_count; i++) {
        struct tool_settings *tool = settings->tools[i];
        free(tool->name);
        free(tool->command);
        free(tool->url);
        free(tool->description);
        free(tool->schema);
        free(tool->only);
        free(tool->pass);
        for (size_t j = 0; tool->environment && tool->environment[j]; j++)
            free(tool->environment[j]);
        free(tool->environment);
        free(tool->key_command);
        secret_clear(&tool->key);
        http_connection_clear(&tool->connection);
        free(tool);
    }
    free(settings->tools);
    free(settings->agent.tools);
    free(settings->agent.mcp_file);
}

void settings_clear(struct settings *settings)
{
    for (size_t i = 0; i < settings->endpoint_count; i++)
        endpoint_clear(&settings->endpoints[i]);
    for (size_t i = 0; i < settings->server_count; i++)
        setting_clear_server(&settings->servers[i]);
    for (size_t i = 0; i < settings->source_count; i++) {
        free(settings->sources[i].owner);
        free(settings->sources[i].variable);
        free(settings->sources[i].file);
    }
    clear_tools(settings);
    free(settings->endpoints);
    free(settings->servers);
    free(settings->sources);
    for (size_t i = 0; i < settings->snippet_count; i++) {
        free(settings->snippets[i].name);
        free(settings->snippets[i].text);
    }
    free(settings->snippets);
    free(settings->correction_question);
    free(settings->bindings);
    free(settings->path);
    free(settings->endpoint);
    free(settings->server);
    free(settings->dataset);
    free(settings->workspace);
    free(settings->store);
    sampling_clear(&settings->sampling);
    secret_clear(&settings->spare_server_key);
    memset(settings, 0, sizeof *settings);
}

void setting_text(char **slot, const char *text)
{
    char *copy = xstrdup_or_null(text);
    free(*slot);
    *slot = copy;
}

struct endpoint *setting_add_endpoint(struct settings *settings, const char *name)
{
    size_t count = settings->endpoint_count++;
    settings->endpoints =
        xreallocarray(settings->endpoints, count + 1, sizeof *settings->endpoints);
    struct endpoint *endpoint = &settings->endpoints[count];
    memset(endpoint, 0, sizeof *endpoint);
    endpoint_init(endpoint);
    endpoint->name = xstrdup(name);
    return endpoint;
}

struct server_settings *setting_add_server(struct settings *settings, const char *name)
{
    size_t count = settings->server_count++;
    settings->servers =
        xreallocarray(settings->servers, count + 1, sizeof *settings->servers);
    struct server_settings *server = &settings->servers[count];
    memset(server, 0, sizeof *server);
    server->name = xstrdup(name);
    return server;
}

enum status setting_server_url(struct server_settings *server, const char *url,
                               struct err *err)
{
    enum status status = url_check(url, err);
    if (status != STATUS_OK)
        return status;
    if (strpbrk(url, "?#"))
        return err_set(err, STATUS_CONFIG,
                       "The address of a server ends before a ? or #: take those off.");
    setting_text(&server->url, url);
    /* upper and lower case are one host, and one address in the store */
    char *at = server->url;
    for (const char *path = strstr(at, "://") + 3; *at && !(at >= path && *at == '/');
         at++)
        if (*at >= 'A' && *at <= 'Z')
            *at += 'a' - 'A';
    size_t len = strlen(server->url);
    while (len && server->url[len - 1] == '/')
        server->url[--len] = '\0';
    return STATUS_OK;
}

static enum status unknown_name(const char *kind, const char *name, struct err *err)
{
    return err_set(err, STATUS_CONFIG,
                   "There is no %s named \"%.120s\". Add a section [%s %.120s] to the "
                   "configuration file, or give a URL that starts with http.",
                   kind, name, kind, name);
}

bool setting_is_url(const char *text)
{
    return url_is_http(text) || !strncasecmp(text, "https://", 8);
}

struct endpoint *setting_find_endpoint(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->endpoint_count; i++) {
        if (!strcmp(settings->endpoints[i].name, name))
            return &settings->endpoints[i];
    }
    return NULL;
}

static struct endpoint *endpoint_at(struct settings *settings, const char *url,
                                    struct err *err)
{
    struct endpoint made = {0};
    endpoint_init(&made);
    struct endpoint *found = NULL;
    if (endpoint_set_url(&made, url, err) != STATUS_OK)
        return NULL;
    for (size_t i = 0; i < settings->endpoint_count && !found; i++) {
        const char *other = settings->endpoints[i].base_url;
        if (other && !strcmp(other, made.base_url))
            found = &settings->endpoints[i];
    }
    if (!found) {
        char *name = xmemdup0(made.base_url, strcspn(made.base_url, "?"));
        found = setting_add_endpoint(settings, name); /* a query may hold a secret */
        free(name);
        setting_text(&found->base_url, made.base_url);
        const struct endpoint *env = setting_find_endpoint(settings, "env");
        if (env && url_same_origin(env->base_url, found->base_url)) {
            secret_copy(&found->key, &env->key);
            sampling_copy(&found->defaults, &env->defaults);
        }
    }
    endpoint_clear(&made);
    return found;
}

static struct endpoint *named_endpoint(struct settings *settings, const char *name,
                                       struct err *err)
{
    if (setting_is_url(name))
        return endpoint_at(settings, name, err);
    struct endpoint *found = setting_find_endpoint(settings, name);
    if (!found && !strcmp(name, "demo")) {
        found = setting_add_endpoint(settings, "demo");
        endpoint_set_demo(found);
    }
    if (!found)
        unknown_name("endpoint", name, err);
    return found;
}

struct endpoint *setting_choose_endpoint(struct settings *settings, struct err *err)
{
    if (settings->endpoint)
        return named_endpoint(settings, settings->endpoint, err);
    return settings->endpoint_count ? settings->endpoints : NULL;
}

const struct endpoint *settings_endpoint(struct settings *settings, const char *name,
                                         struct err *err)
{
    struct endpoint *endpoint = name ? named_endpoint(settings, name, err)
                                     : setting_choose_endpoint(settings, err);
    if (!endpoint)
        return NULL;
    if (!endpoint->base_url && endpoint->kind != ENDPOINT_CANNED) {
        err_set(err, STATUS_CONFIG, "The endpoint \"%s\" has no url: add one in %s.",
                endpoint->name, settings->path ? settings->path : "the config file");
        return NULL;
    }
    if (settings_find_key(settings, KEY_OF_ENDPOINT, endpoint->name, &endpoint->key,
                          err) != STATUS_OK)
        return NULL;
    return endpoint;
}

struct server_settings *setting_find_server(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->server_count; i++) {
        if (!strcmp(settings->servers[i].name, name))
            return &settings->servers[i];
    }
    return NULL;
}

struct server_settings *setting_find_address(const struct settings *settings,
                                             const char *url)
{
    for (size_t i = 0; i < settings->server_count; i++)
        if (settings->servers[i].url && url_same(settings->servers[i].url, url))
            return &settings->servers[i];
    return NULL;
}

struct server_settings *setting_choose_server(struct settings *settings, struct err *err)
{
    if (settings->is_local)
        return NULL;
    if (!settings->server)
        return settings->server_count ? settings->servers : NULL;
    if (setting_is_url(settings->server)) {
        struct server_settings made = {0};
        if (setting_server_url(&made, settings->server, err) != STATUS_OK)
            return NULL;
        struct server_settings *found = setting_find_address(settings, made.url);
        if (!found) {
            found = setting_add_server(settings, made.url);
            setting_text(&found->url, made.url);
        }
        setting_clear_server(&made);
        return found;
    }
    struct server_settings *found = setting_find_server(settings, settings->server);
    if (!found)
        unknown_name("server", settings->server, err);
    return found;
}

/* ARGILLA_API_KEY, where the server is at the host that it is for; else NULL. */
static const struct secret *spare_key(struct settings *settings,
                                      const struct server_settings *server)
{
    struct err none = {0};
    const struct server_settings *owner = setting_find_server(settings, "env");
    if (!owner)
        owner = setting_choose_server(settings, &none);
    return owner && owner->url && server->url && url_same_origin(owner->url, server->url)
               ? &settings->spare_server_key
               : NULL;
}

static char *address_place(const struct settings *settings, const char *name)
{
    const char *way = settings->has_server ? "--server" : "the setting “server”";
    return !strcmp(name, "env")   ? xstrdup("ARGILLA_API_URL")
           : setting_is_url(name) ? xstrdup(way)
                                  : xasprintf("[server %.80s]", name);
}

enum status settings_find_server_key(struct settings *settings,
                                     struct server_settings *server, struct err *err)
{
    const char *name = server->name;
    if (!server->url_place)
        server->url_place = address_place(settings, name);
    const struct key_source *source = setting_find_source(settings, KEY_OF_SERVER, name);
    bool is_own = source || server->key_command || secret_is_set(&server->key);
    if (settings_find_key(settings, KEY_OF_SERVER, name, &server->key, err))
        return err->code;
    const struct secret *spare = is_own ? NULL : spare_key(settings, server);
    if (spare && !secret_is_set(&server->key))
        secret_copy(&server->key, spare);
    if (server->key_place) /* then that key is not its own */
        return STATUS_OK;
    const char *said = source && source->variable ? getenv(source->variable) : NULL;
    if (said && *said)
        server->key_place = xstrdup(source->variable);
    else if (source && source->file)
        server->key_place = xstrdup(source->file);
    else if (is_own)
        server->key_place =
            xasprintf(server->key_command ? "what api_key_cmd of [server %s] prints"
                                          : "api_key of [server %s]",
                      name);
    else
        server->key_place = xstrdup(spare ? "ARGILLA_API_KEY" : "");
    return STATUS_OK;
}

const struct server_settings *settings_server(struct settings *settings, struct err *err)
{
    struct server_settings *server = setting_choose_server(settings, err);
    if (!server)
        return NULL;
    if (!server->url) {
        err_set(err, STATUS_CONFIG, "The server \"%s\" has no url: add one in %s.",
                server->name, settings->path ? settings->path : "the config file");
        return NULL;
    }
    return settings_find_server_key(settings, server, err) ? NULL : server;
}

const char *settings_workspace(const struct settings *settings,
                               const struct server_settings *server)
{
    return !server               ? "local"
           : settings->workspace ? settings->workspace
                                 : server->workspace;
}

/* ---- the environment ---- */

static const char *variable(const char *name)
{
    const char *text = getenv(name);
    return text && text[0] ? text : NULL;
}

static enum status read_endpoint(struct settings *settings, struct err *err)
{
    const char *key = variable("OPENAI_API_KEY");
    const char *url = variable("OPENAI_BASE_URL");
    if (!url && !key)
        return STATUS_OK;
    struct endpoint *endpoint = setting_add_endpoint(settings, "env");
    enum status status = endpoint_set_url(endpoint, url ? url : OPENAI_URL, err);
    if (status != STATUS_OK) {
        err_prefix(err, "OPENAI_BASE_URL");
        return status;
    }
    secret_set(&endpoint->key, key);
    const char *model = variable("OPENAI_MODEL");
    setting_text(&endpoint->defaults.model, model ? model : url ? NULL : OPENAI_MODEL);
    if (url) /* said outright: it wins over the file's choice */
        setting_text(&settings->endpoint, "env");
    return STATUS_OK;
}

static enum status read_server(struct settings *settings, struct err *err)
{
    const char *url = variable("ARGILLA_API_URL");
    const char *key = variable("ARGILLA_API_KEY");
    const char *workspace = variable("ARGILLA_WORKSPACE");
    secret_set(&settings->spare_server_key, key);
    if (!url) {
        if (workspace)
            setting_text(&settings->workspace, workspace);
        return STATUS_OK;
    }
    struct server_settings made = {0};
    enum status status = setting_server_url(&made, url, err);
    if (status != STATUS_OK) {
        err_prefix(err, "ARGILLA_API_URL");
        return status;
    }
    const struct server_settings *known =
        key ? NULL : setting_find_address(settings, made.url);
    if (known) { /* has a key of its own */
        setting_text(&settings->server, known->name);
        if (workspace)
            setting_text(&settings->workspace, workspace);
        setting_clear_server(&made);
        return STATUS_OK;
    }
    struct server_settings *server = setting_add_server(settings, "env");
    server->url = made.url;
    setting_text(&server->workspace, workspace);
    setting_text(&settings->server, "env");
    if (workspace) /* the file's was meant for the file's server */
        setting_text(&settings->workspace, NULL);
    return STATUS_OK;
}

enum status settings_read_environment(struct settings *settings, struct err *err)
{
    enum status status = read_endpoint(settings, err);
    if (status == STATUS_OK)
        status = read_server(settings, err);
    if (variable("NO_COLOR") && settings->colour != COLOUR_ALWAYS)
        settings->colour = COLOUR_NEVER;
    return status;
}
