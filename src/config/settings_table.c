/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "text/sanitise.h"

/* ---- single values ---- */

bool setting_number(const char *text, double *out)
{
    double value = 0;
    double scale = 1;
    bool has_digit = false;
    bool has_point = false;
    size_t len = strlen(text);
    if (!len || len > 15)
        return false;
    for (const char *at = text; *at; at++) {
        if (*at == '.' && !has_point) {
            has_point = true;
        } else if (*at >= '0' && *at <= '9') {
            has_digit = true;
            value = value * 10 + (*at - '0');
            scale *= has_point ? 10 : 1;
        } else {
            return false;
        }
    }
    *out = value / scale;
    return has_digit;
}

bool setting_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
    const char *digits = text + (*text == '-');
    size_t len = strlen(digits);
    if (!len || len > 18 || strspn(digits, "0123456789") != len)
        return false;
    int64_t value = strtoll(text, NULL, 10);
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

static enum status put_bool(bool *slot, const char *value, struct err *err)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strcmp(words[i], value)) {
            *slot = i % 2 != 0;
            return STATUS_OK;
        }
    }
    return err_set(err, STATUS_CONFIG, "write yes or no");
}

static enum status put_text(char **slot, const char *value, struct err *err)
{
    if (!*value)
        return err_set(err, STATUS_CONFIG, "a value is missing behind the =");
    setting_text(slot, value);
    return STATUS_OK;
}

static enum status put_seconds(int64_t *slot_ms, const char *value, struct err *err)
{
    double seconds = 0;
    if (!setting_number(value, &seconds) || seconds < 0.001 || seconds > 86400)
        return err_set(err, STATUS_CONFIG, "write seconds, from 0.001 to 86400");
    *slot_ms = (int64_t)(seconds * 1000 + 0.5);
    return STATUS_OK;
}

static enum status put_choice(int *slot, const char *const *names, const char *value,
                              struct err *err)
{
    for (int i = 0; names[i]; i++) {
        if (!strcmp(names[i], value)) {
            *slot = i;
            return STATUS_OK;
        }
    }
    return err_set(err, STATUS_CONFIG, "write %s, %s or %s", names[0], names[1],
                   names[2]);
}

/* ---- [sherd] ---- */

typedef enum status (*setting_fn)(struct setting_place *place, const char *value,
                                  struct err *err);

#define TEXT_OF_SETTINGS(member)                                                         \
    static enum status put_##member(struct setting_place *place, const char *value,      \
                                    struct err *err)                                     \
    {                                                                                    \
        return put_text(&place->settings->member, value, err);                           \
    }
TEXT_OF_SETTINGS(endpoint)
TEXT_OF_SETTINGS(server)
TEXT_OF_SETTINGS(workspace)

static enum status put_store(struct setting_place *place, const char *value,
                             struct err *err)
{
    char *path = setting_expand_home(value);
    enum status status = put_text(&place->settings->store, path, err);
    free(path);
    return status;
}

static enum status put_dataset(struct setting_place *place, const char *value,
                               struct err *err)
{
    place->settings->has_dataset = true;
    return put_text(&place->settings->dataset, value, err);
}

static enum status put_strip(struct setting_place *place, const char *value,
                             struct err *err)
{
    return put_bool(&place->settings->strip, value, err);
}

static enum status put_ascii(struct setting_place *place, const char *value,
                             struct err *err)
{
    return put_bool(&place->settings->ascii, value, err);
}

static enum status put_colour(struct setting_place *place, const char *value,
                              struct err *err)
{
    static const char *const names[] = {"auto", "never", "always", NULL};
    int choice = 0;
    enum status status = put_choice(&choice, names, value, err);
    if (status == STATUS_OK)
        place->settings->colour = (enum colour_choice)choice;
    return status;
}

static enum status put_theme(struct setting_place *place, const char *value,
                             struct err *err)
{
    static const char *const names[] = {"auto", "dark", "light", NULL};
    int choice = 0;
    enum status status = put_choice(&choice, names, value, err);
    if (status == STATUS_OK)
        place->settings->theme = (enum theme_choice)choice;
    return status;
}

/* ---- keys of endpoints and servers ---- */

static struct key_source *source_here(struct setting_place *place)
{
    bool is_server = place->section == SECTION_SERVER;
    return setting_key_source(place->settings, is_server,
                              is_server ? place->server->name : place->endpoint->name);
}

static enum status put_key(struct setting_place *place, const char *value,
                           struct err *err)
{
    if (place->mode & 077)
        return err_set(err, STATUS_CONFIG,
                       "a key is written into a file that others can read: run chmod "
                       "600 on it, or use api_key_env or api_key_cmd");
    struct secret *key =
        place->section == SECTION_SERVER ? &place->server->key : &place->endpoint->key;
    secret_set(key, value);
    return secret_is_set(key) ? STATUS_OK
                              : err_set(err, STATUS_CONFIG, "the key is missing");
}

static enum status put_key_env(struct setting_place *place, const char *value,
                               struct err *err)
{
    return put_text(&source_here(place)->variable, value, err);
}

static enum status put_key_file(struct setting_place *place, const char *value,
                                struct err *err)
{
    return put_text(&source_here(place)->file, value, err);
}

static enum status put_key_cmd(struct setting_place *place, const char *value,
                               struct err *err)
{
    if (place->mode & 022)
        return err_set(err, STATUS_CONFIG,
                       "a command is written into a file that others can change: run "
                       "chmod go-w on it");
    return put_text(place->section == SECTION_SERVER ? &place->server->key_command
                                                     : &place->endpoint->key_command,
                    value, err);
}

static enum status put_plain_key(struct setting_place *place, const char *value,
                                 struct err *err)
{
    return put_bool(place->section == SECTION_SERVER ? &place->server->allow_plain_key
                                                     : &place->endpoint->allow_plain_key,
                    value, err);
}

/* ---- [endpoint NAME] ---- */

static enum status put_kind(struct setting_place *place, const char *value,
                            struct err *err)
{
    if (endpoint_kind_parse(value, &place->endpoint->kind))
        return STATUS_OK;
    return err_set(err, STATUS_CONFIG, "this kind of endpoint is not known; write %s",
                   endpoint_kind_name(ENDPOINT_OPENAI_CHAT));
}

static enum status put_endpoint_url(struct setting_place *place, const char *value,
                                    struct err *err)
{
    return endpoint_set_url(place->endpoint, value, err);
}

static enum status put_model(struct setting_place *place, const char *value,
                             struct err *err)
{
    return put_text(&place->endpoint->defaults.model, value, err);
}

static enum status put_temperature(struct setting_place *place, const char *value,
                                   struct err *err)
{
    double number = 0;
    if (!setting_number(value, &number) || number > 100)
        return err_set(err, STATUS_CONFIG, "write a number such as 0.7");
    place->endpoint->defaults.temperature = number;
    place->endpoint->defaults.has_temperature = true;
    return STATUS_OK;
}

static enum status put_max_tokens(struct setting_place *place, const char *value,
                                  struct err *err)
{
    if (setting_integer(value, 1, 100000000, &place->endpoint->defaults.max_tokens))
        return STATUS_OK;
    return err_set(err, STATUS_CONFIG, "write a whole number of tokens, 1 or more");
}

static enum status put_seed(struct setting_place *place, const char *value,
                            struct err *err)
{
    if (!setting_integer(value, INT64_MIN, INT64_MAX, &place->endpoint->defaults.seed))
        return err_set(err, STATUS_CONFIG, "write a whole number");
    place->endpoint->defaults.has_seed = true;
    return STATUS_OK;
}

/* "\n" is a new line, "\\" a backslash: a value is one line of the file. */
static enum status put_system(struct setting_place *place, const char *value,
                              struct err *err)
{
    enum status status = put_text(&place->endpoint->defaults.system_prompt, value, err);
    if (status != STATUS_OK)
        return status;
    char *put = place->endpoint->defaults.system_prompt;
    for (const char *at = put; *at; at++) {
        if (*at == '\\' && (at[1] == 'n' || at[1] == '\\')) {
            at++;
            *put++ = *at == 'n' ? '\n' : '\\';
        } else {
            *put++ = *at;
        }
    }
    *put = '\0';
    return STATUS_OK;
}

static enum status put_connect_timeout(struct setting_place *place, const char *value,
                                       struct err *err)
{
    return put_seconds(&place->endpoint->connect_timeout_ms, value, err);
}

static enum status put_first_token_timeout(struct setting_place *place, const char *value,
                                           struct err *err)
{
    return put_seconds(&place->endpoint->first_token_timeout_ms, value, err);
}

static enum status put_idle_timeout(struct setting_place *place, const char *value,
                                    struct err *err)
{
    return put_seconds(&place->endpoint->idle_timeout_ms, value, err);
}

/* ---- [server NAME] ---- */

static enum status put_server_url(struct setting_place *place, const char *value,
                                  struct err *err)
{
    return setting_server_url(place->server, value, err);
}

static enum status put_server_workspace(struct setting_place *place, const char *value,
                                        struct err *err)
{
    return put_text(&place->server->workspace, value, err);
}

/* ---- the table ---- */

static const struct {
    enum setting_section section;
    const char *name;
    setting_fn put;
} table[] = {
    {SECTION_SHERD, "endpoint", put_endpoint},
    {SECTION_SHERD, "server", put_server},
    {SECTION_SHERD, "dataset", put_dataset},
    {SECTION_SHERD, "workspace", put_workspace},
    {SECTION_SHERD, "store", put_store},
    {SECTION_SHERD, "strip", put_strip},
    {SECTION_SHERD, "colour", put_colour},
    {SECTION_SHERD, "theme", put_theme},
    {SECTION_SHERD, "ascii", put_ascii},
    {SECTION_ENDPOINT, "kind", put_kind},
    {SECTION_ENDPOINT, "url", put_endpoint_url},
    {SECTION_ENDPOINT, "api_key", put_key},
    {SECTION_ENDPOINT, "api_key_env", put_key_env},
    {SECTION_ENDPOINT, "api_key_file", put_key_file},
    {SECTION_ENDPOINT, "api_key_cmd", put_key_cmd},
    {SECTION_ENDPOINT, "allow_plain_key", put_plain_key},
    {SECTION_ENDPOINT, "model", put_model},
    {SECTION_ENDPOINT, "temperature", put_temperature},
    {SECTION_ENDPOINT, "max_tokens", put_max_tokens},
    {SECTION_ENDPOINT, "system", put_system},
    {SECTION_ENDPOINT, "seed", put_seed},
    {SECTION_ENDPOINT, "connect_timeout", put_connect_timeout},
    {SECTION_ENDPOINT, "first_token_timeout", put_first_token_timeout},
    {SECTION_ENDPOINT, "idle_timeout", put_idle_timeout},
    {SECTION_SERVER, "url", put_server_url},
    {SECTION_SERVER, "workspace", put_server_workspace},
    {SECTION_SERVER, "api_key", put_key},
    {SECTION_SERVER, "api_key_env", put_key_env},
    {SECTION_SERVER, "api_key_file", put_key_file},
    {SECTION_SERVER, "api_key_cmd", put_key_cmd},
    {SECTION_SERVER, "allow_plain_key", put_plain_key},
};

enum { ROWS = sizeof table / sizeof *table };

static enum status unknown_setting(const struct setting_place *place, const char *name,
                                   struct err *err)
{
    const char *names[ROWS + 1];
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].section == place->section)
            names[count++] = table[i].name;
    }
    names[count] = NULL;
    char safe[64];
    sanitise_line(name, strlen(name), safe, sizeof safe);
    const char *near = setting_near(name, names);
    if (near)
        return err_set(err, STATUS_NOT_FOUND,
                       "\"%s\" is not known here; did you mean \"%s\"?", safe, near);
    return err_set(err, STATUS_NOT_FOUND, "\"%s\" is not known here", safe);
}

enum status setting_put(struct setting_place *place, const char *name, const char *value,
                        struct err *err)
{
    if (place->section == SECTION_KEYS)
        return setting_bind_keys(place->settings, name, value, err);
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].section != place->section || strcmp(table[i].name, name) != 0)
            continue;
        if (place->seen & UINT64_C(1) << i)
            return err_set(err, STATUS_EXISTS, "\"%s\" was given before in this section",
                           name);
        place->seen |= UINT64_C(1) << i;
        return table[i].put(place, value, err);
    }
    return unknown_setting(place, name, err);
}
