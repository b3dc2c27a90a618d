/* SPDX-License-Identifier: MIT
 * What an agent did on the way to a completion. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/parts.h"
#include "json/json.h"

static char *print_step(const struct trace_step *step)
{
    json_t *json = json_object();
    if (step->tool)
        json_object_set_new(json, "tool", json_new_text(step->tool, strlen(step->tool)));
    json_object_set_new(json, "text",
                        json_new_text(step->text ? step->text : "", step->len));
    if (step->took_ms >= 0)
        json_object_set_new(json, "took_ms", json_integer(step->took_ms));
    if (step->is_error)
        json_object_set_new(json, "is_error", json_true());
    return json_print_new(json);
}

enum status store_put_step(struct store *store, const struct id *record, int64_t number,
                           const struct trace_step *step, struct err *err)
{
    struct record_ref ref;
    char *content = print_step(step);
    write_begin(store);
    ref_find(store, record, &ref);
    write_run(store, "DELETE FROM trace WHERE record = ? AND number >= ?",
              NUMBERS(ref.row, number));
    struct query query =
        query_start(store->db, "INSERT INTO trace (record, number, kind, at_ms, content)"
                               " VALUES (?, ?, ?, ?, ?)");
    query_int(&query, ref.row);
    query_int(&query, number);
    query_text(&query, trace_kind_name(step->kind));
    query_int(&query, step->at_ms);
    query_text(&query, content);
    query_run(&query, NULL);
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
        char *content = query_get_text(&query, 2, &len);
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
        free(content);
        free(kind);
    }
    return query_end(&query, err);
}
