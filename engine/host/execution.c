/* SPDX-License-Identifier: Apache-2.0 */
/* execution.c: one run of code, from its start to its result.
 *
 * An execution has the sandbox's turn from its start to its end. It moves only inside calls of the
 * host (advance): frames are taken from the channel as far as they have come, deadlines are looked
 * at, and the process's end is noticed through its pidfd. A blocking call is a loop of advance and
 * poll; an event-driven host polls the sandbox's epoll descriptor, which holds the same three
 * descriptors (channel, process, timer), and calls advance itself. */
#include "clutch.h"


#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/error.h"
#include "host/options.h"
#include "host/result.h"
#include "host/sandbox.h"
#include "wire/codec.h"

#define ERROR_PREFIX "executing Python code: "

/* Deadlines are looked at even while a worker floods us. */
enum { FRAMES_PER_LOOK = 1024 };

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

/* ---- Time ---- */

static uint64_t cpu_now_ns(const clutch_execution *execution)
{
    struct timespec used;
    if (clock_gettime(execution->cpu_clock, &used) != 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

/* When the clock of the process may reach the limit at the earliest: all processors are its own. */
static void plan_cpu_check(clutch_execution *execution, uint64_t now_ns)
{
    uint64_t limit_ns = execution->limits.cpu_ms * CLOCK_MS;
    uint64_t used_ns = cpu_now_ns(execution) - execution->cpu_before_ns;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t left_ns = used_ns < limit_ns ? limit_ns - used_ns : 0;
    execution->cpu_used_ns = used_ns;
    execution->cpu_check_at_ns =
        now_ns + left_ns / (uint64_t)(processors > 0 ? processors : 1) + CLOCK_MS;
}

static uint64_t next_deadline_ns(const clutch_execution *execution)
{
    uint64_t next_ns = execution->kill_at_ns;
    if (execution->cause == CAUSE_NONE) {
        if (execution->wall_at_ns < next_ns)
            next_ns = execution->wall_at_ns;
        if (execution->cpu_check_at_ns < next_ns)
            next_ns = execution->cpu_check_at_ns;
    }
    return next_ns;
}

/* Makes the timer readable at a point of time; CLOCK_NEVER switches it off. */
static void set_timer(const clutch_sandbox *sandbox, uint64_t at_ns)
{
    struct itimerspec when = {0};
    if (at_ns != CLOCK_NEVER) {
        at_ns = at_ns ? at_ns : 1;
        when.it_value.tv_sec = (time_t)(at_ns / 1000000000u);
        when.it_value.tv_nsec = (long)(at_ns % 1000000000u);
    }
    timerfd_settime(sandbox->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---- Interrupting ---- */

/* The attendant thread of the sandbox raises KeyboardInterrupt when it gets this signal; the value
 * says in which execution. */
static void send_interrupt(const clutch_execution *execution)
{
    siginfo_t about = {.si_signo = WIRE_CANCEL_SIGNAL, .si_code = SI_QUEUE};
    about.si_value.sival_int = (int)(uint32_t)execution->serial;
    about.si_pid = getpid();
    about.si_uid = getuid();
    syscall(SYS_pidfd_send_signal, execution->sandbox->pidfd, WIRE_CANCEL_SIGNAL, &about, 0);
}

static void interrupt(clutch_execution *execution, enum cause cause, uint64_t now_ns)
{
    execution->cause = cause;
    execution->kill_at_ns = clock_after_ms(now_ns, execution->limits.grace_ms);
    send_interrupt(execution);
}

/* Looks at cancellation and deadlines. */
static void watch(clutch_execution *execution)
{
    uint64_t now_ns = clock_now_ns();
    if (execution->cause == CAUSE_NONE) {
        if (atomic_load(&execution->cancel_asked)) {
            interrupt(execution, CAUSE_CANCEL, now_ns);
        } else if (now_ns >= execution->wall_at_ns) {
            interrupt(execution, CAUSE_WALL, now_ns);
        } else if (now_ns >= execution->cpu_check_at_ns) {
            plan_cpu_check(execution, now_ns);
            if (execution->cpu_used_ns >= execution->limits.cpu_ms * CLOCK_MS)
                interrupt(execution, CAUSE_CPU, now_ns);
        }
    } else if (now_ns >= execution->kill_at_ns) {
        execution->killed = true;
        execution->kill_at_ns = CLOCK_NEVER;
        sandbox_kill(execution->sandbox);
    }
}

/* ---- Ending ---- */

static void leave(clutch_execution *execution)
{
    clutch_sandbox *sandbox = execution->sandbox;
    execution->ended = true;
    pthread_mutex_lock(&sandbox->lock);
    sandbox->current = NULL;
    pthread_mutex_unlock(&sandbox->lock);
    if (sandbox->epoll_fd >= 0 || atomic_load(&execution->cancel_asked))
        set_timer(sandbox, CLOCK_NEVER);
    channel_trim(&sandbox->channel);
    sandbox_give_turn(sandbox);
}

/* The engine could not do it: no result. */
static void end_with_error(clutch_execution *execution)
{
    execution->code = execution->error.code;
    clutch_result_free(&execution->result->public);
    execution->result = NULL;
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
    leave(execution);
}

static void end_out_of_memory(clutch_execution *execution)
{
    int status;
    sandbox_bury(execution->sandbox, &status);
    error_memory(&execution->error);
    end_with_error(execution);
}

/* The worker did what no worker of ours does. */
static void end_broken(clutch_execution *execution, const char *how)
{
    int status;
    sandbox_bury(execution->sandbox, &status);
    error_set(&execution->error, CLUTCH_E_PROTOCOL, 0,
              "sandbox %s broke the protocol (%s) and was ended: create another one",
              execution->sandbox->id, how);
    end_with_error(execution);
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

/* The process has ended without a DONE message; status is as waitpid gives it. */
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

static void end_dead(clutch_execution *execution)
{
    int status = 0;
    bool known = sandbox_bury(execution->sandbox, &status);
    if (describe_end(execution, known, status))
        end_with_result(execution);
    else
        end_out_of_memory(execution);
}

/* ---- Frames ---- */

static void take_output(clutch_execution *execution, const struct wire_frame *frame)
{
    struct wire_output output;
    clutch_output whole;
    if (!codec_output(frame, &output)) {
        end_broken(execution, "a malformed OUTPUT");
        return;
    }
    switch (result_output(execution->result, &output, execution->limits.output_bytes, &whole)) {
    case RESULT_PUT:
        if (whole.text && execution->on_output)
            execution->on_output(&whole, execution->user);
        break;
    case RESULT_NO_MEMORY:
        end_out_of_memory(execution);
        break;
    case RESULT_TOO_MUCH:
        end_broken(execution, "more output than its cap");
        break;
    }
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
        public->limit = CLUTCH_LIMIT_MEMORY;
        public->limit_value = execution->limits.memory_bytes;
        public->limit_used = done->memory_peak_bytes;
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
    return true;
}

static void take_done(clutch_execution *execution, const struct wire_frame *frame)
{
    struct wire_done done;
    if (!codec_done(frame, &done) || done.serial != execution->serial) {
        end_broken(execution, "a malformed DONE");
        return;
    }
    if (!result_done(execution->result, &done, execution->sandbox->workdir)) {
        end_broken(execution, "a malformed list in DONE");
        return;
    }
    if (execution->killed) {
        /* It yielded in the very moment in which its grace ended. */
        int status;
        execution->result->public.sandbox_ended = true;
        sandbox_bury(execution->sandbox, &status);
    }
    if (describe_done(execution, &done))
        end_with_result(execution);
    else
        end_out_of_memory(execution);
}

/* Goes on as far as possible without blocking. */
static void advance(clutch_execution *execution)
{
    clutch_sandbox *sandbox = execution->sandbox;
    /* Asked before the channel is read: what a dead process has sent is all there. */
    bool dead = sandbox_is_dead(sandbox);
    for (unsigned frames = 1; !execution->ended && !execution->channel_closed; frames++) {
        struct wire_frame frame;
        if (frames % FRAMES_PER_LOOK == 0)
            watch(execution);
        switch (channel_receive(&sandbox->channel, WIRE_EXECUTING, false, &frame)) {
        case CHANNEL_FRAME:
            if (frame.kind == WIRE_OUTPUT)
                take_output(execution, &frame);
            else
                take_done(execution, &frame);
            continue;
        case CHANNEL_AGAIN:
            break;
        case CHANNEL_CLOSED:
            /* An exiting process closes its descriptors just before it is dead; one that closes the
             * channel and lives on cannot be used any more. Killing does no harm to the first. */
            execution->channel_closed = true;
            if (sandbox->epoll_fd >= 0)
                epoll_ctl(sandbox->epoll_fd, EPOLL_CTL_DEL, sandbox->channel.fd, NULL);
            sandbox_kill(sandbox);
            break;
        case CHANNEL_GARBAGE:
            end_broken(execution, "a frame that may not come now");
            break;
        case CHANNEL_FAILED:
            end_out_of_memory(execution);
            break;
        }
        break;
    }
    if (!execution->ended && dead)
        end_dead(execution);
    if (!execution->ended) {
        watch(execution);
        if (sandbox->epoll_fd >= 0)
            set_timer(sandbox, next_deadline_ns(execution));
    }
}

/* ---- Starting ---- */

static int check_code(const clutch_sandbox *sandbox, const char *code, size_t length,
                      clutch_error *error)
{
    if (!code && length)
        return error_set(error, CLUTCH_E_INVALID, 0, "code is NULL and its length is %zu", length);
    if (length > sandbox->limits.code_bytes)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "the code has %zu bytes and the limit code_bytes is %llu", length,
                         (unsigned long long)sandbox->limits.code_bytes);
    return 0;
}

static void put_execute(struct buf *frame, const clutch_execution *execution, const char *code,
                        size_t length, const clutch_execute_options *options)
{
    size_t begun = codec_begin(frame, WIRE_EXECUTE);
    codec_put_u64(frame, execution->serial);
    codec_put_u64(frame, execution->limits.output_bytes);
    codec_put_u32(frame, options->allow_incomplete ? WIRE_ALLOW_INCOMPLETE : 0);
    codec_put_string(frame, options->filename ? options->filename : "");
    codec_put_text(frame, length ? code : "", length);
    codec_end(frame, begun);
}

/* With the turn. A sandbox that does not take the code is broken. */
static void launch(clutch_execution *execution, const char *code, size_t length,
                   const clutch_execute_options *options)
{
    clutch_sandbox *sandbox = execution->sandbox;
    pthread_mutex_lock(&sandbox->lock);
    execution->serial = ++sandbox->serial;
    sandbox->current = execution;
    pthread_mutex_unlock(&sandbox->lock);
    struct buf frame = {0};
    put_execute(&frame, execution, code, length, options);
    uint64_t now_ns = clock_now_ns();
    execution->started_ns = now_ns;
    execution->wall_at_ns = execution->limits.wall_ms == CLUTCH_UNLIMITED
                                ? CLOCK_NEVER
                                : clock_after_ms(now_ns, execution->limits.wall_ms);
    execution->kill_at_ns = execution->cpu_check_at_ns = CLOCK_NEVER;
    if (execution->limits.cpu_ms < CLUTCH_UNLIMITED / CLOCK_MS &&
        clock_getcpuclockid(sandbox->pid, &execution->cpu_clock) == 0) {
        execution->cpu_before_ns = cpu_now_ns(execution);
        plan_cpu_check(execution, now_ns);
    }
    uint64_t patience_ns = clock_after_ms(now_ns, LIMIT_LOOK_TIMEOUT_MS);
    if (frame.failed) {
        error_memory(&execution->error);
        end_with_error(execution);
    } else if (channel_send(sandbox->channel.fd, frame.data, frame.length, -1, patience_ns) != 0 &&
               errno != EPIPE && errno != ECONNRESET) {
        end_broken(execution, "it does not take code");
    } else if (sandbox->epoll_fd >= 0) {
        set_timer(sandbox, next_deadline_ns(execution));
    }
    buf_free(&frame);
}

static int start(clutch_sandbox *sandbox, const char *code, size_t length,
                 const clutch_execute_options *options, enum sandbox_turn how,
                 clutch_execution **out, clutch_error *error)
{
    clutch_limits limits;
    int fault = check_code(sandbox, code, length, error);
    if (fault == 0)
        fault = options_limits(options->limits, &sandbox->limits, &limits, error);
    if (fault)
        return fault;
    clutch_execution *execution = calloc(1, sizeof *execution);
    if (!execution)
        return error_memory(error);
    execution->result = result_new();
    if (!execution->result) {
        free(execution);
        return error_memory(error);
    }
    execution->sandbox = sandbox;
    execution->limits = limits;
    execution->on_output = options->on_output;
    execution->user = options->user;
    fault = sandbox_take_turn(sandbox, how, error);
    if (fault) {
        clutch_result_free(&execution->result->public);
        free(execution);
        return fault;
    }
    launch(execution, code, length, options);
    *out = execution;
    return 0;
}

/* Checks and enters; the caller leaves the engine. */
static int begin(clutch_sandbox *sandbox, const char *code, size_t length,
                 const clutch_execute_options *options, enum clutch_busy standard,
                 clutch_execution **out, clutch_error *error)
{
    clutch_execute_options given;
    int fault = options_execute(options, &given, error);
    if (fault == 0)
        fault = engine_enter(sandbox->engine, error);
    if (fault)
        return fault;
    uint32_t busy = given.when_busy ? given.when_busy : (uint32_t)standard;
    enum sandbox_turn how = busy == CLUTCH_BUSY_WAIT ? SANDBOX_WAIT : SANDBOX_REFUSE;
    fault = start(sandbox, code, length, &given, how, out, error);
    if (fault)
        engine_leave(sandbox->engine);
    return fault;
}

/* ---- Waiting ---- */

/* Hands the end out: 1 with *out set, or the error's code. */
static int collect(clutch_execution *execution, clutch_result **out, clutch_error *error)
{
    if (execution->code) {
        if (error)
            *error = execution->error;
        return execution->code;
    }
    if (!execution->result)
        return error_set(error, CLUTCH_E_INVALID, 0, "the execution's result was handed out before");
    if (execution->result->public.sandbox_ended && execution->sandbox->engine->closed)
        return error_set(error, CLUTCH_E_CLOSED, 0, "the engine was closed during the execution");
    *out = &execution->result->public;
    execution->result = NULL;
    return 1;
}

/* Blocks until something happens to the execution or until_ns. */
static void sleep_until(clutch_execution *execution, uint64_t until_ns)
{
    clutch_sandbox *sandbox = execution->sandbox;
    uint64_t next_ns = next_deadline_ns(execution);
    if (until_ns < next_ns)
        next_ns = until_ns;
    struct pollfd waiting[3] = {
        {execution->channel_closed ? -1 : sandbox->channel.fd, POLLIN, 0},
        {sandbox->pidfd, POLLIN, 0},
        {execution->cause == CAUSE_NONE ? sandbox->timer_fd : -1, POLLIN, 0},
    };
    poll(waiting, 3, clock_poll_ms(next_ns, clock_now_ns()));
}

static int wait_until(clutch_execution *execution, uint64_t until_ns, clutch_result **out,
                      clutch_error *error)
{
    for (;;) {
        if (!execution->ended)
            advance(execution);
        if (execution->ended)
            return collect(execution, out, error);
        if (clock_now_ns() >= until_ns)
            return 0;
        sleep_until(execution, until_ns);
    }
}

/* ---- The interface ---- */

int clutch_sandbox_run(clutch_sandbox *sandbox, const char *code, size_t code_length,
                       const clutch_execute_options *options, clutch_result **out,
                       clutch_error *error)
{
    clutch_execution *execution;
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int fault = begin(sandbox, code, code_length, options, CLUTCH_BUSY_WAIT, &execution, error);
    if (fault)
        return fault;
    int got = wait_until(execution, CLOCK_NEVER, out, error);
    clutch_engine *engine = sandbox->engine;
    clutch_execution_free(execution);
    engine_leave(engine);
    return got < 0 ? got : 0;
}

int clutch_sandbox_start(clutch_sandbox *sandbox, const char *code, size_t code_length,
                         const clutch_execute_options *options, clutch_execution **out,
                         clutch_error *error)
{
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int fault = begin(sandbox, code, code_length, options, CLUTCH_BUSY_REFUSE, out, error);
    if (fault == 0)
        engine_leave(sandbox->engine);
    return fault;
}

static int watch_descriptor(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int clutch_execution_fd(clutch_execution *execution, clutch_error *error)
{
    clutch_sandbox *sandbox = execution->sandbox;
    if (sandbox->epoll_fd >= 0)
        return sandbox->epoll_fd;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0 || watch_descriptor(fd, sandbox->channel.fd) != 0 ||
        watch_descriptor(fd, sandbox->pidfd) != 0 || watch_descriptor(fd, sandbox->timer_fd) != 0) {
        int fault = errno;
        if (fd >= 0)
            close(fd);
        return error_set(error, CLUTCH_E_SYSTEM, fault,
                         "a descriptor to poll for the sandbox: raise RLIMIT_NOFILE");
    }
    sandbox->epoll_fd = fd;
    /* It may have ended before anybody asked; then the timer says so. */
    set_timer(sandbox, execution->ended ? 1 : next_deadline_ns(execution));
    return fd;
}

int clutch_execution_poll(clutch_execution *execution, clutch_result **out, clutch_error *error)
{
    int fault = engine_enter(execution->sandbox->engine, error);
    if (fault)
        return fault;
    int got = wait_until(execution, 0, out, error);
    engine_leave(execution->sandbox->engine);
    return got;
}

int clutch_execution_wait(clutch_execution *execution, uint64_t timeout_ms, clutch_result **out,
                          clutch_error *error)
{
    int fault = engine_enter(execution->sandbox->engine, error);
    if (fault)
        return fault;
    uint64_t until_ns = timeout_ms == UINT64_MAX ? CLOCK_NEVER : clock_after_ms(clock_now_ns(), timeout_ms);
    int got = wait_until(execution, until_ns, out, error);
    engine_leave(execution->sandbox->engine);
    if (got == 0)
        return error_set(error, CLUTCH_E_TIMEOUT, 0, "the execution has not ended within %llu ms",
                         (unsigned long long)timeout_ms);
    return got < 0 ? got : 0;
}

/* The timer wakes whoever waits; it looks at cancel_asked. */
void clutch_execution_cancel(clutch_execution *execution)
{
    if (execution && !atomic_exchange(&execution->cancel_asked, true))
        set_timer(execution->sandbox, 1);
}

void clutch_sandbox_cancel(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    clutch_execution_cancel(sandbox->current);
    pthread_mutex_unlock(&sandbox->lock);
}

void clutch_execution_free(clutch_execution *execution)
{
    if (!execution)
        return;
    if (!execution->ended) {
        int status;
        sandbox_bury(execution->sandbox, &status);
        leave(execution);
    }
    if (execution->result)
        clutch_result_free(&execution->result->public);
    free(execution);
}
