/* SPDX-License-Identifier: MIT
 *
 * retry - whether and when a failed request may be tried again.
 * Source: llm-protocols.md §1.10.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "net/http.h"

struct retry_policy {
    int max_attempts;      /* in all, the first included */
    int64_t base_ms;       /* delay before the second attempt, doubled each time */
    int64_t max_ms;        /* of our own delays */
    int64_t max_server_ms; /* a server that asks for more is not waited for */
};

extern const struct retry_policy retry_model;  /* model endpoints */
extern const struct retry_policy retry_server; /* Argilla: for ever, up to 60 s apart */

/* Milliseconds to wait before attempt number attempt + 1, or -1 = give up.
 * random01 in [0,1) spreads our own delays. */
int64_t retry_delay(const struct retry_policy *policy, int attempt,
                    const struct http_reply *reply, double random01);
/* Connection errors, time-outs, 408, 429, 498, 5xx, unless x-should-retry says
 * otherwise. Not 409: for Argilla that is a conflict, which stays one. */
bool retry_is_transient(const struct http_reply *reply);
/* What a server asked for, in ms from now, at least 0: value of retry-after-ms, else of
 * Retry-After (seconds with or without a fraction, or an HTTP date). NULL = no such
 * header. -1 = not said, or not readable. */
int64_t retry_after_parse(const char *ms_value, const char *value, int64_t now_wall_ms);
/* The wait that a sentence asks for ("Please retry in 33.5s", "retry after 2 seconds",
 * "try again in 7m12.48s"), in ms; -1 = none. */
int64_t retry_wait_in_text(const char *text);
/* "33s", "1m30.5s", "250ms", "2 seconds" in ms; -1 = text begins with no such thing. */
int64_t retry_duration(const char *text);

#endif
