/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/net_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { DEADLINE_MS = 20000, TICK_MS = 5 };

static void tick(void *ctx)
{
    struct net_stand *stand = ctx;
    assert_true(++stand->ticks < DEADLINE_MS / TICK_MS);
}

void net_stand_start(struct net_stand *stand, bool has_server)
{
    *stand = (struct net_stand){.loop = loop_new()};
    stand->http = http_new(stand->loop);
    stand->server = has_server ? fake_server_new() : NULL;
    stand->timer = loop_timer_new(stand->loop, tick, stand);
    loop_timer_start(stand->timer, TICK_MS, TICK_MS);
}

void net_stand_end(struct net_stand *stand)
{
    if (!stand->loop)
        return;
    http_free(stand->http);
    loop_timer_free(stand->timer);
    loop_free(stand->loop);
    fake_server_free(stand->server);
    *stand = (struct net_stand){0};
}
