/* SPDX-License-Identifier: MIT
 *
 * Tools as they are offered, and their calls as they come: in pieces that are numbered
 * well, badly or not at all. Source: llm-protocols.md §1.7.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/xalloc.h"
#include "llm/protocol.h"

/* ---- written ---- */

json_t *protocol_object(const char *text)
{
    json_t *object = json_parse(text ? text : "", text ? strlen(text) : 0, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return json_object();
}

json_t *protocol_kept(const struct llm_message *message, const char *name)
{
    json_t *kept = protocol_object(message->kept);
    json_t *list = json_incref(json_object_get(kept, name));
    json_decref(kept);
    return json_is_array(list) ? list : json_array();
}

/* Without a type or properties it would be refused. */
json_t *protocol_tool(const struct llm_tool *tool, const char *schema_name)
{
    const char *description = tool->description ? tool->description : "";
    json_t *schema = protocol_object(tool->schema);
    json_t *least = json_pack("{s:s, s:{}}", "type", "object", "properties");
    json_object_update_missing(schema, least);
    json_decref(least);
    return json_pack("{s:o, s:o, s:o}", "name", json_text(tool->name), "description",
                     json_text(description), schema_name, schema);
}

void protocol_set_list(json_t *body, const char *name, json_t *list)
{
    if (json_array_size(list) || json_object_size(list))
        json_object_set(body, name, list);
    json_decref(list);
}

void protocol_set_tools(json_t *body, const struct protocol_request *request)
{
    json_t *tools = json_array();
    for (size_t i = 0; i < request->tool_count; i++)
        json_array_append_new(tools,
                              json_pack("{s:s, s:o}", "type", "function", "function",
                                        protocol_tool(&request->tools[i], "parameters")));
    protocol_set_list(body, "tools", tools);
}

/* ---- read ---- */

struct stream_call *stream_call_at(const struct stream *stream, int64_t slot)
{
    for (size_t i = stream->call_count; i-- > 0;)
        if (slot < 0 || stream->calls[i].slot == slot)
            return &stream->calls[i];
    return NULL;
}

/* Servers leave out numbers, give all calls the same one, or name a call again with each
 * piece (llm-protocols.md §1.7). */
void stream_add_call(struct stream *stream, int64_t slot, const char *id,
                     const char *name, const char *arguments, size_t len)
{
    bool has_id = id && *id && strcmp(id, "null") != 0;
    bool has_name = name && *name && strcmp(name, "null") != 0;
    struct stream_call *call = stream_call_at(stream, slot);
    for (size_t i = 0; i < stream->call_count && slot < 0 && has_id; i++)
        if (stream->calls[i].id && !strcmp(stream->calls[i].id, id))
            call = &stream->calls[i];
    bool is_named = call && call->name && has_name && !has_id &&
                    (slot < 0 || strcmp(call->name, name) != 0);
    bool is_other = call && call->id && has_id && strcmp(call->id, id) != 0;
    size_t blanks = len ? strspn(arguments, " \t\r\n") : 0;
    if (call && !is_other && blanks < len && arguments[blanks] == '{') {
        json_t *whole = json_parse(buf_text(&call->arguments), call->arguments.len, NULL);
        if (whole && has_id && call->id) /* said again */
            buf_reset(&call->arguments);
        else
            is_other = whole != NULL;
        json_decref(whole);
    }
    stream->call_len += len + (has_id ? strlen(id) : 0) + (has_name ? strlen(name) : 0);
    stream->is_too_large |= stream->call_len > STREAM_MAX_TEXT;
    if (!stream->takes_calls || stream->is_too_large)
        return;
    if (!call || is_other || is_named) {
        stream->calls = xgrow(stream->calls, stream->call_count, &stream->call_room,
                              sizeof *stream->calls);
        call = &stream->calls[stream->call_count++];
        *call = (struct stream_call){.slot = slot};
        stream->call_len += sizeof *call;
    }
    if (has_id) {
        free(call->id);
        call->id = xstrdup(id);
    }
    if (has_name) {
        free(call->name);
        call->name = xstrdup(name);
    }
    buf_add(&call->arguments, arguments, len);
}

void stream_keep_back(struct stream *stream, const char *name, json_t *item)
{
    stream->kept_len += json_dumpb(item, NULL, 0, JSON_ENCODE_ANY);
    if (!stream->takes_calls || stream->kept_len > STREAM_MAX_TEXT)
        return;
    if (!stream->kept)
        stream->kept = json_object();
    if (!json_object_get(stream->kept, name))
        json_object_set_new(stream->kept, name, json_array());
    json_array_append(json_object_get(stream->kept, name), item);
}

const struct llm_tool_call *stream_calls(struct stream *stream)
{
    if (stream->call_count && !stream->taken)
        stream->taken = xcalloc(stream->call_count, sizeof *stream->taken);
    for (size_t i = 0; i < stream->call_count; i++) {
        struct stream_call *from = &stream->calls[i];
        const char *arguments = buf_text(&from->arguments);
        struct id id;
        id_random(&id);
        if (!from->id) /* Mistral takes nine letters and digits, others anything */
            from->id = xasprintf("c%.8s", id_text(&id).text);
        if (!from->name)
            from->name = xstrdup("");
        if (strspn(arguments, " \t\r\n") == from->arguments.len) {
            buf_reset(&from->arguments);
            buf_add_text(&from->arguments, "{}");
        }
        stream->taken[i] = (struct llm_tool_call){
            .id = from->id, .name = from->name, .arguments = from->arguments.data};
    }
    return stream->taken;
}

const char *stream_kept(struct stream *stream, const char *reasoning)
{
    if (stream->kept_reasoning && reasoning && !stream->kept)
        stream->kept = json_object();
    if (stream->kept_reasoning && reasoning)
        json_object_set_new(stream->kept, stream->kept_reasoning, json_text(reasoning));
    if (stream->kept && !stream->kept_text)
        stream->kept_text = json_print(stream->kept);
    return stream->kept_text;
}

void stream_clear_calls(struct stream *stream)
{
    for (size_t i = 0; i < stream->call_count; i++) {
        free(stream->calls[i].id);
        free(stream->calls[i].name);
        buf_clear(&stream->calls[i].arguments);
    }
    free(stream->calls);
    free(stream->taken);
    free(stream->kept_text);
    json_decref(stream->kept);
}
