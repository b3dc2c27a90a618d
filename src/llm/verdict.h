/* SPDX-License-Identifier: MIT
 *
 * verdict - how an answer ended: done, cut off or failed, the sentence, and whether
 * another attempt can help. For llm only.
 */
#ifndef LLM_VERDICT_H
#define LLM_VERDICT_H

#include "config/endpoint.h"
#include "llm/llm_error.h"
#include "llm/stream.h"
#include "model/completion.h"
#include "net/http.h"

struct verdict {
    enum completion_state state;
    struct err err; /* empty when DONE */
    enum llm_error_class class;
    bool is_interrupted; /* by another request, perhaps one of ours */
};

/* Of a stream that has ended; reply NULL or OK = it ended in peace. */
void verdict_of_stream(struct verdict *verdict, const struct stream *stream,
                       const struct endpoint *endpoint, const struct http_reply *reply);
/* Of an error that the endpoint told; status 0 = inside a stream. */
void verdict_of_error(struct verdict *verdict, const struct llm_error *error, long status,
                      const struct endpoint *endpoint, const char *model);
void verdict_of_transport(struct verdict *verdict, const struct endpoint *endpoint,
                          const struct err *why);
void verdict_no_first_token(struct verdict *verdict, const struct endpoint *endpoint);
void verdict_idle(struct verdict *verdict, const struct endpoint *endpoint);
void verdict_cancelled(struct verdict *verdict);

#endif
