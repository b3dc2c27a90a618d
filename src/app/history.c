/* SPDX-License-Identifier: MIT
 *
 * What was typed before: the unsent prompt, former prompts, former commands.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"

enum { MAX_PROMPTS = 200, MAX_COMMANDS = 200 };

static void clear_texts(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct texts){0};
}

void history_clear(struct app *app)
{
    clear_texts(&app->prompts);
    clear_texts(&app->commands);
}

void app_keep_prompt(struct app *app, const char *text)
{
    unsaved_put_prompt(app, text);
}

void app_put_prompt_away(struct app *app, const char *text)
{
    bool is_empty = *text == '\0';
    if (unsaved_put_prompt(app, text) && !is_empty)
        unsaved_say_saved(app, "The prompt is kept for later.");
}

char *app_kept_prompt(struct app *app)
{
    static const struct id none = {{0}};
    const struct unsaved *item = unsaved_find(app, &none, UNSAVED_PROMPT);
    char *text = item ? xstrdup(item->text) : store_get_note(app->store, "prompt");
    return text ? text : xstrdup("");
}

char *const *app_former_prompts(struct app *app, size_t *count)
{
    struct err err = {0};
    clear_texts(&app->prompts);
    if (store_list_prompts(app->store, MAX_PROMPTS, &app->prompts.items,
                           &app->prompts.count, &err) != STATUS_OK) {
        app->prompts = (struct texts){0};
        app_notify_err(app, &err);
    }
    *count = app->prompts.count;
    return app->prompts.items;
}

static void add_line(struct texts *texts, const char *line, size_t len)
{
    texts->items = xreallocarray(texts->items, texts->count + 1, sizeof *texts->items);
    texts->items[texts->count++] = xmemdup0(line, len);
}

/* One note, one line each, newest first. */
static void load_commands(struct app *app)
{
    if (app->has_commands)
        return;
    app->has_commands = true;
    char *note = store_get_note(app->store, "commands");
    for (const char *at = note; at && *at;) {
        size_t len = strcspn(at, "\n");
        add_line(&app->commands, at, len);
        at += len + (at[len] == '\n');
    }
    free(note);
}

void app_keep_command(struct app *app, const char *text)
{
    struct texts fresh = {0};
    struct buf note = {0};
    if (!*text || strchr(text, '\n'))
        return;
    load_commands(app);
    add_line(&fresh, text, strlen(text));
    for (size_t i = 0; i < app->commands.count && fresh.count < MAX_COMMANDS; i++) {
        const char *line = app->commands.items[i];
        if (strcmp(line, text) != 0)
            add_line(&fresh, line, strlen(line));
    }
    clear_texts(&app->commands);
    app->commands = fresh;
    for (size_t i = 0; i < fresh.count; i++)
        buf_addf(&note, "%s\n", fresh.items[i]);
    if (store_put_note(app->store, "commands", buf_text(&note), NULL) == STATUS_OK)
        unsaved_committed(app, false); /* a command that is forgotten loses nothing */
    buf_clear(&note);
}

char *const *app_former_commands(struct app *app, size_t *count)
{
    load_commands(app);
    *count = app->commands.count;
    return app->commands.items;
}
