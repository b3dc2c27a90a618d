/* SPDX-License-Identifier: MIT
 *
 * mcp_file - the MCP servers of another client's file: {"mcpServers": {"NAME":
 * {"command", "args", "env"} or {"url", "headers"}}}; some call it "servers".
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "llm/tool_parts.h"

/* Text with the environment's variables in it, as ${NAME}. False when one is not set. */
static bool expand(const char *text, struct buf *out)
{
    for (const char *at = text; *at;) {
        size_t len = !strncmp(at, "${", 2) ? strcspn(at, "}") : 0;
        if (len < 3 || !at[len]) {
            buf_add_byte(out, *at++);
            continue;
        }
        char *name = xmemdup0(at + 2, len - 2);
        const char *value = getenv(name);
        free(name);
        if (!value)
            return false;
        buf_add_text(out, value);
        at += len + 1;
    }
    return true;
}

static void add_word(struct buf *line, const char *word)
{
    char *quoted = words_quote(word);
    buf_addf(line, "%s%s", line->len ? " " : "", quoted);
    free(quoted);
}

/* env: "NAME=value" for the child; else a header. */
static void take_pairs(struct tool_settings *tool, json_t *pairs, bool is_env,
                       struct err *err)
{
    const char *key;
    json_t *value;
    size_t count = 0;
    if (is_env)
        tool->environment =
            xcalloc(json_object_size(pairs) + 1, sizeof *tool->environment);
    json_object_foreach(pairs, key, value)
    {
        struct buf text = {0};
        buf_addf(&text, is_env ? "%s=" : "%s: ", key);
        if (!json_is_string(value))
            err_set(err, STATUS_CONFIG, "%.60s is no text", key);
        else if (!expand(json_string_value(value), &text))
            err_set(err, STATUS_CONFIG,
                    "%.60s wants a variable of the environment that is not set", key);
        else if (is_env)
            tool->environment[count++] = xstrdup(buf_text(&text));
        else
            err->code =
                http_connection_add_header(&tool->connection, buf_text(&text), err);
        buf_wipe(&text);
    }
}

static void add_server(struct settings *settings, const char *name, json_t *item,
                       struct err *err)
{
    const char *command = json_get_text(item, "command", NULL);
    const char *url = json_get_text(item, "url", NULL);
    const char *type = json_get_text(item, "type", NULL);
    char *safe = xstrdup(name); /* names stand in a list */
    for (char *at = safe; *(at += strcspn(at, " ,\t"));)
        *at = '-';
    bool is_known = setting_find_tool(settings, safe) != NULL;
    if (!is_known && !json_is_true(json_object_get(item, "disabled"))) {
        struct tool_settings *tool = setting_add_tool(settings, safe);
        tool->kind = TOOL_MCP;
        if (type && !strcmp(type, "sse"))
            err_set(err, STATUS_CONFIG,
                    "it speaks the old SSE transport, which sherd does not");
        if (command) {
            const json_t *args = json_object_get(item, "args");
            struct buf line = {0};
            add_word(&line, json_get_text(item, "command", NULL));
            for (size_t i = 0; i < json_array_size(args); i++) {
                const char *word = json_string_value(json_array_get(args, i));
                if (word)
                    add_word(&line, word);
            }
            tool->command = buf_take(&line);
        }
        setting_text(&tool->url, url);
        take_pairs(tool, json_object_get(item, "env"), true, err);
        take_pairs(tool, json_object_get(item, "headers"), false, err);
        if (!command == !url)
            err_set(err, STATUS_CONFIG, "it needs either a command or a url");
    }
    free(safe);
}

enum status mcp_read_file(struct settings *settings, struct err *err)
{
    const char *path = settings->agent.mcp_file;
    json_error_t where = {.line = -1};
    const char *name;
    json_t *item, *root = NULL;
    if (!path || settings->agent.has_mcp_file)
        return STATUS_OK;
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(where.text, sizeof where.text, "%s", strerror(errno));
    } else {
        int first = getc(file); /* a byte order mark is no JSON */
        if (first != 0xEF || getc(file) != 0xBB || getc(file) != 0xBF)
            ungetc(first, file);
        root = json_loadf(file, 0, &where);
        fclose(file);
    }
    json_t *servers = json_object_get(root, "mcpServers");
    if (!servers)
        servers = json_object_get(root, "servers");
    if (!root)
        err_set(err, STATUS_CONFIG, "mcp_file: %.200s cannot be read (%s%s%.0d).", path,
                where.text, where.line > 0 ? ", line " : "",
                where.line > 0 ? where.line : 0);
    else if (!json_is_object(servers))
        err_set(err, STATUS_CONFIG, "mcp_file: %.200s has no object \"mcpServers\".",
                path);
    json_object_foreach(servers, name, item)
    {
        struct err why = {0};
        add_server(settings, name, item, &why);
        if (why.code)
            err_set(err, STATUS_CONFIG, "mcp_file: %.200s: the server \"%.60s\": %.200s.",
                    path, name, why.text);
    }
    json_decref(root);
    settings->agent.has_mcp_file = !err->code;
    return err->code;
}
