/* SPDX-License-Identifier: MIT
 * The user's changes of a response, and taking them back. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/parts.h"

/* ---- changing ---- */

static void check_change(const struct record_ref *ref, const struct response *now,
                         const struct response *next, const struct response *seen,
                         struct err *err)
{
    if (seen && !response_equal(seen, now))
        err_set(err, STATUS_CONFLICT,
                "This answer was changed elsewhere meanwhile; nothing was "
                "overwritten. Look at it again, then change it.");
    bool is_empty =
        ref->has_completion && ref->state != COMPLETION_RUNNING && !ref->has_text;
    if (next->status == RESPONSE_SUBMITTED && is_empty)
        err_set(err, STATUS_REFUSED,
                "There is no answer to rate: the model wrote none. Ask again, or "
                "discard the record.");
}

enum status store_put_response(struct store *store, const struct id *record,
                               const struct response *response,
                               const struct response *seen, enum change_kind kind,
                               int64_t edit, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    ref_find(store, record, &ref);
    standing_read(store, ref.row, &standing);
    if (!response_equal(&standing.ours, response)) {
        check_change(&ref, &standing.ours, response, seen, &store->fault);
        response_change_step(store, &ref, &standing.ours, response, kind, edit);
    }
    standing_clear(&standing);
    return write_end(store, err);
}

enum status store_set_aside(struct store *store, const struct id *record,
                            const struct response *ours, int64_t *step, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    int64_t number =
        write_find(store, "SELECT event FROM step WHERE event = ? AND is_undone = 0",
                   NUMBERS(*step));
    if (!ours) {
        write_run(store, "DELETE FROM step WHERE event = ?", NUMBERS(number));
        number = 0;
    } else if (number) {
        char *before = codec_print_response(ours);
        struct query query =
            query_start(store->db, "UPDATE event SET before = ? WHERE number = ?");
        query_text(&query, before);
        query_int(&query, number);
        query_run(&query, NULL);
        free(before);
    } else {
        ref_find(store, record, &ref);
        standing_read(store, ref.row, &standing);
        const struct event event = {
            .ref = &ref, .kind = "choose", .before = ours, .after = &standing.ours};
        event_log_step(store, &event, 0);
        number = event_last_step(store, ref.dataset);
    }
    standing_clear(&standing);
    enum status status = write_end(store, err);
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
    for (int kind = CHANGE_RATE; text && kind <= CHANGE_SUGGESTION; kind++)
        if (strcmp(change_kind_name((enum change_kind)kind), text) == 0)
            return change_kind_name((enum change_kind)kind);
    return text && strcmp(text, "choose") == 0    ? "choose"
           : text && strcmp(text, "pull") == 0    ? "deletion on the server"
           : text && strcmp(text, pick_kind) == 0 ? pick_kind
                                                  : "change";
}

static void read_step(struct store *store, struct step *step)
{
    struct query query = query_start(
        store->db, "SELECT record, kind, before, after FROM event WHERE number = ?");
    query_int(&query, step->number);
    if (query_row(&query)) {
        size_t before_len, after_len;
        char *kind = query_get_text(&query, 1, NULL);
        char *before = query_get_text(&query, 2, &before_len);
        char *after = query_get_text(&query, 3, &after_len);
        step->record = query_get_int(&query, 0);
        step->kind = known_kind(kind);
        codec_read_response(&step->before, before, before_len, &store->fault);
        codec_read_response(&step->after, after, after_len, &store->fault);
        free(kind);
        free(before);
        free(after);
    }
    query_end(&query, NULL);
}

/* After a choice the base tells which of the two the server has: that one is theirs. */
static void reopen_choice(struct store *store, const struct step *step,
                          const struct record_ref *ref, const struct response *base,
                          struct response *now)
{
    if (response_equal(base, &step->after)) {
        clash_reopen(store, ref, &step->before, &step->after);
    } else if (response_equal(base, &step->before)) { /* else both were this store's */
        response_copy(now, &step->after);
        clash_reopen(store, ref, &step->after, &step->before);
    }
}

/* The step that is taken back or brought again, wholly; *is_stale when the response is
 * not any more what the step had made of it: then the step is out of reach. */
static void take_step(struct store *store, struct step *step, bool is_undo,
                      bool *is_stale, struct undone *undone)
{
    struct record_ref ref;
    struct standing standing = {0};
    read_step(store, step);
    ref_find_row(store, step->record, &ref);
    standing_read(store, ref.row, &standing);
    bool is_pick = step->kind == pick_kind; /* the response stays */
    *is_stale = !is_pick &&
                !response_equal(&standing.ours, is_undo ? &step->after : &step->before);
    if (*is_stale) {
        write_run(store, "DELETE FROM step WHERE event = ?", NUMBERS(step->number));
    } else {
        struct response *now = &undone->response;
        response_copy(now, is_pick   ? &standing.ours
                           : is_undo ? &step->before
                                     : &step->after);
        if (!is_pick)
            now->updated_ms = store->now_ms;
        const struct event event = {.ref = &ref,
                                    .kind = is_undo ? "undo" : "redo",
                                    .of = step->number,
                                    .before = &standing.ours,
                                    .after = now};
        if (is_pick)
            pick_put_undone(store, step->number, ref.row, is_undo);
        else
            response_change(store, &ref, now);
        event_log(store, &event);
        write_run(store, "UPDATE step SET is_undone = ? WHERE event = ?",
                  NUMBERS(is_undo, step->number));
        if (is_undo && step->kind && !strcmp(step->kind, "choose") && ref.is_remote &&
            standing.has_base && !standing.has_theirs)
            reopen_choice(store, step, &ref, &standing.base, now);
        undone->record = ref.id;
        undone->record_row = ref.row;
        undone->what = step->kind ? step->kind : "";
    }
    standing_clear(&standing);
}

static enum status walk(struct store *store, int64_t dataset, bool is_undo,
                        struct undone *undone, struct err *err)
{
    struct step step = {0};
    bool is_stale = false;
    *undone = (struct undone){.what = ""};
    write_begin(store);
    if (!dataset)
        dataset = write_find(store,
                             "SELECT dataset FROM step WHERE is_undone = 0"
                             " ORDER BY event DESC LIMIT 1",
                             NULL, 0);
    step.number = is_undo ? event_last_step(store, dataset)
                          : write_find(store,
                                       "SELECT event FROM step WHERE dataset = ?"
                                       " AND is_undone = 1 ORDER BY event LIMIT 1",
                                       NUMBERS(dataset));
    if (step.number)
        take_step(store, &step, is_undo, &is_stale, undone);
    else
        err_set(&store->fault, STATUS_NOT_FOUND,
                "There is nothing to %s in this dataset.", is_undo ? "undo" : "redo");
    response_clear(&step.before);
    response_clear(&step.after);
    enum status status = write_end(store, err);
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
