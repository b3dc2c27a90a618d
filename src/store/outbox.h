/* SPDX-License-Identifier: MIT
 *
 * outbox - how writes put items into the outbox, inside their transaction.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/db.h"
#include "store/ref.h"
#include "store/store.h"

/* Makes the item due now, with a new version; one that was refused is tried again.
 * Does nothing for a local dataset. */
enum status outbox_put(struct db *db, const struct record_ref *ref, enum outbox_kind kind,
                       struct err *err);
enum status outbox_remove(struct db *db, int64_t record, enum outbox_kind kind,
                          struct err *err);
/* The server has the record, under this id: its response may go. */
enum status outbox_mark_remote(struct db *db, int64_t record, const char *remote_id,
                               struct err *err);
/* Everything of a dataset that a server must have: finished records and responses. */
enum status outbox_put_all(struct db *db, int64_t dataset, struct err *err);
/* The dataset was made anew on its server: nothing of it is there. */
enum status outbox_forget_remote(struct db *db, int64_t dataset, struct err *err);

#endif
