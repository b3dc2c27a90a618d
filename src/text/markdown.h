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

#include <stddef.h>

#include "text/page.h"

/* Renders one section (see mdsource.h), which starts at byte start of text, and adds its
 * lines, after an empty line if there are lines. What they say of their source is a place
 * in text. */
void markdown_render(const char *text, size_t start, size_t end, int columns,
                     struct lines *lines);

#endif
