/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/record.h"
#include "store/codec.h"
#include "store/events.h"
#include "store/job.h"
#include "store/outbox.h"
#include "store/records.h"
#include "store/ref.h"
#include "store/responses.h"

struct page {
    int64_t dataset;
    struct record *records;
    size_t count;
};

/* ---- finding ours ---- */

static enum status find_by_text(struct db *db, const char *sql, const char *text,
                                int64_t dataset, int64_t *row, struct err *err)
{
    *row = 0;
    if (!text)
        return STATUS_OK;
    struct query query = query_start(db, sql);
    query_text(&query, text);
    query_int(&query, dataset);
    if (query_row(&query))
        *row = query_get_int(&query, 0);
    return query_end(&query, err);
}

static enum status find_by_id(struct db *db, const struct id *id, int64_t dataset,
                              int64_t *row, struct err *err)
{
    struct query query =
        query_start(db, "SELECT row FROM record WHERE id = ? AND dataset = ?");
    query_id(&query, id);
    query_int(&query, dataset);
    if (query_row(&query))
        *row = query_get_int(&query, 0);
    return query_end(&query, err);
}

static enum status find_match(struct db *db, const struct record *record, int64_t dataset,
                              int64_t *row, struct err *err)
{
    struct id id;
    enum status status =
        find_by_text(db, "SELECT row FROM record WHERE remote_id = ? AND dataset = ?",
                     record->remote_id, dataset, row, err);
    if (status == STATUS_OK && !*row)
        status = find_by_text(
            db, "SELECT row FROM record WHERE external_id = ? AND dataset = ?",
            record->external_id, dataset, row, err);
    if (status == STATUS_OK && !*row && record->external_id &&
        id_parse(record->external_id, &id))
        status = find_by_id(db, &id, dataset, row, err);
    return status;
}

/* ---- the response ---- */

static enum status is_waiting(struct db *db, int64_t record, bool *answer,
                              struct err *err)
{
    struct query query =
        query_start(db, "SELECT 1 FROM outbox WHERE record = ? AND kind = 1");
    query_int(&query, record);
    *answer = query_row(&query);
    return query_end(&query, err);
}

/* A page may have been read before our last change was sent. So what was answered here
 * gives way only to an answer that the server says is newer, never to an absence. */
static bool server_wins(const struct response *ours, bool is_pulled,
                        const struct response *theirs)
{
    if (is_pulled || ours->status == RESPONSE_PENDING)
        return true;
    return theirs->status != RESPONSE_PENDING && theirs->updated_ms > ours->updated_ms;
}

static bool response_equal(const struct response *a, const struct response *b)
{
    return a->status == b->status && values_equal(&a->values, &b->values);
}

static enum status take_response(struct writing *writing, const struct record_ref *ref,
                                 const struct response *theirs, bool is_new)
{
    struct response ours = {0};
    bool is_pulled = false, waits = false;
    enum status status = is_waiting(writing->db, ref->row, &waits, writing->err);
    if (status == STATUS_OK)
        status = response_read(writing->db, ref->row, &ours, &is_pulled, writing->err);
    if (status == STATUS_OK && !waits && !response_equal(&ours, theirs) &&
        server_wins(&ours, is_pulled, theirs)) {
        const struct event event = {.record = ref->row,
                                    .dataset = ref->dataset,
                                    .kind = "pull",
                                    .before = &ours,
                                    .after = theirs};
        status = response_write(writing->db, ref, theirs, true, writing->err);
        if (status == STATUS_OK && !is_new)
            status = event_log(writing, &event, NULL);
    }
    response_clear(&ours);
    return status;
}

/* ---- records ---- */

static enum status choose_id(struct db *db, const struct record *record, struct id *id,
                             struct err *err)
{
    const char *names[] = {record->external_id, record->remote_id};
    for (size_t i = 0; i < 2; i++) {
        if (!names[i] || !id_parse(names[i], id))
            continue;
        /* Another dataset of this store may have a copy. */
        struct query query = query_start(db, "SELECT 1 FROM record WHERE id = ?");
        query_id(&query, id);
        bool is_taken = query_row(&query);
        enum status status = query_end(&query, err);
        if (status != STATUS_OK || !is_taken)
            return status;
    }
    id_random(id);
    return STATUS_OK;
}

static enum status add_theirs(struct writing *writing, struct record *record,
                              int64_t *row)
{
    const struct record_origin origin = {.is_pulled = true};
    if (!record->inserted_ms)
        record->inserted_ms = writing->now_ms;
    enum status status = choose_id(writing->db, record, &record->id, writing->err);
    if (status != STATUS_OK)
        return status;
    return record_insert(writing->db, record, origin, row, writing->err);
}

static enum status put_suggestions(struct db *db, int64_t row,
                                   const struct record *record, struct err *err)
{
    char *suggestions = codec_print_suggestions(record);
    struct query query = query_start(
        db, "UPDATE record SET suggestions = ?1 WHERE row = ?2 AND suggestions IS NOT ?1"
            " AND (is_pulled OR ?1 IS NOT NULL)");
    query_text(&query, suggestions);
    query_int(&query, row);
    enum status status = query_run(&query, err);
    free(suggestions);
    return status;
}

static enum status put_metadata(struct db *db, int64_t row, const struct record *record,
                                struct err *err)
{
    struct query query =
        query_start(db, "UPDATE record SET metadata = ?1, external_id = ?2 WHERE row = ?3"
                        " AND (metadata IS NOT ?1 OR external_id IS NOT ?2)");
    query_text(&query, record->metadata_json);
    query_text(&query, record->external_id);
    query_int(&query, row);
    return query_run(&query, err);
}

/* What we made stays as we have it: the server's copy may have been stripped. */
static enum status refresh(struct writing *writing, const struct record *record,
                           const struct record_ref *ref)
{
    enum status status = STATUS_OK;
    if (record->remote_id)
        status =
            outbox_mark_remote(writing->db, ref->row, record->remote_id, writing->err);
    if (status == STATUS_OK && ref->is_pulled)
        status = record_put_changed_fields(writing->db, ref->row, record, writing->err);
    if (status == STATUS_OK && ref->is_pulled)
        status = put_metadata(writing->db, ref->row, record, writing->err);
    if (status == STATUS_OK)
        status = put_suggestions(writing->db, ref->row, record, writing->err);
    return status;
}

static enum status take_record(struct writing *writing, struct record *record)
{
    struct record_ref ref = {0};
    int64_t row = 0;
    enum status status =
        find_match(writing->db, record, record->dataset_row, &row, writing->err);
    bool is_new = row == 0;
    if (status == STATUS_OK && is_new)
        status = add_theirs(writing, record, &row);
    if (status == STATUS_OK)
        status = ref_find_row(writing->db, row, &ref, writing->err);
    if (status == STATUS_OK && !is_new)
        status = refresh(writing, record, &ref);
    if (status == STATUS_OK)
        status = take_response(writing, &ref, &record->response, is_new);
    return status;
}

static enum status apply_pull(struct writing *writing, void *args)
{
    const struct page *page = args;
    enum status status = STATUS_OK;
    writing->result->dataset_row = page->dataset;
    for (size_t i = 0; status == STATUS_OK && i < page->count; i++) {
        page->records[i].dataset_row = page->dataset;
        status = take_record(writing, &page->records[i]);
    }
    return status;
}

static void free_page(void *args)
{
    struct page *page = args;
    for (size_t i = 0; i < page->count; i++)
        record_clear(&page->records[i]);
    free(page->records);
    free(page);
}

void store_apply_pull(struct store *store, int64_t dataset_row,
                      const struct record *records, size_t count, store_done_fn done,
                      void *ctx)
{
    /* Not durable: what a power cut takes back is pulled again. */
    static const struct job_kind kind = {apply_pull, free_page, false};
    struct page *page = xcalloc(1, sizeof *page);
    page->dataset = dataset_row;
    page->count = count;
    page->records = xcalloc(count, sizeof *page->records);
    for (size_t i = 0; i < count; i++)
        record_copy(&page->records[i], &records[i]);
    job_submit(store, &kind, page, done, ctx);
}
