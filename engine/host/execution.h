/* SPDX-License-Identifier: Apache-2.0 */
/* execution.h: what the host knows of a running execution, for the files that move it. */
#ifndef CLUTCH_HOST_EXECUTION_H
#define CLUTCH_HOST_EXECUTION_H

#include <time.h>

#include "clutch.h"
#include "host/result.h"
#include "host/sandbox.h"

/* Why the host interrupts or kills. */
enum cause { CAUSE_NONE, CAUSE_WALL, CAUSE_CPU, CAUSE_CANCEL };

struct clutch_execution {
    clutch_sandbox *sandbox;
    uint64_t serial;
    clutch_limits limits;
    clutch_output_fn *on_output;
    void *user;

    uint64_t started_ns;
    uint64_t wall_at_ns, kill_at_ns, cpu_check_at_ns;
    uint64_t cpu_before_ns;
    clockid_t cpu_clock;
    _Atomic bool cancel_asked; /* set by any thread */
    enum cause cause;
    uint64_t cpu_used_ns;      /* when the CPU limit was found to be reached */
    bool killed, channel_closed;

    bool ended;
    int code; /* with ended: 0, or the error of the engine */
    clutch_error error;
    struct result *result; /* handed out once */
};

#endif
