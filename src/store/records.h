/* SPDX-License-Identifier: MIT
 *
 * records - how writes put records and completions, inside their transaction.
 */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include "model/record.h"
#include "store/db.h"

struct record_origin {
    bool is_pulled;
    bool is_finished;
};

/* Adds the record, its fields and its completion; *row is its row. */
enum status record_insert(struct db *db, const struct record *record,
                          struct record_origin origin, int64_t *row, struct err *err);
/* Replaces all fields, unless they are the same. */
enum status record_put_changed_fields(struct db *db, int64_t row,
                                      const struct record *record, struct err *err);
enum status record_put_field(struct db *db, int64_t row, const struct record_field *field,
                             struct err *err);
/* owner: who runs it, NULL = nobody. */
enum status record_put_completion(struct db *db, int64_t row,
                                  const struct completion *completion, const char *owner,
                                  struct err *err);
/* Whether the dataset's response field holds anything. */
enum status record_has_text(struct db *db, int64_t row, bool *answer, struct err *err);
/* What the queue shows of a completion. */
uint8_t record_flags(const struct completion *completion, bool has_text);
enum status record_put_flags(struct db *db, int64_t row, uint8_t flags, struct err *err);
/* Marks it as to be sent, and puts it into the outbox. */
struct record_ref;
enum status record_finish(struct db *db, const struct record_ref *ref, struct err *err);

#endif
