/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/hurry.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include <uv.h>

static int faster = 1;

void hurry(int times)
{
    faster = times;
}

int hurry_times(void)
{
    return faster;
}

/* Stands before libuv's own of that name, which calls it for each repeat as well. */
int uv_timer_start(uv_timer_t *timer, uv_timer_cb fn, uint64_t timeout, uint64_t repeat)
{
    static int (*start)(uv_timer_t *, uv_timer_cb, uint64_t, uint64_t);
    if (!start) {
        void *found = dlsym(RTLD_NEXT, "uv_timer_start");
        if (!found)
            return UV_ENOSYS;
        memcpy(&start, &found, sizeof start);
    }
    if (repeat && timeout == repeat && uv_timer_get_repeat(timer) == repeat)
        return start(timer, fn, timeout, repeat);
    uint64_t each = repeat / (uint64_t)faster;
    return start(timer, fn, timeout / (uint64_t)faster, repeat && !each ? 1 : each);
}
