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

#include "base/err.h"
#include "base/id.h"
#include "base/loop.h"
#include "config/settings.h"
#include "llm/llm.h"

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

/* ---- models.c: what the configured endpoints offer, all asked at once, each with its
 * key; and the screen's list of it, from which one model is taken, or several are marked
 * so that the next prompts go to all of them ---- */

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

/* The screen's: asks them all; the session's choices follow as they answer. */
void app_list_models(struct app *app);
/* For the prompts from now on. A model that is another one than before is looked for in
 * the endpoint's list: that it is not there is said, later. */
void app_set_sampling(struct app *app, const struct sampling *sampling);
/* Prompts go to that choice's endpoint and model from now on. False with a notice when it
 * cannot be used. */
bool app_use_model(struct app *app, size_t choice);
/* Marks it for the next prompts, or takes the mark away. */
void app_mark_model(struct app *app, size_t choice);

/* ---- agents.c: asking with tools: which ones, the steps that are kept, and the user's
 * word where a tool waits for it ---- */

struct agent_run;
struct stream;

/* What is asked from now on is asked by an agent with these tools (names with blanks or
 * commas between; "" = those of the configuration, or the demo's); NULL = by none. CONFIG
 * with a sentence when one of them cannot be used; BUSY while an agent runs. */
enum status app_set_agent(struct app *app, const char *tools, struct err *err)
    __attribute__((warn_unused_result));
/* A person is there to be asked before a tool runs. Without one such a tool is refused,
 * unless the settings allow all. */
void app_answer_tools(struct app *app);
/* The word for the tool that waits in this record's agent. */
void app_decide_tool(struct app *app, const struct id *record, bool is_allowed,
                     bool for_all);

/* For the app's own files. */
void agents_open(struct app *app);
void agents_close(struct app *app); /* after its agents have ended */
/* Asks in the place of llm_start, with the session's tools. Gone after END. */
struct agent_run *agents_start(struct app *app, struct stream *stream,
                               const struct llm_request *request, llm_fn fn, void *ctx);
void agents_cancel(struct agent_run *run); /* NULL is allowed */

#endif
