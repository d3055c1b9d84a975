/* SPDX-License-Identifier: Apache-2.0 */
/* pages.c: tracks written pages by userfaultfd's asynchronous write protection and PAGEMAP_SCAN. */
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12's kernel headers are of 6.1. What follows is of the kernel's user-space interface:
 * linux/userfaultfd.h of 6.4 (UNPOPULATED) and 6.7 (ASYNC), linux/fs.h of 6.7 (PAGEMAP_SCAN). */
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

#define CATEGORY_WRITTEN (UINT64_C(1) << 1) /* PAGE_IS_WRITTEN */
#define CATEGORY_FILE (UINT64_C(1) << 2)    /* PAGE_IS_FILE: file or shared memory */
#define SCAN_PROTECT (UINT64_C(1) << 0)     /* PM_SCAN_WP_MATCHING */
#define SCAN_CHECK (UINT64_C(1) << 1)       /* PM_SCAN_CHECK_WPASYNC: EPERM where not protected */

struct scan_argument { /* struct pm_scan_arg */
    uint64_t size, flags, start, end, walk_end;
    uint64_t vec, vec_len, max_pages;
    uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct scan_region { /* struct page_region */
    uint64_t start, end, categories;
};

#define SCAN_REQUEST _IOWR('f', 16, struct scan_argument) /* PAGEMAP_SCAN */

enum {
    RANGES_MAX = 1024,       /* each may split mappings in three; the usual limit is 65,530 */
    WRITTEN_MAX = 64 * 1024, /* runs of written pages kept of one sweep */
    REGIONS = 128,           /* regions fetched by one request */
    SAMPLES = 8,             /* pages looked at to learn what kind of memory a range is */
};

struct descriptor {
    int fd;
    dev_t device;
    ino_t inode;
};

struct range {
    uintptr_t start, end;
    bool settled; /* protected since before the last sweep */
    bool checked; /* found to be private memory, once its pages were there */
    bool used;    /* named by a pages_track of this round */
};

struct run {
    uintptr_t start, end;
};

static struct {
    bool enabled; /* the descriptors are open */
    bool lost;    /* they were, and are to be opened again when they are needed */
    struct descriptor fault, map;
    uintptr_t page;
    struct run *written; /* sorted, disjoint: what the last sweep found */
    size_t written_count, written_room;
    size_t range_count;
    struct range ranges[RANGES_MAX]; /* sorted, disjoint */
} pages = {.fault.fd = -1, .map.fd = -1};

static void descriptor_set(struct descriptor *descriptor, int fd)
{
    struct stat status;
    *descriptor = (struct descriptor){.fd = fd};
    if (fd >= 0 && fstat(fd, &status) == 0) {
        descriptor->device = status.st_dev;
        descriptor->inode = status.st_ino;
    }
}

/* The process may have closed the descriptor and got its number for a file of its own. */
static void descriptor_close(struct descriptor *descriptor)
{
    struct stat status;
    if (descriptor->fd >= 0 && fstat(descriptor->fd, &status) == 0 &&
        status.st_dev == descriptor->device && status.st_ino == descriptor->inode)
        close(descriptor->fd);
    descriptor->fd = -1;
}

static bool descriptors_open(void)
{
    struct uffdio_api api = {
        .api = UFFD_API,
        .features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED,
    };
    /* With user mode only, no privilege is asked for; the kernel's own writes are marked too. */
    descriptor_set(&pages.fault,
                   (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY));
    if (pages.fault.fd >= 0 && ioctl(pages.fault.fd, UFFDIO_API, &api) == 0)
        descriptor_set(&pages.map, open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    pages.page = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct scan_argument none = {.size = sizeof none};
    return pages.map.fd >= 0 && ioctl(pages.map.fd, SCAN_REQUEST, &none) == 0;
}

static void forget(void)
{
    descriptor_close(&pages.fault);
    descriptor_close(&pages.map);
    free(pages.written);
    pages.written = NULL;
    pages.written_count = pages.written_room = pages.range_count = 0;
    pages.enabled = false;
}

bool pages_open(void)
{
    if (!pages.enabled) {
        pages.enabled = descriptors_open();
        pages.lost = false;
    }
    if (!pages.enabled)
        forget();
    return pages.enabled;
}

static bool is_ready(void)
{
    return pages.enabled || (pages.lost && pages_open());
}

void pages_disable(void)
{
    forget();
    pages.lost = false;
}

bool pages_enabled(void)
{
    return pages.enabled;
}

static bool protect(uintptr_t start, uintptr_t end)
{
    struct uffdio_register registration = {
        .range = {.start = start, .len = end - start},
        .mode = UFFDIO_REGISTER_MODE_WP,
    };
    struct uffdio_writeprotect mark = {
        .range = registration.range,
        .mode = UFFDIO_WRITEPROTECT_MODE_WP,
    };
    return ioctl(pages.fault.fd, UFFDIO_REGISTER, &registration) == 0 &&
           ioctl(pages.fault.fd, UFFDIO_WRITEPROTECT, &mark) == 0;
}

/* User code may close any descriptor, and another of its own may get the number. Then all marks are
 * gone; new descriptors are opened, where that is still possible, when they are needed again. */
static void check_descriptors(int error)
{
    if (error != EBADF && error != ENOTTY)
        return;
    forget();
    pages.lost = true;
}

/* Fails where the memory was unmapped meanwhile; then nothing is left to let go of. */
static void release(uintptr_t start, uintptr_t end)
{
    struct uffdio_range range = {.start = start, .len = end - start};
    (void)ioctl(pages.fault.fd, UFFDIO_UNREGISTER, &range);
}

/* Files and shared memory change without this process's page table being told. One mapping is all
 * of one kind but for private pages of a file that were written, so some pages stand for the rest:
 * the kernel takes long to say it of each. A page never read is not seen, so it is asked again when
 * they all have been. */
static bool is_private(uintptr_t start, uintptr_t end)
{
    uintptr_t step = (end - start) / SAMPLES & -pages.page;
    for (uintptr_t at = start; at < end; at += step > pages.page ? step : pages.page) {
        struct scan_region region;
        struct scan_argument argument = {
            .size = sizeof argument,
            .start = at,
            .end = at + pages.page,
            .vec = (uintptr_t)&region,
            .vec_len = 1,
            .category_mask = CATEGORY_FILE,
            .return_mask = CATEGORY_FILE,
        };
        if (ioctl(pages.map.fd, SCAN_REQUEST, &argument) != 0)
            return false;
    }
    return true;
}

/* Appends to the runs; beyond the bound the last one grows over what lies between. */
static bool written_add(uintptr_t start, uintptr_t end)
{
    struct run *last = pages.written_count ? &pages.written[pages.written_count - 1] : NULL;
    if (last && (last->end == start || pages.written_count == WRITTEN_MAX)) {
        last->end = end;
        return true;
    }
    if (pages.written_count == pages.written_room) {
        size_t room = pages.written_room ? pages.written_room * 2 : 64;
        struct run *grown = realloc(pages.written, room * sizeof *grown);
        if (!grown)
            return false;
        pages.written = grown;
        pages.written_room = room;
    }
    pages.written[pages.written_count++] = (struct run){start, end};
    return true;
}

/* Fetches the written pages of a range and sets their marks again. False if the range is not
 * known any more: unmapped and mapped anew, moved, or the descriptor is not ours any more. Only
 * these masks take the kernel's short way, which is also the one that counts dropped pages as
 * written in all its versions. */
static bool range_sweep(const struct range *range)
{
    struct scan_region regions[REGIONS];
    struct scan_argument argument = {
        .size = sizeof argument,
        .flags = SCAN_PROTECT | SCAN_CHECK,
        .start = range->start,
        .end = range->end,
        .vec = (uintptr_t)regions,
        .vec_len = REGIONS,
        .category_mask = CATEGORY_WRITTEN,
        .return_mask = CATEGORY_WRITTEN,
    };
    while (argument.start < range->end) {
        int count = ioctl(pages.map.fd, SCAN_REQUEST, &argument);
        if (count < 0 || count > REGIONS || argument.walk_end <= argument.start)
            return false;
        for (int i = 0; i < count; i++)
            if (!written_add(regions[i].start, regions[i].end))
                return false;
        argument.start = argument.walk_end;
    }
    return true;
}

void pages_sweep(void)
{
    size_t kept = 0;
    int error = 0;
    pages.written_count = 0;
    for (size_t i = 0; pages.enabled && i < pages.range_count; i++) {
        struct range range = pages.ranges[i];
        errno = 0;
        if (!range.checked)
            range.checked = is_private(range.start, range.end);
        if (range.checked && range_sweep(&range)) {
            range.settled = true;
            range.used = false;
            pages.ranges[kept++] = range;
        } else {
            error = errno;
            release(range.start, range.end);
        }
    }
    pages.range_count = kept;
    check_descriptors(error);
}

/* The first range that ends after the address, or range_count. */
static size_t range_after(uintptr_t address)
{
    size_t low = 0, high = pages.range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pages.ranges[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool range_insert(size_t at, uintptr_t start, uintptr_t end)
{
    if (pages.range_count == RANGES_MAX || !is_private(start, end))
        return false;
    if (!protect(start, end)) {
        int error = errno;
        release(start, end);
        check_descriptors(error);
        return false;
    }
    memmove(&pages.ranges[at + 1], &pages.ranges[at],
            (pages.range_count - at) * sizeof *pages.ranges);
    pages.ranges[at] = (struct range){.start = start, .end = end, .used = true};
    pages.range_count++;
    return true;
}

/* The pages that the memory touches; false if there are none, or nothing is tracked. */
static bool whole_pages(const void *start, size_t length, uintptr_t *from, uintptr_t *to)
{
    uintptr_t address = (uintptr_t)start;
    if (!pages.enabled || length == 0 || length > UINTPTR_MAX - address - pages.page)
        return false;
    *from = address & -pages.page;
    *to = (address + length + pages.page - 1) & -pages.page;
    return true;
}

bool pages_is_shared(const void *start, size_t length)
{
    uintptr_t from, to;
    return is_ready() && whole_pages(start, length, &from, &to) && !is_private(from, to);
}

bool pages_track(const void *start, size_t length)
{
    uintptr_t from, to;
    if (!is_ready() || !whole_pages(start, length, &from, &to))
        return false;
    for (size_t i = range_after(from); from < to; i++) {
        bool none = i == pages.range_count || pages.ranges[i].start >= to;
        uintptr_t gap_end = none ? to : pages.ranges[i].start;
        if (gap_end > from && !range_insert(i, from, gap_end))
            return false;
        pages.ranges[i].used = true;
        from = pages.ranges[i].end;
    }
    return true;
}

/* Where the first run of written pages that ends after an address begins. */
static uintptr_t next_written(uintptr_t address)
{
    size_t low = 0, high = pages.written_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pages.written[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low < pages.written_count ? pages.written[low].start : UINTPTR_MAX;
}

size_t pages_clean(const void *start, size_t length)
{
    uintptr_t from, to, address = (uintptr_t)start;
    if (!whole_pages(start, length, &from, &to))
        return 0;
    uintptr_t written = next_written(from);
    if (written < to)
        to = written;
    for (size_t i = range_after(from); from < to; i++) {
        if (i == pages.range_count || pages.ranges[i].start > from || !pages.ranges[i].settled)
            break;
        from = pages.ranges[i].end;
    }
    if (from > to)
        from = to;
    size_t clean = from > address ? from - address : 0;
    return clean < length ? clean : length;
}

void pages_expire(void)
{
    size_t kept = 0;
    for (size_t i = 0; i < pages.range_count; i++) {
        if (pages.ranges[i].used)
            pages.ranges[kept++] = pages.ranges[i];
        else
            release(pages.ranges[i].start, pages.ranges[i].end);
    }
    pages.range_count = kept;
}

void pages_reopen(void)
{
    if (!pages.enabled)
        return;
    descriptor_close(&pages.fault);
    descriptor_close(&pages.map);
    if (!descriptors_open()) {
        forget();
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < pages.range_count; i++)
        if (protect(pages.ranges[i].start, pages.ranges[i].end))
            pages.ranges[kept++] = pages.ranges[i];
    pages.range_count = kept;
}
