/* SPDX-License-Identifier: MIT
 *
 * buf - a growing byte string with a size cap.
 *
 * A zeroed buf is empty and has no cap. data is NUL-terminated whenever it is
 * not NULL; the NUL is not counted in len. Bytes may hold NUL.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL while empty and never grown */
    size_t len;
    size_t capacity;
    size_t max; /* bytes; 0 = no cap */
};

void buf_init(struct buf *buf, size_t max);
void buf_clear(struct buf *buf);
/* Keeps the memory, drops the content. */
void buf_reset(struct buf *buf);

/* These return false, and add nothing, when the cap would be passed. */
bool buf_add(struct buf *buf, const void *bytes, size_t len);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_add_byte(struct buf *buf, char byte);
bool buf_add_base64(struct buf *buf, const char *bytes, size_t len);
bool buf_addf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Removes count bytes at the front (count <= len). */
void buf_consume(struct buf *buf, size_t count);

/* The content as a C string, "" while empty. Borrowed. */
const char *buf_text(const struct buf *buf);
/* As buf_clear, and the bytes are gone: they may hold a key. */
void buf_wipe(struct buf *buf);
/* Moves the content out; never NULL; free() it. */
char *buf_take(struct buf *buf);

#endif
