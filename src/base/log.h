/* SPDX-License-Identifier: MIT
 *
 * log - a line in the log file, for those who look for a fault later.
 *
 * Never writes to the terminal. A line goes through sanitise; callers never pass a key or
 * a header that holds one.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

/* Opens path for appending, mode 0600. Without it every line is dropped. */
enum status log_open(const char *path, struct err *err);
void log_close(void);
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
