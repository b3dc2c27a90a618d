/* SPDX-License-Identifier: MIT
 *
 * bulk - the room of marks, and of one change to many records: the form that is filled
 * once for all of them, :bulk and :mark, and the question before anything is changed.
 */
#ifndef UI_BULK_H
#define UI_BULK_H

#include "ui/parts.h"

/* In its form's mode every action is its own but those of the whole program. */
bool bulk_run(struct screen *screen, enum action action);
enum action bulk_key(struct screen *screen, struct key key);
void bulk_paste(struct screen *screen, const struct event *event);
/* The dataset may ask other things now: the form is closed. */
void bulk_follow(struct screen *screen);
/* A click on a question of the form: as form_click. */
bool bulk_click(struct screen *screen, size_t question);
/* True when the key was the answer to its question. */
bool bulk_answers(struct screen *screen, struct key key);
/* :bulk and :mark */
void bulk_command(struct screen *screen, const char *text);
void bulk_mark_command(struct screen *screen, const char *text);
void bulk_say_marked(struct screen *screen);
/* The list's "W" marks from the one that was marked last to the current one; false = it
 * is another key. */
bool bulk_mark_to_here(struct screen *screen, struct key key);
/* The index-th way to go on with what stands behind :bulk, as a whole. session NULL = of
 * no dataset. False when there are not so many. */
bool bulk_complete(const char *text, size_t index, const struct session *session,
                   const struct question *focus, char *out, size_t size);

#endif
