/* SPDX-License-Identifier: Apache-2.0 */
/* execution.c: one run of code, from its start to its result.
 *
 * An execution has the sandbox's turn from its start to its end. It moves only inside calls of the
 * host (advance): frames are taken from the channel as far as they have come, deadlines are looked
 * at, and the process's end is noticed through its pidfd. A blocking call is a loop of advance and
 * poll; an event-driven host polls the sandbox's epoll descriptor, which holds the same three
 * descriptors (channel, process, timer), and calls advance itself. */
#include "host/execution.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/deadline.h"
#include "host/ending.h"
#include "host/error.h"
#include "host/options.h"
#include "host/pause.h"
#include "host/undo.h"
#include "wire/codec.h"

/* Deadlines are looked at even while a worker floods us. */
enum { FRAMES_PER_LOOK = 1024 };

/* ---- Frames ---- */

static void take_output(clutch_execution *execution, const struct wire_frame *frame)
{
    struct wire_output output;
    clutch_output whole;
    if (!codec_output(frame, &output)) {
        ending_broken(execution, "a malformed OUTPUT");
        return;
    }
    switch (result_output(execution->result, &output, execution->limits.output_bytes, &whole)) {
    case RESULT_PUT:
        if (whole.text && execution->on_output && !execution->seized)
            execution->on_output(&whole, execution->user);
        break;
    case RESULT_NO_MEMORY:
        ending_out_of_memory(execution);
        break;
    default:
        ending_broken(execution, "more output than its cap");
        break;
    }
}

static void take_cut(clutch_execution *execution, const struct wire_frame *frame)
{
    struct wire_cut cut;
    if (!codec_cut(frame, &cut)) {
        ending_broken(execution, "a malformed CUT");
        return;
    }
    execution->result->public.omitted_bytes = cut.omitted_bytes;
    execution->result->public.omitted_elements = cut.omitted_elements;
}

static void take_done(clutch_execution *execution, const struct wire_frame *frame)
{
    struct wire_done done;
    if (!codec_done(frame, &done) || done.serial != execution->serial) {
        ending_broken(execution, "a malformed DONE");
        return;
    }
    switch (result_done(execution->result, &done, execution->sandbox->workdir)) {
    case RESULT_PUT:
        ending_done(execution, &done);
        break;
    case RESULT_NO_MEMORY:
        /* The sandbox is at rest and loses nothing. */
        error_memory(&execution->error);
        ending_error(execution);
        break;
    default:
        ending_broken(execution, "a malformed list in DONE");
        break;
    }
}

/* Takes what the sandbox has sent. */
static void receive(clutch_execution *execution)
{
    clutch_sandbox *sandbox = execution->sandbox;
    for (unsigned frames = 1; !execution->ended && !execution->channel_closed; frames++) {
        struct wire_frame frame;
        if (frames % FRAMES_PER_LOOK == 0)
            deadline_watch(execution);
        switch (channel_receive(&sandbox->process.channel, WIRE_EXECUTING, false, &frame)) {
        case CHANNEL_FRAME:
            if (frame.kind == WIRE_OUTPUT)
                take_output(execution, &frame);
            else if (frame.kind == WIRE_CUT)
                take_cut(execution, &frame);
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
                epoll_ctl(sandbox->epoll_fd, EPOLL_CTL_DEL, sandbox->process.channel.fd, NULL);
            sandbox_kill(sandbox);
            break;
        case CHANNEL_GARBAGE:
            ending_broken(execution, "a frame that may not come now");
            break;
        case CHANNEL_FAILED:
            ending_out_of_memory(execution);
            break;
        }
        break;
    }
}

/* Goes on as far as possible without blocking. */
static void advance(clutch_execution *execution)
{
    clutch_sandbox *sandbox = execution->sandbox;
    receive(execution);
    if (!execution->ended && sandbox_is_dead(sandbox)) {
        receive(execution); /* what a dead process has sent is all there by now */
        if (!execution->ended)
            ending_dead(execution);
    }
    if (!execution->ended) {
        deadline_watch(execution);
        if (sandbox->epoll_fd >= 0)
            deadline_rearm(execution);
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

/* The calling thread is inside no more. */
static void leave(clutch_execution *execution)
{
    clutch_sandbox *sandbox = execution->sandbox;
    pthread_mutex_lock(&sandbox->lock);
    execution->moving = false;
    pthread_cond_broadcast(&sandbox->turn_free);
    pthread_mutex_unlock(&sandbox->lock);
}

/* With the turn, and nobody else moves it meanwhile. A sandbox that does not take the code is broken. */
static void launch(clutch_execution *execution, const char *code, size_t length,
                   const clutch_execute_options *options)
{
    clutch_sandbox *sandbox = execution->sandbox;
    pthread_mutex_lock(&sandbox->lock);
    execution->serial = ++sandbox->serial;
    sandbox->current = execution;
    execution->moving = true;
    pthread_mutex_unlock(&sandbox->lock);
    struct buf frame = {0};
    put_execute(&frame, execution, code, length, options);
    uint64_t now_ns = clock_now_ns();
    execution->started_ns = now_ns;
    deadline_plan(execution, now_ns);
    uint64_t patience_ns = clock_after_ms(now_ns, LIMIT_LOOK_TIMEOUT_MS);
    if (frame.failed) {
        error_memory(&execution->error);
        ending_error(execution);
    } else if (channel_send(sandbox->process.channel.fd, frame.data, frame.length, -1, patience_ns) != 0 &&
               errno != EPIPE && errno != ECONNRESET) {
        ending_broken(execution, "it does not take code");
    } else if (sandbox->epoll_fd >= 0) {
        deadline_rearm(execution);
    }
    leave(execution);
    buf_free(&frame);
}

static void discard(clutch_execution *execution)
{
    if (execution->result)
        clutch_result_free(&execution->result->public);
    free(execution->text);
    free(execution->source);
    free(execution);
}

static int64_t wall_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int make(clutch_sandbox *sandbox, const char *code, size_t length,
                const clutch_execute_options *options, clutch_execution **out, clutch_error *error)
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
    execution->text = malloc(length + 1);
    execution->source = strdup(options->source ? options->source : "api");
    if (!execution->result || !execution->text || !execution->source) {
        discard(execution);
        return error_memory(error);
    }
    if (length)
        memcpy(execution->text, code, length);
    execution->text_length = length;
    execution->created_ms = wall_clock_ms();
    execution->sandbox = sandbox;
    execution->limits = limits;
    execution->rollback = options->rollback ? options->rollback : sandbox->rollback;
    execution->on_output = options->on_output;
    execution->user = options->user;
    *out = execution;
    return 0;
}

/* With the turn: what has to be so before code runs. */
static int ready(clutch_execution *execution, const clutch_execute_options *options, clutch_error *error)
{
    clutch_sandbox *sandbox = execution->sandbox;
    int fault = pause_wake(sandbox, "code is to run", error);
    if (fault)
        return fault;
    if (options->checkpoint)
        return undo_prepare(sandbox, true, &execution->checkpointed, error);
    undo_prepare(sandbox, false, &execution->checkpointed, NULL); /* it goes on without one */
    return 0;
}

static int start(clutch_sandbox *sandbox, const char *code, size_t length,
                 const clutch_execute_options *options, enum sandbox_turn how,
                 clutch_execution **out, clutch_error *error)
{
    clutch_execution *execution;
    int fault = make(sandbox, code, length, options, &execution, error);
    if (fault)
        return fault;
    fault = sandbox_take_turn(sandbox, how, error);
    if (fault == 0) {
        fault = ready(execution, options, error);
        if (fault)
            sandbox_give_turn(sandbox);
    }
    if (fault) {
        discard(execution);
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
    uint64_t next_ns = deadline_next_ns(execution);
    if (until_ns < next_ns)
        next_ns = until_ns;
    struct pollfd waiting[3] = {
        {execution->channel_closed ? -1 : sandbox->process.channel.fd, POLLIN, 0},
        {sandbox->process.pidfd, POLLIN, 0},
        {execution->cause == CAUSE_NONE ? sandbox->timer_fd : -1, POLLIN, 0},
    };
    poll(waiting, 3, clock_poll_ms(next_ns, clock_now_ns()));
}

/* Who waits for as long as it takes need not look before there can be something. */
static void move_until(clutch_execution *execution, uint64_t until_ns)
{
    if (!execution->ended && until_ns == CLOCK_NEVER)
        sleep_until(execution, until_ns);
    for (;;) {
        if (!execution->ended)
            advance(execution);
        if (execution->ended || clock_now_ns() >= until_ns)
            return;
        sleep_until(execution, until_ns);
    }
}

/* One thread at a time moves an execution: the host's, or one that wants the sandbox's turn. */
static bool enter(clutch_execution *execution, bool wait)
{
    clutch_sandbox *sandbox = execution->sandbox;
    pthread_mutex_lock(&sandbox->lock);
    while (execution->moving && wait)
        pthread_cond_wait(&sandbox->turn_free, &sandbox->lock);
    bool entered = !execution->moving;
    execution->moving = true;
    pthread_mutex_unlock(&sandbox->lock);
    return entered;
}

static int wait_until(clutch_execution *execution, uint64_t until_ns, clutch_result **out,
                      clutch_error *error)
{
    if (!enter(execution, until_ns > 0))
        return 0;
    move_until(execution, until_ns);
    int got = execution->ended ? collect(execution, out, error) : 0;
    if (execution->ended && execution->seized)
        deadline_calm(execution->sandbox);
    leave(execution);
    return got;
}

bool execution_move(clutch_execution *execution, uint64_t until_ns)
{
    clutch_sandbox *sandbox = execution->sandbox;
    if (execution->moving)
        return false;
    execution->moving = execution->seized = true;
    pthread_mutex_unlock(&sandbox->lock);
    move_until(execution, until_ns);
    if (execution->ended && sandbox->epoll_fd >= 0)
        deadline_set_timer(sandbox, 1); /* who polls is to come and collect it */
    pthread_mutex_lock(&sandbox->lock);
    execution->moving = false;
    pthread_cond_broadcast(&sandbox->turn_free);
    return true;
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

int execution_run_inside(clutch_sandbox *sandbox, const char *code, clutch_result **out,
                         clutch_error *error)
{
    static const clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    clutch_execution *execution;
    int fault = make(sandbox, code, strlen(code), &options, &execution, error);
    if (fault)
        return fault;
    execution->inside = true;
    launch(execution, code, execution->text_length, &options);
    move_until(execution, CLOCK_NEVER);
    int got = collect(execution, out, error);
    discard(execution);
    return got < 0 ? got : 0;
}

int clutch_execution_start(clutch_sandbox *sandbox, const char *code, size_t code_length,
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

int execution_watch(clutch_sandbox *sandbox, clutch_error *error)
{
    if (sandbox->epoll_fd < 0 || (watch_descriptor(sandbox->epoll_fd, sandbox->process.channel.fd) == 0 &&
                                  watch_descriptor(sandbox->epoll_fd, sandbox->process.pidfd) == 0))
        return 0;
    return error_set(error, CLUTCH_E_SYSTEM, errno, "polling for the sandbox");
}

/* With the sandbox's lock. */
static int open_descriptor(clutch_sandbox *sandbox, clutch_error *error)
{
    if (sandbox->epoll_fd >= 0)
        return sandbox->epoll_fd;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0 || watch_descriptor(fd, sandbox->process.channel.fd) != 0 ||
        watch_descriptor(fd, sandbox->process.pidfd) != 0 || watch_descriptor(fd, sandbox->timer_fd) != 0) {
        int fault = errno;
        if (fd >= 0)
            close(fd);
        return error_set(error, CLUTCH_E_SYSTEM, fault,
                         "a descriptor to poll for the sandbox: raise RLIMIT_NOFILE");
    }
    sandbox->epoll_fd = fd;
    /* Whatever happened before anybody asked: one poll looks at it and sets the timer as it should be. */
    deadline_set_timer(sandbox, 1);
    return fd;
}

int clutch_execution_fd(clutch_execution *execution, clutch_error *error)
{
    clutch_sandbox *sandbox = execution->sandbox;
    pthread_mutex_lock(&sandbox->lock);
    int fd = open_descriptor(sandbox, error);
    pthread_mutex_unlock(&sandbox->lock);
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

/* With the sandbox's lock, so that the execution does not end meanwhile: its timer would go on for the
 * next one. The timer wakes whoever waits, and that one looks at cancel_asked. */
static void cancel_locked(clutch_execution *execution)
{
    if (execution && !atomic_exchange(&execution->cancel_asked, true))
        deadline_set_timer(execution->sandbox, 1);
}

void clutch_execution_cancel(clutch_execution *execution)
{
    if (!execution)
        return;
    clutch_sandbox *sandbox = execution->sandbox;
    pthread_mutex_lock(&sandbox->lock);
    if (sandbox->current == execution)
        cancel_locked(execution);
    pthread_mutex_unlock(&sandbox->lock);
}

void clutch_sandbox_cancel(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    cancel_locked(sandbox->current);
    pthread_mutex_unlock(&sandbox->lock);
}

void clutch_execution_free(clutch_execution *execution)
{
    if (!execution)
        return;
    enter(execution, true);
    if (!execution->ended) {
        clutch_engine *engine = execution->sandbox->engine;
        bool open = engine_enter(engine, NULL) == 0;
        ending_abandoned(execution, open);
        if (open)
            engine_leave(engine);
    }
    discard(execution);
}
