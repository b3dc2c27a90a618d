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

#include "text/cells.h"

struct flow;
struct rich;

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

size_t flow_line_count(const struct flow *flow);
/* Draws visual lines [first, first + area.rows) into area. No allocation. */
void flow_draw(const struct flow *flow, struct cells *cells, struct rect area,
               size_t first);

#endif
