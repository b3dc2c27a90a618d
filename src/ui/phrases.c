/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- keys ---- */

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
    if (index < phrases->count) {
        screen->mode = phrases->is_writing ? MODE_FEEDBACK : MODE_BROWSE;
        form_insert(screen, phrases->items[index].text);
    } else if (key.code == KEYCODE_ESCAPE || action == ACTION_SNIPPET ||
               (key.code == 'c' && key.mods == KEY_CTRL_BIT)) {
        screen->mode = phrases->is_writing ? MODE_FEEDBACK : MODE_BROWSE;
    } else if (letter) {
        app_notify(screen->app, NOTICE_INFO, "There is no phrase %c; Esc goes back.",
                   *letter);
    } else {
        screen_refuse_key(screen, key);
    }
    return ACTION_NONE;
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
    for (size_t i = 0; i < phrases->count; i++) {
        size_t cols = width_of(phrases->items[i].name, strlen(phrases->items[i].name));
        name_cols = cols > name_cols ? cols : name_cols;
    }
    if (name_cols > NAME_COLS_MAX)
        name_cols = NAME_COLS_MAX;
    if (shown < phrases->count)
        snprintf(left, sizeof left, "%zu more", phrases->count - shown);
    view_rule(cells, (struct rect){area.row, area.col, 1, area.cols},
              "A phrase into the feedback", left, STYLE_DIM);
    if (view->is_plain)
        cells_set_cursor(cells, row.row, row.col);
    for (size_t i = 0; i < shown; i++, row.row++) {
        const struct phrase *phrase = &phrases->items[i];
        char key[2] = {letters[i], '\0'};
        int col = row.col + (name_cols > 0 ? (int)name_cols + 5 : 3);
        cells_string(cells, row.row, row.col, 1, key, STYLE_KEY);
        cells_string(cells, row.row, row.col + 3, (int)name_cols, phrase->name,
                     STYLE_DIM);
        cells_string(cells, row.row, col, row.col + row.cols - col, phrase->text,
                     STYLE_TEXT);
    }
}

void phrases_hints(const struct phrases *phrases, struct hints *hints)
{
    char keys[16] = "1";
    if (phrases->count > 1)
        snprintf(keys, sizeof keys, "1–%c", letters[phrases->count - 1]);
    hints_add_key(hints, keys, "put it in");
    hints_add_key(hints, "Esc", "back");
}
