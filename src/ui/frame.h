/* SPDX-License-Identifier: MIT
 *
 * frame - the whole screen: what is drawn beside the session, and the drawing of it.
 *
 * Everything is drawn anew each time; only layouts of text are kept. Knows no app: a test
 * draws what it made by hand. A part's drawing stands in its room, beside its keys.
 */
#ifndef UI_FRAME_H
#define UI_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/sampling.h"
#include "text/cells.h"
#include "text/editbuf.h"
#include "text/flow.h"
#include "ui/layout.h"
#include "ui/panes.h"
#include "ui/questions.h"
#include "ui/view.h"

/* ---- record.c: the prompt pinned, the other texts below it in one scroll ---- */

/* A text of the record on its way to the screen. */
struct record_text {
    struct flow *flow;
    uint64_t source; /* hash of the field that readable was made of; 0 = of none */
    char *readable;  /* a chat, an object or an image as words; NULL = the text itself */
    size_t readable_len;
    bool is_markdown; /* of readable */
};

/* One text in the scroll: a field, or the note about how the completion ended. */
struct record_section {
    struct record_text text;
    const char *title; /* borrowed; "" = no title row */
    enum style style;  /* TEXT = as the flow has it */
    size_t first;      /* line in the scroll where it starts, the title row included */
    size_t end;        /* the line after its last */
};

struct record_pane {
    bool is_raw;
    struct id record; /* whose scroll it is */
    struct scroll prompt_scroll;
    struct scroll scroll;
    struct record_text prompt;
    struct record_section *sections;
    size_t section_count;
    size_t section_capacity; /* these have a flow */
    char title[64];          /* of the scroll's pane */
    char note[1024];
};

void record_pane_init(struct record_pane *pane);
void record_pane_clear(struct record_pane *pane);
/* Lays the view's record out for columns. Another record than last time starts at its
 * top, a streaming one at its end, the prompt of a conversation at its last turn. */
void record_pane_lay_out(struct record_pane *pane, const struct view *view, int columns);
/* Lines of the scroll; after record_pane_lay_out. */
size_t record_pane_lines(const struct record_pane *pane);
/* What the keys for reading and the wheel move, as of the last frame: the prompt when
 * only that has more than is shown. */
struct scroll *record_pane_scroll(struct record_pane *pane);
void record_pane_draw(struct record_pane *pane, const struct view *view,
                      struct cells *cells, const struct layout *layout);

/* ---- clash.c, prompt.c, settings.c: in the form's place ---- */

struct clash {
    struct flow *mine, *theirs;
};

/* The record's response has another version, and nothing is being written. */
bool clash_is_shown(const struct view *view);
int clash_measure(struct clash *clash, const struct view *view, int columns);
void clash_draw(const struct clash *clash, const struct view *view, struct cells *cells,
                struct rect rule, struct rect area);
/* A response as text, each value a line. */
void clash_write(const struct view *view, const struct response *response,
                 struct buf *out);

/* Model, temperature, max tokens, seed and system prompt as texts that are edited. */
struct sampling_form {
    struct editbuf *edits[SAMPLING_FIELD_COUNT];
    enum sampling_field focus;
    bool is_own; /* about the one request that is being written */
};

void settings_open(struct sampling_form *form, const struct sampling *sampling);
int settings_measure(struct sampling_form *form, int columns);
void settings_draw(struct sampling_form *form, const struct view *view,
                   struct cells *cells, struct rect rule, struct rect area);
void settings_hints(struct hints *hints);

struct prompt {
    struct editbuf *edit;
    struct sampling request;
    bool has_request;  /* request is for the next prompt only */
    bool is_follow_up; /* it asks on in the conversation of this record: */
    struct id follows;
    size_t follows_number; /* as the queue counts; 0 = it is not in the queue */
};

/* Lays the text out; returns the rows it wants, at least at_least. */
int prompt_measure(struct editbuf *edit, int columns, int at_least);
void prompt_draw(const struct prompt *prompt, const struct view *view,
                 struct cells *cells, struct rect rule, struct rect area);
/* A note on the record in its place; one line of it in columns col to end of a rule. */
void prompt_draw_note(struct editbuf *edit, const struct view *view, struct cells *cells,
                      struct rect rule, struct rect area);
void prompt_draw_noted(const struct view *view, struct cells *cells, int row, int col,
                       int end);
void prompt_hints(const struct view *view, struct hints *hints);

/* ---- queue.c: the records one a row ---- */

struct queue_pane {
    size_t top; /* index of the first row in view */
};

void queue_draw(struct queue_pane *pane, const struct view *view, struct cells *cells,
                struct rect area);
/* "Pending 328 │ Draft 3 │ Submitted 9 │ Discarded 0        filter: draft" */
void queue_draw_counts(const struct view *view, struct cells *cells, struct rect row);
void queue_hints(const struct view *view, struct hints *hints);

/* ---- and the models that the endpoints offer, one a row ---- */

struct models_list {
    struct editbuf *filter;
    size_t focus; /* a row of those shown */
    struct scroll scroll;
};

void models_draw(struct models_list *list, const struct view *view, struct cells *cells,
                 struct rect area);
void models_hints(const struct view *view, struct hints *hints);

/* ---- pages.c, help.c, facts.c: pages over the record ---- */

enum pager_page {
    PAGER_HELP,
    PAGER_FACTS,
    PAGER_GUIDELINES,
    PAGER_CORRECTION,
    PAGER_CREATE,
    PAGER_OUTBOX,
    PAGER_STATS,
    PAGER_PEOPLE,
    PAGER_TRACE,
    PAGER_RUN
};

struct pager {
    enum pager_page page;
    struct scroll scroll;
    struct flow *flow;
    size_t part; /* of people: the question, from 1, that a digit takes; 0 = all */
};

void pager_open(struct pager *pager, enum pager_page page);
void pager_draw(struct pager *pager, const struct view *view, struct cells *cells,
                struct rect area);
void pager_hints(const struct pager *pager, const struct view *view, struct hints *hints);

/* people.c: who answers, and what they answered to the record. */
void people_write(const struct view *view, struct buf *out);
void people_hints(const struct view *view, struct hints *hints);

size_t help_line_count(const struct view *view, int columns);
/* The first line about the keys of the mode, or of the page; 0 = they have no part. */
size_t help_line_of(const struct view *view, int columns, enum ui_mode mode,
                    enum pager_page page);
/* Lines [first, first + area.rows). */
void help_draw(const struct view *view, struct cells *cells, struct rect area,
               size_t first);

/* "smollm2 · T 0.9", what the completion was asked with; "" when it is not known. */
void facts_origin(const struct view *view, char *out, size_t size);
/* "41 tok/s · 2.1 s", "182 tok · 4.4 s", "failed". style is set when it matters. */
void facts_measure(const struct view *view, char *out, size_t size, enum style *style);
/* Why there is no text yet, or how it ended before its end; "" when all is well. */
void facts_note(const struct view *view, char *out, size_t size, enum style *style);
/* Everything that is known, one fact a line. */
void facts_write(const struct view *view, struct buf *out);

/* ---- compare_draw.c: answers to one prompt beside each other ---- */

struct compare_pane {
    struct flow *flows[PICK_MAX]; /* of the session's comparison */
    struct flow *diff;
    struct scroll scroll; /* of all of them */
    size_t first;         /* answer in view */
    size_t in_view;       /* as of the last drawing */
    size_t pair;          /* whose difference is shown, from 1; 0 = none */
    int scale;            /* the mark between two: -3 the first … 3 the second */
    size_t here;          /* in the list that is chosen from */
};

/* Which two of count the pair-th (from 1) is about; false when there are not so many. */
bool compare_pair(size_t count, size_t pair, size_t *one, size_t *other);
/* The chosen one of two on the scale: -1 the first, 1 the second; 0 = none is. */
int compare_side(const struct comparison *comparison);
void compare_draw(struct compare_pane *pane, const struct view *view,
                  struct record_pane *record, struct cells *cells, struct rect area);
void compare_hints(const struct compare_pane *pane, const struct view *view,
                   struct hints *hints);

/* ---- command.c ---- */

struct command_line {
    struct editbuf *edit;
    /* Tab goes on from what was typed, not from what it put there. */
    bool is_expanding;
    size_t index;
    char stem[256];
};

void command_draw(const struct command_line *line, const struct view *view,
                  struct cells *cells, struct rect row);
/* The ways to complete what stands there; false when there is nothing to complete. */
bool command_draw_candidates(const struct command_line *line, const struct view *view,
                             struct cells *cells, struct rect row);
void command_hints(struct hints *hints);

/* ---- browse.c ---- */

bool browse_is_first_start(const struct session *session); /* the demo is offered */
/* What stands in the record's place while there is none. */
void browse_draw_empty(const struct view *view, struct cells *cells, struct rect area);
void browse_hints(const struct view *view, struct hints *hints);

/* ---- status.c ---- */

void status_draw(const struct view *view, struct cells *cells, struct rect row);
/* Something must be said now that is worth more than the keys. */
bool status_has_notice(const struct view *view);
/* In the last row of area; a sentence too long for it starts in the row above. */
void status_draw_notice(const struct view *view, struct cells *cells, struct rect area);

/* ---- frame.c ---- */
struct frame {
    struct cells cells;
    struct record_pane record;
    struct form form;
    struct options_list options;
    struct bulk_pane bulk;
    struct span_pane span;
    struct clash clash;
    struct compare_pane compare;
    struct queue_pane queue;
    struct models_list models;
    struct datasets_list datasets;
    struct pager pager;
    struct beside beside;
    struct phrases phrases;
    struct trace_pane trace;
    struct run_shown run;
    struct prompt prompt;
    struct sampling_form sampling;
    struct command_line command;
    struct search_line search;
    struct flow *sentence; /* the one that is left when the window is too small */
    bool hides_queue;
};

void frame_init(struct frame *frame, int rows, int cols);
void frame_clear(struct frame *frame);
/* Fills frame->cells; view->rows and cols are set by it. */
void frame_draw(struct frame *frame, struct view *view);
/* Milliseconds until the frame changes by itself; -1 = it does not. */
int64_t frame_next_change(const struct view *view);

#endif
