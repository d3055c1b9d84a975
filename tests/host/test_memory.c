/* SPDX-License-Identifier: Apache-2.0 */
/* test_memory.c: every call with its first, second, .. allocation failing, until one goes through.
 *
 * Each failing call must give the MEMORY error, leave its outputs alone, and give back all that it had
 * taken; nothing that does not concern it may end. What SQLite holds for the records is its own affair. */
#include "support.h"

#include <sqlite3.h>

#include "../host/allocations.h"

/* ---- The loop ---- */

enum { MOST = 20000 };

static clutch_engine *engine;
static clutch_sandbox *sandbox;

/* One call; sets left to -1 behind it and frees what it got. Returns its code. */
typedef int call_fn(clutch_error *error);

static bool is_about_memory(int code, const clutch_error *error)
{
    return error->code == code && strlen(error->message) > 10 &&
           (code == CLUTCH_E_MEMORY || (code == CLUTCH_E_SYSTEM && error->sys_errno == ENOMEM));
}

/* Before each round: a sandbox that lacked memory in the middle of an execution has ended and is replaced;
 * what a sandbox keeps for itself is there. */
static void settle(void)
{
    if (!sandbox)
        return;
    if (clutch_sandbox_pid(sandbox) == 0) {
        clutch_sandbox_destroy(sandbox);
        sandbox = create(engine, NULL);
        do_run(sandbox, "1");
    }
    clutch_status_free(look_at(sandbox));
}

/* Blocks that the library has, records aside, of which none wait to be written. */
static long blocks(void)
{
    clutch_record_page *page;
    if (sandbox && clutch_sandbox_log(sandbox, 1, NULL, &page, NULL) == 0)
        clutch_record_page_free(page);
    int held = 0, highest;
    sqlite3_status(SQLITE_STATUS_MALLOC_COUNT, &held, &highest, 0);
    return live - held;
}

/* Repeats a call until no allocation of it fails. Returns how many did: the first hundreds one by one,
 * which leads beyond what comes before the records are opened, and then some of them. */
static int exhaust(const char *name, call_fn *call)
{
    enum { ONE_BY_ONE = 300, STRIDE = 61 };
    int count = 0;
    for (;;) {
        settle();
        long before = blocks();
        size_t descriptors = descriptor_count();
        clutch_error error = {0};
        failed = false;
        left = count;
        int code = call(&error);
        left = -1;
        if (!failed) {
            if (code < 0)
                fail_msg("%s, no allocation failing: %s", name, error.message);
            return count;
        }
        count += count < ONE_BY_ONE ? 1 : STRIDE;
        if (code < 0 && !is_about_memory(code, &error))
            fail_msg("%s, allocation %d failing: %s", name, count, error.message);
        bool sandbox_lives = !sandbox || clutch_sandbox_pid(sandbox) != 0;
        long after = blocks();
        if (sandbox_lives && after > before)
            fail_msg("%s, allocation %d failing: %ld blocks are left", name, count, after - before);
        if (descriptor_count() != descriptors)
            fail_msg("%s, allocation %d failing: a descriptor is left", name, count);
        if (count > MOST)
            fail_msg("%s never works", name);
    }
}

static void check(const char *name, call_fn *call, int least)
{
    int count = exhaust(name, call);
    if (!support_sanitized())
        assert_in_range(count, least, MOST);
}

static void begin(void)
{
    engine = open_bare(NULL);
    sandbox = create(engine, NULL);
    do_run(sandbox, "1");
}

static void end(void)
{
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    sandbox = NULL;
    engine = NULL;
}

/* ---- Calls ---- */

static int call_open(clutch_error *error)
{
    static const char *const nothing[] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.preload = nothing;
    clutch_engine *out = UNTOUCHED;
    int code = clutch_engine_open(&options, &out, error);
    left = -1;
    assert_true(code == 0 || out == UNTOUCHED);
    if (code == 0)
        clutch_engine_close(out);
    return code;
}

static int call_create(clutch_error *error)
{
    static const char *const pairs[] = {"a=1", "b=2", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.env = options.labels = pairs;
    options.owner = "owner";
    clutch_sandbox *out = UNTOUCHED;
    int code = clutch_sandbox_create(engine, &options, &out, error);
    left = -1;
    assert_true(code == 0 || out == UNTOUCHED);
    if (code == 0)
        clutch_sandbox_destroy(out);
    return code;
}

static int run_code(const char *code, clutch_error *error)
{
    clutch_result *out = UNTOUCHED;
    int got = clutch_sandbox_run(sandbox, code, strlen(code), NULL, &out, error);
    left = -1;
    assert_true(got == 0 || out == UNTOUCHED);
    if (got == 0)
        clutch_result_free(out);
    return got;
}

static int call_run(clutch_error *error)
{
    return run_code("for i in range(500): print('x' * i)\n1 + 1", error);
}

static int call_run_with_files(clutch_error *error)
{
    return run_code("for i in range(20): open(f'file{i}', 'w').write('x')", error);
}

static int call_run_that_raises(clutch_error *error)
{
    return run_code("1/0", error);
}

static int call_run_that_dies(clutch_error *error)
{
    return run_code("print('x', end='', flush=True); import os; os._exit(3)", error);
}

static int call_start(clutch_error *error)
{
    clutch_execution *out = UNTOUCHED;
    int code = clutch_execution_start(sandbox, "print(1)", 8, NULL, &out, error);
    assert_true(code == 0 || out == UNTOUCHED);
    if (code < 0)
        return code;
    clutch_result *result = UNTOUCHED;
    code = clutch_execution_wait(out, 5000, &result, error);
    left = -1;
    assert_true(code == 0 || result == UNTOUCHED);
    if (code == 0)
        clutch_result_free(result);
    clutch_execution_free(out);
    return code;
}

static int call_status(clutch_error *error)
{
    clutch_status *out = UNTOUCHED;
    int code = clutch_sandbox_status(sandbox, &out, error);
    left = -1;
    assert_true(code == 0 || out == UNTOUCHED);
    if (code == 0) {
        assert_int_equal(out->state, CLUTCH_STATE_RUNNING);
        clutch_status_free(out);
    }
    return code;
}

static int call_result_json(clutch_error *error)
{
    static const clutch_output output = {"text \" \\ \n ü", 14, CLUTCH_STDOUT};
    static const clutch_file file = {"f", "file:///f", "text/plain", 3};
    static const clutch_dataframe frame = {"df", 1, 2, 3};
    clutch_result result = {.output_count = 1, .output = &output, .file_count = 1, .files = &file,
                            .dataframe_count = 1, .dataframes = &frame, .wall_ns = 12345678};
    char *out = UNTOUCHED;
    int code = clutch_result_json(&result, &out, error);
    left = -1;
    assert_true(code == 0 || out == UNTOUCHED);
    if (code == 0)
        clutch_free(out);
    return code;
}

static int call_status_json(clutch_error *error)
{
    static const clutch_dataframe frame = {"df", 1, 2, 3};
    clutch_status status = {.state = CLUTCH_STATE_RUNNING, .memory_bytes = 123456789,
                            .dataframe_count = 1, .dataframes = &frame};
    char *out = UNTOUCHED;
    int code = clutch_status_json(&status, &out, error);
    left = -1;
    assert_true(code == 0 || out == UNTOUCHED);
    if (code == 0)
        clutch_free(out);
    return code;
}

static int call_files(clutch_error *error)
{
    char *data = UNTOUCHED;
    clutch_entry *entries = UNTOUCHED;
    size_t length = 77, count = 77;
    int code = clutch_sandbox_write_file(sandbox, "folder/file", "text", 4, error);
    if (code == 0)
        code = clutch_sandbox_read_file(sandbox, "folder/file", 100, &data, &length, error);
    if (code == 0)
        code = clutch_sandbox_list_files(sandbox, "folder", &entries, &count, error);
    if (code == 0)
        code = clutch_sandbox_remove_file(sandbox, "folder/file", error);
    left = -1;
    assert_true((data == UNTOUCHED) == (length == 77) && (entries == UNTOUCHED) == (count == 77));
    if (data != UNTOUCHED)
        clutch_free(data);
    if (entries != UNTOUCHED)
        clutch_free(entries);
    return code;
}

/* ---- Claims ---- */

static void opening_an_engine_without_memory_is_an_error(void **state)
{
    (void)state;
    check("opening", call_open, 5);
}

static void creating_a_sandbox_without_memory_is_an_error(void **state)
{
    (void)state;
    begin();
    pid_t template = clutch_engine_describe(engine)->template_pid;
    check("creating", call_create, 10);
    assert_int_equal(clutch_engine_describe(engine)->template_pid, template);
    assert_int_equal(home_count(clutch_engine_describe(engine)->state_dir), 1);
    end();
}

static void running_without_memory_is_an_error(void **state)
{
    (void)state;
    begin();
    check("running", call_run, 5);
    check("running with files", call_run_with_files, 20);
    check("running what raises", call_run_that_raises, 5);
    check("running what dies", call_run_that_dies, 3);
    check("starting and waiting", call_start, 3);
    end();
}

static void looking_without_memory_is_an_error_and_ends_nothing(void **state)
{
    (void)state;
    begin();
    do_run(sandbox, "kept = 1");
    check("looking", call_status, 3);
    assert_text(answer(sandbox, "print(kept)"), "1");
    end();
}

static void files_without_memory_are_an_error(void **state)
{
    (void)state;
    begin();
    check("files", call_files, 3);
    end();
}

static void writing_json_without_memory_is_an_error(void **state)
{
    (void)state;
    check("a result's JSON", call_result_json, 20);
    check("a status's JSON", call_status_json, 10);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(opening_an_engine_without_memory_is_an_error),
        TEST(creating_a_sandbox_without_memory_is_an_error),
        TEST(running_without_memory_is_an_error),
        TEST(looking_without_memory_is_an_error_and_ends_nothing),
        TEST(files_without_memory_are_an_error),
        TEST(writing_json_without_memory_is_an_error),
    };
    return RUN_TESTS(tests);
}
