/* SPDX-License-Identifier: MIT
 *
 * err - why something failed: a code for the program, a sentence for the user.
 *
 * Fallible functions return enum status and take a struct err last. The first
 * err_set on a struct wins, so the reason nearest to the fault is kept.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum status {
    STATUS_OK = 0,
    STATUS_CANCELLED,
    STATUS_NOT_FOUND,
    STATUS_EXISTS,
    STATUS_CONFLICT, /* it is not any more what the caller saw; look again */
    STATUS_IO,       /* disk, file, terminal */
    STATUS_NETWORK,  /* no connection, or it broke */
    STATUS_TIMEOUT,
    STATUS_AUTH,     /* 401, 403, no key */
    STATUS_PROTOCOL, /* the other side sent what we cannot read */
    STATUS_REFUSED,  /* the other side understood and said no (409, 422, 400) */
    STATUS_BUSY,     /* 429, 5xx: try again later */
    STATUS_FULL,     /* a cap of ours, or the disk */
    STATUS_USAGE,    /* bad argument */
    STATUS_CONFIG    /* bad or missing configuration */
};

struct err {
    enum status code;
    char text[512]; /* one sentence or more, no newline, already safe to show */
};

/* Fills err unless it is NULL or already set. Returns code. The sentence goes through
 * sanitise here: what stands in it may be from anywhere. A long name is the caller's to
 * cut, or the sentence's end is lost. */
enum status err_set(struct err *err, enum status code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "what: " in front of the text. Does nothing on an empty or NULL err. */
void err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes err empty again. */
void err_clear(struct err *err);

#endif
