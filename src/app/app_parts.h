/* SPDX-License-Identifier: MIT
 *
 * app_parts - the app's inside, for its own files only.
 *
 * At the bottom lie notice, unsaved (what is written) and current (the record on the
 * screen); the rooms stand on them and do not call each other: what one must know of
 * another is in the session, or comes from app_open.c. */
#ifndef APP_APP_PARTS_H
#define APP_APP_PARTS_H

#include "app/app.h"
#include "argilla/argilla.h"
#include "config/settings_parts.h"
#include "llm/llm.h"
#include "net/http.h"

enum unsaved_kind { UNSAVED_RESPONSE, UNSAVED_COMPLETION, UNSAVED_PROMPT, UNSAVED_NOTE };

/* A write that the store has not taken yet. */
struct unsaved {
    enum unsaved_kind kind;
    struct id record; /* zero: the prompt */
    char label[64];   /* "#12", "The prompt" */
    bool is_late;     /* it has failed: its row of the queue does not count it */
    bool is_typed;    /* nothing failed: it waits for a pause in the typing */
    bool is_clash;    /* the store has another response: it waits for a choice */
    bool is_aside; /* then: the store keeps it as an undo step, up to its last letter */
    int64_t step;  /* that step; 0 = none */
    struct response response, seen;
    enum change_kind change;
    int64_t edit;
    char *text, *seen_note; /* NOTE: the one that the person saw */
    size_t len;
    struct completion completion;
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
    struct keyring *keyring;
    struct session session;
    loop_fn changed;
    void *changed_ctx;
    struct id run; /* of this session, for the completions' facts */
    const char *store_vfs;
    bool loads_queue, is_closing;
    /* app_open.c's: what happened in one room and concerns another */
    void (*on_flushed)(struct app *app); /* what was committed is on disk */
    /* a record was written late, or other than it was asked for */
    void (*on_put)(struct app *app, const struct id *record);
    loop_fn on_lost;   /* server.c's: sync has not found the dataset */
    loop_fn on_found;  /* the server's dataset is here */
    loop_fn on_pulled; /* records came, or went to another row */
    loop_fn on_loaded; /* the queue is here, or all of the server's records */
    loop_fn on_undone; /* a change was taken back, or made again */

    char *demo_dir;

    /* unsaved.c */
    struct unsaved **unsaved; /* in the order in which they were asked for */
    size_t unsaved_count;
    struct err fault; /* why the first is not on disk; code OK = it is, or only waits */
    struct loop_timer *unsaved_timer;
    bool waits_for_flush;
    uint64_t shown_commit; /* the last one of the current record; 0 = none */
    uint64_t said_commit;  /* the words below are true once the disk has it */
    char said[256];
    int64_t said_over_ms;      /* the notice that they take the place of */
    bool has_draft, has_final; /* committed, and not sent yet */

    /* respond.c */
    int64_t edit, last_edit; /* of the text being written, one undo step; 0 = none */
    char *text_seen;         /* the answer's text as the open box has it; NULL */

    /* navigate.c */
    bool is_loading_queue, wants_load_again;
    int64_t revision; /* of the dataset, up to which the queue has its changes */
    struct snippet *snippets;
    struct loop_timer *place_timer;
    struct loop_timer *elsewhere_timer; /* looks after an answer that another writes */
    struct narrowing *narrowing;        /* narrow.c */
    struct searching *searching;        /* search.c; NULL = nothing is searched for */
    struct undo_work *undo_work;        /* undo.c */
    struct bulk_work *bulk_work;        /* bulk.c */
    bool shows_stats;                   /* stats.c */
    bool is_loading_stats, have_stats_failed; /* the last load */
    bool has_unsettled;                       /* what is settled is older than the rest */
    int64_t stats_revision;
    int64_t stats_began_ms, stats_due_ms; /* the last load, the next one */
    struct loop_timer *stats_timer;
    struct agents *agents;   /* agents.c */
    struct looking *looking; /* current.c */

    /* complete.c */
    struct endpoint endpoint;
    struct err endpoint_err; /* why there is none */
    struct loop_timer *checkpoint_timer;
    size_t checkpoints;    /* so far */
    struct asking **ended; /* their ends are still to be told */
    size_t ended_count;
    struct loop_timer *ended_timer;
    struct texts prompts, lines[2]; /* by enum lines_kind */

    struct shelves *shelves; /* datasets.c; NULL = never listed */
    char *wanted_record;     /* place.c: not here yet; NULL */
    bool seeks_open;         /* navigate.c: none was there yet, and no key was pressed */
    struct loop_child *browser;

    /* models.c */
    struct catalogue *catalogue, *check; /* of all; of a model that was named; NULL */
    bool has_choices;                    /* the session's are of all endpoints */

    /* server.c, mirror.c */
    struct server_settings server; /* url and workspace; key when it is known */
    struct argilla *argilla;
    struct sync *sync;
    struct outbox_counts told; /* in its last report */
    struct loop_timer *link_timer, *silence_timer, *found_timer;
    int link_attempts;
    bool is_linking, is_link_due; /* a request is under way, the first about to start */
    bool is_sync_asked;           /* by the user, who is waiting for a word */
    int64_t asked_retry_ms;       /* the retry that was due then */
    size_t last_unsent;           /* when app_settle asked for the rest to be sent */
    bool is_found_stored;         /* sync has put it into the store already */
    bool has_looked;              /* at a dataset that sync did not find */
    struct dataset found; /* the server's, to be adopted in the loop's next turn */
};

/* ---- notice.c ---- */
void app_changed(struct app *app);
/* A notice with err's sentence. */
void app_notify_err(struct app *app, const struct err *err);
/* The key that a sentence may name for an action, as it is bound now; else ":undo". */
enum { KEY_NAME_SIZE = 32 };
struct key_name {
    char text[KEY_NAME_SIZE];
};
struct key_name app_key_name(const struct app *app, enum action action);
/* "#12" as the queue shows it; its short id when the queue is not loaded. */
const char *app_record_label(const struct app *app, const struct record *record,
                             char *out, size_t size);
size_t app_name_unsaved(const struct app *app, size_t most, char *out, size_t size);
/* The server as it is called in the configuration, or else its host; safe to show. */
void app_name_server(const struct app *app, const char *url, char *out, size_t size);
/* A sentence that has only the server's address gets its name in front. */
struct err app_name_fault(const struct app *app, const char *url, const struct err *err);

/* ---- unsaved.c ---- */
/* Each writes now, after all that waits. False: it is kept, said, and tried again each
 * second and before the next write. */
bool unsaved_put_response(struct app *app, const struct record *record,
                          const struct response *response, enum change_kind kind,
                          int64_t edit);
bool unsaved_put_completion(struct app *app, const struct record *record,
                            const char *text, size_t len,
                            const struct completion *completion);
void unsaved_type_response(struct app *app, const struct record *record,
                           const struct response *response,
                           int64_t edit); /* it grows: within 250 ms */
void unsaved_type_note(struct app *app, struct record *record, const char *text,
                       const char *seen, int64_t edit); /* the record's own, too */
bool unsaved_write(struct app *app); /* all that waits; false: something still does */
/* Something failed: nothing new is begun that would have to be kept. */
bool unsaved_has_failed(const struct app *app);
struct unsaved *unsaved_find(const struct app *app, const struct id *record,
                             enum unsaved_kind kind);
/* Puts what the store does not have yet over a record as it was read. */
void unsaved_lay_over(struct app *app, struct record *record);
/* The choice in a clash within the store. */
bool unsaved_choose(struct app *app, const struct id *record, bool keeps_ours);
/* Says it once what is committed now is on disk. */
void unsaved_say_saved(struct app *app, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Something else was committed: the current record's, or not. */
void unsaved_committed(struct app *app, bool is_shown);
void unsaved_refresh(struct app *app); /* the session's save and unsaved */
void unsaved_clear(struct app *app);

/* ---- current.c ---- */
/* Shows the queue's row / the record. What was being typed is written first. */
bool current_show(struct app *app, size_t index);
void current_show_record(struct app *app, const struct record *record);
/* In the place of the queue's row, as one that has these answers (NULL = none) so far. */
void current_show_again(struct app *app, int64_t row, const struct response *answers);
/* Reads the record again, if it is the current one; its row in any case. */
void current_update(struct app *app, const struct id *record);
void current_read(struct app *app); /* the current record again */
/* The queue's row of a record as it is now. */
void current_put_row(struct app *app, const struct record *record);
void current_say_empty(struct app *app);     /* there is no record */
bool current_has_to_choose(struct app *app); /* a clash, with a notice */

/* ---- navigate.c ---- */
void navigate_open(struct app *app);
void navigate_load(struct app *app);
/* Takes in what was changed by others: another process, a pull. */
void navigate_take_changes(struct app *app);
void navigate_save_place(void *ctx); /* the app: a timer calls it, too */
/* Another dataset row is open from now on. */
void navigate_start_over(struct app *app);
/* What is deleted is not looked at any more. */
void navigate_leave_deleted(struct app *app);

/* ---- compare.c, ask.c ---- */
void compare_refresh(struct app *app); /* what is compared may have changed */
/* A copy of the endpoint of that name or URL, of the app's (NULL); its key where it is
 * known. The caller clears it. CONFIG with a sentence. */
enum status complete_endpoint(struct app *app, const char *name, struct endpoint *out,
                              struct err *err);

/* ---- complete.c ---- */
/* How it ended. err->code OK: the completion is there (done or cut). record is as it is
 * kept, NULL when it cannot be read. All is borrowed. */
struct answered {
    const struct record *record;
    const struct err *err;
    enum llm_fault fault; /* what it says of the prompts that come next */
    int64_t wait_ms;      /* the endpoint asked to wait so long; -1 = it did not */
};
struct asked {
    struct id id;       /* zero = a new one */
    const char *prompt; /* what is logged */
    size_t len;
    const struct llm_message
        *messages; /* what is asked; NULL = the prompt, by the user */
    size_t message_count;
    const char *metadata;            /* of the record, a JSON object; NULL = none */
    const char *conversation;        /* JSON of what is asked, where it is one; NULL */
    const struct endpoint *endpoint; /* NULL = the app's */
    const struct sampling *sampling;
    struct id parent;
    struct id run;
    int sample;
    void (*on_end)(void *ctx, const struct answered *answered); /* from the loop; NULL */
    /* The endpoint asked for a pause. */
    void (*on_wait)(void *ctx, const struct err *err);
    /* A whole answer came: true with the prompt that is asked next in its place, as a
     * chain does; the record keeps the last one's answer. NULL = none does. */
    bool (*on_answer)(void *ctx, const char *text, size_t len, struct buf *next);
    void *ctx;
};
extern const char complete_no_pairs[]; /* why prompts cannot be added */
/* Adds or takes the record, claims it and asks. claim says whose it is; the record is
 * handed back as it is then (the caller clears it). */
enum status complete_start(struct app *app, const struct asked *asked,
                           struct record *record, enum claim *claim, struct err *err);
void complete_cancel(struct app *app, const struct id *record);
/* Ends every stream now, keeping its text: the reason is why. */
void complete_end_all(struct app *app, const char *reason, const char *sentence);
/* Nobody with this ctx waits any more. */
void complete_forget(struct app *app, const void *ctx);
void complete_close(struct app *app);

void history_clear(struct app *app); /* ask.c */

/* ---- server.c ---- */
enum status server_open(struct app *app, struct err *err)
    __attribute__((warn_unused_result));
/* Connects, in the loop's next turn, when there is a server to connect to. */
void server_start(struct app *app, bool connects);
/* Whether what was found asks other things than the session's dataset. */
bool server_found_other_shape(const struct app *app);
bool server_adopt(struct app *app); /* true when the screen must start over */
void server_close(struct app *app);

/* ---- mirror.c ---- */
void mirror_open(struct app *app); /* the timers; there is a server */
void mirror_show_counts(struct app *app);
void mirror_count_elsewhere(struct app *app);
void mirror_follow(struct app *app); /* another process may have sent some, or added */
/* A request of ours is under way, or has ended. */
void mirror_set_linking(struct app *app, bool is_linking);
/* It is adopted in the loop's next turn: streams and typing end before. */
void mirror_take_found(struct app *app, const struct dataset *dataset, bool is_stored);
void mirror_start(struct app *app);
void mirror_drop(struct app *app);
/* Sends all there is, and on a screen reads all there is, or what is new. */
void mirror_sync(struct app *app, bool reads_all);
/* What was committed is on disk: it may be sent. */
void mirror_poke(struct app *app);
bool mirror_is_busy(const struct app *app);
/* Sends at once what waits for its delay; false when nothing more can be sent now. */
bool mirror_send_rest(struct app *app);

#endif
