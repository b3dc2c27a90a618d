/* SPDX-License-Identifier: MIT
 *
 * doctor_parts - the doctor's inside: one check after the other, each ends with
 * doctor_say.
 */
#ifndef APP_DOCTOR_PARTS_H
#define APP_DOCTOR_PARTS_H

#include "app/doctor.h"
#include "argilla/argilla.h"
#include "config/endpoint.h"
#include "config/settings_parts.h"
#include "llm/tools.h"
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
    size_t endpoint_count;    /* as configured when it started */
    size_t server_count;
    bool is_over;
    bool is_freeing;
    enum doctor_state worst;
    char name[160];

    struct store *store;
    struct http *http;
    struct keyring *keyring;

    struct endpoint endpoint;       /* being checked */
    struct server_settings *server; /* being checked; in settings */
    struct argilla *argilla;

    struct toolset **toolsets; /* one a tool: a fault of one is not the others' */
    size_t tool_count;
    size_t first_tool; /* the number of its check */
};

/* Reports the current check and goes on to the next. */
void doctor_say(struct doctor *doctor, enum doctor_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_fail(struct doctor *doctor, const struct err *err);

/* Without a network. */
void doctor_check_locale(struct doctor *doctor);
void doctor_check_terminal(struct doctor *doctor);
void doctor_check_config(struct doctor *doctor);
void doctor_check_store(struct doctor *doctor);

#endif
