/* SPDX-License-Identifier: MIT
 *
 * datasets - workspaces and datasets as JSON, and how to find one among them. Private
 * to src/argilla.
 */
#ifndef ARGILLA_DATASETS_H
#define ARGILLA_DATASETS_H

#include "argilla/job.h"

/* The part that every job about datasets starts with. */
struct dataset_job {
    struct job job;
    json_t *workspaces;     /* array of {"id","name"} */
    json_t *datasets;       /* array of datasets as the server lists them */
    struct dataset dataset; /* what is being opened */
    void (*listed)(struct dataset_job *dataset_job);
    void (*loaded)(struct dataset_job *dataset_job);
    union {
        argilla_names_fn names;
        argilla_datasets_fn datasets;
        argilla_dataset_fn dataset;
    } fn;
    char *name;              /* asked for */
    char *workspace;         /* asked for; NULL = any */
    struct dataset template; /* create.c */
    size_t at;               /* create.c: the field or question being made */
};

void dataset_job_clear(struct job *job);
void dataset_job_failed(struct job *job, const struct err *err);
/* Fetches workspaces and datasets, then calls listed. */
void dataset_job_list(struct job *job);
/* Reads fields and questions of dataset.remote_id, then calls loaded. */
void dataset_job_load(struct dataset_job *dataset_job);
/* Hands dataset to the caller and ends. */
void dataset_job_deliver(struct dataset_job *dataset_job);
/* The workspace of that name (NULL = the first); NULL with err: NOT_FOUND that names
 * those that exist. Borrowed. */
const json_t *find_workspace(const struct dataset_job *dataset_job, const char *name,
                             struct err *err);
/* The dataset of that name in the workspace, or NULL. Borrowed. */
const json_t *find_dataset(const struct dataset_job *dataset_job, const char *name,
                           const char *workspace_id);
/* dataset's head (all but fields and questions) from the server's object. */
void read_dataset_head(const struct dataset_job *dataset_job, struct dataset *dataset,
                       const json_t *json);
char *dataset_path(const struct dataset *dataset, const char *rest); /* owned */

#endif
