/* SPDX-License-Identifier: MIT
 * What the server has: responses are met, records taken over, absence noticed. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/parts.h"

/* ---- responses ---- */

static void mark_clash(struct store *store, int64_t row, bool is_clash)
{
    write_run(store,
              "UPDATE outbox SET is_clash = ?1, attempts = 0, next_try_ms = 0,"
              " last_error = NULL WHERE record = ?2"
              " AND kind = 1 AND is_clash <> ?1",
              NUMBERS(is_clash, row));
    record_put_flag(store, row, QUEUE_CLASH, is_clash);
}

/* The server's version that ours is over from now on; no clash any more. */
static void set_base(struct standing *standing, const struct response *theirs)
{
    response_copy(&standing->base, theirs);
    standing->has_base = true;
    standing->has_theirs = standing->is_reopened = false;
}

/* Ours becomes theirs, and nothing waits. */
static void put_theirs(struct store *store, const struct record_ref *ref,
                       struct standing *standing, const struct response *theirs)
{
    response_copy(&standing->ours, theirs);
    set_base(standing, theirs);
    if (!standing->ours.updated_ms)
        standing->ours.updated_ms = store->now_ms;
    standing->ours.is_changed = theirs->status == RESPONSE_DRAFT &&
                                (ref->status == RESPONSE_SUBMITTED || ref->is_changed);
    standing_write(store, ref->row, standing);
    response_show(store, ref, &standing->ours);
    outbox_remove(store, ref->row, OUTBOX_RESPONSE);
}

static enum meeting judge(const struct standing *standing, const struct response *theirs,
                          bool waits)
{
    /* The server may have either one: that it has chooses nothing. */
    if (standing->is_reopened && !response_equal(&standing->ours, &standing->theirs))
        return MEETING_CLASH;
    bool is_base = standing->has_base && response_equal(theirs, &standing->base);
    bool is_changed = waits && !(standing->has_base &&
                                 response_equal(&standing->ours, &standing->base));
    if (response_equal(theirs, &standing->ours))
        return MEETING_SAME;
    if (is_base)
        return is_changed ? MEETING_OURS : MEETING_SAME;
    if (!is_changed)
        return MEETING_TAKEN;
    if (!standing->has_base && theirs->status == RESPONSE_PENDING)
        return MEETING_OURS;
    return MEETING_CLASH;
}

static enum meeting meet(struct store *store, const struct record_ref *ref,
                         struct standing *standing, const struct response *theirs)
{
    bool waits = write_find(store, "SELECT 1 FROM outbox WHERE record = ? AND kind = 1",
                            NUMBERS(ref->row)) != 0;
    bool was_clash = standing->has_theirs;
    bool is_same = response_equal(theirs, &standing->ours);
    bool is_base = standing->has_base && response_equal(theirs, &standing->base);
    enum meeting meeting = judge(standing, theirs, waits);
    if (meeting == MEETING_TAKEN) {
        struct response before = standing->ours; /* moves over */
        standing->ours = (struct response){0};
        put_theirs(store, ref, standing, theirs);
        const struct event event = {
            .ref = ref, .kind = "pull", .before = &before, .after = &standing->ours};
        /* An answer that was deleted there can be brought back, and is sent again. */
        if (theirs->status == RESPONSE_PENDING)
            event_log_step(store, &event, 0);
        else
            event_log(store, &event);
        response_clear(&before);
    } else if (meeting == MEETING_CLASH) {
        if (standing->is_reopened && (is_base || is_same)) {
            response_copy(&standing->base, theirs);
        } else if (!standing->is_reopened && was_clash &&
                   response_equal(theirs, &standing->theirs)) {
            return meeting;
        } else {
            response_copy(&standing->theirs, theirs);
            standing->has_theirs = true;
            if (standing->is_reopened)
                response_copy(&standing->base, theirs);
        }
        standing_write(store, ref->row, standing);
    } else if (!is_base || was_clash) {
        set_base(standing, theirs);
        standing_write(store, ref->row, standing);
    }
    if (meeting == MEETING_SAME && is_same && waits)
        outbox_remove(store, ref->row, OUTBOX_RESPONSE);
    bool is_clash = meeting == MEETING_CLASH;
    if (is_clash != was_clash)
        mark_clash(store, ref->row, is_clash);
    return meeting;
}

enum status store_meet_response(struct store *store, const struct id *record,
                                const struct response *theirs,
                                const struct response *sending, enum meeting *meeting,
                                struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    ref_find(store, record, &ref);
    standing_read(store, ref.row, &standing);
    bool had_sent = standing.has_sent;
    standing.has_sent = false;
    if (had_sent && response_equal(theirs, &standing.sent)) { /* ours, untold */
        response_copy(&standing.base, theirs);
        standing.has_base = true;
    }
    *meeting = meet(store, &ref, &standing, theirs);
    if (sending && *meeting == MEETING_OURS) {
        response_copy(&standing.sent, sending);
        standing.has_sent = true;
    }
    if (had_sent || standing.has_sent)
        standing_write(store, ref.row, &standing);
    standing_clear(&standing);
    return write_end(store, err);
}

const char keep_kind[] = "keep", take_kind[] = "take";

void clash_settle(struct store *store, const struct record_ref *ref,
                  struct standing *standing, bool keeps_ours)
{
    struct response server = {0}, theirs = standing->theirs; /* moves over */
    bool is_sent = standing->is_reopened && !response_equal(&standing->base, &theirs);
    response_copy(&server, is_sent && !keeps_ours ? &standing->base : &theirs);
    standing->theirs = (struct response){0};
    mark_clash(store, ref->row, false);
    if (!keeps_ours)
        put_theirs(store, ref, standing, &theirs);
    set_base(standing, &server);
    standing_write(store, ref->row, standing);
    if (keeps_ours || is_sent)
        outbox_put(store, ref, OUTBOX_RESPONSE);
    response_clear(&server);
    response_clear(&theirs);
}

enum status store_choose_response(struct store *store, const struct id *record,
                                  bool keeps_ours, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    ref_find(store, record, &ref);
    standing_read(store, ref.row, &standing);
    if (!standing.has_theirs)
        err_set(&store->fault, STATUS_NOT_FOUND,
                "There is nothing to choose: the server has no other answer "
                "to this record.");
    const struct event event = {.ref = &ref,
                                .kind = keeps_ours ? keep_kind : take_kind,
                                .before = keeps_ours ? &standing.theirs : &standing.ours,
                                .after = keeps_ours ? &standing.ours : &standing.theirs};
    event_log_step(store, &event, 0);
    clash_settle(store, &ref, &standing, keeps_ours);
    standing_clear(&standing);
    return write_end(store, err);
}

void clash_reopen(struct store *store, const struct record_ref *ref,
                  const struct response *ours, const struct response *theirs)
{
    struct standing standing = {0};
    standing_read(store, ref->row, &standing);
    response_copy(&standing.ours, ours);
    response_copy(&standing.theirs, theirs);
    standing.has_theirs = true;
    standing.is_reopened = true;
    standing_write(store, ref->row, &standing);
    standing_clear(&standing);
    response_show(store, ref, ours);
    outbox_put(store, ref, OUTBOX_RESPONSE);
    mark_clash(store, ref->row, true);
}

/* ---- records ---- */

static int64_t find_by_text(struct store *store, const char *sql, const char *text,
                            int64_t dataset)
{
    if (!text)
        return 0;
    struct query query = query_start(store->db, sql);
    query_text(&query, text);
    query_int(&query, dataset);
    return query_take_int(&query);
}

/* An external id is one of ours only as we write it: another spelling of the same UUID is
 * another record of somebody else's. */
static bool parse_ours(const char *text, struct id *id)
{
    return text && id_parse(text, id) && strcmp(text, id_text(id).text) == 0;
}

static int64_t find_match(struct store *store, const struct record *record,
                          int64_t dataset)
{
    struct id id;
    int64_t row = find_by_text(store,
                               "SELECT row FROM record INDEXED BY record_remote"
                               " WHERE remote_id = ? AND dataset = ?",
                               record->remote_id, dataset);
    if (!row)
        row = find_by_text(store,
                           "SELECT row FROM record INDEXED BY record_external"
                           " WHERE external_id = ? AND dataset = ?",
                           record->external_id, dataset);
    if (row || !parse_ours(record->external_id, &id))
        return row;
    struct query query =
        query_start(store->db, "SELECT row FROM record WHERE id = ? AND dataset = ?"
                               " AND external_id IS NULL");
    query_id(&query, &id);
    query_int(&query, dataset);
    return query_take_int(&query);
}

/* What we made stays as we have it: the server's copy may have been stripped. */
static bool refresh(struct store *store, const struct record *record, int64_t pull,
                    const struct record_ref *ref)
{
    static const char theirs[] =
        "UPDATE record SET suggestions = ?1, metadata = ?2, external_id = ?3"
        " WHERE row = ?4 AND (suggestions IS NOT ?1 OR metadata IS NOT ?2"
        " OR external_id IS NOT ?3)";
    static const char ours[] =
        "UPDATE record SET suggestions = ?1 WHERE row = ?4 AND ?1 IS NOT NULL"
        " AND suggestions IS NOT ?1 AND ?2 IS ?2 AND ?3 IS ?3";
    write_run(store,
              "UPDATE record SET pull = max(pull, ?1),"
              " updated_us = coalesce(nullif(?2, 0), updated_us) WHERE row = ?3",
              NUMBERS(pull, record->updated_us, ref->row));
    if (record->remote_id)
        outbox_mark_remote(store, ref->row, record->remote_id);
    bool is_changed = ref->is_pulled && record_put_fields(store, ref->row, record);
    char *suggestions = codec_print_suggestions(record);
    write_put(store, ref->is_pulled ? theirs : ours,
              VALUES(TEXT(suggestions), TEXT(record->metadata_json),
                     TEXT(record->external_id), INT(ref->row)));
    free(suggestions);
    return is_changed || ref->is_gone || db_changes(store->db) > 0;
}

/* A page may have been read before our last change reached the server: what the server
 * confirmed since the pull began is newer than the page. While one of ours is on its way,
 * or its fate is unknown, a page may show it or what was before it: what is sent next is
 * met then, with what the server has at that time. */
static enum meeting meet_pulled(struct store *store, const struct record_ref *ref,
                                const struct response *theirs, int64_t pull)
{
    struct standing standing = {0};
    standing_read(store, ref->row, &standing);
    if (ref->is_gone && !response_equal(&standing.ours, &standing.base)) {
        outbox_put(store, ref, OUTBOX_RESPONSE);
        mark_clash(store, ref->row, standing.has_theirs);
    }
    enum meeting meeting = MEETING_SAME;
    bool is_on_way =
        standing.has_sent &&
        write_find(
            store,
            "SELECT 1 FROM outbox WHERE record = ? AND kind = 1 AND NOT is_refused",
            NUMBERS(ref->row)) != 0;
    if (standing.pull < pull && !is_on_way)
        meeting = meet(store, ref, &standing, theirs);
    standing_clear(&standing);
    return meeting;
}

/* It left the server after the page was read, at the earliest when its pull had begun. */
static bool has_left(struct store *store, int64_t row, const char *remote_id,
                     int64_t pull)
{
    struct query query =
        query_start(store->db, "SELECT 1 FROM record WHERE row = ? AND is_gone"
                               " AND pull >= ? AND remote_id = ?");
    query_int(&query, row);
    query_int(&query, pull);
    query_text(&query, remote_id);
    return query_take_int(&query) != 0;
}

/* Deleted here; what the server has now somebody made anew since, with answers of theirs:
 * that is nobody's wish to delete. */
static bool is_back(struct store *store, const struct record_ref *ref,
                    const char *remote_id)
{
    struct query query = query_start(
        store->db, "SELECT flags & 64 FROM record WHERE row = ? AND remote_id <> ?");
    query_int(&query, ref->row);
    query_text(&query, remote_id);
    if (!query_take_int(&query))
        return false;
    record_put_flag(store, ref->row, QUEUE_DELETED, false);
    outbox_remove(store, ref->row, OUTBOX_DELETE);
    return true;
}

static void take_record(struct store *store, int64_t dataset, int64_t pull,
                        const struct record *theirs, struct pulled *pulled)
{
    struct record_ref ref;
    int64_t row = find_match(store, theirs, dataset);
    bool is_new = row == 0;
    if (is_new) {
        struct record record = *theirs; /* borrows all but the id */
        record.dataset_row = dataset;
        /* Another dataset of this store may have a copy. */
        if (!(parse_ours(theirs->external_id, &record.id) &&
              !record_find_row(store, &record.id)) &&
            !(parse_ours(theirs->remote_id, &record.id) &&
              !record_find_row(store, &record.id)))
            id_random(&record.id);
        row = record_insert(store, &record,
                            (struct record_origin){.is_pulled = true, .pull = pull});
    }
    ref_find_row(store, row, &ref);
    if (ref.is_gone && has_left(store, row, theirs->remote_id, pull))
        return;
    bool is_again = !is_new && is_back(store, &ref, theirs->remote_id);
    bool is_changed = !is_new && refresh(store, theirs, pull, &ref);
    enum meeting meeting = meet_pulled(store, &ref, &theirs->response, pull);
    bool has_news = theirs->has_peers && record_put_peers(store, row, theirs);
    /* with ours among those it has, taking ours back makes room for it again */
    bool is_completed =
        theirs->is_completed && theirs->response.status != RESPONSE_SUBMITTED;
    record_put_flags(store, row, QUEUE_COMPLETED, is_completed ? QUEUE_COMPLETED : 0);
    bool is_other = db_changes(store->db) > 0;
    if (is_changed || has_news || is_other)
        record_touch(store, row);
    is_new = is_new || is_again;
    pulled->added += is_new;
    pulled->changed += !is_new && (is_changed || meeting == MEETING_TAKEN);
    pulled->clashes += meeting == MEETING_CLASH;
}

enum status store_begin_pull(struct store *store, int64_t *pull, struct err *err)
{
    write_begin(store);
    int64_t number = write_count(store, "pull");
    enum status status = write_end(store, err);
    if (status == STATUS_OK)
        *pull = number;
    return status;
}

enum status store_apply_pull(struct store *store, int64_t dataset_row, int64_t pull,
                             const struct record *records, size_t count,
                             struct pulled *pulled, struct err *err)
{
    struct pulled sum = {0};
    write_begin(store);
    dataset_expect(store, dataset_row); /* another process may have forgotten it */
    for (size_t i = 0; i < count && store->fault.code == STATUS_OK; i++)
        take_record(store, dataset_row, pull, &records[i], &sum);
    enum status status = write_end(store, err);
    if (pulled)
        *pulled = status == STATUS_OK ? sum : (struct pulled){0};
    return status;
}

enum status store_take_found(struct store *store, int64_t dataset_row,
                             const struct record *records, size_t count, int64_t *rows,
                             size_t *added, struct err *err)
{
    struct pulled sum = {0};
    write_begin(store);
    int64_t pull = write_count(store, "pull"); /* newer than any that is under way */
    for (size_t i = 0; i < count && store->fault.code == STATUS_OK; i++) {
        take_record(store, dataset_row, pull, &records[i], &sum);
        rows[i] = find_match(store, &records[i], dataset_row);
    }
    *added = sum.added;
    return write_end(store, err);
}

enum status store_end_pull(struct store *store, int64_t dataset_row, int64_t pull,
                           size_t *gone, struct err *err)
{
    write_begin(store);
    record_touch(store, 0); /* for the number alone */
    write_run(store,
              "DELETE FROM outbox WHERE record IN (SELECT row FROM record"
              " INDEXED BY record_seen WHERE dataset = ?1"
              " AND pull < ?2 AND remote_id IS NOT NULL AND is_gone = 0)",
              NUMBERS(dataset_row, pull));
    write_run(store,
              "UPDATE record INDEXED BY record_seen"
              " SET is_gone = 1, flags = flags | 16, revision = ?3 WHERE"
              " dataset = ?1 AND pull < ?2 AND remote_id IS NOT NULL AND is_gone = 0",
              NUMBERS(dataset_row, pull, store->revision));
    size_t count = (size_t)db_changes(store->db);
    enum status status = write_end(store, err);
    if (gone)
        *gone = status == STATUS_OK ? count : 0;
    return status;
}

size_t store_count_there(struct store *store, int64_t dataset_row)
{
    int64_t count = 0;
    (void)db_find(store->db,
                  "SELECT count(*) FROM record INDEXED BY record_seen WHERE dataset = ?"
                  " AND remote_id IS NOT NULL AND is_gone = 0",
                  NUMBERS(dataset_row), &count, NULL);
    return (size_t)count;
}

size_t store_count_unseen(struct store *store, int64_t dataset_row, int64_t pull)
{
    int64_t count = 0;
    (void)db_find(store->db,
                  "SELECT count(*) FROM record r INDEXED BY record_queue"
                  " JOIN response s ON s.record = r.row AND s.user = ''"
                  " WHERE r.dataset = ?1 AND r.status > 0 AND r.pull < ?2"
                  " AND r.remote_id IS NOT NULL AND r.is_gone = 0 AND s.pull < ?2"
                  " AND (s.base_status & 7 OR length(s.theirs) > 0)",
                  NUMBERS(dataset_row, pull), &count, NULL);
    return (size_t)count;
}

/* ---- what is gone ---- */

#define COUNT_GONE(which)                                                                \
    (size_t) write_find(store,                                                           \
                        "SELECT count(*) FROM record INDEXED BY record_gone"             \
                        " WHERE dataset = ? AND is_gone = 1 AND flags & 64 = 0" which,   \
                        NUMBERS(dataset_row))

enum status store_drop_gone(struct store *store, int64_t dataset_row,
                            struct gone_counts *counts, struct err *err)
{
    write_begin(store);
    *counts = (struct gone_counts){.records = COUNT_GONE(""),
                                   .answers = COUNT_GONE(" AND status >= 2"),
                                   .drafts = COUNT_GONE(" AND status = 1"),
                                   .notes = COUNT_GONE(" AND length(note) > 0")};
    drop_gone(store, dataset_row, false);
    enum status status = write_end(store, err);
    if (status != STATUS_OK)
        *counts = (struct gone_counts){0};
    return status;
}

enum status store_send_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err)
{
    write_begin(store);
    size_t gone = COUNT_GONE("");
    record_touch(store, 0);
    write_run(store,
              "UPDATE record INDEXED BY record_gone SET revision = ?2 WHERE dataset = ?1"
              " AND is_gone = 1",
              NUMBERS(dataset_row, store->revision));
    outbox_send_anew(store, dataset_row, true);
    enum status status = write_end(store, err);
    if (count)
        *count = status == STATUS_OK ? gone : 0;
    return status;
}
