/* SPDX-License-Identifier: MIT
 *
 * parts - what the files of the screen share: its state, and what each room offers.
 *
 * A room is a file about one thing: its keys, its drawing (frame.h) and its hints. Calls
 * go down: screen (the dispatcher) -> rooms -> core. A key that means more than its room
 * knows is handed back as an action, and the dispatcher runs that. Among rooms there is
 * only queue -> command -> form, command -> datasets, run, search, prompt, bulk and
 * phrases, queue -> bulk, bulk -> form, pages -> run, compare -> pages,
 * phrases -> form, search -> span and browse -> form. Drawing happens once a turn at
 * most, in frame.c.
 */
#ifndef UI_PARTS_H
#define UI_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "app/batch.h"
#include "app/respond.h"
#include "event/event.h"
#include "ui/editor.h"
#include "ui/frame.h"
#include "ui/keys.h"
#include "ui/terminal.h"

#define SCREEN_AUTOSAVE_MS 250

struct screen {
    struct app *app;
    struct screen_terminal terminal;
    const struct clock *clock;
    struct keymap keymap;
    enum ui_mode mode;
    enum ui_mode base;  /* BROWSE, QUEUE or COMPARE: where a page and the command line go
                         * back to */
    enum ui_mode under; /* a list or the page of spans that a page or the search line lies
                         * over, and goes back to; BROWSE = none */
    enum ui_mode left;  /* by the command line: where giving it up goes back to */
    bool is_deaf;       /* typing was ended from outside: what is typed on runs nothing */
    int64_t deaf_ms;    /* the last of those keys; 0 = the first is still to come */

    struct frame frame; /* all that is drawn beside the session */

    struct id seen_record; /* the form's focus starts anew with each record */
    size_t choice_focus;   /* where the focus goes back to after a text */
    char *writing;         /* the question that is being written, or the note; NULL */
    /* the last digit was for this question, led there, and may go on: */
    size_t number_question, number_focus;
    int number;
    int64_t number_ms;
    void (*take_option)(struct screen *screen, size_t option); /* of MODE_OPTIONS */
    enum ui_mode options_back;       /* the mode that it goes back to */
    struct loop_timer *number_timer; /* it does not go on: form_end_number */
    char **seen_questions;           /* their names, where focus and choice_focus point */
    size_t seen_count;
    struct id written; /* and its record */
    /* a text that has lost its box, for the next one (question NULL = of a note): */
    char *orphan, *orphan_question;
    struct id orphan_record;

    struct former prompt_history, command_history, search_history;
    bool has_prompt; /* the kept prompt was fetched into the frame */

    batch_line_fn start_run;
    struct batch *batch; /* the last run; NULL = there was none */

    struct editor *editor;
    bool is_away;           /* the terminal belongs to the editor */
    bool edits_from_browse; /* and its end is the end of writing */
    void (*take_edited)(struct screen *screen, const char *text, size_t len);

    struct loop_child *tmux; /* asked whether it passes the clipboard on; NULL */
    int tmux_fd;
    const char *copied; /* what it was asked about: "response" */

    char *config_path;
    const struct settings *settings;
    bool is_plain;
    bool was_streaming; /* plain: for telling the end */
    struct id streamed;

    struct loop_timer *autosave;
    struct loop_timer *wake; /* the next paint that only time asks for */
    int64_t painted_ms;
    bool is_dirty;
    bool is_urgent; /* paint in this turn */
    bool wants_quit;
    bool has_asked_quit;    /* something is unsaved: the next one quits */
    int64_t seen_notice_ms; /* plain: a new notice is painted at once */
    bool wants_demo;
};

/* core.c */
const struct session *screen_session(const struct screen *screen);
void screen_view(const struct screen *screen, struct view *view);
/* The question that typing and digits go to, or NULL. */
const struct question *screen_question(const struct screen *screen);
/* The form for many records is open, or a list of options on it; the form, and the record
 * whose response that shows. */
bool screen_is_bulk(const struct screen *screen);
struct form *screen_form(struct screen *screen);
const struct record *screen_record(const struct screen *screen);
bool screen_is_streaming(const struct screen *screen);
void screen_refuse_key(struct screen *screen, struct key key);
/* A key for what is being edited; refused when it is none of an editor's. */
enum edit_outcome screen_edit_key(struct screen *screen, struct editbuf *edit,
                                  struct key key);
/* Typing ends although the user did not ask for it; the sentence says why. */
void screen_interrupt(struct screen *screen, const char *why);
/* What is in the form's box waits for the next one of its record. question: whose answer
 * it was to be, NULL = its note. refused: where its record does not take it any more. */
void screen_keep_text(struct screen *screen, const char *question, const char *why);
void screen_keep_refused(struct screen *screen, const char *question);
/* The mode is that of a page or of the search line; and what is under it has it again. */
void screen_lay_over(struct screen *screen, enum ui_mode mode);
void screen_go_back(struct screen *screen);
void screen_go_deaf(struct screen *screen); /* to what was typed ahead, see is_deaf */
/* A paste where nothing is being written. */
void screen_refuse_paste(struct screen *screen);
/* Does an action that scrolls a text; false when it is none. */
bool screen_scrolls(struct scroll *scroll, enum action action);
/* app_set_value of one that keys choose; plain: what became of the question is said. */
void screen_set_value(struct screen *screen, const struct value *value, enum set_how how);
/* A digit as the rank of the next option, as on Argilla's page; false = of no ranking. */
bool screen_rank_next(struct screen *screen, int digit);
/* The text in the user's $EDITOR; take gets what became of it, NULL = it is lost. */
void screen_edit(struct screen *screen, const struct editbuf *edit,
                 void (*take)(struct screen *screen, const char *text, size_t len));
/* Zeros when there is none. */
struct id screen_shown_record(const struct screen *screen);
/* What is being written is kept when the screen is freed. */
void screen_quit(struct screen *screen);

/* events.c, the dispatcher */
/* The record that is shown and the questions of the dataset may have become others at any
 * moment: what is being typed ends here, and only here. */
void events_follow(struct screen *screen);

/* In each room: NAME_run does an action that is its own (else false), NAME_key takes a
 * key in its mode and hands back the action that it asks the dispatcher for. */

/* browse.c: reading, moving, copying */
bool browse_run(struct screen *screen, enum action action);
enum action browse_key(struct screen *screen, struct key key);

/* form.c: ratings, labels, rankings and texts */
bool form_run(struct screen *screen, enum action action);
enum action form_key(struct screen *screen, struct key key);
void form_paste(struct screen *screen, const struct event *event);
void form_digit(struct screen *screen, int digit);
/* A click on a question; true when one of its choices may be taken now. */
bool form_click(struct screen *screen, size_t question);
/* :rate and :choose */
void form_rate(struct screen *screen, long long rating);
void form_choose_text(struct screen *screen, const char *text);
/* Into the text that is being written, at the cursor; else at the end of the feedback,
 * which is closed again. */
void form_insert(struct screen *screen, const char *text);
/* A new record: the focus on its first question. */
void form_start_record(struct screen *screen);
/* The dataset may have come with other questions: follows the one that is being written,
 * or ends that and keeps the text for the next box. */
void form_follow(struct screen *screen);
void form_forget_questions(struct screen *screen); /* at the end */
void form_leave(struct screen *screen); /* ends typing; in other modes nothing */

/* No second digit has come: what its first one chose is submitted, where a key does so.
 */
void form_end_number(void *screen);
/* The choice of the question in focus, by its place; again takes it back. */
void form_choose(struct screen *screen, size_t choice);

/* span.c and choose.c: questions.h */

/* compare.c */
bool compare_run(struct screen *screen, enum action action);
enum action compare_key(struct screen *screen, struct key key);
/* Ends it when another record took the place of those that are compared. */
void compare_follow(struct screen *screen);

/* settings.c: the list of models */
bool models_run(struct screen *screen, enum action action);
enum action models_key(struct screen *screen, struct key key);
/* Rows down, or up. */
void models_move(struct screen *screen, long delta);
void models_paste(struct screen *screen, const struct event *event);

/* datasets.c */
bool datasets_run(struct screen *screen, enum action action);
void datasets_enter(struct screen *screen);
enum action datasets_key(struct screen *screen, struct key key);
/* Rows down, or up. */
void datasets_move(struct screen *screen, long delta);
void datasets_paste(struct screen *screen, const struct event *event);
/* :open NAME; true when there is no name: the list is asked for. */
bool datasets_open(struct screen *screen, const char *name);

/* phrases.c */
bool phrases_run(struct screen *screen, enum action action);
void phrases_list_filters(struct screen *screen);
enum action phrases_key(struct screen *screen, struct key key);

/* prompt.c: and a note on the record */
bool prompt_run(struct screen *screen, enum action action);
enum action prompt_key(struct screen *screen, struct key key);
void prompt_paste(struct screen *screen, const struct event *event);
/* The record's note: this text, in the place of what was there; NULL opens its box. */
void note_begin(struct screen *screen, const char *text);
void prompt_keep(struct screen *screen); /* the unsent text, in the store */

/* settings.c */
void settings_enter(struct screen *screen);
enum action settings_key(struct screen *screen, struct key key);
void settings_paste(struct screen *screen, const struct event *event);

/* pages.c */
void page_start(struct screen *screen);
bool page_run(struct screen *screen, enum action action);
enum action page_key(struct screen *screen, struct key key);
/* On the page of people; false = it is none of its keys. */
bool people_key(struct screen *screen, struct key key, enum action action);

/* trace.c */
/* The steps of the record that is shown, as they are now. */
void trace_refresh(struct screen *screen);
/* On its page; false = it is none of its keys. */
bool trace_key(struct screen *screen, struct key key, enum action action);

/* queue.c */
bool queue_run(struct screen *screen, enum action action);
enum action queue_key(struct screen *screen, struct key key);

/* run.c: a file's prompts, while the screen is used */
/* True when there is something to see on its page. */
bool run_begin(struct screen *screen, const char *line);
void run_stop(struct screen *screen);
void run_follow(struct screen *screen); /* tells its end */

/* search.c */
bool search_run(struct screen *screen, enum action action);
enum action search_key(struct screen *screen, struct key key);
void search_paste(struct screen *screen, const struct event *event);
/* :search, :search-server */
void search_command(struct screen *screen, const char *words, bool on_server);

/* command.c: the command line */
enum command_kind {
    COMMAND_NONE, /* an empty line */
    COMMAND_ACTION,
    COMMAND_GOTO,   /* text: a number, or an id */
    COMMAND_FILTER, /* text */
    COMMAND_ORDER,  /* text */
    COMMAND_SAVE,   /* text */
    COMMAND_FILTERS,
    COMMAND_SAMPLING, /* field, text */
    COMMAND_AGENT,    /* text */
    COMMAND_RATE,     /* number */
    COMMAND_CHOOSE,   /* text */
    COMMAND_NOTE,     /* text */
    COMMAND_RUN,      /* text */
    COMMAND_OPEN,     /* text */
    COMMAND_BULK,     /* text */
    COMMAND_MARK,     /* text */
    COMMAND_SEARCH,   /* text */
    COMMAND_SEARCH_SERVER
};

struct command {
    enum command_kind kind;
    enum action action;
    long long number;
    enum sampling_field field;
    const char *text; /* points into the line */
};

void command_enter(struct screen *screen, const char *start);
enum action command_key(struct screen *screen, struct key key);
void command_paste(struct screen *screen, const struct event *event);
/* line: without the ":". */
enum status command_parse(const char *line, struct command *out, struct err *err)
    __attribute__((warn_unused_result));
/* The index-th way to complete line, written as a whole line. False when there are not so
 * many. session: whose names :filter completes; question: whose options :choose
 * completes; NULL = none. */
bool command_complete(const char *line, size_t index, const struct session *session,
                      const struct question *question, char *out, size_t size);

#endif
