/* SPDX-License-Identifier: MIT
 *
 * rater - a reviewer at random: the bytes that a hand would type, and what each record's
 * answer is after each key, so that a test can tell what must be on disk.
 */
#ifndef TESTS_SUPPORT_RATER_H
#define TESTS_SUPPORT_RATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/record.h"

enum {
    RATER_RECORDS = 40,
    RATER_STATES = 400,
    RATER_STEPS = 400,
    RATER_TEXT = 64 /* fits into one row of the form */
};

struct rated {
    int rating; /* 0 = none */
    enum response_status status;
    char feedback[RATER_TEXT];
};

/* A record's answer from the start on, one entry for each key that changed it. */
struct rated_history {
    struct rated states[RATER_STATES];
    size_t count;
    size_t base; /* the one that the screen surely shows, or a later one */
};

struct rater_step {
    size_t record;
    struct rated before, after;
};

struct rater {
    uint32_t seed;
    struct rated_history records[RATER_RECORDS];
    size_t record_count;
    size_t first_asked; /* from here on records came out of prompts */
    size_t current;
    bool is_writing; /* the feedback */
    bool has_step;   /* this visit of the box has changed something */
    bool is_asking;  /* writes a prompt */
    char prompt[RATER_TEXT];
    struct rater_step steps[RATER_STEPS];
    size_t step_count, undone_count;
};

void rater_init(struct rater *rater, uint32_t seed, size_t records);
/* 0 … below - 1 */
uint32_t rater_random(struct rater *rater, uint32_t below);
/* The next few keys into out (which is emptied first). */
void rater_type(struct rater *rater, struct buf *out);
/* The screen has had time to show what was typed before the last burst. */
void rater_rest(struct rater *rater);
const struct rated *rater_now(const struct rater *rater, size_t record);
bool rated_equal(const struct rated *a, const struct rated *b);

#endif
