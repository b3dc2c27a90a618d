/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "event/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include <unistr.h>

/* The first name of a code is the one that is shown; the others are only read. */
static const struct {
    uint32_t code;
    const char *name;
} key_names[] = {
    {KEYCODE_ENTER, "Enter"},
    {KEYCODE_TAB, "Tab"},
    {KEYCODE_ESCAPE, "Esc"},
    {KEYCODE_BACKSPACE, "Backspace"},
    {KEYCODE_DELETE, "Delete"},
    {KEYCODE_INSERT, "Insert"},
    {KEYCODE_UP, "Up"},
    {KEYCODE_DOWN, "Down"},
    {KEYCODE_LEFT, "Left"},
    {KEYCODE_RIGHT, "Right"},
    {KEYCODE_HOME, "Home"},
    {KEYCODE_END, "End"},
    {KEYCODE_PAGE_UP, "PageUp"},
    {KEYCODE_PAGE_DOWN, "PageDown"},
    {' ', "Space"},
    {KEYCODE_ENTER, "Return"},
    {KEYCODE_ESCAPE, "Escape"},
    {KEYCODE_DELETE, "Del"},
    {KEYCODE_INSERT, "Ins"},
    {KEYCODE_PAGE_UP, "PgUp"},
    {KEYCODE_PAGE_DOWN, "PgDn"},
};

static const struct {
    uint8_t bit;
    const char *prefix;
} mod_names[] = {
    {KEY_CTRL_BIT, "Ctrl-"},
    {KEY_ALT_BIT, "Alt-"},
    {KEY_SHIFT_BIT, "Shift-"},
};

enum {
    KEY_NAME_COUNT = sizeof key_names / sizeof key_names[0],
    MOD_NAME_COUNT = sizeof mod_names / sizeof mod_names[0]
};

/* What a terminal sends for Ctrl and the letter is the same byte as the named key. */
static uint32_t without_ctrl_alias(uint32_t code)
{
    switch (code) {
    case 'h':
        return KEYCODE_BACKSPACE;
    case 'i':
        return KEYCODE_TAB;
    case 'm':
        return KEYCODE_ENTER;
    case '[':
        return KEYCODE_ESCAPE;
    default:
        return 0;
    }
}

struct key key_make(uint32_t code, unsigned mods)
{
    mods &= KEY_CTRL_BIT | KEY_ALT_BIT | KEY_SHIFT_BIT;
    if (mods & KEY_CTRL_BIT && code >= 'A' && code <= 'Z')
        code += 'a' - 'A';
    if (mods & KEY_CTRL_BIT && without_ctrl_alias(code)) {
        code = without_ctrl_alias(code);
        mods &= ~(unsigned)KEY_CTRL_BIT;
    }
    if (mods & KEY_SHIFT_BIT && !(mods & KEY_CTRL_BIT) && code >= 'a' && code <= 'z')
        code -= 'a' - 'A';
    if (code < KEYCODE_BASE || code == KEYCODE_BACKSPACE || code == KEYCODE_ESCAPE)
        mods &= ~(unsigned)KEY_SHIFT_BIT;
    return (struct key){.code = code, .mods = (uint8_t)mods};
}

static void format_code(uint32_t code, bool is_upper, char out[16])
{
    uint8_t bytes[6];
    for (int i = 0; i < KEY_NAME_COUNT; i++)
        if (key_names[i].code == code) {
            snprintf(out, 16, "%s", key_names[i].name);
            return;
        }
    if (is_upper && code >= 'a' && code <= 'z')
        code -= 'a' - 'A';
    int len = wcwidth((wchar_t)code) > 0 ? u8_uctomb(bytes, code, sizeof bytes) : -1;
    if (code >= KEYCODE_F1)
        snprintf(out, 16, "F%u", (unsigned)(code - KEYCODE_F1 + 1));
    else if (len > 0)
        snprintf(out, 16, "%.*s", len, (const char *)bytes);
    else
        snprintf(out, 16, "U+%04X", (unsigned)code);
}

void key_format(struct key key, char *out, size_t size)
{
    char text[16];
    format_code(key.code, key.mods & KEY_CTRL_BIT, text);
    snprintf(out, size, "%s%s%s%s", key.mods & KEY_CTRL_BIT ? mod_names[0].prefix : "",
             key.mods & KEY_ALT_BIT ? mod_names[1].prefix : "",
             key.mods & KEY_SHIFT_BIT ? mod_names[2].prefix : "", text);
}

static bool parse_number(const char *digits, uint32_t *code)
{
    size_t count = strspn(digits, "0123456789abcdefABCDEF");
    if (count < 4 || count > 6 || digits[count])
        return false;
    *code = (uint32_t)strtoul(digits, NULL, 16);
    return *code < KEYCODE_BASE && (*code < 0xd800 || *code > 0xdfff);
}

static bool parse_code(const char *name, uint32_t *code)
{
    for (int i = 0; i < KEY_NAME_COUNT; i++) {
        if (strcasecmp(name, key_names[i].name) == 0) {
            *code = key_names[i].code;
            return true;
        }
    }
    long number = (name[0] | 0x20) == 'f' && name[1] ? strtol(name + 1, NULL, 10) : 0;
    if (number >= 1 && number <= 12 && strlen(name) == (number < 10 ? 2U : 3U)) {
        *code = KEYCODE_F1 + (uint32_t)number - 1;
        return true;
    }
    if (name[0] == 'U' && name[1] == '+' && name[2])
        return parse_number(name + 2, code) && *code >= 0x20 &&
               (*code < 0x7f || *code > 0x9f);
    ucs4_t point = 0;
    size_t len = strlen(name);
    int used = u8_mbtoucr(&point, (const uint8_t *)name, len);
    *code = point;
    return used > 0 && (size_t)used == len && point > 0x20 &&
           (point < 0x7f || point > 0x9f);
}

bool key_parse(const char *name, struct key *key)
{
    uint32_t code = 0;
    unsigned mods = 0;
    for (int i = 0; i < MOD_NAME_COUNT; i++) {
        size_t len = strlen(mod_names[i].prefix);
        if (mods & mod_names[i].bit || strncasecmp(name, mod_names[i].prefix, len) != 0)
            continue;
        mods |= mod_names[i].bit;
        name += len;
        i = -1; /* any order is read */
    }
    if (!parse_code(name, &code))
        return false;
    if (mods & KEY_SHIFT_BIT && code < KEYCODE_BASE)
        return false; /* the shifted character has a name of its own */
    *key = key_make(code, mods);
    return true;
}

bool key_equal(struct key a, struct key b)
{
    return a.code == b.code && a.mods == b.mods;
}
