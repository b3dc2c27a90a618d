/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "store/job.h"

struct note {
    char *key;
    char *value; /* NULL = to be removed */
};

static enum status put_note(struct writing *writing, void *args)
{
    const struct note *note = args;
    struct query query =
        query_start(writing->db,
                    note->value ? "INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)"
                                : "DELETE FROM note WHERE key = ?");
    query_text(&query, note->key);
    if (note->value)
        query_text(&query, note->value);
    return query_run(&query, writing->err);
}

static void free_note(void *args)
{
    struct note *note = args;
    free(note->key);
    free(note->value);
    free(note);
}

void store_put_note(struct store *store, const char *key, const char *value,
                    store_done_fn done, void *ctx)
{
    static const struct job_kind kind = {put_note, free_note, false};
    struct note *note = xcalloc(1, sizeof *note);
    note->key = xstrdup(key);
    note->value = xstrdup_or_null(value);
    job_submit(store, &kind, note, done, ctx);
}

char *store_get_note(struct store *store, const char *key)
{
    struct query query =
        query_start(store->reader, "SELECT value FROM note WHERE key = ?");
    query_text(&query, key);
    char *value = query_row(&query) ? query_get_text(&query, 0, NULL) : NULL;
    query_end_logged(&query);
    return value;
}
