/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "text/sanitise.h"

enum { PLACE_DELAY_MS = 2000 };

/* ---- the record on the screen ---- */

/* The reason stays on the screen until all that had failed is on disk; a new try is not
 * that yet. */
static void refresh_unsaved(struct app *app)
{
    bool is_failed = app->is_prompt_failed;
    for (size_t i = 0; i < app->flights.count; i++)
        is_failed = is_failed || app->flights.items[i]->is_failed ||
                    app->flights.items[i]->is_unstored || app->flights.items[i]->writes;
    if (!is_failed)
        app->session.unsaved[0] = '\0';
}

void app_refresh_save(struct app *app)
{
    struct session *session = &app->session;
    refresh_unsaved(app);
    if (!session->has_current)
        return;
    const struct flight *flight = flight_find(app, &session->current.id);
    if (flight && (flight->is_failed || flight->is_unstored)) {
        session->save = SAVE_FAILED;
    } else if (app->has_unsaved_feedback || (flight && flight->writes)) {
        session->save = SAVE_RUNNING;
    } else if (session->save == SAVE_RUNNING || session->save == SAVE_FAILED) {
        session->save = SAVE_DONE;
        session->saved_at_ms = clock_mono_ms(app->clock);
    }
}

static void leave_current(struct app *app)
{
    app_end_feedback(app);
    app->session.save = SAVE_NONE;
}

static void arrive(struct app *app)
{
    app_refresh_save(app);
    if (!app->is_closing && app->session.is_queue_loaded)
        loop_timer_start(app->place_timer, PLACE_DELAY_MS, 0);
    app_changed(app);
}

/* Fills current from the flight or the store; the queue's position is there already. */
static bool load_current(struct app *app, int64_t row)
{
    struct session *session = &app->session;
    const struct flight *flight = flight_find_row(app, row);
    struct err err = {0};
    session->has_current = true;
    if (flight)
        record_copy(&session->current, &flight->record);
    else if (store_get_record_row(app->store, row, &session->current, &err) != STATUS_OK)
        session->has_current = false;
    if (!session->has_current)
        app_notify_err(app, &err);
    return session->has_current;
}

static bool show_index(struct app *app, size_t index)
{
    struct queue *queue = &app->session.queue;
    leave_current(app);
    queue->position = index;
    bool is_there = load_current(app, queue->rows[index].row);
    arrive(app);
    return is_there;
}

void app_show_flight(struct app *app, const struct flight *flight)
{
    struct queue *queue = &app->session.queue;
    size_t index = queue_find(queue, flight->record.row);
    leave_current(app);
    if (index == SIZE_MAX) {
        struct queue_row row = {.row = flight->record.row,
                                .flags = answer_flags(app, &flight->record)};
        index = queue_add(queue, &row);
        queue_set_status(queue, index, flight->record.response.status,
                         app_rating_of(app, &flight->record.response));
    }
    queue->position = index;
    record_copy(&app->session.current, &flight->record);
    app->session.has_current = true;
    arrive(app);
}

/* ---- moving ---- */

void app_say_empty(struct app *app)
{
    app_notify(app, NOTICE_INFO, "There is no record yet: %s writes a prompt.",
               app_key_name(app, ACTION_PROMPT).text);
}

bool app_go(struct app *app, size_t index)
{
    if (index < app->session.queue.count)
        return show_index(app, index);
    app_notify(app, NOTICE_INFO, "There is no record #%zu.", index + 1);
    return false;
}

static bool go_or_say(struct app *app, size_t index, const char *sentence)
{
    if (!app->session.queue.count)
        app_say_empty(app);
    else if (index == SIZE_MAX)
        app_notify(app, NOTICE_INFO, "%s", sentence);
    else
        return show_index(app, index);
    return false;
}

bool app_go_next(struct app *app)
{
    const struct queue *queue = &app->session.queue;
    return go_or_say(app, queue_next(queue, queue->position),
                     queue->has_filter ? "This is the last record of the filter."
                                       : "This is the last record.");
}

bool app_go_previous(struct app *app)
{
    const struct queue *queue = &app->session.queue;
    return go_or_say(app, queue_previous(queue, queue->position),
                     queue->has_filter ? "This is the first record of the filter."
                                       : "This is the first record.");
}

bool app_go_next_open(struct app *app)
{
    const struct queue *queue = &app->session.queue;
    size_t open = queue->counts[RESPONSE_PENDING] + queue->counts[RESPONSE_DRAFT];
    return go_or_say(app, queue_next_open(queue, queue->position),
                     open ? "This is the only open record left."
                          : "Every record is submitted or discarded.");
}

bool app_go_record(struct app *app, const struct id *record)
{
    struct flight *flight = flight_open(app, record);
    if (!flight || flight->record.dataset_row != app->session.dataset.row) {
        app_notify(app, NOTICE_WARNING, "This record is not in the dataset.");
        if (flight)
            flight_release(app, flight);
        return false;
    }
    app_show_flight(app, flight);
    flight_release(app, flight);
    return true;
}

void app_filter(struct app *app, bool has_filter, enum response_status status)
{
    struct queue *queue = &app->session.queue;
    if (has_filter && !queue->counts[status]) {
        app_notify(app, NOTICE_INFO, "There is no %s record.",
                   response_status_name(status));
        return;
    }
    queue_set_filter(queue, has_filter, status);
    app_changed(app);
    if (!has_filter || queue->rows[queue->position].status == status)
        return;
    size_t index = queue_next(queue, queue->position);
    if (index == SIZE_MAX)
        index = queue_previous(queue, queue->position);
    if (index != SIZE_MAX)
        show_index(app, index);
}

/* ---- the place kept between sessions ---- */

static char *place_key(const struct app *app)
{
    return xasprintf("place:%lld", (long long)app->session.dataset.row);
}

void app_save_place(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_current || !session->is_queue_loaded)
        return;
    char id[ID_TEXT];
    id_format(&session->current.id, id);
    char *key = place_key(app);
    store_put_note(app->store, key, id, NULL, NULL);
    free(key);
}

/* Where one was, else the first open record. */
static void go_to_place(struct app *app)
{
    struct queue *queue = &app->session.queue;
    if (!queue->count)
        return;
    char *key = place_key(app);
    char *text = store_get_note(app->store, key);
    struct id id;
    struct record record = {0};
    size_t index = SIZE_MAX;
    if (text && id_parse(text, &id) &&
        store_get_record(app->store, &id, &record, NULL) == STATUS_OK)
        index = queue_find(queue, record.row);
    if (index == SIZE_MAX)
        index = queue_next_open(queue, queue->count - 1);
    show_index(app, index == SIZE_MAX ? queue->count - 1 : index);
    record_clear(&record);
    free(text);
    free(key);
}

/* ---- the queue ---- */

/* The record may have been changed by what was pulled; ours that is not written yet is
 * in a flight and wins. */
static void refresh_current(struct app *app)
{
    struct session *session = &app->session;
    const struct record *current = &session->current;
    size_t index = queue_find(&session->queue, current->row);
    if (index != SIZE_MAX)
        session->queue.position = index;
    if (app->has_unsaved_feedback || flight_find(app, &current->id))
        return;
    struct record fresh = {0};
    if (store_get_record_row(app->store, current->row, &fresh, NULL) == STATUS_OK)
        record_copy(&session->current, &fresh);
    record_clear(&fresh);
}

static void on_rows(void *ctx, struct queue_row *rows, size_t count,
                    const struct err *err)
{
    struct app *app = ctx;
    app->is_loading_queue = false;
    if (app->is_closing) {
        free(rows);
        return;
    }
    if (err && err->code) {
        app_notify_err(app, err);
        free(rows);
    } else {
        bool is_first = !app->session.is_queue_loaded;
        queue_give_rows(&app->session.queue, rows, count);
        app->session.is_queue_loaded = true;
        flight_return_all(app);
        if (app->session.has_current)
            refresh_current(app);
        else if (is_first || app->session.queue.count)
            go_to_place(app);
    }
    if (app->wants_load_again)
        app_load_queue(app);
    app_changed(app);
}

void app_load_queue(struct app *app)
{
    app->wants_load_again = app->is_loading_queue;
    if (app->is_loading_queue)
        return;
    app->is_loading_queue = true;
    store_load_queue(app->store, app->session.dataset.row, on_rows, app);
}

void app_reload(struct app *app)
{
    app_load_queue(app);
}

/* ---- snippets ---- */

static void first_line(const char *text, size_t len, char *out)
{
    while (len && (*text == '\n' || *text == ' ' || *text == '\t' || *text == '\r')) {
        text++;
        len--;
    }
    const char *end = memchr(text, '\n', len);
    sanitise_line(text, end ? (size_t)(end - text) : len, out, SNIPPET_SIZE);
}

const char *app_snippet(struct app *app, size_t index)
{
    if (index >= app->session.queue.count)
        return "";
    int64_t row = app->session.queue.rows[index].row;
    if (!app->snippets)
        app->snippets = xcalloc(SNIPPET_SLOTS, sizeof *app->snippets);
    struct snippet *snippet = &app->snippets[(uint64_t)row % SNIPPET_SLOTS];
    if (snippet->row == row)
        return snippet->text;
    const struct flight *flight = flight_find_row(app, row);
    const struct field *field = dataset_prompt_field(&app->session.dataset);
    const struct record_field *text =
        flight && field ? record_field(&flight->record, field->name) : NULL;
    char raw[4 * SNIPPET_SIZE];
    if (text)
        first_line(text->text, text->len, snippet->text);
    else if (store_get_snippet(app->store, row, raw, sizeof raw))
        first_line(raw, strlen(raw), snippet->text);
    else
        return "";
    snippet->row = row;
    return snippet->text;
}
