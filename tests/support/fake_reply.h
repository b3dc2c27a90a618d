/* SPDX-License-Identifier: MIT
 *
 * fake_reply - the steps of a scripted reply, as fake_server plays them.
 */
#ifndef TESTS_FAKE_REPLY_H
#define TESTS_FAKE_REPLY_H

#include <stddef.h>

#include "tests/support/fake_server.h"

enum step_kind {
    STEP_BYTES,
    STEP_PIECE,
    STEP_GATE,
    STEP_PAUSE,
    STEP_CLOSE,
    STEP_RESET,
    STEP_STALL
};

struct step {
    enum step_kind kind;
    char *bytes;
    size_t len; /* of bytes; the piece size; milliseconds */
};

struct fake_reply {
    struct step *steps;
    size_t count;
    struct fake_reply *next;
};

void fake_reply_free(struct fake_reply *reply);

#endif
