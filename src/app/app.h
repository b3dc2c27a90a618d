/* SPDX-License-Identifier: MIT
 *
 * app - what a key or a command does, with or without a screen. The only place that
 * starts I/O.
 *
 * One app = one open dataset in one store, perhaps mirrored on one server. Functions
 * return at once; results show in the session, and changed() is called (at most once a
 * loop turn is enough for a painter). Command lines use app_settle to wait.
 *
 * Its rooms: respond (rating, text, submit, undo), ask (prompts, answers that stream),
 * navigate (moving, the filter), server (the mirror), stats, batch (many prompts).
 */
#ifndef APP_APP_H
#define APP_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/session.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "config/settings.h"

struct app;

struct app_options {
    struct loop *loop;
    const struct clock *clock; /* NULL = the machine's */
    struct settings
        *settings;         /* kept, must outlive the app; resolved endpoint and server */
    bool is_demo;          /* starts the built-in endpoint and a throw-away store */
    int64_t demo_token_ms; /* -1 = default */
    bool loads_queue;      /* a screen: load every row; command lines need not */
    bool connects;         /* contact the server (if any) by itself */
    bool only_known;       /* a dataset that neither store nor server has is not made
                            * before app_make_dataset, or a prompt is asked */
    int64_t dataset_row;   /* of the store, where it is known; 0 = the configured one */
    bool chooses;          /* the dataset named review (NULL = to be chosen from a list),
                            * as app_take_named finds it: the session may be choosing */
    const char *review;
    const char *record;    /* to open on, as app_goto has it; NULL = where one was */
    const char *store_vfs; /* NULL = SQLite's own; for fault tests */
};

/* Opens the store and the dataset (creating it locally when there is no server, or when
 * it is not known yet: a server's is then opened as soon as it answers). No network
 * before it returns. */
enum status app_open(struct app **out, const struct app_options *options, struct err *err)
    __attribute__((warn_unused_result));
/* Into the store, where the session's dataset is only named so far. */
enum status app_make_dataset(struct app *app, struct err *err);
/* Stops streams (their text is kept as cut off, finish reason "quit") and makes all
 * durable. err says what is not on disk. Only app_close may follow. */
enum status app_finish(struct app *app, struct err *err);
/* Finishes and closes. */
void app_close(struct app *app);
/* Runs the loop until nothing is under way: streams ended, changes on disk, the outbox
 * empty or waiting or stopped. A store that another program holds is waited for, a minute
 * at most. stop (may be NULL) ends it early when it becomes true. */
void app_settle(struct app *app, const volatile bool *stop);

const struct session *app_session(const struct app *app);
struct store *app_store(struct app *app);
struct loop *app_loop(struct app *app);
void app_on_change(struct app *app, loop_fn changed, void *ctx);
/* Shows a sentence in the notice line for three seconds (errors: fifteen, or until
 * app_dismiss_notice). */
void app_notify(struct app *app, enum notice_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A key was pressed: what stands there has been seen. */
void app_dismiss_notice(struct app *app);

/* The unsent prompt is kept between sessions; put away says so, once it is on disk. */
void app_keep_prompt(struct app *app, const char *text);
void app_put_prompt_away(struct app *app, const char *text);
char *app_kept_prompt(struct app *app); /* owned, never NULL */
/* Former prompts, newest first. Owned by app; valid until the next call. */
char *const *app_former_prompts(struct app *app, size_t *count);
/* Command-line history, newest first, kept between sessions. */
void app_keep_command(struct app *app, const char *text);
char *const *app_former_commands(struct app *app, size_t *count);

#endif
