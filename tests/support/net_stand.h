/* SPDX-License-Identifier: MIT
 *
 * net_stand - what a test of the network stands on: a loop that ends by itself, HTTP and
 * a server of one's own.
 */
#ifndef TESTS_SUPPORT_NET_STAND_H
#define TESTS_SUPPORT_NET_STAND_H

#include <stdbool.h>

#include "base/loop.h"
#include "net/http.h"
#include "tests/support/fake_server.h"

struct net_stand {
    struct loop *loop;
    struct http *http;
    struct fake_server *server; /* NULL = not wanted */
    struct loop_timer *timer;   /* turns the loop, and fails the test after 20 s */
    int ticks;
};

void net_stand_start(struct net_stand *stand, bool has_server);
/* Twice is once. http may be freed, and NULL, before. */
void net_stand_end(struct net_stand *stand);

#endif
