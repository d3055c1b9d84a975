/* SPDX-License-Identifier: Apache-2.0 */
/* session_format.c: making and checking the header of a session's file; pure functions without I/O. */
#include "wire/session_format.h"

#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(struct session_preamble) == 32 && sizeof(struct session_header) == 128 &&
                       sizeof(struct session_block) == 24,
               "the file's structures have no holes");

uint64_t session_format_checksum(const void *data, size_t size)
{
    return XXH3_64bits(data, size);
}

static uint64_t preamble_checksum(const struct session_preamble *preamble)
{
    return session_format_checksum(preamble, offsetof(struct session_preamble, checksum));
}

static uint64_t header_checksum(const struct session_header *header)
{
    return session_format_checksum(header, offsetof(struct session_header, checksum));
}

void session_format_seal(struct session_header *header)
{
    header->preamble = (struct session_preamble){.version = SESSION_VERSION,
                                                 .header_bytes = sizeof *header};
    memcpy(header->preamble.magic, SESSION_MAGIC, sizeof header->preamble.magic);
    header->preamble.checksum = preamble_checksum(&header->preamble);
    header->checksum = header_checksum(header);
}

/* Whether the parts fill the file. Sums cannot overflow: each summand is at most the file's size. */
static bool parts_fit(const struct session_header *header, uint64_t file_bytes)
{
    uint64_t rows = header->block_count, lengths = header->buffer_count;
    return header->file_bytes == file_bytes && header->table_offset >= sizeof *header &&
           header->table_offset <= file_bytes && rows <= file_bytes / sizeof(struct session_block) &&
           lengths <= file_bytes / sizeof(uint64_t) &&
           header->table_offset + rows * sizeof(struct session_block) + lengths * sizeof(uint64_t) ==
                   file_bytes &&
           memchr(header->python, 0, sizeof header->python);
}

enum session_fault session_format_check(const struct session_header *header, size_t read_bytes,
                                        uint64_t file_bytes, const char **what)
{
    const struct session_preamble *preamble = &header->preamble;
    *what = "it is shorter than a header";
    if (read_bytes < sizeof *preamble)
        return SESSION_DAMAGED;
    *what = "it is no session of clutch's, or was not written to its end";
    if (memcmp(preamble->magic, SESSION_MAGIC, sizeof preamble->magic) != 0)
        return SESSION_DAMAGED;
    *what = "its first bytes have a wrong checksum";
    if (preamble->checksum != preamble_checksum(preamble))
        return SESSION_DAMAGED;
    *what = "its format is a later one";
    if (preamble->version > SESSION_VERSION)
        return SESSION_NEWER;
    *what = "its header has a wrong checksum";
    if (preamble->header_bytes != sizeof *header || read_bytes < sizeof *header ||
        header->checksum != header_checksum(header))
        return SESSION_DAMAGED;
    *what = "it has not the length that its header says";
    if (!parts_fit(header, file_bytes))
        return SESSION_DAMAGED;
    *what = "";
    return SESSION_FINE;
}
