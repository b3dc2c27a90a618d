/* SPDX-License-Identifier: MIT
 *
 * settings_parts - what the settings' own files share, and what the app asks of them
 * before a key is there.
 */
#ifndef CONFIG_SETTINGS_PARTS_H
#define CONFIG_SETTINGS_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/loop.h"
#include "config/settings.h"

/* Bits: some settings belong to two sections. */
enum setting_section {
    SECTION_SHERD = 1,
    SECTION_ENDPOINT = 2,
    SECTION_SERVER = 4,
    SECTION_KEYS = 8,
    SECTION_TOOL = 16,
    SECTION_MCP = 32,
    SECTION_AGENT = 64,
    SECTION_SNIPPETS = 128
};

/* Where the reader of the file stands. */
struct setting_place {
    struct settings *settings;
    enum setting_section section;
    struct endpoint *endpoint;      /* of the current [endpoint NAME] */
    struct server_settings *server; /* of the current [server NAME] */
    struct tool_settings *tool;     /* of the current [tool NAME] or [mcp NAME] */
    mode_t mode;                    /* of the file */
    uint64_t seen;                  /* rows of the table that this section has had */
    int line;
    size_t offset; /* in the value, of the word that an error is about */
};

/* One "name = value". The error does not say where; NOT_FOUND and EXISTS are about the
 * name, anything else about the value. */
enum status setting_put(struct setting_place *place, const char *name, const char *value,
                        struct err *err);
/* "ACTION = KEY KEY …". */
enum status setting_bind_keys(struct setting_place *place, const char *name,
                              const char *value, struct err *err);

struct endpoint *setting_add_endpoint(struct settings *settings, const char *name);
struct server_settings *setting_add_server(struct settings *settings, const char *name);
void setting_clear_server(struct server_settings *server);
struct tool_settings *setting_add_tool(struct settings *settings, const char *name);
/* By name; NULL when there is none. */
struct endpoint *setting_find_endpoint(struct settings *settings, const char *name);
struct server_settings *setting_find_server(struct settings *settings, const char *name);
struct server_settings *setting_find_address(const struct settings *settings,
                                             const char *url);
struct key_source *setting_find_source(const struct settings *settings,
                                       enum key_owner kind, const char *owner);
/* Made when there is none. */
struct key_source *setting_key_source(struct settings *settings, enum key_owner kind,
                                      const char *owner);
struct tool_settings *setting_find_tool(struct settings *settings, const char *name);
enum status setting_server_url(struct server_settings *server, const char *url,
                               struct err *err);
/* Whether a name is an address instead. */
bool setting_is_url(const char *text);

/* Runs api_key_cmds, each once, one after the other: a password manager may take seconds.
 * Takes the first line of what one prints; no shell, 64 KiB at most, at most limit_ms (0
 * = 20 s) until it has ended. The key is put into the settings, for all that have the
 * same command (settings NULL: nowhere), and is told from there the next time. */
struct keyring;
typedef void (*key_fn)(void *ctx, const char *command, const struct secret *key,
                       const struct err *err);
struct keyring *keyring_new(struct loop *loop, struct settings *settings,
                            int64_t limit_ms);
/* fn is called from the loop, but not after keyring_free. */
void keyring_fetch(struct keyring *keyring, const char *command, key_fn fn, void *ctx);
bool keyring_is_busy(const struct keyring *keyring);
void keyring_free(struct keyring *keyring); /* kills the command that runs */

/* The endpoint that is meant, its key not looked for. NULL as in settings_endpoint. */
struct endpoint *setting_choose_endpoint(struct settings *settings, struct err *err);
struct server_settings *setting_choose_server(struct settings *settings, struct err *err);
/* Replaces an owned text. NULL text = NULL. */
void setting_text(char **slot, const char *text);

#endif
