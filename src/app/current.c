/* SPDX-License-Identifier: MIT
 *
 * The record on the screen, the only copy of it in memory, and its row in the queue.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"

enum { PLACE_DELAY_MS = 2000, ELSEWHERE_MS = 2000 };

static int rating_of(const struct app *app, const struct response *response)
{
    const struct question *question = dataset_rating_question(&app->session.dataset);
    const struct value *value =
        question ? values_find(&response->values, question->name) : NULL;
    return value && value->type == QUESTION_RATING ? value->rating : -1;
}

static uint8_t flags_of(const struct session *session, const struct record *record)
{
    unsigned flags = 0;
    if (record->has_completion && record->completion.state == COMPLETION_RUNNING)
        flags = QUEUE_STREAMING;
    else if (record->has_completion && record->completion.state != COMPLETION_DONE)
        flags = session_has_answer(session, record) ? QUEUE_CUT : QUEUE_FAILED;
    if (record->has_clash)
        flags |= QUEUE_CLASH;
    if (record->is_gone)
        flags |= QUEUE_GONE;
    /* the others follow from what is unsaved, too */
    unsigned kept = record->flags & (QUEUE_FLAGGED | QUEUE_DELETED);
    return (uint8_t)(flags | kept);
}

static void count_siblings(struct app *app)
{
    struct session *session = &app->session;
    int64_t *rows = NULL;
    session->sibling_number = session->sibling_count = 0;
    if (!app->loads_queue || !session->has_current)
        return;
    store_list_siblings(app->store, session->current.row, CANDIDATES_MAX, &rows,
                        &session->sibling_count, NULL);
    for (size_t i = 0; i < session->sibling_count; i++)
        if (rows[i] == session->current.row)
            session->sibling_number = i + 1;
    free(rows);
}

/* Whether it is another answer to the current one's prompt, perhaps a new one. */
static bool is_sibling(const struct session *session, const struct record *record)
{
    const struct id *parent = &record->completion.parent;
    const struct id *other = &session->current.completion.parent;
    return session->has_current && record->has_completion && !id_is_zero(parent) &&
           (id_equal(parent, &session->current.id) || id_equal(parent, other));
}

void current_put_row(struct app *app, const struct record *record)
{
    const struct response *response = &record->response;
    struct queue *queue = &app->session.queue;
    if (record->dataset_row != app->session.dataset.row)
        return;
    if (record->row != app->session.current.row && is_sibling(&app->session, record))
        count_siblings(app);
    struct queue_row row = {.row = record->row,
                            .status = (uint8_t)response->status,
                            .flags = flags_of(&app->session, record)};
    const struct unsaved *item = unsaved_find(app, &record->id, UNSAVED_RESPONSE);
    bool is_final =
        response->status == RESPONSE_SUBMITTED || response->status == RESPONSE_DISCARDED;
    if (item && is_final) /* it counts as done once the store has it */
        row.status = RESPONSE_DRAFT;
    size_t index = queue_add(queue, &row);
    enum response_status status = (enum response_status)queue->rows[index].status;
    queue_set_status(queue, index, status, rating_of(app, response));
}

/* Takes the record's content over; it is empty then. */
static void take(struct app *app, struct record *record)
{
    struct session *session = &app->session;
    unsaved_lay_over(app, record);
    record_clear(&session->current);
    session->current = *record;
    session->current.suggestion_use = session->suggestion_use;
    session->has_current = true;
    memset(record, 0, sizeof *record);
    const struct id *id = &session->current.id;
    const struct unsaved *item = unsaved_find(app, id, UNSAVED_RESPONSE);
    session->is_clash_here = item && item->is_clash;
    if (session_is_elsewhere(session, &session->current) && !app->is_closing)
        loop_timer_start(app->elsewhere_timer, ELSEWHERE_MS, ELSEWHERE_MS);
    else
        loop_timer_stop(app->elsewhere_timer);
}

static void leave(struct app *app)
{
    app->edit = 0;
    if (app->unsaved_count)
        unsaved_write(app);
    app->shown_commit = 0;
    app->session.save = SAVE_NONE;
}

static void arrive(struct app *app)
{
    count_siblings(app);
    unsaved_refresh(app);
    if (!app->is_closing && app->session.is_queue_loaded)
        loop_timer_start(app->place_timer, PLACE_DELAY_MS, 0);
    app_changed(app);
}

bool current_show(struct app *app, size_t index)
{
    struct queue *queue = &app->session.queue;
    struct record record = {0};
    struct err err = {0};
    leave(app);
    queue_go(queue, index);
    if (store_get_record_row(app->store, queue->rows[index].row, &record, &err) ==
        STATUS_OK) {
        take(app, &record);
    } else {
        app->session.has_current = false;
        app_notify_err(app, &err);
    }
    arrive(app);
    return app->session.has_current;
}

void current_show_record(struct app *app, const struct record *record)
{
    struct record copy = {0};
    leave(app);
    record_copy(&copy, record);
    take(app, &copy);
    current_put_row(app, &app->session.current);
    size_t index = queue_find(&app->session.queue, app->session.current.row);
    if (index != SIZE_MAX)
        queue_go(&app->session.queue, index);
    arrive(app);
}

void current_update(struct app *app, const struct id *id)
{
    struct session *session = &app->session;
    struct record record = {0};
    bool is_current = session->has_current && id_equal(&session->current.id, id);
    if (!is_current && !app->loads_queue)
        return;
    if (store_get_record(app->store, id, &record, NULL) != STATUS_OK)
        return;
    if (is_current) {
        take(app, &record);
        current_put_row(app, &session->current);
    } else {
        unsaved_lay_over(app, &record);
        current_put_row(app, &record);
    }
    for (size_t i = 0; i < session->comparison.count; i++)
        if (id_equal(&session->comparison.records[i].id, id))
            record_copy(&session->comparison.records[i],
                        is_current ? &session->current : &record);
    record_clear(&record);
    unsaved_refresh(app);
    app_changed(app);
}

void current_read(struct app *app)
{
    struct id id = app->session.current.id;
    if (app->session.has_current)
        current_update(app, &id);
}

void current_say_empty(struct app *app)
{
    app_notify(app, NOTICE_INFO, "There is no record yet: %s writes a prompt.",
               app_key_name(app, ACTION_PROMPT).text);
}

bool current_has_to_choose(struct app *app)
{
    if (!app->session.has_current || !app->session.current.has_clash)
        return false;
    app_notify(app, NOTICE_WARNING, "Choose first: %s keeps yours, %s takes the other.",
               app_key_name(app, ACTION_KEEP_MINE).text,
               app_key_name(app, ACTION_TAKE_THEIRS).text);
    return true;
}
