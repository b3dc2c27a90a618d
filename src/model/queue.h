/* SPDX-License-Identifier: MIT
 *
 * queue - every record of the open dataset in order, in 16 bytes each: where we
 * are, what is pending, which rows are visible under a filter.
 *
 * Rows are appended; a row's number (1-based, as shown) never changes while the
 * dataset is open. Invariant: position < visible count, or the queue is empty.
 */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

enum queue_flag {
    QUEUE_STREAMING = 1, /* its completion runs */
    QUEUE_FAILED = 2,    /* failed without text */
    QUEUE_CUT = 4,       /* text was cut off */
    QUEUE_CLASH = 8,     /* the server has another version of our response */
    QUEUE_GONE = 16,     /* the server had it and has it no more */
    QUEUE_FLAGGED = 32,  /* by the person, to come back to */
    QUEUE_DELETED = 64   /* by the person; hidden, and to be deleted on the server */
};

struct queue_row {
    int64_t row;    /* the record's row in the store */
    uint8_t status; /* enum response_status */
    int8_t rating;  /* the first rating question's value; -1 = none */
    uint8_t flags;  /* enum queue_flag */
};

struct queue {
    struct queue_row *rows; /* all, in order */
    size_t count;
    size_t capacity;
    size_t counts[RESPONSE_STATUS_COUNT];
    size_t position; /* index into rows */
    bool has_filter;
    enum response_status filter;
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
/* Next/previous index that the filter shows, starting beside from; SIZE_MAX if
 * none. The current row stays reachable even when it left the filter. */
size_t queue_next(const struct queue *queue, size_t from);
size_t queue_previous(const struct queue *queue, size_t from);
/* Waits for a person: pending or draft, and there is an answer to judge. */
bool queue_is_open(const struct queue_row *row);
/* The next open row after from, wrapping round; with a filter, the next that it shows.
 * SIZE_MAX if none. */
size_t queue_next_open(const struct queue *queue, size_t from);
bool queue_shows(const struct queue *queue, size_t index);
void queue_set_filter(struct queue *queue, bool has_filter, enum response_status status);

#endif
