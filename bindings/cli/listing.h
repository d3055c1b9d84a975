/* SPDX-License-Identifier: Apache-2.0 */
/* listing.h: what is recorded of sessions, as tables or as JSON, on standard output. */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include <stdbool.h>

#include "clutch.h"

/* Each returns a status, with a line on standard error when it is not fine. */
int listing_sessions(clutch_engine *engine, bool json);
int listing_session(clutch_sandbox *sandbox, bool json);
int listing_log(clutch_sandbox *sandbox, bool json);

#endif
