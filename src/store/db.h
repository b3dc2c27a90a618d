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
struct sqlite3;
struct sqlite3_stmt;

enum db_use {
    DB_WRITE, /* the loop's */
    DB_READ,
    DB_FLUSH, /* the flusher's */
    DB_FROZEN /* where not even the helper files can be made: nobody may write meanwhile
               */
};

/* Makes the file (mode 0600) unless it is there; closes it to others. One that can only
 * be read is fine. */
enum status db_make_file(const char *name, struct err *err);
/* That a file of our own beside path can be locked: where it cannot, every store there is
 * "held by another program". */
enum status db_probe_place(const char *path, const char *vfs, struct err *err);
/* vfs NULL = SQLite's own. */
enum status db_open(struct db **out, const char *path, const char *vfs, enum db_use use,
                    struct err *err) __attribute__((warn_unused_result));
void db_close(struct db *db);
/* For what SQLite alone has. */
struct sqlite3 *db_handle(const struct db *db);
bool db_is_read_only(const struct db *db);
/* For other connections' locks. */
void db_wait_at_most(struct db *db, int ms);
/* The sentence for one of SQLite's result codes. Returns its status. */
enum status db_fail(struct db *db, int code, struct err *err);
/* A statement without values or rows, not kept. */
enum status db_exec(struct db *db, const char *sql, struct err *err);
/* The one number that sql answers. */
enum status db_number(struct db *db, const char *sql, int64_t *number, struct err *err);

/* A write transaction; SQLite's write lock is held until its end. */
enum status db_begin(struct db *db, struct err *err);
enum status db_commit(struct db *db, struct err *err);
/* Does nothing when no transaction is open. */
void db_rollback(struct db *db);
/* From now on the first fault of a statement is kept in *fault (NULL = no more), not in
 * what query_end is given, and while there is one no statement runs. */
void db_keep_fault(struct db *db, struct err *fault);
/* A reading transaction: every query until db_rollback sees the same state. */
enum status db_begin_read(struct db *db, struct err *err);
/* The same until db_let_go, over every db_begin_read and db_rollback in between. */
enum status db_hold(struct db *db, struct err *err);
void db_let_go(struct db *db);

/* Length of the WAL after this connection's last commit. */
int db_log_pages(const struct db *db);
/* Waits until all that any process has committed so far is on disk, in the WAL. */
enum status db_sync_log(struct db *db, struct err *err);
/* Copies the WAL into the file and waits for the disk. Without resets_log it stops where
 * somebody reads and holds up nobody; with it the WAL is empty afterwards, or it fails.
 */
enum status db_checkpoint(struct db *db, bool resets_log, bool *is_complete,
                          struct err *err);

/* For statements that need nothing but numbers for their marks. */
#define NUMBERS(...)                                                                     \
    (const int64_t[]){__VA_ARGS__},                                                      \
        sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
/* The number that sql answers; 0 when it has no row. */
enum status db_find(struct db *db, const char *sql, const int64_t *numbers, size_t count,
                    int64_t *found, struct err *err);

/* A value for a question mark, and values for all of them from left to right. */
struct bound {
    enum { BOUND_INT, BOUND_TEXT, BOUND_ID } kind;
    int64_t number;
    const char *text; /* NULL = SQL NULL */
    const struct id *id;
};
#define INT(value) ((struct bound){.kind = BOUND_INT, .number = (value)})
#define TEXT(value) ((struct bound){.kind = BOUND_TEXT, .text = (value)})
#define ID(value) ((struct bound){.kind = BOUND_ID, .id = (value)})
#define VALUES(...)                                                                      \
    (const struct bound[]){__VA_ARGS__},                                                 \
        sizeof((const struct bound[]){__VA_ARGS__}) / sizeof(struct bound)

int64_t db_last_row(struct db *db);
/* Rows that the last statement changed. */
int64_t db_changes(struct db *db);
/* And all statements. */
int64_t db_total_changes(struct db *db);

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
/* The bytes themselves, until the next row; "" for SQL NULL. */
const char *query_peek_text(struct query *query, int column, size_t *len);
/* Gives the statement back. Must be called. */
enum status query_end(struct query *query, struct err *err);
/* The same where the caller has nobody to tell: a fault goes to the log. */
void query_end_logged(struct query *query);
/* The number, the text (owned; NULL = none) in the first column of the only row, and
 * gives it back. 0 or NULL when there is no row, or on a fault. */
int64_t query_take_int(struct query *query);
char *query_take_text(struct query *query);
/* For statements without rows: runs it and gives it back. */
enum status query_run(struct query *query, struct err *err);

#endif
