/* SPDX-License-Identifier: Apache-2.0 */
/* takeover.h: tidying up what an engine that ended without closing has left in the state folder. */
#ifndef CLUTCH_HOST_TAKEOVER_H
#define CLUTCH_HOST_TAKEOVER_H

#include "host/engine.h"

/* At the opening, when the store is open and nothing else. What cannot be removed is logged and left. */
int takeover_tidy(clutch_engine *engine, clutch_error *error);

#endif
