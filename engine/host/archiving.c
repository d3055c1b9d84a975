/* SPDX-License-Identifier: Apache-2.0 */
/* archiving.c: a stopped sandbox as one file, and back.
 *
 * While the archive has its name, it is all of the sandbox and the folder does not count; that is how the
 * next engine tells after a crash (store_takeover.c). */
#include "host/archiving.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/archive.h"
#include "host/create.h"
#include "host/error.h"
#include "host/hatch.h"
#include "host/lifecycle.h"
#include "host/manifest.h"
#include "host/place.h"
#include "host/session_report.h"
#include "host/store.h"
#include "host/undo.h"

/* ---- Packing ---- */

static int open_part(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW);
}

/* What is not there need not be; what cannot be opened would be left out, and then removed. */
static int check_part(int fd, const char *path, bool needed, clutch_error *error)
{
    if (fd >= 0 || (errno == ENOENT && !needed))
        return 0;
    return error_set(error, errno == ENOENT ? CLUTCH_E_DAMAGED : CLUTCH_E_DISK, errno, "to be archived: %s",
                     path);
}

/* What a record says is left out, and the files that an archive lacks; NULL without memory. */
static clutch_session_report *report_of(const clutch_sandbox *sandbox, const clutch_sandbox_info *info,
                                        const struct walk_left_out *files)
{
    clutch_session_report *report = session_report_empty(sandbox->serial, "");
    OWN_MEMORY clutch_left_out *rows = walk_left_out_rows(files);
    if (report && info->left_out_count)
        session_report_add(&report, "", info->left_out, info->left_out_count);
    if (report && rows)
        session_report_add(&report, SESSION_REPORT_FILE, rows, files->held);
    return report;
}

/* The file that will be the archive, filled with all there is of a sandbox, and synced. */
static int fill(const clutch_sandbox *sandbox, const struct store_sandbox *stored, int out,
                struct archive_report *report, clutch_error *error)
{
    OWN_MEMORY char *session = place_path(sandbox->engine, PLACE_SESSION, sandbox->id);
    OWN_MEMORY char *work = place_path(sandbox->engine, PLACE_WORK, sandbox->id);
    size_t length = 0;
    OWN_MEMORY char *record = manifest_write(stored, &length);
    if (!session || !work || !record)
        return error_memory(error);
    OWN_FD int session_fd = open_part(session, O_RDONLY);
    int code = check_part(session_fd, session, stored->info.saved_ms != 0, error);
    OWN_FD int work_fd = code ? -1 : open_part(work, O_RDONLY | O_DIRECTORY);
    if (code == 0)
        code = check_part(work_fd, work, false, error);
    struct archive_source source = {record, length, session_fd, work_fd};
    return code ? code : archive_pack(&source, out, report, error);
}

static int make_folder(const clutch_engine *engine, clutch_error *error)
{
    OWN_MEMORY char *folder = place_path(engine, "archives");
    if (!folder)
        return error_memory(error);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return error_set(error, CLUTCH_E_DISK, errno, "the folder %s", folder);
    return 0;
}

static int write_archive(const clutch_sandbox *sandbox, const struct store_sandbox *stored,
                         const char *path, struct archive_report *report, clutch_error *error)
{
    int code = make_folder(sandbox->engine, error);
    if (code)
        return code;
    OWN_FD int fd = place_begin(path, error);
    if (fd < 0)
        return fd;
    code = fill(sandbox, stored, fd, report, error);
    if (code == 0)
        return place_finish(path, fd, error);
    place_abandon(path);
    return code;
}

/* *made says what is left out. */
static int pack(const clutch_sandbox *sandbox, const char *path, clutch_session_report **made,
                clutch_error *error)
{
    struct store_sandbox *stored;
    struct archive_report report = {0};
    int code = store_get(sandbox->engine->store, sandbox->id, &stored, error);
    if (code)
        return code;
    code = write_archive(sandbox, stored, path, &report, error);
    if (code == 0)
        *made = report_of(sandbox, &stored->info, &report.left_out);
    if (code == 0 && !*made)
        code = error_memory(error);
    walk_left_out_free(&report.left_out);
    store_sandbox_free(stored);
    return code;
}

/* With the turn. */
static int archive(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    undo_notice_end(sandbox);
    if (sandbox->state == CLUTCH_STATE_STOPPED)
        archiving_forget(sandbox); /* an older one would count after a crash */
    int begun = lifecycle_begin(sandbox, LIFECYCLE_ARCHIVE, reason, error);
    if (begun)
        return begun < 0 ? begun : 0;
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_ARCHIVE, sandbox->id);
    clutch_session_report *report = NULL;
    clutch_error fault = {0};
    int code = path ? pack(sandbox, path, &report, &fault) : error_memory(&fault);
    if (code) {
        archiving_forget(sandbox); /* it may have its name, and only that is not on the disk */
        lifecycle_move(sandbox, CLUTCH_STATE_STOPPED, "it could not be archived: %s", fault.message);
        if (error)
            *error = fault;
        return code;
    }
    hatch_remove_folders(sandbox);
    lifecycle_settle(sandbox, CLUTCH_STATE_ARCHIVED, report, reason, NULL);
    clutch_session_report_free(report);
    return 0;
}

int archiving_pack(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    int code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, error);
    if (code)
        return code;
    code = archive(sandbox, reason, error);
    sandbox_give_turn(sandbox);
    return code;
}

int clutch_sandbox_archive(clutch_sandbox *sandbox, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = archiving_pack(sandbox, "archive was called", error);
    engine_leave(sandbox->engine);
    return code;
}

/* ---- Unpacking ---- */

static int unpack_into(clutch_sandbox *sandbox, const char *archive_path, const char *home,
                       clutch_error *error)
{
    OWN_FD int in = open_part(archive_path, O_RDONLY);
    if (in < 0)
        return error_set(error, errno == ENOENT ? CLUTCH_E_DAMAGED : CLUTCH_E_DISK, errno,
                         "the archive %s", archive_path);
    tree_remove(AT_FDCWD, home);
    if (mkdir(home, 0700) != 0)
        return error_set(error, CLUTCH_E_DISK, errno, "the folder %s", home);
    OWN_FD int home_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (home_fd < 0)
        return error_set(error, CLUTCH_E_DISK, errno, "the folder %s", home);
    struct archive_target target = {.home_fd = home_fd, .work_fd = -1};
    if (sandbox->limits.disk_bytes != CLUTCH_UNLIMITED)
        target.bytes = sandbox->limits.disk_bytes + LIMIT_GIB + sandbox->limits.memory_bytes;
    struct archive_report report = {0};
    int code = archive_unpack(in, archive_path, &target, NULL, NULL, &report, error);
    walk_left_out_free(&report.left_out);
    if (code == 0 && syncfs(home_fd) != 0)
        code = error_set(error, CLUTCH_E_DISK, errno, "the folder %s", home);
    return code;
}

int archiving_unpack(clutch_sandbox *sandbox, clutch_error *error)
{
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_ARCHIVE, sandbox->id);
    if (!path)
        return error_memory(error);
    int code = unpack_into(sandbox, path, sandbox->home_dir, error);
    sandbox->has_home = true;
    if (code)
        hatch_remove_folders(sandbox);
    return code;
}

void archiving_forget(clutch_sandbox *sandbox)
{
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_ARCHIVE, sandbox->id);
    if (path)
        unlink(path);
}

bool archiving_is_whole(const clutch_sandbox *sandbox)
{
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_ARCHIVE, sandbox->id);
    return path && access(path, F_OK) == 0;
}

/* ---- Import ---- */

static int copy_file(int from, int to, clutch_error *error)
{
    for (;;) {
        ssize_t got = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
        if (got == 0)
            return 0;
        if (got < 0 && errno != EINTR)
            break;
    }
    /* Not between these file systems. */
    char chunk[65536];
    ssize_t got;
    off_t at = lseek(to, 0, SEEK_CUR);
    while (at >= 0 && (got = pread(from, chunk, sizeof chunk, at)) > 0) {
        if (write(to, chunk, (size_t)got) != got)
            return error_set(error, CLUTCH_E_DISK, errno, "copying the archive");
        at += got;
    }
    return got == 0 && at >= 0 ? 0 : error_set(error, CLUTCH_E_DISK, errno, "copying the archive");
}

/* With the turn of a sandbox that is being created. */
static int take_over(clutch_sandbox *sandbox, int from, clutch_error *error)
{
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_ARCHIVE, sandbox->id);
    if (!path)
        return error_memory(error);
    int code = make_folder(sandbox->engine, error);
    if (code)
        return code;
    OWN_FD int to = place_begin(path, error);
    if (to < 0)
        return to;
    code = lseek(from, 0, SEEK_SET) == 0 ? copy_file(from, to, error)
                                         : error_set(error, CLUTCH_E_DISK, errno, "reading the archive");
    if (code == 0)
        return place_finish(path, to, error);
    place_abandon(path);
    return code;
}

static int import(clutch_engine *engine, const char *path, const char *owner, const char *name,
                  clutch_sandbox **out, clutch_error *error)
{
    OWN_FD int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (from < 0)
        return error_set(error, errno == ENOENT ? CLUTCH_E_NOT_FOUND : CLUTCH_E_DISK, errno,
                         "the archive %s", path);
    OWN_MEMORY char *record = NULL;
    size_t length;
    int code = archive_read_record(from, path, &record, &length, error);
    clutch_sandbox *sandbox;
    if (code == 0)
        code = manifest_read(engine, record, length, owner, name, &sandbox, error);
    if (code)
        return code;
    code = create_begin(sandbox, "import was called", error);
    if (code == 0) {
        code = take_over(sandbox, from, error);
        if (code == 0) {
            lifecycle_move(sandbox, CLUTCH_STATE_ARCHIVED, "import was called");
            sandbox_give_turn(sandbox);
        } else {
            create_end(sandbox, code, "", error);
        }
    }
    if (code)
        clutch_sandbox_release(sandbox);
    else
        *out = sandbox;
    return code;
}

int clutch_sandbox_import(clutch_engine *engine, const char *path, const char *owner, const char *name,
                          clutch_sandbox **out, clutch_error *error)
{
    if (!engine || !path || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine, path and out must not be NULL");
    int code = sandbox_check_name(owner ? owner : "", "owner", error);
    if (code == 0)
        code = sandbox_check_name(name ? name : "", "name", error);
    if (code == 0)
        code = engine_enter(engine, error);
    if (code)
        return code;
    code = import(engine, path, owner ? owner : "", name, out, error);
    engine_leave(engine);
    return code;
}
