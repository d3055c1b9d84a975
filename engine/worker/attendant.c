/* SPDX-License-Identifier: Apache-2.0 */
/* attendant.c: the sandbox's second thread, which is there while user code keeps the first busy.
 *
 * It empties the pipes behind descriptors 1 and 2, so that C code which fills them does not block
 * for ever; it sends output that was left lying; and it takes the host's cancel signal, which carries
 * the execution's serial number, and interrupts that execution until it ends. It has a Python thread
 * state only for the moments in which it raises an interrupt. */
#include "worker/attendant.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "python/interrupt.h"
#include "wire/message.h"
#include "worker/output.h"

enum {
    ATTENDANT_STACK_BYTES = 256 * 1024,
    ATTENDANT_FLUSH_MS = 1,
    ATTENDANT_WAKE_MS = 10,   /* between two tries to end a blocking call */
    ATTENDANT_EARLY_MS = 1,   /* between two looks for an execution that is cancelled already */
    ATTENDANT_RAISE_MS = 100, /* between two interrupts; code that cleans up has that long */
};

static struct {
    pthread_t thread, user_thread;
    bool runs;                 /* it was started and not stopped; the user thread's */
    _Atomic bool stop_asked;
    int pipes[2];
    int bell;                  /* eventfd */
    _Atomic bool flush_asked;
    volatile sig_atomic_t cancel_low; /* written by the handler, on this thread, and by attendant_forget */
    uint64_t raise_at_ns;
} attendant;

/* The handler runs only inside the attendant's ppoll, where alone the signal is not blocked, and there
 * only when none of its descriptors is ready. */
static void on_cancel(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    attendant.cancel_low = info->si_value.sival_int;
}

/* Takes a cancel that came while there was always something else to do. */
static void take_cancel(void)
{
    sigset_t cancel;
    sigemptyset(&cancel);
    sigaddset(&cancel, WIRE_CANCEL_SIGNAL);
    siginfo_t info;
    const struct timespec at_once = {0, 0};
    while (sigtimedwait(&cancel, &info, &at_once) == WIRE_CANCEL_SIGNAL)
        attendant.cancel_low = info.si_value.sival_int;
}

/* Its arrival ends a blocking system call; see blocking.c. */
static void on_wake(int number)
{
    (void)number;
}

void attendant_flush_soon(void)
{
    if (atomic_exchange(&attendant.flush_asked, true))
        return;
    uint64_t one = 1;
    (void)!write(attendant.bell, &one, sizeof one);
}

void attendant_forget(void)
{
    attendant.cancel_low = (int)interrupt_last_serial();
}

/* The execution to interrupt, 0 when there is none. The signal carries the low half of its serial. */
static uint64_t cancelled(void)
{
    uint64_t serial = interrupt_serial();
    return serial && (int32_t)serial == attendant.cancel_low ? serial : 0;
}

/* Whether a cancel has come before its execution has begun, which may still lie unread in the channel.
 * Half serials are compared as distances, since they come round again. */
static bool cancelled_early(void)
{
    return (int32_t)((uint32_t)attendant.cancel_low - (uint32_t)interrupt_last_serial()) > 0;
}

static void interrupt_again(uint64_t serial)
{
    uint64_t now_ns = clock_now_ns();
    if (now_ns >= attendant.raise_at_ns) {
        attendant.raise_at_ns = now_ns + ATTENDANT_RAISE_MS * CLOCK_MS;
        interrupt_raise(serial);
    }
    if (interrupt_pending())
        pthread_kill(attendant.user_thread, WIRE_WAKE_SIGNAL);
}

static void flush_if_asked(void)
{
    if (!atomic_exchange(&attendant.flush_asked, false))
        return;
    uint64_t count;
    (void)!read(attendant.bell, &count, sizeof count);
    struct timespec moment = {0, ATTENDANT_FLUSH_MS * (long)CLOCK_MS};
    nanosleep(&moment, NULL);
    output_flush();
}

static void *attend(void *unused)
{
    sigset_t open;
    pthread_sigmask(SIG_SETMASK, NULL, &open);
    sigdelset(&open, WIRE_CANCEL_SIGNAL);
    while (!atomic_load(&attendant.stop_asked)) {
        struct pollfd waiting[3] = {{attendant.pipes[0], POLLIN, 0},
                                    {attendant.pipes[1], POLLIN, 0},
                                    {attendant.bell, POLLIN, 0}};
        uint64_t serial = cancelled();
        bool early = !serial && cancelled_early();
        long moment_ms = early ? ATTENDANT_EARLY_MS : ATTENDANT_WAKE_MS;
        struct timespec moment = {0, moment_ms * (long)CLOCK_MS};
        int ready = ppoll(waiting, 3, serial || early ? &moment : NULL, &open);
        if (ready > 0 && (waiting[0].revents || waiting[1].revents)) {
            output_drain();
            attendant_flush_soon();
        }
        flush_if_asked();
        if (ready > 0)
            take_cancel();
        serial = cancelled();
        if (serial)
            interrupt_again(serial);
        else
            attendant.raise_at_ns = 0;
    }
    return unused;
}

int attendant_resume(void)
{
    if (attendant.runs)
        return 0;
    uint64_t count; /* of the ring by which it was stopped */
    (void)!read(attendant.bell, &count, sizeof count);
    atomic_store(&attendant.stop_asked, false);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, ATTENDANT_STACK_BYTES);
    int error = pthread_create(&attendant.thread, &attributes, attend, NULL);
    pthread_attr_destroy(&attributes);
    attendant.runs = error == 0;
    errno = error;
    return error ? -1 : 0;
}

void attendant_stop(void)
{
    if (!attendant.runs)
        return;
    uint64_t one = 1;
    atomic_store(&attendant.stop_asked, true);
    (void)!write(attendant.bell, &one, sizeof one);
    pthread_join(attendant.thread, NULL);
    attendant.runs = false;
}

int attendant_prepare(const int pipes[2])
{
    memcpy(attendant.pipes, pipes, sizeof attendant.pipes);
    attendant.user_thread = pthread_self();
    attendant.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_store(&attendant.flush_asked, false);
    return attendant.bell < 0 ? -1 : 0;
}

void attendant_forget_descriptors(void)
{
    close(attendant.pipes[0]);
    close(attendant.pipes[1]);
    close(attendant.bell);
}

int attendant_start(const int pipes[2])
{
    if (attendant_prepare(pipes) != 0)
        return -1;
    struct sigaction cancel = {.sa_sigaction = on_cancel, .sa_flags = SA_SIGINFO};
    struct sigaction wake = {.sa_handler = on_wake};
    sigaction(WIRE_CANCEL_SIGNAL, &cancel, NULL);
    sigaction(WIRE_WAKE_SIGNAL, &wake, NULL);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, WIRE_CANCEL_SIGNAL);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    return attendant_resume();
}
