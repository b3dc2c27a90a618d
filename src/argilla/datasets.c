/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "net/url.h"
#include "text/outside.h"
#include "json/dataset_json.h"

void client_know_dataset(struct argilla *argilla, const char *remote_id)
{
    if (argilla->known_id && strcmp(argilla->known_id, remote_id) == 0)
        return;
    free(argilla->known_id);
    argilla->known_id = xstrdup(remote_id);
    json_decref(argilla->question_names);
    json_decref(argilla->properties);
    argilla->question_names = argilla->properties = NULL;
    argilla->notice[0] = '\0';
}

void client_know_questions(struct argilla *argilla, const json_t *items)
{
    size_t i;
    const json_t *item;
    json_decref(argilla->question_names);
    argilla->question_names = json_object();
    json_array_foreach(items, i, item)
    {
        const char *id = json_get_text(item, "id", NULL);
        if (id && json_get_text(item, "name", NULL))
            json_object_set(argilla->question_names, id, json_object_get(item, "name"));
    }
}

static void dataset_job_clear(struct job *job)
{
    struct dataset_job *self = (struct dataset_job *)job;
    json_decref(self->workspaces);
    json_decref(self->datasets);
    dataset_clear(&self->dataset);
    dataset_clear(&self->template);
    free(self->name);
    free(self->workspace);
}

static void dataset_job_failed(struct job *job, const struct err *err)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (self->fn.datasets)
        self->fn.datasets(job->ctx, NULL, 0, err);
    else if (self->fn.metrics)
        self->fn.metrics(job->ctx, NULL, err);
    else
        self->fn.dataset(job->ctx, NULL, err);
}

struct dataset_job *dataset_job_new(struct argilla *argilla, const char *verb,
                                    const char *name, const char *workspace,
                                    argilla_dataset_fn fn, void *ctx)
{
    struct dataset_job *self = job_new(argilla, sizeof *self);
    if (name)
        self->job.goal = xasprintf("%s the dataset \"%.120s\"", verb, name);
    self->job.first = dataset_job_list;
    self->job.fail = dataset_job_failed;
    self->job.clear = dataset_job_clear;
    self->job.ctx = ctx;
    self->fn.dataset = fn;
    self->name = name ? xstrdup(name) : NULL;
    self->workspace = workspace && *workspace ? xstrdup(workspace) : NULL;
    return self;
}

char *dataset_path(const struct dataset *dataset, const char *rest)
{
    return xasprintf("/api/v1/datasets/%s%s", dataset->remote_id, rest);
}

/* "a, b, …" */
static void add_name(struct buf *out, const char *name, size_t count)
{
    enum { MAX_NAMES = 8 };
    if (count < MAX_NAMES)
        buf_addf(out, "%s%.80s", count ? ", " : "", name);
    else if (count == MAX_NAMES)
        buf_add_text(out, ", …");
}

static void fail_workspace(const struct dataset_job *self, const char *name,
                           struct err *err)
{
    const char *host = self->job.argilla->host;
    struct buf names = {0};
    size_t count = json_array_size(self->workspaces);
    for (size_t i = 0; i < count; i++)
        add_name(&names, json_get_text(json_array_get(self->workspaces, i), "name", NULL),
                 i);
    if (count == 0)
        err_set(err, STATUS_CONFIG,
                "This key belongs to no workspace on the Argilla server at %s. Ask an "
                "owner to add you to one.",
                host);
    else
        err_set(err, STATUS_CONFIG,
                "There is no workspace \"%.80s\" on the Argilla server at %s. Yours: %s.",
                name ? name : "", host, buf_text(&names));
    buf_clear(&names);
}

const json_t *find_workspace(const struct dataset_job *self, const char *name,
                             struct err *err)
{
    const json_t *found = name ? json_find(self->workspaces, "name", name)
                               : json_array_get(self->workspaces, 0);
    if (!found)
        fail_workspace(self, name, err);
    return found;
}

const json_t *find_dataset(const struct dataset_job *self, const char *name,
                           const char *workspace_id)
{
    for (size_t i = 0; i < json_array_size(self->datasets); i++) {
        const json_t *item = json_array_get(self->datasets, i);
        if (json_text_is(item, "name", name) &&
            json_text_is(item, "workspace_id", workspace_id))
            return item;
    }
    return NULL;
}

static const char *workspace_name(const struct dataset_job *self, const json_t *dataset)
{
    const char *id = json_get_text(dataset, "workspace_id", NULL);
    const char *name = json_get_text(json_find(self->workspaces, "id", id), "name", NULL);
    return name ? name : "?";
}

void read_dataset_head(const struct dataset_job *self, struct dataset *dataset,
                       const json_t *json)
{
    dataset_clear(dataset);
    dataset->name = json_dup_text(json, "name");
    dataset->workspace = xstrdup(workspace_name(self, json));
    dataset->server = xstrdup(self->job.argilla->url);
    dataset->remote_id = json_dup_text(json, "id");
    dataset->guidelines = json_dup_text(json, "guidelines");
    dataset->allow_extra_metadata =
        !json_is_false(json_object_get(json, "allow_extra_metadata"));
    dataset->is_published = json_text_is(json, "status", "ready");
    dataset->active_ms = clock_parse_utc(json_get_text(json, "last_activity_at", NULL));
    json_t *distribution = json_object_get(json, "distribution");
    if (json_is_object(distribution))
        dataset->more_json =
            json_print_new(json_pack("{s:O}", "distribution", distribution));
}

/* Arrays of objects with a name and an id; others are left out. */
static json_t *take_items(const json_t *json)
{
    json_t *items = json_array();
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json, "items"), i, item)
    {
        if (json_get_text(item, "name", NULL) && json_get_text(item, "id", NULL))
            json_array_append(items, item);
    }
    return items;
}

static void got_datasets(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (job_has_no_items(job, reply))
        return;
    json_decref(self->datasets);
    self->datasets = take_items(reply->json);
    self->listed(self);
}

static void got_workspaces(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (job_has_no_items(job, reply))
        return;
    json_decref(self->workspaces);
    self->workspaces = take_items(reply->json);
    /* the filter is known from 2.3 on; find_dataset looks again */
    char *name = self->name ? url_escape(self->name) : NULL;
    job_ask(job, "GET",
            name ? xasprintf("/api/v1/me/datasets?name=%s", name)
                 : xstrdup("/api/v1/me/datasets"),
            NULL, got_datasets);
    free(name);
}

void dataset_job_list(struct job *job)
{
    job_ask(job, "GET", xstrdup("/api/v1/me/workspaces"), NULL, got_workspaces);
}

/* Without the server's own ids and times: as they are made on another. A push asks for
 * itself: it may be much later. */
static void got_properties(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    struct dataset *dataset = &self->dataset;
    static const char *const kept[] = {"name", "title", "settings",
                                       "visible_for_annotators"};
    size_t i;
    const json_t *item;
    if (job_has_no_items(job, reply))
        return;
    json_t *items = json_object_get(reply->json, "items"), *bare = json_array();
    json_array_foreach(items, i, item)
    {
        json_t *property = json_object();
        for (size_t j = 0; j < sizeof kept / sizeof kept[0]; j++)
            json_object_set(property, kept[j], json_object_get(item, kept[j]));
        json_array_append_new(bare, property);
    }
    json_t *more = dataset->more_json
                       ? json_parse(dataset->more_json, strlen(dataset->more_json), NULL)
                       : json_object();
    json_object_set_new(more, "metadata_properties", bare);
    free(dataset->more_json);
    dataset->more_json = json_print_new(more);
    self->loaded(self);
}

static void got_questions(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (job_has_no_items(job, reply))
        return;
    const json_t *items = json_object_get(reply->json, "items");
    dataset_questions_from_json(&self->dataset, items);
    client_know_dataset(job->argilla, self->dataset.remote_id);
    client_know_questions(job->argilla, items);
    job_ask(
        job, "GET",
        xasprintf("/api/v1/me/datasets/%s/metadata-properties", self->dataset.remote_id),
        NULL, got_properties);
}

static void got_fields(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (job_has_no_items(job, reply))
        return;
    dataset_fields_from_json(&self->dataset, json_object_get(reply->json, "items"));
    job_ask(job, "GET", dataset_path(&self->dataset, "/questions"), NULL, got_questions);
}

void dataset_job_load(struct dataset_job *self)
{
    job_ask(&self->job, "GET", dataset_path(&self->dataset, "/fields"), NULL, got_fields);
}

void dataset_job_deliver(struct dataset_job *self)
{
    job_end(&self->job);
    self->fn.dataset(self->job.ctx, &self->dataset, &(struct err){0});
}

/* ---- all of them ---- */

static void deliver_datasets(struct dataset_job *self)
{
    size_t count = json_array_size(self->datasets);
    struct dataset *datasets = xcalloc(count, sizeof *datasets);
    for (size_t i = 0; i < count; i++)
        read_dataset_head(self, &datasets[i], json_array_get(self->datasets, i));
    job_end(&self->job);
    self->fn.datasets(self->job.ctx, datasets, count, &(struct err){0});
    for (size_t i = 0; i < count; i++)
        dataset_clear(&datasets[i]);
    free(datasets);
}

void argilla_list_datasets(struct argilla *argilla, argilla_datasets_fn fn, void *ctx)
{
    struct dataset_job *self = dataset_job_new(argilla, NULL, NULL, NULL, NULL, ctx);
    self->job.goal = xstrdup("list its datasets");
    self->job.first = dataset_job_list;
    self->listed = deliver_datasets;
    self->fn.datasets = fn;
    job_start(&self->job);
}

/* ---- what is answered of one ---- */

/* Source: argilla-api.md §11. Before 2.0 nothing says how many are pending. */
static void got_metrics(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (job_has_failed(job, reply))
        return;
    const json_t *responses = json_object_get(reply->json, "responses");
    const json_t *pending = json_object_get(responses, "pending");
    const json_t *all = json_object_get(json_object_get(reply->json, "records"), "count");
    size_t counts[RESPONSE_STATUS_COUNT] = {0}, mine = 0;
    for (int status = RESPONSE_PENDING + 1; status < RESPONSE_STATUS_COUNT; status++) {
        const char *name = response_status_name((enum response_status)status);
        json_int_t count = json_integer_value(json_object_get(responses, name));
        counts[status] = count > 0 ? (size_t)count : 0;
        mine += counts[status];
    }
    json_int_t rest = pending ? json_integer_value(pending)
                              : json_integer_value(all) - (json_int_t)mine;
    counts[RESPONSE_PENDING] = rest > 0 ? (size_t)rest : 0;
    job_end(job);
    self->fn.metrics(job->ctx, counts, &(struct err){0});
}

static void ask_metrics(struct job *job)
{
    const struct dataset_job *self = (const struct dataset_job *)job;
    job_ask(job, "GET",
            xasprintf("/api/v1/me/datasets/%s/metrics", self->template.remote_id), NULL,
            got_metrics);
}

void argilla_count_responses(struct argilla *argilla, const struct dataset *dataset,
                             argilla_counts_fn fn, void *ctx)
{
    struct dataset_job *self =
        dataset_job_new(argilla, "count", dataset->name, NULL, NULL, ctx);
    self->job.first = ask_metrics;
    self->fn.metrics = fn;
    dataset_copy(&self->template, dataset);
    job_start(&self->job);
}

/* ---- open ---- */

/* "Did you mean …? ", of all that the server has; "" where nothing is near. */
static void name_nearest(const struct dataset_job *self, char *out, size_t size)
{
    size_t count = json_array_size(self->datasets);
    const char **names = xcalloc(count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = json_get_text(json_array_get(self->datasets, i), "name", NULL);
    const char *near = nearest_word(self->name, names, count);
    snprintf(out, size, "%s%.120s%s", near ? "Did you mean \"" : "", near ? near : "",
             near ? "\"? " : "");
    free(names);
}

static void fail_missing(const struct dataset_job *self, const char *workspace,
                         struct err *err)
{
    const struct argilla *argilla = self->job.argilla;
    char near[160];
    name_nearest(self, near, sizeof near);
    if (argilla->identity.role == ARGILLA_ANNOTATOR) {
        err_set(err, STATUS_AUTH,
                "There is no dataset \"%.120s\" in workspace \"%.80s\" on the Argilla "
                "server at %s, and an annotator's key cannot make it. %sAsk an owner or "
                "an admin to make it, or use their key.",
                self->name, workspace, argilla->host, near);
        return;
    }
    char *word = words_quote(self->name);
    err_set(err, STATUS_NOT_FOUND,
            "There is no dataset \"%.120s\" in workspace \"%.80s\" on the Argilla "
            "server at %s. %s`sherd dataset create %.120s` makes it.",
            self->name, workspace, argilla->host, near, word);
    free(word);
}

static const json_t *find_anywhere(const struct dataset_job *self, struct err *err)
{
    struct buf places = {0};
    const json_t *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(self->datasets); i++) {
        const json_t *item = json_array_get(self->datasets, i);
        if (json_text_is(item, "name", self->name)) {
            add_name(&places, workspace_name(self, item), count++);
            found = item;
        }
    }
    if (count > 1) {
        err_set(
            err, STATUS_REFUSED,
            "The dataset \"%.120s\" exists in several workspaces on %s: %s. Say which "
            "one with --workspace or ARGILLA_WORKSPACE.",
            self->name, self->job.argilla->host, buf_text(&places));
        found = NULL;
    }
    buf_clear(&places);
    return found;
}

static void open_listed(struct dataset_job *self)
{
    struct err err = {0};
    const json_t *found = NULL;
    const json_t *workspace = find_workspace(self, self->workspace, &err);
    if (workspace && self->workspace)
        found = find_dataset(self, self->name, json_get_text(workspace, "id", NULL));
    else if (workspace)
        found = find_anywhere(self, &err);
    if (!found && workspace && !err.code && !self->has_all) { /* a name may be mistyped */
        self->has_all = true;
        job_ask(&self->job, "GET", xstrdup("/api/v1/me/datasets"), NULL, got_datasets);
        return;
    }
    if (!found) {
        if (workspace) {
            struct argilla_identity *identity = &self->job.argilla->identity;
            snprintf(identity->workspace, sizeof identity->workspace, "%s",
                     json_get_text(workspace, "name", NULL));
            fail_missing(self, identity->workspace, &err);
        }
        job_fail(&self->job, &err);
        return;
    }
    read_dataset_head(self, &self->dataset, found);
    dataset_job_load(self);
}

void argilla_open_dataset(struct argilla *argilla, const char *name,
                          const char *workspace, argilla_dataset_fn fn, void *ctx)
{
    struct dataset_job *self = dataset_job_new(argilla, "open", name, workspace, fn, ctx);
    self->listed = open_listed;
    self->loaded = dataset_job_deliver;
    job_start(&self->job);
}

/* ---- one that is known ---- */

static void got_head(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (job_has_failed(job, reply))
        return;
    read_dataset_head(self, &self->dataset, reply->json);
    free(self->dataset.workspace);
    self->dataset.workspace = xstrdup(self->workspace);
    dataset_job_load(self);
}

static void ask_head(struct job *job)
{
    struct dataset_job *self = (struct dataset_job *)job;
    job_ask(job, "GET", dataset_path(&self->template, ""), NULL, got_head);
}

void argilla_load_dataset(struct argilla *argilla, const struct dataset *known,
                          argilla_dataset_fn fn, void *ctx)
{
    struct dataset_job *self =
        dataset_job_new(argilla, "read", known->name, known->workspace, fn, ctx);
    self->job.first = ask_head;
    self->loaded = dataset_job_deliver;
    dataset_copy(&self->template, known);
    job_start(&self->job);
}
