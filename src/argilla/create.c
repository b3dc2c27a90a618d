/* SPDX-License-Identifier: MIT
 *
 * Making a dataset, step by step, each of them safe to repeat: what exists (409) is
 * looked at instead of made, a draft left half made is completed.
 * Source: argilla-api.md §6, tried on 1.29.1 and 2.8.0.
 */
#include "config.h"

#include <string.h>

#include "argilla/client.h"
#include "base/xalloc.h"
#include "json/dataset_json.h"

enum { MOST_TRIES = 8, TRY_MS = 200 };

static void add_next_part(struct dataset_job *self);

static void fail_as_other(struct dataset_job *self, const char *what, const char *name)
{
    struct err err = {0};
    err_set(&err, STATUS_EXISTS,
            "A dataset \"%.120s\" exists on the Argilla server at %s, but with other %s "
            "(\"%.80s\"). Choose another name, or open it as it is.",
            self->name, self->job.argilla->host, what, name);
    job_fail(&self->job, &err);
}

/* Ends the job when what the server has cannot become the template. */
static bool is_other_dataset(struct dataset_job *self)
{
    const struct dataset *have = &self->dataset, *want = &self->template;
    for (size_t i = 0; i < have->field_count; i++) {
        const struct field *field = &have->fields[i];
        const struct field *wanted = dataset_field(want, field->name);
        if (wanted ? strcmp(wanted->type, field->type) != 0 : field->is_required) {
            fail_as_other(self, "fields", field->name);
            return true;
        }
    }
    for (size_t i = 0; i < have->question_count; i++) {
        const struct question *question = &have->questions[i];
        const struct question *wanted = dataset_question(want, question->name);
        size_t count = question->rating_count;
        bool is_same = wanted && wanted->type == question->type &&
                       wanted->rating_count == count &&
                       (count == 0 || memcmp(wanted->ratings, question->ratings,
                                             count * sizeof *question->ratings) == 0);
        if (wanted ? !is_same : question->is_required) {
            fail_as_other(self, "questions", question->name);
            return true;
        }
    }
    return false;
}

/* Ends the job, well when all of the template is there. */
static void verified(struct dataset_job *self)
{
    const struct dataset *want = &self->template;
    for (size_t i = 0; i < want->field_count; i++)
        if (!dataset_field(&self->dataset, want->fields[i].name)) {
            fail_as_other(self, "fields", want->fields[i].name);
            return;
        }
    for (size_t i = 0; i < want->question_count; i++)
        if (!dataset_question(&self->dataset, want->questions[i].name)) {
            fail_as_other(self, "questions", want->questions[i].name);
            return;
        }
    dataset_job_deliver(self);
}

static void list_again(void *ctx)
{
    dataset_job_list(ctx);
}

/* Somebody else makes it, too, or it cannot be made: only a look tells. Of two requests
 * at one instant a server fails one with 500 (a row of 2.8, an index of 1.29 is there).
 */
static bool has_failed(struct dataset_job *self, const struct job_reply *reply)
{
    bool is_for_a_look = reply->err.code == STATUS_REFUSED ||
                         reply->err.code == STATUS_EXISTS || reply->code == 500;
    if (!is_for_a_look || self->tries++ == MOST_TRIES)
        return job_has_failed(&self->job, reply);
    self->refusal = reply->err;
    job_soon(&self->job, reply->code == 500 ? TRY_MS : 0, list_again);
    return true;
}

static void published(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (has_failed(self, reply))
        return;
    read_dataset_head(self, &self->dataset, reply->json);
    if (self->dataset.is_published) {
        self->loaded = verified;
        dataset_job_load(self);
        return;
    }
    struct err err = {0};
    err_set(&err, STATUS_REFUSED,
            "The Argilla server at %s did not publish the dataset. Try again, or "
            "publish it on its web page.",
            job->argilla->host);
    job_fail(job, &err);
}

/* New reference, or NULL. */
static json_t *more_of(const struct dataset *dataset, const char *name)
{
    const char *text = dataset->more_json;
    json_t *more = text ? json_parse(text, strlen(text), NULL) : NULL;
    json_t *member = json_incref(json_object_get(more, name));
    json_decref(more);
    return member;
}

static void part_added(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (reply->err.code != STATUS_EXISTS && has_failed(self, reply))
        return;
    self->at++;
    add_next_part(self);
}

/* Fields first, then questions and metadata properties, then publishing; what is there is
 * passed over. */
static void add_next_part(struct dataset_job *self)
{
    const struct dataset *want = &self->template;
    for (; self->at < want->field_count; self->at++) {
        const struct field *field = &want->fields[self->at];
        if (!dataset_field(&self->dataset, field->name)) {
            job_ask(&self->job, "POST", dataset_path(&self->dataset, "/fields"),
                    field_to_json(field), part_added);
            return;
        }
    }
    for (; self->at < want->field_count + want->question_count; self->at++) {
        const struct question *question = &want->questions[self->at - want->field_count];
        if (!dataset_question(&self->dataset, question->name)) {
            job_ask(&self->job, "POST", dataset_path(&self->dataset, "/questions"),
                    question_to_json(question), part_added);
            return;
        }
    }
    json_t *properties = more_of(want, "metadata_properties");
    size_t at = self->at - want->field_count - want->question_count;
    if (at < json_array_size(properties))
        job_ask(&self->job, "POST", dataset_path(&self->dataset, "/metadata-properties"),
                json_incref(json_array_get(properties, at)), part_added);
    else
        job_ask(&self->job, "PUT", dataset_path(&self->dataset, "/publish"), NULL,
                published);
    json_decref(properties);
}

static void complete(struct dataset_job *self)
{
    if (is_other_dataset(self))
        return;
    if (self->dataset.is_published)
        verified(self);
    else if (self->refusal.code == STATUS_REFUSED)
        job_fail(&self->job, &self->refusal);
    else
        add_next_part(self);
}

static void dataset_created(struct job *job, const struct job_reply *reply)
{
    struct dataset_job *self = (struct dataset_job *)job;
    if (has_failed(self, reply))
        return;
    read_dataset_head(self, &self->dataset, reply->json);
    add_next_part(self); /* a new one has none */
}

static json_t *head_to_json(const struct dataset *template, const char *workspace_id)
{
    const char *guidelines = template->guidelines;
    bool has_guidelines = guidelines && *guidelines;
    json_t *distribution = more_of(template, "distribution"); /* 1.x passes over it */
    return json_pack("{s:o,s:s,s:o,s:b,s:o*}", "name",
                     json_new_text(template->name, strlen(template->name)),
                     "workspace_id", workspace_id, "guidelines",
                     has_guidelines ? json_new_text(guidelines, strlen(guidelines))
                                    : json_null(),
                     "allow_extra_metadata", (int)template->allow_extra_metadata,
                     "distribution", distribution);
}

static void create_listed(struct dataset_job *self)
{
    struct err err = {0};
    const json_t *workspace = find_workspace(self, self->workspace, &err);
    if (!workspace) {
        job_fail(&self->job, &err);
        return;
    }
    const char *id = json_get_text(workspace, "id", NULL);
    const json_t *found = find_dataset(self, self->name, id);
    self->at = 0;
    if (!found && self->refusal.code == STATUS_REFUSED) {
        job_fail(&self->job, &self->refusal);
        return;
    }
    if (found) {
        read_dataset_head(self, &self->dataset, found);
        self->loaded = complete;
        dataset_job_load(self);
        return;
    }
    job_ask(&self->job, "POST", xstrdup("/api/v1/datasets"),
            head_to_json(&self->template, id), dataset_created);
}

void argilla_create_dataset(struct argilla *argilla, const struct dataset *template,
                            argilla_dataset_fn fn, void *ctx)
{
    struct dataset_job *self =
        dataset_job_new(argilla, "create", template->name, template->workspace, fn, ctx);
    self->listed = create_listed;
    dataset_copy(&self->template, template);
    job_start(&self->job);
}
