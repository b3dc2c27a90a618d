/* SPDX-License-Identifier: MIT
 * Adding records, and what a model writes into them: claimed, growing, ended. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/parts.h"

/* ---- adding ---- */

static enum status check_dataset(struct store *store, int64_t row, struct err *err)
{
    struct query query = query_start(store->db, "SELECT 1 FROM dataset WHERE row = ?");
    query_int(&query, row);
    bool is_found = query_row(&query);
    enum status status = query_end(&query, err);
    if (status != STATUS_OK || is_found)
        return status;
    return err_set(err, STATUS_NOT_FOUND, "There is no dataset number %lld in the store.",
                   (long long)row);
}

static enum status add_response(struct store *store, const struct record_ref *ref,
                                const struct response *response, struct err *err)
{
    struct response copy = {0};
    response_copy(&copy, response);
    if (!copy.updated_ms)
        copy.updated_ms = store->now_ms;
    static const struct response none;
    enum change_kind kind = copy.status == RESPONSE_SUBMITTED   ? CHANGE_SUBMIT
                            : copy.status == RESPONSE_DISCARDED ? CHANGE_DISCARD
                                                                : CHANGE_DRAFT;
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind = change_kind_name(kind),
                                .before = &none,
                                .after = &copy};
    enum status status = response_change(store, ref, &copy, err);
    if (status == STATUS_OK)
        status = event_log_step(store, &event, 0, err);
    response_clear(&copy);
    return status;
}

static enum status insert_new(struct store *store, const struct record *record,
                              bool is_finished, int64_t *row, struct err *err)
{
    struct record_ref ref = {0};
    const struct record_origin origin = {.is_finished = is_finished};
    enum status status = check_dataset(store, record->dataset_row, err);
    if (status == STATUS_OK)
        status = record_insert(store, record, origin, row, err);
    if (status == STATUS_OK && record->has_completion)
        status = record_put_completion(store, *row, &record->completion, err);
    if (status == STATUS_OK)
        status = ref_find_row(store, *row, &ref, err);
    if (status == STATUS_OK && record->response.status != RESPONSE_PENDING)
        status = add_response(store, &ref, &record->response, err);
    if (status == STATUS_OK && is_finished && !ref.is_remote)
        status = record_finish(store, &ref, err);
    return status;
}

/* What could not be kept is asked for by its id later: then the cause is told. */
static void note_unkept(struct store *store, const struct id *id, enum status status,
                        const struct err *err)
{
    if (status == STATUS_OK)
        return;
    store->unkept = *id;
    store->unkept_fault = *err;
}

enum status store_add_record(struct store *store, struct record *record, bool is_finished,
                             bool *is_new, struct err *err)
{
    struct err fault = {0};
    int64_t row = 0;
    bool exists = false;
    enum status status = write_begin(store, &fault);
    if (status == STATUS_OK) {
        status = record_find_row(store, &record->id, &row, &fault);
        exists = row != 0;
        if (status == STATUS_OK && !exists)
            status = insert_new(store, record, is_finished, &row, &fault);
        status = write_end(store, status, &fault);
    }
    note_unkept(store, &record->id, status, &fault);
    if (status != STATUS_OK)
        return err_set(err, status, "%s", fault.text);
    record->row = row;
    if (is_new)
        *is_new = !exists;
    return STATUS_OK;
}

enum status store_add_records(struct store *store, struct record *records, size_t count,
                              struct err *err)
{
    enum status status = write_begin(store, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = insert_new(store, &records[i], true, &records[i].row, err);
    return write_end(store, status, err);
}

/* ---- claiming ---- */

static enum status read_owner(struct store *store, int64_t row, char **owner,
                              struct err *err)
{
    struct query query =
        query_start(store->db, "SELECT owner FROM completion WHERE record = ?");
    query_int(&query, row);
    *owner = query_row(&query) ? query_get_text(&query, 0, NULL) : NULL;
    return query_end(&query, err);
}

/* A record that is there already. */
static enum status claim_again(struct store *store, const struct record *record,
                               const struct record_ref *ref, enum claim *claim,
                               struct err *err)
{
    char *owner = NULL;
    enum status status = read_owner(store, ref->row, &owner, err);
    /* What was only begun to be rated, and has no text, is asked for again. */
    bool is_judged = ref->status != RESPONSE_PENDING &&
                     (ref->has_text || ref->status != RESPONSE_DRAFT);
    bool is_running = ref->has_completion && ref->state == COMPLETION_RUNNING;
    if (!ref->has_completion || ref->state == COMPLETION_DONE ||
        (is_judged && !is_running))
        *claim = CLAIM_DONE;
    else if (is_running && owner && strcmp(owner, store->owner) != 0 &&
             owner_is_alive(owner, store->owner))
        *claim = CLAIM_ELSEWHERE;
    else
        *claim = is_judged ? CLAIM_DONE : CLAIM_OURS;
    free(owner);
    if (status != STATUS_OK || *claim != CLAIM_OURS)
        return status;
    struct completion running = {0};
    completion_copy(&running, &record->completion);
    running.state = COMPLETION_RUNNING;
    status = record_put_completion(store, ref->row, &running, err);
    completion_clear(&running);
    return status;
}

enum status store_claim_completion(struct store *store, struct record *record,
                                   enum claim *claim, struct err *err)
{
    struct err fault = {0};
    int64_t row = 0;
    struct record_ref ref = {0};
    *claim = CLAIM_OURS;
    enum status status = write_begin(store, &fault);
    if (status == STATUS_OK) {
        status = record_find_row(store, &record->id, &row, &fault);
        if (status == STATUS_OK && !row) {
            record->has_completion = true;
            record->completion.state = COMPLETION_RUNNING;
            status = insert_new(store, record, false, &row, &fault);
        } else if (status == STATUS_OK) {
            status = ref_find_row(store, row, &ref, &fault);
            if (status == STATUS_OK)
                status = claim_again(store, record, &ref, claim, &fault);
        }
        status = write_end(store, status, &fault);
    }
    note_unkept(store, &record->id, status, &fault);
    if (status != STATUS_OK)
        return err_set(err, status, "%s", fault.text);
    record->row = row;
    return STATUS_OK;
}

/* ---- growing and ending ---- */

static bool is_blank(const char *text, size_t len)
{
    while (len && strchr(" \t\r\n\f\v", text[len - 1]) && text[len - 1])
        len--;
    return len == 0;
}

static enum status put_text(struct store *store, int64_t row, const char *text,
                            size_t len, struct err *err)
{
    struct query query = query_start(
        store->db, "UPDATE field SET text = ?1 WHERE record = ?2 AND name = (SELECT"
                   " coalesce(d.response_field, 'response') FROM record r JOIN dataset d"
                   " ON d.row = r.dataset WHERE r.row = ?2)");
    query_bytes_as_text(&query, text, len);
    query_int(&query, row);
    enum status status = query_run(&query, err);
    if (status != STATUS_OK || db_changes(store->db) > 0)
        return status;
    query = query_start(
        store->db,
        "INSERT INTO field (text, record, position, name) SELECT ?1, ?2, (SELECT"
        " coalesce(max(position) + 1, 0) FROM field WHERE record = ?2),"
        " coalesce(d.response_field, 'response') FROM record r JOIN dataset d"
        " ON d.row = r.dataset WHERE r.row = ?2");
    query_bytes_as_text(&query, text, len);
    query_int(&query, row);
    return query_run(&query, err);
}

static enum status check_claim(struct store *store, const struct record_ref *ref,
                               struct err *err)
{
    char *owner = NULL;
    enum status status = read_owner(store, ref->row, &owner, err);
    bool is_ours = ref->has_completion && ref->state == COMPLETION_RUNNING && owner &&
                   strcmp(owner, store->owner) == 0;
    free(owner);
    if (status != STATUS_OK || is_ours)
        return status;
    return err_set(err, STATUS_CONFLICT,
                   "This answer is not written any more: the record has one already, or "
                   "another sherd asks for it. What is in the store stays.");
}

static enum status end_completion(struct store *store, int64_t row, struct err *err)
{
    struct record_ref ref;
    enum status status = ref_find_row(store, row, &ref, err);
    if (status != STATUS_OK || ref.state == COMPLETION_RUNNING)
        return status;
    if (!ref.has_text)
        return outbox_remove(store, row, OUTBOX_RESPONSE, err);
    if (ref.state != COMPLETION_DONE && ref.status == RESPONSE_PENDING)
        return STATUS_OK; /* kept here until somebody rates it */
    status = record_finish(store, &ref, err);
    if (status == STATUS_OK && ref.status != RESPONSE_PENDING)
        status = outbox_put(store, &ref, OUTBOX_RESPONSE, err);
    return status;
}

enum status store_put_completion(struct store *store, const struct id *record,
                                 const char *text, size_t len,
                                 const struct completion *completion, struct err *err)
{
    struct record_ref ref;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = ref_find(store, record, &ref, err);
    if (status == STATUS_OK)
        status = check_claim(store, &ref, err);
    /* What is no text does not take the place of what is; else it stays as it came. */
    if (status == STATUS_OK && text && len && !(ref.has_text && is_blank(text, len)))
        status = put_text(store, ref.row, text, len, err);
    if (status == STATUS_OK)
        status = record_put_completion(store, ref.row, completion, err);
    if (status == STATUS_OK)
        status = end_completion(store, ref.row, err);
    return write_end(store, status, err);
}

/* ---- what a crash left behind ---- */

static enum status next_running(struct store *store, int64_t after, int64_t *row,
                                char **owner, struct completion *completion,
                                struct err *err)
{
    struct query query =
        query_start(store->db, "SELECT record, owner, facts FROM completion"
                               " WHERE state = 0 AND record > ? ORDER BY record LIMIT 1");
    query_int(&query, after);
    *row = 0;
    if (query_row(&query)) {
        size_t len;
        char *facts = query_get_text(&query, 2, &len);
        *row = query_get_int(&query, 0);
        *owner = query_get_text(&query, 1, NULL);
        if (codec_read_completion(completion, facts, len, NULL) != STATUS_OK)
            completion_init(completion);
        free(facts);
    }
    return query_end(&query, err);
}

static enum status end_orphan(struct store *store, int64_t row,
                              struct completion *completion, struct err *err)
{
    struct record_ref ref;
    enum status status = ref_find_row(store, row, &ref, err);
    if (status != STATUS_OK)
        return status;
    completion->state = ref.has_text ? COMPLETION_CUT : COMPLETION_FAILED;
    free(completion->error);
    completion->error = xstrdup("sherd ended before the answer was complete.");
    status = record_put_completion(store, row, completion, err);
    return status == STATUS_OK ? end_completion(store, row, err) : status;
}

enum status store_mend_completions(struct store *store, size_t *changed, struct err *err)
{
    struct completion completion = {0};
    int64_t row = 0;
    size_t count = 0;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    do {
        char *owner = NULL;
        status = next_running(store, row, &row, &owner, &completion, err);
        if (status == STATUS_OK && row && !owner_is_alive(owner, store->owner)) {
            status = end_orphan(store, row, &completion, err);
            count++;
        }
        completion_clear(&completion);
        free(owner);
    } while (status == STATUS_OK && row);
    status = write_end(store, status, err);
    if (changed)
        *changed = status == STATUS_OK ? count : 0;
    return status;
}
