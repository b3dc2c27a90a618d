/* SPDX-License-Identifier: MIT
 *
 * canned: the demo. No HTTP, no network: the words of a canned text, one at a time, with
 * all that a real endpoint would tell of them, and a line that tells it is canned. And
 * the records that its queue opens on: short and long, plain and Markdown, wide
 * characters, and two answers that deserve a low rating.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "llm/protocol.h"

enum { VARIANTS = 3 };

/* words: all of these (divided by '&') stand in the prompt. The first row counts. */
static const struct topic {
    const char *words;
    const char *texts[VARIANTS];
} topics[] = {
    {"synopsis&sunset",
     {"**Tragedy at Sunset on the Beach** follows Mara, a lighthouse keeper's daughter, "
      "who has promised to sell the family's strip of shore by the end of the summer. On "
      "the last evening her brother returns from sea with a debt he cannot name.\n\n"
      "As the tide takes the path behind them, the two must decide which of their "
      "father's lies to keep. Only one of them walks back over the sand, and the play "
      "never shows us who lit the lamp.",
      "A wedding party waits on the beach for a groom who is already there, in the "
      "water. In three acts that last exactly as long as a sunset, *Tragedy at Sunset on "
      "the Beach* lets each guest tell what they saw that afternoon.\n\n"
      "1. **Act one**: the gold hour, and everybody lies kindly.\n"
      "2. **Act two**: the red hour, and the lies begin to differ.\n"
      "3. **Act three**: the blue hour, and the bride asks the only question.",
      "Two old friends meet every year on the same beach to watch the sun go down, and "
      "every year they do not talk about the child who drowned there. This year a young "
      "stranger sits on their bench and knows both of their names. A quiet, slow tragedy "
      "about the things that the sea gives back."}},
    {"synopsis",
     {"In a town where nobody has slept for a week, a retired prompter finds a script "
      "that foretells each day. She burns the last page unread. The play asks whether an "
      "ending that nobody knows is still an ending.",
      "Three sisters inherit a theatre and one rule: the stage light must never go out. "
      "When the power fails in the middle of a storm, each of them turns out to have "
      "guarded a different secret by that light.",
      "A comedy that forgets, scene by scene, that it is one. The butler is the author, "
      "the author is late, and the audience is asked to sign for a parcel."}},
    {"joke",
     {"Why did the developer go broke?\n\nBecause he used up all his *cache*.",
      "A SQL query walks into a bar, goes up to two tables and asks: \"May I join you?\"",
      "I told my terminal a joke about UDP.\n\nI am not sure that it got it."}},
    {"poem",
     {"The cursor blinks, a patient star,\nUpon a field of green;\nIt does not ask you "
      "who you are\nOr what your words may mean.\n\nIt waits until the thought is "
      "done,\nThen steps one cell along:\nA little light, the only one,\nThat never gets "
      "it wrong.",
      "Clay remembers every hand\nthat turned it on the wheel,\nand keeps, though "
      "broken, in the sand\na mark that one can feel.",
      "*Haiku*\n\nRain upon the roof.\nSomeone labels the records,\none key at a time."}},
    {"dicaprio",
     {"I would need a search and a calculator for that, and this endpoint has "
      "neither.\n\n"
      "**How an agent would go about it**\n\n"
      "1. *Search*: who is the person in question?\n"
      "2. *Search*: how old is that person today?\n"
      "3. *Calculator*: `age ^ 0.43`\n\n"
      "For an age of 25 the last step gives about **3.99**.",
      "Thought: I have to find out a name, then an age, then raise it to a power.\n\n"
      "The demo cannot look anything up, so here is only the last step: `30 ^ 0.43 = "
      "4.32`.",
      "That is a question of three steps: a name, an age, a power. No tool is connected "
      "to this demo, so any name it gave would be made up. Connect a real endpoint to "
      "see an agent do it."}},
    {"first president",
     {"**George Washington** was the first president of the United States of America. He "
      "held the office from 1789 to 1797.",
      "The first president of the United States was George Washington, who took the oath "
      "on 30 April 1789 in New York City.",
      "George Washington (1789–1797). John Adams came after him."}},
    {"argilla",
     {"**Argilla** is an open tool for looking at data together: records, questions and "
      "the answers of several people.\n\n- *fields* are what you read,\n- *questions* "
      "are what you answer,\n- *responses* are what is kept.",
      "The word *argilla* means clay. A sherd is a piece of it with something written "
      "on.",
      "Argilla keeps records and the answers people give about them; sherd is a way to "
      "give those answers from a terminal."}},
    {"python",
     {"```python\ndef fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        "
      "yield a\n        a, b = b, a + b\n\nprint(list(fibonacci(10)))\n```\n\nIt keeps "
      "only the last two numbers, so it needs no list of its own.",
      "Use `enumerate` when you need the number as well:\n\n```python\nfor i, line in "
      "enumerate(lines, start=1):\n    print(i, line)\n```",
      "A list comprehension does it in one line:\n\n```python\nsquares = [n * n for n in "
      "range(10)]\n```"}},
};

/* %s is what was asked. */
static const char *const generic[VARIANTS] = {
    ("You asked: \"%s\".\n\nThis endpoint is not a model, so it cannot know. A model "
     "would answer here, **word by word** as this text arrives, and you would rate what "
     "it says from 1 to 5."),
    ("About \"%s\" there would be a lot to say.\n\n- A short answer: it depends.\n- A "
     "longer one: it depends on what you need it for.\n- A useful one: ask a real model, "
     "by setting `OPENAI_API_KEY` or `OPENAI_BASE_URL`."),
    ("> %s\n\nA good question, and nobody is here to answer it: these words were written "
     "before you asked. Press the key for another answer and a third text comes."),
};

static bool has_words(const char *prompt, const char *words)
{
    while (*words) {
        size_t len = strcspn(words, "&");
        char *word = xmemdup0(words, len);
        bool is_there = strcasestr(prompt, word) != NULL;
        free(word);
        if (!is_there)
            return false;
        words += len + (words[len] == '&');
    }
    return true;
}

/* xasprintf wants its format in the source, where the compiler can check it. */
char *canned_find(const char *prompt, unsigned turn)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (has_words(prompt, topics[i].words))
            return xasprintf("%s\n\n%s", topics[i].texts[turn % VARIANTS], CANNED_LABEL);
    char topic[120];
    sanitise_line(prompt, strlen(prompt), topic, sizeof topic);
    const char *text = generic[turn % VARIANTS], *hole = strstr(text, "%s");
    return xasprintf("%.*s%s%s\n\n%s", (int)(hole - text), text,
                     *topic ? topic : "nothing", hole + 2, CANNED_LABEL);
}

/* An agent's way to an answer: what it looks up, and what it says in the end. */
static const struct way {
    const char *words; /* as a topic's */
    struct {
        const char *thought, *input;
    } steps[2];
    const char *answer;
} ways[] = {
    {"first president",
     {{"I should look up who the first president of the United States was.",
       "first president of the United States of America"}},
     "George Washington was the first president of the United States of America. He "
     "served from 1789 to 1797."},
    {"bieber&super bowl",
     {{"I need the year in which Justin Bieber was born.",
       "When was Justin Bieber born?"},
      {"He was born in 1994. Now I need the winner of that year's Super Bowl.",
       "Who won the Super Bowl in 1994?"}},
     "Justin Bieber was born in 1994, and the Dallas Cowboys won that year's Super "
     "Bowl."},
};

char *canned_think(const char *prompt)
{
    static const char mark[] = "\nBegin!\n\nQuestion: ", end[] = "\nThought:";
    static const char observed[] = "\nObservation: ";
    const char *question = strstr(prompt, mark);
    const char *rest = question ? strstr(question, end) : NULL;
    if (!rest)
        return NULL;
    question += sizeof mark - 1;
    size_t done = 0;
    for (const char *at = rest; (at = strstr(at, observed)); at++)
        done++;
    char *asked = xmemdup0(question, (size_t)(rest - question));
    const struct way *way = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && !way; i++)
        way = has_words(asked, ways[i].words) ? &ways[i] : NULL;
    bool is_known = done > (way && way->steps[1].input);
    const char *thought = way ? way->steps[done > 0].thought : "I should look that up.";
    const char *input = way ? way->steps[done > 0].input : asked;
    char *text =
        is_known ? xasprintf(" I now know the final answer\nFinal Answer: %s\n\n%s",
                             way ? way->answer
                                 : "The demo's search knows too little to answer that.",
                             CANNED_LABEL)
                 : xasprintf(" %s\nAction: search\nAction Input: %s", thought, input);
    free(asked);
    return text;
}

static const struct llm_demo_pair pairs[] = {
    {"Tell me a joke",
     "Why do programmers mix up Halloween and Christmas?\n\nBecause `OCT 31 == DEC 25`."},
    {"Explain in one sentence what a hash table is.",
     "A hash table stores each value in a slot whose number is computed from its key, so "
     "that finding it again takes about the same time however many values there are."},
    {"Compare SQLite and PostgreSQL in a table.",
     "| | SQLite | PostgreSQL |\n|---|---|---|\n| Runs as | a library | a server |\n"
     "| Writers at once | one | many |\n| Setup | none | accounts, network |\n"
     "| Good for | one machine | many clients |\n\nPick **SQLite** until a second "
     "machine has to write."},
    {"Write a C function that counts the words of a string.",
     "```c\n#include <ctype.h>\n#include <stddef.h>\n\nsize_t count_words(const char "
     "*text)\n"
     "{\n    size_t count = 0;\n    int in_word = 0;\n    for (; *text; text++) {\n"
     "        int is_letter = !isspace((unsigned char)*text);\n"
     "        count += is_letter && !in_word;\n        in_word = is_letter;\n    }\n"
     "    return count;\n}\n```\n\nIt steps over the text once. A word is any run of "
     "characters that are not white space, so `it's` counts as one."},
    {"用中文介绍一下陶器。",
     "陶器是用黏土成型、经火烧制而成的器物。早在一万多年前，人们就已经会制作陶器。考古学"
     "家常常凭一片小小的陶片，就能认出一个时代。"},
    {"Suggest three names for a bakery, with an emoji each.",
     "1. 🥐 **The Patient Oven**\n2. 🍞 **Crumb & Company**\n3. 🥨 **Twist of "
     "Morning**"},
    {"How many r are in strawberry?", "There are two r in strawberry."},
    {"Give me tips for writing a good bug report.",
     "# A bug report that gets fixed\n\n## Say what you did\nStep by step, from a known "
     "start. Leave out nothing that you did *differently* from usual.\n\n## Say what "
     "happened, and what you expected\n- the exact message, as text and not as a "
     "picture\n"
     "- the version, and the system it runs on\n- how often: always, sometimes, once\n\n"
     "## Make it small\nTake away one thing after the other until the fault goes. What "
     "is left is worth more than ten pages of log.\n\n> A report that a stranger can "
     "repeat is half of the repair.\n\nAnd one report for each fault: two in one are "
     "closed as one."},
    {"Summarise the plot of Hamlet.",
     "It is a play by Shakespeare. It is about Hamlet. There are many characters and at "
     "the end most of them are dead. Overall it is a very good play with a lot of plot "
     "in it."},
};

const struct llm_demo_pair *llm_demo_pairs(size_t *count)
{
    *count = sizeof pairs / sizeof *pairs;
    return pairs;
}

/* ---- the protocol ---- */

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
