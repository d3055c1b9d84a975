/* SPDX-License-Identifier: Apache-2.0 */
/* pool.h: sandboxes that are ready before anybody asks for one. */
#ifndef CLUTCH_HOST_POOL_H
#define CLUTCH_HOST_POOL_H

#include "host/sandbox.h"

/* At the opening: checks and copies what the options say of the pool. INVALID, MEMORY. */
int pool_init(clutch_engine *engine, const clutch_engine_options *options, clutch_error *error);

/* Begins to fill it; the template runs. */
void pool_start(clutch_engine *engine);

/* Takes out one that is as the options want it, or NULL: there is none, and the caller makes one itself.
 * It has an id, folders and a process, and is in no book. Inside a call. */
clutch_sandbox *pool_take(clutch_engine *engine, const clutch_sandbox_options *options);

/* Hands process and folders on to the object that is to have that id; with its turn. The other one is
 * gone. On failure all of it is gone. */
int pool_hand_over(clutch_sandbox *ready, clutch_sandbox *sandbox, clutch_error *error);

/* Back into the pool, untouched. */
void pool_put(clutch_engine *engine, clutch_sandbox *ready);

/* Ends the thread and what is ready. The engine is closed; the template still runs. */
void pool_finish(clutch_engine *engine);
void pool_free(clutch_engine *engine);

/* After a crash: removes folders of sandboxes that nobody got. The store is open. */
void pool_tidy(const clutch_engine *engine);

#endif
