/* SPDX-License-Identifier: MIT
 * The names that a selection may hold: those that it does, and those to complete. */
#include "config.h"

#include "store/store_search.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "store/search_parts.h"
#include "text/outside.h"
#include "json/json.h"

/* ---- which metadata there is ---- */

enum { LOOKED_AT = 500, NAMES_SAID = 12 };

/* Its properties, owned; NULL = not known. */
static json_t *declared(const char *more_json)
{
    json_t *more = more_json ? json_loads(more_json, 0, NULL) : NULL;
    json_t *properties = json_incref(json_object_get(more, "metadata_properties"));
    json_decref(more);
    return properties;
}

/* Of the newest records and the declared properties; false = there is no record. */
static bool list_metadata(struct db *db, const struct dataset *dataset,
                          struct selection_words *words)
{
    struct query query = query_start(db, "SELECT metadata FROM record WHERE dataset = ?"
                                         " ORDER BY row DESC LIMIT ?");
    const char *name;
    json_t *value;
    size_t at, len;
    bool has_record = false;
    query_int(&query, dataset->row);
    query_int(&query, LOOKED_AT);
    for (; query_row(&query); has_record = true) {
        char *text = query_get_text(&query, 0, &len);
        json_t *metadata = text ? json_loadb(text, len, 0, NULL) : NULL;
        json_object_foreach(metadata, name, value)
            selection_words_add(words, WORD_METADATA, name);
        json_decref(metadata);
        free(text);
    }
    query_end_logged(&query);
    json_t *properties = declared(dataset->more_json), *property;
    json_array_foreach(properties, at, property)
    {
        if ((name = json_get_text(property, "name", NULL)))
            selection_words_add(words, WORD_METADATA, name);
    }
    json_decref(properties);
    return has_record;
}

/* A value that reads like the name is taken for it: no harm. False: not up to now, and
 * *row is 0 when none is left to be looked at. */
static bool find_metadata(struct db *db, int64_t dataset, const char *name, int64_t *row,
                          int64_t end_ms)
{
    char *key = xasprintf("\"%s\"", name);
    struct query query = query_start(db, "SELECT row, instr(metadata, ?) FROM record"
                                         " INDEXED BY record_queue WHERE dataset = ?"
                                         " AND row > ? ORDER BY row");
    bool is_found = false, is_late = false;
    query_text(&query, key);
    query_int(&query, dataset);
    query_int(&query, *row);
    *row = 0;
    while (!is_found && !is_late && query_row(&query)) {
        *row = query_get_int(&query, 0);
        is_found = query_get_int(&query, 1) > 0;
        is_late = clock_mono_ms(&clock_system) >= end_ms;
    }
    if (!is_late)
        *row = 0;
    query_end_logged(&query);
    free(key);
    return is_found;
}

static void refuse_name(const char *where, const char *name,
                        const struct selection_words *words, struct err *err)
{
    struct buf said = {0};
    const char **names = xcalloc(words->count, sizeof *names);
    for (size_t i = 0; i < words->count; i++)
        names[i] = words->items[i].text;
    const char *near = nearest_word(name, names, words->count);
    buf_add_text(&said,
                 words->count ? "no record has this metadata" : "no record has metadata");
    if (near)
        buf_addf(&said, ", \"%s\" perhaps", near);
    for (size_t i = 0; i < words->count && i < NAMES_SAID; i++)
        buf_addf(&said, "%s%s", i ? ", " : "; there are ", names[i]);
    err_set(err, STATUS_USAGE, "%s: %s%s.", where, buf_text(&said),
            words->count > NAMES_SAID ? " and more" : "");
    buf_clear(&said);
    free(names);
}

bool look_up_names(struct naming *naming, struct db *db, const struct dataset *dataset,
                   const struct selection *selection, int64_t end_ms, struct err *err)
{
    struct selection_words words = {0};
    bool is_settled = true, is_listed = false, has_record = true;
    for (; naming->at < selection->count + selection->order_count; naming->at++) {
        const char *name = NULL, *where = NULL;
        size_t at = naming->at;
        if (at < selection->count && selection->terms[at].kind == SELECT_METADATA) {
            name = selection->terms[at].name;
            where = selection->terms[at].where;
        } else if (at >= selection->count) {
            name = selection->orders[at - selection->count].name;
            where = selection->orders[at - selection->count].where;
        }
        if (!name || !where) /* it is about no metadata */
            continue;
        if (!is_listed)
            has_record = list_metadata(db, dataset, &words);
        is_listed = true;
        bool is_known = !has_record;
        for (size_t i = 0; i < words.count && !is_known; i++)
            is_known = !strcmp(words.items[i].text, name);
        if (is_known || find_metadata(db, dataset->row, name, &naming->row, end_ms))
            continue;
        is_settled = false;
        if (!naming->row)
            refuse_name(where, name, &words, err);
        break;
    }
    selection_words_clear(&words);
    return is_settled;
}

/* ---- words to complete ---- */

enum { WORDS_MS = 100, WORDS_MAX = 2000, VALUES_MAX = 50, VALUE_LEN_MAX = 60 };

struct wording {
    struct store *store;
    int64_t dataset;
    json_t *declared;
    struct selection_words words;
    json_t *ranges; /* of metadata that is numbers: [lowest, highest] */
    store_words_fn fn;
    void *ctx;
};

static void widen(struct wording *wording, const char *name, json_t *number)
{
    json_t *range = json_object_get(wording->ranges, name);
    double value = json_number_value(number);
    if (!range)
        json_object_set_new(wording->ranges, name, json_pack("[O,O]", number, number));
    else if (value < json_number_value(json_array_get(range, 0)))
        json_array_set(range, 0, number);
    else if (value > json_number_value(json_array_get(range, 1)))
        json_array_set(range, 1, number);
}

/* Texts, as many as one would look through. */
static void add_value(struct selection_words *words, const char *name, const char *text)
{
    static const char control[] = "\t\n\r\x1b\x7f";
    size_t len = strlen(name), count = 0;
    for (size_t i = 0; i < words->count; i++) {
        const struct selection_word *word = &words->items[i];
        count += word->kind == WORD_VALUE && strncmp(word->text, name, len) == 0 &&
                 word->text[len] == ':';
    }
    if (count == VALUES_MAX || !*text || strlen(text) > VALUE_LEN_MAX ||
        strpbrk(text, control))
        return;
    char *word = xasprintf("%s:%s", name, text);
    selection_words_add(words, WORD_VALUE, word);
    free(word);
}

static void take_value(struct wording *wording, const char *name, json_t *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item) take_value(wording, name, item);
    if (json_is_number(value))
        widen(wording, name, value);
    else if (json_is_boolean(value))
        add_value(&wording->words, name, json_is_true(value) ? "true" : "false");
    else if (json_is_string(value))
        add_value(&wording->words, name, json_string_value(value));
}

/* The values of terms; of numbers the ends, where no record has one. */
static void take_declared(struct wording *wording, bool of_numbers)
{
    size_t i;
    json_t *property;
    json_array_foreach(wording->declared, i, property)
    {
        const char *name = json_get_text(property, "name", NULL);
        const json_t *settings = json_object_get(property, "settings");
        if (!name)
            continue;
        selection_words_add(&wording->words, WORD_METADATA, name);
        if (!of_numbers) {
            take_value(wording, name, json_object_get(settings, "values"));
        } else if (!json_object_get(wording->ranges, name)) {
            take_value(wording, name, json_object_get(settings, "min"));
            take_value(wording, name, json_object_get(settings, "max"));
        }
    }
}

static void take_words(struct wording *wording, struct look *look)
{
    struct selection_words *words = &wording->words;
    const char *name, *model = look_model(look);
    json_t *value;
    if (model)
        selection_words_add(words, WORD_MODEL, model);
    json_object_foreach(look_metadata(look), name, value)
    {
        selection_words_add(words, WORD_METADATA, name);
        take_value(wording, name, value);
    }
    const struct record *record = look_suggestions(look);
    for (size_t i = 0; i < record->suggestion_count; i++)
        if (record->suggestions[i].agent)
            selection_words_add(words, WORD_AGENT, record->suggestions[i].agent);
}

static void run_words(void *ctx)
{
    struct wording *wording = ctx;
    struct err ignored = {0};
    struct db *db = store_long_reader(wording->store, &ignored);
    int64_t end_ms = clock_mono_ms(&clock_system) + WORDS_MS;
    if (!db || db_begin_read(db, &ignored) != STATUS_OK)
        return;
    take_declared(wording, false);
    struct query query = query_start(db, "SELECT row FROM record INDEXED BY record_queue"
                                         " WHERE dataset = ? ORDER BY row DESC");
    query_int(&query, wording->dataset);
    while (!atomic_load(&wording->store->is_closing) &&
           wording->words.count < WORDS_MAX && query_row(&query) &&
           clock_mono_ms(&clock_system) < end_ms) {
        struct look look = {.db = db, .row = {.row = query_get_int(&query, 0)}};
        take_words(wording, &look);
        look_end(&look);
    }
    query_end_logged(&query);
    db_rollback(db);
    take_declared(wording, true);
    const char *name;
    json_t *range;
    json_object_foreach(wording->ranges, name, range)
    {
        char *low = json_print(json_array_get(range, 0));
        char *high = json_print(json_array_get(range, 1));
        char *text = xasprintf("%s..%s", low, high);
        add_value(&wording->words, name, strcmp(low, high) ? text : low);
        free(low);
        free(high);
        free(text);
    }
}

static void end_words(void *ctx)
{
    struct wording *wording = ctx;
    wording->fn(wording->ctx, &wording->words);
    selection_words_clear(&wording->words);
    json_decref(wording->declared);
    json_decref(wording->ranges);
    free(wording);
}

void store_list_words(struct store *store, const struct dataset *dataset,
                      store_words_fn fn, void *ctx)
{
    struct wording *wording = xcalloc(1, sizeof *wording);
    *wording = (struct wording){.store = store,
                                .dataset = dataset->row,
                                .declared = declared(dataset->more_json),
                                .ranges = json_object(),
                                .fn = fn,
                                .ctx = ctx};
    store_read_long(store, run_words, end_words, wording);
}
