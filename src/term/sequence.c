/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/input.h"

#include <stdio.h>
#include <string.h>

enum { PARAMS_MAX = 4, EVENT_RELEASE = 3 };

struct csi {
    char prefix; /* '<', '=', '>', '?' or 0 */
    unsigned param[PARAMS_MAX];
    unsigned sub[PARAMS_MAX]; /* what stands after a colon */
    char final;
};

static const struct {
    char final;
    uint32_t code;
    unsigned mods;
} finals[] = {
    {'A', KEYCODE_UP, 0},
    {'B', KEYCODE_DOWN, 0},
    {'C', KEYCODE_RIGHT, 0},
    {'D', KEYCODE_LEFT, 0},
    {'F', KEYCODE_END, 0},
    {'H', KEYCODE_HOME, 0},
    {'P', KEYCODE_F1, 0},
    {'Q', KEYCODE_F1 + 1, 0},
    {'R', KEYCODE_F1 + 2, 0},
    {'S', KEYCODE_F1 + 3, 0},
    {'Z', KEYCODE_TAB, KEY_SHIFT_BIT},
    /* rxvt */
    {'a', KEYCODE_UP, KEY_SHIFT_BIT},
    {'b', KEYCODE_DOWN, KEY_SHIFT_BIT},
    {'c', KEYCODE_RIGHT, KEY_SHIFT_BIT},
    {'d', KEYCODE_LEFT, KEY_SHIFT_BIT},
};

static const struct {
    unsigned number;
    uint32_t code;
} tildes[] = {
    {1, KEYCODE_HOME},     {2, KEYCODE_INSERT},   {3, KEYCODE_DELETE},
    {4, KEYCODE_END},      {5, KEYCODE_PAGE_UP},  {6, KEYCODE_PAGE_DOWN},
    {7, KEYCODE_HOME},     {8, KEYCODE_END},      {11, KEYCODE_F1},
    {12, KEYCODE_F1 + 1},  {13, KEYCODE_F1 + 2},  {14, KEYCODE_F1 + 3},
    {15, KEYCODE_F1 + 4},  {17, KEYCODE_F1 + 5},  {18, KEYCODE_F1 + 6},
    {19, KEYCODE_F1 + 7},  {20, KEYCODE_F1 + 8},  {21, KEYCODE_F1 + 9},
    {23, KEYCODE_F1 + 10}, {24, KEYCODE_F1 + 11},
};

/* Code points that stand for keys: ASCII, and kitty's keypad. */
static const struct {
    unsigned point;
    uint32_t code;
} points[] = {
    {8, KEYCODE_BACKSPACE},  {9, KEYCODE_TAB},         {13, KEYCODE_ENTER},
    {27, KEYCODE_ESCAPE},    {127, KEYCODE_BACKSPACE}, {57414, KEYCODE_ENTER},
    {57417, KEYCODE_LEFT},   {57418, KEYCODE_RIGHT},   {57419, KEYCODE_UP},
    {57420, KEYCODE_DOWN},   {57421, KEYCODE_PAGE_UP}, {57422, KEYCODE_PAGE_DOWN},
    {57423, KEYCODE_HOME},   {57424, KEYCODE_END},     {57425, KEYCODE_INSERT},
    {57426, KEYCODE_DELETE},
};

enum { KEYPAD_FIRST = 57399 };
static const char kitty_keypad[] = "0123456789./*-+\0=,"; /* from there on */

/* The modifier number is 1 + a bit set: shift 1, alt 2, ctrl 4, and more that we
 * have no use for (super, the locks). */
static unsigned mods_of(unsigned number)
{
    unsigned bits = number ? number - 1 : 0;
    return (bits & 1 ? KEY_SHIFT_BIT : 0u) | (bits & 2 ? KEY_ALT_BIT : 0u) |
           (bits & 4 ? KEY_CTRL_BIT : 0u);
}

static bool find_final(char final, uint32_t *code, unsigned *mods)
{
    for (size_t i = 0; i < sizeof finals / sizeof finals[0]; i++) {
        if (finals[i].final == final) {
            *code = finals[i].code;
            *mods |= finals[i].mods;
            return true;
        }
    }
    return false;
}

static bool find_tilde(unsigned number, uint32_t *code)
{
    for (size_t i = 0; i < sizeof tildes / sizeof tildes[0]; i++) {
        if (tildes[i].number == number) {
            *code = tildes[i].code;
            return true;
        }
    }
    return false;
}

static bool find_point(unsigned point, uint32_t *code)
{
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        if (points[i].point == point) {
            *code = points[i].code;
            return true;
        }
    }
    if (point >= KEYPAD_FIRST && point - KEYPAD_FIRST < sizeof kitty_keypad - 1) {
        *code = (unsigned char)kitty_keypad[point - KEYPAD_FIRST];
        return true;
    }
    bool is_other = point < 0x20 || (point > 0x7e && point < 0xa0) ||
                    (point >= 0xd800 && point <= 0xf8ff) || point >= KEYCODE_BASE;
    *code = point;
    return !is_other;
}

static size_t read_number(const char *text, size_t len, size_t at, unsigned *number)
{
    *number = 0;
    for (; at < len && text[at] >= '0' && text[at] <= '9'; at++)
        if (*number < 10000000)
            *number = *number * 10 + (unsigned)(text[at] - '0');
    return at;
}

/* text is "[…F": the bracket, parameters, one final byte; others are refused. */
static bool parse_csi(const char *text, size_t len, struct csi *csi)
{
    *csi = (struct csi){.final = text[len - 1]};
    size_t at = 1;
    if (at < len - 1 && text[at] >= '<' && text[at] <= '?')
        csi->prefix = text[at++];
    for (size_t i = 0; at < len - 1; i++) {
        unsigned unused;
        size_t slot = i < PARAMS_MAX ? i : PARAMS_MAX - 1;
        at = read_number(text, len - 1, at, &csi->param[slot]);
        for (bool is_first = true; at < len - 1 && text[at] == ':'; is_first = false)
            at = read_number(text, len - 1, at + 1, is_first ? &csi->sub[slot] : &unused);
        if (at < len - 1 && text[at++] != ';')
            return false;
    }
    return true;
}

static bool csi_key(const struct csi *csi, struct key *key)
{
    uint32_t code = 0;
    unsigned mods = mods_of(csi->param[1]);
    bool is_key = csi->prefix == 0 && csi->sub[1] != EVENT_RELEASE;
    if (csi->final == 'u') {
        is_key = is_key && find_point(csi->param[0], &code);
    } else if (csi->final == '~' && csi->param[0] == 27) {
        is_key = is_key && find_point(csi->param[2], &code);
    } else if (csi->final == '~' || csi->final == '^' || csi->final == '@') {
        is_key = is_key && find_tilde(csi->param[0], &code);
        mods |= csi->final != '~' ? KEY_CTRL_BIT : 0u; /* rxvt */
        mods |= csi->final == '@' ? KEY_SHIFT_BIT : 0u;
    } else {
        is_key = is_key && csi->param[0] <= 1 && find_final(csi->final, &code, &mods);
    }
    if (is_key)
        *key = key_make(code, mods);
    return is_key;
}

/* "O", perhaps a modifier number, and the final byte. */
static bool ss3_key(const char *text, size_t len, struct key *key)
{
    static const char keypad[] = "jklmnopqrstuvwxyX";
    static const char meant[] = "*+,-./0123456789=";
    unsigned number;
    if (read_number(text, len - 1, 1, &number) != len - 1)
        return false;
    char final = text[len - 1];
    unsigned mods = mods_of(number);
    uint32_t code;
    const char *at = strchr(keypad, final);
    if (final == 'M') {
        code = KEYCODE_ENTER;
    } else if (at) {
        code = (unsigned char)meant[at - keypad];
    } else if (find_final(final, &code, &mods)) {
        if (final >= 'a' && final <= 'd') /* rxvt: Ctrl, not Shift */
            mods = KEY_CTRL_BIT;
    } else {
        return false;
    }
    *key = key_make(code, mods);
    return true;
}

bool sequence_key(const char *text, size_t len, struct key *key)
{
    struct csi csi;
    if (len < 2)
        return false;
    if (text[0] == 'O')
        return ss3_key(text, len, key);
    if (len == 3 && text[1] == '[' && text[2] >= 'A' && text[2] <= 'E') {
        *key = key_make(KEYCODE_F1 + (uint32_t)(text[2] - 'A'), 0); /* Linux console */
        return true;
    }
    return text[0] == '[' && parse_csi(text, len, &csi) && csi_key(&csi, key);
}

bool sequence_mouse(const char *text, size_t len, struct event *event)
{
    struct csi csi;
    if (len < 2 || text[0] != '[' || !parse_csi(text, len, &csi) || csi.prefix != '<')
        return false;
    unsigned button = csi.param[0] & ~28u; /* bits 2 to 4 are modifiers */
    bool is_let_go = csi.final == 'm', is_moved = button == 32;
    bool is_wheel = !is_let_go && (button == 64 || button == 65);
    *event = (struct event){.kind = is_wheel                ? EVENT_WHEEL
                                    : is_let_go || is_moved ? EVENT_DRAG
                                                            : EVENT_CLICK,
                            .delta = button == 64 ? -1 : is_wheel || is_let_go,
                            .rows = (int)csi.param[2],
                            .cols = (int)csi.param[1]};
    return is_wheel || (csi.param[0] & ~32u) == 0; /* with no modifier */
}

bool sequence_position(const char *text, size_t len, int *row, int *col)
{
    struct csi csi;
    if (len < 2 || text[0] != '[' || !parse_csi(text, len, &csi) || csi.prefix ||
        csi.final != 'R' || csi.param[0] < 2) /* "[1;2R" is a key: Shift-F3 */
        return false;
    *row = (int)csi.param[0];
    *col = (int)csi.param[1];
    return true;
}

struct key sequence_control(unsigned char byte)
{
    if (byte == 0x7f)
        return key_make(KEYCODE_BACKSPACE, 0);
    uint32_t code = byte == 0 ? ' ' : byte < 0x1b ? byte + 0x60u : byte + 0x40u;
    return key_make(code, KEY_CTRL_BIT);
}

/* --- by terminfo's names --- */

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

void sequence_of_terminfo(const char *(*capability)(const char *name),
                          void (*add)(void *ctx, const char *sequence, struct key key),
                          void *ctx)
{
    char name[16];
    const char *sequence;
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if ((sequence = capability(single[i].name)))
            add(ctx, sequence, key_make(single[i].code, single[i].mods));
    for (unsigned i = 1; i <= 12; i++) {
        snprintf(name, sizeof name, "kf%u", i);
        if ((sequence = capability(name)))
            add(ctx, sequence, key_make(KEYCODE_F1 + i - 1, 0));
    }
    for (size_t i = 0; i < sizeof modified / sizeof modified[0]; i++) {
        for (size_t j = 0; j < sizeof suffixes / sizeof suffixes[0]; j++) {
            snprintf(name, sizeof name, "%s%s", modified[i].name, suffixes[j].suffix);
            if ((sequence = capability(name)))
                add(ctx, sequence, key_make(modified[i].code, suffixes[j].mods));
        }
    }
}

/* --- keys or a paste --- */

static int distinct(const bool seen[128], int from, int to)
{
    int count = 0;
    for (int i = from; i < to; i++)
        count += seen[i];
    return count;
}

/* Whether the line is words or data, and no keys of ours: these are short, or the same
 * one again and again. */
static bool is_prose(const char *line, size_t len)
{
    bool seen[128] = {false};   /* in the line */
    bool letter[128] = {false}; /* in the word */
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)line[i];
        unsigned char low = byte | 0x20;
        if (byte >= 0x80)
            return true;
        if (byte > ' ') {
            seen[byte] = true;
            count++;
        }
        if (low >= 'a' && low <= 'z')
            letter[low] = true;
        else
            memset(letter, 0, sizeof letter);
        if (distinct(letter, 'a', 'z' + 1) >= 3)
            return true;
    }
    return count >= 6 && distinct(seen, 0, 128) >= 4;
}

enum sequence_verdict sequence_judge(const char *text, size_t len)
{
    size_t lines = 0, prose = 0;
    bool is_first_prose = false;
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && text[end] != '\r' && text[end] != '\n')
            end++;
        if (is_prose(text + at, end - at)) {
            is_first_prose = is_first_prose || lines == 0;
            prose++;
        }
        lines += end > at;
        at = end + 1;
        if (lines >= 2 && (prose > is_first_prose || (prose > 0 && lines >= 3)))
            return IS_PASTE;
    }
    return prose ? IS_UNSURE : IS_KEYS;
}
