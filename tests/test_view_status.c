/* SPDX-License-Identifier: MIT */
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
#include "tests/support/golden.h"
#include "tests/support/stage.h"

static void the_progress_counts_what_is_done(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "12 of 340 done  ▓░░░░░░░░░"));
    for (size_t i = 12; i < 170; i++)
        queue_set_status(&stage.session.queue, i, RESPONSE_SUBMITTED, 3);
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "170 of 340 done  ▓▓▓▓▓░░░░░"));
    stage_clear(&stage);
}

static void a_filter_is_told_where_the_progress_was(void **state)
{
    (void)state;
    static const struct {
        int rows, cols;
        const char *text;
    } cases[] = {{24, 80, "only submitted: 9 of 340  ▓░"},
                 {40, 120, "only submitted: 9 of 340  ▓░"},
                 {10, 40, " submitted 9  local"}};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        stage_init(&stage, cases[i].rows, cases[i].cols);
        queue_set_filter(&stage.session.queue, true, RESPONSE_SUBMITTED);
        for (enum ui_mode mode = MODE_BROWSE; mode < MODE_COUNT; mode++) {
            stage_draw(&stage, mode);
            assert_non_null(strstr(stage_row(&stage, 0), cases[i].text));
        }
        stage_clear(&stage);
    }
}

static void a_store_that_can_only_be_read_is_told(void **state)
{
    (void)state;
    static const int sizes[][2] = {{40, 120}, {24, 80}, {10, 40}};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        stage.session.is_read_only = true;
        stage_draw(&stage, MODE_BROWSE);
        assert_non_null(strstr(stage_row(&stage, 0), " read-only"));
        assert_int_equal(cells_at(&stage.frame.cells, 0, sizes[i][1] - 2)->style,
                         STYLE_WARNING);
        stage_connect(&stage);
        stage_draw(&stage, MODE_BROWSE);
        assert_non_null(strstr(stage_row(&stage, 0), "read-only"));
        stage_clear(&stage);
    }
}

static void what_is_told_has_its_time_and_its_place(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_notify(&stage, NOTICE_INFO, "Here it is.");
    stage.session.notice.until_ms = stage.view.now_ms + 1;
    assert_true(status_has_notice(&stage.view));
    stage.session.notice.until_ms = stage.view.now_ms; /* over */
    assert_false(status_has_notice(&stage.view));
    stage.session.save = SAVE_DONE;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, " saved") > 0);
    stage_draw(&stage, MODE_PROMPT); /* not what one types there */
    assert_int_equal(stage_find(&stage, " saved"), -1);
    stage_draw(&stage, MODE_SETTINGS);
    assert_int_equal(stage_find(&stage, " saved"), -1);
    stage_connect(&stage);
    stage_draw(&stage, MODE_BROWSE);
    assert_int_equal(stage_find(&stage, "shows what is not sent"), -1);
    stage.session.sync.outbox.refused = 1; /* the rest goes on */
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "O shows what is not sent, and why") > 0);
    stage_clear(&stage);
}

static void a_narrow_line_leaves_the_reading_out(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage_connect(&stage);
    struct sync_report *sync = &stage.session.sync;
    sync->is_pulling = true;
    sync->pulled = 5;
    sync->pull_total = 9;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "reading 5 of 9"));
    sync->outbox.unsent = sync->outbox.refused = 123;
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, 0), "reading"));
    assert_non_null(strstr(stage_row(&stage, 0), "123 unsent"));
    stage_clear(&stage);
}

static void unsent_and_offline_are_told(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 40, 120);
    stage_connect(&stage);
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "all sent"));
    stage.session.sync.outbox.unsent = 1234;
    stage.session.sync.outbox.refused = 1;
    stage.session.sync.offline_since_ms = STAGE_WALL_MS;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(
        strstr(stage_row(&stage, 0), "1,234 unsent · 1 refused · offline since 14:02"));
    stage_clear(&stage);
}

static void what_is_not_saved_is_not_called_sent(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage_connect(&stage);
    snprintf(stage.session.unsaved, sizeof stage.session.unsaved, "#13: Disk full.");
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, 0), "all sent"));
    assert_non_null(strstr(stage_row(&stage, 0), "not saved"));
    stage_clear(&stage);
}

static void what_waits_elsewhere_is_never_called_sent(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.elsewhere.count = 3;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "all sent")); /* to this server */
    stage.session.elsewhere.on_server = 2;
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, 0), "all sent"));
    assert_non_null(strstr(stage_row(&stage, 0), "2 unsent elsewhere"));
    stage.session.elsewhere.on_server = 0;
    stage.session.elsewhere.to_move = 1;
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, 0), "all sent"));
    assert_non_null(strstr(stage_row(&stage, 0), "1 to move"));
    stage_clear(&stage);
}

/* A question may be called as a key of another order is. */
static void a_short_order_means_the_same(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    free(stage.session.order_text);
    stage.session.order_text =
        xstrdup("-suggestion.score,suggestion.how-good-is-it,suggestion.meta.suggestion.b"
                ",meta.suggestion.a");
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "order: -suggestion.score,how-good-is-it,"
                                   "suggestion.meta.s") > 0);
    stage_clear(&stage);
}

static void what_is_kept_here_is_never_called_sent(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    struct outbox_counts *counts = &stage.session.sync.outbox;
    counts->kept = 3;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), " 3 kept here"));
    assert_null(strstr(stage_row(&stage, 0), "all sent"));
    counts->clashes = 1;
    counts->gone = 2;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), " 1 to choose · 2 gone · 3 kept here"));
    stage_clear(&stage);
    stage_init(&stage, 10, 40);
    stage_connect(&stage);
    stage.session.sync.outbox.kept = 3;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), " 3 kept"));
    stage_clear(&stage);
}

static void an_absence_is_told_in_the_words_that_fit(void **state)
{
    (void)state;
    static const struct {
        int cols;
        size_t unsent;
        const char *text;
    } cases[] = {{80, 12, "12 unsent · offline since 14:02"},
                 {50, 12, " 12 unsent · offline 14:02"},
                 {40, 12, " 12 unsent · offline"}};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        stage_init(&stage, 24, cases[i].cols);
        stage_connect(&stage);
        stage.session.sync.state = SYNC_WAITING;
        stage.session.sync.outbox.unsent = cases[i].unsent;
        stage.session.sync.offline_since_ms = STAGE_WALL_MS;
        stage.session.save = SAVE_DONE;
        err_set(&stage.session.sync.err, STATUS_NETWORK, "Nothing listens there.");
        stage_draw(&stage, MODE_BROWSE);
        assert_non_null(strstr(stage_row(&stage, 0), cases[i].text));
        const char *row = stage_row(&stage, 0);
        assert_string_equal(row + strlen(row) - strlen(cases[i].text), cases[i].text);
        assert_string_equal(stage_row(&stage, 22), " saved"); /* no nagging */
        stage_clear(&stage);
    }
}

static void what_stops_the_sending_is_told_on_the_smallest_screen(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage_connect(&stage);
    stage.session.sync.outbox.unsent = 12;
    stage.session.sync.state = SYNC_STOPPED;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "12 unsent · stopped"));
    stage.session.dataset_missing = true;
    stage.session.sync.outbox.unsent = 1;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "1 unsent · no dataset"));
    stage_clear(&stage);
}

static void a_reason_that_is_too_long_is_not_cut(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.save = SAVE_DONE;
    stage.session.sync.state = SYNC_STOPPED;
    err_set(&stage.session.sync.err, STATUS_AUTH,
            "The server refused the API key of owner, which it took an hour ago, so "
            "nothing more is sent.");
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 22), "O shows what is not sent, and why"));
    stage_clear(&stage);
}

static void the_name_gives_up_what_has_no_room(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.session.is_demo = true;
    stage_stream(&stage, "so far");
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), " demo, canned answers "));
    assert_null(strstr(stage_row(&stage, 0), "…"));
    stage_clear(&stage);
}

static void the_bar_keeps_its_place_when_something_is_unsent(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage_draw(&stage, MODE_BROWSE);
    const char *row = stage_row(&stage, 0);
    ptrdiff_t before = strstr(row, "12 of 340") - row;
    stage.session.sync.outbox.unsent = 14;
    stage_draw(&stage, MODE_BROWSE);
    row = stage_row(&stage, 0);
    assert_int_equal(strstr(row, "12 of 340") - row, before);
    stage_clear(&stage);
}

static void a_silent_server_is_told(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.sync.outbox.unsent = 1;
    stage.session.sync.state = SYNC_RUNNING;
    stage.session.sync.silent_since_ms = 1;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "1 unsent · no reply yet"));
    stage_clear(&stage);
}

static void a_pull_shows_how_far_it_is(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.sync.is_pulling = true;
    stage.session.sync.pulled = 300;
    stage.session.sync.pull_total = 12000;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "reading 300 of 12,000"));
    stage_clear(&stage);
}

static void an_annotators_key_means_review_only(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.can_log = false;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "review only"));
    stage_clear(&stage);
}

static void the_demo_is_labelled_and_says_what_to_do(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.session.is_demo = true;
    for (size_t i = 0; i < 12; i++)
        queue_set_status(&stage.session.queue, i, RESPONSE_PENDING, -1);
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 0), "demo, canned answers"));
    assert_string_equal(
        stage_row(&stage, 22),
        " 4 rates this answer, f says why, Enter submits; i asks something new.");
    stage.session.save = SAVE_DONE;
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 22), " saved");
    stage_clear(&stage);
}

static void a_notice_stands_for_its_time_only(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.session.save = SAVE_DONE;
    stage_notify(&stage, NOTICE_DONE, "#12 submitted and saved; u takes it back.");
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 22),
                        " #12 submitted and saved; u takes it back.");
    assert_int_equal(frame_next_change(&stage.view), 3001);
    stage.view.now_ms += 3000;
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 22), " saved");
    assert_int_equal(frame_next_change(&stage.view), -1);
    stage_clear(&stage);
}

static void a_long_notice_takes_the_blank_row_above(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 21), "");
    stage_notify(
        &stage, NOTICE_ERROR,
        "There is no dataset \"langchain-dataset\" in workspace \"argilla\" on the "
        "Argilla server.");
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 21),
                        " There is no dataset \"langchain-dataset\" in workspace "
                        "\"argilla\" on the Argilla");
    assert_string_equal(stage_row(&stage, 22), " server.");
    stage_clear(&stage);
}

static void saving_is_never_called_saved(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.session.save = SAVE_RUNNING;
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 22), " saving…");
    stage.session.save = SAVE_DONE;
    stage_draw(&stage, MODE_PROMPT); /* what is typed there is newer */
    assert_string_equal(stage_row(&stage, 22), "");
    stage_clear(&stage);
}

static void why_nothing_is_saved_stays_in_every_mode(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.session.save = SAVE_DONE; /* of this record; another one's write failed */
    snprintf(stage.session.unsaved, sizeof stage.session.unsaved,
             "#12: The store has no room left on its disk.");
    for (enum ui_mode mode = MODE_BROWSE; mode < MODE_COUNT; mode++) {
        stage_draw(&stage, mode);
        if (mode != MODE_COMMAND && mode != MODE_SEARCH) /* typed there */
            assert_string_equal(
                stage_row(&stage, 22),
                " NOT SAVED: #12: The store has no room left on its disk.");
    }
    stage_clear(&stage);
}

static void an_answer_that_streams_is_not_called_saved(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_stream(&stage, "so far");
    stage.session.save = SAVE_DONE;
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, 22), "saved"));
    stage_answer(&stage, 4, NULL, RESPONSE_DRAFT);
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 22), " draft saved");
    stage_clear(&stage);
}

static void a_failed_save_is_told_on_the_smallest_screen(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage.session.save = SAVE_FAILED;
    snprintf(stage.session.unsaved, sizeof stage.session.unsaved, "#13: Disk full.");
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 9), "NOT SAVED"));
    stage_clear(&stage);
}

static void why_nothing_is_sent_stands_beside_saved(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.save = SAVE_DONE;
    stage.session.sync.state = SYNC_STOPPED;
    err_set(&stage.session.sync.err, STATUS_AUTH, "The server refused the API key.");
    stage_draw(&stage, MODE_BROWSE);
    const char *row = stage_row(&stage, 22);
    assert_memory_equal(row, " saved ", 7);
    assert_non_null(strstr(row, "The server refused the API key."));
    assert_non_null(strstr(stage_row(&stage, 0), "not sending"));
    stage_clear(&stage);
}

static void the_key_line_follows_the_stream(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 23), "r again  ? help"));
    stage_stream(&stage, "so far");
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 23), "x stop  ? help"));
    stage_clear(&stage);
}

static void the_key_line_shows_the_bound_keys(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct key_binding binding = {.action = ACTION_SUBMIT};
    assert_true(key_parse("F5", &binding.key));
    keymap_clear(&stage.keymap);
    keymap_init(&stage.keymap,
                &(struct settings){.bindings = &binding, .binding_count = 1});
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 23), "F5 submit"));
    assert_null(strstr(stage_row(&stage, 23), "Enter submit"));
    stage_clear(&stage);
}

static void help_has_room_on_the_narrowest_screen(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 9), "? help"));
    stage_draw(&stage, MODE_FEEDBACK);
    assert_memory_equal(stage_row(&stage, 9), " Esc done", 9);
    stage_clear(&stage);
}

static void a_small_screen_shows_a_whole_sentence(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage_notify(&stage, NOTICE_ERROR,
                 "Nothing listens at 127.0.0.1:17900. Start the server there, or set "
                 "another address.");
    stage_draw(&stage, MODE_BROWSE);
    assert_string_equal(stage_row(&stage, 7), " Nothing listens at 127.0.0.1:17900.");
    assert_string_equal(stage_row(&stage, 8), " Start the server there, or set another");
    assert_string_equal(stage_row(&stage, 9), " address.");
    stage_clear(&stage);
}

static void no_hint_is_cut(void **state)
{
    (void)state;
    for (int cols = 40; cols < 130; cols++) {
        struct stage stage;
        stage_init(&stage, 24, cols);
        for (enum ui_mode mode = MODE_BROWSE; mode < MODE_COUNT; mode++) {
            stage_draw(&stage, mode);
            assert_null(strstr(stage_row(&stage, 23), "…"));
        }
        stage_clear(&stage);
    }
}

static void none(struct stage *stage)
{
    (void)stage;
}

static void stream_so_far(struct stage *stage)
{
    stage_stream(stage, "so far");
}

static void end_failed(struct stage *stage)
{
    stage->session.current.completion.state = COMPLETION_FAILED;
    stage_set_text(stage, "response", "");
}

static void clash(struct stage *stage)
{
    stage->session.current.has_clash = true;
}

static void have_none(struct stage *stage)
{
    stage->session.has_current = false;
    queue_clear(&stage->session.queue);
}

static void miss_the_dataset(struct stage *stage)
{
    have_none(stage);
    stage->session.has_server = stage->session.dataset_missing = true;
    stage->frame.pager.page = PAGER_CREATE;
}

static void start_first(struct stage *stage)
{
    have_none(stage);
    stage->session.is_queue_loaded = true;
    stage->session.has_endpoint = false;
}

static void only_rate(struct stage *stage)
{
    stage_connect(stage);
    stage->session.can_log = false;
}

static void focus_text(struct stage *stage)
{
    stage->frame.form.focus = 1;
    stage->session.dataset.questions[1].use_markdown = true;
}

static void preview(struct stage *stage)
{
    focus_text(stage);
    stage->frame.form.is_preview = true;
}

static void write_for_many(struct stage *stage)
{
    stage->frame.bulk.is_writing = true;
}

static void open_trace(struct stage *stage)
{
    stage->view.trace = &stage->frame.trace;
    stage->frame.pager.page = PAGER_TRACE;
}

static void ask_for_a_tool(struct stage *stage)
{
    struct stream *stream = stage_stream(stage, "");
    snprintf(stream->asks, sizeof stream->asks, "search lamp");
    open_trace(stage);
}

static void open_people(struct stage *stage)
{
    stage->frame.pager.page = PAGER_PEOPLE;
}

static void open_run(struct stage *stage)
{
    static const struct batch_progress progress = {.total = 9};
    stage->frame.run.progress = &progress;
    stage->view.run = &stage->frame.run;
    stage->frame.pager.page = PAGER_RUN;
}

static void have_phrases(struct stage *stage)
{
    struct phrases *phrases = &stage->frame.phrases;
    for (int i = 0; i < 3; i++)
        phrases->items[phrases->count++] =
            (struct phrase){xstrdup("name"), xstrdup("A remark.")};
}

static void have_filters(struct stage *stage)
{
    have_phrases(stage);
    stage->frame.phrases.has_filters = true;
}

static void compare_some(struct stage *stage, size_t count)
{
    struct comparison *comparison = &stage->session.comparison;
    comparison->is_open = true;
    comparison->count = count;
    comparison->chosen = -1;
    for (size_t i = 0; i < count; i++)
        record_copy(&comparison->records[i], &stage->session.current);
}

static void compare_two(struct stage *stage)
{
    compare_some(stage, 2);
}

static void compare_three(struct stage *stage)
{
    compare_some(stage, 3);
}

static void compare_by_scale(struct stage *stage)
{
    compare_some(stage, 2);
    stage->session.comparison.is_decided = true;
    stage->session.comparison.chosen = 1;
    stage->frame.compare.scale = 2;
}

static void compare_decided(struct stage *stage)
{
    compare_some(stage, 2);
    stage->session.comparison.is_decided = true;
    stage->session.comparison.chosen = 0;
}

/* Where there is room for all of it, which on a small screen is cut from its end. */
static void every_key_line_is_whole(void **state)
{
    static const struct {
        const char *name;
        void (*set)(struct stage *stage);
        enum ui_mode mode;
    } lines[] = {
        {"browse", none, MODE_BROWSE},
        {"a text in focus", focus_text, MODE_BROWSE},
        {"streams", stream_so_far, MODE_BROWSE},
        {"failed", end_failed, MODE_BROWSE},
        {"clash", clash, MODE_BROWSE},
        {"annotator", only_rate, MODE_BROWSE},
        {"no record", have_none, MODE_BROWSE},
        {"no dataset", miss_the_dataset, MODE_BROWSE},
        {"first start", start_first, MODE_BROWSE},
        {"text", none, MODE_FEEDBACK},
        {"Markdown text", focus_text, MODE_FEEDBACK},
        {"preview", preview, MODE_FEEDBACK},
        {"prompt", none, MODE_PROMPT},
        {"note", none, MODE_NOTE},
        {"command", none, MODE_COMMAND},
        {"search", none, MODE_SEARCH},
        {"settings", none, MODE_SETTINGS},
        {"help", none, MODE_PAGER},
        {"create", miss_the_dataset, MODE_PAGER},
        {"steps", open_trace, MODE_PAGER},
        {"a tool", ask_for_a_tool, MODE_PAGER},
        {"people", open_people, MODE_PAGER},
        {"run", open_run, MODE_PAGER},
        {"queue", none, MODE_QUEUE},
        {"two", compare_two, MODE_COMPARE},
        {"three", compare_three, MODE_COMPARE},
        {"scale", compare_by_scale, MODE_COMPARE},
        {"decided", compare_decided, MODE_COMPARE},
        {"models", none, MODE_MODELS},
        {"datasets", none, MODE_DATASETS},
        {"phrases", have_phrases, MODE_PHRASES},
        {"filters", have_filters, MODE_PHRASES},
        {"options", none, MODE_OPTIONS},
        {"many", none, MODE_BULK},
        {"many, text", write_for_many, MODE_BULK},
    };
    enum { LINES = sizeof lines / sizeof lines[0], COLS = 300 };
    (void)state;
    struct cells all = {0};
    cells_resize(&all, LINES, COLS);
    for (int i = 0; i < LINES; i++) {
        struct stage stage;
        stage_init(&stage, 24, COLS);
        lines[i].set(&stage);
        stage_draw(&stage, lines[i].mode);
        int used = cells_string(&all, i, 0, COLS, lines[i].name, STYLE_TEXT);
        used += cells_string(&all, i, used, COLS, ":", STYLE_TEXT);
        cells_string(&all, i, used, COLS - used, stage_row(&stage, 23), STYLE_TEXT);
        stage_clear(&stage);
    }
    golden_check("key-lines", &all);
    cells_clear(&all);
}

static void the_key_line_fits_the_question(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct question *rating = &stage.session.dataset.questions[0];
    rating->rating_count = 3;
    stage_draw(&stage, MODE_BROWSE);
    assert_non_null(strstr(stage_row(&stage, 23), "1–3 rate"));
    stage_connect(&stage);
    stage.session.can_log = false;
    stage_draw(&stage, MODE_BROWSE);
    assert_null(strstr(stage_row(&stage, 23), "i ask"));
    assert_null(strstr(stage_row(&stage, 23), "r again"));
    stage_clear(&stage);
}

static void times_are_short(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{0, "0.0 s"},      {-5, "0.0 s"},      {940, "0.9 s"},
                 {9999, "10.0 s"},  {10000, "10 s"},    {119999, "119 s"},
                 {120000, "2 min"}, {3600000, "60 min"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(view_seconds(cases[i].ms).text, cases[i].text);
}

static void counts_are_grouped(void **state)
{
    (void)state;
    assert_string_equal(view_count(7).text, "7");
    assert_string_equal(view_count(1234567).text, "1,234,567");
    assert_string_equal(view_count(100).text, "100");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_progress_counts_what_is_done),
        cmocka_unit_test(a_filter_is_told_where_the_progress_was),
        cmocka_unit_test(unsent_and_offline_are_told),
        cmocka_unit_test(what_is_told_has_its_time_and_its_place),
        cmocka_unit_test(a_narrow_line_leaves_the_reading_out),
        cmocka_unit_test(a_store_that_can_only_be_read_is_told),
        cmocka_unit_test(what_is_not_saved_is_not_called_sent),
        cmocka_unit_test(what_waits_elsewhere_is_never_called_sent),
        cmocka_unit_test(a_short_order_means_the_same),
        cmocka_unit_test(what_is_kept_here_is_never_called_sent),
        cmocka_unit_test(an_absence_is_told_in_the_words_that_fit),
        cmocka_unit_test(what_stops_the_sending_is_told_on_the_smallest_screen),
        cmocka_unit_test(a_reason_that_is_too_long_is_not_cut),
        cmocka_unit_test(the_name_gives_up_what_has_no_room),
        cmocka_unit_test(the_bar_keeps_its_place_when_something_is_unsent),
        cmocka_unit_test(a_silent_server_is_told),
        cmocka_unit_test(a_pull_shows_how_far_it_is),
        cmocka_unit_test(an_annotators_key_means_review_only),
        cmocka_unit_test(the_demo_is_labelled_and_says_what_to_do),
        cmocka_unit_test(a_notice_stands_for_its_time_only),
        cmocka_unit_test(a_long_notice_takes_the_blank_row_above),
        cmocka_unit_test(saving_is_never_called_saved),
        cmocka_unit_test(an_answer_that_streams_is_not_called_saved),
        cmocka_unit_test(a_failed_save_is_told_on_the_smallest_screen),
        cmocka_unit_test(why_nothing_is_sent_stands_beside_saved),
        cmocka_unit_test(the_key_line_follows_the_stream),
        cmocka_unit_test(the_key_line_shows_the_bound_keys),
        cmocka_unit_test(help_has_room_on_the_narrowest_screen),
        cmocka_unit_test(why_nothing_is_saved_stays_in_every_mode),
        cmocka_unit_test(a_small_screen_shows_a_whole_sentence),
        cmocka_unit_test(no_hint_is_cut),
        cmocka_unit_test(every_key_line_is_whole),
        cmocka_unit_test(the_key_line_fits_the_question),
        cmocka_unit_test(times_are_short),
        cmocka_unit_test(counts_are_grouped),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
