/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.c: creating and destroying sandboxes, and taking turns in one. */
#include "host/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"
#include "base/tree.h"
#include "host/error.h"
#include "host/options.h"
#include "wire/codec.h"

/* ---- Names ---- */

/* A random UUID, version 4 (RFC 9562). */
static int make_id(char out[37], clutch_error *error)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "random bytes for an id");
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    char *at = out;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += sprintf(at, "%02x", bytes[i]);
    }
    return 0;
}

/* The canonical form, in lower case. */
static int take_id(char out[37], const char *id, clutch_error *error)
{
    size_t at = 0;
    for (; id[at] && at < 36; at++) {
        bool dash = at == 8 || at == 13 || at == 18 || at == 23;
        char c = id[at] >= 'A' && id[at] <= 'F' ? (char)(id[at] - 'A' + 'a') : id[at];
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            break;
        out[at] = c;
    }
    if (at != 36 || id[at])
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "the id \"%.64s\" is no UUID like 123e4567-e89b-42d3-a456-426614174000", id);
    out[at] = 0;
    return 0;
}

static int take_name(char **out, const char *name, const char *what, clutch_error *error)
{
    size_t length = strlen(name);
    if (length > LIMIT_NAME_BYTES || text_valid_prefix(name, length) != length)
        return error_set(error, CLUTCH_E_INVALID, 0, "the %s is longer than %zu bytes or not UTF-8",
                         what, LIMIT_NAME_BYTES);
    *out = strdup(name);
    return *out ? 0 : error_memory(error);
}

/* ---- Folders ---- */

static int make_folder(const char *path, clutch_error *error)
{
    if (mkdir(path, 0700) != 0 || chmod(path, 0700) != 0) /* the host's umask takes bits away */
        return error_set(error, errno == EEXIST ? CLUTCH_E_EXISTS : CLUTCH_E_SYSTEM, errno,
                         "the sandbox's folder %s", path);
    return 0;
}

static int make_folders(clutch_sandbox *sandbox, const char *workdir, clutch_error *error)
{
    char *home = NULL, *tmp = NULL, *work = NULL;
    if (asprintf(&home, "%s/%s", sandbox->engine->state_dir, sandbox->id) < 0)
        return error_memory(error);
    int code = make_folder(home, error);
    if (code) {
        free(home);
        return code;
    }
    sandbox->home_dir = home;
    if (asprintf(&tmp, "%s/tmp", home) < 0)
        return error_memory(error);
    sandbox->tmpdir = tmp;
    code = make_folder(tmp, error);
    if (code)
        return code;
    if (workdir) {
        struct stat about;
        sandbox->workdir = realpath(workdir, NULL);
        if (!sandbox->workdir || stat(sandbox->workdir, &about) != 0 || !S_ISDIR(about.st_mode))
            return error_set(error, CLUTCH_E_INVALID, sandbox->workdir ? ENOTDIR : errno,
                             "the working folder %s cannot be used", workdir);
        return 0;
    }
    if (asprintf(&work, "%s/work", home) < 0)
        return error_memory(error);
    sandbox->workdir = work;
    return make_folder(work, error);
}

/* ---- Creating ---- */

static int take_options(clutch_sandbox *sandbox, const clutch_sandbox_options *options,
                        clutch_error *error)
{
    int code = options->id ? take_id(sandbox->id, options->id, error) : make_id(sandbox->id, error);
    if (code == 0)
        code = take_name(&sandbox->name, options->name ? options->name : sandbox->id, "name", error);
    if (code == 0)
        code = take_name(&sandbox->owner, options->owner ? options->owner : "", "owner", error);
    if (code == 0)
        code = options_check_pairs(options->env, "env", error);
    if (code == 0)
        code = options_check_pairs(options->labels, "labels", error);
    if (code == 0)
        code = options_limits(options->limits, &sandbox->engine->limits, &sandbox->limits, error);
    if (code)
        return code;
    static const char *const none[] = {NULL};
    sandbox->labels = options_copy_list(options->labels ? options->labels : none);
    return sandbox->labels ? 0 : error_memory(error);
}

static void put_fork(struct buf *frame, const clutch_sandbox *sandbox,
                     const clutch_sandbox_options *options)
{
    const char *const *env = options->env;
    const clutch_limits *limits = &sandbox->limits;
    size_t begun = codec_begin(frame, WIRE_FORK);
    codec_put_string(frame, sandbox->id);
    codec_put_string(frame, sandbox->workdir);
    codec_put_string(frame, sandbox->tmpdir);
    size_t list = codec_list_begin(frame);
    uint32_t count = 0;
    while (env && env[count])
        codec_put_string(frame, env[count++]);
    codec_list_end(frame, list, count);
    codec_put_u32(frame, options->network == CLUTCH_NETWORK_ALL);
    codec_put_u32(frame, options->processes);
    codec_put_u64(frame, limits->memory_bytes);
    codec_put_u64(frame, limits->file_bytes);
    codec_put_u64(frame, limits->open_files);
    codec_put_u64(frame, limits->threads);
    codec_put_u64(frame, limits->disk_bytes);
    codec_put_u64(frame, limits->disk_files);
    codec_end(frame, begun);
}

static int wait_ready(clutch_sandbox *sandbox, clutch_error *error)
{
    struct wire_frame frame;
    uint64_t deadline_ns = clock_after_ms(clock_now_ns(), LIMIT_FORK_TIMEOUT_MS);
    enum channel_state state =
        channel_receive_until(&sandbox->process.channel, WIRE_STARTING, deadline_ns, &frame);
    struct wire_refused refusal;
    if (state == CHANNEL_FRAME && frame.kind == WIRE_READY && frame.length == 0)
        return 0;
    if (state == CHANNEL_FRAME && frame.kind == WIRE_READY_DISK && frame.length == 0) {
        sandbox->disk_fd = own_take(&sandbox->process.channel.received_fd);
        return sandbox->disk_fd >= 0 ? 0
                                     : error_set(error, CLUTCH_E_SYSTEM, EMFILE,
                                                 "a descriptor of the sandbox's disk: raise RLIMIT_NOFILE");
    }
    if (state == CHANNEL_FRAME && frame.kind == WIRE_NOT_READY && codec_refused(&frame, &refusal))
        return error_set(error, CLUTCH_E_SYSTEM, 0, "%.*s", (int)refusal.message.length,
                         refusal.message.data);
    if (state == CHANNEL_CLOSED)
        return error_set(error, CLUTCH_E_TEMPLATE, 0, "the sandbox ended while it was starting");
    if (state == CHANNEL_AGAIN)
        return error_set(error, CLUTCH_E_TIMEOUT, 0, "the sandbox was not ready after %llu ms",
                         (unsigned long long)LIMIT_FORK_TIMEOUT_MS);
    if (state == CHANNEL_FAILED)
        return errno == ENOMEM ? error_memory(error)
                               : error_set(error, CLUTCH_E_SYSTEM, errno, "the sandbox's channel");
    return error_set(error, CLUTCH_E_PROTOCOL, 0, "the sandbox broke the protocol while it was starting");
}

/* Forks the process. On failure whatever came to be is cleaned up by discard. */
static int hatch(clutch_sandbox *sandbox, const clutch_sandbox_options *options,
                 clutch_error *error)
{
    clutch_engine *engine = sandbox->engine;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a socket pair for the sandbox: raise RLIMIT_NOFILE");
    OWN_FD int sandbox_fd = ends[1];
    channel_init(&sandbox->process.channel, ends[0], WIRE_SANDBOX);
    sandbox->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (sandbox->timer_fd < 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "a timer for the sandbox: raise RLIMIT_NOFILE");
    struct buf frame = {0};
    put_fork(&frame, sandbox, options);
    struct template_fork forked = {.pidfd = -1};
    int code = frame.failed ? error_memory(error)
                            : template_fork(&engine->template, &frame, sandbox_fd, &forked, error);
    buf_free(&frame);
    sandbox->process.generation = forked.generation;
    sandbox->process.pid = forked.pid;
    sandbox->process.pidfd = forked.pidfd;
    own_close(&sandbox_fd); /* so that the process's end is the channel's end */
    return code ? code : wait_ready(sandbox, error);
}


/* Empty folders go without a descriptor, of which there may be none left. */
static void remove_folders(const clutch_sandbox *sandbox)
{
    if (!sandbox->home_dir)
        return;
    if (sandbox->tmpdir)
        rmdir(sandbox->tmpdir);
    if (sandbox->workdir && strncmp(sandbox->workdir, sandbox->home_dir, strlen(sandbox->home_dir)) == 0)
        rmdir(sandbox->workdir);
    tree_remove(AT_FDCWD, sandbox->home_dir);
}

/* Frees a sandbox, however much of it there is. The engine has forgotten it. */
static void discard(clutch_sandbox *sandbox)
{
    process_close(&sandbox->process);
    own_close(&sandbox->timer_fd);
    own_close(&sandbox->epoll_fd);
    own_close(&sandbox->disk_fd);
    remove_folders(sandbox);
    pthread_mutex_destroy(&sandbox->lock);
    pthread_cond_destroy(&sandbox->turn_free);
    clutch_status_free(sandbox->last_look);
    free(sandbox->home_dir);
    free(sandbox->name);
    free(sandbox->owner);
    free(sandbox->workdir);
    free(sandbox->tmpdir);
    free(sandbox->labels);
    free(sandbox);
}

static int create(clutch_engine *engine, const clutch_sandbox_options *options,
                  clutch_sandbox **out, clutch_error *error)
{
    clutch_sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (!sandbox)
        return error_memory(error);
    sandbox->engine = engine;
    sandbox->timer_fd = sandbox->epoll_fd = sandbox->disk_fd = -1;
    process_init(&sandbox->process);
    pthread_mutex_init(&sandbox->lock, NULL);
    pthread_cond_init(&sandbox->turn_free, NULL);
    int code = take_options(sandbox, options, error);
    bool remembered = code == 0 && (code = engine_remember(engine, sandbox, error)) == 0;
    if (code == 0)
        code = engine_ensure_template(engine, error);
    if (code == 0)
        code = make_folders(sandbox, options->workdir, error);
    if (code == 0)
        code = hatch(sandbox, options, error);
    if (code == 0) {
        *out = sandbox;
        return 0;
    }
    int status;
    process_bury(&sandbox->process, &engine->template, &status);
    if (remembered)
        engine_forget(engine, sandbox);
    discard(sandbox);
    return code;
}

int clutch_sandbox_create(clutch_engine *engine, const clutch_sandbox_options *options,
                          clutch_sandbox **out, clutch_error *error)
{
    if (!engine || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine and out must not be NULL");
    clutch_sandbox_options given;
    int code = options_sandbox(options, &given, error);
    if (code == 0)
        code = engine_enter(engine, error);
    if (code)
        return code;
    code = create(engine, &given, out, error);
    engine_leave(engine);
    return code;
}

/* ---- The end ---- */

void sandbox_kill(clutch_sandbox *sandbox)
{
    process_kill(&sandbox->process);
}

void sandbox_close(clutch_sandbox *sandbox)
{
    sandbox_kill(sandbox);
    pthread_mutex_lock(&sandbox->lock);
    pthread_cond_broadcast(&sandbox->turn_free);
    pthread_mutex_unlock(&sandbox->lock);
}

bool sandbox_is_dead(const clutch_sandbox *sandbox)
{
    return process_is_dead(&sandbox->process);
}

bool sandbox_bury(clutch_sandbox *sandbox, int *status)
{
    pthread_mutex_lock(&sandbox->lock);
    bool buried = sandbox->ended;
    sandbox->ended = true;
    pthread_mutex_unlock(&sandbox->lock);
    if (buried)
        return false;
    return process_bury(&sandbox->process, &sandbox->engine->template, status);
}

void clutch_sandbox_destroy(clutch_sandbox *sandbox)
{
    if (!sandbox)
        return;
    clutch_engine *engine = sandbox->engine;
    int status;
    sandbox_kill(sandbox);
    sandbox_bury(sandbox, &status);
    engine_forget(engine, sandbox);
    discard(sandbox);
}

/* ---- Turns ---- */

int sandbox_take_turn(clutch_sandbox *sandbox, enum sandbox_turn how, clutch_error *error)
{
    pthread_mutex_lock(&sandbox->lock);
    while (sandbox->busy && (how == SANDBOX_WAIT || sandbox->looking) && !sandbox->engine->closed)
        pthread_cond_wait(&sandbox->turn_free, &sandbox->lock);
    int code = 0;
    if (sandbox->engine->closed)
        code = error_set(error, CLUTCH_E_CLOSED, 0, "the engine is closed");
    else if (sandbox->busy)
        code = error_set(error, CLUTCH_E_BUSY, 0,
                         "sandbox %s is running another execution: wait for it, or use "
                         "CLUTCH_BUSY_WAIT", sandbox->id);
    else if (sandbox->ended)
        code = error_set(error, CLUTCH_E_ENDED, 0, "sandbox %s has ended: create another one",
                         sandbox->id);
    else
        sandbox->busy = true;
    if (code == 0)
        sandbox->looking = how == SANDBOX_LOOK;
    pthread_mutex_unlock(&sandbox->lock);
    return code;
}

void sandbox_give_turn(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    sandbox->busy = false;
    pthread_cond_broadcast(&sandbox->turn_free); /* one may find that the sandbox has ended and leave */
    pthread_mutex_unlock(&sandbox->lock);
}

/* ---- What is known ---- */

const char *clutch_sandbox_id(const clutch_sandbox *sandbox)
{
    return sandbox->id;
}

const char *clutch_sandbox_name(const clutch_sandbox *sandbox)
{
    return sandbox->name;
}

const char *clutch_sandbox_owner(const clutch_sandbox *sandbox)
{
    return sandbox->owner;
}

const char *clutch_sandbox_workdir(const clutch_sandbox *sandbox)
{
    return sandbox->workdir;
}

const char *clutch_sandbox_label(const clutch_sandbox *sandbox, const char *key)
{
    size_t length = strlen(key);
    for (char **label = sandbox->labels; *label; label++)
        if (strncmp(*label, key, length) == 0 && (*label)[length] == '=')
            return *label + length + 1;
    return NULL;
}

int32_t clutch_sandbox_pid(const clutch_sandbox *sandbox)
{
    return sandbox_is_dead(sandbox) ? 0 : (int32_t)sandbox->process.pid;
}
