/* SPDX-License-Identifier: MIT
 *
 * Choosing: a digit, two for a ten, :rate and :choose, and where the focus goes then; and
 * the options of the question in focus, one a row in the form's place: typing finds them
 * among hundreds, Enter takes one; those of a ranking are put in order.
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
#define PAGE_ROWS 8

/* ---- by digits ---- */

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
    screen_form(screen)->focus = first;
    return &dataset->questions[first];
}

/* One choice was made: on to the next question that digits answer and that has none, or
 * only what is suggested. */
static void move_on(struct screen *screen, const struct question *answered)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct record *record = screen_record(screen);
    bool is_single =
        answered->type == QUESTION_RATING || answered->type == QUESTION_LABEL;
    if (!is_single || !suggest_value(record, answered))
        return;
    size_t next = screen_form(screen)->focus;
    for (size_t i = 0; i < dataset->question_count; i++) {
        next = question_next(dataset, next, 1);
        const struct question *question = &dataset->questions[next];
        bool is_open = !suggest_value(record, question);
        size_t choices = question > answered ? question_choice_count(question) : 0;
        for (size_t choice = 0; choice < choices; choice++)
            is_open = is_open || suggest_is_untouched(record, question, choice);
        if (is_open && question_has_choices(question)) {
            screen_form(screen)->focus = next;
            return;
        }
    }
}

static bool submits_by_key(const struct screen *screen)
{
    const struct session *session = screen_session(screen);
    return !screen_is_bulk(screen) &&
           (session->is_fast ||
            (session->submits_single && session->dataset.question_count == 1));
}

void form_end_number(void *ctx)
{
    struct screen *screen = ctx;
    const struct session *session = screen_session(screen);
    const struct question *question =
        question_at(&session->dataset, screen->number_question);
    const struct value *now =
        question ? suggest_value(screen_record(screen), question) : NULL;
    bool is_due = screen->number > 0 && screen->mode == MODE_BROWSE && now &&
                  now->type == QUESTION_RATING && now->rating == screen->number;
    screen->number = 0;
    screen->is_dirty = true;
    if (!is_due || !submits_by_key(screen))
        return;
    struct value value = {
        .question = question->name, .type = QUESTION_RATING, .rating = now->rating};
    app_set_value(screen->app, &value, SET_GROWN_SUBMIT);
}

/* What is only suggested becomes the person's. Again takes it back, unless is_grown: the
 * digit goes on with the one before. */
static void choose(struct screen *screen, size_t choice, bool is_grown)
{
    const struct session *session = screen_session(screen);
    const struct question *question = choice_question(screen);
    if (!session->has_current || !question) {
        app_notify(screen->app, NOTICE_INFO, "There is nothing to choose here.");
        return;
    }
    bool is_single =
        question->type == QUESTION_RATING || question->type == QUESTION_LABEL;
    struct value value = {
        .question = question->name, .type = question->type, .own = VALUE_OWN(choice)};
    bool is_agreed = suggest_is_untouched(screen_record(screen), question, choice);
    const struct value *now = suggest_value(screen_record(screen), question);
    struct id record = session->current.id;
    if (question->type == QUESTION_RATING)
        value.rating = question->ratings[choice];
    else if (question->type == QUESTION_LABEL)
        value.text = xstrdup(question->options[choice].value);
    else /* NULL: it is removed */
        value.text =
            is_agreed ? xstrdup(now->text) : choice_toggle(question, now, choice);
    bool submits = is_single && submits_by_key(screen);
    bool waits = submits && question->type == QUESTION_RATING && screen->number > 0;
    bool submits_now = submits && !waits;
    screen_set_value(screen, &value,
                     is_grown      ? (submits_now ? SET_GROWN_SUBMIT : SET_GROWN)
                     : submits_now ? SET_SUBMIT
                     : is_single && !is_agreed ? SET_TOGGLE
                                               : SET_VALUE);
    if (waits)
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

/* The second digit of a rating such as 10: it comes soon after the first, or is of no use
 * where the first has led. */
static bool goes_on(struct screen *screen, int digit, bool is_of_use)
{
    const struct question *question =
        question_at(&screen_session(screen)->dataset, screen->number_question);
    int64_t now = clock_mono_ms(screen->clock);
    int number = screen->number * 10 + digit;
    bool is_next = now - screen->number_ms <= NUMBER_MS ||
                   (!is_of_use && screen_form(screen)->focus == screen->number_focus);
    if (!screen->number || !is_next || !question || question->type != QUESTION_RATING ||
        !question_allows_rating(question, number))
        return false;
    screen_form(screen)->focus = screen->number_question;
    screen->number = question_number_may_grow(question, number) ? number : 0;
    screen->number_ms = now;
    for (size_t i = 0; i < question->rating_count; i++)
        if (question->ratings[i] == number)
            choose(screen, i, true);
    return true;
}

void form_digit(struct screen *screen, int digit)
{
    bool is_argillas = screen->settings->preset == PRESET_ARGILLA;
    if (is_argillas && screen_rank_next(screen, digit))
        return;
    const struct question *question = choice_question(screen);
    char label[LABEL_SIZE], allowed[128];
    if (!question) {
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no rating.");
        return;
    }
    const struct session *session = screen_session(screen);
    bool may_grow =
        question->type == QUESTION_RATING && question_number_may_grow(question, digit);
    size_t choice = question_choice_of_digit(
        question, session->has_current ? screen_record(screen) : NULL, digit);
    if (goes_on(screen, digit, choice != SIZE_MAX || may_grow))
        return;
    screen->number = may_grow ? digit : 0;
    screen->number_question = screen_form(screen)->focus;
    screen->number_ms = clock_mono_ms(screen->clock);
    if (choice != SIZE_MAX) {
        choose(screen, choice, false);
        screen->number_focus = screen_form(screen)->focus;
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

/* ---- the list: keys ---- */

void options_open(struct screen *screen, size_t focus,
                  void (*take)(struct screen *screen, size_t option))
{
    struct options_list *list = &screen->frame.options;
    const struct question *question = screen_question(screen);
    editbuf_set(list->filter, "", 0);
    list->focus = focus;
    list->scroll = (struct scroll){0};
    free(screen->writing);
    screen->writing = xstrdup(question->name);
    screen->take_option = take;
    screen->options_back = screen->mode;
    screen->mode = MODE_OPTIONS;
}

/* What one comes for: the option that is chosen; in a ranking the next from there on,
 * round and round, that has no rank, else where the focus is. */
static void focus_next(struct screen *screen, const struct question *question)
{
    struct options_list *list = &screen->frame.options;
    size_t count = question_choice_count(question), from = list->focus;
    int *ranks = xcalloc(count + 1, sizeof *ranks);
    bool is_ranking = question->type == QUESTION_RANKING;
    question_read_choices(question, screen_record(screen), NULL, ranks);
    for (size_t i = from; i < from + count; i++) {
        if ((ranks[i % count] > 0) != is_ranking) {
            list->focus = i % count;
            break;
        }
    }
    free(ranks);
}

void options_enter(struct screen *screen)
{
    const struct question *question = screen_question(screen);
    if (!question || !question_has_choices(question) ||
        !question_choice_count(question)) {
        app_notify(screen->app, NOTICE_INFO, "There is nothing to choose here.");
        return;
    }
    if (!screen_is_bulk(screen) && !app_can_respond(screen->app))
        return;
    options_open(screen, 0, form_choose);
    if (question->type != QUESTION_MULTI_LABEL)
        focus_next(screen, question);
}

void options_move(struct screen *screen, long delta)
{
    struct options_list *list = &screen->frame.options;
    const struct question *question = screen_question(screen);
    size_t count, at = 0;
    size_t *rows = question_list(question, screen_record(screen),
                                 editbuf_text(list->filter), &count);
    while (at + 1 < count && rows[at] != list->focus)
        at++;
    if (count > 0)
        list->focus = rows[list_move(at, count, delta)];
    free(rows);
}

static void take(struct screen *screen, const struct question *question, bool stays)
{
    struct options_list *list = &screen->frame.options;
    size_t count;
    free(question_list(question, screen_record(screen), editbuf_text(list->filter),
                       &count));
    if (count == 0) {
        app_notify(screen->app, NOTICE_INFO, "No option has this in its name.");
        return;
    }
    screen->take_option(screen, list->focus);
    editbuf_set(list->filter, "", 0);
    if (question->type == QUESTION_RANKING)
        focus_next(screen, question);
    if (!stays)
        screen->mode = screen->options_back;
}

/* A digit alone that is in no name is that of an option in the form. */
static void take_digit(struct screen *screen, const struct question *question)
{
    struct options_list *list = &screen->frame.options;
    const struct record *record = screen_record(screen);
    const char *typed = editbuf_text(list->filter);
    size_t count, choice = SIZE_MAX;
    free(question_list(question, record, typed, &count));
    if (count == 0 && strspn(typed, "0123456789") == 1 && !typed[1])
        choice = question_choice_of_digit(question, record, typed[0] - '0');
    if (choice == SIZE_MAX)
        return;
    editbuf_set(list->filter, "", 0);
    list->focus = choice;
    take(screen, question, question->type == QUESTION_MULTI_LABEL);
}

/* Of a ranking; false = it is none of its keys. */
static bool rank_key(struct screen *screen, const struct question *question,
                     struct key key)
{
    size_t option = screen->frame.options.focus;
    const struct value *value = suggest_value(screen_record(screen), question);
    bool is_up = key.code == KEYCODE_UP, is_shifted = key.mods & KEY_SHIFT_BIT;
    bool is_rank = key.mods == 0 && key.code > '0' && key.code <= '9';
    struct value next = {
        .question = question->name, .type = question->type, .own = VALUE_OWN(option)};
    if (key.mods == 0 && (key.code == 'j' || key.code == 'k')) {
        options_move(screen, key.code == 'j' ? 1 : -1);
        return true;
    }
    if (is_rank && key.code - '0' > question->option_count) {
        app_notify(screen->app, NOTICE_WARNING, "There is no rank %u.",
                   (unsigned)(key.code - '0'));
        return true;
    }
    if (key.code == 'J' || key.code == 'K')
        next.text = choice_move(question, value, option, key.code == 'J' ? 1 : -1);
    else if (is_shifted && (is_up || key.code == KEYCODE_DOWN))
        next.text = choice_move(question, value, option, is_up ? -1 : 1);
    else if (is_rank)
        next.text = choice_rank(question, value, option, (int)(key.code - '0'));
    else if (key.code == KEYCODE_BACKSPACE || key.code == KEYCODE_DELETE ||
             (key.mods == 0 && key.code == '0'))
        next.text = choice_rank(question, value, option, 0);
    else if (key.mods == 0 && key.code == '=')
        next.text = choice_tie(question, value, option);
    else
        return false;
    screen_set_value(screen, &next, SET_VALUE);
    free(next.text);
    if (is_rank)
        focus_next(screen, question);
    return true;
}

/* Key by key: NOLINTNEXTLINE(readability-function-cognitive-complexity) */
enum action options_key(struct screen *screen, struct key key)
{
    struct options_list *list = &screen->frame.options;
    const struct question *question = screen_question(screen);
    bool is_ranking = question->type == QUESTION_RANKING;
    bool is_plain = key.mods == 0, is_ctrl = key.mods == KEY_CTRL_BIT;
    if (is_ranking && rank_key(screen, question, key))
        return ACTION_NONE;
    if ((key.code == KEYCODE_ESCAPE && is_plain) || (key.code == 'c' && is_ctrl)) {
        screen->mode = screen->options_back;
    } else if (key.code == KEYCODE_TAB) {
        screen->mode = screen_is_bulk(screen) ? MODE_BULK : MODE_BROWSE;
        return key.mods & KEY_SHIFT_BIT ? ACTION_PREVIOUS_QUESTION : ACTION_NEXT_QUESTION;
    } else if (list_rows(key, PAGE_ROWS)) {
        options_move(screen, list_rows(key, PAGE_ROWS));
    } else if (key.code == KEYCODE_ENTER && is_plain) {
        take(screen, question, question->type == QUESTION_MULTI_LABEL || is_ranking);
    } else if (key.code == KEYCODE_ENTER) {
        screen->mode = screen_is_bulk(screen) ? MODE_BULK : MODE_BROWSE;
        return ACTION_SUBMIT; /* with Ctrl or Alt: Esc Enter comes as Alt-Enter */
    } else if (key.code == ' ' && editbuf_len(list->filter) == 0) {
        take(screen, question, question->type != QUESTION_SPAN);
    } else if (is_ranking) {
        screen_refuse_key(screen, key);
    } else if (screen_edit_key(screen, list->filter, key) == EDIT_CHANGED) {
        options_move(screen, -(long)question_choice_count(question));
        take_digit(screen, question);
    }
    return ACTION_NONE;
}

void options_paste(struct screen *screen, const struct event *event)
{
    const struct question *question = screen_question(screen);
    if (question->type == QUESTION_RANKING) {
        screen_refuse_paste(screen);
        return;
    }
    (void)edit_paste(screen->frame.options.filter, event, false);
    options_move(screen, -(long)question_choice_count(question));
}
