/* SPDX-License-Identifier: MIT
 * Statistics: loaded beside the loop and followed on it; and as text, a table each for
 * ratings, time, length and agreement. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/app_parts.h"
#include "store/store_stats.h"
#include "text/width.h"

enum {
    NAME_COLS = 18,
    BAR_COLS = 24,
    NUMBER_COLS = 6,
    PAIR_COLS = 13,
    TIMES_MAX = 14, /* lines of the table over time: the last ones */
    LOWEST_MAX = 8,
    MOST_HOURS = 48, /* shown as hours; else as days */
    SURE_FROM = 30
};

/* ---- pieces ---- */

/* Filled in eighths. */
static void add_bar(struct buf *out, const struct stats_page *page, double part)
{
    static const char *const ends[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double most = BAR_COLS * 8;
    int eighths = (int)lround(part * most);
    if (page->is_plain)
        return;
    for (int i = 0; i < eighths / 8; i++)
        buf_add_text(out, "█");
    buf_add_text(out, ends[eighths % 8]);
}

static void format_time(int64_t ms, char *out, size_t size)
{
    if (ms < 10000)
        snprintf(out, size, "%.1f s", (double)ms / 1000);
    else if (ms < 120000)
        snprintf(out, size, "%lld s", (long long)(ms / 1000));
    else if (ms < 7200000)
        snprintf(out, size, "%lld min", (long long)(ms / 60000));
    else
        snprintf(out, size, "%lld h", (long long)(ms / 3600000));
}

static const char *name_of(const struct stats_page *page,
                           const struct stats_person *person)
{
    if (person->user[0] == '\0')
        return page->you[0] != '\0' ? page->you : "you";
    return person->name ? person->name : person->user;
}

/* ---- ratings ---- */

/* Where they do not fit, the bars stand alone. */
static bool has_room(const struct stats_page *page)
{
    int places = (int)page->stats->rating_count;
    return page->is_plain || NAME_COLS + places * (1 + NUMBER_COLS) + 24 <= page->columns;
}

static void add_ratings(struct buf *out, const struct stats_page *page,
                        const struct stats_ratings *ratings)
{
    static const char *const heights[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const struct stats *stats = page->stats;
    int64_t most = 1;
    for (size_t i = 0; i < stats->rating_count; i++)
        most = ratings->counts[i] > most ? ratings->counts[i] : most;
    for (size_t i = 0; i < stats->rating_count && !page->is_plain; i++) {
        int64_t count = ratings->counts[i];
        buf_add_text(out, heights[count ? 1 + (count * 8 - 1) / most % 8 : 0]);
    }
    for (size_t i = 0; i < stats->rating_count && has_room(page); i++)
        buf_addf(out, "%*lld", NUMBER_COLS, (long long)ratings->counts[i]);
    buf_addf(out, "%8lld", (long long)ratings->count);
    if (ratings->count > 0)
        buf_addf(out, "%7.2f", (double)ratings->sum / (double)ratings->count);
    else
        buf_addf(out, "%7s", "-");
}

static void add_rating_titles(struct buf *out, const struct stats_page *page,
                              const char *title, const char *last)
{
    const struct stats *stats = page->stats;
    buf_addf(out, "\n%-*s", NAME_COLS, title);
    buf_addf(out, "%*s", page->is_plain ? 0 : (int)stats->rating_count, "");
    for (size_t i = 0; i < stats->rating_count && has_room(page); i++)
        buf_addf(out, "%*d", NUMBER_COLS, stats->ratings[i]);
    buf_addf(out, "%8s%7s%9s\n", "rated", "mean", last);
}

static void write_ratings(const struct stats_page *page, struct buf *out)
{
    const struct stats *stats = page->stats;
    char each[32];
    if (stats->person_count > 0)
        add_rating_titles(out, page, "By person", "each");
    for (size_t i = 0; i < stats->person_count; i++) {
        const struct stats_person *person = &stats->people[i];
        width_add_column(out, name_of(page, person), NAME_COLS - 1);
        buf_add_text(out, " ");
        add_ratings(out, page, &person->ratings);
        format_time(person->median_ms, each, sizeof each);
        buf_addf(out, "%9s\n", person->median_ms >= 0 ? each : "");
    }
    add_rating_titles(out, page, "By model", "records");
    for (size_t i = 0; i < stats->model_count; i++) {
        const struct stats_model *model = &stats->models[i];
        if (model->records == 0)
            continue;
        width_add_column(out, model->name[0] != '\0' ? model->name : "(not said)",
                         NAME_COLS - 1);
        buf_add_text(out, " ");
        add_ratings(out, page, &model->ratings);
        buf_addf(out, "%9lld\n", (long long)model->records);
    }
}

/* ---- over time ---- */

/* The time span that an hour belongs to, as its line shows it. */
static void format_span(int64_t hour, bool by_day, char *out, size_t size)
{
    time_t seconds = (time_t)hour * 3600;
    struct tm tm;
    localtime_r(&seconds, &tm);
    strftime(out, size, by_day ? "%Y-%m-%d" : "%Y-%m-%d %H:00", &tm);
}

struct span {
    char name[32];
    int64_t answers, rated, sum;
};

static void write_times(const struct stats_page *page, struct buf *out)
{
    const struct stats *stats = page->stats;
    struct span spans[TIMES_MAX + 1] = {0};
    size_t count = 0;
    int64_t most = 1;
    if (stats->hour_count == 0)
        return;
    bool by_day =
        stats->hours[stats->hour_count - 1].hour - stats->hours[0].hour > MOST_HOURS;
    for (size_t i = stats->hour_count; i > 0; i--) { /* the last first */
        const struct stats_hour *hour = &stats->hours[i - 1];
        char name[32];
        if (hour->answers == 0)
            continue;
        format_span(hour->hour, by_day, name, sizeof name);
        if (count == 0 || strcmp(spans[count - 1].name, name) != 0) {
            if (count == TIMES_MAX)
                break;
            snprintf(spans[count++].name, sizeof name, "%s", name);
        }
        spans[count - 1].answers += hour->answers;
        spans[count - 1].rated += hour->rated;
        spans[count - 1].sum += hour->sum;
    }
    buf_addf(out, "\n%-*s%8s%7s\n", NAME_COLS, "Over time", "answers", "mean");
    for (size_t i = 0; i < count; i++)
        most = spans[i].answers > most ? spans[i].answers : most;
    for (size_t i = count; i > 0; i--) {
        const struct span *span = &spans[i - 1];
        buf_addf(out, "%-*s%8lld", NAME_COLS, span->name, (long long)span->answers);
        if (span->rated > 0)
            buf_addf(out, "%7.2f  ", (double)span->sum / (double)span->rated);
        else
            buf_addf(out, "%7s  ", "-");
        add_bar(out, page, (double)span->answers / (double)most);
        buf_add_text(out, "\n");
    }
}

/* ---- length ---- */

/* Few answers correlate with anything: from 30 on, and beyond what chance gives to 95 of
 * 100 such sets. */
static bool is_sure(const struct stats *stats)
{
    size_t count = 0;
    for (size_t i = 0; i < stats->rating_count; i++)
        count += (size_t)stats->lengths[i].count;
    return count >= SURE_FROM && fabs(stats->rho) > 1.96 / sqrt((double)(count - 1));
}

static void write_lengths(const struct stats_page *page, struct buf *out)
{
    const struct stats *stats = page->stats;
    int64_t most = 1;
    if (!stats->has_rho)
        return;
    for (size_t i = 0; i < stats->rating_count; i++)
        most = stats->lengths[i].median > most ? stats->lengths[i].median : most;
    buf_addf(out, "\nLength against rating: rank correlation %.2f, %s.\n", stats->rho,
             !is_sure(stats)  ? "no clear relation"
             : stats->rho > 0 ? "longer ones are rated higher"
                              : "longer ones are rated lower");
    for (size_t i = 0; i < stats->rating_count; i++) {
        const struct stats_length *length = &stats->lengths[i];
        if (length->count == 0)
            continue;
        buf_addf(out, "%*d%*lld characters  ", NUMBER_COLS, stats->ratings[i],
                 NUMBER_COLS + 1, (long long)length->median);
        add_bar(out, page, (double)length->median / (double)most);
        buf_add_text(out, "\n");
    }
}

/* ---- agreement ---- */

static void add_alpha(struct buf *out, const char *name, bool is_defined, double alpha,
                      const struct agreement_range *range)
{
    char text[32] = "-";
    width_add_column(out, name, NAME_COLS - 1);
    if (is_defined)
        snprintf(text, sizeof text, "%.3f", alpha);
    buf_addf(out, " %7s", text);
    text[0] = '\0';
    if (range->is_known)
        snprintf(text, sizeof text, "%.3f to %.3f", range->low, range->high);
    buf_addf(out, "  %-16s", text);
}

static void write_alpha(const struct stats_question *question, bool is_self,
                        struct buf *out)
{
    const struct agreement *agreement = is_self ? question->self : question->agreement;
    const struct agreement_pairs pairs = agreement_pairs(agreement);
    double alpha;
    char label[64], text[32] = "-";
    question_label(question->question, label, sizeof label);
    bool is_defined = agreement_alpha(agreement, question->metric, &alpha);
    add_alpha(out, label, is_defined, alpha,
              is_self ? &question->self_range : &question->range);
    if (pairs.count > 0)
        snprintf(text, sizeof text, "%.0f %%",
                 100 * (double)pairs.equal / (double)pairs.count);
    buf_addf(out, "%6s%9zu  %s\n", text, agreement_answers(agreement),
             agreement_metric_name(question->metric));
}

static void add_alpha_titles(struct buf *out, const char *title)
{
    buf_addf(out, "\n%-*s %6s  %-16s%6s%9s  %s\n", NAME_COLS, title, "alpha", "95 of 100",
             "equal", "answers", "measured as");
}

/* With ourselves, where records were shown a second time. */
static void write_self(const struct stats_page *page, struct buf *out)
{
    const struct stats *stats = page->stats;
    bool has_title = false;
    for (size_t i = 0; i < stats->question_count; i++) {
        if (agreement_pairs(stats->questions[i].self).count == 0)
            continue;
        if (!has_title)
            add_alpha_titles(out, "With yourself");
        has_title = true;
        write_alpha(&stats->questions[i], true, out);
    }
}

static void write_question(const struct stats_question *question, struct buf *out)
{
    const struct agreement *agreement = question->agreement;
    double alpha;
    write_alpha(question, false, out);
    for (int metric = 0; metric < 3 && question->question->type == QUESTION_RATING;
         metric++)
        if (question->metric != (enum agreement_metric)metric &&
            agreement_alpha(agreement, (enum agreement_metric)metric, &alpha))
            buf_addf(out, "  %-*s%7.3f\n", NAME_COLS - 2,
                     agreement_metric_name((enum agreement_metric)metric), alpha);
}

/* Who agrees with whom: the share of equal answers, and of how many. */
static void write_matrix(const struct stats_page *page,
                         const struct stats_question *question, struct buf *out)
{
    const struct stats *stats = page->stats;
    size_t fits = page->columns > NAME_COLS + PAIR_COLS
                      ? (size_t)(page->columns - NAME_COLS) / PAIR_COLS
                      : 1;
    size_t count = stats->person_count - 1 < fits ? stats->person_count - 1 : fits;
    char label[64];
    question_label(question->question, label, sizeof label);
    buf_add_text(out, "\n");
    width_add_column(out, label, NAME_COLS - 1);
    for (size_t k = 0; k < count; k++) {
        buf_add_text(out, " ");
        width_add_column(out, name_of(page, &stats->people[k]), PAIR_COLS - 1);
    }
    buf_add_text(out, "\n");
    for (size_t i = 1; i < stats->person_count; i++) {
        width_add_column(out, name_of(page, &stats->people[i]), NAME_COLS - 1);
        for (size_t k = 0; k < i && k < count; k++) {
            struct agreement_pairs pairs = agreement_between(question->agreement, i, k);
            char cell[48] = "-";
            if (pairs.count > 0)
                snprintf(cell, sizeof cell, "%.0f %% of %lld",
                         100 * (double)pairs.equal / (double)pairs.count,
                         (long long)pairs.count);
            buf_addf(out, " %-*s", page->is_plain || k + 1 < i ? PAIR_COLS - 1 : 1, cell);
        }
        buf_add_text(out, "\n");
    }
    if (count < stats->person_count - 1)
        buf_addf(out, "%zu more people do not fit here; --json has all.\n",
                 stats->person_count - 1 - count);
}

static void write_lowest(const struct stats_page *page,
                         const struct stats_question *question, struct buf *out)
{
    size_t used = NAME_COLS;
    for (size_t i = 0; i < question->lowest_count && i < LOWEST_MAX; i++) {
        char label[STATS_LABEL];
        page->label(page->ctx, question->lowest[i].unit, label, sizeof label);
        used += strlen(label) + 2;
        if (used > (size_t)page->columns)
            break;
        buf_addf(out, "%s%s", i == 0 ? "furthest apart    " : ", ", label);
    }
    if (question->lowest_count > 0)
        buf_add_text(out, "\n");
}

static void write_agreement(const struct stats_page *page, struct buf *out)
{
    const struct stats *stats = page->stats;
    double alpha;
    size_t answered = 0;
    for (size_t i = 0; i < stats->person_count; i++)
        answered += stats->people[i].statuses[RESPONSE_SUBMITTED] > 0;
    if (answered < 2) {
        buf_addf(out,
                 "\nAgreement needs two people: so far %s has submitted an answer%s.\n",
                 answered ? "one" : "nobody",
                 stats->dataset.remote_id ? ", or this key sees only its own" : "");
        return;
    }
    add_alpha_titles(out, "Agreement");
    for (size_t i = 0; i < stats->question_count; i++)
        write_question(&stats->questions[i], out);
    if (stats->question_count > 1) {
        bool is_defined = stats_alpha(stats, &alpha);
        add_alpha(out, "over all", is_defined, alpha, &stats->range);
        buf_add_text(out, "\n");
    }
    for (size_t i = 0; i < stats->dataset.question_count; i++) {
        const struct question *question = &stats->dataset.questions[i];
        bool is_text = question->type == QUESTION_TEXT;
        char label[64];
        if (!is_text && question->type != QUESTION_SPAN)
            continue;
        width_add_column(out, question_label(question, label, sizeof label),
                         NAME_COLS - 1);
        buf_addf(out, " not measured: %s\n", is_text ? "free text" : "spans");
    }
    if (stats->decided > 0)
        buf_addf(out, "Not counted here: %lld of yours, decided between others.\n",
                 (long long)stats->decided);
    for (size_t i = 0; i < stats->question_count; i++) {
        const struct stats_question *question = &stats->questions[i];
        if (agreement_pairs(question->agreement).count == 0)
            continue;
        write_matrix(page, question, out);
        write_lowest(page, question, out);
    }
}

void stats_write(const struct stats_page *page, struct buf *out)
{
    const struct stats *stats = page->stats;
    char left[32];
    buf_addf(out, "%zu %s, %lld open for you", stats->row_count,
             stats->row_count == 1 ? "record" : "records", (long long)stats->open);
    format_time(stats->left_ms, left, sizeof left);
    if (stats->left_ms >= 0 && stats->open > 0)
        buf_addf(out, ": %s at your pace", left);
    buf_add_text(out, ".\n");
    if (stats->person_count == 0)
        buf_addf(out, "%s yet.\n",
                 stats->dataset.remote_id ? "No answer has been read"
                                          : "Nobody has answered");
    if (stats->rating_count > 0)
        write_ratings(page, out);
    write_times(page, out);
    write_lengths(page, out);
    if (stats->person_count > 0)
        write_agreement(page, out);
    write_self(page, out);
}

/* ---- of the open dataset ---- */

/* What is settled at the end of a load is loaded anew after a change, so seldom that it
 * takes a tenth of one core at most. */
enum { LOOK_MS = 500, FOLLOWED_MAX = 100, REST_TIMES = 10, RETRY_MS = 5000 };

static void drop(struct app *app)
{
    stats_free(app->session.stats);
    app->session.stats = NULL;
}

static void on_stats(void *ctx, struct stats *stats, int64_t revision,
                     const struct err *err)
{
    struct app *app = ctx;
    int64_t now = clock_mono_ms(app->clock);
    app->is_loading_stats = false;
    if (app->is_closing || !app->shows_stats) {
        stats_free(stats);
        return;
    }
    app->have_stats_failed = !stats;
    if (!stats) {
        app->stats_due_ms = now + RETRY_MS;
        app_notify_err(app, err);
        return;
    }
    drop(app);
    app->session.stats = stats;
    app->stats_revision = revision;
    app->has_unsettled = false;
    app->stats_due_ms = now + (now - app->stats_began_ms) * REST_TIMES;
    app_changed(app);
}

/* The statistics there are of the dataset as it is. */
static bool has_stats(const struct app *app)
{
    const struct stats *stats = app->session.stats;
    return stats && stats->dataset.row == app->session.dataset.row &&
           dataset_asks_same(&stats->dataset, &app->session.dataset);
}

static void look(void *ctx)
{
    struct app *app = ctx;
    struct err err = {0};
    int64_t before = app->stats_revision;
    if (app->is_loading_stats || !app->shows_stats)
        return;
    bool is_whole = has_stats(app) && store_follow_stats(app->store, app->session.stats,
                                                         &app->stats_revision,
                                                         FOLLOWED_MAX, &err) == STATUS_OK;
    if (is_whole && app->stats_revision != before) {
        app->has_unsettled = true;
        app_changed(app);
    }
    int64_t now = clock_mono_ms(app->clock);
    bool may_wait = has_stats(app) || app->have_stats_failed;
    if ((is_whole && !app->has_unsettled) || (may_wait && now < app->stats_due_ms))
        return;
    app->is_loading_stats = true;
    app->stats_began_ms = now;
    store_load_stats(app->store, &app->session.dataset, on_stats, app);
}

void app_show_stats(struct app *app, bool is_shown)
{
    if (is_shown == app->shows_stats)
        return;
    app->shows_stats = is_shown;
    if (!app->stats_timer)
        app->stats_timer = loop_timer_new(app->loop, look, app);
    if (is_shown) {
        app->have_stats_failed = false;
        loop_timer_start(app->stats_timer, LOOK_MS, LOOK_MS);
        look(app);
    } else {
        loop_timer_stop(app->stats_timer);
        drop(app);
    }
}
