/* SPDX-License-Identifier: MIT
 *
 * section - where a Markdown text can be cut without changing what it means.
 */
#ifndef TEXT_SECTION_H
#define TEXT_SECTION_H

#include <stdbool.h>
#include <stddef.h>

/* The end (> start) of the section that starts at start (< len): up to a line after
 * an empty one that no block can span. *is_closed is false when more text at the
 * end could still move it. */
size_t section_end(const char *text, size_t len, size_t start, bool *is_closed);

#endif
