/* SPDX-License-Identifier: MIT
 *
 * What an agent may use: the [tool NAME] and [mcp NAME] sections, and what is built in.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "config/settings_parts.h"

enum { TOOL_TIMEOUT_MS = 30000, TOOL_MAX_OUTPUT = 16000 };

struct tool_settings *setting_add_tool(struct settings *settings, const char *name)
{
    static const struct {
        const char *name;
        enum tool_kind kind;
    } built_in[] = {{"serpapi", TOOL_SERPAPI}, {"calculator", TOOL_CALCULATOR}};
    struct tool_settings *tool = xcalloc(1, sizeof *tool);
    tool->name = xstrdup(name);
    tool->timeout_ms = TOOL_TIMEOUT_MS;
    tool->max_output = TOOL_MAX_OUTPUT;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (!strcmp(built_in[i].name, name))
            tool->kind = built_in[i].kind;
    settings->tools = xreallocarray(settings->tools, settings->tool_count + 1,
                                    sizeof(struct tool_settings *));
    settings->tools[settings->tool_count++] = tool;
    return tool;
}

struct tool_settings *setting_find_tool(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->tool_count; i++)
        if (!strcmp(settings->tools[i]->name, name))
            return settings->tools[i];
    return NULL;
}

/* The words for a tool that cannot be used as it is configured. */
static enum status check_tool(struct settings *settings, struct tool_settings *tool,
                              struct err *err)
{
    const char *file = settings->path ? settings->path : "the config file";
    bool is_mcp = tool->kind == TOOL_MCP;
    if (is_mcp && !tool->command == !tool->url)
        return err_set(err, STATUS_CONFIG,
                       "The MCP server \"%s\" needs either a command or a url: see its "
                       "section in %s.",
                       tool->name, file);
    if (tool->kind == TOOL_COMMAND && !tool->command)
        return err_set(err, STATUS_CONFIG,
                       "The tool \"%s\" has no command: add one in %s.", tool->name,
                       file);
    if (tool->kind == TOOL_COMMAND && !tool->description)
        return err_set(
            err, STATUS_CONFIG,
            "The tool \"%s\" has no description: say in %s what it does, for the model.",
            tool->name, file);
    if (settings_find_key(settings, KEY_OF_TOOL, tool->name, &tool->key, err))
        return err->code;
    if (tool->kind != TOOL_SERPAPI)
        return STATUS_OK;
    if (!secret_is_set(&tool->key) && !tool->key_command)
        secret_set(&tool->key, getenv("SERPAPI_API_KEY"));
    if (!secret_is_set(&tool->key) && !tool->key_command)
        secret_set(&tool->key, getenv("SERPAPI_KEY"));
    if (!secret_is_set(&tool->key) && !tool->key_command)
        return err_set(err, STATUS_CONFIG,
                       "The tool \"%s\" needs a key: set SERPAPI_API_KEY, or an "
                       "api_key_… in its section in %s.",
                       tool->name, file);
    return STATUS_OK;
}

const struct tool_settings *settings_tool(struct settings *settings, const char *name,
                                          struct err *err)
{
    static const char *const built_in[] = {"serpapi", "calculator", "search"};
    struct tool_settings *tool = setting_find_tool(settings, name);
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in && !tool; i++)
        if (!strcmp(built_in[i], name))
            tool = setting_add_tool(settings, name);
    if (tool && !strcmp(name, "search") && !tool->command)
        tool->kind = TOOL_CANNED;
    if (!tool) {
        err_set(err, STATUS_CONFIG,
                "There is no tool named \"%.60s\". Built in are serpapi and calculator; "
                "others are a [tool %.60s] or [mcp %.60s] of %s.",
                name, name, name, settings->path ? settings->path : "the config file");
        return NULL;
    }
    return check_tool(settings, tool, err) == STATUS_OK ? tool : NULL;
}
