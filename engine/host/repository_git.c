/* SPDX-License-Identifier: Apache-2.0 */
/* repository_git.c: running the git program so that nothing but our arguments decides what it does.
 *
 * git gets no configuration but the one below, no hook, no template, no filter, no prompt, and only the
 * protocols of the step at hand, also for redirects. A user name and password lie in a memory file that
 * only processes of this call have, as descriptor 3; git asks for them with a helper that is tied to the
 * URL's server, so another one, to which it was redirected, does not get them. While git runs, other
 * processes of the same user could read that file below /proc, as they could read the host's memory. */
#include "host/repository_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/own.h"
#include "host/command.h"
#include "host/error.h"

enum {
    GIT_ARGUMENTS_MAX = 32,
    GIT_ENV_MAX = 160,
    GIT_DEPTH_MAX = 100,
    GIT_VERSION_MAJOR = 2,
    GIT_VERSION_MINOR = 32, /* knows GIT_CONFIG_COUNT and GIT_CONFIG_GLOBAL */
};

#define GIT_DATA_BYTES (2 * LIMIT_GIB) /* what an object made to be unpacked badly may take of memory */
#define GIT_PATH "/usr/local/bin:/usr/bin:/bin"

static const char *const settings[][2] = {
    {"core.hooksPath", "/dev/null"},
    {"core.fsmonitor", "false"},
    {"core.attributesFile", "/dev/null"},
    {"core.excludesFile", "/dev/null"},
    {"core.logAllRefUpdates", "false"}, /* a log would tell the sandbox who and where the host is */
    {"core.protectHFS", "true"},
    {"core.protectNTFS", "true"},
    {"core.bigFileThreshold", "32m"}, /* larger objects are passed through, not held */
    {"core.packedGitLimit", "256m"},
    {"pack.threads", "2"},
    {"gc.auto", "0"},
    {"maintenance.auto", "false"},
    {"submodule.recurse", "false"},
    {"fetch.recurseSubmodules", "false"},
    {"fetch.unpackLimit", "1"},
    {"fetch.writeCommitGraph", "false"},
    {"credential.helper", ""},
    {"http.followRedirects", "initial"},
    {"http.emptyAuth", "false"},
    {"protocol.version", "2"},
    {"transfer.fsckObjects", "true"},
    /* Old and harmless faults, which many honest repositories have. */
    {"fetch.fsck.badDate", "ignore"},
    {"fetch.fsck.badDateOverflow", "ignore"},
    {"fetch.fsck.badEmail", "ignore"},
    {"fetch.fsck.badName", "ignore"},
    {"fetch.fsck.badTimezone", "ignore"},
    {"fetch.fsck.missingEmail", "ignore"},
    {"fetch.fsck.missingNameBeforeEmail", "ignore"},
    {"fetch.fsck.missingSpaceBeforeDate", "ignore"},
    {"fetch.fsck.missingSpaceBeforeEmail", "ignore"},
    {"fetch.fsck.missingTaggerEntry", "ignore"},
    {"fetch.fsck.multipleAuthors", "ignore"},
    {"fetch.fsck.zeroPaddedDate", "ignore"},
    {"fetch.fsck.zeroPaddedFilemode", "ignore"},
};

static const char *const environment[] = {
    "PATH=" GIT_PATH,
    "LC_ALL=C", /* complaints are read, see repository_explain.c */
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null",
    "GIT_ATTR_NOSYSTEM=1",
    "GIT_NO_REPLACE_OBJECTS=1",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ASKPASS=",
    "GIT_LFS_SKIP_SMUDGE=1",
    "GIT_PROTOCOL_FROM_USER=0",
    "GIT_SSH_COMMAND=/bin/false",
};

/* How this machine reaches the network at all, if the host was told so. */
static const char *const proxies[] = {"http_proxy",  "https_proxy", "all_proxy", "no_proxy",
                                      "HTTPS_PROXY", "ALL_PROXY",   "NO_PROXY"};

/* ---- Environment ---- */

struct env {
    char *texts[GIT_ENV_MAX + 1];
    size_t count, settings;
    bool failed;
};

static void env_free(struct env *env)
{
    for (size_t i = 0; i < env->count; i++)
        free(env->texts[i]);
}

static void __attribute__((format(printf, 2, 3))) env_add(struct env *env, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    if (env->count >= GIT_ENV_MAX || vasprintf(&text, format, arguments) < 0)
        env->failed = true;
    else
        env->texts[env->count++] = text;
    va_end(arguments);
}

static void env_set(struct env *env, const char *key, const char *value)
{
    env_add(env, "GIT_CONFIG_KEY_%zu=%s", env->settings, key);
    env_add(env, "GIT_CONFIG_VALUE_%zu=%s", env->settings++, value);
}

static void env_make(struct env *env, const struct repository_job *job,
                     const struct repository_call *call)
{
    for (size_t i = 0; i < sizeof environment / sizeof *environment; i++)
        env_add(env, "%s", environment[i]);
    env_add(env, "HOME=%s", job->home);
    env_add(env, "GIT_CEILING_DIRECTORIES=%s", job->home);
    env_add(env, "GIT_ALLOW_PROTOCOL=%s", call->protocols);
    if (call->git_dir)
        env_add(env, "GIT_DIR=%s", call->git_dir);
    if (call->work_tree)
        env_add(env, "GIT_WORK_TREE=%s", call->work_tree);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        if (getenv(proxies[i]))
            env_add(env, "%s=%s", proxies[i], getenv(proxies[i]));
    if (job->options->ca_file)
        env_add(env, "GIT_SSL_CAINFO=%s", job->options->ca_file);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        env_set(env, settings[i][0], settings[i][1]);
    if (call->with_credentials && job->credentials_fd >= 0) {
        char key[REPOSITORY_URL_BYTES + 32];
        snprintf(key, sizeof key, "credential.%s.helper", job->url.server);
        env_set(env, key, "!f() { test \"$1\" = get && cat /dev/fd/3; }; f");
    }
    env_add(env, "GIT_CONFIG_COUNT=%zu", env->settings);
}

/* ---- Size ---- */

struct growth {
    const char *folder;
    uint64_t most, next_ns;
    bool exceeded;
};

/* What is below a folder, counted until it is too much. The entries come from us and git alone. */
static void measure(int dirfd, const char *name, int depth, uint64_t most, uint64_t *size)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        own_close(&fd);
        return;
    }
    struct dirent *entry;
    while (*size <= most && (entry = readdir(folder))) {
        struct stat about;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        /* Holes count, as whoever copies the folder may fill them, and an entry costs something too. */
        uint64_t held = (uint64_t)about.st_blocks * 512;
        *size += 256 + (held > (uint64_t)about.st_size ? held : (uint64_t)about.st_size);
        if (S_ISDIR(about.st_mode) && depth < GIT_DEPTH_MAX)
            measure(fd, entry->d_name, depth + 1, most, size);
    }
    closedir(folder);
}

/* Looks seldom enough that looking takes a tenth of the time at most. */
static bool is_small(void *user)
{
    struct growth *growth = user;
    uint64_t before_ns = clock_now_ns(), size = 0;
    if (growth->exceeded || before_ns < growth->next_ns)
        return !growth->exceeded;
    measure(AT_FDCWD, growth->folder, 0, growth->most, &size);
    uint64_t after_ns = clock_now_ns();
    growth->next_ns = after_ns + 10 * (after_ns - before_ns);
    growth->exceeded = size > growth->most;
    return !growth->exceeded;
}

/* ---- Running ---- */

static const char *folder_of(const struct repository_job *job, const struct repository_call *call)
{
    return call->work_tree ? call->work_tree : job->home;
}

static int judge(struct repository_job *job, const struct command_end *end, clutch_error *error)
{
    job->is_unclear = false;
    if (end->ending == COMMAND_TIMEOUT)
        return repository_timeout(job, error);
    if (end->ending == COMMAND_STOPPED)
        return repository_too_large(job, error);
    if (end->ending == COMMAND_TOO_MUCH)
        return error_set(error, CLUTCH_E_REPOSITORY, 0, "the repository's server says more than git may");
    if (WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0)
        return 0;
    if (WIFSIGNALED(end->status) && WTERMSIG(end->status) == SIGXFSZ)
        return repository_too_large(job, error);
    return repository_explain(job, end->complaint, error);
}

int repository_git(struct repository_job *job, const struct repository_call *call,
                   clutch_error *error)
{
    const char *arguments[GIT_ARGUMENTS_MAX + 2] = {"git"};
    for (size_t i = 0; i < GIT_ARGUMENTS_MAX && call->arguments[i]; i++)
        arguments[i + 1] = call->arguments[i];
    struct env env = {0};
    env_make(&env, job, call);
    struct growth growth = {.folder = call->watched, .most = job->options->size_max_bytes};
    struct command command = {
        .image = {.program_fd = job->program_fd,
                  .arguments = arguments,
                  .env = (const char *const *)env.texts,
                  .folder = folder_of(job, call),
                  .fds = {-1, -1, -1, call->with_credentials ? job->credentials_fd : -1},
                  .file_bytes = call->watched ? growth.most : 0,
                  .data_bytes = GIT_DATA_BYTES},
        .deadline_ns = job->deadline_ns,
        .output = call->output,
        .goes_on = call->watched ? is_small : NULL,
        .user = &growth,
    };
    struct command_end end;
    int fault = env.failed ? ENOMEM : command_run(&command, &end);
    env_free(&env);
    if (fault == ENOMEM)
        return error_memory(error);
    if (fault)
        return error_set(error, CLUTCH_E_SYSTEM, fault, "git cannot be started");
    int code = judge(job, &end, error);
    growth.next_ns = 0;
    return code == 0 && call->watched && !is_small(&growth) ? repository_too_large(job, error) : code;
}

/* ---- Finding git ---- */

static int check_version(struct repository_job *job, clutch_error *error)
{
    static _Atomic bool known;
    if (known)
        return 0;
    static const char *const arguments[] = {"version", NULL};
    struct buf output = {.maximum = 4096};
    struct repository_call call = {.arguments = arguments, .protocols = "none", .output = &output};
    int code = repository_git(job, &call, error), major = 0, minor = 0;
    if (code == 0 && buf_append(&output, "", 1))
        sscanf((const char *)output.data, "git version %d.%d", &major, &minor);
    buf_free(&output);
    if (code)
        return code;
    if (major < GIT_VERSION_MAJOR || (major == GIT_VERSION_MAJOR && minor < GIT_VERSION_MINOR))
        return error_set(error, CLUTCH_E_UNSUPPORTED, 0,
                         "git %d.%d is too old for clutch, which needs %d.%d: install a newer git", major,
                         minor, GIT_VERSION_MAJOR, GIT_VERSION_MINOR);
    known = true;
    return 0;
}

int repository_find_git(struct repository_job *job, clutch_error *error)
{
    const char *path = getenv("PATH");
    path = path && *path ? path : GIT_PATH;
    for (const char *at = path; job->program_fd < 0 && *at;) {
        size_t length = strcspn(at, ":");
        char program[LIMIT_PATH_BYTES];
        struct stat about;
        if (*at == '/' && length + 8 < sizeof program) {
            snprintf(program, sizeof program, "%.*s/git", (int)length, at);
            int fd = open(program, O_PATH | O_CLOEXEC);
            if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) &&
                access(program, X_OK) == 0)
                job->program_fd = own_take(&fd);
            own_close(&fd);
        }
        at += length;
        at += *at == ':';
    }
    if (job->program_fd < 0)
        return error_set(error, CLUTCH_E_UNSUPPORTED, 0,
                         "a repository needs the git program, which is not in PATH: install it, on Debian "
                         "the package git");
    return check_version(job, error);
}
