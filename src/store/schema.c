/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/parts.h"

#include <string.h>

#include <sqlite3.h>

#include "base/clock.h"

#define APPLICATION_ID 0x73687264 /* "shrd" */
#define WAL_WAIT_MS 2000          /* a second sherd may be switching at this moment */
#define WAL_PAUSE_MS 20

/* What a record adds to its dataset's counts, answers that wait for a choice apart: taken
 * off before a change of its items, put on again behind it. So counting never walks the
 * outbox. */
#define COUNT_RECORD(sign, side)                                                         \
    "UPDATE outbox_count SET"                                                            \
    " unsent = unsent " sign " (SELECT count(*) > 0 AND max(is_refused) = 0"             \
    "  AND max(is_clash) = 0 FROM outbox WHERE record = " side ".record),"               \
    " refused = refused " sign " (SELECT coalesce(max(is_refused), 0)"                   \
    "  FROM outbox WHERE record = " side ".record),"                                     \
    " clashes = clashes " sign " (SELECT coalesce(max(is_clash), 0)"                     \
    "  FROM outbox WHERE record = " side ".record)"                                      \
    " WHERE dataset = " side ".dataset;"

/* A dataset is the server's id of it; its name is how one got there. */
#define DATASET_COLUMNS                                                                  \
    " (row INTEGER PRIMARY KEY AUTOINCREMENT,"                                           \
    " server TEXT NOT NULL," /* '' = local */                                            \
    " workspace TEXT NOT NULL,"                                                          \
    " name TEXT NOT NULL,"                                                               \
    " remote_id TEXT UNIQUE,"                                                            \
    " is_gone INTEGER NOT NULL DEFAULT 0," /* from its server */                         \
    " guidelines TEXT,"                                                                  \
    " allow_extra_metadata INTEGER NOT NULL,"                                            \
    " is_published INTEGER NOT NULL,"                                                    \
    " fields TEXT NOT NULL,"    /* JSON, as Argilla writes them */                       \
    " questions TEXT NOT NULL," /* JSON */                                               \
    " prompt_field TEXT,"       /* names found from fields and questions */              \
    " response_field TEXT,"                                                              \
    " rating_question TEXT) STRICT"

/* A new store, with what versions 2 to 4 brought below: none of it is made and changed.
 */
static const char *const tables[] = {
    "CREATE TABLE dataset" DATASET_COLUMNS,

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
    " inserted_ms INTEGER NOT NULL,"
    " revision INTEGER NOT NULL DEFAULT 0,"
    " is_gone INTEGER NOT NULL DEFAULT 0,"
    " pull INTEGER NOT NULL DEFAULT 0,"
    " inserted_us INTEGER NOT NULL DEFAULT 0," /* beyond inserted_ms */
    " note TEXT,"                              /* the person's own */
    " updated_us INTEGER) STRICT",             /* there, whole, as last told */
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

    "CREATE TABLE completion ("
    " record INTEGER PRIMARY KEY REFERENCES record (row),"
    " state INTEGER NOT NULL,"
    " owner TEXT," /* the process that writes or wrote it; NULL = it came whole */
    " facts TEXT NOT NULL," /* JSON */
    " parent TEXT,"         /* in hexadecimal, as hex() of record.id in lower case */
    " run TEXT) STRICT",

    /* Several users' responses; of ours, the server's version that was last seen. */
    "CREATE TABLE response ("
    " record INTEGER NOT NULL REFERENCES record (row),"
    " user TEXT NOT NULL," /* '' = whoever uses this store */
    " status INTEGER NOT NULL,"
    " answers TEXT NOT NULL," /* JSON */
    " updated_ms INTEGER NOT NULL,"
    " base_status INTEGER," /* NULL = not known */
    " base_answers TEXT,"
    " theirs TEXT," /* a clash: as event.before */
    " pull INTEGER NOT NULL DEFAULT 0,"
    " sent TEXT," /* one of ours that is not confirmed: as event.before, '' = none */
    " PRIMARY KEY (record, user)) STRICT, WITHOUT ROWID",

    /* Never shortened. An edit that is under way keeps one line, whose after moves on. */
    "CREATE TABLE event ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " record INTEGER NOT NULL REFERENCES record (row),"
    " kind TEXT NOT NULL,"
    " of INTEGER REFERENCES event (number)," /* what an undo or redo is about */
    " at_ms INTEGER NOT NULL,"
    " before TEXT," /* the response, or the note, as JSON; NULL = none */
    " after TEXT) STRICT",

    /* The events that undo and redo can reach; the undone ones are always the last. */
    "CREATE TABLE step ("
    " event INTEGER PRIMARY KEY REFERENCES event (number),"
    " dataset INTEGER NOT NULL REFERENCES dataset (row),"
    " is_undone INTEGER NOT NULL,"
    " batch INTEGER) STRICT", /* taken back together: the number of the first */

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
    " is_clash INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (record, kind)) STRICT, WITHOUT ROWID",
    "CREATE TABLE outbox_count ("
    " dataset INTEGER PRIMARY KEY REFERENCES dataset (row),"
    " unsent INTEGER NOT NULL DEFAULT 0,"
    " refused INTEGER NOT NULL DEFAULT 0,"
    " clashes INTEGER NOT NULL DEFAULT 0) STRICT",

    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    "INSERT INTO counter (name, value) VALUES ('outbox', 0)",
    "CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    NULL,
};

/* New in version 2, as those below: of a new store, and of one that version 1 made. */
static const char *const version_2[] = {
    "CREATE INDEX completion_running ON completion (record) WHERE state = 0",
    "CREATE INDEX completion_parent ON completion (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX completion_run ON completion (run) WHERE run IS NOT NULL",
    "CREATE UNIQUE INDEX dataset_name ON dataset (server, workspace, name)"
    " WHERE is_gone = 0",
    "CREATE TRIGGER dataset_added AFTER INSERT ON dataset BEGIN"
    " INSERT INTO outbox_count (dataset) VALUES (NEW.row); END",

    /* What changed since when; what the server still has. With so many indexes that begin
     * with the dataset, queries name theirs: SQLite would take any. */
    "CREATE INDEX record_revision ON record (dataset, revision)",
    "CREATE INDEX record_seen ON record (dataset, pull)"
    " WHERE remote_id IS NOT NULL AND is_gone = 0",
    "CREATE INDEX record_gone ON record (dataset) WHERE is_gone = 1",
    "CREATE INDEX record_kept ON record (dataset)"
    " WHERE flags & 4 AND status = 0 AND is_finished = 0 AND remote_id IS NULL",
    "INSERT INTO counter (name, value) VALUES ('revision', 0), ('pull', 0),"
    " ('log', 0)",

    "CREATE INDEX outbox_due ON outbox (kind, dataset, is_refused, is_clash, is_ready,"
    " version)",
    "CREATE TRIGGER outbox_adding BEFORE INSERT ON outbox BEGIN " COUNT_RECORD(
        "-", "NEW") " END",
    "CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN " COUNT_RECORD(
        "+", "NEW") " END",
    "CREATE TRIGGER outbox_changing BEFORE UPDATE OF is_refused, is_clash ON outbox"
    " BEGIN " COUNT_RECORD("-", "OLD") " END",
    "CREATE TRIGGER outbox_changed AFTER UPDATE OF is_refused, is_clash ON outbox"
    " BEGIN " COUNT_RECORD("+", "NEW") " END",
    "CREATE TRIGGER outbox_removing BEFORE DELETE ON outbox BEGIN " COUNT_RECORD(
        "-", "OLD") " END",
    "CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN " COUNT_RECORD(
        "+", "OLD") " END",

    /* What one process does at a time. */
    "CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT NOT NULL) STRICT",
    /* This store's own, part of the ids of a run's records. */
    "CREATE TABLE self (id BLOB NOT NULL) STRICT",
    "INSERT INTO self (id) VALUES (randomblob(16))",

    /* What an agent did on the way to a completion. */
    "CREATE TABLE trace ("
    " record INTEGER NOT NULL REFERENCES record (row),"
    " number INTEGER NOT NULL,"
    " kind TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " content TEXT NOT NULL,"
    " PRIMARY KEY (record, number)) STRICT, WITHOUT ROWID",
    NULL,
};

/* Of two rows for one dataset of the server the first made is kept. */
#define FIRST_OF_REMOTE                                                                  \
    "(SELECT min(a.row) FROM dataset a JOIN dataset b ON a.remote_id = b.remote_id"      \
    " WHERE b.row = "

#define DOUBLES                                                                          \
    "(SELECT b.row FROM record b JOIN dataset there ON there.row = b.dataset"            \
    " JOIN dataset here ON here.remote_id = there.remote_id AND here.row < there.row"    \
    " JOIN record a ON a.dataset = here.row AND a.remote_id = b.remote_id"               \
    " WHERE b.is_pulled AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.record = b.row))"

static const char *const from_version_1[] = {
    /* One name for one thing: what a model wrote is a completion. */
    "ALTER TABLE generation RENAME TO completion",
    "DROP INDEX generation_running",
    "ALTER TABLE completion ADD COLUMN parent TEXT",
    "ALTER TABLE completion ADD COLUMN run TEXT",
    "UPDATE completion SET"
    " parent = replace(lower(json_extract(facts, '$.parent_id')), '-', ''),"
    " run = replace(lower(json_extract(facts, '$.run_id')), '-', '')"
    " WHERE json_valid(facts)",
    "DROP TRIGGER outbox_adding",
    "DROP TRIGGER outbox_added",
    "DROP TRIGGER outbox_changing",
    "DROP TRIGGER outbox_changed",
    "DROP TRIGGER outbox_removing",
    "DROP TRIGGER outbox_removed",
    "DROP TRIGGER dataset_added",

    /* A dataset is the server's id of it; its name is how one got there. A record that
     * was pulled over both is there once; what waits to be sent stays. */
    "DELETE FROM step WHERE event IN (SELECT number FROM event WHERE record IN " DOUBLES
    ")",
    "DELETE FROM event WHERE record IN " DOUBLES,
    "DELETE FROM response WHERE record IN " DOUBLES,
    "DELETE FROM completion WHERE record IN " DOUBLES,
    "DELETE FROM field WHERE record IN " DOUBLES,
    "DELETE FROM record WHERE row IN " DOUBLES,
    "UPDATE record SET dataset = coalesce(" FIRST_OF_REMOTE "record.dataset), dataset)",
    "UPDATE step SET dataset = coalesce(" FIRST_OF_REMOTE "step.dataset), dataset)",
    "UPDATE outbox SET dataset = coalesce(" FIRST_OF_REMOTE "outbox.dataset), dataset)",
    "CREATE TABLE dataset_2" DATASET_COLUMNS,
    "INSERT INTO dataset_2 (row, server, workspace, name, remote_id, guidelines,"
    " allow_extra_metadata, is_published, fields, questions, prompt_field,"
    " response_field, rating_question)"
    " SELECT row, server, workspace, name, remote_id, guidelines, allow_extra_metadata,"
    " is_published, fields, questions, prompt_field, response_field, rating_question"
    " FROM dataset d WHERE coalesce(" FIRST_OF_REMOTE "d.row), d.row) = d.row",
    "DELETE FROM outbox_count WHERE dataset NOT IN (SELECT row FROM dataset_2)",
    /* Numbers of rows that are gone are not used again. */
    "DELETE FROM sqlite_sequence WHERE name = 'dataset_2'",
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'dataset_2', seq FROM"
    " sqlite_sequence WHERE name = 'dataset'",
    "DROP TABLE dataset",
    "ALTER TABLE dataset_2 RENAME TO dataset",
    "ALTER TABLE record ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE record ADD COLUMN is_gone INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE record ADD COLUMN pull INTEGER NOT NULL DEFAULT 0",
    /* Several users' responses; of ours, the server's version that was last seen. What
     * was pulled and left alone, or sent, is what the server has. Of what waits nothing
     * is known but that a record not sent yet has none there. */
    "ALTER TABLE response ADD COLUMN base_status INTEGER", /* NULL = not known */
    "ALTER TABLE response ADD COLUMN base_answers TEXT",
    "ALTER TABLE response ADD COLUMN theirs TEXT", /* a clash: as event.before */
    "ALTER TABLE response ADD COLUMN pull INTEGER NOT NULL DEFAULT 0",
    "UPDATE response SET base_status = status, base_answers = answers WHERE is_pulled"
    " OR NOT EXISTS (SELECT 1 FROM outbox o WHERE o.record = response.record"
    "  AND o.kind = 1)",
    "UPDATE response SET base_status = 0, base_answers = NULL WHERE EXISTS (SELECT 1"
    " FROM record r WHERE r.row = response.record AND r.remote_id IS NULL)",
    "ALTER TABLE response DROP COLUMN is_pulled",

    "ALTER TABLE outbox ADD COLUMN is_clash INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE outbox_count ADD COLUMN clashes INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX outbox_due",
    "UPDATE outbox_count SET"
    " unsent = (SELECT count(*) FROM (SELECT 1 FROM outbox o WHERE o.dataset ="
    "  outbox_count.dataset GROUP BY record HAVING max(is_refused) = 0)),"
    " refused = (SELECT count(*) FROM (SELECT 1 FROM outbox o WHERE o.dataset ="
    "  outbox_count.dataset GROUP BY record HAVING max(is_refused) = 1))",
    NULL,
};

static const char *const version_3[] = {
    /* Which of several answers a person preferred; its event is the undo step. */
    "CREATE TABLE pick ("
    " event INTEGER PRIMARY KEY REFERENCES event (number),"
    " is_undone INTEGER NOT NULL DEFAULT 0,"
    " strength INTEGER NOT NULL," /* 1 to 3; 0 = not said */
    " seed INTEGER NOT NULL) STRICT",
    "CREATE TABLE pick_candidate ("
    " pick INTEGER NOT NULL REFERENCES pick (event),"
    " place INTEGER NOT NULL," /* as it was shown */
    " record INTEGER NOT NULL REFERENCES record (row),"
    " is_chosen INTEGER NOT NULL," /* of none: they are alike */
    " PRIMARY KEY (pick, place)) STRICT, WITHOUT ROWID",
    "CREATE INDEX pick_record ON pick_candidate (record, pick)",
    NULL,
};

static const char *const from_version_3[] = {
    "ALTER TABLE step ADD COLUMN batch INTEGER",
    "DROP INDEX step_order",
    "DROP TABLE IF EXISTS viewing",
    /* Until now a model had written all of them here. */
    "UPDATE completion SET owner = '' WHERE owner IS NULL",
    NULL,
};

static const char *const version_4[] = {
    "CREATE INDEX step_batch ON step (batch) WHERE batch IS NOT NULL",
    "CREATE INDEX step_order ON step (dataset, is_undone, coalesce(batch, event), event)",
    "CREATE INDEX record_deleted ON record (dataset) WHERE flags & 64",

    /* How each answer of ours came about, on the wall clock: when its record was first
     * seen, when its last line was (NULL = never), and what of the time between was a
     * pause. */
    "CREATE TABLE viewing ("
    " record INTEGER NOT NULL REFERENCES record (row),"
    " answered_ms INTEGER NOT NULL,"
    " shown_ms INTEGER NOT NULL,"
    " end_ms INTEGER,"
    " paused_ms INTEGER NOT NULL,"
    " PRIMARY KEY (record, answered_ms)) STRICT, WITHOUT ROWID",
    "CREATE INDEX viewing_time ON viewing (answered_ms)",

    /* Answers to a record that was shown a second time, to compare oneself with: its
     * event is the undo step, with the response before and what was answered after.
     * Four lines are one text: NOLINTNEXTLINE(bugprone-suspicious-missing-comma) */
    "CREATE TABLE again ("
    " event INTEGER PRIMARY KEY REFERENCES event (number),"
    " record INTEGER NOT NULL REFERENCES record (row),"
    " is_undone INTEGER NOT NULL DEFAULT 0) STRICT",
    "CREATE INDEX again_record ON again (record)",
    NULL,
};

/* A note told of each record that was decided. */
static const char *const from_version_5[] = {
    "ALTER TABLE record ADD COLUMN inserted_us INTEGER NOT NULL DEFAULT 0",
    "UPDATE record SET flags = flags | 256 WHERE row IN"
    " (SELECT CAST(substr(key, 9) AS INTEGER) FROM note WHERE key GLOB 'decided:*')",
    "DELETE FROM note WHERE key GLOB 'decided:*'",
    NULL,
};

static enum status run_migrations(struct db *db, struct err *err)
{
    /* Read again inside: another process may have done it meanwhile. */
    int64_t version = 0, broken = 0;
    enum status status = db_number(db, "PRAGMA user_version", &version, err);
    if (status != STATUS_OK || version >= SCHEMA_VERSION)
        return status;
    const struct {
        bool is_due;
        const char *const *sql;
    } parts[] = {
        {version == 0, tables},
        {version == 1, from_version_1},
        {version < 2, version_2},
        {version < 3, version_3},
        {version > 0 && version < 4, from_version_3},
        {version < 4, version_4},
        {version > 0 && version < 5,
         (const char *const[]){"ALTER TABLE response ADD COLUMN sent TEXT", NULL}},
        {version > 0 && version < 6, from_version_5},
        {version > 0 && version < 7,
         (const char *const[]){"ALTER TABLE record ADD COLUMN note TEXT", NULL}},
        {version > 0,
         (const char *const[]){"ALTER TABLE record ADD COLUMN updated_us INTEGER", NULL}},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *const *each = parts[i].sql;
             parts[i].is_due && *each && status == STATUS_OK; each++)
            status = db_exec(db, *each, err);
    if (status == STATUS_OK && version > 0)
        status =
            db_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &broken, err);
    if (status == STATUS_OK && broken)
        status = err_set(err, STATUS_IO,
                         "The store is damaged: %lld of its rows belong to nothing. Keep "
                         "a copy of it, then move it away: sherd makes a new one.",
                         (long long)broken);
    if (status != STATUS_OK)
        return status;
    char sql[96];
    sqlite3_snprintf(sizeof sql, sql,
                     "PRAGMA user_version = %d; PRAGMA application_id = %d",
                     SCHEMA_VERSION, APPLICATION_ID);
    return db_exec(db, sql, err);
}

static enum status migrate(struct db *db, struct err *err)
{
    /* Off, for a table that others refer to is made anew; checked at the end. */
    enum status status = db_exec(db, "PRAGMA foreign_keys = OFF", err);
    if (status == STATUS_OK)
        status = db_begin(db, err);
    if (status == STATUS_OK)
        status = run_migrations(db, err);
    if (status == STATUS_OK)
        status = db_commit(db, err);
    db_rollback(db);
    enum status back = db_exec(db, "PRAGMA foreign_keys = ON", err);
    return status == STATUS_OK ? back : status;
}

static enum status use_wal(struct db *db, struct err *err)
{
    /* SQLite does not always wait by itself when the switch meets another connection. */
    int64_t end_ms = clock_mono_ms(&clock_system) + WAL_WAIT_MS;
    for (;;) {
        struct err fault = {0};
        enum status status =
            db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 20000000",
                    &fault);
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

static enum status refuse_foreign(const struct file_facts *facts, const char *path,
                                  struct err *err)
{
    bool is_empty = !facts->application && !facts->version && !facts->tables;
    if (facts->application != APPLICATION_ID && !is_empty)
        return err_set(
            err, STATUS_CONFIG,
            "The file %.200s is a database of another program. Name another file "
            "with --store.",
            path);
    if (facts->version > SCHEMA_VERSION)
        return err_set(
            err, STATUS_CONFIG,
            "The store %.200s was made by a newer sherd (its version is %d, this "
            "sherd knows %d). Install a newer sherd, or name another file with "
            "--store.",
            path, (int)facts->version, SCHEMA_VERSION);
    return STATUS_OK;
}

enum status schema_prepare(struct db *db, const char *path, bool is_read_only,
                           struct err *err)
{
    struct file_facts facts = {0};
    /* In one look: another process may be making the tables. */
    enum status status = db_begin_read(db, err);
    if (status == STATUS_OK)
        status = db_number(db, "PRAGMA application_id", &facts.application, err);
    if (status == STATUS_OK)
        status = db_number(db, "PRAGMA user_version", &facts.version, err);
    if (status == STATUS_OK)
        status = db_number(db, "SELECT count(*) FROM sqlite_schema", &facts.tables, err);
    db_rollback(db);
    if (status == STATUS_OK)
        status = refuse_foreign(&facts, path, err);
    if (status != STATUS_OK)
        return status;
    if (is_read_only && facts.version < SCHEMA_VERSION)
        return err_set(
            err, STATUS_IO,
            "The store %.200s cannot be written, and it must be brought up to date "
            "before it can be read. Check the permissions of the file and of "
            "its directory.",
            path);
    if (!is_read_only)
        status = use_wal(db, err);
    if (status == STATUS_OK && facts.version < SCHEMA_VERSION)
        status = migrate(db, err);
    return status;
}
