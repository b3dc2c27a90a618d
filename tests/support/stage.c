/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"

static const char keeper_prompt[] =
    "Tell me a joke about a lighthouse keeper who is afraid of the dark.";
static const char keeper_response[] =
    "Every evening the keeper lit the lamp, not for the ships, but for himself.\n\n"
    "**\"Isn't it lonely?\"** asked the gull.\n\n"
    "\"Only when it's off,\" he said, and the gull, who had seen him check under the bed "
    "twice, said nothing.\n";

static const char *snippet(void *ctx, size_t index)
{
    static const char *const texts[] = {
        "Tell me a poem about the sea", "Tell me a joke about a lighthouse keeper",
        "Write a synopsis of Hamlet in one line", "Who was the first woman in space?",
        "Summarise the plot of 山椒大夫 briefly"};
    (void)ctx;
    return texts[index % (sizeof texts / sizeof texts[0])];
}

static size_t number_of(void *ctx, const struct id *record)
{
    (void)ctx;
    return record->bytes[15] == 4 ? 4 : 0;
}

static void start(struct stage *stage, int rows, int cols)
{
    *stage = (struct stage){0};
    dataset_init_guide(&stage->session.dataset, "langchain-dataset", "argilla", "");
    stage->session.is_queue_loaded = true;
    stage->session.can_log = true;
    stage->session.has_endpoint = true;
    snprintf(stage->session.endpoint, sizeof stage->session.endpoint, "local");
    stage->session.sampling.model = xstrdup("smollm2");
    stage->session.sampling.temperature = 0.9;
    stage->session.sampling.has_temperature = true;
    keymap_init(&stage->keymap, &(struct settings){0});
    frame_init(&stage->frame, rows, cols);
    stage->view = (struct view){.session = &stage->session,
                                .keymap = &stage->keymap,
                                .config_path = "/etc/sherd/config",
                                .now_ms = STAGE_NOW_MS,
                                .wall_ms = STAGE_WALL_MS,
                                .snippet = snippet,
                                .number_of = number_of};
}

static void fill_queue(struct queue *queue)
{
    for (int i = 0; i < 340; i++) {
        struct queue_row row = {.row = i + 1, .rating = -1};
        if (i < 12) {
            row.status = i % 4 == 3 ? RESPONSE_DISCARDED : RESPONSE_SUBMITTED;
            row.rating = (int8_t)(i % 4 == 3 ? -1 : 1 + i % 5);
        }
        row.flags = i == 14 ? QUEUE_FAILED : i == 13 ? QUEUE_STREAMING : 0;
        queue_add(queue, &row);
    }
    queue->position = 12;
}

void stage_init_empty(struct stage *stage, int rows, int cols)
{
    start(stage, rows, cols);
}

void stage_init(struct stage *stage, int rows, int cols)
{
    start(stage, rows, cols);
    struct session *session = &stage->session;
    struct record *record = &session->current;
    fill_queue(&session->queue);
    session->has_current = true;
    id_parse("01890a5d-ac96-774b-bcce-b302099a8057", &record->id);
    record->row = 13;
    record->inserted_ms = STAGE_WALL_MS - 60000;
    stage_set_text(stage, "prompt", keeper_prompt);
    stage_set_text(stage, "response", keeper_response);

    struct completion *completion = &record->completion;
    record->has_completion = true;
    completion_init(completion);
    completion->state = COMPLETION_DONE;
    completion->endpoint = xstrdup("local");
    completion->model_used = xstrdup("smollm2");
    completion->finish_reason = xstrdup("stop");
    completion->sampling.temperature = 0.9;
    completion->sampling.has_temperature = true;
    completion->started_ms = STAGE_WALL_MS - 60000;
    completion->first_token_ms = 200;
    completion->total_ms = 1500;
    completion->prompt_tokens = 15;
    completion->completion_tokens = 54;
    completion->attempts = 1;
}

void stage_set_text(struct stage *stage, const char *field, const char *text)
{
    record_set_field(&stage->session.current, field, text, strlen(text));
}

struct stream *stage_stream(struct stage *stage, const char *text)
{
    struct session *session = &stage->session;
    struct stream *stream = xcalloc(1, sizeof *stream);
    stream->record = session->current.id;
    stream->started_ms = STAGE_NOW_MS - 2100;
    stream->first_token_ms = text[0] != '\0' ? STAGE_NOW_MS - 1000 : 0;
    stream->pieces = text[0] != '\0' ? 41 : 0;
    buf_add_text(&stream->text, text);
    session->streams = xreallocarray(session->streams, session->stream_count + 1,
                                     sizeof(struct stream *));
    session->streams[session->stream_count++] = stream;
    session->current.completion.state = COMPLETION_RUNNING;
    return stream;
}

void stage_answer(struct stage *stage, int rating, const char *feedback,
                  enum response_status status)
{
    struct response *response = &stage->session.current.response;
    if (rating > 0)
        values_set_rating(&response->values, "response-rating", rating);
    values_set_text(&response->values, "response-feedback", QUESTION_TEXT, feedback);
    response->status = status;
}

void stage_connect(struct stage *stage)
{
    struct session *session = &stage->session;
    session->has_server = session->is_connected = true;
    session->dataset.remote_id = xstrdup("ba4895a8-4ab9-47f4-b6b9-ef94c95c971f");
    snprintf(session->server, sizeof session->server, "reviews.example");
    snprintf(session->user, sizeof session->user, "owner");
}

void stage_notify(struct stage *stage, enum notice_kind kind, const char *text)
{
    struct notice *notice = &stage->session.notice;
    notice->kind = kind;
    notice->until_ms = STAGE_NOW_MS + 3000;
    snprintf(notice->text, sizeof notice->text, "%s", text);
}

void stage_draw(struct stage *stage, enum ui_mode mode)
{
    const struct session *session = &stage->session;
    stage->view.mode = mode;
    stage->view.record = session->has_current ? &session->current : NULL;
    stage->view.number = session->queue.position + 1;
    frame_draw(&stage->frame, &stage->view);
}

void stage_clear(struct stage *stage)
{
    frame_clear(&stage->frame);
    keymap_clear(&stage->keymap);
    session_clear(&stage->session);
}

static size_t put_cell(const struct cell *cell, char *out)
{
    size_t used = 0;
    if (cell->width == 0)
        return 0;
    for (int i = 0; i < CLUSTER_MAX && cell->cp[i] != 0; i++)
        used += utf8_encode(cell->cp[i], out + used);
    return used;
}

const char *stage_row(struct stage *stage, int row)
{
    static char text[4096];
    size_t used = 0;
    const struct cells *cells = &stage->frame.cells;
    for (int col = 0; col < cells->cols && used + 4 * CLUSTER_MAX < sizeof text; col++)
        used += put_cell(cells_at(cells, row, col), text + used);
    while (used > 0 && text[used - 1] == ' ')
        used--;
    text[used] = '\0';
    return text;
}

int stage_find(struct stage *stage, const char *text)
{
    for (int row = 0; row < stage->frame.cells.rows; row++)
        if (strstr(stage_row(stage, row), text))
            return row;
    return -1;
}
