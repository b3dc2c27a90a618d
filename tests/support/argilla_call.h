/* SPDX-License-Identifier: MIT
 *
 * argilla_call - the calls of argilla.h for tests: each runs the loop until the answer
 * is there. What was borrowed in a callback is copied.
 */
#ifndef TESTS_ARGILLA_CALL_H
#define TESTS_ARGILLA_CALL_H

#include <jansson.h>

#include "argilla/argilla.h"

struct argilla_call {
    struct loop *loop;
    bool owns_loop;
    struct http *http;
    struct secret key;
    struct argilla *argilla;
    json_t *raw;
    long raw_code;
    /* of the last call */
    bool is_done;
    struct err err;
    struct argilla_identity identity;
    struct dataset dataset;
    char *names; /* "a b c" */
    size_t count;
    struct argilla_push_result *results;
    struct argilla_own_response *found;
    struct record *records;
    struct argilla_page page; /* the last one, without records */
};

void argilla_call_init(struct argilla_call *call, const char *url, const char *key);
/* On a loop of the caller's. */
void argilla_call_init_on(struct argilla_call *call, struct loop *loop, const char *url,
                          const char *key);
void argilla_call_clear(struct argilla_call *call);

enum status call_connect(struct argilla_call *call);
enum status call_list_datasets(struct argilla_call *call);
enum status call_open(struct argilla_call *call, const char *name, const char *workspace);
enum status call_create(struct argilla_call *call, const struct dataset *template);
/* An array of count records. */
enum status call_push(struct argilla_call *call, const struct record *records,
                      size_t count);
/* Our responses as the server has them, into found. */
enum status call_read(struct argilla_call *call, const struct record *records,
                      size_t count);
/* Ours over whatever is there. */
enum status call_respond(struct argilla_call *call, const struct record *records,
                         size_t count);
/* One page, or all of them. */
enum status call_page(struct argilla_call *call, const struct argilla_place *place,
                      size_t limit);
enum status call_pull(struct argilla_call *call, size_t limit);

/* Plain HTTP beside the client, for what only a test needs. body NULL = none. The answer
 * is yours; NULL when it is no JSON. *code may be NULL. */
json_t *call_raw(struct argilla_call *call, const char *method, const char *path,
                 const char *body, long *code);

/* A finished pair with a random id. */
void make_pair(struct record *record, const char *prompt, const char *response);

#endif
