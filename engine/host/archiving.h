/* SPDX-License-Identifier: Apache-2.0 */
/* archiving.h: a stopped sandbox as one file, and back. */
#ifndef CLUTCH_HOST_ARCHIVING_H
#define CLUTCH_HOST_ARCHIVING_H

#include "host/sandbox.h"

/* As clutch_sandbox_archive, inside a call. */
int archiving_pack(clutch_sandbox *sandbox, const char *reason, clutch_error *error);

/* With the turn, while it is restored: unpacks the folder. On failure the archive is as before, and there
 * is no folder. */
int archiving_unpack(clutch_sandbox *sandbox, clutch_error *error);

/* With the turn: it runs again, so that the archive is of no use. Nothing happens when there is none. */
void archiving_forget(clutch_sandbox *sandbox);

/* Whether all of the sandbox is in its archive still. */
bool archiving_is_whole(const clutch_sandbox *sandbox);

#endif
