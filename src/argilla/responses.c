/* SPDX-License-Identifier: MIT
 *
 * Our answers to the server: POST /me/responses/bulk, an upsert on (record, user).
 * Source: argilla-api.md §8.
 *
 * Taking an answer back: no server has a call that finds our response on one record
 * (1.x shows none in GET /records/{id}), so an empty draft is upserted, whose answer
 * holds the id, and that is deleted. Each step may be repeated.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "argilla/bulk.h"
#include "argilla/errors.h"
#include "base/xalloc.h"
#include "json/json.h"
#include "json/values_json.h"

struct responses_job {
    struct bulk_job bulk;
    bool *is_pending;
    char (*response_ids)[ID_TEXT]; /* what is to be deleted; "" = nothing */
    size_t at;
};

static void responses_clear(struct job *job)
{
    struct responses_job *self = (struct responses_job *)job;
    free(self->is_pending);
    free(self->response_ids);
    bulk_clear(job);
}

static char *response_item(const struct record *record)
{
    static const char nowhere[] = "00000000-0000-0000-0000-000000000000";
    const struct response *response = &record->response;
    bool is_pending = response->status == RESPONSE_PENDING;
    json_t *item = json_object();
    json_object_set_new(item, "record_id",
                        json_string(record->remote_id ? record->remote_id : nowhere));
    json_object_set_new(
        item, "status",
        json_string(is_pending ? "draft" : response_status_name(response->status)));
    /* never null: 2.x fails on that, and stores it all the same */
    json_object_set_new(item, "values",
                        is_pending ? json_object() : values_to_json(&response->values));
    char *text = json_print(item);
    json_decref(item);
    return text;
}

static bool take_response(struct responses_job *self, size_t at, const json_t *item)
{
    struct argilla_push_result *result = &self->bulk.results[at];
    struct complaint complaint = {.argilla = self->bulk.job.argilla};
    const char *detail = json_get_text(json_object_get(item, "error"), "detail", NULL);
    const char *id = json_get_text(json_object_get(item, "item"), "id", NULL);
    struct id parsed;
    if (detail) {
        /* a record that is gone holds no answer either */
        if (!self->is_pending[at] || !strstr(detail, "not found"))
            explain_item(&complaint, detail, &result->err);
        return true;
    }
    if (!id || !id_parse(id, &parsed))
        return false;
    if (self->is_pending[at])
        id_format(&parsed, self->response_ids[at]);
    return true;
}

static bool responses_taken(struct bulk_job *bulk, const json_t *items)
{
    for (size_t i = bulk->now.from; i < bulk->now.to; i++)
        if (!take_response((struct responses_job *)bulk, i,
                           json_array_get(items, i - bulk->now.from)))
            return false;
    return true;
}

static void delete_next(struct bulk_job *bulk);

static void response_deleted(struct job *job, const struct answer *answer)
{
    struct responses_job *self = (struct responses_job *)job;
    if (answer->err.code != STATUS_NOT_FOUND && job_has_failed(job, answer))
        return;
    self->at++;
    delete_next(&self->bulk);
}

static void delete_next(struct bulk_job *bulk)
{
    struct responses_job *self = (struct responses_job *)bulk;
    while (self->at < bulk->count && !self->response_ids[self->at][0])
        self->at++;
    if (self->at == bulk->count) {
        bulk_deliver(bulk);
        return;
    }
    char *path = xasprintf("/api/v1/responses/%s", self->response_ids[self->at]);
    struct job_request request = {.method = "DELETE", .path = path};
    job_send(&bulk->job, &request, response_deleted);
    free(path);
}

void argilla_push_responses(struct argilla *argilla, const struct dataset *dataset,
                            const struct record *const *records, size_t count,
                            argilla_push_fn fn, void *ctx)
{
    (void)dataset;
    struct responses_job *self = bulk_new(argilla, sizeof *self, count);
    struct bulk_job *bulk = &self->bulk;
    bulk->job.goal = xstrdup("store answers");
    bulk->job.clear = responses_clear;
    bulk->method = "POST";
    bulk->path = xstrdup("/api/v1/me/responses/bulk");
    bulk->taken = responses_taken;
    bulk->sent = delete_next;
    bulk->fn = fn;
    bulk->job.ctx = ctx;
    self->is_pending = xcalloc(count + 1, sizeof *self->is_pending);
    self->response_ids = xcalloc(count + 1, sizeof *self->response_ids);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = records[i];
        const char *remote_id = record->remote_id ? record->remote_id : "";
        self->is_pending[i] = record->response.status == RESPONSE_PENDING;
        size_t len = strlen(remote_id);
        memcpy(bulk->results[i].remote_id, remote_id, len < ID_TEXT ? len : 0);
        bulk->items[i] = response_item(record);
    }
    bulk_start(bulk);
}
