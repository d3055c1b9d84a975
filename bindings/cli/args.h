/* SPDX-License-Identifier: Apache-2.0 */
/* args.h: what people type (durations, sizes, lists) as numbers and arrays. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* About 31 years: more is a slip of the finger, and "none" says "no limit". */
#define ARGS_SECONDS_MAX 1000000000u
#define ARGS_BYTES_MAX (UINT64_C(1) << 62)

/* Reads seconds such as "2", "0.25" or "none" (CLUTCH_UNLIMITED) as milliseconds, rounded up. False
 * when the text is anything else, is nothing or is out of bounds; *out_ms is then untouched. */
bool args_duration(const char *text, uint64_t *out_ms);

/* Reads bytes such as "4096", "512M", "1.5GiB" or "none"; K, M, G and T are powers of 1024. */
bool args_size(const char *text, uint64_t *out_bytes);

/* An array of strings that ends with NULL, as the library takes them. It owns its strings. */
struct args_list {
    char **items;
    size_t count;
};

/* Both end the program when there is no memory. */
void args_list_add(struct args_list *list, const char *text, size_t length);
void args_list_clear(struct args_list *list);

#endif
