/* SPDX-License-Identifier: MIT
 *
 * server - the Argilla server behind the session's dataset: connecting, adopting its
 * dataset or creating one, sending and reading.
 */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include <stdbool.h>

struct app;
struct store;

/* Whether the key could add records to that workspace when it was used last. */
bool app_may_log(struct store *store, const char *url, const char *workspace);
void app_connect(struct app *app);
/* Creates the session's dataset, with its fields and questions, on the server (after
 * dataset_missing). */
void app_create_dataset(struct app *app);
/* Sends what is unsent now, the refused too; a screen also looks at the dataset anew
 * (guidelines, questions, whether it is still there) and for new records. */
void app_sync(struct app *app);
/* Reads what is new on the server into the store (a screen does it by itself). */
void app_pull(struct app *app);
/* Writes into the session why nothing goes to a server and what one can do, and says it
 * where it is news. */
void app_say_alone(struct app *app);
/* Lists in the session what the server has not confirmed, and why. */
void app_list_unsent(struct app *app);
/* Asks for the session's progress, where the server tells it; as often as one likes. */
void app_ask_progress(struct app *app);
/* The same at once, and what others have answered anew. */
void app_read_people(struct app *app);
/* Moves the local dataset of the same name to the server: what it holds is sent. False
 * when there is none, or no server, or a request is under way. */
bool app_link_local(struct app *app);

#endif
