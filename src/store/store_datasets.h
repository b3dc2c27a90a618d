/* SPDX-License-Identifier: MIT
 *
 * store_datasets - which dataset is which: by the server's id of it, once that is known.
 */
#ifndef STORE_STORE_DATASETS_H
#define STORE_STORE_DATASETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/dataset.h"

struct store;

/* Adds or updates. A dataset with a remote_id is that one, under whatever address, name
 * or workspace; one without is found by (server, workspace, name), a row without a
 * workspace takes it over. Guidelines, fields and questions are replaced. When another
 * dataset of that name was known (deleted on the server and made anew), that one is kept
 * apart, marked gone, and replaced is its row (else 0; may be NULL): nothing of it is
 * ever sent into the new one without store_move_records. */
enum status store_put_dataset(struct store *store, const struct dataset *dataset,
                              int64_t *row, int64_t *replaced, struct err *err);
/* Everything of dataset from goes to dataset to, undo steps too, and what is finished
 * enters the outbox where to is on a server. from ceases to be. count (may be NULL) =
 * records moved. */
enum status store_move_records(struct store *store, int64_t from, int64_t to,
                               size_t *count, struct err *err);
/* Makes a local dataset a server's; when the store has that server's already, the records
 * move over to it. row is its row from now on. */
enum status store_link_dataset(struct store *store, int64_t dataset_row,
                               const char *server, const char *workspace,
                               const char *remote_id, int64_t *row, struct err *err);
/* The dataset is gone from its server (or is there again). */
enum status store_mark_dataset(struct store *store, int64_t dataset_row, bool is_gone,
                               struct err *err);
/* server "" = local. workspace NULL = any. One that is gone only when there is no other.
 * NOT_FOUND without err text when absent. */
enum status store_find_dataset(struct store *store, const char *server,
                               const char *workspace, const char *name,
                               struct dataset *out, struct err *err);
enum status store_get_dataset(struct store *store, int64_t dataset_row,
                              struct dataset *out, struct err *err);
/* Owned array of owned datasets, oldest first. */
enum status store_list_datasets(struct store *store, struct dataset **out, size_t *count,
                                struct err *err);

#endif
