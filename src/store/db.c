/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/log.h"
#include "base/xalloc.h"

#define OPEN_WAIT_MS 2000 /* for another program's lock; the user waits meanwhile */
#define LOCK_PAUSE_US INT64_C(300)

struct kept_statement {
    const char *sql; /* a literal */
    sqlite3_stmt *stmt;
};

struct db {
    sqlite3 *handle;
    char *path;
    struct kept_statement *statements;
    size_t statement_count;
    int log_pages;     /* the WAL's length after our last commit */
    int wait_ms;       /* for other connections' locks */
    struct err *fault; /* of the transaction, see db_keep_fault; NULL = not kept */
    bool is_held;      /* a read that goes on over db_begin_read and db_rollback */
};

static const struct fault {
    int code; /* SQLite's; of a primary one all that are of it, and not above it here */
    enum status status;
    const char *text; /* goes on after "The store PATH " */
} faults[] = {
    /* Odd file systems: network ones, some of containers and of virtual machines. */
    {SQLITE_IOERR_LOCK, STATUS_IO,
     "is on a file system without locks. Name a file on another disk with --store."},
    {SQLITE_IOERR_SHMMAP, STATUS_IO,
     "is on a file system where programs cannot share memory (mmap). Name a file on "
     "another disk with --store."},
    {SQLITE_IOERR_SHMOPEN, STATUS_IO,
     "is on a file system where programs cannot share memory (mmap). Name a file on "
     "another disk with --store."},
    {SQLITE_FULL, STATUS_FULL,
     "cannot grow: the disk is full. Free some space, then do it again; what was shown "
     "as saved is safe."},
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

enum status db_fail(struct db *db, int code, struct err *err)
{
    if (code == SQLITE_IOERR_NOMEM)
        code = SQLITE_NOMEM;
    int system = db->handle ? sqlite3_system_errno(db->handle) : 0;
    bool is_io = (code & 0xff) == SQLITE_IOERR;
    if (is_io && (system == ENOSPC || system == EDQUOT))
        code = SQLITE_FULL;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].code == code || faults[i].code == (code & 0xff))
            return err_set(err, faults[i].status, "The store %.200s %s", db->path,
                           faults[i].text);
    const char *why = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
    return err_set(err, STATUS_IO,
                   "The store %.200s cannot be read or written (%.160s). Check the disk, "
                   "then do it again.",
                   db->path, is_io && system ? strerror(system) : why);
}

enum status db_make_file(const char *name, struct err *err)
{
    /* SQLite would make it with the umask's mode; its helper files take over the mode. */
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int cause = errno;
        if (access(name, R_OK) == 0 && (cause == EACCES || cause == EROFS))
            return STATUS_OK; /* it can be read */
        return err_set(err, STATUS_IO,
                       "The store %.200s cannot be opened: %s. Name another file with "
                       "--store, or mend the cause.",
                       name, strerror(cause));
    }
    struct stat facts;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == getuid() &&
        (facts.st_mode & 077))
        fchmod(fd, 0600);
    close(fd);
    return STATUS_OK;
}

static int note_log(void *db, sqlite3 *handle, const char *schema, int pages)
{
    (void)handle;
    (void)schema;
    ((struct db *)db)->log_pages = pages;
    return SQLITE_OK;
}

/* SQLite's own waits longer and longer between its tries; beside a process that writes
 * without a pause it might never meet a gap. */
static int wait_for_lock(void *ctx, int tries)
{
    const struct db *db = ctx;
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_US * 1000};
    if ((int64_t)tries * LOCK_PAUSE_US >= (int64_t)db->wait_ms * 1000)
        return 0;
    nanosleep(&pause, NULL);
    return 1;
}

static enum status connect(struct db *db, const char *vfs, enum db_use use,
                           struct err *err)
{
    static const char *const settings[] = {
        /* Negative: KiB. Modest, so that 100,000 records fit into 24 MiB. */
        [DB_WRITE] = "PRAGMA cache_size = -4096; PRAGMA synchronous = FULL",
        [DB_READ] = "PRAGMA cache_size = -1024; PRAGMA query_only = ON",
        /* Nothing for which SQLite would read the tables: it only copies pages. */
        [DB_FLUSH] = "PRAGMA journal_size_limit = 20000000",
        [DB_FROZEN] = "PRAGMA cache_size = -4096; PRAGMA query_only = ON",
    };
    bool is_frozen = use == DB_FROZEN;
    char *name =
        is_frozen ? xasprintf("file:%s?immutable=1", db->path) : xstrdup(db->path);
    int flags =
        is_frozen ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE;
    int code = sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, vfs);
    free(name);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        code = sqlite3_busy_handler(db->handle, wait_for_lock, db);
    }
    if (code != SQLITE_OK)
        return db_fail(db, code, err);
    /* Nobody checkpoints on the way: the flusher does, and only it waits for the disk. */
    sqlite3_wal_hook(db->handle, note_log, db);
    enum status status = db_exec(db,
                                 "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                                 "PRAGMA temp_store = MEMORY;",
                                 err);
    return status == STATUS_OK ? db_exec(db, settings[use], err) : status;
}

enum status db_open(struct db **out, const char *path, const char *vfs, enum db_use use,
                    struct err *err)
{
    struct db *db = xcalloc(1, sizeof *db);
    db->path = xstrdup(path);
    db->wait_ms = OPEN_WAIT_MS;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* of the first: no lock each malloc, */
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0); /* no 20 pages each opening */
    enum status status = connect(db, vfs, use, err);
    if (status != STATUS_OK) {
        db_close(db);
        db = NULL;
    }
    *out = db;
    return status;
}

enum status db_probe_place(const char *path, const char *vfs, struct err *err)
{
    struct id id;
    id_random(&id);
    struct db db = {.path = xasprintf("%s-%s", path, id_text(&id).text)};
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(db.path, &db.handle, flags, vfs);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db.handle, "CREATE TABLE probe (x)", NULL, NULL, NULL);
    sqlite3_close(db.handle);
    db.handle = NULL;
    unlink(db.path);
    free(db.path);
    db.path = (char *)(uintptr_t)path;
    /* busy: nobody else can hold it */
    return (code & 0xff) == SQLITE_BUSY ? db_fail(&db, SQLITE_IOERR_LOCK, err)
                                        : STATUS_OK;
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

struct sqlite3 *db_handle(const struct db *db)
{
    return db->handle;
}

bool db_is_read_only(const struct db *db)
{
    return sqlite3_db_readonly(db->handle, "main") == 1;
}

void db_wait_at_most(struct db *db, int ms)
{
    db->wait_ms = ms;
}

enum status db_exec(struct db *db, const char *sql, struct err *err)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : db_fail(db, code, err);
}

enum status db_number(struct db *db, const char *sql, int64_t *number, struct err *err)
{
    return db_find(db, sql, NULL, 0, number, err);
}

/* Whatever fault is kept of the statements in between. */
static enum status run_kept(struct db *db, const char *sql, struct err *err)
{
    struct err *fault = db->fault;
    db->fault = NULL;
    struct query query = query_start(db, sql);
    enum status status = query_run(&query, err);
    db->fault = fault;
    return status;
}

enum status db_begin(struct db *db, struct err *err)
{
    db_rollback(db); /* a rollback can fail too, for lack of memory */
    return run_kept(db, "BEGIN IMMEDIATE", err);
}

enum status db_begin_read(struct db *db, struct err *err)
{
    if (db->is_held)
        return STATUS_OK;
    db_rollback(db);
    return run_kept(db, "BEGIN", err);
}

enum status db_commit(struct db *db, struct err *err)
{
    return run_kept(db, "COMMIT", err);
}

void db_keep_fault(struct db *db, struct err *fault)
{
    db->fault = fault;
}

void db_rollback(struct db *db)
{
    if (!db->is_held && !sqlite3_get_autocommit(db->handle))
        run_kept(db, "ROLLBACK", NULL);
}

enum status db_hold(struct db *db, struct err *err)
{
    enum status status = db_begin_read(db, err);
    db->is_held = status == STATUS_OK;
    return status;
}

void db_let_go(struct db *db)
{
    db->is_held = false;
    db_rollback(db);
}

int64_t db_last_row(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_total_changes(struct db *db)
{
    return sqlite3_total_changes64(db->handle);
}

/* ---- the log ---- */

int db_log_pages(const struct db *db)
{
    return db->log_pages;
}

enum status db_sync_log(struct db *db, struct err *err)
{
    sqlite3_file *log = NULL;
    int code =
        sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code != SQLITE_OK || !log || !log->pMethods)
        return db_fail(db, code == SQLITE_OK ? SQLITE_CANTOPEN : code, err);
    errno = 0;
    code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    if (code == SQLITE_OK)
        return STATUS_OK;
    if (errno == ENOSPC || errno == EDQUOT)
        return db_fail(db, SQLITE_FULL, err);
    return err_set(err, STATUS_IO,
                   "What was done last cannot be made safe on the disk of the store "
                   "%.200s (%s). Check the disk; it is tried again each second.",
                   db->path, errno ? strerror(errno) : sqlite3_errstr(code));
}

enum status db_checkpoint(struct db *db, bool resets_log, bool *is_complete,
                          struct err *err)
{
    int pages = 0, done = 0;
    int mode = resets_log ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int code = sqlite3_wal_checkpoint_v2(db->handle, "main", mode, &pages, &done);
    *is_complete = code == SQLITE_OK && pages == done;
    return code == SQLITE_OK ? STATUS_OK : db_fail(db, code, err);
}

/* ---- statements ---- */

struct query query_start(struct db *db, const char *sql)
{
    struct query query = {.db = db};
    if (db->fault && db->fault->code != STATUS_OK)
        return (struct query){.db = db, .code = SQLITE_ABORT};
    for (size_t i = 0; i < db->statement_count; i++)
        if (db->statements[i].sql == sql)
            return (struct query){.db = db, .stmt = db->statements[i].stmt};
    query.code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &query.stmt, NULL);
    if (query.code == SQLITE_OK) {
        db->statements = xreallocarray(db->statements, db->statement_count + 1,
                                       sizeof *db->statements);
        db->statements[db->statement_count++] =
            (struct kept_statement){.sql = sql, .stmt = query.stmt};
    }
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

const char *query_peek_text(struct query *query, int column, size_t *len)
{
    /* As a blob: the bytes as they are, and nothing to allocate that could fail. */
    const void *bytes = sqlite3_column_blob(query->stmt, column);
    *len = bytes ? (size_t)sqlite3_column_bytes(query->stmt, column) : 0;
    return bytes ? bytes : "";
}

char *query_get_text(struct query *query, int column, size_t *len)
{
    size_t count;
    bool is_null = query_is_null(query, column);
    const char *bytes = query_peek_text(query, column, &count);
    if (len)
        *len = count;
    return is_null ? NULL : xmemdup0(bytes, count);
}

enum status query_end(struct query *query, struct err *err)
{
    struct err *fault = query->db->fault;
    enum status status = fault ? fault->code : STATUS_OK;
    if (status == STATUS_OK && query->code != SQLITE_OK)
        status = db_fail(query->db, query->code, fault ? fault : err);
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

int64_t query_take_int(struct query *query)
{
    int64_t number = query_row(query) ? query_get_int(query, 0) : 0;
    query_end(query, NULL);
    return number;
}

char *query_take_text(struct query *query)
{
    char *text = query_row(query) ? query_get_text(query, 0, NULL) : NULL;
    query_end(query, NULL);
    return text;
}

enum status query_run(struct query *query, struct err *err)
{
    query_row(query);
    return query_end(query, err);
}

enum status db_find(struct db *db, const char *sql, const int64_t *numbers, size_t count,
                    int64_t *found, struct err *err)
{
    struct query query = query_start(db, sql);
    for (size_t i = 0; i < count; i++)
        query_int(&query, numbers[i]);
    *found = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}
