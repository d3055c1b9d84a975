/* SPDX-License-Identifier: Apache-2.0 */
/* lifecycle.c: which change of state is allowed when, and the making of one.
 *
 * Theory of operation. A change of state has the sandbox's turn, so there is one at a time and no
 * execution beside it. It begins by asking the table below, passes by a state that says what is going
 * on, does its work (pause.c, stop.c, start.c, archiving.c, delete.c) and ends in the state that the
 * table names, or in failed. Each step is in the store before the next, so that after a crash the next
 * engine knows how far it had come. */
#include "host/lifecycle.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "host/error.h"
#include "host/keeper.h"
#include "host/store.h"

enum { NOWHERE = 0 }; /* the act does not pass by another state */

#define AT(state) CLUTCH_STATE_##state
#define MAY(act) LIFECYCLE_##act

/* From a state, an act passes by one state. `done` are the acts that find nothing left to do. What
 * is in neither is refused. Every state is here; those ending in -ing are only met when an engine died
 * in them and its successor could not tidy up, and then only stop, start and delete help. */
static const struct row {
    uint8_t from;
    uint8_t allowed, done;
    bool passing;
} rows[] = {
    {AT(RUNNING), MAY(STOP) | MAY(PAUSE) | MAY(DELETE) | MAY(COPY) | MAY(UNDO),
     MAY(START) | MAY(RESUME), false},
    {AT(PAUSED), MAY(START) | MAY(RESUME) | MAY(STOP) | MAY(DELETE), MAY(PAUSE), false},
    {AT(STOPPED), MAY(START) | MAY(ARCHIVE) | MAY(DELETE) | MAY(UNDO), MAY(STOP), false},
    {AT(ARCHIVED), MAY(START) | MAY(DELETE), MAY(STOP) | MAY(ARCHIVE), false},
    {AT(FAILED), MAY(START) | MAY(STOP) | MAY(DELETE), 0, false},
    {AT(DELETED), 0, MAY(STOP) | MAY(DELETE), false},
    {AT(CREATING), MAY(STOP) | MAY(DELETE), 0, true},
    {AT(STARTING), MAY(START) | MAY(STOP) | MAY(DELETE), 0, true},
    {AT(STOPPING), MAY(START) | MAY(STOP) | MAY(DELETE), 0, true},
    {AT(ARCHIVING), MAY(START) | MAY(STOP) | MAY(DELETE), 0, true},
    {AT(RESTORING), MAY(START) | MAY(STOP) | MAY(DELETE), 0, true},
    {AT(DELETING), MAY(DELETE), MAY(STOP), true},
};

static const struct act {
    uint8_t act;
    const char *word, *past;
    uint8_t by; /* the state that it passes by */
} acts[] = {
    {MAY(START), "start", "started", AT(STARTING)},
    {MAY(STOP), "stop", "stopped", AT(STOPPING)},
    {MAY(PAUSE), "pause", "paused", NOWHERE},
    {MAY(RESUME), "resume", "resumed", NOWHERE},
    {MAY(ARCHIVE), "archive", "archived", AT(ARCHIVING)},
    {MAY(DELETE), "delete", "deleted", AT(DELETING)},
    {MAY(COPY), "clone, snapshot", "copied", NOWHERE},
    {MAY(UNDO), "undo", "rolled back", NOWHERE},
};

#undef AT
#undef MAY

enum { ROWS = sizeof rows / sizeof rows[0], ACTS = sizeof acts / sizeof acts[0] };

static const struct row *row_of(uint32_t state)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].from == state)
            return &rows[i];
    return NULL;
}

static const struct act *act_of(enum lifecycle_act act)
{
    size_t i = 0;
    while (acts[i].act != act)
        i++;
    return &acts[i];
}

static int refuse(const clutch_sandbox *sandbox, uint32_t state, const struct act *act, unsigned allowed,
                  clutch_error *error)
{
    char words[128] = "nothing";
    size_t length = 0;
    for (size_t i = 0; i < ACTS; i++)
        if (allowed & acts[i].act)
            length += (size_t)snprintf(words + length, sizeof words - length, "%s%s",
                                       length ? ", " : "", acts[i].word);
    return error_set(error, CLUTCH_E_STATE, 0, "sandbox %s is %s and cannot be %s; allowed now: %s",
                     sandbox->id, clutch_state_name(state), act->past, words);
}

/* Where a start comes from decides what it has to do. */
static uint32_t passing_state(const struct act *act, uint32_t from)
{
    if (act->act != LIFECYCLE_START)
        return act->by;
    if (from == CLUTCH_STATE_ARCHIVED)
        return CLUTCH_STATE_RESTORING;
    return from == CLUTCH_STATE_PAUSED ? NOWHERE : (uint32_t)act->by;
}

void lifecycle_tell(clutch_sandbox *sandbox, uint32_t from, const char *reason, int64_t at_ms)
{
    const clutch_engine *engine = sandbox->engine;
    clutch_change made = {
        .id = sandbox->id, .from = from, .to = sandbox->state, .reason = reason, .at_ms = at_ms};
    if (engine->on_change)
        engine->on_change(&made, engine->change_user);
}

/* A process that is to end when that is recorded can go on. */
static bool still_lives(const clutch_sandbox *sandbox, uint32_t to)
{
    return to == CLUTCH_STATE_STOPPED && !sandbox->ended;
}

/* Changes the state and tells of it; the record first, so that nobody hears of what may be forgotten. */
static int change(clutch_sandbox *sandbox, uint32_t to, const char *reason,
                  const struct store_session *session, clutch_error *error)
{
    clutch_engine *engine = sandbox->engine;
    clutch_change made = {.id = sandbox->id, .from = sandbox->state, .to = to, .reason = reason};
    int code = store_set_state(engine->store, sandbox->id, to, reason, session, &made, error);
    if (code && (lifecycle_is_passing(to) || still_lives(sandbox, to)))
        return code;
    if (code)
        made.at_ms = store_now(engine->store).wall_ms;
    pthread_mutex_lock(&sandbox->lock);
    uint32_t from = sandbox->state;
    sandbox->state = to;
    if (to == CLUTCH_STATE_RUNNING) {
        sandbox->active_ns = clock_now_ns();
        if (from != CLUTCH_STATE_PAUSED)
            sandbox->started_ns = sandbox->active_ns;
    }
    pthread_mutex_unlock(&sandbox->lock);
    if (engine->on_change)
        engine->on_change(&made, engine->change_user);
    keeper_due(sandbox);
    if (to == CLUTCH_STATE_STOPPED || to == CLUTCH_STATE_DELETED)
        keeper_purge(engine); /* there nobody waits for microseconds */
    return code;
}

bool lifecycle_is_passing(uint32_t state)
{
    const struct row *row = row_of(state);
    return row && row->passing;
}

int lifecycle_begin(clutch_sandbox *sandbox, enum lifecycle_act act, const char *reason,
                    clutch_error *error)
{
    uint32_t from = sandbox->state;
    const struct row *row = row_of(from);
    const struct act *what = act_of(act);
    if (row->done & act)
        return 1;
    if (!(row->allowed & act))
        return refuse(sandbox, from, what, row->allowed, error);
    uint32_t by = passing_state(what, from);
    if (by == NOWHERE || by == from)
        return 0;
    return change(sandbox, by, reason, NULL, error);
}

static int move(clutch_sandbox *sandbox, uint32_t to, const struct store_session *session,
                const char *reason, clutch_error *error)
{
    clutch_error fault;
    int code = change(sandbox, to, reason, session, &fault);
    if (code == 0)
        return 0;
    engine_log(sandbox->engine, CLUTCH_LOG_WARNING, "sandbox %s is %s, which could not be recorded: %s",
               sandbox->id, clutch_state_name(to), fault.message);
    return error_set(error, code, fault.sys_errno, "sandbox %s is %s, which could not be recorded: %s",
                     sandbox->id, clutch_state_name(to), fault.message);
}

void lifecycle_move(clutch_sandbox *sandbox, uint32_t to, const char *reason, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    move(sandbox, to, NULL, text, NULL);
}

int lifecycle_settle(clutch_sandbox *sandbox, uint32_t to, const clutch_session_report *report,
                     const char *reason, clutch_error *error)
{
    struct store_session session = {
        .saved = report->saved && to == CLUTCH_STATE_STOPPED,
        .saved_bytes = report->size_bytes,
        .python_version = report->python_version,
        .left_out_count = report->left_out_count,
        .left_out = report->left_out,
        .left_out_truncated = report->left_out_truncated,
    };
    /* A stop that saves nothing leaves what an earlier one has saved, and what that left out. */
    const struct store_session *kept = to == CLUTCH_STATE_STOPPED && !report->saved ? NULL : &session;
    return still_lives(sandbox, to) ? change(sandbox, to, reason, kept, error)
                                    : move(sandbox, to, kept, reason, error);
}

void lifecycle_ended(clutch_sandbox *sandbox, const char *reason)
{
    if (sandbox->state == CLUTCH_STATE_RUNNING || sandbox->state == CLUTCH_STATE_PAUSED)
        lifecycle_move(sandbox, CLUTCH_STATE_STOPPED, "%s", reason);
}
