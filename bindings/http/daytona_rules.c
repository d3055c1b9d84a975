/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_rules.c: what the Daytona family allows in which state. */
#include "daytona_rules.h"

#include <string.h>

#include "request.h"

enum {
    PASSING = RULES_BIT(CREATING) | RULES_BIT(STOPPING) | RULES_BIT(STARTING) | RULES_BIT(ARCHIVING) |
              RULES_BIT(RESTORING) | RULES_BIT(DELETING),
};

bool rules_allow(struct request *request, const clutch_sandbox_info *info, uint32_t allowed,
                 const char *refusal)
{
    uint32_t bit = 1u << info->state;
    if (bit & allowed)
        return true;
    if (bit & PASSING)
        reply_error(request, 409, "Sandbox state change in progress");
    else
        reply_error(request, 400, "%s", refusal);
    return false;
}

bool rules_is_ephemeral(const clutch_sandbox_info *info)
{
    return info->intervals.auto_delete_s == CLUTCH_AT_ONCE;
}

/* ---- Names ---- */

const char *rules_state_name(uint32_t state)
{
    switch (state) {
    case CLUTCH_STATE_RUNNING: return "started";
    case CLUTCH_STATE_DELETING: return "destroying";
    case CLUTCH_STATE_DELETED: return "destroyed";
    case CLUTCH_STATE_FAILED: return "error";
    default: return clutch_state_name(state);
    }
}

int64_t rules_states(const char *name)
{
    static const char *const others[] = {"build_failed", "pending_build", "building_snapshot", "unknown",
                                         "pulling_snapshot", "resizing", "snapshotting", "forking", "pausing",
                                         "resuming"};
    for (uint32_t state = CLUTCH_STATE_RUNNING; state <= CLUTCH_STATE_FAILED; state++)
        if (strcmp(rules_state_name(state), name) == 0)
            return INT64_C(1) << state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i], name) == 0)
            return 0;
    return -1;
}
