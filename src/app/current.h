/* SPDX-License-Identifier: MIT
 *
 * current - how the record on the screen is looked at: when it was first in view, when
 * its end was, and the pauses until it is answered; the quiet word that answers come
 * faster than one can read; and now and then a record of one's own once more, as a new
 * one, to see how far one agrees with oneself.
 *
 * While session.is_again, the current record stands in the place of the next open one,
 * without its response. What is answered is in memory until it is submitted or discarded,
 * and goes to the store's second showings: the response itself is not touched.
 */
#ifndef APP_CURRENT_H
#define APP_CURRENT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/record.h"
#include "store/store_records.h"

struct app;

/* The current record was painted; is_end: its last line as well. */
void app_see_record(struct app *app, bool is_end);
void app_see_key(struct app *app); /* one came: a longer stretch without is a pause */

/* ---- for the app's own files ---- */

void current_open(struct app *app);
void current_close(struct app *app);
/* How the answer that is being given came about. */
void pace_take(const struct app *app, struct viewing *out);
/* The current record was answered; what is to be said of it, now and then, or NULL: that
 * the last PACE_ROW answers all "came faster than one reads", or were as suggested. */
enum { PACE_ROW = 5 };
const char *pace_haste(struct app *app, const struct viewing *viewing);

/* After an answer of ours: the row of a record that is to be shown again now, or 0. */
int64_t again_due(struct app *app);
/* What is answered so far becomes next, a step that undo takes back; is_joined: part of
 * the step before. */
void again_change(struct app *app, const struct response *next, bool is_joined);
/* Takes back or brings again such a step; false when there is none. */
bool again_step(struct app *app, bool is_undo);
/* Submitted or discarded: kept, and the record of the queue's place is shown. False with
 * a notice when the store does not take it. */
bool again_end(struct app *app, const struct response *answer);
/* An undo or a redo reached what was answered to a second showing. */
void again_undone(struct app *app, const struct undone *undone, bool is_undo);

#endif
