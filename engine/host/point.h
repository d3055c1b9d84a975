/* SPDX-License-Identifier: Apache-2.0 */
/* point.h: an engine's warm starting points beside the template. */
#ifndef CLUTCH_HOST_POINT_H
#define CLUTCH_HOST_POINT_H

#include "host/sandbox.h"

/* clutch_sandbox_create with options->starting_point. Inside a call. */
int point_create(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                 clutch_error *error);

/* Forgets all of them. The engine is closed, and nobody inside. */
void point_finish(clutch_engine *engine);

#endif
