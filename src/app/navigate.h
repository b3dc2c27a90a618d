/* SPDX-License-Identifier: MIT
 *
 * navigate - moving through the queue. With a filter, one stays in what it shows.
 */
#ifndef APP_NAVIGATE_H
#define APP_NAVIGATE_H

#include <stdbool.h>
#include <stddef.h>

struct app;

/* False (with a notice) at the ends. */
bool app_go(struct app *app, size_t index);
bool app_go_next(struct app *app);
bool app_go_previous(struct app *app);
/* Whether this person decides between the answers of others, and so sees them before ours
 * is given. */
void app_decide(struct app *app, bool is_on);
/* What is answered to the current record was chosen so. */
void app_mark_decided(struct app *app);
/* Where one goes after an answer: the next open one; while one decides, the next that
 * several others have answered and we have not, also where that is enough. */
size_t app_next_to_answer(const struct app *app);
bool app_go_next_open(struct app *app);
/* The first line of a queue row's prompt, from a small cache. Never NULL. */
const char *app_snippet(struct app *app, size_t index);

#endif
