/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/* Copies len bytes to *at and moves that behind their NUL; NULL stays NULL. */
static char *put(char **at, const char *text, size_t len)
{
    char *copy = *at;
    if (!text)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *at += len + 1;
    return copy;
}

void messages_add(struct messages *list, const struct llm_message *message)
{
    size_t count = message->call_count;
    size_t size = count * sizeof *message->calls + message->len + 1 +
                  size_of(message->role) + size_of(message->kept) +
                  size_of(message->call_id);
    for (size_t i = 0; i < count; i++)
        size += size_of(message->calls[i].id) + size_of(message->calls[i].name) +
                size_of(message->calls[i].arguments);
    struct llm_tool_call *calls = xcalloc(1, size);
    char *at = (char *)(calls + count);
    for (size_t i = 0; i < count; i++) {
        const struct llm_tool_call *from = &message->calls[i];
        calls[i].id = put(&at, from->id, strlen(from->id));
        calls[i].name = put(&at, from->name, strlen(from->name));
        calls[i].arguments = put(&at, from->arguments, strlen(from->arguments));
    }
    size_t used = list->count++;
    list->messages = xreallocarray(list->messages, used + 1, sizeof *list->messages);
    list->blocks = xreallocarray(list->blocks, used + 1, sizeof(void *));
    list->blocks[used] = calls;
    list->messages[used] = (struct llm_message){
        .role = put(&at, message->role, strlen(message->role)),
        .text = put(&at, message->text ? message->text : "", message->len),
        .len = message->len,
        .calls = count ? calls : NULL,
        .call_count = count,
        .kept = put(&at, message->kept, message->kept ? strlen(message->kept) : 0),
        .call_id =
            put(&at, message->call_id, message->call_id ? strlen(message->call_id) : 0)};
}

void messages_clear(struct messages *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->blocks[i]);
    free(list->blocks);
    free(list->messages);
    *list = (struct messages){0};
}
