/* SPDX-License-Identifier: MIT
 *
 * What the store remembers for the pulls of a dataset: where they stand, and what was
 * sent from here and is not read back.
 *
 * A batch of new records is a stretch of the server's time with as many records as were
 * sent; while the server has just as many records of that stretch, all of them are ours
 * as we sent them, and a pull of what is new goes round it. A record that somebody
 * changed has another time: the numbers differ, and of many stretches halves are asked
 * about until it stands alone.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "sync/state.h"

/* ---- where they stand ---- */

static json_t *print_place(const struct argilla_place *place)
{
    return json_pack("{s:s,s:I,s:s}", "after", place->after, "skip",
                     (json_int_t)place->skip, "last", place->last);
}

static void read_text(const json_t *json, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, key));
    snprintf(out, size, "%s", text ? text : "");
}

static void read_place(const json_t *json, struct argilla_place *place)
{
    json_int_t skip = json_integer_value(json_object_get(json, "skip"));
    place->skip = skip > 0 ? (size_t)skip : 0;
    read_text(json, "after", place->after, sizeof place->after);
    read_text(json, "last", place->last, sizeof place->last);
}

/* A note that cannot be written costs a pull of all, later. */
void memory_write(struct sync *sync)
{
    const struct pull_memory *memory = &sync->pull.memory;
    char *key = xasprintf("pull:%" PRId64, sync->dataset.row);
    json_t *json =
        json_pack("{s:I,s:o,s:I,s:s,s:o,s:I,s:I,s:I}", "number",
                  (json_int_t)memory->number, "place", print_place(&memory->place),
                  "before", (json_int_t)memory->before, "since", memory->since, "end",
                  print_place(&memory->end), "done_ms", (json_int_t)memory->done_ms,
                  "sum", (json_int_t)memory->sum, "unseen", (json_int_t)memory->unseen);
    char *text = json_dumps(json, JSON_COMPACT);
    if (text)
        (void)store_put_note(sync->store, key, text, NULL);
    json_decref(json);
    free(text);
    free(key);
}

static json_t *read_note(struct store *store, int64_t dataset_row)
{
    char *key = xasprintf("pull:%" PRId64, dataset_row);
    char *text = store_get_note(store, key);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    free(key);
    return json;
}

void memory_read(struct sync *sync)
{
    struct pull_memory *memory = &sync->pull.memory;
    json_t *json = read_note(sync->store, sync->dataset.row);
    json_int_t before = json_integer_value(json_object_get(json, "before"));
    *memory = (struct pull_memory){
        .number = json_integer_value(json_object_get(json, "number")),
        .before = before > 0 ? (size_t)before : 0,
        .done_ms = json_integer_value(json_object_get(json, "done_ms")),
        .sum = json_integer_value(json_object_get(json, "sum")),
        .unseen = (size_t)json_integer_value(json_object_get(json, "unseen"))};
    read_place(json_object_get(json, "place"), &memory->place);
    read_place(json_object_get(json, "end"), &memory->end);
    read_text(json, "since", memory->since, sizeof memory->since);
    sync->report.whole_ms = memory->done_ms;
    json_decref(json);
}

bool sync_has_read(struct store *store, int64_t dataset_row)
{
    json_t *json = read_note(store, dataset_row);
    bool has_read = json_integer_value(json_object_get(json, "done_ms")) > 0;
    json_decref(json);
    return has_read;
}

/* ---- what was sent from here ---- */

static void take_text(char out[ARGILLA_TIME], const json_t *text)
{
    snprintf(out, ARGILLA_TIME, "%s",
             json_string_value(text) ? json_string_value(text) : "");
}

/* What the note has that is later than a time. */
static void sent_recall(struct sync *sync, const char *since, struct sent *sent)
{
    char *key = xasprintf("sent:%" PRId64, sync->dataset.row),
         *text = store_get_note(sync->store, key);
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *item;
    size_t i;
    *sent = (struct sent){0};
    json_array_foreach(list, i, item)
    {
        struct stretch *stretch = &sent->list[sent->count];
        take_text(stretch->from, json_array_get(item, 0));
        take_text(stretch->to, json_array_get(item, 1));
        stretch->count = (size_t)json_integer_value(json_array_get(item, 2));
        sent->count += sent->count + 1 < SENT_MOST && strcmp(stretch->from, since) > 0;
    }
    sent->span = sent->count;
    json_decref(list);
    free(text);
    free(key);
}

/* What cannot be kept costs a reading. */
static void sent_keep(struct sync *sync, const struct sent *sent)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sent->count; i++)
        json_array_append_new(list,
                              json_pack("[s,s,I]", sent->list[i].from, sent->list[i].to,
                                        (json_int_t)sent->list[i].count));
    char *key = xasprintf("sent:%" PRId64, sync->dataset.row),
         *text = json_dumps(list, JSON_COMPACT);
    (void)store_put_note(sync->store, key, text ? text : "[]", NULL);
    json_decref(list);
    free(text);
    free(key);
}

static void sent_note(struct sync *sync, const struct stretch *new)
{
    struct sent sent;
    sent_recall(sync, "", &sent);
    struct stretch *last = sent.count ? &sent.list[sent.count - 1] : NULL;
    if (last && strcmp(new->from, last->to) <= 0)
        return; /* stored before, and its reply was lost: it is read */
    if (last && sent.count + 1 == SENT_MOST) {
        memcpy(last->to, new->to, sizeof last->to);
        last->count += new->count;
    } else {
        sent.list[sent.count++] = *new;
    }
    sent_keep(sync, &sent);
}

void sent_add(struct sync *sync, const struct argilla_push_result *results, size_t count)
{
    struct stretch new = {0};
    for (size_t i = 0; i < count; i++) {
        const char *made_at = results[i].made_at;
        if (!*made_at)
            continue;
        if (!new.count || strcmp(made_at, new.from) < 0)
            memcpy(new.from, made_at, sizeof new.from);
        if (strcmp(made_at, new.to) > 0)
            memcpy(new.to, made_at, sizeof new.to);
        new.count++;
    }
    if (!argilla_pull_is_exact(sync->argilla))
        sync->fresh += new.count;
    else if (new.count)
        sent_note(sync, &new);
}

size_t sent_begin(struct sync *sync, const char *since)
{
    size_t count = 0;
    sent_recall(sync, since, &sync->sent);
    for (size_t i = 0; i < sync->sent.count; i++)
        count += sync->sent.list[i].count;
    return count;
}

void sent_end(struct sync *sync, const char *since)
{
    sent_recall(sync, since, &sync->sent);
    sent_keep(sync, &sync->sent);
    sync->sent.count = 0;
}

bool sent_ask(const struct sent *sent, struct argilla_place *place)
{
    if (sent->at >= sent->count)
        return false;
    *place = (struct argilla_place){.kind = ARGILLA_CHANGED};
    memcpy(place->after, sent->list[sent->at].from, sizeof place->after);
    memcpy(place->until, sent->list[sent->at + sent->span - 1].to, sizeof place->until);
    return true;
}

void sent_told(struct sent *sent, size_t there)
{
    struct stretch *list = &sent->list[sent->at];
    size_t count = 0, span = sent->span,
           drop = span - 1; /* those that go into the first */
    for (size_t i = 0; i < span; i++)
        count += list[i].count;
    if (count != there && span > 1) {
        sent->span = span / 2;
        return;
    }
    if (count == there) {
        memcpy(list->to, list[drop].to, sizeof list->to);
        list->count = count;
        list++;
        sent->at++;
    } else {
        drop = 1;
    }
    sent->count -= drop;
    memmove(list, list + drop, (sent->count - sent->at) * sizeof *list);
    sent->span = sent->count - sent->at;
}

void sent_bound(const struct sent *sent, struct argilla_place *place)
{
    place->until[0] = '\0';
    for (size_t i = 0; i < sent->count && !place->until[0]; i++)
        if (strcmp(sent->list[i].from, place->after) >= 0)
            memcpy(place->until, sent->list[i].from, sizeof place->until);
}

bool sent_skip(const struct sent *sent, struct argilla_place *place)
{
    for (size_t i = 0; i < sent->count; i++) {
        if (!place->until[0] || strcmp(sent->list[i].from, place->until) != 0)
            continue;
        memcpy(place->after, sent->list[i].to, sizeof place->after);
        place->until[0] = '\0';
        if (i + 1 < sent->count)
            memcpy(place->until, sent->list[i + 1].from, sizeof place->until);
        place->skip = 0;
        return true;
    }
    return false;
}
