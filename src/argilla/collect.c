/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/collect.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct entry {
    struct record record;
    int64_t order;
};

struct collected_records {
    char *dataset_id;
    struct entry *entries;  /* while collecting */
    struct record *records; /* once settled */
    size_t count;
    size_t capacity;
};

struct collected_records *collected_new(const char *dataset_id)
{
    struct collected_records *collected = xcalloc(1, sizeof *collected);
    collected->dataset_id = xstrdup(dataset_id);
    return collected;
}

void collected_free(struct collected_records *collected)
{
    if (!collected)
        return;
    for (size_t i = 0; i < collected->count; i++)
        record_clear(collected->entries ? &collected->entries[i].record
                                        : &collected->records[i]);
    free(collected->entries);
    free(collected->records);
    free(collected->dataset_id);
    free(collected);
}

bool collected_is_of(const struct collected_records *collected, const char *dataset_id)
{
    return collected && collected->records &&
           strcmp(collected->dataset_id, dataset_id) == 0;
}

void collected_give(struct collected_records *collected, struct record *record,
                    int64_t order)
{
    if (collected->count == collected->capacity) {
        collected->capacity = collected->capacity ? collected->capacity * 2 : 256;
        collected->entries = xreallocarray(collected->entries, collected->capacity,
                                           sizeof *collected->entries);
    }
    collected->entries[collected->count++] = (struct entry){*record, order};
    *record = (struct record){0};
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return strcmp(a->record.remote_id, b->record.remote_id);
}

size_t collected_settle(struct collected_records *collected)
{
    struct entry *entries = collected->entries;
    if (collected->count > 0)
        qsort(entries, collected->count, sizeof *entries, compare);
    struct record *records = xcalloc(collected->count + 1, sizeof *records);
    size_t kept = 0;
    for (size_t i = 0; i < collected->count; i++) {
        if (kept > 0 &&
            strcmp(records[kept - 1].remote_id, entries[i].record.remote_id) == 0)
            record_clear(&entries[i].record);
        else
            records[kept++] = entries[i].record;
    }
    free(entries);
    collected->entries = NULL;
    collected->records = records;
    collected->count = kept;
    collected->capacity = 0;
    return kept;
}

size_t collected_count(const struct collected_records *collected)
{
    return collected->count;
}

const struct record *collected_page(const struct collected_records *collected,
                                    size_t offset, size_t limit, size_t *count)
{
    size_t from = offset < collected->count ? offset : collected->count;
    size_t left = collected->count - from;
    *count = left < limit ? left : limit;
    return collected->records + from;
}
