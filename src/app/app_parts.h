/* SPDX-License-Identifier: MIT
 *
 * app_parts - the app's inside, for its own files only: the struct, what each file
 * keeps in it, and what they ask of each other.
 */
#ifndef APP_APP_PARTS_H
#define APP_APP_PARTS_H

#include <stdatomic.h>

#include "app/app.h"
#include "argilla/argilla.h"
#include "base/worker.h"
#include "llm/llm.h"
#include "net/http.h"

/* A record with changes that reads of the store may not show yet. Its copy here wins
 * over the store's; a write that failed keeps it until the next change. */
struct flight {
    struct record record;
    size_t writes;    /* asked for, not confirmed */
    bool is_failed;   /* our response is not on disk: write it again */
    bool is_unstored; /* nor is its answer */
    enum change_kind kind;
    int64_t edit;
};

struct flights {
    struct flight **items;
    size_t count;
};

enum { SNIPPET_SLOTS = 512, SNIPPET_SIZE = 200 };

struct snippet {
    int64_t row; /* 0 = free */
    char text[SNIPPET_SIZE];
};

struct texts {
    char **items;
    size_t count;
};

struct app {
    struct loop *loop;
    const struct clock *clock;
    struct settings *settings;
    struct store *store;
    struct http *http;
    struct llm_memory *memory;
    struct session session;
    loop_fn changed;
    void *changed_ctx;
    struct id run; /* of this session, for the completions' facts */
    const char *store_vfs;
    bool loads_queue;
    bool is_closing;
    struct err unsaved; /* the last write that failed; OK = none since app_finish */
    struct loop_timer *write_timer; /* tries what had failed again */

    /* app_demo.c */
    char *demo_dir;

    /* flights.c */
    struct flights flights;
    int64_t provisional_rows; /* given out so far */

    /* annotate.c */
    struct loop_timer *feedback_timer;
    bool has_unsaved_feedback;
    int64_t edit; /* of the feedback being written, one undo step; 0 = none */
    int64_t last_edit;
    size_t undos_running; /* undo and redo */

    /* navigate.c */
    bool is_loading_queue;
    bool wants_load_again;
    struct snippet *snippets;
    struct loop_timer *place_timer;

    /* generate.c, answer.c */
    struct endpoint endpoint;
    struct err endpoint_err; /* why there is none */
    struct loop_timer *checkpoint_timer;

    /* keyring.c */
    struct worker *key_worker;
    size_t keys_running;
    atomic_bool keys_stop;

    /* link.c */
    struct server_settings server; /* url and workspace; key when it is known */
    struct argilla *argilla;
    struct sync *sync;
    struct loop_timer *link_timer;
    int link_attempts;
    bool is_linking;        /* a request of ours is under way */
    bool is_link_due;       /* the first one is about to start */
    bool is_sync_asked;     /* by the user, who is waiting for a word */
    int64_t asked_retry_ms; /* the retry that was due then */
    size_t last_unsent;     /* when app_settle asked for the rest to be sent */

    /* history.c */
    char *kept_prompt; /* NULL = as in the store */
    bool is_prompt_failed;
    struct texts prompts;
    struct texts commands;
    bool has_commands;
};

/* ---- key_name.c ---- */
/* The key that a sentence may name for an action, as it is bound now; ":undo" when it
 * has none. */
enum { KEY_NAME_SIZE = 32 };
struct key_name {
    char text[KEY_NAME_SIZE];
};
struct key_name app_key_name(const struct app *app, enum action action);

/* ---- app_open.c ---- */
void app_changed(struct app *app);
/* A notice with err's sentence. */
void app_notify_err(struct app *app, const struct err *err);
/* Something ("#12", "The prompt") did not reach the disk. */
void app_say_unsaved(struct app *app, const char *what, const struct err *err);
/* "#12" as the queue shows it; its short id when the queue is not loaded. */
const char *app_record_label(const struct app *app, const struct record *record,
                             char *out, size_t size);

/* ---- app_demo.c ---- */
enum status app_demo_open(struct app *app, int64_t token_ms, struct err *err)
    __attribute__((warn_unused_result));
void app_demo_fill(struct app *app); /* the records that its queue opens on */
void app_demo_close(struct app *app);

/* ---- flights.c ---- */
struct flight *flight_find(const struct app *app, const struct id *id);
struct flight *flight_find_row(const struct app *app, int64_t row);
/* The flight of a record, made from the current record or the store; NULL when the
 * record is nowhere. */
struct flight *flight_open(struct app *app, const struct id *id);
/* A flight for a record that is being added; gives it a provisional row at the queue's
 * end. */
struct flight *flight_new(struct app *app, const struct record *record);
bool flight_has_row(
    const struct flight *flight); /* of the store, not a provisional one */
/* The store has given the record its row. */
void flight_settle_row(struct app *app, struct flight *flight, int64_t row);
/* Copies the flight's response (and fields, completion) to where the record is shown. */
void flight_show(struct app *app, const struct flight *flight);
/* Drops the flight unless something still needs it. */
void flight_release(struct app *app, struct flight *flight);
/* After the queue was read again: puts back what that reading may have missed. */
void flight_return_all(struct app *app);
void flights_clear(struct app *app);

/* ---- annotate.c ---- */
/* Writes our response to a record; the notice after the commit is said for kinds that
 * leave the record. */
void app_put_response(struct app *app, const struct id *id,
                      const struct response *response, enum change_kind kind,
                      int64_t edit);
/* Tries the writes again that did not reach the disk. */
void app_write_failed_again(struct app *app);
/* Writes the feedback typed so far, if any waits. */
void app_flush_feedback(struct app *app);
int app_rating_of(const struct app *app, const struct response *response);

/* ---- navigate.c ---- */
void app_load_queue(struct app *app);
/* Makes the flight's record the current one; it has a row in the queue. */
void app_show_flight(struct app *app, const struct flight *flight);
void app_say_empty(struct app *app); /* there is no record */
void app_save_place(struct app *app);
/* The state of the flight's or no write at all. */
void app_refresh_save(struct app *app);

/* ---- answer.c ---- */
struct answer_spec {
    struct id id;
    const char *prompt; /* copied */
    size_t len;
    const struct sampling *sampling;
    struct id parent;
    struct id run;
    int sample;
    bool is_again;      /* the record exists: its answer is asked for anew */
    bool sends_at_once; /* does not wait until the prompt is on disk: it is elsewhere */
    /* Once, after the answer's end is committed, or when that failed; record (NULL when
     * it is nowhere) and err are borrowed. err->code OK when the answer is there (done
     * or cut). NULL = nobody waits. */
    void (*on_end)(void *ctx, const struct record *record, const struct err *err);
    /* The endpoint asked for a pause. */
    void (*on_wait)(void *ctx, const struct err *err);
    /* The stream has ended; on_end follows. */
    void (*on_streamed)(void *ctx);
    void *ctx;
};
/* Adds the record (or takes it again), then asks once that is committed. Its flight,
 * which has its row. NULL with err when the record is nowhere. */
struct flight *answer_start(struct app *app, const struct answer_spec *spec,
                            struct err *err);
void answer_cancel(struct app *app, const struct id *record);
/* Ends every stream, keeping its text as cut off. */
void answer_cancel_all(struct app *app);
/* Keeps what came so far; every second while something streams. */
void answer_checkpoint(struct app *app);
/* Writes an answer whose first writing failed. */
void answer_store_again(struct app *app, struct flight *flight);
/* The queue's flags for a record as it is now. */
uint8_t answer_flags(const struct app *app, const struct record *record);

/* ---- keyring.c ---- */
/* Runs the command; done(app, key, err) from the loop. Not called after keyring_close. */
typedef void (*keyring_fn)(struct app *app, struct secret *key, const struct err *err);
void keyring_fetch(struct app *app, const char *command, keyring_fn done);
void keyring_close(struct app *app);

/* ---- link.c ---- */
enum status link_open(struct app *app, struct err *err)
    __attribute__((warn_unused_result));
/* Connects, in the loop's next turn, when there is a server to connect to. */
void link_start(struct app *app, bool connects);
void link_poke(struct app *app, bool is_draft);
bool link_is_busy(const struct app *app);
/* Sends at once what waits for its delay; false when there is nothing more to send now.
 */
bool link_send_rest(struct app *app);
void link_close(struct app *app);

/* ---- history.c ---- */
void history_clear(struct app *app);
/* The unsent prompt, if it did not reach the disk. */
void history_write_failed_again(struct app *app);

#endif
