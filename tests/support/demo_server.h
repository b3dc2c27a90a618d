/* SPDX-License-Identifier: MIT
 *
 * demo_server - the demo's texts over real HTTP on loopback, streamed token by token as
 * openai-chat does it.
 */
#ifndef TESTS_DEMO_SERVER_H
#define TESTS_DEMO_SERVER_H

#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct demo_server;

struct demo_server_options {
    int64_t token_ms; /* between two tokens; 0 = as fast as it goes; -1 = default 25 */
    int port;         /* 0 = any free one */
};

/* Listens on 127.0.0.1 only, driven by the loop (no thread). */
enum status demo_server_start(struct demo_server **out, struct loop *loop,
                              const struct demo_server_options *options, struct err *err)
    __attribute__((warn_unused_result));
void demo_server_stop(struct demo_server *demo);
const char *
demo_server_url(const struct demo_server *demo); /* "http://127.0.0.1:PORT/v1" */

#endif
