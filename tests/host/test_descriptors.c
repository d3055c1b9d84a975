/* SPDX-License-Identifier: Apache-2.0 */
/* test_descriptors.c: which descriptors go where, and what happens when there are none left. */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* ---- Where they go ---- */

enum { TARGETS_MAX = 128 };
typedef char targets[TARGETS_MAX][256];

/* What descriptors of a process refer to, one text each; returns how many. */
static size_t targets_of(pid_t pid, targets targets)
{
    DIR *folder = opendir(format("/proc/%d/fd", pid));
    struct dirent *entry;
    size_t count = 0;
    assert_non_null(folder);
    while ((entry = readdir(folder)) && count < TARGETS_MAX) {
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, targets[count], 255);
        if (length <= 0)
            continue;
        targets[count++][length] = 0;
    }
    closedir(folder);
    return count;
}

/* Whether a process has a descriptor of something. */
static bool has(pid_t pid, const char *target)
{
    targets targets;
    size_t count = targets_of(pid, targets);
    for (size_t i = 0; i < count; i++)
        if (strcmp(targets[i], target) == 0)
            return true;
    return false;
}

static const char *target_of(int fd)
{
    static char target[256];
    ssize_t length = readlink(format("/proc/self/fd/%d", fd), target, 255);
    assert_true(length > 0);
    target[length] = 0;
    return target;
}

static void no_descriptor_of_the_host_is_inherited(void **state)
{
    (void)state;
    const char *path = format("%s/secret", getenv("TMPDIR"));
    write_file(path, "the host's");
    int file = open(path, O_RDWR), ends[2], high; /* without close-on-exec, on purpose */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    high = fcntl(file, F_DUPFD, 500);
    assert_true(file >= 0 && high >= 500);
    char pair[256];
    snprintf(pair, sizeof pair, "%s", target_of(ends[0]));
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    pid_t pids[] = {clutch_engine_describe(engine)->template_pid, clutch_sandbox_pid(sandbox)};
    for (int i = 0; i < 2; i++) {
        assert_false(has(pids[i], path));
        assert_false(has(pids[i], pair));
        assert_false(has(pids[i], target_of(ends[1])));
    }
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    close(file);
    close(high);
    close(ends[0]);
    close(ends[1]);
    unlink(path);
}

struct sockets {
    pid_t pid;
    char name[256];
};

/* Whether a process has exactly one socket, and which. */
static bool has_one_socket(void *argument)
{
    struct sockets *sockets = argument;
    targets targets;
    size_t count = targets_of(sockets->pid, targets), found = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(targets[i], "socket:", 7) == 0) {
            memcpy(sockets->name, targets[i], sizeof sockets->name);
            found++;
        }
    return found == 1;
}

/* The template closes a sandbox's end just after it has said that the sandbox is there. */
static void a_sandbox_has_no_channel_but_its_own(void **state)
{
    (void)state;
    enum { COUNT = 6 };
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandboxes[COUNT];
    struct sockets sockets[COUNT + 1];
    for (int i = 0; i < COUNT; i++)
        sandboxes[i] = create(engine, NULL);
    for (int i = 0; i <= COUNT; i++) {
        sockets[i].pid = i < COUNT ? clutch_sandbox_pid(sandboxes[i])
                                   : clutch_engine_describe(engine)->template_pid;
        assert_true(eventually(has_one_socket, &sockets[i], i < COUNT ? 0 : 1000));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(sockets[i].name, sockets[j].name);
    }
    for (int i = 0; i < COUNT; i++)
        clutch_sandbox_destroy(sandboxes[i]);
    clutch_engine_close(engine);
}

static void every_descriptor_of_the_library_is_close_on_exec(void **state)
{
    (void)state;
    bool known[256] = {0};
    for (int fd = 0; fd < 256; fd++)
        known[fd] = fcntl(fd, F_GETFD) >= 0;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    clutch_execution *execution = start(sandbox, "import time; time.sleep(100)");
    assert_true(clutch_execution_fd(execution, NULL) >= 0);
    int found = 0;
    for (int fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (known[fd] || flags < 0)
            continue;
        assert_true(flags & FD_CLOEXEC);
        found++;
    }
    assert_in_range(found, 6, 20);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
}

static void standard_descriptors_of_the_worker_are_not_the_hosts(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    pid_t template = clutch_engine_describe(engine)->template_pid;
    targets targets;
    char own[3][256];
    for (int fd = 0; fd < 3; fd++)
        snprintf(own[fd], 256, "%s", target_of(fd));
    size_t count = targets_of(template, targets);
    for (size_t i = 0; i < count; i++)
        for (int fd = 0; fd < 3; fd++)
            assert_true(strcmp(own[fd], "/dev/null") == 0 || strcmp(targets[i], own[fd]) != 0);
    assert_true(has(template, "/dev/null"));
    clutch_engine_close(engine);
}

/* ---- When there are none left ---- */

static int fillers[1024];
static size_t filler_count;

/* Sees to it that every descriptor below the highest is taken, so that a limit counts exactly. Returns
 * the first number that is free then. */
static rlim_t fill_gaps(void)
{
    int highest = 0, filler;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            highest = fd;
    while ((filler = fcntl(0, F_DUPFD_CLOEXEC, 3)) >= 0 && filler < highest)
        fillers[filler_count++] = filler;
    close(filler);
    return (rlim_t)highest + 1;
}

static void close_fillers(void)
{
    while (filler_count > 0)
        close(fillers[--filler_count]);
}

static struct rlimit generous;

/* Leaves so many descriptors to open, until give_back. */
static void leave(size_t count)
{
    rlim_t first = fill_gaps();
    getrlimit(RLIMIT_NOFILE, &generous);
    struct rlimit limit = {first + count, generous.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void give_back(void)
{
    setrlimit(RLIMIT_NOFILE, &generous);
}

static bool is_shortage(const clutch_error *error)
{
    return (error->code == CLUTCH_E_SYSTEM || error->code == CLUTCH_E_WORKER) &&
           error->sys_errno == EMFILE;
}

static void an_engine_opens_with_enough_descriptors_or_says_so(void **state)
{
    (void)state;
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    bool opened = false;
    /* What the template needs beyond these few is not the host's to give. */
    for (size_t left = 0; left < 8 && !opened; left++) {
        clutch_engine *engine = NULL;
        clutch_error error;
        fill_gaps();
        size_t descriptors = descriptor_count();
        leave(left);
        int code = clutch_engine_open(&options, &engine, &error);
        give_back();
        opened = code == 0;
        if (!opened && !is_shortage(&error))
            fail_msg("with %zu descriptors left: %s", left, error.message);
        clutch_engine_close(engine);
        assert_int_equal(descriptor_count(), descriptors);
        assert_true(no_orphan_is_left(1000));
    }
    assert_true(opened);
    close_fillers();
}

static void a_sandbox_is_created_with_enough_descriptors_or_refused(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *bystander = create(engine, NULL);
    do_run(bystander, "kept = 1");
    pid_t template = clutch_engine_describe(engine)->template_pid;
    bool created = false;
    for (size_t left = 0; left < 30 && !created; left++) {
        clutch_sandbox *sandbox = NULL;
        clutch_error error;
        fill_gaps();
        size_t descriptors = descriptor_count();
        leave(left);
        int code = clutch_sandbox_create(engine, NULL, &sandbox, &error);
        give_back();
        created = code == 0;
        if (!created && !is_shortage(&error))
            fail_msg("with %zu descriptors left: %s", left, error.message);
        if (created)
            do_run(sandbox, "1");
        clutch_sandbox_destroy(sandbox);
        assert_int_equal(descriptor_count(), descriptors);
        assert_text(answer(bystander, "print(kept)"), "1");
    }
    assert_true(created);
    assert_int_equal(clutch_engine_describe(engine)->template_pid, template);
    /* One sandbox had begun already; its folder could not be looked through and goes with the engine. */
    assert_in_range(home_count(clutch_engine_describe(engine)->state_dir), 1, 2);
    clutch_sandbox_destroy(bystander);
    clutch_engine_close(engine);
    close_fillers();
}

static void everything_else_needs_none_or_says_so(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    leave(0);
    clutch_result *result = NULL;
    clutch_status *status = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    clutch_execution *execution = NULL;
    int ran = clutch_sandbox_run(sandbox, "print(1)", 8, NULL, &result, &error);
    int looked = clutch_sandbox_status(sandbox, &status, &error);
    int started = clutch_execution_start(sandbox, "1", 1, NULL, &execution, &error);
    int fd = clutch_execution_fd(execution, &error);
    give_back();
    assert_int_equal(ran, 0);
    assert_int_equal(looked, 0);
    assert_int_equal(started, 0);
    assert_refused(fd, CLUTCH_E_SYSTEM, &error);
    assert_int_equal(error.sys_errno, EMFILE);
    assert_true(clutch_execution_fd(execution, &error) >= 0);
    clutch_result_free(result);
    clutch_status_free(status);
    clutch_result_free(wait_for(execution));
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    close_fillers();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(no_descriptor_of_the_host_is_inherited),
        TEST(a_sandbox_has_no_channel_but_its_own),
        TEST(every_descriptor_of_the_library_is_close_on_exec),
        TEST(standard_descriptors_of_the_worker_are_not_the_hosts),
        TEST(an_engine_opens_with_enough_descriptors_or_says_so),
        TEST(a_sandbox_is_created_with_enough_descriptors_or_refused),
        TEST(everything_else_needs_none_or_says_so),
    };
    return RUN_TESTS(tests);
}
