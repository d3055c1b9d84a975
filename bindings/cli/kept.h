/* SPDX-License-Identifier: Apache-2.0 */
/* kept.h: what people are told about what a session has kept and what not. */
#ifndef CLI_KEPT_H
#define CLI_KEPT_H

#include <jansson.h>

#include "clutch.h"

/* After a start: what matters about it, on standard error. */
void kept_print_begun(const char *name, const clutch_session_report *report);

/* After a stop: what it did not keep, on standard error. */
void kept_print_stopped(const char *name, const clutch_session_report *report);

/* After it was archived: the files that are not in the archive, on standard error. */
void kept_print_archived(clutch_sandbox *sandbox);

/* A line when executions of that session are recorded that the last save has not seen, because the
 * command or its machine died. Quiet when there is no such session. */
void kept_print_unsaved(clutch_engine *engine, const char *owner, const char *name);

/* {"name": .., "id": .., "ready": .., "ready_ms": n, "left_out": [..]} */
json_t *kept_begun_json(clutch_sandbox *sandbox, const clutch_session_report *report);

/* [{"name": .., "type": .., "reason": ..}, ..] */
json_t *kept_left_out_json(const clutch_left_out *left_out, size_t count);

#endif
