/* SPDX-License-Identifier: MIT
 * What the server has not confirmed: settling, counting, listing, and who sends. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/parts.h"

/* ---- settling ---- */

static void postpone(struct store *store, int64_t record, const struct outcome *outcome)
{
    bool is_refused = outcome->kind == OUTCOME_REFUSED;
    write_put(
        store,
        "UPDATE outbox SET is_refused = ?, attempts = attempts + 1, next_try_ms = ?,"
        " last_error = ? WHERE record = ? AND kind = ? AND version = ?",
        VALUES(INT(is_refused), INT(is_refused ? 0 : outcome->next_try_ms),
               TEXT(outcome->error), INT(record), INT(outcome->item),
               INT(outcome->version)));
    if (is_refused && outcome->item == OUTBOX_RESPONSE)
        write_run(store, "UPDATE response SET sent = NULL WHERE record = ? AND user = ''",
                  NUMBERS(record));
}

static void confirm(struct store *store, int64_t record, const struct outcome *outcome)
{
    write_run(store, "DELETE FROM outbox WHERE record = ? AND kind = ? AND version = ?",
              NUMBERS(record, outcome->item, outcome->version));
    bool is_current = db_changes(store->db) > 0;
    if (outcome->remote_id)
        outbox_mark_remote(store, record, outcome->remote_id);
    if (outcome->item == OUTBOX_RESPONSE) {
        /* What was confirmed is what the server has, whatever has been changed here
         * since. */
        struct standing standing = {0};
        standing_read(store, record, &standing);
        if (outcome->sent || is_current) {
            response_copy(&standing.base, outcome->sent ? outcome->sent : &standing.ours);
            standing.has_base = true;
        }
        if (is_current) { /* a clash that was met meanwhile is over: ours went out */
            standing.has_theirs = standing.is_reopened = false;
            record_put_flags(store, record, QUEUE_CLASH, 0);
        }
        standing.has_sent = false;
        standing.pull =
            write_find(store, "SELECT value FROM counter WHERE name = 'pull'", NULL, 0);
        standing_write(store, record, &standing);
        standing_clear(&standing);
    }
}

enum status store_settle_outbox(struct store *store, const struct outcome *outcomes,
                                size_t count, struct err *err)
{
    write_begin(store);
    for (size_t i = 0; i < count && store->fault.code == STATUS_OK; i++) {
        struct record_ref ref;
        ref_find(store, &outcomes[i].record, &ref);
        bool is_deleted =
            outcomes[i].item == OUTBOX_DELETE && outcomes[i].kind == OUTCOME_CONFIRMED;
        switch (is_deleted ? OUTCOME_GONE : outcomes[i].kind) {
        case OUTCOME_CONFIRMED:
            confirm(store, ref.row, &outcomes[i]);
            break;
        case OUTCOME_REFUSED:
        case OUTCOME_LATER:
            postpone(store, ref.row, &outcomes[i]);
            break;
        case OUTCOME_GONE:
            /* the number of the last pull: its pages may have been read before */
            write_run(
                store,
                "UPDATE record SET is_gone = 1, flags = flags | 16, pull = max(pull,"
                " (SELECT value FROM counter WHERE name = 'pull')) WHERE row = ?",
                NUMBERS(ref.row));
            write_run(store, "DELETE FROM outbox WHERE record = ?", NUMBERS(ref.row));
            break;
        }
        record_touch(store, ref.row);
    }
    return write_end(store, err);
}

enum status store_refuse_records(struct store *store, int64_t dataset_row,
                                 const char *why, struct err *err)
{
    write_begin(store);
    record_touch(store, 0); /* for the number alone */
    write_run(store,
              "UPDATE record SET is_gone = 1, flags = flags | 16, pull = 0, revision = ?2"
              " WHERE pull = -1 AND row IN (SELECT record FROM outbox WHERE kind = 0"
              "  AND dataset = ?1)",
              NUMBERS(dataset_row, store->revision));
    write_run(store,
              "DELETE FROM outbox WHERE record IN (SELECT row FROM record"
              " INDEXED BY record_gone WHERE dataset = ? AND is_gone = 1)",
              NUMBERS(dataset_row));
    write_put(store,
              "UPDATE outbox SET is_refused = 1, attempts = attempts + 1,"
              " next_try_ms = 0, last_error = ?2 WHERE kind = 0 AND dataset = ?1"
              " AND is_refused = 0",
              VALUES(INT(dataset_row), TEXT(why)));
    return write_end(store, err);
}

enum status store_retry_refused(struct store *store, int64_t dataset_row, struct err *err)
{
    write_begin(store);
    write_run(store,
              "UPDATE outbox SET is_refused = 0, attempts = 0, next_try_ms = 0"
              " WHERE is_refused = 1 AND (?1 = 0 OR dataset = ?1)",
              NUMBERS(dataset_row));
    return write_end(store, err);
}

#define KEPT                                                                             \
    "flags & 4 AND status = 0 AND is_finished = 0 AND remote_id IS NULL AND flags & 64 " \
    "= 0"

enum status store_send_kept(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err)
{
    struct record_ref ref;
    size_t sent = 0;
    int64_t row = 0;
    write_begin(store);
    do {
        /* The next: those before are not kept any more. */
        row = write_find(store,
                         "SELECT row FROM record INDEXED BY record_kept WHERE " KEPT
                         " AND (?1 = 0 OR dataset = ?1) AND dataset IN"
                         " (SELECT row FROM dataset WHERE server <> '') LIMIT 1",
                         NUMBERS(dataset_row));
        if (row) {
            ref_find_row(store, row, &ref);
            record_finish(store, &ref);
            sent++;
        }
    } while (row);
    enum status status = write_end(store, err);
    if (count)
        *count = status == STATUS_OK ? sent : 0;
    return status;
}

/* ---- reading ---- */

void outbox_item_clear(struct outbox_item *item)
{
    free(item->last_error);
    memset(item, 0, sizeof *item);
}

void outbox_items_free(struct outbox_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        outbox_item_clear(&items[i]);
    free(items);
}

void store_count_outbox(struct store *store, int64_t dataset_row,
                        struct outbox_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    struct query query = query_start(
        store->db,
        "SELECT coalesce(sum(c.unsent), 0), coalesce(sum(c.refused), 0),"
        " coalesce(sum(c.clashes), 0), coalesce(sum((SELECT count(*) FROM record r"
        "  INDEXED BY record_kept WHERE r.dataset = d.row AND d.server <> '' AND " KEPT
        ")), 0),"
        " coalesce(sum((SELECT count(*) FROM record r INDEXED BY record_gone WHERE"
        "  r.dataset = d.row"
        "  AND r.is_gone = 1 AND r.flags & 64 = 0)), 0),"
        " coalesce(sum((SELECT count(*) FROM outbox o INDEXED BY outbox_due WHERE"
        "  o.kind = 2 AND o.dataset = d.row AND o.is_refused = 0)), 0)"
        " FROM outbox_count c JOIN dataset d ON d.row = c.dataset"
        " WHERE ?1 = 0 OR c.dataset = ?1");
    query_int(&query, dataset_row);
    if (query_row(&query)) {
        counts->deleted = (size_t)query_get_int(&query, 5);
        counts->unsent = (size_t)query_get_int(&query, 0);
        counts->unsent -=
            counts->unsent < counts->deleted ? counts->unsent : counts->deleted;
        counts->refused = (size_t)query_get_int(&query, 1);
        counts->clashes = (size_t)query_get_int(&query, 2);
        counts->kept = (size_t)query_get_int(&query, 3);
        counts->gone = (size_t)query_get_int(&query, 4);
    }
    query_end_logged(&query);
}

/* Sorted before anything else is looked at: cheap whatever waits. Of a dataset that is
 * gone nothing can be sent: it waits to be moved. */
#define ITEMS(where, order)                                                              \
    "SELECT o.kind, r.id, r.row, o.dataset, o.version, o.attempts, o.next_try_ms,"       \
    " o.is_refused, o.is_clash, coalesce(o.last_error, CASE WHEN NOT o.is_ready THEN"    \
    " 'its record goes first' END) FROM (SELECT * FROM outbox WHERE kind = ?1"           \
    " AND " where " ORDER BY " order " LIMIT ?4) o JOIN record r ON r.row = o.record"    \
    " ORDER BY " order
#define IS_DUE                                                                           \
    "is_refused = 0 AND is_clash = 0 AND is_ready = 1 AND next_try_ms <= ?3"             \
    " AND dataset IN (SELECT row FROM dataset WHERE is_gone = 0)"
#define SET_ASIDE_FIRST "is_refused + is_clash = 0, version"

enum status store_list_outbox(struct store *store, const struct outbox_query *query,
                              struct outbox_item **out, size_t *count, struct err *err)
{
    /* Of one dataset the index has the order already. */
    static const char *const due[] = {ITEMS("?2 = 0 AND " IS_DUE, "version"),
                                      ITEMS("dataset = ?2 AND " IS_DUE, "version")};
    static const char *const all[] = {ITEMS("?2 = 0 AND ?3 = ?3", SET_ASIDE_FIRST),
                                      ITEMS("dataset = ?2 AND ?3 = ?3", SET_ASIDE_FIRST)};
    struct query rows =
        query_start(store->db, (query->is_due ? due : all)[query->dataset_row != 0]);
    query_int(&rows, query->kind);
    query_int(&rows, query->dataset_row);
    query_int(&rows, query->now_ms);
    const uint64_t max = query->max; /* a size_t has 32 bits on some machines */
    query_int(&rows, max > INT64_MAX ? INT64_MAX : (int64_t)max);
    struct outbox_item *list = NULL;
    size_t length = 0, capacity = 0;
    while (query_row(&rows)) {
        list = xgrow(list, length, &capacity, sizeof *list);
        struct outbox_item *item = &list[length++];
        item->kind = (enum outbox_kind)query_get_int(&rows, 0);
        query_get_id(&rows, 1, &item->record);
        item->record_row = query_get_int(&rows, 2);
        item->dataset_row = query_get_int(&rows, 3);
        item->version = query_get_int(&rows, 4);
        item->attempts = (int)query_get_int(&rows, 5);
        item->next_try_ms = query_get_int(&rows, 6);
        item->is_refused = query_get_bool(&rows, 7);
        item->is_clash = query_get_bool(&rows, 8);
        item->last_error = query_get_text(&rows, 9, NULL);
    }
    *out = list;
    *count = length;
    return query_end(&rows, err);
}

/* ---- who sends ---- */

static void name_lease(int64_t dataset_row, char name[40])
{
    snprintf(name, 40, "send %lld", (long long)dataset_row);
}

enum status store_claim_sending(struct store *store, int64_t dataset_row, bool *is_ours,
                                struct err *err)
{
    char name[40];
    name_lease(dataset_row, name);
    write_begin(store);
    struct query query = query_start(store->db, "SELECT owner FROM lease WHERE name = ?");
    query_text(&query, name);
    char *owner = query_take_text(&query);
    bool has = owner && strcmp(owner, store->owner) == 0;
    bool is_free = !owner || !owner_is_alive(owner, store->owner);
    free(owner);
    if (is_free) {
        write_put(store, "INSERT OR REPLACE INTO lease (name, owner) VALUES (?, ?)",
                  VALUES(TEXT(name), TEXT(store->owner)));
    }
    enum status status = write_end(store, err);
    *is_ours = status == STATUS_OK && (has || is_free);
    return status;
}

void store_release_sending(struct store *store, int64_t dataset_row)
{
    char name[40];
    name_lease(dataset_row, name);
    write_begin(store);
    write_put(store, "DELETE FROM lease WHERE name = ? AND owner = ?",
              VALUES(TEXT(name), TEXT(store->owner)));
    write_end(store, NULL); /* if it cannot: it ends with the process */
}
