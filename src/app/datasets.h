/* SPDX-License-Identifier: MIT
 *
 * datasets - which datasets there are, in the store and on the configured servers, with
 * what is answered of each; and going over to another one.
 *
 * Going over ends this app: session.datasets.next_row names the dataset that the next one
 * is opened with (app_options.dataset_row). Nothing of it is needed for that but the row.
 */
#ifndef APP_DATASETS_H
#define APP_DATASETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;

/* Into session.datasets: what the store has at once, what the servers have when they
 * answer. */
void app_list_datasets(struct app *app);
/* Goes over to one of session.datasets; one that the store lacks is read first. False
 * when it is the one that is open. */
bool app_take_dataset(struct app *app, size_t choice);
/* Goes over to the dataset of that name: NAME, WORKSPACE/NAME, either with @SERVER (its
 * name in the configuration, its host or URL, "local"), or the server's id (eight
 * letters of its start will do). False: the store does not have it; the servers are asked
 * and it is gone over to when one of them has it. */
bool app_take_named(struct app *app, const char *name);

/* For app_open.c. The row of the dataset that the store has by that name (NULL = any), of
 * several the one with that record (NULL), on the server that --server names. 0: there is
 * none, or nothing says which: the session is choosing then. */
int64_t datasets_choose(struct app *app, const char *name, const char *record);
void datasets_close(struct app *app);

#endif
