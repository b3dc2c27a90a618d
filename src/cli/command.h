/* SPDX-License-Identifier: MIT
 *
 * command - what the commands share: the open app or store, waiting for it with
 * Ctrl-C, and what is said at the end. Private to cli.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"
#include "argilla/argilla.h"
#include "base/err.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "model/dataset.h"
#include "model/record.h"
#include "json/json.h"

enum { CLI_SIGNALS = 3 };

struct cli {
    const struct arguments *arguments;
    struct settings *settings;
    struct err settings_err; /* why the configuration was refused; only doctor goes on */
    struct loop *loop;
    struct app *app;     /* NULL until command_open_app */
    struct store *store; /* the app's, or that of command_open_store */
    struct output out;
    bool is_loss_told;        /* that something is not saved, and why */
    volatile bool is_stopped; /* Ctrl-C, SIGTERM or SIGHUP came */
    struct loop_signal *signals[CLI_SIGNALS];
    int64_t home;    /* the dataset of the record that a command is about; 0 */
    bool is_far;     /* and no server of it is configured */
    int64_t opened;  /* the dataset that the app opened first; 0 = none was known */
    int64_t busy_ms; /* waited for a store that another program holds */
};

/* Each returns an exit_code and has said on stderr what went wrong. */
typedef int (*command_fn)(struct cli *cli);
int command_dataset(struct cli *cli);
int command_log(struct cli *cli);
int command_ask(struct cli *cli);
int command_run(struct cli *cli);
int command_rate(struct cli *cli);
int command_discard(struct cli *cli);
int command_delete(struct cli *cli);
int command_flag(struct cli *cli);
int command_undo(struct cli *cli);
int command_records(struct cli *cli);
int command_stats(struct cli *cli);
int command_export(struct cli *cli);
int command_trace(struct cli *cli);
int command_import(struct cli *cli);
int command_sync(struct cli *cli);
int command_outbox(struct cli *cli);
int command_doctor(struct cli *cli);
int command_endpoints(struct cli *cli);

/* For timers: ctx is a bool. */
void command_set_true(void *ctx);
/* Says the sentence; returns its exit code. */
int command_fail(const struct err *err);

/* Opens the configured dataset, with its server unless --local; after command_go_home
 * that one. For commands that need its questions: waits until the server has told them,
 * if it was never asked before. A dataset that is nowhere has row 0, and is not made. */
enum status command_open_app(struct cli *cli, struct err *err)
    __attribute__((warn_unused_result));
/* Without --dataset and --server, the dataset of record (in the open store) is the one
 * that command_open_app opens. Closes the store. */
enum status command_go_home(struct cli *cli, const struct id *record, struct err *err)
    __attribute__((warn_unused_result));
/* The same, for commands that add records, to which app_make_dataset makes the dataset:
 * also waits a moment for the server to say whether the key may. AUTH when it may not. */
enum status command_open_to_log(struct cli *cli, struct err *err)
    __attribute__((warn_unused_result));
/* Waits a moment for the server to say whether the key may add and delete records; AUTH,
 * with what may be done instead, when it may not. */
enum status command_expect_owner(struct cli *cli, const char *verb, const char *instead,
                                 struct err *err) __attribute__((warn_unused_result));
/* Of the open store. */
bool command_has_records(struct cli *cli, int64_t dataset_row);
/* Opens the store alone, for commands that read: no dataset is made, nothing is sent. */
enum status command_open_store(struct cli *cli, struct err *err)
    __attribute__((warn_unused_result));
/* Waits until nothing is under way, or Ctrl-C. */
void command_settle(struct cli *cli);
/* Runs the loop until *is_done, or Ctrl-C. */
void command_wait(struct cli *cli, const bool *is_done);
/* Sends what the outbox holds and waits. DONE, or UNSENT or CONFIG with a sentence. */
int command_send(struct cli *cli);
/* Says how many are left and why; UNSENT, or CONFIG when it is for want of a key, DONE
 * when nothing waits. */
int command_say_unsent(const struct session *session, const struct outbox_counts *counts);
/* What waits in a dataset that was deleted on its server and made anew, and what to do.
 */
void command_describe_replaced(const struct dataset *dataset, size_t waiting, char *out,
                               size_t size);
/* Commits a response, as one undo step. seen (may be NULL) as for store_put_response. */
enum status command_put_response(struct cli *cli, const struct id *record,
                                 const struct response *response,
                                 const struct response *seen, enum change_kind kind,
                                 struct err *err) __attribute__((warn_unused_result));
/* After BUSY: another program holds the store. Waits a little and clears err; false,
 * with err as it was, after 20 s of that or Ctrl-C. */
bool command_wait_busy(struct cli *cli, struct err *err);
/* store_put_dataset, which so waits. replaced may be NULL. */
enum status command_put_dataset(struct cli *cli, struct dataset *dataset,
                                int64_t *replaced, struct err *err)
    __attribute__((warn_unused_result));
/* Closes what was opened; EXIT_FAILED with a sentence when something is not on disk. */
int command_close(struct cli *cli);

/* ---- find.c: which dataset ---- */

/* --dataset, or the NAME of dataset create and show (with an @), may say the place, too
 * (WORKSPACE/NAME, NAME@SERVER, NAME@deleted-N): server, workspace, name and home become
 * what it says. Closes the store. NOT_FOUND and USAGE name what there is. */
enum status command_take_place(struct cli *cli, struct err *err)
    __attribute__((warn_unused_result));
/* The only dataset in the store that place_is_called. NOT_FOUND or USAGE with the names
 * that there are. */
enum status command_find_where(struct cli *cli, const char *given,
                               struct dataset *dataset, struct err *err)
    __attribute__((warn_unused_result));
/* The dataset of that name (NULL: the configured one): the configured server's, else the
 * one that command_find_where finds. */
enum status command_find_dataset(struct cli *cli, const char *name,
                                 struct dataset *dataset, struct err *err)
    __attribute__((warn_unused_result));
/* The store lacks what the server has of it, as far as is known. */
bool command_is_unread(const struct cli *cli, const struct dataset *dataset);
void command_say_unread(struct cli *cli, const struct dataset *dataset);
/* The dataset that a command lists what the store has of: its operand's, or the
 * configured one. Opens the store; says so where the server's was never read. */
enum status command_find_read(struct cli *cli, struct dataset *dataset, struct err *err)
    __attribute__((warn_unused_result));
/* All of a file ("-": standard input), made alike by outside_text. Waits for pipes and
 * FIFOs with Ctrl-C: CANCELLED; cli NULL: it is known to be a plain file. text must be
 * empty; max bytes are taken. */
enum status command_read(struct cli *cli, const char *path, size_t max, struct buf *text,
                         struct err *err) __attribute__((warn_unused_result));
/* A file of rows, which may be of any size ("-": standard input), to be read by pread: a
 * pipe or FIFO is copied to a temporary file first. The caller closes it. */
enum status command_open_rows(struct cli *cli, const char *path, int *fd, struct err *err)
    __attribute__((warn_unused_result));
/* Of such a path, for sentences. */
const char *command_input_name(const char *path);
/* Asks on a terminal: STATUS_OK is a yes, CANCELLED a no; USAGE, which names --yes, where
 * nobody can be asked. */
enum status command_confirm(struct cli *cli, const char *question, struct err *err)
    __attribute__((warn_unused_result));
/* The same for one text of a record: the newline at its end is dropped. */
enum status command_read_stdin(struct cli *cli, struct buf *text, struct err *err)
    __attribute__((warn_unused_result));
/* Runs an api_key_cmd and waits for it with Ctrl-C. */
enum status command_fetch_key(struct cli *cli, const char *command, struct secret *key,
                              struct err *err) __attribute__((warn_unused_result));

/* --filter, --search, --order: the rows that they ask for, in order. Owned array; NULL
 * when none was given. CANCELLED by Ctrl-C. */
enum status command_select(struct cli *cli, const struct dataset *dataset, int64_t **rows,
                           size_t *count, struct err *err)
    __attribute__((warn_unused_result));

/* CONFLICT when the store has it no more: what was read of it is not all. */
enum status command_expect_there(struct cli *cli, const struct dataset *dataset,
                                 struct err *err);

/* Walks those, or all when none was given; status (NULL = any) as given. */
enum status command_each_record(struct cli *cli, const struct dataset *dataset,
                                const enum response_status *status, store_record_fn fn,
                                void *ctx, struct err *err);

/* ---- show.c: records and datasets as rows of a table, as pages and as JSON objects. The
 * names of the objects' members are a promise: docs/json.md ---- */

#define SHORT_ID 14 /* "1a2b3c4d-5e6f" and a NUL: unique among millions */

void record_short_id(const struct id *id, char out[SHORT_ID]);
/* New reference. */
json_t *record_to_json(const struct record *record, const struct dataset *dataset);
/* A wall clock time as "2026-01-31T12:00:00.123Z"; null for 0. */
json_t *time_to_json(int64_t wall_ms);

/* The titles of the table of records, and one row of it. */
void record_print_titles(struct output *out);
void record_print_row(struct output *out, const struct record *record,
                      const struct dataset *dataset);
/* With --json the whole record, else nothing: for commands whose words go to stderr. */
void record_print_json(struct output *out, const struct record *record,
                       const struct dataset *dataset);

/* Everything about one: its guidelines, a line for each field and question. */
void dataset_print(struct output *out, const struct dataset *dataset);
/* One of a list. */
void dataset_print_row(struct output *out, const struct dataset *dataset, bool is_first);

/* ---- remote.c: the server of a command, asked one thing at a time; or the store, where
 * no server is configured ---- */

struct remote {
    struct cli *cli;
    struct http *http;
    struct argilla *argilla; /* NULL = no server is configured, or --local */
    const char *workspace;   /* on it; NULL = the user's first */
    size_t listed;           /* datasets that were printed */
    struct dataset *dataset; /* where the call that is waited for puts one */
    bool is_over;            /* it has ended */
    struct err err;          /* how */
};

/* The server of the settings, with its key; CONFIG when there is none. */
enum status remote_open(struct remote *remote, struct cli *cli, struct err *err);
void remote_close(struct remote *remote);
/* A call that outlives its caller's frame would write into it: only Ctrl-C leaves one
 * behind, and remote_close, which follows, ends it without its callback. */
void remote_begin(struct remote *remote, struct dataset *dataset);
/* Until the call's callback has set is_over; CANCELLED by Ctrl-C. */
enum status remote_wait(struct remote *remote, struct err *err);
/* As argilla_open_dataset does; dataset is the caller's to clear. */
enum status remote_open_dataset(struct remote *remote, const char *name,
                                struct dataset *dataset, struct err *err);
/* Makes one like template, or finds it there (is_new stays false); strict: EXISTS where
 * that one asks for something else. Without a server, in the store. */
enum status remote_create(struct remote *remote, const struct dataset *template,
                          bool is_strict, struct dataset *dataset, bool *is_new,
                          struct err *err);
/* Says that so many answers of other people do not go to the server; nothing of none. */
void remote_say_others(size_t count);
int command_clone(struct remote *remote); /* dataset clone */

/* ---- command_ask.c: what the flags say to a record's questions ---- */

struct answer {
    const char *rating;                /* as given; NULL = leave it */
    const char *feedback;              /* NULL = leave it; "" = remove it */
    const struct arguments *arguments; /* each --answer of these */
    enum response_status status;
};
/* What the command line says, with the status that belongs to it; PENDING when nothing.
 */
struct answer answer_of(const struct arguments *arguments);
bool answer_is_given(const struct answer *answer);
/* Changes response as the answer says. A value that its question does not take, or a
 * submit that the server would refuse, is USAGE; the sentence names the question and what
 * it takes. record (NULL = none yet) has the texts that spans are in. */
enum status answer_apply(const struct answer *answer, const struct dataset *dataset,
                         const struct record *record, struct response *response,
                         struct err *err) __attribute__((warn_unused_result));

/* ---- dataset_file.c: a dataset as a file of JSON: what `sherd dataset show --json`
 * prints, and the settings.json that Argilla's own client writes; the templates in
 * data/templates are such files. docs/json.md has the members ---- */

/* Name (NULL where it has none), fields, questions, guidelines and the rest, checked by
 * the rules of every server; workspace and server are left. file is for sentences. */
enum status dataset_file_read(struct dataset *dataset, const char *text, size_t len,
                              const char *file, struct err *err)
    __attribute__((warn_unused_result));

#endif
