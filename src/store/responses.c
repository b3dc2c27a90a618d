/* SPDX-License-Identifier: MIT
 * Our response beside what is known of the server's, and the log of its changes. */
#include "config.h"

#include <stdlib.h>

#include "base/log.h"
#include "store/parts.h"
#include "store/store_stats.h"

/* ---- a record's standing ---- */

#define REOPENED 8 /* in base_status: a choice that was taken back is open */

void standing_clear(struct standing *standing)
{
    response_clear(&standing->ours);
    response_clear(&standing->base);
    response_clear(&standing->theirs);
    response_clear(&standing->sent);
    *standing = (struct standing){0};
}

bool response_equal(const struct response *a, const struct response *b)
{
    return a->status == b->status &&
           (a->status == RESPONSE_PENDING || values_equal(&a->values, &b->values));
}

/* False when they cannot be read. */
static bool read_values(struct query *query, int column, int64_t record,
                        struct response *out)
{
    size_t len;
    struct err err = {0};
    const char *json = query_peek_text(query, column, &len);
    if (!query_is_null(query, column) && codec_read_values(&out->values, json, len, &err))
        log_line("Record number %lld: its response cannot be read: %s", (long long)record,
                 err.text);
    return !err.code;
}

/* Text that is empty: none. */
static bool read_response(struct query *query, int column, int64_t record,
                          struct response *out)
{
    size_t len;
    struct err err = {0};
    const char *json = query_peek_text(query, column, &len);
    if (len && codec_read_response(out, json, len, &err))
        log_line("Record number %lld: the server's response cannot be read: %s",
                 (long long)record, err.text);
    return !query_is_null(query, column);
}

void standing_read(struct store *store, int64_t record, struct standing *standing)
{
    standing_clear(standing);
    standing->has_base = true; /* the server has none that we know of */
    struct query query = query_start(
        store->db,
        "SELECT status, updated_ms, answers, base_status, base_answers, theirs,"
        " pull, sent, (SELECT flags & 1024 FROM record WHERE row = response.record)"
        " FROM response WHERE record = ? AND user = ''");
    query_int(&query, record);
    if (query_row(&query)) {
        standing->ours.status = (enum response_status)query_get_int(&query, 0);
        standing->ours.updated_ms = query_get_int(&query, 1);
        standing->ours.is_changed = query_get_int(&query, 8) != 0;
        standing->is_damaged = !read_values(&query, 2, record, &standing->ours);
        standing->has_base = !query_is_null(&query, 3);
        int64_t base = query_get_int(&query, 3);
        standing->base.status = (enum response_status)(base & ~REOPENED);
        standing->is_reopened = (base & REOPENED) != 0;
        read_values(&query, 4, record, &standing->base);
        standing->has_theirs = read_response(&query, 5, record, &standing->theirs);
        standing->pull = query_get_int(&query, 6);
        standing->has_sent = read_response(&query, 7, record, &standing->sent);
    }
    query_end(&query, NULL);
}

void standing_write(struct store *store, int64_t record, const struct standing *standing)
{
    const struct response *ours = &standing->ours, *base = &standing->base;
    bool is_nothing = ours->status == RESPONSE_PENDING && standing->has_base &&
                      base->status == RESPONSE_PENDING && !standing->has_theirs &&
                      !standing->has_sent && !standing->pull;
    if (is_nothing) {
        write_run(store, "DELETE FROM response WHERE record = ? AND user = ''",
                  NUMBERS(record));
        return;
    }
    char *answers = codec_print_values(&ours->values);
    char *base_answers = codec_print_values(&base->values);
    char *theirs = standing->has_theirs ? codec_print_response(&standing->theirs) : NULL;
    char *sent = standing->has_sent ? codec_print_response(&standing->sent) : NULL;
    struct query query = query_start(
        store->db,
        "INSERT OR REPLACE INTO response (record, user, status, answers, updated_ms,"
        " base_status, base_answers, theirs, pull, sent)"
        " VALUES (?, '', ?, ?, ?, CASE WHEN ? THEN ? END, ?, ?, ?, ?)");
    query_int(&query, record);
    query_int(&query, ours->status);
    query_text(&query, ours->status == RESPONSE_PENDING ? "{}" : answers);
    query_int(&query, ours->updated_ms);
    query_int(&query, standing->has_base);
    query_int(&query, base->status | (standing->is_reopened ? REOPENED : 0));
    query_text(&query, base->status == RESPONSE_PENDING ? NULL : base_answers);
    /* A clash with their having none is an empty text. */
    query_text(&query, standing->has_theirs && !theirs ? "" : theirs);
    query_int(&query, standing->pull);
    query_text(&query, standing->has_sent && !sent ? "" : sent);
    query_run(&query, NULL);
    free(answers);
    free(base_answers);
    free(theirs);
    free(sent);
}

void response_show(struct store *store, const struct record_ref *ref,
                   const struct response *response)
{
    struct query query =
        query_start(store->db, "SELECT rating_question FROM dataset WHERE row = ?");
    query_int(&query, ref->dataset);
    char *question = query_take_text(&query);
    const struct value *value = question && response->status != RESPONSE_PENDING
                                    ? values_find(&response->values, question)
                                    : NULL;
    bool is_rated = value && value->type == QUESTION_RATING && value->rating >= 0 &&
                    value->rating <= INT8_MAX;
    bool is_changed = response->is_changed && response->status == RESPONSE_DRAFT;
    free(question);
    write_run(store,
              "UPDATE record SET status = ?1, rating = ?2, flags = (flags & ~1024) | ?4"
              " WHERE row = ?3 AND (status <> ?1 OR rating <> ?2 OR flags & 1024 <> ?4)",
              NUMBERS(response->status, is_rated ? value->rating : -1, ref->row,
                      is_changed ? QUEUE_CHANGED : 0));
    record_touch(store, ref->row);
}

void response_change(struct store *store, const struct record_ref *ref,
                     const struct response *response)
{
    struct standing standing = {0};
    standing_read(store, ref->row, &standing);
    response_copy(&standing.ours, response);
    standing_write(store, ref->row, &standing);
    standing_clear(&standing);
    response_show(store, ref, response);
    if (ref->is_gone) /* nothing to send to; see sending anew */
        return;
    /* Responses go only to records that the server has: nothing to delete there. */
    if (response->status == RESPONSE_PENDING && !ref->is_remote) {
        outbox_remove(store, ref->row, OUTBOX_RESPONSE);
        return;
    }
    /* One without text is not sent at all, a running completion enters at its end. */
    bool is_running = ref->has_completion && ref->state == COMPLETION_RUNNING;
    if (!ref->is_remote && ref->has_completion && !is_running && !ref->has_text)
        return;
    outbox_put(store, ref, OUTBOX_RESPONSE);
    if (!ref->is_remote && !is_running)
        outbox_put(store, ref, OUTBOX_RECORD);
}

/* ---- how ours came about ---- */

void viewing_write(struct store *store, int64_t record, const struct response *response)
{
    const struct viewing *viewing = &response->viewing;
    if (!viewing->shown_ms || response->status < RESPONSE_SUBMITTED)
        return;
    write_put(store,
              "INSERT OR REPLACE INTO viewing"
              " (record, answered_ms, shown_ms, end_ms, paused_ms)"
              " VALUES (?, ?, ?, nullif(?, 0), ?)",
              VALUES(INT(record), INT(viewing->answered_ms), INT(viewing->shown_ms),
                     INT(viewing->end_ms), INT(viewing->paused_ms)));
}

void viewing_read(struct db *db, int64_t record, struct response *response)
{
    if (response->status < RESPONSE_SUBMITTED)
        return;
    struct query query = query_start(
        db, "SELECT shown_ms, coalesce(end_ms, 0), answered_ms, paused_ms FROM viewing"
            " WHERE record = ? ORDER BY answered_ms DESC LIMIT 1");
    query_int(&query, record);
    if (query_row(&query))
        response->viewing = (struct viewing){.shown_ms = query_get_int(&query, 0),
                                             .end_ms = query_get_int(&query, 1),
                                             .answered_ms = query_get_int(&query, 2),
                                             .paused_ms = query_get_int(&query, 3)};
    query_end(&query, NULL);
}

/* ---- the log ---- */

const char *change_kind_name(enum change_kind kind)
{
    static const char *const names[] = {
        [CHANGE_RATE] = "rate",
        [CHANGE_FEEDBACK] = "feedback",
        [CHANGE_SUBMIT] = "submit",
        [CHANGE_DRAFT] = "draft",
        [CHANGE_DISCARD] = "discard",
        [CHANGE_CLEAR] = "clear",
        [CHANGE_SUGGESTION] = "suggestion",
    };
    return names[kind];
}

enum change_kind change_kind_to(enum response_status status)
{
    static const enum change_kind kinds[] = {[RESPONSE_PENDING] = CHANGE_CLEAR,
                                             [RESPONSE_DRAFT] = CHANGE_DRAFT,
                                             [RESPONSE_SUBMITTED] = CHANGE_SUBMIT,
                                             [RESPONSE_DISCARDED] = CHANGE_DISCARD};
    return kinds[status];
}

int64_t event_log(struct store *store, const struct event *event)
{
    char *before = codec_print_response(event->before);
    char *after = codec_print_response(event->after);
    write_put(store,
              "INSERT INTO event (record, kind, of, at_ms, before, after)"
              " VALUES (?, ?, nullif(?, 0), ?, ?, ?)",
              VALUES(INT(event->ref->row), TEXT(event->kind), INT(event->of),
                     INT(store->now_ms), TEXT(before), TEXT(after)));
    free(before);
    free(after);
    return db_last_row(store->db);
}

/* The last step that is not undone; 0 = none. */
static int64_t last_step(struct store *store, int64_t dataset)
{
    return write_find(store,
                      "SELECT event FROM step WHERE dataset = ? AND is_undone = 0"
                      " ORDER BY coalesce(batch, event) DESC, event DESC LIMIT 1",
                      NUMBERS(dataset));
}

int64_t event_log_step(struct store *store, const struct event *event, int64_t edit)
{
    struct open_edit *open = &store->edit;
    const struct record_ref *ref = event->ref;
    if (edit > 0 && open->event && open->edit == edit && open->record == ref->row &&
        open->event == last_step(store, ref->dataset)) {
        /* The edit's event takes the new value over; one that came back to where it began
         * is no step. */
        char *after = codec_print_response(event->after);
        write_put(store,
                  "UPDATE event SET kind = ?, after = ?, at_ms = ? WHERE number = ?",
                  VALUES(TEXT(event->kind), TEXT(after), INT(store->now_ms),
                         INT(store->edit.event)));
        free(after);
        write_run(store,
                  "DELETE FROM step WHERE event = ?1 AND EXISTS (SELECT 1"
                  " FROM event WHERE number = ?1 AND before IS after)",
                  NUMBERS(store->edit.event));
        return open->event;
    }
    int64_t number = event_log(store, event);
    write_run(store, "DELETE FROM step WHERE dataset = ? AND is_undone = 1",
              NUMBERS(ref->dataset));
    if (event->batch && !*event->batch)
        *event->batch = number;
    write_run(store,
              "INSERT INTO step (event, dataset, is_undone, batch)"
              " VALUES (?, ?, 0, nullif(?, 0))",
              NUMBERS(number, ref->dataset, event->batch ? *event->batch : 0));
    *open = (struct open_edit){
        .event = edit > 0 ? number : 0, .record = ref->row, .edit = edit};
    return number;
}

void response_change_step(struct store *store, const struct record_ref *ref,
                          const struct response *before, const struct response *response,
                          enum change_kind kind, int64_t edit)
{
    struct response next = {0};
    response_copy(&next, response);
    if (!next.updated_ms)
        next.updated_ms = store->now_ms;
    if (next.status == RESPONSE_PENDING)
        values_clear(&next.values);
    const struct event event = {
        .ref = ref, .kind = change_kind_name(kind), .before = before, .after = &next};
    response_change(store, ref, &next);
    viewing_write(store, ref->row, &next);
    event_log_step(store, &event, edit);
    response_clear(&next);
}
