/* SPDX-License-Identifier: MIT
 *
 * fault_vfs - SQLite's file layer with faults: the n-th operation of some kinds fails.
 *
 * Registered under the name "fault". Syncs do not reach the disk (a test ends long before
 * the power does), so that many runs are quick. It can be told to be slow, and to lose
 * power: then of each file what was synced is there, and of later writes any part.
 */
#ifndef TESTS_SUPPORT_FAULT_VFS_H
#define TESTS_SUPPORT_FAULT_VFS_H

#include <stdbool.h>

enum fault_kind {
    FAULT_WRITE = 1,
    FAULT_SYNC = 2,
    FAULT_TRUNCATE = 4,
    FAULT_OPEN = 8,
    FAULT_READ = 16,
    FAULT_LOCK = 32,
    FAULT_MAP = 64,   /* the WAL's shared memory */
    FAULT_SPACE = 128 /* no room for it */
};

void fault_vfs_register(void);
/* The n-th operation (from 1) of these kinds from now on fails; with goes_on all later
 * ones too, and writes say that the disk is full. n = 0: nothing fails. */
void fault_vfs_arm(unsigned kinds, long n, bool goes_on);
/* Whether an operation has failed since fault_vfs_arm. */
bool fault_vfs_struck(void);
/* How many of them are left until one fails: to count what there was. */
long fault_vfs_left(void);

/* Each sync takes so long. */
void fault_vfs_slow(long sync_us);
long fault_vfs_syncs(void);      /* begun so far */
long fault_vfs_synced(void);     /* of them those that have ended */
long fault_vfs_syncs_here(void); /* of them on the thread that registered it */
/* From now on it is known of each file that is opened what of it is durable. What a
 * failed sync was about never becomes it by a later sync. */
void fault_vfs_track(void);
/* Each file becomes what a power cut might leave, by the seed; every later operation
 * fails. The process should end now. */
void fault_vfs_lose_power(unsigned seed);
/* Every lock is refused as held, as on a file system that has none. */
void fault_vfs_refuse_locks(bool refuses);

#endif
