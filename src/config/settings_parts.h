/* SPDX-License-Identifier: MIT
 *
 * settings_parts - what the settings' own files share: the table of what the file may
 * hold, and readers of single values.
 */
#ifndef CONFIG_SETTINGS_PARTS_H
#define CONFIG_SETTINGS_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/settings.h"

enum setting_section { SECTION_SHERD, SECTION_ENDPOINT, SECTION_SERVER, SECTION_KEYS };

/* Where the reader of the file stands. */
struct setting_place {
    struct settings *settings;
    enum setting_section section;
    struct endpoint *endpoint;      /* of the current [endpoint NAME] */
    struct server_settings *server; /* of the current [server NAME] */
    mode_t mode;                    /* of the file */
    uint64_t seen;                  /* rows of the table that this section has had */
};

/* Opens "[header]" (the text between the brackets). */
enum status setting_open_section(struct setting_place *place, const char *header,
                                 struct err *err);
/* One "name = value". The error does not say where; NOT_FOUND and EXISTS are about the
 * name, anything else about the value. */
enum status setting_put(struct setting_place *place, const char *name, const char *value,
                        struct err *err);
/* "ACTION = KEY KEY …". */
enum status setting_bind_keys(struct settings *settings, const char *name,
                              const char *value, struct err *err);

/* Plain decimals, whatever the locale; false when it is none. */
bool setting_number(const char *text, double *out);
bool setting_integer(const char *text, int64_t min, int64_t max, int64_t *out);

struct endpoint *setting_add_endpoint(struct settings *settings, const char *name);
struct server_settings *setting_add_server(struct settings *settings, const char *name);
struct key_source *setting_key_source(struct settings *settings, bool is_server,
                                      const char *owner);
enum status setting_server_url(struct server_settings *server, const char *url,
                               struct err *err);
/* The one of names (ended by NULL) that is at most two letters off, or NULL. */
const char *setting_near(const char *name, const char *const *names);
/* settings_fetch_key that ends early once *stop (may be NULL) is set, CANCELLED. */
enum status setting_run_key_command(const char *command, struct secret *key,
                                    const atomic_bool *stop, struct err *err);
/* The endpoint that is meant, its key not looked for. NULL as in settings_endpoint. */
struct endpoint *setting_choose_endpoint(struct settings *settings, struct err *err);
struct server_settings *setting_choose_server(struct settings *settings, struct err *err);
/* "~/x" in the home directory. Owned. */
char *setting_expand_home(const char *path);
/* Replaces an owned text. NULL text = NULL. */
void setting_text(char **slot, const char *text);

#endif
