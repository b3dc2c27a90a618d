/* SPDX-License-Identifier: MIT
 *
 * search - what is searched for in the open dataset, and going from one record that has
 * it to the next, in the order and inside the filter of the queue.
 */
#ifndef APP_SEARCH_H
#define APP_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct app;

/* Searches for what was typed ("/…/" is a pattern) from the current record on; the same
 * again starts nothing. NULL or "": for nothing. False with a sentence when it is no
 * pattern: nothing is searched for then. */
bool app_search(struct app *app, const char *typed, struct err *err);
/* Another record is shown, or records have changed: those are looked at again. */
void app_search_follow(struct app *app);
enum hit_move {
    HIT_NONE, /* no record has one; a notice says so */
    HIT_HERE, /* the current record is the only one */
    HIT_MOVED,
    HIT_AWAITED /* it is not known yet, and is gone to once it is */
};
/* Shows the next (1) or former (-1) record with a hit, round and round, with a notice
 * when it goes round. */
enum hit_move app_go_hit(struct app *app, int step);

/* Asks the server, which may have records that are not here yet: those come into the
 * store, and are hits like the others. A notice says how it ended. */
void app_search_server(struct app *app, const char *words);

#endif
