/* SPDX-License-Identifier: MIT
 *
 * The form of model, temperature, max tokens, seed and system prompt.
 */
#include "config.h"

#include "ui/edit_keys.h"
#include "ui/screen_parts.h"

void settings_enter(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    screen->frame.sampling_is_own = screen->mode == MODE_PROMPT;
    bool has_own = screen->frame.sampling_is_own && screen->frame.has_request;
    sampling_form_open(&screen->frame.sampling,
                       has_own ? &screen->frame.request : &session->sampling);
    screen->mode = MODE_SETTINGS;
}

static void leave(struct screen *screen)
{
    screen->mode = screen->frame.sampling_is_own ? MODE_PROMPT : MODE_BROWSE;
}

static void take_own(struct screen *screen, const struct sampling *sampling)
{
    sampling_clear(&screen->frame.request);
    sampling_copy(&screen->frame.request, sampling);
    screen->frame.has_request = true;
}

static void apply(struct screen *screen)
{
    struct sampling sampling = {0};
    struct err err = {0};
    if (sampling_form_read(&screen->frame.sampling, &sampling, &err) != STATUS_OK) {
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    } else {
        if (screen->frame.sampling_is_own)
            take_own(screen, &sampling);
        else
            app_set_sampling(screen->app, &sampling);
        app_notify(screen->app, NOTICE_DONE, "%s",
                   screen->frame.sampling_is_own
                       ? "Settings taken for this one request."
                       : "Settings taken for the prompts from now on.");
        leave(screen);
    }
    sampling_clear(&sampling);
}

/* Up and Down stay inside a text of several lines until its end. */
static void move(struct screen *screen, int direction)
{
    struct editbuf *edit = screen->frame.sampling.edits[screen->frame.sampling.focus];
    if (!editbuf_move(edit, direction > 0 ? EDITBUF_DOWN : EDITBUF_UP))
        sampling_form_move(&screen->frame.sampling, direction);
}

static bool has_lines(const struct screen *screen)
{
    return screen->frame.sampling.focus == SAMPLING_SYSTEM;
}

static bool is_newline(struct key key)
{
    return (key.code == KEYCODE_ENTER && key.mods != 0) ||
           (key.code == 'j' && key.mods == KEY_CTRL_BIT);
}

void settings_key(struct screen *screen, struct key key)
{
    struct editbuf *edit = screen->frame.sampling.edits[screen->frame.sampling.focus];
    if (is_newline(key)) {
        if (has_lines(screen))
            (void)edit_newline(edit);
    } else if (key.code == KEYCODE_ENTER) {
        apply(screen);
    } else if (key.code == KEYCODE_ESCAPE ||
               (key.code == 'c' && key.mods == KEY_CTRL_BIT)) {
        leave(screen);
    } else if (key.code == KEYCODE_TAB) {
        sampling_form_move(&screen->frame.sampling, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        move(screen, key.code == KEYCODE_DOWN ? 1 : -1);
    } else if (edit_key(edit, key) == EDIT_UNKNOWN) {
        screen_refuse_key(screen, key);
    }
}

void settings_paste(struct screen *screen, const struct event *event)
{
    struct editbuf *edit = screen->frame.sampling.edits[screen->frame.sampling.focus];
    if (edit_paste(edit, event, has_lines(screen)) == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long for a setting.");
}
