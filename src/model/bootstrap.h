/* SPDX-License-Identifier: MIT
 *
 * bootstrap - agreement over several questions about the same units, and how sure it is.
 */
#ifndef MODEL_BOOTSTRAP_H
#define MODEL_BOOTSTRAP_H

#include "model/agreement.h"

struct agreement_question {
    const struct agreement *agreement;
    enum agreement_metric metric;
};
/* The mean of their alphas, each by the answers that it rests on. False: none has one. */
bool agreement_overall(const struct agreement_question *questions, size_t count,
                       double *alpha);
/* Between what 95 of 100 alphas lie when the units are drawn anew, with replacement. The
 * same seed gives the same. ranges: one a question, and one more for all of them. Takes
 * up to a second with a million answers: not for the loop. */
struct agreement_range {
    bool is_known;
    double low, high;
};
void agreement_bootstrap(const struct agreement_question *questions, size_t count,
                         uint64_t seed, struct agreement_range *ranges);

#endif
