/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/xalloc.h"
#include "store/db_internal.h"
#include "text/sanitise.h"

#define OPEN_WAIT_MS 2000    /* for another program's lock; the user waits meanwhile */
#define WRITER_WAIT_MS 10000 /* for another sherd's transaction, on the worker */

static const struct fault {
    int code; /* SQLite's primary result code */
    enum status status;
    const char *text; /* goes on after "The store PATH " */
} faults[] = {
    {SQLITE_FULL, STATUS_FULL,
     "cannot grow: the disk is full. Free some space, then do it again; what was shown "
     "as "
     "saved is safe."},
    {SQLITE_BUSY, STATUS_BUSY,
     "is held by another program. End that program, then do it again."},
    {SQLITE_LOCKED, STATUS_BUSY,
     "is held by another program. End that program, then do it again."},
    {SQLITE_NOTADB, STATUS_CONFIG,
     "is not a sherd store. Name another file with --store, or move this one away."},
    {SQLITE_CORRUPT, STATUS_IO,
     "is damaged. Keep a copy of it, then move it away: sherd makes a new one."},
    {SQLITE_READONLY, STATUS_IO,
     "cannot be written. Check the permissions of the file and of its directory."},
    {SQLITE_PERM, STATUS_IO,
     "cannot be written. Check the permissions of the file and of its directory."},
    {SQLITE_CANTOPEN, STATUS_IO,
     "cannot be opened. Check that its directory exists and that you may write there."},
    {SQLITE_NOMEM, STATUS_IO,
     "needs memory and the machine has none left. End other programs, then do it again."},
    {SQLITE_TOOBIG, STATUS_FULL, "cannot hold a text this long (the limit is 1 GB)."},
};

static const struct fault *find_fault(int code)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].code == (code & 0xff))
            return &faults[i];
    return NULL;
}

enum status db_fail(struct db *db, int code, struct err *err)
{
    char path[200], reason[160];
    sanitise_line(db->path, strlen(db->path), path, sizeof path);
    if (code == SQLITE_IOERR_NOMEM)
        code = SQLITE_NOMEM;
    const struct fault *fault = find_fault(code);
    if (fault)
        return err_set(err, fault->status, "The store %s %s", path, fault->text);
    int system = db->handle ? sqlite3_system_errno(db->handle) : 0;
    const char *text = (code & 0xff) == SQLITE_IOERR && system ? strerror(system)
                       : db->handle ? sqlite3_errmsg(db->handle)
                                    : sqlite3_errstr(code);
    sanitise_line(text, strlen(text), reason, sizeof reason);
    return err_set(err, STATUS_IO,
                   "The store %s cannot be read or written (%s). Check the disk, then do "
                   "it again.",
                   path, reason);
}

/* SQLite would make it with the umask's mode; its helper files take over the mode. */
static enum status make_file(struct db *db, struct err *err)
{
    int fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        char path[200];
        sanitise_line(db->path, strlen(db->path), path, sizeof path);
        return err_set(
            err, STATUS_IO,
            "The store %s cannot be opened: %s. Name another file with --store, "
            "or mend the cause.",
            path, strerror(errno));
    }
    struct stat facts;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == getuid() &&
        (facts.st_mode & 077))
        fchmod(fd, 0600);
    close(fd);
    return STATUS_OK;
}

static enum status connect(struct db *db, const char *vfs, enum db_use use,
                           struct err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(db->path, &db->handle, flags, vfs);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        code = sqlite3_busy_timeout(db->handle, OPEN_WAIT_MS);
    }
    if (code != SQLITE_OK)
        return db_fail(db, code, err);
    if (use == DB_WRITE && sqlite3_db_readonly(db->handle, "main") == 1)
        return db_fail(db, SQLITE_READONLY, err);
    enum status status = db_exec(db,
                                 "PRAGMA foreign_keys = ON;"
                                 "PRAGMA trusted_schema = OFF;"
                                 "PRAGMA temp_store = MEMORY;",
                                 err);
    if (status != STATUS_OK)
        return status;
    /* Negative: KiB. Modest, so that 100,000 records fit into 32 MiB. */
    return db_exec(db,
                   use == DB_WRITE ? "PRAGMA cache_size = -4096;"
                                   : "PRAGMA cache_size = -1024; PRAGMA query_only = ON;",
                   err);
}

enum status db_open(struct db **out, const char *path, const char *vfs, enum db_use use,
                    struct err *err)
{
    struct db *db = xcalloc(1, sizeof *db);
    db->path = xstrdup(path);
    db->is_durable = true; /* SQLite's default: synchronous = FULL */
    enum status status = use == DB_WRITE ? make_file(db, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = connect(db, vfs, use, err);
    if (status != STATUS_OK) {
        db_close(db);
        db = NULL;
    }
    *out = db;
    return status;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->statement_count; i++)
        sqlite3_finalize(db->statements[i].stmt);
    free(db->statements);
    sqlite3_close(db->handle);
    free(db->path);
    free(db);
}

void db_be_patient(struct db *db)
{
    sqlite3_busy_timeout(db->handle, WRITER_WAIT_MS);
}

enum status db_be_careless(struct db *db, struct err *err)
{
    db->is_careless = true;
    return db_exec(db, "PRAGMA synchronous = OFF", err);
}

enum status db_exec(struct db *db, const char *sql, struct err *err)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : db_fail(db, code, err);
}

enum status db_number(struct db *db, const char *sql, int64_t *number, struct err *err)
{
    struct query query = query_start(db, sql);
    *number = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}

enum status db_begin(struct db *db, bool is_durable, struct err *err)
{
    db_rollback(db); /* a rollback can fail too, for lack of memory */
    /* A later durable commit also makes those before it durable: one log file. */
    if (is_durable != db->is_durable && !db->is_careless) {
        enum status status = db_exec(
            db, is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
            err);
        if (status != STATUS_OK)
            return status;
        db->is_durable = is_durable;
    }
    struct query query = query_start(db, "BEGIN IMMEDIATE");
    return query_run(&query, err);
}

enum status db_begin_read(struct db *db, struct err *err)
{
    db_rollback(db);
    struct query query = query_start(db, "BEGIN");
    return query_run(&query, err);
}

enum status db_commit(struct db *db, struct err *err)
{
    struct query query = query_start(db, "COMMIT");
    return query_run(&query, err);
}

void db_rollback(struct db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

int64_t db_last_row(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}
