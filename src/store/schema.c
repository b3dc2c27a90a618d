/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/schema.h"

#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "text/sanitise.h"

#define APPLICATION_ID 0x73687264 /* "shrd" */
#define WAL_WAIT_MS 2000          /* a second sherd may be switching at this moment */
#define WAL_PAUSE_MS 20

/* What a record adds to its dataset's counts: taken off before a change of its items,
 * put on again behind it. So counting never walks the outbox. */
#define COUNT_RECORD(sign, side)                                                         \
    "UPDATE outbox_count SET"                                                            \
    " unsent = unsent " sign " (SELECT count(*) > 0 AND max(is_refused) = 0"             \
    "  FROM outbox WHERE record = " side ".record),"                                     \
    " refused = refused " sign " (SELECT coalesce(max(is_refused), 0)"                   \
    "  FROM outbox WHERE record = " side ".record)"                                      \
    " WHERE dataset = " side ".dataset;"

static const char *const version_1[] = {
    "CREATE TABLE dataset ("
    " row INTEGER PRIMARY KEY AUTOINCREMENT,"
    " server TEXT NOT NULL," /* '' = local */
    " workspace TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " remote_id TEXT,"
    " guidelines TEXT,"
    " allow_extra_metadata INTEGER NOT NULL,"
    " is_published INTEGER NOT NULL,"
    " fields TEXT NOT NULL,"    /* JSON, as Argilla writes them */
    " questions TEXT NOT NULL," /* JSON */
    " prompt_field TEXT,"       /* names found from fields and questions */
    " response_field TEXT,"
    " rating_question TEXT,"
    " UNIQUE (server, workspace, name)) STRICT",

    "CREATE TABLE record ("
    " row INTEGER PRIMARY KEY AUTOINCREMENT," /* a number is never used again */
    " id BLOB NOT NULL UNIQUE,"
    " dataset INTEGER NOT NULL REFERENCES dataset (row),"
    " external_id TEXT,"
    " remote_id TEXT,"
    " is_pulled INTEGER NOT NULL,"   /* made by someone else, on the server */
    " is_finished INTEGER NOT NULL," /* to be sent */
    " status INTEGER NOT NULL,"      /* of our response; kept here for the queue */
    " rating INTEGER NOT NULL,"
    " flags INTEGER NOT NULL,"
    " metadata TEXT,"
    " suggestions TEXT,"
    " inserted_ms INTEGER NOT NULL) STRICT",
    "CREATE INDEX record_queue ON record (dataset, row, status, rating, flags)",
    "CREATE INDEX record_ours ON record (row) WHERE is_pulled = 0",
    "CREATE INDEX record_remote ON record (remote_id) WHERE remote_id IS NOT NULL",
    "CREATE INDEX record_external ON record (external_id) WHERE external_id IS NOT NULL",

    /* A table with row numbers and whole texts: a full-text index can be put beside it.
     */
    "CREATE TABLE field ("
    " row INTEGER PRIMARY KEY,"
    " record INTEGER NOT NULL REFERENCES record (row),"
    " position INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " UNIQUE (record, position)) STRICT",

    "CREATE TABLE generation ("
    " record INTEGER PRIMARY KEY REFERENCES record (row),"
    " state INTEGER NOT NULL,"
    " owner TEXT,"          /* the process in which it runs */
    " facts TEXT NOT NULL)" /* JSON */
    " STRICT",
    "CREATE INDEX generation_running ON generation (record) WHERE state = 0",

    "CREATE TABLE response ("
    " record INTEGER NOT NULL REFERENCES record (row),"
    " user TEXT NOT NULL," /* '' = whoever uses this store */
    " status INTEGER NOT NULL,"
    " answers TEXT NOT NULL,"      /* JSON */
    " is_pulled INTEGER NOT NULL," /* the server's, untouched here */
    " updated_ms INTEGER NOT NULL,"
    " PRIMARY KEY (record, user)) STRICT, WITHOUT ROWID",

    /* Never shortened. An edit that is under way keeps one line, whose after moves on. */
    "CREATE TABLE event ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " record INTEGER NOT NULL REFERENCES record (row),"
    " kind TEXT NOT NULL,"
    " of INTEGER REFERENCES event (number)," /* what an undo or redo is about */
    " at_ms INTEGER NOT NULL,"
    " before TEXT," /* the response as JSON; NULL = none */
    " after TEXT) STRICT",

    /* The events that undo and redo can reach; the undone ones are always the last. */
    "CREATE TABLE step ("
    " event INTEGER PRIMARY KEY REFERENCES event (number),"
    " dataset INTEGER NOT NULL REFERENCES dataset (row),"
    " is_undone INTEGER NOT NULL) STRICT",
    "CREATE INDEX step_order ON step (dataset, is_undone, event)",

    "CREATE TABLE outbox ("
    " record INTEGER NOT NULL REFERENCES record (row),"
    " kind INTEGER NOT NULL,"
    " dataset INTEGER NOT NULL REFERENCES dataset (row),"
    " version INTEGER NOT NULL,"  /* rises with every change of anything */
    " is_ready INTEGER NOT NULL," /* 0 = a response whose record is not there yet */
    " is_refused INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " next_try_ms INTEGER NOT NULL,"
    " last_error TEXT,"
    " PRIMARY KEY (record, kind)) STRICT, WITHOUT ROWID",
    "CREATE INDEX outbox_due ON outbox (dataset, kind, is_refused, is_ready, version)",
    "CREATE TABLE outbox_count ("
    " dataset INTEGER PRIMARY KEY REFERENCES dataset (row),"
    " unsent INTEGER NOT NULL DEFAULT 0,"
    " refused INTEGER NOT NULL DEFAULT 0) STRICT",
    "CREATE TRIGGER dataset_added AFTER INSERT ON dataset BEGIN"
    " INSERT INTO outbox_count (dataset) VALUES (NEW.row); END",
    "CREATE TRIGGER outbox_adding BEFORE INSERT ON outbox BEGIN " COUNT_RECORD(
        "-", "NEW") " END",
    "CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN " COUNT_RECORD(
        "+", "NEW") " END",
    "CREATE TRIGGER outbox_changing BEFORE UPDATE OF is_refused ON outbox"
    " BEGIN " COUNT_RECORD("-", "OLD") " END",
    "CREATE TRIGGER outbox_changed AFTER UPDATE OF is_refused ON outbox"
    " BEGIN " COUNT_RECORD("+", "NEW") " END",
    "CREATE TRIGGER outbox_removing BEFORE DELETE ON outbox BEGIN " COUNT_RECORD(
        "-", "OLD") " END",
    "CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN " COUNT_RECORD(
        "+", "OLD") " END",

    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    "INSERT INTO counter (name, value) VALUES ('outbox', 0)",
    "CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    NULL,
};

/* One name for one thing: what a model wrote is a completion. */
static const char *const version_2[] = {
    "ALTER TABLE generation RENAME TO completion",
    "DROP INDEX generation_running",
    "CREATE INDEX completion_running ON completion (record) WHERE state = 0",
    NULL,
};

/* The n-th makes version n + 1 out of version n. */
static const char *const *const migrations[SCHEMA_VERSION] = {version_1, version_2};

static enum status run_migration(struct db *db, int64_t version, struct err *err)
{
    for (const char *const *sql = migrations[version]; *sql; sql++) {
        enum status status = db_exec(db, *sql, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status mark_version(struct db *db, struct err *err)
{
    char sql[96];
    sqlite3_snprintf(sizeof sql, sql,
                     "PRAGMA user_version = %d; PRAGMA application_id = %d",
                     SCHEMA_VERSION, APPLICATION_ID);
    return db_exec(db, sql, err);
}

static enum status migrate(struct db *db, struct err *err)
{
    enum status status = db_begin(db, true, err);
    /* Read again inside: another process may have done it meanwhile. */
    int64_t version = 0;
    if (status == STATUS_OK)
        status = db_number(db, "PRAGMA user_version", &version, err);
    for (; status == STATUS_OK && version < SCHEMA_VERSION; version++)
        status = run_migration(db, version, err);
    if (status == STATUS_OK)
        status = mark_version(db, err);
    if (status == STATUS_OK)
        status = db_commit(db, err);
    db_rollback(db);
    return status;
}

static enum status use_wal(struct db *db, struct err *err)
{
    /* SQLite does not always wait by itself when the switch meets another connection. */
    int64_t end_ms = clock_mono_ms(&clock_system) + WAL_WAIT_MS;
    for (;;) {
        struct err fault = {0};
        enum status status = db_exec(
            db, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 4194304", &fault);
        if (status == STATUS_OK)
            return status;
        if (status != STATUS_BUSY || clock_mono_ms(&clock_system) > end_ms)
            return err_set(err, status, "%s", fault.text);
        sqlite3_sleep(WAL_PAUSE_MS);
    }
}

struct file_facts {
    int64_t application;
    int64_t version;
    int64_t tables;
};

static enum status read_facts(struct db *db, struct file_facts *facts, struct err *err)
{
    /* In one look: another process may be making the tables. */
    enum status status = db_begin_read(db, err);
    if (status == STATUS_OK)
        status = db_number(db, "PRAGMA application_id", &facts->application, err);
    if (status == STATUS_OK)
        status = db_number(db, "PRAGMA user_version", &facts->version, err);
    if (status == STATUS_OK)
        status = db_number(db, "SELECT count(*) FROM sqlite_schema", &facts->tables, err);
    db_rollback(db);
    return status;
}

static enum status refuse_foreign(const struct file_facts *facts, const char *path,
                                  struct err *err)
{
    char name[200];
    sanitise_line(path, strlen(path), name, sizeof name);
    bool is_empty = !facts->application && !facts->version && !facts->tables;
    if (facts->application != APPLICATION_ID && !is_empty)
        return err_set(err, STATUS_CONFIG,
                       "The file %s is a database of another program. Name another file "
                       "with --store.",
                       name);
    if (facts->version > SCHEMA_VERSION)
        return err_set(
            err, STATUS_CONFIG,
            "The store %s was made by a newer sherd (its version is %d, this "
            "sherd knows %d). Install a newer sherd, or name another file with "
            "--store.",
            name, (int)facts->version, SCHEMA_VERSION);
    return STATUS_OK;
}

enum status schema_prepare(struct db *db, const char *path, struct err *err)
{
    struct file_facts facts = {0};
    enum status status = read_facts(db, &facts, err);
    if (status == STATUS_OK)
        status = refuse_foreign(&facts, path, err);
    if (status == STATUS_OK)
        status = use_wal(db, err);
    if (status == STATUS_OK && facts.version < SCHEMA_VERSION)
        status = migrate(db, err);
    return status;
}
