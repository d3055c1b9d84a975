/* SPDX-License-Identifier: Apache-2.0 */
/* delete.h: a sandbox's end for good. */
#ifndef CLUTCH_HOST_DELETE_H
#define CLUTCH_HOST_DELETE_H

#include "host/sandbox.h"

/* As clutch_sandbox_delete, inside a call. */
int delete_sandbox(clutch_sandbox *sandbox, const char *reason, clutch_error *error);

/* The same with the turn, and no execution in it. */
void delete_with_turn(clutch_sandbox *sandbox, const char *reason);

#endif
