/* SPDX-License-Identifier: Apache-2.0 */
/* folder.h: a sandbox's working folder, as a descriptor. */
#ifndef CLUTCH_HOST_FOLDER_H
#define CLUTCH_HOST_FOLDER_H

#include "host/sandbox.h"

/* The working folder was given by the host, or made by it, and is never inside a sandbox's reach. One
 * with a disk limit is known by a descriptor that came from the sandbox before it ran user code. Returns
 * an owned descriptor by which names can be opened beneath it, or -1 with errno. Is activity. Any thread. */
int folder_open(clutch_sandbox *sandbox);

#endif
