/* SPDX-License-Identifier: Apache-2.0 */
/* command.c: running another program to its end, within a time.
 *
 * A thread of our own stands still beside the program (see spawn.c), so that the calling thread is free
 * to read, to watch the clock, and to take the host's signals. */
#include "host/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/own.h"

enum { COMMAND_STEP_MS = 50, COMMAND_READ_BYTES = 65536 };

struct running {
    const struct command *command;
    struct command_end *end;
    struct spawn_image image;
    struct spawn_kept kept;
    struct buf complaint;
    int out_fd, complaint_fd, done_fd;
    int fault; /* written by the thread */
};

static void *run(void *argument)
{
    struct running *running = argument;
    running->fault = spawn_and_keep(&running->image, &running->kept);
    eventfd_write(running->done_fd, 1);
    return NULL;
}

static int start(struct running *running, pthread_t *thread)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int fault = pthread_create(thread, NULL, run, running);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fault;
}

static void stop(struct running *running, enum command_ending why)
{
    if (running->end->ending == COMMAND_ENDED)
        running->end->ending = why;
    spawn_stop(&running->kept);
}

/* Only the end of what is written to descriptor 2 is kept: that is where the reason stands. */
static void take_complaint(struct buf *complaint, const char *data, size_t length)
{
    if (length > COMMAND_COMPLAINT_BYTES) {
        data += length - COMMAND_COMPLAINT_BYTES;
        length = COMMAND_COMPLAINT_BYTES;
    }
    if (complaint->length + length > COMMAND_COMPLAINT_BYTES)
        buf_consume(complaint, complaint->length + length - COMMAND_COMPLAINT_BYTES);
    buf_append(complaint, data, length);
}

/* Reads what is there from a pipe that does not block; closes it at its end. */
static void drain(struct running *running, int *fd)
{
    char data[COMMAND_READ_BYTES];
    ssize_t got;
    while (*fd >= 0 && (got = read(*fd, data, sizeof data)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got < 0)
            break;
        if (fd == &running->complaint_fd)
            take_complaint(&running->complaint, data, (size_t)got);
        else if (running->command->output &&
                 !buf_append(running->command->output, data, (size_t)got))
            stop(running, COMMAND_TOO_MUCH);
    }
    own_close(fd);
}

/* Until the thread says that all is over, which it does soon after a stop. */
static void attend(struct running *running)
{
    const struct command *command = running->command;
    bool over = false, stopped = false;
    while (!over) {
        struct pollfd sources[] = {{running->done_fd, POLLIN, 0},
                                   {running->out_fd, POLLIN, 0},
                                   {running->complaint_fd, POLLIN, 0}};
        uint64_t now_ns = clock_now_ns();
        int wait_ms = stopped ? -1 : clock_poll_ms(command->deadline_ns, now_ns);
        if (!stopped && command->goes_on && (wait_ms < 0 || wait_ms > COMMAND_STEP_MS))
            wait_ms = COMMAND_STEP_MS;
        if (poll(sources, 3, wait_ms) < 0 && errno != EINTR)
            stop(running, COMMAND_STOPPED);
        over = sources[0].revents != 0;
        drain(running, &running->out_fd);
        drain(running, &running->complaint_fd);
        if (over || stopped)
            continue;
        if (clock_now_ns() >= command->deadline_ns)
            stop(running, COMMAND_TIMEOUT);
        else if (command->goes_on && !command->goes_on(command->user))
            stop(running, COMMAND_STOPPED);
        stopped = running->end->ending != COMMAND_ENDED;
    }
}

int command_run(const struct command *command, struct command_end *out)
{
    int outs[2], complaints[2];
    *out = (struct command_end){0};
    if (pipe2(outs, O_CLOEXEC) != 0)
        return errno;
    OWN_FD int out_end = outs[1];
    struct running running = {.command = command,
                              .end = out,
                              .image = command->image,
                              .kept = SPAWN_KEPT_INIT,
                              .out_fd = outs[0],
                              .complaint_fd = -1,
                              .done_fd = eventfd(0, EFD_CLOEXEC)};
    int fault = running.done_fd < 0 || pipe2(complaints, O_CLOEXEC) != 0 ? errno : 0;
    pthread_t thread;
    if (!fault) {
        OWN_FD int complaint_end = complaints[1];
        running.complaint_fd = complaints[0];
        running.image.fds[1] = out_end;
        running.image.fds[2] = complaint_end;
        fcntl(running.out_fd, F_SETFL, O_NONBLOCK);
        fcntl(running.complaint_fd, F_SETFL, O_NONBLOCK);
        fault = start(&running, &thread);
        if (!fault) {
            attend(&running);
            pthread_join(thread, NULL);
            fault = running.fault == ECANCELED ? 0 : running.fault;
        }
    }
    own_close(&running.out_fd);
    own_close(&running.complaint_fd);
    own_close(&running.done_fd);
    own_close(&running.kept.keeper_fd);
    out->status = running.kept.status;
    if (running.complaint.length)
        memcpy(out->complaint, running.complaint.data, running.complaint.length);
    buf_free(&running.complaint);
    return fault;
}
