/* SPDX-License-Identifier: MIT
 *
 * The form of model, temperature, max tokens, seed and system prompt, in the place of the
 * answer form.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/models.h"
#include "ui/parts.h"

#define LABEL_COLS 16
#define SYSTEM_ROWS_MAX 4

void settings_open(struct sampling_form *form, const struct sampling *sampling)
{
    form->focus = SAMPLING_MODEL;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        char *text = sampling_format(sampling, (enum sampling_field)i);
        editbuf_set(form->edits[i], text, strlen(text));
        free(text);
    }
}

/* Every field, or the sentence about the first that is wrong; that has the focus then. */
static enum status read_form(struct sampling_form *form, struct sampling *out,
                             struct err *err)
{
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        enum status status = sampling_set(out, field, editbuf_text(form->edits[i]), err);
        if (status != STATUS_OK) {
            form->focus = field;
            return status;
        }
    }
    return STATUS_OK;
}

/* ---- keys ---- */

void settings_enter(struct screen *screen)
{
    struct frame *frame = &screen->frame;
    frame->sampling.is_own = screen->mode == MODE_PROMPT;
    settings_open(&frame->sampling, frame->sampling.is_own && frame->prompt.has_request
                                        ? &frame->prompt.request
                                        : &screen_session(screen)->sampling);
    screen->mode = MODE_SETTINGS;
}

static void leave(struct screen *screen)
{
    screen->mode = screen->frame.sampling.is_own ? MODE_PROMPT : MODE_BROWSE;
}

static void apply(struct screen *screen)
{
    struct sampling_form *form = &screen->frame.sampling;
    struct prompt *prompt = &screen->frame.prompt;
    struct sampling sampling = {0};
    struct err err = {0};
    if (read_form(form, &sampling, &err) != STATUS_OK) {
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    } else if (form->is_own) {
        sampling_clear(&prompt->request);
        sampling_copy(&prompt->request, &sampling);
        prompt->has_request = true;
        app_notify(screen->app, NOTICE_DONE, "Settings taken for this one request.");
        leave(screen);
    } else {
        app_set_sampling(screen->app, &sampling);
        app_notify(screen->app, NOTICE_DONE,
                   "Settings taken for the prompts from now on.");
        leave(screen);
    }
    sampling_clear(&sampling);
}

static void move(struct sampling_form *form, int direction)
{
    int step = direction > 0 ? 1 : SAMPLING_FIELD_COUNT - 1;
    form->focus = (enum sampling_field)(((int)form->focus + step) % SAMPLING_FIELD_COUNT);
}

enum action settings_key(struct screen *screen, struct key key)
{
    struct sampling_form *form = &screen->frame.sampling;
    struct editbuf *edit = form->edits[form->focus];
    bool is_ctrl = key.mods == KEY_CTRL_BIT;
    bool is_enter = key.code == KEYCODE_ENTER;
    if ((is_enter && key.mods != 0) || (is_ctrl && key.code == 'j')) {
        if (form->focus == SAMPLING_SYSTEM)
            (void)edit_newline(edit);
    } else if (is_enter) {
        apply(screen);
    } else if (key.code == KEYCODE_ESCAPE || (is_ctrl && key.code == 'c')) {
        leave(screen);
    } else if (key.code == KEYCODE_TAB) {
        move(form, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        /* They stay inside a text of several lines until its end. */
        bool is_down = key.code == KEYCODE_DOWN;
        if (!editbuf_move(edit, is_down ? EDITBUF_DOWN : EDITBUF_UP))
            move(form, is_down ? 1 : -1);
    } else {
        screen_edit_key(screen, edit, key);
    }
    return ACTION_NONE;
}

void settings_paste(struct screen *screen, const struct event *event)
{
    struct sampling_form *form = &screen->frame.sampling;
    if (edit_paste(form->edits[form->focus], event, form->focus == SAMPLING_SYSTEM) ==
        EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING, "That is too long for a setting.");
}

/* ---- drawing ---- */

static int field_rows(const struct sampling_form *form, int field)
{
    size_t lines = editbuf_line_count(form->edits[field]);
    if (field != SAMPLING_SYSTEM)
        return 1;
    return lines < SYSTEM_ROWS_MAX ? (int)lines : SYSTEM_ROWS_MAX;
}

int settings_measure(struct sampling_form *form, int columns)
{
    int rows = 0;
    int width = columns > LABEL_COLS + 1 ? columns - LABEL_COLS : 1;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        editbuf_layout(form->edits[i], width);
        rows += field_rows(form, i);
    }
    return rows;
}

static void draw_field(struct sampling_form *form, const struct view *view, int field,
                       struct cells *cells, struct rect area)
{
    bool is_focused = (int)form->focus == field;
    cells_string(cells, area.row, area.col, LABEL_COLS - 1,
                 sampling_row((enum sampling_field)field)->title,
                 is_focused ? STYLE_ACCENT : STYLE_TITLE);
    if (is_focused && area.col > 0)
        view_mark_focus(view, cells, area.row, area.col - 1, STYLE_ACCENT);
    struct rect value = {area.row, area.col + LABEL_COLS, area.rows,
                         area.cols - LABEL_COLS};
    if (editbuf_len(form->edits[field]) == 0)
        cells_string(cells, value.row, value.col, value.cols, "the endpoint's own",
                     STYLE_DIM);
    if (is_focused || editbuf_len(form->edits[field]) > 0)
        editbuf_draw(form->edits[field], cells, value, STYLE_TEXT, is_focused);
}

void settings_draw(struct sampling_form *form, const struct view *view,
                   struct cells *cells, struct rect rule, struct rect area)
{
    struct rect clip = cells->clip;
    view_rule(cells, rule, "Settings",
              form->is_own ? "for this one request" : "for the prompts from now on",
              STYLE_DIM);
    cells->clip = (struct rect){area.row, 0, area.rows, cells->cols};
    int rows[SAMPLING_FIELD_COUNT], end = 0;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        rows[i] = field_rows(form, i) < area.rows ? field_rows(form, i) : area.rows;
        end += i <= (int)form->focus ? rows[i] : 0;
    }
    int row = end > area.rows ? area.row - (end - area.rows) : area.row;
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        draw_field(form, view, i, cells,
                   (struct rect){row, area.col, rows[i], area.cols});
        row += rows[i];
    }
    cells->clip = clip;
}

void settings_hints(struct hints *hints)
{
    hints_add_key(hints, "Enter", "use them");
    hints_add_key(hints, "↑ ↓", "move");
    hints_add_key(hints, "Ctrl-U", "clear");
    hints_add_key(hints, "Esc", "leave as it was");
}
