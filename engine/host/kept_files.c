/* SPDX-License-Identifier: Apache-2.0 */
/* kept_files.c: a working folder's content put aside, and put back. */
#include "host/kept_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/copy.h"
#include "host/error.h"
#include "host/folder.h"

static int fail(const clutch_sandbox *sandbox, clutch_error *error)
{
    int code = errno == EMFILE || errno == ENFILE ? CLUTCH_E_SYSTEM : CLUTCH_E_DISK;
    return error_set(error, code, errno, "copying the files of sandbox %s", sandbox->id);
}

/* The working folder for reading. */
static int open_work(clutch_sandbox *sandbox)
{
    OWN_FD int path = folder_open(sandbox);
    return path < 0 ? -1 : openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int copy_all(const clutch_sandbox *sandbox, int from, int to, clutch_error *error)
{
    struct copy_report report;
    int code = copy_tree(from, to, UINT64_MAX, &report, error);
    OWN_MEMORY clutch_left_out *rows = walk_left_out_rows(&report.left_out);
    if (code == 0 && rows)
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING,
                   "a copy of the files of sandbox %s lacks %zu of them, the first because %s", sandbox->id,
                   report.left_out.count, rows[0].reason);
    walk_left_out_free(&report.left_out);
    return code;
}

/* Nothing of it costs more than sharing, and nothing is left out. */
static int copy_whole(const clutch_sandbox *sandbox, int from, int to, clutch_error *error)
{
    struct copy_report report;
    int code = copy_tree(from, to, 0, &report, error);
    if (code == 0 && report.left_out.count > 0)
        code = error_set(error, CLUTCH_E_UNSUPPORTED, 0, "not all files of sandbox %s can be copied",
                         sandbox->id);
    walk_left_out_free(&report.left_out);
    return code;
}

static int take(clutch_sandbox *sandbox, const char *path, bool whole, clutch_error *error)
{
    if (mkdir(path, 0700) != 0)
        return fail(sandbox, error);
    OWN_FD int from = open_work(sandbox);
    OWN_FD int to = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = from < 0 || to < 0 ? fail(sandbox, error)
               : whole            ? copy_whole(sandbox, from, to, error)
                                  : copy_all(sandbox, from, to, error);
    if (code)
        tree_remove(AT_FDCWD, path);
    return code;
}

int kept_files_take(clutch_sandbox *sandbox, const char *path, clutch_error *error)
{
    return take(sandbox, path, false, error);
}

int kept_files_take_whole(clutch_sandbox *sandbox, const char *path, clutch_error *error)
{
    return take(sandbox, path, true, error);
}

bool kept_files_none(clutch_sandbox *sandbox)
{
    int fd = open_work(sandbox);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        own_close(&fd);
        return false;
    }
    unsigned entries = 0;
    while (entries <= 2 && readdir(folder))
        entries++;
    closedir(folder);
    return entries == 2; /* itself and the one above */
}

int kept_files_give(clutch_sandbox *sandbox, const char *path, bool empty, clutch_error *error)
{
    OWN_FD int from = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    OWN_FD int to = open_work(sandbox);
    if ((path && from < 0) || to < 0 || (empty && tree_empty(to, ".") != 0))
        return fail(sandbox, error);
    return path ? copy_all(sandbox, from, to, error) : 0;
}

int kept_files_copy(clutch_sandbox *sandbox, clutch_sandbox *copy, clutch_error *error)
{
    OWN_FD int from = open_work(sandbox);
    OWN_FD int to = open_work(copy);
    return from < 0 || to < 0 ? fail(sandbox, error) : copy_all(sandbox, from, to, error);
}
