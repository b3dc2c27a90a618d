/* SPDX-License-Identifier: MIT
 * One change to many records in slices, and deletion. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/parts.h"
#include "store/store_bulk.h"

/* ---- who is at it ---- */

void bulk_hold(struct store *store, int64_t batch, bool is_held)
{
    char name[40];
    snprintf(name, sizeof name, "bulk %lld", (long long)batch);
    struct query query = query_start(
        store->db, is_held ? "INSERT OR REPLACE INTO lease (name, owner) VALUES"
                             " (?, ?)"
                           : "DELETE FROM lease WHERE name = ?");
    query_text(&query, name);
    if (is_held)
        query_text(&query, store->owner);
    query_run(&query, NULL);
}

void bulk_expect_free(struct store *store, int64_t batch)
{
    char name[40];
    snprintf(name, sizeof name, "bulk %lld", (long long)batch);
    struct query query = query_start(store->db, "SELECT owner FROM lease WHERE name = ?");
    query_text(&query, name);
    char *owner = query_take_text(&query);
    if (owner && strcmp(owner, store->owner) != 0 && owner_is_alive(owner, store->owner))
        err_set(&store->fault, STATUS_CONFLICT,
                "Another sherd is still at work on that bulk change; try again when it "
                "is done.");
    free(owner);
}

enum status store_find_cut_bulk(struct store *store, int64_t dataset_row, int64_t *batch,
                                struct err *err)
{
    *batch = 0;
    read_begin(store);
    struct query query = query_start(
        store->db, "SELECT s.event, l.owner FROM lease l JOIN step s"
                   " ON s.event = CAST(substr(l.name, 6) AS INTEGER)"
                   " WHERE l.name GLOB 'bulk *' AND s.dataset = ? ORDER BY s.event DESC");
    query_int(&query, dataset_row);
    while (!*batch && query_row(&query)) {
        char *owner = query_get_text(&query, 1, NULL);
        if (!owner_is_alive(owner, store->owner))
            *batch = query_get_int(&query, 0);
        free(owner);
    }
    query_end(&query, NULL);
    return read_end(store, err);
}

/* ---- one record of it ---- */

static enum bulk_fate judge(struct store *store, const struct bulk *bulk,
                            const struct record_ref *ref, struct standing *standing,
                            struct response *next)
{
    struct record seen = {.row = ref->row};
    if (ref->is_deleted)
        return BULK_ABSENT;
    if (bulk->flag)
        return ref->is_flagged == (bulk->flag > 0) ? BULK_SAME : BULK_DONE;
    if (ref->has_completion && ref->state == COMPLETION_RUNNING)
        return BULK_STREAMING;
    if (!bulk->change)
        return BULK_DONE;
    if (standing->has_theirs)
        return BULK_CLASH;
    if (ref->has_completion && !ref->has_text && bulk->kind != CHANGE_DISCARD)
        return BULK_FAILED;         /* to discard it gets it out of the way */
    seen.response = standing->ours; /* moves over, and back */
    /* What a value is judged by: the suggestions, and the texts that spans are in. */
    struct err fault = {0}; /* what cannot be read is no suggestion */
    struct query query =
        query_start(store->db, "SELECT suggestions FROM record WHERE row = ?");
    query_int(&query, ref->row);
    char *text = query_take_text(&query);
    if (text)
        (void)codec_read_suggestions(&seen, text, strlen(text), &fault);
    free(text);
    record_read_fields(store->db, ref->row, &seen);
    enum bulk_fate fate = bulk->change(bulk->ctx, &seen, next);
    seen.response = (struct response){0};
    record_clear(&seen);
    return fate;
}

/* What the trial has not seen is left: a person was told of what it has. */
static enum bulk_fate judge_seen(const struct bulk *bulk, const struct response *ours,
                                 enum bulk_fate fate, struct bulk_seen *seen)
{
    int64_t stamp = ours->updated_ms * RESPONSE_STATUS_COUNT + ours->status;
    if (bulk->is_trial)
        seen->stamp = stamp;
    else if (fate == BULK_DONE && !bulk->flag && seen->stamp != stamp)
        fate = BULK_MEANWHILE;
    return seen->fate = fate;
}

static enum bulk_fate put_row(struct store *store, struct bulk *bulk, int64_t row,
                              struct bulk_seen *seen)
{
    struct record_ref ref;
    struct standing standing = {0};
    struct response next = {0};
    if (!write_find(store, "SELECT row FROM record WHERE row = ?", NUMBERS(row)))
        return BULK_ABSENT;
    ref_find_row(store, row, &ref);
    standing_read(store, row, &standing);
    enum bulk_fate fate = judge(store, bulk, &ref, &standing, &next);
    if (seen)
        fate = judge_seen(bulk, &standing.ours, fate, seen);
    if (fate == BULK_DONE && !bulk->is_trial) {
        const struct event event = {.ref = &ref,
                                    .kind = bulk->change ? change_kind_name(bulk->kind)
                                            : bulk->flag > 0 ? flag_kind
                                            : bulk->flag < 0 ? unflag_kind
                                                             : delete_kind,
                                    .before = &standing.ours,
                                    .after = bulk->change ? &next : &standing.ours,
                                    .batch = &bulk->batch};
        next.updated_ms = store->now_ms;
        if (next.status == RESPONSE_PENDING)
            values_clear(&next.values);
        if (bulk->change) {
            response_change(store, &ref, &next);
        } else if (bulk->flag) {
            record_put_flag(store, row, QUEUE_FLAGGED, bulk->flag > 0);
        } else {
            record_delete(store, &ref);
        }
        event_log_step(store, &event, 0);
    }
    response_clear(&next);
    standing_clear(&standing);
    return fate;
}

enum status store_put_bulk(struct store *store, struct bulk *bulk, const int64_t *rows,
                           size_t count, bool is_last, struct err *err)
{
    struct bulk now = *bulk; /* as it is, should this fail */
    if (bulk->is_trial)
        read_begin(store);
    else
        write_begin(store);
    int64_t begun_ms = clock_mono_ms(store->clock);
    now.taken = 0;
    do
        now.counts[put_row(store, &now, rows[now.taken],
                           now.seen ? &now.seen[now.taken] : NULL)]++;
    while (++now.taken < count && store->fault.code == STATUS_OK &&
           (!bulk->slice_ms || clock_mono_ms(store->clock) - begun_ms < bulk->slice_ms));
    bool is_whole = is_last && now.taken == count;
    if (!bulk->is_trial && now.batch && (is_whole || !bulk->batch))
        bulk_hold(store, now.batch, !is_whole);
    enum status status = bulk->is_trial ? read_end(store, err) : write_end(store, err);
    if (status == STATUS_OK)
        *bulk = now;
    return status;
}

/* ---- deletion ---- */

const char delete_kind[] = "delete";

void record_restore(struct store *store, const struct record_ref *ref)
{
    struct standing standing = {0};
    standing_read(store, ref->row, &standing);
    record_put_flag(store, ref->row, QUEUE_DELETED, false);
    outbox_remove(store, ref->row, OUTBOX_DELETE);
    bool is_finished = write_find(store, "SELECT is_finished FROM record WHERE row = ?",
                                  NUMBERS(ref->row)) != 0;
    if (!ref->is_remote && is_finished)
        outbox_put(store, ref, OUTBOX_RECORD);
    /* what had waited to be sent waits again */
    bool is_sent = standing.has_base && response_equal(&standing.ours, &standing.base);
    if ((!is_sent || standing.has_theirs) && (ref->is_remote || is_finished) &&
        !ref->is_gone)
        outbox_put(store, ref, OUTBOX_RESPONSE);
    if (standing.has_theirs)
        write_run(store, "UPDATE outbox SET is_clash = 1 WHERE record = ? AND kind = 1",
                  NUMBERS(ref->row));
    standing_clear(&standing);
}

enum status store_hasten_deletions(struct store *store, int64_t dataset_row,
                                   struct err *err)
{
    write_begin(store);
    write_run(store,
              "UPDATE outbox SET next_try_ms = 0 WHERE kind = 2 AND dataset = ?"
              " AND next_try_ms > 0",
              NUMBERS(dataset_row));
    return write_end(store, err);
}

enum status store_purge_deleted(struct store *store, struct err *err)
{
    int64_t found = 0;
    enum status status = db_find(store->db,
                                 "SELECT row FROM record INDEXED BY record_deleted"
                                 " WHERE flags & 64 LIMIT 1",
                                 NULL, 0, &found, err);
    if (status != STATUS_OK || !found)
        return status;
    write_begin(store);
    /* From here on a local one is as one that the server has no more. */
    write_run(store,
              "UPDATE record INDEXED BY record_deleted SET is_gone = 1 WHERE flags & 64"
              " AND is_gone = 0 AND (remote_id IS NULL OR dataset IN (SELECT row FROM"
              " dataset WHERE server = '')) AND row NOT IN (SELECT record FROM event"
              " WHERE at_ms > ? AND (kind = 'delete' OR kind = 'redo'))",
              NUMBERS(store->now_ms - STORE_DELETE_DELAY_MS));
    drop_gone(store, 0, true);
    return write_end(store, err);
}
