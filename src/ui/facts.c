/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "app/suggest.h"
#include "ui/frame.h"
#include "json/dataset_json.h"

void facts_origin(const struct view *view, char *out, size_t size)
{
    const struct record *record = view->record;
    out[0] = '\0';
    if (!view->record || !record->has_completion)
        return;
    const struct completion *completion = &record->completion;
    const char *model = completion_model(completion);
    view_join(out, size, "%s", model ? model : "");
    if (completion->sampling.has_temperature)
        view_join(out, size, "T %.3g", completion->sampling.temperature);
}

/* ---- while it streams ---- */

static void measure_stream(const struct view *view, const struct stream *stream,
                           char *out, size_t size)
{
    if (view->is_plain) { /* nothing that ticks */
        snprintf(out, size,
                 stream->retry_at_ms > view->now_ms ? "asked again soon"
                                                    : "being written");
        return;
    }
    if (stream->retry_at_ms > view->now_ms) {
        snprintf(out, size, "again in %s",
                 view_seconds(stream->retry_at_ms - view->now_ms).text);
        return;
    }
    int64_t spoken = view->now_ms - stream->first_token_ms;
    if (stream->first_token_ms == 0)
        snprintf(out, size, "%s", stream->reasoning.len > 0 ? "thinking" : "waiting");
    else
        snprintf(out, size, "%" PRId64 " tok/s",
                 spoken >= 500 ? stream->pieces * 1000 / spoken : stream->pieces);
    if (view->cols >= VIEW_COLS_MEDIUM)
        view_join(out, size, "%s", view_seconds(view->now_ms - stream->started_ms).text);
    size_t used = strlen(out);
    /* Grows and shrinks in place, one cell wide: alive, but calm. */
    static const char *const phases[] = {"▏", "▎", "▍", "▎"};
    snprintf(out + used, size - used, " %s", phases[(view->now_ms / 250) % 4]);
}

static void note_stream(const struct view *view, const struct stream *stream, char *out,
                        size_t size, enum style *style)
{
    const struct short_text key = view_key(view, ACTION_TRACE);
    if (stream->retry_at_ms > view->now_ms) {
        *style = STYLE_WARNING;
        if (view->is_plain)
            snprintf(out, size, "%s It is asked again by itself.", stream->waiting);
        else
            snprintf(out, size, "%s Trying again in %s.", stream->waiting,
                     view_seconds(stream->retry_at_ms - view->now_ms).text);
    } else if (stream->asks[0]) {
        *style = STYLE_WARNING;
        snprintf(out, size, "The agent wants to run %s: %s shows it and asks.",
                 stream->asks, key.text);
    } else if (stream->is_agent && stream->text.len == 0) {
        snprintf(
            out, size, "An agent is at work; steps so far: %zu, %s shows them.\n%s%s",
            stream->steps, key.text, stream->doing[0] ? "It runs " : "", stream->doing);
    } else if (stream->text.len == 0 && stream->reasoning.len > 0 && !view->is_plain) {
        snprintf(out, size, "Thinking: %zu characters so far.", stream->reasoning.len);
    } else if (stream->text.len == 0) {
        snprintf(out, size, "Waiting for the first word…");
    }
}

/* ---- when it has ended ---- */

static bool hit_the_limit(const struct completion *completion)
{
    return finish_find(completion->finish_reason)->is_limit;
}

static void measure_end(const struct completion *completion, char *out, size_t size)
{
    int64_t tokens = completion->completion_tokens;
    int64_t spoken = completion->total_ms - completion->first_token_ms;
    if (tokens >= 0)
        view_join(out, size, "%" PRId64 " tok", tokens);
    /* What came at once has no speed worth a number, nor a time. */
    if (tokens > 0 && completion->first_token_ms >= 0 && spoken >= 200)
        view_join(out, size, "%" PRId64 " tok/s", tokens * 1000 / spoken);
    if (completion->total_ms >= 50)
        view_join(out, size, "%s", view_seconds(completion->total_ms).text);
}

void facts_measure(const struct view *view, char *out, size_t size, enum style *style)
{
    const struct record *record = view->record;
    const struct stream *stream = view_stream(view);
    const struct completion *completion = &record->completion;
    out[0] = '\0';
    if (!view->record)
        return;
    if (stream) {
        measure_stream(view, stream, out, size);
        return;
    }
    if (!record->has_completion)
        return;
    if (completion->state == COMPLETION_FAILED)
        snprintf(out, size, "failed");
    else if (completion->state == COMPLETION_RUNNING)
        snprintf(out, size, "written elsewhere");
    else if (completion->state == COMPLETION_CUT)
        snprintf(out, size, "cut off");
    else if (hit_the_limit(completion))
        snprintf(out, size, "cut off at max tokens");
    if (out[0] != '\0')
        *style = STYLE_WARNING;
    measure_end(completion, out, size);
}

static void note_cut(const struct completion *completion, const char *key, char *out,
                     size_t size)
{
    const char *reason = completion->finish_reason ? completion->finish_reason : "";
    const char *error = completion->error ? completion->error : "";
    if (strcmp(reason, "cancelled") == 0)
        snprintf(out, size, "── cut off here: you stopped it · %s asks again ──", key);
    else if (strcmp(reason, "quit") == 0)
        snprintf(out, size, "── cut off here: sherd was quit · %s asks again ──", key);
    else
        snprintf(out, size, "── cut off here · %s asks again ──%s%s", key,
                 error[0] != '\0' ? "\n" : "", error);
}

void facts_note(const struct view *view, char *out, size_t size, enum style *style)
{
    const struct record *record = view->record;
    const struct stream *stream = view_stream(view);
    const struct completion *completion = &record->completion;
    const struct short_text key = view_key(view, ACTION_REGENERATE);
    out[0] = '\0';
    if (stream) {
        note_stream(view, stream, out, size, style);
    } else if (record->has_completion && completion->state == COMPLETION_RUNNING) {
        *style = STYLE_WARNING; /* no stream of ours: it may end in mid-word here */
        snprintf(out, size, "── not whole yet: another sherd is writing it ──");
    } else if (record->has_completion && completion->state == COMPLETION_FAILED) {
        *style = STYLE_ERROR;
        snprintf(out, size, "%s\n%s asks again.",
                 completion->error ? completion->error : "The answer failed.", key.text);
    } else if (record->has_completion && completion->state == COMPLETION_CUT) {
        *style = STYLE_WARNING;
        note_cut(completion, key.text, out, size);
    } else if (record->has_completion && hit_the_limit(completion)) {
        *style = STYLE_WARNING;
        snprintf(out, size, "── cut off here: the limit of max tokens was reached ──");
    }
}

/* ---- the page of facts ---- */

static void add_fact(struct buf *out, const char *name, const char *value)
{
    if (value && value[0] != '\0')
        buf_addf(out, "%-16s %s\n", name, value);
}

static void add_number(struct buf *out, const char *name, int64_t number,
                       const char *unit)
{
    if (number >= 0)
        buf_addf(out, "%-16s %" PRId64 "%s\n", name, number, unit);
}

static void add_time(struct buf *out, const char *name, int64_t wall_ms)
{
    char text[64];
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    if (wall_ms <= 0)
        return;
    localtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &tm);
    add_fact(out, name, text);
}

static void add_sampling(struct buf *out, const struct sampling *sampling)
{
    add_fact(out, "model asked for", sampling->model);
    if (sampling->has_temperature)
        buf_addf(out, "%-16s %.3g\n", "temperature", sampling->temperature);
    if (sampling->max_tokens > 0)
        add_number(out, "max tokens", sampling->max_tokens, "");
    if (sampling->has_seed)
        buf_addf(out, "%-16s %" PRId64 "\n", "seed", sampling->seed);
    add_fact(out, "system prompt", sampling->system_prompt);
}

static void add_parent(struct buf *out, const struct view *view,
                       const struct completion *completion)
{
    if (!id_is_zero(&completion->parent)) {
        size_t number = view->number_of(view->ctx, &completion->parent);
        struct id_text parent = id_text(&completion->parent);
        if (number > 0)
            snprintf(parent.text, sizeof parent.text, "#%zu", number);
        add_fact(out, "asked again from", parent.text);
    }
    if (!id_is_zero(&completion->run))
        add_fact(out, "run", id_text(&completion->run).text);
}

static void add_completion(struct buf *out, const struct view *view,
                           const struct completion *completion)
{
    add_fact(out, "endpoint", completion->endpoint);
    add_fact(out, "model reported", completion->model_used);
    add_sampling(out, &completion->sampling);
    add_fact(out, "answer", completion_state_name(completion->state));
    add_fact(out, "finish reason", completion->finish_reason);
    add_fact(out, "error", completion->error);
    add_time(out, "asked at", completion->started_ms);
    add_number(out, "first token after", completion->first_token_ms, " ms");
    add_number(out, "total time", completion->total_ms, " ms");
    add_number(out, "prompt tokens", completion->prompt_tokens, "");
    add_number(out, "answer tokens", completion->completion_tokens, "");
    if (completion->attempts > 1)
        add_number(out, "attempts", completion->attempts, "");
    add_parent(out, view, completion);
}

static void add_viewing(struct buf *out, const struct viewing *viewing)
{
    int64_t taken = viewing->answered_ms - viewing->shown_ms - viewing->paused_ms;
    if (!viewing->shown_ms)
        return;
    buf_addf(out, "%-16s %s", "answered in", view_seconds(taken).text);
    if (viewing->end_ms)
        buf_addf(out, ", its end seen after %s",
                 view_seconds(viewing->end_ms - viewing->shown_ms).text);
    else
        buf_add_text(out, ", its end not seen");
    if (viewing->paused_ms)
        buf_addf(out, ", without a pause of %s", view_seconds(viewing->paused_ms).text);
    buf_add_text(out, "\n");
}

static void add_identity(struct buf *out, const struct view *view)
{
    const struct session *session = view->session;
    const struct record *record = &session->current;
    char id[ID_TEXT];
    id_format(&record->id, id);
    buf_addf(out, "%-16s #%zu of %zu\n", "record", session->queue.position + 1,
             session->queue.count);
    add_fact(out, "id", id);
    add_fact(out, "external id", record->external_id);
    add_fact(out, "id on the server",
             record->is_gone ? "gone: deleted there" : record->remote_id);
    add_fact(out, "flagged",
             (record->flags & QUEUE_FLAGGED) ? "yes: to come back to it" : NULL);
    struct buf command = {0}, address = {0};
    place_command(session, &command);
    add_fact(out, "opened by", buf_text(&command));
    if (place_address(session, &address))
        add_fact(out, "web, for you", buf_text(&address));
    buf_clear(&command);
    buf_clear(&address);
    int wanted = dataset_min_submitted(&session->dataset);
    if (wanted > 0)
        buf_addf(out, "%-16s %d of each record%s\n", "answers wanted", wanted,
                 record->is_completed ? "; others gave enough" : "");
    buf_addf(out, "%-16s %s%s\n", "your answer",
             response_status_name(record->response.status),
             record->response.is_changed ? ", was submitted" : "");
    add_time(out, "answered at", record->response.updated_ms);
    add_viewing(out, &record->response.viewing);
    add_time(out, "logged at", record->inserted_ms);
}

static void add_suggestions(struct buf *out, const struct view *view)
{
    const struct dataset *dataset = &view->session->dataset;
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        char label[64];
        if (!suggest_find(view->record, question))
            continue;
        question_label(question, label, sizeof label);
        buf_addf(out, "%-16s ", label);
        suggest_write(view->record, question, true, out);
        buf_add_text(out, "\n");
    }
}

/* Who rates must be able to see what a screen cannot show as it is. */
static void add_unshown(struct buf *out, const struct record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct record_field *field = &record->fields[i];
        struct buf list = {0};
        sanitise_list(field->text, field->len, &list);
        if (list.len > 0)
            buf_addf(out, "\nnot shown as it is, in %s\n%s", field->name, list.data);
        buf_clear(&list);
    }
}

void facts_write(const struct view *view, struct buf *out)
{
    const struct record *record = view->record;
    if (!view->record) {
        buf_add_text(out, "There is no record yet.\n");
        return;
    }
    add_identity(out, view);
    if (record->note && !view->session->is_again)
        buf_addf(out, "\nyour note (never sent)\n%s\n\n", record->note);
    if (record->has_clash) {
        buf_add_text(out, "\nyour answer here\n");
        clash_write(view, &record->response, out);
        buf_addf(out, "\nthe other one (%s)\n",
                 response_status_name(record->theirs.status));
        clash_write(view, &record->theirs, out);
        buf_add_text(out, "\n");
    }
    add_suggestions(out, view);
    if (record->has_completion)
        add_completion(out, view, &record->completion);
    add_unshown(out, record);
    if (record->metadata_json)
        buf_addf(out, "\nmetadata\n%s\n", record->metadata_json);
    if (record->has_completion && record->completion.reasoning)
        buf_addf(out, "\nreasoning\n%s\n", record->completion.reasoning);
}
