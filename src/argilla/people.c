/* SPDX-License-Identifier: MIT
 *
 * Who has answered how much (argilla-api.md §11); and how our answers came about, as
 * metadata of their records: before the answers themselves, so that a repeat of these
 * brings them too.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argilla/client.h"
#include "base/xalloc.h"

struct timed {
    char *remote_id;
    struct viewing viewing;
};

struct people_job {
    struct job job;
    struct dataset dataset;
    struct argilla_progress progress;
    argilla_progress_fn told; /* NULL: it is about times */
    json_t *more;             /* the dataset's, with its declared properties */
    struct timed *timed;      /* what is to be told */
    size_t timed_count, at;
    /* What follows: */
    struct argilla_response *responses;
    struct response *copies;
    size_t count;
    argilla_push_fn pushed;
};

static void people_clear(struct job *job)
{
    struct people_job *self = (struct people_job *)job;
    for (size_t i = 0; i < self->timed_count; i++)
        free(self->timed[i].remote_id);
    for (size_t i = 0; i < self->count; i++) {
        free((void *)(uintptr_t)self->responses[i].remote_id);
        free((void *)(uintptr_t)self->responses[i].response_id);
        response_clear(&self->copies[i]);
    }
    free(self->timed);
    free(self->responses);
    free(self->copies);
    free(self->progress.people);
    json_decref(self->more);
    dataset_clear(&self->dataset);
}

static void people_failed(struct job *job, const struct err *err)
{
    struct people_job *self = (struct people_job *)job;
    if (self->told)
        self->told(job->ctx, NULL, err);
    else
        self->pushed(job->ctx, NULL, 0, err);
}

static struct people_job *people_new(struct argilla *argilla,
                                     const struct dataset *dataset, const char *goal,
                                     void *ctx)
{
    struct people_job *self = job_new(argilla, sizeof *self);
    self->job.goal = xstrdup(goal);
    self->job.fail = people_failed;
    self->job.clear = people_clear;
    self->job.ctx = ctx;
    dataset_copy(&self->dataset, dataset);
    return self;
}

/* ---- progress ---- */

/* Those of records that are completed and of those that are not, together. 2.1 leaves
 * out a part that is empty. */
static void got_people(struct job *job, const struct job_reply *reply)
{
    struct people_job *self = (struct people_job *)job;
    struct argilla_progress *progress = &self->progress;
    const json_t *users = json_object_get(reply->json, "users"), *user;
    size_t i;
    if (job_has_failed(job, reply))
        return;
    progress->people = xcalloc(json_array_size(users), sizeof *progress->people);
    json_array_foreach(users, i, user)
    {
        struct argilla_person *person = &progress->people[progress->count++];
        const json_t *parts[] = {json_object_get(user, "completed"),
                                 json_object_get(user, "pending")};
        const char *name = json_get_text(user, "username", NULL);
        snprintf(person->name, sizeof person->name, "%s", name ? name : "?");
        person->left = progress->total - progress->completed;
        for (int status = RESPONSE_DRAFT; status < RESPONSE_STATUS_COUNT; status++)
            for (size_t k = 0; k < 2; k++) {
                size_t count = (size_t)json_integer_value(json_object_get(
                    parts[k], response_status_name((enum response_status)status)));
                person->statuses[status] += count;
                bool is_draft = status == RESPONSE_DRAFT;
                if (k == 0 && is_draft) /* begun is open, enough or not */
                    person->left += count;
                else if (k == 1 && !is_draft)
                    person->left -= count < person->left ? count : person->left;
            }
    }
    job_end(job);
    self->told(job->ctx, progress, &(struct err){0});
}

static void got_records(struct job *job, const struct job_reply *reply)
{
    struct people_job *self = (struct people_job *)job;
    if (job_has_failed(job, reply))
        return;
    self->progress.total =
        (size_t)json_integer_value(json_object_get(reply->json, "total"));
    self->progress.completed =
        (size_t)json_integer_value(json_object_get(reply->json, "completed"));
    job_ask(job, "GET", dataset_path(&self->dataset, "/users/progress"), NULL,
            got_people);
}

static void progress_first(struct job *job)
{
    const struct people_job *self = (const struct people_job *)job;
    const struct argilla_identity *identity = &job->argilla->identity;
    struct err err = {0};
    bool is_told = identity->version_major > 2 ||
                   (identity->version_major == 2 && identity->version_minor >= 1);
    if (!is_told) {
        err_set(&err, STATUS_NOT_FOUND,
                "Argilla %s does not tell the progress of each person; 2.1 and later do.",
                identity->version);
        job_fail(job, &err);
        return;
    }
    job_ask(job, "GET", dataset_path(&self->dataset, "/progress"), NULL, got_records);
}

void argilla_read_progress(struct argilla *argilla, const struct dataset *dataset,
                           argilla_progress_fn fn, void *ctx)
{
    struct people_job *self = people_new(argilla, dataset, "read the progress", ctx);
    self->job.first = progress_first;
    self->told = fn;
    job_start(&self->job);
}

/* ---- times ---- */

/* False where a declared property is of another kind, or the dataset takes no other. */
static bool is_taken(const struct people_job *self, const char *name, int64_t number)
{
    const json_t *property =
        json_find(json_object_get(self->more, "metadata_properties"), "name", name);
    const json_t *settings = json_object_get(property, "settings");
    const json_t *min = json_object_get(settings, "min"),
                 *max = json_object_get(settings, "max");
    if (!property)
        return self->dataset.allow_extra_metadata;
    return json_text_is(settings, "type", "integer") &&
           (!json_is_number(min) || (double)number >= json_number_value(min)) &&
           (!json_is_number(max) || (double)number <= json_number_value(max));
}

static void next(struct people_job *self);

/* Refused: the answer is worth more than how it came about. */
static void patched(struct job *job, const struct job_reply *reply)
{
    enum status code = reply->err.code;
    bool is_refused = code == STATUS_REFUSED || code == STATUS_NOT_FOUND;
    if (!is_refused && job_has_failed(job, reply))
        return;
    if (is_refused)
        snprintf(job->argilla->notice, sizeof job->argilla->notice,
                 "The server takes no times of answers into this dataset's metadata.");
    next((struct people_job *)job);
}

/* The server replaces all of a record's metadata: what it has goes back. */
static void got_record(struct job *job, const struct job_reply *reply)
{
    struct people_job *self = (struct people_job *)job;
    const struct timed *timed = &self->timed[self->at++];
    if (reply->err.code == STATUS_NOT_FOUND) {
        next(self);
        return;
    }
    if (job_has_failed(job, reply))
        return;
    json_t *known = json_object_get(reply->json, "metadata");
    json_t *metadata = json_is_object(known) ? json_incref(known) : json_object();
    const struct {
        const char *name;
        int64_t number;
    } members[] = {{"answer-shown-ms", timed->viewing.shown_ms},
                   {"answer-end-ms", timed->viewing.end_ms},
                   {"answer-given-ms", timed->viewing.answered_ms},
                   {"answer-paused-ms", timed->viewing.paused_ms}};
    bool has_news = false;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *now = json_integer(members[i].number);
        const json_t *before = json_object_get(metadata, members[i].name);
        bool is_known = i != 1 || timed->viewing.end_ms;
        if (is_known && !json_equal(before, now) &&
            is_taken(self, members[i].name, members[i].number)) {
            json_object_set(metadata, members[i].name, now);
            has_news = true;
        }
        json_decref(now);
    }
    if (has_news)
        job_ask(job, "PATCH", xasprintf("/api/v1/records/%s", timed->remote_id),
                json_pack("{s:O}", "metadata", metadata), patched);
    else
        next(self);
    json_decref(metadata);
}

static void next(struct people_job *self)
{
    struct job *job = &self->job;
    if (self->at < self->timed_count) {
        job_ask(job, "GET",
                xasprintf("/api/v1/records/%s", self->timed[self->at].remote_id), NULL,
                got_record);
        return;
    }
    push_responses(job->argilla, &self->dataset, self->responses, self->count,
                   self->pushed, job->ctx);
    job_end(job);
}

static void times_first(struct job *job)
{
    struct people_job *self = (struct people_job *)job;
    if (job->argilla->identity.role == ARGILLA_ANNOTATOR)
        self->at = self->timed_count; /* this key may not */
    next(self);
}

void argilla_send_times(struct argilla *argilla, bool is_on)
{
    argilla->sends_times = is_on;
}

void argilla_push_responses(struct argilla *argilla, const struct dataset *dataset,
                            const struct argilla_response *responses, size_t count,
                            argilla_push_fn fn, void *ctx)
{
    if (!argilla->sends_times) {
        push_responses(argilla, dataset, responses, count, fn, ctx);
        return;
    }
    struct people_job *self =
        people_new(argilla, dataset, "store the times of answers", ctx);
    const char *more = dataset->more_json;
    self->job.first = times_first;
    self->pushed = fn;
    self->more = more ? json_parse(more, strlen(more), NULL) : NULL;
    self->timed = xcalloc(count, sizeof *self->timed);
    self->responses = xcalloc(count, sizeof *self->responses);
    self->copies = xcalloc(count, sizeof *self->copies);
    for (self->count = 0; self->count < count; self->count++) {
        const struct argilla_response *from = &responses[self->count];
        response_copy(&self->copies[self->count], from->response);
        self->responses[self->count] = (struct argilla_response){
            .remote_id = xstrdup(from->remote_id),
            .response_id = xstrdup_or_null(from->response_id),
            .response = &self->copies[self->count],
        };
        if (from->response->viewing.shown_ms)
            self->timed[self->timed_count++] =
                (struct timed){.remote_id = xstrdup(from->remote_id),
                               .viewing = from->response->viewing};
    }
    job_start(&self->job);
}
