/* SPDX-License-Identifier: MIT
 *
 * client - what an Argilla client knows and has under way. Private to src/argilla.
 */
#ifndef ARGILLA_CLIENT_H
#define ARGILLA_CLIENT_H

#include "argilla/argilla.h"

struct bulk_job;
struct collected_records;
struct job;
struct question_names;

struct argilla {
    struct http *http;
    struct loop *loop;
    char *url;
    char *host;
    struct secret key;
    bool allow_plain_key;
    bool is_connected;
    struct argilla_identity identity;
    int64_t retry_after_ms;
    long last_code;
    struct job *jobs;
    struct job *ended; /* freed on the next turn: a step may still be running in it */
    struct loop_timer *reaper;
    struct bulk_job *turn;               /* bulk.c: whose request may be on its way */
    struct bulk_job *parked;             /* ready to follow, in order */
    struct question_names *names;        /* pull.c; NULL = not known */
    struct collected_records *collected; /* collect.c; NULL = none */
};

#endif
