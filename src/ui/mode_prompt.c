/* SPDX-License-Identifier: MIT
 *
 * Writing a prompt. The text is kept until it is sent, also between sessions.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/edit_keys.h"
#include "ui/screen_parts.h"

void prompt_enter(struct screen *screen)
{
    if (!app_can_ask(screen->app)) /* better said before than after the writing */
        return;
    if (!screen->has_prompt) {
        char *kept = app_kept_prompt(screen->app);
        editbuf_set(screen->frame.prompt, kept, strlen(kept));
        free(kept);
        screen->has_prompt = true;
    }
    former_clear(&screen->prompt_history);
    screen->mode = MODE_PROMPT;
}

void prompt_keep(struct screen *screen)
{
    if (screen->has_prompt)
        app_keep_prompt(screen->app, editbuf_text(screen->frame.prompt));
}

static void leave(struct screen *screen)
{
    app_put_prompt_away(screen->app, editbuf_text(screen->frame.prompt));
    screen->mode = MODE_BROWSE;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

static void send_prompt(struct screen *screen)
{
    if (is_blank(editbuf_text(screen->frame.prompt))) {
        app_notify(screen->app, NOTICE_INFO, "The prompt is empty.");
        return;
    }
    const struct sampling *sampling =
        screen->frame.has_request ? &screen->frame.request : NULL;
    if (!app_ask(screen->app, editbuf_text(screen->frame.prompt),
                 editbuf_len(screen->frame.prompt), sampling, NULL))
        return;
    editbuf_set(screen->frame.prompt, "", 0);
    former_clear(&screen->prompt_history);
    sampling_clear(&screen->frame.request);
    screen->frame.has_request = false;
    prompt_keep(screen);
    screen->mode = MODE_BROWSE;
}

static void after_edit(struct screen *screen, enum edit_outcome outcome)
{
    if (outcome == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING,
                   "That is too long: a prompt holds at most 1 MiB. Nothing was "
                   "inserted.");
    if (outcome != EDIT_CHANGED)
        return;
    former_clear(&screen->prompt_history);
    if (!loop_timer_is_running(screen->autosave))
        loop_timer_start(screen->autosave, SCREEN_AUTOSAVE_MS, 0);
}

/* Up on the first line and Down on the last one go through former prompts. */
static bool walks_history(struct screen *screen, struct key key)
{
    bool is_up = key.code == KEYCODE_UP;
    if ((!is_up && key.code != KEYCODE_DOWN) || key.mods != 0)
        return false;
    if (editbuf_move(screen->frame.prompt, is_up ? EDITBUF_UP : EDITBUF_DOWN))
        return true;
    size_t count;
    char *const *former = app_former_prompts(screen->app, &count);
    if (!former_step(&screen->prompt_history, screen->frame.prompt, former, count,
                     is_up ? 1 : -1) &&
        is_up)
        app_notify(screen->app, NOTICE_INFO, "There is no older prompt.");
    return true;
}

static bool is_ctrl(struct key key, uint32_t letter)
{
    return key.code == letter && key.mods == KEY_CTRL_BIT;
}

void prompt_key(struct screen *screen, struct key key)
{
    bool is_enter = key.code == KEYCODE_ENTER;
    if (is_enter && key.mods == 0) {
        send_prompt(screen);
    } else if (is_enter || is_ctrl(key, 'j')) {
        after_edit(screen, edit_newline(screen->frame.prompt));
    } else if (key.code == KEYCODE_ESCAPE || is_ctrl(key, 'c')) {
        leave(screen);
    } else if (is_ctrl(key, 'o')) {
        settings_enter(screen);
    } else if (is_ctrl(key, 'x')) {
        edit_outside(screen);
    } else if (!walks_history(screen, key)) {
        enum edit_outcome outcome = edit_key(screen->frame.prompt, key);
        if (outcome == EDIT_UNKNOWN)
            screen_refuse_key(screen, key);
        after_edit(screen, outcome);
    }
}

void prompt_paste(struct screen *screen, const struct event *event)
{
    after_edit(screen, edit_paste(screen->frame.prompt, event, true));
}
