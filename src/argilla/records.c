/* SPDX-License-Identifier: MIT
 *
 * Records and responses as the server writes them, records that it is to delete, and how
 * many have suggestions. Source: argilla-api.md §7.1, §7.6, §8, §10.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argilla/client.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "json/dataset_json.h"

void read_response(const struct dataset *dataset, const json_t *json,
                   struct response *response)
{
    const char *status = json_get_text(json, "status", NULL);
    response_clear(response);
    if (!status || !response_status_parse(status, &response->status))
        return;
    values_from_json(&response->values, json_object_get(json, "values"), dataset);
    response->updated_ms = clock_parse_utc(json_get_text(json, "updated_at", NULL));
}

void read_own_response(const struct argilla *argilla, const struct dataset *dataset,
                       const json_t *responses, struct response *response,
                       char *response_id)
{
    const json_t *own = json_find(responses, "user_id", argilla->identity.user_id);
    const char *text = json_get_text(own, "id", NULL);
    struct id id;
    if (response_id)
        response_id[0] = '\0';
    if (own)
        read_response(dataset, own, response);
    values_set_own(&response->values); /* also what equals a suggestion */
    if (response_id && text && id_parse(text, &id))
        id_format(&id, response_id);
}

static void read_fields(struct record *record, const json_t *fields)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        if (json_is_string(value)) {
            record_set_field(record, name, json_string_value(value),
                             json_string_length(value));
        } else if (!json_is_null(value)) {
            char *text = json_print(value);
            record_set_field(record, name, text, strlen(text));
            free(text);
        }
    }
}

static void read_suggestions(const struct argilla *argilla, const struct dataset *dataset,
                             struct record *record, const json_t *suggestions)
{
    size_t count = json_array_size(suggestions), i;
    const json_t *item;
    if (count > 0)
        record->suggestions = xcalloc(count, sizeof *record->suggestions);
    json_array_foreach(suggestions, i, item)
    {
        struct suggestion *suggestion = &record->suggestions[record->suggestion_count];
        const char *id = json_get_text(item, "question_id", NULL);
        const char *name = id ? json_get_text(argilla->question_names, id, NULL) : NULL;
        const json_t *value = json_object_get(item, "value");
        if (!name || !value || json_is_null(value))
            continue;
        value_from_json(&suggestion->value, name, value, dataset);
        suggestion_read_facts(suggestion, item);
        record->suggestion_count++;
    }
}

bool read_record(const struct argilla *argilla, const struct dataset *dataset,
                 const json_t *json, struct record *record)
{
    *record = (struct record){.remote_id = json_dup_text(json, "id"),
                              .external_id = json_dup_text(json, "external_id")};
    bool has_own = record->external_id && id_parse(record->external_id, &record->id);
    if (!record->remote_id || (!has_own && !id_parse(record->remote_id, &record->id))) {
        record_clear(record);
        return false;
    }
    read_fields(record, json_object_get(json, "fields"));
    const json_t *metadata = json_object_get(json, "metadata");
    if (json_object_size(metadata) > 0)
        record->metadata_json = json_print(metadata);
    read_own_response(argilla, dataset, json_object_get(json, "responses"),
                      &record->response, NULL);
    if (argilla->identity.role != ARGILLA_ANNOTATOR) {
        const json_t *responses = json_object_get(json, "responses");
        size_t i, nameless = 0;
        const json_t *item;
        record->has_peers = true;
        record->peers = xcalloc(json_array_size(responses), sizeof *record->peers);
        json_array_foreach(responses, i, item)
        {
            const char *user = json_get_text(item, "user_id", NULL);
            struct peer *peer = &record->peers[record->peer_count];
            if (user && strcmp(user, argilla->identity.user_id) == 0)
                continue;
            read_response(dataset, item, &peer->response);
            if (peer->response.status == RESPONSE_PENDING)
                continue;
            if (user) {
                peer->name = json_dup_text(argilla->user_names, user);
                peer->user = xstrdup(user);
            } else { /* deleted there; 1.x keeps what they answered */
                peer->user = xasprintf("deleted-%zu", ++nameless);
            }
            record->peer_count++;
        }
    }
    read_suggestions(argilla, dataset, record, json_object_get(json, "suggestions"));
    int64_t inserted_us = clock_parse_utc_us(json_get_text(json, "inserted_at", NULL));
    record->inserted_ms = inserted_us / 1000;
    record->inserted_us = (int)(inserted_us % 1000);
    record->updated_us = clock_parse_utc_us(json_get_text(json, "updated_at", NULL));
    record->is_completed = json_text_is(json, "status", "completed");
    return true;
}

/* ---- how many suggestions there are ----
 *
 * Tried on 2.8.0: of a suggestion that is put or deleted neither record, dataset nor
 * progress tell, and no search sorts by its time. It does count by value and agent. */

enum { FEW_OPTIONS = 10 }; /* of so many each is counted */

struct sum_job {
    struct job job;
    struct dataset dataset;
    json_t *agents;          /* of each question, as the server lists them */
    size_t question, option; /* that are counted now; option 0 = any of them */
    uint64_t sum;
    bool has_any;
    argilla_sum_fn fn;
};

static void sum_clear(struct job *job)
{
    struct sum_job *self = (struct sum_job *)job;
    json_decref(self->agents);
    dataset_clear(&self->dataset);
}

static void sum_failed(struct job *job, const struct err *err)
{
    ((struct sum_job *)job)->fn(job->ctx, 0, err);
}

static void mix(struct sum_job *self, const char *text) /* FNV-1a */
{
    for (; *text; text++)
        self->sum = (self->sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
}

static size_t option_count(const struct question *question)
{
    return question->type == QUESTION_RATING        ? question->rating_count
           : question->type == QUESTION_LABEL       ? question->option_count
           : question->type == QUESTION_MULTI_LABEL ? question->option_count
                                                    : 0;
}

/* What is looked for: its options, or the agents of one that has none (a text). */
static json_t *sum_values(const struct sum_job *self, const struct question *question)
{
    json_t *values = json_array();
    size_t count = option_count(question), i;
    const json_t *item;
    for (i = 0; i < count; i++)
        if (!self->option || i + 1 == self->option)
            json_array_append_new(values, question->type == QUESTION_RATING
                                              ? json_sprintf("%d", question->ratings[i])
                                              : json_string(question->options[i].value));
    json_array_foreach(self->agents, i, item)
    {
        const json_t *about = json_object_get(item, "question");
        if (!count && json_text_is(about, "name", question->name))
            json_array_extend(values, json_object_get(item, "agents"));
    }
    return values;
}

static void got_sum(struct job *job, const struct job_reply *reply);

static void sum_next(struct sum_job *self)
{
    const struct dataset *dataset = &self->dataset;
    for (; self->question < dataset->question_count; self->question++) {
        const struct question *question = &dataset->questions[self->question];
        json_t *values = sum_values(self, question);
        if (json_array_size(values)) {
            json_t *body = json_pack(
                "{s:{s:[{s:s,s:{s:s,s:s,s:s},s:o}]}}", "filters", "and", "type", "terms",
                "scope", "entity", "suggestion", "question", question->name, "property",
                option_count(question) ? "value" : "agent", "values", values);
            bool is_annotator = self->job.argilla->identity.role == ARGILLA_ANNOTATOR;
            job_ask(&self->job, "POST",
                    xasprintf("/api/v1/%sdatasets/%s/records/search?limit=1",
                              is_annotator ? "me/" : "", dataset->remote_id),
                    body, got_sum);
            return;
        }
        json_decref(values);
    }
    uint64_t sum = self->has_any ? self->sum : ARGILLA_NO_SUGGESTIONS;
    job_end(&self->job);
    self->fn(self->job.ctx, sum, &(struct err){0});
}

static void got_sum(struct job *job, const struct job_reply *reply)
{
    struct sum_job *self = (struct sum_job *)job;
    size_t count = option_count(&self->dataset.questions[self->question]);
    json_int_t total = json_integer_value(json_object_get(reply->json, "total"));
    char text[80];
    if (job_has_no_items(job, reply))
        return;
    snprintf(text, sizeof text, "%zu.%zu=%" JSON_INTEGER_FORMAT ";", self->question,
             self->option, total);
    mix(self, text);
    self->has_any = self->has_any || total > 0;
    bool goes_on = self->option ? self->option < count
                                : total > 0 && count > 1 && count <= FEW_OPTIONS;
    self->question += !goes_on;
    self->option = goes_on ? self->option + 1 : 0;
    sum_next(self);
}

static void got_agents(struct job *job, const struct job_reply *reply)
{
    struct sum_job *self = (struct sum_job *)job;
    if (job_has_no_items(job, reply))
        return;
    self->agents = json_incref(json_object_get(reply->json, "items"));
    char *text = json_dumps(self->agents, JSON_COMPACT | JSON_SORT_KEYS);
    mix(self, text ? text : "");
    free(text);
    sum_next(self);
}

static void ask_agents(struct job *job)
{
    const struct sum_job *self = (const struct sum_job *)job;
    job_ask(job, "GET",
            dataset_path(&self->dataset, "/records/search/suggestions/options"), NULL,
            got_agents);
}

void argilla_sum_suggestions(struct argilla *argilla, const struct dataset *dataset,
                             argilla_sum_fn fn, void *ctx)
{
    struct sum_job *self = job_new(argilla, sizeof *self);
    self->job.goal = xstrdup("count suggestions");
    self->job.first = ask_agents;
    self->job.fail = sum_failed;
    self->job.clear = sum_clear;
    self->job.ctx = ctx;
    self->fn = fn;
    self->sum = UINT64_C(0xcbf29ce484222325);
    dataset_copy(&self->dataset, dataset);
    job_start(&self->job);
}

/* ---- deletion ---- */

static void got_deleted(struct job *job, const struct job_reply *reply)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    argilla_push_fn fn = bulk->fn;
    if (job_has_failed(job, reply))
        return;
    job_end(job);
    fn(job->ctx, NULL, 0, &(struct err){0});
}

static void ask_deletion(struct job *job)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    job_send(job, "DELETE", bulk->path, NULL, 0, got_deleted);
}

void argilla_delete_records(struct argilla *argilla, const struct dataset *dataset,
                            const char *const *remote_ids, size_t count,
                            argilla_push_fn fn, void *ctx)
{
    struct bulk_job *bulk = bulk_new(argilla, sizeof *bulk, 0);
    struct buf path = {0};
    buf_addf(&path, "/api/v1/datasets/%s/records",
             dataset->remote_id ? dataset->remote_id : "");
    for (size_t i = 0; i < count; i++)
        buf_addf(&path, "%s%s", i ? "," : "?ids=", remote_ids[i]);
    bulk->job.goal = xstrdup("delete records");
    bulk->job.first = ask_deletion;
    bulk->job.ctx = ctx;
    bulk->fn = fn;
    bulk->path = xstrdup(buf_text(&path));
    buf_clear(&path);
    job_start(&bulk->job);
}
