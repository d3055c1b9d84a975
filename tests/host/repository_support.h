/* SPDX-License-Identifier: Apache-2.0 */
/* repository_support.h: a git server of one's own, and checking out from it, for the tests of that. */
#ifndef CLUTCH_TESTS_REPOSITORY_SUPPORT_H
#define CLUTCH_TESTS_REPOSITORY_SUPPORT_H

#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host/repository.h"

static pid_t server_pid;
static int server_port;
static const char *root, *cache; /* what it serves; where copies are kept */

/* Runs shell commands that have to work, away from this user's git configuration. */
static __attribute__((format(printf, 1, 2))) void sh(const char *pattern, ...)
{
    char text[8192];
    int length = snprintf(text, sizeof text,
                          "set -e; exec 2>>%s/../sh.log; export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 "
                          "GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c "
                          "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c; cd %s; ", root, root);
    va_list arguments;
    va_start(arguments, pattern);
    vsnprintf(text + length, sizeof text - (size_t)length, pattern, arguments);
    va_end(arguments);
    int status = system(text);
    if (status != 0)
        fail_msg("the shell commands failed (%d): %s", status, text + length);
}

/* Another server on the same folder; its port. */
static int start_server(pid_t *pid, const char *certificate, const char *key)
{
    int ends[2];
    char text[16] = "";
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    *pid = fork();
    if (*pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        char *arguments[] = {"python3", "tests/host/git_server.py", (char *)(uintptr_t)root,
                             (char *)(uintptr_t)certificate, (char *)(uintptr_t)key, NULL};
        execv("/usr/bin/python3", arguments);
        execvp("python3", arguments);
        _exit(127);
    }
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    return atoi(text);
}

static void stop_server(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int begin_repositories(void **state)
{
    (void)state;
    root = strdup(format("%s/top/root", getenv("TMPDIR")));
    cache = strdup(format("%s/top/cache", getenv("TMPDIR")));
    assert_int_equal(mkdir(format("%s/top", getenv("TMPDIR")), 0700), 0);
    assert_int_equal(mkdir(root, 0700), 0);
    server_port = start_server(&server_pid, NULL, NULL);
    return 0;
}

/* The last test of a program. */
static void the_server_is_ended(void **state)
{
    (void)state;
    stop_server(server_pid);
    remove_tree(format("%s/top", getenv("TMPDIR")));
    free((char *)(uintptr_t)root);
    free((char *)(uintptr_t)cache);
}

/* A repository NAME.git with one file on main, and NAME, a clone of it to make more commits in. */
static void make_repository(const char *name)
{
    sh("git init -q --bare -b main %s.git; git init -q -b main %s; cd %s; git remote add origin "
       "../%s.git; echo one >file; git add file; git commit -qm one; git push -q origin main", name, name,
       name, name);
}

static const char *url_of(const char *path)
{
    return format("http://127.0.0.1:%d/%s", server_port, path);
}

static struct repository_options options_for(const char *path)
{
    return (struct repository_options){.url = url_of(path),
                                       .cache_dir = cache,
                                       .timeout_ms = support_sanitized() ? 60000 : 30000,
                                       .size_max_bytes = (uint64_t)1 << 30};
}

/* A new folder for a checkout; removed with the rest by the_server_is_ended. */
static const char *new_folder(void)
{
    static _Atomic int count;
    const char *path = format("%s/top/work-%d-%d", getenv("TMPDIR"), getpid(), count++);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static char branch_of_last[REPOSITORY_BRANCH_BYTES];

/* Checks out, which has to work; the folder. */
static const char *check_out(struct repository_options options)
{
    clutch_error error = ERROR_UNTOUCHED;
    options.workdir = options.workdir ? options.workdir : new_folder();
    int code = repository_check_out(&options, branch_of_last, &error);
    if (code)
        fail_msg("%s: %s", options.url, error.message);
    assert_worked(code, &error);
    return options.workdir;
}

/* Checks out, which has to fail with a code and leave the folder empty; the message. */
static const char *refused(struct repository_options options, int expected)
{
    clutch_error error = ERROR_UNTOUCHED;
    char branch[REPOSITORY_BRANCH_BYTES] = "untouched";
    options.workdir = options.workdir ? options.workdir : new_folder();
    int code = repository_check_out(&options, branch, &error);
    if (code != expected)
        fail_msg("%s: %d instead of %d, %s", options.url, code, expected, error.message);
    assert_refused(code, expected, &error);
    assert_text(branch, "untouched");
    assert_int_equal(entry_count(options.workdir), 0);
    return format("%s", error.message);
}

static const char *content_of(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[length] = 0;
    return file ? text : NULL;
}

/* Requests in the server's log that hold a text. */
static int requests_with(const char *text)
{
    int count = 0;
    const char *log = content_of(format("%s/log", root));
    for (const char *at = log; at && (at = strstr(at, text)); at++)
        count++;
    return count;
}

/* Processes whose arguments hold a text; *first gets one. */
static int processes_with(const char *text, pid_t *first)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    int count = 0;
    while ((entry = readdir(processes))) {
        char line[4096];
        int fd = atoi(entry->d_name) > 0
                     ? open(format("/proc/%s/cmdline", entry->d_name), O_RDONLY | O_CLOEXEC) : -1;
        ssize_t got = fd < 0 ? 0 : read(fd, line, sizeof line);
        if (fd >= 0)
            close(fd);
        if (got > 0 && memmem(line, (size_t)got, text, strlen(text))) {
            count++;
            if (first)
                *first = atoi(entry->d_name);
        }
    }
    closedir(processes);
    return count;
}

#endif
