/* SPDX-License-Identifier: Apache-2.0 */
/* syscalls.c: the tables of system calls, a reason on every row.
 *
 * base_calls is an allow-list, loaded once in the template and inherited by every sandbox: what no
 * row allows is answered with EPERM, and what is newer than the table with ENOSYS, as if the kernel
 * were as old, so that C libraries take the older way. sandbox_calls is loaded in each sandbox: it
 * takes away what only the template and the steps of entering need, and what this sandbox is not
 * given. A call passes if both let it. never_calls are those that are left out of the first on
 * purpose; preparing fails if one slips in. No call ends the process. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/door.h"
#include "confine/kernel.h"

#define S(name) SCMP_SYS(name)
#define CALLS(...) .calls = (const int[]){__VA_ARGS__, -1}

/* Tests of an argument. */
#define MASKED(number, bits, wanted)                                                               \
    {.kind = TEST_MASKED, .argument = number, .mask = bits, .values = {wanted}, .value_count = 1}
#define ONE_OF(number, ...)                                                                        \
    {.kind = TEST_MASKED, .argument = number, .mask = UINT32_MAX, .values = {__VA_ARGS__},         \
     .value_count = sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)}
#define NOT_OWN_PID(number) {.kind = TEST_NOT_OWN_PID, .argument = number}

/* Rows: the reason, when it applies, the test or tests, the calls. */
#define ALLOW(reason, ...) {.why = reason, CALLS(__VA_ARGS__)}
#define ALLOW_WHEN(condition, reason, ...) {.why = reason, .when = condition, CALLS(__VA_ARGS__)}
#define ALLOW_IF(reason, call, test) {.why = reason, .tests = {test}, CALLS(call)}
#define ALLOW_IF_BOTH(condition, reason, call, first, second)                                      \
    {.why = reason, .when = condition, .tests = {first, second}, CALLS(call)}
#define ANSWER(code, reason, ...) {.why = reason, .answer = code, CALLS(__VA_ARGS__)}
#define ANSWER_WHEN(condition, code, reason, ...)                                                  \
    {.why = reason, .when = condition, .answer = code, CALLS(__VA_ARGS__)}
#define REFUSE(reason, ...) ANSWER(EPERM, reason, __VA_ARGS__)
#define REFUSE_WHEN(condition, reason, ...) ANSWER_WHEN(condition, EPERM, reason, __VA_ARGS__)
#define REFUSE_IF(condition, reason, call, test)                                                   \
    {.why = reason, .when = condition, .answer = EPERM, .tests = {test}, CALLS(call)}

#define NEW_NAMESPACES                                                                             \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define NEGATIVE 0x80000000u
#define SOCKET_TYPE 0xfu /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct call_rule base_rows[] = {
    /* Every execution makes these. */
    ALLOW("bytes through descriptors that it has", S(read), S(write), S(readv), S(writev),
          S(pread64), S(pwrite64), S(preadv), S(pwritev), S(preadv2), S(pwritev2), S(lseek),
          S(_llseek), S(close), S(close_range), S(dup), S(dup2), S(dup3), S(sendfile),
          S(copy_file_range)),
    ALLOW("messages on sockets that it has; none can be pointed elsewhere, see socketpair",
          S(recvfrom), S(recvmsg), S(recvmmsg), S(sendto), S(sendmsg), S(sendmmsg), S(shutdown),
          S(getsockname), S(getpeername), S(getsockopt), S(setsockopt)),
    ALLOW("waiting", S(poll), S(ppoll), S(select), S(pselect6), S(epoll_create), S(epoll_create1),
          S(epoll_ctl), S(epoll_wait), S(epoll_pwait), S(epoll_pwait2), S(eventfd), S(eventfd2),
          S(pipe), S(pipe2), S(pause), S(restart_syscall)),
    ALLOW("its own memory, bounded by rlimits", S(mmap), S(mmap2), S(munmap), S(mremap),
          S(mprotect), S(madvise), S(msync), S(brk), S(mlock), S(mlock2), S(munlock), S(munlockall),
          S(pkey_alloc), S(pkey_free), S(pkey_mprotect), S(membarrier)),
    ALLOW("where its own memory lies; numeric libraries bind their buffers", S(mbind),
          S(get_mempolicy), S(set_mempolicy)),
    ALLOW("locks between its threads", S(futex), S(futex_waitv), S(set_robust_list), S(rseq)),
    ALLOW("clocks and timers", S(clock_gettime), S(clock_getres), S(clock_nanosleep), S(nanosleep),
          S(gettimeofday), S(time), S(times), S(getitimer), S(setitimer), S(alarm), S(timer_create),
          S(timer_settime), S(timer_gettime), S(timer_getoverrun), S(timer_delete),
          S(timerfd_create), S(timerfd_settime), S(timerfd_gettime)),
    ALLOW("its own signal handlers", S(rt_sigaction), S(rt_sigprocmask), S(rt_sigreturn),
          S(rt_sigpending), S(rt_sigsuspend), S(rt_sigtimedwait), S(sigaltstack), S(signalfd),
          S(signalfd4)),
    ALLOW("who it is and what it used", S(getpid), S(gettid), S(getppid), S(getuid), S(geteuid),
          S(getgid), S(getegid), S(getresuid), S(getresgid), S(getgroups), S(getpgid), S(getpgrp),
          S(getsid), S(getrusage), S(getrlimit), S(getpriority), S(capget), S(uname), S(sysinfo),
          S(getcpu), S(umask)),
    ALLOW("random numbers", S(getrandom)),
    ALLOW("threads of its own", S(set_tid_address), S(arch_prctl), S(exit), S(exit_group),
          S(sched_yield)),

    /* Files: which ones is Landlock's and the mount namespace's matter. */
    ALLOW("opening and looking", S(open), S(openat), S(openat2), S(creat), S(stat), S(fstat),
          S(lstat), S(stat64), S(fstat64), S(lstat64), S(newfstatat), S(fstatat64), S(statx),
          S(statfs), S(fstatfs), S(access), S(faccessat), S(faccessat2), S(readlink), S(readlinkat),
          S(getdents), S(getdents64), S(getcwd), S(chdir), S(fchdir)),
    ALLOW("changing the file tree", S(mkdir), S(mkdirat), S(rmdir), S(unlink), S(unlinkat),
          S(rename), S(renameat), S(renameat2), S(link), S(linkat), S(symlink), S(symlinkat),
          S(truncate), S(ftruncate), S(fallocate)),
    ALLOW("writing back and reading ahead of its own files", S(fsync), S(fdatasync),
          S(sync_file_range), S(fadvise64), S(readahead), S(flock)),
    ALLOW_IF("a pipe with a name, an empty file; devices and sockets are refused", S(mknod),
             MASKED(1, S_IFMT, S_IFIFO)),
    ALLOW_IF("the same", S(mknod), MASKED(1, S_IFMT, S_IFREG)),
    ALLOW_IF("the same", S(mknodat), MASKED(2, S_IFMT, S_IFIFO)),
    ALLOW_IF("the same", S(mknodat), MASKED(2, S_IFMT, S_IFREG)),
    ALLOW_WHEN(WHEN_READ_ONLY, "Landlock does not see these; read-only mounts do", S(chmod),
               S(fchmod), S(fchmodat), S(chown), S(fchown), S(fchownat), S(lchown), S(utime),
               S(utimes), S(futimesat), S(utimensat), S(getxattr), S(lgetxattr), S(fgetxattr),
               S(listxattr), S(llistxattr), S(flistxattr)),
    ANSWER_WHEN(WHEN_WRITABLE, EOPNOTSUPP, "attributes of files that it may not read", S(getxattr),
                S(lgetxattr), S(fgetxattr), S(listxattr), S(llistxattr), S(flistxattr)),
    ANSWER(EOPNOTSUPP, "attributes count towards no limit; copying code goes on without them",
           S(setxattr), S(lsetxattr), S(fsetxattr), S(removexattr), S(lremovexattr),
           S(fremovexattr)),
    ALLOW_IF("descriptors and locks of its own, not whom the kernel signals about them", S(fcntl),
             ONE_OF(1, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK,
                    F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_GETPIPE_SZ)),
    ALLOW_IF("terminals and pipes: what they are, how much can be read, not to wait", S(ioctl),
             ONE_OF(1, TCGETS, KERNEL_TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX)),
    ALLOW_IF("copying a file by reference", S(ioctl), ONE_OF(1, KERNEL_FICLONE)),
    ALLOW_IF("the engine finds out which pages were written", S(ioctl),
             ONE_OF(1, KERNEL_PAGEMAP_SCAN, (uint32_t)UFFDIO_API, (uint32_t)UFFDIO_REGISTER,
                    (uint32_t)UFFDIO_UNREGISTER, (uint32_t)UFFDIO_WRITEPROTECT)),

    /* Itself. */
    ALLOW("its own limits, which only go down", S(setrlimit)),
    ALLOW_IF("the same, of itself", S(prlimit64), ONE_OF(0, 0)),
    ALLOW_IF("which processors it runs on", S(sched_setaffinity), ONE_OF(0, 0)),
    ALLOW("how it is scheduled", S(sched_getaffinity), S(sched_getparam), S(sched_getscheduler),
          S(sched_getattr), S(sched_get_priority_max), S(sched_get_priority_min),
          S(sched_rr_get_interval)),
    ALLOW_IF_BOTH(WHEN_ALWAYS, "being nice", S(setpriority), ONE_OF(0, 0), ONE_OF(1, 0)),
    ALLOW_IF("asking only: others change the address layout", S(personality),
             ONE_OF(0, UINT32_MAX)),
    ALLOW_IF("names and timers of its threads, names and size of its pages", S(prctl),
             ONE_OF(0, PR_SET_NAME, PR_GET_NAME, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
                    KERNEL_PR_SET_VMA, PR_SET_THP_DISABLE, PR_GET_THP_DISABLE)),
    ALLOW_IF("asking only, or set already", S(prctl),
             ONE_OF(0, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_GET_DUMPABLE, PR_GET_SECCOMP,
                    PR_CAPBSET_READ, PR_GET_SPECULATION_CTRL)),

    /* Threads and processes. */
    ANSWER(ENOSYS, "its flags lie in memory, out of a filter's sight: clone is used instead",
           S(clone3)),
    ALLOW_IF("threads; children in the same namespaces", S(clone),
             MASKED(0, NEW_NAMESPACES | CLONE_PARENT | CLONE_PTRACE, 0)),
    ALLOW_IF("being copied, where the host listens", S(clone),
             ONE_OF(0, DOOR_SAME, DOOR_APART, DOOR_ANNOUNCE)),
    ALLOW("waiting for children", S(wait4), S(waitid)),
    ALLOW_WHEN(WHEN_PROCESSES, "programs, which inherit all of this", S(vfork), S(execve),
               S(execveat), S(tkill)),

    /* Network. */
    ALLOW_IF_BOTH(WHEN_ALWAYS, "a connected stream cannot be pointed elsewhere", S(socketpair),
                  ONE_OF(0, AF_UNIX), MASKED(1, SOCKET_TYPE, SOCK_STREAM)),
    ALLOW_IF_BOTH(WHEN_ALWAYS, "nor this; datagrams could be sent to any socket with a name",
                  S(socketpair), ONE_OF(0, AF_UNIX), MASKED(1, SOCKET_TYPE, SOCK_SEQPACKET)),
    ALLOW_IF_BOTH(WHEN_NETWORK, "TCP", S(socket), ONE_OF(0, AF_INET, AF_INET6),
                  MASKED(1, SOCKET_TYPE, SOCK_STREAM)),
    ALLOW_IF_BOTH(WHEN_NETWORK, "UDP", S(socket), ONE_OF(0, AF_INET, AF_INET6),
                  MASKED(1, SOCKET_TYPE, SOCK_DGRAM)),
    ALLOW_IF_BOTH(WHEN_NETWORK, "getaddrinfo asks which addresses the host has", S(socket),
                  ONE_OF(0, AF_NETLINK), ONE_OF(2, 0)),
    ALLOW_WHEN(WHEN_NETWORK, "IP sockets; there are none of another family", S(connect), S(bind),
               S(listen), S(accept), S(accept4)),

    /* What the template and entering need; taken away again by the table below. */
    ALLOW("sandboxes of the template", S(fork), S(kill), S(tgkill), S(rt_sigqueueinfo),
          S(rt_tgsigqueueinfo), S(pidfd_open), S(pidfd_send_signal), S(setpgid)),
    ALLOW("entering: places", S(unshare), S(setns), S(open_tree), S(move_mount), S(fsopen),
          S(fsconfig), S(fsmount), S(fspick), S(mount_setattr), S(umount2)),
    ALLOW("entering: identity", S(setresuid), S(setresgid), S(setgroups), S(capset)),
    ALLOW("entering: rules", S(seccomp), S(landlock_create_ruleset), S(landlock_add_rule),
          S(landlock_restrict_self)),
    ALLOW("entering: the engine's page tracker", S(userfaultfd)),
    ALLOW_IF("entering: identity and death", S(prctl),
             ONE_OF(0, PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_CAPBSET_DROP,
                    PR_CAP_AMBIENT)),
};

static const struct call_rule sandbox_rows[] = {
    REFUSE_WHEN(WHEN_NO_PROCESSES, "child processes are not allowed", S(fork), S(vfork), S(execve),
                S(execveat), S(tkill), S(pidfd_send_signal)),
    REFUSE_IF(WHEN_NO_PROCESSES, "threads are", S(clone), MASKED(0, CLONE_THREAD, 0)),
    REFUSE_IF(WHEN_ALWAYS, "being copied, where nobody listens", S(clone),
              ONE_OF(0, DOOR_SAME, DOOR_APART, DOOR_ANNOUNCE)),
    REFUSE_IF(WHEN_NO_PROCESSES, "it signals only itself: no group", S(kill), ONE_OF(0, 0)),
    REFUSE_IF(WHEN_NO_PROCESSES, "the same, and not everything", S(kill),
              MASKED(0, NEGATIVE, NEGATIVE)),
    REFUSE_IF(WHEN_NO_PROCESSES | WHEN_NO_DOOR, "the same: abort, raise, os.kill", S(kill), NOT_OWN_PID(0)),
    REFUSE_IF(WHEN_NO_PROCESSES | WHEN_NO_DOOR, "the same, a thread", S(tgkill), NOT_OWN_PID(0)),
    REFUSE_IF(WHEN_NO_PROCESSES, "asyncio looks whether it could", S(pidfd_open), NOT_OWN_PID(0)),
    REFUSE_IF(WHEN_SIGNALS_LEAVE, "nothing else keeps signals inside", S(kill), NOT_OWN_PID(0)),
    REFUSE_IF(WHEN_SIGNALS_LEAVE, "the same, a thread", S(tgkill), NOT_OWN_PID(0)),
    REFUSE_WHEN(WHEN_SIGNALS_LEAVE, "the same, by other ways", S(tkill), S(pidfd_send_signal)),
    REFUSE_IF(WHEN_ALWAYS, "signals with data, to itself", S(rt_sigqueueinfo), NOT_OWN_PID(0)),
    REFUSE_IF(WHEN_ALWAYS, "the same, a thread", S(rt_tgsigqueueinfo), NOT_OWN_PID(0)),
    REFUSE("leaving the process group by which what it left behind is ended", S(setpgid)),
    REFUSE_WHEN(WHEN_NO_NETWORK, "the network is not allowed, sockets with names included",
                S(socket), S(connect), S(bind), S(listen), S(accept), S(accept4)),
    {.why = "kernel code run by a socket", .answer = EPERM, CALLS(S(setsockopt)),
     .tests = {ONE_OF(2, SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF,
                      SO_ATTACH_REUSEPORT_EBPF),
               ONE_OF(1, SOL_SOCKET)}},
    REFUSE("namespaces and the file tree stay as they are", S(unshare), S(setns), S(open_tree),
           S(move_mount), S(fsopen), S(fsconfig), S(fsmount), S(fspick), S(mount_setattr),
           S(umount2)),
    REFUSE("who it is stays as it is", S(setresuid), S(setresgid), S(setgroups), S(capset)),
    REFUSE_IF(WHEN_ALWAYS, "the same, and with whom it dies", S(prctl),
              ONE_OF(0, PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_CAPBSET_DROP,
                     PR_CAP_AMBIENT)),
    REFUSE("rules stay as they are", S(seccomp), S(landlock_create_ruleset), S(landlock_add_rule),
           S(landlock_restrict_self)),
    REFUSE("stops the kernel in the middle of a system call", S(userfaultfd)),
};

static const struct call_rule never_rows[] = {
    REFUSE("other processes' memory, descriptors and state", S(ptrace), S(process_vm_readv),
           S(process_vm_writev), S(process_madvise), S(process_mrelease), S(pidfd_getfd), S(kcmp),
           S(get_robust_list), S(move_pages), S(migrate_pages)),
    REFUSE("priority over the host's processes", S(sched_setscheduler), S(sched_setparam),
           S(sched_setattr), S(ioprio_set), S(mlockall)),
    REFUSE("sessions: a terminal to type into, a group to hide in", S(setsid)),
    REFUSE("mounts by the older calls, and other roots", S(mount), S(umount), S(pivot_root),
           S(chroot)),
    REFUSE("files by handle pass by every check on paths", S(name_to_handle_at),
           S(open_by_handle_at)),
    REFUSE_WHEN(WHEN_WRITABLE, "Landlock does not see these, and nothing else protects the files",
                S(chmod), S(fchmod), S(fchmodat), S(chown), S(fchown), S(fchownat), S(lchown),
                S(utime), S(utimes), S(futimesat), S(utimensat)),
    REFUSE("watching shows names in folders that cannot be opened", S(inotify_init),
           S(inotify_init1), S(inotify_add_watch), S(inotify_rm_watch), S(fanotify_init),
           S(fanotify_mark)),
    REFUSE("memory that no limit counts", S(memfd_create), S(memfd_secret), S(shmget), S(shmat),
           S(shmdt), S(shmctl)),
    REFUSE("objects that are shared with other processes and outlive it", S(semget), S(semop),
           S(semtimedop), S(semctl), S(msgget), S(msgsnd), S(msgrcv), S(msgctl), S(mq_open),
           S(mq_unlink), S(mq_timedsend), S(mq_timedreceive), S(mq_notify), S(mq_getsetattr)),
    REFUSE("keys of the host's user", S(add_key), S(request_key), S(keyctl)),
    REFUSE("kernel code with a long history of holes and no use here", S(bpf), S(perf_event_open),
           S(io_uring_setup), S(io_uring_enter), S(io_uring_register), S(io_setup), S(io_destroy),
           S(io_getevents), S(io_submit), S(io_cancel), S(io_pgetevents), S(splice), S(tee),
           S(vmsplice), S(modify_ldt), S(remap_file_pages), S(lookup_dcookie)),
    REFUSE("which of the host's file pages are in memory", S(mincore)),
    REFUSE("the whole machine's disks", S(sync), S(syncfs), S(quotactl), S(quotactl_fd), S(acct),
           S(swapon), S(swapoff)),
    REFUSE("the machine itself", S(reboot), S(kexec_load), S(kexec_file_load), S(init_module),
           S(finit_module), S(delete_module), S(settimeofday), S(clock_settime), S(clock_adjtime),
           S(adjtimex), S(sethostname), S(setdomainname), S(syslog), S(iopl), S(ioperm),
           S(vhangup)),
};

const struct call_table base_calls = {base_rows, COUNT(base_rows)};
const struct call_table sandbox_calls = {sandbox_rows, COUNT(sandbox_rows)};
const struct call_table never_calls = {never_rows, COUNT(never_rows)};
