/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/editlayout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* The units of a text, "[Ana] [Botín]…", found forwards; backwards they are the same. */
static void assert_units(enum segment_unit unit, const char *text, const char *wanted)
{
    struct segments segments = {0};
    struct buf found = {0};
    size_t len = strlen(text), start = 0, end = 0, starts[64] = {0}, count = 0;
    segments_make(&segments, text, len);
    while (segments_find(&segments, unit, end, 1, &start, &end)) {
        assert_true(start < end && end <= len && count < 64);
        buf_addf(&found, "[%.*s]", (int)(end - start), text + start);
        starts[count++] = start;
    }
    assert_string_equal(buf_text(&found), wanted);
    for (size_t at = len; segments_find(&segments, unit, at, -1, &start, &end);
         at = start) {
        assert_true(count > 0);
        assert_int_equal(start, starts[--count]);
    }
    assert_int_equal(count, 0);
    buf_clear(&found);
    segments_clear(&segments);
}

static void letters_are_graphemes(void **state)
{
    (void)state;
    assert_units(SEGMENT_LETTER, "a👨‍👩‍👧e\u0301🇯🇵で\u3099\r\n",
                 "[a][👨‍👩‍👧][e\u0301][🇯🇵][で\u3099][\r\n]");
    assert_units(SEGMENT_LETTER, "", "");
}

static void words_are_what_is_between_blanks_and_points(void **state)
{
    (void)state;
    assert_units(SEGMENT_WORD, "  Don't stop—now, 3.14 (foo_bar)!\n",
                 "[Don't][stop][now][3.14][foo_bar]");
    assert_units(SEGMENT_WORD, "a 🎉🎉 e\u0301t\u0301 👨‍👩‍👧",
                 "[a][🎉][🎉][e\u0301t\u0301][👨‍👩‍👧]");
    assert_units(SEGMENT_WORD, "…", "");
}

static void japanese_words_are_runs_of_one_script(void **state)
{
    (void)state;
    assert_units(SEGMENT_WORD, "山田さんは東京タワーに行った。",
                 "[山田][さんは][東京][タワー][に][行][った]");
    assert_units(SEGMENT_WORD, "か\u3099き", "[か\u3099き]");
    assert_units(SEGMENT_WORD, "我住北京。", "[我][住][北][京]");
}

static void sentences_end_at_stops_and_lines(void **state)
{
    (void)state;
    assert_units(SEGMENT_SENTENCE,
                 " It is 3.14. Is it?! \"Yes.\" he said. i.e. no\n\nEnd ",
                 "[It is 3.14.][Is it?!][\"Yes.\" he said. i.e. no][End]");
    assert_units(SEGMENT_SENTENCE, "東京です。「はい！」と言った。終",
                 "[東京です。][「はい！」][と言った。][終]");
    assert_units(SEGMENT_SENTENCE, "e.g. Wait... Now", "[e.g.][Wait...][Now]");
    assert_units(SEGMENT_SENTENCE, " \n ", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_are_graphemes),
        cmocka_unit_test(words_are_what_is_between_blanks_and_points),
        cmocka_unit_test(japanese_words_are_runs_of_one_script),
        cmocka_unit_test(sentences_end_at_stops_and_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
