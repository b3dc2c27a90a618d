/* SPDX-License-Identifier: MIT
 *
 * doctor_parts - the doctor's inside: one check after the other, each ends with
 * doctor_say.
 */
#ifndef APP_DOCTOR_PARTS_H
#define APP_DOCTOR_PARTS_H

#include <stdatomic.h>

#include "app/doctor.h"
#include "argilla/argilla.h"
#include "base/worker.h"
#include "config/endpoint.h"
#include "net/http.h"
#include "store/store.h"

struct doctor {
    struct loop *loop;
    const struct clock *clock;
    struct settings *settings;
    struct err file_err;
    doctor_fn fn;
    void *ctx;
    struct loop_timer *timer; /* starts the next check in a turn of its own */
    size_t next;              /* check */
    size_t local_count;       /* of checks that need no network */
    size_t endpoint_count;    /* as configured when it started */
    size_t server_count;
    bool is_over;
    bool is_freeing;
    enum doctor_state worst;
    char name[160];

    struct store *store;
    struct http *http;
    struct worker *worker; /* for key commands */
    atomic_bool stop;
    char *command; /* the one that runs */
    struct secret key;
    struct err key_err;
    loop_fn on_key;

    struct endpoint endpoint;       /* being checked */
    struct server_settings *server; /* being checked; in settings */
    struct argilla *argilla;
};

/* Reports the current check and goes on to the next. */
void doctor_say(struct doctor *doctor, enum doctor_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Runs the key command on a thread; on_key(doctor) then finds key and key_err. */
void doctor_fetch_key(struct doctor *doctor, const char *command, loop_fn on_key);

void doctor_check_endpoint(struct doctor *doctor, size_t index);
void doctor_check_server(struct doctor *doctor, size_t index);

#endif
