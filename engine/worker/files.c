/* SPDX-License-Identifier: Apache-2.0 */
/* files.c: which files of the working folder have changed.
 *
 * Runs in the sandbox, so that a folder full of files costs the sandbox and not the host; the host
 * takes the answer as a claim. A change is seen by inode, size and times. */
#include "worker/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/own.h"

struct entry {
    char *name;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
};

struct listing {
    struct entry *entries;
    size_t count, capacity;
    size_t scanned;
    bool truncated;
};

static struct {
    int folder;
    struct listing known;
    bool has_folders;
    struct timespec folder_modified, folder_changed;
    bool settled; /* the folder's own times are old enough to tell of the next change */
} files = {.folder = -1};

/* Kernels before 6.13 stamp times in steps of up to 10 ms. */
enum { FILES_SETTLE_NS = 20 * 1000 * 1000 };

int files_prepare(void)
{
    own_close(&files.folder);
    files.folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return files.folder < 0 ? -1 : 0;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static void free_listing(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->entries[i].name);
    free(listing->entries);
    *listing = (struct listing){0};
}

static void add(struct listing *listing, const char *path, const struct stat *about)
{
    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity ? 2 * listing->capacity : 16;
        struct entry *entries = realloc(listing->entries, capacity * sizeof *entries);
        if (!entries) {
            listing->truncated = true;
            return;
        }
        listing->entries = entries;
        listing->capacity = capacity;
    }
    char *name = strdup(path);
    if (!name) {
        listing->truncated = true;
        return;
    }
    listing->entries[listing->count++] =
        (struct entry){name, about->st_ino, about->st_size, about->st_mtim, about->st_ctim};
}

/* path is the folder's own path with a slash behind it, length long, and room for names behind it. */
static void walk(struct listing *listing, int parent, const char *name, char *path, size_t length,
                 int depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct dirent *item;
    while ((item = readdir(folder))) {
        const char *file = item->d_name;
        size_t size = strlen(file);
        struct stat about;
        if (strcmp(file, ".") == 0 || strcmp(file, "..") == 0)
            continue;
        if (++listing->scanned > LIMIT_FILES_SCANNED || length + size + 2 > LIMIT_PATH_BYTES) {
            listing->truncated = true;
            continue;
        }
        if (fstatat(dirfd(folder), file, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        memcpy(path + length, file, size + 1);
        if (S_ISREG(about.st_mode)) {
            add(listing, path, &about);
        } else if (S_ISDIR(about.st_mode)) {
            files.has_folders = true;
            if (depth >= LIMIT_FILE_DEPTH) {
                listing->truncated = true;
                continue;
            }
            path[length + size] = '/';
            walk(listing, dirfd(folder), file, path, length + size + 1, depth + 1);
        }
    }
    closedir(folder);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static bool is_same(const struct entry *a, const struct entry *b)
{
    return a->inode == b->inode && a->size == b->size && same_time(&a->modified, &b->modified) &&
           same_time(&a->changed, &b->changed);
}

/* An empty folder whose own times stand still has stayed empty: one system call. */
static bool nothing_happened(void)
{
    struct stat about;
    if (fstat(files.folder, &about) != 0)
        return false;
    bool same = files.settled && files.known.count == 0 && !files.has_folders &&
                same_time(&about.st_mtim, &files.folder_modified) &&
                same_time(&about.st_ctim, &files.folder_changed);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_ns = (int64_t)(now.tv_sec - about.st_ctim.tv_sec) * 1000000000 +
                     (now.tv_nsec - about.st_ctim.tv_nsec);
    files.settled = age_ns > FILES_SETTLE_NS;
    files.folder_modified = about.st_mtim;
    files.folder_changed = about.st_ctim;
    return same;
}

bool files_changed(files_row_fn *row, void *user)
{
    if (nothing_happened())
        return true;
    struct listing now = {0};
    static char path[LIMIT_PATH_BYTES];
    files.has_folders = false;
    walk(&now, files.folder, ".", path, 0, 0);
    if (now.count)
        qsort(now.entries, now.count, sizeof now.entries[0], by_name);
    size_t old = 0;
    for (size_t i = 0; i < now.count; i++) {
        const struct entry *entry = &now.entries[i];
        int order = 1;
        while (old < files.known.count &&
               (order = strcmp(files.known.entries[old].name, entry->name)) < 0)
            old++;
        bool known = old < files.known.count && order == 0;
        if (row && !(known && is_same(&files.known.entries[old], entry)))
            row(user, entry->name, (uint64_t)entry->size);
    }
    bool whole = !now.truncated;
    free_listing(&files.known);
    files.known = now;
    return whole;
}
