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
    char *text, *source; /* its code, and who wants it: for the records */
    size_t text_length;
    int64_t created_ms;  /* since 1970 */
    bool inside;         /* it is the engine's own: part of a turn, and not recorded */
    uint32_t rollback;   /* CLUTCH_ROLLBACK_*, not default */
    bool checkpointed;   /* the sandbox's newest checkpoint was made for it */
    bool moving;         /* a thread is inside; guarded by the sandbox's lock */
    bool seized;         /* that thread was not the host's: it is told of no output */
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

/* Brings it on until its end or a point in time, when its host does not do so just now; false when it
 * does. With the sandbox's lock, which is given up meanwhile. */
bool execution_move(clutch_execution *execution, uint64_t until_ns);

/* Runs code of the engine's own, which is not recorded: with the turn, which is still had afterwards. */
int execution_run_inside(clutch_sandbox *sandbox, const char *code, clutch_result **out,
                         clutch_error *error);

/* The sandbox has another process: its descriptors are polled from now on, if that was asked for. With the
 * sandbox's lock. */
int execution_watch(clutch_sandbox *sandbox, clutch_error *error);

#endif
