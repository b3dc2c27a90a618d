/* SPDX-License-Identifier: MIT
 *
 * clipboard - text as the escape sequence that puts it into a terminal's clipboard.
 * Source: xterm's ctlseqs, OSC 52; RFC 4648 for base64.
 */
#ifndef TERM_CLIPBOARD_H
#define TERM_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define CLIPBOARD_MAX ((size_t)74994) /* bytes of base64 that xterm and tmux take */

/* Adds the sequence to out; false, and nothing added, when the text is too long. */
bool clipboard_sequence(struct buf *out, const char *text, size_t len);

#endif
