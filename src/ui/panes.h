/* SPDX-License-Identifier: MIT
 *
 * panes - what the rooms beside the record and its form show, and the drawing of it.
 */
#ifndef UI_PANES_H
#define UI_PANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/batch.h"
#include "base/buf.h"
#include "base/id.h"
#include "config/settings.h"
#include "model/completion.h"
#include "ui/questions.h"
#include "ui/view.h"

struct frame;

/* ---- bulk.c: one answer for all that are marked or shown, in the form of its own ----
 */

struct bulk_pane {
    struct form form;
    struct record record; /* its response has what is given; nothing else is in it */
    struct dataset asked; /* what the form asks */
    bool is_writing;      /* a text, in form.edit */
    char about[64];
};

/* The view as its form is to be drawn. */
void bulk_view(struct bulk_pane *pane, struct view *view);
void bulk_hints(const struct bulk_pane *pane, const struct view *view,
                struct hints *hints);

/* ---- pages.c: the guidelines beside the record, where the screen is wide enough ---- */

struct beside {
    bool is_on; /* wanted, with room or without */
    struct flow *flow;
};

void beside_draw(struct beside *beside, const struct view *view, struct cells *cells,
                 const struct layout *layout);

/* ---- datasets.c: the datasets that can be opened, one a row: how much of each is
 * answered, and where it is ---- */

struct datasets_list {
    struct editbuf *filter;
    size_t *shown; /* choices of the session, the best fit first; owned */
    size_t count;
    size_t focus;          /* a row of those shown */
    char focused[ID_TEXT]; /* whose it is: they move while the servers answer */
    struct scroll scroll;
    bool was_sought; /* the one that was named; since then nobody has paused to read */
};

void datasets_draw(struct datasets_list *list, const struct view *view,
                   struct cells *cells, struct rect area);
void datasets_hints(const struct view *view, struct hints *hints);

/* ---- phrases.c: lines with a name and a key for each. What one often writes into the
 * feedback: the [snippets] of the configuration, then remarks that one has made more
 * than once; or the dataset's saved filters, to take or forget one ---- */

struct phrase {
    char *name; /* "" = a remark */
    char *text;
};

struct phrases {
    struct phrase items[SNIPPETS_MAX];
    size_t count;
    bool is_writing;  /* it goes in at the cursor, and writing goes on */
    bool has_filters; /* these, instead */
    size_t focus;     /* of filters */
    bool is_asked;    /* whether to forget it */
};

void phrases_clear(struct phrases *phrases);
void phrases_draw(const struct phrases *phrases, const struct view *view,
                  struct cells *cells, struct rect area);
void phrases_hints(const struct phrases *phrases, const struct view *view,
                   struct hints *hints);

/* ---- run.c: a live table of the run of a file ---- */

enum { RUN_LINES = 100 };

struct run_line {
    struct id record;
    size_t line; /* in the file */
    char model[48];
    int64_t tokens, ms; /* -1 = not known */
    char prompt[96];
    char error[200]; /* "" = it is logged */
};

struct run_shown {
    char name[128];                        /* what it reads, safe to show */
    const struct batch_progress *progress; /* NULL = there was no run */
    struct err fault;
    bool is_over;
    int64_t started_ms, ended_ms;
    struct run_line lines[RUN_LINES]; /* the last ones that ended */
    size_t count;                     /* that ended in all */
};

void run_write(const struct view *view, struct buf *out);

/* ---- search.c: what is searched for as it is typed, and the hits of the record that is
 * shown: in the prompt, the other texts and our own texts at rest, in this order ---- */

/* To be chosen once the next record is laid out. */
enum hit_wanted { HIT_WANTED_NONE, HIT_WANTED_FIRST, HIT_WANTED_LAST };

struct search_line {
    struct editbuf *edit;
    char *before;  /* what was searched for when it was opened; NULL = nothing */
    char why[200]; /* it is no pattern; "" = it is */

    struct id record; /* what follows is of this record and search */
    uint64_t number;
    size_t count;      /* hits in its texts */
    size_t chosen;     /* SIZE_MAX = none */
    bool is_new;       /* the chosen one is still to be scrolled to */
    bool is_part;      /* there may be more */
    const char *aside; /* where else it stands: "in its metadata"; NULL = nowhere */
    char where[80];    /* why the chosen one cannot be seen; "" = it can */
    enum hit_wanted wanted;
    struct id wanted_not; /* of another record than this; zero = of any */
};

/* Finds the hits of the view's record, which is laid out, and scrolls to the chosen one.
 */
void search_mark(struct frame *frame, const struct view *view);
void search_draw(const struct search_line *line, const struct view *view,
                 struct cells *cells, struct rect row);
/* "hit 3 of 12 in this record · record 4 of 57"; right-aligned. Returns the columns that
 * it takes, none when nothing is searched for. */
int search_draw_words(const struct search_line *line, const struct view *view,
                      struct cells *cells, struct rect row);
void search_hints(struct hints *hints);

/* ---- trace.c: what an agent did on the way to an answer: a page of steps that unfold
 * ---- */

struct trace_item {
    enum trace_kind kind;
    int64_t took_ms;
    char *tool, *text;
    size_t len;
    bool is_error, is_open;
};

struct trace_pane {
    struct id record; /* whose steps they are */
    size_t seen;      /* of the stream's steps, when they were read */
    bool was_streaming;
    int64_t asked_ms; /* which asking they are of, as the completion has it */
    uint64_t news;    /* the session's, when they were read */
    struct trace_item *items;
    size_t count, cursor;
    bool follows; /* the cursor is kept in view */
    struct flow *flow;
};

void trace_pane_init(struct trace_pane *pane);
void trace_pane_clear(struct trace_pane *pane);
/* The page, of view->trace. */
void trace_write(const struct view *view, struct buf *out);
void trace_follow(const struct view *view, struct scroll *scroll, int columns, int rows);
void trace_hints(const struct view *view, struct hints *hints);

#endif
