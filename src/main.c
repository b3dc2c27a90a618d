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

int main(int argc, char **argv)
{
    /* a file or a socket must not come to stand where standard output was closed */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return 1;
    secret_protect_process();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* "0.7" is a number in every language */
    /* a reader that went away is a failed write, not the end of the program */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
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
