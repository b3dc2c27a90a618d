/* SPDX-License-Identifier: MIT
 *
 * remote - the server of a command, asked one thing at a time; or the store, where no
 * server is configured.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include <stdbool.h>

#include "argilla/argilla.h"

struct cli;

struct remote {
    struct cli *cli;
    struct http *http;
    struct argilla *argilla; /* NULL = no server is configured, or --local */
    const char *workspace;   /* on it; NULL = the user's first */
    size_t listed;           /* datasets that were printed */
    struct dataset *dataset; /* where the call that is waited for puts one */
    bool is_over;            /* it has ended */
    struct err err;          /* how */
};

/* The server of the settings, with its key; CONFIG when there is none. */
enum status remote_open(struct remote *remote, struct cli *cli, struct err *err);
void remote_close(struct remote *remote);
/* A call that outlives its caller's frame would write into it: only Ctrl-C leaves one
 * behind, and remote_close, which follows, ends it without its callback. */
void remote_begin(struct remote *remote, struct dataset *dataset);
/* Until the call's callback has set is_over; CANCELLED by Ctrl-C. */
enum status remote_wait(struct remote *remote, struct err *err);
/* As argilla_open_dataset does; dataset is the caller's to clear. */
enum status remote_open_dataset(struct remote *remote, const char *name,
                                struct dataset *dataset, struct err *err);
/* Makes one like template, or finds it there (is_new stays false); strict: EXISTS where
 * that one asks for something else. Without a server, in the store. */
enum status remote_create(struct remote *remote, const struct dataset *template,
                          bool is_strict, struct dataset *dataset, bool *is_new,
                          struct err *err);
/* Says that so many answers of other people do not go to the server; nothing of none. */
void remote_say_others(size_t count);

#endif
