/* SPDX-License-Identifier: Apache-2.0 */
/* test_resources.c: code, files, descriptors, threads and disk, one below, at, and one above their limits. */
#include "support.h"

static clutch_sandbox *limited(const clutch_limits *limits)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = limits;
    return create(the_engine(), &options);
}

/* The code fails at a limit, the result tells which and its value, and the state is kept. */
static void assert_limit(clutch_sandbox *sandbox, const char *code, uint32_t limit, uint64_t value,
                         const char *error_part)
{
    do_run(sandbox, "kept = 7");
    clutch_result *result = run(sandbox, code);
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_int_equal(result->limit, limit);
    assert_int_equal(result->limit_value, value);
    assert_int_equal(result->limit_used, value);
    assert_holds(result->error, error_part);
    assert_false(result->sandbox_ended);
    clutch_result_free(result);
    assert_text(answer(sandbox, "print(kept)"), "7");
}

/* A limit that this machine cannot hold for this user is not there; the doctor says so too. */
static void need(const char *facility)
{
    const clutch_engine_info *info = clutch_engine_describe(the_engine());
    for (size_t i = 0; i < info->facility_count; i++)
        if (strcmp(info->facilities[i].name, facility) == 0 && info->facilities[i].held)
            return;
    print_message("# %s does not hold here: see clutch doctor\n", facility);
    skip();
}

/* ---- Length of the code ---- */

static void code_may_be_as_long_as_its_limit(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.code_bytes = 100;
    clutch_sandbox *sandbox = limited(&limits);
    do_run(sandbox, format("kept = '%090d'", 7));
    do_run(sandbox, format("kept = '%091d'", 7));
    const char *above = format("kept = '%092d'", 8);
    assert_int_equal(strlen(above), 101);
    clutch_result *result = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_run(sandbox, above, 101, NULL, &result, &error), CLUTCH_E_INVALID,
                   &error);
    assert_holds(error.message, "100");
    assert_text(answer(sandbox, "print(int(kept))"), "7");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Size of one file ---- */

static void a_file_may_have_as_many_bytes_as_its_limit(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.file_bytes = 100000;
    clutch_sandbox *sandbox = limited(&limits);
    do_run(sandbox, "open('below', 'wb').write(bytes(99_999))");
    do_run(sandbox, "open('at', 'wb').write(bytes(100_000))");
    assert_limit(sandbox, "with open('above', 'wb', buffering=0) as f:\n"
                          " f.write(bytes(100_000)); f.write(b'x')",
                 CLUTCH_LIMIT_FILE, 100000, "OSError(27, ");
    assert_text(answer(sandbox, "import os; print(os.path.getsize('above'))"), "100000");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Descriptors ---- */

/* How many a sandbox of this limit can open; the engine's own come off the limit. */
static int openable(uint64_t open_files)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.open_files = open_files;
    clutch_sandbox *sandbox = limited(&limits);
    int count = atoi(answer(sandbox, "import os\nheld = []\n"
                                     "try:\n while True: held.append(os.open('/dev/null', 0))\n"
                                     "except OSError: count = len(held)\n"
                                     "for fd in held: os.close(fd)\n"
                                     "print(count)"));
    clutch_sandbox_destroy(sandbox);
    return count;
}

static void one_descriptor_more_is_one_descriptor_more(void **state)
{
    (void)state;
    int below = openable(99), at = openable(100), above = openable(101);
    assert_in_range(at, 70, 100);
    assert_int_equal(at - below, 1);
    assert_int_equal(above - at, 1);
}

static void running_out_of_descriptors_is_told(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.open_files = 100;
    clutch_sandbox *sandbox = limited(&limits);
    assert_limit(sandbox, "held = []\ntry:\n while True: held.append(open('/dev/null'))\n"
                          "finally: held.clear()",
                 CLUTCH_LIMIT_OPEN_FILES, 100, "OSError(24, ");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Threads ---- */

/* Starts n threads beside the first one, which all wait until all are there. */
static const char *start_threads(int count)
{
    return format("import threading\ngo = threading.Event()\nlist_ = []\n"
                  "try:\n for i in range(%d):\n  t = threading.Thread(target=go.wait)\n"
                  "  t.start(); list_.append(t)\n"
                  "finally:\n go.set()\n for t in list_: t.join()", count);
}

static void as_many_threads_run_as_the_limit_and_not_one_more(void **state)
{
    (void)state;
    need("thread_limit");
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.threads = 20; /* the first thread and the engine's own are two of them */
    clutch_sandbox *sandbox = limited(&limits);
    do_run(sandbox, start_threads(17));
    do_run(sandbox, start_threads(18));
    assert_limit(sandbox, start_threads(19), CLUTCH_LIMIT_THREADS, 20, "can't start new thread");
    clutch_sandbox_destroy(sandbox);
}

/* ---- Disk ---- */

static void the_disk_holds_as_much_as_its_limit(void **state)
{
    (void)state;
    need("disk_limit");
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_bytes = 1 << 20;
    clutch_sandbox *sandbox = limited(&limits);
    do_run(sandbox, "f = open('a', 'wb', buffering=0); f.write(bytes((1 << 20) - 4096))");
    do_run(sandbox, "f.write(bytes(4096)); f.flush()");
    assert_limit(sandbox, "f.write(b'x')", CLUTCH_LIMIT_DISK, 1 << 20, "OSError(28, ");
    do_run(sandbox, "f.close(); import os; os.remove('a'); open('b', 'wb').write(bytes(1000))");
    clutch_sandbox_destroy(sandbox);
}

static const char many_files[] = "for i in range(1000): open(str(i), 'w').close()";

static void running_out_of_files_is_told(void **state)
{
    (void)state;
    need("disk_limit");
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_files = 50;
    clutch_sandbox *sandbox = limited(&limits);
    assert_limit(sandbox, many_files, CLUTCH_LIMIT_DISK, 50, "OSError(28, ");
    clutch_sandbox_destroy(sandbox);
}

static void of_two_limits_of_the_disk_the_one_that_was_reached_is_told(void **state)
{
    (void)state;
    need("disk_limit");
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_bytes = 1 << 20;
    limits.disk_files = 50;
    clutch_sandbox *sandbox = limited(&limits);
    assert_limit(sandbox, many_files, CLUTCH_LIMIT_DISK, 50, "OSError(28, ");
    assert_limit(sandbox, "open('0', 'wb', buffering=0).write(bytes(1 << 20))\n"
                          "open('1', 'wb', buffering=0).write(b'x')",
                 CLUTCH_LIMIT_DISK, 1 << 20, "OSError(28, ");
    clutch_sandbox_destroy(sandbox);
}

static void without_a_limit_a_full_disk_is_the_machines(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "open('/dev/full', 'wb', buffering=0).write(b'x')");
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_holds(result->error, "OSError(28, ");
    assert_int_equal(result->limit, CLUTCH_LIMIT_NONE);
    assert_int_equal(result->limit_value, 0);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* How many files fit beside what is there at the start. */
static int files_that_fit(uint64_t disk_files)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_files = disk_files;
    clutch_sandbox *sandbox = limited(&limits);
    int count = atoi(answer(sandbox, "count = 0\n"
                                     "try:\n while True: open(str(count), 'w').close(); count += 1\n"
                                     "except OSError as error: assert error.errno == 28\n"
                                     "print(count)"));
    clutch_sandbox_destroy(sandbox);
    return count;
}

static void one_file_more_is_one_file_more(void **state)
{
    (void)state;
    need("disk_limit");
    int below = files_that_fit(49), at = files_that_fit(50), above = files_that_fit(51);
    assert_in_range(at, 40, 50);
    assert_int_equal(at - below, 1);
    assert_int_equal(above - at, 1);
}

static void the_host_sees_the_files_of_a_limited_disk(void **state)
{
    (void)state;
    need("disk_limit");
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_bytes = 1 << 20;
    clutch_sandbox *sandbox = limited(&limits);
    clutch_error error = ERROR_UNTOUCHED;
    char *text;
    size_t length;
    do_run(sandbox, "open('out.csv', 'w').write('a,b')");
    assert_worked(clutch_sandbox_read_file(sandbox, "out.csv", 100, &text, &length, &error), &error);
    assert_text(text, "a,b");
    clutch_free(text);
    assert_worked(clutch_sandbox_write_file(sandbox, "in.csv", "c,d", 3, &error), &error);
    assert_text(answer(sandbox, "print(open('in.csv').read())"), "c,d");
    assert_false(file_exists(format("%s/out.csv", clutch_sandbox_workdir(sandbox))));
    clutch_sandbox_destroy(sandbox);
}

/* ---- Share of the processors ---- */

static clutch_sandbox *weighing(uint64_t cpu_weight)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.cpu_weight = cpu_weight;
    return limited(&limits);
}

/* Two that want one processor at the same time: the seconds of it that each of them got. */
static void share(clutch_sandbox *const sandboxes[2], double got[2])
{
    static const char burn[] = "import os, time\n"
                               "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
                               "end = time.monotonic() + 1.5; begun = time.process_time()\n"
                               "while time.monotonic() < end: pass\n"
                               "print(time.process_time() - begun)";
    clutch_execution *executions[2];
    for (size_t i = 0; i < 2; i++)
        executions[i] = start(sandboxes[i], burn);
    for (size_t i = 0; i < 2; i++) {
        clutch_result *result = wait_for(executions[i]);
        assert_outcome(result, CLUTCH_OUTCOME_OK);
        got[i] = strtod(result->output[0].text, NULL);
        clutch_result_free(result);
    }
}

static void a_light_sandbox_yields_to_a_heavier_one(void **state)
{
    (void)state;
    clutch_sandbox *sandboxes[] = {weighing(10), weighing(100)};
    double got[2];
    share(sandboxes, got);
    assert_true(got[0] > 0 && got[1] > 3 * got[0]);
    for (size_t i = 0; i < 2; i++)
        clutch_sandbox_destroy(sandboxes[i]);
}

static void no_code_can_give_itself_more_weight(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = weighing(10);
    clutch_result *result = run(sandbox, "import os; os.nice(-1)");
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_holds(result->error, "PermissionError");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_weight_comes_back_with_a_stopped_session(void **state)
{
    (void)state;
    static const char level[] = "import os; print(os.getpriority(os.PRIO_PROCESS, 0))";
    clutch_sandbox *sandbox = weighing(10);
    clutch_error error = ERROR_UNTOUCHED;
    const char *before = format("%s", answer(sandbox, level));
    assert_true(atoi(before) > 0);
    assert_worked(clutch_sandbox_stop(sandbox, NULL, NULL, &error), &error);
    assert_worked(clutch_sandbox_start(sandbox, NULL, &error), &error);
    assert_text(answer(sandbox, level), before);
    clutch_sandbox_destroy(sandbox);
}

static void a_weight_that_is_none_is_refused(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.cpu_weight = 10001;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_create(the_engine(), &options, &sandbox, &error), CLUTCH_E_INVALID, &error);
    assert_holds(error.message, "10000");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(code_may_be_as_long_as_its_limit),
        TEST(a_file_may_have_as_many_bytes_as_its_limit),
        TEST(one_descriptor_more_is_one_descriptor_more),
        TEST(running_out_of_descriptors_is_told),
        TEST(as_many_threads_run_as_the_limit_and_not_one_more),
        TEST(the_disk_holds_as_much_as_its_limit),
        TEST(running_out_of_files_is_told),
        TEST(of_two_limits_of_the_disk_the_one_that_was_reached_is_told),
        TEST(without_a_limit_a_full_disk_is_the_machines),
        TEST(one_file_more_is_one_file_more),
        TEST(the_host_sees_the_files_of_a_limited_disk),
        TEST(a_light_sandbox_yields_to_a_heavier_one),
        TEST(no_code_can_give_itself_more_weight),
        TEST(a_weight_comes_back_with_a_stopped_session),
        TEST(a_weight_that_is_none_is_refused),
    };
    return RUN_TESTS(tests);
}
