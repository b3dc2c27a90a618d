/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/choice.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "text/width.h"
#include "ui/parts.h"
#include "ui/questions.h"
#include "json/dataset_json.h"

enum { NAME_COLS = 20, CELL_COLS = 12, CELL_COLS_WIDE = 28, BAR_COLS = 16 };

/* ---- pieces ---- */

static const char *your_name(const struct session *session, char *out, size_t size)
{
    if (session->user[0] != '\0')
        snprintf(out, size, "%s (you)", session->user);
    return session->user[0] != '\0' ? out : "you";
}

/* ---- progress ---- */

static void write_rights(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    if (!session->has_server)
        buf_add_text(out, "There is no server: whoever uses this store is you.\n");
    else if (!session->is_connected)
        buf_addf(out,
                 "%s has not answered yet: it says who you are and what you may do.\n",
                 session->server);
    else if (session->can_log)
        buf_addf(out,
                 "You are %s, an %s on %s: you may add and delete records, and see "
                 "the answers of others.\n",
                 session->user, session_role(session), session->server);
    else
        buf_addf(out,
                 "You are %s, an annotator on %s: you may answer records. Adding or "
                 "deleting them, and seeing the answers of others, needs the key of "
                 "an owner or an admin.\n",
                 session->user, session->server);
}

struct line {
    const char *name;
    size_t statuses[RESPONSE_STATUS_COUNT];
    size_t left; /* open for them: not what has enough answers of others */
};

static void write_line(const struct view *view, const struct line *line, struct buf *out)
{
    size_t done = line->statuses[RESPONSE_SUBMITTED] + line->statuses[RESPONSE_DISCARDED];
    size_t total = done + line->left, bar = total ? done * BAR_COLS / total : 0;
    width_add_column(out, line->name, NAME_COLS - 1);
    buf_add_text(out, " ");
    buf_addf(out, "%9zu %9zu %9zu %9zu  ", line->statuses[RESPONSE_SUBMITTED],
             line->statuses[RESPONSE_DISCARDED], line->statuses[RESPONSE_DRAFT],
             line->left);
    for (size_t i = 0; i < BAR_COLS && !view->is_plain && view->cols >= 80; i++)
        buf_add_text(out, i < bar ? "█" : "░");
    buf_add_text(out, "\n");
}

static void write_titles(struct buf *out)
{
    buf_addf(out, "\n%-*s%9s %9s %9s %9s\n", NAME_COLS, "Progress", "submitted",
             "discarded", "draft", "left");
}

/* As the server counts; its numbers are newer than what was read last. */
static void write_told(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct people_told *progress = &session->progress;
    write_titles(out);
    for (size_t i = 0; i < progress->told.count; i++) {
        const struct argilla_person *person = &progress->told.people[i];
        struct line line = {.name = person->name, .left = person->left};
        char you[160];
        memcpy(line.statuses, person->statuses, sizeof line.statuses);
        if (strcmp(person->name, session->user) == 0) { /* what is here is newer */
            line.name = your_name(session, you, sizeof you);
            memcpy(line.statuses, session->queue.counts, sizeof line.statuses);
            line.left = line.statuses[RESPONSE_PENDING] + line.statuses[RESPONSE_DRAFT];
        }
        write_line(view, &line, out);
    }
    if (progress->told.count == 0)
        buf_add_text(out, "Nobody has answered yet.\n");
    buf_addf(out, "As %s counted at %s.\n", session->server,
             view_time(progress->wall_ms).text);
}

/* What is in the store: ours as it is, of others what was read last. */
static void write_counted(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct stats *stats = session->stats;
    char you[160];
    if (!stats) {
        buf_add_text(out, "\nCounting…\n");
        return;
    }
    write_titles(out);
    for (size_t i = 0; i < stats->person_count; i++) {
        const struct stats_person *person = &stats->people[i];
        bool is_you = person->user[0] == '\0';
        struct line line = {.name = is_you         ? your_name(session, you, sizeof you)
                                    : person->name ? person->name
                                                   : person->user};
        for (int status = 0; status < RESPONSE_STATUS_COUNT; status++)
            line.statuses[status] = (size_t)person->statuses[status];
        line.left = (size_t)(is_you ? stats->open : stats_left(stats, person));
        write_line(view, &line, out);
    }
    if (stats->person_count == 0)
        buf_addf(out, "%s\n",
                 session->has_server ? "No answer is here." : "Nobody has answered yet.");
    if (session->has_server)
        buf_addf(out, "As it is here, of others %s. %s\n",
                 session->can_log ? "as it was read last" : "nothing is told to this key",
                 session->progress.why_not);
}

static void write_distribution(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct people_told *progress = &session->progress;
    int wanted = dataset_min_submitted(&session->dataset);
    if (wanted == 0)
        return;
    buf_addf(out, "\nEach record wants %d submitted %s", wanted,
             wanted == 1 ? "answer" : "answers of different people");
    if (progress->row == session->dataset.row)
        buf_addf(out, "; %zu of %zu have %s", progress->told.completed,
                 progress->told.total, wanted == 1 ? "it" : "them");
    buf_add_text(out, ". What has enough is not offered to you as open.\n");
}

/* ---- the answers to the record ---- */

/* "good, odd"; of a ranking "1 good, 2 bad". */
static void write_options(const struct question *question, const struct value *value,
                          struct buf *out)
{
    int *ranks = xcalloc(question->option_count + 1, sizeof *ranks);
    size_t start = out->len;
    choice_read(question, value, ranks, question->option_count);
    for (int rank = 1; rank <= (int)question->option_count; rank++)
        for (size_t i = 0; i < question->option_count; i++) {
            if (ranks[i] != rank)
                continue;
            buf_add_text(out, out->len > start ? ", " : "");
            if (question->type == QUESTION_RANKING)
                buf_addf(out, "%d ", rank);
            buf_add_text(out, question->options[i].text);
        }
    free(ranks);
}

/* "[Ana Botín|Person], [Rome|Place]"; with their places "[Rome|Place] 31–35". */
static void write_spans(const struct view *view, const struct question *question,
                        const struct value *value, bool has_places, struct buf *out)
{
    struct spans spans = {0};
    size_t len;
    const char *text = span_text(view->record, question, &len);
    spans_read(&spans, value, text, len);
    buf_add_text(out, spans.count > 0 ? "" : "nothing marked");
    for (size_t i = 0; i < spans.count; i++) {
        const struct span *span = &spans.items[i];
        buf_add_text(out, i > 0 ? ", [" : "[");
        buf_add(out, text + span->from, span->to - span->from);
        buf_addf(out, "|%s]", question_option_text(question, span->label));
        if (has_places)
            buf_addf(out, " %zu–%zu", span->start, span->end);
    }
    spans_clear(&spans);
}

/* How a question's answers are shown. */
struct shown {
    int cols; /* of their column; 0 = below the row that they are of, whole */
    bool differs;
};

static void write_value(const struct view *view, const struct question *question,
                        const struct value *value, bool differs, struct buf *out)
{
    if (!value)
        buf_add_text(out, "-");
    else if (question->type == QUESTION_RATING)
        buf_addf(out, "%d", value->rating);
    else if (question->type == QUESTION_SPAN)
        write_spans(view, question, value, differs, out);
    else if (question->option_count > 0)
        write_options(question, value, out);
    else
        buf_add_text(out, value->text ? value->text : "");
}

/* Rows are people and columns questions: where they differ is seen down a column. What is
 * too long for one stands below its row. */
static void write_answer(const struct view *view, const char *name,
                         const struct values *values, const struct shown *shown,
                         struct buf *out)
{
    const struct dataset *dataset = &view->session->dataset;
    struct buf text = {0};
    char label[64];
    width_add_column(out, name, NAME_COLS - 1);
    buf_add_text(out, " ");
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        if (!shown[i].cols)
            continue;
        text.len = 0;
        write_value(view, question, values_find(values, question->name), false, &text);
        width_add_column(out, buf_text(&text), (size_t)shown[i].cols - 1);
        buf_add_text(out, " ");
    }
    buf_add_text(out, "\n");
    buf_clear(&text);
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct value *value = values_find(values, question->name);
        bool is_text = question->type == QUESTION_TEXT;
        if (shown[i].cols || (!value && (is_text || !shown[i].differs)))
            continue;
        question_label(question, label, sizeof label);
        buf_addf(out, " %s%s%s: ", view->part == i + 1 ? "▸" : " ", label,
                 shown[i].differs && !is_text ? " ≠" : "");
        write_value(view, question, value, shown[i].differs, out);
        buf_add_text(out, "\n");
    }
}

static bool all_equal(const struct peer *const *peers, size_t count, const char *name)
{
    const struct value *first = values_find(&peers[0]->response.values, name);
    for (size_t i = 1; i < count; i++) {
        const struct value *other = values_find(&peers[i]->response.values, name);
        const char *one = first && first->text ? first->text : "";
        const char *two = other && other->text ? other->text : "";
        if (!first != !other || (first && first->rating != other->rating) ||
            strcmp(one, two) != 0)
            return false;
    }
    return true;
}

/* The columns that its title and everybody's value of it want; 0 = more than there are.
 */
static int fit_column(const struct view *view, const struct question *question,
                      const char *title, const struct peer *const *peers, size_t count)
{
    struct buf text = {0};
    size_t most = view->cols < VIEW_COLS_MEDIUM ? CELL_COLS : CELL_COLS_WIDE;
    size_t cols = width_of(title, strlen(title)) + 2;
    bool fits = question->type != QUESTION_TEXT && question->type != QUESTION_SPAN;
    cols = cols < CELL_COLS ? CELL_COLS : cols > most ? most : cols;
    for (size_t i = 0; i <= count && fits; i++) {
        const struct response *response =
            i < count ? &peers[i]->response : &view->session->current.response;
        text.len = 0;
        write_value(view, question, values_find(&response->values, question->name), false,
                    &text);
        size_t wanted = width_of(buf_text(&text), text.len) + 1;
        cols = wanted > cols ? wanted : cols;
        fits = cols <= most;
    }
    buf_clear(&text);
    return fits ? (int)cols : 0;
}

static void write_peers(const struct view *view, const struct peer *const *peers,
                        size_t count, struct buf *out)
{
    const struct session *session = view->session;
    const struct dataset *dataset = &session->dataset;
    const struct response *ours = &session->current.response;
    struct shown *shown = xcalloc(dataset->question_count + 1, sizeof *shown);
    char name[200];
    int end = NAME_COLS;
    buf_addf(out, "%*s", NAME_COLS, "");
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        char label[64];
        shown[i].differs = !all_equal(peers, count, question->name);
        char *title = xasprintf("%s%s%s", view->part == i + 1 ? "▸" : "",
                                question_label(question, label, sizeof label),
                                shown[i].differs ? " ≠" : "");
        int cols = fit_column(view, question, title, peers, count);
        shown[i].cols = end + cols > view->cols ? 0 : cols;
        if (shown[i].cols) {
            width_add_column(out, title, (size_t)cols - 1);
            buf_add_text(out, " ");
        }
        end += shown[i].cols;
        free(title);
    }
    buf_add_text(out, "\n");
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%zu %s", i + 1,
                 peers[i]->name ? peers[i]->name : peers[i]->user);
        write_answer(view, name, &peers[i]->response.values, shown, out);
    }
    bool is_final = ours->status == RESPONSE_SUBMITTED && session->current.is_decided;
    snprintf(name, sizeof name, "yours: %s",
             is_final ? "decided" : response_status_name(ours->status));
    if (ours->status != RESPONSE_PENDING)
        write_answer(view, name, &ours->values, shown, out);
    free(shown);
}

static void write_answers(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct peer *peers[PEERS_SHOWN];
    size_t hidden, count = session_peers(session, peers, &hidden);
    if (!view->record || (session->is_connected && !session->can_log))
        return;
    buf_addf(out, "%sAnswers to #%zu\n", session->decides ? "" : "\n", view->number);
    if (count > 0)
        write_peers(view, peers, count, out);
    else if (hidden > 0)
        buf_addf(out,
                 "%zu %s answered it. What they say is shown once yours is submitted; or "
                 "%s shows it now, and you decide between them.\n",
                 hidden, hidden == 1 ? "other has" : "others have",
                 view_key(view, ACTION_COMPARE).text);
    else
        buf_addf(out, "%s\n",
                 session->dataset.remote_id
                     ? "Nobody else had submitted one when it was read last."
                     : "Nobody else has submitted one.");
    if (count > 0 && hidden > 0)
        buf_addf(out, "%zu more are not shown.\n", hidden);
}

/* Who decides reads the record, too. */
static void write_record(const struct view *view, struct buf *out)
{
    const struct dataset *dataset = &view->session->dataset;
    for (size_t i = 0; view->record && i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        size_t len;
        const char *text = view_field(view, field, &len);
        buf_addf(out, "\n%s\n", field->title ? field->title : field->name);
        buf_add(out, text, len);
        buf_add_text(out, "\n");
    }
}

void people_write(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    if (session->decides) {
        write_answers(view, out);
        write_record(view, out);
        return;
    }
    write_rights(view, out);
    write_distribution(view, out);
    if (session->progress.row == session->dataset.row && session->progress.row)
        write_told(view, out);
    else
        write_counted(view, out);
    write_answers(view, out);
}

/* Ours is ready to be submitted, with the others beside it. */
static bool is_decided(const struct session *session)
{
    return session_peers(session, (const struct peer *[PEERS_SHOWN]){0}, NULL) > 0 &&
           session->current.response.status == RESPONSE_DRAFT;
}

bool people_key(struct screen *screen, struct key key, enum action action)
{
    const struct session *session = screen_session(screen);
    size_t *part = &screen->frame.pager.part;
    size_t parts = session->dataset.question_count + 1;
    bool is_digit = key.code >= '1' && key.code <= '9' && key.mods == 0;
    if (is_digit && app_take_peer(screen->app, (size_t)(key.code - '1'),
                                  question_at(&session->dataset, *part - 1)))
        *part = *part ? (*part + 1) % parts : 0; /* on to the next one */
    else if (key.code == KEYCODE_TAB)
        *part = (*part + (key.mods & KEY_SHIFT_BIT ? parts - 1 : 1)) % parts;
    else if (key.code == KEYCODE_ENTER && is_decided(session))
        app_submit(screen->app);
    else if (action == ACTION_COMPARE)
        app_decide(screen->app, !session->decides);
    else
        return is_digit;
    return true;
}

void people_hints(const struct view *view, struct hints *hints)
{
    const struct session *session = view->session;
    const struct peer *peers[PEERS_SHOWN];
    size_t hidden, count = session_peers(session, peers, &hidden);
    if (count > 0) {
        hints_add_key(hints, "1-9", view->part ? "take this" : "take");
        hints_add_key(hints, "Tab", "one question");
    }
    if (is_decided(session))
        hints_add_key(hints, "Enter", "submit");
    if ((hidden > 0 && session->can_log) || session->decides)
        hints_add(hints, view, ACTION_COMPARE, session->decides ? "hide" : "decide");
    hints_add(hints, view, ACTION_PREVIOUS, "back");
    hints_add(hints, view, ACTION_NEXT, "next");
    hints_add(hints, view, ACTION_UNDO, "undo");
}
