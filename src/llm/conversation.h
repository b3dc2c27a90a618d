/* SPDX-License-Identifier: MIT
 *
 * conversation - messages with all that they point to, in memory of their own.
 */
#ifndef LLM_CONVERSATION_H
#define LLM_CONVERSATION_H

#include "llm/llm.h"

struct conversation { /* zeroed = empty */
    struct llm_message *messages;
    size_t count;
    void **blocks; /* one a message: its texts and calls */
};

/* Copies it. Names of roles are NUL-terminated, texts too. */
void conversation_add(struct conversation *conversation,
                      const struct llm_message *message);
void conversation_clear(struct conversation *conversation);

#endif
