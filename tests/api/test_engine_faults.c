/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine_faults.c: engines that cannot be opened say why and what to do, and leave nothing behind. */
#include "support.h"

#include <limits.h>
#include <sys/stat.h>

static const char *const nothing[] = {NULL};

/* Opening fails with a code, a word in the message, and within a time. */
static void refuse(const clutch_engine_options *options, int code, const char *word, unsigned most_ms)
{
    clutch_engine *engine = UNTOUCHED;
    clutch_error error;
    size_t descriptors = descriptor_count(), entries = entry_count(getenv("TMPDIR"));
    uint64_t before_ms = now_ms();
    assert_refused(clutch_engine_open(options, &engine, &error), code, &error);
    assert_in_range(now_ms() - before_ms, 0, most_ms);
    assert_holds(error.message, word);
    assert_ptr_equal(engine, UNTOUCHED);
    assert_int_equal(descriptor_count(), descriptors);
    assert_int_equal(entry_count(getenv("TMPDIR")), entries);
    assert_true(no_orphan_is_left(1000));
}

static clutch_engine_options bare(void)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    return options;
}

/* ---- Environments ---- */

/* The version of Python that the worker has, such as "3.11". */
static const char *python_version(void)
{
    static char version[16];
    assert_int_equal(sscanf(clutch_built_with(), "Python %15[0-9.]", version), 1);
    return version;
}

/* The real interpreter behind the default environment. */
static const char *base_python(void)
{
    static char path[PATH_MAX];
    const char *environment = strstr(clutch_built_with(), "environment ") + strlen("environment ");
    assert_non_null(realpath(format("%s/bin/python3", environment), path));
    return path;
}

/* A virtual environment of a version, valid until remove_tree; its modules go into *packages. */
static const char *make_environment(const char *version, const char **packages)
{
    static char site[PATH_MAX];
    const char *folder = make_folder();
    char home[PATH_MAX];
    snprintf(home, sizeof home, "%s", base_python());
    *strrchr(home, '/') = 0;
    mkdir(format("%s/bin", folder), 0755);
    assert_int_equal(symlink(base_python(), format("%s/bin/python3", folder)), 0);
    write_file(format("%s/pyvenv.cfg", folder),
               format("home = %s\ninclude-system-site-packages = false\n", home));
    mkdir(format("%s/lib", folder), 0755);
    mkdir(format("%s/lib/python%s", folder, version), 0755);
    snprintf(site, sizeof site, "%s/lib/python%s/site-packages", folder, version);
    assert_int_equal(mkdir(site, 0755), 0);
    *packages = site;
    return folder;
}

static void an_environment_that_is_no_folder_is_refused(void **state)
{
    (void)state;
    clutch_engine_options options = bare();
    options.environment = "/nonexistent/venv";
    refuse(&options, CLUTCH_E_ENVIRONMENT, "/nonexistent/venv is not a folder", 2000);
    options.environment = "/etc/passwd";
    refuse(&options, CLUTCH_E_ENVIRONMENT, "virtual environment's folder", 2000);
}

static void an_environment_without_python_is_refused(void **state)
{
    (void)state;
    const char *folder = make_folder();
    clutch_engine_options options = bare();
    options.environment = folder;
    refuse(&options, CLUTCH_E_ENVIRONMENT, "has no bin/python3", 2000);
    remove_tree(folder);
}

static void an_environment_of_another_python_is_refused(void **state)
{
    (void)state;
    const char *packages;
    const char *folder = make_environment("3.2", &packages);
    clutch_engine_options options = bare();
    options.environment = folder;
    refuse(&options, CLUTCH_E_ENVIRONMENT, format("Python %s", python_version()), 2000);
    remove_tree(folder);
}

static void an_environment_is_used_when_it_fits(void **state)
{
    (void)state;
    const char *packages;
    const char *folder = make_environment(python_version(), &packages);
    write_file(format("%s/found_here.py", packages), "answer = 42\n");
    static const char *const list[] = {"found_here", NULL};
    clutch_engine_options options = bare();
    options.environment = folder;
    options.preload = list;
    clutch_engine *engine = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_open(&options, &engine, &error), &error);
    assert_text(clutch_engine_describe(engine)->environment, folder);
    clutch_sandbox *sandbox = create(engine, NULL);
    assert_text(answer(sandbox, "import found_here; print(found_here.answer)"), "42");
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    remove_tree(folder);
}

/* ---- Preloads ---- */

static void a_module_that_does_not_exist_is_named(void **state)
{
    (void)state;
    static const char *const list[] = {"json", "no_such_module_at_all", NULL};
    clutch_engine_options options = bare();
    options.preload = list;
    refuse(&options, CLUTCH_E_PRELOAD, "no_such_module_at_all", 2000);
}

static void modules_that_misbehave_at_import_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *source;
        int code;
        const char *word;
    } modules[] = {
        {"raises", "raise ValueError('two\\nlines')", CLUTCH_E_PRELOAD, "ValueError"},
        {"interrupts", "raise KeyboardInterrupt('stop')", CLUTCH_E_PRELOAD, "KeyboardInterrupt"},
        {"exits", "import sys; sys.exit(5)", CLUTCH_E_PRELOAD, "SystemExit"},
        {"broken", "def (", CLUTCH_E_PRELOAD, "SyntaxError"},
        {"threads", "import threading, time\nthreading.Thread(target=time.sleep, args=(30,), "
                    "daemon=True).start()", CLUTCH_E_PRELOAD, "starts a thread at import"},
        {"vanishes", "import os; os._exit(3)", CLUTCH_E_WORKER, "ended while it was starting"},
        {"crashes", "import os; os.kill(os.getpid(), 11)", CLUTCH_E_WORKER, "ended while it was starting"},
        {"lengthy", "raise ValueError('x' * 100000)", CLUTCH_E_PRELOAD, "ValueError"},
        {"binary", "raise ValueError('\\udcff\\ud800')", CLUTCH_E_PRELOAD, "ValueError"},
    };
    const char *packages;
    const char *folder = make_environment(python_version(), &packages);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        write_file(format("%s/%s.py", packages, modules[i].name), modules[i].source);
        const char *list[] = {modules[i].name, NULL};
        clutch_engine_options options = bare();
        options.environment = folder;
        options.preload = list;
        refuse(&options, modules[i].code, modules[i].word, 5000);
    }
    remove_tree(folder);
}

static void a_preload_that_takes_too_long_ends_in_time(void **state)
{
    (void)state;
    const char *packages;
    const char *folder = make_environment(python_version(), &packages);
    static const char *const list[] = {"slow", NULL};
    static const char *const sources[] = {"import time; time.sleep(60)",
                                          "import itertools; sum(itertools.repeat(1))"};
    for (int i = 0; i < 2; i++) {
        write_file(format("%s/slow.py", packages), sources[i]);
        clutch_engine_options options = bare();
        options.environment = folder;
        options.preload = list;
        options.open_timeout_ms = 700;
        refuse(&options, CLUTCH_E_TIMEOUT, "open_timeout_ms", 1500);
    }
    remove_tree(folder);
}

/* ---- Worker programs ---- */

static void a_worker_path_that_is_no_program_is_refused(void **state)
{
    (void)state;
    const char *folder = make_folder();
    char text[PATH_MAX];
    snprintf(text, sizeof text, "%s/text", folder);
    write_file(text, "just text\n");
    clutch_engine_options options = bare();
    options.worker_path = "/nonexistent/worker";
    refuse(&options, CLUTCH_E_WORKER, "/nonexistent/worker", 1000);
    options.worker_path = folder;
    refuse(&options, CLUTCH_E_WORKER, "executable", 1000);
    options.worker_path = "/dev/null";
    refuse(&options, CLUTCH_E_WORKER, "executable", 1000);
    options.worker_path = text;
    refuse(&options, CLUTCH_E_WORKER, "executable", 1000);
    assert_int_equal(chmod(text, 0755), 0);
    refuse(&options, CLUTCH_E_WORKER, "cannot be started", 1000);
    remove_tree(folder);
}

static void a_worker_that_ends_at_once_is_an_error(void **state)
{
    (void)state;
    clutch_engine_options options = bare();
    options.worker_path = program("quitter");
    refuse(&options, CLUTCH_E_WORKER, "ended while it was starting", 2000);
}

static void a_worker_that_says_nothing_is_given_up_in_time(void **state)
{
    (void)state;
    clutch_engine_options options = bare();
    options.worker_path = program("silent");
    options.open_timeout_ms = 200;
    refuse(&options, CLUTCH_E_TIMEOUT, "open_timeout_ms", 1200);
}

static void the_program_can_be_given_as_a_file(void **state)
{
    (void)state;
    const char *build = getenv("CLUTCH_BUILD");
    assert_non_null(build);
    clutch_engine_options options = bare();
    options.worker_path = format("%s/clutch-worker", build);
    clutch_engine *engine = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_open(&options, &engine, &error), &error);
    clutch_sandbox *sandbox = create(engine, NULL);
    assert_text(answer(sandbox, "print(6 * 7)"), "42");
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
}

/* ---- Folders ---- */

static void a_tmpdir_that_cannot_be_written_is_named(void **state)
{
    (void)state;
    const char *before = format("%s", getenv("TMPDIR"));
    setenv("TMPDIR", "/proc", 1);
    clutch_engine_options options = bare();
    clutch_engine *engine = UNTOUCHED;
    clutch_error error;
    int code = clutch_engine_open(&options, &engine, &error);
    setenv("TMPDIR", before, 1);
    assert_refused(code, CLUTCH_E_SYSTEM, &error);
    assert_holds(error.message, "TMPDIR");
    assert_int_not_equal(error.sys_errno, 0);
}

static void a_relative_tmpdir_is_not_used(void **state)
{
    (void)state;
    const char *before = format("%s", getenv("TMPDIR"));
    setenv("TMPDIR", "relative", 1);
    clutch_engine *engine = open_bare(NULL);
    setenv("TMPDIR", before, 1);
    assert_true(strncmp(clutch_engine_describe(engine)->state_dir, "/tmp/clutch-", 12) == 0);
    clutch_engine_close(engine);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_environment_that_is_no_folder_is_refused),
        TEST(an_environment_without_python_is_refused),
        TEST(an_environment_of_another_python_is_refused),
        TEST(an_environment_is_used_when_it_fits),
        TEST(a_module_that_does_not_exist_is_named),
        TEST(modules_that_misbehave_at_import_are_refused),
        TEST(a_preload_that_takes_too_long_ends_in_time),
        TEST(a_worker_path_that_is_no_program_is_refused),
        TEST(a_worker_that_ends_at_once_is_an_error),
        TEST(a_worker_that_says_nothing_is_given_up_in_time),
        TEST(the_program_can_be_given_as_a_file),
        TEST(a_tmpdir_that_cannot_be_written_is_named),
        TEST(a_relative_tmpdir_is_not_used),
    };
    return RUN_TESTS(tests);
}
