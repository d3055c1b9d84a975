/* SPDX-License-Identifier: Apache-2.0 */
/* signals.c: signals as something to poll.
 *
 * Handlers and not SIG_IGN, SIGPIPE included: execve puts handlers back to the default, so that the
 * worker inherits nothing. No SA_RESTART: a write to a stopped pager has to come back. */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static int pipe_fds[2] = {-1, -1};
static volatile sig_atomic_t polled;
static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t ending;
static volatile sig_atomic_t resized;
static volatile sig_atomic_t continued;

/* Async-signal-safe, as all that a handler calls. */
static void die_by(int signal_number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal_number, &action, NULL);
    raise(signal_number);
}

static void note(int signal_number)
{
    int saved_errno = errno;
    if (!polled && (signal_number == SIGINT ? interrupts != 0 : signal_number == ending))
        die_by(signal_number);
    if (signal_number == SIGINT && interrupts < 1000)
        interrupts = interrupts + 1;
    if (signal_number == SIGTERM || signal_number == SIGHUP)
        ending = signal_number;
    if (signal_number == SIGWINCH)
        resized = 1;
    if (signal_number == SIGCONT)
        continued = 1;
    if (signal_number != SIGPIPE) {
        /* A full pipe is readable already, which is all that is wanted. */
        ssize_t ignored = write(pipe_fds[1], "", 1);
        (void)ignored;
    }
    errno = saved_errno;
}

int signals_open(void)
{
    if (pipe_fds[0] >= 0)
        return 0;
    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return errno;
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGWINCH, SIGCONT};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        struct sigaction action;
        if (sigaction(taken[i], NULL, &action) < 0)
            return errno;
        if (action.sa_handler == SIG_IGN && taken[i] != SIGPIPE)
            continue;
        action = (struct sigaction){.sa_handler = note};
        if (sigaction(taken[i], &action, NULL) < 0)
            return errno;
    }
    return 0;
}

int signals_fd(void)
{
    polled = 1;
    return pipe_fds[0];
}

void signals_drain(void)
{
    char bytes[64];
    while (read(pipe_fds[0], bytes, sizeof bytes) > 0)
        continue;
}

unsigned signals_interrupts(void)
{
    return (unsigned)interrupts;
}

void signals_forget(void)
{
    interrupts = 0;
}

int signals_ending(void)
{
    return ending;
}

bool signals_stop(void)
{
    return interrupts != 0 || ending != 0;
}

bool signals_resized(void)
{
    bool was = resized != 0;
    resized = 0;
    return was;
}

bool signals_continued(void)
{
    bool was = continued != 0;
    continued = 0;
    return was;
}

void signals_die(void)
{
    if (ending != 0)
        die_by(ending);
}
