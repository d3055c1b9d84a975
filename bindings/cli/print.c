/* SPDX-License-Identifier: Apache-2.0 */
/* print.c: everything that the command writes.
 *
 * An execution can print hundreds of thousands of elements in a second, so they are collected
 * here and written whenever the library has handed over what it had. */
#include "print.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"

static char pending[64 * 1024];
static size_t pending_length;
static int pending_fd = STDOUT_FILENO;
static int stdout_errno;

/* Writes all of it; returns 0 or an errno. A reader that has stopped reading, such as a pager,
 * holds this up: a second Ctrl-C or a signal to end gets out of it. */
static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd writable = {.fd = fd, .events = POLLOUT};
            (void)poll(&writable, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return errno;
        }
        if (length > 0 && (signals_interrupts() > 1 || signals_ending() != 0))
            return EINTR;
    }
    return 0;
}

void print_flush(void)
{
    if (pending_length == 0)
        return;
    size_t length = pending_length;
    pending_length = 0;
    if (pending_fd == STDOUT_FILENO && stdout_errno != 0)
        return;
    int failure = write_all(pending_fd, pending, length);
    if (pending_fd == STDOUT_FILENO)
        stdout_errno = failure;
}

void print_bytes(int fd, const char *bytes, size_t length)
{
    if (fd != pending_fd)
        print_flush();
    pending_fd = fd;
    while (length > 0) {
        if (pending_length == sizeof pending)
            print_flush();
        size_t part = sizeof pending - pending_length;
        if (part > length)
            part = length;
        memcpy(pending + pending_length, bytes, part);
        pending_length += part;
        bytes += part;
        length -= part;
    }
}

void print_text(int fd, const char *text)
{
    print_bytes(fd, text, strlen(text));
}

void print_line(int fd, const char *text)
{
    size_t length = strlen(text);
    print_bytes(fd, text, length);
    if (length == 0 || text[length - 1] != '\n')
        print_bytes(fd, "\n", 1);
}

void print_element(const clutch_output *element, void *unused)
{
    (void)unused;
    int fd = element->stream == CLUTCH_STDERR ? STDERR_FILENO : STDOUT_FILENO;
    print_bytes(fd, element->text, element->length);
    print_bytes(fd, "\n", 1);
}

void print_notice(const char *format, ...)
{
    char message[2048];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    print_text(STDERR_FILENO, "clutch: ");
    print_text(STDERR_FILENO, message);
    print_text(STDERR_FILENO, "\n");
    print_flush();
}

int print_stdout_errno(void)
{
    return stdout_errno;
}

int print_finish(int status)
{
    print_flush();
    if (stdout_errno == 0)
        return status;
    if (stdout_errno == EPIPE || stdout_errno == EINTR)
        return status == STATUS_FINE ? STATUS_FAILED : status;
    print_notice("standard output: %s", strerror(stdout_errno));
    return STATUS_ENGINE;
}
