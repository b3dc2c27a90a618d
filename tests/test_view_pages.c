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
#include <time.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/golden.h"
#include "tests/support/stage.h"
#include "ui/parts.h"

static void draw_page(struct stage *stage, enum pager_page page)
{
    pager_open(&stage->frame.pager, page);
    stage_draw(stage, MODE_PAGER);
}

/* Every line of help, one string. */
static char *all_help(struct stage *stage)
{
    struct buf text = {0};
    draw_page(stage, PAGER_HELP);
    for (size_t top = 0;; top += 20) {
        stage->frame.pager.scroll.top = top;
        stage_draw(stage, MODE_PAGER);
        for (int row = 2; row < 22; row++)
            buf_addf(&text, "%s\n", stage_row(stage, row));
        if (scroll_is_at_end(&stage->frame.pager.scroll))
            return buf_take(&text);
    }
}

static void help_names_every_action_and_its_keys(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    char *text = all_help(&stage);
    assert_non_null(strstr(text, "1–5                rate; the same digit clears"));
    for (int action = ACTION_RATE_5 + 1; action < ACTION_COUNT; action++) {
        assert_non_null(strstr(text, action_text((enum action)action)));
        /* the name is what [keys] of the configuration takes */
        char *name = xasprintf(" %s\n", action_name((enum action)action));
        assert_non_null(strstr(text, name));
        free(name);
    }
    assert_non_null(strstr(text, " rate-1 … rate-5\n"));
    assert_null(strstr(text, "…\n")); /* no line is cut */
    assert_non_null(strstr(text, "u                  undo the last change"));
    free(text);
    stage_clear(&stage);
}

static void bind(struct stage *stage, enum action action, const char *key)
{
    struct key_binding binding = {.action = action};
    assert_true(key_parse(key, &binding.key));
    keymap_clear(&stage->keymap);
    keymap_init(&stage->keymap,
                &(struct settings){.bindings = &binding, .binding_count = 1});
}

static void help_shows_the_keys_as_they_are_bound(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    bind(&stage, ACTION_UNDO, "F2");
    char *text = all_help(&stage);
    assert_non_null(strstr(text, "F2                 undo the last change"));
    free(text);
    bind(&stage, ACTION_UNDO, "Ctrl-Alt-Backspace"); /* as wide as the column */
    text = all_help(&stage);
    assert_non_null(strstr(text, "Ctrl-Alt-Backspace  undo the last change"));
    free(text);
    stage_clear(&stage);
}

static void help_shows_rating_keys_that_are_no_digits(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    bind(&stage, ACTION_RATE_2, "F6");
    char *text = all_help(&stage);
    assert_non_null(strstr(text, "1 F6 3 4 5         rate; the same digit clears"));
    free(text);
    stage_clear(&stage);
}

static void help_shows_the_digits_of_the_scale_that_is_asked(void **state)
{
    (void)state;
    static const int numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct question *rating = &stage.session.dataset.questions[0];
    free(rating->ratings);
    rating->ratings = xcalloc(1, sizeof numbers);
    memcpy(rating->ratings, numbers, sizeof numbers);
    rating->rating_count = sizeof numbers / sizeof *numbers;
    char *text = all_help(&stage);
    assert_non_null(strstr(text, "0–9                rate; the same digit clears; "));
    assert_null(strstr(text, "1–5 "));
    free(text);
    rating->type = QUESTION_LABEL; /* no rating is asked for */
    text = all_help(&stage);
    assert_null(strstr(text, "rate; the same digit clears"));
    free(text);
    rating->type = QUESTION_RATING;
    stage_clear(&stage);
}

static void list_item(struct unsent *unsent, struct unsent_item item, const char *reason)
{
    unsent->items =
        xreallocarray(unsent->items, unsent->count + 1, sizeof *unsent->items);
    item.reason = reason ? xstrdup(reason) : NULL;
    unsent->items[unsent->count++] = item;
}

static void what_is_unsent_is_listed_with_its_reason(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_connect(&stage);
    struct session *session = &stage.session;
    session->sync.state = SYNC_WAITING;
    session->sync.offline_since_ms = STAGE_WALL_MS;
    err_set(&session->sync.err, STATUS_NETWORK, "Nothing listens at reviews.example.");
    list_item(&session->unsent, (struct unsent_item){.number = 3, .is_refused = true},
              "The server refused it: \x1b[31mresponse-rating\x1b[0m must be 1 to 5.");
    list_item(&session->unsent,
              (struct unsent_item){.number = 12, .is_record = true, .attempts = 4},
              "Nothing listens at reviews.example.");
    list_item(&session->unsent, (struct unsent_item){.number = 13}, NULL);
    list_item(&session->unsent,
              (struct unsent_item){.number = 14, .is_refused = true, .is_clash = true},
              NULL);
    session->sync.whole_ms = STAGE_WALL_MS - INT64_C(3600000);
    session->sync.outbox.kept = 5;
    session->sync.outbox.gone = 1;
    session->elsewhere.count = 7;
    snprintf(session->elsewhere.where, sizeof session->elsewhere.where,
             "tales on other.example");
    draw_page(&stage, PAGER_OUTBOX);
    golden_check("outbox-80x24", &stage.frame.cells);
    assert_int_equal(stage_find(&stage, "The first 200;"), -1);
    unsent_clear(&session->unsent);
    for (int i = 0; i < UNSENT_LISTED_MAX; i++)
        list_item(&session->unsent, (struct unsent_item){.number = 3, .attempts = 1},
                  "Once.");
    draw_page(&stage, PAGER_OUTBOX);
    assert_true(stage_find(&stage, "#3     answer  Once.") > 0); /* no word of tries */
    stage.frame.pager.scroll.top = SIZE_MAX;
    stage_draw(&stage, MODE_PAGER);
    assert_true(stage_find(&stage, "The first 200;") > 0);
    unsent_clear(&session->unsent);
    draw_page(&stage, PAGER_OUTBOX);
    assert_true(stage_find(&stage, "Everything else of this dataset is on the server.") >
                0);
    session->sync = (struct sync_report){0};
    draw_page(&stage, PAGER_OUTBOX);
    assert_true(stage_find(&stage, "Everything of this dataset is on the server.") > 0);
    session->elsewhere = (struct unsent_elsewhere){0};
    draw_page(&stage, PAGER_OUTBOX);
    assert_true(stage_find(&stage, "Everything is on the server.") > 0);
    snprintf(session->unsaved, sizeof session->unsaved, "#3: Disk full.");
    draw_page(&stage, PAGER_OUTBOX);
    assert_int_equal(stage_find(&stage, "Everything is on the server."), -1);
    assert_true(stage_find(&stage, "Not saved, and so not sent: #3: Disk full.") > 0);
    session->unsaved[0] = '\0';
    session->has_server = false;
    snprintf(session->alone, sizeof session->alone, "No server is configured: …");
    draw_page(&stage, PAGER_OUTBOX);
    assert_true(stage_find(&stage, "No server is configured") > 0);
    stage_clear(&stage);
}

static void each_way_it_stands_with_the_server_is_told(void **state)
{
    (void)state;
    static const struct {
        struct sync_report sync;
        const char *told;
    } ways[] = {
        {{.state = SYNC_IDLE}, ": connected."},
        {{.state = SYNC_RUNNING}, ": sending…"},
        {{.state = SYNC_WAITING}, ": waiting. It is tried again by itself;"},
        {{.state = SYNC_STOPPED}, ": nothing is being sent."},
        {{.state = SYNC_RUNNING, .silent_since_ms = STAGE_WALL_MS},
         ": sending; no reply since 14:02."},
        {{.state = SYNC_WAITING, .offline_since_ms = STAGE_WALL_MS},
         ": offline since 14:02. It is tried again by itself;"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct stage stage;
        stage_init(&stage, 24, 120);
        stage_connect(&stage);
        stage.session.sync = ways[i].sync;
        draw_page(&stage, PAGER_OUTBOX);
        assert_true(stage_find(&stage, ways[i].told) > 0);
        assert_int_equal(stage_find(&stage, "is tried again") > 0,
                         ways[i].sync.state == SYNC_WAITING);
        stage_clear(&stage);
    }
}

static void facts_tell_what_was_asked_for_and_how_it_was_read(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 60, 120);
    struct record *record = &stage.session.current;
    struct completion *completion = &record->completion;
    draw_page(&stage, PAGER_FACTS);
    static const char *const not_yet[] = {"max tokens", "seed", "answered in",
                                          "reasoning", "suggested"};
    for (size_t i = 0; i < sizeof not_yet / sizeof not_yet[0]; i++)
        assert_int_equal(stage_find(&stage, not_yet[i]), -1);
    completion->sampling.max_tokens = 700;
    completion->sampling.has_seed = true;
    completion->sampling.seed = 42;
    completion->reasoning = xstrdup("A lighthouse is tall.");
    record->response.viewing = (struct viewing){.shown_ms = STAGE_WALL_MS,
                                                .answered_ms = STAGE_WALL_MS + 9000,
                                                .paused_ms = 5000};
    record->suggestions = xcalloc(1, sizeof *record->suggestions);
    record->suggestion_count = 1;
    record->suggestions[0].value =
        (struct value){.question = xstrdup("response-rating"), .rating = 4};
    record->suggestions[0].agent = xstrdup("judge");
    record->flags = QUEUE_FLAGGED;
    record->external_id = xstrdup("row-7");
    record->note = xstrdup("Look again.");
    record->response.status = RESPONSE_DRAFT;
    record->response.is_changed = true;
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "record           #13 of 340") > 0);
    assert_true(stage_find(&stage, "external id      row-7") > 0);
    assert_true(stage_find(&stage, "flagged          yes: to come back to it") > 0);
    assert_true(stage_find(&stage, "your answer      draft, was submitted") > 0);
    int note = stage_find(&stage, "your note (never sent)");
    assert_int_equal(stage_find(&stage, "Look again."), note + 1);
    assert_true(stage_find(&stage, "max tokens       700") > 0);
    assert_true(stage_find(&stage, "seed             42") > 0);
    assert_true(stage_find(&stage, "answered in      4.0 s, its end not seen, without a "
                                   "pause of 5.0 s") > 0);
    assert_true(stage_find(&stage, "judge") > 0);
    int title = stage_find(&stage, "reasoning");
    assert_true(title > 0);
    assert_int_equal(stage_find(&stage, "A lighthouse is tall."), title + 1);
    record->response.viewing.end_ms = STAGE_WALL_MS + 2000;
    record->response.viewing.paused_ms = 0;
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "answered in      9.0 s, its end seen after 2.0 s") >
                0);
    assert_int_equal(stage_find(&stage, "without a pause"), -1);
    stage_clear(&stage);
}

static void facts_tell_what_is_gone_and_what_was_tried(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 40, 120);
    struct record *record = &stage.session.current;
    record->remote_id = xstrdup("ba4895a8-4ab9-47f4-b6b9-ef94c95c971f");
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "id on the server ba4895a8") > 0);
    assert_int_equal(stage_find(&stage, "attempts"), -1);
    record->is_gone = true;
    record->completion.attempts = 2;
    record->completion.parent = (struct id){.bytes[15] = 9};
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "id on the server gone: deleted there") > 0);
    assert_true(stage_find(&stage, "attempts         2") > 0);
    assert_true(stage_find(&stage, "asked again from 00000000-") > 0); /* not here */
    setenv("TZ", "HERE-5:30", 1); /* east of Greenwich */
    tzset();
    draw_page(&stage, PAGER_FACTS);
    setenv("TZ", "UTC", 1);
    tzset();
    assert_true(stage_find(&stage, "logged at        2026-01-31 19:31 HERE") > 0);
    assert_true(stage_find(&stage, "asked at         2026-01-31 19:31 HERE") > 0);
    stage.session.has_current = false;
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "There is no record yet.") > 0);
    stage_clear(&stage);
}

/* The page of the server counts the records of one status; of the pending ones it leaves
 * out what others gave enough answers to. */
static void facts_tell_the_page_of_the_record_on_the_server(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 40, 160);
    struct record *record = &stage.session.current;
    struct queue_row *rows = stage.session.queue.rows;
    stage_connect(&stage);
    free(stage.session.dataset.server);
    stage.session.dataset.server = xstrdup("http://reviews.example");
    draw_page(&stage, PAGER_FACTS);
    assert_int_equal(stage_find(&stage, "annotation-mode"), -1);
    record->remote_id = xstrdup("ba4895a8-4ab9-47f4-b6b9-ef94c95c971f");
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "page=1&status=pending") > 0);
    rows[3].status = rows[4].status = rows[7].status = RESPONSE_PENDING;
    rows[3].flags = QUEUE_COMPLETED;
    rows[7].flags = QUEUE_GONE;
    rows[0].flags = QUEUE_COMPLETED; /* it is submitted */
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "page=2&status=pending") > 0);
    record->response.status = RESPONSE_SUBMITTED;
    draw_page(&stage, PAGER_FACTS);
    assert_true(stage_find(&stage, "page=9&status=submitted") > 0);
    record->is_gone = true;
    draw_page(&stage, PAGER_FACTS);
    assert_int_equal(stage_find(&stage, "annotation-mode"), -1);
    stage_clear(&stage);
}

static void facts_list_what_no_screen_shows_as_it_is(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 40, 80);
    draw_page(&stage, PAGER_FACTS);
    assert_int_equal(stage_find(&stage, "not shown as it is"), -1);
    /* a family, twice; a thumb with a skin tone; a zero-width space */
    stage_set_text(&stage, "response",
                   "\U0001F468\u200D\U0001F469 \U0001F44D\U0001F3FD a\u200Bb "
                   "\U0001F468\u200D\U0001F469");
    stage.session.current.metadata_json = xstrdup("{}");
    draw_page(&stage, PAGER_FACTS);
    golden_check("facts-unshown-80x40", &stage.frame.cells);
    stage_clear(&stage);
}

/* Three people and two models over three days. */
static struct stats *make_stats(const struct dataset *dataset, int people)
{
    static const char *const users[] = {"", "u-1", "u-2"};
    static const char *const names[] = {NULL, "\u5c71\u7530 \u592a\u90ce",
                                        "Bj\u00f6rn \x1b[31mRed the Second"};
    struct stats *stats = stats_new(dataset);
    for (int row = 1; row <= 120; row++) {
        struct peer answers[3] = {0};
        size_t count = 0;
        for (int i = 0; i < people; i++) {
            if ((row + i) % 4 == 0)
                continue;
            struct peer *answer = &answers[count++];
            *answer = (struct peer){.user = xstrdup(users[i]),
                                    .name = xstrdup_or_null(names[i])};
            answer->response.status = RESPONSE_SUBMITTED;
            answer->response.updated_ms =
                STAGE_WALL_MS + row * (int64_t)2400000 + i * (int64_t)7000;
            values_set_rating(&answer->response.values, "response-rating",
                              1 + (row + (row % 5 == 0 ? i : 0)) % 5);
            stats_add_time(stats, answer->user, answer->name,
                           STAGE_WALL_MS + row * (int64_t)(20000 + i * 1000));
        }
        stats_put(stats, &(struct stats_input){.row = row,
                                               .model = row % 3 ? "smollm2" : NULL,
                                               .length = 100 + row % 5 * 30,
                                               .answers = answers,
                                               .count = count});
        for (size_t i = 0; i < count; i++)
            peer_clear(&answers[i]);
    }
    stats_settle(stats);
    return stats;
}

static void draw_stats(const char *name, int rows, int cols, int people, bool is_plain)
{
    struct stage stage;
    stage_init(&stage, rows, cols);
    stage.view.is_plain = is_plain;
    stage.session.stats = make_stats(&stage.session.dataset, people);
    draw_page(&stage, PAGER_STATS);
    golden_check(name, &stage.frame.cells);
    stage_clear(&stage);
}

static void statistics_are_drawn_in_the_terminal(void **state)
{
    (void)state;
    draw_stats("stats-80x24", 24, 80, 3, false);
    draw_stats("stats-120x40", 40, 120, 3, false);
    draw_stats("stats-80x60", 60, 80, 3, false);
    draw_stats("stats-one-80x40", 40, 80, 1, false);
    draw_stats("stats-plain-80x60", 60, 80, 3, true);
    draw_stats("stats-none-80x24", 24, 80, 0, false);
    struct stage stage;
    stage_init(&stage, 24, 80);
    draw_page(&stage, PAGER_STATS);
    assert_true(stage_find(&stage, "Counting…") > 0);
    stage_clear(&stage);
    /* eleven numbers do not fit: the bars stand alone, and no line is broken */
    stage_init(&stage, 24, 80);
    struct question *rating = &stage.session.dataset.questions[0];
    rating->rating_count = 11;
    rating->ratings = xreallocarray(rating->ratings, 11, sizeof *rating->ratings);
    for (int i = 0; i < 11; i++)
        rating->ratings[i] = i;
    stage.session.stats = make_stats(&stage.session.dataset, 3);
    draw_page(&stage, PAGER_STATS);
    int row = stage_find(&stage, "By person");
    assert_true(row > 0);
    assert_int_equal(stage_find(&stage, "you               "), row + 1);
    assert_int_equal(stage_find(&stage, "By model"), row + 5);
    stage_clear(&stage);
}

static void guidelines_stand_beside_the_record(void **state)
{
    (void)state;
    static const int sizes[][2] = {{40, 120}, {60, 200}, {24, 80}};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        char name[64];
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        stage.frame.beside.is_on = true;
        stage_draw(&stage, MODE_BROWSE);
        snprintf(name, sizeof name, "beside-%dx%d", sizes[i][1], sizes[i][0]);
        if (sizes[i][1] > 80)
            golden_check(name, &stage.frame.cells);
        else
            assert_int_equal(stage_find(&stage, "You're asked"), -1);
        stage_clear(&stage);
    }
}

static void a_flag_stands_in_the_title_and_the_queue(void **state)
{
    (void)state;
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < 2; i++) {
        struct stage stage;
        char name[64];
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        struct queue *queue = &stage.session.queue;
        stage.session.current.flags |= QUEUE_FLAGGED;
        for (size_t at = 10; at < 14; at += 2) {
            struct queue_row row = queue->rows[at];
            row.flags |= QUEUE_FLAGGED;
            queue_add(queue, &row);
        }
        stage_draw(&stage, MODE_BROWSE);
        snprintf(name, sizeof name, "flag-%dx%d", sizes[i][1], sizes[i][0]);
        golden_check(name, &stage.frame.cells);
        stage.view.is_plain = true;
        stage_draw(&stage, MODE_QUEUE);
        assert_int_equal(stage_find(&stage, "⚑"), -1);
        assert_true(stage_find(&stage, "pending    flagged: Write a synopsis") > 0);
        stage_clear(&stage);
    }
}

static void a_note_stands_in_the_rule_the_queue_and_its_box(void **state)
{
    (void)state;
    static const char text[] =
        "Ask Kim: \xE6\xBC\xA2\033[2J\nthe \"flotsam\" is odd, and "
        "so is every other word of it, up to the very last one";
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < 2; i++) {
        struct stage stage;
        char name[64];
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        struct queue *queue = &stage.session.queue;
        struct queue_row row = queue->rows[queue->position];
        row.flags |= QUEUE_NOTED | QUEUE_FLAGGED;
        queue_add(queue, &row);
        stage.session.current.note = xstrdup(text);
        stage_draw(&stage, MODE_BROWSE);
        snprintf(name, sizeof name, "note-%dx%d", sizes[i][1], sizes[i][0]);
        golden_check(name, &stage.frame.cells);
        stage.session.is_again = true; /* as a new one */
        stage_draw(&stage, MODE_BROWSE);
        assert_int_equal(stage_find(&stage, "note:"), -1);
        pager_open(&stage.frame.pager, PAGER_FACTS);
        stage_draw(&stage, MODE_PAGER);
        assert_int_equal(stage_find(&stage, "your note"), -1);
        stage.session.is_again = false;
        stage_draw(&stage, MODE_PAGER);
        assert_true(stage_find(&stage, "your note (never sent)") > 0);
        editbuf_set(stage.frame.form.edit, text, strlen(text));
        stage_draw(&stage, MODE_NOTE);
        snprintf(name, sizeof name, "noting-%dx%d", sizes[i][1], sizes[i][0]);
        golden_check(name, &stage.frame.cells);
        stage.view.is_plain = true;
        stage_draw(&stage, MODE_QUEUE);
        assert_int_equal(stage_find(&stage, "✎"), -1);
        assert_true(stage_find(&stage, "flagged: noted: Write a synopsis") > 0);
        stage_clear(&stage);
    }
}

static void phrases_have_a_key_each(void **state)
{
    (void)state;
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < 2; i++) {
        struct stage stage;
        char name[64];
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        struct phrases *phrases = &stage.frame.phrases;
        for (int at = 0; at < 24; at++) {
            snprintf(name, sizeof name, "name-%d", at);
            if (at >= 20)
                name[0] = '\0';
            phrases->items[phrases->count++] = (struct phrase){
                xstrdup(name), xstrdup("A remark that I have made before.\nTwice.")};
        }
        stage_draw(&stage, MODE_PHRASES);
        snprintf(name, sizeof name, "phrases-%dx%d", sizes[i][1], sizes[i][0]);
        golden_check(name, &stage.frame.cells);
        phrases->has_filters = true; /* in that list one moves */
        phrases->focus = 1;
        stage_draw(&stage, MODE_PHRASES);
        assert_true(stage_find(&stage, "Saved filters") > 0);
        int row = stage_find(&stage, " name-1 ");
        const struct cells *cells = &stage.frame.cells;
        for (int col = 1; col < cells->cols - 1; col++) {
            assert_int_equal(cells_at(cells, row, col)->style, STYLE_SELECTED);
            assert_int_not_equal(cells_at(cells, row - 1, col)->style, STYLE_SELECTED);
        }
        stage_clear(&stage);
    }
}

static void guidelines_name_the_questions(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    draw_page(&stage, PAGER_GUIDELINES);
    golden_check("guidelines-80x24", &stage.frame.cells);
    stage_clear(&stage);
}

static void the_offer_says_exactly_what_would_be_created(void **state)
{
    (void)state;
    struct stage stage;
    stage_init_empty(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.dataset_missing = true;
    draw_page(&stage, PAGER_CREATE);
    golden_check("create-80x24", &stage.frame.cells);
    stage_clear(&stage);
}

static void the_queue_fills_a_narrow_screen(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_QUEUE);
    golden_check("queue-80x24", &stage.frame.cells);
    stage_clear(&stage);
}

/* Every seventh record, from the last on. */
static void a_filter_is_shown_with_its_counts_and_order(void **state)
{
    (void)state;
    static const struct {
        int rows, cols;
        enum ui_mode mode;
        const char *name;
    } cases[] = {{24, 80, MODE_QUEUE, "filter-queue-80x24"},
                 {24, 80, MODE_BROWSE, "filter-80x24"},
                 {40, 120, MODE_BROWSE, "filter-120x40"}};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        stage_init(&stage, cases[i].rows, cases[i].cols);
        struct queue *queue = &stage.session.queue;
        stage.session.filter_text = xstrdup("meta.topic:sea,\"deep sea\" -flag");
        stage.session.order_text = xstrdup("-score");
        queue_narrow(queue, false);
        for (size_t row = queue->count; row-- > 0;)
            if (row % 7 == 5)
                queue_show(queue, row);
        stage_draw(&stage, cases[i].mode);
        golden_check(cases[i].name, &stage.frame.cells);
        stage_clear(&stage);
    }
}

static void a_jump_puts_the_row_in_the_middle_a_step_at_the_edge(void **state)
{
    (void)state;
    enum { ROWS = 19 }; /* of the list at 24 */
    static const struct {
        size_t to, top;
    } moves[] = {{100, 100 - ROWS / 2},
                 {109, 100 - ROWS / 2}, /* the last in view */
                 {110, 110 - ROWS + 1}, /* one further */
                 {92, 92},              /* the first in view */
                 {91, 91},              /* one further */
                 {339, 340 - ROWS},
                 {200, 200 - ROWS / 2},
                 {0, 0}};
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_QUEUE);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        stage.session.queue.position = moves[i].to;
        stage_draw(&stage, MODE_QUEUE);
        if (stage.frame.queue.top != moves[i].top)
            fail_msg("%zu: the first row is %zu", moves[i].to, stage.frame.queue.top);
    }
    stage_clear(&stage);
}

static void set_row(struct stage *stage, size_t index, struct queue_row row)
{
    struct queue *queue = &stage->session.queue;
    queue->rows[index].status = row.status;
    queue->rows[index].rating = row.rating;
    queue->rows[index].flags = row.flags;
    queue->position = index;
}

static void every_state_reads_without_colour(void **state)
{
    (void)state;
    static const struct {
        struct queue_row row;
        const char *text, *plain;
    } cases[] = {
        {{.status = RESPONSE_PENDING, .rating = -1}, "·····  ", "pending    "},
        {{.status = RESPONSE_DRAFT, .rating = -1}, "·····~ ", "draft      "},
        {{.status = RESPONSE_DRAFT, .rating = 2}, "★★···~ ", "2/5 draft  "},
        {{.status = RESPONSE_SUBMITTED, .rating = 2}, "★★···  ", "2/5        "},
        {{.status = RESPONSE_SUBMITTED, .rating = -1}, "✓      ", "submitted  "},
        {{.status = RESPONSE_DISCARDED, .rating = 4}, "–      ", "discarded  "},
        {{.rating = -1, .flags = QUEUE_STREAMING | QUEUE_CUT}, "▍…     ", "streaming  "},
        {{.rating = -1, .flags = QUEUE_FAILED}, "✕      ", "failed     "},
        {{.rating = -1, .flags = QUEUE_CUT}, "✕ cut  ", "cut off    "},
        {{.rating = -1, .flags = QUEUE_COMPLETED}, "✓✓     ", "enough     "},
        {{.status = RESPONSE_DRAFT, .rating = -1, .flags = QUEUE_COMPLETED},
         "·····~ ",
         "draft      "},
        {{.status = RESPONSE_SUBMITTED, .rating = 3, .flags = QUEUE_CUT},
         "★★★··  ",
         "3/5        "},
        {{.status = RESPONSE_DRAFT, .rating = 3, .flags = QUEUE_CLASH},
         "★★★··! ",
         "two        "},
        {{.status = RESPONSE_DISCARDED, .rating = -1, .flags = QUEUE_CLASH},
         "–    ! ",
         "two        "},
        {{.status = RESPONSE_SUBMITTED, .rating = 3, .flags = QUEUE_GONE},
         "★★★··? ",
         "gone       "},
        {{.status = RESPONSE_DRAFT, .rating = 0, .flags = QUEUE_FAILED},
         "·····~ ",
         "0/5 draft  "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage stage;
        char row[64];
        stage_init(&stage, 24, 80);
        set_row(&stage, 20, cases[i].row);
        stage_draw(&stage, MODE_QUEUE);
        snprintf(row, sizeof row, " ▶  21 %sTell me a poem", cases[i].text);
        assert_true(stage_find(&stage, row) > 2);
        stage.view.is_plain = true;
        stage_draw(&stage, MODE_QUEUE);
        snprintf(row, sizeof row, " >  21 %sTell me a poem", cases[i].plain);
        assert_true(stage_find(&stage, row) > 2);
        stage_clear(&stage);
    }
}

static void other_scales_are_figures(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    struct question *rating = &stage.session.dataset.questions[0];
    rating->ratings[rating->rating_count - 1] = 10;
    set_row(&stage, 20, (struct queue_row){.status = RESPONSE_DRAFT, .rating = 10});
    stage_draw(&stage, MODE_QUEUE);
    assert_true(stage_find(&stage, " ▶  21 10/10~ Tell me a poem") > 2);
    stage_clear(&stage);
}

static void no_row_stays_empty_while_there_are_more(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.frame.queue.top = stage.session.queue.position = 339;
    stage_draw(&stage, MODE_QUEUE);
    assert_true(stage_find(&stage, "   322 ") == 3);
    assert_true(stage_find(&stage, "▶ 340 ") == 21);
    stage_clear(&stage);
}

static void the_queue_scrolls_as_little_as_needed(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_QUEUE);
    size_t top = stage.frame.queue.top;
    stage.session.queue.position++;
    stage_draw(&stage, MODE_QUEUE);
    assert_int_equal(stage.frame.queue.top, top);
    for (int i = 0; i < 20; i++) {
        stage.session.queue.position++;
        stage_draw(&stage, MODE_QUEUE);
    }
    assert_true(stage.session.queue.position - stage.frame.queue.top >= 10 &&
                stage.session.queue.position - stage.frame.queue.top <= 20);
    stage.session.queue.position = 339;
    stage_draw(&stage, MODE_QUEUE);
    assert_true(stage_find(&stage, "▶ 340") > 0);
    stage_clear(&stage);
}

static void a_filter_shows_only_its_records(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    queue_set_filter(&stage.session.queue, true, RESPONSE_DISCARDED);
    stage_draw(&stage, MODE_QUEUE);
    assert_true(stage_find(&stage, "[Discarded 3]") == 1);
    assert_true(stage_find(&stage, "filter: discarded") == 1);
    assert_int_equal(stage_find(&stage, "★"), -1);
    stage_clear(&stage);
}

static void a_prompt_is_written_where_the_form_was(void **state)
{
    (void)state;
    struct stage stage;
    static const char text[] = "Write a synopsis of\na play about a lamp";
    stage_init(&stage, 24, 80);
    stage_draw(&stage, MODE_BROWSE);
    int form = stage_find(&stage, "── Your answer");
    editbuf_set(stage.frame.prompt.edit, text, strlen(text));
    stage_draw(&stage, MODE_PROMPT);
    assert_int_equal(stage_find(&stage, "── New prompt"), form);
    stage_clear(&stage);
}

static void a_prompt_grows_to_six_lines(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    for (int lines = 1; lines < 12; lines++) {
        editbuf_insert(stage.frame.prompt.edit, "a line\n", 7, false);
        stage_draw(&stage, MODE_PROMPT);
        int rows = lines < 3 ? 3 : lines < 6 ? lines + 1 : 6; /* as many as the form's */
        assert_int_equal(stage_find(&stage, "── New prompt"), 24 - 3 - rows - 1);
    }
    stage_clear(&stage);
}

static void settings_are_a_form(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    settings_open(&stage.frame.sampling, &stage.session.sampling);
    stage_draw(&stage, MODE_SETTINGS);
    golden_check("settings-80x24", &stage.frame.cells);
    stage_clear(&stage);
}

static void a_long_setting_shows_where_one_writes(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 10, 40);
    stage.session.sampling.system_prompt = xstrdup("one\ntwo\nthree\nfour\nfive");
    settings_open(&stage.frame.sampling, &stage.session.sampling);
    stage.frame.sampling.focus = SAMPLING_SYSTEM;
    stage_draw(&stage, MODE_SETTINGS);
    int row = stage_find(&stage, "five");
    assert_true(row == 7 || row == 8);
    assert_int_equal(stage.frame.cells.cursor_row, row);
    stage.frame.sampling.focus = SAMPLING_SEED;
    stage_draw(&stage, MODE_SETTINGS);
    assert_true(stage_find(&stage, "▸Seed") >= 7);
    stage_clear(&stage);
}

static void commands_are_completed_in_the_last_row(void **state)
{
    (void)state;
    struct stage stage;
    stage_init(&stage, 24, 80);
    editbuf_set(stage.frame.command.edit, "fi", 2);
    stage_draw(&stage, MODE_COMMAND);
    assert_string_equal(stage_row(&stage, 22), " :fi");
    assert_string_equal(stage_row(&stage, 23), " filter   filters   first");
    assert_int_equal(stage.frame.cells.cursor_row, 22);
    assert_int_equal(stage.frame.cells.cursor_col, 4);
    stage_clear(&stage);
}

static void the_name_that_was_taken_is_among_those_shown(void **state)
{
    (void)state;
    struct stage stage;
    struct command_line *command = &stage.frame.command;
    stage_init(&stage, 24, 80);
    editbuf_set(command->edit, "p", 1);
    command->is_expanding = true;
    snprintf(command->stem, sizeof command->stem, "p");
    stage_draw(&stage, MODE_COMMAND);
    assert_memory_equal(stage_row(&stage, 23), " prompt  previous  previous-hit", 31);
    for (size_t i = 0; i < 10; i++) {
        char name[64];
        int col = 0;
        command->index = i;
        assert_true(command_complete("p", i, NULL, NULL, name, sizeof name));
        stage_draw(&stage, MODE_COMMAND);
        while (cells_at(&stage.frame.cells, 23, col)->style != STYLE_ACCENT && col < 80)
            col++;
        assert_true(col < 80);
        assert_non_null(strstr(stage_row(&stage, 23), name));
    }
    assert_null(strstr(stage_row(&stage, 23), "…"));
    stage_clear(&stage);
}

static void the_first_start_says_what_it_found(void **state)
{
    (void)state;
    static const int sizes[][2] = {{24, 80}, {40, 120}, {10, 40}};
    for (size_t i = 0; i < 3; i++) {
        struct stage stage;
        char name[64];
        stage_init_empty(&stage, sizes[i][0], sizes[i][1]);
        stage.session.has_endpoint = false;
        stage_draw(&stage, MODE_BROWSE);
        snprintf(name, sizeof name, "first-start-%dx%d", sizes[i][1], sizes[i][0]);
        golden_check(name, &stage.frame.cells);
        stage_clear(&stage);
    }
}

static void the_config_file_is_named_as_people_write_it(void **state)
{
    (void)state;
    struct stage stage;
    stage_init_empty(&stage, 24, 80);
    stage.session.has_endpoint = false;
    stage.view.config_path = "/user/a/.config/sherd/config";
    setenv("HOME", "/user/a", 1);
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "Both can stand in ~/.config/sherd/config;") > 0);
    setenv("HOME", "/user/another", 1);
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, " in /user/a/.config/sherd/config;") > 0);
    setenv("HOME", "/user/a/.conf", 1); /* it only starts so */
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, " in /user/a/.config/sherd/config;") > 0);
    stage_clear(&stage);
}

static void a_missing_dataset_is_offered(void **state)
{
    (void)state;
    struct stage stage;
    stage_init_empty(&stage, 24, 80);
    stage_connect(&stage);
    stage.session.dataset_missing = true;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "reviews.example has no dataset") > 0);
    assert_true(stage_find(&stage, "C shows what would be created, and asks.") > 0);
    assert_memory_equal(stage_row(&stage, 23), " C create  ", 11);
    stage.session.can_log = false; /* who may not is offered no key */
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "An owner or an admin can create it.") > 0);
    assert_int_equal(stage_find(&stage, "C create"), -1);
    assert_int_equal(stage_find(&stage, "C shows"), -1);
    stage_clear(&stage);
}

static void who_is_not_let_in_does_not_wait_for_records(void **state)
{
    (void)state;
    struct stage stage;
    stage_init_empty(&stage, 24, 80);
    stage.session.has_server = true;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "Reading records…") > 0);
    stage.session.is_connected = true;
    stage.session.dataset.remote_id = xstrdup("id");
    stage.session.can_log = false;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "No record yet.") > 0);
    assert_true(stage_find(&stage, "Your key may rate records, but not add any.") > 0);
    stage.session.can_log = true;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "i writes the first prompt.") > 0);
    stage.session.has_endpoint = false;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "No model endpoint is configured: OPENAI_BASE_URL "
                                   "names one.") > 0);
    stage.session.sync.is_pulling = true;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "Reading records…") > 0);
    stage.session.sync.is_pulling = stage.session.is_connected = false;
    stage.session.sync.offline_since_ms = STAGE_WALL_MS;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "No record yet.") > 0);
    stage.session.sync.offline_since_ms = 0;
    stage.session.sync.state = SYNC_STOPPED;
    stage_draw(&stage, MODE_BROWSE);
    assert_true(stage_find(&stage, "No record yet.") > 0);
    stage_clear(&stage);
}

static void a_small_window_gets_one_sentence(void **state)
{
    (void)state;
    static const int sizes[][2] = {{9, 80}, {24, 39}, {3, 12}, {1, 1}};
    for (size_t i = 0; i < 4; i++) {
        struct stage stage;
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        stage_draw(&stage, MODE_BROWSE);
        assert_int_equal(stage_find(&stage, "Your answer"), -1);
        if (i < 2)
            assert_true(stage_find(&stage, "sherd needs a window of 40") == 0);
        stage_clear(&stage);
    }
}

static void every_size_is_drawn_within_bounds(void **state)
{
    (void)state;
    for (int rows = 1; rows < 70; rows += 3) {
        for (int cols = 1; cols < 210; cols += 7) {
            struct stage stage;
            stage_init(&stage, rows, cols);
            stage_draw(&stage, MODE_BROWSE);
            stage_draw(&stage, MODE_FEEDBACK);
            stage_draw(&stage, MODE_PROMPT);
            stage_draw(&stage, MODE_QUEUE);
            stage_draw(&stage, MODE_SETTINGS);
            stage_draw(&stage, MODE_COMMAND);
            draw_page(&stage, PAGER_HELP);
            draw_page(&stage, PAGER_FACTS);
            draw_page(&stage, PAGER_OUTBOX);
            assert_int_equal(stage.frame.cells.cols, cols);
            stage_clear(&stage);
        }
    }
}

static void a_run_is_a_live_table(void **state)
{
    (void)state;
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    struct batch_progress counts = {.rows = 30,
                                    .total = 60,
                                    .done = 12,
                                    .failed = 2,
                                    .skipped = 3,
                                    .running = 1,
                                    .retries = 4,
                                    .tokens = 812};
    for (size_t i = 0; i < 2; i++) {
        struct stage stage;
        char name[32];
        stage_init(&stage, sizes[i][0], sizes[i][1]);
        struct stream *stream = stage_stream(&stage, "A sherd walks");
        stream->started_ms = STAGE_NOW_MS - 2400;
        stream->pieces = 17;
        struct run_shown *run = &stage.frame.run;
        run->progress = &counts;
        run->started_ms = STAGE_NOW_MS - 42000;
        snprintf(run->name, sizeof run->name, "prompts.csv --template \"On {title}\"");
        run->lines[0] = (struct run_line){.line = 4,
                                          .model = "smollm2",
                                          .tokens = 182,
                                          .ms = 4400,
                                          .record = stage.session.current.id,
                                          .prompt = "On the moon"};
        run->lines[1] = (struct run_line){
            .line = 7, .error = "The endpoint refused it: I do not like it"};
        run->lines[2] =
            (struct run_line){.error = "prompts.csv:9: this row has 1 columns, the first "
                                       "line names 2."};
        run->lines[3] =
            (struct run_line){.line = 8,
                              .model = "a-model-with-a-long-name",
                              .tokens = 12,
                              .ms = 300,
                              .prompt = "On \xe6\x9c\x88 and a title that goes on and on "
                                        "until no row holds it any more"};
        run->count = 4;
        draw_page(&stage, PAGER_RUN);
        snprintf(name, sizeof name, "run-%dx%d", sizes[i][1], sizes[i][0]);
        golden_check(name, &stage.frame.cells);
        run->is_over = true;
        run->ended_ms = STAGE_NOW_MS;
        err_set(&run->fault, STATUS_AUTH, "The key is refused.");
        draw_page(&stage, PAGER_RUN);
        assert_true(stage_find(&stage, "The key is refused.") > 0);
        stage_clear(&stage);
    }
}

/* Only what moves by itself wakes the loop. */
static void a_run_ticks_until_it_is_over(void **state)
{
    (void)state;
    struct batch_progress counts = {.rows = 3, .total = 3, .running = 1};
    struct stage stage;
    stage_init(&stage, 24, 80);
    stage.frame.run.progress = &counts;
    draw_page(&stage, PAGER_RUN);
    int64_t next_ms = frame_next_change(&stage.view);
    assert_true(next_ms > 0 && next_ms <= 500);
    stage.view.is_plain = true; /* nothing is drawn twice there */
    assert_int_equal(frame_next_change(&stage.view), -1);
    stage.view.is_plain = false;
    stage.frame.run.is_over = true;
    assert_int_equal(frame_next_change(&stage.view), -1);
    stage_clear(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_names_every_action_and_its_keys),
        cmocka_unit_test(help_shows_the_keys_as_they_are_bound),
        cmocka_unit_test(help_shows_rating_keys_that_are_no_digits),
        cmocka_unit_test(help_shows_the_digits_of_the_scale_that_is_asked),
        cmocka_unit_test(what_is_unsent_is_listed_with_its_reason),
        cmocka_unit_test(each_way_it_stands_with_the_server_is_told),
        cmocka_unit_test(facts_tell_what_was_asked_for_and_how_it_was_read),
        cmocka_unit_test(facts_tell_what_is_gone_and_what_was_tried),
        cmocka_unit_test(facts_tell_the_page_of_the_record_on_the_server),
        cmocka_unit_test(facts_list_what_no_screen_shows_as_it_is),
        cmocka_unit_test(guidelines_stand_beside_the_record),
        cmocka_unit_test(a_flag_stands_in_the_title_and_the_queue),
        cmocka_unit_test(a_note_stands_in_the_rule_the_queue_and_its_box),
        cmocka_unit_test(phrases_have_a_key_each),
        cmocka_unit_test(guidelines_name_the_questions),
        cmocka_unit_test(statistics_are_drawn_in_the_terminal),
        cmocka_unit_test(a_run_is_a_live_table),
        cmocka_unit_test(a_run_ticks_until_it_is_over),
        cmocka_unit_test(the_offer_says_exactly_what_would_be_created),
        cmocka_unit_test(the_queue_fills_a_narrow_screen),
        cmocka_unit_test(a_filter_is_shown_with_its_counts_and_order),
        cmocka_unit_test(a_jump_puts_the_row_in_the_middle_a_step_at_the_edge),
        cmocka_unit_test(every_state_reads_without_colour),
        cmocka_unit_test(other_scales_are_figures),
        cmocka_unit_test(no_row_stays_empty_while_there_are_more),
        cmocka_unit_test(the_queue_scrolls_as_little_as_needed),
        cmocka_unit_test(a_filter_shows_only_its_records),
        cmocka_unit_test(a_prompt_is_written_where_the_form_was),
        cmocka_unit_test(a_prompt_grows_to_six_lines),
        cmocka_unit_test(settings_are_a_form),
        cmocka_unit_test(a_long_setting_shows_where_one_writes),
        cmocka_unit_test(commands_are_completed_in_the_last_row),
        cmocka_unit_test(the_name_that_was_taken_is_among_those_shown),
        cmocka_unit_test(the_first_start_says_what_it_found),
        cmocka_unit_test(the_config_file_is_named_as_people_write_it),
        cmocka_unit_test(a_missing_dataset_is_offered),
        cmocka_unit_test(who_is_not_let_in_does_not_wait_for_records),
        cmocka_unit_test(a_small_window_gets_one_sentence),
        cmocka_unit_test(every_size_is_drawn_within_bounds),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
