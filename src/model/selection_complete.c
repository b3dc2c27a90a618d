/* SPDX-License-Identifier: MIT
 * What may stand where a line of a selection ends. */
#include "config.h"

#include "model/selection.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "model/record.h"
#include "text/match.h"

struct completing {
    const char *line;
    size_t head;       /* bytes of the line that stay */
    const char *start; /* of what is completed */
    size_t index;      /* candidates still to be passed over */
    char *out;
    size_t size;
    bool is_found;
};

/* Another candidate: before, text and after together. */
static void offer(struct completing *completing, const char *before, const char *text,
                  const char *after)
{
    char whole[200];
    const char *start = completing->start + (*completing->start == '"');
    snprintf(whole, sizeof whole, "%s%s%s", before, text, after);
    if (completing->is_found || strncasecmp(whole, start, strlen(start)) != 0 ||
        completing->index-- > 0)
        return;
    struct buf written = {0};
    const struct selection_value value = {.text = whole,
                                          .is_quoted = strchr(whole, '*') != NULL};
    if (*after)
        buf_add_text(&written, whole);
    else
        selection_print_value(&written, &value);
    snprintf(completing->out, completing->size, "%.*s%s", (int)completing->head,
             completing->line, buf_text(&written));
    buf_clear(&written);
    completing->is_found = true;
}

static void offer_words(struct completing *completing,
                        const struct selection_words *words, enum word_kind kind,
                        const char *before, const char *after)
{
    for (size_t i = 0; words && i < words->count; i++)
        if (words->items[i].kind == kind)
            offer(completing, before, words->items[i].text, after);
}

static void offer_statuses(struct completing *completing)
{
    for (int status = 0; status < RESPONSE_STATUS_COUNT; status++)
        offer(completing, "", response_status_name((enum response_status)status), "");
}

/* What one question takes, or all of these types. */
static void offer_options(struct completing *completing, const struct dataset *dataset,
                          const char *name, size_t len, unsigned types)
{
    char number[16];
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        bool is_meant = !len ? types & 1u << question->type
                             : (strlen(question->name) == len &&
                                strncmp(question->name, name, len) == 0);
        for (size_t k = 0; is_meant && k < question->rating_count; k++) {
            snprintf(number, sizeof number, "%d", question->ratings[k]);
            offer(completing, "", number, "");
        }
        for (size_t k = 0; is_meant && k < question->option_count; k++)
            offer(completing, "", question->options[k].value, "");
    }
}

static void offer_metadata(struct completing *completing,
                           const struct selection_words *words, const char *name,
                           size_t len)
{
    for (size_t i = 0; words && i < words->count; i++) {
        const struct selection_word *word = &words->items[i];
        if (word->kind == WORD_VALUE && strncmp(word->text, name, len) == 0 &&
            word->text[len] == ':')
            offer(completing, "", word->text + len + 1, "");
    }
}

static void offer_orders(struct completing *completing, const struct dataset *dataset,
                         const struct selection_words *words)
{
    const char *name;
    for (size_t i = 0; (name = selection_order_name(i)); i++)
        if (name[strlen(name) - 1] != '.')
            offer(completing, "", name, "");
    offer_words(completing, words, WORD_METADATA, "meta.", "");
    for (size_t i = 0; i < dataset->question_count; i++) {
        offer(completing, "suggestion.", dataset->questions[i].name, "");
        offer(completing, "suggestion.", dataset->questions[i].name, ".score");
    }
}

static void offer_terms(struct completing *completing, const struct dataset *dataset,
                        const struct selection_words *words)
{
    static const char *const names[] = {
        "flag",   "model:",  "rating:", "label:",  "feedback:", "suggestion:", "score:",
        "agent:", "length:", "text:",   "order:",  "note",      "completed",   "gone",
        "clash",  "failed",  "cut",     "changed", "status:"};
    offer_statuses(completing);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        offer(completing, "", names[i], "");
    offer_words(completing, words, WORD_METADATA, "meta.", ":");
    for (size_t i = 0; i < dataset->question_count; i++) {
        const char *name = dataset->questions[i].name;
        offer(completing, "answer.", name, ":");
        offer(completing, "suggestion.", name, ":");
        offer(completing, "suggestion.", name, ".score:");
        offer(completing, "suggestion.", name, ".agent:");
    }
    for (size_t i = 0; i < dataset->field_count; i++)
        offer(completing, selection_is_key(dataset->fields[i].name) ? "field." : "",
              dataset->fields[i].name, ":");
}

static void offer_values(struct completing *completing, const char *key, size_t len,
                         const struct dataset *dataset,
                         const struct selection_words *words)
{
    const char *dot = memchr(key, '.', len);
    size_t head = dot ? (size_t)(dot - key) : len;
    size_t name = dot ? len - head - 1 : 0;
    const struct question *rating = dataset_rating_question(dataset);
    if (len == 5 && strncmp(key, "order", len) == 0)
        offer_orders(completing, dataset, words);
    else if (len == 6 && strncmp(key, "status", len) == 0)
        offer_statuses(completing);
    else if (len == 5 && strncmp(key, "model", len) == 0)
        offer_words(completing, words, WORD_MODEL, "", "");
    else if (len >= 5 && strncmp(key + len - 5, "agent", 5) == 0)
        offer_words(completing, words, WORD_AGENT, "", "");
    else if (dot && head == 4 && strncmp(key, "meta", head) == 0)
        offer_metadata(completing, words, dot + 1, name);
    else if (len == 6 && strncmp(key, "rating", len) == 0 && rating)
        offer_options(completing, dataset, rating->name, strlen(rating->name), 0);
    else if (head == 5 && strncmp(key, "label", head) == 0)
        offer_options(completing, dataset, "", 0,
                      1u << QUESTION_LABEL | 1u << QUESTION_MULTI_LABEL);
    else if ((head == 6 && strncmp(key, "answer", head) == 0) ||
             (head == 10 && strncmp(key, "suggestion", head) == 0))
        offer_options(completing, dataset, dot ? dot + 1 : "", name, UINT_MAX);
}

bool selection_complete(const char *line, size_t index, const struct dataset *dataset,
                        const struct selection_words *words, char *out, size_t size)
{
    /* The last word, blanks within quotes and patterns apart; of it the last value. */
    const char *word = line, *value = NULL;
    bool is_quoted = false;
    for (const char *at = line; *at; at++) {
        bool is_start = at == value || at == word + (*word == '-');
        size_t pattern = is_start ? match_pattern(at, " ,") : 0;
        if (is_start && *at == '/' && !pattern)
            return false; /* it is not at its end */
        at += pattern ? pattern - 1 : 0;
        is_quoted ^= *at == '"';
        if (!is_quoted && *at == ' ') {
            word = at + 1;
            value = NULL;
        } else if (!is_quoted && (*at == ',' || (*at == ':' && !value))) {
            value = at + 1;
        }
    }
    size_t key = strcspn(word, ":");
    word += *word == '-';
    key -= *line && word > line && word[-1] == '-';
    const char *start = value ? value : word;
    if (value && strncmp(word, "order:", 6) == 0)
        start += *start == '-';
    struct completing completing = {.line = line,
                                    .head = (size_t)(start - line),
                                    .start = start,
                                    .index = index,
                                    .out = out,
                                    .size = size};
    if (value) {
        offer_values(&completing, word, key, dataset, words);
    } else {
        offer_terms(&completing, dataset, words);
        if (word == line) {
            offer_words(&completing, words, WORD_SAVED, "@", "");
            offer(&completing, "", "all", "");
        }
    }
    return completing.is_found;
}

/* ---- words ---- */

void selection_words_add(struct selection_words *words, enum word_kind kind,
                         const char *text)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].kind == kind && strcmp(words->items[i].text, text) == 0)
            return;
    words->items =
        xgrow(words->items, words->count, &words->capacity, sizeof *words->items);
    words->items[words->count++] = (struct selection_word){kind, xstrdup(text)};
}

void selection_words_drop(struct selection_words *words, enum word_kind kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].kind == kind)
            free(words->items[i].text);
        else
            words->items[kept++] = words->items[i];
    words->count = kept;
}

void selection_words_clear(struct selection_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i].text);
    free(words->items);
    *words = (struct selection_words){0};
}
