/* SPDX-License-Identifier: MIT
 * What the server has: responses are met, records taken over, absence noticed. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/parts.h"

/* ---- responses ---- */

static enum status is_waiting(struct store *store, int64_t record, bool *waits,
                              struct err *err)
{
    struct query query =
        query_start(store->db, "SELECT 1 FROM outbox WHERE record = ? AND kind = 1");
    query_int(&query, record);
    *waits = query_row(&query);
    return query_end(&query, err);
}

static enum status mark_clash(struct store *store, const struct record_ref *ref,
                              bool is_clash, struct err *err)
{
    enum status status = db_run(store->db,
                                "UPDATE outbox SET is_clash = ?1 WHERE record = ?2"
                                " AND kind = 1 AND is_clash <> ?1",
                                NUMBERS(is_clash, ref->row), err);
    if (status == STATUS_OK)
        status = record_put_flags(store, ref->row, QUEUE_CLASH,
                                  is_clash ? QUEUE_CLASH : 0, err);
    return status == STATUS_OK ? record_touch(store, ref->row, err) : status;
}

/* Ours becomes theirs, and nothing waits. */
static enum status take_theirs(struct store *store, const struct record_ref *ref,
                               struct standing *standing, const struct response *theirs,
                               const char *kind, bool is_step, struct err *err)
{
    struct response before = {0};
    response_copy(&before, &standing->ours);
    response_copy(&standing->ours, theirs);
    response_copy(&standing->base, theirs);
    standing->has_base = true;
    standing->has_theirs = false;
    if (!standing->ours.updated_ms)
        standing->ours.updated_ms = store->now_ms;
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind = kind,
                                .before = &before,
                                .after = &standing->ours};
    enum status status = standing_write(store, ref->row, standing, err);
    if (status == STATUS_OK)
        status = response_show(store, ref, &standing->ours, err);
    if (status == STATUS_OK)
        status = is_step ? event_log_step(store, &event, 0, err)
                         : event_log(store, &event, NULL, err);
    if (status == STATUS_OK)
        status = outbox_remove(store, ref->row, OUTBOX_RESPONSE, err);
    response_clear(&before);
    return status;
}

static enum meeting judge(const struct standing *standing, const struct response *theirs,
                          bool waits)
{
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

static enum status meet(struct store *store, const struct record_ref *ref,
                        struct standing *standing, const struct response *theirs,
                        enum meeting *meeting, struct err *err)
{
    bool waits = false;
    enum status status = is_waiting(store, ref->row, &waits, err);
    if (status != STATUS_OK)
        return status;
    bool was_clash = standing->has_theirs;
    bool is_same = response_equal(theirs, &standing->ours);
    bool is_base = standing->has_base && response_equal(theirs, &standing->base);
    *meeting = judge(standing, theirs, waits);
    if (*meeting == MEETING_TAKEN) {
        /* An answer that was deleted there can be brought back, and is sent again. */
        bool is_loss = theirs->status == RESPONSE_PENDING;
        status = take_theirs(store, ref, standing, theirs, "pull", is_loss, err);
    } else if (*meeting == MEETING_CLASH) {
        if (was_clash && response_equal(theirs, &standing->theirs))
            return STATUS_OK;
        response_copy(&standing->theirs, theirs);
        standing->has_theirs = true;
        status = standing_write(store, ref->row, standing, err);
    } else if (!is_base || was_clash) {
        response_copy(&standing->base, theirs);
        standing->has_base = true;
        standing->has_theirs = false;
        status = standing_write(store, ref->row, standing, err);
    }
    if (status == STATUS_OK && *meeting == MEETING_SAME && is_same && waits)
        status = outbox_remove(store, ref->row, OUTBOX_RESPONSE, err);
    bool is_clash = *meeting == MEETING_CLASH;
    if (status == STATUS_OK && is_clash != was_clash)
        status = mark_clash(store, ref, is_clash, err);
    return status;
}

enum status store_meet_response(struct store *store, const struct id *record,
                                const struct response *theirs, enum meeting *meeting,
                                struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    *meeting = MEETING_SAME;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = ref_find(store, record, &ref, err);
    if (status == STATUS_OK)
        status = standing_read(store, ref.row, &standing, err);
    if (status == STATUS_OK)
        status = meet(store, &ref, &standing, theirs, meeting, err);
    standing_clear(&standing);
    return write_end(store, status, err);
}

enum status store_choose_response(struct store *store, const struct id *record,
                                  bool keeps_ours, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = ref_find(store, record, &ref, err);
    if (status == STATUS_OK)
        status = standing_read(store, ref.row, &standing, err);
    if (status == STATUS_OK && !standing.has_theirs)
        status = err_set(err, STATUS_NOT_FOUND,
                         "There is nothing to choose: the server has no other answer "
                         "to this record.");
    if (status == STATUS_OK)
        status = mark_clash(store, &ref, false, err);
    if (status == STATUS_OK && keeps_ours) {
        response_copy(&standing.base, &standing.theirs);
        standing.has_base = true;
        standing.has_theirs = false;
        status = standing_write(store, ref.row, &standing, err);
        const struct event event = {.record = ref.row,
                                    .dataset = ref.dataset,
                                    .kind = "choose",
                                    .before = &standing.theirs,
                                    .after = &standing.ours};
        if (status == STATUS_OK)
            status = event_log_step(store, &event, 0, err);
        if (status == STATUS_OK)
            status = outbox_put(store, &ref, OUTBOX_RESPONSE, err);
    } else if (status == STATUS_OK) {
        struct response theirs = {0};
        response_copy(&theirs, &standing.theirs);
        status = take_theirs(store, &ref, &standing, &theirs, "choose", true, err);
        response_clear(&theirs);
    }
    standing_clear(&standing);
    return write_end(store, status, err);
}

enum status clash_reopen(struct store *store, const struct record_ref *ref,
                         const struct response *ours, const struct response *theirs,
                         struct err *err)
{
    struct standing standing = {0};
    enum status status = standing_read(store, ref->row, &standing, err);
    response_copy(&standing.ours, ours);
    response_copy(&standing.theirs, theirs);
    standing.has_theirs = true;
    standing.has_base = false; /* else ours would go out over it */
    if (status == STATUS_OK)
        status = standing_write(store, ref->row, &standing, err);
    if (status == STATUS_OK)
        status = response_show(store, ref, ours, err);
    if (status == STATUS_OK)
        status = outbox_put(store, ref, OUTBOX_RESPONSE, err);
    standing_clear(&standing);
    return status == STATUS_OK ? mark_clash(store, ref, true, err) : status;
}

/* ---- records ---- */

static enum status find_by_text(struct store *store, const char *sql, const char *text,
                                int64_t dataset, int64_t *row, struct err *err)
{
    *row = 0;
    if (!text)
        return STATUS_OK;
    struct query query = query_start(store->db, sql);
    query_text(&query, text);
    query_int(&query, dataset);
    if (query_row(&query))
        *row = query_get_int(&query, 0);
    return query_end(&query, err);
}

/* An external id is one of ours only as we write it: another spelling of the same UUID is
 * another record of somebody else's. */
static bool parse_ours(const char *text, struct id *id)
{
    char back[ID_TEXT];
    if (!text || !id_parse(text, id))
        return false;
    id_format(id, back);
    return strcmp(text, back) == 0;
}

static enum status find_match(struct store *store, const struct record *record,
                              int64_t dataset, int64_t *row, struct err *err)
{
    struct id id;
    enum status status = find_by_text(store,
                                      "SELECT row FROM record INDEXED BY record_remote"
                                      " WHERE remote_id = ? AND dataset = ?",
                                      record->remote_id, dataset, row, err);
    if (status == STATUS_OK && !*row)
        status = find_by_text(store,
                              "SELECT row FROM record INDEXED BY record_external"
                              " WHERE external_id = ? AND dataset = ?",
                              record->external_id, dataset, row, err);
    if (status != STATUS_OK || *row || !parse_ours(record->external_id, &id))
        return status;
    struct query query =
        query_start(store->db, "SELECT row FROM record WHERE id = ? AND dataset = ?"
                               " AND external_id IS NULL");
    query_id(&query, &id);
    query_int(&query, dataset);
    if (query_row(&query))
        *row = query_get_int(&query, 0);
    return query_end(&query, err);
}

static enum status choose_id(struct store *store, const struct record *record,
                             struct id *id, struct err *err)
{
    const char *names[] = {record->external_id, record->remote_id};
    for (size_t i = 0; i < 2; i++) {
        if (!parse_ours(names[i], id))
            continue;
        /* Another dataset of this store may have a copy. */
        struct query query = query_start(store->db, "SELECT 1 FROM record WHERE id = ?");
        query_id(&query, id);
        bool is_taken = query_row(&query);
        enum status status = query_end(&query, err);
        if (status != STATUS_OK || !is_taken)
            return status;
    }
    id_random(id);
    return STATUS_OK;
}

static enum status add_theirs(struct store *store, int64_t dataset, int64_t pull,
                              const struct record *theirs, int64_t *row, struct err *err)
{
    struct record record = *theirs; /* borrows all but the id */
    const struct record_origin origin = {.is_pulled = true, .pull = pull};
    record.dataset_row = dataset;
    enum status status = choose_id(store, theirs, &record.id, err);
    return status == STATUS_OK ? record_insert(store, &record, origin, row, err) : status;
}

/* What we made stays as we have it: the server's copy may have been stripped. */
static enum status refresh(struct store *store, const struct record *record, int64_t pull,
                           const struct record_ref *ref, bool *is_changed,
                           struct err *err)
{
    static const char theirs[] =
        "UPDATE record SET suggestions = ?1, metadata = ?2, external_id = ?3"
        " WHERE row = ?4 AND (suggestions IS NOT ?1 OR metadata IS NOT ?2"
        " OR external_id IS NOT ?3)";
    static const char ours[] =
        "UPDATE record SET suggestions = ?1 WHERE row = ?4 AND ?1 IS NOT NULL"
        " AND suggestions IS NOT ?1 AND ?2 IS ?2 AND ?3 IS ?3";
    enum status status =
        db_run(store->db, "UPDATE record SET pull = max(pull, ?) WHERE row = ?",
               NUMBERS(pull, ref->row), err);
    *is_changed = false;
    if (status == STATUS_OK && record->remote_id)
        status = outbox_mark_remote(store, ref->row, record->remote_id, err);
    if (status == STATUS_OK && ref->is_pulled)
        status = record_put_fields(store, ref->row, record, is_changed, err);
    if (status != STATUS_OK)
        return status;
    char *suggestions = codec_print_suggestions(record);
    struct query query = query_start(store->db, ref->is_pulled ? theirs : ours);
    query_text(&query, suggestions);
    query_text(&query, record->metadata_json);
    query_text(&query, record->external_id);
    query_int(&query, ref->row);
    status = query_run(&query, err);
    free(suggestions);
    *is_changed = *is_changed || ref->is_gone || db_changes(store->db) > 0;
    return status;
}

/* A page may have been read before our last change reached the server: what the server
 * confirmed since the pull began is newer than the page. */
static enum status meet_pulled(struct store *store, const struct record_ref *ref,
                               const struct response *theirs, int64_t pull,
                               enum meeting *meeting, struct err *err)
{
    struct standing standing = {0};
    enum status status = standing_read(store, ref->row, &standing, err);
    *meeting = MEETING_SAME;
    if (status == STATUS_OK && ref->is_gone &&
        !response_equal(&standing.ours, &standing.base))
        status = outbox_put(store, ref, OUTBOX_RESPONSE, err);
    if (status == STATUS_OK && standing.pull < pull)
        status = meet(store, ref, &standing, theirs, meeting, err);
    standing_clear(&standing);
    return status;
}

static enum status take_record(struct store *store, int64_t dataset, int64_t pull,
                               const struct record *record, struct pulled *pulled,
                               struct err *err)
{
    struct record_ref ref;
    int64_t row = 0;
    bool is_changed = false, has_news = false;
    enum meeting meeting = MEETING_SAME;
    enum status status = find_match(store, record, dataset, &row, err);
    bool is_new = row == 0;
    if (status == STATUS_OK && is_new)
        status = add_theirs(store, dataset, pull, record, &row, err);
    if (status == STATUS_OK)
        status = ref_find_row(store, row, &ref, err);
    if (status == STATUS_OK && !is_new)
        status = refresh(store, record, pull, &ref, &is_changed, err);
    if (status == STATUS_OK)
        status = meet_pulled(store, &ref, &record->response, pull, &meeting, err);
    if (status == STATUS_OK && record->has_peers)
        status = record_put_peers(store, row, record, &has_news, err);
    if (status == STATUS_OK && (is_changed || has_news))
        status = record_touch(store, row, err);
    pulled->added += is_new;
    pulled->changed += !is_new && (is_changed || meeting == MEETING_TAKEN);
    pulled->clashes += meeting == MEETING_CLASH;
    return status;
}

enum status store_begin_pull(struct store *store, int64_t *pull, struct err *err)
{
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    return write_end(store,
                     db_number(store->db,
                               "UPDATE counter SET value = value + 1"
                               " WHERE name = 'pull' RETURNING value",
                               pull, err),
                     err);
}

enum status store_apply_pull(struct store *store, int64_t dataset_row, int64_t pull,
                             const struct record *records, size_t count,
                             struct pulled *pulled, struct err *err)
{
    struct pulled sum = {0};
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = take_record(store, dataset_row, pull, &records[i], &sum, err);
    status = write_end(store, status, err);
    if (pulled)
        *pulled = status == STATUS_OK ? sum : (struct pulled){0};
    return status;
}

enum status store_end_pull(struct store *store, int64_t dataset_row, int64_t pull,
                           size_t *gone, struct err *err)
{
    static const char *const steps[] = {
        "DELETE FROM outbox WHERE record IN (SELECT row FROM record"
        " INDEXED BY record_seen WHERE dataset = ?1"
        " AND pull < ?2 AND remote_id IS NOT NULL AND is_gone = 0)",
        "UPDATE record INDEXED BY record_seen"
        " SET is_gone = 1, flags = flags | 16, revision = ?3 WHERE"
        " dataset = ?1 AND pull < ?2 AND remote_id IS NOT NULL AND is_gone = 0",
    };
    int64_t count = 0;
    enum status status = write_begin(store, err);
    if (status == STATUS_OK)
        status = record_touch(store, 0, err); /* for the number alone */
    for (size_t i = 0; status == STATUS_OK && i < 2; i++) {
        struct query query = query_start(store->db, steps[i]);
        query_int(&query, dataset_row);
        query_int(&query, pull);
        if (i == 1)
            query_int(&query, store->revision);
        status = query_run(&query, err);
        count = db_changes(store->db);
    }
    status = write_end(store, status, err);
    if (gone)
        *gone = status == STATUS_OK ? (size_t)count : 0;
    return status;
}

/* ---- what is gone ---- */

static enum status count_gone(struct store *store, int64_t dataset, size_t *count,
                              struct err *err)
{
    struct query query =
        query_start(store->db, "SELECT count(*) FROM record INDEXED BY record_gone"
                               " WHERE dataset = ? AND is_gone = 1");
    query_int(&query, dataset);
    *count = query_row(&query) ? (size_t)query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}

enum status store_drop_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err)
{
#define GONE                                                                             \
    " IN (SELECT row FROM record INDEXED BY record_gone"                                 \
    " WHERE dataset = ?1 AND is_gone = 1)"
    static const char *const steps[] = {
        "DELETE FROM step WHERE event IN (SELECT number FROM event WHERE record" GONE ")",
        "DELETE FROM pick_candidate WHERE record" GONE
        " OR pick IN (SELECT number FROM event WHERE record" GONE ")",
        "DELETE FROM pick WHERE event IN (SELECT number FROM event WHERE record" GONE ")",
        "UPDATE event SET of = NULL WHERE record" GONE,
        "DELETE FROM event WHERE record" GONE,
        "DELETE FROM outbox WHERE record" GONE,
        "DELETE FROM response WHERE record" GONE,
        "DELETE FROM completion WHERE record" GONE,
        "DELETE FROM trace WHERE record" GONE,
        "DELETE FROM viewing WHERE record" GONE,
        "DELETE FROM field WHERE record" GONE,
        "DELETE FROM record INDEXED BY record_gone WHERE dataset = ?1 AND is_gone = 1",
    };
#undef GONE
    size_t gone = 0;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = count_gone(store, dataset_row, &gone, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof steps / sizeof steps[0]; i++) {
        status = db_run(store->db, steps[i], NUMBERS(dataset_row), err);
    }
    status = write_end(store, status, err);
    if (count)
        *count = status == STATUS_OK ? gone : 0;
    return status;
}

enum status store_send_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err)
{
    size_t gone = 0;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = count_gone(store, dataset_row, &gone, err);
    if (status == STATUS_OK)
        status = record_touch(store, 0, err);
    enum status ended =
        db_run(store->db,
               "UPDATE record INDEXED BY record_gone SET revision = ?2 WHERE dataset = ?1"
               " AND is_gone = 1",
               NUMBERS(dataset_row, store->revision), err);
    if (status == STATUS_OK)
        status = ended;
    if (status == STATUS_OK)
        status = outbox_send_anew(store, dataset_row, true, err);
    status = write_end(store, status, err);
    if (count)
        *count = status == STATUS_OK ? gone : 0;
    return status;
}
