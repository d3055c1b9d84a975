/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.c: starting a program that the host never hears of.
 *
 * A child that has called exec sends SIGCHLD to its parent and is seen by waitpid(-1), whatever
 * flags it was made with, and a host may have a handler for the one and a loop over the other. So the
 * program is a grandchild: a go-between, made with no exit signal, starts it and ends. The go-between
 * shares our memory and our table of descriptors, the grandchild our memory until it calls exec; each
 * runs while its parent stands still, as with vfork. */
#include "host/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPAWN_STACK_BYTES = 64 * 1024, SPAWN_WIRE_FD = 3 };

struct spawn {
    int program_fd, wire_fd;
    const char *const *env;
    char *stack; /* for the grandchild */
    pid_t pid;
    int pidfd;
    volatile int error; /* set by whichever step failed */
};

/* Moves a descriptor out of the way of the ones that the program gets. */
static int lift(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, SPAWN_WIRE_FD + 1);
}

/* The template holds descriptors of all that a sandbox may read; a host's own limit may be too low. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* In the grandchild, with its own table of descriptors and the parent's memory: only system calls. */
static int become_program(void *argument)
{
    struct spawn *spawn = argument;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    raise_descriptor_limit();
    int program = lift(spawn->program_fd), wire = lift(spawn->wire_fd);
    int null = open("/dev/null", O_RDWR);
    if (program < 0 || wire < 0 || null < 0)
        goto failed;
    for (int fd = 0; fd < 3; fd++)
        if (dup2(null, fd) < 0)
            goto failed;
    /* dup2 onto itself would keep close-on-exec, but wire is another one. */
    if (dup2(wire, SPAWN_WIRE_FD) < 0 ||
        close_range(SPAWN_WIRE_FD + 1, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
        goto failed;
    if (chdir("/") != 0)
        goto failed;
    sigprocmask(SIG_SETMASK, &none, NULL);
    const char *const arguments[] = {"clutch-worker", NULL};
    syscall(SYS_execveat, program, "", arguments, spawn->env, AT_EMPTY_PATH);
failed:
    spawn->error = errno ? errno : EIO;
    syscall(SYS_exit, 127);
    return 0;
}

/* In the go-between, which shares even the table of descriptors, so that the pidfd lands in ours. */
static int go_between(void *argument)
{
    struct spawn *spawn = argument;
    pid_t pid = clone(become_program, spawn->stack + SPAWN_STACK_BYTES,
                      CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, spawn, &spawn->pidfd);
    if (pid < 0)
        spawn->error = errno;
    spawn->pid = pid;
    syscall(SYS_exit, 0);
    return 0;
}

int spawn_program(int program_fd, int wire_fd, const char *const env[], struct spawned *out)
{
    char *stacks = mmap(NULL, 2 * SPAWN_STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stacks == MAP_FAILED)
        return errno;
    struct spawn spawn = {.program_fd = program_fd,
                          .wire_fd = wire_fd,
                          .env = env,
                          .stack = stacks + SPAWN_STACK_BYTES,
                          .pidfd = -1};
    /* No handler of the host's may run in a child that shares its memory, and no cancellation. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int cancel_state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
    pid_t middle = clone(go_between, stacks + SPAWN_STACK_BYTES,
                         CLONE_VM | CLONE_VFORK | CLONE_FILES, &spawn);
    if (middle < 0)
        spawn.error = errno;
    else
        while (waitpid(middle, NULL, __WCLONE) < 0 && errno == EINTR)
            continue;
    pthread_setcancelstate(cancel_state, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stacks, 2 * SPAWN_STACK_BYTES);
    if (spawn.error) {
        if (spawn.pidfd >= 0) {
            spawn_reap(spawn.pidfd);
            close(spawn.pidfd);
        }
        return spawn.error;
    }
    *out = (struct spawned){spawn.pid, spawn.pidfd};
    return 0;
}

void spawn_reap(int pidfd)
{
    siginfo_t about;
    waitid((idtype_t)P_PIDFD, (id_t)pidfd, &about, WEXITED | WNOHANG | __WALL);
}
