/* SPDX-License-Identifier: MIT
 * What several people answered: others' responses as they were pulled, and all of them
 * for statistics. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/parts.h"

/* ---- as pulled ---- */

/* What the store has of one of them is what record says. */
static bool is_known(struct query *query, const struct record *record)
{
    char *user = query_get_text(query, 0, NULL),
         *answers = query_get_text(query, 2, NULL);
    char *name = query_get_text(query, 3, NULL);
    bool is_found = false;
    for (size_t i = 0; i < record->peer_count; i++) {
        const struct peer *peer = &record->peers[i];
        if (strcmp(user, peer->user) != 0)
            continue;
        char *theirs = codec_print_values(&peer->response.values);
        is_found = query_get_int(query, 1) == (int64_t)peer->response.status &&
                   strcmp(answers, theirs) == 0 &&
                   (!peer->name || (name && strcmp(name, peer->name) == 0));
        free(theirs);
        break;
    }
    free(user);
    free(answers);
    free(name);
    return is_found;
}

static enum status compare_peers(struct store *store, int64_t row,
                                 const struct record *record, bool *is_equal,
                                 struct err *err)
{
    size_t count = 0;
    struct query query = query_start(
        store->db, "SELECT user, status, answers,"
                   " (SELECT value FROM note WHERE key = 'user:' || user) FROM response"
                   " WHERE record = ? AND user <> ''");
    query_int(&query, row);
    *is_equal = true;
    for (; query_row(&query); count++)
        *is_equal = *is_equal && is_known(&query, record);
    *is_equal = *is_equal && count == record->peer_count;
    return query_end(&query, err);
}

static enum status write_peer(struct store *store, int64_t row, const struct peer *peer,
                              struct err *err)
{
    char *answers = codec_print_values(&peer->response.values);
    struct query query = query_start(
        store->db, "INSERT OR REPLACE INTO response (record, user, status, answers,"
                   " updated_ms) VALUES (?, ?, ?, ?, ?)");
    query_int(&query, row);
    query_text(&query, peer->user);
    query_int(&query, peer->response.status);
    query_text(&query, answers);
    query_int(&query, peer->response.updated_ms);
    enum status status = query_run(&query, err);
    free(answers);
    if (status != STATUS_OK || !peer->name)
        return status;
    query = query_start(store->db, "INSERT OR REPLACE INTO note (key, value)"
                                   " VALUES ('user:' || ?, ?)");
    query_text(&query, peer->user);
    query_text(&query, peer->name);
    return query_run(&query, err);
}

enum status record_put_peers(struct store *store, int64_t row,
                             const struct record *record, bool *is_changed,
                             struct err *err)
{
    bool is_equal;
    *is_changed = false;
    enum status status = compare_peers(store, row, record, &is_equal, err);
    if (status != STATUS_OK || is_equal)
        return status;
    *is_changed = true;
    status = db_run(store->db, "DELETE FROM response WHERE record = ? AND user <> ''",
                    NUMBERS(row), err);
    for (size_t i = 0; status == STATUS_OK && i < record->peer_count; i++)
        status = write_peer(store, row, &record->peers[i], err);
    return status;
}
