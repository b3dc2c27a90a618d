/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"

static size_t find_key(const struct keymap *keymap, struct key key)
{
    size_t i = 0;
    while (i < keymap->count && !key_equal(keymap->entries[i].key, key))
        i++;
    return i;
}

void keymap_init(struct keymap *keymap, const struct settings *settings)
{
    keymap->entries = settings_keys(settings, &keymap->count);
}

void keymap_clear(struct keymap *keymap)
{
    free(keymap->entries);
    *keymap = (struct keymap){0};
}

enum action keymap_find(const struct keymap *keymap, struct key key)
{
    size_t index = find_key(keymap, key);
    return index < keymap->count ? keymap->entries[index].action : ACTION_NONE;
}

enum action keymap_find_scroll(const struct keymap *keymap, struct key key)
{
    enum action action = keymap_find(keymap, key);
    if (action == ACTION_NEXT_QUESTION && key.code == KEYCODE_DOWN)
        return ACTION_SCROLL_DOWN;
    if (action == ACTION_PREVIOUS_QUESTION && key.code == KEYCODE_UP)
        return ACTION_SCROLL_UP;
    return action;
}

void keymap_keys(const struct keymap *keymap, enum action action, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < keymap->count && used < size; i++) {
        char name[32];
        if (keymap->entries[i].action != action)
            continue;
        key_format(keymap->entries[i].key, name, sizeof name);
        int wrote = snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "", name);
        used += (size_t)wrote;
    }
}

void keymap_first_key(const struct keymap *keymap, enum action action, char *out,
                      size_t size)
{
    out[0] = '\0';
    for (size_t i = 0; i < keymap->count; i++) {
        if (keymap->entries[i].action == action) {
            key_format(keymap->entries[i].key, out, size);
            return;
        }
    }
}

static bool rates_with_digits(const struct keymap *keymap)
{
    for (int digit = 1; digit <= 5; digit++) {
        struct key key = {.code = (uint32_t)('0' + digit)};
        if (keymap_find(keymap, key) != (enum action)(ACTION_RATE_1 + digit - 1))
            return false;
    }
    return true;
}

void keymap_rating_keys(const struct keymap *keymap, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    if (rates_with_digits(keymap)) {
        snprintf(out, size, "1–5");
        return;
    }
    for (int i = 0; i < 5 && used < size; i++) {
        char name[32];
        keymap_first_key(keymap, (enum action)(ACTION_RATE_1 + i), name, sizeof name);
        if (name[0] != '\0')
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? " " : "",
                                     name);
    }
}

/* ---- text boxes ---- */

enum edit_verb {
    VERB_MOVE,
    VERB_DELETE,
    VERB_DELETE_LINE,
    VERB_YANK,
    VERB_UNDO,
    VERB_REDO
};

#define CTRL KEY_CTRL_BIT
#define ALT KEY_ALT_BIT

struct edit_row {
    uint32_t code;
    uint8_t mods;
    enum edit_verb verb;
    int argument; /* an editbuf_move, or a direction */
};

static const struct edit_row rows[] = {
    {KEYCODE_LEFT, 0, VERB_MOVE, EDITBUF_LEFT},
    {'b', CTRL, VERB_MOVE, EDITBUF_LEFT},
    {KEYCODE_RIGHT, 0, VERB_MOVE, EDITBUF_RIGHT},
    {'f', CTRL, VERB_MOVE, EDITBUF_RIGHT},
    {KEYCODE_LEFT, CTRL, VERB_MOVE, EDITBUF_WORD_LEFT},
    {KEYCODE_LEFT, ALT, VERB_MOVE, EDITBUF_WORD_LEFT},
    {'b', ALT, VERB_MOVE, EDITBUF_WORD_LEFT},
    {KEYCODE_RIGHT, CTRL, VERB_MOVE, EDITBUF_WORD_RIGHT},
    {KEYCODE_RIGHT, ALT, VERB_MOVE, EDITBUF_WORD_RIGHT},
    {'f', ALT, VERB_MOVE, EDITBUF_WORD_RIGHT},
    {KEYCODE_HOME, 0, VERB_MOVE, EDITBUF_LINE_START},
    {'a', CTRL, VERB_MOVE, EDITBUF_LINE_START},
    {KEYCODE_END, 0, VERB_MOVE, EDITBUF_LINE_END},
    {'e', CTRL, VERB_MOVE, EDITBUF_LINE_END},
    {KEYCODE_UP, 0, VERB_MOVE, EDITBUF_UP},
    {'p', CTRL, VERB_MOVE, EDITBUF_UP},
    {KEYCODE_DOWN, 0, VERB_MOVE, EDITBUF_DOWN},
    {'n', CTRL, VERB_MOVE, EDITBUF_DOWN},
    {KEYCODE_HOME, CTRL, VERB_MOVE, EDITBUF_TEXT_START},
    {KEYCODE_END, CTRL, VERB_MOVE, EDITBUF_TEXT_END},
    {KEYCODE_BACKSPACE, 0, VERB_DELETE, EDITBUF_LEFT},
    {KEYCODE_DELETE, 0, VERB_DELETE, EDITBUF_RIGHT},
    {'d', CTRL, VERB_DELETE, EDITBUF_RIGHT},
    {'w', CTRL, VERB_DELETE, EDITBUF_WORD_LEFT},
    {KEYCODE_BACKSPACE, ALT, VERB_DELETE, EDITBUF_WORD_LEFT},
    {KEYCODE_BACKSPACE, CTRL, VERB_DELETE, EDITBUF_WORD_LEFT},
    {'d', ALT, VERB_DELETE, EDITBUF_WORD_RIGHT},
    {KEYCODE_DELETE, CTRL, VERB_DELETE, EDITBUF_WORD_RIGHT},
    {KEYCODE_DELETE, ALT, VERB_DELETE, EDITBUF_WORD_RIGHT},
    {'u', CTRL, VERB_DELETE_LINE, -1},
    {'k', CTRL, VERB_DELETE_LINE, 1},
    {'y', CTRL, VERB_YANK, 0},
    {'z', CTRL, VERB_UNDO, 0},
    {'_', CTRL, VERB_UNDO, 0},
    {'z', ALT, VERB_REDO, 0},
    {'r', CTRL, VERB_REDO, 0},
};

static enum edit_outcome run(struct editbuf *edit, const struct edit_row *row)
{
    bool is_done = false;
    switch (row->verb) {
    case VERB_MOVE:
        return editbuf_move(edit, (enum editbuf_move)row->argument) ? EDIT_MOVED
                                                                    : EDIT_NOTHING;
    case VERB_DELETE:
        is_done = editbuf_delete(edit, (enum editbuf_move)row->argument);
        break;
    case VERB_DELETE_LINE:
        is_done = editbuf_delete_line(edit, row->argument);
        break;
    case VERB_YANK:
        is_done = editbuf_yank(edit);
        break;
    case VERB_UNDO:
        is_done = editbuf_undo(edit);
        break;
    case VERB_REDO:
        is_done = editbuf_redo(edit);
        break;
    }
    return is_done ? EDIT_CHANGED : EDIT_NOTHING;
}

enum edit_outcome edit_key(struct editbuf *edit, struct key key)
{
    bool is_letter =
        key.mods == 0 && key.code >= 0x20 && key.code < KEYCODE_BASE && key.code != 0x7f;
    if (is_letter) {
        char bytes[UTF8_MAX];
        size_t len = utf8_encode(key.code, bytes);
        return editbuf_insert(edit, bytes, len, false) ? EDIT_CHANGED : EDIT_FULL;
    }
    uint8_t mods = key.mods & (uint8_t)~KEY_SHIFT_BIT;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == key.code && rows[i].mods == mods)
            return run(edit, &rows[i]);
    return EDIT_UNKNOWN;
}

enum edit_outcome edit_newline(struct editbuf *edit)
{
    return editbuf_insert(edit, "\n", 1, false) ? EDIT_CHANGED : EDIT_FULL;
}

enum edit_outcome edit_paste(struct editbuf *edit, const struct event *event,
                             bool has_lines)
{
    if (event->is_cut)
        return EDIT_FULL;
    char *text = xmemdup0(event->text, event->len);
    for (size_t i = 0; !has_lines && i < event->len; i++)
        if (text[i] == '\n')
            text[i] = ' ';
    bool fits = editbuf_insert(edit, text, event->len, true);
    free(text);
    return fits ? EDIT_CHANGED : EDIT_FULL;
}

/* ---- former lines ---- */

void former_clear(struct former *former)
{
    free(former->kept);
    *former = (struct former){0};
}

bool former_step(struct former *former, struct editbuf *edit, char *const *lines,
                 size_t count, int direction)
{
    bool is_at_end = direction > 0 ? former->at >= count : former->at == 0;
    if (is_at_end)
        return false;
    if (former->at == 0)
        former->kept = xmemdup0(editbuf_text(edit), editbuf_len(edit));
    former->at = direction > 0 ? former->at + 1 : former->at - 1;
    const char *text = former->at > 0 ? lines[former->at - 1] : former->kept;
    editbuf_set(edit, text, strlen(text));
    if (former->at == 0)
        former_clear(former);
    return true;
}
