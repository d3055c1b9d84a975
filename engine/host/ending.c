/* SPDX-License-Identifier: Apache-2.0 */
/* ending.c: from the end of an execution to its result or error. */
#include "host/ending.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "host/deadline.h"
#include "host/error.h"
#include "host/keeper.h"
#include "host/store.h"
#include "host/undo.h"

#define ERROR_PREFIX "executing Python code: "

static void leave(clutch_execution *execution)
{
    clutch_sandbox *sandbox = execution->sandbox;
    execution->ended = true;
    pthread_mutex_lock(&sandbox->lock);
    sandbox->current = NULL;
    pthread_mutex_unlock(&sandbox->lock);
    if (sandbox->epoll_fd >= 0 || atomic_load(&execution->cancel_asked))
        deadline_set_timer(sandbox, CLOCK_NEVER);
    channel_trim(&sandbox->process.channel);
    pthread_mutex_lock(&sandbox->lock);
    sandbox->active_ns = clock_now_ns();
    pthread_mutex_unlock(&sandbox->lock);
    if (execution->inside)
        return;
    sandbox_give_turn(sandbox);
    keeper_due(sandbox);
}

/* Before the result is handed out, so that what a host was told of is in the records. */
static bool record(clutch_execution *execution, const clutch_result *public)
{
    clutch_sandbox *sandbox = execution->sandbox;
    clutch_error error;
    if (execution->inside)
        return false;
    struct store_execution row = {
        .serial = execution->serial,
        .source = execution->source,
        .code = execution->text,
        .code_length = execution->text_length,
        .output = public ? public->output : NULL,
        .output_count = public ? public->output_count : 0,
        .output_omitted = public && public->omitted_elements > 0,
        .error = public ? public->error : execution->error.message,
        .outcome = public ? public->outcome : (uint32_t)CLUTCH_OUTCOME_KILLED,
        .wall_ns = clock_now_ns() - execution->started_ns,
        .created_ms = execution->created_ms,
        .rolled_back = public && public->rolled_back,
    };
    if (store_add_execution(sandbox->engine->store, sandbox->id, &row, &error) == 0)
        return true;
    engine_log(sandbox->engine, CLUTCH_LOG_WARNING, "execution %llu of sandbox %s is not recorded: %s",
               (unsigned long long)execution->serial, sandbox->id, error.message);
    return false;
}

void ending_error(clutch_execution *execution)
{
    bool files;
    execution->code = execution->error.code;
    clutch_result_free(&execution->result->public);
    execution->result = NULL;
    if (execution->sandbox->ended)
        undo_survive(execution->sandbox, execution->error.message, &files);
    record(execution, NULL);
    leave(execution);
}

static void end_with_result(clutch_execution *execution)
{
    clutch_result *public = &execution->result->public;
    public->serial = execution->serial;
    public->wall_ns = clock_now_ns() - execution->started_ns;
    if (public->limit == CLUTCH_LIMIT_NONE && public->omitted_elements > 0) {
        public->limit = CLUTCH_LIMIT_OUTPUT;
        public->limit_value = execution->limits.output_bytes;
        public->limit_used = execution->result->kept_bytes + public->omitted_bytes;
    }
    result_finish(execution->result);
    bool failed = public->outcome != CLUTCH_OUTCOME_OK && public->outcome != CLUTCH_OUTCOME_EXIT &&
                  public->outcome != CLUTCH_OUTCOME_INCOMPLETE;
    public->checkpointed = execution->checkpointed;
    if (public->sandbox_ended ||
        (failed && execution->checkpointed && execution->rollback == CLUTCH_ROLLBACK_FAILURE)) {
        public->rolled_back = undo_survive(execution->sandbox,
                                           public->error ? public->error : "its process exited",
                                           &public->files_rolled_back);
        public->sandbox_ended = !public->rolled_back;
    }
    public->recorded = record(execution, public);
    leave(execution);
}

void ending_out_of_memory(clutch_execution *execution)
{
    int status;
    sandbox_bury(execution->sandbox, &status);
    error_memory(&execution->error);
    ending_error(execution);
}

void ending_broken(clutch_execution *execution, const char *how)
{
    int status;
    sandbox_bury(execution->sandbox, &status);
    error_set(&execution->error, CLUTCH_E_PROTOCOL, 0,
              "sandbox %s broke the protocol (%s) and was ended: create another one",
              execution->sandbox->id, how);
    ending_error(execution);
}

static bool describe_timeout(clutch_execution *execution)
{
    struct result *result = execution->result;
    clutch_result *public = &result->public;
    bool wall = execution->cause == CAUSE_WALL;
    public->outcome = CLUTCH_OUTCOME_TIMEOUT;
    public->limit = wall ? CLUTCH_LIMIT_WALL : CLUTCH_LIMIT_CPU;
    public->limit_value = wall ? execution->limits.wall_ms : execution->limits.cpu_ms;
    public->limit_used = wall ? (clock_now_ns() - execution->started_ns) / CLOCK_MS
                              : execution->cpu_used_ns / CLOCK_MS;
    return result_format(result, &public->exception_message,
                         "the execution reached its %s time limit of %llu ms%s",
                         wall ? "wall" : "CPU", (unsigned long long)public->limit_value,
                         public->sandbox_ended ? " and did not yield: the sandbox was killed" : "") &&
           result_format(result, &public->exception_type, "TimeoutError") &&
           result_format(result, &public->error, ERROR_PREFIX "TimeoutError('%s')",
                         public->exception_message);
}

/* status is as waitpid gives it, if it is known. */
static bool describe_end(clutch_execution *execution, bool known, int status)
{
    struct result *result = execution->result;
    clutch_result *public = &result->public;
    public->sandbox_ended = true;
    if (execution->killed && execution->cause != CAUSE_CANCEL)
        return describe_timeout(execution);
    public->outcome = CLUTCH_OUTCOME_KILLED;
    if (execution->killed) {
        public->signal = SIGKILL;
        return result_format(result, &public->error,
                             ERROR_PREFIX "cancelled, and killed since it did not yield within %llu ms",
                             (unsigned long long)execution->limits.grace_ms);
    }
    if (!known)
        return result_format(result, &public->error,
                             ERROR_PREFIX "the sandbox ended together with the template process");
    if (WIFEXITED(status)) {
        public->outcome = CLUTCH_OUTCOME_EXIT;
        public->exit_status = WEXITSTATUS(status);
        return public->exit_status == 0 ||
               result_format(result, &public->error,
                             ERROR_PREFIX "the process exited with status %d", public->exit_status);
    }
    public->signal = WTERMSIG(status);
    if (public->signal == SIGKILL)
        return result_format(result, &public->error, ERROR_PREFIX "the sandbox was killed from outside");
    public->outcome = CLUTCH_OUTCOME_CRASHED;
    const char *name = sigabbrev_np(public->signal);
    return result_format(result, &public->error,
                         ERROR_PREFIX "the sandbox crashed with signal %d (SIG%s: %s)", public->signal,
                         name ? name : "?", sigdescr_np(public->signal));
}

void ending_dead(clutch_execution *execution)
{
    int status = 0;
    bool known = sandbox_bury(execution->sandbox, &status);
    if (describe_end(execution, known, status))
        end_with_result(execution);
    else
        ending_out_of_memory(execution);
}

/* The disk's bytes or files: the one that has a limit, or of both the one of which nothing is left. */
static uint64_t disk_limit(const clutch_execution *execution)
{
    const clutch_limits *limits = &execution->sandbox->limits;
    struct statvfs disk;
    if (limits->disk_bytes == CLUTCH_UNLIMITED)
        return limits->disk_files;
    bool files_ran_out = limits->disk_files != CLUTCH_UNLIMITED &&
                         fstatvfs(execution->sandbox->disk_fd, &disk) == 0 && disk.f_ffree == 0 &&
                         disk.f_bavail > 0;
    return files_ran_out ? limits->disk_files : limits->disk_bytes;
}

/* A limit that the exception tells of. What was used of it is all of it, but for memory. Where none was
 * set the machine itself had no more. */
static void describe_limit(clutch_execution *execution, const struct wire_done *done)
{
    clutch_result *public = &execution->result->public;
    const clutch_limits *limits = &execution->sandbox->limits;
    const uint64_t values[] = {[CLUTCH_LIMIT_MEMORY] = limits->memory_bytes,
                               [CLUTCH_LIMIT_FILE] = limits->file_bytes,
                               [CLUTCH_LIMIT_OPEN_FILES] = limits->open_files,
                               [CLUTCH_LIMIT_THREADS] = limits->threads,
                               [CLUTCH_LIMIT_DISK] = disk_limit(execution)};
    _Static_assert(sizeof values / sizeof values[0] == WIRE_LIMIT_MAX + 1, "the wire knows them all");
    if (done->limit < CLUTCH_LIMIT_MEMORY || done->limit == CLUTCH_LIMIT_OUTPUT ||
        values[done->limit] == CLUTCH_UNLIMITED)
        return;
    public->limit = done->limit;
    public->limit_value = values[done->limit];
    public->limit_used =
        done->limit == CLUTCH_LIMIT_MEMORY ? done->memory_peak_bytes : public->limit_value;
}

/* Sets the outcome from what the worker says and what the host did. */
static bool describe_done(clutch_execution *execution, const struct wire_done *done)
{
    clutch_result *public = &execution->result->public;
    switch (done->ending) {
    case WIRE_ENDED_OK:
        public->outcome = CLUTCH_OUTCOME_OK;
        return true;
    case WIRE_ENDED_EXIT:
        public->outcome = CLUTCH_OUTCOME_EXIT;
        public->exit_status = done->exit_status;
        return true;
    case WIRE_ENDED_INCOMPLETE:
        public->outcome = CLUTCH_OUTCOME_INCOMPLETE;
        return true;
    case WIRE_ENDED_MEMORY:
        public->outcome = CLUTCH_OUTCOME_MEMORY;
        describe_limit(execution, done);
        return true;
    case WIRE_ENDED_INTERRUPT:
        if (execution->cause == CAUSE_WALL || execution->cause == CAUSE_CPU)
            return describe_timeout(execution);
        if (execution->cause == CAUSE_CANCEL) {
            public->outcome = CLUTCH_OUTCOME_CANCELLED;
            return public->error ||
                   result_format(execution->result, &public->error, ERROR_PREFIX "KeyboardInterrupt()");
        }
        break;
    default:
        break;
    }
    public->outcome = CLUTCH_OUTCOME_EXCEPTION;
    describe_limit(execution, done);
    return true;
}

void ending_done(clutch_execution *execution, const struct wire_done *done)
{
    if (execution->killed) {
        /* It yielded in the very moment in which its grace ended. */
        int status;
        execution->result->public.sandbox_ended = true;
        sandbox_bury(execution->sandbox, &status);
    }
    if (describe_done(execution, done))
        end_with_result(execution);
    else
        ending_out_of_memory(execution);
}

void ending_abandoned(clutch_execution *execution, bool open)
{
    int status;
    bool files;
    sandbox_bury(execution->sandbox, &status);
    execution->error.code = CLUTCH_E_ENDED;
    if (open) {
        error_set(&execution->error, CLUTCH_E_ENDED, 0, "its host gave it up");
        undo_survive(execution->sandbox, "an execution was given up by its host", &files);
        record(execution, NULL);
    }
    leave(execution);
}
