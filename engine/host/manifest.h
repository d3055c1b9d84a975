/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.h: what an archive says of its sandbox, as JSON. */
#ifndef CLUTCH_HOST_MANIFEST_H
#define CLUTCH_HOST_MANIFEST_H

#include "host/sandbox.h"
#include "host/store.h"

/* Owned, free it with free; NULL when memory ran out. */
char *manifest_write(const struct store_sandbox *record, size_t *length);

/* A new object in no book, in the state CREATING, from a text that may come from anywhere. It grants itself
 * nothing: network and processes are none, and its limits are at most the engine's. DAMAGED when it is no
 * such text. name may be NULL for the one in it. */
int manifest_read(clutch_engine *engine, const char *text, size_t length, const char *owner,
                  const char *name, clutch_sandbox **out, clutch_error *error);

#endif
