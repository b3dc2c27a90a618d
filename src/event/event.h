/* SPDX-License-Identifier: MIT
 *
 * event - what the terminal tells us: a key, a paste, a new size, a hang-up; and
 * the names of keys ("Ctrl-R", "Enter", "f") for the key table, help and config.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Named keys stand above Unicode so that one number holds any key. */
enum key_code {
    KEYCODE_BASE = 0x110000,
    KEYCODE_ENTER,
    KEYCODE_TAB,
    KEYCODE_ESCAPE,
    KEYCODE_BACKSPACE,
    KEYCODE_DELETE,
    KEYCODE_INSERT,
    KEYCODE_UP,
    KEYCODE_DOWN,
    KEYCODE_LEFT,
    KEYCODE_RIGHT,
    KEYCODE_HOME,
    KEYCODE_END,
    KEYCODE_PAGE_UP,
    KEYCODE_PAGE_DOWN,
    KEYCODE_F1 /* .. F12 */,
    KEYCODE_F12 = KEYCODE_F1 + 11
};

enum { KEY_CTRL_BIT = 1, KEY_ALT_BIT = 2, KEY_SHIFT_BIT = 4 };

struct key {
    uint32_t code; /* a code point (letters with Ctrl are lower case), or key_code */
    uint8_t mods;  /* KEY_*_BIT; SHIFT only on named keys */
};

enum event_kind {
    EVENT_KEY,
    EVENT_PASTE,
    EVENT_RESIZE,
    EVENT_HANGUP,
    EVENT_RESUMED,
    EVENT_WHEEL,
    EVENT_CLICK,
    EVENT_DRAG,    /* after a click: the button is still held, or let go */
    EVENT_POSITION /* term asked where the cursor is; it keeps this for itself */
};

struct event {
    enum event_kind kind;
    struct key key;   /* EVENT_KEY */
    const char *text; /* EVENT_PASTE: borrowed for the call; CR already \n */
    size_t len;
    bool is_cut;    /* EVENT_PASTE: it was larger than the cap and was refused */
    int rows, cols; /* EVENT_RESIZE; EVENT_POSITION, _CLICK and _DRAG: where, from 1 */
    int delta;      /* EVENT_WHEEL: -1 up, +1 down; EVENT_DRAG: 0 held, 1 let go */
};

typedef void (*event_fn)(void *ctx, const struct event *event);

/* The key as a terminal can tell it: with Ctrl a letter is lower case, and Ctrl-I,
 * Ctrl-M, Ctrl-H, Ctrl-[ are Tab, Enter, Backspace, Esc. Shift only stays where a
 * terminal reports it; on a letter it makes the capital. */
struct key key_make(uint32_t code, unsigned mods);

/* "Ctrl-R", "Alt-Enter", "f", "?", "PageDown", "Space". */
void key_format(struct key key, char *out, size_t size);
/* The same names, case of letters kept; false when it is no key's name. Long names in
 * any case, modifiers in any order, and "U+00E9" are read too. */
bool key_parse(const char *name, struct key *key);
bool key_equal(struct key a, struct key b);

#endif
