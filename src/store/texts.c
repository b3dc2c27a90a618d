/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "json/readable.h"

bool each_text(struct db *db, struct query *query, struct match *words, text_fn fn,
               void *ctx, struct err *err)
{
    struct match_hit hit;
    size_t len;
    bool is_enough = false;
    struct query fields = query_start(db, "SELECT text FROM field WHERE record = ?");
    query_int(&fields, query_get_int(query, 0));
    while (!is_enough && query_row(&fields)) {
        const char *text = query_peek_text(&fields, 0, &len);
        is_enough = fn(ctx, text, len);
    }
    query_end(&fields, err);
    for (int column = 1; column <= 2 && !is_enough; column++) {
        const char *json = query_peek_text(query, column, &len);
        if (len == 0 || (words && !memchr(json, '\\', len) &&
                         match_find(words, json, len, 0, &hit) == MATCH_NONE))
            continue;
        char *copy = xmemdup0(json, len);
        struct values values = {0};
        char *lines = column == 1 ? readable_metadata(copy, &len) : NULL;
        if (lines)
            is_enough = fn(ctx, lines, len);
        else if (codec_read_values(&values, copy, len, NULL) == STATUS_OK)
            for (size_t i = 0; i < values.count && !is_enough; i++)
                is_enough = values.items[i].text &&
                            fn(ctx, values.items[i].text, strlen(values.items[i].text));
        values_clear(&values);
        free(lines);
        free(copy);
    }
    return is_enough;
}

struct finding {
    struct match *match;
    enum match_result result;
};

static bool find(void *ctx, const char *text, size_t len)
{
    struct finding *finding = ctx;
    struct match_hit hit;
    enum match_result result = match_find(finding->match, text, len, 0, &hit);
    if (result != MATCH_NONE)
        finding->result = result;
    return result == MATCH_FOUND;
}

enum match_result find_in_texts(struct db *db, struct query *query, struct match *match,
                                bool is_raw_same, struct err *err)
{
    struct finding finding = {.match = match};
    each_text(db, query, is_raw_same ? match : NULL, find, &finding, err);
    return finding.result;
}
