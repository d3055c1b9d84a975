/* SPDX-License-Identifier: Apache-2.0 */
/* libraries.c: the template's shared libraries, in few mappings.
 *
 * fork(2) copies a description of every mapping and exit frees it, some two microseconds each, and a
 * hundred libraries with five or six mappings each are most of what a template with pandas has. So what a
 * library only reads becomes one mapping, its constants as executable as its code, and what it writes
 * becomes another, of a file in memory: data, what was read-only after relocation, and zeroed data. Both
 * distinctions keep apart what code that may call mprotect(2) can join again, as user code can; no user
 * code runs in the template. */
#include "python/libraries.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define WRITTEN_MAX ((size_t)16 << 20) /* a library with more data than that is left alone */

static uintptr_t page_mask;
static int copies_fd;
static off_t copies_bytes;

struct range {
    uintptr_t begin, end;
};

static struct range segment_range(const struct dl_phdr_info *library, const ElfW(Phdr) *segment)
{
    uintptr_t begin = library->dlpi_addr + segment->p_vaddr;
    return (struct range){begin & ~page_mask, (begin + segment->p_memsz + page_mask) & ~page_mask};
}

/* Neighbours of one file and equal rights are one mapping for the kernel. */
static void join_code(struct range range)
{
    mprotect((void *)range.begin, range.end - range.begin, PROT_READ | PROT_EXEC);
}

/* A file in memory with what the range holds takes its place, in one step: it may be the data of the C
 * library, or of this program. What the template does not write to from then on, a child shares through
 * the file, and fork copies no page table for it. */
static void replace_data(struct range range)
{
    const size_t length = range.end - range.begin;
    if (length > WRITTEN_MAX || copies_fd < 0 ||
        mprotect((void *)range.begin, length, PROT_READ | PROT_WRITE) < 0 ||
        pwrite(copies_fd, (void *)range.begin, length, copies_bytes) != (ssize_t)length)
        return;
    mmap((void *)range.begin, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, copies_fd,
         copies_bytes);
    copies_bytes += (off_t)length;
}

static int merge_library(struct dl_phdr_info *library, size_t size, void *unused)
{
    (void)size, (void)unused;
    for (size_t i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &library->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD)
            continue;
        struct range range = segment_range(library, segment);
        if (!(segment->p_flags & PF_W))
            join_code(range);
        else if (!(segment->p_flags & PF_X)) /* both: an old library; left as it is */
            replace_data(range);
    }
    return 0;
}

void libraries_merge(void)
{
    page_mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    copies_fd = memfd_create("clutch-libraries", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    dl_iterate_phdr(merge_library, NULL);
    if (copies_fd >= 0) {
        fcntl(copies_fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
        close(copies_fd);
    }
}
