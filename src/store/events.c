/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/events.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "store/codec.h"

static const char *const kind_names[] = {
    [CHANGE_RATE] = "rate",   [CHANGE_FEEDBACK] = "feedback", [CHANGE_SUBMIT] = "submit",
    [CHANGE_DRAFT] = "draft", [CHANGE_DISCARD] = "discard",   [CHANGE_CLEAR] = "clear",
};

const char *change_kind_name(enum change_kind kind)
{
    return kind_names[kind];
}

enum status event_log(struct writing *writing, const struct event *event, int64_t *number)
{
    char *before = codec_print_response(event->before);
    char *after = codec_print_response(event->after);
    struct query query = query_start(
        writing->db, "INSERT INTO event (record, kind, of, at_ms, before, after)"
                     " VALUES (?, ?, nullif(?, 0), ?, ?, ?)");
    query_int(&query, event->record);
    query_text(&query, event->kind);
    query_int(&query, event->of);
    query_int(&query, writing->now_ms);
    query_text(&query, before);
    query_text(&query, after);
    enum status status = query_run(&query, writing->err);
    if (number)
        *number = db_last_row(writing->db);
    free(before);
    free(after);
    return status;
}

/* ---- steps ---- */

static enum status forget_undone(struct writing *writing, int64_t dataset)
{
    struct query query =
        query_start(writing->db, "DELETE FROM step WHERE dataset = ? AND is_undone = 1");
    query_int(&query, dataset);
    return query_run(&query, writing->err);
}

static enum status add_step(struct writing *writing, const struct event *event,
                            int64_t number)
{
    struct query query = query_start(
        writing->db, "INSERT INTO step (event, dataset, is_undone) VALUES (?, ?, 0)");
    query_int(&query, number);
    query_int(&query, event->dataset);
    return query_run(&query, writing->err);
}

enum status event_last_step(struct writing *writing, int64_t dataset, int64_t *number)
{
    struct query query =
        query_start(writing->db, "SELECT event FROM step WHERE dataset = ?"
                                 " AND is_undone = 0 ORDER BY event DESC LIMIT 1");
    query_int(&query, dataset);
    *number = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, writing->err);
}

/* The edit's event takes the new text over; typing that came back to where it began is
 * no step. */
static enum status join_edit(struct writing *writing, const struct event *event)
{
    int64_t number = writing->edit->event;
    char *after = codec_print_response(event->after);
    struct query query = query_start(
        writing->db, "UPDATE event SET after = ?, at_ms = ? WHERE number = ?");
    query_text(&query, after);
    query_int(&query, writing->now_ms);
    query_int(&query, number);
    enum status status = query_run(&query, writing->err);
    free(after);
    if (status != STATUS_OK)
        return status;
    query = query_start(
        writing->db, "DELETE FROM step WHERE event = ?1 AND EXISTS (SELECT 1 FROM event"
                     " WHERE number = ?1 AND before IS after)");
    query_int(&query, number);
    return query_run(&query, writing->err);
}

enum status event_log_step(struct writing *writing, const struct event *event,
                           int64_t edit)
{
    int64_t last = 0, number = 0;
    enum status status = event_last_step(writing, event->dataset, &last);
    if (status != STATUS_OK)
        return status;
    struct open_edit *open = writing->edit;
    if (edit > 0 && open->event && open->event == last && open->edit == edit &&
        open->record == event->record)
        return join_edit(writing, event);
    status = event_log(writing, event, &number);
    if (status == STATUS_OK)
        status = forget_undone(writing, event->dataset);
    if (status == STATUS_OK)
        status = add_step(writing, event, number);
    *open = (struct open_edit){
        .event = edit > 0 ? number : 0, .record = event->record, .edit = edit};
    return status;
}
