/* SPDX-License-Identifier: MIT
 *
 * responses - how writes change a record's response, inside their transaction.
 */
#ifndef STORE_RESPONSES_H
#define STORE_RESPONSES_H

#include "model/record.h"
#include "store/db.h"
#include "store/ref.h"

/* out is cleared first; PENDING when there is none. is_pulled may be NULL. */
enum status response_read(struct db *db, int64_t record, struct response *out,
                          bool *is_pulled, struct err *err);
/* Writes or (PENDING) removes the row, and what the queue shows of it. Neither logs nor
 * sends. */
enum status response_write(struct db *db, const struct record_ref *ref,
                           const struct response *response, bool is_pulled,
                           struct err *err);
/* The same as a change by the user: into the outbox too. */
enum status response_change(struct db *db, const struct record_ref *ref,
                            const struct response *response, struct err *err);

#endif
