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
    int64_t answered_ms; /* after look_ours; 0 = we have not */
};

/* Whether it meets every term. */
bool look_meets_all(struct look *look, const struct selection *selection);
/* Borrowed, until look_end. */
json_t *look_metadata(struct look *look); /* NULL = none */
const struct record *look_suggestions(struct look *look);
const struct values *look_ours(struct look *look); /* our response */
/* Who wrote it; NULL = not said. */
const char *look_model(struct look *look);
/* Code points of the response field. */
int64_t look_length(const struct look *look);
void look_end(struct look *look);

#endif
