/* SPDX-License-Identifier: Apache-2.0 */
/* template.c: the warm process from which sandboxes are forked.
 *
 * Theory of operation. The host starts this program, tells it the environment and the modules to
 * preload (WARM), and then asks for forks (FORK), for places for copies of sandboxes (PARK, EXPECT, ADOPT)
 * and for the ends of sandboxes (REAP, FORGET), one after the other. No user code ever runs here, and there
 * is exactly one thread: a second one could hold a lock at the moment of a fork, and the child would wait
 * for it for ever.
 *
 * When the host is gone the channel ends, and the template kills and reaps its children, removes the
 * folder that the host made for them, and exits. If the template itself is killed, the kernel kills
 * the sandboxes (PR_SET_PDEATHSIG). If the process that holds their namespaces is, the kernel kills
 * them as well, and the template ends but leaves the folder to the host. */
#include "worker/template.h"

#include <Python.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/tree.h"
#include "confine/confine.h"
#include "python/heap.h"
#include "python/interpreter.h"
#include "python/libraries.h"
#include "wire/channel.h"
#include "wire/codec.h"
#include "worker/facilities.h"
#include "worker/sandbox.h"

static int host_fd; /* for the signal handler */
static char *state_dir;
static bool remove_state_dir;

/* ---- Warming ---- */

/* While modules are imported nobody reads the channel; a host that dies then must not leave us
 * behind. The socket's owner gets SIGIO whenever something happens on it. */
static void on_channel_event(int number)
{
    (void)number;
    char byte;
    if (recv(host_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
        return;
    if (remove_state_dir && state_dir)
        rmdir(state_dir); /* nothing is in it yet */
    _exit(1);
}

static void watch_host(bool on)
{
    int flags = fcntl(host_fd, F_GETFL);
    struct sigaction action = {.sa_handler = on ? on_channel_event : SIG_IGN, .sa_flags = SA_RESTART};
    sigaction(SIGIO, &action, NULL);
    fcntl(host_fd, F_SETOWN, getpid());
    fcntl(host_fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC);
    if (on)
        on_channel_event(SIGIO);
}

static int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks)
        return 1;
    int count = 0;
    while (readdir(tasks))
        count++;
    closedir(tasks);
    return count - 2; /* without . and .. */
}

static char *copy_text(struct wire_text text)
{
    return strndup(text.data, text.length);
}

static enum wire_refusal preload(const struct wire_warm *warm, char *message, size_t size)
{
    struct wire_list list = warm->preload;
    struct wire_text item;
    while (codec_next_text(&list, &item)) {
        char *module = copy_text(item);
        bool fine = module && interpreter_preload(module, message, size) == INTERPRETER_FINE;
        int threads = fine ? count_threads() : 1;
        if (threads > 1)
            snprintf(message, size, "the module %s cannot be preloaded: it starts a thread at import "
                                    "(%d threads), which a forked sandbox would lack; import it in the "
                                    "sandbox instead", module, threads);
        free(module);
        if (!fine || threads > 1)
            return WIRE_REFUSED_PRELOAD;
    }
    return 0;
}

/* A thread would stay, so a child tries first whether one is started. */
static void rehearse(void)
{
    enum { TIMES = 10 }; /* CPython adapts code that has run some eight times */
    int status;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever it hangs in, it does not outlive us */
        interpreter_rehearse(1);
        _exit(count_threads() > 1);
    }
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
        interpreter_rehearse(TIMES);
}

/* Returns 0 or why not. On success the GIL is held and stays so: the template runs no Python, and each
 * child begins with it. */
static enum wire_refusal warm_up(const struct wire_warm *warm, char *message, size_t size)
{
    if (warm->version != WIRE_VERSION) {
        snprintf(message, size, "the worker program speaks version %d of the wire and the library %u: "
                                "use the worker of the same build", WIRE_VERSION, warm->version);
        return WIRE_REFUSED_WORKER;
    }
    char *environment = copy_text(warm->environment);
    enum interpreter_fault fault = interpreter_start(environment, message, size);
    free(environment);
    if (fault)
        return WIRE_REFUSED_ENVIRONMENT;
    enum wire_refusal refusal = preload(warm, message, size);
    if (refusal)
        return refusal;
    rehearse();
    if (sandbox_prepare(message, size) != 0)
        return WIRE_REFUSED_WORKER;
    if (!interpreter_settle()) {
        snprintf(message, size, "the environment's os, sys, random or threading module is not CPython's own");
        return WIRE_REFUSED_ENVIRONMENT;
    }
    libraries_merge(); /* confinement of the template's own would refuse it */
    return facilities_prepare(warm, message, size) == 0 ? 0 : WIRE_REFUSED_MACHINE;
}

static bool send_frame(const struct buf *frame, int passed_fd)
{
    return !frame->failed &&
           channel_send(host_fd, frame->data, frame->length, passed_fd, CLOCK_NEVER) == 0;
}

static bool answer_refused(enum wire_kind kind, uint32_t reason, const char *message)
{
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, kind);
    codec_put_u32(&frame, reason);
    codec_put_string(&frame, message);
    codec_end(&frame, begun);
    bool sent = send_frame(&frame, -1);
    buf_free(&frame);
    return sent;
}

/* The last that runs Python here, and what it writes to is settled. */
static bool answer_warmed(void)
{
    char pandas[64], numpy[64];
    interpreter_module_version("pandas", pandas, sizeof pandas);
    interpreter_module_version("numpy", numpy, sizeof numpy);
    struct buf frame = {0};
    size_t begun = codec_begin(&frame, WIRE_WARMED);
    codec_put_string(&frame, PY_VERSION);
    codec_put_string(&frame, pandas);
    codec_put_string(&frame, numpy);
    facilities_put(&frame);
    codec_end(&frame, begun);
    heap_settle();
    bool sent = send_frame(&frame, -1);
    buf_free(&frame);
    return sent;
}

/* False when the template has nothing to serve for. */
static bool warm(struct channel *channel)
{
    struct wire_frame frame;
    struct wire_warm request;
    if (channel_receive_until(channel, WIRE_WARMING, CLOCK_NEVER, &frame) != CHANNEL_FRAME ||
        frame.kind != WIRE_WARM || !codec_warm(&frame, &request))
        return false;
    state_dir = copy_text(request.state_dir);
    remove_state_dir = request.remove_state_dir;
    char message[2048] = "";
    watch_host(true);
    enum wire_refusal refusal = warm_up(&request, message, sizeof message);
    watch_host(false);
    if (refusal) {
        answer_refused(WIRE_NOT_WARMED, refusal, message);
        return false;
    }
    return answer_warmed();
}

/* ---- Serving ---- */

/* Whether the first process of the sandboxes' namespaces has ended, after which none can begin. Then
 * the template ends too, and the host starts another when it needs one. */
static bool is_cut_off(void)
{
    struct pollfd lifeline = {confine_lifeline(), POLLIN, 0};
    return poll(&lifeline, 1, 0) > 0;
}

static bool do_fork(struct channel *channel, const struct wire_frame *frame)
{
    OWN_FD int wire_fd = own_take(&channel->received_fd);
    struct wire_fork request;
    if (!codec_fork(frame, &request))
        return false;
    OWN_MEMORY char *workdir = copy_text(request.workdir);
    OWN_MEMORY char *tmpdir = copy_text(request.tmpdir);
    struct confine_policy policy = facilities_policy(&request, workdir, tmpdir);
    pid_t pid = workdir && tmpdir ? confine_fork(&policy) : -1;
    if (pid == 0)
        sandbox_main(wire_fd, &request, &policy);
    int fault = errno;
    if (pid < 0)
        return !is_cut_off() &&
               answer_refused(WIRE_NOT_FORKED, (uint32_t)fault, "a process for the sandbox");
    OWN_FD int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0) {
        int error = errno;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return answer_refused(WIRE_NOT_FORKED, (uint32_t)error, "a descriptor of the sandbox's process");
    }
    struct buf answer = {0};
    size_t begun = codec_begin(&answer, WIRE_FORKED);
    codec_put_u32(&answer, (uint32_t)pid);
    codec_end(&answer, begun);
    bool sent = send_frame(&answer, pidfd);
    buf_free(&answer);
    return sent;
}

/* Process groups, each by its sandbox, of which nobody wants to know how what is left of them ends. */
static pid_t forgotten[64];
static size_t forgotten_count;

/* Our children of a group: a sandbox, and copies of it that it has told nobody of. False when some live. */
static bool reap_group(pid_t group, int options)
{
    pid_t child;
    while ((child = waitpid(-group, NULL, options)) > 0)
        confine_reaped(child);
    return child < 0;
}

/* Kills our children: all of them, or those of a sandbox's group but for itself. False when they are not
 * known. */
static bool kill_children(pid_t group)
{
    char path[64];
    int pid;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *list = fopen(path, "re");
    while (list && fscanf(list, "%d", &pid) == 1)
        if (group == 0 || (pid != group && getpgid(pid) == group))
            kill(pid, SIGKILL);
    if (list)
        fclose(list);
    return list != NULL;
}

/* Copies that a sandbox has made and told nobody of, or that were refused. */
static void end_others(pid_t group)
{
    siginfo_t child = {0};
    kill_children(group);
    while (waitid(P_PGID, (id_t)group, &child, WEXITED | WNOHANG | WNOWAIT) == 0 && child.si_pid != 0 &&
           child.si_pid != group) {
        waitpid(child.si_pid, NULL, 0);
        child.si_pid = 0;
    }
}

static void reap_forgotten(void)
{
    for (size_t i = 0; i < forgotten_count;)
        if (reap_group(forgotten[i], WNOHANG))
            forgotten[i] = forgotten[--forgotten_count];
        else
            i++;
}

/* All of it was killed. */
static void forget(pid_t group)
{
    if (forgotten_count == sizeof forgotten / sizeof forgotten[0])
        reap_group(forgotten[--forgotten_count], 0);
    forgotten[forgotten_count++] = group;
}

/* A copy that has the origin's folders; it sleeps. */
static bool do_park(const struct wire_frame *frame)
{
    struct wire_adopt request;
    if (!codec_adopt(frame, &request) || request.pid == 0)
        return false;
    if (confine_copy(request.pid, request.birth, request.origin, false, NULL, 0) != 0 && errno != ESRCH) {
        kill(request.pid, SIGKILL); /* it is our child, in a group of its own */
        forget(request.pid);
    }
    return true;
}

/* The copy is being made meanwhile. */
static bool do_expect(const struct wire_frame *frame)
{
    struct wire_expect request;
    if (!codec_expect(frame, &request))
        return false;
    OWN_MEMORY char *workdir = copy_text(request.workdir);
    OWN_MEMORY char *tmpdir = copy_text(request.tmpdir);
    const struct confine_policy folders = {.workdir = workdir, .tmpdir = tmpdir};
    if (workdir && tmpdir)
        confine_expect(request.origin, &folders);
    return true;
}

/* And now it waits for its channel. */
static bool do_adopt(const struct wire_frame *frame)
{
    struct wire_adopt request;
    char message[512] = "";
    if (!codec_adopt(frame, &request))
        return false;
    if (request.pid == 0) {
        confine_expect_none(request.origin);
        end_others(request.origin);
    } else if (confine_copy(request.pid, request.birth, request.origin, true, message, sizeof message) != 0) {
        return answer_refused(WIRE_NOT_ADOPTED, (uint32_t)errno, message);
    }
    struct buf answer = {0};
    codec_end(&answer, codec_begin(&answer, WIRE_ADOPTED));
    bool sent = send_frame(&answer, -1);
    buf_free(&answer);
    return sent;
}

static bool do_reap(const struct wire_frame *frame)
{
    struct wire_reap request;
    if (!codec_reap(frame, &request))
        return false;
    int status = 0;
    const pid_t pid = request.pid;
    bool found = confine_end(pid, request.birth) && waitpid(pid, &status, WNOHANG) == pid;
    if (found) {
        confine_reaped(pid);
        if (!reap_group(pid, WNOHANG))
            forget(pid);
    }
    struct buf answer = {0};
    size_t begun = codec_begin(&answer, WIRE_REAPED);
    codec_put_u32(&answer, (uint32_t)pid);
    codec_put_u32(&answer, found);
    codec_put_u32(&answer, (uint32_t)status);
    codec_end(&answer, begun);
    bool sent = send_frame(&answer, -1);
    buf_free(&answer);
    return sent;
}

static bool do_forget(const struct wire_frame *frame)
{
    struct wire_reap request;
    if (!codec_reap(frame, &request))
        return false;
    if (confine_end(request.pid, request.birth))
        forget(request.pid);
    return true;
}

/* Waits for the host's next question. False when there will be none, or no answer to it. */
static bool next_question(struct channel *channel, struct wire_frame *frame)
{
    for (;;) {
        enum channel_state state = channel_receive(channel, WIRE_SERVING, false, frame);
        if (state != CHANNEL_AGAIN)
            return state == CHANNEL_FRAME;
        struct pollfd news[] = {{channel->fd, POLLIN, 0}, {confine_lifeline(), POLLIN, 0}};
        if (poll(news, 2, -1) < 0 && errno != EINTR)
            return false;
        if (news[1].revents && is_cut_off())
            return false;
    }
}

/* Every sandbox has what the template has in memory: no other one's environment variables among it. What was
 * read is wiped when there is no more of it. */
static void forget_questions(struct channel *channel, size_t *read)
{
    if (channel->in.length > *read)
        *read = channel->in.length;
    if (channel->start + channel->used < channel->in.length)
        return;
    explicit_bzero(channel->in.data, *read);
    *read = 0;
}

static void serve(struct channel *channel)
{
    struct wire_frame frame;
    size_t read = 0;
    channel->in.secret = true;
    while (next_question(channel, &frame)) {
        reap_forgotten();
        bool fine = frame.kind == WIRE_FORK     ? do_fork(channel, &frame)
                    : frame.kind == WIRE_PARK   ? do_park(&frame)
                    : frame.kind == WIRE_EXPECT ? do_expect(&frame)
                    : frame.kind == WIRE_ADOPT  ? do_adopt(&frame)
                    : frame.kind == WIRE_FORGET ? do_forget(&frame)
                                                : do_reap(&frame);
        confine_sweep();
        forget_questions(channel, &read);
        if (!fine)
            return;
    }
}

/* ---- The end ---- */

/* Every child is a sandbox; adopted grandchildren too, since we are their subreaper. A killed
 * sandbox's own children become ours, so this goes on until there are none. */
static void end_children(void)
{
    while (kill_children(0)) /* else the kernel kills them, when we exit */
        if (waitpid(-1, NULL, 0) < 0 && errno != EINTR)
            return;
}

int template_main(int wire_fd)
{
    host_fd = wire_fd;
    setsid();
    umask(0022);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    prctl(PR_SET_NAME, "clutch-template");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    struct channel channel;
    channel_init(&channel, wire_fd, WIRE_HOST);
    if (warm(&channel))
        serve(&channel);
    bool host_is_gone = !is_cut_off();
    end_children();
    confine_finish();
    if (host_is_gone && remove_state_dir && state_dir)
        tree_remove(AT_FDCWD, state_dir);
    return 0;
}
