/* SPDX-License-Identifier: MIT
 *
 * events - the log of every change, and the steps of it that undo and redo reach.
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "model/record.h"
#include "store/job.h"

struct event {
    int64_t record;
    int64_t dataset;
    const char *kind; /* change_kind_name, or "undo", "redo", "pull" */
    int64_t of;       /* the event that is undone or redone; 0 = none */
    const struct response *before;
    const struct response *after;
};

/* Adds a line; *number (may be NULL) is the event's. */
enum status event_log(struct writing *writing, const struct event *event,
                      int64_t *number);
/* Adds a line that is an undo step; what had been undone is out of reach from now on.
 * Changes with the same edit (> 0) to a record join, until another step comes between. */
enum status event_log_step(struct writing *writing, const struct event *event,
                           int64_t edit);
/* The last step that is not undone; 0 = none. */
enum status event_last_step(struct writing *writing, int64_t dataset, int64_t *number);

#endif
