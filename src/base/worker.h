/* SPDX-License-Identifier: MIT
 *
 * worker - one thread, from the first job on, that does jobs in the order they were
 * handed in.
 *
 * A job shares nothing with the loop but its own ctx: run() is called on the
 * worker's thread, then done() on the loop's, in the same order.
 */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "base/loop.h"

struct worker;

struct worker *worker_new(struct loop *loop);
/* done may be NULL. Never blocks. */
void worker_submit(struct worker *worker, loop_fn run, loop_fn done, void *ctx);
/* Finishes every job that was handed in, calls every done(), ends the thread. */
void worker_free(struct worker *worker);

#endif
