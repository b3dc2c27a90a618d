/* SPDX-License-Identifier: MIT
 *
 * app - what a key or a command does, with or without a screen. The only place that
 * starts I/O.
 *
 * One app = one open dataset in one store, perhaps mirrored on one server. Functions
 * return at once; results show in the session, and changed() is called (at most once a
 * loop turn is enough for a painter). Command lines use app_settle to wait.
 *
 * The rooms that all need stand below; respond (rating, text, submit), ask (prompts,
 * answers that stream), batch (many prompts) and others have a header of their own.
 */
#ifndef APP_APP_H
#define APP_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/session.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "config/settings.h"

struct app;

struct app_options {
    struct loop *loop;
    const struct clock *clock; /* NULL = the machine's */
    struct settings
        *settings;         /* kept, must outlive the app; resolved endpoint and server */
    bool is_demo;          /* starts the built-in endpoint and a throw-away store */
    int64_t demo_token_ms; /* -1 = default */
    bool loads_queue;      /* a screen: load every row; command lines need not */
    bool connects;         /* contact the server (if any) by itself */
    bool only_known;       /* a dataset that neither store nor server has is not made
                            * before app_make_dataset, or a prompt is asked */
    int64_t dataset_row;   /* of the store, where it is known; 0 = the configured one */
    bool chooses;          /* the dataset named review (NULL = to be chosen from a list),
                            * as app_take_named finds it: the session may be choosing */
    const char *review;
    const char *record;    /* to open on, as app_goto has it; NULL = where one was */
    const char *store_vfs; /* NULL = SQLite's own; for fault tests */
};

/* Opens the store and the dataset (creating it locally when there is no server, or when
 * it is not known yet: a server's is then opened as soon as it answers). No network
 * before it returns. */
enum status app_open(struct app **out, const struct app_options *options, struct err *err)
    __attribute__((warn_unused_result));
/* Into the store, where the session's dataset is only named so far. */
enum status app_make_dataset(struct app *app, struct err *err);
/* Stops streams (their text is kept as cut off, finish reason "quit") and makes all
 * durable. err says what is not on disk. Only app_close may follow. */
enum status app_finish(struct app *app, struct err *err);
/* Finishes and closes. */
void app_close(struct app *app);
/* Runs the loop until nothing is under way: streams ended, changes on disk, the outbox
 * empty or waiting or stopped. A store that another program holds is waited for, a minute
 * at most. stop (may be NULL) ends it early when it becomes true. */
void app_settle(struct app *app, const volatile bool *stop);

const struct session *app_session(const struct app *app);
struct store *app_store(struct app *app);
struct loop *app_loop(struct app *app);
void app_on_change(struct app *app, loop_fn changed, void *ctx);
/* Shows a sentence in the notice line for three seconds (errors: fifteen, or until
 * app_dismiss_notice). */
void app_notify(struct app *app, enum notice_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A key was pressed: what stands there has been seen. */
void app_dismiss_notice(struct app *app);

/* The unsent prompt is kept between sessions; put away says so, once it is on disk. Each
 * process has its own; one without takes over what an ended one has left, newest first,
 * and says how many more there are. */
bool app_keep_prompt(struct app *app, const char *text); /* false: not yet written */
void app_put_prompt_away(struct app *app, const char *text);
char *app_kept_prompt(struct app *app); /* or ""; owned */
/* Former prompts, newest first. Owned by app; valid until the next call. */
char *const *app_former_prompts(struct app *app, size_t *count);
/* What was typed as commands or searches, newest first, kept between sessions. */
enum lines_kind { LINES_COMMANDS, LINES_SEARCHES };
void app_keep_line(struct app *app, enum lines_kind kind, const char *text);
char *const *app_former_lines(struct app *app, enum lines_kind kind, size_t *count);

/* ---- navigate: moving through the queue; with a filter, one stays in what it shows ----
 */

/* False (with a notice) at the ends. */
bool app_go(struct app *app, size_t index);
bool app_go_next(struct app *app);
bool app_go_previous(struct app *app);
/* Whether this person decides between the answers of others, and so sees them before ours
 * is given. */
void app_decide(struct app *app, bool is_on);
/* What is answered to the current record was chosen so. */
void app_mark_decided(struct app *app);
/* Where one goes after an answer: the next open one; while one decides, the next that
 * several others have answered and we have not, also where that is enough. */
size_t app_next_to_answer(const struct app *app);
bool app_go_next_open(struct app *app);
/* The first line of a queue row's prompt, from a small cache. Never NULL. */
const char *app_snippet(struct app *app, size_t index);

/* ---- server: connecting, adopting the server's dataset or creating one, sending and
 * reading ---- */

/* Whether the key could add records to that workspace when it was used last. */
bool app_may_log(struct store *store, const char *url, const char *workspace);
void app_connect(struct app *app);
/* Creates the session's dataset, with its fields and questions, on the server (after
 * dataset_missing). */
void app_create_dataset(struct app *app);
/* Sends what is unsent now, the refused too; a screen also looks at the dataset anew
 * (guidelines, questions, whether it is still there) and for new records. */
void app_sync(struct app *app);
/* Reads what is new on the server into the store (a screen does it by itself). */
void app_pull(struct app *app);
/* Writes into the session why nothing goes to a server and what one can do, and says it
 * where it is news. */
void app_say_alone(struct app *app);
/* Lists in the session what the server has not confirmed, and why. */
void app_list_unsent(struct app *app);
/* Asks for the session's progress, where the server tells it; as often as one likes. */
void app_ask_progress(struct app *app);
/* The same at once, and what others have answered anew. */
void app_read_people(struct app *app);
/* Moves the local dataset of the same name to the server: what it holds is sent. False
 * when there is none, or no server, or a request is under way. */
bool app_link_local(struct app *app);

/* ---- compare: answers to one prompt, one after the other, and two to four beside each
 * other without names and shuffled. The order comes from the ids in the store: it is the
 * same after a restart, and is kept with the choice ---- */

/* Shows the next (step 1) or former (-1) answer to the current record's prompt, round and
 * round, whatever the filter shows. False, with a notice, when there is no other. */
bool app_go_candidate(struct app *app, int step);
/* Opens session.comparison about the current record. With more than PICK_MAX answers
 * nothing is shown until app_compare_marked. False, with a notice, when there is only
 * one. */
bool app_compare(struct app *app);
void app_mark_candidate(struct app *app, size_t index); /* or takes the mark away */
/* Shows those that are marked; false, with a notice, unless they are 2 to PICK_MAX. */
bool app_compare_marked(struct app *app);
/* The chosen-th as shown is better (-1: they are alike), by strength (0 = not said):
 * kept, and the names may be shown. False, with a notice, when it was not kept. */
bool app_pick(struct app *app, int chosen, int strength);
void app_end_comparison(struct app *app);

/* ---- datasets: which there are, in the store and on the configured servers, with what
 * is answered of each. Going over to another ends this app: session.datasets.next_row
 * names the one that the next app is opened with (app_options.dataset_row) ---- */

/* Into session.datasets: what the store has at once, what the servers have when they
 * answer. */
void app_list_datasets(struct app *app);
/* While it is shown: what other processes made, changed or took out meanwhile. */
void app_follow_datasets(struct app *app);
/* Goes over to one of session.datasets; one that the store lacks is read first. False
 * when it is the one that is open. */
bool app_take_dataset(struct app *app, size_t choice);
/* Goes over to the dataset of that name: NAME, WORKSPACE/NAME, either with @SERVER (its
 * name in the configuration, its host or URL, "local"), or the server's id (eight
 * letters of its start will do). False: the store does not have it; the servers are asked
 * and it is gone over to when one of them has it. */
bool app_take_named(struct app *app, const char *name);
/* For app_open.c. The row of the dataset that the store has by that name (NULL = any), of
 * several the one with that record (NULL), on the server that --server names. 0: there is
 * none, or nothing says which: the session is choosing then. */
int64_t datasets_choose(struct app *app, const char *name, const char *record);
void datasets_close(struct app *app);

/* ---- place: where a record stands: its number, and the command and the address that
 * lead to it ---- */

/* Shows the record of that name: its number as the queue counts, or an id as
 * store_find_record takes it. One that was not read yet is waited for while the server's
 * records come; that it is nowhere is said. False: it is not shown (yet). */
bool app_goto(struct app *app, const char *name);
/* "sherd review team/news --record 3f2a9c1e-88d1", to be pasted: anybody's sherd that
 * knows the server opens it. */
void place_command(const struct session *session, struct buf *out);
/* Looks where Argilla's page has the current record, for place_address: Argilla 1.x tells
 * records in no order. */
void place_count(struct app *app);
/* The current record's address in Argilla's page, which shows records by their place
 * among those of one status: as it is here. False when no server has it. */
bool place_address(const struct session *session, struct buf *out);
/* Opens it in $BROWSER, or with xdg-open on a desktop; false where there is none. */
bool place_browse(struct app *app, const char *address);
/* The dataset of the record of that name (an id, or the number of one in the queue); 0 =
 * the store has none. */
int64_t place_home(struct app *app, const char *name, bool may_be_number);
/* Known by an address that is configured no more, or is not the one asked for by its
 * address: whether the chosen server has it too its list tells, by the id. */
bool place_is_elsewhere(const struct app *app, const struct dataset *dataset);
/* Whether the dataset is meant: NAME, WORKSPACE/NAME, either with @SERVER behind it (a
 * name of the configuration, a host, an address, "local") and, of one that is gone,
 * @gone; or what dataset_where writes. The one way to name a dataset, on screen and
 * commands. */
bool place_is_called(const struct settings *settings, const struct dataset *dataset,
                     const char *given);
/* Whether the address ("" = the store alone) is what such a SERVER, of len bytes, names.
 */
bool place_is_server(const struct settings *settings, const char *url, const char *name,
                     size_t len);
/* Says in which other dataset it is; false when it is in none. */
bool place_say_home(struct app *app, const char *name);
/* For app_open.c: records came, perhaps the one that is waited for. */
void place_look_again(struct app *app);

/* ---- stats: the open dataset's, for a page that follows the answers; and as text for
 * anybody who has some ---- */

/* While shown, session.stats is there soon and follows, whoever answers; the loop never
 * waits for it. Asked for as often as one likes. */
void app_show_stats(struct app *app, bool is_shown);
/* How a record is called, by its row: "#12", or the start of its id. */
enum { STATS_LABEL = 14 };
typedef void (*stats_label_fn)(void *ctx, int64_t row, char *out, size_t size);
struct stats_page {
    const struct stats *stats;
    int columns;     /* that a line may take */
    bool is_plain;   /* words instead of bars */
    const char *you; /* our name; "" = not known */
    stats_label_fn label;
    void *ctx;
};
/* Safe to show. */
void stats_write(const struct stats_page *page, struct buf *out);

#endif
