/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "text/nearest.h"

enum { MAX_KEYS_TEXT = 256 };

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

static struct key_binding *find(struct settings *settings, struct key key)
{
    for (size_t i = 0; i < settings->binding_count; i++) {
        if (key_equal(settings->bindings[i].key, key))
            return &settings->bindings[i];
    }
    return NULL;
}

static void add(struct settings *settings, struct key key, enum action action)
{
    size_t count = settings->binding_count++;
    settings->bindings =
        xreallocarray(settings->bindings, count + 1, sizeof *settings->bindings);
    settings->bindings[count] = (struct key_binding){.key = key, .action = action};
}

static enum status bind(struct settings *settings, const char *word, enum action action,
                        struct err *err)
{
    struct key key;
    if (!key_parse(word, &key))
        return err_set(err, STATUS_CONFIG,
                       "\"%.60s\" is no key; write a letter, Ctrl-R, Alt-x, Enter or F2",
                       word);
    struct key_binding *old = find(settings, key);
    if (!old)
        add(settings, key, action);
    else if (old->action == ACTION_NONE || old->action == action)
        old->action = action;
    else
        return err_set(err, STATUS_CONFIG, "the key %s is already given to %s", word,
                       action_name(old->action));
    return STATUS_OK;
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

/* What was not bound to something else is free once its action has other keys. */
static void free_default_keys(struct settings *settings, enum action action)
{
    char word[64];
    struct key key;
    for (const char *at = next_word(action_default_keys(action), word, sizeof word); at;
         at = next_word(at, word, sizeof word)) {
        if (key_parse(word, &key) && !find(settings, key))
            add(settings, key, ACTION_NONE);
    }
}

enum status setting_bind_keys(struct settings *settings, const char *name,
                              const char *value, struct err *err)
{
    enum action action = action_parse(name);
    if (action == ACTION_NONE)
        return unknown_action(name, err);
    if (strlen(value) > MAX_KEYS_TEXT)
        return err_set(err, STATUS_CONFIG, "too many keys for %s", name);
    char word[MAX_KEYS_TEXT + 1];
    enum status status = STATUS_OK;
    for (const char *at = next_word(value, word, sizeof word); at && status == STATUS_OK;
         at = next_word(at, word, sizeof word))
        status = bind(settings, word, action, err);
    if (status == STATUS_OK)
        free_default_keys(settings, action);
    return status;
}
