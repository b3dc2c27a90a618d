/* SPDX-License-Identifier: MIT
 *
 * import - the rows of a file as records of a dataset: what export writes (jsonl, csv),
 * what Argilla's own client exports (to_json, to_list flat or not, as JSON lines or CSV),
 * and plain rows whose columns are fields and questions.
 *
 * docs/json.md has the members. A row without an id gets one of its content, so that the
 * same row is the same record wherever and how often it is imported.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "llm/prompts.h"
#include "model/dataset.h"
#include "store/store.h"

struct import {
    struct store *store;
    const struct dataset *dataset; /* in the store */
    int fd;                        /* a regular file's, borrowed */
    const char *name;              /* for sentences */
    enum prompts_kind kind;
    const char
        *me; /* the user id whose responses in the file are ours; NULL = nobody's */
    /* Asked before each batch; true stops it. */
    bool (*is_stopped)(void *ctx);
    /* A row that is left out: NAME:LINE: why. */
    void (*on_bad)(void *ctx, const struct err *err);
    /* The store is busy: true to try again. */
    bool (*on_busy)(void *ctx, struct err *err);
    void *ctx;

    size_t rows;  /* read */
    size_t added; /* in the store; durable after store_flush */
    size_t known; /* were there before, left as they are */
    size_t bad;
};

/* All rows, a transaction each few hundred. CANCELLED when it was stopped; what was added
 * until a fault stays. */
enum status import_run(struct import *import, struct err *err);

#endif
