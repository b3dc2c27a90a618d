/* SPDX-License-Identifier: MIT
 *
 * palette - how each role of cells.h looks, for the colours a terminal has.
 *
 * One accent, one warning colour, greys; the background is always the terminal's
 * own. What carries a meaning also has an attribute, so nothing depends on colour.
 */
#ifndef TERM_PALETTE_H
#define TERM_PALETTE_H

#include <stdbool.h>
#include <stdint.h>

#include "text/cells.h"

enum {
    LOOK_BOLD = 1,
    LOOK_DIM = 2,
    LOOK_ITALIC = 4,
    LOOK_UNDERLINE = 8,
    LOOK_REVERSE = 16
};

#define LOOK_DEFAULT (-1) /* the terminal's own colour */

struct look {
    uint8_t attributes; /* LOOK_* bits */
    int32_t foreground; /* a colour number, 0xRRGGBB with direct colour, or default */
};

struct palette_options {
    int colors; /* what the terminal has: 0 or 1 = none, 8, 16, 256, 1 << 24 = direct */
    bool light; /* dark text on a light ground */
    bool has_italic; /* else italic is underlined */
};

void palette_fill(struct look looks[STYLE_COUNT], const struct palette_options *options);
/* What COLORFGBG ("15;0", "0;default;15") says of the ground. NULL: dark. */
bool palette_is_light(const char *colorfgbg);
/* An ASCII stand-in for box drawing, blocks and the other signs that screens use;
 * anything else comes back as it is. */
uint32_t palette_ascii(uint32_t cp);

#endif
