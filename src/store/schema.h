/* SPDX-License-Identifier: MIT
 *
 * schema - the tables of the store and how an older store becomes a newer one.
 *
 * PRAGMA user_version counts the migrations that were done. A store of a newer sherd and
 * a database of another program are refused with a sentence and left untouched.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

#define SCHEMA_VERSION 2

enum status schema_prepare(struct db *db, const char *path, struct err *err)
    __attribute__((warn_unused_result));

#endif
