/* SPDX-License-Identifier: MIT
 *
 * db - one connection to the store's file, and statements on it that are prepared once
 * and kept.
 *
 * A connection belongs to one thread. Every fault becomes a sentence that names the file
 * and what to do.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"

struct db;
struct sqlite3_stmt;

enum db_use { DB_WRITE, DB_READ };

/* vfs NULL = SQLite's own. Creates the file (mode 0600) when it is to be written. */
enum status db_open(struct db **out, const char *path, const char *vfs, enum db_use use,
                    struct err *err) __attribute__((warn_unused_result));
void db_close(struct db *db);
/* From now on waits long for other processes' writes: for worker threads. */
void db_be_patient(struct db *db);
/* From now on no commit waits for the disk, whatever db_begin is told. */
enum status db_be_careless(struct db *db, struct err *err);
/* The sentence for one of SQLite's result codes. Returns its status. */
enum status db_fail(struct db *db, int code, struct err *err);
/* A statement without values or rows, not kept. */
enum status db_exec(struct db *db, const char *sql, struct err *err);
/* The one number that sql answers. */
enum status db_number(struct db *db, const char *sql, int64_t *number, struct err *err);

/* A write transaction. With is_durable its commit outlives a power cut, without it only
 * the end of the process. */
enum status db_begin(struct db *db, bool is_durable, struct err *err);
enum status db_commit(struct db *db, struct err *err);
/* Does nothing when no transaction is open. */
void db_rollback(struct db *db);
/* A reading transaction: every query until db_rollback sees the same state. */
enum status db_begin_read(struct db *db, struct err *err);

int64_t db_last_row(struct db *db);
/* Rows that the last statement changed. */
int64_t db_changes(struct db *db);

/* One use of a kept statement. Faults are remembered: after one, query_row is false and
 * query_end says what it was. The same sql must not be in use twice at a time. */
struct query {
    struct db *db;
    struct sqlite3_stmt *stmt;
    int bound; /* values given so far */
    int code;  /* SQLite's, of the first fault */
};

/* sql must be a literal: it is kept by address. */
struct query query_start(struct db *db, const char *sql);
/* Values for the question marks, from left to right. */
void query_int(struct query *query, int64_t value);
void query_text(struct query *query, const char *text); /* NULL = SQL NULL */
void query_bytes_as_text(struct query *query, const char *text, size_t len);
void query_id(struct query *query, const struct id *id);
/* Takes the next row; false at the end or on a fault. */
bool query_row(struct query *query);
int64_t query_get_int(struct query *query, int column);
bool query_get_bool(struct query *query, int column);
bool query_is_null(struct query *query, int column);
void query_get_id(struct query *query, int column, struct id *id);
/* Owned copy; NULL for SQL NULL. len may be NULL. */
char *query_get_text(struct query *query, int column, size_t *len);
/* Gives the statement back. Must be called. */
enum status query_end(struct query *query, struct err *err);
/* The same where the caller has nobody to tell: a fault goes to the log. */
void query_end_logged(struct query *query);
/* For statements without rows: runs it and gives it back. */
enum status query_run(struct query *query, struct err *err);

#endif
