/* SPDX-License-Identifier: MIT
 *
 * sherd - run prompts against an LLM endpoint, rate the answers, log both to Argilla.
 * Arguments, locale, wiring, exit code; nothing else. App, terminal and screen are opened
 * in this order and closed in the other. The first frame is painted before the loop
 * turns: no network comes before it.
 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <unistd.h>

#include "app/app.h"
#include "app/ask.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "term/term.h"
#include "ui/screen.h"

enum { SIGNALS = 3 };

struct stage {
    struct loop *loop;
    struct settings *settings;
    struct app *app;
    struct term *term;
    struct screen *screen;
    struct loop_signal *signals[SIGNALS];
};

static void flush(void *ctx, const struct cells *cells)
{
    struct stage *stage = ctx;
    term_flush(stage->term, cells);
}

static void redraw(void *ctx)
{
    struct stage *stage = ctx;
    term_redraw(stage->term);
}

static bool copy(void *ctx, const char *text, size_t len)
{
    struct stage *stage = ctx;
    return term_copy(stage->term, text, len);
}

static void suspend(void *ctx)
{
    struct stage *stage = ctx;
    term_suspend(stage->term);
}

static void leave(void *ctx)
{
    struct stage *stage = ctx;
    term_leave(stage->term);
}

static void come_back(void *ctx, bool drops_typed)
{
    struct stage *stage = ctx;
    if (drops_typed)
        term_drop_typed(stage->term);
    term_return(stage->term);
}

static void set_title(void *ctx, const char *text)
{
    struct stage *stage = ctx;
    term_title(stage->term, text);
}

static void on_event(void *ctx, const struct event *event)
{
    struct stage *stage = ctx;
    if (stage->screen)
        screen_handle(stage->screen, event);
}

static void on_idle(void *ctx)
{
    struct stage *stage = ctx;
    screen_paint(stage->screen);
}

static void on_signal(void *ctx, int signal_number)
{
    struct stage *stage = ctx;
    const struct session *session = stage->app ? app_session(stage->app) : NULL;
    if (signal_number == SIGINT && session && session->has_current &&
        session_stream(session, &session->current.id)) {
        app_cancel(stage->app); /* the first one stops the answer, the next one sherd */
        return;
    }
    log_line("signal %d: closing", signal_number);
    if (stage->term)
        term_read_rest(stage->term);
    loop_stop(stage->loop);
}

/* What is opened: as the command line says, then as the screen asks. */
struct opening {
    bool is_demo;
    int64_t token_ms; /* of the demo; -1 = its default */
    bool chooses;
    const char *review, *record;
    int64_t row;    /* of the dataset; 0 = as the settings say */
    char left[512]; /* what is to be said of the one that was left; "" = nothing */
};

static enum status open_app(struct stage *stage, const struct opening *opening,
                            struct err *err)
{
    struct app_options options = {.loop = stage->loop,
                                  .settings = stage->settings,
                                  .is_demo = opening->is_demo,
                                  .demo_token_ms = opening->token_ms,
                                  .loads_queue = true,
                                  .connects = true,
                                  .dataset_row = opening->row,
                                  .chooses = opening->chooses,
                                  .review = opening->review,
                                  .record = opening->record};
    return app_open(&stage->app, &options, err);
}

static enum status open_terminal(struct stage *stage, struct err *err)
{
    const struct settings *settings = stage->settings;
    struct term_options options = {.look = {.no_color = settings->colour == COLOUR_NEVER,
                                            .color = settings->colour == COLOUR_ALWAYS,
                                            .light = settings->theme == THEME_LIGHT,
                                            .dark = settings->theme == THEME_DARK,
                                            .ascii = settings->ascii},
                                   .mouse = settings->mouse && !settings->plain};
    return term_open(&stage->term, stage->loop, &options, on_event, stage, err);
}

static void open_screen(struct stage *stage)
{
    struct screen_terminal terminal = {.ctx = stage,
                                       .flush = flush,
                                       .redraw = redraw,
                                       .copy = copy,
                                       .suspend = suspend,
                                       .leave = leave,
                                       .come_back = come_back,
                                       .title = set_title};
    int rows = 0, cols = 0;
    term_size(stage->term, &rows, &cols);
    stage->screen = screen_new(stage->app, stage->settings, &terminal, rows, cols);
    screen_use_runs(stage->screen, run_options_start);
    screen_paint(stage->screen);
    loop_on_idle(stage->loop, on_idle, stage);
}

/* An answer that was submitted and is not any more, and how to get there. */
static void write_left(const struct session *session, char *out, size_t size)
{
    struct buf command = {0};
    char changed[128];
    place_command(session, &command);
    if (session_say_changed(session, changed, sizeof changed))
        snprintf(out, size, "%s; “%s” opens it.", changed, buf_text(&command));
    buf_clear(&command);
}

/* After the screen is gone: what the status line said last. */
static void say_last(const struct stage *stage, const char *left, size_t stopped)
{
    const struct session *session = app_session(stage->app);
    if (*left)
        cli_say("%s", left);
    if (stopped)
        cli_say("%zu %s; what came is kept.", stopped,
                stopped == 1 ? "answer was still being written and was stopped"
                             : "answers were still being written and were stopped");
    size_t unsent = session->sync.outbox.unsent;
    if (session->has_server && unsent)
        cli_say(
            "The server has not confirmed %zu %s yet; “sherd sync” sends what is kept.",
            unsent, unsent == 1 ? "record" : "records");
}

/* One app with its screen, until quit. Then opening is what the user wants to see next:
 * the demo that the first start offers, or another dataset. The terminal stays open for
 * it. */
static enum status run_once(struct stage *stage, struct opening *opening, bool *goes_on,
                            struct err *err)
{
    *goes_on = false;
    if (open_app(stage, opening, err))
        return err->code;
    if (opening->left[0])
        app_notify(stage->app, NOTICE_WARNING, "%s", opening->left);
    if (stage->term || open_terminal(stage, err) == STATUS_OK) {
        open_screen(stage);
        loop_run(stage->loop);
        bool is_chosen = app_session(stage->app)->is_choosing; /* not gone over from */
        *opening = (struct opening){.is_demo = screen_wants_demo(stage->screen),
                                    .token_ms = opening->token_ms,
                                    .record = is_chosen ? opening->record : NULL,
                                    .row = screen_next_dataset(stage->screen)};
        write_left(app_session(stage->app), opening->left, sizeof opening->left);
        *goes_on = opening->is_demo || opening->row;
    }
    loop_on_idle(stage->loop, NULL, NULL);
    screen_free(stage->screen);
    stage->screen = NULL;
    size_t stopped = app_session(stage->app)->stream_count;
    if (!*goes_on) {
        term_close(stage->term);
        stage->term = NULL;
    }
    if (!err->code)
        app_finish(stage->app, err);
    if (!err->code && !*goes_on)
        say_last(stage, opening->left, stopped);
    app_close(stage->app);
    stage->app = NULL;
    return err->code;
}

/* The interactive program: term, screen and app on one loop, until the user quits or a
 * signal ends it. Returns the exit code. */
static int run_screen(struct settings *settings, const struct cli_outcome *outcome)
{
    static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    struct stage stage = {.loop = loop_new(), .settings = settings};
    struct opening opening = {.is_demo = outcome->next == CLI_DEMO,
                              .token_ms = outcome->demo_token_ms,
                              .chooses = outcome->chooses,
                              .review = outcome->review,
                              .record = outcome->record};
    struct err err = {0};
    bool goes_on = true;
    for (size_t i = 0; i < SIGNALS; i++)
        stage.signals[i] = loop_signal_new(stage.loop, numbers[i], on_signal, &stage);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && goes_on)
        status = run_once(&stage, &opening, &goes_on, &err);
    if (stage.term)
        term_close(stage.term);
    for (size_t i = 0; i < SIGNALS; i++)
        loop_signal_free(stage.signals[i]);
    loop_free(stage.loop);
    if (status)
        cli_say("%s", err.text);
    return (int)cli_exit_code(status);
}

int main(int argc, char **argv)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* what sorting a large dataset took goes back */
#endif
    /* a file or a socket must not come to stand where standard output was closed */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return 1;
    secret_protect_process();
    /* "0.7" is a number in every language, and sentences are in one; each of the others
     * is a file, opened before the first frame */
    setlocale(LC_CTYPE, "");
    /* a reader that went away, or a file at its limit, is a failed write, not the end */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    struct settings settings;
    settings_init(&settings);
    struct cli_outcome outcome = cli_run(argc, argv, &settings);
    int code = outcome.code;
    if (outcome.next != CLI_EXIT)
        code = run_screen(&settings, &outcome);
    settings_clear(&settings);
    log_close();
    return code;
}
