/* SPDX-License-Identifier: Apache-2.0 */
/* clone.c: copying this process when the host asks for it.
 *
 * Theory of operation. The C library's fork would make a child of this process; a copy has to be the
 * template's, so clone(2) is called as such. That is sound because the process has one thread at that
 * moment: the attendant is stopped, and with threads of the user's it is refused, so no lock is held by
 * anybody whom the copy lacks. What the C library knows of the thread is right in the copy but for the
 * thread's id, which the kernel writes to where the C library keeps it.
 *
 * The copy closes its origin's channel and asks the host who it is (DOOR_ANNOUNCE); the answer is the
 * descriptor of a channel of its own. Until the host wakes it there, it waits and costs next to nothing: it
 * has written to hardly a page. One apart then gives up what its namespaces gave it, while the template
 * mounts its folders. */
#include "worker/clone.h"

#include <Python.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/door.h"
#include "base/text.h"
#include "confine/confine.h"
#include "python/dataframes.h"
#include "python/enter.h"
#include "python/heap.h"
#include "python/interpreter.h"
#include "python/interrupt.h"
#include "wire/codec.h"
#include "worker/attendant.h"
#include "worker/crash.h"
#include "worker/files.h"
#include "worker/output.h"
#include "worker/sandbox.h"

enum { DESCRIPTION_BYTES = 2048 };

static char *workdir_path;

/* ---- Where the C library keeps the thread's id ---- */

enum { DESCRIPTOR_WORDS = 512 }; /* of the thread's descriptor that are looked at; it has more */

static uint8_t may_be_id[DESCRIPTOR_WORDS]; /* the word was the template's own id */

static const int *descriptor_word(size_t i)
{
    return (const int *)(uintptr_t)pthread_self() + i;
}

void clone_note(void)
{
    int own = (int)syscall(SYS_gettid);
    for (size_t i = 0; i < DESCRIPTOR_WORDS; i++)
        may_be_id[i] = *descriptor_word(i) == own;
}

/* The word that had the template's id and has this process's; the two differ. NULL when the C library keeps
 * it elsewhere. */
static int *find_id(void)
{
    int own = (int)syscall(SYS_gettid);
    for (size_t i = 0; i < DESCRIPTOR_WORDS; i++)
        if (may_be_id[i] && *descriptor_word(i) == own)
            return (int *)descriptor_word(i);
    return NULL;
}

static int *own_id;

bool clone_prepare(const char *workdir)
{
    own_id = find_id();
    workdir_path = strdup(workdir);
    return workdir_path != NULL;
}

/* ---- What cannot be copied ---- */

static void describe(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void describe(char *out, const char *format, ...)
{
    size_t length = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + length, DESCRIPTION_BYTES - length, format, arguments);
    va_end(arguments);
}

/* Names of Python's threads; returns how many there are. */
static size_t describe_python_threads(char *out)
{
    PyObject *found = PyObject_CallNoArgs(interpreter_prelude("threads")), *names = NULL;
    size_t count = 0;
    Py_ssize_t unnamed = 0;
    if (found && PyArg_ParseTuple(found, "O!n", &PyList_Type, &names, &unnamed)) {
        count = (size_t)PyList_GET_SIZE(names) + (size_t)unnamed;
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
            const char *name = PyUnicode_AsUTF8(PyList_GET_ITEM(names, i));
            describe(out, "%s%.100s", *out ? ", " : "", name ? name : "?");
        }
        if (unnamed)
            describe(out, "%s%zd without a name", *out ? ", " : "", unnamed);
    }
    Py_XDECREF(found);
    PyErr_Clear();
    return count;
}

/* Other threads, by the kernel's names for them; there is none of ours. A copy does not see its own entries
 * in /proc: then those of Python are all that are known of. */
static void describe_native_threads(char *out, size_t known)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    size_t others = 0;
    char names[512] = "";
    while (tasks && (entry = readdir(tasks))) {
        char path[64], name[32] = "";
        int id = atoi(entry->d_name);
        if (id <= 0 || id == getpid())
            continue;
        others++;
        snprintf(path, sizeof path, "/proc/self/task/%d/comm", id);
        FILE *file = fopen(path, "re");
        if (file && fgets(name, sizeof name, file)) {
            name[strcspn(name, "\n")] = 0;
            size_t length = strlen(names);
            snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", name);
        }
        if (file)
            fclose(file);
    }
    if (tasks)
        closedir(tasks);
    if (others > known)
        describe(out, "%s%zu of native code (%s)", *out ? ", " : "", others - known, names);
}

/* What nearly always is so, found out without running Python, which would write to pages that are shared.
 * The kernel's folder of the threads has as many links as they are, and two more; the attendant is one of
 * them for a moment after it was joined. */
static bool is_alone(void)
{
    enum { TRIES = 100 };
    struct stat tasks;
    if (PyThreadState_Next(PyInterpreterState_ThreadHead(PyInterpreterState_Get())))
        return false;
    for (int i = 0; i < TRIES; i++, sched_yield())
        if (stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink == 3)
            return true;
    return false;
}

/* What is alive beside this thread, "" when there is nothing. */
static void find_others(char *out)
{
    siginfo_t child;
    out[0] = 0;
    if (!is_alone())
        describe_native_threads(out, describe_python_threads(out));
    if (*out) {
        char threads[DESCRIPTION_BYTES];
        snprintf(threads, sizeof threads, "%s", out);
        out[0] = 0;
        describe(out, "threads are running: %s", threads);
    }
    if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0)
        describe(out, "%schild processes are there", *out ? "; " : "");
}

/* ---- Answers ---- */

static bool send_frame(struct buf *frame)
{
    bool sent = !frame->failed &&
                channel_send(SANDBOX_WIRE_FD, frame->data, frame->length, -1, CLOCK_NEVER) == 0;
    buf_free(frame);
    return sent;
}

static bool say(enum wire_kind kind)
{
    struct buf frame = {0};
    codec_end(&frame, codec_begin(&frame, kind));
    return send_frame(&frame);
}

/* error 0: it is the user's threads or processes. */
static bool refuse(int error, const char *message)
{
    struct buf frame = {0}, clean = {0};
    text_append_clean(&clean, message, strlen(message));
    size_t begun = codec_begin(&frame, WIRE_NOT_CLONED);
    codec_put_u32(&frame, (uint32_t)error);
    codec_put_text(&frame, clean.data ? (const char *)clean.data : "", clean.length);
    codec_end(&frame, begun);
    buf_free(&clean);
    return send_frame(&frame);
}

/* ---- The two sides ---- */

static long call_door(uint32_t flags, uint64_t number)
{
#if defined(__x86_64__)
    return syscall(SYS_clone, (unsigned long)flags, 0ul, 0ul, own_id, 0ul, number);
#else
    return syscall(SYS_clone, (unsigned long)flags, 0ul, 0ul, 0ul, own_id, number);
#endif
}

static void wait_for(enum wire_kind kind, struct channel *channel)
{
    struct wire_frame frame;
    if (channel_receive_until(channel, WIRE_STARTING, CLOCK_NEVER, &frame) != CHANNEL_FRAME ||
        frame.kind != kind)
        _exit(1);
}

static bool settling; /* it is a starting point's, and its memory not yet on large pages */
static bool copied;   /* it has been, and may be again */

/* Whether a moment passes in which nobody asks for anything. */
static bool is_idle(const struct channel *channel)
{
    enum { MOMENT_MS = 1 };
    struct pollfd asked = {channel->fd, POLLIN, 0};
    return poll(&asked, 1, MOMENT_MS) == 0;
}

void clone_be_ready(const struct channel *channel)
{
    if (copied && is_idle(channel))
        attendant_stop();
    while (settling && is_idle(channel)) /* whoever keeps a page busy has that long to let it go */
        settling = heap_settle_more();
}

/* What of its origin's a copy cannot use. */
static bool set_up(const struct wire_clone *request)
{
    int pipes[2];
    crash_know_own_pid();
    attendant_forget_descriptors();
    if (sandbox_take_pipes(pipes) != 0 || attendant_prepare(pipes) != 0)
        return false;
    output_prepare(SANDBOX_WIRE_FD, pipes);
    dataframes_resume();
    if (request->reseed)
        enter_copy();
    settling = request->settles;
    copied = false;
    if (settling)
        heap_settle_again();
    return !request->apart || files_prepare() == 0;
}

/* In the copy, which has this thread alone. Whatever fails ends it: the host sees that. It is ready when it
 * is let in and can hear, and sets itself up before it listens. */
static void become_copy(const struct wire_clone *request, struct channel *channel)
{
    close(SANDBOX_WIRE_FD);
    int fd = (int)call_door(DOOR_ANNOUNCE, request->number);
    if (fd < 0 || (fd != SANDBOX_WIRE_FD && dup2(fd, SANDBOX_WIRE_FD) < 0))
        _exit(1);
    if (fd != SANDBOX_WIRE_FD)
        close(fd);
    fcntl(SANDBOX_WIRE_FD, F_SETFD, FD_CLOEXEC);
    channel_free(channel);
    channel_init(channel, SANDBOX_WIRE_FD, WIRE_HOST);
    wait_for(WIRE_WAKE, channel);
    if (request->apart) {
        if (confine_part(request->number) != 0)
            _exit(1);
        wait_for(WIRE_PLACED, channel);
        if (chdir(workdir_path) != 0 || confine_limit_threads(request->threads) != 0)
            _exit(1);
    }
    if (!say(WIRE_READY))
        _exit(1);
    is_idle(channel); /* the host, which may have this processor, goes first */
    if (!set_up(request))
        _exit(1);
}

/* The origin's limit, when it is not the copy's: whether there is a copy or not. */
static bool keep_to_threads(const struct wire_clone *request)
{
    return request->apart || confine_limit_threads(request->threads) == 0;
}

static bool go_on(const struct wire_clone *request, long pid, int error)
{
    if (!keep_to_threads(request))
        return false;
    if (pid > 0 && request->goes_on && request->apart && confine_keep_apart(request->number) != 0)
        error = errno;
    if (pid > 0 && !error)
        return say(WIRE_CLONED);
    const char *often = "it has been cloned too often: clone a snapshot of it, or stop and start it";
    return refuse(error, pid > 0 ? often : strerror(error));
}

bool clone_serve(const struct wire_frame *frame, struct channel *channel)
{
    struct wire_clone request;
    char others[DESCRIPTION_BYTES];
    if (!codec_clone(frame, &request))
        return false;
    if (!own_id)
        return keep_to_threads(&request) &&
               refuse(ENOTSUP, "this C library keeps the thread's id where it is not found");
    attendant_stop();
    find_others(others);
    if (*others)
        return keep_to_threads(&request) && refuse(0, others);
    fflush(NULL);
    copied = true;
    if (request.settles)
        interrupt_count_anew(); /* what made a starting point ready does not count */
    long pid = call_door(request.apart ? DOOR_APART : DOOR_SAME, request.number);
    int error = pid < 0 ? errno : 0;
    if (pid != 0)
        return go_on(&request, pid, error);
    become_copy(&request, channel);
    return true;
}
