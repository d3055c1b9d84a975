/* SPDX-License-Identifier: Apache-2.0 */
/* blocking.c: C library calls that wait, so that an interrupt can end them.
 *
 * CPython goes back to sleep when a signal ends time.sleep, a lock's acquire or select, unless a Python
 * signal handler raised something; and a subinterpreter has no signal handlers. So the worker program
 * defines these functions itself, before the C library's in the order of look-up. Each calls the
 * original. When a signal ended that and an interrupt waits for the calling thread, it says what the
 * original says when it is done (time is up, nothing is ready), Python returns to its evaluation
 * loop, and the interrupt is raised there. In all other cases they are the originals. */
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "python/interrupt.h"
#include "worker/blocking.h"
#include "worker/original.h"

static __thread bool runs_user_code; /* interrupts are only ever raised on that thread */

void blocking_prepare(void)
{
    runs_user_code = true;
}

/* Whether the call that has just failed should be taken as done; then there is no error, for CPython
 * looks at errno and not only at the result. */
static bool interrupted(void)
{
    if (!runs_user_code || errno != EINTR || !interrupt_pending())
        return false;
    errno = 0;
    return true;
}

bool blocking_was_ended(void)
{
    if (!interrupted())
        return false;
    errno = ECANCELED;
    return true;
}

ORIGINAL(int, clock_nanosleep, clockid_t, int, const struct timespec *, struct timespec *)
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
    int error = original_clock_nanosleep(clock, flags, until, left);
    errno = error;
    return error && interrupted() ? 0 : error;
}

ORIGINAL(int, select, int, fd_set *, fd_set *, fd_set *, struct timeval *)
int select(int count, fd_set *in, fd_set *out, fd_set *bad, struct timeval *timeout)
{
    int ready = original_select(count, in, out, bad, timeout);
    if (ready < 0 && interrupted()) {
        if (in)
            FD_ZERO(in);
        if (out)
            FD_ZERO(out);
        if (bad)
            FD_ZERO(bad);
        return 0;
    }
    return ready;
}

ORIGINAL(int, poll, struct pollfd *, nfds_t, int)
int poll(struct pollfd *waiting, nfds_t count, int timeout)
{
    int ready = original_poll(waiting, count, timeout);
    return ready < 0 && interrupted() ? 0 : ready;
}

ORIGINAL(int, epoll_wait, int, struct epoll_event *, int, int)
int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    int ready = original_epoll_wait(fd, events, count, timeout);
    return ready < 0 && interrupted() ? 0 : ready;
}

/* A lock that is taken without the interrupt's knowledge must not be reported as not taken to code
 * that cannot cope: CPython's own locks are waited for with the GIL held, a user's without it. */
static int semaphore_result(int result)
{
    if (result != 0 && interrupt_may_give_up_lock() && interrupted()) {
        errno = ETIMEDOUT;
        return -1;
    }
    return result;
}

ORIGINAL(int, sem_wait, sem_t *)
int sem_wait(sem_t *semaphore)
{
    return semaphore_result(original_sem_wait(semaphore));
}

ORIGINAL(int, sem_timedwait, sem_t *, const struct timespec *)
int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
    return semaphore_result(original_sem_timedwait(semaphore, until));
}

ORIGINAL(int, sem_clockwait, sem_t *, clockid_t, const struct timespec *)
int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    return semaphore_result(original_sem_clockwait(semaphore, clock, until));
}

/* Others have no "nothing yet"; ECANCELED makes Python raise an OSError, in whose place the interrupt
 * comes at once. */
#define FAILING(result, name, parameters, arguments)                                               \
    ORIGINAL(result, name, UNWRAP parameters)                                                      \
    result name parameters                                                                         \
    {                                                                                              \
        result done = original_##name arguments;                                                   \
        if (done < 0 && interrupted())                                                             \
            errno = ECANCELED;                                                                     \
        return done;                                                                               \
    }
#define UNWRAP(...) __VA_ARGS__

FAILING(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
FAILING(ssize_t, readv, (int fd, const struct iovec *parts, int count), (fd, parts, count))
FAILING(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
FAILING(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
FAILING(int, flock, (int fd, int operation), (fd, operation))

FAILING(int, accept, (int fd, struct sockaddr *peer, socklen_t *size), (fd, peer, size))
FAILING(int, accept4, (int fd, struct sockaddr *peer, socklen_t *size, int flags),
        (fd, peer, size, flags))
FAILING(ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags))
FAILING(ssize_t, recvfrom,
        (int fd, void *data, size_t size, int flags, struct sockaddr *peer, socklen_t *peer_size),
        (fd, data, size, flags, peer, peer_size))
FAILING(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
FAILING(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))
FAILING(ssize_t, sendto,
        (int fd, const void *data, size_t size, int flags, const struct sockaddr *peer,
         socklen_t peer_size),
        (fd, data, size, flags, peer, peer_size))
FAILING(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))

FAILING(pid_t, wait, (int *status), (status))
FAILING(pid_t, wait3, (int *status, int options, struct rusage *usage), (status, options, usage))
FAILING(pid_t, wait4, (pid_t pid, int *status, int options, struct rusage *usage),
        (pid, status, options, usage))
FAILING(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
FAILING(int, waitid, (idtype_t kind, id_t id, siginfo_t *about, int options),
        (kind, id, about, options))
FAILING(int, sigwaitinfo, (const sigset_t *signals, siginfo_t *about), (signals, about))
FAILING(int, sigtimedwait,
        (const sigset_t *signals, siginfo_t *about, const struct timespec *timeout),
        (signals, about, timeout))
