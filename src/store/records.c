/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/queue.h"
#include "store/codec.h"
#include "store/events.h"
#include "store/job.h"
#include "store/outbox.h"
#include "store/ref.h"
#include "store/responses.h"

/* ---- pieces ---- */

uint8_t record_flags(const struct completion *completion, bool has_text)
{
    switch (completion->state) {
    case COMPLETION_RUNNING:
        return QUEUE_STREAMING;
    case COMPLETION_DONE:
        return 0;
    case COMPLETION_CUT:
    case COMPLETION_FAILED:
        return has_text ? QUEUE_CUT : QUEUE_FAILED;
    }
    return 0;
}

enum status record_has_text(struct db *db, int64_t row, bool *answer, struct err *err)
{
    struct query query = query_start(
        db, "SELECT 1 FROM record r JOIN dataset d ON d.row = r.dataset JOIN field f"
            " ON f.record = r.row AND f.name = d.response_field"
            " WHERE r.row = ? AND f.text <> ''");
    query_int(&query, row);
    *answer = query_row(&query);
    return query_end(&query, err);
}

enum status record_put_flags(struct db *db, int64_t row, uint8_t flags, struct err *err)
{
    struct query query =
        query_start(db, "UPDATE record SET flags = ?1 WHERE row = ?2 AND flags <> ?1");
    query_int(&query, flags);
    query_int(&query, row);
    return query_run(&query, err);
}

static enum status insert_field(struct db *db, int64_t row, size_t position,
                                const struct record_field *field, struct err *err)
{
    struct query query = query_start(
        db, "INSERT INTO field (record, position, name, text) VALUES (?, ?, ?, ?)");
    query_int(&query, row);
    query_int(&query, (int64_t)position);
    query_text(&query, field->name);
    query_bytes_as_text(&query, field->text, field->len);
    return query_run(&query, err);
}

static enum status insert_fields(struct db *db, int64_t row, const struct record *record,
                                 struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < record->field_count; i++)
        status = insert_field(db, row, i, &record->fields[i], err);
    return status;
}

static enum status count_same(struct db *db, int64_t row, const struct record *record,
                              size_t *same, struct err *err)
{
    enum status status = STATUS_OK;
    *same = 0;
    for (size_t i = 0; status == STATUS_OK && i < record->field_count; i++) {
        const struct record_field *field = &record->fields[i];
        struct query query = query_start(
            db, "SELECT 1 FROM field WHERE record = ? AND name = ? AND text = ?");
        query_int(&query, row);
        query_text(&query, field->name);
        query_bytes_as_text(&query, field->text, field->len);
        *same += query_row(&query);
        status = query_end(&query, err);
    }
    return status;
}

enum status record_put_changed_fields(struct db *db, int64_t row,
                                      const struct record *record, struct err *err)
{
    size_t same = 0;
    int64_t stored = 0;
    enum status status = count_same(db, row, record, &same, err);
    if (status != STATUS_OK)
        return status;
    struct query query = query_start(db, "SELECT count(*) FROM field WHERE record = ?");
    query_int(&query, row);
    stored = query_row(&query) ? query_get_int(&query, 0) : 0;
    status = query_end(&query, err);
    if (status != STATUS_OK || (same == record->field_count && (size_t)stored == same))
        return status;
    query = query_start(db, "DELETE FROM field WHERE record = ?");
    query_int(&query, row);
    status = query_run(&query, err);
    return status == STATUS_OK ? insert_fields(db, row, record, err) : status;
}

enum status record_put_field(struct db *db, int64_t row, const struct record_field *field,
                             struct err *err)
{
    struct query query =
        query_start(db, "UPDATE field SET text = ? WHERE record = ? AND name = ?");
    query_bytes_as_text(&query, field->text, field->len);
    query_int(&query, row);
    query_text(&query, field->name);
    enum status status = query_run(&query, err);
    if (status != STATUS_OK || db_changes(db) > 0)
        return status;
    query = query_start(db, "SELECT coalesce(max(position) + 1, 0) FROM field"
                            " WHERE record = ?");
    query_int(&query, row);
    size_t position = query_row(&query) ? (size_t)query_get_int(&query, 0) : 0;
    status = query_end(&query, err);
    return status == STATUS_OK ? insert_field(db, row, position, field, err) : status;
}

enum status record_put_completion(struct db *db, int64_t row,
                                  const struct completion *completion, const char *owner,
                                  struct err *err)
{
    char *facts = codec_print_completion(completion);
    struct query query =
        query_start(db, "INSERT OR REPLACE INTO completion (record, state, owner, facts)"
                        " VALUES (?, ?, ?, ?)");
    query_int(&query, row);
    query_int(&query, completion->state);
    query_text(&query, completion->state == COMPLETION_RUNNING ? owner : NULL);
    query_text(&query, facts);
    enum status status = query_run(&query, err);
    free(facts);
    return status;
}

enum status record_finish(struct db *db, const struct record_ref *ref, struct err *err)
{
    struct query query =
        query_start(db, "UPDATE record SET is_finished = 1 WHERE row = ?");
    query_int(&query, ref->row);
    enum status status = query_run(&query, err);
    return status == STATUS_OK ? outbox_put(db, ref, OUTBOX_RECORD, err) : status;
}

enum status record_insert(struct db *db, const struct record *record,
                          struct record_origin origin, int64_t *row, struct err *err)
{
    char *suggestions = codec_print_suggestions(record);
    struct query query = query_start(
        db, "INSERT INTO record (id, dataset, external_id, remote_id, is_pulled,"
            " is_finished, status, rating, flags, metadata, suggestions, inserted_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, -1, 0, ?, ?, ?)");
    query_id(&query, &record->id);
    query_int(&query, record->dataset_row);
    query_text(&query, record->external_id);
    query_text(&query, record->remote_id);
    query_int(&query, origin.is_pulled);
    query_int(&query, origin.is_finished);
    query_text(&query, record->metadata_json);
    query_text(&query, suggestions);
    query_int(&query, record->inserted_ms);
    enum status status = query_run(&query, err);
    free(suggestions);
    *row = db_last_row(db);
    return status == STATUS_OK ? insert_fields(db, *row, record, err) : status;
}

/* ---- adding ---- */

struct addition {
    struct record record;
    bool is_finished;
};

static enum status find_existing(struct writing *writing, const struct id *id,
                                 bool *is_found)
{
    struct store_result *result = writing->result;
    struct query query =
        query_start(writing->db, "SELECT row, dataset FROM record WHERE id = ?");
    query_id(&query, id);
    *is_found = query_row(&query);
    if (*is_found) {
        result->record_row = query_get_int(&query, 0);
        result->dataset_row = query_get_int(&query, 1);
    }
    return query_end(&query, writing->err);
}

static enum status check_dataset(struct writing *writing, int64_t row)
{
    struct query query = query_start(writing->db, "SELECT 1 FROM dataset WHERE row = ?");
    query_int(&query, row);
    bool is_found = query_row(&query);
    enum status status = query_end(&query, writing->err);
    if (status != STATUS_OK || is_found)
        return status;
    return err_set(writing->err, STATUS_NOT_FOUND,
                   "There is no dataset number %lld in the store.", (long long)row);
}

static enum status add_completion(struct writing *writing, const struct record *record,
                                  int64_t row)
{
    const struct completion *completion = &record->completion;
    if (!record->has_completion)
        return STATUS_OK;
    enum status status =
        record_put_completion(writing->db, row, completion, writing->owner, writing->err);
    if (status != STATUS_OK)
        return status;
    bool has_text = false;
    status = record_has_text(writing->db, row, &has_text, writing->err);
    if (status != STATUS_OK)
        return status;
    return record_put_flags(writing->db, row, record_flags(completion, has_text),
                            writing->err);
}

static enum change_kind kind_of(enum response_status status)
{
    return status == RESPONSE_SUBMITTED   ? CHANGE_SUBMIT
           : status == RESPONSE_DISCARDED ? CHANGE_DISCARD
                                          : CHANGE_DRAFT;
}

static enum status add_response(struct writing *writing, const struct record *record,
                                const struct record_ref *ref)
{
    if (record->response.status == RESPONSE_PENDING)
        return STATUS_OK;
    enum status status =
        response_change(writing->db, ref, &record->response, writing->err);
    static const struct response none;
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind =
                                    change_kind_name(kind_of(record->response.status)),
                                .before = &none,
                                .after = &record->response};
    return status == STATUS_OK ? event_log_step(writing, &event, 0) : status;
}

static enum status insert_new(struct writing *writing, struct addition *addition)
{
    struct record *record = &addition->record;
    struct record_ref ref = {0};
    int64_t row = 0;
    const struct record_origin origin = {.is_finished = addition->is_finished};
    enum status status = record_insert(writing->db, record, origin, &row, writing->err);
    if (status == STATUS_OK)
        status = add_completion(writing, record, row);
    if (status == STATUS_OK)
        status = ref_find_row(writing->db, row, &ref, writing->err);
    if (status == STATUS_OK)
        status = add_response(writing, record, &ref);
    if (status == STATUS_OK && addition->is_finished && !ref.is_remote)
        status = record_finish(writing->db, &ref, writing->err);
    writing->result->record_row = row;
    writing->result->dataset_row = record->dataset_row;
    return status;
}

static enum status add_record(struct writing *writing, void *args)
{
    struct addition *addition = args;
    struct record *record = &addition->record;
    bool exists = false;
    writing->result->record = record->id;
    if (!record->inserted_ms)
        record->inserted_ms = writing->now_ms;
    if (!record->response.updated_ms)
        record->response.updated_ms = writing->now_ms;
    enum status status = find_existing(writing, &record->id, &exists);
    if (status != STATUS_OK || exists)
        return status;
    status = check_dataset(writing, record->dataset_row);
    return status == STATUS_OK ? insert_new(writing, addition) : status;
}

static void free_addition(void *args)
{
    struct addition *addition = args;
    record_clear(&addition->record);
    free(addition);
}

void store_add_record(struct store *store, const struct record *record, bool is_finished,
                      store_done_fn done, void *ctx)
{
    static const struct job_kind kind = {add_record, free_addition, true};
    struct addition *addition = xcalloc(1, sizeof *addition);
    record_copy(&addition->record, record);
    addition->is_finished = is_finished;
    job_submit(store, &kind, addition, done, ctx);
}

/* ---- completions ---- */

struct progress {
    struct id record;
    struct record_field field;
    struct completion completion;
};

static enum status put_completion(struct writing *writing, void *args)
{
    const struct progress *progress = args;
    const struct completion *completion = &progress->completion;
    struct record_ref ref = {0};
    writing->result->record = progress->record;
    enum status status = ref_find(writing->db, &progress->record, &ref, writing->err);
    writing->result->record_row = ref.row;
    writing->result->dataset_row = ref.dataset;
    if (status == STATUS_OK)
        status = record_put_field(writing->db, ref.row, &progress->field, writing->err);
    if (status == STATUS_OK)
        status = record_put_completion(writing->db, ref.row, completion, writing->owner,
                                       writing->err);
    if (status == STATUS_OK)
        status = record_put_flags(writing->db, ref.row,
                                  record_flags(completion, progress->field.len > 0),
                                  writing->err);
    bool is_finished = completion->state == COMPLETION_DONE ||
                       (completion->state != COMPLETION_RUNNING && ref.has_response);
    if (status == STATUS_OK && is_finished)
        status = record_finish(writing->db, &ref, writing->err);
    return status;
}

static void free_progress(void *args)
{
    struct progress *progress = args;
    free(progress->field.name);
    free(progress->field.text);
    completion_clear(&progress->completion);
    free(progress);
}

/* NOLINTNEXTLINE(readability-function-size): the interface agreed on */
void store_put_completion(struct store *store, const struct id *record,
                          const char *response_field, const char *text, size_t len,
                          const struct completion *completion, store_done_fn done,
                          void *ctx)
{
    static const struct job_kind checkpoint = {put_completion, free_progress, false};
    static const struct job_kind end = {put_completion, free_progress, true};
    struct progress *progress = xcalloc(1, sizeof *progress);
    progress->record = *record;
    progress->field = (struct record_field){.name = xstrdup(response_field),
                                            .text = xmemdup0(text ? text : "", len),
                                            .len = len};
    completion_copy(&progress->completion, completion);
    job_submit(store, completion->state == COMPLETION_RUNNING ? &checkpoint : &end,
               progress, done, ctx);
}
