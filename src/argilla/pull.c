/* SPDX-License-Identifier: MIT
 *
 * Records from the server: POST /me/datasets/{id}/records/search, which every role may
 * call and which shows our own responses only. Source: argilla-api.md §7.6.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "argilla/collect.h"
#include "argilla/job.h"
#include "argilla/page.h"
#include "base/xalloc.h"
#include "json/json.h"

enum {
    COLLECT_PAGE = 250,
    MOST_PASSES = 3, /* over records that move while they are read */
    TIMEOUT_MS = 60000
};

struct question_names {
    char *dataset_id;
    json_t *names; /* question id -> name: suggestions say only the id */
};

struct pull_job {
    struct job job;
    struct dataset dataset;
    size_t offset, limit;
    struct collected_records *collecting;
    size_t seen; /* items of this pass */
    int passes;
    argilla_page_fn fn;
};

void question_names_free(struct question_names *names)
{
    if (!names)
        return;
    json_decref(names->names);
    free(names->dataset_id);
    free(names);
}

static void pull_clear(struct job *job)
{
    struct pull_job *pull = (struct pull_job *)job;
    dataset_clear(&pull->dataset);
    collected_free(pull->collecting);
}

static void pull_failed(struct job *job, const struct err *err)
{
    struct pull_job *pull = (struct pull_job *)job;
    pull->fn(pull->job.ctx, NULL, 0, 0, err);
}

static void ask_page(struct pull_job *pull, size_t offset, size_t limit, job_step_fn step)
{
    static const char body[] = "{\"sort\":[{\"scope\":{\"entity\":\"record\","
                               "\"property\":\"inserted_at\"},\"order\":\"asc\"}]}";
    char *path = xasprintf("/api/v1/me/datasets/%s/records/search?offset=%zu&limit=%zu"
                           "&include=responses&include=suggestions",
                           pull->dataset.remote_id, offset, limit);
    struct job_request request = {.method = "POST",
                                  .path = path,
                                  .body = body,
                                  .body_len = sizeof body - 1,
                                  .idle_timeout_ms = TIMEOUT_MS};
    job_send(&pull->job, &request, step);
    free(path);
}

static struct page_context page_context(const struct pull_job *pull)
{
    const struct argilla *argilla = pull->job.argilla;
    return (struct page_context){.user_id = argilla->identity.user_id,
                                 .dataset = &pull->dataset,
                                 .question_names = argilla->names->names};
}

static void deliver(struct pull_job *pull, const struct record *records, size_t count,
                    size_t total)
{
    struct err none = {0};
    job_end(&pull->job);
    pull->fn(pull->job.ctx, records, count, total, &none);
}

static size_t get_total(const json_t *json)
{
    json_int_t total = json_integer_value(json_object_get(json, "total"));
    return total > 0 ? (size_t)total : 0;
}

/* False, and the job has ended, when the answer holds no items. */
static bool has_items(struct job *job, const struct answer *answer)
{
    if (job_has_failed(job, answer))
        return false;
    if (json_is_array(json_object_get(answer->json, "items")))
        return true;
    struct err err = {0};
    err_set(&err, STATUS_PROTOCOL,
            "The Argilla server at %s sent something else than records. Check whether "
            "a proxy stands before it.",
            job->argilla->host);
    job_fail(job, &err);
    return false;
}

static void got_page(struct job *job, const struct answer *answer)
{
    struct pull_job *pull = (struct pull_job *)job;
    if (!has_items(job, answer))
        return;
    const json_t *items = json_object_get(answer->json, "items");
    size_t size = json_array_size(items), count = 0;
    struct record *records = xcalloc(size + 1, sizeof *records);
    struct page_context context = page_context(pull);
    int64_t order;
    for (size_t i = 0; i < size; i++)
        if (page_read_record(&context, json_array_get(items, i), &records[count], &order))
            count++;
    deliver(pull, records, count, get_total(answer->json));
    for (size_t i = 0; i < count; i++)
        record_clear(&records[i]);
    free(records);
}

/* ---- 1.x: the sorted whole ---- */

static void serve_collected(struct job *job, const struct answer *answer)
{
    (void)answer;
    struct pull_job *pull = (struct pull_job *)job;
    struct argilla *argilla = job->argilla;
    struct collected_records *collected = argilla->collected;
    size_t count = 0, total = collected_count(collected);
    const struct record *records =
        collected_page(collected, pull->offset, pull->limit, &count);
    /* the last page takes the whole with it */
    if (pull->offset + count >= total) {
        argilla->collected = NULL;
        pull->collecting = collected;
    }
    deliver(pull, records, count, total);
}

static void start_pass(struct pull_job *pull);

static void finish_pass(struct pull_job *pull, size_t total)
{
    struct argilla *argilla = pull->job.argilla;
    if (collected_settle(pull->collecting) < total && ++pull->passes < MOST_PASSES) {
        start_pass(pull);
        return;
    }
    collected_free(argilla->collected);
    argilla->collected = pull->collecting;
    pull->collecting = NULL;
    serve_collected(&pull->job, NULL);
}

static void got_part(struct job *job, const struct answer *answer)
{
    struct pull_job *pull = (struct pull_job *)job;
    if (!has_items(job, answer))
        return;
    const json_t *items = json_object_get(answer->json, "items");
    struct page_context context = page_context(pull);
    for (size_t i = 0; i < json_array_size(items); i++) {
        struct record record;
        int64_t order;
        if (page_read_record(&context, json_array_get(items, i), &record, &order))
            collected_give(pull->collecting, &record, order);
    }
    pull->seen += json_array_size(items);
    if (json_array_size(items) > 0 && pull->seen < get_total(answer->json))
        ask_page(pull, pull->seen, COLLECT_PAGE, got_part);
    else
        finish_pass(pull, get_total(answer->json));
}

static void start_pass(struct pull_job *pull)
{
    collected_free(pull->collecting);
    pull->collecting = collected_new(pull->dataset.remote_id);
    pull->seen = 0;
    ask_page(pull, 0, COLLECT_PAGE, got_part);
}

/* ---- start ---- */

static void pull_page(struct pull_job *pull)
{
    struct argilla *argilla = pull->job.argilla;
    if (argilla->identity.version_major >= 2)
        ask_page(pull, pull->offset, pull->limit, got_page);
    else if (pull->offset > 0 &&
             collected_is_of(argilla->collected, pull->dataset.remote_id))
        job_soon(&pull->job, serve_collected);
    else
        start_pass(pull);
}

static void got_names(struct job *job, const struct answer *answer)
{
    struct argilla *argilla = job->argilla;
    struct pull_job *pull = (struct pull_job *)job;
    if (!has_items(job, answer))
        return;
    question_names_free(argilla->names);
    argilla->names = xcalloc(1, sizeof *argilla->names);
    argilla->names->dataset_id = xstrdup(pull->dataset.remote_id);
    argilla->names->names = json_object();
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(answer->json, "items"), i, item)
    {
        const char *id = json_get_text(item, "id", NULL);
        if (id && json_get_text(item, "name", NULL))
            json_object_set(argilla->names->names, id, json_object_get(item, "name"));
    }
    pull_page(pull);
}

static void pull_first(struct job *job)
{
    struct pull_job *pull = (struct pull_job *)job;
    const struct question_names *names = job->argilla->names;
    if (names && strcmp(names->dataset_id, pull->dataset.remote_id) == 0) {
        pull_page(pull);
        return;
    }
    char *path = xasprintf("/api/v1/datasets/%s/questions", pull->dataset.remote_id);
    job_get(job, path, got_names);
    free(path);
}

void argilla_pull_records(struct argilla *argilla, const struct dataset *dataset,
                          size_t offset, size_t limit, argilla_page_fn fn, void *ctx)
{
    struct pull_job *pull = job_new(argilla, sizeof *pull);
    pull->job.goal = xstrdup("read records");
    pull->job.first = pull_first;
    pull->job.fail = pull_failed;
    pull->job.clear = pull_clear;
    dataset_copy(&pull->dataset, dataset);
    if (!pull->dataset.remote_id)
        pull->dataset.remote_id = xstrdup("");
    pull->offset = offset;
    pull->limit = limit;
    pull->fn = fn;
    pull->job.ctx = ctx;
    job_start(&pull->job);
}
