/* SPDX-License-Identifier: MIT */
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
    free(app->kept_prompt);
    app->kept_prompt = NULL;
}

/* ---- prompts ---- */

static void keep_prompt(struct app *app, const char *text, store_done_fn done)
{
    char *copy = xstrdup(text); /* text may be the one that is kept */
    store_put_note(app->store, "prompt", copy, done, app);
    free(app->kept_prompt);
    app->kept_prompt = copy;
}

static void on_kept(void *ctx, const struct store_result *result)
{
    struct app *app = ctx;
    app->is_prompt_failed = result->err.code != STATUS_OK;
    if (result->err.code)
        app_say_unsaved(app, "The prompt", &result->err);
    app_refresh_save(app);
}

static void on_put_away(void *ctx, const struct store_result *result)
{
    struct app *app = ctx;
    on_kept(app, result);
    if (!result->err.code && *app->kept_prompt)
        app_notify(app, NOTICE_INFO, "The prompt is kept for later.");
}

void app_keep_prompt(struct app *app, const char *text)
{
    keep_prompt(app, text, on_kept);
}

void history_write_failed_again(struct app *app)
{
    if (app->is_prompt_failed)
        keep_prompt(app, app->kept_prompt, on_kept);
}

void app_put_prompt_away(struct app *app, const char *text)
{
    keep_prompt(app, text, on_put_away);
}

char *app_kept_prompt(struct app *app)
{
    if (app->kept_prompt) /* the store may not have it yet */
        return xstrdup(app->kept_prompt);
    char *text = store_get_note(app->store, "prompt");
    return text ? text : xstrdup("");
}

char *const *app_former_prompts(struct app *app, size_t *count)
{
    clear_texts(&app->prompts);
    struct err err = {0};
    if (store_list_prompts(app->store, MAX_PROMPTS, &app->prompts.items,
                           &app->prompts.count, &err) != STATUS_OK) {
        app->prompts = (struct texts){0};
        app_notify_err(app, &err);
    }
    *count = app->prompts.count;
    return app->prompts.items;
}

/* ---- commands: one note, one line each, newest first ---- */

static void add_line(struct texts *texts, const char *line, size_t len)
{
    texts->items = xreallocarray(texts->items, texts->count + 1, sizeof *texts->items);
    texts->items[texts->count++] = xmemdup0(line, len);
}

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

static void put_first(struct texts *texts, const char *text)
{
    struct texts fresh = {0};
    add_line(&fresh, text, strlen(text));
    for (size_t i = 0; i < texts->count && fresh.count < MAX_COMMANDS; i++) {
        if (strcmp(texts->items[i], text) != 0)
            add_line(&fresh, texts->items[i], strlen(texts->items[i]));
    }
    clear_texts(texts);
    *texts = fresh;
}

void app_keep_command(struct app *app, const char *text)
{
    if (!*text || strchr(text, '\n'))
        return;
    load_commands(app);
    put_first(&app->commands, text);
    struct buf note = {0};
    for (size_t i = 0; i < app->commands.count; i++)
        buf_addf(&note, "%s\n", app->commands.items[i]);
    store_put_note(app->store, "commands", buf_text(&note), NULL, NULL);
    buf_clear(&note);
}

char *const *app_former_commands(struct app *app, size_t *count)
{
    load_commands(app);
    *count = app->commands.count;
    return app->commands.items;
}
