/* SPDX-License-Identifier: MIT
 *
 * doctor - checks what sherd needs and says, a sentence each, what to do about it:
 * locale and terminal, store, config file, every endpoint, every server, every tool and
 * MCP server.
 *
 * Needs no open app: it must work when nothing else does. Never shows a key.
 */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/loop.h"
#include "config/settings.h"

struct doctor;

/* DENIED is a failure whose cause is a key or a setting. */
enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_DENIED };

struct doctor_check {
    const char *name; /* "locale", "terminal", "config", "store", "endpoint NAME",
                       * "server NAME", "tool NAME", "mcp NAME" */
    enum doctor_state state;
    const char *text; /* a sentence, safe to show */
};
/* Borrowed for the call. */
typedef void (*doctor_fn)(void *ctx, const struct doctor_check *check);

/* All are asked at once. fn is called once for each check, in a steady order (local ones
 * first, then endpoints and servers as configured), from the loop, never from inside
 * doctor_start. settings must outlive it. file_err (may be NULL) is what
 * settings_read_file or _environment said: it becomes the config check. */
struct doctor *doctor_start(struct loop *loop, const struct clock *clock,
                            struct settings *settings, const struct err *file_err,
                            doctor_fn fn, void *ctx);
bool doctor_is_over(const struct doctor *doctor);
/* Of the first check that is under way, or of the last; as in struct doctor_check. */
const char *doctor_check_name(const struct doctor *doctor);
/* The worst state so far. */
enum doctor_state doctor_worst(const struct doctor *doctor);
void doctor_free(struct doctor *doctor); /* cancels what still runs; NULL is allowed */
const char *doctor_state_name(enum doctor_state state); /* "ok", "warn", "fail", "fail" */

#endif
