/* SPDX-License-Identifier: Apache-2.0 */
/* crash.c: output that is still on its way when the process ends by itself.
 *
 * Python's faulthandler, enabled by the prelude, has written where the crash was to descriptor 2 before
 * our handler runs: it was installed after ours and hands the signal on. */
#include "worker/crash.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker/output.h"

static pid_t sandbox_pid; /* a child of the sandbox must not speak for it */
static char handler_stack[64 * 1024];

static void on_fatal(int number)
{
    signal(number, SIG_DFL);
    if (getpid() == sandbox_pid)
        output_last_words();
    raise(number);
}

/* exit() of the C library, which ends the process without our _exit. */
static void on_exit_in_c(void)
{
    if (getpid() == sandbox_pid)
        output_last_words();
}

void crash_know_own_pid(void)
{
    sandbox_pid = getpid();
}

void crash_prepare(void)
{
    atexit(on_exit_in_c);
    /* A handler for stack overflow needs another stack. */
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&stack, NULL);
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        sigaction(fatal[i], &action, NULL);
}

/* The worker's own _exit takes the C library's place for os._exit; see blocking.c. */
__attribute__((visibility("default"))) void _exit(int status)
{
    if (getpid() == sandbox_pid)
        output_last_words();
    for (;;)
        syscall(SYS_exit_group, status);
}
