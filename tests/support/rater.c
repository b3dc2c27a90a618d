/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/rater.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Leaves a text and is no beginning of anything longer, as a lone ESC is. */
#define LEAVE "\003"
#define REDO "\022"
/* The sequence behind it means nothing and keeps the lines of two bursts that a busy
 * program reads at once from being taken for a paste (see term/input.h). */
#define ENTER "\r\033[99~"

void rater_init(struct rater *rater, uint32_t seed, size_t records)
{
    memset(rater, 0, sizeof *rater);
    rater->seed = seed;
    rater->record_count = rater->first_asked = records;
    for (size_t i = 0; i < records; i++)
        rater->records[i].count = 1;
}

uint32_t rater_random(struct rater *rater, uint32_t below)
{
    rater->seed = rater->seed * 1664525U + 1013904223U;
    return (rater->seed >> 8) % below;
}

const struct rated *rater_now(const struct rater *rater, size_t record)
{
    const struct rated_history *history = &rater->records[record];
    return &history->states[history->count - 1];
}

bool rated_equal(const struct rated *a, const struct rated *b)
{
    return a->rating == b->rating && a->status == b->status &&
           !strcmp(a->feedback, b->feedback);
}

void rater_rest(struct rater *rater)
{
    for (size_t i = 0; i < rater->record_count; i++)
        rater->records[i].base = rater->records[i].count - 1;
}

static void put(struct rater *rater, size_t record, const struct rated *next)
{
    struct rated_history *history = &rater->records[record];
    if (history->count == RATER_STATES)
        abort();
    history->states[history->count++] = *next;
}

static void change(struct rater *rater, const struct rated *next)
{
    struct rated before = *rater_now(rater, rater->current);
    if (rated_equal(&before, next))
        return;
    if (rater->is_writing && rater->has_step) {
        rater->steps[rater->step_count - 1].after = *next;
    } else {
        if (rater->step_count == RATER_STEPS)
            abort();
        rater->steps[rater->step_count++] = (struct rater_step){
            .record = rater->current, .before = before, .after = *next};
        rater->undone_count = 0;
    }
    rater->has_step = rater->is_writing;
    put(rater, rater->current, next);
}

static bool is_open(const struct rater *rater, size_t record)
{
    enum response_status status = rater_now(rater, record)->status;
    return status == RESPONSE_PENDING || status == RESPONSE_DRAFT;
}

static void go_on(struct rater *rater)
{
    for (size_t step = 1; step < rater->record_count; step++) {
        size_t next = (rater->current + step) % rater->record_count;
        if (is_open(rater, next)) {
            rater->current = next;
            return;
        }
    }
}

static void leave_as(struct rater *rater, enum response_status status)
{
    struct rated next = *rater_now(rater, rater->current);
    next.status = status;
    change(rater, &next);
    go_on(rater);
}

/* ---- while reading ---- */

static void rate(struct rater *rater, struct buf *out)
{
    int digit = 1 + (int)rater_random(rater, 5);
    struct rated next = *rater_now(rater, rater->current);
    next.rating = next.rating == digit ? 0 : digit;
    bool has_values = next.rating || *next.feedback;
    next.status = has_values ? RESPONSE_DRAFT : RESPONSE_PENDING;
    change(rater, &next);
    buf_addf(out, "%d", digit);
}

static void submit(struct rater *rater)
{
    if (rater_now(rater, rater->current)->rating)
        leave_as(rater, RESPONSE_SUBMITTED);
}

static void press_enter(struct rater *rater, struct buf *out)
{
    submit(rater);
    buf_add_text(out, ENTER);
}

static void discard(struct rater *rater, struct buf *out)
{
    leave_as(rater, RESPONSE_DISCARDED);
    buf_add_text(out, "d");
}

static void draft(struct rater *rater, struct buf *out)
{
    leave_as(rater, RESPONSE_DRAFT);
    buf_add_text(out, "s");
}

static void undo(struct rater *rater, struct buf *out)
{
    buf_add_text(out, "u");
    if (!rater->step_count)
        return;
    const struct rater_step *step = &rater->steps[--rater->step_count];
    rater->undone_count++;
    rater->current = step->record;
    put(rater, step->record, &step->before);
}

static void redo(struct rater *rater, struct buf *out)
{
    buf_add_text(out, REDO);
    if (!rater->undone_count)
        return;
    const struct rater_step *step = &rater->steps[rater->step_count++];
    rater->undone_count--;
    rater->current = step->record;
    put(rater, step->record, &step->after);
}

static void move(struct rater *rater, struct buf *out)
{
    bool is_back = rater_random(rater, 2);
    buf_add_text(out, is_back ? "h" : "l");
    if (is_back && rater->current > 0)
        rater->current--;
    else if (!is_back && rater->current + 1 < rater->record_count)
        rater->current++;
}

static void open_feedback(struct rater *rater, struct buf *out)
{
    buf_add_text(out, "f");
    rater->is_writing = true;
    rater->has_step = false;
}

static void open_prompt(struct rater *rater, struct buf *out)
{
    buf_add_text(out, "i");
    rater->is_asking = true;
}

/* ---- while writing ---- */

/* One to eight letters behind text; false when it is full. */
static bool add_letter(struct rater *rater, char *text, struct buf *out)
{
    static const char *const letters[] = {"a", "b", "d", "u", "4", "_", "é", "q"};
    const char *letter = letters[rater_random(rater, 8)];
    size_t len = strlen(text);
    if (len + strlen(letter) >= RATER_TEXT - 8)
        return false;
    memcpy(text + len, letter, strlen(letter) + 1);
    buf_add_text(out, letter);
    return true;
}

static void write_feedback(struct rater *rater, struct buf *out)
{
    uint32_t letters = 1 + rater_random(rater, 8);
    for (uint32_t i = 0; i < letters; i++) {
        struct rated next = *rater_now(rater, rater->current);
        if (!add_letter(rater, next.feedback, out))
            return;
        next.status = RESPONSE_DRAFT;
        change(rater, &next);
    }
}

static void end_feedback(struct rater *rater, struct buf *out)
{
    bool is_submitting = rater_random(rater, 4) == 0;
    rater->is_writing = rater->has_step = false;
    buf_add_text(out, is_submitting ? "\033\r" : LEAVE);
    if (is_submitting)
        submit(rater);
}

static void end_prompt(struct rater *rater, struct buf *out)
{
    bool is_sending = *rater->prompt && rater->record_count < RATER_RECORDS &&
                      rater_random(rater, 2) == 0;
    rater->is_asking = false;
    buf_add_text(out, is_sending ? ENTER : LEAVE);
    if (!is_sending)
        return;
    rater->prompt[0] = '\0';
    rater->current = rater->record_count++;
    rater->records[rater->current].count = 1;
}

static void write_prompt(struct rater *rater, struct buf *out)
{
    uint32_t letters = 1 + rater_random(rater, 8);
    while (letters-- && add_letter(rater, rater->prompt, out))
        ;
}

/* ---- what next ---- */

static void read_on(struct rater *rater, struct buf *out)
{
    static void (*const acts[])(struct rater *, struct buf *) = {
        rate, rate,  rate, open_feedback, open_feedback, open_feedback, press_enter,
        undo, draft, redo, discard,       move,          press_enter,   open_prompt};
    acts[rater_random(rater, sizeof acts / sizeof *acts)](rater, out);
}

static void type_once(struct rater *rater, struct buf *out)
{
    bool goes_on = rater_random(rater, 5) < 3;
    if (rater->is_writing)
        (goes_on ? write_feedback : end_feedback)(rater, out);
    else if (rater->is_asking)
        (goes_on ? write_prompt : end_prompt)(rater, out);
    else
        read_on(rater, out);
}

void rater_type(struct rater *rater, struct buf *out)
{
    buf_reset(out);
    for (uint32_t i = 1 + rater_random(rater, 4); i > 0; i--)
        type_once(rater, out);
}
