/* SPDX-License-Identifier: Apache-2.0 */
/* status.c: looking at a sandbox. */
#include "clutch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/error.h"
#include "host/result.h"
#include "host/sandbox.h"
#include "host/undo.h"
#include "wire/codec.h"

#define COUNT_NS (1000 * CLOCK_MS)

void clutch_status_free(clutch_status *status)
{
    if (!status)
        return;
    free((void *)status->dataframes);
    free(status);
}

/* Private memory from the kernel's own count; 0 when it cannot be read. */
static uint64_t private_bytes(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    uint64_t total = 0;
    unsigned long long kib;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Private_Clean: %llu", &kib) == 1 ||
            sscanf(line, "Private_Dirty: %llu", &kib) == 1)
            total += kib * 1024;
    fclose(file);
    return total;
}

/* The same, counted anew when code has run since it was last, or a second ago: the kernel takes a
 * millisecond for it. With the turn. */
static uint64_t count_memory(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    const clutch_status *last = sandbox->last_look;
    uint64_t now_ns = clock_now_ns(), bytes = 0;
    if (last && last->executions == sandbox->serial && now_ns - sandbox->counted_ns < COUNT_NS)
        bytes = last->memory_bytes;
    if (!bytes)
        sandbox->counted_ns = now_ns;
    pthread_mutex_unlock(&sandbox->lock);
    return bytes ? bytes : private_bytes(sandbox->process.pid);
}

/* A copy of rows with their names; NULL when memory ran out. */
static clutch_dataframe *copy_rows(const clutch_dataframe *rows, size_t count)
{
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += sizeof rows[i] + strlen(rows[i].name) + 1;
    clutch_dataframe *copy = malloc(bytes);
    char *names = copy ? (char *)(copy + count) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = rows[i];
        copy[i].name = names;
        names = stpcpy(names, rows[i].name) + 1;
    }
    return copy;
}

/* With the turn. A look may run a little user code (an object's own __sizeof__); when that does not
 * end it is interrupted, and then the sandbox is ended. */
static int look(clutch_sandbox *sandbox, clutch_status *status, clutch_error *error)
{
    struct buf question = {0};
    size_t begun = codec_begin(&question, WIRE_LOOK);
    codec_end(&question, begun);
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_LOOK_TIMEOUT_MS);
    if (question.failed)
        return CLUTCH_E_MEMORY;
    int sent = channel_send(sandbox->process.channel.fd, question.data, question.length, -1, deadline_ns);
    buf_free(&question);
    struct wire_frame frame;
    enum channel_state state = CHANNEL_CLOSED;
    if (sent == 0) { /* the kernel counts while the sandbox looks: both take their time */
        status->memory_bytes = count_memory(sandbox);
        state = channel_receive_until(&sandbox->process.channel, WIRE_LOOKING,
                                      deadline_ns - LIMIT_LOOK_TIMEOUT_MS * CLOCK_MS / 5, &frame);
    }
    if (sent == 0 && state == CHANNEL_AGAIN) {
        siginfo_t about = {.si_signo = WIRE_CANCEL_SIGNAL, .si_code = SI_QUEUE};
        about.si_value.sival_int = (int)WIRE_LOOK_SERIAL;
        syscall(SYS_pidfd_send_signal, sandbox->process.pidfd, WIRE_CANCEL_SIGNAL, &about, 0);
        state = channel_receive_until(&sandbox->process.channel, WIRE_LOOKING, deadline_ns, &frame);
    }
    struct wire_looked looked;
    enum result_put put = RESULT_MALFORMED;
    if (state == CHANNEL_FRAME && codec_looked(&frame, &looked))
        put = result_dataframes(looked.dataframes, &status->dataframes, &status->dataframe_count);
    if (put == RESULT_PUT)
        status->dataframes_truncated = looked.truncated & 2;
    if (put != RESULT_MALFORMED) {
        channel_trim(&sandbox->process.channel);
        return put == RESULT_PUT ? 0 : CLUTCH_E_MEMORY;
    }
    int ignored, fault = errno;
    sandbox_bury(sandbox, &ignored);
    if (state == CHANNEL_CLOSED)
        return 0; /* it had ended: the caller sees that */
    if (state == CHANNEL_FAILED && fault == ENOMEM)
        return CLUTCH_E_MEMORY;
    return error_set(error, CLUTCH_E_PROTOCOL, 0,
                     "sandbox %s did not answer a look within %llu ms and was ended: create another one",
                     sandbox->id, (unsigned long long)LIMIT_LOOK_TIMEOUT_MS);
}

/* The frames as last seen, for a sandbox that is executing. */
static int recall(clutch_sandbox *sandbox, clutch_status *status)
{
    int code = 0;
    pthread_mutex_lock(&sandbox->lock);
    const clutch_status *last = sandbox->last_look;
    if (last && last->dataframe_count) {
        status->dataframes = copy_rows(last->dataframes, last->dataframe_count);
        status->dataframe_count = status->dataframes ? last->dataframe_count : 0;
        status->dataframes_truncated = last->dataframes_truncated;
        code = status->dataframes ? 0 : CLUTCH_E_MEMORY;
    }
    pthread_mutex_unlock(&sandbox->lock);
    return code;
}

static void remember(clutch_sandbox *sandbox, const clutch_status *status)
{
    clutch_status *copy = malloc(sizeof *copy);
    if (copy) {
        *copy = *status;
        copy->dataframes = copy_rows(status->dataframes, status->dataframe_count);
        if (!copy->dataframes)
            copy->dataframe_count = 0;
    }
    pthread_mutex_lock(&sandbox->lock);
    clutch_status *before = sandbox->last_look;
    if (copy)
        copy->executions = sandbox->serial;
    sandbox->last_look = copy;
    pthread_mutex_unlock(&sandbox->lock);
    clutch_status_free(before);
}

static int fill(clutch_sandbox *sandbox, clutch_status *status, clutch_error *error)
{
    clutch_error fault;
    int code = sandbox_take_turn(sandbox, SANDBOX_LOOK, &fault);
    if (code == CLUTCH_E_BUSY) {
        pthread_mutex_lock(&sandbox->lock);
        status->executing = sandbox->current != NULL; /* else it is about to be in another state */
        pthread_mutex_unlock(&sandbox->lock);
        code = recall(sandbox, status);
    } else if (code == 0) {
        undo_notice_end(sandbox);
        if (sandbox->state == CLUTCH_STATE_PAUSED) {
            code = recall(sandbox, status); /* it cannot answer, and is not to be woken */
        } else if (!sandbox->ended) {
            code = look(sandbox, status, &fault);
            if (sandbox->ended)
                undo_notice_end(sandbox);
            else if (code == 0)
                remember(sandbox, status);
        }
        sandbox_give_turn(sandbox);
    } else if (code == CLUTCH_E_ENDED) {
        code = 0;
    }
    if (code == CLUTCH_E_MEMORY)
        return error_memory(error);
    if (code && error)
        *error = fault;
    if (code)
        return code;
    pthread_mutex_lock(&sandbox->lock);
    status->executions = sandbox->serial;
    status->state = sandbox->state;
    bool live = !sandbox->ended && !sandbox_is_dead(sandbox);
    if (!live && (status->state == CLUTCH_STATE_RUNNING || status->state == CLUTCH_STATE_PAUSED))
        status->state = CLUTCH_STATE_STOPPED;
    pid_t pid = live ? sandbox->process.pid : 0;
    pthread_mutex_unlock(&sandbox->lock);
    if (!pid)
        status->memory_bytes = 0;
    else if (!status->memory_bytes)
        status->memory_bytes = private_bytes(pid);
    return 0;
}

int clutch_sandbox_status(clutch_sandbox *sandbox, clutch_status **out, clutch_error *error)
{
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    clutch_status *status = calloc(1, sizeof *status);
    code = status ? fill(sandbox, status, error) : error_memory(error);
    engine_leave(sandbox->engine);
    if (code) {
        clutch_status_free(status);
        return code;
    }
    *out = status;
    return 0;
}
