/* SPDX-License-Identifier: MIT
 *
 * dataset_file - a dataset as a file of JSON: what `sherd dataset show --json` prints,
 * and the settings.json that Argilla's own client writes; the templates in data/templates
 * are such files. docs/json.md has the members.
 */
#ifndef CLI_DATASET_FILE_H
#define CLI_DATASET_FILE_H

#include <stddef.h>

#include "base/err.h"
#include "model/dataset.h"

/* Name (NULL where it has none), fields, questions, guidelines and the rest, checked by
 * the rules of every server; workspace and server are not taken. file is for sentences.
 */
enum status dataset_file_read(struct dataset *dataset, const char *text, size_t len,
                              const char *file, struct err *err)
    __attribute__((warn_unused_result));

#endif
