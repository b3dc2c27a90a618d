/* SPDX-License-Identifier: MIT
 *
 * answer - rating, feedback and status from the flags, checked against the dataset's
 * questions. Private to cli.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "base/err.h"
#include "model/dataset.h"
#include "model/record.h"

struct answer {
    bool has_rating;
    int64_t rating;
    const char *feedback; /* NULL = leave it; "" = remove it */
    enum response_status status;
};

/* Changes response as the answer says. A rating or feedback that the dataset has no
 * question for, or a submit that lacks a required answer, is USAGE. */
enum status answer_apply(const struct answer *answer, const struct dataset *dataset,
                         struct response *response, struct err *err)
    __attribute__((warn_unused_result));

#endif
