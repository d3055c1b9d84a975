/* SPDX-License-Identifier: Apache-2.0 */
/* start.c: making a stopped sandbox run again.
 *
 * A new process from the template reads the saved variables; the host only opens the file for it. When
 * anything fails there is no process, the state is FAILED, and all that was saved is as it was. */
#include "host/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "host/archiving.h"
#include "host/error.h"
#include "host/hatch.h"
#include "host/lifecycle.h"
#include "host/pause.h"
#include "host/place.h"
#include "host/session.h"
#include "host/session_report.h"
#include "host/store.h"
#include "host/undo.h"

/* There is no file: there never was one, or somebody has taken it away. */
static int nothing_saved(clutch_sandbox *sandbox, const char *path, clutch_session_report **report,
                         clutch_error *error)
{
    struct store_sandbox *record;
    int code = store_get(sandbox->engine->store, sandbox->id, &record, error);
    if (code)
        return code;
    bool saved = record->info.saved_ms != 0;
    store_sandbox_free(record);
    if (saved)
        return error_set(error, CLUTCH_E_DAMAGED, ENOENT, "the saved variables in %s", path);
    *report = session_report_empty(sandbox->serial, "nothing had been saved");
    return *report ? 0 : error_memory(error);
}

static int restore(clutch_sandbox *sandbox, clutch_session_report **report, clutch_error *error)
{
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_SESSION, sandbox->id);
    if (!path)
        return error_memory(error);
    OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return nothing_saved(sandbox, path, report, error);
    if (fd < 0)
        return error_set(error, CLUTCH_E_DISK, errno, "the saved variables in %s", path);
    int code = session_restore(sandbox, fd, LIMIT_START_TIMEOUT_MS, report, error);
    if (code == 0) {
        uint64_t saved = (*report)->serial;
        pthread_mutex_lock(&sandbox->lock);
        if ((*report)->serial > sandbox->serial)
            sandbox->serial = (*report)->serial;
        pthread_mutex_unlock(&sandbox->lock);
        sandbox->saved_serial = saved;
        (*report)->serial = sandbox->serial;
    }
    return code;
}

/* What files an archive or a copy on disk lacks is named again. */
static void name_lost_files(clutch_sandbox *sandbox, clutch_session_report **report)
{
    struct store_sandbox *record;
    if (store_get(sandbox->engine->store, sandbox->id, &record, NULL))
        return;
    const clutch_sandbox_info *info = &record->info;
    for (size_t i = 0; i < info->left_out_count; i++)
        if (strncmp(info->left_out[i].name, SESSION_REPORT_FILE, strlen(SESSION_REPORT_FILE)) == 0)
            session_report_add(report, SESSION_REPORT_FILE, &info->left_out[i], 1);
    store_sandbox_free(record);
}

static int bring_up(clutch_sandbox *sandbox, bool archived, clutch_session_report **report,
                    clutch_error *error)
{
    int code = archived ? archiving_unpack(sandbox, error) : 0;
    if (code == 0)
        code = engine_ensure_template(sandbox->engine, error);
    if (code == 0)
        code = hatch_folders(sandbox, sandbox->keeps_workdir ? sandbox->workdir : NULL, true, error);
    if (code == 0)
        code = hatch_process(sandbox, error);
    if (code == 0)
        code = hatch_fill(sandbox, error);
    if (code == 0)
        code = restore(sandbox, report, error);
    if (code == 0 && (sandbox->ended || sandbox_is_dead(sandbox)))
        code = error_set(error, CLUTCH_E_ENDED, 0, "sandbox %s ended while it was started", sandbox->id);
    return code;
}

/* With the turn. */
static int from_rest(clutch_sandbox *sandbox, const char *reason, clutch_session_report **report,
                     clutch_error *error)
{
    clutch_error fault = {0};
    bool archived = sandbox->state == CLUTCH_STATE_RESTORING;
    int code = bring_up(sandbox, archived, report, &fault);
    if (code == 0) {
        name_lost_files(sandbox, report);
        lifecycle_settle(sandbox, CLUTCH_STATE_RUNNING, *report, reason, NULL);
        archiving_forget(sandbox);
        (*report)->ready = archived ? CLUTCH_READY_RESTORED : CLUTCH_READY_STARTED;
        return 0;
    }
    sandbox_part(sandbox);
    clutch_session_report_free(*report);
    *report = NULL;
    if (archived && (!sandbox->has_home || archiving_is_whole(sandbox))) {
        hatch_remove_folders(sandbox);
        lifecycle_move(sandbox, CLUTCH_STATE_ARCHIVED, "it could not be restored: %s", fault.message);
    } else {
        lifecycle_move(sandbox, CLUTCH_STATE_FAILED, "%s", fault.message);
    }
    if (error)
        *error = fault;
    return code;
}

static int start(clutch_sandbox *sandbox, const char *reason, clutch_session_report **report,
                 clutch_error *error)
{
    undo_notice_end(sandbox);
    uint32_t from = sandbox->state;
    int begun = lifecycle_begin(sandbox, LIFECYCLE_START, reason, error);
    if (begun < 0)
        return begun;
    if (begun == 0 && from != CLUTCH_STATE_PAUSED)
        return from_rest(sandbox, reason, report, error);
    int code = pause_wake(sandbox, reason, error);
    if (code)
        return code;
    *report = session_report_empty(sandbox->serial, "it was running");
    if (!*report)
        return error_memory(error);
    (*report)->ready = begun == 1 ? CLUTCH_READY_FOUND : CLUTCH_READY_RESUMED;
    return 0;
}

/* One that runs code is running: that need not end first. */
static bool is_executing(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    bool executing = sandbox->current != NULL;
    pthread_mutex_unlock(&sandbox->lock);
    return executing;
}

int start_sandbox(clutch_sandbox *sandbox, const char *reason, clutch_session_report **report,
                  clutch_error *error)
{
    uint64_t begun_ns = clock_now_ns();
    clutch_session_report *made = NULL;
    clutch_error fault;
    int code;
    do
        code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, &fault);
    while (code == CLUTCH_E_BUSY && !is_executing(sandbox)); /* it has just ended */
    if (code == 0) {
        code = start(sandbox, reason, &made, &fault);
        sandbox_give_turn(sandbox);
    } else if (code == CLUTCH_E_BUSY) {
        made = session_report_empty(sandbox->serial, "it was running");
        code = made ? 0 : error_memory(&fault);
        if (made)
            made->ready = CLUTCH_READY_FOUND;
    }
    if (code) {
        if (error)
            *error = fault;
        return code;
    }
    made->took_ns = clock_now_ns() - begun_ns;
    if (report)
        *report = made;
    else
        clutch_session_report_free(made);
    return 0;
}

int clutch_sandbox_start(clutch_sandbox *sandbox, clutch_session_report **report, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = start_sandbox(sandbox, "start was called", report, error);
    engine_leave(sandbox->engine);
    return code;
}
