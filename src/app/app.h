/* SPDX-License-Identifier: MIT
 *
 * app - what a key or a command does, with or without a screen. The only place that
 * starts I/O.
 *
 * One app = one open dataset in one store, perhaps mirrored on one server. Functions
 * return at once; results show in the session, and changed() is called (at most once a
 * loop turn is enough for a painter). Command lines use app_settle to wait.
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
    const char *store_vfs; /* NULL = SQLite's own; for fault tests */
};

/* Opens the store and the dataset (creating it locally when there is no server, or when
 * it is not known yet: a server's is then opened as soon as it answers). No network
 * before it returns. */
enum status app_open(struct app **out, const struct app_options *options, struct err *err)
    __attribute__((warn_unused_result));
/* Stops streams (their text is kept as cut off) and commits everything. When that
 * fails, err says what is not on disk. Nothing but app_close may follow. */
enum status app_finish(struct app *app, struct err *err);
/* Finishes and closes. */
void app_close(struct app *app);

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

/* ---- rating (annotate.c): the current record's response ---- */
/* The rating question's value; the same again clears it. Refused numbers say so. */
void app_rate(struct app *app, int rating);
/* The feedback as it is being typed; saved as a draft at most 250 ms later. edit_end ends
 * the undo step (leaving the box). */
void app_type_feedback(struct app *app, const char *text, size_t len);
/* The same for any text question of the session's dataset. */
void app_type_text(struct app *app, const struct question *question, const char *text,
                   size_t len);
void app_end_feedback(struct app *app);
/* Any question's value: text NULL or "" removes it, and so does a rating that the
 * question does not have. */
void app_set_value(struct app *app, const struct value *value);
/* Submit checks the required questions; false when refused (the notice says why).
 * All three go to the next open record. */
bool app_submit(struct app *app);
bool app_discard(struct app *app);
bool app_draft(struct app *app);
void app_undo(struct app *app);
void app_redo(struct app *app);
/* What is done next is about what an undo under way will show: waits a commit long. */
void app_wait_for_undo(struct app *app);

/* ---- moving (navigate.c) ---- */
/* False (with a notice) at the ends. */
bool app_go(struct app *app, size_t index);
bool app_go_next(struct app *app);
bool app_go_previous(struct app *app);
bool app_go_next_open(struct app *app);
bool app_go_record(struct app *app, const struct id *record);
void app_filter(struct app *app, bool has_filter, enum response_status status);
/* Reads the queue from the store again (another process may have added to it). */
void app_reload(struct app *app);
/* The first line of a queue row's prompt, from a small cache. Never NULL. */
const char *app_snippet(struct app *app, size_t index);

/* ---- generating (generate.c) ---- */
/* Whether prompts can be sent and logged; else a notice says why not. */
bool app_can_ask(struct app *app);
/* Makes a record, shows it, streams into it. sampling NULL = the session's. parent NULL =
 * none. False with a notice when there is no endpoint or the server forbids logging. */
bool app_ask(struct app *app, const char *prompt, size_t len,
             const struct sampling *sampling, const struct id *parent);
/* A failed record is asked again in place; any other gets a sibling (parent kept). */
bool app_regenerate(struct app *app);
/* Stops the current record's stream. False when none runs. */
bool app_cancel(struct app *app);
void app_set_sampling(struct app *app, const struct sampling *sampling);
/* The unsent prompt is kept between sessions; put away says so, once it is on disk. */
void app_keep_prompt(struct app *app, const char *text);
void app_put_prompt_away(struct app *app, const char *text);
char *app_kept_prompt(struct app *app); /* owned, never NULL */
/* Former prompts, newest first. Owned by app; valid until the next call. */
char *const *app_former_prompts(struct app *app, size_t *count);
/* Command-line history, newest first, kept between sessions. */
void app_keep_command(struct app *app, const char *text);
char *const *app_former_commands(struct app *app, size_t *count);

/* ---- the server (link.c) ---- */
void app_connect(struct app *app);
/* Creates the session's dataset on the server (after dataset_missing). */
void app_create_dataset(struct app *app);
/* Sends what is unsent now, the refused too; on a screen also looks for new records. */
void app_sync(struct app *app);
/* Reads the server's records into the store (a screen does it by itself). */
void app_pull(struct app *app);
/* Lists in the session what the server has not confirmed, and why (unsent.c). */
void app_list_unsent(struct app *app);
/* Moves the local dataset of the same name to the server: what it holds is sent. False
 * when there is none, or no server, or a request is under way. */
bool app_link_local(struct app *app);

/* Runs the loop until nothing is under way: streams ended, commits confirmed, the outbox
 * empty or waiting or stopped. stop (may be NULL) ends it early when it becomes true. */
void app_settle(struct app *app, const volatile bool *stop);

#endif
