/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c: what the machine gives, found out by trying: the facilities by preparing for real in a
 * child process that then ends, the rest by the calls themselves. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/kernel.h"

struct list {
    struct confine_capability *out;
    size_t count, max;
};

__attribute__((format(printf, 4, 5))) static void add(struct list *list, const char *name,
                                                      bool available, const char *format, ...)
{
    if (list->count == list->max)
        return;
    struct confine_capability *entry = &list->out[list->count++];
    *entry = (struct confine_capability){.name = name, .available = available};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(entry->detail, sizeof(entry->detail), format, arguments);
    va_end(arguments);
}

/* First line of a small file, or "". */
static void read_line(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);
    close(fd);
    out[length > 0 ? length : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* ---- The facilities ---- */

static const char *const holds[] = {
#define FACILITY_HOLDS(name, bit, word, what_it_holds) [bit] = what_it_holds,
    CONFINE_FACILITIES(FACILITY_HOLDS)
#undef FACILITY_HOLDS
};

/* Prepares in a child, which undoes it by ending. */
static bool prepare_in_child(struct confine_report *report, bool *own_user, char *what,
                             size_t what_size)
{
    struct {
        struct confine_report report;
        char what[WHAT_MAX];
        int result;
        bool own_user;
    } answer = {.result = -1};
    int ends[2];
    snprintf(what, what_size, "no child process");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        const struct confine_options options = {0};
        answer.result = confine_prepare(&options, &answer.report, answer.what, sizeof(answer.what));
        answer.own_user = identity_is_own();
        confine_finish();
        ssize_t written = write(ends[1], &answer, sizeof(answer));
        _exit(written == (ssize_t)sizeof(answer) ? 0 : 1);
    }
    close(ends[1]);
    ssize_t length = pid < 0 ? -1 : TEMP_FAILURE_RETRY(read(ends[0], &answer, sizeof(answer)));
    close(ends[0]);
    if (pid > 0)
        TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    if (length != (ssize_t)sizeof(answer))
        return false;
    *report = answer.report;
    *own_user = answer.own_user;
    snprintf(what, what_size, "%s", answer.result < 0 ? answer.what : answer.report.detail);
    return answer.result == 0;
}

static void add_facilities(struct list *list)
{
    char what[WHAT_MAX];
    bool own_user = false;
    struct confine_report report = {0};
    if (!prepare_in_child(&report, &own_user, what, sizeof(what)))
        report.held = 0;
    for (unsigned bit = 0; bit < CONFINE_FACILITY_COUNT; bit++) {
        uint32_t facility = 1u << bit;
        const char *word = confine_facility_word(facility);
        bool held = report.held & facility;
        if (held && facility == CONFINE_LANDLOCK)
            add(list, word, true, "%s (ABI %d)", holds[bit], landlock_abi());
        else if (held)
            add(list, word, true, "%s", holds[bit]);
        else if (facility == CONFINE_CGROUP)
            add(list, word, false, "needs a writable cgroup folder with the memory controller");
        else
            add(list, word, false, "%s", what[0] ? what : "refused by this kernel");
    }
    if (geteuid() == 0)
        add(list, "unprivileged_user", own_user, "%s",
            own_user ? "root's sandboxes run as a user who owns nothing"
                     : "root's sandboxes stay user 0, without capabilities");
}

/* ---- What else the engine uses ---- */

/* Which pages were written: by PAGEMAP_SCAN over asynchronous write protection. */
static void add_page_tracking(struct list *list)
{
    const uint64_t wanted = UINT64_C(1) << 15 | UINT64_C(1) << 13; /* WP_ASYNC, WP_UNPOPULATED */
    struct uffdio_api api = {.api = UFFD_API, .features = wanted};
    int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    bool tracks = fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0;
    add(list, "page_write_tracking", tracks, "%s",
        tracks ? "asynchronous userfaultfd write protection"
               : "needs Linux 6.7: changed dataframes are found by hashing");
    close(fd);
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    bool scans = map >= 0 && ioctl(map, KERNEL_PAGEMAP_SCAN, NULL) < 0 && errno != ENOTTY;
    add(list, "pagemap_scan", scans, "%s",
        scans ? "written pages are asked for in one call" : "needs Linux 6.7");
    close(map);
}

static void add_process_calls(struct list *list)
{
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    bool signals = fd >= 0 && syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0;
    add(list, "pidfd", signals, "%s",
        signals ? "processes are signalled without a race" : "needs Linux 5.3");
    close(fd);
    char scope[16];
    read_line("/proc/sys/vm/memfd_noexec", scope, sizeof(scope));
    fd = memfd_create("probe", MFD_CLOEXEC);
    bool starts = fd >= 0 && strcmp(scope, "2") != 0;
    add(list, "memfd_exec", starts, "%s",
        starts ? "the worker program starts from memory"
               : "vm.memfd_noexec is 2: give the worker program's path");
    close(fd);
}

static void add_settings(struct list *list)
{
    char text[80];
    read_line("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
    add(list, "huge_pages", text[0] && !strstr(text, "[never]"), "%s",
        text[0] ? text : "not in this kernel");
    read_line("/proc/sys/user/max_user_namespaces", text, sizeof(text));
    add(list, "user_namespaces_max", strcmp(text, "0") != 0, "%s", text[0] ? text : "unknown");
    read_line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", text, sizeof(text));
    if (strcmp(text, "1") == 0)
        add(list, "apparmor_allows_user_namespaces", geteuid() == 0,
            "kernel.apparmor_restrict_unprivileged_userns is 1: only programs with a profile may");
}

size_t confine_probe(struct confine_capability *out, size_t max)
{
    struct list list = {out, 0, max};
    struct utsname system;
    if (uname(&system) == 0)
        add(&list, "kernel", true, "%s %s %s, as %s", system.sysname, system.release,
            system.machine, geteuid() == 0 ? "root" : "an ordinary user");
    add_facilities(&list);
    add_page_tracking(&list);
    add_process_calls(&list);
    add_settings(&list);
    return list.count;
}
