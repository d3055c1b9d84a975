/* SPDX-License-Identifier: Apache-2.0 */
/* test_structs.c: options structs of this version, of older ones and of newer ones. */
#include "support.h"

#define END(type, field) (offsetof(type, field) + sizeof(((type *)0)->field))
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const size_t engine_ends[] = {
    END(clutch_engine_options, struct_size), END(clutch_engine_options, environment),
    END(clutch_engine_options, preload),     END(clutch_engine_options, limits),
    END(clutch_engine_options, state_dir),   END(clutch_engine_options, worker_path),
    END(clutch_engine_options, log),         END(clutch_engine_options, log_user),
    END(clutch_engine_options, open_timeout_ms), END(clutch_engine_options, require),
    END(clutch_engine_options, disable),     END(clutch_engine_options, cgroup),
    END(clutch_engine_options, on_change),   END(clutch_engine_options, change_user),
    END(clutch_engine_options, retention_days), END(clutch_engine_options, pool_min),
    END(clutch_engine_options, pool_max),    END(clutch_engine_options, pool_sandbox),
};
static const size_t sandbox_ends[] = {
    END(clutch_sandbox_options, struct_size), END(clutch_sandbox_options, id),
    END(clutch_sandbox_options, name),        END(clutch_sandbox_options, owner),
    END(clutch_sandbox_options, env),         END(clutch_sandbox_options, labels),
    END(clutch_sandbox_options, workdir),     END(clutch_sandbox_options, limits),
    END(clutch_sandbox_options, network),     END(clutch_sandbox_options, processes),
    END(clutch_sandbox_options, intervals),   END(clutch_sandbox_options, undo_depth),
    END(clutch_sandbox_options, rollback),    END(clutch_sandbox_options, snapshot),
    END(clutch_sandbox_options, starting_point), END(clutch_sandbox_options, repository),
};
static const size_t execute_ends[] = {
    END(clutch_execute_options, struct_size), END(clutch_execute_options, filename),
    END(clutch_execute_options, limits),      END(clutch_execute_options, on_output),
    END(clutch_execute_options, user),        END(clutch_execute_options, when_busy),
    END(clutch_execute_options, allow_incomplete), END(clutch_execute_options, checkpoint),
    END(clutch_execute_options, rollback),    END(clutch_execute_options, source),
};
static const size_t limits_ends[] = {
    END(clutch_limits, struct_size),  END(clutch_limits, wall_ms),    END(clutch_limits, cpu_ms),
    END(clutch_limits, grace_ms),     END(clutch_limits, output_bytes), END(clutch_limits, code_bytes),
    END(clutch_limits, memory_bytes), END(clutch_limits, file_bytes), END(clutch_limits, open_files),
    END(clutch_limits, threads),      END(clutch_limits, disk_bytes), END(clutch_limits, disk_files),
    END(clutch_limits, cpu_weight),
};

/* A struct of an older version, alone in its memory, so that a sanitizer sees reads beyond it. */
static void *older(const void *options, size_t size)
{
    void *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, options, size);
    memcpy(copy, &size, sizeof size);
    return copy;
}

static void init_macros_and_functions_give_identical_bytes(void **state)
{
    (void)state;
#define CHECK(type, macro, function)                                                               \
    do {                                                                                           \
        static const type expected = macro;                                                        \
        type actual;                                                                               \
        memset(&actual, 0xff, sizeof actual);                                                      \
        function(&actual);                                                                         \
        assert_int_equal(actual.struct_size, sizeof actual);                                       \
        assert_memory_equal(&actual, &expected, sizeof actual);                                    \
    } while (0)
    CHECK(clutch_limits, CLUTCH_LIMITS_INIT, clutch_limits_init);
    CHECK(clutch_engine_options, CLUTCH_ENGINE_OPTIONS_INIT, clutch_engine_options_init);
    CHECK(clutch_sandbox_options, CLUTCH_SANDBOX_OPTIONS_INIT, clutch_sandbox_options_init);
    CHECK(clutch_execute_options, CLUTCH_EXECUTE_OPTIONS_INIT, clutch_execute_options_init);
    CHECK(clutch_intervals, CLUTCH_INTERVALS_INIT, clutch_intervals_init);
    CHECK(clutch_repository, CLUTCH_REPOSITORY_INIT, clutch_repository_init);
    CHECK(clutch_stop_options, CLUTCH_STOP_OPTIONS_INIT, clutch_stop_options_init);
    CHECK(clutch_starting_point, CLUTCH_STARTING_POINT_INIT, clutch_starting_point_init);
    CHECK(clutch_list_options, CLUTCH_LIST_OPTIONS_INIT, clutch_list_options_init);
#undef CHECK
}

/* When a field is added without a line in the tables above, this fails. */
static void the_tables_of_fields_are_whole(void **state)
{
    (void)state;
    assert_in_range(sizeof(clutch_engine_options) - engine_ends[COUNT(engine_ends) - 1], 0, 7);
    assert_in_range(sizeof(clutch_sandbox_options) - sandbox_ends[COUNT(sandbox_ends) - 1], 0, 7);
    assert_in_range(sizeof(clutch_execute_options) - execute_ends[COUNT(execute_ends) - 1], 0, 7);
    assert_in_range(sizeof(clutch_limits) - limits_ends[COUNT(limits_ends) - 1], 0, 7);
}

static void older_engine_options_are_accepted(void **state)
{
    (void)state;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    static const char *const nothing[] = {NULL};
    options.preload = nothing;
    for (size_t i = 0; i < COUNT(engine_ends); i++) {
        clutch_engine_options *old = older(&options, engine_ends[i]);
        clutch_engine *engine = NULL;
        clutch_error error = ERROR_UNTOUCHED;
        assert_worked(clutch_engine_open(old, &engine, &error), &error);
        free(old);
        bool has_pandas = *clutch_engine_describe(engine)->pandas_version;
        assert_int_equal(has_pandas, engine_ends[i] < END(clutch_engine_options, preload));
        clutch_engine_close(engine);
    }
}

static void older_sandbox_options_are_accepted(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.owner = "somebody";
    for (size_t i = 0; i < COUNT(sandbox_ends); i++) {
        clutch_sandbox_options *old = older(&options, sandbox_ends[i]);
        clutch_sandbox *sandbox = create(the_engine(), old);
        free(old);
        bool has_owner = sandbox_ends[i] >= END(clutch_sandbox_options, owner);
        assert_text(clutch_sandbox_owner(sandbox), has_owner ? "somebody" : "");
        clutch_sandbox_destroy(sandbox);
    }
}

static void older_execute_options_are_accepted(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.allow_incomplete = true;
    for (size_t i = 0; i < COUNT(execute_ends); i++) {
        clutch_execute_options *old = older(&options, execute_ends[i]);
        clutch_result *result = run_with(sandbox, "if 1:", old);
        free(old);
        bool allowed = execute_ends[i] >= END(clutch_execute_options, allow_incomplete);
        assert_outcome(result, allowed ? CLUTCH_OUTCOME_INCOMPLETE : CLUTCH_OUTCOME_EXCEPTION);
        clutch_result_free(result);
    }
    clutch_sandbox_destroy(sandbox);
}

static void older_limits_are_accepted(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.output_bytes = 3;
    clutch_sandbox *sandbox = fresh();
    for (size_t i = 0; i < COUNT(limits_ends); i++) {
        clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
        clutch_limits *old = older(&limits, limits_ends[i]);
        options.limits = old;
        clutch_result *result = run_with(sandbox, "print(12345)", &options);
        free(old);
        bool limited = limits_ends[i] >= END(clutch_limits, output_bytes);
        assert_int_equal(result->omitted_bytes, limited ? 2 : 0);
        clutch_result_free(result);
    }
    clutch_sandbox_destroy(sandbox);
}

/* Sizes that no version of a struct of this size has had. */
static size_t bad_size(size_t i, size_t size)
{
    const size_t sizes[] = {0, 1, sizeof(size_t) - 1, size + 1, size + 8, 2 * size, SIZE_MAX};
    return i < COUNT(sizes) ? sizes[i] : 0;
}
enum { BAD_SIZES = 7 };

static void engine_options_of_a_wrong_size_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAD_SIZES; i++) {
        clutch_engine_options options[3] = {CLUTCH_ENGINE_OPTIONS_INIT};
        options->struct_size = bad_size(i, sizeof *options);
        clutch_engine *engine = UNTOUCHED;
        clutch_error error;
        assert_refused(clutch_engine_open(options, &engine, &error), CLUTCH_E_INVALID, &error);
        assert_ptr_equal(engine, UNTOUCHED);
        assert_holds(error.message, "struct_size");
    }
}

static void sandbox_options_of_a_wrong_size_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < BAD_SIZES; i++) {
        clutch_sandbox_options options[3] = {CLUTCH_SANDBOX_OPTIONS_INIT};
        options->struct_size = bad_size(i, sizeof *options);
        clutch_sandbox *sandbox = UNTOUCHED;
        clutch_error error;
        assert_refused(clutch_sandbox_create(the_engine(), options, &sandbox, &error),
                       CLUTCH_E_INVALID, &error);
        assert_ptr_equal(sandbox, UNTOUCHED);
    }
}

static void execute_options_of_a_wrong_size_are_refused(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (size_t i = 0; i < BAD_SIZES; i++) {
        clutch_execute_options options[3] = {CLUTCH_EXECUTE_OPTIONS_INIT};
        options->struct_size = bad_size(i, sizeof *options);
        clutch_result *result = UNTOUCHED;
        clutch_execution *execution = UNTOUCHED;
        clutch_error error;
        assert_refused(clutch_sandbox_run(sandbox, "1", 1, options, &result, &error),
                       CLUTCH_E_INVALID, &error);
        assert_refused(clutch_execution_start(sandbox, "1", 1, options, &execution, &error),
                       CLUTCH_E_INVALID, &error);
        assert_ptr_equal(result, UNTOUCHED);
        assert_ptr_equal(execution, UNTOUCHED);
    }
    clutch_sandbox_destroy(sandbox);
}

static void limits_of_a_wrong_size_are_refused_wherever_they_are(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (size_t i = 0; i < BAD_SIZES; i++) {
        clutch_limits limits[3] = {CLUTCH_LIMITS_INIT};
        limits->struct_size = bad_size(i, sizeof *limits);
        clutch_engine_options engine_options = CLUTCH_ENGINE_OPTIONS_INIT;
        clutch_sandbox_options sandbox_options = CLUTCH_SANDBOX_OPTIONS_INIT;
        clutch_execute_options execute_options = CLUTCH_EXECUTE_OPTIONS_INIT;
        engine_options.limits = sandbox_options.limits = execute_options.limits = limits;
        clutch_engine *engine = UNTOUCHED;
        clutch_sandbox *other = UNTOUCHED;
        clutch_result *result = UNTOUCHED;
        clutch_error error;
        assert_refused(clutch_engine_open(&engine_options, &engine, &error), CLUTCH_E_INVALID, &error);
        assert_refused(clutch_sandbox_create(the_engine(), &sandbox_options, &other, &error),
                       CLUTCH_E_INVALID, &error);
        assert_refused(clutch_sandbox_run(sandbox, "1", 1, &execute_options, &result, &error),
                       CLUTCH_E_INVALID, &error);
        assert_true(engine == UNTOUCHED && other == UNTOUCHED && result == UNTOUCHED);
    }
    clutch_sandbox_destroy(sandbox);
}

static void options_are_read_during_the_call_only(void **state)
{
    (void)state;
    char name[] = "first", owner[] = "second", label[] = "color=red", variable[] = "COLOR=blue";
    const char *labels[] = {label, NULL}, *env[] = {variable, NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = name;
    options.owner = owner;
    options.labels = labels;
    options.env = env;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    memset(name, 'x', sizeof name - 1);
    memset(owner, 'x', sizeof owner - 1);
    memset(label, 'x', sizeof label - 1);
    memset(variable, 'x', sizeof variable - 1);
    memset(&options, 0xff, sizeof options);
    assert_text(clutch_sandbox_name(sandbox), "first");
    assert_text(clutch_sandbox_owner(sandbox), "second");
    assert_text(clutch_sandbox_label(sandbox, "color"), "red");
    assert_text(answer(sandbox, "import os; print(os.environ['COLOR'])"), "blue");
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_macros_and_functions_give_identical_bytes),
        TEST(the_tables_of_fields_are_whole),
        TEST(older_engine_options_are_accepted),
        TEST(older_sandbox_options_are_accepted),
        TEST(older_execute_options_are_accepted),
        TEST(older_limits_are_accepted),
        TEST(engine_options_of_a_wrong_size_are_refused),
        TEST(sandbox_options_of_a_wrong_size_are_refused),
        TEST(execute_options_of_a_wrong_size_are_refused),
        TEST(limits_of_a_wrong_size_are_refused_wherever_they_are),
        TEST(options_are_read_during_the_call_only),
    };
    return RUN_TESTS(tests);
}
