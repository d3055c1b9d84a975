/* SPDX-License-Identifier: Apache-2.0 */
/* descriptors.c: a sandbox keeps the descriptors that it was given and no other: not the template's
 * sockets, namespaces and rules, not another sandbox's. */
#include "confine/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEEP_MAX 64

static int by_number(const void *a, const void *b)
{
    const int first = *(const int *)a, second = *(const int *)b;
    return first < second ? -1 : first > second;
}

static int close_from(unsigned first, unsigned last)
{
    return first > last ? 0 : (int)syscall(SYS_close_range, first, last, 0);
}

/* A folder opened before the sandbox had its own file tree leads back to the host's. */
static int refuse_folder(int fd, struct what *what)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode))
        return what_refused(what, EINVAL, "descriptor %d is a folder of the host's file tree", fd);
    return 0;
}

int descriptors_close_others(const struct confine_policy *policy, int pinned_fd, int disk_fd,
                             struct what *what)
{
    int keep[KEEP_MAX];
    size_t count = 0;
    if (policy->keep_fd_count > KEEP_MAX - 2)
        return what_refused(what, E2BIG, "more than %d descriptors to keep", KEEP_MAX - 2);
    for (size_t i = 0; i < policy->keep_fd_count; i++) {
        if (policy->keep_fds[i] < 0)
            continue;
        if (refuse_folder(policy->keep_fds[i], what) < 0)
            return -1;
        keep[count++] = policy->keep_fds[i];
    }
    if (pinned_fd >= 0)
        keep[count++] = pinned_fd;
    if (disk_fd >= 0)
        keep[count++] = disk_fd;
    qsort(keep, count, sizeof(keep[0]), by_number);
    unsigned next = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned fd = (unsigned)keep[i];
        if (fd > next && close_from(next, fd - 1) < 0)
            return what_failed(what, "close_range");
        if (fd >= next)
            next = fd + 1;
    }
    return close_from(next, ~0u) < 0 ? what_failed(what, "close_range") : 0;
}
