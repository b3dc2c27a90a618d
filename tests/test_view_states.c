/* SPDX-License-Identifier: MIT
 *
 * The main screen's states at three sizes, each as a golden screen: whoever changes a
 * view sees here what else it moved.
 */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/golden.h"
#include "tests/support/stage.h"

static const char remark[] =
    "Warm, a bit long for a joke. The last line carries it, but \"who had seen him check "
    "under the bed twice\" comes a sentence too late. The gull 🐦 is a good idea; 灯台 "
    "would "
    "have been a nice touch, and cafe\xcc\x81 too.";

static void check_at(const char *name, void (*set)(struct stage *stage),
                     enum ui_mode mode, int rows, int cols)
{
    struct stage stage;
    char file[64];
    stage_init(&stage, rows, cols);
    set(&stage);
    stage_draw(&stage, mode);
    snprintf(file, sizeof file, "%s-%dx%d", name, cols, rows);
    golden_check(file, &stage.frame.cells);
    stage_clear(&stage);
}

static void check(const char *name, void (*set)(struct stage *stage), enum ui_mode mode)
{
    check_at(name, set, mode, 24, 80);
    check_at(name, set, mode, 40, 120);
    check_at(name, set, mode, 10, 40);
}

static void look(struct stage *stage)
{
    (void)stage;
}

static void rate(struct stage *stage)
{
    stage_connect(stage);
    stage_answer(stage, 4, "Warm, a bit long for a joke.", RESPONSE_DRAFT);
    stage->session.save = SAVE_DONE;
}

static void write_feedback(struct stage *stage)
{
    stage_answer(stage, 4, remark, RESPONSE_DRAFT);
    stage->frame.form.focus = 1;
    editbuf_set(stage->frame.form.edit, remark, strlen(remark));
    stage->session.save = SAVE_RUNNING;
}

static void write_prompt(struct stage *stage)
{
    static const char text[] = "Write a synopsis of\na play about a lamp";
    editbuf_set(stage->frame.prompt.edit, text, strlen(text));
    stage->session.save = SAVE_DONE;
}

static void stream(struct stage *stage)
{
    stage_connect(stage);
    stage->session.sync.outbox.unsent = 2;
    stage_stream(stage,
                 "Every evening the keeper lit the lamp, not for the ships, but for "
                 "himself.\n\n**\"Isn't it lonely?\"** asked the gull.\n\n\"Only "
                 "when it's off,\" he said, and");
    stage_answer(stage, 4, "Warm, a bit long for a joke.", RESPONSE_DRAFT);
    stage->session.save = SAVE_DONE;
}

static void end_failed(struct stage *stage)
{
    struct completion *completion = &stage->session.current.completion;
    stage_set_text(stage, "response", "");
    completion->total_ms = 320;
    completion->completion_tokens = -1;
    completion->state = COMPLETION_FAILED;
    completion->error = xstrdup("Nothing listens at 127.0.0.1:8080. Start the server "
                                "there, or set another address.");
}

static void cut(struct stage *stage)
{
    struct completion *completion = &stage->session.current.completion;
    stage_set_text(stage, "response", "Every evening the keeper lit");
    completion->state = COMPLETION_CUT;
    free(completion->finish_reason);
    completion->finish_reason = xstrdup("cancelled");
}

static void be_away(struct stage *stage)
{
    rate(stage);
    stage->session.sync.state = SYNC_WAITING;
    stage->session.sync.outbox.unsent = 12;
    stage->session.sync.offline_since_ms = STAGE_WALL_MS;
    err_set(&stage->session.sync.err, STATUS_NETWORK, "Nothing listens there.");
}

static void be_unsaved(struct stage *stage)
{
    stage_answer(stage, 4, NULL, RESPONSE_DRAFT);
    stage->session.save = SAVE_FAILED;
    snprintf(stage->session.unsaved, sizeof stage->session.unsaved,
             "#13: The store ~/.local/share/sherd/store.db could not be written: "
             "the disk is full.");
}

static void open_help(struct stage *stage)
{
    pager_open(&stage->frame.pager, PAGER_HELP);
}

static void open_facts(struct stage *stage)
{
    stage->session.current.metadata_json = xstrdup("{\"source\": \"tutorial\"}");
    stage->session.current.completion.parent = (struct id){.bytes[15] = 4};
    pager_open(&stage->frame.pager, PAGER_FACTS);
}

static void reading(void **state)
{
    (void)state;
    check("finished", look, MODE_BROWSE);
}

static void rating(void **state)
{
    (void)state;
    check("rating", rate, MODE_BROWSE);
}

static void writing_feedback(void **state)
{
    (void)state;
    check("feedback", write_feedback, MODE_FEEDBACK);
}

static void writing_a_prompt(void **state)
{
    (void)state;
    check("prompt", write_prompt, MODE_PROMPT);
}

static void streaming(void **state)
{
    (void)state;
    check("streaming", stream, MODE_BROWSE);
    check_at("streaming", stream, MODE_BROWSE, 60, 200);
}

static void an_answer_that_failed(void **state)
{
    (void)state;
    check("failed", end_failed, MODE_BROWSE);
}

static void an_answer_that_was_cut(void **state)
{
    (void)state;
    check("cut", cut, MODE_BROWSE);
}

static void a_server_that_is_away(void **state)
{
    (void)state;
    check("away", be_away, MODE_BROWSE);
}

static void a_write_that_failed(void **state)
{
    (void)state;
    check("unsaved", be_unsaved, MODE_BROWSE);
}

static void help(void **state)
{
    (void)state;
    check("help", open_help, MODE_PAGER);
}

static void facts(void **state)
{
    (void)state;
    check("facts", open_facts, MODE_PAGER);
}

static void list_datasets(struct stage *stage)
{
    static const struct {
        const char *name, *workspace, *server;
        int64_t row, ago_ms;
        size_t counts[RESPONSE_STATUS_COUNT];
    } rows[] = {
        {"langchain-dataset", "argilla", "reviews.example", 1, 30000, {328, 3, 9, 0}},
        {"a-dataset-with-a-very-long-name-indeed",
         "team",
         "reviews.example",
         0,
         7200000,
         {1200000, 0, 41234, 812}},
        {"notes", "local", "", 2, 900000000, {0, 0, 12, 0}}};
    struct dataset_choices *list = &stage->session.datasets;
    list->items = xcalloc(3, sizeof *list->items);
    for (list->count = 0; list->count < 3; list->count++) {
        struct dataset_choice *choice = &list->items[list->count];
        choice->dataset.name = xstrdup(rows[list->count].name);
        choice->dataset.workspace = xstrdup(rows[list->count].workspace);
        choice->dataset.row = rows[list->count].row;
        choice->is_open = list->count == 0;
        choice->has_counts = true;
        choice->is_told = list->count < 2; /* of the first, the pending ones */
        choice->touched_ms = STAGE_WALL_MS - rows[list->count].ago_ms;
        snprintf(choice->server, sizeof choice->server, "%s", rows[list->count].server);
        memcpy(choice->sum.counts, rows[list->count].counts, sizeof choice->sum.counts);
        for (int i = 0; i < RESPONSE_STATUS_COUNT; i++)
            choice->sum.all += choice->sum.counts[i];
    }
    stage->frame.datasets.focus = 1;
}

static void which_datasets_there_are(void **state)
{
    (void)state;
    check("datasets", list_datasets, MODE_DATASETS);
}

static void namesakes_are_told_apart(void **state)
{
    (void)state;
    static const int widths[] = {64, 80, 100, 120, 160};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct stage stage;
        stage_init(&stage, 24, widths[i]);
        list_datasets(&stage);
        struct dataset_choices *list = &stage.session.datasets;
        free(list->items[1].dataset.name);
        list->items[1].dataset.name = xstrdup("langchain-dataset");
        snprintf(list->items[1].server, sizeof list->items[1].server, "127.0.0.1:6901");
        stage_draw(&stage, MODE_DATASETS);
        assert_true(stage_find(&stage, " Server ") > 0);
        assert_true(stage_find(&stage, "  langchain-dataset ") > 0);
        assert_true(stage_find(&stage, " reviews.example") > 0);
        assert_true(stage_find(&stage, " 127.0.0.1:6901") > 0);
        stage_clear(&stage);
    }
}

static void when_a_dataset_was_touched_is_told_in_short(void **state)
{
    static const struct {
        int64_t ago_s;
        const char *says;
    } rows[] = {
        {0, " just now"},      {119, " just now"},   {120, " 2 min ago"},
        {5999, " 99 min ago"}, {6000, " 1 h ago"},   {7200, " 2 h ago"},
        {172799, " 47 h ago"}, {172800, " 2 d ago"}, {9000000, " 104 d ago"},
    };
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 120);
    list_datasets(&stage);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        stage.session.datasets.items[1].touched_ms = STAGE_WALL_MS - rows[i].ago_s * 1000;
        stage_draw(&stage, MODE_DATASETS);
        const char *row = stage_row(&stage, stage_find(&stage, "a-dataset-with"));
        size_t len = strlen(row), end = strlen(rows[i].says);
        assert_true(len > end);
        assert_string_equal(row + len - end, rows[i].says);
    }
    stage.session.datasets.items[1].touched_ms = 0; /* not known */
    stage_draw(&stage, MODE_DATASETS);
    assert_null(strstr(stage_row(&stage, stage_find(&stage, "a-dataset-with")), "ago"));
    stage_clear(&stage);
}

static void the_best_fit_of_a_filter_comes_first(void **state)
{
    (void)state;
    static const char *const names[] = {"rev1-small", "wallet", "rev1-all", "all",
                                        "other"};
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct dataset_choices *list = &stage.session.datasets;
    list->items = xcalloc(5, sizeof *list->items);
    for (; list->count < 5; list->count++) {
        list->items[list->count].dataset.name = xstrdup(names[list->count]);
        list->items[list->count].dataset.row = (int64_t)list->count + 1;
    }
    editbuf_set(stage.frame.datasets.filter, "all", 3);
    stage_draw(&stage, MODE_DATASETS);
    int first = stage_find(&stage, "▶ all ");
    assert_true(first > 0);
    assert_int_equal(stage_find(&stage, " rev1-all "), first + 1);
    assert_int_equal(stage_find(&stage, " rev1-small "), first + 2);
    assert_int_equal(stage_find(&stage, " wallet "), first + 3);
    assert_int_equal(stage_find(&stage, " other "), -1);
    stage_clear(&stage);
}

static void a_server_that_is_away_may_have_datasets(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    snprintf(stage.session.datasets.fault, sizeof stage.session.datasets.fault,
             "The Argilla server at lab of examples does not accept the API key. "
             "Compare the key with the one on your profile page.");
    stage_draw(&stage, MODE_DATASETS);
    assert_int_equal(stage_find(&stage, "There is no dataset yet"), -1);
    int row = stage_find(&stage, "  The Argilla server at lab");
    assert_true(stage_find(&stage, "on your profile page.") > row); /* not cut */
    assert_true(stage_find(&stage, "What is there is not known") > row + 1);
    /* beside what is known, too */
    char name[] = "known";
    struct dataset_choice known = {.dataset.name = name};
    stage.session.datasets.items = &known;
    stage.session.datasets.count = 1;
    stage_draw(&stage, MODE_DATASETS);
    assert_true(stage_find(&stage, "known") > 0);
    assert_true(stage_find(&stage, "on your profile page.") > 0);
    assert_true(stage_find(&stage, "not all could be read") > 0);
    stage.session.datasets.awaited = 1;
    stage_draw(&stage, MODE_DATASETS);
    assert_true(stage_find(&stage, "1 server still to answer") > 0);
    struct stage small;
    stage_init(&small, 10, 40); /* one row is left for what there is */
    small.session.datasets = stage.session.datasets;
    small.session.datasets.awaited = 0;
    snprintf(small.session.datasets.fault, sizeof small.session.datasets.fault,
             "%.190s %.190s", stage.session.datasets.fault, stage.session.datasets.fault);
    stage_draw(&small, MODE_DATASETS);
    assert_int_equal(stage_find(&small, "▶ known"), 4);
    assert_int_equal(stage_find(&small, "  The Argilla server at lab"), 5);
    assert_int_equal(stage_find(&small, "  on your profile page. The"), 8);
    assert_int_equal(stage_find(&small, "Enter open"), 9);
    small.session.datasets.count = 0; /* nor over it where there is none */
    stage_draw(&small, MODE_DATASETS);
    assert_int_equal(stage_find(&small, "What is there is not known"), 8);
    assert_int_equal(stage_find(&small, "Enter open"), 9);
    small.session.datasets = stage.session.datasets = (struct dataset_choices){0};
    stage_clear(&small);
    stage_clear(&stage);
}

static void differ(struct stage *stage)
{
    struct record *record = &stage->session.current;
    stage_connect(stage);
    stage_answer(stage, 4, remark, RESPONSE_DRAFT);
    record->has_clash = true;
    record->theirs.status = RESPONSE_SUBMITTED;
    values_set_rating(&record->theirs.values, "response-rating", 2);
    values_set_text(&record->theirs.values, "response-feedback", QUESTION_TEXT, "Cold.");
    stage->session.sync.outbox.clashes = 1;
    stage->session.sync.outbox.kept = 3;
}

static void two_versions_of_an_answer(void **state)
{
    (void)state;
    check("clash", differ, MODE_BROWSE);
}

/* From 76 columns of text on they stand beside each other. */
static void two_versions_stand_beside_each_other_where_they_can(void **state)
{
    (void)state;
    for (int cols = 77; cols <= 78; cols++) {
        struct stage stage;
        stage_init(&stage, 24, cols);
        differ(&stage);
        stage_draw(&stage, MODE_BROWSE);
        const char *row = stage_row(&stage, stage_find(&stage, "Rating: 4"));
        assert_int_equal(strstr(row, "Rating: 2") != NULL, cols == 78);
        stage_clear(&stage);
    }
}

/* Values of every type are read as the form has them. */
static void versions_are_told_in_words(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    dataset_clear_questions(&stage.session.dataset);
    all_questions(&stage.session.dataset);
    differ(&stage);
    struct record *record = &stage.session.current;
    record_set_field(record, "response", "Ana sang.", 9);
    values_set_text(&record->response.values, "faults", QUESTION_MULTI_LABEL,
                    "[\"long\",\"rude\"]");
    values_set_text(&record->theirs.values, "parts", QUESTION_SPAN,
                    "[{\"label\":\"person\",\"start\":0,\"end\":3}]");
    stage_draw(&stage, MODE_BROWSE);
    assert_int_not_equal(stage_find(&stage, "Faults: Too long, Rude"), -1);
    assert_int_not_equal(stage_find(&stage, "Parts: Person “Ana”"), -1);
    stage_clear(&stage);
}

static void a_version_that_was_taken_away(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    differ(&stage);
    values_clear(&stage.session.current.theirs.values);
    stage.session.current.theirs.status = RESPONSE_PENDING;
    stage.session.is_clash_here = true;
    stage_draw(&stage, MODE_BROWSE);
    int row = stage_find(&stage, "From another sherd · pending");
    assert_non_null(strstr(stage_row(&stage, row + 1), "nothing: it was taken away"));
    stage.session.current.theirs.status = RESPONSE_DISCARDED;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, row + 1), "no values"));
    /* While something is written the box is there. */
    stage.frame.form.focus = 1;
    stage_draw(&stage, MODE_FEEDBACK);
    assert_true(stage_find(&stage, "── Your answer") > 0);
    stage_clear(&stage);
}

/* For screen readers: no lines, nothing that ticks, the cursor on what has the focus. */
static void plain(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*set)(struct stage *stage);
        enum ui_mode mode;
    } cases[] = {{"plain-rating", rate, MODE_BROWSE},
                 {"plain-streaming", stream, MODE_BROWSE},
                 {"plain-queue", stream, MODE_QUEUE},
                 {"plain-facts", open_facts, MODE_PAGER},
                 {"plain-feedback", write_feedback, MODE_FEEDBACK}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;
        char name[64];
        stage_init(&stage, 24, 110);
        stage.view.is_plain = true;
        cases[i].set(&stage);
        stage_draw(&stage, cases[i].mode);
        snprintf(name, sizeof name, "%s-110x24", cases[i].name);
        golden_check(name, &stage.frame.cells);
        assert_true(stage.frame.cells.cursor_row > 0);
        char *before = xstrdup(stage_row(&stage, 3));
        stage.view.now_ms += 1700;
        stage_draw(&stage, cases[i].mode);
        assert_string_equal(stage_row(&stage, 3), before);
        assert_int_equal(frame_next_change(&stage.view), -1);
        free(before);
        stage_clear(&stage);
    }
}

static void mark_some(struct stage *stage)
{
    static int64_t rows[3];
    const struct queue *queue = &stage->session.queue;
    for (size_t i = 0; i < 3; i++)
        rows[i] = queue->rows[2 * i].row;
    stage->session.marks = (struct marks){.rows = rows, .count = 3, .last = rows[2]};
}

static void ask_bulk(struct stage *stage)
{
    struct bulk_shown *bulk = &stage->session.bulk;
    bulk->phase = BULK_ASKING;
    snprintf(bulk->text, sizeof bulk->text,
             "Discard 128 records? y: yes; any other key: no. Left as they are: 3 still "
             "being written, 1 with two answers to choose from.");
}

static void write_bulk(struct stage *stage)
{
    struct bulk_shown *bulk = &stage->session.bulk;
    *bulk = (struct bulk_shown){
        .phase = BULK_WRITING, .done = 4200, .total = 10000, .text = "Discarding"};
}

static void fill_bulk(struct stage *stage)
{
    struct response *response = &stage->frame.bulk.record.response;
    mark_some(stage);
    stage->view.is_bulk = true;
    response->status = RESPONSE_DRAFT;
    values_set_rating(&response->values, "response-rating", 4);
    values_set_text(&response->values, "response-feedback", QUESTION_TEXT,
                    "The same remark for all of them.");
}

static void changing_many(void **state)
{
    (void)state;
    static void (*const sets[])(struct stage *) = {mark_some, ask_bulk, write_bulk,
                                                   fill_bulk};
    static const char *const names[] = {"bulk-marks", "bulk-question", "bulk-progress",
                                        "bulk-form"};
    static const enum ui_mode modes[] = {MODE_QUEUE, MODE_BROWSE, MODE_BROWSE, MODE_BULK};
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < 4; i++) {
        for (size_t size = 0; size < 2; size++) {
            struct stage stage;
            char file[64];
            int rows = sizes[size][0], cols = sizes[size][1];
            stage_init(&stage, rows, cols);
            sets[i](&stage);
            stage_draw(&stage, modes[i]);
            snprintf(file, sizeof file, "%s-%dx%d", names[i], cols, rows);
            golden_check(file, &stage.frame.cells);
            stage.session.marks.rows = NULL; /* not the session's */
            stage_clear(&stage);
        }
    }
}

static void a_window_that_is_too_small(void **state)
{
    (void)state;
    check_at("too-small", look, MODE_BROWSE, 9, 39);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),
        cmocka_unit_test(rating),
        cmocka_unit_test(writing_feedback),
        cmocka_unit_test(writing_a_prompt),
        cmocka_unit_test(streaming),
        cmocka_unit_test(an_answer_that_failed),
        cmocka_unit_test(an_answer_that_was_cut),
        cmocka_unit_test(a_server_that_is_away),
        cmocka_unit_test(a_write_that_failed),
        cmocka_unit_test(help),
        cmocka_unit_test(facts),
        cmocka_unit_test(which_datasets_there_are),
        cmocka_unit_test(namesakes_are_told_apart),
        cmocka_unit_test(when_a_dataset_was_touched_is_told_in_short),
        cmocka_unit_test(the_best_fit_of_a_filter_comes_first),
        cmocka_unit_test(a_server_that_is_away_may_have_datasets),
        cmocka_unit_test(two_versions_of_an_answer),
        cmocka_unit_test(two_versions_stand_beside_each_other_where_they_can),
        cmocka_unit_test(versions_are_told_in_words),
        cmocka_unit_test(a_version_that_was_taken_away),
        cmocka_unit_test(plain),
        cmocka_unit_test(changing_many),
        cmocka_unit_test(a_window_that_is_too_small),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
