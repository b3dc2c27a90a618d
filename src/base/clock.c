/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct clock clock_system = {NULL, NULL, NULL};

int64_t clock_mono_ms(const struct clock *clock)
{
    return clock->mono_ms ? clock->mono_ms(clock->ctx) : read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(const struct clock *clock)
{
    return clock->wall_ms ? clock->wall_ms(clock->ctx) : read_ms(CLOCK_REALTIME);
}

int64_t clock_thread_ms(void)
{
    return read_ms(CLOCK_THREAD_CPUTIME_ID);
}

void clock_format_utc(int64_t wall_ms, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    char head[32];
    strftime(head, sizeof head, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, size, "%s.%03dZ", head, (int)(wall_ms % 1000));
}

int64_t clock_parse_utc(const char *text)
{
    return clock_parse_utc_us(text) / 1000;
}

int64_t clock_parse_utc_us(const char *text)
{
    struct tm tm = {0};
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    if (!rest)
        return 0;
    int64_t fraction = 0, unit = 100000;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += (*rest - '0') * unit;
    return (int64_t)timegm(&tm) * 1000000 + fraction;
}
