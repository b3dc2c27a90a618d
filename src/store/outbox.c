/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/job.h"

#define ITEM_COLUMNS                                                                     \
    "o.kind, r.id, o.version, o.attempts, o.next_try_ms, o.is_refused, o.last_error"

/* ---- filling ---- */

/* Versions of a removed item must not come again: a late confirmation would take the
 * new one for the one that was sent. So they are counted, not derived. */
static enum status next_version(struct db *db, int64_t *version, struct err *err)
{
    struct query query = query_start(db, "UPDATE counter SET value = value + 1"
                                         " WHERE name = 'outbox' RETURNING value");
    *version = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}

static enum status renew_item(struct db *db, const struct record_ref *ref,
                              enum outbox_kind kind, int64_t version, struct err *err)
{
    struct query query = query_start(
        db,
        "UPDATE outbox SET version = ?, is_refused = 0, attempts = 0, next_try_ms = 0,"
        " last_error = NULL WHERE record = ? AND kind = ?");
    query_int(&query, version);
    query_int(&query, ref->row);
    query_int(&query, kind);
    return query_run(&query, err);
}

static enum status add_item(struct db *db, const struct record_ref *ref,
                            enum outbox_kind kind, int64_t version, struct err *err)
{
    struct query query = query_start(
        db, "INSERT INTO outbox (record, kind, dataset, version, is_ready, is_refused,"
            " attempts, next_try_ms) VALUES (?, ?, ?, ?, ?, 0, 0, 0)");
    query_int(&query, ref->row);
    query_int(&query, kind);
    query_int(&query, ref->dataset);
    query_int(&query, version);
    query_int(&query, kind == OUTBOX_RECORD || ref->is_remote);
    return query_run(&query, err);
}

enum status outbox_put(struct db *db, const struct record_ref *ref, enum outbox_kind kind,
                       struct err *err)
{
    if (!ref->has_server)
        return STATUS_OK;
    int64_t version = 0;
    enum status status = next_version(db, &version, err);
    if (status == STATUS_OK)
        status = renew_item(db, ref, kind, version, err);
    if (status == STATUS_OK && db_changes(db) == 0)
        status = add_item(db, ref, kind, version, err);
    return status;
}

enum status outbox_remove(struct db *db, int64_t record, enum outbox_kind kind,
                          struct err *err)
{
    struct query query =
        query_start(db, "DELETE FROM outbox WHERE record = ? AND kind = ?");
    query_int(&query, record);
    query_int(&query, kind);
    return query_run(&query, err);
}

enum status outbox_mark_remote(struct db *db, int64_t record, const char *remote_id,
                               struct err *err)
{
    struct query query = query_start(db, "UPDATE record SET remote_id = ?1 WHERE row = ?2"
                                         " AND remote_id IS NOT ?1");
    query_text(&query, remote_id);
    query_int(&query, record);
    enum status status = query_run(&query, err);
    if (status != STATUS_OK)
        return status;
    query = query_start(db, "UPDATE outbox SET is_ready = 1 WHERE record = ? AND kind = 1"
                            " AND is_ready = 0");
    query_int(&query, record);
    return query_run(&query, err);
}

enum status outbox_put_all(struct db *db, int64_t dataset, struct err *err)
{
    struct query query = query_start(
        db, "INSERT INTO outbox (record, kind, dataset, version, is_ready, is_refused,"
            " attempts, next_try_ms)"
            " SELECT r.row, k.kind, r.dataset, (SELECT value FROM counter WHERE name ="
            " 'outbox') + row_number() OVER (ORDER BY r.row), k.kind = 0, 0, 0, 0"
            " FROM record r LEFT JOIN completion g ON g.record = r.row"
            " JOIN (SELECT 0 AS kind UNION ALL SELECT 1) k"
            " WHERE r.dataset = ?1 AND r.remote_id IS NULL AND coalesce(g.state, 1) <> 0"
            " AND (r.status <> 0 OR (k.kind = 0 AND r.is_finished))"
            " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.record = r.row"
            "  AND o.kind = k.kind)");
    query_int(&query, dataset);
    enum status status = query_run(&query, err);
    if (status != STATUS_OK)
        return status;
    return db_exec(db,
                   "UPDATE counter SET value = max(value, (SELECT coalesce(max(version),"
                   " 0) FROM outbox)) WHERE name = 'outbox'",
                   err);
}

enum status outbox_forget_remote(struct db *db, int64_t dataset, struct err *err)
{
    struct query query =
        query_start(db, "UPDATE record SET remote_id = NULL WHERE dataset = ?");
    query_int(&query, dataset);
    enum status status = query_run(&query, err);
    if (status != STATUS_OK)
        return status;
    query =
        query_start(db, "UPDATE outbox SET is_ready = 0 WHERE dataset = ? AND kind = 1");
    query_int(&query, dataset);
    status = query_run(&query, err);
    return status == STATUS_OK ? outbox_put_all(db, dataset, err) : status;
}

/* ---- settling ---- */

struct settlement {
    struct outbox_outcome *outcomes;
    size_t count;
};

static enum status postpone(struct db *db, int64_t record,
                            const struct outbox_outcome *outcome, struct err *err)
{
    struct query query = query_start(
        db, "UPDATE outbox SET is_refused = ?, attempts = attempts + 1, next_try_ms = ?,"
            " last_error = ? WHERE record = ? AND kind = ? AND version = ?");
    query_int(&query, outcome->is_refused);
    query_int(&query, outcome->is_refused ? 0 : outcome->next_try_ms);
    query_text(&query, outcome->error);
    query_int(&query, record);
    query_int(&query, outcome->kind);
    query_int(&query, outcome->version);
    return query_run(&query, err);
}

static enum status confirm(struct db *db, int64_t record,
                           const struct outbox_outcome *outcome, struct err *err)
{
    struct query query = query_start(
        db, "DELETE FROM outbox WHERE record = ? AND kind = ? AND version = ?");
    query_int(&query, record);
    query_int(&query, outcome->kind);
    query_int(&query, outcome->version);
    enum status status = query_run(&query, err);
    if (status == STATUS_OK && outcome->remote_id)
        status = outbox_mark_remote(db, record, outcome->remote_id, err);
    return status;
}

static enum status settle(struct writing *writing, void *args)
{
    const struct settlement *settlement = args;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < settlement->count; i++) {
        const struct outbox_outcome *outcome = &settlement->outcomes[i];
        struct record_ref ref = {0};
        status = ref_find(writing->db, &outcome->record, &ref, writing->err);
        if (status != STATUS_OK)
            break;
        status = outcome->is_refused || outcome->is_later
                     ? postpone(writing->db, ref.row, outcome, writing->err)
                     : confirm(writing->db, ref.row, outcome, writing->err);
    }
    return status;
}

static void free_settlement(void *args)
{
    struct settlement *settlement = args;
    for (size_t i = 0; i < settlement->count; i++) {
        free((char *)(uintptr_t)settlement->outcomes[i].remote_id);
        free((char *)(uintptr_t)settlement->outcomes[i].error);
    }
    free(settlement->outcomes);
    free(settlement);
}

void store_settle_outbox(struct store *store, const struct outbox_outcome *outcomes,
                         size_t count, store_done_fn done, void *ctx)
{
    /* Not durable: what a power cut takes back is sent again, and that changes nothing.
     */
    static const struct job_kind kind = {settle, free_settlement, false};
    struct settlement *settlement = xcalloc(1, sizeof *settlement);
    settlement->outcomes = xcalloc(count, sizeof *settlement->outcomes);
    settlement->count = count;
    for (size_t i = 0; i < count; i++) {
        settlement->outcomes[i] = outcomes[i];
        settlement->outcomes[i].remote_id = xstrdup_or_null(outcomes[i].remote_id);
        settlement->outcomes[i].error = xstrdup_or_null(outcomes[i].error);
    }
    job_submit(store, &kind, settlement, done, ctx);
}

static enum status retry_refused(struct writing *writing, void *args)
{
    const int64_t *dataset = args;
    struct query query = query_start(
        writing->db, "UPDATE outbox SET is_refused = 0, attempts = 0, next_try_ms = 0"
                     " WHERE is_refused = 1 AND (?1 = 0 OR dataset = ?1)");
    query_int(&query, *dataset);
    return query_run(&query, writing->err);
}

void store_retry_refused(struct store *store, int64_t dataset_row, store_done_fn done,
                         void *ctx)
{
    static const struct job_kind kind = {retry_refused, free, true};
    int64_t *dataset = xmalloc(sizeof *dataset);
    *dataset = dataset_row;
    job_submit(store, &kind, dataset, done, ctx);
}

/* ---- reading ---- */

void outbox_item_clear(struct outbox_item *item)
{
    free(item->last_error);
    memset(item, 0, sizeof *item);
}

void store_count_outbox(struct store *store, int64_t dataset_row,
                        struct outbox_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    struct query query = query_start(
        store->reader, "SELECT coalesce(sum(unsent), 0), coalesce(sum(refused), 0)"
                       " FROM outbox_count WHERE ?1 = 0 OR dataset = ?1");
    query_int(&query, dataset_row);
    if (query_row(&query)) {
        counts->unsent = (size_t)query_get_int(&query, 0);
        counts->refused = (size_t)query_get_int(&query, 1);
    }
    query_end_logged(&query);
}

static enum status read_items(struct query *query, struct outbox_item **out,
                              size_t *count, struct err *err)
{
    struct outbox_item *list = NULL;
    size_t length = 0, capacity = 0;
    while (query_row(query)) {
        if (length == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            list = xreallocarray(list, capacity, sizeof *list);
        }
        struct outbox_item *item = &list[length++];
        item->kind = (enum outbox_kind)query_get_int(query, 0);
        query_get_id(query, 1, &item->record);
        item->version = query_get_int(query, 2);
        item->attempts = (int)query_get_int(query, 3);
        item->next_try_ms = query_get_int(query, 4);
        item->is_refused = query_get_bool(query, 5);
        item->last_error = query_get_text(query, 6, NULL);
    }
    *out = list;
    *count = length;
    return query_end(query, err);
}

/* NOLINTNEXTLINE(readability-function-size): the interface agreed on */
enum status store_list_outbox(struct store *store, int64_t dataset_row,
                              enum outbox_kind kind, int64_t now_ms, size_t max,
                              struct outbox_item **out, size_t *count, struct err *err)
{
    struct query query;
    if (dataset_row) {
        query = query_start(
            store->reader,
            "SELECT " ITEM_COLUMNS " FROM outbox o JOIN record r ON r.row = o.record"
            " WHERE o.dataset = ? AND o.kind = ? AND o.is_refused = 0 AND o.is_ready = 1"
            " AND o.next_try_ms <= ? ORDER BY o.version LIMIT ?");
        query_int(&query, dataset_row);
        query_int(&query, kind);
        query_int(&query, now_ms);
    } else {
        query =
            query_start(store->reader, "SELECT " ITEM_COLUMNS
                                       " FROM outbox o JOIN record r ON r.row = o.record"
                                       " WHERE o.kind = ? ORDER BY o.version LIMIT ?");
        query_int(&query, kind);
    }
    query_int(&query, (int64_t)(max > INT64_MAX ? INT64_MAX : max));
    return read_items(&query, out, count, err);
}
