/* SPDX-License-Identifier: Apache-2.0 */
/* pause.c: a sandbox that keeps its memory and uses no processor.
 *
 * SIGSTOP holds all threads of its process, and nothing in a process can refuse or undo it; child
 * processes are held with it, since they cannot leave its process group. */
#include "host/pause.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/error.h"
#include "host/lifecycle.h"
#include "host/undo.h"

/* With the turn: the process exists or is a zombie, so that its id is its own. */
static int send(clutch_sandbox *sandbox, int number, clutch_error *error)
{
    const struct process *process = &sandbox->process;
    if (syscall(SYS_pidfd_send_signal, process->pidfd, number, NULL, 0) != 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a signal to sandbox %s", sandbox->id);
    if (sandbox->processes && process->pid > 1)
        kill(-process->pid, number);
    return 0;
}

/* With the turn. */
static int refuse_dead(clutch_sandbox *sandbox, clutch_error *error)
{
    uint32_t from = sandbox->state;
    undo_notice_end(sandbox);
    bool live = from == CLUTCH_STATE_RUNNING || from == CLUTCH_STATE_PAUSED;
    if (!live || sandbox->state != CLUTCH_STATE_STOPPED)
        return 0;
    return error_set(error, CLUTCH_E_STATE, 0, "sandbox %s has ended by itself: start it first",
                     sandbox->id);
}

/* With the turn. */
static int hold(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    if (refuse_dead(sandbox, error))
        return CLUTCH_E_STATE;
    int begun = lifecycle_begin(sandbox, LIFECYCLE_PAUSE, reason, error);
    if (begun)
        return begun < 0 ? begun : 0;
    int code = send(sandbox, SIGSTOP, error);
    if (code == 0)
        lifecycle_move(sandbox, CLUTCH_STATE_PAUSED, "%s", reason);
    return code;
}

int pause_continue(clutch_sandbox *sandbox, clutch_error *error)
{
    return send(sandbox, SIGCONT, error);
}

int pause_wake(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    if (sandbox->state != CLUTCH_STATE_PAUSED)
        return 0;
    int code = send(sandbox, SIGCONT, error);
    if (code == 0)
        lifecycle_move(sandbox, CLUTCH_STATE_RUNNING, "%s", reason);
    return code;
}

int pause_sandbox(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    int code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, error);
    if (code)
        return code;
    code = hold(sandbox, reason, error);
    sandbox_give_turn(sandbox);
    return code;
}

int clutch_sandbox_pause(clutch_sandbox *sandbox, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = pause_sandbox(sandbox, "pause was called", error);
    engine_leave(sandbox->engine);
    return code;
}

/* With the turn. */
static int let_go(clutch_sandbox *sandbox, clutch_error *error)
{
    if (refuse_dead(sandbox, error))
        return CLUTCH_E_STATE;
    int begun = lifecycle_begin(sandbox, LIFECYCLE_RESUME, "", error);
    if (begun)
        return begun < 0 ? begun : 0;
    return pause_wake(sandbox, "resume was called", error);
}

int clutch_sandbox_resume(clutch_sandbox *sandbox, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    clutch_error fault;
    code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, &fault);
    if (code == 0) {
        code = let_go(sandbox, &fault);
        sandbox_give_turn(sandbox);
    } else if (code == CLUTCH_E_BUSY) {
        code = 0; /* it runs code: there is nothing to resume */
    }
    engine_leave(sandbox->engine);
    if (code && error)
        *error = fault;
    return code;
}
