/* SPDX-License-Identifier: Apache-2.0 */
/* create.h: how sandboxes come to be, and handles on them. */
#ifndef CLUTCH_HOST_CREATE_H
#define CLUTCH_HOST_CREATE_H

#include "host/sandbox.h"
#include "host/store.h"

/* Records a sandbox that was just made (sandbox_new), puts it in the book and takes its turn. Its state is
 * CREATING. On failure it is as before. */
int create_begin(clutch_sandbox *sandbox, const char *reason, clutch_error *error);

/* With code 0 it runs from here on. Otherwise nothing is left of it but the object, and the host is told
 * that it is DELETED. The turn is given back. Returns code. */
int create_end(clutch_sandbox *sandbox, int code, const char *reason, clutch_error *error);

/* What the records say of it. Borrowed from the sandbox, whose turn or only handle the caller has. */
void create_record(const clutch_sandbox *sandbox, struct store_sandbox *out);

/* A handle by id or name, in memory or not; see clutch_sandbox_open. Inside a call. */
int create_handle(clutch_engine *engine, const char *owner, const char *id_or_name,
                  clutch_sandbox **out, clutch_error *error);

#endif
