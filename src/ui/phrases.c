/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/narrow.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "text/width.h"
#include "ui/parts.h"

enum { REMARKS_MAX = 9, NAME_COLS_MAX = 20 };

static const char letters[] = "123456789abcdefghijklmnopqrstuvwxyz";

/* ---- which there are ---- */

void phrases_clear(struct phrases *phrases)
{
    for (size_t i = 0; i < phrases->count; i++) {
        free(phrases->items[i].name);
        free(phrases->items[i].text);
    }
    *phrases = (struct phrases){0};
}

/* False when it is there already, or there is no key left. */
static bool add(struct phrases *phrases, const char *name, const char *text)
{
    for (size_t i = 0; i < phrases->count; i++)
        if (strcmp(phrases->items[i].text, text) == 0)
            return false;
    if (phrases->count == SNIPPETS_MAX)
        return false;
    phrases->items[phrases->count++] =
        (struct phrase){.name = xstrdup(name), .text = xstrdup(text)};
    return true;
}

static void collect(struct screen *screen, const struct question *question)
{
    const struct settings *settings = screen->settings;
    struct phrases *phrases = &screen->frame.phrases;
    char **remarks = NULL;
    size_t count = 0;
    phrases_clear(phrases);
    for (size_t i = 0; i < settings->snippet_count; i++)
        add(phrases, settings->snippets[i].name, settings->snippets[i].text);
    store_list_remarks(app_store(screen->app), screen_session(screen)->dataset.row,
                       question->name, REMARKS_MAX, &remarks, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        add(phrases, "", remarks[i]);
        free(remarks[i]);
    }
    free(remarks);
}

void phrases_list_filters(struct screen *screen)
{
    struct phrases *phrases = &screen->frame.phrases;
    struct phrase phrase;
    bool is_open = screen->mode == MODE_PHRASES;
    size_t focus = is_open ? phrases->focus : 0;
    phrases_clear(phrases);
    while (phrases->count < SNIPPETS_MAX &&
           app_saved_filter(screen->app, phrases->count, &phrase.name, &phrase.text))
        phrases->items[phrases->count++] = phrase;
    phrases->has_filters = true;
    if (phrases->count > 0)
        phrases->focus = focus < phrases->count ? focus : phrases->count - 1;
    else if (!is_open)
        app_notify(
            screen->app, NOTICE_INFO,
            "No filter is saved for this dataset; :save NAME keeps the one that is "
            "shown.");
    screen->mode = phrases->count > 0 ? MODE_PHRASES : screen->base;
}

/* ---- keys ---- */

static void leave(struct screen *screen)
{
    const struct phrases *phrases = &screen->frame.phrases;
    screen->mode = phrases->has_filters  ? screen->base
                   : phrases->is_writing ? MODE_FEEDBACK
                                         : MODE_BROWSE;
}

static void take(struct screen *screen, size_t index)
{
    const struct phrases *phrases = &screen->frame.phrases;
    leave(screen);
    if (phrases->has_filters) {
        char *line = xasprintf("@%s", phrases->items[index].name);
        app_narrow(screen->app, line);
        free(line);
    } else {
        form_insert(screen, phrases->items[index].text);
    }
}

/* False: it is no key of the list of filters. */
static bool filters_key(struct screen *screen, struct key key)
{
    struct phrases *phrases = &screen->frame.phrases;
    bool is_sure = phrases->is_asked;
    char *name = phrases->items[phrases->focus].name;
    phrases->is_asked = false;
    if (key.code == KEYCODE_UP && phrases->focus > 0) {
        phrases->focus--;
    } else if (key.code == KEYCODE_DOWN && phrases->focus + 1 < phrases->count) {
        phrases->focus++;
    } else if (key.code == KEYCODE_ENTER) {
        take(screen, phrases->focus);
    } else if (key.code == KEYCODE_DELETE && is_sure) {
        app_forget_filter(screen->app, name);
        phrases_list_filters(screen);
    } else if (key.code == KEYCODE_DELETE) {
        phrases->is_asked = true;
        app_notify(screen->app, NOTICE_INFO, "Delete once more: %.40s is forgotten.",
                   name);
    } else {
        return key.code == KEYCODE_UP || key.code == KEYCODE_DOWN;
    }
    return true;
}

bool phrases_run(struct screen *screen, enum action action)
{
    const struct session *session = screen_session(screen);
    struct phrases *phrases = &screen->frame.phrases;
    bool is_writing = screen->mode == MODE_FEEDBACK;
    const struct question *question = is_writing
                                          ? screen_question(screen)
                                          : dataset_feedback_question(&session->dataset);
    if (action != ACTION_SNIPPET)
        return false;
    if (!question) {
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no text.");
    } else if (!is_writing && question == dataset_correction_question(
                                              &session->dataset, session->correction)) {
        app_notify(screen->app, NOTICE_INFO,
                   "The only text asked for is the correction, which is no place for "
                   "phrases.");
    } else if (app_can_respond(screen->app)) {
        collect(screen, question);
        phrases->is_writing = is_writing;
        if (phrases->count > 0)
            screen->mode = MODE_PHRASES;
        else
            app_notify(screen->app, NOTICE_INFO,
                       "There are no phrases yet: what you write twice becomes one, and "
                       "[snippets] in the configuration has yours.");
    }
    return true;
}

enum action phrases_key(struct screen *screen, struct key key)
{
    struct phrases *phrases = &screen->frame.phrases;
    const char *letter = key.mods == 0 && key.code > 0 && key.code < 0x80
                             ? strchr(letters, (int)key.code)
                             : NULL;
    enum action action = keymap_find(&screen->keymap, key);
    size_t index = letter ? (size_t)(letter - letters) : SIZE_MAX;
    if (phrases->has_filters && filters_key(screen, key))
        ; /* it is done */
    else if (index < phrases->count)
        take(screen, index);
    else if (key.code == KEYCODE_ESCAPE ||
             (action == ACTION_SNIPPET && !phrases->has_filters) ||
             (key.code == 'c' && key.mods == KEY_CTRL_BIT))
        leave(screen);
    else if (letter)
        app_notify(screen->app, NOTICE_INFO, "There is no %s %c; Esc goes back.",
                   phrases->has_filters ? "filter" : "phrase", *letter);
    else if (action != ACTION_HELP)
        screen_refuse_key(screen, key);
    return action == ACTION_HELP ? action : ACTION_NONE;
}

/* ---- drawing ---- */

void phrases_draw(const struct phrases *phrases, const struct view *view,
                  struct cells *cells, struct rect area)
{
    size_t name_cols = 0;
    char left[64] = "";
    struct rect row = {area.row + 1, area.col, 1, area.cols};
    size_t room = area.rows > 1 ? (size_t)area.rows - 1 : 0;
    size_t shown = phrases->count < room ? phrases->count : room;
    size_t first = phrases->focus < room || !room ? 0 : phrases->focus + 1 - room;
    for (size_t i = 0; i < phrases->count; i++) {
        size_t cols = width_of(phrases->items[i].name, strlen(phrases->items[i].name));
        name_cols = cols > name_cols ? cols : name_cols;
    }
    if (name_cols > NAME_COLS_MAX)
        name_cols = NAME_COLS_MAX;
    if (shown < phrases->count)
        snprintf(left, sizeof left, "%zu more", phrases->count - shown);
    view_rule(cells, (struct rect){area.row, area.col, 1, area.cols},
              phrases->has_filters ? "Saved filters" : "A phrase into the feedback", left,
              STYLE_DIM);
    if (view->is_plain)
        cells_set_cursor(cells, row.row + (int)(phrases->focus - first), row.col);
    for (size_t i = first; i < first + shown; i++, row.row++) {
        const struct phrase *phrase = &phrases->items[i];
        bool is_here = phrases->has_filters && i == phrases->focus;
        char key[2] = {letters[i], '\0'};
        int col = row.col + (name_cols > 0 ? (int)name_cols + 5 : 3);
        if (is_here)
            cells_set_style(cells, row, STYLE_SELECTED);
        cells_string(cells, row.row, row.col, 1, key,
                     is_here ? STYLE_SELECTED : STYLE_KEY);
        cells_string(cells, row.row, row.col + 3, (int)name_cols, phrase->name,
                     is_here ? STYLE_SELECTED : STYLE_DIM);
        cells_string(cells, row.row, col, row.col + row.cols - col, phrase->text,
                     is_here ? STYLE_SELECTED : STYLE_TEXT);
    }
}

void phrases_hints(const struct phrases *phrases, const struct view *view,
                   struct hints *hints)
{
    char keys[16] = "1";
    if (phrases->count > 1)
        snprintf(keys, sizeof keys, "1–%c", letters[phrases->count - 1]);
    hints_add_key(hints, keys, phrases->has_filters ? "take it" : "put it in");
    if (phrases->has_filters) {
        hints_add_key(hints, "Enter", "take");
        hints_add_key(hints, "↑ ↓", "move");
        hints_add_key(hints, "Delete", "forget it");
    }
    hints_add_key(hints, "Esc", "back");
    hints_add(hints, view, ACTION_HELP, "help");
}
