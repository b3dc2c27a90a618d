/* SPDX-License-Identifier: MIT
 *
 * db_internal - what db.c and query.c share.
 */
#ifndef STORE_DB_INTERNAL_H
#define STORE_DB_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

struct kept_statement {
    const char *sql; /* a literal */
    sqlite3_stmt *stmt;
};

struct db {
    sqlite3 *handle;
    char *path;
    bool is_durable;  /* what synchronous is set to */
    bool is_careless; /* it is off and stays so */
    struct kept_statement *statements;
    size_t statement_count;
};

#endif
