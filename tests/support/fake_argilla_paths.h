/* SPDX-License-Identifier: MIT
 *
 * fake_argilla_paths - what fake_argilla does on each path. Private to fake_argilla.
 */
#ifndef TESTS_FAKE_ARGILLA_PATHS_H
#define TESTS_FAKE_ARGILLA_PATHS_H

#include <pthread.h>

#include "base/id.h"
#include "tests/support/fake_argilla.h"

struct fake_argilla {
    struct fake_server *server;
    pthread_mutex_t lock; /* guards all that follows */
    char *version;
    char *role;
    char *key;
    json_t *workspaces;
    json_t *datasets; /* of {"head","fields","questions","records"} */
    int64_t last_ms;  /* the last time that was given out */
    size_t fails, passes;
    size_t twins; /* met so far */
    int fail_code;
    char *fail_headers, *fail_body;
    size_t cut_after, hold_after;
    bool will_cut, will_hold, will_hold_search;
    enum fake_cut cut;
};

/* One request being answered. */
struct exchange {
    struct fake_argilla *fake;
    const struct fake_request *request;
    json_t *body;
    char id[ID_TEXT]; /* the one in the path */
    int code;
    json_t *answer;
};

/* Fills exchange's code and answer. */
void fake_argilla_run(struct exchange *exchange);
bool fake_argilla_writes(const struct fake_request *request);

json_t *fake_argilla_new_dataset(struct fake_argilla *fake, const json_t *body);
json_t *fake_argilla_put_record(struct fake_argilla *fake, json_t *dataset, json_t *item);
json_t *fake_argilla_put_response(struct fake_argilla *fake, json_t *record,
                                  const json_t *item);
void fake_argilla_set_id(json_t *object);
json_t *fake_argilla_find(json_t *array, const char *part, const char *key,
                          const char *text);

#endif
