/* SPDX-License-Identifier: MIT
 *
 * view_create - exactly what would be created on the server, before it is.
 */
#ifndef UI_VIEW_CREATE_H
#define UI_VIEW_CREATE_H

#include "base/buf.h"
#include "ui/view.h"

void create_write(const struct view *view, struct buf *out);

#endif
