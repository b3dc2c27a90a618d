/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/search.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "store/store_search.h"
#include "text/match.h"

/* A bit for each row of the store: it has a hit. */
struct searching {
    struct search *search; /* under way; NULL */
    int64_t dataset;
    int64_t revision; /* up to which all is known; 0 = not yet */
    uint64_t *bits;
    size_t words;
    int step; /* to be gone to once there is one; 0 = none */
};

static bool has_hit(const struct searching *searching, int64_t row)
{
    size_t word = (size_t)row / 64;
    return word < searching->words && searching->bits[word] >> ((uint64_t)row % 64) & 1;
}

static void set_hit(struct searching *searching, int64_t row, bool has)
{
    size_t word = (size_t)row / 64;
    uint64_t bit = UINT64_C(1) << ((uint64_t)row % 64);
    if (word >= searching->words) {
        size_t words = word + word / 4 + 64;
        searching->bits = xreallocarray(searching->bits, words, sizeof *searching->bits);
        memset(searching->bits + searching->words, 0,
               (words - searching->words) * sizeof *searching->bits);
        searching->words = words;
    }
    if (has)
        searching->bits[word] |= bit;
    else
        searching->bits[word] &= ~bit;
}

/* Without a filter the bits are the whole truth: a million records take no time. */
static void count_hits(struct app *app)
{
    struct finding *finding = &app->session.finding;
    const struct searching *searching = app->searching;
    const struct queue *queue = &app->session.queue;
    int64_t row = app->session.has_current ? app->session.current.row : 0;
    size_t before = 0;
    finding->records = finding->here = 0;
    if (!queue->has_filter && !queue->is_narrowed) {
        for (size_t i = 0; i < searching->words; i++) {
            uint64_t bits = searching->bits[i];
            size_t first = i * 64;
            finding->records += (size_t)__builtin_popcountll(bits);
            if (first + 64 <= (size_t)row)
                before += (size_t)__builtin_popcountll(bits);
            else if (first <= (size_t)row)
                before += (size_t)__builtin_popcountll(
                    bits & ((UINT64_C(1) << ((size_t)row - first)) - 1));
        }
        finding->here = row && has_hit(searching, row) ? before + 1 : 0;
        return;
    }
    for (size_t i = queue_next(queue, SIZE_MAX); i != SIZE_MAX;
         i = queue_next(queue, i)) {
        if (!has_hit(searching, queue->rows[i].row))
            continue;
        finding->records++;
        if (queue->rows[i].row == row)
            finding->here = finding->records;
    }
}

static void on_portion(void *ctx, const struct search_portion *portion)
{
    struct app *app = ctx;
    struct searching *searching = app->searching;
    struct finding *finding = &app->session.finding;
    for (size_t i = 0; i < portion->found_count; i++)
        set_hit(searching, portion->found[i], true);
    for (size_t i = 0; i < portion->lost_count; i++)
        set_hit(searching, portion->lost[i], false);
    finding->hard = portion->hard;
    if (portion->is_end) {
        searching->search = NULL;
        searching->revision = portion->revision;
        finding->is_counting = false;
    }
    if (portion->err)
        app_notify_err(app, portion->err);
    count_hits(app);
    int step = searching->step;
    if (step && (portion->found_count > 0 || portion->is_end)) {
        searching->step = 0;
        if (app_go_hit(app, step) == HIT_HERE)
            app_notify(app, NOTICE_INFO, "No other record has it.");
    }
    if (portion->is_end && !portion->err)
        app_search_follow(app); /* what has come meanwhile */
    app_changed(app);
}

static void stop(struct searching *searching)
{
    if (searching && searching->search)
        store_search_stop(searching->search);
    if (searching)
        searching->search = NULL;
}

static void start(struct app *app, int64_t since)
{
    struct searching *searching = app->searching;
    struct finding *finding = &app->session.finding;
    const struct search_query query = {
        .dataset_row = app->session.dataset.row,
        .from_row = app->session.has_current ? app->session.current.row : 0,
        .since = since,
        .typed = finding->typed,
    };
    finding->is_counting = since == 0;
    searching->dataset = query.dataset_row;
    searching->search = store_search(app->store, &query, on_portion, app, NULL);
}

bool app_search(struct app *app, const char *typed, struct err *err)
{
    struct finding *finding = &app->session.finding;
    if (typed && finding->typed && strcmp(typed, finding->typed) == 0)
        return true;
    stop(app->searching);
    match_free(finding->match);
    free(finding->typed);
    if (app->searching)
        free(app->searching->bits);
    free(app->searching);
    app->searching = NULL;
    *finding = (struct finding){.number = finding->number + 1};
    app_changed(app);
    if (!typed || !*typed)
        return true;
    finding->match = match_parse(typed, err);
    if (!finding->match)
        return false;
    finding->typed = xstrdup(typed);
    app->searching = xcalloc(1, sizeof *app->searching);
    start(app, 0);
    return true;
}

void app_search_follow(struct app *app)
{
    struct searching *searching = app->searching;
    int64_t dataset = app->session.dataset.row;
    if (!searching || app->is_closing)
        return;
    if (searching->dataset != dataset) {
        stop(searching);
        free(searching->bits);
        *searching = (struct searching){0};
        start(app, 0);
    } else if (!searching->search && searching->revision > 0 &&
               store_revision(app->store, dataset) != searching->revision) {
        start(app, searching->revision);
    }
    count_hits(app);
}

/* The next record with a hit, or SIZE_MAX. */
static size_t find_hit(const struct app *app, int step, bool *is_round)
{
    const struct queue *queue = &app->session.queue;
    size_t index = queue->position;
    for (*is_round = false;;) {
        index = step > 0 ? queue_next(queue, index) : queue_previous(queue, index);
        if (index == SIZE_MAX && !*is_round) {
            *is_round = true;
            index = step > 0 ? queue_next(queue, SIZE_MAX)
                             : queue_previous(queue, queue->count);
        }
        if (index == SIZE_MAX || index == queue->position)
            return SIZE_MAX;
        if (has_hit(app->searching, queue->rows[index].row))
            return index;
    }
}

enum hit_move app_go_hit(struct app *app, int step)
{
    struct searching *searching = app->searching;
    const struct queue *queue = &app->session.queue;
    bool is_round = false;
    if (!searching || queue->count == 0 || !app->session.is_queue_loaded)
        return HIT_NONE;
    app_search_follow(app);
    size_t index = find_hit(app, step, &is_round);
    /* Records are looked at from the current one on; what changed is looked at in no
     * time. */
    bool is_sure = index != SIZE_MAX && !is_round && step > 0 && searching->revision == 0;
    searching->step = 0;
    if (searching->search && !is_sure) {
        searching->step = step;
        return HIT_AWAITED;
    }
    if (index != SIZE_MAX) {
        current_show(app, index);
        count_hits(app);
        if (is_round)
            app_notify(app, NOTICE_INFO, "On from the %s record again.",
                       step > 0 ? "first" : "last");
        return HIT_MOVED;
    }
    if (app->session.finding.here)
        return HIT_HERE;
    app_notify(app, NOTICE_INFO, "%s is not found%s.", app->session.finding.typed,
               queue->has_filter || queue->is_narrowed ? " in what the filter shows"
                                                       : "");
    return HIT_NONE;
}

/* ---- what is on the server ---- */

enum { SERVER_HITS_MAX = 50 };

struct server_search {
    struct app *app;
    int64_t dataset;
    char *words;
};

static void say_found(struct app *app, size_t count, size_t all, size_t added)
{
    if (count < all)
        app_notify(app, NOTICE_DONE,
                   "The server finds %zu records; the best %zu are here now, %zu of them "
                   "were not.",
                   all, count, added);
    else
        app_notify(app, NOTICE_DONE, "The server finds %zu record%s; %zu %s not here.",
                   count, count == 1 ? "" : "s", added, added == 1 ? "was" : "were");
}

static void on_server_page(void *ctx, struct argilla_page *page, const struct err *err)
{
    struct server_search *asked = ctx;
    struct app *app = asked->app;
    struct err fault = {0};
    int64_t rows[SERVER_HITS_MAX];
    size_t added = 0;
    size_t count = page && page->count < SERVER_HITS_MAX ? page->count : SERVER_HITS_MAX;
    if (app->is_closing || app->session.dataset.row != asked->dataset) {
        ; /* nobody waits any more */
    } else if (err->code != STATUS_OK || !page) {
        app_notify_err(app, err);
    } else if (store_take_found(app->store, asked->dataset, page->records, count, rows,
                                &added, &fault) != STATUS_OK) {
        app_notify_err(app, &fault);
    } else {
        app->on_pulled(app);
        if (app_search(app, asked->words, NULL))
            for (size_t i = 0; i < count; i++)
                set_hit(app->searching, rows[i], true);
        count_hits(app);
        if (count > 0 && !app->session.finding.here)
            app_go_hit(app, 1);
        say_found(app, count, page->left, added);
    }
    free(asked->words);
    free(asked);
}

void app_search_server(struct app *app, const char *words)
{
    const struct dataset *dataset = &app->session.dataset;
    if (!words[0]) {
        app_notify(app, NOTICE_INFO, "What shall the server look for?");
        return;
    }
    if (!app->argilla || !app->session.is_connected || !dataset->remote_id) {
        app_notify(app, NOTICE_INFO, "There is no server to ask: %s finds what is here.",
                   app_key_name(app, ACTION_SEARCH).text);
        return;
    }
    struct server_search *asked = xcalloc(1, sizeof *asked);
    *asked = (struct server_search){app, dataset->row, xstrdup(words)};
    app_notify(app, NOTICE_INFO, "The server is asked…");
    argilla_search_records(app->argilla, dataset, words, SERVER_HITS_MAX, on_server_page,
                           asked);
}
