/* SPDX-License-Identifier: Apache-2.0 */
/* program.c: the worker program that travels inside the library. */
#include "host/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "host/error.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010u /* Linux 6.3: this memory file is meant to be run */
#endif

/* CLUTCH_WORKER_FILE is the program's path at build time. */
__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "program_begin:\n"
        ".incbin \"" CLUTCH_WORKER_FILE "\"\n"
        "program_end:\n"
        ".byte 0\n"
        ".popsection\n");
extern const char program_begin[] __attribute__((visibility("hidden")));
extern const char program_end[] __attribute__((visibility("hidden")));

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

static int open_embedded(clutch_error *error)
{
    OWN_FD int fd = memfd_create("clutch-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("clutch-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return error_set(error, CLUTCH_E_WORKER, errno,
                         "this system gives no executable memory file for the worker program: install "
                         "clutch-worker and set worker_path to it");
    if (write_all(fd, program_begin, (size_t)(program_end - program_begin)) != 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        return error_set(error, CLUTCH_E_WORKER, errno, "the worker program's memory file");
    return own_take(&fd);
}

int program_open(const char *path, clutch_error *error)
{
    if (!path)
        return open_embedded(error);
    OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (fd < 0)
        return error_set(error, CLUTCH_E_WORKER, errno, "the worker program %s", path);
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || !(about.st_mode & 0111))
        return error_set(error, CLUTCH_E_WORKER, 0, "the worker program %s is no executable file", path);
    return own_take(&fd);
}
