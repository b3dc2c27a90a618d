/* SPDX-License-Identifier: MIT
 *
 * store_pull - what the server has: met, taken over, missed.
 */
#ifndef STORE_STORE_PULL_H
#define STORE_STORE_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "model/record.h"

struct store;

/* What came of holding the server's version of our response beside ours and the base (the
 * server's version that we last saw). No clock decides. */
enum meeting {
    MEETING_SAME,  /* nothing to do */
    MEETING_TAKEN, /* ours had not been changed: theirs is ours now; undo brings back an
                    * answer that was deleted there */
    MEETING_OURS,  /* theirs is the base: ours may be sent */
    MEETING_CLASH  /* both changed: both are kept, ours waits for a choice */
};
/* theirs: status PENDING = the server has none. A clash sets record.theirs. */
enum status store_meet_response(struct store *store, const struct id *record,
                                const struct response *theirs, enum meeting *meeting,
                                struct err *err);
/* What is written here while the store has another's: one undo step that brings ours, so
 * that it outlives us. *step: 0, or what the last call gave; then ours takes the place of
 * what was aside. ours NULL: nothing is aside any more. */
enum status store_set_aside(struct store *store, const struct id *record,
                            const struct response *ours, int64_t *step, struct err *err);
/* Keeps ours (theirs becomes its base, and ours is sent over it) or takes theirs; undo
 * opens the choice again. NOT_FOUND when there is no clash. */
enum status store_choose_response(struct store *store, const struct id *record,
                                  bool keeps_ours, struct err *err);

/* A pull of a whole dataset: begin, pages, end. Its number tells what it saw; the store's
 * pulls only rise. */
enum status store_begin_pull(struct store *store, int64_t *pull, struct err *err);
/* Records as the server has them: added, or matched by remote_id or external_id; each
 * response is met as above. Keep slices small: it is one transaction on the loop. */
struct pulled {
    size_t added;
    size_t changed;
    size_t clashes;
};
enum status store_apply_pull(struct store *store, int64_t dataset_row, int64_t pull,
                             const struct record *records, size_t count,
                             struct pulled *pulled, struct err *err);
/* What the pull has not seen is gone from the server: marked, counted. */
enum status store_end_pull(struct store *store, int64_t dataset_row, int64_t pull,
                           size_t *gone, struct err *err);
/* The records that are gone: dropped from here, or sent again as new ones. */
enum status store_drop_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err);
enum status store_send_gone(struct store *store, int64_t dataset_row, size_t *count,
                            struct err *err);

#endif
