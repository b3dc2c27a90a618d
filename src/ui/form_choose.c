/* SPDX-License-Identifier: MIT
 *
 * Choosing in the form: a digit, two for a ten, :rate and :choose, and where the focus
 * goes then.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/choice.h"
#include "app/respond.h"
#include "app/suggest.h"
#include "base/xalloc.h"
#include "ui/parts.h"
#include "ui/questions.h"

#define LABEL_SIZE 64
#define NUMBER_MS 500 /* between the two digits of 10 */

static const struct value *value_now(const struct screen *screen,
                                     const struct question *question)
{
    const struct session *session = screen_session(screen);
    return question_value(session->has_current ? &session->current : NULL, question);
}

/* The focused question if digits answer it, else the first that they do. */
static const struct question *choice_question(struct screen *screen)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *question = screen_question(screen);
    if (question && question_has_choices(question))
        return question;
    size_t first = question_first(dataset);
    if (first >= dataset->question_count ||
        !question_has_choices(&dataset->questions[first]))
        return NULL;
    screen->frame.form.focus = first;
    return &dataset->questions[first];
}

/* One choice was made: on to the next question that digits answer and that has none. */
static void move_on(struct screen *screen, const struct question *answered)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    bool is_single =
        answered->type == QUESTION_RATING || answered->type == QUESTION_LABEL;
    if (!is_single || !value_now(screen, answered))
        return;
    size_t next = screen->frame.form.focus;
    for (size_t i = 0; i < dataset->question_count; i++) {
        next = question_next(dataset, next, 1);
        const struct question *question = &dataset->questions[next];
        if (question_has_choices(question) &&
            (!value_now(screen, question) ||
             (question > answered &&
              suggest_is_same(&screen_session(screen)->current, question)))) {
            screen->frame.form.focus = next;
            return;
        }
    }
}

static bool submits_by_key(const struct session *session)
{
    return session->is_fast ||
           (session->submits_single && session->dataset.question_count == 1);
}

void form_end_number(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct question *question =
        question_at(&session->dataset, screen->number_question);
    const struct value *now = question ? value_now(screen, question) : NULL;
    bool is_due = screen->number > 0 && screen->mode == MODE_BROWSE && now &&
                  now->type == QUESTION_RATING && now->rating == screen->number;
    screen->number = 0;
    if (!is_due || !submits_by_key(session))
        return;
    struct value value = {
        .question = question->name, .type = QUESTION_RATING, .rating = now->rating};
    app_set_value(screen->app, &value, SET_SUBMIT);
}

/* Again takes it back, unless has_more: the digit goes on with the one before. */
static void choose(struct screen *screen, size_t choice, bool has_more)
{
    const struct question *question = choice_question(screen);
    if (!screen_session(screen)->has_current || !question) {
        app_notify(screen->app, NOTICE_INFO, "There is nothing to choose here.");
        return;
    }
    const struct session *session = screen_session(screen);
    bool is_single =
        question->type == QUESTION_RATING || question->type == QUESTION_LABEL;
    bool submits = submits_by_key(session);
    struct value value = {.question = question->name, .type = question->type};
    struct id record = session->current.id;
    if (question->type == QUESTION_RATING)
        value.rating = question->ratings[choice];
    else if (question->type == QUESTION_LABEL)
        value.text = xstrdup(question->options[choice].value);
    else /* NULL: it is removed */
        value.text = choice_toggle(question, value_now(screen, question), choice);
    bool waits = question->type == QUESTION_RATING && screen->number > 0;
    app_set_value(screen->app, &value,
                  !is_single          ? SET_VALUE
                  : submits && !waits ? SET_SUBMIT
                  : has_more          ? SET_VALUE
                                      : SET_TOGGLE);
    if (submits && waits)
        loop_timer_start(screen->number_timer, NUMBER_MS, 0);
    free(value.text);
    if (id_equal(&record, &session->current.id))
        move_on(screen, question);
}

void form_choose(struct screen *screen, size_t choice)
{
    screen->number = 0;
    choose(screen, choice, false);
}

/* The second digit of a rating such as 10, when it comes soon after the first. */
static bool goes_on(struct screen *screen, int digit)
{
    const struct question *question =
        question_at(&screen_session(screen)->dataset, screen->number_question);
    int64_t now = clock_mono_ms(screen->clock);
    int number = screen->number * 10 + digit;
    if (!screen->number || now - screen->number_ms > NUMBER_MS || !question ||
        question->type != QUESTION_RATING || !question_allows_rating(question, number))
        return false;
    screen->frame.form.focus = screen->number_question;
    screen->number = question_number_may_grow(question, number) ? number : 0;
    screen->number_ms = now;
    for (size_t i = 0; i < question->rating_count; i++)
        if (question->ratings[i] == number)
            choose(screen, i, true);
    return true;
}

void form_digit(struct screen *screen, int digit)
{
    const struct question *question = choice_question(screen);
    char label[LABEL_SIZE], allowed[128];
    if (!question) {
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no rating.");
        return;
    }
    if (goes_on(screen, digit))
        return;
    const struct session *session = screen_session(screen);
    bool may_grow =
        question->type == QUESTION_RATING && question_number_may_grow(question, digit);
    screen->number = may_grow ? digit : 0;
    screen->number_question = screen->frame.form.focus;
    screen->number_ms = clock_mono_ms(screen->clock);
    size_t choice = question_choice_of_digit(
        question, session->has_current ? &session->current : NULL, digit);
    if (choice != SIZE_MAX) {
        choose(screen, choice, false);
        return;
    }
    if (may_grow)
        return; /* a number with two digits has begun */
    question_label(question, label, sizeof label);
    if (question->type == QUESTION_RATING && question->rating_count > 0)
        app_notify(screen->app, NOTICE_WARNING, "%s can be %s; %d is not one of them.",
                   label, question_describe_ratings(question, allowed, sizeof allowed),
                   digit);
    else
        app_notify(screen->app, NOTICE_WARNING, "%s has no choice %d.", label, digit);
}

void form_rate(struct screen *screen, long long rating)
{
    const struct question *question = choice_question(screen);
    for (size_t i = 0; question && i < question->rating_count; i++) {
        if (question->type == QUESTION_RATING && question->ratings[i] == rating) {
            form_choose(screen, i);
            return;
        }
    }
    app_notify(screen->app, NOTICE_WARNING, "%lld is not one of the ratings.", rating);
}

void form_choose_text(struct screen *screen, const char *text)
{
    const struct question *question = choice_question(screen);
    for (size_t i = 0; question && i < question->option_count; i++) {
        if (strcasecmp(question->options[i].text, text) == 0 ||
            strcmp(question->options[i].value, text) == 0) {
            form_choose(screen, i);
            return;
        }
    }
    app_notify(
        screen->app, NOTICE_WARNING,
        "That is not an option of the question in focus; Tab in :choose shows them.");
}
