/* SPDX-License-Identifier: MIT
 *
 * bulk_parts - what undo.c and, on it, bulk.c and app_open.c share; marks are beside the
 * other ways through the queue.
 */
#ifndef APP_BULK_PARTS_H
#define APP_BULK_PARTS_H

#include "app/app_parts.h"

/* Of a change of many records: no part of it keeps a key waiting. */
enum { SLICE_MS = 4, SLICE_ROWS = 64, PAUSE_MS = 1, AGAIN_MS = 1000 };

/* ---- undo.c ---- */

/* A bulk change that a sherd which is gone had half done is taken back. */
void undo_open(struct app *app);
/* Takes back, by itself, a bulk change that could not be finished: why is said. */
void undo_take_back(struct app *app, int64_t batch, size_t count, const char *reason);
/* False, with a notice that begins so, while a bulk change is under way, or what was
 * typed is not in the store. */
bool undo_may_begin(struct app *app, const char *what);
/* A part of it is in the store: the queue and the record on the screen follow. */
void undo_took(struct app *app);
void undo_put_phase(struct app *app, enum bulk_phase phase, size_t done, size_t total);
/* Brings what is under way to its end, here and now; what a full disk holds up is taken
 * back at the next start. */
void undo_finish(struct app *app);
void undo_close(struct app *app);

/* ---- navigate.c ---- */

/* What a bulk change without marks is about: not the current row alone that stays in
 * sight. */
bool bulk_is_shown(const struct queue *queue, size_t index);

/* ---- bulk.c ---- */

/* What was deleted, and is out of undo's reach, leaves the store. */
void bulk_open(struct app *app);
/* Brings what is under way to its end, here and now. */
void bulk_finish(struct app *app);
void bulk_close(struct app *app);
/* The same, and what is only asked about is dropped: the dataset asks other things now.
 */
void bulk_leave(struct app *app);

#endif
