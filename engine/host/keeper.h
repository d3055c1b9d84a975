/* SPDX-License-Identifier: Apache-2.0 */
/* keeper.h: the engine's one thread, which does what sandboxes' intervals ask for. */
#ifndef CLUTCH_HOST_KEEPER_H
#define CLUTCH_HOST_KEEPER_H

#include "host/sandbox.h"

void keeper_init(clutch_engine *engine);

/* At the opening: what an engine before this one left may be due, or will be. */
void keeper_look(clutch_engine *engine);

/* Removes records that are old enough; next to nothing when that was done in the last minute. */
void keeper_purge(clutch_engine *engine);

/* Something about the sandbox has changed: sees to it that the keeper looks when it is due. Costs next to
 * nothing when nothing is. With the turn or its lock not held. */
void keeper_due(clutch_sandbox *sandbox);

/* Ends the thread; waits for what it does. The engine is closed. */
void keeper_finish(clutch_engine *engine);
void keeper_free(clutch_engine *engine);

#endif
