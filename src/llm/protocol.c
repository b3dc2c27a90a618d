/* SPDX-License-Identifier: MIT
 *
 * Which kinds of endpoints there are, where each is asked, and what several of them write
 * alike.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/protocol.h"
#include "net/url.h"

const struct protocol *protocol_find(enum endpoint_kind kind)
{
    static const struct protocol *const all[] = {
        &protocol_openai_chat,      &protocol_openai_completions,
        &protocol_openai_responses, &protocol_anthropic,
        &protocol_ollama,           &protocol_canned};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->kind == kind)
            return all[i];
    return all[0];
}

char *protocol_url(const struct endpoint *endpoint, const char *path)
{
    const char *base = endpoint->base_url ? endpoint->base_url : "";
    size_t len = strcspn(base, "?");
    char *front = xmemdup0(base, len);
    char *joined = url_join(front, path);
    bool is_more = base[len] && strchr(path, '?');
    char *url = xasprintf("%s%s%s", joined, is_more ? "&" : "", base + len + is_more);
    free(front);
    free(joined);
    return url;
}

/* ---- a request, copied ---- */

static void *own(struct protocol_request *request, const void *bytes, size_t len)
{
    if (!bytes)
        return NULL;
    request->owned = xgrow(request->owned, request->owned_count, &request->owned_room,
                           sizeof *request->owned);
    return request->owned[request->owned_count++] = xmemdup0(bytes, len);
}

static char *own_text(struct protocol_request *request, const char *text)
{
    return own(request, text, text ? strlen(text) : 0);
}

static void own_message(struct protocol_request *request, const struct llm_message *from)
{
    struct llm_message *to = &request->messages[request->message_count++];
    *to = *from;
    to->role = own_text(request, from->role);
    to->text = own(request, from->text ? from->text : "", from->len);
    to->kept = own_text(request, from->kept);
    to->call_id = own_text(request, from->call_id);
    struct llm_tool_call *calls =
        own(request, from->calls, from->call_count * sizeof *calls);
    for (size_t i = 0; i < from->call_count; i++) {
        calls[i].id = own_text(request, from->calls[i].id);
        calls[i].name = own_text(request, from->calls[i].name);
        calls[i].arguments = own_text(request, from->calls[i].arguments);
    }
    to->calls = calls;
}

void protocol_request_copy(struct protocol_request *to, const struct llm_request *from,
                           const char *system)
{
    size_t stops = 0;
    to->messages = xcalloc(from->message_count + 1, sizeof *to->messages);
    if (system && *system)
        own_message(to, &(struct llm_message){
                            .role = "system", .text = system, .len = strlen(system)});
    for (size_t i = 0; i < from->message_count; i++)
        own_message(to, &from->messages[i]);
    struct llm_tool *tools = own(to, from->tools, from->tool_count * sizeof *tools);
    for (size_t i = 0; i < from->tool_count; i++) {
        tools[i].name = own_text(to, from->tools[i].name);
        tools[i].description = own_text(to, from->tools[i].description);
        tools[i].schema = own_text(to, from->tools[i].schema);
    }
    to->tools = tools;
    to->tool_count = from->tool_count;
    while (from->stop && from->stop[stops])
        stops++;
    const char **stop = own(to, from->stop, stops * sizeof *stop);
    for (size_t i = 0; i < stops; i++)
        stop[i] = own_text(to, from->stop[i]);
    to->stop = stop;
    to->stop_count = stops;
}

void protocol_request_clear(struct protocol_request *request)
{
    for (size_t i = 0; i < request->owned_count; i++)
        free(request->owned[i]);
    free(request->owned);
    free(request->messages);
    *request = (struct protocol_request){0};
}

/* ---- what several kinds write alike ---- */

json_t *protocol_message(const char *role, const char *text, size_t len)
{
    json_t *message = json_object();
    json_object_set_new(message, "role", json_string(role));
    json_object_set_new(message, "content", json_new_text(text, len));
    return message;
}

/* What a call is answered by, where results go by the tool's name. */
static const char *called_name(const struct protocol_request *request, const char *id)
{
    for (size_t i = request->message_count; id && i-- > 0;)
        for (size_t k = 0; k < request->messages[i].call_count; k++)
            if (!strcmp(request->messages[i].calls[k].id, id))
                return request->messages[i].calls[k].name;
    return "";
}

/* Calls as chat wants them: arguments that are no JSON would be refused, so the tool's
 * result has to tell the model of them. */
static json_t *write_calls(const struct llm_message *message, bool is_native)
{
    json_t *calls = json_array(), *extras = protocol_kept(message, "extra_content");
    for (size_t i = 0; i < message->call_count; i++) {
        const struct llm_tool_call *call = &message->calls[i];
        json_t *arguments = protocol_object(call->arguments);
        json_t *extra = json_array_get(extras, i);
        json_t *function =
            json_pack("{s:o}", "name", json_new_text(call->name, strlen(call->name)));
        json_t *item =
            json_pack("{s:o, s:s, s:O}", "id", json_new_text(call->id, strlen(call->id)),
                      "type", "function", "function", function);
        if (is_native) {
            json_object_set(function, "arguments", arguments);
        } else {
            char *text = json_print(arguments);
            json_object_set_new(function, "arguments", json_string(text));
            free(text);
        }
        if (json_is_object(extra))
            json_object_set(item, "extra_content", extra);
        json_array_append_new(calls, item);
        json_decref(function);
        json_decref(arguments);
    }
    json_decref(extras);
    return calls;
}

static json_t *chat_message(const struct protocol_request *request,
                            const struct llm_message *from, const char *role,
                            bool is_native)
{
    json_t *message = protocol_message(role, from->text, from->len);
    const char *id = from->call_id ? from->call_id : "";
    if (from->call_count) {
        json_t *kept = protocol_object(from->kept);
        if (!from->len && !is_native)
            json_object_set_new(message, "content", json_null());
        json_object_set_new(message, "tool_calls", write_calls(from, is_native));
        json_object_del(kept, "extra_content");
        json_object_update_missing(message, kept);
        json_decref(kept);
    }
    if (!strcmp(role, "tool") && is_native)
        json_object_set_new(message, "tool_name", json_string(called_name(request, id)));
    else if (!strcmp(role, "tool"))
        json_object_set_new(message, "tool_call_id", json_string(id));
    return message;
}

json_t *protocol_messages(const struct protocol_request *request, bool is_native)
{
    unsigned flags = request->wire->flags;
    json_t *messages = json_array();
    struct buf front = {0};
    for (size_t i = 0; i < request->message_count; i++) {
        struct llm_message message = request->messages[i];
        bool is_system = !strcmp(message.role, "system");
        if (is_system && flags & WIRE_NO_SYSTEM) {
            buf_add(&front, message.text, message.len);
            buf_add_text(&front, "\n\n");
            continue;
        }
        buf_add(&front, message.text, message.len);
        message.text = buf_text(&front);
        message.len = front.len;
        json_array_append_new(
            messages,
            chat_message(request, &message,
                         is_system && flags & WIRE_DEVELOPER ? "developer" : message.role,
                         is_native));
        buf_reset(&front);
    }
    buf_clear(&front);
    return messages;
}

void protocol_set_stop(json_t *body, const char *name,
                       const struct protocol_request *request)
{
    json_t *stop = json_array();
    for (size_t i = 0; i < request->stop_count; i++)
        json_array_append_new(stop,
                              json_new_text(request->stop[i], strlen(request->stop[i])));
    if (request->stop_count && !(request->wire->flags & WIRE_NO_STOP))
        json_object_set(body, name, stop);
    json_decref(stop);
}

json_t *protocol_body(const struct protocol_request *request, const char *name,
                      json_t *asked)
{
    const char *model = request->sampling->model;
    json_t *body = json_object();
    if (model)
        json_object_set_new(body, "model", json_new_text(model, strlen(model)));
    json_object_set_new(body, name, asked);
    json_object_set_new(body, "stream",
                        json_boolean(!(request->wire->flags & WIRE_NO_STREAM)));
    return body;
}

char *protocol_system(const struct protocol_request *request)
{
    struct buf text = {0};
    for (size_t i = 0; i < request->message_count; i++) {
        const struct llm_message *message = &request->messages[i];
        if (strcmp(message->role, "system") != 0)
            continue;
        if (text.len)
            buf_add_text(&text, "\n\n");
        buf_add(&text, message->text, message->len);
    }
    return buf_take(&text);
}

struct llm_message *llm_copy_messages(const struct llm_message *from, size_t count)
{
    size_t size = count * sizeof *from;
    for (size_t i = 0; i < count; i++)
        size += strlen(from[i].role) + from[i].len + 2;
    struct llm_message *copy = xcalloc(size, 1);
    char *at = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        char *text = stpcpy(at, from[i].role) + 1;
        memcpy(text, from[i].text, from[i].len);
        copy[i] = (struct llm_message){.role = at, .text = text, .len = from[i].len};
        at = text + from[i].len + 1;
    }
    return copy;
}

/* ---- messages that are kept ---- */

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
