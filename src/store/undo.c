/* SPDX-License-Identifier: MIT
 * The user's changes of a response, and taking them back. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/parts.h"

/* ---- changing ---- */

static enum status check_change(const struct record_ref *ref, const struct response *now,
                                const struct response *next, const struct response *seen,
                                struct err *err)
{
    static const struct response none;
    if (seen && !response_equal(seen->status ? seen : &none, now))
        return err_set(err, STATUS_CONFLICT,
                       "This answer was changed elsewhere meanwhile; nothing was "
                       "overwritten. Look at it again, then change it.");
    bool is_empty =
        ref->has_completion && ref->state != COMPLETION_RUNNING && !ref->has_text;
    if (next->status == RESPONSE_SUBMITTED && is_empty)
        return err_set(err, STATUS_REFUSED,
                       "There is no answer to rate: the model wrote none. Ask again, or "
                       "discard the record.");
    return STATUS_OK;
}

static enum status apply_change(struct store *store, const struct record_ref *ref,
                                const struct response *before,
                                const struct response *response, enum change_kind kind,
                                int64_t edit, struct err *err)
{
    struct response next = {0};
    response_copy(&next, response);
    if (!next.updated_ms)
        next.updated_ms = store->now_ms;
    if (next.status == RESPONSE_PENDING)
        values_clear(&next.values);
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind = change_kind_name(kind),
                                .before = before,
                                .after = &next};
    enum status status = response_change(store, ref, &next, err);
    if (status == STATUS_OK)
        status = event_log_step(store, &event, kind == CHANGE_FEEDBACK ? edit : 0, err);
    response_clear(&next);
    return status;
}

enum status store_put_response(struct store *store, const struct id *record,
                               const struct response *response,
                               const struct response *seen, enum change_kind kind,
                               int64_t edit, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = ref_find(store, record, &ref, err);
    if (status == STATUS_OK)
        status = standing_read(store, ref.row, &standing, err);
    if (status == STATUS_OK && !response_equal(&standing.ours, response)) {
        status = check_change(&ref, &standing.ours, response, seen, err);
        if (status == STATUS_OK)
            status = apply_change(store, &ref, &standing.ours, response, kind, edit, err);
    }
    standing_clear(&standing);
    return write_end(store, status, err);
}

enum status store_set_aside(struct store *store, const struct id *record,
                            const struct response *ours, int64_t *step, struct err *err)
{
    struct record_ref ref = {0};
    struct standing standing = {0};
    int64_t number = 0;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status =
        db_find(store->db, "SELECT event FROM step WHERE event = ? AND is_undone = 0",
                NUMBERS(*step), &number, err);
    if (status == STATUS_OK && !ours) {
        status =
            db_run(store->db, "DELETE FROM step WHERE event = ?", NUMBERS(number), err);
        number = 0;
    } else if (status == STATUS_OK && number) {
        char *before = codec_print_response(ours);
        struct query query =
            query_start(store->db, "UPDATE event SET before = ? WHERE number = ?");
        query_text(&query, before);
        query_int(&query, number);
        status = query_run(&query, err);
        free(before);
    } else if (status == STATUS_OK) {
        status = ref_find(store, record, &ref, err);
        if (status == STATUS_OK)
            status = standing_read(store, ref.row, &standing, err);
        const struct event event = {.record = ref.row,
                                    .dataset = ref.dataset,
                                    .kind = "choose",
                                    .before = ours,
                                    .after = &standing.ours};
        if (status == STATUS_OK)
            status = event_log_step(store, &event, 0, err);
        if (status == STATUS_OK)
            status = event_last_step(store, ref.dataset, &number, err);
    }
    standing_clear(&standing);
    status = write_end(store, status, err);
    if (status == STATUS_OK)
        *step = number;
    return status;
}

/* ---- undo and redo ---- */

struct step {
    int64_t number;
    int64_t record;
    const char *kind;
    struct response before;
    struct response after;
};

/* The static name that equals text: it is read after the row is gone. */
static const char *known_kind(const char *text)
{
    for (int kind = CHANGE_RATE; text && kind <= CHANGE_CLEAR; kind++)
        if (strcmp(change_kind_name((enum change_kind)kind), text) == 0)
            return change_kind_name((enum change_kind)kind);
    return text && strcmp(text, "choose") == 0    ? "choose"
           : text && strcmp(text, "pull") == 0    ? "deletion on the server"
           : text && strcmp(text, pick_kind) == 0 ? pick_kind
                                                  : "change";
}

static enum status read_step(struct store *store, struct step *step, struct err *err)
{
    struct query query = query_start(
        store->db, "SELECT record, kind, before, after FROM event WHERE number = ?");
    query_int(&query, step->number);
    enum status status = STATUS_OK;
    if (query_row(&query)) {
        size_t before_len, after_len;
        char *kind = query_get_text(&query, 1, NULL);
        char *before = query_get_text(&query, 2, &before_len);
        char *after = query_get_text(&query, 3, &after_len);
        step->record = query_get_int(&query, 0);
        step->kind = known_kind(kind);
        status = codec_read_response(&step->before, before, before_len, err);
        if (status == STATUS_OK)
            status = codec_read_response(&step->after, after, after_len, err);
        free(kind);
        free(before);
        free(after);
    }
    enum status ended = query_end(&query, err);
    return ended == STATUS_OK ? status : ended;
}

static enum status restore(struct store *store, const struct step *step,
                           const struct record_ref *ref, const struct response *current,
                           bool is_undo, struct response *now, struct err *err)
{
    bool is_pick = step->kind == pick_kind; /* the response stays */
    response_copy(now, is_pick ? current : is_undo ? &step->before : &step->after);
    if (!is_pick)
        now->updated_ms = store->now_ms;
    const struct event event = {.record = ref->row,
                                .dataset = ref->dataset,
                                .kind = is_undo ? "undo" : "redo",
                                .of = step->number,
                                .before = current,
                                .after = now};
    enum status status =
        is_pick ? pick_put_undone(store, step->number, ref->row, is_undo, err)
                : response_change(store, ref, now, err);
    if (status == STATUS_OK)
        status = event_log(store, &event, NULL, err);
    if (status != STATUS_OK)
        return status;
    return db_run(store->db, "UPDATE step SET is_undone = ? WHERE event = ?",
                  NUMBERS(is_undo, step->number), err);
}

/* After a choice the base tells which of the two the server has: that one is theirs. */
static enum status reopen_choice(struct store *store, const struct step *step,
                                 const struct record_ref *ref,
                                 const struct response *base, struct response *now,
                                 struct err *err)
{
    if (response_equal(base, &step->after))
        return clash_reopen(store, ref, &step->before, &step->after, err);
    if (!response_equal(base, &step->before))
        return STATUS_OK; /* a choice between two of this store's */
    response_copy(now, &step->after);
    return clash_reopen(store, ref, &step->after, &step->before, err);
}

/* The step that is taken back or brought again, wholly; *is_stale when the response is
 * not any more what the step had made of it: then the step is out of reach. */
static enum status take_step(struct store *store, struct step *step, bool is_undo,
                             bool *is_stale, struct undone *undone, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    enum status status = read_step(store, step, err);
    if (status == STATUS_OK)
        status = ref_find_row(store, step->record, &ref, err);
    if (status == STATUS_OK)
        status = standing_read(store, ref.row, &standing, err);
    *is_stale = status == STATUS_OK && step->kind != pick_kind &&
                !response_equal(&standing.ours, is_undo ? &step->after : &step->before);
    if (*is_stale) {
        status = db_run(store->db, "DELETE FROM step WHERE event = ?",
                        NUMBERS(step->number), err);
    } else if (status == STATUS_OK) {
        status =
            restore(store, step, &ref, &standing.ours, is_undo, &undone->response, err);
        bool is_choice = is_undo && step->kind && !strcmp(step->kind, "choose") &&
                         ref.is_remote && standing.has_base && !standing.has_theirs;
        if (status == STATUS_OK && is_choice)
            status =
                reopen_choice(store, step, &ref, &standing.base, &undone->response, err);
        undone->record = ref.id;
        undone->record_row = ref.row;
        undone->what = step->kind ? step->kind : "";
    }
    standing_clear(&standing);
    return status;
}

static enum status walk(struct store *store, int64_t dataset, bool is_undo,
                        struct undone *undone, struct err *err)
{
    struct step step = {0};
    bool is_stale = false;
    *undone = (struct undone){.what = ""};
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    if (!dataset)
        status = db_find(store->db,
                         "SELECT dataset FROM step WHERE is_undone = 0"
                         " ORDER BY event DESC LIMIT 1",
                         NULL, 0, &dataset, err);
    if (status == STATUS_OK && is_undo)
        status = event_last_step(store, dataset, &step.number, err);
    else if (status == STATUS_OK)
        status = db_find(store->db,
                         "SELECT event FROM step WHERE dataset = ?"
                         " AND is_undone = 1 ORDER BY event LIMIT 1",
                         NUMBERS(dataset), &step.number, err);
    if (status == STATUS_OK && !step.number)
        status = err_set(err, STATUS_NOT_FOUND, "There is nothing to %s in this dataset.",
                         is_undo ? "undo" : "redo");
    if (status == STATUS_OK)
        status = take_step(store, &step, is_undo, &is_stale, undone, err);
    response_clear(&step.before);
    response_clear(&step.after);
    status = write_end(store, status, err);
    if (status == STATUS_OK && is_stale)
        status = err_set(err, STATUS_CONFLICT,
                         "The answer was changed elsewhere since: that change is not "
                         "%s. Once more goes on with the one before.",
                         is_undo ? "undone" : "redone");
    if (status != STATUS_OK)
        response_clear(&undone->response);
    return status;
}

enum status store_undo(struct store *store, int64_t dataset_row, struct undone *undone,
                       struct err *err)
{
    return walk(store, dataset_row, true, undone, err);
}

enum status store_redo(struct store *store, int64_t dataset_row, struct undone *undone,
                       struct err *err)
{
    return walk(store, dataset_row, false, undone, err);
}
