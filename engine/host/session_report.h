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

#endif
