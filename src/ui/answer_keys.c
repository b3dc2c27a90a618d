/* SPDX-License-Identifier: MIT
 *
 * Answering with digits: ratings, labels, rankings of any dataset.
 */
#include "config.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/choice.h"
#include "ui/questions.h"
#include "ui/screen_parts.h"

void answer_start_record(struct screen *screen)
{
    screen->frame.form.focus = question_first(&screen_session(screen)->dataset);
    screen->choice_focus = screen->frame.form.focus;
    if (screen->mode == MODE_FEEDBACK)
        screen->mode = MODE_BROWSE;
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

/* One answer was given: on to the next question that digits answer and that has none. */
static void move_on(struct screen *screen, const struct question *answered)
{
    const struct session *session = screen_session(screen);
    const struct dataset *dataset = &session->dataset;
    bool is_single =
        answered->type == QUESTION_RATING || answered->type == QUESTION_LABEL;
    if (!is_single || !question_value(session, answered))
        return;
    size_t next = screen->frame.form.focus;
    for (size_t i = 0; i < dataset->question_count; i++) {
        next = question_next(dataset, next, 1);
        const struct question *question = &dataset->questions[next];
        if (question_has_choices(question) && !question_value(session, question)) {
            screen->frame.form.focus = next;
            return;
        }
    }
}

/* A rating that no question has takes the value away. */
static void remove_rating(struct screen *screen, const struct question *question)
{
    struct value value = {
        .question = question->name, .type = QUESTION_RATING, .rating = INT_MIN};
    app_set_value(screen->app, &value);
}

static void set_rating(struct screen *screen, const struct question *question, int rating)
{
    const struct session *session = screen_session(screen);
    if (question == dataset_rating_question(&session->dataset)) {
        app_rate(screen->app, rating);
        return;
    }
    const struct value *now = question_value(session, question);
    if (now && now->rating == rating) {
        remove_rating(screen, question);
        return;
    }
    struct value value = {
        .question = question->name, .type = QUESTION_RATING, .rating = rating};
    app_set_value(screen->app, &value);
}

static void set_option(struct screen *screen, const struct question *question,
                       size_t option)
{
    char *text =
        choice_toggle(question, question_value(screen_session(screen), question), option);
    struct value value = {
        .question = question->name, .type = question->type, .text = text};
    app_set_value(screen->app, &value); /* no text: it is removed */
    free(text);
}

void answer_choose(struct screen *screen, size_t choice)
{
    const struct question *question = choice_question(screen);
    if (!screen_session(screen)->has_current || !question) {
        app_notify(screen->app, NOTICE_INFO, "There is nothing to choose here.");
        return;
    }
    if (choice >= question_choice_count(question)) {
        app_notify(screen->app, NOTICE_WARNING, "There is no such choice.");
        return;
    }
    if (question->type == QUESTION_RATING)
        set_rating(screen, question, question->ratings[choice]);
    else
        set_option(screen, question, choice);
    move_on(screen, question);
}

/* "1–5", "0–10": what may be pressed. */
static void refuse_digit(struct screen *screen, const struct question *question,
                         int digit)
{
    char label[64];
    question_label(question, label, sizeof label);
    if (question->type == QUESTION_RATING && question->rating_count > 0)
        app_notify(screen->app, NOTICE_WARNING, "%s goes from %d to %d; %d is not in it.",
                   label, question->ratings[0],
                   question->ratings[question->rating_count - 1], digit);
    else
        app_notify(screen->app, NOTICE_WARNING, "%s has no choice %d.", label, digit);
}

void answer_digit(struct screen *screen, int digit)
{
    const struct question *question = choice_question(screen);
    if (!question) {
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no rating.");
        return;
    }
    size_t choice = question_choice_of_digit(question, digit);
    if (choice == SIZE_MAX)
        refuse_digit(screen, question, digit);
    else
        answer_choose(screen, choice);
}

void answer_rate(struct screen *screen, long long rating)
{
    const struct question *question = choice_question(screen);
    for (size_t i = 0; question && i < question->rating_count; i++) {
        if (question->type == QUESTION_RATING && question->ratings[i] == rating) {
            answer_choose(screen, i);
            return;
        }
    }
    app_notify(screen->app, NOTICE_WARNING, "%lld is not one of the ratings.", rating);
}

void answer_choose_text(struct screen *screen, const char *text)
{
    const struct question *question = choice_question(screen);
    for (size_t i = 0; question && i < question->option_count; i++) {
        if (strcasecmp(question->options[i].text, text) == 0 ||
            strcmp(question->options[i].value, text) == 0) {
            answer_choose(screen, i);
            return;
        }
    }
    app_notify(
        screen->app, NOTICE_WARNING,
        "That is not an option of the question in focus; Tab in :choose shows them.");
}

/* A refused submit puts the focus where the answer is missing. */
static void show_missing(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const char *name =
        dataset_missing_answer(&session->dataset, &session->current.response.values);
    for (size_t i = 0; name && i < session->dataset.question_count; i++)
        if (strcmp(session->dataset.questions[i].name, name) == 0)
            screen->frame.form.focus = i;
}

void answer_submit(struct screen *screen)
{
    feedback_leave(screen);
    if (!app_submit(screen->app) && screen_session(screen)->has_current)
        show_missing(screen);
}
