/* SPDX-License-Identifier: MIT
 *
 * xalloc - memory that is there, or the program ends with a sentence.
 *
 * Every size that comes from outside is capped by its reader, so running out of
 * memory is the machine's state, not something a caller can mend.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *ptr, size_t count, size_t size);
/* Room for one item more than count: items, moved and *capacity doubled when full. */
void *xgrow(void *items, size_t count, size_t *capacity, size_t size);
char *xstrdup(const char *text);
/* NULL stays NULL. */
char *xstrdup_or_null(const char *text);
/* Copies len bytes and adds a NUL. */
char *xmemdup0(const void *bytes, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Called once before the program ends for lack of memory (to restore the
 * terminal). NULL takes it back. */
void xalloc_on_exhausted(void (*fn)(void));

#endif
