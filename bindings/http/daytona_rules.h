/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_rules.h: what the Daytona family allows in which state. In the pool. */
#ifndef HTTP_DAYTONA_RULES_H
#define HTTP_DAYTONA_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "clutch.h"

struct request;

#define RULES_BIT(state) (1u << CLUTCH_STATE_##state)

/* Whether the sandbox is in one of the states whose bits are allowed. If not the reply is made: 409 for a
 * state that passes by itself, else 400 with the refusal. */
bool rules_allow(struct request *request, const clutch_sandbox_info *info, uint32_t allowed,
                 const char *refusal);

/* A stop of it deletes it. */
bool rules_is_ephemeral(const clutch_sandbox_info *info);

/* What a state is called; the bits of the states of that name, 0 for one that none has here, and -1 for a
 * name that is none. */
const char *rules_state_name(uint32_t state);
int64_t rules_states(const char *name);

#endif
