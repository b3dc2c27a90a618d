/* SPDX-License-Identifier: MIT
 *
 * action - everything a key or a command can ask for, by name: one table for keys,
 * the key line, help, the command line and the config's [keys].
 */
#ifndef CONFIG_ACTION_H
#define CONFIG_ACTION_H

/* X(id, name, default keys in browse mode (space-separated, "" = none), what it does).
 * The order is that of the help screen: what is used most first. */
#define ACTION_LIST(X)                                                                   \
    X(RATE_1, "rate-1", "1", "rate 1; the same digit again clears")                      \
    X(RATE_2, "rate-2", "2", "rate 2")                                                   \
    X(RATE_3, "rate-3", "3", "rate 3")                                                   \
    X(RATE_4, "rate-4", "4", "rate 4")                                                   \
    X(RATE_5, "rate-5", "5", "rate 5")                                                   \
    X(FEEDBACK, "feedback", "f", "write feedback; Esc comes back")                       \
    X(SUBMIT, "submit", "Enter", "submit and go to the next open record")                \
    X(DISCARD, "discard", "d", "discard and go on; undo brings it back")                 \
    X(DRAFT, "draft", "s", "keep as a draft and go on")                                  \
    X(SUGGESTION, "suggestion", "A", "take what is suggested where no answer is yet")    \
    X(SNIPPET, "snippet", ";", "a phrase of yours into the feedback")                    \
    X(FLAG, "flag", "b", "flag the record, to come back to it")                          \
    X(NOTE, "note", "+", "a note on the record, for you alone; Esc comes back")          \
    X(UNDO, "undo", "u", "undo the last change, submits too")                            \
    X(REDO, "redo", "Ctrl-R", "redo what was undone")                                    \
    X(PROMPT, "prompt", "i", "write a new prompt")                                       \
    X(ASK_ON, "ask-on", "a", "ask on in the same conversation")                          \
    X(REGENERATE, "regenerate", "r", "ask again: a new answer beside this one")          \
    X(CANCEL, "cancel", "x", "stop the answer that streams; its text stays")             \
    X(NEXT, "next", "l Right", "next record")                                            \
    X(PREVIOUS, "previous", "h Left", "previous record")                                 \
    X(KEEP_MINE, "keep-mine", "<", "two answers of yours: keep the one here")            \
    X(TAKE_THEIRS, "take-theirs", ">", "two answers of yours: take the other")           \
    X(NEXT_OPEN, "next-open", "o", "next record that is not submitted or discarded")     \
    X(SEARCH, "search", "/", "search texts, answers and metadata")                       \
    X(NEXT_HIT, "next-hit", "n", "the next place where it is found")                     \
    X(PREVIOUS_HIT, "previous-hit", "N", "the one before it")                            \
    X(SHOW_PENDING, "show-pending", "P", "only the pending ones")                        \
    X(SHOW_DRAFTS, "show-drafts", "D", "only the drafts")                                \
    X(SHOW_SUBMITTED, "show-submitted", "U", "only the submitted")                       \
    X(SHOW_DISCARDED, "show-discarded", "X", "only the discarded")                       \
    X(SHOW_ALL, "show-all", "*", "show all records again")                               \
    X(NARROW, "narrow", "F", "filter by model, metadata, suggestion …")                  \
    X(NEXT_CANDIDATE, "next-candidate", "]", "the next answer to the same prompt")       \
    X(PREVIOUS_CANDIDATE, "previous-candidate", "[", "the one before it")                \
    X(COMPARE, "compare", "c", "the answers to this prompt side by side")                \
    X(DIFF, "diff", "=", "the words in which two of them differ")                        \
    X(CORRECT, "correct", "E", "write the answer as it should be")                       \
    X(SCROLL_DOWN, "scroll-down", "j Down", "scroll the response down")                  \
    X(SCROLL_UP, "scroll-up", "k Up", "scroll the response up")                          \
    X(PAGE_DOWN, "page-down", "Space PageDown", "scroll a page down")                    \
    X(PAGE_UP, "page-up", "PageUp", "scroll a page up")                                  \
    X(COMMAND, "command", ":", "type a command")                                         \
    X(QUIT, "quit", "q Ctrl-C", "quit; everything is saved")                             \
    X(RAW, "raw", "m", "switch between rendered Markdown and the raw text")              \
    X(NEXT_QUESTION, "next-question", "Tab", "next question; text boxes open")           \
    X(PICK, "pick", "p", "the options of the question: find, rank; spans")               \
    X(PREVIOUS_QUESTION, "previous-question", "Shift-Tab", "previous question")          \
    X(QUEUE, "queue", "v", "show or hide the queue (list of records)")                   \
    X(MARK, "mark", "w", "mark the record, for :bulk")                                   \
    X(BULK, "bulk", "B", "one answer for all marked or shown ones")                      \
    X(DELETE, "delete", "Delete", "delete the record here and on the server; asks")      \
    X(FIRST, "first", "Home", "first record")                                            \
    X(LAST, "last", "End", "last record")                                                \
    X(PROMPT_DOWN, "prompt-down", "J", "scroll a long prompt down")                      \
    X(PROMPT_UP, "prompt-up", "K", "scroll a long prompt up")                            \
    X(PROMPT_PAGE_DOWN, "prompt-page-down", "Ctrl-F", "scroll a long prompt by pages")   \
    X(PROMPT_PAGE_UP, "prompt-page-up", "Ctrl-B", "and back")                            \
    X(GUIDELINES, "guidelines", "g", "the dataset's guidelines")                         \
    X(BESIDE, "beside", "G", "keep the guidelines beside the record")                    \
    X(FACTS, "facts", "I", "facts of the record")                                        \
    X(TRACE, "trace", "t", "what an agent did on the way to the answer")                 \
    X(COPY, "copy", "y", "copy the response to the clipboard")                           \
    X(COPY_PROMPT, "copy-prompt", "Y", "copy the prompt")                                \
    X(EDITOR, "editor", "e", "write the feedback in $EDITOR")                            \
    X(SETTINGS, "settings", "Ctrl-O", "model, temperature, max tokens, system prompt")   \
    X(STATS, "stats", "%", "statistics: ratings, pace, agreement")                       \
    X(PEOPLE, "people", "T", "progress of each person; their answers")                   \
    X(DATASETS, "datasets", "L", "open another dataset")                                 \
    X(WEB, "web", "W", "the record's command, and its address for you")                  \
    X(FAST, "fast", "!", "fast: a rating submits and goes on; again: not")               \
    X(MODELS, "models", "M", "models and endpoints: take one or mark some")              \
    X(SYNC, "sync", "S", "send what is unsent now, and look for new records")            \
    X(OUTBOX, "outbox", "O", "what is unsent or refused, and why")                       \
    X(RUN, "run", "R", "the run of a file: what is asked, what failed")                  \
    X(CREATE, "create", "C", "create the dataset on the server when it is missing")      \
    X(HELP, "help", "?", "this page")                                                    \
    X(SUSPEND, "suspend", "Ctrl-Z", "stop sherd; fg brings it back")                     \
    X(REDRAW, "redraw", "Ctrl-L", "paint the screen again")

enum action {
    ACTION_NONE,
#define X(id, name, keys, text) ACTION_##id,
    ACTION_LIST(X)
#undef X
        ACTION_COUNT
};

const char *action_name(enum action action);
const char *action_default_keys(enum action action);
const char *action_text(enum action action);
enum action action_parse(const char *name); /* ACTION_NONE when unknown */

#endif
