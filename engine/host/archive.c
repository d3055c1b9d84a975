/* SPDX-License-Identifier: Apache-2.0 */
/* archive.c: packing a sandbox into one compressed file. */
#include "host/archive.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/archive_parts.h"
#include "host/error.h"

enum {
    HOLES = 4096,               /* of one file that are kept as holes */
    ZEROS_BYTES = 1 << 28,      /* mapped, never touched: libarchive passes over what is a hole */
    READ_BYTES = 1 << 18,
};
#define SPARSE_BYTES_MAX ((off_t)1 << 40)

struct packing {
    struct archive *archive;
    struct archive_stream stream;
    struct archive_report *report;
    char *chunk;
    const char *zeros;
};

static int pack_fail(struct packing *packing, clutch_error *error)
{
    int fault = packing->stream.fault ? packing->stream.fault : archive_errno(packing->archive);
    return walk_fail(error, fault > 0 ? fault : EIO, "writing", packing->stream.name);
}

/* ---- Members ---- */

static struct archive_entry *new_entry(struct packing *packing, const char *folder, const char *path,
                                       mode_t type, const struct stat *about)
{
    struct archive_entry *entry = archive_entry_new2(packing->archive);
    if (!entry)
        return NULL;
    char *name = malloc(strlen(folder) + strlen(path) + 1);
    if (!name) {
        archive_entry_free(entry);
        return NULL;
    }
    strcpy(stpcpy(name, folder), path);
    archive_entry_copy_pathname(entry, name);
    free(name);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, about ? about->st_mode & 0777 : 0600);
    if (about)
        archive_entry_set_mtime(entry, about->st_mtim.tv_sec, about->st_mtim.tv_nsec);
    return entry;
}

static int put_header(struct packing *packing, struct archive_entry *entry, clutch_error *error)
{
    if (!entry)
        return error_memory(error);
    int result = archive_write_header(packing->archive, entry);
    archive_entry_free(entry);
    return result < ARCHIVE_WARN ? pack_fail(packing, error) : 0;
}

static int put_data(struct packing *packing, const void *data, size_t length, clutch_error *error)
{
    while (length > 0) {
        la_ssize_t written = archive_write_data(packing->archive, data, length);
        if (written <= 0)
            return pack_fail(packing, error);
        data = (const char *)data + written;
        length -= (size_t)written;
    }
    return 0;
}

static int put_record(struct packing *packing, const struct archive_source *source, clutch_error *error)
{
    struct archive_entry *entry = new_entry(packing, "record.json", "", AE_IFREG, NULL);
    if (entry)
        archive_entry_set_size(entry, (la_int64_t)source->record_length);
    int code = put_header(packing, entry, error);
    packing->report->content_bytes += source->record_length;
    return code ? code : put_data(packing, source->record, source->record_length, error);
}

/* ---- Files: their data, and their holes ---- */

/* Fills extents with begin and end of each run of data; returns how many numbers, 0 when all is data, or
 * -1 when there are too many. */
static int find_extents(int fd, off_t size, off_t extents[2 * HOLES + 2])
{
    int count = 0;
    off_t at = 0, data, hole;
    while (at < size) {
        data = lseek(fd, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            break;
        hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
        if (data < 0 || hole <= data) /* holes are not told here */
            return 0;
        if (data >= size)
            break;
        hole = hole < size ? hole : size;
        if (count == 0 && data == 0 && hole == size)
            return 0;
        if (count >= 2 * HOLES)
            return -1;
        extents[count++] = data;
        extents[count++] = hole;
        at = hole;
    }
    if (count == 0 && size > 0) { /* a hole from end to end */
        extents[count++] = 0;
        extents[count++] = 0;
    }
    return count;
}

static int put_zeros(struct packing *packing, off_t length, clutch_error *error)
{
    int code = 0;
    while (code == 0 && length > 0) {
        size_t some = length < ZEROS_BYTES ? (size_t)length : ZEROS_BYTES;
        code = put_data(packing, packing->zeros, some, error);
        length -= (off_t)some;
    }
    return code;
}

/* The file may shrink while it is read: what is missing is zeros then. */
static int put_extent(struct packing *packing, const struct walk_entry *file, off_t at, off_t end,
                      clutch_error *error)
{
    int code = 0;
    while (code == 0 && at < end) {
        size_t wanted = end - at < READ_BYTES ? (size_t)(end - at) : READ_BYTES;
        ssize_t got = pread(file->fd, packing->chunk, wanted, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return walk_fail(error, errno, "reading", file->path);
        if (got == 0)
            return put_zeros(packing, end - at, error);
        code = put_data(packing, packing->chunk, (size_t)got, error);
        packing->report->content_bytes += (uint64_t)got;
        at += got;
    }
    return code;
}

static int put_content(struct packing *packing, const struct walk_entry *file, const off_t *extents,
                       int count, clutch_error *error)
{
    off_t size = file->about.st_size, at = 0;
    int code = 0;
    if (count == 0)
        return put_extent(packing, file, 0, size, error);
    for (int i = 0; code == 0 && i < count; i += 2) {
        code = put_zeros(packing, extents[i] - at, error);
        if (code == 0)
            code = put_extent(packing, file, extents[i], extents[i + 1], error);
        at = extents[i + 1];
    }
    return code ? code : put_zeros(packing, size - at, error);
}

static int put_file(struct packing *packing, const char *folder, const struct walk_entry *file,
                    clutch_error *error)
{
    off_t size = file->about.st_size;
    off_t *extents = malloc((2 * HOLES + 2) * sizeof *extents);
    if (!extents)
        return error_memory(error);
    int count = find_extents(file->fd, size, extents), code = 0;
    if (size > SPARSE_BYTES_MAX || count < 0) {
        walk_leave_out(&packing->report->left_out, file->path, "file",
                       count < 0 ? "it has more than 4,096 holes" : "it is larger than 1 TiB");
    } else {
        struct archive_entry *entry = new_entry(packing, folder, file->path, AE_IFREG, &file->about);
        if (entry)
            archive_entry_set_size(entry, size);
        for (int i = 0; entry && i < count; i += 2)
            archive_entry_sparse_add_entry(entry, extents[i], extents[i + 1] - extents[i]);
        code = put_header(packing, entry, error);
        if (code == 0)
            code = put_content(packing, file, extents, count, error);
        packing->report->files++;
    }
    free(extents);
    return code;
}

/* ---- The working folder ---- */

static int enter(const struct walk_entry *folder, void *user, clutch_error *error)
{
    struct packing *packing = user;
    packing->report->folders++;
    return put_header(packing, new_entry(packing, "work/", folder->path, AE_IFDIR, &folder->about), error);
}

static int leave(const struct walk_entry *folder, void *user, clutch_error *error)
{
    (void)folder, (void)user, (void)error;
    return 0;
}

static int visit_file(const struct walk_entry *file, void *user, clutch_error *error)
{
    return put_file(user, "work/", file, error);
}

static int visit_link(const struct walk_entry *link, void *user, clutch_error *error)
{
    struct packing *packing = user;
    struct archive_entry *entry = new_entry(packing, "work/", link->path, AE_IFLNK, &link->about);
    if (entry)
        archive_entry_copy_symlink(entry, link->target);
    packing->report->links++;
    return put_header(packing, entry, error);
}

static int put_members(struct packing *packing, const struct archive_source *source, clutch_error *error)
{
    int code = source->record ? put_record(packing, source, error) : 0;
    struct walk_entry session = {.path = "session", .name = "session", .fd = source->session_fd};
    if (code == 0 && session.fd >= 0) {
        if (fstat(session.fd, &session.about) != 0)
            return walk_fail(error, errno, "reading", "session");
        code = put_file(packing, "", &session, error);
    }
    if (code || source->work_fd < 0)
        return code;
    struct stat about;
    if (fstat(source->work_fd, &about) != 0)
        return walk_fail(error, errno, "reading", "the working folder");
    code = put_header(packing, new_entry(packing, "work", "", AE_IFDIR, &about), error);
    struct walk_visitor visitor = {.enter = enter, .leave = leave, .file = visit_file, .link = visit_link,
                                   .user = packing, .left_out = &packing->report->left_out};
    return code ? code : walk_tree(source->work_fd, &visitor, error);
}

/* ---- The archive ---- */

/* Names are kept byte by byte, whatever the host's locale is. */
static bool open_archive(struct packing *packing)
{
    packing->archive = archive_write_new();
    return packing->archive && archive_write_set_format_pax(packing->archive) == ARCHIVE_OK &&
           archive_write_set_options(packing->archive, "hdrcharset=BINARY") == ARCHIVE_OK &&
           archive_write_set_bytes_per_block(packing->archive, ARCHIVE_CHUNK_BYTES) == ARCHIVE_OK &&
           archive_write_set_bytes_in_last_block(packing->archive, 1) == ARCHIVE_OK &&
           archive_write_open(packing->archive, &packing->stream, NULL, archive_parts_write, NULL) ==
               ARCHIVE_OK;
}

static int pack(struct packing *packing, const struct archive_source *source, int out, clutch_error *error)
{
    int code = archive_parts_begin_writing(&packing->stream, out, error);
    if (code)
        return code;
    packing->chunk = malloc(READ_BYTES);
    if (!packing->chunk || !open_archive(packing))
        return error_memory(error);
    code = put_members(packing, source, error);
    if (code)
        return code;
    if (archive_write_close(packing->archive) != ARCHIVE_OK || !archive_parts_finish(&packing->stream))
        return pack_fail(packing, error);
    if (fsync(out) != 0 && errno != EINVAL && errno != ENOTSUP) /* a pipe cannot be synced */
        return walk_fail(error, errno, "writing", packing->stream.name);
    return 0;
}

int archive_pack(const struct archive_source *source, int out, struct archive_report *report,
                 clutch_error *error)
{
    *report = (struct archive_report){0};
    if (source->record_length > ARCHIVE_RECORD_BYTES)
        return error_set(error, CLUTCH_E_TOO_LARGE, 0, "the record is larger than %zu bytes",
                         ARCHIVE_RECORD_BYTES);
    struct packing packing = {.report = report};
    void *zeros = mmap(NULL, ZEROS_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED)
        return error_memory(error);
    packing.zeros = zeros;
    int code = pack(&packing, source, out, error);
    report->packed_bytes = packing.stream.packed_bytes;
    if (packing.archive) {
        if (code && !packing.stream.fault)
            packing.stream.fault = ECANCELED; /* it would write its end */
        archive_write_free(packing.archive);
    }
    archive_parts_close(&packing.stream);
    free(packing.chunk);
    munmap(zeros, ZEROS_BYTES);
    return code;
}
