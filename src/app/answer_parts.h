/* SPDX-License-Identifier: MIT
 *
 * answer_parts - an answer under way, shared by the files that begin, stream and end it.
 */
#ifndef APP_ANSWER_PARTS_H
#define APP_ANSWER_PARTS_H

#include "app/app_parts.h"

/* A stream and what drives it. The session knows its first member only. */
struct answer {
    struct stream stream;
    struct app *app;
    struct llm_call *call; /* NULL until it was sent */
    bool wants_key;        /* waits for the key command */
    char *prompt;
    size_t prompt_len;
    size_t kept;  /* bytes of the text in the last checkpoint */
    bool is_full; /* more came than we keep */
    struct completion completion;
    void (*on_end)(void *ctx, const struct record *record, const struct err *err);
    void (*on_wait)(void *ctx, const struct err *err);
    void (*on_streamed)(void *ctx);
    void *ctx;
};

/* answer.c: frees it; it must not be among the session's streams any more. */
void answer_free(struct answer *answer);

/* answer_end.c: each takes the answer out of the session and keeps what came. */
void answer_end(struct answer *answer, const struct err *why,
                const struct completion *completion);
/* An answer whose call has not begun, or could not. */
void answer_end_early(struct answer *answer, enum completion_state state,
                      const struct err *err);
/* Says that it is not on disk; its flight stays until it is. */
void answer_say_unstored(struct app *app, struct flight *flight, const struct err *err);

#endif
