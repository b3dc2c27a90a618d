/* SPDX-License-Identifier: MIT
 *
 * remote - the configured Argilla server, asked one thing at a time, for commands that
 * are about the server and not about a dataset's records.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include <stdbool.h>

#include "argilla/argilla.h"
#include "cli/command.h"

struct remote {
    struct cli *cli;
    struct http *http;
    struct argilla *argilla; /* NULL = no server is configured, or --local */
    bool is_over;            /* the call that was waited for has ended */
    struct err err;          /* how */
};

/* OK with argilla NULL when there is no server. */
enum status remote_open(struct remote *remote, struct cli *cli, struct err *err)
    __attribute__((warn_unused_result));
void remote_close(struct remote *remote);

/* One dataset, all of it: dataset is cleared and filled. CANCELLED on Ctrl-C. */
enum status remote_open_dataset(struct remote *remote, const char *name,
                                struct dataset *dataset, struct err *err)
    __attribute__((warn_unused_result));
enum status remote_create_dataset(struct remote *remote, const struct dataset *template,
                                  struct dataset *dataset, struct err *err)
    __attribute__((warn_unused_result));
/* fn is called with all of them. */
enum status remote_list_datasets(struct remote *remote, argilla_datasets_fn fn,
                                 struct err *err) __attribute__((warn_unused_result));

#endif
