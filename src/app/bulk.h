/* SPDX-License-Identifier: MIT
 *
 * bulk - one change to all records that are marked, or else to all that the queue shows:
 * counted, asked, then written in slices that keep no key waiting, as one undo step.
 *
 * What it is at stands in session.bulk; it goes on by itself. While it is asking, the
 * next key decides.
 */
#ifndef APP_BULK_H
#define APP_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/values.h"

struct app;

/* ---- marks: session.marks ---- */

/* Marks the queue's row, or takes its mark away. */
void app_mark(struct app *app, size_t index);
/* Marks those of first to last that the queue shows. Returns how many are new. */
size_t app_mark_range(struct app *app, size_t first, size_t last);
/* Marks these rows of the store, and no others. */
void app_mark_only(struct app *app, const int64_t *rows, size_t count);

/* ---- the change ---- */

/* What the records become. */
enum bulk_verb {
    VERB_GIVE,   /* drafts, where what is given to them is new */
    VERB_SUBMIT, /* where nothing is missing */
    VERB_DISCARD,
    VERB_DRAFT,
    VERB_CLEAR,
    VERB_FLAG,
    VERB_UNFLAG,
    VERB_DELETE
};
struct bulk_order {
    enum bulk_verb verb;
    /* before it, of GIVE, SUBMIT, DISCARD and DRAFT: */
    struct values given;    /* as given_put takes them; copied */
    bool adds;              /* its labels to those that are there */
    bool takes_suggestions; /* where there is no answer yet */
    bool is_current;        /* of the record on the screen, nothing else */
};
/* What the form of the record on the screen holds, for all: not its spans, which are in
 * its text alone. */
void app_copy_form(const struct app *app, struct values *given);
/* Counts, then asks. False with a notice when there is nothing to change, or it is not
 * allowed. */
bool app_ask_bulk(struct app *app, const struct bulk_order *order);
/* The answer to the question. */
void app_decide_bulk(struct app *app, bool is_yes);

#endif
