/* SPDX-License-Identifier: Apache-2.0 */
/* archive_unpack.c: unpacking a sandbox from a file that may come from anywhere and hold anything. */
#include "host/archive.h"

#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/full.h"
#include "base/own.h"
#include "base/tree.h"
#include "host/archive_parts.h"
#include "host/error.h"

#define SPARSE_BYTES_MAX ((la_int64_t)1 << 40)

enum stage { BEFORE, RECORD, SESSION, WORK };

/* A folder's mode and time are set when nothing is put into it any more. */
struct folder_about {
    mode_t mode;
    struct timespec modified;
    size_t path; /* its place in paths */
};

struct unpacking {
    struct archive *archive;
    struct archive_stream stream;
    const struct archive_target *target;
    struct archive_report *report;
    enum stage stage; /* of the last member: they come in order */
    int work_fd;
    int parent_fd;      /* the folder that was opened last, */
    struct buf parent;  /* and its path: files of one folder follow each other */
    struct buf folders, paths;
    char *record;
    size_t record_length;
    bool record_only;
};

static int damaged(struct unpacking *unpacking, const char *name, const char *reason, clutch_error *error)
{
    if (name)
        return error_set(error, CLUTCH_E_DAMAGED, 0, "the archive %.150s is damaged: %.150s %s",
                         unpacking->stream.name, name, reason);
    return error_set(error, CLUTCH_E_DAMAGED, 0, "the archive %.150s is damaged: %s",
                     unpacking->stream.name, reason);
}

/* What libarchive, or the stream below it, could not do. */
static int unpack_fail(struct unpacking *unpacking, clutch_error *error)
{
    const struct archive_stream *stream = &unpacking->stream;
    if (stream->fault)
        return walk_fail(error, stream->fault, "reading", stream->name);
    if (stream->damage)
        return damaged(unpacking, NULL, stream->damage, error);
    if (archive_errno(unpacking->archive) == ENOMEM)
        return error_memory(error);
    const char *text = archive_error_string(unpacking->archive);
    return damaged(unpacking, NULL, text ? text : "it is no tar archive", error);
}

static int too_large(struct unpacking *unpacking, const char *things, uint64_t limit, clutch_error *error)
{
    return error_set(error, CLUTCH_E_TOO_LARGE, 0, "the archive %.200s holds more than %llu %s",
                     unpacking->stream.name, (unsigned long long)limit, things);
}

/* ---- Finding a place beneath the working folder ---- */

static int write_fail(clutch_error *error, const char *name)
{
    return walk_fail(error, errno, "unpacking", name);
}

/* Step by step, since a path may be longer than the kernel takes at once. */
static int open_folder(struct unpacking *unpacking, const char *path, size_t length)
{
    int folder = fcntl(unpacking->work_fd, F_DUPFD_CLOEXEC, 0);
    for (size_t at = 0; folder >= 0 && at < length;) {
        char part[NAME_MAX + 1];
        const char *slash = memchr(path + at, '/', length - at);
        size_t end = slash ? (size_t)(slash - path) : length;
        if (end - at > NAME_MAX) {
            close(folder);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(part, path + at, end - at);
        part[end - at] = 0;
        int next = walk_open(folder, part, O_RDONLY | O_DIRECTORY);
        int fault = errno;
        close(folder);
        errno = fault;
        folder = next;
        at = end + 1;
    }
    return folder;
}

/* Opens the folder that a path is in, unless it is the one of the path before; sets *last to the rest. */
static int find_parent(struct unpacking *unpacking, const char *path, const char **last,
                       clutch_error *error)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    *last = slash ? slash + 1 : path;
    bool same = unpacking->parent_fd >= 0 && unpacking->parent.length == length &&
                (!length || memcmp(unpacking->parent.data, path, length) == 0);
    if (same)
        return 0;
    own_close(&unpacking->parent_fd);
    unpacking->parent_fd = open_folder(unpacking, path, length);
    if (unpacking->parent_fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return damaged(unpacking, path, "is in no folder", error);
    if (unpacking->parent_fd < 0)
        return write_fail(error, path);
    buf_clear(&unpacking->parent);
    return length == 0 || buf_append(&unpacking->parent, path, length) ? 0 : error_memory(error);
}

static int make_fail(struct unpacking *unpacking, const char *path, clutch_error *error)
{
    if (errno == EEXIST)
        return damaged(unpacking, path, "is there twice", error);
    if (errno == ENAMETOOLONG || errno == EINVAL || errno == ENOENT)
        return damaged(unpacking, path, "has a name that cannot be", error);
    return write_fail(error, path);
}

/* ---- Content ---- */

static int count_bytes(struct unpacking *unpacking, size_t length, clutch_error *error)
{
    unpacking->report->content_bytes += length;
    uint64_t limit = unpacking->target->bytes;
    return limit && unpacking->report->content_bytes > limit
               ? too_large(unpacking, "bytes", limit, error)
               : 0;
}

static int put_content(struct unpacking *unpacking, struct archive_entry *entry, int fd, const char *name,
                       clutch_error *error)
{
    la_int64_t size = archive_entry_size(entry), at;
    const void *data;
    size_t length;
    int result;
    if (size < 0 || size > SPARSE_BYTES_MAX)
        return damaged(unpacking, name, "has an impossible size", error);
    while ((result = archive_read_data_block(unpacking->archive, &data, &length, &at)) == ARCHIVE_OK) {
        if (at < 0 || at > size || (la_int64_t)length > size - at)
            return damaged(unpacking, name, "is longer than it says", error);
        int code = count_bytes(unpacking, length, error);
        if (code)
            return code;
        if (full_pwrite(fd, data, length, at) != 0)
            return write_fail(error, name);
    }
    if (result != ARCHIVE_EOF)
        return unpack_fail(unpacking, error);
    return ftruncate(fd, size) == 0 ? 0 : write_fail(error, name);
}

static void set_about(int fd, struct archive_entry *entry)
{
    struct timespec times[] = {{.tv_nsec = UTIME_OMIT},
                               {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)}};
    (void)!fchmod(fd, archive_entry_perm(entry) & 0777);
    (void)!futimens(fd, times);
}

static int make_file(struct unpacking *unpacking, struct archive_entry *entry, int folder,
                     const char *last, const char *path, clutch_error *error)
{
    OWN_FD int fd = openat(folder, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return make_fail(unpacking, path, error);
    int code = put_content(unpacking, entry, fd, path, error);
    set_about(fd, entry);
    unpacking->report->files++;
    return code;
}

static int make_link(struct unpacking *unpacking, struct archive_entry *entry, const char *last,
                     const char *path, clutch_error *error)
{
    const char *target = archive_entry_symlink(entry);
    if (!target || !*target)
        return damaged(unpacking, path, "is a link to nothing", error);
    if (symlinkat(target, unpacking->parent_fd, last) != 0)
        return make_fail(unpacking, path, error);
    unpacking->report->links++;
    return 0;
}

static int remember_folder(struct unpacking *unpacking, struct archive_entry *entry, const char *path,
                           clutch_error *error)
{
    struct folder_about about = {
        .mode = archive_entry_perm(entry) & 0777,
        .modified = {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)},
        .path = unpacking->paths.length,
    };
    return buf_append(&unpacking->paths, path, strlen(path) + 1) &&
                   buf_append(&unpacking->folders, &about, sizeof about)
               ? 0
               : error_memory(error);
}

static int make_folder(struct unpacking *unpacking, struct archive_entry *entry, const char *last,
                       const char *path, clutch_error *error)
{
    if (mkdirat(unpacking->parent_fd, last, 0700) != 0)
        return make_fail(unpacking, path, error);
    unpacking->report->folders++;
    return remember_folder(unpacking, entry, path, error);
}

/* From the last to the first: what is in a folder comes before it. */
static void finish_folders(struct unpacking *unpacking)
{
    const struct folder_about *folders = (const void *)unpacking->folders.data;
    const char *paths = (const char *)unpacking->paths.data;
    for (size_t i = unpacking->folders.length / sizeof *folders; i-- > 0;) {
        const char *path = paths + folders[i].path;
        OWN_FD int fd = open_folder(unpacking, path, strlen(path));
        if (fd < 0)
            continue;
        const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, folders[i].modified};
        (void)!fchmod(fd, folders[i].mode);
        (void)!futimens(fd, times);
    }
}

/* ---- Members ---- */

static int take_record(struct unpacking *unpacking, struct archive_entry *entry, clutch_error *error)
{
    la_int64_t size = archive_entry_size(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || size < 0 ||
        (uint64_t)size > ARCHIVE_RECORD_BYTES)
        return damaged(unpacking, "record.json", "is no file, or too large", error);
    unpacking->record = malloc((size_t)size + 1);
    if (!unpacking->record)
        return error_memory(error);
    size_t held = 0;
    while (held < (size_t)size) {
        la_ssize_t got = archive_read_data(unpacking->archive, unpacking->record + held, (size_t)size - held);
        if (got < 0)
            return unpack_fail(unpacking, error);
        if (got == 0)
            return damaged(unpacking, "record.json", "is shorter than it says", error);
        held += (size_t)got;
    }
    unpacking->record[size] = 0;
    unpacking->record_length = (size_t)size;
    return count_bytes(unpacking, (size_t)size, error);
}

static int take_session(struct unpacking *unpacking, struct archive_entry *entry, clutch_error *error)
{
    if (archive_entry_filetype(entry) != AE_IFREG)
        return damaged(unpacking, "session", "is no file", error);
    if (unpacking->target->home_fd < 0)
        return 0;
    return make_file(unpacking, entry, unpacking->target->home_fd, "session", "session", error);
}

/* The working folder itself. */
static int take_work(struct unpacking *unpacking, struct archive_entry *entry, clutch_error *error)
{
    const struct archive_target *target = unpacking->target;
    if (archive_entry_filetype(entry) != AE_IFDIR)
        return damaged(unpacking, "work", "is no folder", error);
    if (target->work_fd >= 0) {
        unpacking->work_fd = fcntl(target->work_fd, F_DUPFD_CLOEXEC, 0);
    } else if (target->home_fd >= 0) {
        if (mkdirat(target->home_fd, "work", 0700) != 0)
            return make_fail(unpacking, "work", error);
        unpacking->work_fd = walk_open(target->home_fd, "work", O_RDONLY | O_DIRECTORY);
    } else {
        return 0;
    }
    return unpacking->work_fd < 0 ? write_fail(error, "work")
                                  : remember_folder(unpacking, entry, "", error);
}

static int take_below_work(struct unpacking *unpacking, struct archive_entry *entry, const char *path,
                           clutch_error *error)
{
    const struct archive_report *report = unpacking->report;
    uint64_t limit = unpacking->target->files, held = report->files + report->folders + report->links;
    if (limit && held >= limit)
        return too_large(unpacking, "files", limit, error);
    if (unpacking->work_fd < 0)
        return 0; /* not wanted; what is read is still checked */
    const char *last;
    int code = find_parent(unpacking, path, &last, error);
    if (code)
        return code;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return make_file(unpacking, entry, unpacking->parent_fd, last, path, error);
    case AE_IFDIR:
        return make_folder(unpacking, entry, last, path, error);
    case AE_IFLNK:
        return make_link(unpacking, entry, last, path, error);
    default:
        return damaged(unpacking, path, "is neither file nor folder nor link", error);
    }
}

/* A relative path without empty parts and dots. */
static bool is_plain(const char *path)
{
    for (const char *part = path;; part += strcspn(part, "/") + 1) {
        size_t length = strcspn(part, "/");
        if (!length || length > NAME_MAX || (length == 1 && part[0] == '.') ||
            (length == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        if (!part[length])
            return true;
    }
}

/* Members come in their order, each but those below "work/" once. */
static int advance(struct unpacking *unpacking, enum stage stage, const char *name, clutch_error *error)
{
    if (stage <= unpacking->stage)
        return damaged(unpacking, name, "is there twice or out of its order", error);
    unpacking->stage = stage;
    return 0;
}

static int take_member(struct unpacking *unpacking, struct archive_entry *entry, clutch_error *error)
{
    const char *given = archive_entry_pathname(entry);
    size_t length = given ? strlen(given) : 0;
    if (length && given[length - 1] == '/' && archive_entry_filetype(entry) == AE_IFDIR)
        length--;
    if (!length || length >= WALK_PATH_BYTES + 16 || archive_entry_hardlink(entry))
        return damaged(unpacking, given ? given : "a member", "is no member of an archive of clutch's",
                       error);
    OWN_MEMORY char *name = strndup(given, length);
    if (!name)
        return error_memory(error);
    if (strcmp(name, "record.json") == 0) {
        int code = advance(unpacking, RECORD, name, error);
        return code ? code : take_record(unpacking, entry, error);
    }
    if (strcmp(name, "session") == 0) {
        int code = advance(unpacking, SESSION, name, error);
        return code ? code : take_session(unpacking, entry, error);
    }
    if (strcmp(name, "work") == 0) {
        int code = advance(unpacking, WORK, name, error);
        return code ? code : take_work(unpacking, entry, error);
    }
    if (strncmp(name, "work/", 5) != 0 || unpacking->stage != WORK || !is_plain(name + 5))
        return damaged(unpacking, name, "is no member of an archive of clutch's", error);
    return take_below_work(unpacking, entry, name + 5, error);
}

static int read_members(struct unpacking *unpacking, clutch_error *error)
{
    struct archive_entry *entry;
    int result, code = 0;
    while ((result = archive_read_next_header(unpacking->archive, &entry)) == ARCHIVE_OK ||
           result == ARCHIVE_WARN) {
        code = take_member(unpacking, entry, error);
        if (code || (unpacking->record_only && unpacking->record))
            return code;
        if (unpacking->record_only)
            return damaged(unpacking, NULL, "it does not begin with a record", error);
    }
    if (result != ARCHIVE_EOF)
        return unpack_fail(unpacking, error);
    if (unpacking->record_only)
        return damaged(unpacking, NULL, "it has no record", error);
    /* The checksum stands behind the last member. */
    const void *rest;
    la_ssize_t got;
    while ((got = archive_parts_read(unpacking->archive, &unpacking->stream, &rest)) > 0)
        for (la_ssize_t i = 0; i < got; i++)
            if (((const char *)rest)[i])
                return damaged(unpacking, NULL, "something follows its last member", error);
    return got < 0 ? unpack_fail(unpacking, error) : 0;
}

/* ---- The archive ---- */

static int unpack(struct unpacking *unpacking, int in, const char *name, clutch_error *error)
{
    int code = archive_parts_begin_reading(&unpacking->stream, in, name, error);
    if (code)
        return code;
    unpacking->archive = archive_read_new();
    if (!unpacking->archive || archive_read_support_format_tar(unpacking->archive) != ARCHIVE_OK)
        return error_memory(error);
    if (archive_read_open(unpacking->archive, &unpacking->stream, NULL, archive_parts_read, NULL) !=
        ARCHIVE_OK)
        return unpack_fail(unpacking, error);
    code = read_members(unpacking, error);
    if (code == 0 && !unpacking->record_only) {
        finish_folders(unpacking);
        int folder = unpacking->target->home_fd >= 0 ? unpacking->target->home_fd : unpacking->work_fd;
        if (folder >= 0 && syncfs(folder) != 0)
            code = write_fail(error, "the folder");
    }
    return code;
}

static void finish(struct unpacking *unpacking, int code)
{
    unpacking->report->packed_bytes = unpacking->stream.packed_bytes;
    archive_read_free(unpacking->archive);
    archive_parts_close(&unpacking->stream);
    own_close(&unpacking->work_fd);
    own_close(&unpacking->parent_fd);
    buf_free(&unpacking->parent);
    buf_free(&unpacking->folders);
    buf_free(&unpacking->paths);
    if (code && unpacking->target->home_fd >= 0) {
        (void)!unlinkat(unpacking->target->home_fd, "session", 0);
        (void)!tree_remove(unpacking->target->home_fd, "work");
    }
}

static int run(int in, const char *name, const struct archive_target *target, bool record_only,
               struct archive_report *report, char **record, size_t *record_length, clutch_error *error)
{
    *report = (struct archive_report){0};
    struct unpacking unpacking = {.target = target, .report = report, .work_fd = -1, .parent_fd = -1,
                                  .stream.fd = -1, .record_only = record_only};
    int code = unpack(&unpacking, in, name, error);
    finish(&unpacking, code);
    if (code == 0 && record) {
        *record = unpacking.record;
        *record_length = unpacking.record_length;
        return 0;
    }
    free(unpacking.record);
    return code;
}

int archive_unpack(int in, const char *name, const struct archive_target *target, char **record,
                   size_t *record_length, struct archive_report *report, clutch_error *error)
{
    return run(in, name, target, false, report, record, record_length, error);
}

int archive_read_record(int in, const char *name, char **record, size_t *record_length,
                        clutch_error *error)
{
    const struct archive_target nowhere = {.home_fd = -1, .work_fd = -1};
    struct archive_report report;
    return run(in, name, &nowhere, true, &report, record, record_length, error);
}
