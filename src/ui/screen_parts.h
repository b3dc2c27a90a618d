/* SPDX-License-Identifier: MIT
 *
 * screen_parts - what the files of the screen share: its state, and the modes' entries.
 *
 * A mode is a file mode_*.c. It reads keys, changes this state and calls app; it never
 * draws. frame.c draws all of it, once a turn at most.
 */
#ifndef UI_SCREEN_PARTS_H
#define UI_SCREEN_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "event/event.h"
#include "ui/editor.h"
#include "ui/former.h"
#include "ui/frame.h"
#include "ui/keymap.h"
#include "ui/mode.h"
#include "ui/terminal.h"

#define SCREEN_AUTOSAVE_MS 250

struct screen {
    struct app *app;
    struct screen_terminal terminal;
    const struct clock *clock;
    struct keymap keymap;
    enum ui_mode mode;

    struct frame frame; /* all that is drawn beside the session */

    struct id seen_record; /* the form's focus starts anew with each record */
    size_t choice_focus;   /* where the focus goes back to after a text */

    struct former prompt_history;
    struct former command_history;
    bool has_prompt; /* the kept prompt was fetched into the frame */

    struct editor *editor;
    bool is_away; /* the terminal belongs to the editor */

    struct loop_timer *autosave;
    struct loop_timer *wake; /* the next paint that only time asks for */
    int64_t painted_ms;
    bool is_dirty;
    bool is_urgent; /* paint in this turn */
    bool wants_quit;
    bool wants_demo;
};

/* screen.c */
const struct session *screen_session(const struct screen *screen);
void screen_view(const struct screen *screen, struct view *view);
void screen_quit(struct screen *screen);
/* "… does nothing here; ? shows the keys." */
void screen_refuse_key(struct screen *screen, struct key key);
/* The question that typing and digits go to, or NULL. */
const struct question *screen_question(const struct screen *screen);

/* mode_browse.c */
void browse_key(struct screen *screen, struct key key);
void browse_paste(struct screen *screen, const struct event *event);
void browse_run(struct screen *screen, enum action action);

/* answer_keys.c: choosing and walking questions */
void answer_digit(struct screen *screen, int digit);
/* A choice by its place, 0-based. Again takes it back. */
void answer_choose(struct screen *screen, size_t choice);
void answer_rate(struct screen *screen, long long rating);
void answer_choose_text(struct screen *screen, const char *text);
/* A new record: the focus on its first question. */
void answer_start_record(struct screen *screen);
void answer_submit(struct screen *screen);

/* mode_feedback.c */
void feedback_enter(struct screen *screen, size_t question);
/* Ends typing. Does nothing in other modes. */
void feedback_leave(struct screen *screen);
/* The next (+1) or former (-1) question; a text is opened at once. */
void feedback_walk(struct screen *screen, int direction);
void feedback_key(struct screen *screen, struct key key);
void feedback_paste(struct screen *screen, const struct event *event);
/* Replaces the text that is being written, or the feedback at rest. */
void feedback_set_text(struct screen *screen, const char *text, size_t len);

/* mode_prompt.c */
void prompt_enter(struct screen *screen);
void prompt_key(struct screen *screen, struct key key);
void prompt_paste(struct screen *screen, const struct event *event);
/* Keeps the unsent text in the store. */
void prompt_keep(struct screen *screen);

/* mode_command.c */
void command_enter(struct screen *screen);
void command_key(struct screen *screen, struct key key);
void command_paste(struct screen *screen, const struct event *event);

/* mode_settings.c */
void settings_enter(struct screen *screen);
void settings_key(struct screen *screen, struct key key);
void settings_paste(struct screen *screen, const struct event *event);

/* mode_page.c: the pager, and the queue over the whole screen */
void page_enter(struct screen *screen, enum pager_page page);
void page_key(struct screen *screen, struct key key);
void queue_key(struct screen *screen, struct key key);

/* edit_outside.c: $EDITOR for what the mode is about */
void edit_outside(struct screen *screen);

#endif
