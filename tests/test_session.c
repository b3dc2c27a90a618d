/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/session.h"
#include "base/xalloc.h"

static void fill(struct session *session)
{
    memset(session, 0, sizeof *session);
    dataset_init_guide(&session->dataset, "d", "local", "");
    id_random(&session->current.id);
    record_set_field(&session->current, "prompt", "Why?", 4);
    record_set_field(&session->current, "response", "Be\0cause.", 9);
    session->has_current = true;
}

static struct stream *add_stream(struct session *session, const struct id *id)
{
    struct stream *stream = xcalloc(1, sizeof *stream);
    stream->record = *id;
    session->streams = xreallocarray(session->streams, session->stream_count + 1,
                                     sizeof *session->streams);
    session->streams[session->stream_count++] = stream;
    return stream;
}

static void shows_the_current_records_fields(void **state)
{
    (void)state;
    struct session session;
    fill(&session);
    size_t len = 0;
    assert_string_equal(session_prompt(&session, &len), "Why?");
    assert_int_equal(len, 4);
    assert_memory_equal(session_response(&session, &len), "Be\0cause.", 9);
    assert_int_equal(len, 9);
    session_clear(&session);
    session_clear(&session); /* empty now */
    assert_false(session.has_current);
}

static void shows_the_streams_text_while_it_runs(void **state)
{
    (void)state;
    struct session session;
    fill(&session);
    struct id other;
    id_random(&other);
    buf_add_text(&add_stream(&session, &other)->text, "not this one");
    size_t len = 0;
    session_response(&session, &len);
    assert_int_equal(len, 9);
    struct stream *stream = add_stream(&session, &session.current.id);
    assert_string_equal(session_response(&session, &len), "");
    assert_int_equal(len, 0);
    buf_add_text(&stream->text, "so far");
    assert_string_equal(session_response(&session, &len), "so far");
    assert_int_equal(len, 6);
    assert_ptr_equal(session_stream(&session, &session.current.id), stream);
    id_random(&other);
    assert_null(session_stream(&session, &other));
    session_clear(&session);
}

static void white_space_is_no_answer(void **state)
{
    (void)state;
    struct session session;
    fill(&session);
    struct record *record = &session.current;
    record->has_completion = true;
    record->completion.state = COMPLETION_FAILED;
    assert_true(session_has_answer(&session, record));
    record_set_field(record, "response", " \t\r\n", 4);
    assert_false(session_has_answer(&session, record));
    record->has_completion = false; /* it was not asked for here */
    assert_true(session_has_answer(&session, record));
    record->has_completion = true;
    record->completion.state = COMPLETION_RUNNING;
    record_set_field(record, "response", "half", 4);
    assert_true(session_is_elsewhere(&session, record));
    assert_false(session_has_answer(&session, record));
    add_stream(&session, &record->id); /* ours: it can be seen growing */
    assert_false(session_is_elsewhere(&session, record));
    assert_true(session_has_answer(&session, record));
    session_clear(&session);
}

static void a_record_of_another_shape_shows_its_own_fields(void **state)
{
    (void)state;
    struct session session;
    size_t len = 0;
    fill(&session);
    free(session.dataset.fields[0].name);
    session.dataset.fields[0].name = xstrdup("text");
    free(session.dataset.fields[1].name);
    session.dataset.fields[1].name = xstrdup("reply");
    assert_string_equal(session_prompt(&session, &len), "Why?");
    assert_memory_equal(session_response(&session, &len), "Be\0cause.", 9);
    session_clear(&session);
}

static void nothing_open_is_empty_text(void **state)
{
    (void)state;
    struct session session = {0};
    size_t len = 7;
    assert_string_equal(session_prompt(&session, &len), "");
    assert_int_equal(len, 0);
    assert_string_equal(session_response(&session, &len), "");
    session_clear(&session);
    session_clear(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_the_current_records_fields),
        cmocka_unit_test(shows_the_streams_text_while_it_runs),
        cmocka_unit_test(white_space_is_no_answer),
        cmocka_unit_test(a_record_of_another_shape_shows_its_own_fields),
        cmocka_unit_test(nothing_open_is_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
