/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"

/* Rows that the store has not given yet stand behind all that it has. */
#define FIRST_PROVISIONAL_ROW (INT64_MAX - (INT64_C(1) << 32))

struct flight *flight_find(const struct app *app, const struct id *id)
{
    for (size_t i = 0; i < app->flights.count; i++) {
        if (id_equal(&app->flights.items[i]->record.id, id))
            return app->flights.items[i];
    }
    return NULL;
}

struct flight *flight_find_row(const struct app *app, int64_t row)
{
    for (size_t i = 0; i < app->flights.count; i++) {
        if (app->flights.items[i]->record.row == row)
            return app->flights.items[i];
    }
    return NULL;
}

static struct flight *add(struct app *app)
{
    struct flights *flights = &app->flights;
    flights->items =
        xreallocarray(flights->items, flights->count + 1, sizeof *flights->items);
    struct flight *flight = xcalloc(1, sizeof *flight);
    flights->items[flights->count++] = flight;
    return flight;
}

static void drop(struct app *app, struct flight *flight)
{
    struct flights *flights = &app->flights;
    size_t i = 0;
    while (flights->items[i] != flight)
        i++;
    flights->items[i] = flights->items[--flights->count];
    record_clear(&flight->record);
    free(flight);
}

struct flight *flight_open(struct app *app, const struct id *id)
{
    struct flight *flight = flight_find(app, id);
    if (flight)
        return flight;
    flight = add(app);
    if (app->session.has_current && id_equal(&app->session.current.id, id)) {
        record_copy(&flight->record, &app->session.current);
        return flight;
    }
    if (store_get_record(app->store, id, &flight->record, NULL) == STATUS_OK)
        return flight;
    drop(app, flight);
    return NULL;
}

static void put_into_queue(struct app *app, const struct flight *flight)
{
    const struct record *record = &flight->record;
    struct queue_row row = {.row = record->row,
                            .status = (uint8_t)record->response.status,
                            .flags = answer_flags(app, record)};
    size_t index = queue_add(&app->session.queue, &row);
    queue_set_status(&app->session.queue, index, record->response.status,
                     app_rating_of(app, &record->response));
}

struct flight *flight_new(struct app *app, const struct record *record)
{
    struct flight *flight = add(app);
    record_copy(&flight->record, record);
    flight->record.row = FIRST_PROVISIONAL_ROW + app->provisional_rows++;
    put_into_queue(app, flight);
    return flight;
}

static void remove_row(struct queue *queue, size_t index)
{
    queue->counts[queue->rows[index].status]--;
    queue->count--;
    memmove(&queue->rows[index], &queue->rows[index + 1],
            (queue->count - index) * sizeof *queue->rows);
    if (queue->position > index || (queue->position && queue->position == queue->count))
        queue->position--;
}

/* The provisional row becomes the real one; both are there when the queue was read
 * between the commit and its message. */
static void replace_row(struct queue *queue, int64_t old, int64_t row)
{
    size_t index = queue_find(queue, old);
    if (index == SIZE_MAX)
        return;
    size_t twin = queue_find(queue, row);
    struct queue_row known = queue->rows[index];
    bool is_here = queue->position == index;
    remove_row(queue, index);
    known.row = row;
    size_t now = queue_add(queue, &known);
    if (is_here || (twin != SIZE_MAX && queue->position == twin))
        queue->position = now;
}

bool flight_has_row(const struct flight *flight)
{
    return flight->record.row > 0 && flight->record.row < FIRST_PROVISIONAL_ROW;
}

void flight_settle_row(struct app *app, struct flight *flight, int64_t row)
{
    int64_t old = flight->record.row;
    if (row <= 0 || old == row)
        return;
    replace_row(&app->session.queue, old, row);
    flight->record.row = row;
    if (app->session.has_current &&
        id_equal(&app->session.current.id, &flight->record.id))
        app->session.current.row = row;
    struct stream *stream = session_stream(&app->session, &flight->record.id);
    if (stream)
        stream->row = row;
}

void flight_show(struct app *app, const struct flight *flight)
{
    struct session *session = &app->session;
    if (session->has_current && id_equal(&session->current.id, &flight->record.id))
        record_copy(&session->current, &flight->record);
    if (queue_find(&session->queue, flight->record.row) != SIZE_MAX)
        put_into_queue(app, flight);
}

static bool is_needed(const struct app *app, const struct flight *flight)
{
    return flight->writes || flight->is_failed || flight->is_unstored ||
           app->is_loading_queue || session_stream(&app->session, &flight->record.id);
}

void flight_release(struct app *app, struct flight *flight)
{
    if (!is_needed(app, flight))
        drop(app, flight);
}

void flight_return_all(struct app *app)
{
    for (size_t i = app->flights.count; i-- > 0;) {
        put_into_queue(app, app->flights.items[i]);
        flight_release(app, app->flights.items[i]);
    }
}

void flights_clear(struct app *app)
{
    while (app->flights.count)
        drop(app, app->flights.items[app->flights.count - 1]);
    free(app->flights.items);
    app->flights.items = NULL;
}
