/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "json/json.h"

void conversation_add(json_t *messages, const char *role, const char *text, size_t len)
{
    json_t *message = json_object();
    json_object_set_new(message, "role", json_string(role));
    json_object_set_new(message, "content", json_new_text(text, len));
    json_array_append_new(messages, message);
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
    json_t *messages = sent ? json_parse(sent, strlen(sent), NULL) : NULL;
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
