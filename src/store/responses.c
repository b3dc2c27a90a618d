/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/responses.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/codec.h"
#include "store/events.h"
#include "store/job.h"
#include "store/outbox.h"

enum status response_read(struct db *db, int64_t record, struct response *out,
                          bool *is_pulled, struct err *err)
{
    response_clear(out);
    if (is_pulled)
        *is_pulled = false;
    struct query query =
        query_start(db, "SELECT status, updated_ms, answers, is_pulled FROM response"
                        " WHERE record = ? AND user = ''");
    query_int(&query, record);
    enum status status = STATUS_OK;
    if (query_row(&query)) {
        size_t len;
        char *json = query_get_text(&query, 2, &len);
        out->status = (enum response_status)query_get_int(&query, 0);
        out->updated_ms = query_get_int(&query, 1);
        if (is_pulled)
            *is_pulled = query_get_bool(&query, 3);
        status = codec_read_values(&out->values, json, len, err);
        free(json);
    }
    enum status ended = query_end(&query, err);
    return ended == STATUS_OK ? status : ended;
}

static enum status delete_row(struct db *db, int64_t record, struct err *err)
{
    struct query query =
        query_start(db, "DELETE FROM response WHERE record = ? AND user = ''");
    query_int(&query, record);
    return query_run(&query, err);
}

static enum status put_row(struct db *db, int64_t record, const struct response *response,
                           bool is_pulled, struct err *err)
{
    char *answers = codec_print_values(&response->values);
    struct query query = query_start(
        db, "INSERT OR REPLACE INTO response (record, user, status, answers, is_pulled,"
            " updated_ms) VALUES (?, '', ?, ?, ?, ?)");
    query_int(&query, record);
    query_int(&query, response->status);
    query_text(&query, answers);
    query_int(&query, is_pulled);
    query_int(&query, response->updated_ms);
    enum status status = query_run(&query, err);
    free(answers);
    return status;
}

static enum status find_rating(struct db *db, int64_t dataset,
                               const struct response *response, int *rating,
                               struct err *err)
{
    struct query query =
        query_start(db, "SELECT rating_question FROM dataset WHERE row = ?");
    query_int(&query, dataset);
    char *question = query_row(&query) ? query_get_text(&query, 0, NULL) : NULL;
    const struct value *value =
        question ? values_find(&response->values, question) : NULL;
    bool is_rated = value && value->type == QUESTION_RATING && value->rating >= 0 &&
                    value->rating <= INT8_MAX;
    *rating = is_rated ? value->rating : -1;
    free(question);
    return query_end(&query, err);
}

static enum status update_queue_row(struct db *db, const struct record_ref *ref,
                                    const struct response *response, struct err *err)
{
    int rating = -1;
    enum status status = find_rating(db, ref->dataset, response, &rating, err);
    if (status != STATUS_OK)
        return status;
    struct query query =
        query_start(db, "UPDATE record SET status = ?1, rating = ?2 WHERE row = ?3"
                        " AND (status <> ?1 OR rating <> ?2)");
    query_int(&query, response->status);
    query_int(&query, rating);
    query_int(&query, ref->row);
    return query_run(&query, err);
}

enum status response_write(struct db *db, const struct record_ref *ref,
                           const struct response *response, bool is_pulled,
                           struct err *err)
{
    enum status status = response->status == RESPONSE_PENDING
                             ? delete_row(db, ref->row, err)
                             : put_row(db, ref->row, response, is_pulled, err);
    return status == STATUS_OK ? update_queue_row(db, ref, response, err) : status;
}

enum status response_change(struct db *db, const struct record_ref *ref,
                            const struct response *response, struct err *err)
{
    enum status status = response_write(db, ref, response, false, err);
    if (status != STATUS_OK)
        return status;
    /* Responses go only to records that the server has: nothing to delete there. */
    if (response->status == RESPONSE_PENDING && !ref->is_remote)
        return outbox_remove(db, ref->row, OUTBOX_RESPONSE, err);
    status = outbox_put(db, ref, OUTBOX_RESPONSE, err);
    /* A running completion enters at its end. */
    if (status == STATUS_OK && !ref->is_remote && !ref->is_running)
        status = outbox_put(db, ref, OUTBOX_RECORD, err);
    return status;
}

/* ---- the user's changes ---- */

struct change {
    struct id record;
    struct response response;
    enum change_kind kind;
    int64_t edit;
};

static bool response_equal(const struct response *a, const struct response *b)
{
    return a->status == b->status && values_equal(&a->values, &b->values);
}

static enum status apply_change(struct writing *writing, const struct change *change,
                                const struct record_ref *ref,
                                const struct response *before)
{
    if (response_equal(before, &change->response))
        return STATUS_OK;
    enum status status =
        response_change(writing->db, ref, &change->response, writing->err);
    if (status != STATUS_OK)
        return status;
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind = change_kind_name(change->kind),
                                .before = before,
                                .after = &change->response};
    return event_log_step(writing, &event,
                          change->kind == CHANGE_FEEDBACK ? change->edit : 0);
}

static enum status put_response(struct writing *writing, void *args)
{
    struct change *change = args;
    struct record_ref ref = {0};
    struct response before = {0};
    writing->result->record = change->record;
    if (!change->response.updated_ms)
        change->response.updated_ms = writing->now_ms;
    if (change->response.status == RESPONSE_PENDING)
        values_clear(&change->response.values);
    enum status status = ref_find(writing->db, &change->record, &ref, writing->err);
    writing->result->record_row = ref.row;
    writing->result->dataset_row = ref.dataset;
    if (status == STATUS_OK)
        status = response_read(writing->db, ref.row, &before, NULL, writing->err);
    if (status == STATUS_OK)
        status = apply_change(writing, change, &ref, &before);
    response_clear(&before);
    return status;
}

static void free_change(void *args)
{
    struct change *change = args;
    response_clear(&change->response);
    free(change);
}

void store_put_response(struct store *store, const struct id *record,
                        const struct response *response, enum change_kind kind,
                        int64_t edit, store_done_fn done, void *ctx)
{
    static const struct job_kind typing = {put_response, free_change, false};
    static const struct job_kind action = {put_response, free_change, true};
    struct change *change = xcalloc(1, sizeof *change);
    change->record = *record;
    response_copy(&change->response, response);
    change->kind = kind;
    change->edit = edit;
    job_submit(store, kind == CHANGE_FEEDBACK ? &typing : &action, change, done, ctx);
}
