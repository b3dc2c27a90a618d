/* SPDX-License-Identifier: MIT
 *
 * fake_argilla - a small Argilla in memory on a fake_server, for tests of argilla, sync
 * and everything above. Answers as 2.8.0 or 1.29.1 do (compared by hand), and does the
 * bad things that real servers do not do when asked.
 *
 * One user, workspaces "argilla" and "other". A record whose prompt is "BAD" is refused
 * (422), one whose prompt is "BOOM" makes the whole request fail (500), as does "TWIN"
 * the first time, with the database's words; an answer with the feedback "ODD" makes the
 * whole request of answers be refused, one with "TWIN" is not stored the first time.
 */
#ifndef TESTS_FAKE_ARGILLA_H
#define TESTS_FAKE_ARGILLA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tests/support/fake_server.h"

#define FAKE_ARGILLA_KEY "argilla.apikey"
/* Another user, "ann": her id. */
#define FAKE_ARGILLA_PEER "2a8f3d1c-f97b-4682-b2f7-da1f00101bc4"

struct fake_argilla;

/* Where a connection is cut, and what the server has done by then. */
enum fake_cut {
    FAKE_CUT_BEFORE, /* nothing is stored */
    FAKE_CUT_AFTER,  /* all is stored, no byte of the answer comes */
    FAKE_CUT_MIDDLE, /* all is stored, half of the answer comes */
    FAKE_CUT_CLASH   /* another one has stored it at that instant: 500 */
};

struct fake_argilla *fake_argilla_new(const char *version); /* "2.8.0" */
void fake_argilla_free(struct fake_argilla *fake);
const char *fake_argilla_url(const struct fake_argilla *fake);
struct fake_server *fake_argilla_server(struct fake_argilla *fake);

/* The server is upgraded; what it holds stays. */
void fake_argilla_set_version(struct fake_argilla *fake, const char *version);
void fake_argilla_set_role(struct fake_argilla *fake, const char *role);
void fake_argilla_set_key(struct fake_argilla *fake, const char *key);
/* The next request that writes (counted from 0: this many pass before) is cut. */
void fake_argilla_cut(struct fake_argilla *fake, size_t after, enum fake_cut cut);
/* The next count requests get this answer, whatever they ask. */
void fake_argilla_fail(struct fake_argilla *fake, size_t count, int code,
                       const char *headers, const char *body);
/* So many are answered as they should be before those that fail. */
void fake_argilla_pass(struct fake_argilla *fake, size_t count);
size_t fake_argilla_fails_left(struct fake_argilla *fake);
/* The next request that writes (counted from 0: this many pass before) is done at once,
 * but answered only when the gate of the fake_server is opened. */
void fake_argilla_hold(struct fake_argilla *fake, size_t after);
/* The same for the next search for records. */
void fake_argilla_hold_search(struct fake_argilla *fake);

/* A published dataset like the guide's, in workspace "argilla"; its id, borrowed. */
const char *fake_argilla_add_dataset(struct fake_argilla *fake, const char *name);
/* A record as LangChain's handler makes it: without external_id. */
void fake_argilla_add_record(struct fake_argilla *fake, const char *dataset,
                             const char *prompt, const char *response);
/* Somebody answers record number at on the web page, as our user. */
void fake_argilla_answer(struct fake_argilla *fake, const char *dataset, size_t at,
                         const char *status, int rating);
/* The key belongs to no workspace. */
void fake_argilla_drop_workspaces(struct fake_argilla *fake);
void fake_argilla_rename_workspace(struct fake_argilla *fake, const char *from,
                                   const char *to);
/* Changes the dataset itself: {"head","fields","questions","records","properties"}. */
void fake_argilla_edit(struct fake_argilla *fake, const char *dataset,
                       void (*fn)(json_t *dataset));
/* A copy of everything: {"head","fields","questions","records"}; NULL when there is no
 * dataset of that name. json_decref it. */
json_t *fake_argilla_dataset(struct fake_argilla *fake, const char *name);
/* Requests whose method and path start so. */
size_t fake_argilla_count(struct fake_argilla *fake, const char *method,
                          const char *path);

#endif
