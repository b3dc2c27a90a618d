/* SPDX-License-Identifier: MIT
 *
 * screen - the interactive program: events in, actions to app, cells out.
 *
 * Knows the terminal only through struct screen_terminal, so that the whole program
 * runs in a test without one.
 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include <stdbool.h>

#include "app/app.h"
#include "event/event.h"
#include "text/cells.h"

struct screen;

struct screen_terminal {
    void *ctx;
    void (*flush)(void *ctx, const struct cells *cells);
    void (*redraw)(
        void *ctx); /* forget what is on the terminal: paint it all next time */
    bool (*copy)(void *ctx, const char *text, size_t len);
    void (*suspend)(void *ctx);
    void (*leave)(void *ctx); /* before an editor runs */
    void (*come_back)(void *ctx);
    void (*title)(void *ctx, const char *text);
};

/* app must outlive it. Calls loop_stop when the user quits. */
struct screen *screen_new(struct app *app, const struct settings *settings,
                          const struct screen_terminal *terminal, int rows, int cols);
void screen_free(struct screen *screen);
void screen_handle(struct screen *screen, const struct event *event);
/* Paints now if anything changed; called once per loop turn (loop_on_idle). At most one
 * frame per 33 ms while text streams; a key is always painted in its own turn. */
void screen_paint(struct screen *screen);
bool screen_wants_quit(const struct screen *screen);

#endif
