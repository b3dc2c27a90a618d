/* SPDX-License-Identifier: MIT
 * Adding records, and what a model writes into them: claimed, growing, ended. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "store/parts.h"
#include "store/store_stats.h"
#include "json/json.h"

/* ---- adding ---- */

static int64_t insert_new(struct store *store, const struct record *record,
                          bool is_finished)
{
    static const struct response none;
    const struct response *response = &record->response;
    struct record_ref ref;
    dataset_expect(store, record->dataset_row);
    int64_t row =
        record_insert(store, record, (struct record_origin){.is_finished = is_finished});
    if (record->has_completion)
        record_put_completion(store, row, &record->completion);
    if (response->status == RESPONSE_PENDING && !is_finished)
        return row;
    ref_find_row(store, row, &ref);
    if (response->status != RESPONSE_PENDING)
        response_change_step(store, &ref, &none, response,
                             change_kind_to(response->status), 0);
    if (is_finished && !ref.is_remote)
        record_finish(store, &ref);
    return row;
}

/* What could not be kept is asked for by its id later: then the cause is told. */
static enum status end_keeping(struct store *store, struct record *record, int64_t row,
                               struct err *err)
{
    enum status status = write_end(store, err);
    if (status == STATUS_OK) {
        record->row = row;
    } else {
        store->unkept = record->id;
        store->unkept_fault = store->fault;
    }
    return status;
}

enum status store_add_record(struct store *store, struct record *record, bool is_finished,
                             bool *is_new, struct err *err)
{
    write_begin(store);
    int64_t row = record_find_row(store, &record->id);
    bool exists = row != 0;
    if (!exists)
        row = insert_new(store, record, is_finished);
    enum status status = end_keeping(store, record, row, err);
    if (status == STATUS_OK && is_new)
        *is_new = !exists;
    return status;
}

enum status store_add_records(struct store *store, struct record *records, size_t count,
                              struct err *err)
{
    write_begin(store);
    for (size_t i = 0; i < count; i++)
        records[i].row = insert_new(store, &records[i], true);
    return write_end(store, err);
}

/* ---- importing ---- */

/* The dataset's record that it is; 0 = none. is_taken: another dataset has its id. */
static int64_t find_imported(struct store *store, const struct record *record,
                             bool *is_taken)
{
    char id[ID_TEXT];
    id_format(&record->id, id);
    const char *name = record->external_id ? record->external_id : id;
    struct id same = record->id; /* another spelling of it is another record */
    bool is_id = id_parse(name, &same) && strcmp(name, id_text(&same).text) == 0;
    struct query query = query_start(
        store->db, "SELECT coalesce((SELECT row FROM record INDEXED BY record_remote"
                   "  WHERE remote_id = ?1 AND dataset = ?3),"
                   " (SELECT row FROM record INDEXED BY record_external"
                   "  WHERE external_id = ?2 AND dataset = ?3), (SELECT row FROM record"
                   "  WHERE id = ?4 AND dataset = ?3 AND external_id IS NULL), 0)");
    query_text(&query, record->remote_id);
    query_text(&query, name);
    query_int(&query, record->dataset_row);
    query_id(&query, is_id ? &same : &record->id);
    int64_t row = query_take_int(&query);
    if (row)
        return row;
    query = query_start(store->db, "SELECT row, dataset FROM record WHERE id = ?");
    query_id(&query, &record->id);
    if (query_row(&query)) {
        *is_taken = query_get_int(&query, 1) != record->dataset_row;
        row = *is_taken ? 0 : query_get_int(&query, 0);
    }
    query_end(&query, NULL);
    return row;
}

/* Of a record that another dataset has: the same whenever it is met, so that what was
 * asked together stays so. */
static void rename_taken(struct store *store, int64_t dataset, struct id *id)
{
    struct query query =
        query_start(store->db, "SELECT 1 FROM record WHERE id = ? AND dataset <> ?");
    query_id(&query, id);
    query_int(&query, dataset);
    char *name = xasprintf("%s %lld", id_text(id).text, (long long)dataset);
    if (query_take_int(&query))
        id_by_name(id, &store->id, name, strlen(name));
    free(name);
}

/* False when it is there. */
static bool import_record(struct store *store, struct record *record)
{
    bool is_taken = false;
    record->row = find_imported(store, record, &is_taken);
    if (record->row)
        return false;
    if (is_taken && !record->external_id) {
        record->external_id = xcalloc(1, ID_TEXT);
        id_format(&record->id, record->external_id);
    }
    if (is_taken)
        rename_taken(store, record->dataset_row, &record->id);
    if (is_taken && record_find_row(store, &record->id)) /* moved since then */
        id_random(&record->id);
    if (record->has_completion && !id_is_zero(&record->completion.parent))
        rename_taken(store, record->dataset_row, &record->completion.parent);
    if (!record->response.updated_ms)
        record->response.updated_ms = store->now_ms;
    struct record copy = *record; /* borrows all: what is written first */
    copy.response = (struct response){0};
    copy.remote_id = NULL; /* for this dataset's server it is new */
    record->row = insert_new(store, &copy,
                             !record->has_completion ||
                                 record->completion.state == COMPLETION_DONE);
    static const struct response none;
    const struct response *ours = &record->response;
    struct record_ref ref;
    ref_find_row(store, record->row, &ref);
    const struct event event = {
        .ref = &ref, .kind = "import", .before = &none, .after = ours};
    if (ours->status != RESPONSE_PENDING) {
        response_change(store, &ref, ours);
        viewing_write(store, ref.row, ours);
        event_log(store, &event);
    }
    if (record->peer_count) {
        record_put_peers(store, record->row, record);
        write_run(store, "UPDATE response SET pull = -1 WHERE record = ? AND user <> ''",
                  NUMBERS(record->row));
    }
    return true;
}

enum status store_import_records(struct store *store, struct record *records,
                                 size_t count, size_t *added, struct err *err)
{
    *added = 0;
    write_begin(store);
    for (size_t i = 0; i < count; i++)
        *added += import_record(store, &records[i]);
    return write_end(store, err);
}

/* ---- claiming ---- */

static char *read_owner(struct store *store, int64_t row)
{
    struct query query =
        query_start(store->db, "SELECT owner FROM completion WHERE record = ?");
    query_int(&query, row);
    return query_take_text(&query);
}

/* A record that is there already. */
static enum claim claim_again(struct store *store, const struct record *record,
                              const struct record_ref *ref)
{
    char *owner = read_owner(store, ref->row);
    /* What was only begun to be rated, and has no text, is asked for again. */
    bool is_judged = ref->status != RESPONSE_PENDING &&
                     (ref->has_text || ref->status != RESPONSE_DRAFT);
    bool is_running = ref->has_completion && ref->state == COMPLETION_RUNNING;
    bool is_elsewhere = is_running && owner && strcmp(owner, store->owner) != 0 &&
                        owner_is_alive(owner, store->owner);
    free(owner);
    if (is_elsewhere)
        return CLAIM_ELSEWHERE;
    if (!ref->has_completion || ref->state == COMPLETION_DONE || is_judged)
        return CLAIM_DONE;
    struct completion running = {0};
    completion_copy(&running, &record->completion);
    running.state = COMPLETION_RUNNING;
    record_put_completion(store, ref->row, &running);
    completion_clear(&running);
    return CLAIM_OURS;
}

enum status store_claim_completion(struct store *store, struct record *record,
                                   enum claim *claim, struct err *err)
{
    struct record_ref ref;
    *claim = CLAIM_OURS;
    write_begin(store);
    int64_t row = record_find_row(store, &record->id);
    if (row) {
        ref_find_row(store, row, &ref);
        *claim = claim_again(store, record, &ref);
    } else {
        record->has_completion = true;
        record->completion.state = COMPLETION_RUNNING;
        row = insert_new(store, record, false);
    }
    return end_keeping(store, record, row, err);
}

/* ---- growing and ending ---- */

static void put_text(struct store *store, int64_t row, const char *text, size_t len)
{
    struct query query = query_start(
        store->db, "UPDATE field SET text = ?1 WHERE record = ?2 AND name = (SELECT"
                   " coalesce(d.response_field, 'response') FROM record r JOIN dataset d"
                   " ON d.row = r.dataset WHERE r.row = ?2)");
    query_bytes_as_text(&query, text, len);
    query_int(&query, row);
    query_run(&query, NULL);
    if (db_changes(store->db) > 0)
        return;
    query = query_start(
        store->db,
        "INSERT INTO field (text, record, position, name) SELECT ?1, ?2, (SELECT"
        " coalesce(max(position) + 1, 0) FROM field WHERE record = ?2),"
        " coalesce(d.response_field, 'response') FROM record r JOIN dataset d"
        " ON d.row = r.dataset WHERE r.row = ?2");
    query_bytes_as_text(&query, text, len);
    query_int(&query, row);
    query_run(&query, NULL);
}

static void end_completion(struct store *store, int64_t row)
{
    struct record_ref ref;
    ref_find_row(store, row, &ref);
    if (ref.state == COMPLETION_RUNNING)
        return;
    if (!ref.has_text) {
        outbox_remove(store, row, OUTBOX_RESPONSE);
        return;
    }
    if (ref.state != COMPLETION_DONE && ref.status == RESPONSE_PENDING)
        return; /* kept here until somebody rates it */
    record_finish(store, &ref);
    if (ref.status != RESPONSE_PENDING)
        outbox_put(store, &ref, OUTBOX_RESPONSE);
}

enum status store_put_completion(struct store *store, const struct id *record,
                                 const char *text, size_t len,
                                 const struct completion *completion, struct err *err)
{
    struct record_ref ref;
    write_begin(store);
    ref_find(store, record, &ref);
    char *owner = read_owner(store, ref.row);
    if (!ref.has_completion || ref.state != COMPLETION_RUNNING || !owner ||
        strcmp(owner, store->owner) != 0)
        err_set(&store->fault, STATUS_CONFLICT,
                "This answer is not written any more: the record has one already, or "
                "another sherd asks for it. What is in the store stays.");
    free(owner);
    /* What is no text does not take the place of what is; else it stays as it came. */
    if (text && len && !(ref.has_text && utf8_is_blank(text, len)))
        put_text(store, ref.row, text, len);
    record_put_completion(store, ref.row, completion);
    end_completion(store, ref.row);
    return write_end(store, err);
}

/* ---- what a crash left behind ---- */

/* Of those that another process writes, or wrote. */
static int64_t next_running(struct store *store, int64_t after, char **owner,
                            struct completion *completion)
{
    struct query query =
        query_start(store->db, "SELECT record, owner, facts FROM completion"
                               " WHERE state = 0 AND record > ? AND owner IS NOT ?"
                               " ORDER BY record LIMIT 1");
    query_int(&query, after);
    query_text(&query, store->owner);
    int64_t row = 0;
    if (query_row(&query)) {
        size_t len;
        const char *facts = query_peek_text(&query, 2, &len);
        row = query_get_int(&query, 0);
        *owner = query_get_text(&query, 1, NULL);
        if (codec_read_completion(completion, facts, len, NULL) != STATUS_OK)
            completion_init(completion);
    }
    query_end(&query, NULL);
    return row;
}

enum status store_mend_completions(struct store *store, size_t *changed, struct err *err)
{
    struct completion completion = {0};
    int64_t row = 0;
    size_t count = 0;
    write_begin(store);
    do {
        char *owner = NULL;
        row = next_running(store, row, &owner, &completion);
        if (row && !owner_is_alive(owner, store->owner)) {
            struct record_ref ref;
            ref_find_row(store, row, &ref);
            completion.state = ref.has_text ? COMPLETION_CUT : COMPLETION_FAILED;
            free(completion.error);
            completion.error = xstrdup("sherd ended before the answer was complete.");
            record_put_completion(store, row, &completion);
            end_completion(store, row);
            count++;
        }
        completion_clear(&completion);
        free(owner);
    } while (row);
    enum status status = write_end(store, err);
    if (changed)
        *changed = status == STATUS_OK ? count : 0;
    return status;
}

/* ---- what an agent did on the way ---- */

enum status store_put_step(struct store *store, const struct id *record, int64_t number,
                           const struct trace_step *step, struct err *err)
{
    struct record_ref ref;
    json_t *json = json_object();
    if (step->tool)
        json_object_set_new(json, "tool", json_new_text(step->tool, strlen(step->tool)));
    json_object_set_new(json, "text",
                        json_new_text(step->text ? step->text : "", step->len));
    if (step->took_ms >= 0)
        json_object_set_new(json, "took_ms", json_integer(step->took_ms));
    if (step->is_error)
        json_object_set_new(json, "is_error", json_true());
    char *content = json_print_new(json);
    write_begin(store);
    ref_find(store, record, &ref);
    write_run(store, "DELETE FROM trace WHERE record = ? AND number >= ?",
              NUMBERS(ref.row, number));
    write_put(store,
              "INSERT INTO trace (record, number, kind, at_ms, content)"
              " VALUES (?, ?, ?, ?, ?)",
              VALUES(INT(ref.row), INT(number), TEXT(trace_kind_name(step->kind)),
                     INT(step->at_ms), TEXT(content)));
    free(content);
    return write_end(store, err);
}

enum status store_each_step(struct store *store, const struct id *record,
                            store_step_fn fn, void *ctx, struct err *err)
{
    struct query query =
        query_start(store->db, "SELECT t.kind, t.at_ms, t.content FROM trace t"
                               " JOIN record r ON r.row = t.record WHERE r.id = ?"
                               " ORDER BY t.number");
    query_id(&query, record);
    while (query_row(&query)) {
        size_t len;
        char *kind = query_get_text(&query, 0, NULL);
        const char *content = query_peek_text(&query, 2, &len);
        json_t *json = json_parse(content, len, NULL);
        const json_t *took = json_object_get(json, "took_ms");
        struct trace_step step = {.at_ms = query_get_int(&query, 1),
                                  .took_ms = took ? json_integer_value(took) : -1,
                                  .tool = json_get_text(json, "tool", NULL),
                                  .text = json_get_text(json, "text", &step.len),
                                  .is_error =
                                      json_is_true(json_object_get(json, "is_error"))};
        if (step.text && trace_kind_parse(kind, &step.kind))
            fn(ctx, &step);
        json_decref(json);
        free(kind);
    }
    return query_end(&query, err);
}
