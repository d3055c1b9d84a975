/* SPDX-License-Identifier: Apache-2.0 */
/* stop.c: saving a sandbox's variables and ending its process.
 *
 * The saved session is written beside the old one and takes its place when it is whole and on the disk.
 * Then the stop is recorded, and only after that does the process end: whatever the disk refuses before,
 * it goes on. */
#include "host/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/tree.h"
#include "host/book.h"
#include "host/copy.h"
#include "host/delete.h"
#include "host/earlier.h"
#include "host/error.h"
#include "host/family.h"
#include "host/lifecycle.h"
#include "host/options.h"
#include "host/pause.h"
#include "host/place.h"
#include "host/session.h"
#include "host/session_report.h"
#include "host/stop.h"
#include "host/undo.h"

/* ---- What is kept ---- */

static int save_variables(clutch_sandbox *sandbox, uint64_t timeout_ms, clutch_session_report **report,
                          clutch_error *error)
{
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_SESSION, sandbox->id);
    if (!path)
        return error_memory(error);
    OWN_FD int fd = place_begin(path, error);
    if (fd < 0)
        return fd;
    int code = session_save(sandbox, fd, 0, timeout_ms, report, error);
    if (code) {
        place_abandon(path);
        return code;
    }
    earlier_keep(sandbox);
    code = place_finish(path, fd, error);
    if (code) {
        clutch_session_report_free(*report);
        *report = NULL;
    }
    return code;
}

static int files_fail(const clutch_sandbox *sandbox, clutch_error *error)
{
    return error_set(error, CLUTCH_E_DISK, errno, "saving the files of sandbox %s", sandbox->id);
}

/* From memory into a new folder on disk. */
static int copy_files(clutch_sandbox *sandbox, const char *folder, struct walk_left_out *left_out,
                      clutch_error *error)
{
    tree_remove(AT_FDCWD, folder);
    if (mkdir(folder, 0700) != 0)
        return files_fail(sandbox, error);
    OWN_FD int from = openat(sandbox->disk_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    OWN_FD int to = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0 || to < 0)
        return files_fail(sandbox, error);
    struct copy_report report;
    int code = copy_tree(from, to, UINT64_MAX, &report, error);
    *left_out = report.left_out;
    return code == 0 && syncfs(to) != 0 ? files_fail(sandbox, error) : code;
}

/* Files that live in memory get a copy on disk, in place of the one there was. */
static int save_files(clutch_sandbox *sandbox, struct walk_left_out *left_out, clutch_error *error)
{
    if (sandbox->disk_fd < 0)
        return 0;
    OWN_MEMORY char *place = place_path(sandbox->engine, PLACE_WORK, sandbox->id);
    OWN_MEMORY char *passing = place_path(sandbox->engine, PLACE_WORK ".new", sandbox->id);
    if (!place || !passing)
        return error_memory(error);
    int code = copy_files(sandbox, passing, left_out, error);
    if (code == 0 && renameat2(AT_FDCWD, passing, AT_FDCWD, place, RENAME_EXCHANGE) != 0 &&
        rename(passing, place) != 0)
        code = files_fail(sandbox, error);
    tree_remove(AT_FDCWD, passing);
    return code;
}

/* ---- Stopping ---- */

/* What its checkpoints have is saved when its process has ended by itself. Tells whether there is one to go
 * on with. */
static bool survive(clutch_sandbox *sandbox)
{
    int status;
    bool files;
    if (!sandbox->ended && !sandbox_is_dead(sandbox))
        return true;
    sandbox_bury(sandbox, &status);
    return undo_survive(sandbox, "its process ended by itself", &files);
}

/* Names the files of which there is no copy. */
static void report_files(clutch_session_report **report, const struct walk_left_out *left_out)
{
    OWN_MEMORY clutch_left_out *rows = walk_left_out_rows(left_out);
    if (rows)
        session_report_add(report, SESSION_REPORT_FILE, rows, left_out->held);
}

/* What happened while it was saved decides whether it goes on (DISK, and no process was lost) or is stopped
 * without its variables. */
static int save(clutch_sandbox *sandbox, const clutch_stop_options *options,
                clutch_session_report **report, clutch_error *error)
{
    clutch_error fault = {0};
    struct walk_left_out left_out = {0};
    int code = 0;
    const char *why = "it was asked to discard them";
    if (!options->discard)
        survive(sandbox);
    if (sandbox->ended || sandbox_is_dead(sandbox)) {
        why = "its process had ended by itself";
    } else {
        code = pause_continue(sandbox, &fault);
        if (code == 0 && !options->discard) {
            code = save_variables(sandbox, options->timeout_ms, report, &fault);
            if (code && sandbox->ended && survive(sandbox)) /* lost by its own code, that saving has called */
                code = save_variables(sandbox, options->timeout_ms, report, &fault);
            why = fault.message;
        }
    }
    if ((code == 0 || code == CLUTCH_E_STATE) && !sandbox->ended) {
        clutch_error disk_fault;
        int files = save_files(sandbox, &left_out, &disk_fault);
        if (files) {
            code = files;
            fault = disk_fault;
            clutch_session_report_free(*report);
            *report = NULL;
        }
    }
    if (code == CLUTCH_E_DISK && !sandbox->ended && !sandbox_is_dead(sandbox)) {
        walk_left_out_free(&left_out);
        if (error)
            *error = fault;
        return code;
    }
    if (!*report)
        *report = session_report_empty(sandbox->serial, why);
    if (*report)
        report_files(report, &left_out);
    walk_left_out_free(&left_out);
    return *report ? 0 : error_memory(error);
}

/* With the turn. *report is set when 0 is returned, and when the stop could not be recorded. */
static int stop(clutch_sandbox *sandbox, const clutch_stop_options *options, const char *reason,
                clutch_session_report **report, clutch_error *error)
{
    uint64_t begun_ns = clock_now_ns();
    uint32_t from = sandbox->state;
    bool live = from == CLUTCH_STATE_RUNNING || from == CLUTCH_STATE_PAUSED;
    clutch_error fault;
    int begun = lifecycle_begin(sandbox, LIFECYCLE_STOP, reason, &fault);
    if (begun < 0 && begun != CLUTCH_E_DISK) {
        if (error)
            *error = fault;
        return begun;
    }
    if (begun == 1 || !live)
        *report = session_report_empty(sandbox->serial, "it was not running");
    int code = begun == 1 || !live ? (*report ? 0 : error_memory(error))
                                   : save(sandbox, options, report, error);
    if (code && live)
        lifecycle_move(sandbox, CLUTCH_STATE_RUNNING, "it could not be saved: %s",
                       clutch_error_sentence(code));
    if (begun == 1 || code)
        return code;
    code = lifecycle_settle(sandbox, CLUTCH_STATE_STOPPED, *report, reason, error);
    if (code && !sandbox->ended) {
        lifecycle_move(sandbox, CLUTCH_STATE_RUNNING, "its stop could not be recorded");
        return code;
    }
    if ((*report)->saved) {
        earlier_keep_files(sandbox);
        sandbox->saved_serial = sandbox->serial;
    }
    undo_forget(sandbox);
    sandbox_part(sandbox);
    tree_empty(AT_FDCWD, sandbox->tmpdir);
    family_sweep(sandbox->engine);
    (*report)->took_ns = clock_now_ns() - begun_ns;
    return code;
}

/* A start after it would find neither process nor record. */
static bool deletes(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    bool at_once = sandbox->intervals.auto_delete_s == CLUTCH_AT_ONCE;
    pthread_mutex_unlock(&sandbox->lock);
    return at_once && sandbox->state == CLUTCH_STATE_STOPPED;
}

int stop_sandbox(clutch_sandbox *sandbox, const clutch_stop_options *options, const char *reason,
                 clutch_session_report **report, clutch_error *error)
{
    clutch_stop_options given;
    clutch_session_report *made = NULL;
    int code = options_stop(options, &given, error);
    if (code == 0)
        code = sandbox_seize_turn(sandbox, false, error);
    if (code)
        return code;
    code = stop(sandbox, &given, reason, &made, error);
    if (code == 0 && deletes(sandbox))
        delete_with_turn(sandbox, "it was stopped, and its intervals delete it then");
    sandbox_give_turn(sandbox);
    if (code == 0 && report)
        *report = made;
    else
        clutch_session_report_free(made);
    return code;
}

int clutch_sandbox_stop(clutch_sandbox *sandbox, const clutch_stop_options *options,
                        clutch_session_report **report, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = stop_sandbox(sandbox, options, "stop was called", report, error);
    engine_leave(sandbox->engine);
    return code;
}

int clutch_engine_stop_all(clutch_engine *engine, const clutch_stop_options *options,
                           clutch_error *error)
{
    if (!engine)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine must not be NULL");
    int first = engine_enter(engine, error);
    if (first)
        return first;
    size_t count;
    clutch_sandbox **live = book_hold_running(engine, &count);
    first = live ? 0 : error_memory(error);
    for (size_t i = 0; live && i < count; i++) {
        clutch_error fault;
        int code = stop_sandbox(live[i], options, "all were stopped", NULL, &fault);
        if (code && !first) {
            first = code;
            if (error)
                *error = fault;
        }
        book_release(live[i]);
    }
    free(live);
    engine_leave(engine);
    return first;
}
