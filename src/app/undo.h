/* SPDX-License-Identifier: MIT
 *
 * undo - takes back and makes again: one change, or a bulk change as a whole, in slices
 * that keep no key waiting (session.bulk tells how far it is).
 */
#ifndef APP_UNDO_H
#define APP_UNDO_H

struct app;

void app_undo(struct app *app);
void app_redo(struct app *app);

#endif
