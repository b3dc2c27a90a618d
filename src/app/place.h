/* SPDX-License-Identifier: MIT
 *
 * place - where a record stands: its number, and the command and the address that lead
 * to it.
 */
#ifndef APP_PLACE_H
#define APP_PLACE_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct buf;
struct dataset;
struct session;

/* Shows the record of that name: its number as the queue counts, or an id as
 * store_find_record takes it. One that was not read yet is waited for while the server's
 * records come; that it is nowhere is said. False: it is not shown (yet). */
bool app_goto(struct app *app, const char *name);
/* "sherd review team/news --record 3f2a9c1e-88d1", to be pasted: anybody's sherd that
 * knows the server opens it. */
void place_command(const struct session *session, struct buf *out);
/* Looks where Argilla's page has the current record, for place_address: Argilla 1.x tells
 * records in no order. */
void place_count(struct app *app);
/* The current record's address in Argilla's page, which shows records by their place
 * among those of one status: as it is here. False when no server has it. */
bool place_address(const struct session *session, struct buf *out);
/* Opens it in $BROWSER, or with xdg-open on a desktop; false where there is none. */
bool place_browse(struct app *app, const char *address);
/* The dataset of the record of that name (an id, or the number of one in the queue); 0 =
 * the store has none. */
int64_t place_home(struct app *app, const char *name, bool may_be_number);
/* Known by an address that is configured no more, or is not the one asked for by its
 * address: whether the chosen server has it too its list tells, by the id. */
bool place_is_elsewhere(const struct app *app, const struct dataset *dataset);
/* Says in which other dataset it is; false when it is in none. */
bool place_say_home(struct app *app, const char *name);
/* For app_open.c: records came, perhaps the one that is waited for. */
void place_look_again(struct app *app);

#endif
