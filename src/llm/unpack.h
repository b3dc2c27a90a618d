/* SPDX-License-Identifier: MIT
 *
 * unpack - the lines of a file, whatever it is packed with: gzip and zstd are known by
 * their first bytes. Or the items of a JSON array, of whatever size. A few hundred KiB of
 * memory for any file.
 */
#ifndef LLM_UNPACK_H
#define LLM_UNPACK_H

#include <jansson.h>
#include <stdbool.h>
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
/* Whether the file is one JSON array; to be asked before anything is read. */
bool unpack_begins_array(struct unpack *unpack);
/* Its next item, an object: a new reference, and the line on which it begins. NOT_FOUND
 * at the array's end; IO when it is no object, over max bytes, or cannot be read. */
enum status unpack_item(struct unpack *unpack, size_t max, json_t **item, size_t *line,
                        struct err *err);

#endif
