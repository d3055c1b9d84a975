/* SPDX-License-Identifier: Apache-2.0 */
/* session_report.h: what a sandbox says of its saved variables, for the host's user. */
#ifndef CLUTCH_HOST_SESSION_REPORT_H
#define CLUTCH_HOST_SESSION_REPORT_H

#include "clutch.h"
#include "wire/message.h"

/* Copies what there is in an answer, in one piece; took_ns and ready are the caller's to fill in. Fails
 * with PROTOCOL when a row is malformed, and with MEMORY; there is no clutch_error. */
int session_report_make(const struct wire_kept *kept, clutch_session_report **out);

/* One that tells of no variables, and why not; NULL when memory ran out. */
clutch_session_report *session_report_empty(uint64_t serial, const char *why_not_saved);

/* Adds rows, those beyond the limit but as truncated, with a word before each name; a row whose name begins
 * so is as it should be. Without memory the report stays as it is. */
void session_report_add(clutch_session_report **report, const char *word, const clutch_left_out *rows,
                        size_t count);

/* What a file's row begins with. */
#define SESSION_REPORT_FILE "file "

#endif
