/* SPDX-License-Identifier: MIT
 *
 * Records from the server with what was answered: by us, and by everybody else where the
 * key is an owner's or an admin's (a search below /me shows one's own responses alone).
 * Source: argilla-api.md §7.5, §7.6, tried on 1.29.1 and 2.8.0.
 *
 * From 2.3 on a search takes a time to begin at and ids to look for. Before, there is
 * neither: owners page through the list, which is in the order of insertion, annotators
 * through a search that is shuffled by user on 1.x, and where the server runs on Python
 * 3.11 every `sort` is dropped (seen on 1.29.1), so that a record moves to the end when
 * somebody answers it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "argilla/client.h"
#include "base/xalloc.h"

enum {
    TIMEOUT_MS = 60000,
    SCAN_PAGE = 100 /* of our own responses, where they cannot be asked for by id */
};

/* ---- pages ---- */

struct pull_job {
    struct job job;
    struct dataset dataset;
    struct argilla_place place;
    size_t limit;
    char *words; /* only records in which the server finds them; NULL = all */
    argilla_page_fn fn;
};

static void pull_clear(struct job *job)
{
    struct pull_job *pull = (struct pull_job *)job;
    dataset_clear(&pull->dataset);
    free(pull->words);
}

static void pull_failed(struct job *job, const struct err *err)
{
    struct pull_job *pull = (struct pull_job *)job;
    pull->fn(job->ctx, NULL, err);
}

bool argilla_pull_is_exact(const struct argilla *argilla)
{
    const struct argilla_identity *identity = &argilla->identity;
    return identity->version_major > 2 ||
           (identity->version_major == 2 && identity->version_minor >= 3);
}

static json_t *record_scope(const char *property)
{
    return json_pack("{s:s,s:s}", "entity", "record", "property", property);
}

/* The time that the place is told by. */
static const char *time_property(enum argilla_pull_kind kind)
{
    return kind == ARGILLA_CHANGED || kind == ARGILLA_NEWEST ? "updated_at"
                                                             : "inserted_at";
}

static json_t *answered_filter(void)
{
    return json_pack("{s:s,s:{s:s,s:s},s:[s,s,s]}", "type", "terms", "scope", "entity",
                     "response", "property", "status", "values", "draft", "submitted",
                     "discarded");
}

static json_t *search_body(const struct argilla *argilla,
                           const struct argilla_place *place)
{
    const char *property = time_property(place->kind);
    const char *order = place->kind == ARGILLA_NEWEST ? "desc" : "asc";
    json_t *body = json_pack("{s:[{s:o,s:s}]}", "sort", "scope", record_scope(property),
                             "order", order);
    if (!argilla_pull_is_exact(argilla))
        return body;
    json_t *filters = json_array();
    json_array_append_new(
        json_object_get(body, "sort"),
        json_pack("{s:o,s:s}", "scope", record_scope("id"), "order", order));
    if (*place->after || *place->until) /* with neither the server refuses it */
        json_array_append_new(filters,
                              json_pack("{s:s,s:o,s:s*,s:s*}", "type", "range", "scope",
                                        record_scope(property), "ge",
                                        *place->after ? place->after : NULL, "le",
                                        *place->until ? place->until : NULL));
    if (place->kind == ARGILLA_ANSWERED)
        json_array_append_new(filters, answered_filter());
    if (json_array_size(filters))
        json_object_set_new(body, "filters", json_pack("{s:O}", "and", filters));
    json_decref(filters);
    return body;
}

static json_t *item_record(const json_t *item)
{
    json_t *record = json_object_get(item, "record"); /* of a search */
    return record ? record : (json_t *)(uintptr_t)item;
}

/* Where the page after this one starts. */
static void find_next(const struct pull_job *pull, const json_t *items,
                      struct argilla_place *next)
{
    size_t count = json_array_size(items), same = 0;
    const json_t *last = item_record(json_array_get(items, count - 1));
    const char *id = json_get_text(last, "id", NULL);
    const char *property = time_property(pull->place.kind);
    const char *at = json_get_text(last, property, NULL);
    *next = pull->place;
    next->skip += count;
    if (id && strlen(id) < sizeof next->last)
        memcpy(next->last, id, strlen(id) + 1);
    if (!argilla_pull_is_exact(pull->job.argilla) || !at ||
        strlen(at) >= sizeof next->after || strcmp(at, next->after) == 0)
        return;
    for (size_t i = count; i > 0; i--, same++) {
        const char *time =
            json_get_text(item_record(json_array_get(items, i - 1)), property, NULL);
        if (!time || strcmp(time, at) != 0)
            break;
    }
    memcpy(next->after, at, strlen(at) + 1);
    next->skip = same;
}

/* Where only a number tells the place, a page begins with the last record of the one
 * before: another one there, and something has moved. */
static size_t overlap(const struct pull_job *pull)
{
    return pull->place.skip > 0 && !argilla_pull_is_exact(pull->job.argilla) ? 1 : 0;
}

static void got_page(struct job *job, const struct job_reply *reply)
{
    struct pull_job *pull = (struct pull_job *)job;
    if (job_has_no_items(job, reply))
        return;
    json_t *items = json_object_get(reply->json, "items");
    json_int_t all = json_integer_value(json_object_get(reply->json, "total"));
    size_t total = all > 0 ? (size_t)all : 0;
    struct argilla_page page = {.bytes = reply->size};
    if (overlap(pull)) {
        const char *id = json_get_text(item_record(json_array_get(items, 0)), "id", NULL);
        page.has_moved = !id || strcmp(id, pull->place.last) != 0;
        json_array_remove(items, 0);
    }
    size_t size = json_array_size(items);
    page.records = xcalloc(size, sizeof *page.records);
    for (size_t i = 0; i < size; i++)
        page.count +=
            read_record(job->argilla, &pull->dataset,
                        item_record(json_array_get(items, i)), &page.records[page.count]);
    page.left = total > pull->place.skip ? total - pull->place.skip : 0;
    page.is_last = size == 0 || page.left <= size;
    page.next = pull->place;
    if (size > 0)
        find_next(pull, items, &page.next);
    struct record *records = page.records;
    size_t count = page.count;
    job_end(job);
    pull->fn(job->ctx, &page, &(struct err){0});
    for (size_t i = 0; i < count; i++)
        record_clear(&records[i]);
    free(records);
}

static void ask_page(struct job *job)
{
    struct pull_job *pull = (struct pull_job *)job;
    struct argilla *argilla = job->argilla;
    static const char query[] = "include=responses&include=suggestions";
    const char *id = pull->dataset.remote_id;
    size_t offset = pull->place.skip - overlap(pull);
    size_t limit = pull->limit + overlap(pull);
    if (argilla->identity.version_major < 2 && !pull->words &&
        argilla->identity.role != ARGILLA_ANNOTATOR)
        job_ask(job, "GET",
                xasprintf("/api/v1/datasets/%s/records?offset=%zu&limit=%zu&%s", id,
                          offset, limit, query),
                NULL, got_page);
    else
        job_ask(job, "POST",
                xasprintf("/api/v1/%sdatasets/%s/records/search?offset=%zu&limit=%zu&%s",
                          argilla->identity.role == ARGILLA_ANNOTATOR ? "me/" : "", id,
                          offset, limit, query),
                pull->words ? json_pack("{s:{s:{s:o}}}", "query", "text", "q",
                                        json_new_text(pull->words, strlen(pull->words)))
                            : search_body(argilla, &pull->place),
                got_page);
}

/* Names are a courtesy: without them the pull goes on. The reply has everybody's key. */
static void got_users(struct job *job, const struct job_reply *reply)
{
    const json_t *items = json_object_get(reply->json, "items"), *user;
    size_t i;
    json_decref(job->argilla->user_names);
    job->argilla->user_names = json_object();
    json_array_foreach(items ? items : reply->json, i, user)
    {
        const char *id = json_get_text(user, "id", NULL);
        if (id)
            json_object_set(job->argilla->user_names, id,
                            json_object_get(user, "username"));
    }
    ask_page(job);
}

/* Before 1.29 users are asked for below another root. */
static char *users_path(const struct argilla *argilla, const char *path)
{
    const struct argilla_identity *identity = &argilla->identity;
    bool is_old = identity->version_major == 1 && identity->version_minor < 29;
    return xasprintf("/api/%s%s", is_old ? "" : "v1/", path);
}

static void got_workspaces(struct job *job, const struct job_reply *reply)
{
    const struct pull_job *pull = (const struct pull_job *)job;
    const json_t *items = json_object_get(reply->json, "items");
    const char *id =
        json_get_text(json_find(items, "name", pull->dataset.workspace), "id", NULL);
    if (!id) {
        ask_page(job);
        return;
    }
    char *path = xasprintf("workspaces/%s/users", id);
    job_ask(job, "GET", users_path(job->argilla, path), NULL, got_users);
    free(path);
}

/* Who the others are is asked once a pull. */
static void ask_names_and_page(struct job *job)
{
    const struct pull_job *pull = (const struct pull_job *)job;
    enum argilla_role role = job->argilla->identity.role;
    bool is_first = pull->place.skip == 0 && !*pull->place.after;
    if (role == ARGILLA_ANNOTATOR || (!is_first && job->argilla->user_names))
        ask_page(job);
    else if (role == ARGILLA_OWNER)
        job_ask(job, "GET", users_path(job->argilla, "users"), NULL, got_users);
    else
        job_ask(job, "GET", xstrdup("/api/v1/me/workspaces"), NULL, got_workspaces);
}

static void got_questions(struct job *job, const struct job_reply *reply)
{
    struct pull_job *pull = (struct pull_job *)job;
    if (job_has_no_items(job, reply))
        return;
    client_know_dataset(job->argilla, pull->dataset.remote_id);
    client_know_questions(job->argilla, json_object_get(reply->json, "items"));
    ask_names_and_page(job);
}

static void pull_first(struct job *job)
{
    struct pull_job *pull = (struct pull_job *)job;
    client_know_dataset(job->argilla, pull->dataset.remote_id);
    if (job->argilla->question_names)
        ask_names_and_page(job);
    else
        job_ask(job, "GET", dataset_path(&pull->dataset, "/questions"), NULL,
                got_questions);
}

static void copy_dataset(struct dataset *to, const struct dataset *from)
{
    dataset_copy(to, from);
    if (!to->remote_id)
        to->remote_id = xstrdup("");
}

static void pull_start(struct argilla *argilla, const struct dataset *dataset,
                       const struct pull_job *asked, void *ctx)
{
    struct pull_job *pull = job_new(argilla, sizeof *pull);
    pull->job.goal = xstrdup(asked->words ? "search records" : "read records");
    pull->job.first = pull_first;
    pull->job.fail = pull_failed;
    pull->job.clear = pull_clear;
    pull->job.idle_timeout_ms = TIMEOUT_MS;
    copy_dataset(&pull->dataset, dataset);
    pull->place = asked->place;
    pull->limit = asked->limit;
    pull->words = asked->words;
    pull->fn = asked->fn;
    pull->job.ctx = ctx;
    job_start(&pull->job);
}

void argilla_pull_records(struct argilla *argilla, const struct dataset *dataset,
                          const struct argilla_place *place, size_t limit,
                          argilla_page_fn fn, void *ctx)
{
    const struct pull_job asked = {.place = *place, .limit = limit, .fn = fn};
    pull_start(argilla, dataset, &asked, ctx);
}

void argilla_search_records(struct argilla *argilla, const struct dataset *dataset,
                            const char *words, size_t limit, argilla_page_fn fn,
                            void *ctx)
{
    const struct pull_job asked = {.words = xstrdup(words), .limit = limit, .fn = fn};
    pull_start(argilla, dataset, &asked, ctx);
}

/* ---- our responses to some records ---- */

struct read_job {
    struct job job;
    struct dataset dataset;
    char (*ids)[ID_TEXT];
    struct argilla_own_response *found; /* the same order */
    bool *is_known;
    size_t count;
    size_t at;     /* the record that is looked at alone */
    size_t offset; /* of the scan */
    argilla_responses_fn fn;
};

static void read_clear(struct job *job)
{
    struct read_job *self = (struct read_job *)job;
    for (size_t i = 0; i < self->count; i++)
        response_clear(&self->found[i].response);
    dataset_clear(&self->dataset);
    free(self->ids);
    free(self->found);
    free(self->is_known);
}

static void read_failed(struct job *job, const struct err *err)
{
    struct read_job *self = (struct read_job *)job;
    self->fn(job->ctx, NULL, 0, err);
}

/* Takes those that were asked for out of a reply's items. */
static void take_found(struct read_job *self, const json_t *items)
{
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        const json_t *record = item_record(item);
        const char *id = json_get_text(record, "id", NULL);
        for (size_t k = 0; id && k < self->count; k++) {
            if (strcasecmp(self->ids[k], id) != 0)
                continue;
            self->is_known[k] = true;
            read_own_response(self->job.argilla, &self->dataset,
                              json_object_get(record, "responses"),
                              &self->found[k].response, self->found[k].response_id);
        }
    }
}

static void look_at_next(struct read_job *self);

/* One that was not among the found: the index may lack it, or it is gone. */
static void looked_at(struct job *job, const struct job_reply *reply)
{
    struct read_job *self = (struct read_job *)job;
    bool is_gone = reply->err.code == STATUS_NOT_FOUND && reply->code == 404;
    if (!is_gone && job_has_failed(job, reply))
        return;
    self->found[self->at].is_gone = is_gone;
    if (!is_gone)
        read_own_response(
            job->argilla, &self->dataset, json_object_get(reply->json, "responses"),
            &self->found[self->at].response, self->found[self->at].response_id);
    self->at++;
    look_at_next(self);
}

static void look_at_next(struct read_job *self)
{
    while (self->at < self->count && self->is_known[self->at])
        self->at++;
    if (self->at < self->count) {
        job_ask(&self->job, "GET", xasprintf("/api/v1/records/%s", self->ids[self->at]),
                NULL, looked_at);
        return;
    }
    job_end(&self->job);
    self->fn(self->job.ctx, self->found, self->count, &(struct err){0});
}

static void got_found(struct job *job, const struct job_reply *reply)
{
    struct read_job *self = (struct read_job *)job;
    if (job_has_no_items(job, reply))
        return;
    take_found(self, json_object_get(reply->json, "items"));
    look_at_next(self);
}

static void scan(struct read_job *self);

static void got_scanned(struct job *job, const struct job_reply *reply)
{
    struct read_job *self = (struct read_job *)job;
    if (job_has_no_items(job, reply))
        return;
    const json_t *items = json_object_get(reply->json, "items");
    json_int_t total = json_integer_value(json_object_get(reply->json, "total"));
    take_found(self, items);
    self->offset += json_array_size(items);
    if (json_array_size(items) > 0 && (json_int_t)self->offset < total) {
        scan(self);
        return;
    }
    /* no list, no search and no GET tells which of the others are gone: sending does */
    for (size_t i = 0; i < self->count; i++)
        self->is_known[i] = true;
    look_at_next(self);
}

/* Before 2.3: all that we have answered, page after page. */
static void scan(struct read_job *self)
{
    json_t *body = json_pack("{s:{s:[o]}}", "filters", "and", answered_filter());
    job_ask(&self->job, "POST",
            xasprintf("/api/v1/me/datasets/%s/records/search?offset=%zu&limit=%d"
                      "&include=responses",
                      self->dataset.remote_id, self->offset, SCAN_PAGE),
            body, got_scanned);
}

static void ask_responses(struct job *job)
{
    struct read_job *self = (struct read_job *)job;
    if (!argilla_pull_is_exact(job->argilla)) {
        scan(self);
        return;
    }
    /* From 2.3 on: a search for the ids. */
    json_t *ids = json_array();
    for (size_t i = 0; i < self->count; i++)
        json_array_append_new(ids, json_string(self->ids[i]));
    json_t *body = json_pack("{s:{s:[{s:s,s:o,s:o}]}}", "filters", "and", "type", "terms",
                             "scope", record_scope("id"), "values", ids);
    job_ask(job, "POST",
            xasprintf("/api/v1/me/datasets/%s/records/search?limit=%zu&include=responses",
                      self->dataset.remote_id, self->count),
            body, got_found);
}

void argilla_read_responses(struct argilla *argilla, const struct dataset *dataset,
                            const char *const *remote_ids, size_t count,
                            argilla_responses_fn fn, void *ctx)
{
    struct read_job *self = job_new(argilla, sizeof *self);
    self->job.goal = xstrdup("read responses");
    self->job.first = ask_responses;
    self->job.fail = read_failed;
    self->job.clear = read_clear;
    self->job.ctx = ctx;
    self->fn = fn;
    copy_dataset(&self->dataset, dataset);
    self->ids = xcalloc(count, sizeof *self->ids);
    self->found = xcalloc(count, sizeof *self->found);
    self->is_known = xcalloc(count, sizeof *self->is_known);
    for (self->count = 0; self->count < count; self->count++) {
        size_t len = strlen(remote_ids[self->count]);
        memcpy(self->ids[self->count], remote_ids[self->count], len < ID_TEXT ? len : 0);
    }
    job_start(&self->job);
}
