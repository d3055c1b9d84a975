/* SPDX-License-Identifier: Apache-2.0 */
/* process.c: the end of a sandbox's process. */
#include "host/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "host/door.h"

void process_init(struct process *process)
{
    *process = (struct process){.pidfd = -1};
    channel_init(&process->channel, -1, WIRE_SANDBOX);
}

void process_kill(const struct process *process)
{
    if (process->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
}

bool process_is_dead(const struct process *process)
{
    struct pollfd ended = {process->pidfd, POLLIN, 0};
    return process->pidfd < 0 || poll(&ended, 1, 0) > 0;
}

/* A process of which there is no descriptor ends by itself when its channel does. */
static bool await_undescribed(struct process *process, struct template *template, int *status)
{
    enum { TRY_EVERY_US = 2000 };
    own_close(&process->channel.fd);
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_REAP_TIMEOUT_MS);
    bool known;
    while (!(known = template_reap(template, process->generation, process->pid, process->birth, status)) &&
           template_is_running(template) && clock_now_ns() < deadline_ns)
        usleep(TRY_EVERY_US);
    return known;
}

bool process_bury(struct process *process, struct template *template, int *status)
{
    if (process->pid <= 0)
        return false;
    if (process->pidfd < 0)
        return await_undescribed(process, template, status);
    struct pollfd ended = {process->pidfd, POLLIN, 0};
    if (poll(&ended, 1, 0) <= 0) {
        process_kill(process);
        uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_REAP_TIMEOUT_MS);
        while (poll(&ended, 1, clock_poll_ms(deadline_ns, clock_now_ns())) < 0 && errno == EINTR)
            continue;
    }
    return template_reap(template, process->generation, process->pid, process->birth, status);
}

void process_forget(struct process *process, struct template *template)
{
    if (process->pid > 0)
        template_forget(template, process->generation, process->pid, process->birth);
    process_close(process);
    process_init(process);
}

void process_close(struct process *process)
{
    own_close(&process->channel.fd);
    channel_free(&process->channel);
    own_close(&process->pidfd);
    door_release(process->door);
    process->door = NULL;
    process->pid = 0;
}
