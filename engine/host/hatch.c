/* SPDX-License-Identifier: Apache-2.0 */
/* hatch.c: a sandbox's folders, and its process fresh from the template. */
#include "host/hatch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/tree.h"
#include "host/copy.h"
#include "host/door.h"
#include "host/error.h"
#include "host/family.h"
#include "host/place.h"
#include "host/spare.h"
#include "wire/codec.h"

/* ---- Folders ---- */

/* A folder that exists is fine when the sandbox is started again. */
static int make_folder(const char *path, bool again, clutch_error *error)
{
    if (place_make_folder(path, again) == 0)
        return 0;
    return error_set(error, errno == EEXIST ? CLUTCH_E_EXISTS : CLUTCH_E_SYSTEM, errno,
                     "the sandbox's folder %s", path);
}

static int take_workdir(clutch_sandbox *sandbox, const char *workdir, clutch_error *error)
{
    struct stat about;
    if (workdir != sandbox->workdir) { /* at a new start it is that text, which hosts have borrowed */
        free(sandbox->workdir);
        sandbox->workdir = realpath(workdir, NULL);
    }
    bool there = sandbox->workdir && stat(sandbox->workdir, &about) == 0;
    if (!there || !S_ISDIR(about.st_mode))
        return error_set(error, CLUTCH_E_INVALID, there ? ENOTDIR : errno,
                         "the working folder %s cannot be used", workdir);
    sandbox->keeps_workdir = true;
    return 0;
}

int hatch_name_folders(clutch_sandbox *sandbox, clutch_error *error)
{
    const char *state_dir = sandbox->engine->state_dir;
    if (asprintf(&sandbox->home_dir, "%s/%s", state_dir, sandbox->id) < 0)
        sandbox->home_dir = NULL;
    if (asprintf(&sandbox->tmpdir, "%s/%s/tmp", state_dir, sandbox->id) < 0)
        sandbox->tmpdir = NULL;
    if (asprintf(&sandbox->workdir, "%s/%s/work", state_dir, sandbox->id) < 0)
        sandbox->workdir = NULL;
    return sandbox->home_dir && sandbox->tmpdir && sandbox->workdir ? 0 : error_memory(error);
}

int hatch_folders(clutch_sandbox *sandbox, const char *workdir, bool again, clutch_error *error)
{
    if (!again && !workdir && spare_take(sandbox->engine, sandbox->home_dir)) {
        sandbox->has_home = true;
        return 0;
    }
    int code = make_folder(sandbox->home_dir, again, error);
    if (code)
        return code;
    sandbox->has_home = true;
    code = make_folder(sandbox->tmpdir, again, error);
    if (code)
        return code;
    return workdir ? take_workdir(sandbox, workdir, error)
                   : make_folder(sandbox->workdir, again, error);
}

/* Empty folders go without a descriptor, of which there may be none left. */
void hatch_remove_folders(clutch_sandbox *sandbox)
{
    if (!sandbox->has_home)
        return;
    sandbox->has_home = false;
    if (family_keeps_home(sandbox))
        return;
    char way[PATH_MAX];
    if (spare_way(sandbox->engine, sandbox->tmpdir, way))
        rmdir(way);
    rmdir(sandbox->tmpdir);
    if (!sandbox->keeps_workdir)
        rmdir(sandbox->workdir);
    tree_remove(AT_FDCWD, sandbox->home_dir);
}

/* ---- The process ---- */

static void put_fork(struct buf *frame, const clutch_sandbox *sandbox)
{
    char *const *env = sandbox->env;
    const clutch_limits *limits = &sandbox->limits;
    size_t begun = codec_begin(frame, WIRE_FORK);
    codec_put_string(frame, sandbox->id);
    codec_put_string(frame, sandbox->workdir);
    codec_put_string(frame, sandbox->tmpdir);
    size_t list = codec_list_begin(frame);
    uint32_t count = 0;
    while (env[count])
        codec_put_string(frame, env[count++]);
    codec_list_end(frame, list, count);
    codec_put_u32(frame, sandbox->network == CLUTCH_NETWORK_ALL);
    codec_put_u32(frame, sandbox->processes);
    codec_put_u32(frame, sandbox->rehearses);
    codec_put_u64(frame, limits->memory_bytes);
    codec_put_u64(frame, limits->file_bytes);
    codec_put_u64(frame, limits->open_files);
    codec_put_u64(frame, limits->threads);
    codec_put_u64(frame, limits->disk_bytes);
    codec_put_u64(frame, limits->disk_files);
    codec_put_u64(frame, limits->cpu_weight);
    codec_end(frame, begun);
}

static int not_ready(enum channel_state state, const struct wire_frame *frame, uint64_t timeout_ms,
                     clutch_error *error)
{
    struct wire_refused refusal;
    if (state == CHANNEL_FRAME && frame->kind == WIRE_NOT_READY && codec_refused(frame, &refusal))
        return error_set(error, CLUTCH_E_SYSTEM, 0, "%.*s", (int)refusal.message.length,
                         refusal.message.data);
    if (state == CHANNEL_CLOSED)
        return error_set(error, CLUTCH_E_TEMPLATE, 0, "the sandbox ended while it was starting");
    if (state == CHANNEL_AGAIN)
        return error_set(error, CLUTCH_E_TIMEOUT, 0, "the sandbox was not ready after %llu ms",
                         (unsigned long long)timeout_ms);
    if (state == CHANNEL_FAILED)
        return errno == ENOMEM ? error_memory(error)
                               : error_set(error, CLUTCH_E_SYSTEM, errno, "the sandbox's channel");
    return error_set(error, CLUTCH_E_PROTOCOL, 0, "the sandbox broke the protocol while it was starting");
}

static int no_descriptor(const char *what, clutch_error *error)
{
    return error_set(error, CLUTCH_E_SYSTEM, EMFILE, "a descriptor of the sandbox's %s: raise RLIMIT_NOFILE",
                     what);
}

int hatch_wait_ready(struct process *process, uint64_t timeout_ms, int *disk_fd, clutch_error *error)
{
    struct wire_frame frame;
    struct channel *channel = &process->channel;
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), timeout_ms);
    enum channel_state state = channel_receive_until(channel, WIRE_STARTING, deadline_ns, &frame);
    if (state == CHANNEL_FRAME && frame.kind == WIRE_DOOR && frame.length == 0 && !process->door) {
        int fd = own_take(&channel->received_fd);
        process->door = fd < 0 ? NULL : door_new(fd);
        if (!process->door)
            return fd < 0 ? no_descriptor("door", error) : error_memory(error);
        state = channel_receive_until(channel, WIRE_STARTING, deadline_ns, &frame);
    }
    if (state == CHANNEL_FRAME && frame.kind == WIRE_READY && frame.length == 0)
        return 0;
    if (state != CHANNEL_FRAME || frame.kind != WIRE_READY_DISK || frame.length != 0)
        return not_ready(state, &frame, timeout_ms, error);
    *disk_fd = own_take(&channel->received_fd);
    return *disk_fd >= 0 ? 0 : no_descriptor("disk", error);
}

/* Asks the template for the process. On failure *process may hold some of it. */
static int fork_process(clutch_sandbox *sandbox, struct process *process, clutch_error *error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a socket pair for the sandbox: raise RLIMIT_NOFILE");
    OWN_FD int sandbox_fd = ends[1];
    channel_init(&process->channel, ends[0], WIRE_SANDBOX);
    struct buf frame = {0};
    put_fork(&frame, sandbox);
    struct template_fork forked = {.pidfd = -1};
    int code = frame.failed ? error_memory(error)
                            : template_fork(&sandbox->engine->template, &frame, sandbox_fd, &forked,
                                            error);
    buf_free(&frame);
    process->generation = forked.generation;
    process->pid = forked.pid;
    process->pidfd = forked.pidfd;
    return code; /* and our copy of its end is closed, so that the process's end is the channel's end */
}

int hatch_timer(clutch_sandbox *sandbox, clutch_error *error)
{
    if (sandbox->timer_fd < 0)
        sandbox->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (sandbox->timer_fd < 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a timer for the sandbox: raise RLIMIT_NOFILE");
    return 0;
}

int hatch_process(clutch_sandbox *sandbox, clutch_error *error)
{
    struct process process;
    process_init(&process);
    int code = hatch_timer(sandbox, error);
    if (code == 0)
        code = fork_process(sandbox, &process, error);
    if (code == 0)
        spare_make(sandbox->engine); /* it is a while until the process is ready */
    if (code == 0)
        code = hatch_wait_ready(&process, LIMIT_FORK_TIMEOUT_MS, &sandbox->disk_fd, error);
    if (code == 0)
        return sandbox_adopt(sandbox, &process, error);
    int status;
    process_bury(&process, &sandbox->engine->template, &status);
    process_close(&process);
    return code;
}

int hatch_fill(clutch_sandbox *sandbox, clutch_error *error)
{
    if (sandbox->disk_fd < 0)
        return 0;
    OWN_MEMORY char *place = place_path(sandbox->engine, PLACE_WORK, sandbox->id);
    if (!place)
        return error_memory(error);
    OWN_FD int from = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0 && errno == ENOENT)
        return 0;
    OWN_FD int to = openat(sandbox->disk_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0 || to < 0)
        return error_set(error, CLUTCH_E_DISK, errno, "the files of sandbox %s", sandbox->id);
    struct copy_report report;
    int code = copy_tree(from, to, UINT64_MAX, &report, error);
    walk_left_out_free(&report.left_out);
    return code;
}
