/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/keys.h"

#include <stdio.h>

static const struct {
    const char *name;
    uint32_t code;
    unsigned mods;
} single[] = {
    {"kcuu1", KEYCODE_UP, 0},           {"kcud1", KEYCODE_DOWN, 0},
    {"kcub1", KEYCODE_LEFT, 0},         {"kcuf1", KEYCODE_RIGHT, 0},
    {"khome", KEYCODE_HOME, 0},         {"kend", KEYCODE_END, 0},
    {"kpp", KEYCODE_PAGE_UP, 0},        {"knp", KEYCODE_PAGE_DOWN, 0},
    {"kich1", KEYCODE_INSERT, 0},       {"kdch1", KEYCODE_DELETE, 0},
    {"kent", KEYCODE_ENTER, 0},         {"kcbt", KEYCODE_TAB, KEY_SHIFT_BIT},
    {"kri", KEYCODE_UP, KEY_SHIFT_BIT}, {"kind", KEYCODE_DOWN, KEY_SHIFT_BIT},
};

/* Extended names: alone they are the shifted key, with a number other modifiers. */
static const struct {
    const char *name;
    uint32_t code;
} modified[] = {
    {"kUP", KEYCODE_UP},         {"kDN", KEYCODE_DOWN},   {"kLFT", KEYCODE_LEFT},
    {"kRIT", KEYCODE_RIGHT},     {"kHOM", KEYCODE_HOME},  {"kEND", KEYCODE_END},
    {"kIC", KEYCODE_INSERT},     {"kDC", KEYCODE_DELETE}, {"kPRV", KEYCODE_PAGE_UP},
    {"kNXT", KEYCODE_PAGE_DOWN},
};

static const struct {
    const char *suffix;
    unsigned mods;
} suffixes[] = {
    {"", KEY_SHIFT_BIT},
    {"3", KEY_ALT_BIT},
    {"4", KEY_ALT_BIT | KEY_SHIFT_BIT},
    {"5", KEY_CTRL_BIT},
    {"6", KEY_CTRL_BIT | KEY_SHIFT_BIT},
    {"7", KEY_CTRL_BIT | KEY_ALT_BIT},
};

static void add(struct input *input, const char *sequence, uint32_t code, unsigned mods)
{
    if (sequence)
        input_add_known(input, sequence, key_make(code, mods));
}

void keys_add_known(struct input *input, const char *(*capability)(const char *name))
{
    char name[16];
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        add(input, capability(single[i].name), single[i].code, single[i].mods);
    for (unsigned i = 1; i <= 12; i++) {
        snprintf(name, sizeof name, "kf%u", i);
        add(input, capability(name), KEYCODE_F1 + i - 1, 0);
    }
    for (size_t i = 0; i < sizeof modified / sizeof modified[0]; i++) {
        for (size_t j = 0; j < sizeof suffixes / sizeof suffixes[0]; j++) {
            snprintf(name, sizeof name, "%s%s", modified[i].name, suffixes[j].suffix);
            add(input, capability(name), modified[i].code, suffixes[j].mods);
        }
    }
}
