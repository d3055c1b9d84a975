/* SPDX-License-Identifier: Apache-2.0 */
/* test_engine.c: opening and closing engines that have nothing to complain about. */
#include "support.h"

#include <pthread.h>
#include <sys/stat.h>

static void an_engine_describes_what_it_runs_on(void **state)
{
    (void)state;
    const clutch_engine_info *info = clutch_engine_describe(the_engine());
    clutch_sandbox *sandbox = fresh();
    assert_text(answer(sandbox, "import platform; print(platform.python_version())"),
                info->python_version);
    assert_text(answer(sandbox, "import pandas; print(pandas.__version__)"), info->pandas_version);
    assert_text(answer(sandbox, "import numpy; print(numpy.__version__)"), info->numpy_version);
    assert_text(answer(sandbox, format("import os, sys; print(os.path.realpath(sys.prefix) == "
                                       "os.path.realpath('%s'))", info->environment)), "True");
    assert_int_equal(parent_of(clutch_sandbox_pid(sandbox)), info->template_pid);
    assert_holds(clutch_built_with(), info->environment);
    assert_true(is_alive(info->template_pid));
    clutch_sandbox_destroy(sandbox);
}

static void versions_are_empty_without_their_preload(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    const clutch_engine_info *info = clutch_engine_describe(engine);
    assert_text(info->pandas_version, "");
    /* From CPython 3.13 on numpy must be there before anything that may use it. */
    if (strncmp(info->python_version, "3.11.", 5) == 0 || strncmp(info->python_version, "3.12.", 5) == 0)
        assert_text(info->numpy_version, "");
    assert_true(strlen(info->python_version) > 0);
    clutch_engine_close(engine);
}

static void the_private_state_dir_goes_with_the_engine(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    const char *folder = format("%s", clutch_engine_describe(engine)->state_dir);
    assert_true(file_exists(folder));
    clutch_engine_close(engine);
    assert_false(file_exists(folder));
}

static void a_state_dir_of_the_hosts_stays_and_holds_only_the_records(void **state)
{
    (void)state;
    const char *folder = make_folder();
    write_file(format("%s/of the host", folder), "x");
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = folder;
    clutch_engine *engine = open_bare(&options);
    assert_text(clutch_engine_describe(engine)->state_dir, folder);
    clutch_sandbox *first = create(engine, NULL), *second = create(engine, NULL);
    assert_true(strncmp(clutch_sandbox_workdir(first), folder, strlen(folder)) == 0);
    const char *kept = format("%s/%s", folder, clutch_sandbox_id(second));
    clutch_sandbox_destroy(first);
    clutch_engine_close(engine);
    clutch_sandbox_destroy(second);
    assert_true(file_exists(format("%s/of the host", folder)));
    assert_true(file_exists(format("%s/clutch.db", folder)));
    assert_true(file_exists(format("%s/lock", folder)));
    assert_true(file_exists(kept)); /* the engine ended before it did: it can be started again */
    assert_int_equal(entry_count(folder), 4);
    remove_tree(folder);
}

static void engines_live_side_by_side(void **state)
{
    (void)state;
    enum { ENGINES = 4 };
    clutch_engine *engines[ENGINES];
    clutch_sandbox *sandboxes[ENGINES];
    size_t before = orphan_count();
    for (int i = 0; i < ENGINES; i++) {
        engines[i] = open_bare(NULL);
        sandboxes[i] = create(engines[i], NULL);
        do_run(sandboxes[i], format("mine = %d", i));
    }
    assert_int_equal(orphan_count(), before + ENGINES);
    for (int i = 0; i < ENGINES; i++) {
        assert_text(answer(sandboxes[i], "print(mine)"), format("%d", i));
        clutch_engine_close(engines[i]);
        clutch_sandbox_destroy(sandboxes[i]);
    }
    assert_int_equal(orphan_count(), before);
}

static void a_name_is_unique_in_its_engine_only(void **state)
{
    (void)state;
    clutch_engine *one = open_bare(NULL), *other = open_bare(NULL);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "same";
    options.id = "11111111-2222-4333-8444-555555555555";
    clutch_sandbox *a = create(one, &options), *b = create(other, &options);
    clutch_sandbox_destroy(a);
    clutch_sandbox_destroy(b);
    clutch_engine_close(one);
    clutch_engine_close(other);
}

static void *open_and_close(void *failures)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    for (int i = 0; i < 3; i++) {
        clutch_engine *engine = NULL;
        if (clutch_engine_open(&options, &engine, NULL) != 0)
            __atomic_add_fetch((int *)failures, 1, __ATOMIC_SEQ_CST);
        clutch_engine_close(engine);
    }
    return NULL;
}

static void engines_open_and_close_in_many_threads_at_once(void **state)
{
    (void)state;
    pthread_t threads[6];
    int failures = 0;
    size_t before = orphan_count();
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, &failures), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
    assert_int_equal(orphan_count(), before);
}

struct log {
    int lines, with_newline, bad_level;
    char last[1024];
};

static void write_log(uint32_t level, const char *message, void *user)
{
    struct log *log = user;
    log->lines++;
    log->with_newline += strchr(message, '\n') != NULL;
    log->bad_level += level > CLUTCH_LOG_WARNING;
    snprintf(log->last, sizeof log->last, "%s", message);
}

static void the_log_gets_one_line_when_the_template_is_warm(void **state)
{
    (void)state;
    struct log log = {0};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.log = write_log;
    options.log_user = &log;
    clutch_engine *engine = open_bare(&options);
    assert_int_equal(log.lines, 1);
    assert_int_equal(log.with_newline, 0);
    assert_int_equal(log.bad_level, 0);
    assert_holds(log.last, clutch_engine_describe(engine)->python_version);
    clutch_engine_close(engine);
}

static void an_error_is_written_only_on_failure(void **state)
{
    (void)state;
    clutch_error error = ERROR_UNTOUCHED;
    clutch_engine *engine = NULL;
    clutch_sandbox *sandbox = NULL;
    clutch_execution *execution = NULL;
    clutch_result *result = NULL;
    clutch_status *status = NULL;
    char *json = NULL;
    assert_worked(clutch_engine_open(NULL, &engine, &error), &error);
    assert_worked(clutch_sandbox_create(engine, NULL, &sandbox, &error), &error);
    assert_worked(clutch_sandbox_run(sandbox, "1/0", 3, NULL, &result, &error), &error);
    assert_worked(clutch_result_json(result, &json, &error), &error);
    clutch_free(json);
    clutch_result_free(result);
    assert_worked(clutch_sandbox_status(sandbox, &status, &error), &error);
    assert_worked(clutch_status_json(status, &json, &error), &error);
    clutch_free(json);
    clutch_status_free(status);
    assert_worked(clutch_execution_start(sandbox, "1", 1, NULL, &execution, &error), &error);
    assert_worked(clutch_execution_fd(execution, &error), &error);
    int polled = clutch_execution_poll(execution, &result, &error);
    assert_worked(polled, &error);
    if (polled == 1)
        clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_engine_describes_what_it_runs_on),
        TEST(versions_are_empty_without_their_preload),
        TEST(the_private_state_dir_goes_with_the_engine),
        TEST(a_state_dir_of_the_hosts_stays_and_holds_only_the_records),
        TEST(engines_live_side_by_side),
        TEST(a_name_is_unique_in_its_engine_only),
        TEST(engines_open_and_close_in_many_threads_at_once),
        TEST(the_log_gets_one_line_when_the_template_is_warm),
        TEST(an_error_is_written_only_on_failure),
    };
    return RUN_TESTS(tests);
}
