/* SPDX-License-Identifier: MIT
 *
 * protocol - what differs between the kinds of endpoints, and what several of them write
 * and read alike. For llm only.
 */
#ifndef LLM_PROTOCOL_H
#define LLM_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "llm/llm_parts.h"

struct protocol_request {
    const struct llm_message *messages; /* the system prompt first */
    size_t message_count;
    const struct llm_tool *tools;
    size_t tool_count;
    const char *const *stop;
    size_t stop_count;
    const struct sampling *sampling;
    const struct wire *wire;
    unsigned turn;              /* see memory_turn */
    struct llm_messages copies; /* all that it points to but sampling and wire */
};
/* Messages, tools and stop of a request are copied (llm_messages_clear frees them);
 * system (may be NULL) goes in front. to is zeroed. */
void protocol_request_copy(struct protocol_request *to, const struct llm_request *from,
                           const char *system);

/* How one kind is spoken; nothing outside its file knows more of it. A whole JSON
 * document or a page instead of the stream that was asked for is understood for all. */
struct protocol {
    enum endpoint_kind kind;
    const char *path;        /* after the base URL */
    const char *models_path; /* lists the models; NULL = cannot */
    const char *accept;
    const char *key_header, *key_prefix;
    const char *const *headers; /* more of them, "Name: value"; NULL = none */
    bool has_no_tools;
    bool has_lines;       /* a JSON document a line, not server-sent events */
    const char *end_mark; /* data that ends a stream; NULL = none */
    const char *missing;  /* what to do where path is not there; NULL = check the url */
    /* The body. New reference. */
    json_t *(*write)(const struct protocol_request *request);
    /* One piece of a stream, or the whole document: by stream_add_… and
     * stream_finish. */
    void (*read)(struct stream *stream, const json_t *json);
    /* Instead of all that, without a network: begins an answer, gives its next piece
     * (false after the last), frees it. */
    void *(*begin)(const struct protocol_request *request);
    bool (*next)(void *answer, struct stream *stream);
    void (*free)(void *answer);
};

/* The last line of every canned answer. */
#define CANNED_LABEL "(canned answer of sherd's built-in demo)"
/* An answer to prompt; another turn gives another one. Owned. */
char *canned_find(const char *prompt, unsigned turn);
/* What an agent's model says next where prompt is that of react.h; else NULL. Owned. */
char *canned_think(const char *prompt);
/* Bytes of the next token of text: a word with what follows it, or a few characters of a
 * script without blanks. 0 at the end. */
size_t canned_word(const char *text);

extern const struct protocol protocol_openai_chat;
extern const struct protocol protocol_openai_completions;
extern const struct protocol protocol_openai_responses;
extern const struct protocol protocol_anthropic;
extern const struct protocol protocol_ollama;
extern const struct protocol protocol_canned;

const struct protocol *protocol_find(enum endpoint_kind kind);
/* ---- what several of them write and read alike ---- */

/* Chat's messages, calls and results too: the system prompt under the name that the
 * endpoint takes, or in front of what the user says. is_native: as Ollama's own API has
 * them. New reference. */
json_t *protocol_messages(const struct protocol_request *request, bool is_native);
/* What the system says, joined; "" = nothing. Owned. For protocols with a place of its
 * own for it. */
char *protocol_system(const struct protocol_request *request);
/* {"name", "description", schema_name}. New reference. */
json_t *protocol_tool(const struct llm_tool *tool, const char *schema_name);
/* Sets the list or object, whose reference it takes; nothing where it is empty. */
void protocol_set_list(json_t *body, const char *name, json_t *list);
/* Chat's list of tools, and stop sequences under their name. */
void protocol_set_tools(json_t *body, const struct protocol_request *request);
void protocol_set_stop(json_t *body, const char *name,
                       const struct protocol_request *request);
/* The object in text; an empty one where there is none. New reference. */
json_t *protocol_object(const char *text);
/* The list that stream_keep_back has kept of that turn. New reference. */
json_t *protocol_kept(const struct llm_message *message, const char *name);
/* A body with the model, what is asked under its name (takes the reference), and whether
 * it is to stream. New reference. */
json_t *protocol_body(const struct protocol_request *request, const char *name,
                      json_t *asked);
/* Adds a list of calls as chat and Ollama have them. */
void openai_read_calls(struct stream *stream, const json_t *calls);

/* The base URL with path; a query of the base stays at the end. Owned. */
char *protocol_url(const struct endpoint *endpoint, const char *path);

/* Sends the question for the models; NULL when this kind cannot be asked. */
struct http_call *models_send(struct http *http, const struct endpoint *endpoint,
                              const struct http_handler *handler);
/* The name of a model in {"data":[{"id"}]}, a bare list (Together), or
 * {"models":[{"name"}]}. NULL when there are not so many. Owned. */
char *models_name(const char *body, size_t len, size_t at);

#endif
