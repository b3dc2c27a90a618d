/* SPDX-License-Identifier: MIT
 *
 * The records that the demo's queue opens on: short and long, plain and Markdown, wide
 * characters, and two answers that deserve a low rating.
 */
#include "config.h"

#include "demo/demo.h"

static const struct demo_pair pairs[] = {
    {"Tell me a joke",
     "Why do programmers mix up Halloween and Christmas?\n\nBecause `OCT 31 == DEC 25`."},
    {"Explain in one sentence what a hash table is.",
     "A hash table stores each value in a slot whose number is computed from its key, so "
     "that finding it again takes about the same time however many values there are."},
    {"Compare SQLite and PostgreSQL in a table.",
     "| | SQLite | PostgreSQL |\n|---|---|---|\n| Runs as | a library | a server |\n"
     "| Writers at once | one | many |\n| Setup | none | accounts, network |\n"
     "| Good for | one machine | many clients |\n\nPick **SQLite** until a second "
     "machine "
     "has to write."},
    {"Write a C function that counts the words of a string.",
     "```c\n#include <ctype.h>\n#include <stddef.h>\n\nsize_t count_words(const char "
     "*text)\n"
     "{\n    size_t count = 0;\n    int in_word = 0;\n    for (; *text; text++) {\n"
     "        int is_letter = !isspace((unsigned char)*text);\n"
     "        count += is_letter && !in_word;\n        in_word = is_letter;\n    }\n"
     "    return count;\n}\n```\n\nIt steps over the text once. A word is any run of "
     "characters that are not white space, so `it's` counts as one."},
    {"\xe7\x94\xa8\xe4\xb8\xad\xe6\x96\x87\xe4\xbb\x8b\xe7\xbb\x8d\xe4\xb8\x80\xe4\xb8"
     "\x8b"
     "\xe9\x99\xb6\xe5\x99\xa8\xe3\x80\x82",
     "\xe9\x99\xb6\xe5\x99\xa8\xe6\x98\xaf\xe7\x94\xa8\xe9\xbb\x8f\xe5\x9c\x9f\xe6\x88"
     "\x90"
     "\xe5\x9e\x8b\xe3\x80\x81\xe7\xbb\x8f\xe7\x81\xab\xe7\x83\xa7\xe5\x88\xb6\xe8\x80"
     "\x8c"
     "\xe6\x88\x90\xe7\x9a\x84\xe5\x99\xa8\xe7\x89\xa9\xe3\x80\x82\xe6\x97\xa9\xe5\x9c"
     "\xa8"
     "\xe4\xb8\x80\xe4\xb8\x87\xe5\xa4\x9a\xe5\xb9\xb4\xe5\x89\x8d\xef\xbc\x8c\xe4\xba"
     "\xba"
     "\xe4\xbb\xac\xe5\xb0\xb1\xe5\xb7\xb2\xe7\xbb\x8f\xe4\xbc\x9a\xe5\x88\xb6\xe4\xbd"
     "\x9c"
     "\xe9\x99\xb6\xe5\x99\xa8\xe3\x80\x82\xe8\x80\x83\xe5\x8f\xa4\xe5\xad\xa6\xe5\xae"
     "\xb6"
     "\xe5\xb8\xb8\xe5\xb8\xb8\xe5\x87\xad\xe4\xb8\x80\xe7\x89\x87\xe5\xb0\x8f\xe5\xb0"
     "\x8f"
     "\xe7\x9a\x84\xe9\x99\xb6\xe7\x89\x87\xef\xbc\x8c\xe5\xb0\xb1\xe8\x83\xbd\xe8\xae"
     "\xa4"
     "\xe5\x87\xba\xe4\xb8\x80\xe4\xb8\xaa\xe6\x97\xb6\xe4\xbb\xa3\xe3\x80\x82"},
    {"Suggest three names for a bakery, with an emoji each.",
     "1. \xf0\x9f\xa5\x90 **The Patient Oven**\n2. \xf0\x9f\x8d\x9e **Crumb & Company**\n"
     "3. \xf0\x9f\xa5\xa8 **Twist of Morning**"},
    {"How many r are in strawberry?", "There are two r in strawberry."},
    {"Give me tips for writing a good bug report.",
     "# A bug report that gets fixed\n\n## Say what you did\nStep by step, from a known "
     "start. Leave out nothing that you did *differently* from usual.\n\n## Say what "
     "happened, and what you expected\n- the exact message, as text and not as a "
     "picture\n"
     "- the version, and the system it runs on\n- how often: always, sometimes, once\n\n"
     "## Make it small\nTake away one thing after the other until the fault goes. What "
     "is "
     "left is worth more than ten pages of log.\n\n> A report that a stranger can repeat "
     "is "
     "half of the repair.\n\nAnd one report for each fault: two in one are closed as "
     "one."},
    {"Summarise the plot of Hamlet.", "It is a play by Shakespeare. It is about Hamlet. "
                                      "There are many characters and at the "
                                      "end most of them are dead. Overall it is a very "
                                      "good play with a lot of plot in it."},
};

const struct demo_pair *demo_pairs(int *count)
{
    *count = sizeof pairs / sizeof *pairs;
    return pairs;
}
