/* SPDX-License-Identifier: Apache-2.0 */
/* book.h: the sandboxes that an engine has in memory, by id, and the handles on them.
 *
 * An object is in memory while it has a handle or a process; all others are only in the store. What the
 * engine itself does with a sandbox it does with a handle of its own. Any thread. */
#ifndef CLUTCH_HOST_BOOK_H
#define CLUTCH_HOST_BOOK_H

#include "host/sandbox.h"

/* Puts a sandbox in, or finds that another object of that id is there: 0, EXISTS or MEMORY. */
int book_insert(clutch_engine *engine, clutch_sandbox *sandbox, clutch_error *error);

/* One handle more on the sandbox of that id; NULL when there is none in memory. */
clutch_sandbox *book_hold(clutch_engine *engine, const char *id);

/* One handle more on each that runs, is paused or on its way; in an array that free frees. NULL when memory
 * ran out. */
clutch_sandbox **book_hold_running(clutch_engine *engine, size_t *count);

/* It is deleted, or has not come to be: its id is free, and it goes with its last handle. */
void book_strike(clutch_engine *engine, clutch_sandbox *sandbox);

/* Gives a handle back, without the turn. */
void book_release(clutch_sandbox *sandbox);

/* Frees all that have no handle, whether they have a process or not: the engine is closed. */
void book_clear(clutch_engine *engine);

#endif
