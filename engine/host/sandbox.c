/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.c: what the host keeps of a sandbox, and taking turns in one. */
#include "host/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "host/error.h"
#include "host/execution.h"
#include "host/hatch.h"
#include "host/options.h"

/* ---- Names ---- */

/* A random UUID, version 4 (RFC 9562). */
static int make_id(char out[37], clutch_error *error)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "random bytes for an id");
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    char *at = out;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += sprintf(at, "%02x", bytes[i]);
    }
    return 0;
}

int sandbox_take_id(char out[37], const char *id, clutch_error *error)
{
    size_t at = 0;
    for (; id[at] && at < 36; at++) {
        bool dash = at == 8 || at == 13 || at == 18 || at == 23;
        char c = id[at] >= 'A' && id[at] <= 'F' ? (char)(id[at] - 'A' + 'a') : id[at];
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            break;
        out[at] = c;
    }
    if (at != 36 || id[at])
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "the id \"%.64s\" is no UUID like 123e4567-e89b-42d3-a456-426614174000", id);
    out[at] = 0;
    return 0;
}

int sandbox_check_name(const char *name, const char *what, clutch_error *error)
{
    size_t length = strlen(name);
    if (length > LIMIT_NAME_BYTES || text_valid_prefix(name, length) != length)
        return error_set(error, CLUTCH_E_INVALID, 0, "the %s is longer than %zu bytes or not UTF-8",
                         what, LIMIT_NAME_BYTES);
    return 0;
}

static int take_name(char **out, const char *name, const char *what, clutch_error *error)
{
    int code = sandbox_check_name(name, what, error);
    if (code)
        return code;
    *out = strdup(name);
    return *out ? 0 : error_memory(error);
}

/* ---- Creating ---- */

bool sandbox_set_text(char **text, const char *to)
{
    char *copy = strdup(to);
    if (!copy)
        return false;
    free(*text);
    *text = copy;
    return true;
}

static int take_lists(clutch_sandbox *sandbox, const clutch_sandbox_options *options,
                      clutch_error *error)
{
    static const char *const none[] = {NULL};
    int code = options_check_pairs(options->env, "env", error);
    if (code == 0)
        code = options_check_pairs(options->labels, "labels", error);
    if (code)
        return code;
    sandbox->labels = options_copy_list(options->labels ? options->labels : none);
    sandbox->env = options_copy_list(options->env ? options->env : none);
    return sandbox->labels && sandbox->env ? 0 : error_memory(error);
}

static int take_life(clutch_sandbox *sandbox, const clutch_sandbox_options *options,
                     clutch_error *error)
{
    if (options->undo_depth > LIMIT_UNDO_DEPTH)
        return error_set(error, CLUTCH_E_INVALID, 0, "undo_depth is %u and at most %u checkpoints are kept",
                         options->undo_depth, LIMIT_UNDO_DEPTH);
    if (options->rollback > CLUTCH_ROLLBACK_FAILURE)
        return error_set(error, CLUTCH_E_INVALID, 0, "rollback is %u: use a CLUTCH_ROLLBACK_ constant",
                         options->rollback);
    sandbox->network = options->network;
    sandbox->processes = options->processes;
    sandbox->undo_depth = options->undo_depth;
    sandbox->rollback = options->rollback ? options->rollback : CLUTCH_ROLLBACK_DEATH;
    int code = options_limits(options->limits, &sandbox->engine->limits, &sandbox->limits, error);
    if (code == 0)
        code = options_intervals(options->intervals, &sandbox->intervals, error);
    if (code)
        return code;
    bool fine = sandbox_set_text(&sandbox->origin, "") && sandbox_set_text(&sandbox->repository_url, "") &&
                sandbox_set_text(&sandbox->current_branch, "");
    return fine ? 0 : error_memory(error);
}

static int take_options(clutch_sandbox *sandbox, const clutch_sandbox_options *options,
                        clutch_error *error)
{
    int code = options->id ? sandbox_take_id(sandbox->id, options->id, error) : make_id(sandbox->id, error);
    if (code == 0)
        code = take_name(&sandbox->name, options->name ? options->name : sandbox->id, "name", error);
    if (code == 0)
        code = take_name(&sandbox->owner, options->owner ? options->owner : "", "owner", error);
    if (code == 0)
        code = take_lists(sandbox, options, error);
    if (code == 0)
        code = take_life(sandbox, options, error);
    return code ? code : hatch_name_folders(sandbox, error);
}

int sandbox_new(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                clutch_error *error)
{
    clutch_sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (!sandbox)
        return error_memory(error);
    engine_retain(engine);
    sandbox->engine = engine;
    sandbox->handles = 1;
    sandbox->state = CLUTCH_STATE_CREATING;
    sandbox->ended = true;
    sandbox->timer_fd = sandbox->epoll_fd = sandbox->disk_fd = -1;
    process_init(&sandbox->process);
    pthread_mutex_init(&sandbox->lock, NULL);
    pthread_cond_init(&sandbox->turn_free, NULL);
    int code = take_options(sandbox, options, error);
    if (code)
        sandbox_discard(sandbox);
    else
        *out = sandbox;
    return code;
}

void sandbox_discard(clutch_sandbox *sandbox)
{
    clutch_engine *engine = sandbox->engine;
    process_close(&sandbox->process);
    for (size_t i = 0; i < sandbox->checkpoint_count; i++) {
        process_close(&sandbox->checkpoints[i].process);
        free(sandbox->checkpoints[i].files_dir);
    }
    own_close(&sandbox->timer_fd);
    own_close(&sandbox->epoll_fd);
    own_close(&sandbox->disk_fd);
    pthread_mutex_destroy(&sandbox->lock);
    pthread_cond_destroy(&sandbox->turn_free);
    clutch_status_free(sandbox->last_look);
    char *const texts[] = {sandbox->name,    sandbox->owner,  sandbox->home_dir,
                           sandbox->workdir, sandbox->tmpdir, sandbox->origin,
                           sandbox->repository_url, sandbox->current_branch};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    free(sandbox->labels);
    free(sandbox->env);
    free(sandbox->checkpoints);
    free(sandbox);
    engine_release(engine);
}

/* ---- The end ---- */

/* With the lock: a descriptor must not be closed by somebody else meanwhile. */
static void kill_locked(const clutch_sandbox *sandbox)
{
    process_kill(&sandbox->process);
}

void sandbox_kill(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    kill_locked(sandbox);
    pthread_mutex_unlock(&sandbox->lock);
}

void sandbox_close(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    kill_locked(sandbox);
    pthread_cond_broadcast(&sandbox->turn_free);
    pthread_mutex_unlock(&sandbox->lock);
}

bool sandbox_is_dead(const clutch_sandbox *sandbox)
{
    return process_is_dead(&sandbox->process);
}

bool sandbox_bury(clutch_sandbox *sandbox, int *status)
{
    pthread_mutex_lock(&sandbox->lock);
    bool buried = sandbox->ended;
    sandbox->ended = true;
    pthread_mutex_unlock(&sandbox->lock);
    if (buried)
        return false;
    return process_bury(&sandbox->process, &sandbox->engine->template, status);
}

void sandbox_part(clutch_sandbox *sandbox)
{
    int status;
    sandbox_bury(sandbox, &status);
    pthread_mutex_lock(&sandbox->lock);
    struct process gone = sandbox->process;
    process_init(&sandbox->process);
    int disk_fd = own_take(&sandbox->disk_fd);
    pthread_mutex_unlock(&sandbox->lock);
    process_close(&gone);
    own_close(&disk_fd);
}

/* ---- Turns ---- */

/* Why an execution cannot have the turn that is free; 0 when it can. With the lock. */
static int refuse_ended(const clutch_sandbox *sandbox, clutch_error *error)
{
    if (!sandbox->ended)
        return 0;
    if (sandbox->state == CLUTCH_STATE_RUNNING || sandbox->state == CLUTCH_STATE_DELETED)
        return error_set(error, CLUTCH_E_ENDED, 0, "sandbox %s has ended: create another one",
                         sandbox->id);
    return error_set(error, CLUTCH_E_ENDED, 0, "sandbox %s is %s: start it first", sandbox->id,
                     clutch_state_name(sandbox->state));
}

/* Whether to wait for who has the turn. With the lock. */
static bool waits(const clutch_sandbox *sandbox, enum sandbox_turn how)
{
    if (!sandbox->busy || sandbox->engine->closed)
        return false;
    return how == SANDBOX_WAIT || sandbox->looking || (how == SANDBOX_CHANGE && sandbox->changing);
}

/* With the lock and a turn that is free or refused. */
static int take(clutch_sandbox *sandbox, enum sandbox_turn how, clutch_error *error)
{
    if (sandbox->engine->closed)
        return error_set(error, CLUTCH_E_CLOSED, 0, "the engine is closed");
    if (sandbox->busy && sandbox->changing)
        return error_set(error, CLUTCH_E_BUSY, 0, "sandbox %s is %s: try again when it is done",
                         sandbox->id, clutch_state_name(sandbox->state));
    if (sandbox->busy)
        return error_set(error, CLUTCH_E_BUSY, 0,
                         "sandbox %s is running another execution: wait for it, or use "
                         "CLUTCH_BUSY_WAIT", sandbox->id);
    int code = how == SANDBOX_CHANGE ? 0 : refuse_ended(sandbox, error);
    if (code)
        return code;
    sandbox->busy = true;
    sandbox->looking = how == SANDBOX_LOOK;
    sandbox->changing = how == SANDBOX_CHANGE;
    return 0;
}

int sandbox_take_turn(clutch_sandbox *sandbox, enum sandbox_turn how, clutch_error *error)
{
    pthread_mutex_lock(&sandbox->lock);
    while (waits(sandbox, how))
        pthread_cond_wait(&sandbox->turn_free, &sandbox->lock);
    int code = take(sandbox, how, error);
    pthread_mutex_unlock(&sandbox->lock);
    return code;
}

void sandbox_give_turn(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    sandbox->busy = sandbox->looking = sandbox->changing = false;
    pthread_cond_broadcast(&sandbox->turn_free); /* one may find that the sandbox has ended and leave */
    pthread_mutex_unlock(&sandbox->lock);
}

/* Waits for a while, or until a turn is given back. With the lock. */
static void wait_a_little(clutch_sandbox *sandbox)
{
    enum { STEP_MS = 10 };
    uint64_t until_ns = clock_after_ms(clock_now_ns(), STEP_MS);
    struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
    pthread_cond_clockwait(&sandbox->turn_free, &sandbox->lock, CLOCK_MONOTONIC, &until);
}

/* Waits for the turn until a point in time, moving an execution that its host leaves alone. With the
 * lock. */
static void await_turn(clutch_sandbox *sandbox, uint64_t until_ns)
{
    while (sandbox->busy && !sandbox->engine->closed && clock_now_ns() < until_ns)
        if (!sandbox->current || !execution_move(sandbox->current, until_ns))
            wait_a_little(sandbox);
}

int sandbox_seize_turn(clutch_sandbox *sandbox, bool kill, clutch_error *error)
{
    if (!kill)
        clutch_sandbox_cancel(sandbox);
    pthread_mutex_lock(&sandbox->lock);
    if (kill && !sandbox->changing)
        kill_locked(sandbox);
    while (sandbox->busy && (sandbox->changing || sandbox->looking) && !sandbox->engine->closed)
        pthread_cond_wait(&sandbox->turn_free, &sandbox->lock);
    uint64_t grace_ms = kill ? 0 : sandbox->limits.grace_ms;
    if (grace_ms > LIMIT_SEIZE_GRACE_MS)
        grace_ms = LIMIT_SEIZE_GRACE_MS;
    await_turn(sandbox, clock_after_ms(clock_now_ns(), grace_ms));
    if (sandbox->busy && !sandbox->changing)
        kill_locked(sandbox);
    await_turn(sandbox, clock_after_ms(clock_now_ns(), LIMIT_SEIZE_MS));
    int code = take(sandbox, SANDBOX_CHANGE, error);
    pthread_mutex_unlock(&sandbox->lock);
    return code;
}

int sandbox_adopt(clutch_sandbox *sandbox, struct process *process, clutch_error *error)
{
    pthread_mutex_lock(&sandbox->lock);
    struct process gone = sandbox->process;
    sandbox->process = *process;
    sandbox->ended = false;
    int code = execution_watch(sandbox, error);
    pthread_mutex_unlock(&sandbox->lock);
    process_close(&gone);
    process_init(process);
    return code;
}

/* ---- What is known ---- */

const char *clutch_sandbox_id(const clutch_sandbox *sandbox)
{
    return sandbox->id;
}

const char *clutch_sandbox_name(const clutch_sandbox *sandbox)
{
    return sandbox->name;
}

const char *clutch_sandbox_owner(const clutch_sandbox *sandbox)
{
    return sandbox->owner;
}

const char *clutch_sandbox_workdir(const clutch_sandbox *sandbox)
{
    return sandbox->workdir;
}

const char *clutch_sandbox_label(const clutch_sandbox *sandbox, const char *key)
{
    clutch_sandbox *mutable = (clutch_sandbox *)sandbox;
    const char *value = NULL;
    size_t length = strlen(key);
    pthread_mutex_lock(&mutable->lock);
    for (char **label = sandbox->labels; *label && !value; label++)
        if (strncmp(*label, key, length) == 0 && (*label)[length] == '=')
            value = *label + length + 1;
    pthread_mutex_unlock(&mutable->lock);
    return value;
}

int32_t clutch_sandbox_pid(const clutch_sandbox *sandbox)
{
    clutch_sandbox *mutable = (clutch_sandbox *)sandbox;
    pthread_mutex_lock(&mutable->lock);
    int32_t pid = sandbox_is_dead(sandbox) ? 0 : (int32_t)sandbox->process.pid;
    pthread_mutex_unlock(&mutable->lock);
    return pid;
}
