/* SPDX-License-Identifier: MIT
 * What is committed becomes durable: one thread waits for the disk, the loop never.
 *
 * A commit on the loop's connection only appends to the WAL (synchronous = NORMAL, no
 * checkpoint). The flusher's thread syncs that file: whatever was appended before is on
 * disk then, for recovery reads the WAL from its start up to the first frame that is not
 * whole. So the number of commits is taken before the sync. The sync needs no lock of the
 * database; neither does the checkpoint that follows when the WAL has grown.
 *
 * Only the first commit after a finished checkpoint waits for the disk under the write
 * lock: it starts the WAL from its beginning, and the old frames must be known to be void
 * before. The flusher makes that commit itself, so that it does not meet the loop. And
 * where writers leave no gap for the WAL to begin anew, they are held up for a moment
 * once it has grown to many times its size, or it would grow for ever.
 *
 * After a failed sync the kernel may call the pages clean that it could not write, and
 * the next sync of the file says "done" without having done anything (Linux, all file
 * systems). So from then on a sync proves nothing, not even for later commits, which
 * stand behind the lost frames. What does: a whole checkpoint, that copies every page
 * into the database file, whose own sync has not failed, and empties the WAL. It relies
 * on the pages being still in memory, as they are as long as nobody else needs it. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "store/parts.h"

#define LOG_PAGES_MAX 4000   /* of the WAL, one piece of its index, before a checkpoint */
#define LOG_PAGES_HELD 16000 /* before writers are held up for it: they never pause */
#define RETRY_MS 1000

struct waiter {
    store_flushed_fn fn;
    void *ctx;
    uint64_t commit;
    uint64_t turn; /* the flush that will tell it */
    struct waiter *next;
};

struct flusher {
    struct store *store;
    struct worker *worker;
    struct loop_timer *retry;
    struct waiter *waiters; /* in order */

    /* Of the loop. */
    uint64_t turn;    /* flushes asked for */
    uint64_t flushed; /* commits on disk */
    struct err fault; /* of the last flush */
    bool is_asked;    /* a flush is on its way */

    /* What the loop tells; it takes no lock, for that is held while the disk works. */
    atomic_uint_least64_t committed;
    atomic_int log_pages; /* length of the WAL */

    pthread_mutex_t lock; /* over what follows */
    struct db *db;
    uint64_t durable;
    bool is_suspect; /* a sync has failed */
};

/* ---- the place ---- */

static bool know_file(const char *path, const char *end, struct known_file *file)
{
    struct stat facts;
    char *name = xasprintf("%s%s", path, end);
    bool is_there = stat(name, &facts) == 0;
    free(name);
    *file = (struct known_file){0};
    if (is_there)
        *file = (struct known_file){.device = facts.st_dev, .inode = facts.st_ino};
    return is_there;
}

static bool is_same(const struct store *store, const char *end,
                    const struct known_file *known)
{
    struct known_file now;
    return !known->inode || (know_file(store->path, end, &now) &&
                             now.device == known->device && now.inode == known->inode);
}

enum status store_check_place(const struct store *store, struct err *err)
{
    bool is_there = is_same(store, "", &store->file);
    if (is_there && is_same(store, "-wal", &store->log))
        return STATUS_OK;
    return err_set(err, STATUS_IO,
                   "The store %.200s%s was deleted or moved away while it was open. Put "
                   "it back, or end sherd and start it again: nothing is saved any more.",
                   store->path, is_there ? "-wal" : "");
}

void store_know_place(struct store *store)
{
    know_file(store->path, "", &store->file);
    if (!store->is_frozen)
        know_file(store->path, "-wal", &store->log);
}

/* ---- on the flusher's thread, or wherever lock is held ---- */

/* The first commit of an empty log, so that the loop need not make it. */
static enum status begin_log(struct flusher *flusher, struct err *err)
{
    enum status status = db_exec(flusher->db,
                                 "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; UPDATE "
                                 "counter SET value = value + 1"
                                 " WHERE name = 'log'; COMMIT",
                                 err);
    db_rollback(flusher->db);
    return status == STATUS_BUSY ? STATUS_OK : status; /* then it was another's */
}

/* Nobody waits for this; what fails is tried again at the next commit. */
static void shorten_log(struct flusher *flusher, int log_pages)
{
    bool is_complete = false;
    struct err fault = {0};
    enum status status = db_checkpoint(flusher->db, false, &is_complete, &fault);
    if (status == STATUS_OK && !is_complete && log_pages >= LOG_PAGES_HELD)
        status = db_checkpoint(flusher->db, true, &is_complete, &fault);
    if (status == STATUS_OK && is_complete)
        status = begin_log(flusher, &fault);
    if (status == STATUS_OK || status == STATUS_BUSY)
        return;
    flusher->is_suspect = true; /* SQLite syncs the log on the way */
    log_line("The store's log could not be shortened: %s", fault.text);
}

/* *commit is what was committed before. */
static enum status make_durable(struct flusher *flusher, uint64_t *commit,
                                struct err *err)
{
    bool is_complete = false;
    *commit = atomic_load(&flusher->committed);
    int log_pages = atomic_load(&flusher->log_pages);
    enum status status = store_check_place(flusher->store, err);
    if (status != STATUS_OK)
        return status;
    if (flusher->is_suspect) {
        status = db_checkpoint(flusher->db, true, &is_complete, err);
        if (status == STATUS_OK)
            status = begin_log(flusher, err);
        flusher->is_suspect = status != STATUS_OK;
    } else if (flusher->durable < *commit) {
        status = db_sync_log(flusher->db, err);
        flusher->is_suspect = status != STATUS_OK;
    }
    if (status == STATUS_OK) /* deleted meanwhile? then it was for nothing */
        status = store_check_place(flusher->store, err);
    if (status != STATUS_OK)
        return status;
    flusher->durable = *commit;
    if (log_pages >= LOG_PAGES_MAX)
        shorten_log(flusher, log_pages);
    return STATUS_OK;
}

struct turn {
    struct flusher *flusher;
    uint64_t commit; /* everything up to it is on disk */
    uint64_t number;
    struct err err;
};

static void run_turn(void *ctx)
{
    struct turn *turn = ctx;
    struct flusher *flusher = turn->flusher;
    turn->commit = atomic_load(&flusher->committed);
    pthread_mutex_lock(&flusher->lock);
    if (flusher->db)
        make_durable(flusher, &turn->commit, &turn->err);
    pthread_mutex_unlock(&flusher->lock);
}

/* ---- on the loop ---- */

static void ask(void *ctx);

/* Tells those who asked before this turn; they may ask again, or forget others. */
static void tell(struct flusher *flusher, uint64_t commit, uint64_t number,
                 const struct err *err)
{
    for (;;) {
        struct waiter **at = &flusher->waiters;
        while (*at && ((*at)->turn > number ||
                       (err->code == STATUS_OK && (*at)->commit > commit)))
            at = &(*at)->next;
        struct waiter *waiter = *at;
        if (!waiter)
            break;
        *at = waiter->next;
        store_flushed_fn fn = waiter->fn;
        void *ctx = waiter->ctx;
        free(waiter);
        fn(ctx, err);
    }
}

static void end_turn(void *ctx)
{
    struct turn *turn = ctx;
    struct flusher *flusher = turn->flusher;
    flusher->is_asked = false;
    flusher->fault = turn->err;
    if (turn->err.code == STATUS_OK) {
        if (turn->commit > flusher->flushed)
            flusher->flushed = turn->commit;
        loop_timer_stop(flusher->retry);
        if (flusher->turn > turn->number || flusher->flushed < flusher->store->committed)
            ask(flusher);
    } else {
        loop_timer_start(flusher->retry, RETRY_MS, 0);
    }
    const struct err err = turn->err;
    uint64_t commit = turn->commit, number = turn->number;
    free(turn);
    tell(flusher, commit, number, &err);
    loop_timer_keep_loop(flusher->retry, flusher->waiters != NULL);
}

static void ask(void *ctx)
{
    struct flusher *flusher = ctx;
    if (flusher->is_asked)
        return;
    flusher->is_asked = true;
    struct turn *turn = xcalloc(1, sizeof *turn);
    turn->flusher = flusher;
    turn->number = flusher->turn;
    worker_submit(flusher->worker, run_turn, end_turn, turn);
}

void flusher_wake(struct store *store)
{
    struct flusher *flusher = store->flusher;
    atomic_store(&flusher->committed, store->committed);
    if (!flusher->db)
        return;
    atomic_store(&flusher->log_pages, db_log_pages(store->db));
    if (!loop_timer_is_running(flusher->retry))
        ask(flusher);
}

enum status flusher_start(struct store *store, struct err *err)
{
    struct flusher *flusher = xcalloc(1, sizeof *flusher);
    store->flusher = flusher;
    flusher->store = store;
    pthread_mutex_init(&flusher->lock, NULL);
    flusher->worker = worker_new(store->loop);
    flusher->retry = loop_timer_new(store->loop, ask, flusher);
    loop_timer_keep_loop(flusher->retry, false);
    if (store->is_throwaway || store->is_read_only)
        return STATUS_OK;
    enum status status = db_open(&flusher->db, store->path, store->vfs, DB_FLUSH, err);
    int64_t ignored;
    /* so that it has the WAL open; the tables it need not know */
    if (status == STATUS_OK)
        status = db_number(flusher->db, "PRAGMA user_version", &ignored, err);
    return status;
}

void flusher_free(struct flusher *flusher)
{
    if (!flusher)
        return;
    while (flusher->waiters) {
        struct waiter *waiter = flusher->waiters;
        flusher->waiters = waiter->next;
        free(waiter);
    }
    struct err err = {0};
    if (store_flush(flusher->store, &err) != STATUS_OK)
        log_line("The store could not be made safe before its end: %s", err.text);
    flusher->is_asked = true; /* no more turns */
    worker_free(flusher->worker);
    loop_timer_free(flusher->retry);
    db_close(flusher->db);
    pthread_mutex_destroy(&flusher->lock);
    free(flusher);
}

/* ---- public ---- */

uint64_t store_committed(const struct store *store)
{
    return store->committed;
}

uint64_t store_flushed(const struct store *store)
{
    return store->flusher->db ? store->flusher->flushed : store->committed;
}

const struct err *store_flush_fault(const struct store *store)
{
    return &store->flusher->fault;
}

void store_on_flushed(struct store *store, store_flushed_fn fn, void *ctx)
{
    struct flusher *flusher = store->flusher;
    struct waiter **at = &flusher->waiters;
    while (*at)
        at = &(*at)->next;
    *at = xcalloc(1, sizeof **at);
    **at = (struct waiter){
        .fn = fn, .ctx = ctx, .commit = store->committed, .turn = ++flusher->turn};
    if (loop_timer_is_running(flusher->retry))
        loop_timer_keep_loop(flusher->retry, true); /* no sooner: a fault takes time */
    else
        ask(flusher);
}

enum status store_flush(struct store *store, struct err *err)
{
    struct flusher *flusher = store->flusher;
    struct err fault = {0};
    enum status status = STATUS_OK;
    uint64_t commit = store->committed;
    pthread_mutex_lock(&flusher->lock);
    if (flusher->db)
        status = make_durable(flusher, &commit, &fault);
    pthread_mutex_unlock(&flusher->lock);
    flusher->fault = fault;
    if (status == STATUS_OK) {
        flusher->flushed = commit;
        return STATUS_OK;
    }
    if (!loop_timer_is_running(flusher->retry))
        loop_timer_start(flusher->retry, RETRY_MS, 0);
    return err_set(err, status, "%s", fault.text);
}

void flusher_forget(struct flusher *flusher, const void *ctx)
{
    struct waiter **at = &flusher->waiters;
    while (*at) {
        struct waiter *waiter = *at;
        if (waiter->ctx == ctx) {
            *at = waiter->next;
            free(waiter);
        } else {
            at = &waiter->next;
        }
    }
}
