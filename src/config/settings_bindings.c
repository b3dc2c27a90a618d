/* SPDX-License-Identifier: MIT
 *
 * Which key does what: the actions' own keys, a preset over them, and what [keys] says
 * over that.
 */
#include "config.h"

#include <string.h>

#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "text/outside.h"

enum { MAX_KEYS_TEXT = 256 };

/* ---- presets ---- */

struct preset_row {
    enum action action;
    const char *keys; /* "" = none */
};

/* As Argilla's page has them (1.21 and later): its help page, argilla-frontend. Beside
 * what few terminals send stands what all do: f for Shift-Enter, s for Ctrl-S. */
static const struct preset_row argilla_keys[] = {
    {ACTION_SUBMIT, "Enter"},           {ACTION_DISCARD, "Backspace"},
    {ACTION_DRAFT, "Ctrl-S s"},         {ACTION_FEEDBACK, "f Shift-Enter"},
    {ACTION_NEXT_QUESTION, "Down Tab"}, {ACTION_PREVIOUS_QUESTION, "Up Shift-Tab"},
    {ACTION_NEXT, "Right l"},           {ACTION_PREVIOUS, "Left h"},
    {ACTION_SCROLL_DOWN, "j"},          {ACTION_SCROLL_UP, "k"},
};

/* As Prodigy's page has them: prodi.gy/docs/api-web-app. What stood on its keys moves: to
 * write is Enter, to ask on Ctrl-A, to stop Ctrl-X. */
static const struct preset_row prodigy_keys[] = {
    {ACTION_SUBMIT, "a"},
    {ACTION_DISCARD, "x"},
    {ACTION_NEXT, "Space Right l"},
    {ACTION_PREVIOUS, "Left"},
    {ACTION_UNDO, "Backspace Delete"},
    {ACTION_DRAFT, "Ctrl-S s"},
    {ACTION_FLAG, "f"},
    {ACTION_GUIDELINES, "h"},
    {ACTION_FEEDBACK, "Enter"},
    {ACTION_ASK_ON, "Ctrl-A"},
    {ACTION_CANCEL, "Ctrl-X"},
    {ACTION_PAGE_DOWN, "PageDown"},
    {ACTION_DELETE, "Ctrl-D"},
};

/* ---- the keys that count ---- */

struct keys {
    struct key_binding *items;
    size_t count;
};

static void remove_at(struct keys *keys, size_t at)
{
    keys->count--;
    memmove(&keys->items[at], &keys->items[at + 1],
            (keys->count - at) * sizeof *keys->items);
}

static void remove_action(struct keys *keys, enum action action)
{
    for (size_t at = keys->count; at > 0; at--)
        if (keys->items[at - 1].action == action)
            remove_at(keys, at - 1);
}

/* The key does this from now on; what it did before has it no more. */
static void put(struct keys *keys, struct key key, enum action action)
{
    for (size_t at = keys->count; at > 0; at--)
        if (key_equal(keys->items[at - 1].key, key))
            remove_at(keys, at - 1);
    keys->items = xreallocarray(keys->items, keys->count + 1, sizeof *keys->items);
    keys->items[keys->count++] = (struct key_binding){.key = key, .action = action};
}

/* The next word of a list of keys, copied into word; NULL at the end. */
static const char *next_word(const char *at, char *word, size_t size)
{
    at += strspn(at, " \t");
    size_t len = strcspn(at, " \t");
    if (!len || len >= size)
        return NULL;
    memcpy(word, at, len);
    word[len] = '\0';
    return at + len;
}

static void put_names(struct keys *keys, const char *names, enum action action)
{
    char word[64];
    struct key key;
    for (const char *at = next_word(names, word, sizeof word); at;
         at = next_word(at, word, sizeof word))
        if (key_parse(word, &key))
            put(keys, key, action);
}

struct key_binding *settings_keys(const struct settings *settings, size_t *count)
{
    struct keys keys = {0};
    const struct preset_row *rows =
        settings->preset == PRESET_ARGILLA ? argilla_keys : prodigy_keys;
    size_t row_count =
        settings->preset == PRESET_ARGILLA   ? sizeof argilla_keys / sizeof *argilla_keys
        : settings->preset == PRESET_PRODIGY ? sizeof prodigy_keys / sizeof *prodigy_keys
                                             : 0;
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++)
        put_names(&keys, action_default_keys((enum action)action), (enum action)action);
    for (size_t i = 0; i < row_count; i++)
        remove_action(&keys, rows[i].action);
    for (size_t i = 0; i < row_count; i++)
        put_names(&keys, rows[i].keys, rows[i].action);
    for (size_t i = 0; i < settings->binding_count; i++)
        remove_action(&keys, settings->bindings[i].action);
    for (size_t i = 0; i < settings->binding_count; i++)
        if (settings->bindings[i].key.code)
            put(&keys, settings->bindings[i].key, settings->bindings[i].action);
    *count = keys.count;
    return keys.items;
}

/* ---- [keys] ---- */

static enum status unknown_action(const char *name, struct err *err)
{
    const char *names[ACTION_COUNT];
    for (int action = 1; action < ACTION_COUNT; action++)
        names[action - 1] = action_name((enum action)action);
    const char *near = nearest_word(name, names, ACTION_COUNT - 1);
    if (near)
        return err_set(err, STATUS_NOT_FOUND,
                       "there is no action \"%.60s\"; did you mean \"%s\"?", name, near);
    return err_set(err, STATUS_NOT_FOUND,
                   "there is no action \"%.60s\"; the help page (?) lists them", name);
}

static void add(struct settings *settings, struct key key, enum action action, int line)
{
    settings->bindings = xreallocarray(settings->bindings, settings->binding_count + 1,
                                       sizeof *settings->bindings);
    settings->bindings[settings->binding_count++] =
        (struct key_binding){.key = key, .action = action, .line = line};
}

static enum status bind(struct settings *settings, const char *word, enum action action,
                        int line, struct err *err)
{
    struct key key;
    if (!key_parse(word, &key))
        return err_set(err, STATUS_CONFIG,
                       "\"%.60s\" is no key; write a letter, Ctrl-R, Alt-x, Enter or F2",
                       word);
    for (size_t i = 0; i < settings->binding_count; i++) {
        const struct key_binding *old = &settings->bindings[i];
        if (old->key.code && key_equal(old->key, key))
            return old->action == action
                       ? STATUS_OK
                       : err_set(err, STATUS_CONFIG,
                                 "the key %s is already given to %s in line %d", word,
                                 action_name(old->action), old->line);
    }
    add(settings, key, action, line);
    return STATUS_OK;
}

enum status setting_bind_keys(struct setting_place *place, const char *name,
                              const char *value, struct err *err)
{
    struct settings *settings = place->settings;
    enum action action = action_parse(name);
    if (action == ACTION_NONE)
        return unknown_action(name, err);
    for (size_t i = 0; i < settings->binding_count; i++)
        if (settings->bindings[i].action == action)
            return err_set(err, STATUS_EXISTS, "%s has its keys in line %d already", name,
                           settings->bindings[i].line);
    if (strlen(value) > MAX_KEYS_TEXT)
        return err_set(err, STATUS_CONFIG, "too many keys for %s", name);
    char word[MAX_KEYS_TEXT + 1];
    enum status status = STATUS_OK;
    /* even without keys: then it has none */
    add(settings, (struct key){0}, action, place->line);
    for (const char *at = next_word(value, word, sizeof word); at && status == STATUS_OK;
         at = next_word(at, word, sizeof word)) {
        place->offset = (size_t)(at - value) - strlen(word);
        status = bind(settings, word, action, place->line, err);
    }
    return status;
}

/* ---- actions ---- */

static const struct {
    const char *name;
    const char *keys;
    const char *text;
} actions[ACTION_COUNT] = {[ACTION_NONE] = {"none", "", ""},
#define X(id, name, keys, text) [ACTION_##id] = {name, keys, text},
                           ACTION_LIST(X)
#undef X
};

const char *action_name(enum action action)
{
    return actions[action].name;
}

const char *action_default_keys(enum action action)
{
    return actions[action].keys;
}

const char *action_text(enum action action)
{
    return actions[action].text;
}

enum action action_parse(const char *name)
{
    for (int action = ACTION_NONE + 1; action < ACTION_COUNT; action++) {
        if (!strcmp(actions[action].name, name))
            return (enum action)action;
    }
    return ACTION_NONE;
}
