/* SPDX-License-Identifier: MIT
 *
 * parts - what the store's files share: the open store, the frame of a write, and the
 * pieces that writes are put together from.
 *
 * Calls go one way: db, codec, flush, open; records on them; responses on that; then the
 * files that hold the public functions.
 */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/worker.h"
#include "store/db.h"
#include "store/store.h"

/* ---- the open store ---- */

/* The edit that a next change may join. */
struct open_edit {
    int64_t event; /* 0 = none */
    int64_t record;
    int64_t edit;
};

/* What is known of a file, to see whether the name still leads to it. */
struct known_file {
    dev_t device;
    ino_t inode;
};

struct flusher;

struct store {
    char *path;
    char *vfs; /* NULL = SQLite's own */
    bool is_throwaway;
    bool is_read_only;
    bool is_frozen, is_full; /* not even its helper files can be made; no room for them */
    struct id id;
    char *owner; /* this process, in completion.owner and lease.owner */
    struct loop *loop;
    const struct clock *clock;
    struct db *db; /* the loop's: every write and every short read */
    struct known_file file;
    struct known_file log; /* the WAL */

    struct err fault; /* of the open write or read, or of the last one */

    /* While a write is open: */
    bool has_begun;
    int64_t now_ms;   /* wall clock */
    int64_t revision; /* of what it changes; 0 = nothing yet */

    struct open_edit edit;
    struct id unkept; /* the last record that could not be added, and why */
    struct err unkept_fault;

    uint64_t committed;
    int64_t changes; /* of the connection, when the write began */
    struct flusher *flusher;

    struct watcher *watchers;
    uint64_t watch_round;
    struct loop_timer *watching; /* NULL until somebody watches */
    int64_t data_version;
    bool was_lost; /* the file was not there at the last look */

    struct worker *reading;   /* for long reads; NULL until the first */
    atomic_bool is_closing;   /* whatever is long ends early */
    struct db *long_reader;   /* the reading worker's */
    struct text_index *index; /* search_index.c; NULL until the first search */
};

/* ---- a write, a read ----
 *
 * What is done between begin and end is one transaction. The first fault is kept in
 * store->fault (SQLite's, or one that err_set puts there), whatever follows does nothing,
 * and the end takes all back and tells it. So nothing between needs to look. */

void write_begin(struct store *store); /* refuses read-only, deleted and busy stores */
enum status write_end(struct store *store, struct err *err); /* commits unless faulty */
void read_begin(struct store *store);
enum status read_end(struct store *store, struct err *err);

/* In a write, for statements that need nothing but NUMBERS. */
void write_run(struct store *store, const char *sql, const int64_t *numbers,
               size_t count);
/* For those that need VALUES and have no rows. */
void write_put(struct store *store, const char *sql, const struct bound *values,
               size_t count);
/* The number that sql answers; 0 when it has no row. */
int64_t write_find(struct store *store, const char *sql, const int64_t *numbers,
                   size_t count);
/* The next number of a counter. */
int64_t write_count(struct store *store, const char *name);

/* ---- schema.c ---- */

#define SCHEMA_VERSION 8

enum status schema_prepare(struct db *db, const char *path, bool is_read_only,
                           struct err *err) __attribute__((warn_unused_result));

/* ---- flush.c ---- */

/* Notes which files are open; later, that their names still lead to them. */
void store_know_place(struct store *store);
enum status store_check_place(const struct store *store, struct err *err);

enum status flusher_start(struct store *store, struct err *err);
/* Something was committed. */
void flusher_wake(struct store *store);
/* Takes back every store_on_flushed of this ctx. */
void flusher_forget(struct flusher *flusher, const void *ctx);
/* Makes all durable, calls nobody any more. */
void flusher_free(struct flusher *flusher);

/* ---- open.c: which process something belongs to ---- */

/* True if the process that owner names still runs. self is our own name: another
 * opening by this same process is over, for a process has one store. */
bool owner_is_alive(const char *owner, const char *self);

/* ---- codec.c: the JSON of the columns ----
 * As Argilla writes it, with each value's type beside it: so a value is read back without
 * its dataset. What print returns is owned. */
char *codec_print_values(const struct values *values);
enum status codec_read_values(struct values *values, const char *json, size_t len,
                              struct err *err);
/* A whole response; NULL = pending, both ways. */
char *codec_print_response(const struct response *response);
enum status codec_read_response(struct response *response, const char *json, size_t len,
                                struct err *err);
char *codec_print_suggestions(const struct record *record); /* NULL = none */
enum status codec_read_suggestions(struct record *record, const char *json, size_t len,
                                   struct err *err);
enum status codec_read_completion(struct completion *completion, const char *json,
                                  size_t len, struct err *err);

/* ---- records.c ---- */

/* What a write must know of the record it is about. */
struct record_ref {
    int64_t row;
    int64_t dataset;
    struct id id;
    bool has_server;             /* its dataset is on one */
    bool is_remote;              /* the server has the record */
    bool is_pulled;              /* it came from the server */
    bool is_gone;                /* the server has it no more */
    bool is_deleted;             /* by the person: hidden */
    bool is_flagged, is_changed; /* see response.is_changed */
    bool has_completion;
    enum completion_state state; /* of its completion */
    enum response_status status; /* of our response */
    bool has_text;               /* more than white space in the response field */
};

/* A fault of the write when it is absent. */
void ref_find(struct store *store, const struct id *id, struct record_ref *ref);
void ref_find_row(struct store *store, int64_t row, struct record_ref *ref);
enum status say_no_record(const struct id *id, struct err *err);
/* 0 = there is none. */
int64_t record_find_row(struct store *store, const struct id *id);
/* Notes that what the screen shows of the record changes with this write. */
void record_touch(struct store *store, int64_t row);

/* Sets those flags of mask that are in flags, clears the others of mask. */
void record_put_flags(struct store *store, int64_t row, unsigned mask, unsigned flags);
/* Sets or clears one flag, and touches the record. */
void record_put_flag(struct store *store, int64_t row, unsigned flag, bool is_on);

struct record_origin {
    bool is_pulled;
    bool is_finished;
    int64_t pull; /* that saw it; 0 = none */
};
/* Adds the record and its fields; returns its row. */
int64_t record_insert(struct store *store, const struct record *record,
                      struct record_origin origin);
/* Replaces all fields; false when they are the same. */
bool record_put_fields(struct store *store, int64_t row, const struct record *record);
/* And the flags that follow from it. */
void record_put_completion(struct store *store, int64_t row,
                           const struct completion *completion);
/* Marks it as to be sent, and puts it into the outbox. */
void record_finish(struct store *store, const struct record_ref *ref);
/* Takes out gone records: those deleted here, or the others. dataset 0 = of all. */
void drop_gone(struct store *store, int64_t dataset, bool is_deleted);
/* datasets.c: a fault of the write when there is none. */
void dataset_expect(struct store *store, int64_t row);

/* Due now, with a new version, refused before or not. Nothing for a local dataset. */
void outbox_put(struct store *store, const struct record_ref *ref, enum outbox_kind kind);
void outbox_remove(struct store *store, int64_t record, enum outbox_kind kind);
/* Hidden; deleted on the server when it is time: undo reaches it until then. */
void record_delete(struct store *store, const struct record_ref *ref);
/* The server has the record under this id. */
void outbox_mark_remote(struct store *store, int64_t record, const char *remote_id);
/* Whatever of the dataset is finished and not on the server. */
void outbox_put_all(struct store *store, int64_t dataset);
/* Forgets that the server ever had the records that are in dataset (or, with only_gone,
 * those of them that are gone), and makes them due as new ones. */
void outbox_send_anew(struct store *store, int64_t dataset, bool only_gone);

/* ---- queue.c, reads.c ---- */

void record_read_fields(struct db *db, int64_t row, struct record *out);
/* Up to which the dataset has changed. */
enum status record_revision(struct db *db, int64_t dataset, int64_t *revision,
                            struct err *err);
/* run on the reading thread, then done on the loop. */
void store_read_long(struct store *store, loop_fn run, loop_fn done, void *ctx);
/* The reading thread's connection; NULL with err when there is none. */
struct db *store_long_reader(struct store *store, struct err *err);

/* ---- people.c ---- */
/* What everybody else answered, in the place of what was known of it; false when that was
 * the same. Those of another server, or of a file, have response.pull -1 and stay. */
bool record_put_peers(struct store *store, int64_t row, const struct record *record);
/* Labels, ranks and spans in a fixed order, so that the same answer is the same text. */
void values_sort_items(struct values *values);

/* ---- picks.c, bulk.c, undo.c ---- */

extern const char pick_kind[], delete_kind[], flag_kind[], unflag_kind[], note_kind[];
void record_restore(struct store *store, const struct record_ref *ref);
/* This process is at work on the bulk change, or no more. */
void bulk_hold(struct store *store, int64_t batch, bool is_held);
/* A fault of the write when another process is. */
void bulk_expect_free(struct store *store, int64_t batch);

/* ---- responses.c ---- */

/* Our response to a record beside what is known of the server's. */
struct standing {
    struct response ours;
    bool has_base; /* what the server had when we last saw it is known */
    struct response base;
    bool has_theirs; /* a clash */
    struct response theirs;
    bool is_reopened; /* the clash; base is then what the server has, be it either one */
    bool has_sent;    /* one of ours went out, and what became of it is not known */
    struct response sent;
    int64_t pull;    /* that had been begun when the server last confirmed ours */
    bool is_damaged; /* some of it could not be read */
};
/* A zeroed one is empty. What cannot be read is left out and logged. */
void standing_read(struct store *store, int64_t record, struct standing *standing);
void standing_write(struct store *store, int64_t record, const struct standing *standing);
void standing_clear(struct standing *standing);
bool response_equal(const struct response *a, const struct response *b);
/* What the queue shows of our response. */
void response_show(struct store *store, const struct record_ref *ref,
                   const struct response *response);
/* Our response becomes this one by the user's hand: into the outbox too. */
void response_change(struct store *store, const struct record_ref *ref,
                     const struct response *response);
/* And it is an undo step, see event_log_step. */
void response_change_step(struct store *store, const struct record_ref *ref,
                          const struct response *before, const struct response *response,
                          enum change_kind kind, int64_t edit);

/* The log of every change, and the steps of it that undo and redo reach. */
struct event {
    const struct record_ref *ref;
    const char *kind; /* change_kind_name, or "undo", "redo", "pull", "choose", "pick",
                         "delete" */
    int64_t of;       /* the event that is undone or redone; 0 = none */
    const struct response *before;
    const struct response *after;
    int64_t *batch; /* of the steps that are one; 0 = this is the first. NULL = alone */
};
/* Adds a line; returns its number. */
int64_t event_log(struct store *store, const struct event *event);
/* Adds one that is an undo step; what had been undone is out of reach from now on.
 * Changes with the same edit (> 0) to a record join, until another step comes between. */
int64_t event_log_step(struct store *store, const struct event *event, int64_t edit);

/* ---- pull.c: two versions of one response: the choice, and the choice taken back. Both
 * sides are kept in the choice's event, for the server may have either one by then ----
 */

/* Kinds of the events: ours is what is after keep_kind, and what was before take_kind. */
extern const char keep_kind[], take_kind[];
/* Ends the clash that standing tells of: ours stays, or becomes theirs. What the server
 * does not have is sent. Logs nothing. */
void clash_settle(struct store *store, const struct record_ref *ref,
                  struct standing *standing, bool keeps_ours);
/* Both are there again, until one is chosen; the record's base is known. */
void clash_reopen(struct store *store, const struct record_ref *ref,
                  const struct response *ours, const struct response *theirs);

#endif
