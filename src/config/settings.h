/* SPDX-License-Identifier: MIT
 *
 * settings - what was configured: the file, then the environment, then the flags. What
 * the file may hold is the table of settings_table.c; data/config.example shows it all.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "config/action.h"
#include "config/endpoint.h"
#include "event/event.h"
#include "model/record.h"
#include "net/http.h"

struct server_settings {
    char *name;
    char *url;
    char *workspace; /* NULL = the user's first */
    struct secret key;
    char *key_command; /* NULL */
    char *key_place;   /* what says the key, "" = nothing may; NULL = not looked for */
    char *url_place;   /* what says the address; set with it */
    bool allow_plain_key;
    struct http_connection connection;
};

/* What an agent may use: a [tool NAME] or [mcp NAME] of the file, or one that is built
 * in. */
enum tool_kind {
    TOOL_COMMAND,
    TOOL_SERPAPI,    /* a search through serpapi.com or what answers like it */
    TOOL_CALCULATOR, /* no network */
    TOOL_CANNED,     /* the demo's search */
    TOOL_MCP         /* a server with tools of its own */
};

struct tool_settings {
    char *name;
    enum tool_kind kind;
    char *command;      /* COMMAND: words with {field}; MCP over stdio. NULL */
    char *url;          /* MCP over HTTP; SERPAPI: NULL = its own */
    char *description;  /* for the model; NULL = a built-in one */
    char *schema;       /* COMMAND: JSON Schema of the arguments; NULL = one "input" */
    char *only;         /* MCP: names of the tools that may be used; NULL = all */
    char *pass;         /* variables that it gets although they look like keys; NULL */
    char **environment; /* MCP: more of them, "NAME=value", NULL-ended; NULL = none */
    bool asks;          /* the user is asked before it runs */
    int64_t timeout_ms; /* of one call */
    int64_t max_output; /* characters of a result that the model is shown */
    struct secret key;
    char *key_command; /* NULL */
    bool allow_plain_key;
    struct http_connection connection;
};

enum agent_way {
    AGENT_AUTO,  /* calls where the endpoint takes tools, else text */
    AGENT_CALLS, /* function calls */
    AGENT_TEXT   /* Thought, Action, Observation */
};

struct agent_settings {
    char *tools;       /* names, with blanks or commas between; NULL = none */
    char *mcp_file;    /* of another client, with its "mcpServers"; NULL */
    bool has_mcp_file; /* it was read */
    enum agent_way way;
    int64_t steps;    /* questions to the model, at most */
    int64_t limit_ms; /* for all of it, without the time that the user is asked */
    bool asks;        /* before every tool */
    bool is_on;       /* flags: prompts are an agent's */
    bool allows_all;  /* flags: no tool asks */
};

struct key_binding {
    struct key key; /* code 0: the action has no keys but those given here */
    enum action action;
    int line; /* of the file */
};
enum key_preset { PRESET_SHERD, PRESET_ARGILLA, PRESET_PRODIGY };

/* A line of [snippets]: a phrase for feedback. */
enum { SNIPPETS_MAX = 35 }; /* 1 to 9 and a to z pick one */
struct snippet_setting {
    char *name;
    char *text;
};

enum colour_choice { COLOUR_AUTO, COLOUR_NEVER, COLOUR_ALWAYS };
enum theme_choice { THEME_AUTO, THEME_DARK, THEME_LIGHT };

enum key_owner { KEY_OF_ENDPOINT, KEY_OF_SERVER, KEY_OF_TOOL };

/* Where a key is looked for when its owner is first asked for; so that a missing key of
 * one that is not used stops nobody. */
struct key_source {
    enum key_owner kind;
    char *owner;    /* its name */
    char *variable; /* api_key_env; NULL */
    char *file;     /* api_key_file; NULL */
};

struct settings {
    char *path; /* of the file that was read, or looked for */
    struct endpoint *endpoints;
    size_t endpoint_count;
    struct server_settings *servers;
    size_t server_count;
    struct tool_settings **tools;
    size_t tool_count;
    struct agent_settings agent;
    char *endpoint;   /* --endpoint or the file: NAME or URL; NULL = the first there is */
    char *server;     /* NAME or URL; NULL = the first there is */
    char *dataset;    /* never NULL: "langchain-dataset" */
    bool has_dataset; /* someone chose it */
    bool has_server;  /* --server did: no other is meant */
    char *workspace;  /* for every server, and for the store alone; NULL */
    char *store;      /* path; NULL = default */
    bool is_local;    /* --local: no server even if one is configured */
    bool strip;       /* default true */
    bool ascii;
    bool plain; /* for screen readers: no frames, nothing that ticks */
    enum suggestion_use suggestions;
    bool fast;          /* a rating that completes the answer submits it and goes on */
    bool submit_single; /* so does the key of a form's only question */
    bool pace_note;     /* say when answers come faster than one can read; default true */
    bool send_times;    /* how an answer came about, to the server as metadata */
    int64_t again; /* every so many-th record of one's own is shown twice; 0 = none */
    bool mouse;    /* default true; the terminal's own selection then needs Shift */
    enum colour_choice colour;
    enum theme_choice theme;
    struct sampling sampling;  /* flags: over the endpoint's defaults */
    char *correction_question; /* NULL = the one that is named so */
    struct snippet_setting *snippets;
    size_t snippet_count;
    enum key_preset preset;
    struct key_binding *bindings; /* as [keys] gives them */
    size_t binding_count;
    struct key_source *sources;
    size_t source_count;
    struct secret spare_server_key; /* ARGILLA_API_KEY */
};

void settings_init(struct settings *settings);
void settings_clear(struct settings *settings);
/* Reads the file (path NULL = the default place, which may be absent). The sentence of
 * a refused line is "file:line:column: …". */
enum status settings_read_file(struct settings *settings, const char *path,
                               struct err *err) __attribute__((warn_unused_result));
/* OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL -> endpoint "env"; ARGILLA_API_URL,
 * ARGILLA_API_KEY, ARGILLA_WORKSPACE -> server "env"; NO_COLOR. A URL in the environment
 * wins over the file's choice; OPENAI_API_KEY alone (which means api.openai.com) is used
 * only when the file names no endpoint. Call it after settings_read_file. */
enum status settings_read_environment(struct settings *settings, struct err *err)
    __attribute__((warn_unused_result));
/* A [sherd] setting by name, from a flag: over file and environment. USAGE. */
enum status settings_put(struct settings *settings, const char *name, const char *value,
                         struct err *err) __attribute__((warn_unused_result));
/* The endpoint that is named (NULL = by settings->endpoint) / server that is meant. NULL
 * without err when nothing is configured; NULL with err when the name is unknown, the URL
 * bad or its key cannot be read. A URL takes the key of the environment only when the
 * hosts are the same. Borrowed until the next call. A key_command was not run yet. */
const struct endpoint *settings_endpoint(struct settings *settings, const char *name,
                                         struct err *err);
const struct server_settings *settings_server(struct settings *settings, struct err *err);
/* The tool or MCP server of this name, with its key (a key_command has not been run yet).
 * NULL with err when there is none, or it lacks something. Lives as long as settings. */
const struct tool_settings *settings_tool(struct settings *settings, const char *name,
                                          struct err *err);
/* The workspace that is meant on server (NULL = the store alone): the flag's, the file's
 * [sherd] or the environment's, else the server's own. NULL = the user's first. */
const char *settings_workspace(const struct settings *settings,
                               const struct server_settings *server);
/* Every key that does something: the actions' own, in their order, the preset over them,
 * [keys] over both. Owned array. */
struct key_binding *settings_keys(const struct settings *settings, size_t *count);
/* Reads the key of one endpoint, server or tool from where the configuration says
 * (variable, file). Nothing to do is OK. Part of settings_endpoint and settings_server.
 */
enum status settings_find_key(const struct settings *settings, enum key_owner kind,
                              const char *owner, struct secret *key, struct err *err)
    __attribute__((warn_unused_result));
/* The same for a server: its own key; else ARGILLA_API_KEY, where it has the scheme, host
 * and port of ARGILLA_API_URL or, without that, of the server that is chosen. None is OK.
 * Sets key_place and url_place, too. An address in --server must be known:
 * setting_choose_server. */
enum status settings_find_server_key(struct settings *settings,
                                     struct server_settings *server, struct err *err)
    __attribute__((warn_unused_result));

#endif
