/* SPDX-License-Identifier: Apache-2.0 */
/* session_format.h: the file that a session's variables are kept in.
 *
 *     header | block | block | ... | table
 *
 * All numbers are in the byte order of the machine, little-endian on every one that clutch runs on. The
 * blocks, one after another and without gaps, hold one stream of bytes:
 *
 *     pickles | manifest | buffer | buffer | ...
 *
 * pickles: one pickle (protocol 5) per variable, all by one pickler with one memo, whose first entries
 *     are seeds that are not in the file: the dict of __main__, and what else every process has its own
 *     of. Each is a list of the value and itself. A stretch that the manifest does not name is void.
 * manifest: JSON: which pickle is whose, what was left out, sys.path, environment, and more; see
 *     engine/python/session.py.
 * buffers: what the pickles have out of band, in their order: the memory of arrays.
 *
 * A block holds at most SESSION_BLOCK_BYTES of the stream, as they are or as one zstd frame with its
 * content checksum. Large buffers begin a block. The table has a row per block and a length per buffer.
 * Every byte of the file is covered by a checksum (XXH3, 64 bits): the preamble's, the header's, the
 * table's, or its block's. The first 32 bytes are the same in all versions to come. The header is
 * written last: a file that was not finished begins with zeros. */
#ifndef CLUTCH_WIRE_SESSION_FORMAT_H
#define CLUTCH_WIRE_SESSION_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define SESSION_MAGIC "clutch\x1aS"
#define SESSION_VERSION 1
#define SESSION_BLOCK_BYTES ((uint32_t)4 << 20)

struct session_preamble {
    char magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t zero;
    uint64_t checksum; /* of the 24 bytes before */
};

struct session_header {
    struct session_preamble preamble;
    char python[16]; /* "3.11.2", ended by NUL */
    uint64_t serial; /* executions so far */
    uint64_t variables;
    uint64_t pickles_bytes, manifest_bytes, buffer_count, block_count;
    uint64_t table_offset; /* the table ends the file */
    uint64_t table_checksum;
    uint64_t file_bytes;
    uint64_t checksum; /* of all of the header before */
};

enum session_method { SESSION_RAW = 0, SESSION_ZSTD = 1 };

struct session_block {
    uint64_t checksum; /* of the stored bytes */
    uint32_t stored_bytes, raw_bytes;
    uint32_t method;
    uint32_t zero;
};

enum session_fault { SESSION_FINE = 0, SESSION_DAMAGED = 1, SESSION_NEWER = 2 };

uint64_t session_format_checksum(const void *data, size_t size);

/* Fills in magic, version and checksums. */
void session_format_seal(struct session_header *header);

/* Checks the first bytes of a file of that size; *what says in a few words what is wrong. */
enum session_fault session_format_check(const struct session_header *header, size_t read_bytes,
                                        uint64_t file_bytes, const char **what);

#endif
