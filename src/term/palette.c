/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/palette.h"

#include <stdlib.h>
#include <string.h>

enum hue { HUE_NONE, HUE_ACCENT, HUE_WARNING, HUE_SOFT, HUE_FAINT, HUE_COUNT };

/* plain: attributes without colour. tinted: the attributes that stay beside one; a
 * hue a terminal does not have falls back to plain. */
struct role {
    uint8_t plain, tinted;
    enum hue hue;
};

static const struct role roles[STYLE_COUNT] = {
    [STYLE_TEXT] = {0, 0, HUE_NONE},
    [STYLE_DIM] = {LOOK_DIM, 0, HUE_SOFT},
    [STYLE_RULE] = {LOOK_DIM, 0, HUE_FAINT},
    [STYLE_TITLE] = {LOOK_BOLD, LOOK_BOLD, HUE_NONE},
    [STYLE_ACCENT] = {LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD, HUE_ACCENT},
    [STYLE_SELECTED] = {LOOK_REVERSE, LOOK_REVERSE, HUE_NONE},
    [STYLE_WARNING] = {LOOK_BOLD | LOOK_ITALIC, LOOK_BOLD, HUE_WARNING},
    [STYLE_ERROR] = {LOOK_BOLD | LOOK_REVERSE, LOOK_BOLD | LOOK_REVERSE, HUE_WARNING},
    [STYLE_STRONG] = {LOOK_BOLD, LOOK_BOLD, HUE_NONE},
    [STYLE_EMPHASIS] = {LOOK_ITALIC, LOOK_ITALIC, HUE_NONE},
    [STYLE_CODE] = {LOOK_DIM, 0, HUE_SOFT},
    [STYLE_HEADING] = {LOOK_BOLD | LOOK_UNDERLINE, LOOK_BOLD | LOOK_UNDERLINE, HUE_NONE},
    [STYLE_LINK] = {LOOK_UNDERLINE, LOOK_UNDERLINE, HUE_NONE},
    [STYLE_QUOTE] = {LOOK_DIM | LOOK_ITALIC, LOOK_ITALIC, HUE_SOFT},
    [STYLE_KEY] = {LOOK_BOLD, LOOK_BOLD, HUE_NONE},
    [STYLE_SUGGESTION] = {LOOK_DIM | LOOK_UNDERLINE, LOOK_UNDERLINE, HUE_SOFT},
    [STYLE_MATCH] = {LOOK_REVERSE | LOOK_UNDERLINE, LOOK_REVERSE, HUE_ACCENT},
    [STYLE_MARK] = {LOOK_DIM | LOOK_REVERSE, LOOK_REVERSE, HUE_FAINT},
};

enum depth { DEPTH_DIRECT, DEPTH_256, DEPTH_16, DEPTH_8, DEPTH_COUNT };

#define NONE LOOK_DEFAULT /* of greys a terminal with few colours has none to trust */

/* The named colours of small terminals are the user's theme. Where numbers are ours
 * they were chosen for contrast on both black and the usual dark greys, or on white. */
static const int32_t hues[DEPTH_COUNT][2][HUE_COUNT] = {
    [DEPTH_DIRECT] = {{NONE, 0x5fb3b3, 0xffaf5f, 0x9e9e9e, 0x626262},
                      {NONE, 0x006f6f, 0xa84300, 0x5f5f5f, 0xa8a8a8}},
    [DEPTH_256] = {{NONE, 73, 215, 247, 241}, {NONE, 30, 130, 59, 248}},
    [DEPTH_16] = {{NONE, 14, 11, NONE, NONE}, {NONE, 6, 1, NONE, NONE}},
    [DEPTH_8] = {{NONE, 6, 3, NONE, NONE}, {NONE, 6, 1, NONE, NONE}},
};

static enum depth depth_of(int colors)
{
    if (colors > 256)
        return DEPTH_DIRECT;
    if (colors == 256)
        return DEPTH_256;
    return colors >= 16 ? DEPTH_16 : DEPTH_8;
}

void palette_fill(struct look looks[STYLE_COUNT], const struct palette_options *options)
{
    const int32_t *hue = hues[depth_of(options->colors)][options->light ? 1 : 0];
    bool has_color = options->colors >= 8;
    for (int style = 0; style < STYLE_COUNT; style++) {
        const struct role *role = &roles[style];
        int32_t foreground = has_color ? hue[role->hue] : LOOK_DEFAULT;
        bool is_tinted = role->hue == HUE_NONE || foreground != LOOK_DEFAULT;
        uint8_t attributes = is_tinted ? role->tinted : role->plain;
        if (attributes & LOOK_ITALIC && !options->has_italic)
            attributes = (uint8_t)((attributes & ~LOOK_ITALIC) | LOOK_UNDERLINE);
        looks[style] = (struct look){attributes, foreground};
    }
}

bool palette_is_light(const char *colorfgbg)
{
    const char *ground = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
    if (!ground || !ground[1])
        return false;
    char *end;
    long color = strtol(ground + 1, &end, 10);
    return !*end && (color == 7 || (color >= 9 && color <= 15));
}

static const struct {
    uint32_t first, last;
    char ascii;
} stand_ins[] = {
    {0x00b7, 0x00b7, '.'},                                                /* middle dot */
    {0x2010, 0x2015, '-'},                                                /* dashes */
    {0x2018, 0x2019, '\''}, {0x201c, 0x201d, '"'}, {0x2022, 0x2022, '*'}, /* bullet */
    {0x2026, 0x2026, '.'}, /* ellipsis: one cell */
    {0x2190, 0x2190, '<'},  {0x2191, 0x2191, '^'}, {0x2192, 0x2192, '>'},
    {0x2193, 0x2193, 'v'},  {0x2500, 0x2501, '-'}, {0x2502, 0x2503, '|'},
    {0x2504, 0x2505, '-'},  {0x2506, 0x2507, '|'}, {0x2508, 0x2509, '-'},
    {0x250a, 0x250b, '|'},  {0x250c, 0x254b, '+'}, {0x254c, 0x254d, '-'},
    {0x254e, 0x254f, '|'},  {0x2550, 0x2550, '='}, {0x2551, 0x2551, '|'},
    {0x2552, 0x2570, '+'},  {0x2571, 0x2571, '/'}, {0x2572, 0x2572, '\\'},
    {0x2573, 0x2573, 'X'},  {0x2574, 0x2574, '-'}, {0x2575, 0x2575, '|'},
    {0x2576, 0x2576, '-'},  {0x2577, 0x2577, '|'}, {0x2578, 0x2578, '-'},
    {0x2579, 0x2579, '|'},  {0x257a, 0x257a, '-'}, {0x257b, 0x257b, '|'},
    {0x257c, 0x257c, '-'},  {0x257d, 0x257d, '|'}, {0x257e, 0x257e, '-'},
    {0x257f, 0x257f, '|'},  {0x2580, 0x2588, '#'}, {0x2589, 0x258f, '|'},
    {0x2590, 0x2590, '#'},  {0x2591, 0x2591, '.'}, /* light shade: what is not yet done */
    {0x2592, 0x2595, '#'},  {0x2596, 0x259f, '#'}, {0x25a0, 0x25a0, '#'},
    {0x25b2, 0x25b2, '^'},  {0x25b6, 0x25b8, '>'}, {0x25bc, 0x25be, 'v'},
    {0x25c0, 0x25c2, '<'},  {0x25cb, 0x25cb, 'o'}, {0x25cf, 0x25cf, '*'},
    {0x2605, 0x2605, '*'},  {0x2606, 0x2606, '.'}, {0x2713, 0x2714, 'v'},
    {0x2715, 0x2718, 'x'},
};

uint32_t palette_ascii(uint32_t cp)
{
    if (cp < 0x80)
        return cp;
    for (size_t i = 0; i < sizeof stand_ins / sizeof stand_ins[0]; i++)
        if (cp >= stand_ins[i].first && cp <= stand_ins[i].last)
            return (unsigned char)stand_ins[i].ascii;
    return cp;
}
