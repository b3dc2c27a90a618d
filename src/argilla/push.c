/* SPDX-License-Identifier: MIT
 *
 * Records and responses to the server. Records: PUT records/bulk, an upsert by
 * external_id, so that a repeat after a lost reply changes nothing. Responses: POST
 * /me/responses/bulk, an upsert on (record, user); one that is taken back is deleted by
 * the id that was read before. Source: argilla-api.md §5.5, §7.3, §7.4, §8.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unictype.h>
#include <unistr.h>

#include "argilla/client.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "json/dataset_json.h"

/* ---- what a record's metadata may hold ---- */

static void say_left_out(struct argilla *argilla, const char *name)
{
    static const char start[] = "Left out on the server, as the dataset's metadata does "
                                "not take it as it is: ",
                      more[] = ", and more.";
    char safe[80], quoted[90], *notice = argilla->notice;
    size_t len = strlen(notice), room = sizeof argilla->notice;
    snprintf(quoted, sizeof quoted, "\"%s\"",
             sanitise_line(name, strlen(name), safe, sizeof safe));
    if ((len && strncmp(notice, start, sizeof start - 1) != 0) ||
        strstr(notice, quoted) || strstr(notice, more))
        return;
    bool is_full = len + strlen(quoted) + 1 + sizeof more > room;
    len -= len > 0; /* the full stop */
    if (is_full)
        snprintf(notice + len, room - len, "%s", more);
    else
        snprintf(notice + len, room - len, "%s%s.", len ? ", " : start, quoted);
}

/* Leaves out of an item what the dataset's declared properties refuse. */
static void fit_item(struct argilla *argilla, json_t *item, bool allows_extra)
{
    json_t *metadata = json_object_get(item, "metadata"), *fitting = json_object();
    const char *name;
    json_t *value;
    json_object_foreach(metadata, name, value)
    {
        const json_t *property = json_find(argilla->properties, "name", name);
        json_t *fit = property       ? metadata_fit(property, value)
                      : allows_extra ? json_incref(value)
                                     : NULL;
        if (fit)
            json_object_set_new(fitting, name, fit);
        else
            say_left_out(argilla, name);
    }
    /* absent keeps what the server has */
    if (json_object_size(fitting) > 0)
        json_object_set(item, "metadata", fitting);
    else
        json_object_del(item, "metadata");
    json_decref(fitting);
}

/* ---- records ---- */

struct records_job {
    struct bulk_job bulk;
    char *dataset_id;
    bool allows_extra;
    bool is_fitted;
};

static void records_clear(struct job *job)
{
    struct records_job *self = (struct records_job *)job;
    free(self->dataset_id);
    bulk_clear(job);
}

/* What Python's str.strip() takes away: LangChain's handler strips so. */
static bool is_blank(ucs4_t point)
{
    return uc_is_property_white_space(point) || (point >= 0x1C && point <= 0x1F);
}

static void strip_ends(const char **text, size_t *len)
{
    const uint8_t *start = (const uint8_t *)*text, *end = start + *len;
    ucs4_t point;
    while (start < end) {
        int width = u8_mbtouc(&point, start, (size_t)(end - start));
        if (!is_blank(point))
            break;
        start += width;
    }
    const uint8_t *last = start; /* behind the last that is no blank */
    for (const uint8_t *at = start; at < end;) {
        at += u8_mbtouc(&point, at, (size_t)(end - at));
        last = is_blank(point) ? last : at;
    }
    *text = (const char *)start;
    *len = (size_t)(last - start);
}

/* Spans count from the start of the text that one marked. */
static bool has_spans(const struct dataset *dataset)
{
    const struct field *field = dataset_response_field(dataset);
    for (size_t i = 0; field && i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        if (question->type == QUESTION_SPAN && question->field &&
            strcmp(question->field, field->name) == 0)
            return true;
    }
    return false;
}

/* A chat or custom field was read as the JSON it is; a text field is a string. */
static json_t *field_value(const struct dataset *dataset,
                           const struct record_field *field, bool strip)
{
    const struct field *known = dataset_field(dataset, field->name);
    if (known && strcmp(known->type, "text") != 0 && strcmp(known->type, "image") != 0) {
        json_t *json = json_parse(field->text, field->len, NULL);
        if (json)
            return json;
    }
    const char *text = field->text;
    size_t len = field->len;
    if (strip && known && known == dataset_response_field(dataset))
        strip_ends(&text, &len);
    return json_new_text(text, len);
}

/* With all its metadata: its own and, below it, how its response came to be. */
static json_t *record_item(const struct dataset *dataset, const struct record *record,
                           bool strip)
{
    struct id_text id = id_text(&record->id);
    const char *external_id = record->external_id ? record->external_id : id.text;
    json_t *fields = json_object();
    for (size_t i = 0; i < record->field_count; i++)
        json_object_set_new(fields, record->fields[i].name,
                            field_value(dataset, &record->fields[i], strip));
    json_t *metadata =
        record->has_completion ? completion_metadata(&record->completion) : json_object();
    const char *text = record->metadata_json;
    json_t *own = text ? json_parse(text, strlen(text), NULL) : NULL;
    if (json_is_object(own))
        json_object_update(metadata, own);
    json_decref(own);
    return json_pack("{s:o,s:o,s:o}", "external_id",
                     json_new_text(external_id, strlen(external_id)), "fields", fields,
                     "metadata", metadata);
}

/* With a new record go its suggestions; later the server's are the newer. */
static void add_suggestions(const struct argilla *argilla, const struct record *record,
                            json_t *item)
{
    json_t *suggestions = json_array(), *name;
    const char *id;
    for (size_t i = 0; i < record->suggestion_count; i++) {
        const char *question = record->suggestions[i].value.question;
        json_t *entry = suggestion_to_json(&record->suggestions[i]);
        json_object_foreach(argilla->question_names, id, name)
        {
            if (!json_object_get(entry, "value") ||
                strcmp(json_string_value(name), question) != 0)
                continue;
            json_object_set_new(entry, "question_id", json_string(id));
            json_array_append(suggestions, entry);
        }
        json_decref(entry);
    }
    if (json_array_size(suggestions) > 0)
        json_object_set(item, "suggestions", suggestions);
    json_decref(suggestions);
}

static bool records_taken(struct bulk_job *bulk, const json_t *items)
{
    for (size_t i = bulk->now.from; i < bulk->now.to; i++) {
        const json_t *item = json_array_get(items, i - bulk->now.from);
        const char *remote_id = json_get_text(item, "id", NULL);
        struct id id;
        if (!remote_id || !id_parse(remote_id, &id))
            return false;
        id_format(&id, bulk->results[i].remote_id);
        const char *made = json_get_text(item, "inserted_at", NULL);
        if (json_text_is(item, "updated_at", made) &&
            json_array_size(json_object_get(item, "responses")) == 0)
            snprintf(bulk->results[i].made_at, ARGILLA_TIME, "%s", made);
    }
    return true;
}

/* Items were written before the properties were known. */
static void fit_items(struct records_job *self)
{
    struct bulk_job *bulk = &self->bulk;
    for (size_t i = 0; !self->is_fitted && i < bulk->count; i++) {
        json_t *item = json_parse(bulk->items[i], strlen(bulk->items[i]), NULL);
        fit_item(bulk->job.argilla, item, self->allows_extra);
        free(bulk->items[i]);
        bulk->items[i] = json_print_new(item);
    }
    self->is_fitted = true;
}

static void got_properties(struct job *job, const struct job_reply *reply)
{
    struct records_job *self = (struct records_job *)job;
    struct argilla *argilla = job->argilla;
    if (job_has_no_items(job, reply))
        return;
    json_decref(argilla->properties);
    argilla->properties = json_incref(json_object_get(reply->json, "items"));
    if (json_array_size(argilla->properties) > 0 || !self->allows_extra)
        fit_items(self);
    self->is_fitted = true;
    bulk_go(&self->bulk);
}

static bool records_prepare(struct bulk_job *bulk)
{
    struct records_job *self = (struct records_job *)bulk;
    struct argilla *argilla = bulk->job.argilla;
    client_know_dataset(argilla, self->dataset_id);
    if (!argilla->properties) {
        job_ask(&bulk->job, "GET",
                xasprintf("/api/v1/me/datasets/%s/metadata-properties", self->dataset_id),
                NULL, got_properties);
        return false;
    }
    if (self->is_fitted)
        return true;
    if (json_array_size(argilla->properties) == 0 && self->allows_extra)
        return true;
    fit_items(self);
    bulk_go(bulk);
    return false;
}

/* Declared since, or a rule that we do not know: better without than never. */
static bool record_refused(struct bulk_job *bulk, size_t at, const struct err *err)
{
    json_t *item = json_parse(bulk->items[at], strlen(bulk->items[at]), NULL);
    static const char *const parts[] = {"metadata", "suggestions"};
    const char *part = NULL;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !part; i++)
        if (strstr(err->text, parts[i]) && json_object_del(item, parts[i]) == 0)
            part = parts[i];
    if (part) {
        say_left_out(bulk->job.argilla, part);
        free(bulk->items[at]);
        bulk->items[at] = json_print(item);
    }
    json_decref(item);
    return part != NULL;
}

void argilla_push_records(struct argilla *argilla, const struct dataset *dataset,
                          const struct record *const *records, size_t count, bool strip,
                          argilla_push_fn fn, void *ctx)
{
    struct records_job *self = bulk_new(argilla, sizeof *self, count);
    struct bulk_job *bulk = &self->bulk;
    bool may_strip = strip && !has_spans(dataset);
    self->dataset_id = xstrdup(dataset->remote_id ? dataset->remote_id : "");
    self->allows_extra = dataset->allow_extra_metadata;
    bool is_known = argilla->properties && argilla->known_id &&
                    strcmp(argilla->known_id, self->dataset_id) == 0;
    bulk->job.goal = xstrdup("store records");
    bulk->job.clear = records_clear;
    bulk->method = "PUT";
    bulk->path = xasprintf("/api/v1/datasets/%s/records/bulk", self->dataset_id);
    bulk->prepare = records_prepare;
    bulk->taken = records_taken;
    bulk->refused = record_refused;
    bulk->fn = fn;
    bulk->job.ctx = ctx;
    for (size_t i = 0; i < count; i++) {
        json_t *item =
            record_item(dataset, records[i], may_strip && records[i]->is_written);
        if (argilla->question_names && argilla->known_id && !records[i]->remote_id &&
            strcmp(argilla->known_id, self->dataset_id) == 0)
            add_suggestions(argilla, records[i], item);
        if (is_known)
            fit_item(argilla, item, self->allows_extra);
        bulk->items[i] = json_print_new(item);
    }
    self->is_fitted = is_known;
    bulk_start(bulk);
}

/* ---- responses ---- */

struct responses_job {
    struct bulk_job bulk; /* of those that are not PENDING */
    struct dataset dataset;
    size_t *places; /* of each bulk item in results */
    size_t count;
    struct argilla_push_result *results; /* of all, in the caller's order */
    char (*deletions)[ID_TEXT];          /* what is to be deleted; "" = nothing */
    size_t at;
};

static void responses_clear(struct job *job)
{
    struct responses_job *self = (struct responses_job *)job;
    for (size_t i = 0; i < self->count; i++)
        response_clear(&self->results[i].response);
    dataset_clear(&self->dataset);
    free(self->places);
    free(self->results);
    free(self->deletions);
    bulk_clear(job);
}

/* What the dataset does not ask any more is kept here alone: the server would refuse the
 * whole answer. */
static char *response_item(const struct dataset *dataset,
                           const struct argilla_response *from)
{
    static const char nowhere[] = "00000000-0000-0000-0000-000000000000";
    json_t *values = values_to_json(&from->response->values), *value;
    const char *name;
    void *next;
    json_object_foreach_safe(values, next, name,
                             value) if (!dataset_question(dataset, name))
        json_object_del(values, name);
    /* values never null: 2.x fails on that, and stores it all the same */
    return json_print_new(json_pack(
        "{s:s,s:s,s:o}", "record_id", from->remote_id ? from->remote_id : nowhere,
        "status", response_status_name(from->response->status), "values", values));
}

static bool responses_taken(struct bulk_job *bulk, const json_t *items)
{
    struct responses_job *self = (struct responses_job *)bulk;
    for (size_t i = bulk->now.from; i < bulk->now.to; i++) {
        struct argilla_push_result *result = &self->results[self->places[i]];
        struct complaint complaint = {.argilla = bulk->job.argilla};
        const json_t *item = json_array_get(items, i - bulk->now.from);
        const json_t *stored = json_object_get(item, "item");
        const char *detail =
            json_get_text(json_object_get(item, "error"), "detail", NULL);
        if (detail)
            explain_item(&complaint, detail, &result->err);
        else if (json_get_text(stored, "id", NULL))
            read_response(&self->dataset, stored, &result->response);
        else
            return false;
    }
    return true;
}

static void delete_next(struct job *job);

static void response_deleted(struct job *job, const struct job_reply *reply)
{
    struct responses_job *self = (struct responses_job *)job;
    if (reply->err.code != STATUS_NOT_FOUND && job_has_failed(job, reply))
        return;
    self->at++;
    delete_next(job);
}

static void delete_next(struct job *job)
{
    struct responses_job *self = (struct responses_job *)job;
    while (self->at < self->count && !self->deletions[self->at][0])
        self->at++;
    if (self->at == self->count) {
        /* refused alone, in a request that could not even be read as a whole */
        for (size_t i = 0; i < self->bulk.count; i++)
            if (self->bulk.results[i].err.code != STATUS_OK)
                self->results[self->places[i]].err = self->bulk.results[i].err;
        job_end(&self->bulk.job);
        self->bulk.fn(self->bulk.job.ctx, self->results, self->count, &(struct err){0});
        return;
    }
    job_ask(job, "DELETE", xasprintf("/api/v1/responses/%s", self->deletions[self->at]),
            NULL, response_deleted);
}

void push_responses(struct argilla *argilla, const struct dataset *dataset,
                    const struct argilla_response *responses, size_t count,
                    argilla_push_fn fn, void *ctx)
{
    struct responses_job *self = bulk_new(argilla, sizeof *self, count);
    struct bulk_job *bulk = &self->bulk;
    bulk->job.goal = xstrdup("store responses");
    bulk->job.clear = responses_clear;
    bulk->job.ctx = ctx;
    bulk->method = "POST";
    bulk->path = xstrdup("/api/v1/me/responses/bulk");
    bulk->taken = responses_taken;
    bulk->sent = delete_next;
    bulk->fn = fn;
    self->count = count;
    self->places = xcalloc(count, sizeof *self->places);
    self->results = xcalloc(count, sizeof *self->results);
    self->deletions = xcalloc(count, sizeof *self->deletions);
    dataset_copy(&self->dataset, dataset);
    bulk->count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct argilla_response *from = &responses[i];
        size_t len = from->response_id ? strlen(from->response_id) : 0;
        if (from->response->status != RESPONSE_PENDING) {
            self->places[bulk->count] = i;
            bulk->items[bulk->count++] = response_item(dataset, from);
        } else if (len < ID_TEXT) {
            memcpy(self->deletions[i], from->response_id ? from->response_id : "", len);
        }
    }
    bulk_start(bulk);
}
