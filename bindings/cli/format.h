/* SPDX-License-Identifier: Apache-2.0 */
/* format.h: texts of others, times and sizes as people and terminals can take them. */
#ifndef CLI_FORMAT_H
#define CLI_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* Copies a text as one line without control characters, cut with "..." when it is longer. Returns
 * out. */
char *format_line(char *out, size_t size, const char *text);

/* "2026-11-21 07:12:33" in local time, or "-" for 0. Returns out, of 32 bytes at least. */
char *format_time(char *out, size_t size, int64_t ms);

/* "2026-11-21T07:12:33.123Z", or "" for 0. Returns out, of 32 bytes at least. */
char *format_time_utc(char *out, size_t size, int64_t ms);

/* "1.2 MB", or "-" for 0. Returns out, of 32 bytes at least. */
char *format_size(char *out, size_t size, uint64_t bytes);

#endif
