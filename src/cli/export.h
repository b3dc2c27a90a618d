/* SPDX-License-Identifier: MIT
 *
 * export - the records of a dataset in the formats that other programs read, one after
 * the other, and what was left out, and why.
 *
 * The field names are those of TRL's dataset formats and of the fine-tuning interfaces of
 * OpenAI and others; docs/json.md has them.
 */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/output.h"
#include "model/dataset.h"
#include "store/store.h"

/* In the order of the words of --format. */
enum export_format {
    EXPORT_JSONL,
    EXPORT_CSV,
    EXPORT_TRL_PREFERENCE,
    EXPORT_TRL_UNPAIRED,
    EXPORT_TRL_PROMPT_COMPLETION,
    EXPORT_OPENAI_DPO,
    EXPORT_FORMATS
};
const char *export_format_name(enum export_format format);
bool export_has_pairs(enum export_format format); /* a line; else a record */

/* Why a record is not in it. */
enum left_out {
    LEFT_IN,
    LEFT_STATUS,    /* another was asked for */
    LEFT_DAMAGED,   /* the store cannot read it whole */
    LEFT_DISCARDED, /* for trainers */
    LEFT_NO_PROMPT,
    LEFT_NO_ANSWER,
    LEFT_UNFINISHED, /* it is still being written */
    LEFT_UNJUDGED,   /* neither rated nor chosen by us */
    LEFT_UNRATED,    /* nor by all, as export.by counts them */
    LEFT_MIDDLE,     /* its rating says neither good nor bad */
    LEFT_BAD,        /* rated low, or another was chosen: no example to learn from */
    LEFT_ALIKE,      /* the better or worse one has the same text */
    LEFT_UNPAIRED,   /* no answer that it is paired with is better or worse */
    LEFT_COUNT
};
const char *left_out_words(enum left_out why); /* "discarded" */

struct export
{
    struct store *store;
    const struct dataset *dataset;
    enum export_format format;
    bool has_status; /* only records with this one */
    enum response_status status;
    const int64_t *rows; /* only these, in this order; NULL = all */
    size_t row_count;
    enum ratings_by by; /* trainers */
    bool by_prompt;     /* pairs: of all that have the same prompt, not siblings alone */
    struct output *out; /* the lines */
    struct output *manifest; /* the lines of its "left_out"; NULL = none */
    /* Looked at again and again; true stops it. */
    bool (*is_stopped)(void *ctx, size_t records);
    void *ctx;

    size_t written; /* lines */
    size_t left_out[LEFT_COUNT];
};

/* Writes all, in memory that does not grow but by a bit for each record. CANCELLED when
 * it was stopped; faults of out are in out->err. */
enum status export_run(struct export *export, struct err *err);

#endif
