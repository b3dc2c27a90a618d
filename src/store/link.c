/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/job.h"
#include "store/outbox.h"

/* A dataset that was local becomes a server's. */

struct link {
    int64_t dataset;
    char *server;
    char *workspace;
    char *remote_id;
};

static enum status check_local(struct writing *writing, int64_t dataset)
{
    struct query query =
        query_start(writing->db, "SELECT server = '' FROM dataset WHERE row = ?");
    query_int(&query, dataset);
    bool is_found = query_row(&query);
    bool is_local = is_found && query_get_bool(&query, 0);
    enum status status = query_end(&query, writing->err);
    if (status != STATUS_OK || is_local)
        return status;
    if (!is_found)
        return err_set(writing->err, STATUS_NOT_FOUND,
                       "There is no dataset number %lld in the store.",
                       (long long)dataset);
    return err_set(
        writing->err, STATUS_REFUSED,
        "This dataset is on a server already; only a local one can be moved to "
        "a server.");
}

static enum status find_target(struct writing *writing, const struct link *link,
                               int64_t *target)
{
    struct query query = query_start(
        writing->db, "SELECT row FROM dataset WHERE server = ? AND workspace IN (?, '')"
                     " AND name = (SELECT name FROM dataset WHERE row = ?)"
                     " ORDER BY workspace = '' LIMIT 1");
    query_text(&query, link->server);
    query_text(&query, link->workspace);
    query_int(&query, link->dataset);
    *target = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, writing->err);
}

static enum status rename_dataset(struct writing *writing, const struct link *link,
                                  int64_t row)
{
    struct query query =
        query_start(writing->db, "UPDATE dataset SET server = ?, workspace = ?,"
                                 " remote_id = coalesce(?, remote_id) WHERE row = ?");
    query_text(&query, link->server);
    query_text(&query, link->workspace);
    query_text(&query, link->remote_id);
    query_int(&query, row);
    return query_run(&query, writing->err);
}

/* Moves everything of dataset from to dataset to; from ceases to be. A local dataset has
 * nothing in the outbox. */
static enum status merge(struct writing *writing, int64_t from, int64_t to)
{
    static const char *const moves[] = {
        "UPDATE record SET dataset = ?2 WHERE dataset = ?1",
        "UPDATE step SET dataset = ?2 WHERE dataset = ?1",
    };
    static const char *const removals[] = {
        "DELETE FROM outbox_count WHERE dataset = ?1",
        "DELETE FROM dataset WHERE row = ?1",
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < 2; i++) {
        struct query query = query_start(writing->db, moves[i]);
        query_int(&query, from);
        query_int(&query, to);
        status = query_run(&query, writing->err);
    }
    for (size_t i = 0; status == STATUS_OK && i < 2; i++) {
        struct query query = query_start(writing->db, removals[i]);
        query_int(&query, from);
        status = query_run(&query, writing->err);
    }
    return status;
}

static enum status link_dataset(struct writing *writing, void *args)
{
    const struct link *link = args;
    int64_t target = 0;
    enum status status = check_local(writing, link->dataset);
    if (status == STATUS_OK)
        status = find_target(writing, link, &target);
    if (status == STATUS_OK && target)
        status = merge(writing, link->dataset, target);
    if (!target)
        target = link->dataset;
    if (status == STATUS_OK)
        status = rename_dataset(writing, link, target);
    if (status == STATUS_OK)
        status = outbox_put_all(writing->db, target, writing->err);
    writing->result->dataset_row = target;
    return status;
}

static void free_link(void *args)
{
    struct link *link = args;
    free(link->server);
    free(link->workspace);
    free(link->remote_id);
    free(link);
}

void store_link_dataset(struct store *store, int64_t dataset_row, const char *server,
                        const char *workspace, const char *remote_id, store_done_fn done,
                        void *ctx)
{
    static const struct job_kind kind = {link_dataset, free_link, true};
    struct link *link = xcalloc(1, sizeof *link);
    link->dataset = dataset_row;
    link->server = xstrdup(server);
    link->workspace = xstrdup(workspace ? workspace : "");
    link->remote_id = xstrdup_or_null(remote_id);
    job_submit(store, &kind, link, done, ctx);
}
