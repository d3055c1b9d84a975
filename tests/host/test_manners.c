/* SPDX-License-Identifier: Apache-2.0 */
/* test_manners.c: the host's process is sacred: what it is and has stays as it was. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

extern char **environ;

/* One of everything, failures included. */
static void live_a_life(void)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    static const char *const missing[] = {"no_such_module", NULL};
    options.preload = missing;
    clutch_engine *engine = NULL;
    clutch_error error;
    assert_int_equal(clutch_engine_open(&options, &engine, &error), CLUTCH_E_PRELOAD);
    options.environment = "/nonexistent";
    assert_int_equal(clutch_engine_open(&options, &engine, &error), CLUTCH_E_ENVIRONMENT);
    engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL), *other = create(engine, NULL);
    do_run(sandbox, "print('printed'); import os; os.write(1, b'one\\n'); os.write(2, b'two\\n')");
    clutch_result_free(run(sandbox, "1/0"));
    clutch_execution *execution = start(sandbox, "while True: pass");
    clutch_execution_cancel(execution);
    clutch_result_free(wait_for(execution));
    clutch_status_free(look_at(sandbox));
    clutch_result_free(run(sandbox, "import os; print('dying'); os.abort()"));
    kill(clutch_sandbox_pid(other), SIGKILL);
    char *large = malloc(8 << 20); /* more than a socket holds: sending it meets the death */
    memset(large, '#', 8 << 20);
    clutch_result *result = NULL;
    assert_int_equal(clutch_sandbox_run(other, large, 8 << 20, NULL, &result, NULL), 0);
    assert_outcome(result, CLUTCH_OUTCOME_KILLED);
    clutch_result_free(result);
    free(large);
    clutch_sandbox_destroy(sandbox);
    clutch_sandbox_destroy(other);
    clutch_engine_close(engine);
}

/* ---- Signals ---- */

static volatile sig_atomic_t signals_seen;

static void count_signal(int number)
{
    (void)number;
    signals_seen++;
}

static void no_sigchld_is_ever_raised(void **state)
{
    (void)state;
    struct sigaction count = {.sa_handler = count_signal}, before;
    assert_int_equal(sigaction(SIGCHLD, &count, &before), 0);
    signals_seen = 0;
    live_a_life();
    assert_int_equal(signals_seen, 0);
    sigaction(SIGCHLD, &before, NULL);
}

static void the_host_finds_no_child_to_wait_for(void **state)
{
    (void)state;
    live_a_life();
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
    clutch_sandbox *sandbox = fresh();
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
    clutch_sandbox_destroy(sandbox);
}

static void dispositions_and_masks_stay(void **state)
{
    (void)state;
    struct sigaction before[NSIG], after;
    sigset_t mask_before, mask_after;
    struct sigaction own = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &own, NULL);
    sigaction(SIGPIPE, &own, NULL);
    sigaction(40, &own, NULL);
    sigemptyset(&mask_before);
    sigaddset(&mask_before, SIGUSR2);
    sigprocmask(SIG_BLOCK, &mask_before, NULL);
    sigprocmask(SIG_SETMASK, NULL, &mask_before);
    for (int number = 1; number < NSIG; number++)
        sigaction(number, NULL, &before[number]);
    signals_seen = 0;
    live_a_life();
    assert_int_equal(signals_seen, 0);
    for (int number = 1; number < NSIG; number++) {
        if (sigaction(number, NULL, &after) != 0)
            continue; /* the C library keeps it to itself */
        assert_ptr_equal(before[number].sa_handler, after.sa_handler);
        assert_int_equal(before[number].sa_flags, after.sa_flags);
    }
    sigprocmask(SIG_SETMASK, NULL, &mask_after);
    for (int number = 1; number < NSIG; number++)
        assert_int_equal(sigismember(&mask_before, number), sigismember(&mask_after, number));
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    signal(40, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &mask_before, NULL);
}

/* A death while the host writes gives an error and no SIGPIPE, which would end it. */
static void a_host_with_default_sigpipe_lives_on(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    live_a_life();
}

static void interrupted_system_calls_do_no_harm(void **state)
{
    (void)state;
    struct sigaction often = {.sa_handler = count_signal}; /* without SA_RESTART */
    sigaction(SIGALRM, &often, NULL);
    struct itimerval every = {{0, 2000}, {0, 2000}};
    signals_seen = 0;
    setitimer(ITIMER_REAL, &every, NULL);
    live_a_life();
    every = (struct itimerval){0};
    setitimer(ITIMER_REAL, &every, NULL);
    assert_true(signals_seen > 20);
    signal(SIGALRM, SIG_DFL);
}

static void worker_programs_do_not_inherit_ignored_signals(void **state)
{
    (void)state;
    signal(SIGTERM, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    clutch_engine *engine = open_bare(NULL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    FILE *file = fopen(format("/proc/%d/status", clutch_engine_describe(engine)->template_pid), "re");
    unsigned long long ignored = 0, blocked = 1;
    char line[256];
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        sscanf(line, "SigIgn: %llx", &ignored);
        sscanf(line, "SigBlk: %llx", &blocked);
    }
    fclose(file);
    assert_int_equal(ignored & (1ull << (SIGTERM - 1) | 1ull << (SIGUSR1 - 1)), 0);
    assert_int_equal(blocked, 0);
    clutch_engine_close(engine);
}

/* ---- The rest of the process ---- */

static void umask_folder_locale_and_environment_stay(void **state)
{
    (void)state;
    umask(0137);
    char *locale = strdup(setlocale(LC_ALL, NULL)), here[PATH_MAX], after[PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    size_t count = 0;
    char *copy[1024];
    for (; environ[count] && count < 1024; count++)
        copy[count] = strdup(environ[count]);
    char **block = environ;
    live_a_life();
    assert_int_equal(umask(0022), 0137);
    assert_text(setlocale(LC_ALL, NULL), locale);
    assert_non_null(getcwd(after, sizeof after));
    assert_text(after, here);
    assert_ptr_equal(environ, block);
    for (size_t i = 0; i < count; i++) {
        assert_text(environ[i], copy[i]);
        free(copy[i]);
    }
    assert_null(environ[count]);
    free(locale);
}

static void the_hosts_umask_does_not_reach_the_sandbox(void **state)
{
    (void)state;
    umask(0777);
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    umask(0022);
    do_run(sandbox, "import os\nos.mkdir('made')\nopen('made/f', 'w').write('x')\n"
                    "assert os.stat('made').st_mode & 0o777 == 0o755");
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
}

static void attributes_of_the_process_stay(void **state)
{
    (void)state;
    char name_before[32], name_after[32];
    prctl(PR_GET_NAME, name_before);
    int dumpable = prctl(PR_GET_DUMPABLE), no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    int death_signal = 0, subreaper = 0, after = 0;
    prctl(PR_GET_PDEATHSIG, &death_signal);
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    struct rlimit limits[RLIM_NLIMITS], limit;
    for (int i = 0; i < RLIM_NLIMITS; i++)
        getrlimit(i, &limits[i]);
    pid_t session = getsid(0), group = getpgrp();
    live_a_life();
    prctl(PR_GET_NAME, name_after);
    assert_text(name_after, name_before);
    assert_int_equal(prctl(PR_GET_DUMPABLE), dumpable);
    assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), no_new_privs);
    prctl(PR_GET_PDEATHSIG, &after);
    assert_int_equal(after, death_signal);
    prctl(PR_GET_CHILD_SUBREAPER, &after);
    assert_int_equal(after, subreaper);
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        getrlimit(i, &limit);
        assert_true(limit.rlim_cur == limits[i].rlim_cur && limit.rlim_max == limits[i].rlim_max);
    }
    assert_true(getsid(0) == session && getpgrp() == group);
}

static void no_thread_is_started(void **state)
{
    (void)state;
    size_t before = entry_count("/proc/self/task");
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "while True: pass");
    assert_true(clutch_execution_fd(execution, NULL) >= 0);
    assert_int_equal(entry_count("/proc/self/task"), before);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
    assert_int_equal(entry_count("/proc/self/task"), before);
}

static void nothing_is_printed(void **state)
{
    (void)state;
    const char *path = format("%s/printed", getenv("TMPDIR"));
    fflush(NULL);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), out = dup(1), err = dup(2);
    assert_true(file >= 0 && out >= 0 && err >= 0);
    dup2(file, 1);
    dup2(file, 2);
    live_a_life();
    fflush(NULL);
    off_t size = lseek(file, 0, SEEK_END);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    close(file);
    unlink(path);
    assert_int_equal(size, 0);
}

/* ---- Odd hosts ---- */

/* Runs in a process of its own, and says with its status whether all went well. */
static void assert_in_another_host(int (*body)(void))
{
    close_the_engine();
    fflush(NULL);
    pid_t host = fork();
    if (host == 0)
        _exit(body());
    int status;
    assert_int_equal(waitpid(host, &status, 0), host);
    assert_int_equal(status, 0);
    assert_true(no_orphan_is_left(1000));
}

/* 0 when an engine could be used. */
static int use_an_engine(void)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    clutch_engine *engine = NULL;
    clutch_sandbox *sandbox = NULL;
    clutch_result *result = NULL;
    int fine = clutch_engine_open(&options, &engine, NULL) == 0 &&
               clutch_sandbox_create(engine, NULL, &sandbox, NULL) == 0 &&
               clutch_sandbox_run(sandbox, "print(6 * 7)", 12, NULL, &result, NULL) == 0 &&
               result->output_count == 1 && strcmp(result->output[0].text, "42") == 0;
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    return fine ? 0 : 1;
}

static int without_standard_descriptors(void)
{
    for (int fd = 0; fd < 8; fd++)
        close(fd);
    return use_an_engine();
}

static void a_host_without_standard_descriptors_works(void **state)
{
    (void)state;
    assert_in_another_host(without_standard_descriptors);
}

/* As process 1 of a container is, it becomes the parent of its own templates. */
static int as_a_subreaper(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct sigaction count = {.sa_handler = count_signal};
    sigaction(SIGCHLD, &count, NULL);
    if (use_an_engine() != 0 || use_an_engine() != 0)
        return 1;
    return waitpid(-1, NULL, WNOHANG | __WALL) == -1 && errno == ECHILD ? 0 : 2;
}

static void a_host_that_adopts_orphans_keeps_no_zombie(void **state)
{
    (void)state;
    assert_in_another_host(as_a_subreaper);
}

static int ignoring_children(void)
{
    signal(SIGCHLD, SIG_IGN);
    return use_an_engine();
}

static void a_host_that_ignores_its_children_works(void **state)
{
    (void)state;
    assert_in_another_host(ignoring_children);
}

static void *use_on_a_small_stack(void *outcome)
{
    *(int *)outcome = use_an_engine();
    return NULL;
}

static void a_thread_with_a_small_stack_may_call(void **state)
{
    (void)state;
    if (support_sanitized())
        return; /* sanitizers need more stack than any library should */
    pthread_attr_t attributes;
    pthread_t thread;
    int outcome = 1;
    pthread_attr_init(&attributes);
    assert_int_equal(pthread_attr_setstacksize(&attributes, 64 << 10), 0);
    assert_int_equal(pthread_create(&thread, &attributes, use_on_a_small_stack, &outcome), 0);
    pthread_attr_destroy(&attributes);
    pthread_join(thread, NULL);
    assert_int_equal(outcome, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(no_sigchld_is_ever_raised),
        TEST(the_host_finds_no_child_to_wait_for),
        TEST(dispositions_and_masks_stay),
        TEST(a_host_with_default_sigpipe_lives_on),
        TEST(interrupted_system_calls_do_no_harm),
        TEST(worker_programs_do_not_inherit_ignored_signals),
        TEST(umask_folder_locale_and_environment_stay),
        TEST(the_hosts_umask_does_not_reach_the_sandbox),
        TEST(attributes_of_the_process_stay),
        TEST(no_thread_is_started),
        TEST(nothing_is_printed),
        TEST(a_host_without_standard_descriptors_works),
        TEST(a_host_that_adopts_orphans_keeps_no_zombie),
        TEST(a_host_that_ignores_its_children_works),
        TEST(a_thread_with_a_small_stack_may_call),
    };
    return RUN_TESTS(tests);
}
