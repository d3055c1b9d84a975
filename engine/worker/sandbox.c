/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.c: a forked child's life.
 *
 * Theory of operation. The child is a copy of the template, Python warm and its main thread holding the
 * GIL. It takes its own descriptors, folder, limits and environment, starts the attendant thread, says
 * READY and then does what the host asks, one message at a time, until the host closes the channel or
 * kills it. It never finalises Python: its end is the process's end. From the first execution on,
 * nothing in this process can be trusted; that is why the host checks whatever comes from here. */
#include "worker/sandbox.h"

#include <Python.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pages.h"
#include "base/text.h"
#include "confine/confine.h"
#include "python/capture.h"
#include "python/dataframes.h"
#include "python/execute.h"
#include "python/interpreter.h"
#include "python/interrupt.h"
#include "python/refusal.h"
#include "python/session.h"
#include "wire/channel.h"
#include "wire/codec.h"
#include "worker/attendant.h"
#include "worker/blocking.h"
#include "worker/clone.h"
#include "worker/crash.h"
#include "worker/facilities.h"
#include "worker/files.h"
#include "worker/keeping.h"
#include "worker/output.h"

enum { SANDBOX_FDS_MAX = 64, EXECUTE_REHEARSALS = 10 };

int sandbox_prepare(char *message, size_t size)
{
    blocking_prepare();
    clone_note();
    interrupt_prepare();
    if (!capture_prepare(&output_sink) || !execute_prepare() || !session_prepare()) {
        PyErr_Clear();
        snprintf(message, size, "the template has no memory left for its own objects");
        return -1;
    }
    dataframes_prepare();
    execute_rehearse(EXECUTE_REHEARSALS);
    crash_prepare(); /* before the prelude's faulthandler, which hands on to it */
    return 0;
}

/* ---- Setting up ---- */

/* What failed and errno, for NOT_READY. */
struct fault {
    int error;
    char message[1024];
};

static int fail(struct fault *fault, const char *what, const char *detail)
{
    fault->error = errno;
    snprintf(fault->message, sizeof fault->message, "%s%s: %s", what, detail, strerror(errno));
    return -1;
}

/* From here on the child's channel is its own and not the template's. */
static bool take_channel(int wire_fd)
{
    return (wire_fd == SANDBOX_WIRE_FD || dup2(wire_fd, SANDBOX_WIRE_FD) == SANDBOX_WIRE_FD) &&
           fcntl(SANDBOX_WIRE_FD, F_SETFD, FD_CLOEXEC) == 0;
}

/* The descriptors of the template, which confinement needs yet and then closes. */
static bool inherited[SANDBOX_FDS_MAX];

static void note_inherited(void)
{
    for (int fd = SANDBOX_WIRE_FD + 1; fd < SANDBOX_FDS_MAX; fd++)
        inherited[fd] = fcntl(fd, F_GETFD) >= 0;
}

int sandbox_take_pipes(int out[2])
{
    for (int i = 0; i < 2; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return -1;
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        if (dup2(ends[1], STDOUT_FILENO + i) < 0)
            return -1;
        close(ends[1]);
        out[i] = ends[0];
    }
    return 0;
}

static char *copy_text(struct wire_text text)
{
    return strndup(text.data, text.length);
}

/* Environment variables in the order in which they win: the sandbox's own places, then the host's. */
static int enter_python(const struct wire_fork *fork, const char *workdir, const char *tmpdir,
                        struct fault *fault)
{
    const char *env[LIMIT_ENV_COUNT + 8];
    size_t count = 0;
    const char *const names[] = {"CLUTCH_WORKDIR", "HOME", "TMPDIR", "MPLCONFIGDIR"};
    const char *const values[] = {workdir, tmpdir, tmpdir, tmpdir};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *item;
        if (asprintf(&item, "%s=%s", names[i], values[i]) < 0)
            return fail(fault, "the environment", "");
        env[count++] = item;
    }
    struct wire_list list = fork->env;
    struct wire_text item;
    while (codec_next_text(&list, &item))
        env[count++] = copy_text(item);
    errno = ENOMEM;
    bool entered = interpreter_enter(env, count, workdir) && session_enter(env, count, workdir);
    for (size_t i = 0; i < count; i++)
        free((char *)env[i]);
    return entered ? 0 : fail(fault, "Python", "");
}

/* Confinement closes what it is not told of: all but what this child has opened itself. */
static int confine(struct confine_policy *policy, struct confine_entered *entered, struct fault *fault)
{
    int kept[SANDBOX_FDS_MAX];
    size_t count = 0;
    for (int fd = 0; fd < SANDBOX_FDS_MAX; fd++)
        if (!inherited[fd] && fcntl(fd, F_GETFD) >= 0)
            kept[count++] = fd;
    policy->keep_fds = kept;
    policy->keep_fd_count = count;
    if (confine_enter(policy, entered, fault->message, sizeof fault->message) != 0) {
        fault->error = errno;
        return -1;
    }
    return 0;
}

static int set_up(const struct wire_fork *fork, struct confine_policy *policy,
                  struct confine_entered *entered, struct fault *fault)
{
    int pipes[2];
    if (sandbox_take_pipes(pipes) != 0)
        return fail(fault, "a pipe for output", "");
    setvbuf(stdout, NULL, _IOLBF, 0);
    output_prepare(SANDBOX_WIRE_FD, pipes);
    crash_know_own_pid();
    if (enter_python(fork, policy->workdir, policy->tmpdir, fault) != 0)
        return -1;
    dataframes_enter();
    if (!facilities_tracking())
        pages_disable();
    refusal_prepare(policy->processes);
    if (confine(policy, entered, fault) != 0)
        return -1;
    if (files_prepare() != 0)
        return fail(fault, "the working folder ", policy->workdir);
    if (!clone_prepare(policy->workdir))
        return fail(fault, "what a copy will need", "");
    if (attendant_start(pipes) != 0)
        return fail(fault, "the sandbox's second thread", "");
    if (fork->rehearses) {
        interpreter_rehearse(1);
        refusal_take(NULL, NULL);
    }
    return 0;
}

/* ---- Doing what the host asks ---- */

/* Counts rows, and bytes of names, so that the message that carries them stays within its limit. */
struct rows {
    struct buf *out;
    uint32_t count;
    size_t count_max, bytes;
    bool truncated;
};

static bool row_fits(struct rows *rows, size_t name_length)
{
    if (rows->count >= rows->count_max || rows->bytes + name_length > LIMIT_ROWS_BYTES) {
        rows->truncated = true;
        return false;
    }
    rows->bytes += name_length;
    rows->count++;
    return true;
}

static void put_file(void *user, const char *name, uint64_t size_bytes)
{
    struct rows *rows = user;
    struct buf clean = {0};
    if (text_append_clean(&clean, name, strlen(name)) && row_fits(rows, clean.length)) {
        codec_put_text(rows->out, (const char *)clean.data, clean.length);
        codec_put_u64(rows->out, size_bytes);
    }
    buf_free(&clean);
}

static void put_dataframe(void *user, const char *name, size_t length, int64_t row_count,
                          int64_t columns, int64_t memory_bytes)
{
    struct rows *rows = user;
    if (!row_fits(rows, length))
        return;
    codec_put_text(rows->out, name, length);
    codec_put_u64(rows->out, (uint64_t)row_count);
    codec_put_u64(rows->out, (uint64_t)columns);
    codec_put_u64(rows->out, (uint64_t)memory_bytes);
}

/* Appends the list of changed files; returns 1, the bit of `truncated`, when it is not whole. */
static uint32_t put_files(struct buf *out)
{
    size_t begun = codec_list_begin(out);
    struct rows rows = {.out = out, .count_max = LIMIT_FILES};
    bool whole = files_changed(put_file, &rows);
    codec_list_end(out, begun, rows.count);
    return whole && !rows.truncated ? 0 : 1;
}

typedef size_t dataframes_fn(PyObject *, size_t, dataframes_row_fn *, void *);

static uint32_t put_dataframes(struct buf *out, dataframes_fn *walk)
{
    size_t begun = codec_list_begin(out);
    struct rows rows = {.out = out, .count_max = LIMIT_DATAFRAMES};
    size_t found = walk(execute_globals(), LIMIT_DATAFRAMES, put_dataframe, &rows);
    codec_list_end(out, begun, rows.count);
    return found > rows.count ? 2 : 0;
}

static void put_refusal(void *user, enum refusal_kind kind, const char *what, uint32_t line)
{
    struct rows *rows = user;
    struct buf clean = {0};
    if (text_append_clean(&clean, what, strlen(what)) && row_fits(rows, clean.length)) {
        codec_put_u32(rows->out, kind);
        codec_put_u32(rows->out, line);
        codec_put_text(rows->out, clean.data ? (const char *)clean.data : "", clean.length);
    }
    buf_free(&clean);
}

static uint32_t put_refusals(struct buf *out)
{
    size_t begun = codec_list_begin(out);
    struct rows rows = {.out = out, .count_max = LIMIT_REFUSALS};
    size_t found = refusal_take(put_refusal, &rows);
    codec_list_end(out, begun, rows.count);
    return found > rows.count ? 4 : 0;
}

static uint64_t cpu_now_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static uint64_t memory_peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void put_text_of(struct buf *out, const struct buf *text)
{
    codec_put_text(out, text->data ? (const char *)text->data : "", text->length);
}

/* The DONE message. Lists come last, since their walks run user code and may find much. */
static void put_done(struct buf *out, const struct wire_execute *request,
                     const struct outcome *outcome, struct output_omitted omitted, uint64_t cpu_ns,
                     const struct buf *lists, uint32_t truncated)
{
    size_t begun = codec_begin(out, WIRE_DONE);
    codec_put_u64(out, request->serial);
    codec_put_u32(out, outcome->ending);
    codec_put_u32(out, (uint32_t)outcome->exit_status);
    codec_put_u32(out, outcome->limit);
    codec_put_u32(out, outcome->line);
    codec_put_u32(out, truncated);
    codec_put_u64(out, omitted.bytes);
    codec_put_u64(out, omitted.elements);
    codec_put_u64(out, cpu_ns);
    codec_put_u64(out, memory_peak_bytes());
    codec_put_u32(out, outcome->has_error);
    codec_put_u32(out, outcome->has_value);
    put_text_of(out, &outcome->error);
    put_text_of(out, &outcome->type);
    put_text_of(out, &outcome->message);
    put_text_of(out, &outcome->traceback);
    put_text_of(out, &outcome->value);
    buf_append(out, lists->data, lists->length);
    codec_end(out, begun);
}

/* Runs one execution. The GIL is held on entry and on return. False when the host is gone. */
static bool execute(const struct wire_execute *request)
{
    char filename[LIMIT_NAME_BYTES + 1];
    if (request->filename.length)
        snprintf(filename, sizeof filename, "%.*s", (int)request->filename.length,
                 request->filename.data);
    else
        snprintf(filename, sizeof filename, "<execution %llu>", (unsigned long long)request->serial);
    char *code = copy_text(request->code); /* ends with NUL, which the frame does not */
    if (!code)
        return false;
    struct execute_request run = {request->serial, code, request->code.length, filename,
                                  request->flags & WIRE_ALLOW_INCOMPLETE};
    struct outcome outcome = {0};
    struct buf lists = {0}, frame = {0};
    files_changed(NULL, NULL);
    output_begin(request->output_bytes);
    uint64_t cpu_ns = cpu_now_ns();
    execute_run(&run, &outcome);
    uint32_t truncated = put_files(&lists);
    truncated |= put_dataframes(&lists, dataframes_changed);
    truncated |= put_refusals(&lists);
    execute_end(&outcome);
    cpu_ns = cpu_now_ns() - cpu_ns;
    fflush(stdout);
    put_done(&frame, request, &outcome, output_end(), cpu_ns, &lists, truncated);
    outcome_free(&outcome);
    buf_free(&lists);
    free(code);
    PyThreadState *state = PyEval_SaveThread();
    bool sent = !frame.failed && output_send(&frame);
    PyEval_RestoreThread(state);
    buf_free(&frame);
    return sent;
}

static bool look(void)
{
    struct buf frame = {0}, list = {0};
    interrupt_begin_aside(WIRE_LOOK_SERIAL);
    uint32_t truncated = put_dataframes(&list, dataframes_list);
    interrupt_end();
    size_t begun = codec_begin(&frame, WIRE_LOOKED);
    codec_put_u32(&frame, truncated);
    buf_append(&frame, list.data, list.length);
    codec_end(&frame, begun);
    PyThreadState *state = PyEval_SaveThread();
    bool sent = !frame.failed && output_send(&frame);
    PyEval_RestoreThread(state);
    buf_free(&list);
    buf_free(&frame);
    return sent;
}

/* The descriptor that came with a message; -1 when this process had no room for it. */
static int take_fd(struct channel *channel)
{
    int fd = channel->received_fd;
    channel->received_fd = -1;
    return fd;
}

static void serve(struct channel *channel)
{
    for (;;) {
        struct wire_frame frame;
        PyThreadState *state = PyEval_SaveThread();
        channel_trim(channel);
        clone_be_ready(channel);
        enum channel_state received;
        do
            received = channel_receive(channel, WIRE_IDLE, true, &frame);
        while (received == CHANNEL_AGAIN);
        PyEval_RestoreThread(state);
        struct wire_execute request;
        bool fine = received == CHANNEL_FRAME;
        if (fine && frame.kind != WIRE_CLONE) /* a copy is made without it, and so has none at first */
            fine = attendant_resume() == 0;
        if (fine && frame.kind == WIRE_EXECUTE)
            fine = codec_execute(&frame, &request) && execute(&request);
        else if (fine && frame.kind == WIRE_LOOK)
            fine = look();
        else if (fine && frame.kind == WIRE_SAVE)
            fine = keeping_save(&frame, take_fd(channel));
        else if (fine && frame.kind == WIRE_RESTORE)
            fine = keeping_restore(&frame, take_fd(channel));
        else if (fine && frame.kind == WIRE_CLONE)
            fine = clone_serve(&frame, channel);
        if (!fine)
            return;
    }
}

static void say(enum wire_kind kind, int passed_fd)
{
    struct buf frame = {0};
    codec_end(&frame, codec_begin(&frame, kind));
    if (!frame.failed)
        channel_send(SANDBOX_WIRE_FD, frame.data, frame.length, passed_fd, CLOCK_NEVER);
    buf_free(&frame);
    if (passed_fd >= 0)
        close(passed_fd);
}

/* With a disk limit the working folder is a place that only this descriptor shows to the host; and only
 * with the other one can it have this process copied. */
static void say_ready(const struct confine_entered *entered)
{
    if (entered->door_fd >= 0)
        say(WIRE_DOOR, entered->door_fd);
    say(entered->disk_fd >= 0 ? WIRE_READY_DISK : WIRE_READY, entered->disk_fd);
}

static void say_not_ready(const struct fault *fault)
{
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, WIRE_NOT_READY);
    codec_put_u32(&frame, (uint32_t)fault->error);
    codec_put_string(&frame, fault->message);
    codec_end(&frame, begun);
    if (!frame.failed)
        channel_send(SANDBOX_WIRE_FD, frame.data, frame.length, -1, CLOCK_NEVER);
    buf_free(&frame);
}

_Noreturn void sandbox_main(int wire_fd, const struct wire_fork *fork, struct confine_policy *policy)
{
    struct fault fault = {0};
    struct confine_entered entered = {.disk_fd = -1, .door_fd = -1};
    if (!take_channel(wire_fd))
        _exit(1);
    note_inherited();
    if (set_up(fork, policy, &entered, &fault) != 0) {
        say_not_ready(&fault);
    } else {
        struct channel channel;
        channel_init(&channel, SANDBOX_WIRE_FD, WIRE_HOST);
        say_ready(&entered);
        serve(&channel);
    }
    _exit(1); /* the host is gone, or user code took the channel away */
}
