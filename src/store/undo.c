/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/codec.h"
#include "store/events.h"
#include "store/job.h"
#include "store/ref.h"
#include "store/responses.h"

struct step {
    int64_t number;
    int64_t record;
    const char *kind;
    struct response before;
    struct response after;
};

/* The static name that equals text: results are read after the row is gone. */
static const char *known_kind(const char *text)
{
    for (int kind = CHANGE_RATE; text && kind <= CHANGE_CLEAR; kind++)
        if (strcmp(change_kind_name((enum change_kind)kind), text) == 0)
            return change_kind_name((enum change_kind)kind);
    return "change";
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

/* found: what looking for the step's number came to. */
static enum status walk(struct writing *writing, struct step *step, enum status found,
                        bool is_undo)
{
    enum status status = found;
    if (status == STATUS_OK && !step->number)
        status =
            err_set(writing->err, STATUS_NOT_FOUND,
                    "There is nothing to %s in this dataset.", is_undo ? "undo" : "redo");
    if (status == STATUS_OK)
        status = take_step(writing, step, is_undo);
    response_clear(&step->before);
    response_clear(&step->after);
    return status;
}

static enum status undo(struct writing *writing, void *args)
{
    const int64_t *dataset = args;
    struct step step = {0};
    return walk(writing, &step, event_last_step(writing, *dataset, &step.number), true);
}

static enum status redo(struct writing *writing, void *args)
{
    const int64_t *dataset = args;
    struct step step = {0};
    return walk(writing, &step, first_undone(writing, *dataset, &step.number), false);
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
