/* SPDX-License-Identifier: Apache-2.0 */
/* test_defaults.c: a zero field is the default that clutch.h writes beside it, or that of the level above. */
#include "support.h"

#include <dirent.h>
#include <sys/stat.h>

static clutch_result *run_length(clutch_sandbox *sandbox, const char *code, size_t length, int expected)
{
    clutch_result *result = NULL;
    clutch_error error;
    int got = clutch_sandbox_run(sandbox, code, length, NULL, &result, &error);
    if (expected)
        assert_refused(got, expected, &error);
    else if (got)
        fail_msg("%s", error.message);
    return result;
}

/* Seconds until the one armed timer of this process, as the kernel tells; 0 when there is none. */
static unsigned armed_timer_s(void)
{
    DIR *folder = opendir("/proc/self/fdinfo");
    struct dirent *entry;
    unsigned found = 0;
    while (folder && (entry = readdir(folder))) {
        FILE *file = fopen(format("/proc/self/fdinfo/%s", entry->d_name), "re");
        char line[256];
        unsigned seconds, rest;
        while (file && fgets(line, sizeof line, file))
            if (sscanf(line, "it_value: (%u, %u)", &seconds, &rest) == 2 && seconds + rest > 0)
                found = seconds;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return found;
}

static void the_wall_limit_is_a_minute(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time; time.sleep(600)");
    assert_true(clutch_execution_fd(execution, NULL) >= 0);
    clutch_result *result;
    assert_int_equal(clutch_execution_poll(execution, &result, NULL), 0);
    assert_in_range(armed_timer_s(), 55, 60);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void the_output_limit_is_a_mebibyte(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "print('x' * (1 << 20))");
    assert_int_equal(result->output[0].length, 1 << 20);
    assert_int_equal(result->omitted_bytes, 0);
    assert_int_equal(result->limit, CLUTCH_LIMIT_NONE);
    clutch_result_free(result);
    result = run(sandbox, "print('x' * ((1 << 20) + 1))");
    assert_int_equal(result->output[0].length, 1 << 20);
    assert_int_equal(result->omitted_bytes, 1);
    assert_int_equal(result->limit, CLUTCH_LIMIT_OUTPUT);
    assert_int_equal(result->limit_value, 1 << 20);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_code_limit_is_16_mebibytes(void **state)
{
    (void)state;
    size_t limit = 16 << 20;
    char *code = malloc(limit + 1);
    memset(code, '#', limit + 1);
    memcpy(code, "print('ran')\n", 13);
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_length(sandbox, code, limit, 0);
    assert_text(result->output[0].text, "ran");
    clutch_result_free(result);
    run_length(sandbox, code, limit + 1, CLUTCH_E_INVALID);
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
    free(code);
}

static void code_bytes_goes_up_to_64_mebibytes(void **state)
{
    (void)state;
    size_t limit = 64 << 20;
    char *code = malloc(limit + 1);
    memset(code, '#', limit + 1);
    memcpy(code, "print('ran')\n", 13);
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.code_bytes = CLUTCH_UNLIMITED;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_result *result = run_length(sandbox, code, limit, 0);
    assert_text(result->output[0].text, "ran");
    clutch_result_free(result);
    run_length(sandbox, code, limit + 1, CLUTCH_E_INVALID);
    clutch_sandbox_destroy(sandbox);
    free(code);
}

/* An anonymous mapping costs no memory until it is touched. */
static void the_memory_limit_is_4_gibibytes(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "import mmap; m = mmap.mmap(-1, (4 << 30) - (256 << 20)); m.close()");
    clutch_result *result = run(sandbox, "m = bytearray((4 << 30) + (64 << 20))");
    assert_outcome(result, CLUTCH_OUTCOME_MEMORY);
    assert_int_equal(result->limit, CLUTCH_LIMIT_MEMORY);
    assert_true(result->limit_value == (uint64_t)4 << 30);
    assert_false(result->sandbox_ended);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_grace_limit_is_half_a_second(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = 100;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &limits;
    uint64_t before_ms = now_ms();
    clutch_result *result =
        run_with(sandbox, "import itertools; sum(itertools.repeat(1))", &options); /* never yields */
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_true(result->sandbox_ended);
    assert_in_range(now_ms() - before_ms, 600, 3000);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static uint64_t kept_output(clutch_sandbox *sandbox, const clutch_limits *limits)
{
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = limits;
    clutch_result *result = run_with(sandbox, "print('x' * 1000)", &options);
    uint64_t kept = result->output[0].length;
    clutch_result_free(result);
    return kept;
}

static void limits_come_from_the_nearest_level_that_sets_them(void **state)
{
    (void)state;
    clutch_limits of_engine = CLUTCH_LIMITS_INIT, of_sandbox = CLUTCH_LIMITS_INIT,
                  of_execution = CLUTCH_LIMITS_INIT, empty = CLUTCH_LIMITS_INIT;
    of_engine.output_bytes = 30;
    of_sandbox.output_bytes = 20;
    of_execution.output_bytes = 10;
    clutch_engine_options engine_options = CLUTCH_ENGINE_OPTIONS_INIT;
    engine_options.limits = &of_engine;
    clutch_engine *engine = open_bare(&engine_options);
    clutch_sandbox_options sandbox_options = CLUTCH_SANDBOX_OPTIONS_INIT;
    sandbox_options.limits = &empty;
    clutch_sandbox *plain = create(engine, NULL), *silent = create(engine, &sandbox_options);
    sandbox_options.limits = &of_sandbox;
    clutch_sandbox *own = create(engine, &sandbox_options);
    assert_int_equal(kept_output(plain, NULL), 30);
    assert_int_equal(kept_output(silent, &empty), 30);
    assert_int_equal(kept_output(own, &empty), 20);
    assert_int_equal(kept_output(own, &of_execution), 10);
    assert_int_equal(kept_output(own, NULL), 20);
    clutch_sandbox_destroy(plain);
    clutch_sandbox_destroy(silent);
    clutch_sandbox_destroy(own);
    clutch_engine_close(engine);
}

static void numpy_and_pandas_are_preloaded(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    assert_text(answer(sandbox, "import sys; print('numpy' in sys.modules, 'pandas' in sys.modules)"),
                "True True");
    clutch_sandbox_destroy(sandbox);
}

static void the_name_is_the_id_and_the_owner_is_empty(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    assert_text(clutch_sandbox_name(sandbox), clutch_sandbox_id(sandbox));
    assert_text(clutch_sandbox_owner(sandbox), "");
    assert_null(clutch_sandbox_label(sandbox, ""));
    clutch_sandbox_destroy(sandbox);
}

static void the_file_name_tells_the_executions_number(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "1");
    clutch_result *result = run(sandbox, "1/0");
    assert_holds(result->traceback, "\"<execution 2>\"");
    assert_int_equal(result->serial, 2);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_state_dir_is_private_and_below_tmpdir(void **state)
{
    (void)state;
    const char *folder = clutch_engine_describe(the_engine())->state_dir;
    assert_true(strncmp(folder, getenv("TMPDIR"), strlen(getenv("TMPDIR"))) == 0);
    struct stat about;
    assert_int_equal(stat(folder, &about), 0);
    assert_int_equal(about.st_mode, S_IFDIR | 0700);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_wall_limit_is_a_minute),
        TEST(the_output_limit_is_a_mebibyte),
        TEST(the_code_limit_is_16_mebibytes),
        TEST(code_bytes_goes_up_to_64_mebibytes),
        TEST(the_memory_limit_is_4_gibibytes),
        TEST(the_grace_limit_is_half_a_second),
        TEST(limits_come_from_the_nearest_level_that_sets_them),
        TEST(numpy_and_pandas_are_preloaded),
        TEST(the_name_is_the_id_and_the_owner_is_empty),
        TEST(the_file_name_tells_the_executions_number),
        TEST(the_state_dir_is_private_and_below_tmpdir),
    };
    return RUN_TESTS(tests);
}
