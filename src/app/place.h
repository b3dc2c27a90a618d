/* SPDX-License-Identifier: MIT
 *
 * place - where a record stands: its number, and the command and the address that lead
 * to it.
 */
#ifndef APP_PLACE_H
#define APP_PLACE_H

#include <stdbool.h>

struct app;

/* Shows the record of that name: its number as the queue counts, or an id as
 * store_find_record takes it. One that was not read yet is waited for while the server's
 * records come; that it is nowhere is said. False: it is not shown (yet). */
bool app_goto(struct app *app, const char *name);
/* For app_open.c: records came, perhaps the one that is waited for. */
void place_look_again(struct app *app);

#endif
