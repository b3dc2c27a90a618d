/* SPDX-License-Identifier: MIT
 *
 * messages - those of a conversation with all that they point to, in memory of their own.
 */
#ifndef LLM_MESSAGES_H
#define LLM_MESSAGES_H

#include "llm/llm.h"

struct messages { /* zeroed = empty */
    struct llm_message *messages;
    size_t count;
    void **blocks; /* one a message: its texts and calls */
};

/* Copies it. Names of roles are NUL-terminated, texts too. */
void messages_add(struct messages *list, const struct llm_message *message);
void messages_clear(struct messages *list);

#endif
