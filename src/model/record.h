/* SPDX-License-Identifier: MIT
 *
 * record - one thing to rate: its fields, its response by this user, how it came
 * to be.
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "model/completion.h"
#include "model/values.h"

/* pending = no response exists. The order is that of the queue's counters. */
enum response_status {
    RESPONSE_PENDING,
    RESPONSE_DRAFT,
    RESPONSE_SUBMITTED,
    RESPONSE_DISCARDED
};
#define RESPONSE_STATUS_COUNT 4

/* How an answer came about, on the wall clock. */
struct viewing {
    int64_t
        shown_ms;   /* its record was first in view; 0 = not known, and so is the rest */
    int64_t end_ms; /* and the last line of that; 0 = never */
    int64_t answered_ms;
    int64_t paused_ms; /* of the time between: stretches of over a minute without a key */
};

struct response {
    enum response_status status;
    bool is_changed; /* see response_is_changed; of an open one only until it is read
                      * anew */
    struct values values;
    int64_t updated_ms;     /* wall clock */
    struct viewing viewing; /* of one of ours that is submitted or discarded */
};

struct record_field {
    char *name;
    char *text; /* the original bytes; may hold NUL; NUL-terminated behind len */
    size_t len;
};

/* What the person wants of the suggestions. */
enum suggestion_use {
    SUGGESTIONS_SHOW,  /* to be seen, and taken by a key */
    SUGGESTIONS_START, /* the answer starts from them */
    SUGGESTIONS_HIDDEN /* until it is submitted */
};

struct suggestion {
    struct value value;
    char *agent;  /* NULL = not said */
    char *type;   /* "model" or "human"; NULL = not said */
    double score; /* < 0 = not said */
    char *scores; /* of each of several values: a JSON array; NULL */
};

/* What another person answered. */
struct peer {
    char *user; /* their id on the server */
    char *name; /* NULL = not said */
    struct response response;
};

struct record {
    struct id id; /* ours; sent as external_id for records we made */
    int64_t row;  /* place in the store's order; 0 = not stored */
    int64_t dataset_row;
    char *external_id; /* as on the server; NULL = the id's text */
    char *remote_id;   /* the server's UUID; NULL = not there yet */
    struct record_field *fields;
    size_t field_count;
    char *metadata_json; /* an object, or NULL */
    char *note;          /* one's own about it, which no server gets; NULL = none */
    struct suggestion *suggestions;
    size_t suggestion_count;
    enum suggestion_use suggestion_use; /* app's, of the record on the screen */
    int64_t inserted_ms;                /* wall clock */
    int inserted_us;    /* of the server, beyond it: what came together has an order */
    int64_t updated_us; /* of the server, whole, in a pull; 0 = not said */
    bool has_completion;
    bool is_written; /* its response, by a model, here: it came not as a whole */
    struct completion completion;
    struct response response; /* ours */
    bool has_clash;           /* the server has another version of ours: theirs */
    struct response theirs;
    bool is_gone;      /* the server had it and has it no more */
    bool is_completed; /* it has as many submitted answers as the dataset wants */
    bool is_decided;   /* our answer was chosen between those of others */
    uint16_t flags;    /* as stored: enum queue_flag */
    bool is_damaged;   /* a part could not be read in the store, and is not here */
    bool has_peers;    /* of a pull: these are all, the key may see them */
    /* What everybody else answered, as far as it is known. */
    struct peer *peers;
    size_t peer_count;
};

void record_copy(struct record *to, const struct record *from);
void record_clear(struct record *record);
/* Whether next, in the place of now, is a draft that was submitted, as far as this store
 * has seen: one that is made a draft on purpose only if it has other values. */
bool response_is_changed(const struct response *now, const struct response *next,
                         bool is_on_purpose);
void response_copy(struct response *to, const struct response *from);
void response_clear(struct response *response);
void peer_clear(struct peer *peer);
const struct record_field *record_field(const struct record *record, const char *name);
/* Copies len bytes. Replaces a field of that name. */
void record_set_field(struct record *record, const char *name, const char *text,
                      size_t len);
/* Of our response; what others have completed is not pending (model/queue.h). */
bool record_has_status(const struct record *record, enum response_status status);
const char *response_status_name(enum response_status status); /* "pending", … */
bool response_status_parse(const char *name, enum response_status *status);
/* What the submitted answers to a rating question come to, -1 = nothing: ours, the mean
 * of everybody's, or what most gave (of a tie nothing). What one decided between them is
 * what everybody's come to. question NULL = there is none. */
enum ratings_by { RATINGS_MINE, RATINGS_MEAN, RATINGS_MAJORITY };
struct question;
double record_rating(const struct record *record, const struct question *question,
                     enum ratings_by by);

#endif
