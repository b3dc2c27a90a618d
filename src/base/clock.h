/* SPDX-License-Identifier: MIT
 *
 * clock - the time, as something a test can set.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {                     /* functions that are NULL are the machine's */
    int64_t (*mono_ms)(void *ctx); /* never goes back; for durations */
    int64_t (*wall_ms)(void *ctx); /* since 1970-01-01 UTC; for records */
    void *ctx;
};

extern const struct clock clock_system;

int64_t clock_mono_ms(const struct clock *clock);
int64_t clock_wall_ms(const struct clock *clock);

/* What the calling thread has had of the processor: a bound that a busy machine keeps. */
int64_t clock_thread_ms(void);

/* Writes "2026-01-31T12:00:00.123Z" (24 bytes and a NUL). */
void clock_format_utc(int64_t wall_ms, char *out, size_t size);
/* Reads that, and what Argilla writes: a fraction of any length or none, no zone. 0 when
 * it is no time; NULL is none. */
int64_t clock_parse_utc(const char *text);
int64_t clock_parse_utc_us(const char *text); /* in microseconds */

#endif
