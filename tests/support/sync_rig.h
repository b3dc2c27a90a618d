/* SPDX-License-Identifier: MIT
 *
 * sync_rig - a store, a client and a sync between them, for tests against the fake and
 * against real servers.
 */
#ifndef TESTS_SYNC_RIG_H
#define TESTS_SYNC_RIG_H

#include "sync/sync.h"
#include "tests/support/argilla_call.h"
#include "tests/support/store_rig.h"

struct sync_rig {
    struct store_rig store;
    struct argilla_call call;
    struct sync *sync;
    const struct clock *clock; /* of the sync: the store's, which stands still */
    size_t reports;
    struct sync_report told; /* the last of them */
    size_t new_records;      /* times the queue was to be read again */
    size_t new_datasets;
};

/* Creates (or opens) the guide's dataset of that name on the server and in the store. */
void sync_rig_start(struct sync_rig *rig, const char *url, const char *dataset);
/* The same with another key than the fake server's. */
void sync_rig_start_with(struct sync_rig *rig, const char *url, const char *dataset,
                         const char *key);
void sync_rig_end(struct sync_rig *rig);
/* As another process would go on later. */
void sync_rig_restart(struct sync_rig *rig);

/* Runs until it is at rest: IDLE, WAITING or STOPPED, and no page on its way. */
enum sync_state sync_rig_rest(struct sync_rig *rig);
/* Tries again and again, without waiting, until all is sent and pulled; fails when it
 * takes more than most tries. How many it took. */
int sync_rig_finish(struct sync_rig *rig, int most);
enum sync_state sync_rig_pull(struct sync_rig *rig);
/* A record, and our answer to it (rating 0 = none of it). */
struct id sync_rig_add(struct sync_rig *rig, const char *prompt, int rating);
void sync_rig_respond(struct sync_rig *rig, const struct id *id,
                      enum response_status status, int rating);
struct outbox_counts sync_rig_outbox(struct sync_rig *rig);

#endif
