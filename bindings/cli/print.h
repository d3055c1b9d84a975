/* SPDX-License-Identifier: Apache-2.0 */
/* print.h: everything that the command writes, and the exit statuses that go with it.
 *
 * Standard output carries only what was asked for; whatever the command itself has to say is a
 * line on standard error that begins with "clutch: ". Bytes are collected and written at
 * print_flush, in the order of the calls across both streams. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "clutch.h"

/* Scripts rely on these. */
enum status {
    STATUS_FINE = 0,
    STATUS_FAILED = 1, /* an execution failed, or nobody reads standard output any more */
    STATUS_USAGE = 2,
    STATUS_ENGINE = 3, /* clutch itself could not do its work */
};

void print_bytes(int fd, const char *bytes, size_t length);
void print_text(int fd, const char *text);

/* The text and a newline; no second newline when it ends with one. */
void print_line(int fd, const char *text);

/* One element of the output on the stream that it was printed to, and a newline. */
void print_element(const clutch_output *element, void *unused);

/* "clutch: " and the message, as one line on standard error. */
void print_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

void print_flush(void);

/* The errno with which writing to standard output failed first, or 0. Nothing more is written to it
 * then. EPIPE: the reader has gone, which is no failure of ours. */
int print_stdout_errno(void);

/* Flushes, and returns the status that replaces the one given when standard output failed; the
 * reason is on standard error unless it was EPIPE. */
int print_finish(int status);

#endif
