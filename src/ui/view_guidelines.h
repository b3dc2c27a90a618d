/* SPDX-License-Identifier: MIT
 *
 * view_guidelines - what the dataset's makers ask for, and each question in full.
 */
#ifndef UI_VIEW_GUIDELINES_H
#define UI_VIEW_GUIDELINES_H

#include "base/buf.h"
#include "ui/view.h"

/* As Markdown: guidelines are written in it. */
void guidelines_write(const struct view *view, struct buf *out);

#endif
