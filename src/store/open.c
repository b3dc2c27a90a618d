/* SPDX-License-Identifier: MIT
 * Opening and closing, its owner, the frame of a write, and watching what others do. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "store/parts.h"
#include "store/search_parts.h"

#define BUSY_WAIT_MS 200 /* for another process' write; the screen stands still */
#define WATCH_MS 1000
#define START_FIELD 22 /* of /proc/PID/stat, proc(5): ticks from boot to start */

/* ---- which process something belongs to ---- */

static size_t read_file(const char *path, char *out, size_t size)
{
    ssize_t len = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, out, size - 1);
        close(fd);
    }
    out[len > 0 ? len : 0] = '\0';
    return len > 0 ? (size_t)len : 0;
}

/* "-" where the system does not say. */
static void read_boot(char out[ID_TEXT])
{
    if (read_file("/proc/sys/kernel/random/boot_id", out, ID_TEXT) != ID_TEXT - 1)
        memcpy(out, "-", 2);
}

/* 0 where the system does not say. */
static unsigned long long read_start(long pid)
{
    char path[64], stat[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (!read_file(path, stat, sizeof stat))
        return 0;
    /* The name of the program, field 2, may hold blanks and brackets. */
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < START_FIELD; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

/* owner is "BOOT PID START TOKEN". */
static bool still_runs(const char *owner)
{
    char boot[ID_TEXT];
    read_boot(boot);
    size_t len = strlen(boot);
    if (strncmp(owner, boot, len) != 0 || owner[len] != ' ')
        return false; /* before the last boot */
    char *end;
    long pid = strtol(owner + len + 1, &end, 10);
    if (pid <= 0 || pid == (long)getpid())
        return false;
    if (kill((pid_t)pid, 0) && errno == ESRCH)
        return false;
    return strtoull(end, NULL, 10) == read_start(pid);
}

bool owner_is_alive(const char *owner, const char *self)
{
    return owner && (strcmp(owner, self) == 0 || still_runs(owner));
}

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

/* Neither the file nor its helper files can be written, or there is no room for these:
 * it is read as it lies there. */
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
        return err_set(err, STATUS_IO,
                       "The store %.200s can only be read, and the last changes are "
                       "still in %.200s-wal beside it. Copy both to a place that you may "
                       "write, and name that with --store.",
                       store->path, store->path);
    enum status status = db_open(&store->db, store->path, store->vfs, DB_FROZEN, err);
    return status == STATUS_OK ? schema_prepare(store->db, store->path, true, err)
                               : status;
}

static enum status open_databases(struct store *store, struct err *err)
{
    struct err fault = {0};
    enum status status = paths_make_parent(store->path, &fault);
    if (status == STATUS_OK)
        status = db_make_file(store->path, &fault);
    if (status == STATUS_OK)
        status = db_open(&store->db, store->path, store->vfs, DB_WRITE, &fault);
    if (status == STATUS_OK)
        store->is_read_only = db_is_read_only(store->db) || !may_write(store->path);
    if (status == STATUS_OK && store->is_throwaway)
        status = db_exec(store->db, "PRAGMA synchronous = OFF", &fault);
    if (status == STATUS_OK)
        status = schema_prepare(store->db, store->path, store->is_read_only, &fault);
    /* The tables are on disk from the start; from now on the flusher sees to it. */
    if (status == STATUS_OK && !store->is_throwaway)
        status = db_exec(store->db, "PRAGMA synchronous = NORMAL", &fault);
    struct stat file;
    store->is_full =
        status == STATUS_FULL && stat(store->path, &file) == 0 && file.st_size > 0;
    if (store->is_full || (status == STATUS_IO && !may_write(store->path) &&
                           access(store->path, R_OK) == 0))
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
    /* Names this process and this opening of the store: boot, process number, the
     * process' start, a random part. */
    char boot[ID_TEXT];
    struct id id;
    read_boot(boot);
    id_random(&id);
    long pid = (long)getpid();
    store->owner =
        xasprintf("%s %ld %llu %s", boot, pid, read_start(pid), id_text(&id).text);
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
    if (store->db && !store->is_read_only && store->flusher) {
        write_begin(store);
        /* a bulk change that is half done is found by it */
        write_put(store, "DELETE FROM lease WHERE owner = ? AND name NOT GLOB 'bulk *'",
                  VALUES(TEXT(store->owner)));
        write_end(store, NULL);
    }
    while (store->watchers) {
        struct watcher *watcher = store->watchers;
        store->watchers = watcher->next;
        free(watcher);
    }
    loop_timer_free(store->watching);
    atomic_store(&store->is_closing, true);
    worker_free(store->reading);
    index_close(store);
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

/* ---- the frame of a write, and of a read ---- */

void write_begin(struct store *store)
{
    err_clear(&store->fault);
    store->now_ms = clock_wall_ms(store->clock);
    store->revision = 0;
    store->changes = db_total_changes(store->db);
    if (store->is_full)
        err_set(&store->fault, STATUS_FULL,
                "The store %.200s can only be read: the disk is full. Free some space, "
                "then start sherd again.",
                store->path);
    else if (store->is_read_only)
        err_set(&store->fault, STATUS_IO,
                "The store %.200s can only be read. Check the permissions of the file "
                "and of its directory, or name another file with --store.",
                store->path);
    else if (store_check_place(store, &store->fault) == STATUS_OK)
        db_begin(store->db, &store->fault);
    store->has_begun = store->fault.code == STATUS_OK;
    db_keep_fault(store->db, &store->fault);
}

enum status write_end(struct store *store, struct err *err)
{
    bool has_changed = db_total_changes(store->db) != store->changes;
    db_keep_fault(store->db, NULL);
    if (store->fault.code == STATUS_OK)
        db_commit(store->db, &store->fault);
    if (store->fault.code != STATUS_OK) {
        db_rollback(store->db);
        if (store->has_begun)
            store->edit = (struct open_edit){0};
        return err_set(err, store->fault.code, "%s", store->fault.text);
    }
    if (has_changed) {
        store->committed++;
        flusher_wake(store);
    }
    return STATUS_OK;
}

void write_run(struct store *store, const char *sql, const int64_t *numbers, size_t count)
{
    write_find(store, sql, numbers, count);
}

void write_put(struct store *store, const char *sql, const struct bound *values,
               size_t count)
{
    struct query query = query_start(store->db, sql);
    for (const struct bound *value = values; value < values + count; value++)
        if (value->kind == BOUND_INT)
            query_int(&query, value->number);
        else if (value->kind == BOUND_TEXT)
            query_text(&query, value->text);
        else
            query_id(&query, value->id);
    query_run(&query, NULL);
}

int64_t write_find(struct store *store, const char *sql, const int64_t *numbers,
                   size_t count)
{
    int64_t found = 0;
    db_find(store->db, sql, numbers, count, &found, NULL);
    return found;
}

int64_t write_count(struct store *store, const char *name)
{
    struct query query = query_start(
        store->db, "UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value");
    query_text(&query, name);
    return query_take_int(&query);
}

void read_begin(struct store *store)
{
    err_clear(&store->fault);
    db_begin_read(store->db, &store->fault);
    db_keep_fault(store->db, &store->fault);
}

enum status read_end(struct store *store, struct err *err)
{
    db_keep_fault(store->db, NULL);
    db_rollback(store->db);
    return store->fault.code == STATUS_OK
               ? STATUS_OK
               : err_set(err, store->fault.code, "%s", store->fault.text);
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
