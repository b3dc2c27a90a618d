/* SPDX-License-Identifier: MIT
 *
 * ask - asking the endpoint for completions.
 *
 * Nothing is asked that cannot be kept: the record is committed and claimed first.
 */
#ifndef APP_ASK_H
#define APP_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/id.h"
#include "model/completion.h"

struct app;

/* Whether prompts can be sent and logged; else a notice says why not. */
bool app_can_ask(struct app *app);
/* Makes a record, shows it, streams into it. sampling NULL = the session's. parent NULL =
 * none. False with a notice when nothing was asked: the caller still has the prompt. */
bool app_ask(struct app *app, const char *prompt, size_t len,
             const struct sampling *sampling, const struct id *parent);
struct ask_target {
    const char *endpoint; /* name or URL; NULL = the session's */
    const char *model;    /* NULL = the session's, or that endpoint's own */
};
/* The models that are marked; count 0 = none is. Their names are borrowed from the
 * session; free() the list. */
struct ask_target *app_marked_targets(const struct app *app, size_t *count);
/* One prompt to several targets, samples times each, all at once. The first record is
 * shown, and is the parent of all the others. Returns how many were asked; 0 with a
 * notice, as when a target is unknown. */
size_t app_ask_many(struct app *app, const char *prompt, size_t len,
                    const struct ask_target *targets, size_t count, int samples,
                    const struct sampling *sampling);
/* Asks on in the conversation of a record: its prompt, its answer, then the text; by its
 * own model and parameters where sampling is NULL. With targets (count > 0) all of them
 * are asked. False, with a notice, when nothing was. */
bool app_ask_on(struct app *app, const struct id *record, const char *text, size_t len,
                const struct ask_target *targets, size_t count,
                const struct sampling *sampling);
/* A failed record is asked again in place; any other gets a sibling: with its
 * parent, or itself as the parent. */
bool app_regenerate(struct app *app);
/* Stops the current record's stream. False when none runs. */
bool app_cancel(struct app *app);

#endif
