/* SPDX-License-Identifier: Apache-2.0 */
/* folder.c: a sandbox's working folder from the host's side.
 *
 * The sandbox may be hostile and busy in this very folder. Every name is resolved by the kernel with
 * openat2 beneath the working folder, without following any link, so there is nothing to race with;
 * what comes out is a descriptor, and only the descriptor is used from there on. */
#include "host/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/own.h"
#include "host/error.h"
#include "host/files.h"
#include "host/store.h"

/* ---- Resolving ---- */

static int fail(clutch_error *error, int fault, const char *name)
{
    /* ELOOP: a link; EXDEV: out of the folder or another mount; ENXIO: a socket or device. */
    int code = fault == ENOENT || fault == ENOTDIR ? CLUTCH_E_NOT_FOUND : CLUTCH_E_SYSTEM;
    return error_set(error, code, fault, "the sandbox's file %.200s", name);
}

/* An archived sandbox has no folder, and a deleted one none of its own any more. */
static int check_state(clutch_sandbox *sandbox, clutch_error *error)
{
    pthread_mutex_lock(&sandbox->lock);
    uint32_t state = sandbox->state;
    pthread_mutex_unlock(&sandbox->lock);
    if (state != CLUTCH_STATE_ARCHIVING && state != CLUTCH_STATE_ARCHIVED &&
        state != CLUTCH_STATE_RESTORING && state != CLUTCH_STATE_DELETING && state != CLUTCH_STATE_DELETED)
        return 0;
    bool gone = state == CLUTCH_STATE_DELETING || state == CLUTCH_STATE_DELETED;
    return error_set(error, CLUTCH_E_STATE, 0, "sandbox %s is %s and has no files: %s",
                     sandbox->id, clutch_state_name(state), gone ? "create another one" : "start it first");
}

static int check(clutch_sandbox *sandbox, const char *name, clutch_error *error)
{
    int code = check_state(sandbox, error);
    if (code)
        return code;
    if (!name || strlen(name) >= LIMIT_PATH_BYTES || !files_name_is_fine(name, strlen(name)))
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "the file name \"%.200s\" is no relative path below the working folder",
                         name ? name : "");
    return 0;
}

int folder_open(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    int fd = sandbox->disk_fd >= 0 ? fcntl(sandbox->disk_fd, F_DUPFD_CLOEXEC, 0) : -1;
    bool on_disk = sandbox->disk_fd < 0;
    sandbox->active_ns = clock_now_ns();
    pthread_mutex_unlock(&sandbox->lock);
    if (engine_enter(sandbox->engine, NULL) == 0) {
        store_touch(sandbox->engine->store, sandbox->id, 0, NULL);
        engine_leave(sandbox->engine);
    }
    return on_disk ? open(sandbox->workdir, O_PATH | O_DIRECTORY | O_CLOEXEC) : fd;
}

static int open_beneath(int folder, const char *name, uint64_t flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC | O_NOFOLLOW,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    int fd;
    /* EAGAIN: something was renamed while the kernel walked; it may be so for ever. */
    for (int tries = 0; tries < 32; tries++) {
        fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fd;
}

/* The last part of a name, and the folder that holds it. With make, missing folders are made. */
static int open_parent(clutch_sandbox *sandbox, const char *name, bool make,
                       const char **out_last)
{
    OWN_FD int folder = folder_open(sandbox);
    const char *slash;
    while (folder >= 0 && (slash = strchr(name, '/'))) {
        char part[NAME_MAX + 1];
        size_t length = (size_t)(slash - name);
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(part, name, length);
        part[length] = 0;
        if (make && mkdirat(folder, part, 0755) != 0 && errno != EEXIST)
            return -1;
        int next = open_beneath(folder, part, O_PATH | O_DIRECTORY);
        int fault = errno;
        close(folder);
        folder = next;
        errno = fault;
        name = slash + 1;
    }
    *out_last = name;
    return own_take(&folder);
}

/* ---- Reading ---- */

int clutch_sandbox_open_file(clutch_sandbox *sandbox, const char *name, int *out,
                             clutch_error *error)
{
    int code = check(sandbox, name, error);
    if (code)
        return code;
    OWN_FD int folder = folder_open(sandbox);
    /* Not waiting for a pipe's writer; for regular files the flag means nothing. */
    OWN_FD int fd = folder < 0 ? -1 : open_beneath(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0)
        return fail(error, errno, name);
    if (!S_ISREG(about.st_mode))
        return error_set(error, CLUTCH_E_INVALID, 0, "the sandbox's file %.200s is no regular file",
                         name);
    /* A second name may be that of a file outside, which the sandbox was allowed to link but we
     * may read more of than it. */
    if (about.st_nlink > 1)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "the sandbox's file %.200s has %lu names (hard links); only a file with one is "
                         "read", name, (unsigned long)about.st_nlink);
    *out = own_take(&fd);
    return 0;
}

int clutch_sandbox_read_file(clutch_sandbox *sandbox, const char *name, size_t maximum, char **out,
                             size_t *length, clutch_error *error)
{
    OWN_FD int fd = -1;
    int code = clutch_sandbox_open_file(sandbox, name, &fd, error);
    struct stat about;
    if (code)
        return code;
    if (fstat(fd, &about) != 0)
        return fail(error, errno, name);
    if ((uint64_t)about.st_size > maximum)
        return error_set(error, CLUTCH_E_TOO_LARGE, 0,
                         "the sandbox's file %.200s has %llu bytes and the caller allows %zu", name,
                         (unsigned long long)about.st_size, maximum);
    size_t size = (size_t)about.st_size, held = 0;
    OWN_MEMORY char *data = malloc(size + 1);
    if (!data)
        return error_memory(error);
    /* It may shrink or grow meanwhile: what it had when it was opened is read, or less. */
    while (held < size) {
        ssize_t got = read(fd, data + held, size - held);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(error, errno, name);
        if (got == 0)
            break;
        held += (size_t)got;
    }
    data[held] = 0;
    *length = held;
    *out = data;
    data = NULL;
    return 0;
}

/* ---- Writing ---- */

static int write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

/* A new file under a name that nobody guesses, renamed into place. */
static int write_into(int folder, const char *name, const void *data, size_t length)
{
    static _Atomic unsigned counter;
    char passing[64];
    snprintf(passing, sizeof passing, ".clutch-%d-%u", getpid(), counter++);
    OWN_FD int fd =
        openat(folder, passing, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    if (write_all(fd, data, length) == 0 && renameat(folder, passing, folder, name) == 0)
        return 0;
    int fault = errno;
    unlinkat(folder, passing, 0);
    errno = fault;
    return -1;
}

int clutch_sandbox_write_file(clutch_sandbox *sandbox, const char *name, const void *data,
                              size_t length, clutch_error *error)
{
    int code = check(sandbox, name, error);
    if (code)
        return code;
    const char *last;
    OWN_FD int folder = open_parent(sandbox, name, true, &last);
    if (folder < 0 || write_into(folder, last, data, length) != 0)
        return fail(error, errno, name);
    return 0;
}

int clutch_sandbox_remove_file(clutch_sandbox *sandbox, const char *name, clutch_error *error)
{
    int code = check(sandbox, name, error);
    if (code)
        return code;
    const char *last;
    OWN_FD int folder = open_parent(sandbox, name, false, &last);
    if (folder >= 0 && (unlinkat(folder, last, 0) == 0 ||
                        (errno == EISDIR && unlinkat(folder, last, AT_REMOVEDIR) == 0)))
        return 0;
    return fail(error, errno, name);
}

/* ---- Listing ---- */

/* Entries while they are collected; name is an offset into names. */
struct collected {
    struct buf entries, names;
};

static int collect(DIR *folder, struct collected *out)
{
    struct dirent *item;
    size_t seen = 0;
    while ((item = readdir(folder))) {
        struct stat about;
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        if (++seen > LIMIT_LISTED)
            return CLUTCH_E_TOO_LARGE;
        if (fstatat(dirfd(folder), item->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
            !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode)))
            continue;
        clutch_entry entry = {
            .name = (const char *)(uintptr_t)out->names.length,
            .size_bytes = S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0,
            .modified_ns = (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec,
            .is_folder = S_ISDIR(about.st_mode),
        };
        if (!buf_append(&out->names, item->d_name, strlen(item->d_name) + 1) ||
            !buf_append(&out->entries, &entry, sizeof entry))
            return CLUTCH_E_MEMORY;
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const clutch_entry *)a)->name, ((const clutch_entry *)b)->name);
}

/* One block: the entries, then their names. */
static clutch_entry *join(const struct collected *collected, size_t count)
{
    size_t size = collected->entries.length;
    clutch_entry *entries = malloc(size + collected->names.length + 1);
    if (!entries)
        return NULL;
    char *names = (char *)entries + size;
    if (count) {
        memcpy(entries, collected->entries.data, size);
        memcpy(names, collected->names.data, collected->names.length);
    }
    for (size_t i = 0; i < count; i++)
        entries[i].name = names + (uintptr_t)entries[i].name;
    if (count)
        qsort(entries, count, sizeof *entries, by_name);
    return entries;
}

int clutch_sandbox_list_files(clutch_sandbox *sandbox, const char *folder, clutch_entry **out,
                              size_t *count, clutch_error *error)
{
    bool top = !folder || !*folder;
    int code = top ? check_state(sandbox, error) : check(sandbox, folder, error);
    if (code)
        return code;
    OWN_FD int workdir = folder_open(sandbox);
    OWN_FD int fd = workdir < 0 ? -1 : open_beneath(workdir, top ? "." : folder, O_RDONLY | O_DIRECTORY);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries)
        return fail(error, errno, top ? "." : folder);
    own_take(&fd);
    struct collected collected = {0};
    code = collect(entries, &collected);
    closedir(entries);
    size_t found = collected.entries.length / sizeof(clutch_entry);
    clutch_entry *joined = code == 0 ? join(&collected, found) : NULL;
    buf_free(&collected.entries);
    buf_free(&collected.names);
    if (code == CLUTCH_E_TOO_LARGE)
        return error_set(error, code, 0, "the sandbox's folder %.200s has more than %zu entries",
                         top ? "." : folder, LIMIT_LISTED);
    if (!joined)
        return error_memory(error);
    *out = joined;
    *count = found;
    return 0;
}
