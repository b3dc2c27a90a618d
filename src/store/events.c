/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/codec.h"
#include "store/responses.h"

static const char *const kind_names[] = {
    [CHANGE_RATE] = "rate",   [CHANGE_FEEDBACK] = "feedback", [CHANGE_SUBMIT] = "submit",
    [CHANGE_DRAFT] = "draft", [CHANGE_DISCARD] = "discard",   [CHANGE_CLEAR] = "clear",
};

const char *change_kind_name(enum change_kind kind)
{
    return kind_names[kind];
}

/* The static name that equals text: results are read after the row is gone. */
static const char *known_kind(const char *text)
{
    for (size_t i = 0; text && i < sizeof kind_names / sizeof kind_names[0]; i++)
        if (strcmp(kind_names[i], text) == 0)
            return kind_names[i];
    return "change";
}

enum status event_log(struct writing *writing, const struct event *event, int64_t *number)
{
    char *before = codec_print_response(event->before);
    char *after = codec_print_response(event->after);
    struct query query = query_start(
        writing->db, "INSERT INTO event (record, kind, of, at_ms, before, after)"
                     " VALUES (?, ?, nullif(?, 0), ?, ?, ?)");
    query_int(&query, event->record);
    query_text(&query, event->kind);
    query_int(&query, event->of);
    query_int(&query, writing->now_ms);
    query_text(&query, before);
    query_text(&query, after);
    enum status status = query_run(&query, writing->err);
    if (number)
        *number = db_last_row(writing->db);
    free(before);
    free(after);
    return status;
}

/* ---- steps ---- */

static enum status forget_undone(struct writing *writing, int64_t dataset)
{
    struct query query =
        query_start(writing->db, "DELETE FROM step WHERE dataset = ? AND is_undone = 1");
    query_int(&query, dataset);
    return query_run(&query, writing->err);
}

static enum status add_step(struct writing *writing, const struct event *event,
                            int64_t number)
{
    struct query query = query_start(
        writing->db, "INSERT INTO step (event, dataset, is_undone) VALUES (?, ?, 0)");
    query_int(&query, number);
    query_int(&query, event->dataset);
    return query_run(&query, writing->err);
}

static enum status last_step(struct writing *writing, int64_t dataset, int64_t *number)
{
    struct query query =
        query_start(writing->db, "SELECT event FROM step WHERE dataset = ?"
                                 " AND is_undone = 0 ORDER BY event DESC LIMIT 1");
    query_int(&query, dataset);
    *number = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, writing->err);
}

static enum status first_undone(struct writing *writing, int64_t dataset, int64_t *number)
{
    struct query query =
        query_start(writing->db, "SELECT event FROM step WHERE dataset = ?"
                                 " AND is_undone = 1 ORDER BY event LIMIT 1");
    query_int(&query, dataset);
    *number = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, writing->err);
}

/* The edit's event takes the new text over; typing that came back to where it began is
 * no step. */
static enum status join_edit(struct writing *writing, const struct event *event)
{
    int64_t number = writing->edit->event;
    char *after = codec_print_response(event->after);
    struct query query = query_start(
        writing->db, "UPDATE event SET after = ?, at_ms = ? WHERE number = ?");
    query_text(&query, after);
    query_int(&query, writing->now_ms);
    query_int(&query, number);
    enum status status = query_run(&query, writing->err);
    free(after);
    if (status != STATUS_OK)
        return status;
    query = query_start(
        writing->db, "DELETE FROM step WHERE event = ?1 AND EXISTS (SELECT 1 FROM event"
                     " WHERE number = ?1 AND before IS after)");
    query_int(&query, number);
    return query_run(&query, writing->err);
}

enum status event_log_step(struct writing *writing, const struct event *event,
                           int64_t edit)
{
    int64_t last = 0, number = 0;
    enum status status = last_step(writing, event->dataset, &last);
    if (status != STATUS_OK)
        return status;
    struct open_edit *open = writing->edit;
    if (edit > 0 && open->event && open->event == last && open->edit == edit &&
        open->record == event->record)
        return join_edit(writing, event);
    status = event_log(writing, event, &number);
    if (status == STATUS_OK)
        status = forget_undone(writing, event->dataset);
    if (status == STATUS_OK)
        status = add_step(writing, event, number);
    *open = (struct open_edit){
        .event = edit > 0 ? number : 0, .record = event->record, .edit = edit};
    return status;
}

/* ---- undo and redo ---- */

struct step {
    int64_t number;
    int64_t record;
    const char *kind;
    struct response before;
    struct response after;
};

static enum status read_response(struct query *query, int column, struct response *out,
                                 struct err *err)
{
    size_t len;
    char *json = query_get_text(query, column, &len);
    enum status status = codec_read_response(out, json, len, err);
    free(json);
    return status;
}

static enum status read_step(struct writing *writing, struct step *step)
{
    struct query query = query_start(
        writing->db, "SELECT record, kind, before, after FROM event WHERE number = ?");
    query_int(&query, step->number);
    enum status status = STATUS_OK;
    if (query_row(&query)) {
        char *kind = query_get_text(&query, 1, NULL);
        step->record = query_get_int(&query, 0);
        step->kind = known_kind(kind);
        free(kind);
        status = read_response(&query, 2, &step->before, writing->err);
        if (status == STATUS_OK)
            status = read_response(&query, 3, &step->after, writing->err);
    }
    enum status ended = query_end(&query, writing->err);
    return ended == STATUS_OK ? status : ended;
}

static enum status mark_step(struct writing *writing, int64_t number, bool is_undone)
{
    struct query query =
        query_start(writing->db, "UPDATE step SET is_undone = ? WHERE event = ?");
    query_int(&query, is_undone);
    query_int(&query, number);
    return query_run(&query, writing->err);
}

static enum status restore(struct writing *writing, const struct step *step,
                           const struct record_ref *ref, bool is_undo)
{
    struct response current = {0}, *now = &writing->result->response;
    response_copy(now, is_undo ? &step->before : &step->after);
    now->updated_ms = writing->now_ms;
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind = is_undo ? "undo" : "redo",
                                .of = step->number,
                                .before = &current,
                                .after = now};
    enum status status =
        response_read(writing->db, ref->row, &current, NULL, writing->err);
    if (status == STATUS_OK)
        status = response_change(writing->db, ref, now, writing->err);
    if (status == STATUS_OK)
        status = event_log(writing, &event, NULL);
    if (status == STATUS_OK)
        status = mark_step(writing, step->number, is_undo);
    response_clear(&current);
    return status;
}

static enum status take_step(struct writing *writing, struct step *step, bool is_undo)
{
    struct record_ref ref = {0};
    enum status status = read_step(writing, step);
    if (status == STATUS_OK)
        status = ref_find_row(writing->db, step->record, &ref, writing->err);
    if (status == STATUS_OK)
        status = restore(writing, step, &ref, is_undo);
    writing->result->record = ref.id;
    writing->result->record_row = ref.row;
    writing->result->dataset_row = ref.dataset;
    writing->result->what = step->kind ? step->kind : "";
    return status;
}

static enum status undo(struct writing *writing, void *args)
{
    const int64_t *dataset = args;
    struct step step = {0};
    enum status status = last_step(writing, *dataset, &step.number);
    if (status == STATUS_OK && !step.number)
        status = err_set(writing->err, STATUS_NOT_FOUND,
                         "There is nothing to undo in this dataset.");
    if (status == STATUS_OK)
        status = take_step(writing, &step, true);
    response_clear(&step.before);
    response_clear(&step.after);
    return status;
}

static enum status redo(struct writing *writing, void *args)
{
    const int64_t *dataset = args;
    struct step step = {0};
    enum status status = first_undone(writing, *dataset, &step.number);
    if (status == STATUS_OK && !step.number)
        status = err_set(writing->err, STATUS_NOT_FOUND,
                         "There is nothing to redo in this dataset.");
    if (status == STATUS_OK)
        status = take_step(writing, &step, false);
    response_clear(&step.before);
    response_clear(&step.after);
    return status;
}

static void submit_step(struct store *store, const struct job_kind *kind,
                        int64_t dataset_row, store_done_fn done, void *ctx)
{
    int64_t *dataset = xmalloc(sizeof *dataset);
    *dataset = dataset_row;
    job_submit(store, kind, dataset, done, ctx);
}

void store_undo(struct store *store, int64_t dataset_row, store_done_fn done, void *ctx)
{
    static const struct job_kind kind = {undo, free, true};
    submit_step(store, &kind, dataset_row, done, ctx);
}

void store_redo(struct store *store, int64_t dataset_row, store_done_fn done, void *ctx)
{
    static const struct job_kind kind = {redo, free, true};
    submit_step(store, &kind, dataset_row, done, ctx);
}
