/* SPDX-License-Identifier: MIT
 *
 * look - one record on the way through a selection: its parts are read when a term, or
 * the order, asks for them.
 */
#ifndef STORE_LOOK_H
#define STORE_LOOK_H

#include <jansson.h>

#include "model/selection.h"
#include "store/parts.h"

struct look {
    struct db *db; /* of the thread that looks */
    const struct dataset *dataset;
    struct queue_row row;
    bool has_metadata, has_suggestions, has_ours;
    json_t *metadata, *facts;
    struct record suggested; /* nothing else of it */
    struct values ours;
};

/* Whether it meets every term up to this kind. */
bool look_meets(struct look *look, const struct selection *selection,
                enum selection_kind last);
/* Borrowed, until look_end. */
json_t *look_metadata(struct look *look); /* NULL = none */
const struct record *look_suggestions(struct look *look);
int64_t look_answered(const struct look *look); /* when; -1 = not yet */
/* Code points of the response field. */
int64_t look_length(const struct look *look);
void look_end(struct look *look);

/* How far the looking for the metadata that a selection names has come. */
struct naming {
    size_t at;   /* the term; the order comes behind them */
    int64_t row; /* the last that was looked at for it */
};
/* Goes on with it until end_ms. True: the dataset has it all, as a declared property or
 * in a record, or has no record yet; err: it has not, with the names that there are. */
bool look_up_names(struct naming *naming, struct db *db, const struct dataset *dataset,
                   const struct selection *selection, int64_t end_ms, struct err *err);

#endif
