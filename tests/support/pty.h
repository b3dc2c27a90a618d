/* SPDX-License-Identifier: MIT
 *
 * pty - a program on a terminal of its own, seen through libvterm: for benchmarks and
 * for tests that must see every byte.
 */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pty;

/* Where no pseudo-terminal can be had (a bare chroot): says in TAP that all is skipped.
 */
bool pty_is_missing(void);

/* Runs argv[0] (PATH is searched) on a rows × cols terminal, TERM=xterm-256color. NULL
 * when it cannot. */
struct pty *pty_start(char *const argv[], int rows, int cols);
/* Kills what still runs and frees. */
void pty_free(struct pty *pty);
pid_t pty_pid(const struct pty *pty);

void pty_write(struct pty *pty, const char *bytes, size_t len);
/* Reads what comes within timeout_ms; false at the end of the program's output. */
bool pty_read(struct pty *pty, int timeout_ms);
/* Reads until a row holds text (or, with is_gone, none does); false after timeout_ms. */
bool pty_wait(struct pty *pty, const char *text, bool is_gone, int timeout_ms);
/* One row as UTF-8, trailing blanks cut. Borrowed until the next call. */
const char *pty_row(struct pty *pty, int row);
bool pty_shows(struct pty *pty, const char *text);
/* Every byte the program wrote since the start or the last pty_forget. */
const char *pty_bytes(const struct pty *pty, size_t *len);
void pty_forget(struct pty *pty);
/* Waits for its end (15 s at most); the exit status as in a shell, -1 = still running. */
int pty_end(struct pty *pty);

int64_t pty_now_us(void);

/* For benchmarks: the number behind "Prompt #", -1 = none is shown; the end of a program
 * that does not do what it should, with its screen (NULL = none); the order of times. */
long pty_prompt(struct pty *pty);
_Noreturn void pty_give_up(struct pty *pty, const char *what);
int pty_by_time(const void *a, const void *b);

#endif
