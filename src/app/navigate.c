/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/bulk.h"
#include "app/bulk_parts.h"
#include "app/narrow.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "store/store_stats.h"

enum { DECIDE_LOOKED = 5000 };

/* ---- moving ---- */

bool app_go(struct app *app, size_t index)
{
    if (index < app->session.queue.count)
        return current_show(app, index);
    app_notify(app, NOTICE_INFO, "There is no record #%zu.", index + 1);
    return false;
}

static bool is_filtered(const struct queue *queue)
{
    return queue->has_filter || queue->is_narrowed;
}

static bool go_or_say(struct app *app, size_t index, const char *sentence)
{
    if (!app->session.queue.count)
        current_say_empty(app);
    else if (index == SIZE_MAX)
        app_notify(app, NOTICE_INFO, "%s",
                   app->session.is_selecting ? "More records are still being looked at."
                   : app->is_loading_queue   ? "More records are still being read."
                                             : sentence);
    else
        return current_show(app, index);
    return false;
}

bool app_go_next(struct app *app)
{
    const struct queue *queue = &app->session.queue;
    return go_or_say(app, queue_next(queue, queue->position),
                     is_filtered(queue) ? "This is the last record of the filter."
                                        : "This is the last record.");
}

bool app_go_previous(struct app *app)
{
    const struct queue *queue = &app->session.queue;
    return go_or_say(app, queue_previous(queue, queue->position),
                     is_filtered(queue) ? "This is the first record of the filter."
                                        : "This is the first record.");
}

void app_mark_decided(struct app *app)
{
    struct record *current = &app->session.current;
    if (store_mark_decided(app->store, current->row, NULL) == STATUS_OK)
        current->is_decided = true;
}

void app_decide(struct app *app, bool is_on)
{
    app->session.decides = is_on && app->session.can_log;
    app_changed(app);
}

/* Far off none to decide is looked for: a key waits. */
size_t app_next_to_answer(const struct app *app)
{
    const struct queue *queue = &app->session.queue;
    size_t at = app->session.decides ? queue_next(queue, queue->position) : SIZE_MAX;
    for (int looked = 0; at != SIZE_MAX; looked++) {
        const struct queue_row *row = &queue->rows[at];
        if (looked == DECIDE_LOOKED)
            break;
        if (row->status <= RESPONSE_DRAFT &&
            !(row->flags & (QUEUE_FAILED | QUEUE_DELETED)) &&
            store_count_others(app->store, row->row) > 1)
            return at;
        at = queue_next(queue, at);
    }
    return queue_next_open(queue, queue->position);
}

bool app_go_next_open(struct app *app)
{
    const struct queue *queue = &app->session.queue;
    const size_t *counts = queue_counts(queue);
    bool goes_through_all =
        queue->has_filter || (queue->is_narrowed && queue->takes_done);
    const char *sentence =
        goes_through_all ? "The filter shows no other record."
        : counts[RESPONSE_PENDING] + counts[RESPONSE_DRAFT]
            ? "This is the only open record left."
        : queue->is_narrowed ? "Every record of the filter is submitted or discarded."
        : queue->completed ? "Every record is submitted, discarded or has enough answers."
                           : "Every record is submitted or discarded.";
    return go_or_say(app, queue_next_open(queue, queue->position), sentence);
}

/* ---- the place kept between sessions ---- */

static char *place_key(const struct app *app)
{
    return xasprintf("place:%lld", (long long)app->session.dataset.row);
}

void navigate_save_place(void *ctx)
{
    struct app *app = ctx;
    const struct session *session = &app->session;
    if (!session->has_current || !session->is_queue_loaded || session->is_again)
        return;
    char *key = place_key(app);
    if (store_put_note(app->store, key, id_text(&session->current.id).text, NULL) ==
        STATUS_OK)
        unsaved_committed(app, false); /* a place that is forgotten loses nothing */
    free(key);
}

/* Where in the queue one was; SIZE_MAX = it is not there. False: no place is kept. */
static bool find_place(struct app *app, size_t *place)
{
    char *key = place_key(app);
    char *text = store_get_note(app->store, key);
    struct id id;
    struct record record = {0};
    *place = SIZE_MAX;
    if (text && id_parse(text, &id) &&
        store_get_record(app->store, &id, &record, NULL) == STATUS_OK)
        *place = queue_find(&app->session.queue, record.row);
    bool is_kept = record.row != 0;
    record_clear(&record);
    free(text);
    free(key);
    return is_kept;
}

/* Where one was if that is still open, else the next open record from there. When there
 * is none yet, it is looked for again with what comes, until a key is pressed. */
static void go_to_place(struct app *app)
{
    struct queue *queue = &app->session.queue;
    size_t place;
    if (!queue->count)
        return;
    find_place(app, &place);
    size_t from = place == SIZE_MAX ? queue->count - 1 : place;
    bool is_open = place != SIZE_MAX && queue_is_open(&queue->rows[place]);
    size_t index = is_open ? place : queue_next_open(queue, from);
    bool was_seeking = app->seeks_open, is_seeking = index == SIZE_MAX;
    if (!is_seeking || !was_seeking || !app->session.has_current)
        current_show(app, is_seeking ? from : index);
    app->seeks_open = is_seeking;
}

/* The record that go_to_place will go to, where the first rows of a long queue are enough
 * to know it. */
static void show_head(struct app *app)
{
    struct session *session = &app->session;
    struct queue *queue = &session->queue;
    struct queue_row *rows;
    size_t count, place;
    bool is_narrowed = queue->has_filter ||
                       (session->filter_text && *session->filter_text) ||
                       (session->order_text && *session->order_text);
    if (queue->count || session->has_current || app->wanted_record || is_narrowed ||
        store_read_head(app->store, session->dataset.row, &rows, &count, NULL))
        return;
    queue_give_rows(queue, rows, count);
    bool is_kept = find_place(app, &place);
    bool is_here = place != SIZE_MAX && queue_is_open(&queue->rows[place]);
    size_t index = is_here ? place : queue_next_open(queue, is_kept ? place : count - 1);
    if (index != SIZE_MAX && (!is_kept || (place != SIZE_MAX && index >= place)))
        current_show(app, index);
    else
        queue_clear(queue);
}

/* ---- what others change ---- */

struct taking {
    struct app *app;
    bool has_current; /* the record on the screen is among them */
};

static void take_row(void *ctx, const struct queue_row *row)
{
    struct taking *taking = ctx;
    struct app *app = taking->app;
    queue_add(&app->session.queue, row);
    if (app->session.has_current && app->session.current.row == row->row)
        taking->has_current = true;
}

/* Its records are no more in it. */
static void say_lost(struct app *app)
{
    struct dataset now = {0};
    if (store_get_dataset(app->store, app->session.dataset.row, &now, NULL) ==
        STATUS_NOT_FOUND)
        app_notify(app, NOTICE_WARNING,
                   "Another sherd has forgotten \"%s\" here, or moved it to another "
                   "dataset: leave it and open the other.",
                   app->session.dataset.name);
    dataset_clear(&now);
}

void navigate_take_changes(struct app *app)
{
    struct session *session = &app->session;
    struct taking taking = {.app = app};
    struct err err = {0};
    int64_t row = session->dataset.row;
    if (!app->loads_queue || !session->is_queue_loaded || app->is_loading_queue ||
        app->is_closing)
        return;
    int64_t now = store_revision(app->store, row);
    bool was_deleted = session->current.flags & QUEUE_DELETED;
    if (now == app->revision)
        return;
    if (now < app->revision)
        say_lost(app);
    if (store_each_change(app->store, row, app->revision, take_row, &taking, &err) !=
        STATUS_OK) {
        app_notify_err(app, &err);
        return;
    }
    app->revision = now;
    for (size_t i = 0; i < app->unsaved_count; i++)
        if (!id_is_zero(&app->unsaved[i]->record))
            current_update(app, &app->unsaved[i]->record); /* ours goes over theirs */
    if (taking.has_current)
        current_read(app);
    if (session->has_current && !was_deleted && session->current.flags & QUEUE_DELETED)
        app_notify(app, NOTICE_WARNING,
                   "Another sherd has deleted this record: %s brings it back for some "
                   "time.",
                   app_key_name(app, ACTION_UNDO).text);
    if (!session->has_current || app->seeks_open)
        go_to_place(app);
    app_changed(app);
}

/* An answer that another sherd writes grows, or its writer dies. */
static void look_elsewhere(void *ctx)
{
    struct app *app = ctx;
    store_mend_completions(app->store, NULL, NULL);
    current_read(app);
}

/* ---- the queue ---- */

static void on_rows(void *ctx, struct queue_row *rows, size_t count, int64_t revision,
                    const struct err *err)
{
    struct app *app = ctx;
    struct session *session = &app->session;
    app->is_loading_queue = false;
    if (app->is_closing || app->wants_load_again || err->code) {
        free(rows);
        if (!app->is_closing && err->code)
            app_notify_err(app, err);
    } else {
        queue_give_rows(&session->queue, rows, count);
        session->is_queue_loaded = true;
        app->revision = revision;
        navigate_take_changes(app); /* what was done while it was read */
        size_t index = session->has_current
                           ? queue_find(&session->queue, session->current.row)
                           : SIZE_MAX;
        if (session->is_again)
            current_read(app); /* it keeps the place of another */
        else if (index != SIZE_MAX)
            queue_go(&session->queue, index);
        if (!session->is_again && (index == SIZE_MAX || app->seeks_open))
            go_to_place(app);
        narrow_start(app);
        app->on_loaded(app);
    }
    if (app->wants_load_again && !app->is_closing) {
        app->wants_load_again = false;
        navigate_load(app);
    }
    app_changed(app);
}

void navigate_open(struct app *app)
{
    app->place_timer = loop_timer_new(app->loop, navigate_save_place, app);
    app->elsewhere_timer = loop_timer_new(app->loop, look_elsewhere, app);
}

void navigate_load(struct app *app)
{
    if (!app->loads_queue)
        return;
    app->wants_load_again = app->is_loading_queue;
    if (app->is_loading_queue)
        return;
    app->is_loading_queue = true;
    store_load_queue(app->store, app->session.dataset.row, on_rows, app);
    if (app->is_loading_queue)
        show_head(app);
}

void navigate_start_over(struct app *app)
{
    struct session *session = &app->session;
    bool has_filter = session->queue.has_filter;
    enum response_status filter = session->queue.filter;
    queue_clear(&session->queue);
    queue_set_filter(&session->queue, has_filter, filter);
    record_clear(&session->current);
    session->has_current = false;
    session->is_queue_loaded = false;
    session->save = SAVE_NONE;
    app->shown_commit = 0;
    narrow_open(app);
    navigate_load(app);
    app_changed(app);
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
    char raw[4 * SNIPPET_SIZE];
    if (index >= app->session.queue.count)
        return "";
    const struct session *session = &app->session;
    bool is_again = session->is_again && index == session->queue.position;
    int64_t row = is_again ? session->current.row : session->queue.rows[index].row;
    if (!app->snippets)
        app->snippets = xcalloc(SNIPPET_SLOTS, sizeof *app->snippets);
    struct snippet *snippet = &app->snippets[(uint64_t)row % SNIPPET_SLOTS];
    if (snippet->row == row)
        return snippet->text;
    if (!store_get_snippet(app->store, row, raw, sizeof raw))
        return "";
    first_line(raw, strlen(raw), snippet->text);
    snippet->row = row;
    return snippet->text;
}

void navigate_leave_deleted(struct app *app)
{
    struct session *session = &app->session;
    const struct queue *queue = &session->queue;
    if (!queue->count || !(queue->rows[queue->position].flags & QUEUE_DELETED))
        return;
    size_t index = queue_next(queue, queue->position);
    if (index == SIZE_MAX)
        index = queue_previous(queue, queue->position);
    if (index != SIZE_MAX) {
        current_show(app, index);
    } else {
        record_clear(&session->current);
        session->has_current = false;
    }
}

/* ---- marks ---- */

static void insert_mark(struct session *session, int64_t row)
{
    struct marks *marks = &session->marks;
    size_t at = session_mark_place(session, row);
    marks->rows = xgrow(marks->rows, marks->count, &marks->room, sizeof *marks->rows);
    memmove(&marks->rows[at + 1], &marks->rows[at],
            (marks->count++ - at) * sizeof *marks->rows);
    marks->rows[at] = marks->last = row;
}

void app_mark(struct app *app, size_t index)
{
    struct marks *marks = &app->session.marks;
    int64_t row = app->session.queue.rows[index].row;
    if (session_is_marked(&app->session, row)) {
        size_t at = session_mark_place(&app->session, row);
        memmove(&marks->rows[at], &marks->rows[at + 1],
                (--marks->count - at) * sizeof *marks->rows);
        marks->last = 0;
    } else {
        insert_mark(&app->session, row);
    }
    app_changed(app);
}

bool bulk_is_shown(const struct queue *queue, size_t index)
{
    const struct queue_row *row = &queue->rows[index];
    return !(row->flags & QUEUE_DELETED) && (!queue->is_narrowed || row->place) &&
           (!queue->has_filter || queue_has_status(row, queue->filter));
}

size_t app_mark_range(struct app *app, size_t first, size_t last)
{
    const struct queue *queue = &app->session.queue;
    size_t count = 0;
    for (size_t i = first; i <= last && i < queue->count; i++) {
        int64_t row = queue->rows[i].row;
        if (!bulk_is_shown(queue, i) || session_is_marked(&app->session, row))
            continue;
        insert_mark(&app->session, row);
        count++;
    }
    app_changed(app);
    return count;
}

void app_mark_only(struct app *app, const int64_t *rows, size_t count)
{
    app->session.marks.count = 0;
    for (size_t i = 0; i < count; i++)
        insert_mark(&app->session, rows[i]);
    app->session.marks.last = 0;
    app_changed(app);
}
