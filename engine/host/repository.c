/* SPDX-License-Identifier: Apache-2.0 */
/* repository.c: a working folder from a git repository.
 *
 * The remote is always asked first, with this call's user and password, which commit the branch has:
 * who may not read the repository gets no further. Then the commit comes from a bare copy in the cache,
 * which is made or brought up to date if it lacks it. Only what belongs to that commit goes from the copy
 * to the working folder, copied by git: nothing is shared with the sandbox. */
#include "host/repository_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/tree.h"
#include "host/error.h"
#include "host/repository_copy.h"

enum { REPOSITORY_TRIES = 3, REPOSITORY_LIST_BYTES = 1 << 20 };

/* ---- Arguments ---- */

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static int check_credentials(const struct repository_job *job, clutch_error *error)
{
    const struct repository_options *options = job->options;
    const char *username = options->username ? options->username : "";
    const char *password = options->password ? options->password : "";
    if (strlen(username) > LIMIT_PATH_BYTES || strlen(password) > LIMIT_PATH_BYTES ||
        !is_printable(username) || !is_printable(password))
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "the repository's user name or password is longer than %zu bytes or holds a "
                         "control character", LIMIT_PATH_BYTES);
    if ((*username || *password) && !job->url.is_https && !job->url.is_loopback)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "a password would be sent in the clear to the repository %.200s: use https://",
                         job->url.text);
    return 0;
}

static int check_workdir(const char *path, clutch_error *error)
{
    DIR *folder = path && *path == '/' ? opendir(path) : NULL;
    if (!folder)
        return error_set(error, CLUTCH_E_INVALID, path && *path == '/' ? errno : EINVAL,
                         "the working folder for the repository, %.200s, which has to be an absolute path",
                         path ? path : "none");
    struct dirent *entry;
    int others = 0;
    while ((entry = readdir(folder)))
        others += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    if (others)
        return error_set(error, CLUTCH_E_INVALID, ENOTEMPTY,
                         "the working folder for the repository, %.200s", path);
    return 0;
}

static int check_options(struct repository_job *job, clutch_error *error)
{
    const struct repository_options *options = job->options;
    int code = repository_read_url(options->url, &job->url, error);
    if (code == 0 && options->branch)
        code = repository_check_branch(options->branch, error);
    if (code == 0)
        code = check_credentials(job, error);
    if (code == 0 && options->ca_file && *options->ca_file != '/')
        code = error_set(error, CLUTCH_E_INVALID, 0, "ca_file is no absolute path");
    if (code == 0)
        code = check_workdir(options->workdir, error);
    return code;
}

/* ---- Preparing ---- */

static int make_private(const char *path, clutch_error *error)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    return repository_fail(errno, "the folder for copies of repositories", error);
}

static int name_paths(struct repository_job *job, clutch_error *error)
{
    const char *cache_dir = job->options->cache_dir;
    int code = cache_dir ? make_private(cache_dir, error)
                         : error_set(error, CLUTCH_E_INVALID, 0, "cache_dir must not be NULL");
    if (code)
        return code;
    OWN_MEMORY char *real = realpath(cache_dir, NULL);
    if (!real)
        return repository_fail(errno, "the folder for copies of repositories", error);
    if (asprintf(&job->home, "%s/empty", real) < 0)
        job->home = NULL;
    if (asprintf(&job->copy, "%s/%s.git", real, job->url.key) < 0)
        job->copy = NULL;
    if (asprintf(&job->fresh, "%s/%s.new", real, job->url.key) < 0)
        job->fresh = NULL;
    if (asprintf(&job->lock, "%s/%s.lock", real, job->url.key) < 0)
        job->lock = NULL;
    if (!job->home || !job->copy || !job->fresh || !job->lock)
        return error_memory(error);
    return make_private(job->home, error);
}

/* The answer of git's credential helper, in memory only. */
static int store_credentials(struct repository_job *job, clutch_error *error)
{
    const struct repository_options *options = job->options;
    if (!options->username && !options->password)
        return 0;
    job->credentials_fd = memfd_create("credentials", MFD_CLOEXEC);
    if (job->credentials_fd < 0 || fchmod(job->credentials_fd, 0600) != 0 ||
        dprintf(job->credentials_fd, "username=%s\npassword=%s\n",
                options->username ? options->username : "git",
                options->password ? options->password : "") < 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "memory for the repository's user and password");
    return 0;
}

/* ---- What the remote has ---- */

/* Whether text, of length bytes, is an object's name as git writes it. */
static bool is_id(const char *text, size_t length)
{
    return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") == length;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* One line of ls-remote: "ref: TARGET<tab>NAME" or "ID<tab>NAME". */
static void take_line(struct repository_job *job, char *line)
{
    char *tab = strchr(line, '\t');
    if (!tab)
        return;
    *tab = 0;
    const char *name = tab + 1;
    if (strcmp(name, job->head) == 0 && is_id(line, strlen(line)))
        strcpy(job->commit, line);
    if (!job->options->branch && strcmp(name, "HEAD") == 0 && begins(line, "ref: refs/heads/")) {
        const char *branch = line + strlen("ref: refs/heads/");
        if (repository_check_branch(branch, NULL) == 0)
            strcpy(job->branch, branch);
    }
}

/* Sets the commit, and the branch unless it was given. */
static int ask_remote(struct repository_job *job, clutch_error *error)
{
    const char *branch = job->options->branch;
    snprintf(job->head, sizeof job->head, "%s%s", branch ? "refs/heads/" : "HEAD", branch ? branch : "");
    snprintf(job->branch, sizeof job->branch, "%s", branch ? branch : "");
    job->commit[0] = 0;
    const char *arguments[] = {"ls-remote", "-q", "--symref", "--", job->url.text, job->head, NULL};
    struct buf output = {.maximum = REPOSITORY_LIST_BYTES};
    struct repository_call call = {.arguments = arguments,
                                   .protocols = job->url.is_https ? "https" : "http:https",
                                   .output = &output,
                                   .with_credentials = true};
    int code = repository_git(job, &call, error);
    if (code == 0 && !buf_append(&output, "", 1))
        code = error_memory(error);
    if (code == 0) {
        char *rest = (char *)output.data, *line;
        while ((line = strsep(&rest, "\n")))
            take_line(job, line);
    }
    buf_free(&output);
    if (code == 0 && !job->commit[0] && branch)
        return repository_explain(job, "Couldn't find remote ref", error);
    return code;
}

/* ---- Together ---- */

static int wait_for_lock(struct repository_job *job, int fd, int how, clutch_error *error)
{
    const struct timespec pause = {0, 10 * 1000000};
    while (flock(fd, how | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return repository_fail(errno, "the lock of a repository's copy", error);
        if (clock_now_ns() >= job->deadline_ns)
            return repository_timeout(job, error);
        nanosleep(&pause, NULL);
    }
    struct stat about;
    if (fstat(fd, &about) == 0 && about.st_nlink > 0)
        return 0;
    job->is_unclear = true; /* another has removed it meanwhile: the next try makes it anew */
    return repository_fail(ESTALE, "the lock of a repository's copy", error);
}

/* With the lock's file open. Nothing stays of a repository that was never there. */
static void forget_lock(const struct repository_job *job, int lock)
{
    struct stat about;
    if (access(job->copy, F_OK) == 0 || flock(lock, LOCK_EX | LOCK_NB) != 0)
        return;
    if (access(job->copy, F_OK) != 0 && fstat(lock, &about) == 0 && about.st_nlink > 0)
        unlink(job->lock);
}

/* Brings the commit into the copy unless another has done so while we waited. */
static int update(struct repository_job *job, int lock, bool anew, clutch_error *error)
{
    int code = wait_for_lock(job, lock, LOCK_EX, error);
    if (code)
        return code;
    if (!anew && repository_copy_is_fit(job)) {
        if (repository_copy_has(job))
            return 0;
        return repository_copy_fetch(job, job->copy, error);
    }
    return repository_copy_make(job, error);
}

/* Removes everything in a folder and leaves the folder. */
static void empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            tree_remove(dirfd(folder), entry->d_name);
    if (folder)
        closedir(folder);
}

/* From the copy as it is at the first try, updated at the second, made anew at the third: a copy that
 * lacks something or is damaged shows when it is used. */
static int try(struct repository_job *job, int lock, int number, clutch_error *error)
{
    int code = wait_for_lock(job, lock, LOCK_SH, error);
    if (code)
        return code;
    bool is_there = repository_copy_is_fit(job) && repository_copy_has(job);
    if (!is_there || number > 0)
        code = update(job, lock, number == 2, error);
    if (code == 0)
        code = wait_for_lock(job, lock, LOCK_SH, error);
    if (code == 0)
        code = repository_copy_place(job, error);
    if (code)
        empty_folder(job->options->workdir);
    flock(lock, LOCK_UN);
    return code;
}

static int work(struct repository_job *job, clutch_error *error)
{
    int code = repository_find_git(job, error);
    if (code == 0)
        code = store_credentials(job, error);
    if (code)
        return code;
    for (int number = 0; number < REPOSITORY_TRIES; number++) {
        OWN_FD int lock = open(job->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock < 0)
            return repository_fail(errno, "the lock of a repository's copy", error);
        job->is_unclear = false;
        code = ask_remote(job, error);
        if (code == 0)
            code = try(job, lock, number, error);
        if (code)
            forget_lock(job, lock);
        if (code == 0 || !job->is_unclear)
            break;
    }
    return code;
}

int repository_check_out(const struct repository_options *options,
                         char branch[REPOSITORY_BRANCH_BYTES], clutch_error *error)
{
    struct repository_job job = {
        .options = options,
        .deadline_ns = clock_after_ms(clock_now_ns(), options->timeout_ms),
        .program_fd = -1,
        .credentials_fd = -1,
    };
    clutch_error last; /* of a try that may be followed by one that works */
    int code = check_options(&job, &last);
    if (code == 0)
        code = name_paths(&job, &last);
    if (code == 0)
        code = work(&job, &last);
    if (code && error)
        *error = last;
    if (code == 0)
        snprintf(branch, REPOSITORY_BRANCH_BYTES, "%.*s", job.branch[0] ? REPOSITORY_BRANCH_BYTES - 1 : 12,
                 job.branch[0] ? job.branch : job.commit);
    own_close(&job.program_fd);
    own_close(&job.credentials_fd);
    free(job.home);
    free(job.copy);
    free(job.fresh);
    free(job.lock);
    return code;
}
