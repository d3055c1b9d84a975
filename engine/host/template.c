/* SPDX-License-Identifier: Apache-2.0 */
/* template.c: the host's end of the channel to the template process. */
#include "host/template.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "host/error.h"
#include "host/program.h"
#include "wire/codec.h"

/* All that the worker's own environment holds. Thread pools of numerical libraries would leave the
 * template with more than one thread. */
static const char *const worker_env[] = {
    "PATH=/usr/local/bin:/usr/bin:/bin",
    "LANG=C.UTF-8",
    "LC_CTYPE=C.UTF-8",
    "PYTHONNOUSERSITE=1",
    "MPLBACKEND=module://clutch_figures",
    "OPENBLAS_NUM_THREADS=1",
    "OMP_NUM_THREADS=1",
    "MKL_NUM_THREADS=1",
    "NUMEXPR_NUM_THREADS=1",
    "JE_ARROW_MALLOC_CONF=background_thread:false", /* pyarrow's own allocator starts one otherwise */
    "ARROW_DEFAULT_MEMORY_POOL=system",             /* no reserve of address space beside the limit's */
    NULL,
};

void template_init(struct template *template)
{
    *template = (struct template){.process = {.pidfd = -1}};
    pthread_mutex_init(&template->lock, NULL);
    channel_init(&template->channel, -1, WIRE_TEMPLATE);
}

static void copy_text(char *out, size_t size, struct wire_text text)
{
    snprintf(out, size, "%.*s", (int)(text.length < size ? text.length : size - 1), text.data);
}

/* ---- Warming ---- */

static int send_warm(struct template *template, const struct template_options *options,
                     uint64_t deadline_ns)
{
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, WIRE_WARM);
    codec_put_u32(&frame, WIRE_VERSION);
    codec_put_string(&frame, options->environment);
    codec_put_strings(&frame, options->preload);
    codec_put_string(&frame, options->state_dir);
    codec_put_u32(&frame, options->remove_state_dir);
    codec_put_strings(&frame, options->require);
    codec_put_strings(&frame, options->disable);
    codec_put_string(&frame, options->cgroup);
    codec_end(&frame, begun);
    int sent = -1;
    if (frame.failed)
        errno = ENOMEM;
    else
        sent = channel_send(template->channel.fd, frame.data, frame.length, -1, deadline_ns);
    buf_free(&frame);
    return sent;
}

static int refused(const struct wire_frame *frame, clutch_error *error)
{
    struct wire_refused refusal;
    if (!codec_refused(frame, &refusal))
        return error_set(error, CLUTCH_E_PROTOCOL, 0, "the worker program broke the protocol at start");
    int code = refusal.reason == WIRE_REFUSED_ENVIRONMENT ? CLUTCH_E_ENVIRONMENT
               : refusal.reason == WIRE_REFUSED_PRELOAD   ? CLUTCH_E_PRELOAD
               : refusal.reason == WIRE_REFUSED_MACHINE   ? CLUTCH_E_UNSUPPORTED
                                                          : CLUTCH_E_WORKER;
    return error_set(error, code, 0, "%.*s", (int)refusal.message.length, refusal.message.data);
}

static void take_facilities(struct template *template, struct wire_list list)
{
    struct wire_facility row;
    template->facility_count = 0;
    while (codec_next_facility(&list, &row)) {
        struct template_facility *text = &template->facility_texts[template->facility_count];
        copy_text(text->name, sizeof text->name, row.name);
        copy_text(text->detail, sizeof text->detail, row.detail);
        template->facilities[template->facility_count++] =
            (clutch_facility){text->name, row.available, row.held, text->detail};
    }
}

static int wait_warmed(struct template *template, const struct template_options *options,
                       uint64_t deadline_ns, clutch_error *error)
{
    struct wire_frame frame;
    switch (channel_receive_until(&template->channel, WIRE_WARMING, deadline_ns, &frame)) {
    case CHANNEL_FRAME:
        break;
    case CHANNEL_AGAIN:
        return error_set(error, CLUTCH_E_TIMEOUT, 0,
                         "the template was not warm after %llu ms: preload less, or raise "
                         "open_timeout_ms", (unsigned long long)options->timeout_ms);
    case CHANNEL_CLOSED:
        return error_set(error, CLUTCH_E_WORKER, 0,
                         "the worker program ended while it was starting: run `clutch doctor`, or "
                         "check that libpython can be loaded");
    case CHANNEL_FAILED:
        return errno == ENOMEM ? error_memory(error)
                               : error_set(error, CLUTCH_E_SYSTEM, errno, "the template's channel");
    case CHANNEL_GARBAGE:
        return error_set(error, CLUTCH_E_PROTOCOL, 0, "the worker program broke the protocol at start");
    }
    struct wire_warmed warmed;
    if (frame.kind == WIRE_NOT_WARMED)
        return refused(&frame, error);
    if (frame.kind != WIRE_WARMED || !codec_warmed(&frame, &warmed))
        return error_set(error, CLUTCH_E_PROTOCOL, 0, "the worker program broke the protocol at start");
    copy_text(template->python_version, sizeof template->python_version, warmed.python_version);
    copy_text(template->pandas_version, sizeof template->pandas_version, warmed.pandas_version);
    copy_text(template->numpy_version, sizeof template->numpy_version, warmed.numpy_version);
    take_facilities(template, warmed.facilities);
    return 0;
}

/* ---- Stop ---- */

/* A template that somebody has stopped answers nothing; to one that runs this means nothing. */
static void let_run(const struct template *template)
{
    syscall(SYS_pidfd_send_signal, template->process.pidfd, SIGCONT, NULL, 0);
}

/* With the lock held. Closing the channel asks the template to end its children and go; after the
 * deadline it is killed, and the kernel ends its children. */
static void stop_locked(struct template *template, uint64_t patience_ms)
{
    if (!template->running)
        return;
    template->running = false;
    if (template->channel.fd >= 0)
        close(template->channel.fd);
    channel_free(&template->channel);
    template->channel.fd = -1;
    let_run(template);
    struct pollfd ended = {template->process.pidfd, POLLIN, 0};
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), patience_ms);
    int ready;
    do
        ready = poll(&ended, 1, clock_poll_ms(deadline_ns, clock_now_ns()));
    while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        syscall(SYS_pidfd_send_signal, template->process.pidfd, SIGKILL, NULL, 0);
        poll(&ended, 1, (int)LIMIT_REAP_TIMEOUT_MS);
    }
    spawn_reap(template->process.pidfd);
    close(template->process.pidfd);
    template->process.pidfd = -1;
}

void template_stop(struct template *template)
{
    pthread_mutex_lock(&template->lock);
    stop_locked(template, LIMIT_REAP_TIMEOUT_MS);
    pthread_mutex_unlock(&template->lock);
}

bool template_is_running(struct template *template)
{
    pthread_mutex_lock(&template->lock);
    struct pollfd ended = {template->process.pidfd, POLLIN, 0};
    if (template->running && poll(&ended, 1, 0) > 0)
        stop_locked(template, 0);
    bool running = template->running;
    pthread_mutex_unlock(&template->lock);
    return running;
}

/* ---- Start ---- */

/* How long a template that could not be warmed gets to end what its preloads may have started. One
 * that refused does so by itself; one that says nothing, or nonsense, will not. */
static uint64_t patience_ms(int code, uint64_t deadline_ns)
{
    uint64_t now_ns = clock_now_ns();
    if (code == CLUTCH_E_PROTOCOL || now_ns >= deadline_ns)
        return 0;
    uint64_t left_ms = (deadline_ns - now_ns) / CLOCK_MS;
    return left_ms < LIMIT_REAP_TIMEOUT_MS ? left_ms : LIMIT_REAP_TIMEOUT_MS;
}

int template_start(struct template *template, const struct template_options *options,
                   clutch_error *error)
{
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), options->timeout_ms);
    OWN_FD int program = program_open(options->worker_path, error);
    if (program < 0)
        return program;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a socket pair for the template");
    struct spawned process;
    int fault = spawn_program(program, ends[1], worker_env, &process);
    close(ends[1]);
    if (fault) {
        close(ends[0]);
        return error_set(error, CLUTCH_E_WORKER, fault, "the worker program cannot be started");
    }
    pthread_mutex_lock(&template->lock);
    template->process = process;
    channel_init(&template->channel, ends[0], WIRE_TEMPLATE);
    template->running = true;
    template->generation++;
    int code = send_warm(template, options, deadline_ns);
    if (code == 0 || errno == EPIPE || errno == ECONNRESET)
        code = wait_warmed(template, options, deadline_ns, error);
    else
        code = error_set(error, CLUTCH_E_SYSTEM, errno, "the template's channel");
    if (code)
        stop_locked(template, patience_ms(code, deadline_ns));
    pthread_mutex_unlock(&template->lock);
    return code;
}

/* ---- Questions ---- */

static bool put(struct template *template, const struct buf *frame, int passed_fd)
{
    if (!template->running)
        return false;
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_FORK_TIMEOUT_MS);
    let_run(template);
    if (channel_send(template->channel.fd, frame->data, frame->length, passed_fd, deadline_ns) == 0)
        return true;
    stop_locked(template, 0);
    return false;
}

static bool get(struct template *template, struct wire_frame *answer)
{
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_FORK_TIMEOUT_MS);
    if (channel_receive_until(&template->channel, WIRE_SERVING, deadline_ns, answer) == CHANNEL_FRAME)
        return true;
    stop_locked(template, 0);
    return false;
}

/* With the lock held: sends a frame and waits for its answer. Whatever goes wrong ends the template,
 * since the channel's state is unknown then. */
static bool ask(struct template *template, const struct buf *frame, int passed_fd,
                struct wire_frame *answer)
{
    return put(template, frame, passed_fd) && get(template, answer);
}

static int fork_locked(struct template *template, const struct buf *frame, int sandbox_fd,
                       struct template_fork *out, clutch_error *error)
{
    struct wire_frame answer;
    if (!ask(template, frame, sandbox_fd, &answer))
        return error_set(error, CLUTCH_E_TEMPLATE, 0,
                         "the template process has ended, and its sandboxes with it: create the "
                         "sandbox again, which starts a new one");
    struct wire_refused refusal;
    if (answer.kind == WIRE_NOT_FORKED && codec_refused(&answer, &refusal))
        return error_set(error, CLUTCH_E_SYSTEM, (int)refusal.reason, "%.*s",
                         (int)refusal.message.length, refusal.message.data);
    struct wire_forked forked;
    if (answer.kind != WIRE_FORKED || !codec_forked(&answer, &forked)) {
        stop_locked(template, 0);
        return error_set(error, CLUTCH_E_PROTOCOL, 0, "the template broke the protocol and was ended");
    }
    out->generation = template->generation;
    out->pid = forked.pid;
    out->pidfd = own_take(&template->channel.received_fd);
    if (out->pidfd < 0)
        return error_set(error, CLUTCH_E_SYSTEM, EMFILE,
                         "a descriptor of the sandbox's process: raise RLIMIT_NOFILE");
    return 0;
}

int template_fork(struct template *template, const struct buf *frame, int sandbox_fd,
                  struct template_fork *out, clutch_error *error)
{
    pthread_mutex_lock(&template->lock);
    int code = fork_locked(template, frame, sandbox_fd, out, error);
    pthread_mutex_unlock(&template->lock);
    return code;
}

/* What has no answer. One that has ended needs not be told. */
static void tell(struct template *template, uint64_t generation, const struct buf *frame)
{
    pthread_mutex_lock(&template->lock);
    if (!frame->failed && template->generation == generation)
        put(template, frame, -1);
    pthread_mutex_unlock(&template->lock);
}

void template_expect(struct template *template, uint64_t generation, pid_t origin, const char *workdir,
                     const char *tmpdir)
{
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, WIRE_EXPECT);
    codec_put_u32(&frame, (uint32_t)origin);
    codec_put_string(&frame, workdir);
    codec_put_string(&frame, tmpdir);
    codec_end(&frame, begun);
    tell(template, generation, &frame);
    buf_free(&frame);
}

uint32_t template_next_birth(struct template *template)
{
    uint32_t birth = ++template->births;
    return birth ? birth : ++template->births;
}

static void put_copy(struct buf *frame, enum wire_kind kind, pid_t copy, uint32_t birth, pid_t origin)
{
    size_t begun = codec_begin(frame, kind);
    codec_put_u32(frame, (uint32_t)copy);
    codec_put_u32(frame, (uint32_t)origin);
    codec_put_u32(frame, birth);
    codec_end(frame, begun);
}

void template_park(struct template *template, uint64_t generation, pid_t copy, uint32_t birth, pid_t origin)
{
    struct buf frame = {0};
    put_copy(&frame, WIRE_PARK, copy, birth, origin);
    tell(template, generation, &frame);
    buf_free(&frame);
}

void template_expect_none(struct template *template, uint64_t generation, pid_t origin)
{
    struct buf frame = {0};
    struct wire_frame answer;
    put_copy(&frame, WIRE_ADOPT, 0, 0, origin);
    pthread_mutex_lock(&template->lock);
    if (!frame.failed && template->generation == generation)
        ask(template, &frame, -1, &answer);
    pthread_mutex_unlock(&template->lock);
    buf_free(&frame);
}

/* With the lock. */
static int take_adopted(struct template *template, clutch_error *error)
{
    struct wire_frame answer;
    struct wire_refused refusal;
    if (!get(template, &answer))
        return error_set(error, CLUTCH_E_TEMPLATE, 0, "the template process has ended");
    if (answer.kind == WIRE_ADOPTED)
        return 0;
    if (answer.kind == WIRE_NOT_ADOPTED && codec_refused(&answer, &refusal))
        return error_set(error, refusal.reason == ESRCH ? CLUTCH_E_PROTOCOL : CLUTCH_E_UNSUPPORTED, 0, "%.*s",
                         (int)refusal.message.length, refusal.message.data); /* it says the reason */
    stop_locked(template, 0);
    return error_set(error, CLUTCH_E_PROTOCOL, 0, "the template broke the protocol and was ended");
}

int template_adopt(struct template *template, uint64_t generation, pid_t copy, uint32_t birth, pid_t origin,
                   int (*meanwhile)(void *user, int answer_fd), void *user, clutch_error *error)
{
    struct buf frame = {0};
    put_copy(&frame, WIRE_ADOPT, copy, birth, origin);
    pthread_mutex_lock(&template->lock);
    int code = 0, done = 0;
    if (frame.failed)
        code = error_memory(error);
    else if (template->generation != generation || !put(template, &frame, -1))
        code = error_set(error, CLUTCH_E_TEMPLATE, 0, "the template process has ended");
    if (code == 0)
        done = meanwhile(user, template->channel.fd);
    if (code == 0)
        code = take_adopted(template, error);
    pthread_mutex_unlock(&template->lock);
    buf_free(&frame);
    return code ? code : done;
}

static void put_end(struct buf *frame, enum wire_kind kind, pid_t pid, uint32_t birth)
{
    size_t begun = codec_begin(frame, kind);
    codec_put_u32(frame, (uint32_t)pid);
    codec_put_u32(frame, birth);
    codec_end(frame, begun);
}

void template_forget(struct template *template, uint64_t generation, pid_t pid, uint32_t birth)
{
    struct buf frame = {0};
    put_end(&frame, WIRE_FORGET, pid, birth);
    tell(template, generation, &frame);
    buf_free(&frame);
}

bool template_reap(struct template *template, uint64_t generation, pid_t pid, uint32_t birth, int *status)
{
    struct buf frame = {0};
    put_end(&frame, WIRE_REAP, pid, birth);
    pthread_mutex_lock(&template->lock);
    struct wire_frame answer;
    struct wire_reaped reaped;
    bool known = !frame.failed && template->generation == generation &&
                 ask(template, &frame, -1, &answer) && answer.kind == WIRE_REAPED &&
                 codec_reaped(&answer, &reaped) && reaped.pid == pid && reaped.found;
    if (known)
        *status = reaped.status;
    pthread_mutex_unlock(&template->lock);
    buf_free(&frame);
    return known;
}
