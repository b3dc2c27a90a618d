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
#include "json/readable.h"

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

/* ---- messages and requests, copied ---- */

static void *own(struct llm_messages *list, const void *bytes, size_t len)
{
    if (!bytes)
        return NULL;
    list->owned =
        xgrow(list->owned, list->owned_count, &list->owned_room, sizeof *list->owned);
    return list->owned[list->owned_count++] = xmemdup0(bytes, len);
}

static char *own_text(struct llm_messages *list, const char *text)
{
    return own(list, text, text ? strlen(text) : 0);
}

void llm_messages_add(struct llm_messages *list, const struct llm_message *from)
{
    list->items = xreallocarray(list->items, list->count + 1, sizeof *list->items);
    struct llm_message *to = &list->items[list->count++];
    *to = *from;
    to->role = own_text(list, from->role);
    to->text = own(list, from->text ? from->text : "", from->len);
    to->kept = own_text(list, from->kept);
    to->call_id = own_text(list, from->call_id);
    struct llm_tool_call *calls =
        own(list, from->calls, from->call_count * sizeof *calls);
    for (size_t i = 0; i < from->call_count; i++) {
        calls[i].id = own_text(list, from->calls[i].id);
        calls[i].name = own_text(list, from->calls[i].name);
        calls[i].arguments = own_text(list, from->calls[i].arguments);
    }
    to->calls = calls;
}

void llm_messages_clear(struct llm_messages *list)
{
    for (size_t i = 0; i < list->owned_count; i++)
        free(list->owned[i]);
    free(list->owned);
    free(list->items);
    *list = (struct llm_messages){0};
}

void protocol_request_copy(struct protocol_request *to, const struct llm_request *from,
                           const char *system)
{
    struct llm_messages *copies = &to->copies;
    if (system && *system)
        llm_messages_add(copies, &(struct llm_message){.role = "system",
                                                       .text = system,
                                                       .len = strlen(system)});
    for (size_t i = 0; i < from->message_count; i++)
        llm_messages_add(copies, &from->messages[i]);
    to->messages = copies->items;
    to->message_count = copies->count;
    struct llm_tool *tools = own(copies, from->tools, from->tool_count * sizeof *tools);
    for (size_t i = 0; i < from->tool_count; i++) {
        tools[i].name = own_text(copies, from->tools[i].name);
        tools[i].description = own_text(copies, from->tools[i].description);
        tools[i].schema = own_text(copies, from->tools[i].schema);
    }
    to->tools = tools;
    to->tool_count = from->tool_count;
    size_t stops = 0;
    while (from->stop && from->stop[stops])
        stops++;
    const char **stop = own(copies, from->stop, stops * sizeof *stop);
    for (size_t i = 0; i < stops; i++)
        stop[i] = own_text(copies, from->stop[i]);
    to->stop = stop;
    to->stop_count = stops;
}

/* ---- what several kinds write alike ---- */

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
        json_t *function = json_pack("{s:o}", "name", json_text(call->name));
        json_t *item = json_pack("{s:o, s:s, s:O}", "id", json_text(call->id), "type",
                                 "function", "function", function);
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

static void add_chat_message(json_t *messages, const struct protocol_request *request,
                             const struct llm_message *from, const char *role,
                             bool is_native)
{
    json_t *message = conversation_add(messages, role, from->text, from->len);
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
        add_chat_message(messages, request, &message,
                         is_system && flags & WIRE_DEVELOPER ? "developer" : message.role,
                         is_native);
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
        json_array_append_new(stop, json_text(request->stop[i]));
    if (request->wire->flags & WIRE_NO_STOP)
        json_array_clear(stop);
    protocol_set_list(body, name, stop);
}

json_t *protocol_body(const struct protocol_request *request, const char *name,
                      json_t *asked)
{
    const char *model = request->sampling->model;
    json_t *body = json_object();
    json_set_text(body, "model", model);
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
