/* SPDX-License-Identifier: Apache-2.0 */
/* test_syscalls.c: what the kernel refuses is told, with what to do, and leaves nothing behind.
 *
 * A filter makes one system call of a host fail; each host is a process of its own, since filters stay. */
#include "support.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { MFD_EXEC_FLAG = 0x10 };

enum step { OPENING, CREATING, ASKING_FOR_A_DESCRIPTOR };

struct refusal {
    const char *name;
    int number, error;
    uint32_t only_with; /* a flag of the second argument; 0: always */
    enum step step;     /* during which the filter is there */
    int code;           /* expected: 0 or an error's */
    const char *word;   /* in its message */
};

static const struct refusal refusals[] = {
    {"memfd_create", SYS_memfd_create, ENOSYS, 0, OPENING, CLUTCH_E_WORKER, "set worker_path"},
    {"memfd_create", SYS_memfd_create, EACCES, 0, OPENING, CLUTCH_E_WORKER, "set worker_path"},
    {"MFD_EXEC", SYS_memfd_create, EINVAL, MFD_EXEC_FLAG, OPENING, 0, ""},
    {"execveat", SYS_execveat, EACCES, 0, OPENING, CLUTCH_E_WORKER, "cannot be started"},
    {"execveat", SYS_execveat, ENOSYS, 0, OPENING, CLUTCH_E_WORKER, "cannot be started"},
    {"clone", SYS_clone, EAGAIN, 0, OPENING, CLUTCH_E_WORKER, "cannot be started"},
    {"close_range", SYS_close_range, ENOSYS, 0, OPENING, CLUTCH_E_WORKER, "cannot be started"},
    {"socketpair", SYS_socketpair, EMFILE, 0, OPENING, CLUTCH_E_SYSTEM, "socket pair"},
    {"mkdir", SYS_mkdir, EROFS, 0, OPENING, CLUTCH_E_SYSTEM, "TMPDIR"},
    {"mkdir", SYS_mkdir, ENOSPC, 0, CREATING, CLUTCH_E_SYSTEM, "folder"},
    {"socketpair", SYS_socketpair, EMFILE, 0, CREATING, CLUTCH_E_SYSTEM, "RLIMIT_NOFILE"},
    {"timerfd_create", SYS_timerfd_create, EMFILE, 0, CREATING, CLUTCH_E_SYSTEM, "RLIMIT_NOFILE"},
#if !__GLIBC_PREREQ(2, 41) /* from there on it makes no system call where the kernel's vDSO has it */
    {"getrandom", SYS_getrandom, ENOSYS, 0, CREATING, CLUTCH_E_SYSTEM, "random"},
#endif
    {"sendmsg", SYS_sendmsg, EPERM, 0, CREATING, CLUTCH_E_TEMPLATE, "template"},
    {"epoll_create1", SYS_epoll_create1, EMFILE, 0, ASKING_FOR_A_DESCRIPTOR, CLUTCH_E_SYSTEM,
     "RLIMIT_NOFILE"},
};

static bool refuse(const struct refusal *refusal)
{
    const uint32_t error = SECCOMP_RET_ERRNO | (uint32_t)refusal->error;
    struct sock_filter always[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refusal->number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_filter with_flag[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refusal->number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, refusal->only_with, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof always / sizeof *always, always};
    if (refusal->only_with)
        program = (struct sock_fprog){sizeof with_flag / sizeof *with_flag, with_flag};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* The host: goes as far as the step with the filter, and says how that ended. */
static int live(const struct refusal *refusal, clutch_error *error)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    clutch_engine *engine = NULL;
    clutch_sandbox *sandbox = NULL;
    clutch_execution *execution = NULL;
    if (refusal->step == OPENING && !refuse(refusal))
        return 1;
    int code = clutch_engine_open(&options, &engine, error);
    if (code == 0 && refusal->step == CREATING && !refuse(refusal))
        return 1;
    if (code == 0)
        code = clutch_sandbox_create(engine, NULL, &sandbox, error);
    if (code == 0 && refusal->step == ASKING_FOR_A_DESCRIPTOR) {
        if (!refuse(refusal) || clutch_execution_start(sandbox, "1", 1, NULL, &execution, error) != 0)
            return 1;
        int fd = clutch_execution_fd(execution, error);
        code = fd < 0 ? fd : 0;
    }
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    return code;
}

struct report {
    int code;
    clutch_error error;
};

static struct report live_apart(const struct refusal *refusal)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t host = fork();
    if (host == 0) {
        struct report report = {0};
        size_t descriptors = descriptor_count();
        report.code = live(refusal, &report.error);
        if (descriptor_count() != descriptors)
            report.code = 2;
        _exit(write(ends[1], &report, sizeof report) == sizeof report ? 0 : 1);
    }
    close(ends[1]);
    struct report report;
    ssize_t got = read(ends[0], &report, sizeof report);
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(host, &status, 0), host);
    assert_int_equal(got, sizeof report);
    assert_int_equal(status, 0);
    return report;
}

static void refused_system_calls_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *refusal = &refusals[i];
        struct report report = live_apart(refusal);
        if (report.code != refusal->code)
            fail_msg("%s, %s: %d %s", refusal->name, strerror(refusal->error), report.code,
                     report.error.message);
        if (refusal->code) {
            assert_refused(report.code, refusal->code, &report.error);
            assert_holds(report.error.message, refusal->word);
            assert_true(refusal->code == CLUTCH_E_TEMPLATE || report.error.sys_errno == refusal->error);
        }
        assert_true(no_orphan_is_left(1000));
        assert_int_equal(entry_count(getenv("TMPDIR")), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(refused_system_calls_are_told)};
    return RUN_TESTS(tests);
}
