/* SPDX-License-Identifier: MIT
 *
 * Records to the server: PUT records/bulk, an upsert by external_id, so that a repeat
 * after a lost answer changes nothing. Source: argilla-api.md §7.3, §7.4.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <unictype.h>

#include "argilla/bulk.h"
#include "base/xalloc.h"
#include "text/utf8.h"
#include "json/completion_json.h"
#include "json/json.h"

/* What Python's str.strip() takes away: LangChain's handler strips so. */
static bool is_blank(ucs4_t point)
{
    return uc_is_property_white_space(point) || (point >= 0x1C && point <= 0x1F);
}

static void strip_ends(const char **text, size_t *len)
{
    size_t start = *len, end = *len; /* of what is not blank */
    uint32_t point;
    for (size_t at = 0, width; at < *len; at += width) {
        width = utf8_decode(*text, *len, at, &point);
        if (is_blank(point))
            continue;
        if (start == *len)
            start = at;
        end = at + width;
    }
    *text += start;
    *len = end - start;
}

/* A chat or custom field was read as the JSON it is; a text field is a string. */
static json_t *field_value(const struct dataset *dataset,
                           const struct record_field *field, bool strip)
{
    const struct field *known = dataset_field(dataset, field->name);
    if (known && strcmp(known->type, "text") != 0 && strcmp(known->type, "image") != 0) {
        json_t *json = json_parse(field->text, field->len, NULL);
        if (json)
            return json;
    }
    const char *text = field->text;
    size_t len = field->len;
    if (strip && known && known == dataset_response_field(dataset))
        strip_ends(&text, &len);
    return json_new_text(text, len);
}

/* The record's own metadata and, below it, how its answer came to be. */
static json_t *record_metadata(const struct record *record)
{
    json_t *metadata =
        record->has_completion ? completion_metadata(&record->completion) : json_object();
    const char *text = record->metadata_json;
    json_t *own = text ? json_parse(text, strlen(text), NULL) : NULL;
    if (json_is_object(own))
        json_object_update(metadata, own);
    json_decref(own);
    return metadata;
}

static char *record_item(const struct dataset *dataset, const struct record *record,
                         bool strip)
{
    char id[ID_TEXT];
    id_format(&record->id, id);
    const char *external_id = record->external_id ? record->external_id : id;
    json_t *fields = json_object();
    for (size_t i = 0; i < record->field_count; i++)
        json_object_set_new(fields, record->fields[i].name,
                            field_value(dataset, &record->fields[i], strip));
    json_t *item = json_object();
    json_object_set_new(item, "external_id",
                        json_new_text(external_id, strlen(external_id)));
    json_object_set_new(item, "fields", fields);
    /* absent keeps what the server has; undeclared keys are refused without leave */
    json_t *metadata = dataset->allow_extra_metadata ? record_metadata(record) : NULL;
    if (json_object_size(metadata) > 0)
        json_object_set(item, "metadata", metadata);
    json_decref(metadata);
    char *text = json_print(item);
    json_decref(item);
    return text;
}

static bool records_taken(struct bulk_job *bulk, const json_t *items)
{
    for (size_t i = bulk->now.from; i < bulk->now.to; i++) {
        const json_t *item = json_array_get(items, i - bulk->now.from);
        const char *remote_id = json_get_text(item, "id", NULL);
        struct id id;
        if (!remote_id || !id_parse(remote_id, &id))
            return false;
        id_format(&id, bulk->results[i].remote_id);
    }
    return true;
}

void argilla_push_records(struct argilla *argilla, const struct dataset *dataset,
                          const struct record *const *records, size_t count, bool strip,
                          argilla_push_fn fn, void *ctx)
{
    struct bulk_job *bulk = bulk_new(argilla, sizeof *bulk, count);
    bulk->job.goal = xstrdup("store records");
    bulk->method = "PUT";
    bulk->path = xasprintf("/api/v1/datasets/%s/records/bulk",
                           dataset->remote_id ? dataset->remote_id : "");
    bulk->taken = records_taken;
    bulk->fn = fn;
    bulk->job.ctx = ctx;
    for (size_t i = 0; i < count; i++)
        bulk->items[i] = record_item(dataset, records[i], strip);
    bulk_start(bulk);
}
