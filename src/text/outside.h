/* SPDX-License-Identifier: MIT
 *
 * outside - text that was read from a file, a pipe or an editor, made alike.
 *
 * Every text that comes in whole goes through here before it is used, so that a file
 * from another system means the same in every command.
 */
#ifndef TEXT_OUTSIDE_H
#define TEXT_OUTSIDE_H

#include "base/buf.h"
#include "base/err.h"

/* Takes a byte order mark off the start and the CR off every line's end, in place.
 * Refuses (STATUS_USAGE) a byte that is no UTF-8, and NUL, with its place:
 * "NAME:LINE:COLUMN: …", columns in bytes. name needs not be safe. */
enum status outside_text(struct buf *text, const char *name, struct err *err)
    __attribute__((warn_unused_result));

#endif
