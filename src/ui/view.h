/* SPDX-License-Identifier: MIT
 *
 * view - what everything that draws is given, and the few shapes that all share.
 *
 * Drawing reads a const session and the record that it is told to show, and writes cells.
 * It keeps nothing but layouts of text.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "app/session.h"
#include "text/cells.h"
#include "text/editbuf.h"
#include "text/flow.h"
#include "ui/keys.h"
#include "ui/layout.h"

/* Wider lines of running text are hard to read. */
#define VIEW_TEXT_COLS_MAX 110
/* From here on there is room for words where narrow screens have figures only. */
#define VIEW_COLS_MEDIUM 60
#define VIEW_RULE_CP 0x2500 /* ─ */

/* What the keys mean just now. Typing is always a mode of its own. */
enum ui_mode {
    MODE_BROWSE,
    MODE_FEEDBACK, /* a text question is being written */
    MODE_PROMPT,
    MODE_COMMAND,
    MODE_SEARCH, /* what is searched for is being typed */
    MODE_SETTINGS,
    MODE_PAGER,    /* help, facts, guidelines, the offer to create the dataset */
    MODE_QUEUE,    /* the list of records over the whole screen */
    MODE_COMPARE,  /* answers to one prompt beside each other */
    MODE_MODELS,   /* the models that the endpoints offer */
    MODE_DATASETS, /* the datasets that can be opened */
    MODE_PHRASES,  /* one of them goes into the feedback */
    MODE_OPTIONS,  /* the options of the question in focus */
    MODE_SPAN,     /* spans are marked in a text */
    MODE_BULK,     /* the form for all that are marked or shown */
    MODE_NOTE,     /* the person's own, on the record */
    MODE_COUNT
};

/* What a click means where it is drawn; the value of each. */
enum spot_kind {
    SPOT_KEY,      /* a key: its code, and its mods from bit 32 on */
    SPOT_QUEUE,    /* a record's index */
    SPOT_STATUS,   /* the records with this status */
    SPOT_QUESTION, /* its index */
    SPOT_CHOICE,   /* of the question below it: its place */
    SPOT_ITEM,     /* a row of the list that is shown */
    SPOT_TEXT      /* the text in which spans are marked */
};

struct view {
    const struct session *session;
    const struct record *record; /* the one that is shown; NULL = none */
    size_t number;               /* its place in the queue, from 1 */
    const struct keymap *keymap;
    const struct trace_pane *trace; /* NULL = none is kept */
    size_t part;                    /* the pager's */
    const char *config_path;        /* of the file that was read, or looked for */
    bool is_plain;                  /* for screen readers: no lines, nothing that ticks */
    enum ui_mode mode;
    bool is_bulk;      /* the form is bulk.c's */
    const char *about; /* and for these: "12 marked"; NULL = the record's own */
    const struct question *question; /* in focus, or NULL; set by the frame */
    int rows, cols;  /* of the whole screen: with more, there is more to say */
    int64_t now_ms;  /* monotonic */
    int64_t wall_ms; /* since 1970 */
    /* The first line of a queue row's prompt. Never returns NULL. */
    const char *(*snippet)(void *ctx, size_t index);
    /* A record's place in the queue, from 1; 0 when it is not in it. */
    size_t (*number_of)(void *ctx, const struct id *record);
    const struct run_shown *run; /* set by the frame */
    void *ctx;                   /* of both */
};

/* bulk.c: its question, or how far it is; "" = it is at nothing. out may be used. */
const char *bulk_sentence(const struct session *session, char *out, size_t size);
/* What :bulk will be about: "7 marked". Returns out. */
const char *bulk_say_about(const struct session *session, char *out, size_t size);

/* The sign of what has the focus, in one cell; a screen reader is told with the cursor.
 */
void view_mark_focus(const struct view *view, struct cells *cells, int row, int col,
                     enum style style);
/* The same of a row of a list: all of it. Call it before the row is written. */
void view_mark_row(const struct view *view, struct cells *cells, struct rect row);
/* The stream into the record that is shown, or NULL. */
const struct stream *view_stream(const struct view *view);
/* The text of a field of it; a stream's so far. Never NULL. */
const char *view_field(const struct view *view, const struct field *field, size_t *len);

/* "── Title ──────── right ──" over the whole of row; right may be "". */
void view_rule(struct cells *cells, struct rect row, const char *title, const char *right,
               enum style right_style);
/* From its start, and how many lines are left when it is longer than area. */
void view_flow(const struct flow *flow, struct cells *cells, struct rect area);
/* The label in the first row of area, and the text that is edited behind it. */
void view_edit(struct editbuf *edit, const char *label, struct cells *cells,
               struct rect area);
/* Done of total in cols cells. */
void view_bar(struct cells *cells, int row, int col, int cols, size_t done, size_t total);
/* Adds a part to line with " · " before it; "" adds nothing. */
void view_join(char *line, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* To be used where it is made: view_count(12345).text. */
struct short_text {
    char text[64];
};
/* "12 of 40 lines", or "12/40" on narrow screens; "" when all are in view. */
struct short_text view_place(const struct view *view, const struct scroll *scroll);
struct short_text view_seconds(int64_t ms);   /* "0.4 s", "12 s", "3 min" */
struct short_text view_time(int64_t wall_ms); /* "14:02", in the local time zone */
struct short_text view_count(size_t count);   /* "12,345" */
/* The action's first key, else its name as a command (":sync"). */
struct short_text view_key(const struct view *view, enum action action);

/* ---- the line of keys ---- */

enum { HINTS_MAX = 24 };

struct hints {
    struct {
        char keys[72];
        const char *label;
    } rows[HINTS_MAX];
    size_t count;
};

/* The action's first key; left out when it is bound to nothing. */
void hints_add(struct hints *hints, const struct view *view, enum action action,
               const char *label);
/* A key with a fixed name. */
void hints_add_key(struct hints *hints, const char *keys, const char *label);
/* As many as fit, each whole; the last one always when keeps_last. */
void hints_draw(const struct hints *hints, struct cells *cells, struct rect row,
                bool keeps_last);

#endif
