/* SPDX-License-Identifier: MIT
 *
 * narrow - which records one goes through, and in what order: a filter that is a line,
 * kept between sessions, and by a name.
 */
#ifndef APP_NARROW_H
#define APP_NARROW_H

#include <stdbool.h>
#include <stddef.h>

#include "model/record.h"

struct app;

/* Only what has this status, of what is shown; it follows every change. */
void app_filter(struct app *app, bool has_filter, enum response_status status);

/* Shows what line asks for (model/selection.h); "" or "all" = every record; "@NAME" = as
 * it was saved. False, with a notice, when it cannot be read: all is as it was. */
bool app_narrow(struct app *app, const char *line);
/* The order alone, "-score". */
bool app_order(struct app *app, const char *order);
/* Looks again which records meet it now. */
void app_narrow_again(struct app *app);
/* What app_narrow would take for what is shown now. Owned. */
char *app_narrowed(const struct app *app);
/* The names that a filter may hold come into the session's words, soon. */
void app_learn_words(struct app *app);
/* Keeps what is shown under a name, or (where everything is shown) forgets the name. */
void app_save_narrowed(struct app *app, const char *name);
/* The index-th that was saved, by name: both owned, line may be NULL. False: there are
 * not so many. */
bool app_saved_filter(const struct app *app, size_t index, char **name, char **line);
void app_forget_filter(struct app *app, const char *name);

/* For the app's own files: as it was last time; the queue is loaded, from now on only
 * what is asked for is shown; the end. */
void narrow_open(struct app *app);
void narrow_start(struct app *app);
void narrow_close(struct app *app);

#endif
