/* SPDX-License-Identifier: Apache-2.0 */
/* clone.c: copying a sandbox's process, memory included.
 *
 * Theory of operation. The origin is asked over its channel and makes the one call that copies it; the
 * filter hands that call to us. We let it pass once, for the process and the number that we asked for. The
 * copy, which is the template's child, then makes a call that only we answer: by it we learn its process
 * id, the template gives it a place of its own, and the answer is its channel. One apart gives up meanwhile
 * what ties it to its origin, by calls that we let pass as well. Every other call that comes, from whichever
 * process of the family, is refused. What waited before we asked is refused too; what comes when nobody
 * asks waits for ever, which is the caller's own loss. */
#include "host/clone.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/door.h"
#include "base/own.h"
#include "host/door.h"
#include "host/error.h"
#include "host/hatch.h"
#include "wire/codec.h"

struct cloning {
    clutch_engine *engine;
    struct process *origin, *copy;
    const struct clone_options *options;
    uint64_t number, deadline_ns;
    bool expected; /* the template makes its folders ready */
    bool passed;   /* the origin was let through */
    bool admitted; /* and the copy given its channel */
    bool ready;    /* one apart is: it can be told to execute */
    bool answered; /* the origin is idle again */
    bool clearing; /* there will be no copy */
    bool left;     /* and the one that was made has been told so */
    clutch_error *error;
};

/* ---- The copy ---- */

/* A frame without fields. */
static int tell(struct process *copy, enum wire_kind kind, clutch_error *error)
{
    struct buf frame = {0};
    codec_end(&frame, codec_begin(&frame, kind));
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_FORK_TIMEOUT_MS);
    bool sent = !frame.failed &&
                channel_send(copy->channel.fd, frame.data, frame.length, -1, deadline_ns) == 0;
    int code = frame.failed ? error_memory(error)
               : sent       ? 0
                            : error_set(error, CLUTCH_E_ENDED, errno, "the copy has ended");
    buf_free(&frame);
    return code;
}

/* A copy's call, which is answered while the template makes a place for it. */
struct letting_in {
    struct cloning *cloning;
    const struct door_call *call;
    int handed_fd;
};

static int hear_all(struct cloning *cloning);

static int hand(const struct letting_in *letting)
{
    const struct cloning *cloning = letting->cloning;
    if (door_hand(cloning->copy->door, letting->call, letting->handed_fd))
        return 0;
    return error_set(cloning->error, CLUTCH_E_ENDED, errno, "the copy has ended before it was let in");
}

/* Until the template has answered. */
static int let_in(void *user, int template_fd)
{
    const struct letting_in *letting = user;
    struct cloning *cloning = letting->cloning;
    int code = hand(letting);
    if (code == 0)
        code = tell(cloning->copy, WIRE_WAKE, cloning->error);
    for (uint64_t now_ns = clock_now_ns(); code == 0 && now_ns < cloning->deadline_ns;) {
        struct pollfd waiting[] = {{template_fd, POLLIN, 0}, {door_fd(cloning->copy->door), POLLIN, 0}};
        poll(waiting, 2, clock_poll_ms(cloning->deadline_ns, now_ns));
        if (waiting[0].revents || (waiting[1].revents && !(waiting[1].revents & POLLIN)))
            break;
        code = hear_all(cloning);
        now_ns = clock_now_ns();
    }
    return code;
}

/* Its channel, and a place of its own, which it is given while it sets itself up. */
static int take_in(struct cloning *cloning, const struct door_call *call)
{
    struct process *copy = cloning->copy;
    struct template *template = &cloning->engine->template;
    bool apart = cloning->options->kind == CLONE_APART;
    int ends[2], pidfd = (int)syscall(SYS_pidfd_open, call->pid, 0);
    if (pidfd < 0)
        return error_set(cloning->error, CLUTCH_E_SYSTEM, errno, "a descriptor of the copy's process");
    if (!door_waits(cloning->origin->door, call)) { /* else the descriptor may be another process's */
        close(pidfd);
        return error_set(cloning->error, CLUTCH_E_PROTOCOL, 0, "the copy has ended before it was let in");
    }
    copy->generation = cloning->origin->generation;
    copy->pid = call->pid;
    copy->birth = template_next_birth(template);
    copy->pidfd = pidfd;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(cloning->error, CLUTCH_E_SYSTEM, errno, "a socket pair: raise RLIMIT_NOFILE");
    OWN_FD int handed = ends[1];
    channel_init(&copy->channel, ends[0], WIRE_SANDBOX);
    copy->door = door_retain(cloning->origin->door);
    struct letting_in letting = {cloning, call, handed};
    cloning->admitted = true;
    cloning->expected = false;
    if (!apart) {
        template_park(template, copy->generation, copy->pid, copy->birth, cloning->origin->pid);
        return hand(&letting);
    }
    int code = template_adopt(template, copy->generation, copy->pid, copy->birth, cloning->origin->pid,
                              let_in, &letting, cloning->error);
    return code ? code : tell(copy, WIRE_PLACED, cloning->error);
}

/* ---- Calls ---- */

/* The origin's call takes the kernel most of a millisecond, in which the host has nothing else to do; unless
 * both are on one processor, and the origin's call came first. */
static void let_go(struct cloning *cloning, const struct door_call *call)
{
    enum { MOMENT_NS = 100 * 1000 };
    const struct clone_options *options = cloning->options;
    uint64_t began_ns = clock_now_ns();
    door_let_go(cloning->origin->door, call);
    if (options->meanwhile && clock_now_ns() - began_ns < MOMENT_NS)
        options->meanwhile(options->user);
    cloning->deadline_ns += clock_now_ns() - began_ns;
}

static int judge(struct cloning *cloning, const struct door_call *call)
{
    struct door *door = cloning->origin->door;
    uint32_t wanted = cloning->options->kind == CLONE_APART ? DOOR_APART : DOOR_SAME;
    bool ours = call->number == cloning->number;
    if (ours && call->flags == wanted && call->pid == cloning->origin->pid && !cloning->passed) {
        cloning->passed = true;
        if (cloning->options->before)
            cloning->options->before(cloning->options->user);
        let_go(cloning, call);
        return 0;
    }
    if (ours && call->flags == 0 && cloning->passed && wanted == DOOR_APART) {
        door_let_pass(door, call); /* the origin or the copy: it can only lose by it */
        return 0;
    }
    bool announced = ours && call->flags == DOOR_ANNOUNCE && cloning->passed && call->pid > 0 &&
                     call->pid != cloning->origin->pid;
    if (!announced || cloning->admitted || cloning->clearing) {
        door_refuse(door, call);
        cloning->left |= announced;
        return 0;
    }
    int code = take_in(cloning, call);
    if (code)
        door_refuse(door, call);
    return code;
}

/* All that wait, but for those of processes that ask all the time: who calls this has more to look at. */
static int hear_all(struct cloning *cloning)
{
    enum { CALLS_MAX = 16 };
    struct door_call call;
    int code = 0;
    for (int i = 0; i < CALLS_MAX && code == 0 && door_hear(cloning->origin->door, &call); i++)
        code = judge(cloning, &call);
    return code;
}

/* ---- The origin ---- */

static int ask(struct cloning *cloning)
{
    const struct clone_options *options = cloning->options;
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, WIRE_CLONE);
    codec_put_u64(&frame, cloning->number);
    codec_put_u32(&frame, options->kind == CLONE_APART);
    codec_put_u32(&frame, options->reseed);
    codec_put_u32(&frame, options->goes_on);
    codec_put_u32(&frame, options->settles);
    codec_put_u64(&frame, options->threads);
    codec_end(&frame, begun);
    int code = 0;
    if (frame.failed)
        code = error_memory(cloning->error);
    else if (channel_send(cloning->origin->channel.fd, frame.data, frame.length, -1,
                          cloning->deadline_ns) != 0)
        code = error_set(cloning->error, CLUTCH_E_PROTOCOL, errno, "the sandbox takes no question");
    buf_free(&frame);
    return code;
}

static int refused(struct cloning *cloning, const struct wire_frame *frame)
{
    struct wire_refused refusal;
    if (!codec_refused(frame, &refusal))
        return error_set(cloning->error, CLUTCH_E_PROTOCOL, 0, "the sandbox answers a copy with nonsense");
    bool kept_from = refusal.reason == 0 || refusal.reason == E2BIG;
    int code = kept_from                   ? CLUTCH_E_UNCLONABLE
               : refusal.reason == ENOTSUP ? CLUTCH_E_UNSUPPORTED
                                           : CLUTCH_E_SYSTEM;
    return error_set(cloning->error, code, kept_from ? 0 : (int)refusal.reason,
                     "the sandbox cannot be copied: %.*s",
                     (int)refusal.message.length, refusal.message.data);
}

static int hear_origin(struct cloning *cloning)
{
    struct wire_frame frame;
    switch (channel_receive(&cloning->origin->channel, WIRE_CLONING, false, &frame)) {
    case CHANNEL_AGAIN:
        return 0;
    case CHANNEL_FRAME:
        cloning->answered = true;
        return frame.kind == WIRE_CLONED ? 0 : refused(cloning, &frame);
    case CHANNEL_FAILED:
        return error_memory(cloning->error);
    default:
        return error_set(cloning->error, CLUTCH_E_PROTOCOL, 0, "the sandbox ended while it was copied");
    }
}

/* ---- Both ---- */

static int wait_ready(struct process *copy, uint64_t timeout_ms, clutch_error *error)
{
    int disk_fd = -1;
    int code = hatch_wait_ready(copy, timeout_ms, &disk_fd, error);
    own_close(&disk_fd);
    return code;
}

static bool is_done(const struct cloning *cloning)
{
    return cloning->answered && (cloning->options->kind == CLONE_APART ? cloning->ready : cloning->admitted);
}

static int supervise(struct cloning *cloning)
{
    struct process *origin = cloning->origin;
    int code = 0;
    while (code == 0 && !is_done(cloning)) {
        bool listens = cloning->admitted && !cloning->ready && cloning->options->kind == CLONE_APART;
        struct pollfd waiting[] = {{door_fd(origin->door), POLLIN, 0},
                                   {cloning->answered ? -1 : origin->channel.fd, POLLIN, 0},
                                   {origin->pidfd, POLLIN, 0},
                                   {listens ? cloning->copy->channel.fd : -1, POLLIN, 0}};
        uint64_t now_ns = clock_now_ns();
        if (now_ns >= cloning->deadline_ns)
            return error_set(cloning->error, CLUTCH_E_TIMEOUT, 0, "the sandbox was not copied within %llu ms",
                             (unsigned long long)cloning->options->timeout_ms);
        poll(waiting, 4, clock_poll_ms(cloning->deadline_ns, now_ns));
        code = hear_all(cloning);
        if (code == 0 && !cloning->answered)
            code = hear_origin(cloning);
        if (code == 0 && waiting[2].revents && !cloning->answered)
            code = error_set(cloning->error, CLUTCH_E_PROTOCOL, 0, "the sandbox ended while it was copied");
        if (code == 0 && waiting[3].revents) {
            code = wait_ready(cloning->copy, (cloning->deadline_ns - now_ns) / CLOCK_MS, cloning->error);
            cloning->ready = true;
        }
    }
    return code;
}

/* Whether the origin or a copy has to be heard yet. One that was made although the origin says that there is
 * none, as it cannot keep apart from it, asks to be let in. */
static bool is_unclear(const struct cloning *cloning, int code)
{
    if (!cloning->answered)
        return code != CLUTCH_E_PROTOCOL;
    return code == CLUTCH_E_UNCLONABLE && cloning->passed && !cloning->admitted && !cloning->left;
}

/* The origin waits for an answer still, and so may a copy: they get it, and the origin is idle again, or has
 * to be ended. What it says tells more than that its copy has ended. */
static int clear_up(struct cloning *cloning, int code)
{
    enum { CLEARING_MS = 500 };
    struct process *origin = cloning->origin;
    clutch_error *error = cloning->error, ignored;
    cloning->error = &ignored;
    cloning->clearing = true;
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), CLEARING_MS);
    while (is_unclear(cloning, code) && clock_now_ns() < deadline_ns) {
        struct pollfd waiting[] = {{door_fd(origin->door), POLLIN, 0},
                                   {cloning->answered ? -1 : origin->channel.fd, POLLIN, 0}};
        poll(waiting, 2, clock_poll_ms(deadline_ns, clock_now_ns()));
        hear_all(cloning);
        int heard = cloning->answered ? 0 : hear_origin(cloning);
        if (heard == CLUTCH_E_PROTOCOL)
            break;
        if (heard == CLUTCH_E_UNCLONABLE) {
            code = heard;
            if (error)
                *error = ignored;
        }
    }
    if (cloning->copy->pid > 0) {
        int status;
        process_bury(cloning->copy, &cloning->engine->template, &status);
    }
    process_close(cloning->copy);
    process_init(cloning->copy);
    if (!cloning->answered && code != CLUTCH_E_PROTOCOL && code != CLUTCH_E_TIMEOUT)
        return error_set(error, CLUTCH_E_PROTOCOL, 0, "the sandbox does not go on after a failed copy");
    return code;
}

static int clone_locked(struct cloning *cloning)
{
    const struct clone_options *options = cloning->options;
    struct template *template = &cloning->engine->template;
    const struct process *origin = cloning->origin;
    int code = ask(cloning);
    if (code)
        return code;
    cloning->expected = options->kind == CLONE_APART;
    if (cloning->expected)
        template_expect(template, origin->generation, origin->pid, options->workdir, options->tmpdir);
    code = supervise(cloning);
    if (code)
        code = clear_up(cloning, code);
    if (cloning->expected || (code && cloning->passed))
        template_expect_none(template, origin->generation, origin->pid);
    return code;
}

int clone_process(clutch_engine *engine, struct process *origin, const struct clone_options *options,
                  struct process *out, clutch_error *error)
{
    if (!origin->door)
        return error_set(error, CLUTCH_E_UNSUPPORTED, 0,
                         "a running sandbox cannot be copied here: see clone_door in clutch doctor");
    struct cloning cloning = {.engine = engine, .origin = origin, .copy = out, .options = options,
                              .deadline_ns = clock_after_ms(clock_now_ns(), options->timeout_ms),
                              .error = error};
    if (getrandom(&cloning.number, sizeof cloning.number, 0) != (ssize_t)sizeof cloning.number)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a random number");
    cloning.number = (cloning.number & ~DOOR_MARK_MASK) | DOOR_MARK;
    process_init(out);
    if (!door_lock(origin->door, cloning.deadline_ns))
        return error_set(error, CLUTCH_E_BUSY, 0, "another copy of the family is being made");
    struct door *door = door_retain(origin->door);
    int code = clone_locked(&cloning);
    door_unlock(door);
    door_release(door);
    return code;
}

int clone_wake(struct process *copy, clutch_error *error)
{
    int code = tell(copy, WIRE_WAKE, error);
    return code ? code : wait_ready(copy, LIMIT_FORK_TIMEOUT_MS, error);
}
