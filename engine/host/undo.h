/* SPDX-License-Identifier: Apache-2.0 */
/* undo.h: checkpoints of a sandbox, and going back to them. */
#ifndef CLUTCH_HOST_UNDO_H
#define CLUTCH_HOST_UNDO_H

#include "host/sandbox.h"

/* All with the turn. */

/* Before an execution: makes a checkpoint if the sandbox keeps them or it is wanted for this one. *made
 * tells whether there is one; without one it fails. */
int undo_prepare(clutch_sandbox *sandbox, bool wanted, bool *made, clutch_error *error);

/* Puts the newest checkpoint in the process's place, which is ended, and marks what is taken back in the
 * records. On failure nothing has changed. *files tells whether the working folder is as it was, too. */
int undo_go_back(clutch_sandbox *sandbox, bool *files, clutch_error *error);

/* The process is lost or not wanted as it is: the sandbox goes on in its newest checkpoint, or has ended and
 * is stopped for that reason. Tells whether it goes on. */
bool undo_survive(clutch_sandbox *sandbox, const char *reason, bool *files);

/* Before anything is done with a sandbox that nothing runs in: when its process has ended by itself, the
 * same. */
void undo_notice_end(clutch_sandbox *sandbox);

/* Marks in the records what came after an execution as taken back; *count, which may be NULL, is how many
 * that were. */
void undo_record(clutch_sandbox *sandbox, uint64_t serial, uint32_t *count);

/* Ends all checkpoints. */
void undo_forget(clutch_sandbox *sandbox);

#endif
