/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* Index of the first row that is not before row. */
static size_t lower_bound(const struct queue *queue, int64_t row)
{
    size_t low = 0, high = queue->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (queue->rows[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct queue_row queue_as_counted(struct queue_row row)
{
    bool is_final = row.status == RESPONSE_SUBMITTED || row.status == RESPONSE_DISCARDED;
    if ((row.flags & QUEUE_CLASH) && is_final)
        row.status = RESPONSE_DRAFT;
    return row;
}

/* Takes a row out of the counts (-1), or in again (1). */
static void count_row(struct queue *queue, const struct queue_row *row, int by)
{
    if (row->flags & QUEUE_DELETED)
        return;
    bool is_completed = queue_is_completed(row);
    size_t flagged = (row->flags & QUEUE_FLAGGED) ? (size_t)by : 0;
    size_t noted = (row->flags & QUEUE_NOTED) ? (size_t)by : 0;
    size_t changed = (row->flags & QUEUE_CHANGED) ? (size_t)by : 0;
    queue->flagged += flagged;
    queue->noted += noted;
    queue->changed += changed;
    queue->shown_flagged += row->place ? flagged : 0;
    queue->shown_noted += row->place ? noted : 0;
    queue->shown_changed += row->place ? changed : 0;
    if (row->flags & QUEUE_GONE)
        return;
    *(is_completed ? &queue->completed : &queue->counts[row->status]) += (size_t)by;
    if (row->place)
        *(is_completed ? &queue->shown_completed : &queue->shown_counts[row->status]) +=
            (size_t)by;
}

void queue_clear(struct queue *queue)
{
    free(queue->rows);
    free(queue->shown);
    *queue = (struct queue){0};
}

size_t queue_add(struct queue *queue, const struct queue_row *added)
{
    struct queue_row row = queue_as_counted(*added);
    size_t index = lower_bound(queue, row.row);
    row.place = 0;
    if (index == queue->count || queue->rows[index].row != row.row) {
        queue->rows =
            xgrow(queue->rows, queue->count, &queue->capacity, sizeof *queue->rows);
        memmove(&queue->rows[index + 1], &queue->rows[index],
                (queue->count - index) * sizeof *queue->rows);
        queue->rows[index] = row;
        if (queue->count && index <= queue->position)
            queue->position++; /* stays on its record */
        if (index < queue->count)
            for (size_t i = 0; i < queue->shown_count; i++)
                queue->shown[i] += queue->shown[i] >= index;
        queue->count++;
    } else {
        count_row(queue, &queue->rows[index], -1);
        row.place = queue->rows[index].place;
        queue->rows[index] = row;
    }
    count_row(queue, &row, 1);
    return index;
}

void queue_give_rows(struct queue *queue, struct queue_row *rows, size_t count)
{
    int64_t current = queue->count ? queue->rows[queue->position].row : 0;
    struct queue_row *before = queue->rows;
    size_t shown = queue->shown_count;
    queue->rows = rows;
    queue->count = queue->capacity = count;
    memset(queue->counts, 0, sizeof queue->counts);
    queue->flagged = queue->noted = queue->changed = 0;
    queue->completed = queue->shown_completed = 0;
    for (size_t i = 0; i < count; i++) {
        rows[i] = queue_as_counted(rows[i]);
        rows[i].place = 0;
        count_row(queue, &rows[i], 1);
    }
    queue->shown_count = 0;
    memset(queue->shown_counts, 0, sizeof queue->shown_counts);
    queue->shown_flagged = queue->shown_noted = queue->shown_changed = 0;
    for (size_t i = 0; i < shown; i++)
        queue_show(queue, queue_find(queue, before[queue->shown[i]].row));
    free(before);
    queue->position = lower_bound(queue, current);
    if (queue->position == count && count)
        queue->position = count - 1;
    if (count)
        queue_go(queue, queue->position);
}

size_t queue_find(const struct queue *queue, int64_t row)
{
    size_t index = lower_bound(queue, row);
    if (index == queue->count || queue->rows[index].row != row)
        return SIZE_MAX;
    return index;
}

void queue_set_status(struct queue *queue, size_t index, enum response_status status,
                      int rating)
{
    struct queue_row *row = &queue->rows[index];
    count_row(queue, row, -1);
    row->status = (uint8_t)status;
    row->rating = (int8_t)(rating < -1 || rating > INT8_MAX ? -1 : rating);
    count_row(queue, row, 1);
}

void queue_go(struct queue *queue, size_t index)
{
    queue->position = index;
    if (queue->rows[index].place)
        queue->place = queue->rows[index].place;
}

/* The current row is no part of the selection: it stands before shown[place]. */
static bool is_guest(const struct queue *queue)
{
    return queue->is_narrowed && queue->count && !queue->rows[queue->position].place;
}

static size_t next_shown(const struct queue *queue, size_t from)
{
    bool has_guest = is_guest(queue) && from != queue->position;
    size_t at = 0;
    if (from < queue->count)
        at = queue->rows[from].place ? queue->rows[from].place : queue->place;
    for (;; at++) {
        if (has_guest && at == queue->place)
            return queue->position;
        if (at >= queue->shown_count)
            return SIZE_MAX;
        if (queue_shows(queue, queue->shown[at]))
            return queue->shown[at];
    }
}

static size_t previous_shown(const struct queue *queue, size_t from)
{
    bool has_guest = is_guest(queue) && from != queue->position;
    size_t at = queue->shown_count;
    if (from < queue->count)
        at = queue->rows[from].place ? queue->rows[from].place - 1 : queue->place;
    for (;; at--) {
        if (has_guest && at == queue->place)
            return queue->position;
        if (at == 0)
            return SIZE_MAX;
        if (queue_shows(queue, queue->shown[at - 1]))
            return queue->shown[at - 1];
    }
}

size_t queue_next(const struct queue *queue, size_t from)
{
    if (queue->is_narrowed)
        return next_shown(queue, from);
    for (size_t i = from + 1; i < queue->count; i++)
        if (queue_shows(queue, i))
            return i;
    return SIZE_MAX;
}

size_t queue_previous(const struct queue *queue, size_t from)
{
    if (queue->is_narrowed)
        return previous_shown(queue, from);
    for (size_t i = from < queue->count ? from : queue->count; i-- > 0;)
        if (queue_shows(queue, i))
            return i;
    return SIZE_MAX;
}

bool queue_is_completed(const struct queue_row *row)
{
    return row->status == RESPONSE_PENDING && (row->flags & QUEUE_COMPLETED);
}

bool queue_has_status(const struct queue_row *row, enum response_status status)
{
    return row->status == status && !queue_is_completed(row);
}

bool queue_is_open(const struct queue_row *row)
{
    bool is_wanted =
        row->status == RESPONSE_DRAFT || queue_has_status(row, RESPONSE_PENDING);
    return is_wanted && !(row->flags & (QUEUE_FAILED | QUEUE_DELETED | QUEUE_GONE));
}

size_t queue_next_open(const struct queue *queue, size_t from)
{
    size_t count = queue->is_narrowed ? queue->shown_count : queue->count;
    size_t first = from + 1;
    if (queue->is_narrowed && from < queue->count)
        first = queue->rows[from].place ? queue->rows[from].place : queue->place;
    for (size_t step = 0; step < count; step++) {
        size_t index = (first + step) % count;
        if (queue->is_narrowed)
            index = queue->shown[index];
        const struct queue_row *row = &queue->rows[index];
        bool is_wanted = queue_is_open(row);
        if (queue->has_filter)
            is_wanted =
                queue_has_status(row, queue->filter) && !(row->flags & QUEUE_FAILED);
        else if (queue->is_narrowed && queue->takes_done)
            is_wanted = !(row->flags & QUEUE_FAILED);
        if (is_wanted && index != from && !(row->flags & (QUEUE_DELETED | QUEUE_GONE)))
            return index;
    }
    return SIZE_MAX;
}

bool queue_shows(const struct queue *queue, size_t index)
{
    const struct queue_row *row = &queue->rows[index];
    return index == queue->position ||
           (!(row->flags & QUEUE_DELETED) && (!queue->is_narrowed || row->place) &&
            (!queue->has_filter || queue_has_status(row, queue->filter)));
}

void queue_set_filter(struct queue *queue, bool has_filter, enum response_status status)
{
    queue->has_filter = has_filter;
    queue->filter = status;
}

/* ---- a selection ---- */

void queue_widen(struct queue *queue)
{
    for (size_t i = 0; i < queue->shown_count; i++)
        queue->rows[queue->shown[i]].place = 0;
    free(queue->shown);
    queue->shown = NULL;
    queue->shown_count = queue->shown_capacity = queue->place = queue->shown_completed =
        0;
    memset(queue->shown_counts, 0, sizeof queue->shown_counts);
    queue->shown_flagged = queue->shown_noted = queue->shown_changed = 0;
    queue->is_narrowed = queue->takes_done = false;
}

void queue_narrow(struct queue *queue, bool takes_done)
{
    queue_widen(queue);
    queue->is_narrowed = true;
    queue->takes_done = takes_done;
}

void queue_show(struct queue *queue, size_t index)
{
    if (index >= queue->count || queue->rows[index].place)
        return;
    queue->shown = xgrow(queue->shown, queue->shown_count, &queue->shown_capacity,
                         sizeof *queue->shown);
    queue->shown[queue->shown_count++] = (uint32_t)index;
    struct queue_row *row = &queue->rows[index];
    count_row(queue, row, -1);
    row->place = (uint32_t)queue->shown_count;
    count_row(queue, row, 1);
    if (index == queue->position)
        queue->place = row->place;
}

void queue_place_guest(struct queue *queue, size_t before, bool is_in_order)
{
    size_t at = 0;
    if (!is_guest(queue))
        return;
    while (at < queue->shown_count && queue->shown[at] < queue->position)
        at++;
    queue->place = is_in_order                   ? at
                   : before < queue->shown_count ? before
                                                 : queue->shown_count;
}

const size_t *queue_counts(const struct queue *queue)
{
    return queue->is_narrowed ? queue->shown_counts : queue->counts;
}

size_t queue_completed(const struct queue *queue)
{
    return queue->is_narrowed ? queue->shown_completed : queue->completed;
}

size_t queue_total(const struct queue *queue)
{
    const size_t *counts = queue_counts(queue);
    size_t total = queue_completed(queue);
    for (int status = 0; status < RESPONSE_STATUS_COUNT; status++)
        total += counts[status];
    return total;
}
