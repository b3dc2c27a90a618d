/* SPDX-License-Identifier: MIT
 *
 * sse - server-sent events from bytes cut anywhere.
 * Source: WHATWG HTML 9.2.5-9.2.6, with the tolerance of llm-protocols.md §1.5:
 * an event without its last blank line is delivered at the end.
 */
#ifndef NET_SSE_H
#define NET_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define SSE_MAX_LINE ((size_t)64 << 20) /* bytes; a longer line ends the stream */

struct sse_event {
    const char *type; /* "message" unless an event: line said otherwise */
    const char *data; /* NUL-terminated, may hold NUL */
    size_t len;
    const char *error_field; /* an "error: …" line (llama.cpp before 2025-09), or NULL */
    const char *stray; /* lines of raw JSON or HTML, which belong to no field; or NULL */
};

typedef void (*sse_fn)(void *ctx, const struct sse_event *event);

struct sse {
    sse_fn fn;
    void *ctx;
    struct buf line;
    struct buf data;
    struct buf type;
    struct buf error_field;
    struct buf stray;
    bool is_early; /* data of one line that is whole JSON ends its event: there are
                    * servers that send no blank line between two */
    bool has_data;
    bool skip_lf;
    bool at_start;
    bool is_overlong;
};

void sse_init(struct sse *sse, sse_fn fn, void *ctx);
/* False once a line passed SSE_MAX_LINE. */
bool sse_feed(struct sse *sse, const char *bytes, size_t len);
/* Delivers what an unfinished last event holds. */
void sse_end(struct sse *sse);
void sse_clear(struct sse *sse);

#endif
