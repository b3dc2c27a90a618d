/* SPDX-License-Identifier: MIT
 *
 * :bulk and :mark: what they say, and what may come next on their line.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/bulk.h"
#include "app/given.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "ui/bulk.h"
#include "ui/questions.h"

/* ---- the words behind :bulk ---- */

static const struct {
    const char *word;
    enum bulk_verb verb;
} verbs[] = {
    {"submit", VERB_SUBMIT}, {"discard", VERB_DISCARD}, {"draft", VERB_DRAFT},
    {"clear", VERB_CLEAR},   {"flag", VERB_FLAG},       {"unflag", VERB_UNFLAG},
    {"delete", VERB_DELETE},
};
enum { VERBS = sizeof verbs / sizeof verbs[0], ENDINGS = 3 };

/* What a word behind others may be: the index-th answer that the one question takes, a
 * question, an ending; the first one may be more. Returns out, or NULL at the end. */
static const char *word_at(const char *typed, size_t index, bool is_first,
                           const struct dataset *dataset, char *out, size_t size)
{
    static const char *const firsts[] = {"here", "suggestion", "rate ", "choose "};
    struct err err = {0};
    const char *text;
    char number[16];
    const struct question *question =
        strchr(typed, '=') ? given_question(dataset, typed, &text, &err) : NULL;
    if (question) {
        if (index >= question_choice_count(question))
            return NULL;
        snprintf(out, size, "%.*s%s", (int)(text - typed), typed,
                 question_choice_text(question, index, number, sizeof number));
        return out;
    }
    for (size_t i = 0; i < dataset->question_count; i++) {
        question = &dataset->questions[i];
        if (question->type == QUESTION_SPAN || index-- > 0)
            continue;
        snprintf(out, size, "%s=", question->name);
        return out;
    }
    size_t endings = is_first ? VERBS : ENDINGS;
    if (index < endings)
        return verbs[index].word;
    index -= endings;
    return is_first && index < sizeof firsts / sizeof firsts[0] ? firsts[index] : NULL;
}

/* Where the last word of the text begins. */
static size_t last_word(const char *text)
{
    size_t start = 0;
    char quote = '\0';
    for (size_t i = 0; text[i]; i++) {
        if (quote ? text[i] == quote : text[i] == '\'' || text[i] == '"')
            quote = quote ? '\0' : text[i];
        else if (!quote && text[i] == ' ')
            start = i + 1;
    }
    return start;
}

bool bulk_complete(const char *text, size_t index, const struct session *session,
                   const struct question *focus, char *out, size_t size)
{
    static const struct dataset none;
    static const char choose[] = "choose ";
    const struct dataset *dataset = session ? &session->dataset : &none;
    size_t start = last_word(text), used = 0;
    char typed[200], word[200];
    const char *found;
    if (strncmp(text, choose, strlen(choose)) == 0) { /* an option, in no quotes */
        start = strlen(choose);
        for (size_t i = 0; focus && i < focus->option_count; i++) {
            const char *option = focus->options[i].text;
            if (strncasecmp(option, text + start, strlen(text + start)) != 0 ||
                index-- > 0)
                continue;
            snprintf(out, size, "%s%s", choose, option);
            return true;
        }
        return false;
    }
    for (size_t i = start; text[i] && used + 1 < sizeof typed; i++)
        if (text[i] != '\'' && text[i] != '"')
            typed[used++] = text[i];
    typed[used] = '\0';
    for (size_t i = 0;
         (found = word_at(typed, i, start == 0, dataset, word, sizeof word)); i++) {
        if (strncasecmp(found, typed, used) != 0 || index-- > 0)
            continue;
        bool is_verb = found != word;
        char *quoted =
            !is_verb && strpbrk(found, " \t'\"\\") ? words_quote(found) : xstrdup(found);
        snprintf(out, size, "%.*s%s", (int)start, text, quoted);
        free(quoted);
        return true;
    }
    return false;
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

static enum status take_rating(struct screen *screen, const char *text,
                               struct bulk_order *order, struct err *err)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *question = screen_question(screen);
    if (!question || question->type != QUESTION_RATING)
        question = dataset_rating_question(dataset);
    if (!*text)
        return err_set(err, STATUS_USAGE,
                       ":bulk rate needs a number, such as :bulk rate 4.");
    return question ? given_read(dataset, NULL, question, text, &order->given, err)
                    : err_set(err, STATUS_USAGE, "The dataset has no rating question.");
}

static enum status take_option(struct screen *screen, const char *text,
                               struct bulk_order *order, struct err *err)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const char *value = NULL;
    const struct question *question = find_option(screen, text, &value);
    if (!*text)
        return err_set(err, STATUS_USAGE,
                       ":bulk choose needs an option; Tab shows them.");
    if (!question)
        return err_set(err, STATUS_USAGE,
                       "No label question has the option \"%.80s\"; Tab shows them.",
                       text);
    order->adds = true;
    return given_read(dataset, NULL, question, value, &order->given, err);
}

/* "score=4 topic=news feedback=\"same remark\"" */
static enum status take_given(const struct dataset *dataset, const char *text,
                              struct values *given, struct err *err)
{
    size_t count = 0;
    char **words = words_split(":bulk", text, &count, err);
    enum status status = words ? STATUS_OK : err->code;
    for (size_t i = 0; words && i < count && status == STATUS_OK; i++) {
        const char *value;
        const struct question *question = given_question(dataset, words[i], &value, err);
        if (!question)
            status = err->code;
        else if (question->type == QUESTION_SPAN)
            status = err_set(err, STATUS_USAGE,
                             "“%.60s” asks for spans, which are in the text of one "
                             "record: they cannot be given to many.",
                             question->name);
        else if (values_find(given, question->name))
            status =
                err_set(err, STATUS_USAGE, "“%.60s” is answered twice.", question->name);
        else if (!*value) /* it is taken away */
            values_set_text(given, question->name, QUESTION_LABEL, "");
        else
            status = given_read(dataset, NULL, question, value, given, err);
    }
    free(words);
    return status;
}

/* " submit" at the end of the line is taken off. */
static enum bulk_verb take_ending(char *line)
{
    size_t len = strlen(line);
    for (size_t i = 0; i < ENDINGS; i++) {
        size_t tail = strlen(verbs[i].word) + 1;
        if (len <= tail || line[len - tail] != ' ' ||
            strcmp(line + len - tail + 1, verbs[i].word) != 0)
            continue;
        line[len - tail] = '\0';
        return verbs[i].verb;
    }
    return VERB_GIVE;
}

static enum status take_line(struct screen *screen, const char *line,
                             struct bulk_order *order, struct err *err)
{
    size_t len = strcspn(line, " "), at = 0;
    const char *rest = line + len + strspn(line + len, " ");
    if (len == 4 && !strncmp(line, "rate", len))
        return take_rating(screen, rest, order, err);
    if (len == 6 && !strncmp(line, "choose", len))
        return take_option(screen, rest, order, err);
    if (!strcmp(line, "here")) {
        app_copy_form(screen->app, &order->given);
        return order->given.count
                   ? STATUS_OK
                   : err_set(err, STATUS_USAGE,
                             "The form of this record has no answer that many could "
                             "have.");
    }
    order->takes_suggestions = !strcmp(line, "suggestion");
    if (order->takes_suggestions)
        return STATUS_OK;
    if (strchr(line, '='))
        return take_given(&screen_session(screen)->dataset, line, &order->given, err);
    while (at < VERBS && (strncmp(line, verbs[at].word, len) != 0 || verbs[at].word[len]))
        at++;
    if (at == VERBS)
        return err_set(err, STATUS_USAGE,
                       ":bulk takes QUESTION=VALUE …, rate N, choose OPTION, here or "
                       "suggestion, with submit, discard or draft behind it or alone; "
                       "or clear, flag, unflag, delete. Tab shows them.");
    if (*rest || order->verb != VERB_GIVE)
        return err_set(err, STATUS_USAGE, "Nothing comes behind that word of :bulk.");
    order->verb = verbs[at].verb;
    return STATUS_OK;
}

void bulk_command(struct screen *screen, const char *text)
{
    char *line = xstrdup(text);
    struct bulk_order order = {.verb = take_ending(line)};
    struct err err = {0};
    if (take_line(screen, line, &order, &err) == STATUS_OK) {
        values_set_own(&order.given);
        app_ask_bulk(screen->app, &order);
    } else {
        app_notify(screen->app, NOTICE_WARNING, "%s", err.text);
    }
    values_clear(&order.given);
    free(line);
}

/* ---- :mark ---- */

void bulk_mark_command(struct screen *screen, const char *text)
{
    const struct queue *queue = &screen_session(screen)->queue;
    char *end;
    long long first = strtoll(text, &end, 10), last = first;
    if (end != text && *end == '-')
        last = strtoll(end + 1, &end, 10);
    if (!strcmp(text, "none")) {
        app_mark_only(screen->app, NULL, 0);
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
    bulk_say_marked(screen);
}
