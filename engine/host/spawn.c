/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.c: starting programs that the host never hears of.
 *
 * A child that has called exec sends SIGCHLD to its parent and is seen by waitpid(-1), whatever
 * flags it was made with, and a host may have a handler for the one and a loop over the other. So the
 * program is a grandchild: a go-between, made with no exit signal, starts it and ends. The go-between
 * shares our memory and our table of descriptors, the grandchild our memory until it calls exec; each
 * runs while its parent stands still, as with vfork.
 *
 * A go-between may also stay, as the keeper of its program: it then adopts all that the program leaves
 * behind, kills it, and hears of the host's end by a signal. */
#include "host/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Functions on the stacks of children never return, of which AddressSanitizer has to know. */
#define SPAWN_CHILD __attribute__((no_sanitize_address))

enum { SPAWN_STACK_BYTES = 64 * 1024, SPAWN_WIRE_FD = 3 };

struct spawn {
    const struct spawn_image *image;
    struct spawn_kept *kept; /* NULL: the go-between does not stay */
    char *stack;             /* for the grandchild */
    pid_t host, pid;
    int pidfd;
    volatile int error; /* set by whichever step failed */
};

/* Moves a descriptor out of the way of the ones that the program gets. */
SPAWN_CHILD static int lift(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_FDS);
}

/* The template holds descriptors of all that a sandbox may read; a host's own limit may be too low. */
SPAWN_CHILD static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

SPAWN_CHILD static int limit_to(int what, uint64_t most)
{
    struct rlimit limit = {most, most};
    return most ? setrlimit((__rlimit_resource_t)what, &limit) : 0;
}

SPAWN_CHILD static int place_descriptors(const struct spawn_image *image)
{
    int fds[SPAWN_FDS], null = open("/dev/null", O_RDWR | O_CLOEXEC), last = 2;
    for (int i = 0; i < SPAWN_FDS; i++) {
        int from = image->fds[i] >= 0 ? image->fds[i] : i <= 2 ? null : -1;
        fds[i] = from < 0 ? -1 : lift(from);
        if (fds[i] < 0 && (i <= 2 || image->fds[i] >= 0))
            return -1;
    }
    /* dup2 onto itself would keep close-on-exec, but these were lifted. */
    for (int i = 0; i < SPAWN_FDS; i++) {
        if (fds[i] >= 0 && dup2(fds[i], i) < 0)
            return -1;
        if (fds[i] >= 0)
            last = i;
    }
    return close_range((unsigned)last + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

/* In the grandchild, with its own table of descriptors and the parent's memory: only system calls. */
SPAWN_CHILD static int become_program(void *argument)
{
    struct spawn *spawn = argument;
    const struct spawn_image *image = spawn->image;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    raise_descriptor_limit();
    int program = lift(image->program_fd);
    if (program < 0 || place_descriptors(image) != 0 || chdir(image->folder) != 0)
        goto failed;
    static const struct rlimit nothing;
    if (spawn->kept && (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
                        setrlimit(RLIMIT_CORE, &nothing) != 0))
        goto failed;
    if (limit_to(RLIMIT_FSIZE, image->file_bytes) != 0 ||
        limit_to(RLIMIT_DATA, image->data_bytes) != 0)
        goto failed;
    sigprocmask(SIG_SETMASK, &none, NULL);
    syscall(SYS_execveat, program, "", image->arguments, image->env, AT_EMPTY_PATH);
failed:
    spawn->error = errno ? errno : EIO;
    syscall(SYS_exit, 127);
    return 0;
}

/* In the go-between, which shares even the table of descriptors, so that the pidfd lands in ours. */
SPAWN_CHILD static void start_program(struct spawn *spawn)
{
    int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (spawn->kept ? 0 : CLONE_PIDFD);
    pid_t pid = clone(become_program, spawn->stack + SPAWN_STACK_BYTES, flags, spawn, &spawn->pidfd);
    if (pid < 0)
        spawn->error = errno;
    spawn->pid = pid;
}

SPAWN_CHILD static int go_between(void *argument)
{
    start_program(argument);
    syscall(SYS_exit, 0);
    return 0;
}

/* Makes the go-between and stands still until it ends. */
static int run_go_between(int (*what)(void *), int flags, struct spawn *spawn, int *pidfd)
{
    char *stacks = mmap(NULL, 2 * SPAWN_STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stacks == MAP_FAILED)
        return errno;
    spawn->stack = stacks + SPAWN_STACK_BYTES;
    /* No handler of the host's may run in a child that shares its memory, and no cancellation. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int cancel_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    pid_t middle = clone(what, stacks + SPAWN_STACK_BYTES,
                         CLONE_VM | CLONE_VFORK | CLONE_FILES | flags, spawn, pidfd);
    if (middle < 0)
        spawn->error = errno;
    else
        while (waitpid(middle, NULL, __WCLONE) < 0 && errno == EINTR)
            continue;
    pthread_setcancelstate(cancel_state, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stacks, 2 * SPAWN_STACK_BYTES);
    return spawn->error;
}

int spawn_program(int program_fd, int wire_fd, const char *const env[], struct spawned *out)
{
    static const char *const arguments[] = {"clutch-worker", NULL};
    struct spawn_image image = {.program_fd = program_fd,
                                .arguments = arguments,
                                .env = env,
                                .folder = "/",
                                .fds = {-1, -1, -1, wire_fd}};
    struct spawn spawn = {.image = &image, .pidfd = -1};
    int fault = run_go_between(go_between, 0, &spawn, NULL);
    if (fault) {
        if (spawn.pidfd >= 0) {
            spawn_reap(spawn.pidfd);
            close(spawn.pidfd);
        }
        return fault;
    }
    *out = (struct spawned){spawn.pid, spawn.pidfd};
    return 0;
}

void spawn_reap(int pidfd)
{
    siginfo_t about;
    waitid((idtype_t)P_PIDFD, (id_t)pidfd, &about, WEXITED | WNOHANG | __WALL);
}

/* ---- Keeping ---- */

enum { SPAWN_LINGER_MS = 5000, SPAWN_LINGER_STEP_MS = 100 };

/* With the program still unreaped, so that its number, which is its group's, is nobody else's. */
SPAWN_CHILD static void kill_group(const struct spawn *spawn)
{
    kill(-spawn->pid, SIGKILL);
}

/* Waits until the program ends, and kills it when the host is gone or does not want it any more. */
SPAWN_CHILD static void await_program(const struct spawn *spawn, const sigset_t *signals)
{
    for (;;) {
        siginfo_t about = {0};
        if (waitid(P_PID, (id_t)spawn->pid, &about, WEXITED | WNOHANG | WNOWAIT) != 0 || about.si_pid)
            return;
        if (sigwaitinfo(signals, &about) == SIGTERM)
            kill_group(spawn);
    }
}

/* Reaps the program, and its descendants, which have become the keeper's children. */
SPAWN_CHILD static void reap_all(struct spawn *spawn, const sigset_t *signals)
{
    const struct timespec step = {0, SPAWN_LINGER_STEP_MS * 1000000L};
    for (int waits = 0; waits < SPAWN_LINGER_MS / SPAWN_LINGER_STEP_MS;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG | __WALL);
        if (ended < 0)
            return;
        if (ended == spawn->pid)
            spawn->kept->status = status;
        if (ended == 0) {
            sigtimedwait(signals, NULL, &step);
            waits++;
        }
    }
}

SPAWN_CHILD static int keeper(void *argument)
{
    struct spawn *spawn = argument;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    /* A table of its own, and blocked: where the host ignores them they would be dropped here too. */
    sigaction(SIGCHLD, &standard, NULL);
    sigaction(SIGTERM, &standard, NULL);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        spawn->error = errno;
    else if (getppid() != spawn->host || spawn->kept->stopped)
        spawn->error = ECANCELED;
    else
        start_program(spawn);
    if (spawn->pid > 0) {
        if (!spawn->error)
            await_program(spawn, &signals);
        kill_group(spawn);
        reap_all(spawn, &signals);
    }
    syscall(SYS_exit, 0);
    return 0;
}

int spawn_and_keep(const struct spawn_image *image, struct spawn_kept *kept)
{
    struct spawn spawn = {.image = image, .kept = kept, .host = getpid(), .pidfd = -1};
    return run_go_between(keeper, CLONE_PIDFD, &spawn, &kept->keeper_fd);
}

void spawn_stop(struct spawn_kept *kept)
{
    kept->stopped = true;
    int fd = *(volatile int *)&kept->keeper_fd;
    if (fd >= 0)
        syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
}
