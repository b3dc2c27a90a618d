/* SPDX-License-Identifier: MIT
 *
 * compare - the answers to one prompt beside each other: going from one to the next, two
 * to four at once without names and shuffled, and which of them is preferred.
 *
 * The order comes from the ids in the store: it is the same after a restart, and is kept
 * with the choice.
 */
#ifndef APP_COMPARE_H
#define APP_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

struct app;

/* Shows the next (step 1) or former (-1) answer to the current record's prompt, round and
 * round, whatever the filter shows. False, with a notice, when there is no other. */
bool app_go_candidate(struct app *app, int step);

/* Opens session.comparison about the current record. With more than PICK_MAX answers
 * nothing is shown until app_compare_marked. False, with a notice, when there is only
 * one. */
bool app_compare(struct app *app);
void app_mark_candidate(struct app *app, size_t index); /* or takes the mark away */
/* Shows those that are marked; false, with a notice, unless they are 2 to PICK_MAX. */
bool app_compare_marked(struct app *app);
/* The chosen-th as shown is better (-1: they are alike), by strength (0 = not said):
 * kept, and the names may be shown. False, with a notice, when it was not kept. */
bool app_pick(struct app *app, int chosen, int strength);
void app_end_comparison(struct app *app);

#endif
