/* SPDX-License-Identifier: Apache-2.0 */
/* execution.c: runs code for requests: one at a time in a sandbox, the others in turn.
 *
 * A run finds its sandbox among the open handles, or opens it in the pool; waits for its turn there; starts,
 * in the pool if the code is more than a socket takes at once; and is polled when its descriptor is
 * readable. No step of it blocks the loop. */
#include "execution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "config.h"
#include "handles.h"
#include "loop.h"
#include "metrics.h"
#include "request.h"

enum {
    WAITING_MAX = 128,        /* runs that may wait for one sandbox */
    START_AT_ONCE = 32 << 10, /* a socket's buffer takes so much at once */
    PRESENT_AT_ONCE = 64 << 10, /* bytes of a result; more is made into a reply in the pool */
};

struct run {
    struct request *request;
    struct execution_wish wish;
    struct run *next; /* among the waiting */
    struct handle *handle;
    char sandbox[40]; /* its id */
    clutch_sandbox *opened;
    clutch_execution *execution;
    clutch_result *result;
    struct watch *watch;
    int code; /* of the last call in the pool */
    clutch_error error;
    bool waiting, cancelled, reopened;
    bool starting; /* in the pool, which writes execution */
};

static void begin(struct run *run);
static void open_later(struct run *run);

static struct handles *handles_of(const struct run *run)
{
    return run->request->server->handles;
}

static const char *owner_of(const struct run *run)
{
    return run->wish.owner != NULL ? run->wish.owner : request_owner(run->request);
}

/* ---- The end ---- */

/* Lets the next one go on. */
static void leave(struct run *run)
{
    struct handle *handle = run->handle;
    if (handle == NULL)
        return;
    run->handle = NULL;
    handle->running = NULL;
    struct run *next = handle->first;
    if (next != NULL) {
        handle->first = next->next;
        if (handle->first == NULL)
            handle->last = &handle->first;
        handle->waiting--;
        next->waiting = false;
        begin(next);
    }
    handles_leave(handles_of(run), handle);
}

static void fail(struct run *run)
{
    if (run->wish.fail != NULL)
        run->wish.fail(run->request, &run->error);
    else
        reply_failure(run->request, &run->error);
    leave(run);
    request_answer(run->request);
}

static void present(struct request *request)
{
    struct run *run = request->run;
    run->wish.finish(request, run->result);
    clutch_result_free(run->result);
    run->result = NULL;
}

static bool is_large(const clutch_result *result)
{
    size_t size = 0;
    for (size_t i = 0; i < result->output_count && size < PRESENT_AT_ONCE; i++)
        size += result->output[i].length + 8;
    return size + 128 * (result->file_count + result->dataframe_count) >= PRESENT_AT_ONCE;
}

static void finish(struct run *run)
{
    if (!run->wish.is_own)
        metrics_execution(run->request->server->metrics, run->result);
    clutch_execution_free(run->execution);
    run->execution = NULL;
    leave(run);
    if (!run->wish.is_quick && is_large(run->result)) {
        (void)request_later(run->request, present, NULL);
        return;
    }
    present(run->request);
    request_answer(run->request);
}

void execution_begin_body(struct request *request, struct execution_wish *wish)
{
    json_t *body = request_json(request, false);
    json_t *code = json_object_get(body, "code");
    if (!json_is_string(code) || json_string_length(code) == 0) {
        if (body != NULL)
            reply_error(request, 400, "code is missing: a text of at least one character");
    } else if (json_string_length(code) > request->server->config->code_bytes) {
        reply_error(request, 400, "code is longer than %llu bytes",
                    (unsigned long long)request->server->config->code_bytes);
    } else {
        wish->code = json_string_value(code);
        wish->length = json_string_length(code);
        execution_begin(request, wish);
        return;
    }
    request_answer(request);
}

static void parse(struct request *request)
{
    (void)request_json(request, false);
}

void execution_parse(struct request *request, void (*handler)(struct request *request))
{
    enum { PARSE_AT_ONCE = 64 << 10 };
    if (request->body_length <= PARSE_AT_ONCE)
        handler(request);
    else
        (void)request_later(request, parse, handler);
}

const char *execution_sandbox(const struct request *request)
{
    return request->run->sandbox;
}

void execution_end(struct request *request)
{
    struct run *run = request->run;
    if (run == NULL)
        return;
    clutch_result_free(run->result);
    free(run);
    request->run = NULL;
}

static void abandon(struct request *request)
{
    struct run *run = request->run;
    run->cancelled = true;
    if (!run->starting && run->execution != NULL)
        clutch_execution_cancel(run->execution);
    if (!run->waiting)
        return;
    struct run **at = &run->handle->first;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    if (run->handle->last == &run->next)
        run->handle->last = at;
    run->handle->waiting--;
    handles_leave(handles_of(run), run->handle);
    run->waiting = false;
    run->handle = NULL;
    reply_error(request, 503, "it was cancelled before its turn came");
    request_answer(request);
}

/* ---- While it runs ---- */

static void poll_ended(struct run *run, int code)
{
    loop_unwatch(run->watch);
    run->watch = NULL;
    if (code > 0) {
        finish(run);
        return;
    }
    clutch_execution_free(run->execution);
    run->execution = NULL;
    fail(run);
}

static void on_ready(void *user, uint32_t events)
{
    (void)events;
    struct run *run = user;
    int code = clutch_execution_poll(run->execution, &run->result, &run->error);
    if (code != 0)
        poll_ended(run, code);
}

static void wait_in_pool(struct request *request)
{
    struct run *run = request->run;
    run->code = clutch_execution_wait(run->execution, UINT64_MAX, &run->result, &run->error);
}

static void waited(struct request *request)
{
    struct run *run = request->run;
    poll_ended(run, run->code == 0 ? 1 : run->code);
}

/* ---- The start ---- */

static int start(struct run *run, uint32_t when_busy)
{
    const struct config *config = run->request->server->config;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = run->wish.wall_ms != 0 ? run->wish.wall_ms : config->execution_ms;
    limits.grace_ms = run->wish.grace_ms;
    limits.output_bytes = run->wish.output_bytes;
    options.limits = &limits;
    options.when_busy = when_busy;
    options.source = run->wish.source;
    options.on_output = run->wish.on_output;
    options.user = run->request;
    return clutch_execution_start(run->handle->sandbox, run->wish.code, run->wish.length, &options,
                                  &run->execution, &run->error);
}

/* A kept handle may lead to a sandbox that is gone, while another has its name by now. */
static bool is_stale(const struct run *run)
{
    return !run->reopened && (run->error.code == CLUTCH_E_STATE || run->error.code == CLUTCH_E_ENDED ||
                              run->error.code == CLUTCH_E_NOT_FOUND);
}

static void started(struct run *run)
{
    if (run->code < 0) {
        if (!is_stale(run)) {
            fail(run);
            return;
        }
        handles_forget(handles_of(run), run->handle);
        leave(run);
        open_later(run);
        return;
    }
    if (run->cancelled)
        clutch_execution_cancel(run->execution);
    int fd = clutch_execution_fd(run->execution, NULL);
    if (fd >= 0)
        run->watch = loop_watch(run->request->server->loop, fd, EPOLLIN, on_ready, run);
    if (run->watch != NULL || request_later(run->request, wait_in_pool, waited))
        return;
    clutch_execution_free(run->execution); /* neither descriptors nor threads are left */
    run->execution = NULL;
    leave(run);
}

static void start_in_pool(struct request *request)
{
    struct run *run = request->run;
    run->code = start(run, CLUTCH_BUSY_WAIT);
}

static void started_in_pool(struct request *request)
{
    struct run *run = request->run;
    run->starting = false;
    started(run);
}

/* Nobody else of ours runs in the sandbox now; a pause, a copy or the like may keep it for a moment. */
static void begin(struct run *run)
{
    run->handle->running = run;
    snprintf(run->sandbox, sizeof run->sandbox, "%s", clutch_sandbox_id(run->handle->sandbox));
    if (run->wish.length <= START_AT_ONCE) {
        run->code = start(run, CLUTCH_BUSY_REFUSE);
        if (run->code == 0 || run->error.code != CLUTCH_E_BUSY) {
            started(run);
            return;
        }
    }
    run->starting = true;
    if (request_later(run->request, start_in_pool, started_in_pool))
        return;
    run->starting = false;
    leave(run);
}

/* With a handle in use. */
static void join(struct run *run)
{
    struct handle *handle = run->handle;
    if (handle->running == NULL) {
        begin(run);
        return;
    }
    if (handle->waiting >= WAITING_MAX || run->cancelled) {
        run->handle = NULL;
        handles_leave(handles_of(run), handle);
        reply_header(run->request, "Retry-After", "1");
        reply_error(run->request, 429, "%d executions wait for the sandbox already", WAITING_MAX);
        request_answer(run->request);
        return;
    }
    run->waiting = true;
    run->next = NULL;
    *handle->last = run;
    handle->last = &run->next;
    handle->waiting++;
}

/* ---- The sandbox ---- */

static void open_in_pool(struct request *request)
{
    struct run *run = request->run;
    run->code = clutch_sandbox_open(request->server->engine, owner_of(run), run->wish.id_or_name,
                                    &run->opened, &run->error);
}

static void opened(struct request *request)
{
    struct run *run = request->run;
    if (run->code == 0) {
        run->handle = handles_add(handles_of(run), run->opened);
        run->opened = NULL;
        if (run->handle != NULL) {
            join(run);
            return;
        }
        run->error = (clutch_error){.code = CLUTCH_E_MEMORY, .message = "a handle has no room"};
    }
    fail(run);
}

static void open_later(struct run *run)
{
    run->reopened = true;
    (void)request_later(run->request, open_in_pool, opened);
}

void execution_begin(struct request *request, const struct execution_wish *wish)
{
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        reply_error(request, 500, "no memory is left");
        request_answer(request);
        return;
    }
    run->request = request;
    run->wish = *wish;
    run->cancelled = request->left;
    request_wait(request);
    execution_end(request); /* of the one before */
    request->run = run;
    request->abandon = abandon;
    run->handle = handles_use(request->server->handles, owner_of(run), wish->id_or_name);
    if (run->handle != NULL)
        join(run);
    else
        open_later(run);
}
