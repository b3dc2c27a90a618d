/* SPDX-License-Identifier: MIT
 * The pieces of a record, its items in the outbox, and adding one. */
#include "config.h"

#include "store/parts.h"
#include "store/store_bulk.h"
#include "store/store_stats.h"
#include "json/dataset_json.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

/* What counts as text: a response field of white space is none. */
#define HAS_TEXT                                                                         \
    "EXISTS (SELECT 1 FROM field f WHERE f.record = r.row"                               \
    " AND f.name = coalesce(d.response_field, 'response')"                               \
    " AND trim(f.text, char(32,9,10,11,12,13,133,160,8232,8233,12288)) <> '')"

#define REF_QUERY                                                                        \
    "SELECT r.row, r.dataset, r.id, d.server <> '', r.remote_id IS NOT NULL,"            \
    " r.is_pulled, r.is_gone, c.record IS NOT NULL, c.state, r.status,"                  \
    " " HAS_TEXT ", r.flags FROM record r JOIN dataset d ON d.row = r.dataset"           \
    " LEFT JOIN completion c ON c.record = r.row"

static void read_ref(struct query *query, struct record_ref *ref)
{
    *ref = (struct record_ref){0};
    if (query_row(query)) {
        ref->row = query_get_int(query, 0);
        ref->dataset = query_get_int(query, 1);
        query_get_id(query, 2, &ref->id);
        ref->has_server = query_get_bool(query, 3);
        ref->is_remote = query_get_bool(query, 4);
        ref->is_pulled = query_get_bool(query, 5);
        ref->is_gone = query_get_bool(query, 6);
        ref->has_completion = query_get_bool(query, 7);
        ref->state = (enum completion_state)query_get_int(query, 8);
        ref->status = (enum response_status)query_get_int(query, 9);
        ref->has_text = query_get_bool(query, 10);
        ref->is_deleted = query_get_int(query, 11) & QUEUE_DELETED;
        ref->is_flagged = query_get_int(query, 11) & QUEUE_FLAGGED;
        ref->is_changed = query_get_int(query, 11) & QUEUE_CHANGED;
    }
    query_end(query, NULL);
}

enum status say_no_record(const struct id *id, struct err *err)
{
    return err_set(err, STATUS_NOT_FOUND, "There is no record %s in the store.",
                   id_text(id).text);
}

void ref_find(struct store *store, const struct id *id, struct record_ref *ref)
{
    struct query query = query_start(store->db, REF_QUERY " WHERE r.id = ?");
    query_id(&query, id);
    read_ref(&query, ref);
    if (ref->row)
        return;
    /* Why it is missing says more than that it is. */
    if (store->unkept_fault.code != STATUS_OK && id_equal(id, &store->unkept))
        err_set(&store->fault, store->unkept_fault.code, "%s", store->unkept_fault.text);
    say_no_record(id, &store->fault);
}

void ref_find_row(struct store *store, int64_t row, struct record_ref *ref)
{
    struct query query = query_start(store->db, REF_QUERY " WHERE r.row = ?");
    query_int(&query, row);
    read_ref(&query, ref);
    if (!ref->row)
        err_set(&store->fault, STATUS_NOT_FOUND,
                "There is no record number %lld in the store.", (long long)row);
}

void record_touch(struct store *store, int64_t row)
{
    if (!store->revision) /* one for all that this write changes */
        store->revision = write_count(store, "revision");
    write_run(store, "UPDATE record SET revision = ?1 WHERE row = ?2 AND revision <> ?1",
              NUMBERS(store->revision, row));
}

void record_put_flags(struct store *store, int64_t row, unsigned mask, unsigned flags)
{
    write_run(store,
              "UPDATE record SET flags = (flags & ~?1) | ?2"
              " WHERE row = ?3 AND flags & ?1 <> ?2",
              NUMBERS(mask, flags & mask, row));
}

void record_put_flag(struct store *store, int64_t row, unsigned flag, bool is_on)
{
    record_put_flags(store, row, flag, is_on ? flag : 0);
    record_touch(store, row);
}

/* ---- fields ---- */

static void insert_fields(struct store *store, int64_t row, const struct record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        struct query query = query_start(
            store->db,
            "INSERT INTO field (record, position, name, text) VALUES (?, ?, ?, ?)");
        query_int(&query, row);
        query_int(&query, (int64_t)i);
        query_text(&query, record->fields[i].name);
        query_bytes_as_text(&query, record->fields[i].text, record->fields[i].len);
        query_run(&query, NULL);
    }
}

bool record_put_fields(struct store *store, int64_t row, const struct record *record)
{
    struct query query = query_start(
        store->db, "SELECT name, text FROM field WHERE record = ? ORDER BY position");
    query_int(&query, row);
    size_t count = 0;
    bool is_same = true;
    while (query_row(&query)) {
        size_t len;
        char *name = query_get_text(&query, 0, NULL);
        char *text = query_get_text(&query, 1, &len);
        const struct record_field *field =
            count < record->field_count ? &record->fields[count] : NULL;
        is_same = is_same && field && strcmp(field->name, name) == 0 &&
                  field->len == len && memcmp(field->text, text, len) == 0;
        free(name);
        free(text);
        count++;
    }
    query_end(&query, NULL);
    if (is_same && count == record->field_count)
        return false;
    write_run(store, "DELETE FROM field WHERE record = ?", NUMBERS(row));
    insert_fields(store, row, record);
    return true;
}

/* ---- into the outbox ---- */

void outbox_put(struct store *store, const struct record_ref *ref, enum outbox_kind kind)
{
    if (!ref->has_server)
        return;
    /* Versions of a removed item must not come again: a late confirmation would take the
     * new one for the one that was sent. So they are counted, not derived. */
    int64_t version = write_count(store, "outbox");
    write_run(
        store,
        "UPDATE outbox SET version = ?, is_refused = 0, attempts = 0, next_try_ms = 0,"
        " last_error = NULL WHERE record = ? AND kind = ?",
        NUMBERS(version, ref->row, kind));
    if (db_changes(store->db) > 0)
        return;
    write_run(store,
              "INSERT INTO outbox (record, kind, dataset, version, is_ready,"
              " is_refused, attempts, next_try_ms) VALUES (?, ?, ?, ?, ?, 0, 0, 0)",
              NUMBERS(ref->row, kind, ref->dataset, version,
                      kind != OUTBOX_RESPONSE || ref->is_remote));
}

void outbox_remove(struct store *store, int64_t record, enum outbox_kind kind)
{
    write_run(store, "DELETE FROM outbox WHERE record = ? AND kind = ?",
              NUMBERS(record, kind));
}

void record_delete(struct store *store, const struct record_ref *ref)
{
    record_put_flag(store, ref->row, QUEUE_DELETED, true);
    outbox_remove(store, ref->row, OUTBOX_RECORD);
    outbox_remove(store, ref->row, OUTBOX_RESPONSE);
    if (!ref->is_remote || ref->is_gone)
        return;
    outbox_put(store, ref, OUTBOX_DELETE);
    write_run(store, "UPDATE outbox SET next_try_ms = ? WHERE record = ? AND kind = 2",
              NUMBERS(store->now_ms + STORE_DELETE_DELAY_MS, ref->row));
}

void outbox_mark_remote(struct store *store, int64_t record, const char *remote_id)
{
    struct record_ref ref;
    /* Deleted there and made anew: the new one has no answer of ours yet. */
    write_put(store,
              "UPDATE response SET base_status = 0, base_answers = NULL,"
              " theirs = NULL, sent = NULL WHERE record = ?2 AND user = ''"
              " AND (SELECT remote_id FROM record WHERE row = ?2) <> ?1",
              VALUES(TEXT(remote_id), INT(record)));
    if (db_changes(store->db) > 0) {
        ref_find_row(store, record, &ref);
        record_put_flag(store, record, QUEUE_CLASH, false);
        outbox_remove(store, record, OUTBOX_RESPONSE);
        if (ref.status != RESPONSE_PENDING && !ref.is_deleted)
            outbox_put(store, &ref, OUTBOX_RESPONSE);
    }
    /* The number of the last pull: one that began before did not miss it. */
    write_put(store,
              "UPDATE record SET remote_id = ?1, is_gone = 0,"
              " flags = flags & ~16, pull = max(pull, (SELECT value FROM counter"
              " WHERE name = 'pull')) WHERE row = ?2"
              " AND (remote_id IS NOT ?1 OR is_gone)",
              VALUES(TEXT(remote_id), INT(record)));
    write_run(store,
              "UPDATE outbox SET is_ready = 1 WHERE record = ?"
              " AND kind = 1 AND is_ready = 0",
              NUMBERS(record));
    /* It was on its way when it was deleted here. */
    if (write_find(store,
                   "SELECT row FROM record WHERE row = ?1 AND flags & 64 AND NOT EXISTS"
                   " (SELECT 1 FROM outbox WHERE record = ?1 AND kind = 2)",
                   NUMBERS(record))) {
        ref_find_row(store, record, &ref);
        record_delete(store, &ref);
    }
}

void outbox_put_all(struct store *store, int64_t dataset)
{
    write_run(store,
              "INSERT INTO outbox (record, kind, dataset, version, is_ready, is_refused,"
              " attempts, next_try_ms)"
              " SELECT r.row, k.kind, r.dataset, (SELECT value FROM counter WHERE name ="
              " 'outbox') + row_number() OVER (ORDER BY r.row), k.kind = 0, 0, 0, 0"
              " FROM record r LEFT JOIN completion c ON c.record = r.row"
              " JOIN dataset d ON d.row = r.dataset"
              " JOIN (SELECT 0 AS kind UNION ALL SELECT 1) k"
              " WHERE r.dataset = ?1 AND d.server <> '' AND r.remote_id IS NULL"
              " AND coalesce(c.state, 1) <> 0 AND r.flags & 66 = 0"
              " AND (r.status <> 0 OR (k.kind = 0 AND r.is_finished))"
              " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.record = r.row"
              "  AND o.kind = k.kind)",
              NUMBERS(dataset));
    write_run(store,
              "UPDATE counter SET value = max(value, (SELECT coalesce(max(version), 0)"
              " FROM outbox)) WHERE name = 'outbox'",
              NULL, 0);
}

void outbox_send_anew(struct store *store, int64_t dataset, bool only_gone)
{
    static const char *const steps[] = {
        "DELETE FROM outbox WHERE record IN (SELECT row FROM record WHERE dataset = ?1"
        " AND (is_gone OR NOT ?2))",
        "UPDATE response SET base_status = 0, base_answers = NULL, theirs = NULL,"
        " sent = NULL,"
        " pull = CASE WHEN user = '' THEN pull ELSE -1 END"
        " WHERE record IN (SELECT row FROM record WHERE dataset = ?1"
        " AND (is_gone OR NOT ?2))",
        "UPDATE record SET is_finished = is_finished OR is_pulled, is_pulled = 0,"
        " remote_id = NULL, is_gone = 0, flags = flags & ~24,"
        /* for store_refuse_records, should the server not take them */
        " pull = CASE WHEN is_gone THEN -1 ELSE 0 END"
        " WHERE dataset = ?1 AND (is_gone OR NOT ?2)",
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        write_run(store, steps[i], NUMBERS(dataset, only_gone));
    outbox_put_all(store, dataset);
}

/* ---- the whole ---- */

static void bind_hex(struct query *query, const struct id *id, char out[ID_TEXT])
{
    struct id_text text = id_text(id);
    size_t len = 0;
    for (const char *at = text.text; *at; at++)
        if (*at != '-')
            out[len++] = *at;
    out[len] = '\0';
    query_text(query, id_is_zero(id) ? NULL : out);
}

void record_put_completion(struct store *store, int64_t row,
                           const struct completion *completion)
{
    char *facts = json_print_new(completion_to_json(completion));
    char parent[ID_TEXT], run[ID_TEXT];
    struct query query = query_start(
        store->db, "INSERT OR REPLACE INTO completion (record, state, owner, facts,"
                   " parent, run) VALUES (?1, ?2, coalesce(?3, (SELECT owner FROM"
                   " completion WHERE record = ?1)), ?4, ?5, ?6)");
    query_int(&query, row);
    query_int(&query, completion->state);
    query_text(&query, completion->state == COMPLETION_RUNNING ? store->owner : NULL);
    query_text(&query, facts);
    bind_hex(&query, &completion->parent, parent);
    bind_hex(&query, &completion->run, run);
    query_run(&query, NULL);
    free(facts);
    struct record_ref ref;
    if (completion->state != COMPLETION_RUNNING)
        ref_find_row(store, row, &ref);
    unsigned flags = completion->state == COMPLETION_RUNNING ? QUEUE_STREAMING
                     : !ref.has_text                         ? QUEUE_FAILED
                     : completion->state == COMPLETION_DONE  ? 0
                                                             : QUEUE_CUT;
    record_put_flags(store, row, QUEUE_STREAMING | QUEUE_FAILED | QUEUE_CUT, flags);
    record_touch(store, row);
}

void record_finish(struct store *store, const struct record_ref *ref)
{
    write_run(store, "UPDATE record SET is_finished = 1 WHERE row = ?",
              NUMBERS(ref->row));
    outbox_put(store, ref, OUTBOX_RECORD);
}

int64_t record_insert(struct store *store, const struct record *record,
                      struct record_origin origin)
{
    char *suggestions = codec_print_suggestions(record);
    write_put(store,
              "INSERT INTO record (id, dataset, external_id, remote_id, is_pulled,"
              " is_finished, status, rating, flags, metadata, suggestions, inserted_ms,"
              " inserted_us, updated_us, pull, note)"
              " VALUES (?, ?, ?, ?, ?, ?, 0, -1, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?)",
              VALUES(ID(&record->id), INT(record->dataset_row), TEXT(record->external_id),
                     TEXT(record->remote_id), INT(origin.is_pulled),
                     INT(origin.is_finished),
                     INT((record->flags & QUEUE_FLAGGED) |
                         (record->is_decided ? FLAG_DECIDED : 0) |
                         (record->note ? QUEUE_NOTED : 0)),
                     TEXT(record->metadata_json), TEXT(suggestions),
                     INT(record->inserted_ms ? record->inserted_ms : store->now_ms),
                     INT(record->inserted_us), INT(record->updated_us), INT(origin.pull),
                     TEXT(record->note)));
    free(suggestions);
    int64_t row = db_last_row(store->db);
    insert_fields(store, row, record);
    record_touch(store, row);
    return row;
}

/* ---- those that are gone ---- */

void drop_gone(struct store *store, int64_t dataset, bool is_deleted)
{
#define GONE                                                                             \
    " IN (SELECT row FROM record INDEXED BY record_gone"                                 \
    " WHERE (?1 = 0 OR dataset = ?1) AND is_gone = 1 AND (flags & 64 <> 0) = ?2)"
    static const char *const steps[] = {
        "DELETE FROM step WHERE event IN (SELECT number FROM event WHERE record" GONE ")",
        "DELETE FROM pick_candidate WHERE record" GONE
        " OR pick IN (SELECT number FROM event WHERE record" GONE ")",
        "DELETE FROM pick WHERE event IN (SELECT number FROM event WHERE record" GONE ")",
        "DELETE FROM again WHERE record" GONE,
        "UPDATE event SET of = NULL WHERE record" GONE,
        "DELETE FROM event WHERE record" GONE,
        "DELETE FROM outbox WHERE record" GONE,
        "DELETE FROM response WHERE record" GONE,
        "DELETE FROM completion WHERE record" GONE,
        "DELETE FROM trace WHERE record" GONE,
        "DELETE FROM viewing WHERE record" GONE,
        "DELETE FROM field WHERE record" GONE,
        ("DELETE FROM record INDEXED BY record_gone WHERE (?1 = 0 OR dataset = ?1)"
         " AND is_gone = 1 AND (flags & 64 <> 0) = ?2"),
    };
#undef GONE
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        write_run(store, steps[i], NUMBERS(dataset, is_deleted));
}
