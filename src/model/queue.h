/* SPDX-License-Identifier: MIT
 *
 * queue - every record of the open dataset in order, in 16 bytes each: where we
 * are, what is pending, which rows are shown, and in what order.
 *
 * Rows are appended; a row's number (1-based, as shown) never changes while the dataset
 * is open. What is shown is all, or what a selection found (in its order, as of when it
 * was looked at), of that only one status under a filter, which follows every change. The
 * current row is always reachable. Invariant: position < count, or the queue is empty.
 */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

enum queue_flag {
    QUEUE_STREAMING = 1,   /* its completion runs */
    QUEUE_FAILED = 2,      /* failed without text */
    QUEUE_CUT = 4,         /* text was cut off */
    QUEUE_CLASH = 8,       /* the server has another version of our response */
    QUEUE_GONE = 16,       /* the server had it and has it no more */
    QUEUE_FLAGGED = 32,    /* by the person, to come back to */
    QUEUE_DELETED = 64,    /* by the person; hidden, and to be deleted on the server */
    QUEUE_COMPLETED = 128, /* others have answered it as often as the dataset wants */
    QUEUE_NOTED = 512,     /* it has a note of the person's; 256 is the store's own */
    QUEUE_CHANGED = 1024   /* see response.is_changed */
};

struct queue_row {
    int64_t row;    /* the record's row in the store */
    uint32_t place; /* the queue's own: in shown, from 1; 0 = it is not there */
    uint16_t flags; /* enum queue_flag */
    uint8_t status; /* enum response_status */
    int8_t rating;  /* the first rating question's value; -1 = none */
};

struct queue {
    struct queue_row *rows; /* all, in order */
    size_t count;
    size_t capacity;
    size_t counts[RESPONSE_STATUS_COUNT]; /* not of those deleted or gone */
    size_t completed;                     /* by others; they are in none of the counts */
    size_t flagged, noted, changed;
    size_t position; /* index into rows; queue_go sets it */
    bool has_filter;
    enum response_status filter;
    bool is_narrowed; /* to shown */
    bool takes_done;  /* what is submitted or discarded is to be gone through too */
    uint32_t *shown;  /* indexes into rows */
    size_t shown_count;
    size_t shown_capacity;
    size_t shown_counts[RESPONSE_STATUS_COUNT];
    size_t shown_completed;
    size_t shown_flagged, shown_noted, shown_changed;
    size_t place; /* in shown, where the one after the current is */
};

void queue_clear(struct queue *queue);
/* Adds at the end; returns its index. A row already there is updated instead. One with a
 * clash is a draft until it is decided. */
size_t queue_add(struct queue *queue, const struct queue_row *row);
/* Replaces all rows (takes the array from malloc'd memory); keeps the position on
 * the same record when it is still there. */
void queue_give_rows(struct queue *queue, struct queue_row *rows, size_t count);
/* Index of a store row, or SIZE_MAX. O(log n): rows ascend. */
size_t queue_find(const struct queue *queue, int64_t row);
void queue_set_status(struct queue *queue, size_t index, enum response_status status,
                      int rating);
/* Becomes the current row. */
void queue_go(struct queue *queue, size_t index);
/* The next/previous index that is shown, beside from (SIZE_MAX/count: from before the
 * first/behind the last); SIZE_MAX if none. The current row is in its place even when it
 * is not shown any more. */
size_t queue_next(const struct queue *queue, size_t from);
size_t queue_previous(const struct queue *queue, size_t from);
/* A row as it is counted: with two answers, of which one is to be chosen, nothing is done
 * and it is a draft. */
struct queue_row queue_as_counted(struct queue_row row);
/* Others have answered it often enough, and we have not: it is not offered as pending. */
bool queue_is_completed(const struct queue_row *row);
bool queue_has_status(const struct queue_row *row, enum response_status status);
/* Waits for a person: pending (and not completed by others) or draft, and there is an
 * answer to judge. */
bool queue_is_open(const struct queue_row *row);
/* The next open row after from that is shown, wrapping round; with a filter, or where
 * what is done is to be gone through, the next that is shown. SIZE_MAX if none. */
size_t queue_next_open(const struct queue *queue, size_t from);
bool queue_shows(const struct queue *queue, size_t index);
void queue_set_filter(struct queue *queue, bool has_filter, enum response_status status);
/* From now on what queue_show adds is shown, in that order; nothing yet. */
void queue_narrow(struct queue *queue, bool takes_done);
void queue_show(struct queue *queue, size_t index);
/* Where the current row stands among the shown ones, of which it is none: by its row
 * where they are in the dataset's order, else where it was. */
void queue_place_guest(struct queue *queue, size_t before, bool is_in_order);
void queue_widen(struct queue *queue); /* all again */
/* By status, of what is gone through: all, or the selection. */
const size_t *queue_counts(const struct queue *queue);
size_t queue_completed(const struct queue *queue); /* these are in none of them */
size_t queue_total(const struct queue *queue);     /* completed ones too */

#endif
