/* SPDX-License-Identifier: MIT
 *
 * record_facts - what is said about the current record in few words: in the rules, in
 * the note below its text, and on the page of facts.
 */
#ifndef UI_RECORD_FACTS_H
#define UI_RECORD_FACTS_H

#include "base/buf.h"
#include "ui/view.h"

/* "Prompt #13" */
void record_title(const struct view *view, char *out, size_t size);
/* "smollm2 · T 0.9", what the answer was asked with; "" when it is not known. */
void record_origin(const struct view *view, char *out, size_t size);
/* "41 tok/s · 2.1 s", "182 tok · 4.4 s", "failed". style is set when it matters. */
void record_measure(const struct view *view, char *out, size_t size, enum style *style);
/* Why there is no text yet, or how it ended before its end; "" when all is well. */
void record_note(const struct view *view, char *out, size_t size, enum style *style);
/* Everything that is known, one fact a line, for the page of facts. */
void record_write_facts(const struct view *view, struct buf *out);

#endif
