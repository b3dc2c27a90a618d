/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/answer.h"

#include <string.h>

#include "base/buf.h"
#include "text/sanitise.h"

static enum status refuse_rating(const struct question *question, int64_t rating,
                                 struct err *err)
{
    struct buf allowed = {0};
    for (size_t i = 0; i < question->rating_count && i < 20; i++)
        buf_addf(&allowed, "%s%d", i ? ", " : "", question->ratings[i]);
    err_set(err, STATUS_USAGE, "The rating can be %s; %lld is not one of them.",
            buf_text(&allowed), (long long)rating);
    buf_clear(&allowed);
    return STATUS_USAGE;
}

static enum status set_rating(const struct dataset *dataset, int64_t rating,
                              struct response *response, struct err *err)
{
    const struct question *question = dataset_rating_question(dataset);
    if (!question)
        return err_set(err, STATUS_USAGE, "The dataset has no rating question.");
    if (!question_allows_rating(question, (int)rating))
        return refuse_rating(question, rating, err);
    values_set_rating(&response->values, question->name, (int)rating);
    return STATUS_OK;
}

static enum status set_feedback(const struct dataset *dataset, const char *text,
                                struct response *response, struct err *err)
{
    const struct question *question = dataset_feedback_question(dataset);
    if (!question)
        return err_set(err, STATUS_USAGE, "The dataset has no question for feedback.");
    values_set_text(&response->values, question->name, QUESTION_TEXT, text);
    return STATUS_OK;
}

enum status answer_apply(const struct answer *answer, const struct dataset *dataset,
                         struct response *response, struct err *err)
{
    if (answer->has_rating && set_rating(dataset, answer->rating, response, err))
        return err->code;
    if (answer->feedback && set_feedback(dataset, answer->feedback, response, err))
        return err->code;
    response->status = answer->status;
    if (answer->status != RESPONSE_SUBMITTED)
        return STATUS_OK;
    const char *missing = dataset_missing_answer(dataset, &response->values);
    if (!missing)
        return STATUS_OK;
    char name[128];
    sanitise_line(missing, strlen(missing), name, sizeof name);
    return err_set(err, STATUS_USAGE,
                   "“%s” must be answered before a record can be submitted; --draft "
                   "keeps it unfinished.",
                   name);
}
