/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_create.h"

#include "ui/questions.h"

static const char *type_name(enum question_type type)
{
    static const char *const names[] = {
        [QUESTION_RATING] = "rating",      [QUESTION_TEXT] = "text",
        [QUESTION_LABEL] = "label",        [QUESTION_MULTI_LABEL] = "several labels",
        [QUESTION_RANKING] = "ranking",    [QUESTION_SPAN] = "span",
        [QUESTION_OTHER] = "another type",
    };
    return names[type];
}

static void write_fields(const struct dataset *dataset, struct buf *out)
{
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        buf_addf(out, "%-11s %s (%s%s)\n", i == 0 ? "fields" : "", field->name,
                 field->type ? field->type : "text",
                 field->is_required ? ", required" : "");
    }
}

static void write_question(const struct question *question, const char *head,
                           struct buf *out)
{
    buf_addf(out, "%-11s %s (%s", head, question->name, type_name(question->type));
    if (question->type == QUESTION_RATING && question->rating_count > 0)
        buf_addf(out, " %d–%d", question->ratings[0],
                 question->ratings[question->rating_count - 1]);
    buf_addf(out, "%s)\n%-11s   %s\n", question->is_required ? ", required" : "", "",
             question_asks(question));
}

void create_write(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct dataset *dataset = &session->dataset;
    if (!session->dataset_missing) {
        buf_add_text(out, "Nothing is missing on the server.\n");
        return;
    }
    buf_addf(out, "The server has no dataset of this name. Enter creates:\n\n");
    buf_addf(out, "%-11s %s\n", "server", session->server);
    buf_addf(out, "%-11s %s\n", "workspace",
             dataset->workspace && dataset->workspace[0] != '\0' ? dataset->workspace
                                                                 : "the first of yours");
    buf_addf(out, "%-11s %s\n", "dataset", dataset->name);
    write_fields(dataset, out);
    for (size_t i = 0; i < dataset->question_count; i++)
        write_question(&dataset->questions[i], i == 0 ? "questions" : "", out);
    buf_addf(out, "%-11s %s\n", "guidelines",
             dataset->guidelines ? dataset->guidelines : "none");
    buf_addf(out, "%-11s %s\n", "metadata",
             dataset->allow_extra_metadata ? "any extra metadata is taken" : "none");
    buf_add_text(out, "\nEsc leaves the server as it is; your records stay here.\n");
}
