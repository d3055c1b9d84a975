/* SPDX-License-Identifier: Apache-2.0 */
/* door.c: the listener by which a sandbox's process can be copied. */
#include "host/door.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/door.h"

/* Newer than Debian 12's headers. */
#define KERNEL_NOTIF_SET_FLAGS SECCOMP_IOW(4, uint64_t)
#define KERNEL_NOTIF_SYNC_WAKE_UP 1ul

struct door {
    int fd;
    _Atomic unsigned references;
    pthread_mutex_t lock;
};

/* Who calls waits for our answer and we for its next call: on one processor they do so sooner. */
static void take_turns(const struct door *door, bool on)
{
    ioctl(door->fd, KERNEL_NOTIF_SET_FLAGS, on ? KERNEL_NOTIF_SYNC_WAKE_UP : 0);
}

struct door *door_new(int fd)
{
    struct door *door = calloc(1, sizeof *door);
    if (!door) {
        close(fd);
        return NULL;
    }
    door->fd = fd;
    door->references = 1;
    take_turns(door, true);
    pthread_mutex_init(&door->lock, NULL);
    return door;
}

struct door *door_retain(struct door *door)
{
    door->references++;
    return door;
}

unsigned door_references(const struct door *door)
{
    return door->references;
}

void door_release(struct door *door)
{
    if (!door || --door->references > 0)
        return;
    close(door->fd);
    pthread_mutex_destroy(&door->lock);
    free(door);
}

bool door_lock(struct door *door, uint64_t deadline_ns)
{
    struct timespec until = {(time_t)(deadline_ns / 1000000000u), (long)(deadline_ns % 1000000000u)};
    return pthread_mutex_clocklock(&door->lock, CLOCK_MONOTONIC, &until) == 0;
}

void door_unlock(struct door *door)
{
    pthread_mutex_unlock(&door->lock);
}

int door_fd(const struct door *door)
{
    return door->fd;
}

bool door_hear(struct door *door, struct door_call *out)
{
    struct pollfd waiting = {door->fd, POLLIN, 0};
    struct seccomp_notif call;
    do {
        if (poll(&waiting, 1, 0) <= 0 || !(waiting.revents & POLLIN))
            return false;
        memset(&call, 0, sizeof call);
    } while (ioctl(door->fd, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0 && (errno == EINTR || errno == ENOENT));
    if (call.id == 0 && call.pid == 0)
        return false;
    *out = (struct door_call){.id = call.id, .pid = (pid_t)call.pid,
                              .number = call.data.args[DOOR_NUMBER]};
    if (call.data.nr == SYS_clone)
        out->flags = (uint32_t)call.data.args[DOOR_FLAGS]; /* the filter has looked at the rest */
    return true;
}

bool door_waits(struct door *door, const struct door_call *call)
{
    uint64_t id = call->id;
    return ioctl(door->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static bool answer(struct door *door, const struct door_call *call, int error, uint32_t flags)
{
    struct seccomp_notif_resp response = {.id = call->id, .error = -error, .flags = flags};
    return ioctl(door->fd, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

bool door_let_pass(struct door *door, const struct door_call *call)
{
    return answer(door, call, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

bool door_let_go(struct door *door, const struct door_call *call)
{
    take_turns(door, false);
    bool passed = door_let_pass(door, call);
    take_turns(door, true);
    return passed;
}

bool door_refuse(struct door *door, const struct door_call *call)
{
    return answer(door, call, EPERM, 0);
}

bool door_hand(struct door *door, const struct door_call *call, int fd)
{
    struct seccomp_notif_addfd handed = {
        .id = call->id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd};
    return ioctl(door->fd, SECCOMP_IOCTL_NOTIF_ADDFD, &handed) >= 0;
}
