/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_guidelines.h"

#include "ui/questions.h"

static void write_question(const struct question *question, struct buf *out)
{
    char label[64];
    question_label(question, label, sizeof label);
    buf_addf(out, "- **%s**%s: %s\n", label, question->is_required ? " (required)" : "",
             question_asks(question));
}

void guidelines_write(const struct view *view, struct buf *out)
{
    const struct dataset *dataset = &view->session->dataset;
    bool has_text = dataset->guidelines && dataset->guidelines[0] != '\0';
    buf_addf(out, "%s\n\n",
             has_text ? dataset->guidelines : "This dataset has no guidelines.");
    for (size_t i = 0; i < dataset->question_count; i++)
        write_question(&dataset->questions[i], out);
}
