/* SPDX-License-Identifier: MIT
 *
 * editor - a text handed to the user's own editor and taken back when it ends.
 *
 * The file is mode 0600 in a directory of its own, mode 0700, and is removed at the end,
 * except when an editor that failed or died has left something in it.
 * The caller leaves the terminal before and comes back when fn is called.
 */
#ifndef UI_EDITOR_H
#define UI_EDITOR_H

#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"

struct editor;

/* text: what is in the file now, without the newline that editors add; NULL when it must
 * not be used, and err says why. Called once, from the loop. */
typedef void (*editor_fn)(void *ctx, const char *text, size_t len, const struct err *err);

/* $VISUAL, else $EDITOR (with arguments and quotes, no shell), else vi. NULL and err when
 * it cannot start; fn is not called then. */
struct editor *editor_start(struct loop *loop, const char *text, size_t len, editor_fn fn,
                            void *ctx, struct err *err);
/* May be called from inside fn. Ends a running editor; its text is not taken then. */
void editor_free(struct editor *editor);

#endif
