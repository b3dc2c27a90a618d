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

/* Two answers, of which one is to be chosen: nothing is done. */
static struct queue_row as_counted(struct queue_row row)
{
    bool is_final = row.status == RESPONSE_SUBMITTED || row.status == RESPONSE_DISCARDED;
    if ((row.flags & QUEUE_CLASH) && is_final)
        row.status = RESPONSE_DRAFT;
    return row;
}

static void insert_at(struct queue *queue, size_t index, const struct queue_row *row)
{
    queue->rows = xgrow(queue->rows, queue->count, &queue->capacity, sizeof *queue->rows);
    memmove(&queue->rows[index + 1], &queue->rows[index],
            (queue->count - index) * sizeof *queue->rows);
    queue->rows[index] = *row;
    if (queue->count && index <= queue->position)
        queue->position++; /* stays on its record */
    queue->count++;
    queue->counts[row->status]++;
}

void queue_clear(struct queue *queue)
{
    free(queue->rows);
    *queue = (struct queue){0};
}

size_t queue_add(struct queue *queue, const struct queue_row *added)
{
    struct queue_row row = as_counted(*added);
    size_t index = lower_bound(queue, row.row);
    if (index == queue->count || queue->rows[index].row != row.row) {
        insert_at(queue, index, &row);
    } else {
        queue->counts[queue->rows[index].status]--;
        queue->rows[index] = row;
        queue->counts[row.status]++;
    }
    return index;
}

void queue_give_rows(struct queue *queue, struct queue_row *rows, size_t count)
{
    int64_t current = queue->count ? queue->rows[queue->position].row : 0;
    free(queue->rows);
    queue->rows = rows;
    queue->count = queue->capacity = count;
    memset(queue->counts, 0, sizeof queue->counts);
    for (size_t i = 0; i < count; i++) {
        rows[i] = as_counted(rows[i]);
        queue->counts[rows[i].status]++;
    }
    queue->position = lower_bound(queue, current);
    if (queue->position == count && count)
        queue->position = count - 1;
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
    queue->counts[row->status]--;
    row->status = (uint8_t)status;
    row->rating = (int8_t)(rating < -1 || rating > INT8_MAX ? -1 : rating);
    queue->counts[status]++;
}

size_t queue_next(const struct queue *queue, size_t from)
{
    for (size_t i = from + 1; i < queue->count; i++)
        if (queue_shows(queue, i))
            return i;
    return SIZE_MAX;
}

size_t queue_previous(const struct queue *queue, size_t from)
{
    for (size_t i = from < queue->count ? from : queue->count; i-- > 0;)
        if (queue_shows(queue, i))
            return i;
    return SIZE_MAX;
}

bool queue_is_open(const struct queue_row *row)
{
    return !(row->flags & QUEUE_FAILED) &&
           (row->status == RESPONSE_PENDING || row->status == RESPONSE_DRAFT);
}

size_t queue_next_open(const struct queue *queue, size_t from)
{
    for (size_t step = 1; step < queue->count; step++) {
        size_t index = (from + step) % queue->count;
        const struct queue_row *row = &queue->rows[index];
        bool is_wanted = queue->has_filter ? row->status == queue->filter &&
                                                 !(row->flags & QUEUE_FAILED)
                                           : queue_is_open(row);
        if (is_wanted)
            return index;
    }
    return SIZE_MAX;
}

bool queue_shows(const struct queue *queue, size_t index)
{
    return !queue->has_filter || index == queue->position ||
           queue->rows[index].status == queue->filter;
}

void queue_set_filter(struct queue *queue, bool has_filter, enum response_status status)
{
    queue->has_filter = has_filter;
    queue->filter = status;
}
