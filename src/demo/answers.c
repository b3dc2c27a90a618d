/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "demo/answers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "text/sanitise.h"

enum { VARIANTS = 3 };

/* words: all of these (divided by '&') stand in the prompt. The first row that fits
 * counts. */
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
      "water. "
      "In three acts that last exactly as long as a sunset, *Tragedy at Sunset on the "
      "Beach* lets each guest tell what they saw that afternoon.\n\n"
      "1. **Act one**: the gold hour, and everybody lies kindly.\n"
      "2. **Act two**: the red hour, and the lies begin to differ.\n"
      "3. **Act three**: the blue hour, and the bride asks the only question.",
      "Two old friends meet every year on the same beach to watch the sun go down, and "
      "every year they do not talk about the child who drowned there. This year a young "
      "stranger sits on their bench and knows both of their names. A quiet, slow tragedy "
      "about the things that the sea gives back."}},
    {"synopsis",
     {"In a town where nobody has slept for a week, a retired prompter finds a script "
      "that "
      "foretells each day. She burns the last page unread. The play asks whether an "
      "ending "
      "that nobody knows is still an ending.",
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
      "who "
      "you are\nOr what your words may mean.\n\nIt waits until the thought is "
      "done,\nThen "
      "steps one cell along:\nA little light, the only one,\nThat never gets it wrong.",
      "Clay remembers every hand\nthat turned it on the wheel,\nand keeps, though "
      "broken, "
      "in the sand\na mark that one can feel.",
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
      "The demo cannot look anything up, so here is only the last step: "
      "`30 ^ 0.43 = 4.32`.",
      "That is a question of three steps: a name, an age, a power. No tool is connected "
      "to "
      "this demo, so any name it gave would be made up. Connect a real endpoint to see "
      "an "
      "agent do it."}},
    {"first president",
     {"**George Washington** was the first president of the United States of America. He "
      "held the office from 1789 to 1797.",
      "The first president of the United States was George Washington, who took the oath "
      "on 30 April 1789 in New York City.",
      "George Washington (1789\xe2\x80\x93"
      "1797). John Adams came after him."}},
    {"argilla",
     {"**Argilla** is an open tool for looking at data together: records, questions and "
      "the answers of several people.\n\n- *fields* are what you read,\n- *questions* "
      "are "
      "what you answer,\n- *responses* are what is kept.",
      "The word *argilla* means clay. A sherd is a piece of it with something written "
      "on.",
      "Argilla keeps records and the answers people give about them; sherd is a way to "
      "give those answers from a terminal."}},
    {"python",
     {"```python\ndef fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        "
      "yield "
      "a\n        a, b = b, a + b\n\nprint(list(fibonacci(10)))\n```\n\nIt keeps only "
      "the "
      "last two numbers, so it needs no list of its own.",
      "Use `enumerate` when you need the number as well:\n\n```python\nfor i, line in "
      "enumerate(lines, start=1):\n    print(i, line)\n```",
      "A list comprehension does it in one line:\n\n```python\nsquares = [n * n for n in "
      "range(10)]\n```"}},
};

/* %s is what was asked. */
static const char *const generic[VARIANTS] = {
    ("You asked: \"%s\".\n\nThis endpoint is not a model, so it cannot know. A model "
     "would "
     "answer here, **word by word** as this text arrives, and you would rate what it "
     "says "
     "from 1 to 5."),
    ("About \"%s\" there would be a lot to say.\n\n- A short answer: it depends.\n- A "
     "longer "
     "one: it depends on what you need it for.\n- A useful one: ask a real model, by "
     "setting "
     "`OPENAI_API_KEY` or `OPENAI_BASE_URL`."),
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
static char *fill_generic(const char *text, const char *topic)
{
    const char *hole = strstr(text, "%s");
    return xasprintf("%.*s%s%s\n\n%s", (int)(hole - text), text, topic, hole + 2,
                     ANSWERS_LABEL);
}

char *answers_find(const char *prompt, unsigned turn)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (has_words(prompt, topics[i].words))
            return xasprintf("%s\n\n%s", topics[i].texts[turn % VARIANTS], ANSWERS_LABEL);
    char topic[120];
    sanitise_line(prompt, strlen(prompt), topic, sizeof topic);
    return fill_generic(generic[turn % VARIANTS], *topic ? topic : "nothing");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n';
}

size_t answers_token(const char *text)
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
