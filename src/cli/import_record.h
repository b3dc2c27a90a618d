/* SPDX-License-Identifier: MIT
 *
 * import_record - a record of a dataset out of the JSON object that an export wrote of
 * it: every part checked against the dataset's fields and questions.
 *
 * "fields", "metadata", "suggestions", "values" and "status" (ours), "responses" (of
 * others: whole ones, or a list a question as Argilla's client writes them),
 * "completion".
 */
#ifndef CLI_IMPORT_RECORD_H
#define CLI_IMPORT_RECORD_H

#include <jansson.h>

#include "base/err.h"
#include "model/dataset.h"
#include "model/record.h"

struct importer {
    const struct dataset *dataset;
    const char *me; /* the user id whose responses are ours; NULL = nobody's */
};

/* Fills record, but for its ids; record_clear it in any case. USAGE: half a sentence
 * about the part that the dataset does not take. */
enum status import_read(const struct importer *import, const json_t *row,
                        struct record *record, struct err *err);

#endif
