/* SPDX-License-Identifier: MIT
 *
 * terminal - all that the screen asks of the terminal it is shown on.
 */
#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "text/cells.h"

struct screen_terminal {
    void *ctx;
    void (*flush)(void *ctx, const struct cells *cells);
    /* Forgets what is on the terminal: all of it is painted next time. */
    void (*redraw)(void *ctx);
    bool (*copy)(void *ctx, const char *text, size_t len);
    void (*suspend)(void *ctx);
    void (*leave)(void *ctx); /* before an editor runs */
    /* What was typed before it came up is forgotten, or comes behind EVENT_RESUMED. */
    void (*come_back)(void *ctx, bool drops_typed);
    void (*title)(void *ctx, const char *text);
};

#endif
