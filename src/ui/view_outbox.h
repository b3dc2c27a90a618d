/* SPDX-License-Identifier: MIT
 *
 * view_outbox - the page of what the server has not got, and why.
 */
#ifndef UI_VIEW_OUTBOX_H
#define UI_VIEW_OUTBOX_H

#include "base/buf.h"
#include "ui/view.h"

void outbox_write(const struct view *view, struct buf *out);

#endif
