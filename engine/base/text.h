/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: UTF-8 that can be trusted. */
#ifndef CLUTCH_BASE_TEXT_H
#define CLUTCH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The length of the longest prefix of text that is valid UTF-8 (RFC 3629: no surrogates, nothing
 * beyond U+10FFFF, shortest forms only). */
size_t text_valid_prefix(const char *text, size_t length);

/* Bytes at the end of text, 0 to 3, that begin a character whose rest is missing. */
size_t text_cut_tail(const char *text, size_t length);

/* Appends text with each invalid byte replaced by U+FFFD. */
bool text_append_clean(struct buf *out, const char *text, size_t length);

/* The largest length <= maximum at which text may be cut without cutting a character in two. text
 * must be valid UTF-8. */
size_t text_cut(const char *text, size_t length, size_t maximum);

#endif
