/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/ref.h"

#define REF_QUERY                                                                        \
    "SELECT r.row, r.dataset, r.id, d.server <> '', r.remote_id IS NOT NULL,"            \
    " coalesce(g.state = 0, 0), r.is_pulled, r.status <> 0 FROM record r"                \
    " JOIN dataset d ON d.row = r.dataset LEFT JOIN completion g ON g.record = r.row"

static enum status read_ref(struct query *query, struct record_ref *ref, bool *is_found,
                            struct err *err)
{
    *is_found = query_row(query);
    if (*is_found) {
        ref->row = query_get_int(query, 0);
        ref->dataset = query_get_int(query, 1);
        query_get_id(query, 2, &ref->id);
        ref->has_server = query_get_bool(query, 3);
        ref->is_remote = query_get_bool(query, 4);
        ref->is_running = query_get_bool(query, 5);
        ref->is_pulled = query_get_bool(query, 6);
        ref->has_response = query_get_bool(query, 7);
    }
    return query_end(query, err);
}

enum status ref_find(struct db *db, const struct id *id, struct record_ref *ref,
                     struct err *err)
{
    bool is_found;
    struct query query = query_start(db, REF_QUERY " WHERE r.id = ?");
    query_id(&query, id);
    enum status status = read_ref(&query, ref, &is_found, err);
    if (status != STATUS_OK || is_found)
        return status;
    char text[ID_TEXT];
    id_format(id, text);
    return err_set(err, STATUS_NOT_FOUND, "There is no record %s in the store.", text);
}

enum status ref_find_row(struct db *db, int64_t row, struct record_ref *ref,
                         struct err *err)
{
    bool is_found;
    struct query query = query_start(db, REF_QUERY " WHERE r.row = ?");
    query_int(&query, row);
    enum status status = read_ref(&query, ref, &is_found, err);
    if (status != STATUS_OK || is_found)
        return status;
    return err_set(err, STATUS_NOT_FOUND, "There is no record number %lld in the store.",
                   (long long)row);
}
