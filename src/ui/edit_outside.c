/* SPDX-License-Identifier: MIT
 *
 * $EDITOR: the feedback, or the prompt while one is written, in the user's own editor.
 */
#include "config.h"

#include "ui/screen_parts.h"

static void take_prompt(struct screen *screen, const char *text, size_t len)
{
    editbuf_set(screen->frame.prompt, text, len);
    prompt_keep(screen);
}

static void came_back(void *ctx, const char *text, size_t len, const struct err *err)
{
    struct screen *screen = ctx;
    screen->terminal.come_back(screen->terminal.ctx);
    screen->is_away = false;
    screen->is_dirty = screen->is_urgent = true;
    if (!text)
        app_notify(screen->app, NOTICE_ERROR, "%s", err->text);
    else if (len > EDITBUF_MAX)
        app_notify(screen->app, NOTICE_ERROR, "The text is too long; it was not taken.");
    else if (screen->mode == MODE_PROMPT)
        take_prompt(screen, text, len);
    else if (screen->mode == MODE_FEEDBACK)
        feedback_set_text(screen, text, len);
    editor_free(screen->editor);
    screen->editor = NULL;
}

void edit_outside(struct screen *screen)
{
    struct err err = {0};
    struct editbuf *edit =
        screen->mode == MODE_PROMPT ? screen->frame.prompt : screen->frame.form.edit;
    screen->terminal.leave(screen->terminal.ctx);
    screen->is_away = true;
    screen->editor = editor_start(app_loop(screen->app), editbuf_text(edit),
                                  editbuf_len(edit), came_back, screen, &err);
    if (screen->editor)
        return;
    screen->terminal.come_back(screen->terminal.ctx);
    screen->is_away = false;
    app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
}
