/* SPDX-License-Identifier: Apache-2.0 */
/* walk.c: going through a folder that a hostile sandbox fills. */
#include "host/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "host/error.h"

enum { ROWS = 1000 };

/* ---- Errors and what is left out ---- */

int walk_fail(clutch_error *error, int fault, const char *what, const char *name)
{
    if (fault == ENOMEM)
        return error_memory(error);
    bool disk = fault == ENOSPC || fault == EDQUOT || fault == EROFS || fault == EIO;
    return error_set(error, disk ? CLUTCH_E_DISK : CLUTCH_E_SYSTEM, fault, "%s %.200s", what, name);
}

/* A row that there is no memory for is counted all the same. */
void walk_leave_out(struct walk_left_out *left_out, const char *path, const char *type, const char *reason)
{
    left_out->count++;
    if (left_out->held >= ROWS)
        return;
    size_t before = left_out->texts.length;
    buf_append(&left_out->texts, path, strlen(path) + 1);
    buf_append(&left_out->texts, type, strlen(type) + 1);
    if (buf_append(&left_out->texts, reason, strlen(reason) + 1))
        left_out->held++;
    else
        left_out->texts.length = before;
}

clutch_left_out *walk_left_out_rows(const struct walk_left_out *left_out)
{
    clutch_left_out *rows = left_out->held ? calloc(left_out->held, sizeof *rows) : NULL;
    const char *at = (const char *)left_out->texts.data;
    for (size_t i = 0; rows && i < left_out->held; i++) {
        rows[i].name = at;
        rows[i].type = rows[i].name + strlen(rows[i].name) + 1;
        rows[i].reason = rows[i].type + strlen(rows[i].type) + 1;
        at = rows[i].reason + strlen(rows[i].reason) + 1;
    }
    return rows;
}

void walk_left_out_free(struct walk_left_out *left_out)
{
    buf_free(&left_out->texts);
    left_out->count = left_out->held = 0;
}

/* ---- Opening ---- */

int walk_open(int folder, const char *name, uint64_t flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC | O_NOFOLLOW,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    int fd = -1;
    /* EAGAIN: something was renamed while the kernel walked; it may be so for ever. */
    for (int tries = 0; tries < 32; tries++) {
        fd = (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fd;
}

/* ---- Walking ---- */

struct walker {
    const struct walk_visitor *visitor;
    char *path;
    size_t entries;
    clutch_error *error;
};

static int walk_folder(struct walker *walker, int folder, size_t depth, size_t path_length);

static void leave_out(struct walker *walker, const char *type, const char *reason)
{
    walk_leave_out(walker->visitor->left_out, walker->path, type, reason);
}

static int leave_unreadable(struct walker *walker, const char *type, int fault)
{
    if (fault == ENOMEM || fault == EMFILE || fault == ENFILE || fault == EIO)
        return walk_fail(walker->error, fault, "the working folder's", walker->path);
    char text[128];
    leave_out(walker, type, strerror_r(fault, text, sizeof text));
    return 0;
}

/* All names are read before any is used: the sandbox cannot make a folder endless while it is walked. */
static int read_names(struct walker *walker, int folder, struct buf *names, size_t *count)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        int fault = errno;
        if (fd >= 0)
            close(fd);
        return leave_unreadable(walker, "folder", fault);
    }
    struct dirent *item;
    int code = 0;
    while (code == 0 && (item = readdir(entries))) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        if (++walker->entries > WALK_ENTRIES)
            code = error_set(walker->error, CLUTCH_E_TOO_LARGE, 0,
                             "the working folder has more than %zu entries", WALK_ENTRIES);
        else if (!buf_append(names, item->d_name, strlen(item->d_name) + 1))
            code = error_memory(walker->error);
        ++*count;
    }
    closedir(entries);
    return code;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int visit_folder(struct walker *walker, struct walk_entry *entry, size_t path_length)
{
    const struct walk_visitor *visitor = walker->visitor;
    if (entry->depth + 1 >= WALK_DEPTH) {
        leave_out(walker, "folder", "it is deeper than 128 folders");
        return 0;
    }
    int code = visitor->enter(entry, visitor->user, walker->error);
    if (code == 0)
        code = walk_folder(walker, entry->fd, entry->depth + 1, path_length);
    walker->path[path_length] = 0;
    return code ? code : visitor->leave(entry, visitor->user, walker->error);
}

static int visit_link(struct walker *walker, int folder, struct walk_entry *entry)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(folder, entry->name, target, sizeof target);
    if (length < 0 || (size_t)length == sizeof target)
        return leave_unreadable(walker, "link", length < 0 ? errno : ENAMETOOLONG);
    target[length] = 0;
    entry->target = target;
    return walker->visitor->link(entry, walker->visitor->user, walker->error);
}

static const char *type_word(mode_t mode)
{
    return S_ISSOCK(mode)                    ? "socket"
           : S_ISFIFO(mode)                  ? "pipe"
           : S_ISCHR(mode) || S_ISBLK(mode) ? "device"
                                             : "file";
}

/* Looks before it opens, since opening a device does something; and again after, since the name may stand
 * for something else by then. A pipe that slipped in is not waited for. */
static int visit(struct walker *walker, int folder, const char *name, size_t depth, size_t path_length)
{
    struct walk_entry entry = {.path = walker->path, .name = name, .depth = depth, .fd = -1};
    if (fstatat(folder, name, &entry.about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : leave_unreadable(walker, "file", errno);
    mode_t mode = entry.about.st_mode;
    if (S_ISLNK(mode))
        return visit_link(walker, folder, &entry);
    if (!S_ISREG(mode) && !S_ISDIR(mode)) {
        leave_out(walker, type_word(mode), "only files, folders and symbolic links are kept");
        return 0;
    }
    OWN_FD int fd = walk_open(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &entry.about) != 0)
        return errno == ENOENT ? 0 : leave_unreadable(walker, S_ISDIR(mode) ? "folder" : "file", errno);
    entry.fd = fd;
    mode = entry.about.st_mode;
    if (S_ISDIR(mode))
        return visit_folder(walker, &entry, path_length);
    if (!S_ISREG(mode)) {
        leave_out(walker, type_word(mode), "only files, folders and symbolic links are kept");
        return 0;
    }
    if (entry.about.st_nlink > 1) {
        leave_out(walker, "hard link", "the file has more than one name");
        return 0;
    }
    return walker->visitor->file(&entry, walker->visitor->user, walker->error);
}

static int walk_names(struct walker *walker, int folder, size_t depth, size_t path_length,
                      const char *const *names, size_t count)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        size_t length = strlen(names[i]), at = path_length;
        if (path_length)
            walker->path[at++] = '/';
        memcpy(walker->path + at, names[i], length + 1);
        code = visit(walker, folder, names[i], depth, at + length);
        walker->path[path_length] = 0;
    }
    return code;
}

static int walk_folder(struct walker *walker, int folder, size_t depth, size_t path_length)
{
    struct buf names = {0};
    size_t count = 0;
    int code = read_names(walker, folder, &names, &count);
    const char **sorted = count && code == 0 ? malloc(count * sizeof *sorted) : NULL;
    if (count && code == 0 && !sorted)
        code = error_memory(walker->error);
    const char *at = (const char *)names.data;
    for (size_t i = 0; sorted && i < count; i++, at += strlen(at) + 1)
        sorted[i] = at;
    if (sorted) {
        qsort(sorted, count, sizeof *sorted, by_name);
        code = walk_names(walker, folder, depth, path_length, sorted, count);
    }
    free(sorted);
    buf_free(&names);
    return code;
}

int walk_tree(int root, const struct walk_visitor *visitor, clutch_error *error)
{
    struct walker walker = {.visitor = visitor, .path = calloc(1, WALK_PATH_BYTES + 256), .error = error};
    if (!walker.path)
        return error_memory(error);
    int code = walk_folder(&walker, root, 0, 0);
    free(walker.path);
    return code;
}
