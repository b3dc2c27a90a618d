/* SPDX-License-Identifier: MIT
 *
 * Marks, and what is done to all records that are marked or shown: the words of :bulk and
 * :mark, the question, and how far it is.
 */
#include "config.h"

#include "app/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "ui/parts.h"

/* ---- the words behind :bulk ---- */

static const struct {
    const char *word;
    enum bulk_verb verb;
    const char *usage; /* of what must follow; NULL = nothing */
} verbs[] = {
    {"rate ", VERB_RATE, ":bulk rate needs a number, such as :bulk rate 4."},
    {"choose ", VERB_CHOOSE, ":bulk choose needs an option; Tab shows them."},
    {"suggestion", VERB_SUGGESTION, NULL},
    {"submit", VERB_SUBMIT, NULL},
    {"discard", VERB_DISCARD, NULL},
    {"draft", VERB_DRAFT, NULL},
    {"clear", VERB_CLEAR, NULL},
    {"flag", VERB_FLAG, NULL},
    {"unflag", VERB_UNFLAG, NULL},
    {"delete", VERB_DELETE, NULL},
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

const char *bulk_word_at(size_t index, const struct question *question, char *out,
                         size_t size)
{
    if (index < VERBS)
        return verbs[index].word;
    index -= VERBS;
    if (!question || index >= question->option_count)
        return NULL;
    snprintf(out, size, "choose %s", question->options[index].text);
    return out;
}

/* The question that has such an option: the one in focus, else the first. */
static const struct question *find_option(const struct screen *screen, const char *text,
                                          const char **value)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *focus = screen_question(screen);
    for (size_t i = 0; i <= dataset->question_count; i++) {
        const struct question *question = i == 0 ? focus : &dataset->questions[i - 1];
        if (!question ||
            (question->type != QUESTION_LABEL && question->type != QUESTION_MULTI_LABEL))
            continue;
        for (size_t j = 0; j < question->option_count; j++) {
            *value = question->options[j].value;
            if (!strcasecmp(question->options[j].text, text) || !strcmp(*value, text))
                return question;
        }
    }
    return NULL;
}

static bool take_rating(struct screen *screen, const char *text, struct bulk_order *order)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *question = screen_question(screen);
    char *end;
    long rating = strtol(text, &end, 10);
    if (!question || question->type != QUESTION_RATING)
        question = dataset_rating_question(dataset);
    if (end == text || *end != '\0' || !question || rating < -1 || rating > 1000000 ||
        !question_allows_rating(question, (int)rating)) {
        app_notify(screen->app, NOTICE_WARNING, "%s is not one of the ratings.", text);
        return false;
    }
    order->value = (struct value){
        .question = question->name, .type = QUESTION_RATING, .rating = (int)rating};
    return true;
}

static bool take_option(struct screen *screen, const char *text, struct bulk_order *order)
{
    const char *value = NULL;
    const struct question *question = find_option(screen, text, &value);
    if (!question) {
        app_notify(screen->app, NOTICE_WARNING,
                   "No label question has the option \"%.80s\"; Tab shows them.", text);
        return false;
    }
    order->value = (struct value){.question = question->name,
                                  .type = question->type,
                                  .text = (char *)(uintptr_t)value};
    return true;
}

/* " submit" at the end of text is taken off. */
static bool take_submit(char *text)
{
    static const char word[] = " submit";
    size_t len = strlen(text), tail = sizeof word - 1;
    if (len <= tail || strcmp(text + len - tail, word) != 0)
        return false;
    text[len - tail] = '\0';
    return true;
}

/* Fills in what follows the verb; false with a notice. */
static bool take_rest(struct screen *screen, const char *usage, const char *rest,
                      struct bulk_order *order)
{
    bool is_wrong =
        !usage == (rest[0] != '\0') || (order->submits && order->verb > VERB_SUGGESTION);
    if (is_wrong)
        app_notify(screen->app, NOTICE_WARNING, "%s",
                   usage ? usage : "Nothing comes behind that word of :bulk.");
    return !is_wrong && (order->verb == VERB_RATE     ? take_rating(screen, rest, order)
                         : order->verb == VERB_CHOOSE ? take_option(screen, rest, order)
                                                      : true);
}

void bulk_command(struct screen *screen, const char *text)
{
    char *line = xstrdup(text);
    struct bulk_order order = {.submits = take_submit(line)};
    size_t at = 0, len = strcspn(line, " ");
    while (at < VERBS && (strncmp(line, verbs[at].word, len) != 0 ||
                          strcspn(verbs[at].word, " ") != len))
        at++;
    if (at < VERBS) {
        order.verb = verbs[at].verb;
        if (take_rest(screen, verbs[at].usage, line + len + strspn(line + len, " "),
                      &order))
            app_ask_bulk(screen->app, &order);
    } else {
        app_notify(screen->app, NOTICE_WARNING,
                   ":bulk takes rate N, choose OPTION, suggestion, submit, discard, "
                   "draft, clear, flag, unflag or delete; Tab shows them.");
    }
    free(line);
}

/* ---- marks ---- */

static void say_marked(struct screen *screen)
{
    app_notify(screen->app, NOTICE_INFO, "%zu marked.",
               screen_session(screen)->marks.count);
}

bool bulk_mark_to_here(struct screen *screen, struct key key)
{
    const struct session *session = screen_session(screen);
    const struct queue *queue = &session->queue;
    size_t here = queue->position;
    size_t from = session->marks.last ? queue_find(queue, session->marks.last) : SIZE_MAX;
    if (key.code != 'W' || key.mods != 0 || queue->count == 0)
        return false;
    if (from == SIZE_MAX)
        from = here;
    app_mark_range(screen->app, from < here ? from : here, from < here ? here : from);
    say_marked(screen);
    return true;
}

void bulk_mark_command(struct screen *screen, const char *text)
{
    const struct queue *queue = &screen_session(screen)->queue;
    char *end;
    long long first = strtoll(text, &end, 10), last = first;
    if (end != text && *end == '-')
        last = strtoll(end + 1, &end, 10);
    if (!strcmp(text, "none")) {
        app_unmark_all(screen->app);
    } else if (!strcmp(text, "all") && queue->count &&
               screen_session(screen)->is_queue_loaded) {
        app_mark_range(screen->app, 0, queue->count - 1);
    } else if (end == text || *end != '\0' || first < 1 || last < first) {
        app_notify(screen->app, NOTICE_WARNING,
                   ":mark takes 12-40, all (that the queue shows) or none.");
        return;
    } else {
        app_mark_range(screen->app, (size_t)first - 1, (size_t)last - 1);
    }
    say_marked(screen);
}

/* ---- keys ---- */

bool bulk_run(struct screen *screen, enum action action)
{
    const struct session *session = screen_session(screen);
    if (action == ACTION_MARK && session->queue.count) {
        app_mark(screen->app, session->queue.position);
        say_marked(screen);
    } else if (action == ACTION_DELETE) {
        app_ask_bulk(screen->app,
                     &(struct bulk_order){.verb = VERB_DELETE, .is_current = true});
    } else {
        return false;
    }
    return true;
}

bool bulk_answers(struct screen *screen, struct key key)
{
    if (screen_session(screen)->bulk.phase != BULK_ASKING)
        return false;
    app_decide_bulk(screen->app, key.code == 'y' && key.mods == 0);
    return true;
}

/* ---- drawing ---- */

const char *bulk_sentence(const struct session *session, char *out, size_t size)
{
    const struct bulk_shown *bulk = &session->bulk;
    char done[32], total[32];
    if (bulk->phase == BULK_NONE || bulk->phase == BULK_ASKING)
        return bulk->phase == BULK_NONE ? "" : bulk->text;
    view_format_count(bulk->done, done, sizeof done);
    view_format_count(bulk->total, total, sizeof total);
    if (bulk->total)
        snprintf(out, size, "%s: %s of %s", bulk->text, done, total);
    else
        snprintf(out, size, "%s: %s", bulk->text, done);
    return out;
}

const char *bulk_say_about(const struct session *session, char *out, size_t size)
{
    const struct queue *queue = &session->queue;
    if (session->marks.count)
        snprintf(out, size, "%zu marked", session->marks.count);
    else
        snprintf(out, size, "all %zu shown",
                 queue->has_filter ? queue_counts(queue)[queue->filter]
                                   : queue_total(queue));
    return out;
}
