/* SPDX-License-Identifier: Apache-2.0 */
/* stop.h: saving a sandbox's variables and ending its process. */
#ifndef CLUTCH_HOST_STOP_H
#define CLUTCH_HOST_STOP_H

#include "host/sandbox.h"

/* As clutch_sandbox_stop, inside a call. options may be NULL. */
int stop_sandbox(clutch_sandbox *sandbox, const clutch_stop_options *options, const char *reason,
                 clutch_session_report **report, clutch_error *error);

#endif
