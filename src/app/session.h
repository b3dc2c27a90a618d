/* SPDX-License-Identifier: MIT
 *
 * session - all that a screen shows of the open dataset: plain data that app changes
 * and ui reads. Golden-screen tests build one by hand.
 */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "argilla/argilla.h"
#include "base/buf.h"
#include "config/action.h"
#include "model/dataset.h"
#include "model/queue.h"
#include "model/record.h"
#include "model/selection.h"
#include "model/stats.h"
#include "store/store.h"
#include "sync/sync.h"

struct match;

enum notice_kind { NOTICE_INFO, NOTICE_DONE, NOTICE_WARNING, NOTICE_ERROR };

/* What just happened, in one line; fades when the clock passes until_ms. */
struct notice {
    enum notice_kind kind;
    char text[512];   /* safe to show */
    int64_t until_ms; /* monotonic; 0 = nothing to show */
};

/* An answer that is being streamed into a record. */
struct stream {
    struct id record;
    int64_t row;     /* 0 until the store gave it one */
    struct buf text; /* so far */
    struct buf reasoning;
    int64_t started_ms;     /* monotonic */
    int64_t first_token_ms; /* monotonic; 0 = none yet */
    int64_t pieces;         /* text pieces so far, about tokens */
    int64_t retry_at_ms;    /* monotonic; 0 = not waiting */
    char waiting[512];      /* why it waits, the whole sentence; "" = it does not */
    bool is_agent;
    size_t steps;    /* of the agent, kept in the store */
    char doing[400]; /* the tool that it runs; "" = the model is asked */
    char asks[400];  /* the tool that waits for the user's word; "" = none does */
};

/* What the server has not confirmed, the refused first; for a page, so at most
 * UNSENT_LISTED_MAX. */
enum { UNSENT_LISTED_MAX = 200 };
struct unsent_item {
    size_t number;    /* of the record, as the queue counts; 0 = it is not in the queue */
    bool is_record;   /* the record itself; else the answer to it */
    bool is_deletion; /* or that it is to be deleted */
    int64_t due_ms;   /* then: when it is sent, on the wall clock */
    bool is_refused;
    bool is_clash; /* the server has another response: choose */
    int attempts;
    char *reason; /* NULL = no reply of the server yet */
};

struct unsent {
    struct unsent_item *items;
    size_t count;
    uint64_t news; /* the session's when it was listed */
};

/* How the words "saved" come about: shown only once the disk has the commit. */
enum save_state { SAVE_NONE, SAVE_RUNNING, SAVE_DONE, SAVE_FAILED };

/* A model that a configured endpoint offers; or an endpoint without one. */
struct model_choice {
    char *endpoint;
    char *model; /* NULL = none is known */
    char *note;  /* when it closes, or why there is none; NULL = nothing to say */
    bool is_fault;
};
/* The next prompts go to all of these, when there are any. */
struct model_mark {
    char *endpoint;
    char *model; /* NULL = the endpoint's own */
};

struct unsent_elsewhere {
    size_t count;     /* records */
    size_t on_server; /* of these, for the server of the session */
    size_t to_move;   /* of what was deleted there and made anew as the session's */
    char where[160];  /* the first such dataset: "NAME on HOST", safe to show */
};

/* The answers to one prompt beside each other, without names until one is chosen. */
enum { CANDIDATES_MAX = 64 };
struct candidate {
    int64_t row;
    size_t number;   /* as the queue counts; 0 = it is not in the queue */
    char start[200]; /* of its answer, safe to show */
    bool is_marked;  /* one of those to be compared */
};
struct comparison {
    bool is_open;
    struct candidate *candidates; /* all that there are, the oldest first */
    size_t candidate_count;
    struct record records[PICK_MAX]; /* those that are compared, as they are shown */
    size_t count;                    /* 0 = they are still to be marked */
    uint64_t seed;                   /* of their order */
    bool is_decided;                 /* and by which: */
    int chosen;                      /* -1 = they are alike */
    int strength;                    /* 0 = not said */
};

/* A dataset that can be opened: of the store, of a server, or of both. */
struct dataset_choice {
    struct dataset dataset; /* row 0 = the store does not have it; no questions then */
    char server[80];        /* its name or host, safe to show; "" = it is local */
    bool is_there;          /* its server has listed it */
    bool is_asked;          /* and was asked how much is answered */
    bool is_moved;          /* at another address than the store knows: it is read anew */
    bool is_open;
    bool has_counts;
    bool is_told;         /* its counts, or the pending ones, are the server's word */
    struct queue_sum sum; /* of the records here; its pending ones also of those there */
    size_t there;         /* records on the server; 0 = not known */
    int64_t touched_ms;   /* wall clock; 0 = not known */
    uint64_t news;        /* as below, when the store had it */
};
struct dataset_choices {
    struct dataset_choice *items; /* what was touched last comes first */
    size_t count, room;
    uint64_t news;    /* the session's when the store was listed */
    size_t awaited;   /* servers that have not answered */
    char fault[400];  /* why the last one did not; "" = all have */
    int64_t next_row; /* the one to be opened instead of this; 0 = none */
    bool is_sought;   /* one was named that is not known yet */
};

/* Records that the person has marked, by their rows, ascending. */
struct marks {
    int64_t *rows;
    size_t count, room;
    int64_t last; /* the one that was marked last; 0 = none */
};

/* One change to many records, or its undo, that goes on beside the keys. */
enum bulk_phase { BULK_NONE, BULK_COUNTING, BULK_ASKING, BULK_WRITING, BULK_WALKING };
struct bulk_shown {
    enum bulk_phase phase;
    size_t done, total; /* records */
    char text[640];     /* ASKING: the question; else what is done, "Discarding" */
};

/* Who has answered how much, as the server told last. */
struct people_told {
    int64_t row;                  /* of the dataset; 0 = not told */
    int64_t wall_ms;              /* when */
    int64_t asked_ms;             /* monotonic: the last question; 0 = none */
    struct argilla_progress told; /* owned */
    char why_not[200];            /* "" = nothing is wrong */
};

/* What is searched for; zeroed = nothing. */
struct finding {
    char *typed; /* NULL = nothing */
    struct match *match;
    uint64_t number;  /* another one each time */
    bool is_counting; /* not all records have been looked at */
    size_t records;   /* that are shown and have a hit, so far */
    size_t here;      /* the current one's place among them, from 1; 0 = it has none */
    size_t hard;      /* records that the pattern is too hard for */
};

struct session {
    struct dataset dataset;
    struct dataset_choices datasets; /* as of the last app_list_datasets */
    bool is_choosing; /* none is open: the list is all that there is to see */
    struct queue queue;
    bool is_queue_loaded;
    char *filter_text; /* the terms of the selection that is shown; NULL, "" = all */
    char *order_text;  /* its order; NULL, "" = the dataset's */
    bool is_selecting; /* not all records have been looked at yet */
    struct selection_words words; /* what a filter may name, as far as it is known */
    struct marks marks;
    struct bulk_shown bulk;
    struct record current; /* at queue.position; has_current false = none */
    struct {
        int64_t row; /* of a record that Argilla's page has there */
        size_t number;
    } web_page;
    bool has_current;
    size_t sibling_number; /* the current one's among the answers to its prompt, from 1 */
    size_t sibling_count;
    bool is_again;      /* current is a second showing, see again.h: nothing tells it */
    bool is_clash_here; /* current.theirs: another sherd wrote it into this store; else it
                         * is the server's */
    struct comparison comparison;
    struct finding finding;
    struct stream **streams; /* running */
    size_t stream_count;

    enum save_state save;
    struct notice notice;
    char unsaved[640]; /* what is not on disk, and why; "" = everything is */

    bool has_server;         /* false = local only */
    char alone[512];         /* then: why, and what one can do */
    bool is_connected;       /* the server has answered in this session */
    bool can_log;            /* false: annotator key, review mode */
    enum argilla_role role;  /* while is_connected */
    bool dataset_missing;    /* server is there, dataset is not: offer to create */
    char missing_in[128];    /* the workspace to create it in; "" = the dataset's */
    char server[160];        /* for the status line: host */
    char user[128];          /* "" = not known */
    struct sync_report sync; /* a copy; state IDLE and zeros when local */
    uint64_t news;           /* rises when what waits, or what others wrote, may be new */
    struct unsent unsent;    /* as of the last app_list_unsent */
    struct unsent_elsewhere elsewhere; /* what waits in other datasets of the store */

    enum suggestion_use suggestion_use;
    const char *correction; /* the question that the settings name for it; NULL */
    bool is_fast;           /* a key that completes the answer submits it and goes on */
    bool submits_single;    /* so does one for a dataset's only question */

    struct people_told progress;
    bool decides; /* between the answers of others: they are shown before ours is given */
    struct stats *stats; /* while app_show_stats shows them, and loaded; else NULL */

    enum status answer_code; /* of the answer that ended last: OK, AUTH… */
    bool has_endpoint;
    bool is_demo;
    bool is_read_only;        /* the store */
    char endpoint[128];       /* its name */
    struct sampling sampling; /* what the next prompt will be sent with */
    char *agent; /* names of the tools that it may use; NULL = no agent is asked */

    struct model_choice *choices; /* as of the last app_list_models */
    size_t choice_count, choice_room;
    size_t choices_awaited; /* endpoints that have not answered */
    struct model_mark *marked;
    size_t marked_count, marked_room;
};

/* The stream of a record, or NULL. */
struct stream *session_stream(const struct session *session, const struct id *record);
/* What to show as a record's prompt and response: the stream's text while it runs. A
 * record that has not the dataset's fields (it was made before they were known) shows its
 * own. Never NULL. Borrowed. */
const char *session_record_prompt(const struct session *session,
                                  const struct record *record, size_t *len);
const char *session_record_response(const struct session *session,
                                    const struct record *record, size_t *len);
/* The current record's. */
const char *session_prompt(const struct session *session, size_t *len);
const char *session_response(const struct session *session, size_t *len);
/* What a correction is of: the response, or the text of a dataset that has no other. */
const char *session_judged(const struct session *session, size_t *len);
/* "#3 was submitted and is a draft (is open) since it was changed"; false when the
 * current one is no such record. */
bool session_say_changed(const struct session *session, char *out, size_t size);
/* Another living sherd is writing this record's answer. */
bool session_is_elsewhere(const struct session *session, const struct record *record);
/* What this key's role does not allow of an action: "Adding records"; NULL = nothing. */
const char *session_lacks_right(const struct session *session, enum action action);
const char *session_role(const struct session *session); /* "annotator" */
/* Others' answers to the current record that may be shown, in order: submitted ones, and
 * only after ours is (or this person decides between them). hidden, may be NULL: how many
 * there are otherwise. */
enum { PEERS_SHOWN = 9 }; /* as many as digits */
size_t session_peers(const struct session *session, const struct peer *peers[PEERS_SHOWN],
                     size_t *hidden);
/* There is an answer to judge: text that is not only white space, and that nobody else is
 * still writing. Records that were not asked for here have what they have. */
bool session_has_answer(const struct session *session, const struct record *record);
/* The place of a mark in marked; marked_count = it has none. */
size_t session_marked(const struct session *session, const char *endpoint,
                      const char *model);
void session_clear_choices(struct session *session);
/* What is open first, then what was touched last. */
void session_sort_datasets(struct session *session);
void session_clear_datasets(struct session *session);
/* Where a record's mark stands among them, or would. */
size_t session_mark_place(const struct session *session, int64_t row);
bool session_is_marked(const struct session *session, int64_t row);
void unsent_clear(struct unsent *unsent);
void comparison_clear(struct comparison *comparison);
void session_clear(struct session *session);

#endif
