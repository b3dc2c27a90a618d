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

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "llm/prompts.h"
#include "model/dataset.h"
#include "model/record.h"
#include "store/store.h"
#include "store/store_records.h"

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
    /* Some are to be written, and dataset has no row: gives it one. */
    enum status (*make_dataset)(void *ctx, struct err *err);
    void *ctx;

    size_t rows;  /* read */
    size_t added; /* in the store; durable after store_flush */
    size_t known; /* were there before, left as they are */
    size_t bad;
    size_t answered; /* rows with an answer of ours */
    size_t others;   /* answers of other people */
};

/* Records on their way into the store: as many as one transaction takes. */
struct import_batch {
    struct record records[256];
    size_t count, bytes; /* of fields */
};
/* Keeps the one behind the last that is kept. */
void import_batch_keep(struct import_batch *batch);
bool import_batch_is_full(const struct import_batch *batch);
/* Empties it, also where it fails. */
enum status import_batch_write(struct import_batch *batch, const struct import *import,
                               size_t *added, struct err *err);

/* All rows, a transaction each few hundred. CANCELLED when it was stopped; what was added
 * until a fault stays. */
enum status import_run(struct import *import, struct err *err);

/* ---- import_record.c: a record of a dataset out of the JSON object that an export
 * wrote of it: every part checked against the dataset's fields and questions ----
 *
 * "fields", "metadata", "suggestions", "values" and "status" (ours), "responses" (of
 * others: whole ones, or a list a question as Argilla's client writes them),
 * "completion". */

struct importer {
    const struct dataset *dataset;
    const char *me; /* the user id whose responses are ours; NULL = nobody's */
};

/* Fills record, but for its ids; record_clear it in any case. USAGE: half a sentence
 * about the part that the dataset does not take. */
enum status import_read(const struct importer *import, const json_t *row,
                        struct record *record, struct err *err);

#endif
