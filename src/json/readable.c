/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/readable.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "json/json.h"

/* [{"role": "user", "content": "…"}, …]; false when it is not such a list. */
static bool add_chat(struct buf *out, json_t *json)
{
    size_t index;
    json_t *message;
    if (!json_is_array(json))
        return false;
    json_array_foreach((json_t *)json, index, message)
    {
        const char *role = json_get_text(message, "role", NULL);
        size_t len = 0;
        const char *content = json_get_text(message, "content", &len);
        if (!content)
            return false;
        buf_addf(out, "%s**%s**\n\n", index > 0 ? "\n\n" : "", role ? role : "?");
        buf_add(out, content, len);
    }
    return true;
}

/* "data:image/png;base64,iVBOR…": what it is and how much. */
static void add_data_url(struct buf *out, const char *text, size_t len)
{
    const char *type = text + strlen("data:");
    size_t room = len - strlen("data:");
    const char *comma = memchr(type, ',', room);
    size_t head = comma ? (size_t)(comma - type) : room;
    size_t type_len = 0;
    while (type_len < head && type[type_len] != ';')
        type_len++;
    size_t body = room - head - (comma ? 1 : 0);
    bool is_base64 = head >= 7 && memcmp(type + head - 7, ";base64", 7) == 0;
    size_t bytes = is_base64 ? body / 4 * 3 : body;
    buf_addf(out, "%.*s, ", type_len > 0 ? (int)type_len : 5,
             type_len > 0 ? type : "image");
    if (bytes < 1024)
        buf_addf(out, "%zu bytes", bytes);
    else if (bytes < (size_t)1024 * 1024)
        buf_addf(out, "%zu KiB", bytes / 1024);
    else
        buf_addf(out, "%.1f MiB", (double)bytes / (1024 * 1024));
    buf_add_text(out, ", inside the record");
}

char *readable_field(const char *type, const char *text, size_t len, size_t *out_len,
                     bool *is_markdown)
{
    struct buf out = {0};
    struct err err = {0};
    bool is_chat = type && strcmp(type, "chat") == 0;
    bool is_custom = type && strcmp(type, "custom") == 0;
    bool is_image = type && strcmp(type, "image") == 0 && len > 0;
    if (is_image && len >= 5 && memcmp(text, "data:", 5) == 0)
        add_data_url(&out, text, len);
    else if (is_image)
        buf_add(&out, text, len);
    json_t *json = is_chat || is_custom ? json_parse(text, len, &err) : NULL;
    *is_markdown = is_chat && json && add_chat(&out, json);
    if (is_chat && !*is_markdown)
        buf_reset(&out);
    if (json && out.len == 0) {
        char *lines = json_print_as(json, JSON_INDENT(2));
        buf_add_text(&out, lines);
        free(lines);
    }
    json_decref(json);
    if (is_image)
        buf_add_text(&out, "\n\n(An image: a terminal cannot show it.)");
    else if (is_custom && out.len > 0)
        buf_add_text(&out, "\n\n(A terminal cannot show it as Argilla's page does.)");
    *out_len = out.len;
    if (out.len == 0)
        return NULL;
    return buf_take(&out);
}

char *readable_metadata(const char *json, size_t *out_len)
{
    struct buf out = {0};
    struct err err = {0};
    json_t *root = json ? json_parse(json, strlen(json), &err) : NULL;
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        size_t len;
        const char *text = json_get_text(root, key, &len);
        char *printed = text ? NULL : json_print(value);
        buf_addf(&out, "%s: ", key);
        if (text)
            buf_add(&out, text, len);
        else if (printed)
            buf_add_text(&out, printed);
        buf_add_byte(&out, '\n');
        free(printed);
    }
    json_decref(root);
    *out_len = out.len;
    return buf_take(&out);
}

/* ---- conversations ---- */

json_t *conversation_add(json_t *messages, const char *role, const char *text, size_t len)
{
    json_t *message = json_object();
    json_object_set_new(message, "role", json_string(role));
    json_object_set_new(message, "content", json_new_text(text, len));
    json_array_append_new(messages, message);
    return message;
}

static const struct record_field *prompt_of(const struct record *record,
                                            const struct dataset *dataset)
{
    const struct field *field = dataset_prompt_field(dataset);
    return field ? record_field(record, field->name) : NULL;
}

/* The prompt's field as a chat; NULL when it is none. New reference. */
static json_t *chat_of(const struct record *record, const struct dataset *dataset)
{
    const struct field *field = dataset_prompt_field(dataset);
    const struct record_field *found = prompt_of(record, dataset);
    json_t *chat = NULL;
    if (found && field->type && strcmp(field->type, "chat") == 0)
        chat = json_parse(found->text, found->len, NULL);
    if (json_is_array(chat) && json_array_size(chat) > 0)
        return chat;
    json_decref(chat);
    return NULL;
}

json_t *conversation_of(const struct record *record, const struct dataset *dataset)
{
    const char *sent = record->has_completion ? record->completion.messages : NULL;
    json_t *messages = json_read(sent);
    if (!messages)
        messages = chat_of(record, dataset);
    if (messages)
        return messages;
    const struct record_field *found = prompt_of(record, dataset);
    messages = json_array();
    conversation_add(messages, "user", found ? found->text : "", found ? found->len : 0);
    return messages;
}

void conversation_write(const json_t *messages, struct buf *out)
{
    size_t i, count = json_array_size(messages);
    const json_t *message;
    json_array_foreach(messages, i, message)
    {
        const char *role = json_get_text(message, "role", NULL);
        size_t len = 0;
        const char *text = json_get_text(message, "content", &len);
        if (count > 1 && role && role[0] >= 'a' && role[0] <= 'z')
            buf_addf(out, "%s%c%.40s: ", i ? "\n\n" : "", role[0] - 'a' + 'A', role + 1);
        else if (count > 1)
            buf_addf(out, "%s%.40s: ", i ? "\n\n" : "", role ? role : "?");
        buf_add(out, text ? text : "", len);
    }
}

void conversation_set_prompt(struct record *record, const struct dataset *dataset,
                             const char *text, size_t len, const char *messages)
{
    const struct field *field = dataset_prompt_field(dataset);
    if (!field->type || strcmp(field->type, "chat") != 0) {
        record_set_field(record, field->name, text, len);
        return;
    }
    json_t *alone = json_array();
    conversation_add(alone, "user", text, len);
    char *chat = messages ? xstrdup(messages) : json_print(alone);
    record_set_field(record, field->name, chat, strlen(chat));
    json_decref(alone);
    free(chat);
}

void conversation_write_prompt(const struct record *record, const struct dataset *dataset,
                               struct buf *out)
{
    const struct record_field *found = prompt_of(record, dataset);
    json_t *chat = chat_of(record, dataset);
    if (chat)
        conversation_write(chat, out);
    else if (found)
        buf_add(out, found->text, found->len);
    json_decref(chat);
}
