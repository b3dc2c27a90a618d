/* SPDX-License-Identifier: MIT
 *
 * canned: the demo. No HTTP, no network: the words of a canned text, one at a time, with
 * all that a real endpoint would tell of them.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "llm/protocol.h"

struct canned {
    size_t at;
    int64_t words, limit; /* limit 0 = none */
    int64_t asked;        /* words of the prompt */
    char text[];
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

size_t canned_word(const char *text)
{
    enum { LONGEST = 12 };
    size_t len = 0;
    while (text[len] && !is_blank(text[len]) && len < LONGEST)
        len++;
    while (((unsigned char)text[len] & 0xc0) == 0x80) /* not inside a character */
        len++;
    while (text[len] && is_blank(text[len]))
        len++;
    return len;
}

static int64_t count_words(const char *text)
{
    int64_t count = 0;
    for (size_t len; (len = canned_word(text)); text += len)
        count++;
    return count;
}

/* The same prompt gets another answer each time, unless a seed was asked for. */
static void *begin(const struct protocol_request *request)
{
    size_t count = request->message_count;
    const struct sampling *sampling = request->sampling;
    unsigned turn = sampling->has_seed ? (unsigned)sampling->seed : request->turn;
    const char *asked = count ? request->messages[count - 1].text : "";
    char *text = canned_think(asked);
    if (!text)
        text = canned_find(asked, turn);
    struct canned *canned = xcalloc(1, sizeof *canned + strlen(text) + 1);
    memcpy(canned->text, text, strlen(text) + 1);
    free(text);
    canned->limit = sampling->max_tokens;
    for (size_t i = 0; i < count; i++)
        canned->asked += count_words(request->messages[i].text);
    return canned;
}

static bool next(void *answer, struct stream *stream)
{
    struct canned *canned = answer;
    const char *text = canned->text + canned->at;
    size_t len = canned_word(text);
    bool is_cut = len && canned->limit > 0 && canned->words >= canned->limit;
    if (len && !is_cut) {
        canned->at += len;
        stream->completion_tokens = ++canned->words;
        stream_add_text(stream, text, len);
        return true;
    }
    stream->prompt_tokens = canned->asked;
    stream_keep(stream, &stream->model, "demo");
    stream_finish(stream, is_cut ? "length" : "stop");
    return false;
}

const struct protocol protocol_canned = {
    .kind = ENDPOINT_CANNED,
    .has_no_tools = true, /* an agent thinks in text here */
    .begin = begin,
    .next = next,
    .free = free,
};
