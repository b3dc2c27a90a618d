/* SPDX-License-Identifier: MIT
 *
 * doctor_parts - the doctor's inside: checks that go on at once, each ends with
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

struct check {
    struct doctor *doctor;
    char name[160];
    enum doctor_state state;
    char *text; /* NULL = it is under way */

    struct endpoint endpoint;
    struct server_settings *server; /* in settings */
    struct argilla *argilla;
    struct tool_settings *tool; /* in settings */
    struct toolset *tools;      /* of it alone: a fault of one is not the others' */
};

struct doctor {
    struct loop *loop;
    const struct clock *clock;
    struct settings *settings;
    struct err file_err;
    doctor_fn fn;
    void *ctx;
    struct loop_timer *timer; /* tells in a turn of its own */
    bool has_begun;
    size_t endpoint_count; /* as configured when it started */
    size_t server_count;
    struct check *checks; /* in their order */
    size_t count, told;
    bool is_freeing;
    enum doctor_state worst;

    struct store *store;
    struct http *http;
    struct keyring *keyring;
};

/* Ends the check; told when those before it are. */
void doctor_say(struct check *check, enum doctor_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_fail(struct check *check, const struct err *err);

/* Without a network. */
void doctor_check_locale(struct check *check);
void doctor_check_terminal(struct check *check);
void doctor_check_config(struct check *check);
void doctor_check_store(struct check *check);

#endif
