/* SPDX-License-Identifier: MIT
 *
 * unpack - the lines of a file, whatever it is packed with: gzip and zstd are known by
 * their first bytes. A few hundred KiB of memory for any file.
 */
#ifndef LLM_UNPACK_H
#define LLM_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct unpack;

/* Reads fd by pread from its start, so that several may read one file. fd is borrowed;
 * name is for sentences. */
struct unpack *unpack_new(int fd, const char *name);
void unpack_free(struct unpack *unpack);
/* Replaces line by the next one, without its "\n". NOT_FOUND at the end; FULL when it is
 * longer than line's cap: it is passed over; IO when it cannot be read on. */
enum status unpack_line(struct unpack *unpack, struct buf *line, struct err *err);

#endif
