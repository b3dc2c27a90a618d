/* SPDX-License-Identifier: MIT
 *
 * sherd - run prompts against an LLM endpoint, rate the answers, log both to Argilla.
 * Arguments, locale, wiring, exit code; nothing else.
 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "main_screen.h"

/* A reader that went away is a failed write, not the end of the program. */
static void ignore_broken_pipes(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
}

/* A file or a socket must not come to stand where standard output was closed. */
static void open_missing_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            _exit(1);
}

int main(int argc, char **argv)
{
    open_missing_streams();
    secret_protect_process();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* "0.7" is a number in every language */
    ignore_broken_pipes();
    struct settings settings;
    settings_init(&settings);
    struct cli_outcome outcome = cli_run(argc, argv, &settings);
    int code = outcome.code;
    if (outcome.next != CLI_EXIT)
        code = main_screen(&settings, outcome.next == CLI_DEMO, outcome.demo_token_ms);
    settings_clear(&settings);
    log_close();
    return code;
}
