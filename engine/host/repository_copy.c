/* SPDX-License-Identifier: Apache-2.0 */
/* repository_copy.c: the cached bare copy of a repository, and working folders from it. */
#include "host/repository_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/own.h"
#include "base/tree.h"
#include "host/error.h"

/* ---- The copy ---- */

/* The file in a copy that holds its URL: the name is only a hash of it. */
static bool url_path(char path[LIMIT_PATH_BYTES], const char *copy)
{
    return (size_t)snprintf(path, LIMIT_PATH_BYTES, "%s/clutch-url", copy) < LIMIT_PATH_BYTES;
}

bool repository_copy_is_fit(const struct repository_job *job)
{
    char path[LIMIT_PATH_BYTES], held[REPOSITORY_URL_BYTES];
    OWN_FD int fd = url_path(path, job->copy) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    ssize_t got = fd < 0 ? -1 : read(fd, held, sizeof held);
    return got >= 0 && (size_t)got == strlen(job->url.text) && memcmp(held, job->url.text, (size_t)got) == 0;
}

bool repository_copy_has(struct repository_job *job)
{
    if (!job->commit[0])
        return true;
    char object[REPOSITORY_ID_BYTES + 16];
    snprintf(object, sizeof object, "%s^{commit}", job->commit);
    const char *arguments[] = {"cat-file", "-e", object, NULL};
    struct repository_call call = {
        .arguments = arguments, .git_dir = job->copy, .protocols = "none"};
    return repository_git(job, &call, NULL) == 0;
}

static const char *object_format(const struct repository_job *job)
{
    return strlen(job->commit) == 64 ? "--object-format=sha256" : "--object-format=sha1";
}

/* Removes packs that a git which was killed, here or with an earlier host, has left half written. */
static void sweep(const char *copy)
{
    char path[LIMIT_PATH_BYTES];
    if ((size_t)snprintf(path, sizeof path, "%s/objects/pack", copy) >= sizeof path)
        return;
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (strncmp(entry->d_name, "tmp_", 4) == 0)
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
}

/* One name for each branch, without slashes: a branch may have had the name of another's folder. */
int repository_copy_fetch(struct repository_job *job, const char *copy, clutch_error *error)
{
    char key[17], refspec[REPOSITORY_BRANCH_BYTES + 128];
    repository_hash(job->head, key);
    snprintf(refspec, sizeof refspec, "+%s:refs/clutch/%s", job->head, key);
    const char *arguments[] = {"fetch", "-q", "--no-tags", "--no-recurse-submodules",
                               "--no-write-fetch-head", "--no-auto-maintenance", "--", job->url.text,
                               refspec, NULL};
    struct repository_call call = {.arguments = arguments,
                                   .git_dir = copy,
                                   .protocols = job->url.is_https ? "https" : "http:https",
                                   .watched = copy,
                                   .with_credentials = true};
    sweep(copy);
    int code = repository_git(job, &call, error);
    if (code)
        sweep(copy);
    return code;
}

static int write_url(const struct repository_job *job, clutch_error *error)
{
    char path[LIMIT_PATH_BYTES];
    if (!url_path(path, job->fresh))
        return repository_fail(ENAMETOOLONG, "a repository's copy", error);
    OWN_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t length = strlen(job->url.text);
    if (fd < 0 || write(fd, job->url.text, length) != (ssize_t)length || fsync(fd) != 0)
        return repository_fail(errno ? errno : EIO, "a repository's copy", error);
    return 0;
}

static int make_fresh(struct repository_job *job, clutch_error *error)
{
    const char *arguments[] = {"init", "-q", "--bare", "--template=", object_format(job), job->fresh, NULL};
    struct repository_call call = {.arguments = arguments, .protocols = "none"};
    int code = repository_git(job, &call, error);
    if (code == 0 && job->commit[0])
        code = repository_copy_fetch(job, job->fresh, error);
    if (code == 0)
        code = write_url(job, error);
    return code;
}

int repository_copy_make(struct repository_job *job, clutch_error *error)
{
    if (tree_remove(AT_FDCWD, job->fresh) != 0 && errno != ENOENT)
        return repository_fail(errno, "what is left of a repository's copy", error);
    int code = make_fresh(job, error);
    if (code == 0 && tree_remove(AT_FDCWD, job->copy) != 0 && errno != ENOENT)
        code = repository_fail(errno, "a repository's old copy", error);
    if (code == 0 && rename(job->fresh, job->copy) != 0)
        code = repository_fail(errno, "a repository's copy", error);
    if (code)
        tree_remove(AT_FDCWD, job->fresh);
    return code;
}

/* ---- The working folder ---- */

/* git itself writes and reads these; a branch may hold quotes. */
static void quote(char *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            *out++ = '\\';
        *out++ = *text;
    }
    *out = 0;
}

static int write_config(const struct repository_job *job, const char *git_dir, clutch_error *error)
{
    char path[LIMIT_PATH_BYTES + 8], branch[2 * REPOSITORY_BRANCH_BYTES];
    snprintf(path, sizeof path, "%s/config", git_dir);
    quote(branch, job->branch);
    OWN_FD int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || dprintf(fd, "[remote \"origin\"]\n\turl = \"%s\"\n"
                              "\tfetch = +refs/heads/*:refs/remotes/origin/*\n", job->url.text) < 0)
        return repository_fail(errno, "the configuration of the working folder's repository", error);
    if (*branch && dprintf(fd, "[branch \"%s\"]\n\tremote = origin\n\tmerge = \"refs/heads/%s\"\n", branch,
                           branch) < 0)
        return repository_fail(errno, "the configuration of the working folder's repository", error);
    return 0;
}

static int init_folder(struct repository_job *job, clutch_error *error)
{
    const char *arguments[] = {"init", "-q", "--template=", object_format(job), "-b",
                               job->branch[0] ? job->branch : "main", job->options->workdir, NULL};
    struct repository_call call = {.arguments = arguments, .protocols = "none"};
    return repository_git(job, &call, error);
}

/* Only what the commit needs; git copies and checks each object. */
static int take_objects(struct repository_job *job, const char *git_dir, clutch_error *error)
{
    char refspec[REPOSITORY_ID_BYTES + REPOSITORY_BRANCH_BYTES + 32];
    snprintf(refspec, sizeof refspec, "+%s%s%s", job->commit, job->branch[0] ? ":refs/remotes/origin/" : "",
             job->branch);
    const char *arguments[] = {"-c", "transfer.fsckObjects=false", "fetch", "-q", "--no-tags",
                               "--no-recurse-submodules", "--no-write-fetch-head",
                               "--no-auto-maintenance", "--", job->copy, refspec, NULL};
    struct repository_call call = {.arguments = arguments,
                                   .git_dir = git_dir,
                                   .protocols = "file",
                                   .watched = job->options->workdir};
    return repository_git(job, &call, error);
}

static int write_files(struct repository_job *job, const char *git_dir, clutch_error *error)
{
    const char *on_branch[] = {"checkout", "-q", "-f", "--no-track", "-B", job->branch, job->commit, "--",
                               NULL};
    const char *on_none[] = {"checkout", "-q", "-f", "--detach", job->commit, "--", NULL};
    struct repository_call call = {.arguments = job->branch[0] ? on_branch : on_none,
                                   .git_dir = git_dir,
                                   .work_tree = job->options->workdir,
                                   .protocols = "none",
                                   .watched = job->options->workdir};
    return repository_git(job, &call, error);
}

int repository_copy_place(struct repository_job *job, clutch_error *error)
{
    char git_dir[LIMIT_PATH_BYTES];
    if ((size_t)snprintf(git_dir, sizeof git_dir, "%s/.git", job->options->workdir) + 16 >= sizeof git_dir)
        return error_set(error, CLUTCH_E_INVALID, ENAMETOOLONG, "the working folder for the repository");
    int code = init_folder(job, error);
    if (code == 0 && !job->branch[0] && !job->commit[0])
        strcpy(job->branch, "main"); /* an empty repository, whose HEAD is not told */
    if (code == 0)
        code = write_config(job, git_dir, error);
    if (code == 0 && job->commit[0])
        code = take_objects(job, git_dir, error);
    if (code == 0 && job->commit[0])
        code = write_files(job, git_dir, error);
    return code;
}
