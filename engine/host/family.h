/* SPDX-License-Identifier: Apache-2.0 */
/* family.h: folders that must stay because copies of their sandbox live.
 *
 * A copy sees folders of its own in the places of its origin's: they are mounted over these. When such a
 * place is removed, the kernel takes away what is mounted on it, wherever that is. So what is left of a
 * deleted origin's folders, which is empty, goes when its last copy has gone. */
#ifndef CLUTCH_HOST_FAMILY_H
#define CLUTCH_HOST_FAMILY_H

#include "host/sandbox.h"

/* With the turn, before the process is copied for another sandbox or a snapshot. */
int family_note(clutch_sandbox *sandbox, clutch_error *error);

/* With the turn, without a process: empties its folders and keeps them for later, if there are copies. */
bool family_keeps_home(clutch_sandbox *sandbox);

/* Removes what is kept for nobody any more. Cheap when there is nothing. */
void family_sweep(clutch_engine *engine);

/* All copies have ended with the engine. */
void family_finish(clutch_engine *engine);

#endif
