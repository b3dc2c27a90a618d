/* SPDX-License-Identifier: MIT
 *
 * What the configuration file may hold: a row a setting, and one door for all of them.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "net/url.h"
#include "text/outside.h"

enum setting_type {
    TYPE_TEXT,
    TYPE_PATH,    /* "~/x" is in the home directory */
    TYPE_PROXY,   /* a text, or "none" */
    TYPE_BOOL,    /* no, yes; or the row's two words */
    TYPE_CHOICE,  /* one of the row's words, an enum */
    TYPE_SECONDS, /* milliseconds inside */
    TYPE_COUNT,
    TYPE_COMMAND, /* words that are run */
    TYPE_URL,
    TYPE_KIND,
    TYPE_SAMPLING,
    TYPE_HEADER, /* any number of them */
    TYPE_PRICE,  /* likewise */
    TYPE_KEY,
    TYPE_KEY_ENV,
    TYPE_KEY_FILE,
    TYPE_KEY_CMD
};

struct setting_row {
    unsigned sections; /* that have it */
    const char *name;
    enum setting_type type;
    size_t at;        /* in struct settings, or in struct endpoint */
    size_t server_at; /* in struct server_settings */
    size_t tool_at;   /* in struct tool_settings */
    const char *const *words;
};

static const char *const colours[] = {"auto", "never", "always", NULL};
static const char *const themes[] = {"auto", "dark", "light", NULL};
static const char *const suggestions[] = {"show", "start", "hidden", NULL};
static const char *const thinking[] = {"apart", "keep", NULL};
static const char *const asking[] = {"never", "ask", NULL};
static const char *const presets[] = {"sherd", "argilla", "prodigy", NULL};
static const char *const ways[] = {"auto", "calls", "text", NULL};
static const char *const kinds[] = {"command", "serpapi", "calculator", NULL};
static const struct number_limits counts = {true, 1, 1000000};
static const struct number_limits seconds = {false, 0.001, 86400};

#define SHERD(member) offsetof(struct settings, member), 0, 0
#define ENDPOINT(member) offsetof(struct endpoint, member), 0, 0
#define SERVER(member) 0, offsetof(struct server_settings, member), 0
#define TOOL(member) 0, 0, offsetof(struct tool_settings, member)
#define EACH(member)                                                                     \
    offsetof(struct endpoint, member), offsetof(struct server_settings, member),         \
        offsetof(struct tool_settings, member)
#define PARAMETER(field) (SAMPLING_##field), 0, 0
enum {
    SECTIONS_TOOL = SECTION_TOOL | SECTION_MCP,
    SECTIONS_REMOTE = SECTION_ENDPOINT | SECTION_SERVER | SECTIONS_TOOL
};

static const struct setting_row rows[] = {
    {SECTION_SHERD, "endpoint", TYPE_TEXT, SHERD(endpoint), NULL},
    {SECTION_SHERD, "server", TYPE_TEXT, SHERD(server), NULL},
    {SECTION_SHERD, "dataset", TYPE_TEXT, SHERD(dataset), NULL},
    {SECTION_SHERD, "workspace", TYPE_TEXT, SHERD(workspace), NULL},
    {SECTION_SHERD, "store", TYPE_PATH, SHERD(store), NULL},
    {SECTION_SHERD, "strip", TYPE_BOOL, SHERD(strip), NULL},
    {SECTION_SHERD, "colour", TYPE_CHOICE, SHERD(colour), colours},
    {SECTION_SHERD, "theme", TYPE_CHOICE, SHERD(theme), themes},
    {SECTION_SHERD, "ascii", TYPE_BOOL, SHERD(ascii), NULL},
    {SECTION_SHERD, "plain", TYPE_BOOL, SHERD(plain), NULL},
    {SECTION_SHERD, "suggestions", TYPE_CHOICE, SHERD(suggestions), suggestions},
    {SECTION_SHERD, "fast", TYPE_BOOL, SHERD(fast), NULL},
    {SECTION_SHERD, "correction_question", TYPE_TEXT, SHERD(correction_question), NULL},
    {SECTION_SHERD, "submit_single", TYPE_BOOL, SHERD(submit_single), NULL},
    {SECTION_SHERD, "mouse", TYPE_BOOL, SHERD(mouse), NULL},
    {SECTION_SHERD, "pace_note", TYPE_BOOL, SHERD(pace_note), NULL},
    {SECTION_SHERD, "send_times", TYPE_BOOL, SHERD(send_times), NULL},
    {SECTION_SHERD, "again", TYPE_COUNT, SHERD(again), NULL},
    {SECTION_ENDPOINT, "kind", TYPE_KIND, ENDPOINT(kind), NULL},
    {SECTION_ENDPOINT, "model", TYPE_SAMPLING, PARAMETER(MODEL), NULL},
    {SECTION_ENDPOINT, "temperature", TYPE_SAMPLING, PARAMETER(TEMPERATURE), NULL},
    {SECTION_ENDPOINT, "max_tokens", TYPE_SAMPLING, PARAMETER(MAX_TOKENS), NULL},
    {SECTION_ENDPOINT, "seed", TYPE_SAMPLING, PARAMETER(SEED), NULL},
    {SECTION_ENDPOINT, "system", TYPE_SAMPLING, PARAMETER(SYSTEM), NULL},
    {SECTION_ENDPOINT, "think", TYPE_BOOL, ENDPOINT(keeps_think), thinking},
    {SECTION_ENDPOINT, "connect_timeout", TYPE_SECONDS, ENDPOINT(connect_timeout_ms),
     NULL},
    {SECTION_ENDPOINT, "first_token_timeout", TYPE_SECONDS,
     ENDPOINT(first_token_timeout_ms), NULL},
    {SECTION_ENDPOINT, "idle_timeout", TYPE_SECONDS, ENDPOINT(idle_timeout_ms), NULL},
    {SECTION_KEYS, "preset", TYPE_CHOICE, SHERD(preset), presets},
    {SECTION_SERVER, "workspace", TYPE_TEXT, SERVER(workspace), NULL},
    {SECTION_AGENT, "tools", TYPE_TEXT, SHERD(agent.tools), NULL},
    {SECTION_AGENT, "mcp_file", TYPE_PATH, SHERD(agent.mcp_file), NULL},
    {SECTION_AGENT, "way", TYPE_CHOICE, SHERD(agent.way), ways},
    {SECTION_AGENT, "steps", TYPE_COUNT, SHERD(agent.steps), NULL},
    {SECTION_AGENT, "time_limit", TYPE_SECONDS, SHERD(agent.limit_ms), NULL},
    {SECTION_AGENT, "confirm", TYPE_BOOL, SHERD(agent.asks), asking},
    {SECTION_TOOL, "kind", TYPE_CHOICE, TOOL(kind), kinds},
    {SECTION_TOOL, "description", TYPE_TEXT, TOOL(description), NULL},
    {SECTION_TOOL, "schema", TYPE_TEXT, TOOL(schema), NULL},
    {SECTION_MCP, "tools", TYPE_TEXT, TOOL(only), NULL},
    {SECTIONS_TOOL, "command", TYPE_COMMAND, TOOL(command), NULL},
    {SECTIONS_TOOL, "pass_env", TYPE_TEXT, TOOL(pass), NULL},
    {SECTIONS_TOOL, "confirm", TYPE_BOOL, TOOL(asks), asking},
    {SECTIONS_TOOL, "timeout", TYPE_SECONDS, TOOL(timeout_ms), NULL},
    {SECTIONS_TOOL, "max_output", TYPE_COUNT, TOOL(max_output), NULL},
    {SECTIONS_REMOTE, "url", TYPE_URL, EACH(key), NULL},
    {SECTIONS_REMOTE, "api_key_env", TYPE_KEY_ENV, EACH(key), NULL},
    {SECTIONS_REMOTE, "api_key_file", TYPE_KEY_FILE, EACH(key), NULL},
    {SECTIONS_REMOTE, "api_key_cmd", TYPE_KEY_CMD, EACH(key_command), NULL},
    {SECTIONS_REMOTE, "api_key", TYPE_KEY, EACH(key), NULL},
    {SECTIONS_REMOTE, "allow_plain_key", TYPE_BOOL, EACH(allow_plain_key), NULL},
    {SECTIONS_REMOTE, "key_header", TYPE_TEXT, EACH(connection.key_header), NULL},
    {SECTIONS_REMOTE, "header", TYPE_HEADER, EACH(connection), NULL},
    {SECTIONS_REMOTE, "proxy", TYPE_PROXY, EACH(connection.proxy), NULL},
    {SECTIONS_REMOTE, "ca_file", TYPE_PATH, EACH(connection.ca_file), NULL},
    {SECTIONS_REMOTE, "client_cert", TYPE_PATH, EACH(connection.client_cert), NULL},
    {SECTIONS_REMOTE, "client_key", TYPE_PATH, EACH(connection.client_key), NULL},
    {SECTION_ENDPOINT, "price", TYPE_PRICE, 0, 0, 0, NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert(ROWS <= 64, "setting_place.seen has a bit for each row");

static enum status put_text(char **slot, const char *value, struct err *err)
{
    if (!*value)
        return err_set(err, STATUS_CONFIG, "a value is missing behind the =");
    setting_text(slot, value);
    return STATUS_OK;
}

/* Which of the words value is; -1 with the sentence when it is none. */
static int find_word(const char *const *words, const char *value, struct err *err)
{
    size_t count = 0;
    for (; words[count]; count++)
        if (!strcmp(words[count], value))
            return (int)count;
    if (count > 2)
        err_set(err, STATUS_CONFIG, "write %s, %s or %s", words[0], words[1], words[2]);
    else
        err_set(err, STATUS_CONFIG, "write %s or %s", words[0], words[1]);
    return -1;
}

static enum status put_bool(bool *slot, const struct setting_row *row, const char *value,
                            struct err *err)
{
    static const char *const words[] = {"yes", "no", "true", "false", "on", "off", NULL};
    struct err other = {0}; /* the last four are taken, not offered */
    int found =
        row->words ? find_word(row->words, value, err) : find_word(words, value, &other);
    if (found < 0)
        return err_set(err, STATUS_CONFIG, "write yes or no");
    *slot = row->words ? found == 1 : found % 2 == 0;
    return STATUS_OK;
}

/* "\n" is a new line, "\\" a backslash: a value is one line of the file. Owned. */
static char *unescape(const char *value)
{
    char *text = xstrdup(value), *put = text;
    for (const char *at = value; *at; at++) {
        bool is_escape = at[0] == '\\' && (at[1] == 'n' || at[1] == '\\');
        at += is_escape;
        *put++ = is_escape && *at == 'n' ? '\n' : *at;
    }
    *put = '\0';
    return text;
}

static enum status put_snippet(struct settings *settings, const char *name,
                               const char *value, struct err *err)
{
    if (!*value)
        return err_set(err, STATUS_CONFIG, "a value is missing behind the =");
    for (size_t i = 0; i < settings->snippet_count; i++)
        if (!strcmp(settings->snippets[i].name, name))
            return err_set(err, STATUS_EXISTS, "\"%s\" was given before in this section",
                           name);
    if (settings->snippet_count == SNIPPETS_MAX)
        return err_set(err, STATUS_EXISTS, "there is a key for %d snippets, no more",
                       SNIPPETS_MAX);
    settings->snippets = xreallocarray(settings->snippets, settings->snippet_count + 1,
                                       sizeof *settings->snippets);
    settings->snippets[settings->snippet_count++] =
        (struct snippet_setting){.name = xstrdup(name), .text = unescape(value)};
    return STATUS_OK;
}

static enum status put_sampling(struct sampling *sampling, enum sampling_field field,
                                const char *value, struct err *err)
{
    const struct sampling_row *row = sampling_row(field);
    struct err why = {0};
    char limits[96];
    if (!*value)
        return err_set(err, STATUS_CONFIG, "a value is missing behind the =");
    if (row->is_number && sampling_put(sampling, field, value, &why))
        return err_set(err, STATUS_CONFIG, "write %s, such as %s",
                       number_describe(&row->limits, limits, sizeof limits),
                       row->example);
    if (row->is_number)
        return STATUS_OK;
    char *text = unescape(value);
    enum status status = sampling_put(sampling, field, text, err);
    free(text);
    return status;
}

static enum status put_header(const struct setting_place *place,
                              struct http_connection *connection, const char *value,
                              struct err *err)
{
    if (http_connection_add_header(connection, value, err))
        return err->code;
    const struct http_header *header = &connection->headers[connection->header_count - 1];
    bool is_named = header->value.text && *header->value.text == '$';
    if (http_header_is_secret(header) && !is_named && place->mode & 077)
        return err_set(err, STATUS_CONFIG,
                       "a secret is written into a file that others can read: run chmod "
                       "600 on it, or write header = Name: $VARIABLE");
    return STATUS_OK;
}

/* A key in the file would win silently over a place where one is to be looked for. */
static enum status check_one_key(const struct setting_place *place,
                                 const struct setting_row *row, struct err *err)
{
    bool is_key = row->type == TYPE_KEY;
    if (!is_key && row->type != TYPE_KEY_ENV && row->type != TYPE_KEY_FILE &&
        row->type != TYPE_KEY_CMD)
        return STATUS_OK;
    for (size_t i = 0; i < ROWS; i++) {
        bool is_other = is_key ? rows[i].type == TYPE_KEY_ENV ||
                                     rows[i].type == TYPE_KEY_FILE ||
                                     rows[i].type == TYPE_KEY_CMD
                               : rows[i].type == TYPE_KEY;
        if (is_other && (place->seen >> i) & 1)
            return err_set(err, STATUS_EXISTS,
                           "this section has %s already: keep one of the two",
                           rows[i].name);
    }
    return STATUS_OK;
}

/* What others could change is not run. */
static enum status put_command(const struct setting_place *place, char **slot,
                               const char *value, struct err *err)
{
    size_t count = 0;
    if (place->mode & 022)
        return err_set(err, STATUS_CONFIG,
                       "a command is written into a file that others can change: run "
                       "chmod go-w on it");
    char **words = words_split("command", value, &count, err);
    free(words);
    return words ? put_text(slot, value, err) : err->code;
}

static enum status put_key(struct setting_place *place, const struct setting_row *row,
                           void *slot, const char *value, struct err *err)
{
    bool is_server = place->section == SECTION_SERVER;
    bool is_tool = place->section & SECTIONS_TOOL;
    struct key_source *source = setting_key_source(place->settings,
                                                   is_tool     ? KEY_OF_TOOL
                                                   : is_server ? KEY_OF_SERVER
                                                               : KEY_OF_ENDPOINT,
                                                   is_tool     ? place->tool->name
                                                   : is_server ? place->server->name
                                                               : place->endpoint->name);
    if (row->type == TYPE_KEY_ENV)
        return put_text(&source->variable, value, err);
    if (row->type == TYPE_KEY_FILE)
        return put_text(&source->file, value, err);
    if (row->type == TYPE_KEY_CMD)
        return put_command(place, slot, value, err);
    if (place->mode & 077)
        return err_set(err, STATUS_CONFIG,
                       "a key is written into a file that others can read: run chmod "
                       "600 on it, or use api_key_env or api_key_cmd");
    struct secret *key = slot;
    secret_set(key, value);
    return secret_is_set(key) ? STATUS_OK
                              : err_set(err, STATUS_CONFIG, "the key is missing");
}

/* Texts and numbers that are kept where the row says. */
static enum status put_plain(const struct setting_row *row, void *slot, const char *value,
                             struct err *err)
{
    enum status status = STATUS_OK;
    double number = 0;
    if (row->type == TYPE_SECONDS) {
        if (!number_read(value, &seconds, &number))
            return err_set(err, STATUS_CONFIG, "write seconds, from %g to %g",
                           seconds.min, seconds.max);
        *(int64_t *)slot = (int64_t)(number * 1000 + 0.5);
    } else if (row->type == TYPE_CHOICE) {
        int choice = find_word(row->words, value, err);
        if (choice < 0)
            return err->code;
        memcpy(slot, &choice, sizeof choice);
    } else if (row->type == TYPE_COUNT) {
        if (!number_read(value, &counts, &number))
            return err_set(err, STATUS_CONFIG, "write a whole number, from %g to %.0f",
                           counts.min, counts.max);
        *(int64_t *)slot = (int64_t)number;
    } else if (row->type == TYPE_PATH) {
        char *path = paths_expand(value);
        status = put_text(slot, path, err);
        free(path);
    } else {
        bool is_none = row->type == TYPE_PROXY && !strcmp(value, "none");
        status = is_none ? STATUS_OK : put_text(slot, value, err);
        if (is_none)
            setting_text(slot, "");
    }
    return status;
}

static enum status put_row(struct setting_place *place, const struct setting_row *row,
                           const char *value, struct err *err)
{
    bool is_server = place->section == SECTION_SERVER;
    bool is_tool = place->section & SECTIONS_TOOL;
    char *base = is_tool                              ? (char *)place->tool
                 : is_server                          ? (char *)place->server
                 : place->section == SECTION_ENDPOINT ? (char *)place->endpoint
                                                      : (char *)place->settings;
    void *slot = base + (is_tool ? row->tool_at : is_server ? row->server_at : row->at);
    switch (row->type) {
    case TYPE_TEXT:
        place->settings->has_dataset |= slot == &place->settings->dataset;
        return put_plain(row, slot, value, err);
    case TYPE_BOOL:
        return put_bool(slot, row, value, err);
    case TYPE_COMMAND:
        return put_command(place, slot, value, err);
    case TYPE_URL:
        if (is_tool)
            return url_check(value, err) ? err->code
                                         : put_text(&place->tool->url, value, err);
        return is_server ? setting_server_url(place->server, value, err)
                         : endpoint_set_url(place->endpoint, value, err);
    case TYPE_KIND:
        if (endpoint_kind_parse(value, slot))
            return STATUS_OK;
        return err_set(err, STATUS_CONFIG,
                       "this kind of endpoint is not known; write openai-chat, "
                       "openai-completions, openai-responses, anthropic or ollama");
    case TYPE_SAMPLING:
        return put_sampling(&place->endpoint->defaults, (enum sampling_field)row->at,
                            value, err);
    case TYPE_HEADER:
        return put_header(place, slot, value, err);
    case TYPE_PRICE:
        return endpoint_add_price(place->endpoint, value, err);
    case TYPE_KEY:
    case TYPE_KEY_ENV:
    case TYPE_KEY_FILE:
    case TYPE_KEY_CMD:
        return put_key(place, row, slot, value, err);
    default:
        return put_plain(row, slot, value, err);
    }
}

enum status setting_put(struct setting_place *place, const char *name, const char *value,
                        struct err *err)
{
    place->offset = 0;
    if (place->section == SECTION_KEYS && strcmp(name, "preset") != 0)
        return setting_bind_keys(place, name, value, err);
    if (place->section == SECTION_SNIPPETS)
        return put_snippet(place->settings, name, value, err);
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].sections & place->section) || strcmp(rows[i].name, name) != 0)
            continue;
        if (rows[i].type != TYPE_HEADER && rows[i].type != TYPE_PRICE &&
            (place->seen >> i) & 1)
            return err_set(err, STATUS_EXISTS, "\"%s\" was given before in this section",
                           name);
        if (check_one_key(place, &rows[i], err))
            return err->code;
        place->seen |= UINT64_C(1) << i;
        return put_row(place, &rows[i], value, err);
    }
    const char *names[ROWS];
    size_t count = 0;
    for (size_t k = 0; k < ROWS; k++)
        if (rows[k].sections & place->section)
            names[count++] = rows[k].name;
    const char *near = nearest_word(name, names, count);
    return err_set(err, STATUS_NOT_FOUND, "\"%.60s\" is not known here%s%s%s", name,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

enum status settings_put(struct settings *settings, const char *name, const char *value,
                         struct err *err)
{
    struct setting_place place = {.settings = settings, .section = SECTION_SHERD};
    return setting_put(&place, name, value, err);
}
