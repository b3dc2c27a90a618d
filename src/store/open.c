/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/xalloc.h"
#include "store/job.h"
#include "store/owner.h"
#include "store/schema.h"

/* Opening, closing, waiting. */

static enum status open_databases(struct store *store, struct err *err)
{
    enum status status = paths_make_parent(store->path, err);
    if (status == STATUS_OK)
        status = db_open(&store->writer, store->path, store->vfs, DB_WRITE, err);
    if (status == STATUS_OK && store->is_throwaway)
        status = db_be_careless(store->writer, err);
    if (status == STATUS_OK)
        status = schema_prepare(store->writer, store->path, err);
    if (status == STATUS_OK)
        status = db_open(&store->reader, store->path, store->vfs, DB_READ, err);
    return status;
}

static bool is_memory(const char *path)
{
    return path[0] == '\0' || strcmp(path, ":memory:") == 0;
}

enum status store_open(struct store **out, struct loop *loop,
                       const struct store_options *options, struct err *err)
{
    *out = NULL;
    if (options->path && is_memory(options->path))
        return err_set(err, STATUS_USAGE, "The store needs the name of a file.");
    struct store *store = xcalloc(1, sizeof *store);
    store->path = options->path ? xstrdup(options->path) : paths_data("store.db");
    store->vfs = xstrdup_or_null(options->vfs);
    store->is_throwaway = options->is_throwaway;
    store->loop = loop;
    store->clock = options->clock ? options->clock : &clock_system;
    store->owner = owner_new();
    enum status status = open_databases(store, err);
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    db_be_patient(store->writer);
    store->writing = worker_new(loop);
    *out = store;
    return STATUS_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    worker_free(store->reading);
    worker_free(store->writing);
    db_close(store->long_reader);
    db_close(store->reader);
    db_close(store->writer); /* last: it puts the log back into the file */
    free(store->owner);
    free(store->vfs);
    free(store->path);
    free(store);
}

const char *store_path(const struct store *store)
{
    return store->path;
}

size_t store_pending(const struct store *store)
{
    return worker_pending(store->writing);
}

void store_drain(struct store *store)
{
    worker_drain(store->writing);
}
