/* SPDX-License-Identifier: MIT
 *
 * flow - text laid out for a width: visual lines made of styled runs.
 *
 * Two ways in: flow_set_raw keeps the text as it is, flow_set_markdown renders
 * it. Laying out text that only grew at its end costs the last block, not the
 * whole. The flow keeps its own copy of what it draws.
 */
#ifndef TEXT_FLOW_H
#define TEXT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/cells.h"
#include "text/page.h"

struct flow;
struct match;

struct flow *flow_new(void);
void flow_free(struct flow *flow);

/* Lays out text for columns (>= 1). Calling again with the same or a longer text
 * and the same width is incremental. Line breaks follow UAX 14; words longer
 * than the line are cut hard. */
void flow_set_raw(struct flow *flow, const char *text, size_t len, int columns);
/* Markdown (CommonMark, tables, strikethrough). Texts over 256 KiB are laid out
 * raw. Never loses a visible character of the text. */
void flow_set_markdown(struct flow *flow, const char *text, size_t len, int columns);
/* Text with styles of its own, as it is; laid out anew each time. */
void flow_set_rich(struct flow *flow, const struct rich *text, int columns);

/* Shows what match finds in the text, as it was handed in (so in Markdown that which
 * stands in its marks is found, and not shown). Again after each flow_set_…, where what
 * has not changed costs nothing; number tells matches apart. NULL = nothing is shown. At
 * most FLOW_HITS_MAX. False: the match is too hard for the text, or there are more. */
#define FLOW_HITS_MAX 10000
bool flow_find(struct flow *flow, struct match *match, uint64_t number);
size_t flow_hit_count(const struct flow *flow);
/* The visual line in which the index-th begins; SIZE_MAX when nothing of it is shown. */
size_t flow_hit_line(const struct flow *flow, size_t index);
/* The one that stands out; SIZE_MAX = none. */
void flow_choose_hit(struct flow *flow, size_t index);

size_t flow_line_count(const struct flow *flow);
/* Draws visual lines [first, first + area.rows) into area. No allocation. */
void flow_draw(const struct flow *flow, struct cells *cells, struct rect area,
               size_t first);

/* ---- text with stretches of it marked: in brackets with a label, "[Ana|Person]", so
 * that it reads without colour; marks may lie over each other ---- */

struct stretch {
    size_t start, end; /* bytes of the text */
    const char *open, *close;
    const char *label; /* between the text and close; NULL = none */
    enum style style;  /* of the text; of marks over each other the last one's counts */
};

/* From this byte of the text on it stands there in rich. */
struct marked_shift {
    size_t text, rich;
};

/* A zeroed struct is empty. */
struct marked {
    struct rich rich;
    struct marked_shift *shifts;
    size_t count, capacity;
};

/* Replaces what is there. Marks outside of the text are left out. */
void marked_make(struct marked *marked, const char *text, size_t len,
                 const struct stretch *marks, size_t count);
/* Where in rich the text's byte at stands; and which byte of the text stands there, or
 * the one behind a bracket that does. */
size_t marked_place(const struct marked *marked, size_t at);
size_t marked_text(const struct marked *marked, size_t place);
void marked_clear(struct marked *marked);

#endif
