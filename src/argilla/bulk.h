/* SPDX-License-Identifier: MIT
 *
 * bulk - many items in one request; when the server refuses the request for one of
 * them, halves of it, until the bad ones stand alone. Private to src/argilla.
 *
 * One bulk request at a time is on its way to a server. The next may be handed in
 * meanwhile: it is ready-made, and goes out as soon as an answer arrives, before that
 * is even read, so that the server has no time without work.
 */
#ifndef ARGILLA_BULK_H
#define ARGILLA_BULK_H

#include "argilla/job.h"
#include "base/buf.h"

struct bulk_range {
    size_t from, to;
};

struct bulk_job {
    struct job job;
    const char *method;
    char *path;
    char **items; /* JSON text of each */
    size_t count;
    struct argilla_push_result *results;
    struct bulk_job *next_parked;
    struct buf body; /* of now */
    struct bulk_range now;
    struct bulk_range waiting[64]; /* halves of halves: the depth is log2(count) */
    size_t waiting_count;
    /* Reads the answer for now into results; false = it is not what it should be. */
    bool (*taken)(struct bulk_job *bulk, const json_t *items);
    /* All were sent. NULL = deliver. */
    void (*sent)(struct bulk_job *bulk);
    argilla_push_fn fn;
};

/* size: of the struct that starts with struct bulk_job. */
void *bulk_new(struct argilla *argilla, size_t size, size_t count);
void bulk_start(struct bulk_job *bulk);
void bulk_deliver(struct bulk_job *bulk);
void bulk_clear(struct job *job);

#endif
