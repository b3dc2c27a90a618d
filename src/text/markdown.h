/* SPDX-License-Identifier: MIT
 *
 * markdown - Markdown (CommonMark, tables, strikethrough, task lists) to lines.
 *
 * Differs from a web page on purpose: a newline stays a newline (verse!), link
 * targets, titles and the language of a code block are shown, HTML and link
 * definitions are shown as written. What it would lose it shows raw.
 */
#ifndef TEXT_MARKDOWN_H
#define TEXT_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "text/page.h"

/* Renders one section, which starts at byte start of text, and adds its lines, behind an
 * empty one if there are some. Their source is a place in text. */
void markdown_render(const char *text, size_t start, size_t end, int columns,
                     struct lines *lines);

/* ---- mdsource.c: a Markdown text before it is rendered: made safe and watched, so that
 * no letter of it is lost; cut where that changes nothing; its entities decoded ---- */

/* Put into "]:", so that the parser sees no link definition: it would swallow it.
 * Must be dropped from what the parser hands out. */
#define MDSOURCE_GUARD '\1'

/* From byte `at` of the safe text on it is `more` bytes longer than its source. */
struct mdsource_shift {
    size_t at;
    long more;
};

struct mdsource {
    struct buf text; /* valid UTF-8, plain newlines, no controls, guarded */
    size_t at;       /* the first letter that the parser has not handed out */
    struct mdsource_shift *shift;
    size_t shift_count, shift_capacity;
};

void mdsource_init(struct mdsource *source, const char *text, size_t len);
/* Takes what the parser handed out, in its order. */
void mdsource_feed(struct mdsource *source, const char *text, size_t len);
/* Where that which the parser hands out stands in what source was made of; SIZE_MAX when
 * it is the parser's own. */
size_t mdsource_find(const struct mdsource *source, const char *text);
void mdsource_clear(struct mdsource *source);

/* The end (> start) of the section that starts at start (< len): up to a line after
 * an empty one that no block can span. *is_closed is false when more text at the
 * end could still move it. */
size_t section_end(const char *text, size_t len, size_t start, bool *is_closed);

#define ENTITY_MAX 4 /* bytes */

/* Decodes "&amp;", "&#233;" or "&#xE9;" to UTF-8; returns the bytes, 0 when the
 * entity is not known. */
size_t entity_decode(const char *text, size_t len, char out[ENTITY_MAX]);

#endif
