/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/codec.h"
#include "store/job.h"
#include "store/owner.h"
#include "store/records.h"
#include "store/ref.h"

/* What a crash left behind: completions whose process is gone. */

struct orphan {
    int64_t row;
    struct completion completion;
};

static enum status next_running(struct db *db, int64_t after, struct orphan *orphan,
                                char **owner, struct err *err)
{
    struct query query =
        query_start(db, "SELECT record, owner, facts FROM completion"
                        " WHERE state = 0 AND record > ? ORDER BY record LIMIT 1");
    query_int(&query, after);
    enum status status = STATUS_OK;
    orphan->row = 0;
    if (query_row(&query)) {
        size_t len;
        char *facts = query_get_text(&query, 2, &len);
        orphan->row = query_get_int(&query, 0);
        *owner = query_get_text(&query, 1, NULL);
        status = codec_read_completion(&orphan->completion, facts, len, err);
        free(facts);
    }
    enum status ended = query_end(&query, err);
    return ended == STATUS_OK ? status : ended;
}

static enum status end_orphan(struct writing *writing, struct orphan *orphan)
{
    struct completion *completion = &orphan->completion;
    struct record_ref ref = {0};
    bool has_text = false;
    enum status status = ref_find_row(writing->db, orphan->row, &ref, writing->err);
    if (status == STATUS_OK)
        status = record_has_text(writing->db, orphan->row, &has_text, writing->err);
    completion->state = has_text ? COMPLETION_CUT : COMPLETION_FAILED;
    free(completion->error);
    completion->error = xstrdup("sherd ended before the answer was complete.");
    if (status == STATUS_OK)
        status = record_put_completion(writing->db, orphan->row, completion, NULL,
                                       writing->err);
    if (status == STATUS_OK)
        status = record_put_flags(writing->db, orphan->row,
                                  record_flags(completion, has_text), writing->err);
    if (status == STATUS_OK && ref.has_response)
        status = record_finish(writing->db, &ref, writing->err);
    return status;
}

static enum status mend_running(struct writing *writing, void *args)
{
    (void)args;
    struct orphan orphan = {0};
    enum status status = STATUS_OK;
    do {
        char *owner = NULL;
        status = next_running(writing->db, orphan.row, &orphan, &owner, writing->err);
        if (status == STATUS_OK && orphan.row && !owner_is_alive(owner, writing->owner))
            status = end_orphan(writing, &orphan);
        completion_clear(&orphan.completion);
        free(owner);
    } while (status == STATUS_OK && orphan.row);
    return status;
}

void store_mend_running(struct store *store, store_done_fn done, void *ctx)
{
    static const struct job_kind kind = {mend_running, free, true};
    job_submit(store, &kind, NULL, done, ctx);
}
