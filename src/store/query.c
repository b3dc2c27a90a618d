/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include <sqlite3.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "store/db.h"
#include "store/db_internal.h"

static sqlite3_stmt *find_statement(const struct db *db, const char *sql)
{
    for (size_t i = 0; i < db->statement_count; i++)
        if (db->statements[i].sql == sql || strcmp(db->statements[i].sql, sql) == 0)
            return db->statements[i].stmt;
    return NULL;
}

static void keep_statement(struct db *db, const char *sql, sqlite3_stmt *stmt)
{
    db->statements =
        xreallocarray(db->statements, db->statement_count + 1, sizeof *db->statements);
    db->statements[db->statement_count++] =
        (struct kept_statement){.sql = sql, .stmt = stmt};
}

struct query query_start(struct db *db, const char *sql)
{
    struct query query = {.db = db, .stmt = find_statement(db, sql)};
    if (query.stmt)
        return query;
    query.code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &query.stmt, NULL);
    if (query.code == SQLITE_OK)
        keep_statement(db, sql, query.stmt);
    return query;
}

static void note_code(struct query *query, int code)
{
    if (query->code == SQLITE_OK)
        query->code = code;
}

void query_int(struct query *query, int64_t value)
{
    note_code(query, sqlite3_bind_int64(query->stmt, ++query->bound, value));
}

void query_text(struct query *query, const char *text)
{
    if (text)
        query_bytes_as_text(query, text, strlen(text));
    else
        note_code(query, sqlite3_bind_null(query->stmt, ++query->bound));
}

void query_bytes_as_text(struct query *query, const char *text, size_t len)
{
    note_code(query, sqlite3_bind_text64(query->stmt, ++query->bound, text ? text : "",
                                         len, SQLITE_STATIC, SQLITE_UTF8));
}

void query_id(struct query *query, const struct id *id)
{
    note_code(query, sqlite3_bind_blob(query->stmt, ++query->bound, id->bytes,
                                       sizeof id->bytes, SQLITE_STATIC));
}

bool query_row(struct query *query)
{
    if (query->code != SQLITE_OK)
        return false;
    int code = sqlite3_step(query->stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        note_code(query, code);
    return code == SQLITE_ROW;
}

int64_t query_get_int(struct query *query, int column)
{
    return sqlite3_column_int64(query->stmt, column);
}

bool query_get_bool(struct query *query, int column)
{
    return sqlite3_column_int64(query->stmt, column) != 0;
}

bool query_is_null(struct query *query, int column)
{
    return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}

void query_get_id(struct query *query, int column, struct id *id)
{
    memset(id, 0, sizeof *id);
    const void *bytes = sqlite3_column_blob(query->stmt, column);
    if (bytes && sqlite3_column_bytes(query->stmt, column) == (int)sizeof id->bytes)
        memcpy(id->bytes, bytes, sizeof id->bytes);
}

char *query_get_text(struct query *query, int column, size_t *len)
{
    if (len)
        *len = 0;
    if (query_is_null(query, column))
        return NULL;
    /* As a blob: the bytes as they are, and nothing to allocate that could fail. */
    const void *bytes = sqlite3_column_blob(query->stmt, column);
    size_t count = bytes ? (size_t)sqlite3_column_bytes(query->stmt, column) : 0;
    if (len)
        *len = count;
    return xmemdup0(bytes ? bytes : "", count);
}

enum status query_end(struct query *query, struct err *err)
{
    int code = query->code;
    enum status status = code == SQLITE_OK ? STATUS_OK : db_fail(query->db, code, err);
    if (query->stmt) {
        sqlite3_reset(query->stmt);
        sqlite3_clear_bindings(query->stmt);
    }
    return status;
}

void query_end_logged(struct query *query)
{
    struct err err = {0};
    if (query_end(query, &err) != STATUS_OK)
        log_line("%s", err.text);
}

enum status query_run(struct query *query, struct err *err)
{
    query_row(query);
    return query_end(query, err);
}
