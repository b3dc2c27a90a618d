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
#include "app/batch.h"
#include "base/clock.h"
#include "event/event.h"
#include "ui/terminal.h"

struct screen;

/* app must outlive it. Calls loop_stop when the user quits. */
struct screen *screen_new(struct app *app, const struct settings *settings,
                          const struct screen_terminal *terminal, int rows, int cols);
void screen_free(struct screen *screen);
/* What starts a run for ":run LINE"; without it the screen has none. */
void screen_use_runs(struct screen *screen, batch_line_fn start);
/* The clock that app was opened with, when it is not the machine's. */
void screen_use_clock(struct screen *screen, const struct clock *clock);
void screen_handle(struct screen *screen, const struct event *event);
/* Paints now if anything changed; called once per loop turn (loop_on_idle). At most one
 * frame per 33 ms while text streams; a key is always painted in its own turn. */
void screen_paint(struct screen *screen);
bool screen_wants_quit(const struct screen *screen);
/* The user took the demo that the first start offers: close the app and open it again
 * with is_demo. True only together with screen_wants_quit. */
bool screen_wants_demo(const struct screen *screen);
/* The user went over to another dataset of the store: close the app and open it again
 * with this row. 0 = did not. Only together with screen_wants_quit. */
int64_t screen_next_dataset(const struct screen *screen);

#endif
