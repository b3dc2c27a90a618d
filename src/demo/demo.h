/* SPDX-License-Identifier: MIT
 *
 * demo - the built-in endpoint: real HTTP on loopback, canned answers that say so,
 * streamed token by token. Speaks the openai-chat protocol.
 */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct demo;

struct demo_options {
    int64_t token_ms; /* between two tokens; 0 = as fast as it goes; -1 = default 25 */
    int port;         /* 0 = any free one */
};

/* Listens on 127.0.0.1 only, driven by the loop (no thread). */
enum status demo_start(struct demo **out, struct loop *loop,
                       const struct demo_options *options, struct err *err)
    __attribute__((warn_unused_result));
void demo_stop(struct demo *demo);
const char *demo_url(const struct demo *demo); /* "http://127.0.0.1:PORT/v1" */

/* The records that the demo's queue opens on, so that there is something to rate. */
struct demo_pair {
    const char *prompt;
    const char *response;
};
const struct demo_pair *demo_pairs(int *count);

#endif
