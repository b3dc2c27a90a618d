/* SPDX-License-Identifier: MIT
 *
 * models - what the configured endpoints offer, all asked at once, each with its key; and
 * the screen's list of it, from which one model is taken, or several are marked so that
 * the next prompts go to all of them.
 */
#ifndef APP_MODELS_H
#define APP_MODELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "config/settings.h"
#include "llm/llm.h"

struct app;

/* ---- without an open app ---- */

struct catalogue;

struct offer {
    struct catalogue *catalogue;
    struct endpoint endpoint; /* as configured; the key is never shown */
    bool is_over;             /* it has answered, or will not */
    struct err err;           /* why it does not answer; empty = it does */
    struct llm_model *models; /* owned */
    size_t count;
};

/* Asks every configured endpoint (name NULL), or that one; changed (may be NULL) is
 * called from the loop as each answers, never from inside. NULL with err for an unknown
 * name. settings must outlive it. */
struct catalogue *catalogue_start(struct loop *loop, struct settings *settings,
                                  const char *name, loop_fn changed, void *ctx,
                                  struct err *err);
const struct offer *catalogue_offers(const struct catalogue *catalogue, size_t *count);
bool catalogue_is_over(const struct catalogue *catalogue);
void catalogue_free(struct catalogue *catalogue); /* NULL is allowed */

/* ---- the screen's ---- */

/* Asks them all; the session's choices follow as they answer. */
void app_list_models(struct app *app);
/* For the prompts from now on. A model that is another one than before is looked for in
 * the endpoint's list: that it is not there is said, later. */
void app_set_sampling(struct app *app, const struct sampling *sampling);
/* Prompts go to that choice's endpoint and model from now on. False with a notice when it
 * cannot be used. */
bool app_use_model(struct app *app, size_t choice);
/* Marks it for the next prompts, or takes the mark away. */
void app_mark_model(struct app *app, size_t choice);

#endif
