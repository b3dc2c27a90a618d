/* SPDX-License-Identifier: MIT
 *
 * respond - the person's response to the current record. Each change is one commit and,
 * but for text that is being typed, one undo step.
 */
#ifndef APP_RESPOND_H
#define APP_RESPOND_H

#include <stdbool.h>

#include "base/id.h"
#include "model/dataset.h"
#include "model/values.h"

struct app;

/* Whether there is an answer to respond to; else a notice says why not. */
bool app_can_respond(struct app *app);

enum set_how {
    SET_VALUE,  /* as it is said */
    SET_TOGGLE, /* a value that is there goes away; a suggested one is taken */
    SET_SUBMIT, /* as SET_VALUE, and an answer that is complete then is submitted in the
                 * same undo step, and left. A submitted one: as SET_TOGGLE */
    SET_GROWN,  /* as SET_VALUE, in one undo step with the change before: another digit */
    SET_GROWN_SUBMIT, /* and SET_SUBMIT, all one step */
    SET_TYPED /* a text while it grows: written at most 250 ms later, all of it one undo
               * step until app_end_text */
};
/* A value of the current record's response, of any question. text NULL or "" (a rating:
 * a number below 0) removes it; numbers that the question does not have are refused with
 * a notice. False when nothing could be set: the notice says why. */
bool app_set_value(struct app *app, const struct value *value, enum set_how how);
/* A box for the text of this question opens. What comes from elsewhere from now on is not
 * seen in it: the first letter that is typed over it makes a clash. */
void app_begin_text(struct app *app, const struct question *question);
void app_end_text(struct app *app);
/* Takes what is suggested for each question that has no answer yet, in one undo step;
 * when all have one, what is suggested for this question. In fast mode a complete answer
 * is submitted. False, with a notice, when there was nothing to take. */
bool app_take_suggestions(struct app *app, const struct question *question);
/* The question for which the response would be refused, as the form shows it, and why:
 * half a sentence. NULL = none. */
const struct question *app_find_fault(const struct app *app, const char **why);
/* Flags the record to come back to, or takes the flag away. An undo step, no answer. */
void app_toggle_flag(struct app *app);
/* The note on a record, while it grows: written at most 250 ms later, one undo step until
 * app_end_text. A blank text takes it away. seen: as the box had it before; one that
 * another sherd wrote since is one undo away, and told. */
void app_set_note(struct app *app, const struct id *id, const char *text,
                  const char *seen);
void app_set_fast(struct app *app, bool is_fast);

/* Submit checks the required questions; false when refused (the notice says why).
 * All three go on: to the next open record, or the next that the filter shows. */
bool app_submit(struct app *app);
bool app_discard(struct app *app);
bool app_draft(struct app *app);
/* Another person's answer (as session_peers counts), or that to one question (NULL = to
 * all), becomes ours, a draft. False, with a notice, when there is no such. */
bool app_take_peer(struct app *app, size_t index, const struct question *question);
/* Ends the clash of the current record (current.has_clash): ours is kept and written over
 * theirs, or theirs is taken. Undo brings back the other. False when there is none. */
bool app_choose_response(struct app *app, bool keeps_ours);

void app_undo(struct app *app);
void app_redo(struct app *app);

#endif
