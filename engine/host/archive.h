/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: a sandbox, or a folder, in one compressed file.
 *
 * The file is a tar archive (pax) compressed with zstd, with a checksum of the content; before it stands a
 * frame that zstd skips, with the text "clutch archive 0001\n", in which 0001 is the version of this format.
 * Its members, in this order: "record.json", what the engine knows of the sandbox; "session", its saved
 * variables; "work/" and all below it, the working folder. Each may be missing. So `zstd -dc FILE | tar -t`
 * lists it. Nothing in such a file is believed: it may come from anywhere. */
#ifndef CLUTCH_HOST_ARCHIVE_H
#define CLUTCH_HOST_ARCHIVE_H

#include "host/walk.h"

#define ARCHIVE_RECORD_BYTES ((size_t)16 << 20)

struct archive_report {
    uint64_t files, folders, links;
    uint64_t content_bytes; /* of all members, holes not counted */
    uint64_t packed_bytes;  /* of the archive's file */
    struct walk_left_out left_out; /* when packing; free with walk_left_out_free */
};

/* What to pack; a descriptor that is -1 and a record that is NULL are left out. */
struct archive_source {
    const void *record;
    size_t record_length;
    int session_fd; /* a regular file */
    int work_fd;    /* a folder, not changing or hostile: what is read of it is consistent file by file */
};

/* Writes the archive to the descriptor out, a new empty file, and waits until it is on the disk. The caller
 * names it and renames it into place. *report is filled also on failure. */
int archive_pack(const struct archive_source *source, int out, struct archive_report *report,
                 clutch_error *error);

/* Where to unpack; -1 leaves out what would go there. */
struct archive_target {
    int home_fd;    /* a new empty folder: gets "session" and "work" */
    int work_fd;    /* a new empty folder that gets what is in "work/" instead */
    uint64_t bytes; /* at most so much content, holes not counted; 0: any */
    uint64_t files; /* and so many files, folders and links; 0: any */
};

/* Unpacks the archive in the descriptor in, from its position on; name is for messages. Nothing is written
 * but beneath the target's folders. DAMAGED, NEWER, TOO_LARGE and DISK are expected errors, and then home_fd
 * is empty again; work_fd is for the caller to empty. *record is owned, free it with free, and ended by
 * NUL; NULL when there is none; record may be NULL. */
int archive_unpack(int in, const char *name, const struct archive_target *target, char **record,
                   size_t *record_length, struct archive_report *report, clutch_error *error);

/* Reads only the record, the same way; DAMAGED when there is none. */
int archive_read_record(int in, const char *name, char **record, size_t *record_length,
                        clutch_error *error);

#endif
