/* SPDX-License-Identifier: MIT
 *
 * ref - what a write must know of the record it is about.
 */
#ifndef STORE_REF_H
#define STORE_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

struct record_ref {
    int64_t row;
    int64_t dataset;
    struct id id;
    bool has_server; /* its dataset is on one */
    bool is_remote;  /* the server has the record */
    bool is_running; /* its completion is */
    bool is_pulled;  /* it came from the server */
    bool has_response;
};

/* NOT_FOUND with a sentence when absent. */
enum status ref_find(struct db *db, const struct id *id, struct record_ref *ref,
                     struct err *err);
enum status ref_find_row(struct db *db, int64_t row, struct record_ref *ref,
                         struct err *err);

#endif
