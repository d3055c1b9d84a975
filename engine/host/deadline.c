/* SPDX-License-Identifier: Apache-2.0 */
/* deadline.c: when an execution is interrupted, and when it is killed.
 *
 * At a limit, or when the host cancels, Python code is interrupted; what has not yielded after the
 * grace limit is killed. CPU time is read from the kernel's clock of the process, not asked of it. */
#include "host/deadline.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

static uint64_t cpu_now_ns(const clutch_execution *execution)
{
    struct timespec used;
    if (clock_gettime(execution->cpu_clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

/* When the clock of the process may reach the limit at the earliest: all processors are its own. */
static void plan_cpu_check(clutch_execution *execution, uint64_t now_ns)
{
    uint64_t limit_ns = execution->limits.cpu_ms * CLOCK_MS;
    uint64_t used_ns = cpu_now_ns(execution) - execution->cpu_before_ns;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t left_ns = used_ns < limit_ns ? limit_ns - used_ns : 0;
    execution->cpu_used_ns = used_ns;
    execution->cpu_check_at_ns =
        now_ns + left_ns / (uint64_t)(processors > 0 ? processors : 1) + CLOCK_MS;
}

void deadline_plan(clutch_execution *execution, uint64_t now_ns)
{
    execution->wall_at_ns = execution->limits.wall_ms == CLUTCH_UNLIMITED
                                ? CLOCK_NEVER
                                : clock_after_ms(now_ns, execution->limits.wall_ms);
    execution->kill_at_ns = execution->cpu_check_at_ns = CLOCK_NEVER;
    if (execution->limits.cpu_ms < CLUTCH_UNLIMITED / CLOCK_MS &&
        clock_getcpuclockid(execution->sandbox->process.pid, &execution->cpu_clock) == 0) {
        execution->cpu_before_ns = cpu_now_ns(execution);
        plan_cpu_check(execution, now_ns);
    }
}

uint64_t deadline_next_ns(const clutch_execution *execution)
{
    uint64_t next_ns = execution->kill_at_ns;
    if (execution->cause == CAUSE_NONE) {
        if (execution->wall_at_ns < next_ns)
            next_ns = execution->wall_at_ns;
        if (execution->cpu_check_at_ns < next_ns)
            next_ns = execution->cpu_check_at_ns;
    }
    return next_ns;
}

void deadline_set_timer(const clutch_sandbox *sandbox, uint64_t at_ns)
{
    struct itimerspec when = {0};
    if (at_ns != CLOCK_NEVER) {
        at_ns = at_ns ? at_ns : 1;
        when.it_value.tv_sec = (time_t)(at_ns / 1000000000u);
        when.it_value.tv_nsec = (long)(at_ns % 1000000000u);
    }
    timerfd_settime(sandbox->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void deadline_calm(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    if (!sandbox->current)
        deadline_set_timer(sandbox, CLOCK_NEVER);
    pthread_mutex_unlock(&sandbox->lock);
}

void deadline_rearm(const clutch_execution *execution)
{
    deadline_set_timer(execution->sandbox, deadline_next_ns(execution));
    if (execution->cause == CAUSE_NONE && atomic_load(&execution->cancel_asked))
        deadline_set_timer(execution->sandbox, 1);
}

/* ---- Interrupting ---- */

/* The attendant thread of the sandbox raises KeyboardInterrupt when it gets this signal; the value
 * says in which execution. */
static void send_interrupt(const clutch_execution *execution)
{
    siginfo_t about = {.si_signo = WIRE_CANCEL_SIGNAL, .si_code = SI_QUEUE};
    about.si_value.sival_int = (int)(uint32_t)execution->serial;
    about.si_pid = getpid();
    about.si_uid = getuid();
    syscall(SYS_pidfd_send_signal, execution->sandbox->process.pidfd, WIRE_CANCEL_SIGNAL, &about, 0);
}

static void interrupt(clutch_execution *execution, enum cause cause, uint64_t now_ns)
{
    execution->cause = cause;
    execution->kill_at_ns = clock_after_ms(now_ns, execution->limits.grace_ms);
    send_interrupt(execution);
}

void deadline_watch(clutch_execution *execution)
{
    uint64_t now_ns = clock_now_ns();
    if (execution->cause == CAUSE_NONE) {
        if (atomic_load(&execution->cancel_asked)) {
            interrupt(execution, CAUSE_CANCEL, now_ns);
        } else if (now_ns >= execution->wall_at_ns) {
            interrupt(execution, CAUSE_WALL, now_ns);
        } else if (now_ns >= execution->cpu_check_at_ns) {
            plan_cpu_check(execution, now_ns);
            if (execution->cpu_used_ns >= execution->limits.cpu_ms * CLOCK_MS)
                interrupt(execution, CAUSE_CPU, now_ns);
        }
    } else if (now_ns >= execution->kill_at_ns) {
        execution->killed = true;
        execution->kill_at_ns = CLOCK_NEVER;
        sandbox_kill(execution->sandbox);
    }
}
