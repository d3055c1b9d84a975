/* SPDX-License-Identifier: Apache-2.0 */
/* start.h: making a stopped sandbox run again. */
#ifndef CLUTCH_HOST_START_H
#define CLUTCH_HOST_START_H

#include "host/sandbox.h"

/* As clutch_sandbox_start, inside a call. */
int start_sandbox(clutch_sandbox *sandbox, const char *reason, clutch_session_report **report,
                  clutch_error *error);

#endif
