/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/batch.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/output.h"
#include "tests/support/pty.h"

/* Standard output as a pipe or as a pseudo-terminal of 40 columns. */
struct capture {
    FILE *file;
    int other; /* the end that is read */
};

static void open_pipe(struct capture *capture)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    capture->other = ends[0];
    capture->file = fdopen(ends[1], "w");
}

static void open_terminal(struct capture *capture)
{
    struct winsize size = {.ws_row = 24, .ws_col = 40};
    struct termios raw;
    int slave;
    memset(&raw, 0, sizeof raw);
    cfmakeraw(&raw);
    assert_int_equal(openpty(&capture->other, &slave, NULL, &raw, &size), 0);
    assert_int_equal(fcntl(capture->other, F_SETFL, O_NONBLOCK), 0);
    capture->file = fdopen(slave, "w");
}

/* All that was written, closed. Owned. */
static char *take(struct capture *capture)
{
    struct buf text = {0};
    char piece[4096];
    ssize_t got;
    fflush(capture->file);
    while ((got = read(capture->other, piece, sizeof piece)) > 0)
        buf_add(&text, piece, (size_t)got);
    fclose(capture->file);
    close(capture->other);
    return buf_take(&text);
}

static void assert_output(struct capture *capture, struct output *out,
                          const char *expected)
{
    assert_true(output_finish(out));
    char *text = take(capture);
    assert_string_equal(text, expected);
    free(text);
}

static void a_pipe_gets_the_bytes_as_they_are(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_pipe(&capture);
    output_init(&out, capture.file, false);
    output_stream(&out, "a\033[31mb\xff", 8);
    output_end_stream(&out);
    assert_output(&capture, &out, "a\033[31mb\xff\n");
}

static void a_terminal_never_gets_an_escape(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_terminal(&capture);
    output_init(&out, capture.file, false);
    assert_true(out.is_terminal);
    static const char text[] = "a\033[31mb\302\233c\342\200\256d\007\n";
    for (size_t i = 0; i < sizeof text - 1; i++)
        output_stream(&out, text + i, 1);
    assert_true(output_finish(&out));
    char *shown = take(&capture);
    assert_null(strchr(shown, '\033'));
    assert_null(strchr(shown, '\007'));
    assert_null(strstr(shown, "\302\233"));
    assert_null(strstr(shown, "\342\200\256"));
    assert_non_null(strstr(shown, "d"));
    free(shown);
}

static void letters_cut_between_pieces_come_whole(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_terminal(&capture);
    output_init(&out, capture.file, false);
    static const char text[] = "caf\303\251 \346\274\242 \360\237\230\200 e\314\201";
    for (size_t i = 0; i < sizeof text - 1; i++)
        output_stream(&out, text + i, 1);
    output_end_stream(&out);
    assert_output(&capture, &out,
                  "caf\303\251 \346\274\242 \360\237\230\200 e\314\201\n");
}

static void what_streams_is_shown_at_once_but_for_its_last_letter(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    char piece[16] = "";
    open_terminal(&capture);
    output_init(&out, capture.file, false);
    output_stream(&out, "hello", 5);
    assert_int_equal(read(capture.other, piece, sizeof piece - 1), 4);
    assert_string_equal(piece, "hell");
    assert_output(&capture, &out, "o\n");
}

static void endless_marks_do_not_pile_up(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_terminal(&capture);
    output_init(&out, capture.file, false);
    output_stream(&out, "e", 1);
    for (int i = 0; i < 1000; i++)
        output_stream(&out, "\314\201", 2);
    assert_true(out.held.len < 1000);
    assert_true(output_finish(&out));
    free(take(&capture));
}

static void a_reader_that_went_away_is_no_failure(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_pipe(&capture);
    output_init(&out, capture.file, false);
    close(capture.other);
    output_stream(&out, "text", 4);
    assert_true(out.is_closed);
    output_stream(&out, "more", 4);
    assert_true(output_finish(&out));
    fclose(capture.file);
}

static void a_full_disk_is_a_sentence(void **state)
{
    (void)state;
    struct output out;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    output_init(&out, full, false);
    output_stream(&out, "text", 4);
    assert_false(output_finish(&out));
    assert_int_equal(out.err.code, STATUS_IO);
    assert_non_null(strstr(out.err.text, "Standard output cannot be written"));
    fclose(full);
}

static const struct column columns[] = {
    {"NAME", 6, false}, {"COUNT", 5, true}, {"TEXT", 0, false}};

static void a_pipe_gets_whole_rows_without_titles(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_pipe(&capture);
    output_init(&out, capture.file, false);
    output_titles(&out, columns, 3);
    output_row(&out, columns, 3,
               (const char *const[]){"longer name", "7",
                                     "two\nlines of a long text "
                                     "that would not fit"});
    assert_output(&capture, &out,
                  "longer name      7  two lines of a long text that would not fit\n");
}

static void a_terminal_gets_rows_cut_to_its_width(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_terminal(&capture);
    output_init(&out, capture.file, false);
    output_titles(&out, columns, 3);
    output_row(&out, columns, 3,
               (const char *const[]){"abc", "7",
                                     "\346\274\242\345\255\227 and a long "
                                     "text that does not fit"});
    assert_output(
        &capture, &out,
        "NAME    COUNT  TEXT\n"
        "abc         7  \346\274\242\345\255\227 and a long text tha\342\200\246\n");
}

static void json_on_a_terminal_holds_no_control(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    open_terminal(&capture);
    output_init(&out, capture.file, true);
    output_json(&out, json_pack("{s:s}", "text", "a\302\233b\342\200\256c"));
    output_json(&out, json_pack("{s:s}", "text", "\346\274\242"));
    output_json(&out, json_pack("{s:s}", "text", "a\177b")); /* ASCII, and no text */
    assert_output(&capture, &out,
                  "{\"text\":\"a\\u009Bb\\u202Ec\"}\n{\"text\":\"\346\274\242\"}\n"
                  "{\"text\":\"a\\u007fb\"}\n");
}

static void make_record(struct record *record, struct dataset *dataset)
{
    memset(record, 0, sizeof *record);
    memset(dataset, 0, sizeof *dataset);
    dataset_init_guide(dataset, "d", "local", "");
    assert_true(id_parse("12345678-9abc-4def-8000-000000000001", &record->id));
    record_set_field(record, "prompt", "p\0q", 3);
    record_set_field(record, "response", "r\xff", 2);
    record->inserted_ms = 1000;
    record->response.status = RESPONSE_SUBMITTED;
    values_set_rating(&record->response.values, "response-rating", 4);
}

static void a_record_has_every_promised_member(void **state)
{
    (void)state;
    static const char *const names[] = {
        "id",          "dataset",     "status",    "rating",      "feedback",
        "values",      "prompt",      "response",  "fields",      "metadata",
        "completion",  "suggestions", "responses", "external_id", "remote_id",
        "inserted_at", "updated_at",  "flagged",   "viewing",     "clash",
        "decided",     "note",        "changed"};
    struct record record;
    struct dataset dataset;
    make_record(&record, &dataset);
    record.has_clash = true;
    record.theirs.status = RESPONSE_DRAFT;
    record.theirs.updated_ms = 2000;
    values_set_rating(&record.theirs.values, "response-rating", 2);
    json_t *object = record_to_json(&record, &dataset);
    size_t count = sizeof names / sizeof names[0];
    for (size_t i = 0; i < count; i++)
        if (!json_object_get(object, names[i]))
            fail_msg("no member %s", names[i]);
    assert_int_equal(json_object_size(object), count);
    json_t *expected = json_loads("{\"response-rating\":{\"value\":4}}", 0, NULL);
    assert_true(json_equal(json_object_get(object, "values"), expected));
    assert_int_equal(json_integer_value(json_object_get(object, "rating")), 4);
    assert_int_equal(json_string_length(json_object_get(object, "prompt")), 3);
    assert_string_equal(json_string_value(json_object_get(object, "response")),
                        "r\357\277\275");
    assert_string_equal(json_string_value(json_object_get(object, "inserted_at")),
                        "1970-01-01T00:00:01.000Z");
    json_decref(expected);
    expected = json_loads("{\"status\":\"draft\",\"values\":{\"response-rating\":"
                          "{\"value\":2}},\"updated_at\":\"1970-01-01T00:00:02.000Z\"}",
                          0, NULL);
    assert_true(json_equal(json_object_get(object, "clash"), expected));
    json_decref(expected);
    json_decref(object);
    record_clear(&record);
    dataset_clear(&dataset);
}

/* Word for word, with all that a record can have. */
static void a_whole_record_is_one_line(void **state)
{
    (void)state;
    struct record record;
    struct dataset dataset;
    struct capture capture;
    struct output out;
    make_record(&record, &dataset);
    record.metadata_json = xstrdup("{\"k\":1}");
    record.note = xstrdup("n");
    record.remote_id = xstrdup("srv");
    record.flags = QUEUE_FLAGGED;
    record.is_decided = record.response.is_changed = true;
    record.response.updated_ms = 3000;
    record.response.viewing = (struct viewing){
        .shown_ms = 1000, .end_ms = 2500, .answered_ms = 2000, .paused_ms = 250};
    values_set_text(&record.response.values, "response-feedback", QUESTION_TEXT, "f");
    record.peers = xcalloc(1, sizeof *record.peers);
    record.peer_count = 1;
    record.peers[0].user = xstrdup("u");
    record.peers[0].name = xstrdup("Ann");
    record.peers[0].response.status = RESPONSE_DISCARDED;
    record.peers[0].response.updated_ms = 4000;
    record.suggestions = xcalloc(1, sizeof *record.suggestions);
    record.suggestion_count = 1;
    record.suggestions[0].value.question = xstrdup("response-rating");
    record.suggestions[0].value.type = QUESTION_RATING;
    record.suggestions[0].value.rating = 5;
    record.suggestions[0].agent = xstrdup("bot");
    open_pipe(&capture);
    output_init(&out, capture.file, true);
    record_print_json(&out, &record, &dataset);
    assert_output(&capture, &out,
                  "{\"id\":\"12345678-9abc-4def-8000-000000000001\",\"dataset\":\"d\","
                  "\"status\":\"submitted\",\"rating\":4,\"feedback\":\"f\","
                  "\"values\":{\"response-rating\":{\"value\":4},"
                  "\"response-feedback\":{\"value\":\"f\"}},\"prompt\":\"p\\u0000q\","
                  "\"response\":\"r\357\277\275\",\"fields\":{\"prompt\":\"p\\u0000q\","
                  "\"response\":\"r\357\277\275\"},\"metadata\":{\"k\":1},"
                  "\"completion\":null,\"suggestions\":{\"response-rating\":{\"value\":5,"
                  "\"agent\":\"bot\",\"score\":0.0}},\"responses\":[{\"user_id\":\"u\","
                  "\"user_name\":\"Ann\",\"status\":\"discarded\",\"values\":{},"
                  "\"updated_at\":\"1970-01-01T00:00:04.000Z\"}],\"flagged\":true,"
                  "\"changed\":true,\"decided\":true,\"note\":\"n\","
                  "\"external_id\":\"12345678-9abc-4def-8000-000000000001\","
                  "\"remote_id\":\"srv\",\"inserted_at\":\"1970-01-01T00:00:01.000Z\","
                  "\"updated_at\":\"1970-01-01T00:00:03.000Z\","
                  "\"viewing\":{\"shown_at\":\"1970-01-01T00:00:01.000Z\","
                  "\"end_at\":\"1970-01-01T00:00:02.500Z\","
                  "\"answered_at\":\"1970-01-01T00:00:02.000Z\",\"paused_ms\":250},"
                  "\"clash\":null}\n");
    record_clear(&record);
    dataset_clear(&dataset);
}

static void expect_external_id(const struct record *record, const struct dataset *dataset,
                               const char *expected)
{
    json_t *object = record_to_json(record, dataset);
    const char *text = json_string_value(json_object_get(object, "external_id"));
    if (!text != !expected || (text && strcmp(text, expected) != 0))
        fail_msg("%s, not %s", text ? text : "null", expected ? expected : "null");
    json_decref(object);
}

/* Ours is sent as our id; a record of the server's keeps what it has there. */
static void an_external_id_is_the_servers(void **state)
{
    (void)state;
    struct record record;
    struct dataset dataset;
    make_record(&record, &dataset);
    static char id[] = "12345678-9abc-4def-8000-000000000001", other[] = "row 7",
                remote[] = "aaaaaaaa-9abc-4def-8000-000000000001";
    expect_external_id(&record, &dataset, id);
    record.remote_id = remote;
    expect_external_id(&record, &dataset, id);
    record.remote_id = id; /* it came from the server, which gave it none */
    expect_external_id(&record, &dataset, NULL);
    record.external_id = other;
    expect_external_id(&record, &dataset, other);
    record.remote_id = record.external_id = NULL;
    record_clear(&record);
    dataset_clear(&dataset);
}

/* What came of its answer is told until somebody has judged it. */
static void a_row_tells_an_unfinished_answer(void **state)
{
    (void)state;
    static const struct {
        enum response_status status;
        enum completion_state state;
        const char *start;
    } rows[] = {
        {RESPONSE_PENDING, COMPLETION_DONE, "12345678-9abc  pending  "},
        {RESPONSE_PENDING, COMPLETION_CUT, "12345678-9abc  cut  "},
        {RESPONSE_PENDING, COMPLETION_FAILED, "12345678-9abc  failed  "},
        {RESPONSE_DRAFT, COMPLETION_CUT, "12345678-9abc  draft  "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct capture capture;
        struct output out;
        struct record record;
        struct dataset dataset;
        make_record(&record, &dataset);
        record.has_completion = true;
        record.completion.state = rows[i].state;
        record.response.status = rows[i].status;
        open_pipe(&capture);
        output_init(&out, capture.file, false);
        record_print_row(&out, &record, &dataset);
        assert_true(output_finish(&out));
        char *text = take(&capture);
        if (strncmp(text, rows[i].start, strlen(rows[i].start)) != 0)
            fail_msg("%s, not %s…", text, rows[i].start);
        free(text);
        record_clear(&record);
        dataset_clear(&dataset);
    }
}

static void a_record_is_one_row(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    struct record record;
    struct dataset dataset;
    make_record(&record, &dataset);
    record_set_field(&record, "prompt", "one\ntwo", 7);
    open_pipe(&capture);
    output_init(&out, capture.file, false);
    record_print_row(&out, &record, &dataset);
    assert_output(&capture, &out, "12345678-9abc  submitted       4  one two\n");
    record_clear(&record);
    dataset_clear(&dataset);
}

static void a_dataset_page_names_fields_and_questions(void **state)
{
    (void)state;
    struct capture capture;
    struct output out;
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "d", "local", "");
    free(dataset.guidelines);
    dataset.guidelines = xstrdup("First.\n\nSecond.");
    dataset.more_json = xstrdup(
        "{\"metadata_properties\":[{\"name\":\"ms\",\"settings\":{\"type\":\"integer\"}},"
        "{\"name\":\"who\",\"settings\":{\"type\":\"terms\"}}],\"distribution\":{"
        "\"strategy\":"
        "\"overlap\",\"min_submitted\":2}}");
    struct question *labels = &dataset.questions[1];
    labels->type = QUESTION_LABEL;
    labels->options = xcalloc(2, sizeof *labels->options);
    labels->option_count = 2;
    labels->options[0].value = xstrdup("a");
    labels->options[1].value = xstrdup("b");
    open_pipe(&capture);
    output_init(&out, capture.file, false);
    dataset_print(&out, &dataset);
    assert_true(output_finish(&out));
    char *text = take(&capture);
    assert_string_equal(
        text,
        "Dataset     d\nWorkspace   local\nServer      none\n"
        "Field       prompt (text, required)\nField       response (text, required)\n"
        "Question    response-rating (rating 1 2 3 4 5, required): How would you rate "
        "the "
        "quality of the response?\n"
        "Question    response-feedback (label a, b, optional): What feedback do you have "
        "for the response?\n"
        "Metadata    ms (integer)\nMetadata    who (terms)\nAnswers     2 to each "
        "record\n"
        "Guidelines  First.\n            \n            Second.\n");
    free(text);
    dataset_clear(&dataset);
}

static void progress_counts_what_is_done(void **state)
{
    (void)state;
    char text[320];
    struct batch_progress counts = {.is_checking = true, .rows = 30};
    struct stream slow = {.pieces = 30}, slower = {.pieces = 10};
    struct stream *streams[] = {&slow, &slower};
    struct session session = {.streams = streams};
    batch_format(&counts, &session, 500, text, sizeof text);
    assert_string_equal(text, "reading: 30 prompts so far");
    /* a model that is slow: what comes is counted before the first answer is whole */
    counts = (struct batch_progress){.total = 2, .running = 2};
    session.stream_count = 2;
    batch_format(&counts, &session, 4000, text, sizeof text);
    assert_string_equal(text, "[                    ] 0 of 2 done · 2 running · "
                              "10 tokens/s");
    counts = (struct batch_progress){.total = 60,
                                     .done = 12,
                                     .failed = 2,
                                     .skipped = 4,
                                     .running = 3,
                                     .retries = 1,
                                     .tokens = 400};
    batch_format(&counts, &session, 500, text, sizeof text);
    assert_string_equal(text,
                        "[####                ] 12 of 60 done · 4 there already · 2 "
                        "failed · 3 running · 1 retries");
    session.sync.outbox.unsent = 5;
    batch_format(&counts, &session, 4000, text, sizeof text);
    assert_string_equal(text,
                        "[####                ] 12 of 60 done · 4 there already · 2 "
                        "failed · 3 running · 1 retries · 5 unsent · 2.0 a second · "
                        "110 tokens/s · 24 s left");
    counts.elsewhere = 2; /* what others still ask is not done */
    batch_format(&counts, &session, 500, text, sizeof text);
    assert_non_null(strstr(text, "10 of 60 done · 2 there already · 2 being asked"));
}

static void the_end_of_a_run_is_one_sentence(void **state)
{
    (void)state;
    char text[256];
    struct batch_progress counts = {.total = 9, .done = 9, .failed = 1, .skipped = 4};
    batch_format_end(&counts, text, sizeof text);
    assert_string_equal(text, "4 logged, 4 there already, 1 failed.");
    counts.elsewhere = 3;
    counts.bad = 1;
    batch_format_end(&counts, text, sizeof text);
    assert_string_equal(text, "4 logged, 1 there already, 3 being asked by another run, "
                              "1 failed. 1 bad row.");
}

static void progress_writes_over_its_line(void **state)
{
    (void)state;
    struct capture capture;
    struct progress progress;
    open_terminal(&capture);
    progress_init(&progress, capture.file);
    progress_show(&progress, "abcdef");
    progress_show(&progress, "xyz");
    progress_clear(&progress);
    char *text = take(&capture);
    assert_string_equal(text, "\rabcdef\rxyz   \r   \r");
    free(text);
}

static void progress_is_silent_in_a_pipe(void **state)
{
    (void)state;
    struct capture capture;
    struct progress progress;
    open_pipe(&capture);
    progress_init(&progress, capture.file);
    progress_show(&progress, "abcdef");
    progress_clear(&progress);
    char *text = take(&capture);
    assert_string_equal(text, "");
    free(text);
}

static int set_locale(void **state)
{
    (void)state;
    return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

int main(void)
{
    if (pty_is_missing())
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_gets_the_bytes_as_they_are),
        cmocka_unit_test(a_terminal_never_gets_an_escape),
        cmocka_unit_test(letters_cut_between_pieces_come_whole),
        cmocka_unit_test(what_streams_is_shown_at_once_but_for_its_last_letter),
        cmocka_unit_test(endless_marks_do_not_pile_up),
        cmocka_unit_test(a_reader_that_went_away_is_no_failure),
        cmocka_unit_test(a_full_disk_is_a_sentence),
        cmocka_unit_test(a_pipe_gets_whole_rows_without_titles),
        cmocka_unit_test(a_terminal_gets_rows_cut_to_its_width),
        cmocka_unit_test(json_on_a_terminal_holds_no_control),
        cmocka_unit_test(a_record_has_every_promised_member),
        cmocka_unit_test(a_whole_record_is_one_line),
        cmocka_unit_test(an_external_id_is_the_servers),
        cmocka_unit_test(a_row_tells_an_unfinished_answer),
        cmocka_unit_test(a_record_is_one_row),
        cmocka_unit_test(a_dataset_page_names_fields_and_questions),
        cmocka_unit_test(progress_counts_what_is_done),
        cmocka_unit_test(the_end_of_a_run_is_one_sentence),
        cmocka_unit_test(progress_writes_over_its_line),
        cmocka_unit_test(progress_is_silent_in_a_pipe),
    };
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    return cmocka_run_group_tests(tests, set_locale, NULL);
}
