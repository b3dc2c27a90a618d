/* SPDX-License-Identifier: MIT
 * Opening and closing, the frame of a write, and watching what others do. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "store/parts.h"

#define BUSY_WAIT_MS 200 /* for another process' write; the screen stands still */
#define WATCH_MS 1000

/* ---- opening ---- */

/* The file, and its log beside it. */
static bool may_write(const char *path)
{
    char *log = xasprintf("%s-wal", path), *directory = xstrdup(path);
    char *slash = strrchr(directory, '/');
    if (slash)
        slash[slash == directory] = '\0';
    bool may = access(path, W_OK) == 0 &&
               (access(log, F_OK) == 0 ? access(log, W_OK)
                                       : access(slash ? directory : ".", W_OK)) == 0;
    free(log);
    free(directory);
    return may;
}

static enum status open_writing(struct store *store, struct err *err)
{
    enum status status = paths_make_parent(store->path, err);
    if (status == STATUS_OK)
        status = db_make_file(store->path, err);
    if (status == STATUS_OK)
        status = db_open(&store->db, store->path, store->vfs, DB_WRITE, err);
    if (status == STATUS_OK)
        store->is_read_only = db_is_read_only(store->db) || !may_write(store->path);
    if (status == STATUS_OK && store->is_throwaway)
        status = db_exec(store->db, "PRAGMA synchronous = OFF", err);
    if (status == STATUS_OK)
        status = schema_prepare(store->db, store->path, store->is_read_only, err);
    /* The tables are on disk from the start; from now on the flusher sees to it. */
    if (status == STATUS_OK && !store->is_throwaway)
        status = db_exec(store->db, "PRAGMA synchronous = NORMAL", err);
    return status;
}

/* Neither the file nor its helper files can be written: it is read as it lies there. */
static enum status open_frozen(struct store *store, struct err *err)
{
    struct stat log;
    char *name = xasprintf("%s-wal", store->path);
    bool has_log = stat(name, &log) == 0 && log.st_size > 0;
    free(name);
    db_close(store->db);
    store->db = NULL;
    store->is_read_only = store->is_frozen = true;
    if (has_log)
        return err_set(
            err, STATUS_IO,
            "The store %.200s can only be read, and the last changes are still in "
            "%.200s-wal beside it. Copy both to a place that you may write, and "
            "name that with --store.",
            store->path, store->path);
    enum status status = db_open(&store->db, store->path, store->vfs, DB_FROZEN, err);
    return status == STATUS_OK ? schema_prepare(store->db, store->path, true, err)
                               : status;
}

static enum status open_databases(struct store *store, struct err *err)
{
    struct err fault = {0};
    enum status status = open_writing(store, &fault);
    if (status == STATUS_IO && !may_write(store->path) && access(store->path, R_OK) == 0)
        status = open_frozen(store, err);
    else if (status == STATUS_BUSY && db_probe_place(store->path, store->vfs, err))
        status = STATUS_IO;
    if (status != STATUS_OK)
        return err_set(err, status, "%s", fault.text);
    struct query query = query_start(store->db, "SELECT id FROM self");
    if (query_row(&query))
        query_get_id(&query, 0, &store->id);
    status = query_end(&query, err);
    store_know_place(store);
    db_wait_at_most(store->db, BUSY_WAIT_MS);
    return status;
}

enum status store_open(struct store **out, struct loop *loop,
                       const struct store_options *options, struct err *err)
{
    *out = NULL;
    if (options->path &&
        (options->path[0] == '\0' || strcmp(options->path, ":memory:") == 0))
        return err_set(err, STATUS_USAGE, "The store needs the name of a file.");
    struct store *store = xcalloc(1, sizeof *store);
    store->path = options->path ? xstrdup(options->path)
                                : paths_xdg("XDG_DATA_HOME", ".local/share", "store.db");
    store->vfs = xstrdup_or_null(options->vfs);
    store->is_throwaway = options->is_throwaway;
    store->loop = loop;
    store->clock = options->clock ? options->clock : &clock_system;
    store->owner = owner_new();
    enum status status = open_databases(store, err);
    if (status == STATUS_OK)
        status = flusher_start(store, err);
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    *out = store;
    return STATUS_OK;
}

static void release_all(struct store *store)
{
    if (!store->db || store->is_read_only || !store->flusher ||
        write_begin(store, NULL) != STATUS_OK)
        return;
    struct query query = query_start(store->db, "DELETE FROM lease WHERE owner = ?");
    query_text(&query, store->owner);
    write_end(store, query_run(&query, NULL), NULL);
}

struct watcher {
    loop_fn fn;
    void *ctx;
    uint64_t round; /* that it was told in */
    struct watcher *next;
};

void store_close(struct store *store)
{
    if (!store)
        return;
    release_all(store);
    while (store->watchers) {
        struct watcher *watcher = store->watchers;
        store->watchers = watcher->next;
        free(watcher);
    }
    loop_timer_free(store->watching);
    atomic_store(&store->is_closing, true);
    worker_free(store->reading);
    flusher_free(store->flusher);
    db_close(store->long_reader);
    db_close(store->db); /* last: it puts the log back into the file */
    free(store->owner);
    free(store->vfs);
    free(store->path);
    free(store);
}

const char *store_path(const struct store *store)
{
    return store->path;
}

bool store_is_read_only(const struct store *store)
{
    return store->is_read_only;
}

const struct id *store_id(const struct store *store)
{
    return &store->id;
}

/* ---- the frame of a write ---- */

enum status write_begin(struct store *store, struct err *err)
{
    if (store->is_read_only)
        return err_set(
            err, STATUS_IO,
            "The store %.200s can only be read. Check the permissions of the file "
            "and of its directory, or name another file with --store.",
            store->path);
    enum status status = store_check_place(store, err);
    if (status == STATUS_OK)
        status = db_begin(store->db, err);
    store->now_ms = clock_wall_ms(store->clock);
    store->revision = 0;
    store->changes = db_total_changes(store->db);
    return status;
}

enum status write_end(struct store *store, enum status status, struct err *err)
{
    bool has_changed = db_total_changes(store->db) != store->changes;
    if (status == STATUS_OK)
        status = db_commit(store->db, err);
    if (status != STATUS_OK) {
        db_rollback(store->db);
        store->edit = (struct open_edit){0};
        return status;
    }
    if (has_changed) {
        store->committed++;
        flusher_wake(store);
    }
    return STATUS_OK;
}

/* ---- watching ---- */

static void look(void *ctx)
{
    struct store *store = ctx;
    int64_t version = store->data_version;
    db_number(store->db, "PRAGMA data_version", &version, NULL);
    bool is_lost = store_check_place(store, NULL) != STATUS_OK;
    bool is_news = version != store->data_version || (is_lost && !store->was_lost);
    store->data_version = version;
    store->was_lost = is_lost;
    if (!is_news)
        return;
    uint64_t round = ++store->watch_round;
    for (;;) { /* whoever is told may forget others, or watch anew */
        struct watcher *watcher = store->watchers;
        while (watcher && watcher->round == round)
            watcher = watcher->next;
        if (!watcher)
            return;
        watcher->round = round;
        watcher->fn(watcher->ctx);
    }
}

void store_watch(struct store *store, loop_fn fn, void *ctx)
{
    struct watcher **at = &store->watchers;
    while (*at)
        at = &(*at)->next;
    *at = xcalloc(1, sizeof **at);
    **at = (struct watcher){.fn = fn, .ctx = ctx, .round = store->watch_round};
    if (store->watching)
        return;
    db_number(store->db, "PRAGMA data_version", &store->data_version, NULL);
    store->watching = loop_timer_new(store->loop, look, store);
    loop_timer_start(store->watching, WATCH_MS, WATCH_MS);
    loop_timer_keep_loop(store->watching, false);
}

void store_forget(struct store *store, const void *ctx)
{
    struct watcher **at = &store->watchers;
    while (*at) {
        struct watcher *watcher = *at;
        if (watcher->ctx == ctx) {
            *at = watcher->next;
            free(watcher);
        } else {
            at = &watcher->next;
        }
    }
    flusher_forget(store->flusher, ctx);
}
