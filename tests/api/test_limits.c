/* SPDX-License-Identifier: Apache-2.0 */
/* test_limits.c: time and memory of an execution, at the bound, and what the result says of it. */
#include "support.h"

#include <signal.h>

static const char hang[] = "import itertools; sum(itertools.repeat(1))"; /* never yields */

static clutch_result *run_within(clutch_sandbox *sandbox, const char *code, uint64_t wall_ms,
                                 uint64_t cpu_ms, uint64_t grace_ms)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = wall_ms;
    limits.cpu_ms = cpu_ms;
    limits.grace_ms = grace_ms;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &limits;
    return run_with(sandbox, code, &options);
}

static void assert_timeout(const clutch_result *result, uint32_t limit, uint64_t value_ms, bool ended)
{
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_int_equal(result->limit, limit);
    assert_int_equal(result->limit_value, value_ms);
    assert_true(result->limit_used >= value_ms);
    assert_int_equal(result->sandbox_ended, ended);
    assert_text(result->exception_type, "TimeoutError");
    assert_holds(result->error, "executing Python code: TimeoutError('");
    assert_holds(result->error, format("%llu ms", (unsigned long long)value_ms));
    assert_int_equal(result->signal, 0);
}

/* ---- Wall time ---- */

static void the_wall_limit_interrupts_and_keeps_the_state(void **state)
{
    (void)state;
    static const char *const codes[] = {"kept = 7\nwhile True: pass", "kept = 7\nimport time; time.sleep(99)",
                                        "kept = 7\nimport threading; threading.Lock().acquire(); "
                                        "threading.Event().wait()"};
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = fresh();
        uint64_t before_ms = now_ms();
        clutch_result *result = run_within(sandbox, codes[i], 150, 0, 0);
        assert_in_range(now_ms() - before_ms, 150, 640);
        assert_timeout(result, CLUTCH_LIMIT_WALL, 150, false);
        assert_holds(result->traceback, "line 2");
        clutch_result_free(result);
        assert_text(answer(sandbox, "print(kept)"), "7");
        clutch_sandbox_destroy(sandbox);
    }
}

/* Times are never exact, so below and above are a third of the limit away; at the limit is never early. */
static void below_the_wall_limit_nothing_happens_and_above_it_is_interrupted(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox, "import time; time.sleep(0.6)", 900, 0, 0);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_int_equal(result->limit, CLUTCH_LIMIT_NONE);
    clutch_result_free(result);
    result = run_within(sandbox, "import time; time.sleep(1.2)", 900, 0, 0);
    assert_timeout(result, CLUTCH_LIMIT_WALL, 900, false);
    assert_in_range(result->limit_used, 900, 1200);
    clutch_result_free(result);
    result = run_within(sandbox, "while True: pass", 1, 0, 0);
    assert_timeout(result, CLUTCH_LIMIT_WALL, 1, false);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void what_does_not_yield_is_killed_after_the_grace(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    uint64_t before_ms = now_ms();
    clutch_result *result = run_within(sandbox, format("print('kept', flush=True)\n%s", hang), 100, 0, 200);
    assert_in_range(now_ms() - before_ms, 300, 1500);
    assert_timeout(result, CLUTCH_LIMIT_WALL, 100, true);
    assert_text(result->output[0].text, "kept");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void cleaning_up_within_the_grace_keeps_the_sandbox(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox,
                                       "import time\ntry:\n    time.sleep(100)\n"
                                       "finally:\n    t = time.monotonic()\n"
                                       "    while time.monotonic() - t < 0.05: pass\n"
                                       "    print('cleaned up')", 100, 0, 5000);
    assert_timeout(result, CLUTCH_LIMIT_WALL, 100, false);
    assert_text(result->output[0].text, "cleaned up");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void below_the_grace_limit_the_sandbox_is_kept_and_above_it_is_killed(void **state)
{
    (void)state;
    /* Code that does not yield is interrupted again and again. */
    static const char code[] = "import time\nend = time.monotonic() + 0.05 + %s\n"
                               "while time.monotonic() < end:\n"
                               "    try: time.sleep(10)\n    except BaseException: pass";
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox, format(code, "0.6"), 50, 0, 900);
    assert_false(result->sandbox_ended);
    clutch_result_free(result);
    uint64_t before_ms = now_ms();
    result = run_within(sandbox, format(code, "1.2"), 50, 0, 900);
    assert_in_range(now_ms() - before_ms, 950, 1250);
    assert_timeout(result, CLUTCH_LIMIT_WALL, 50, true);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_stopped_process_is_ended_by_the_wall_limit(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        clutch_sandbox *sandbox = fresh();
        pid_t pid = clutch_sandbox_pid(sandbox);
        if (i == 0)
            kill(pid, SIGSTOP); /* before it has even read the code */
        uint64_t before_ms = now_ms();
        clutch_result *result = run_within(
            sandbox, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", 100, 0, 100);
        assert_in_range(now_ms() - before_ms, 200, 1500);
        assert_timeout(result, CLUTCH_LIMIT_WALL, 100, true);
        clutch_result_free(result);
        assert_false(is_alive(pid));
        clutch_sandbox_destroy(sandbox);
    }
}

static void no_wall_limit_lets_it_run(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = 50;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_result *result = run_within(sandbox, "import time; time.sleep(0.3)", CLUTCH_UNLIMITED, 0, 0);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    result = run(sandbox, "import time; time.sleep(9)");
    assert_timeout(result, CLUTCH_LIMIT_WALL, 50, false);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* ---- CPU time ---- */

static void the_cpu_limit_counts_cpu_time_only(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox, "import time; time.sleep(0.5)", 0, 200, 0);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    result = run_within(sandbox, "kept = 1\nwhile True: pass", 20000, 200, 0);
    assert_timeout(result, CLUTCH_LIMIT_CPU, 200, false);
    assert_in_range(result->limit_used, 200, 400);
    clutch_result_free(result);
    /* It is one execution's: time used before does not count. */
    result = run_within(sandbox, "import time; t = time.process_time()\n"
                                 "while time.process_time() - t < 0.1: pass\nprint(kept)", 20000, 200, 0);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void below_the_cpu_limit_nothing_happens_and_above_it_is_interrupted(void **state)
{
    (void)state;
    static const char code[] = "import time; t = time.process_time()\n"
                               "while time.process_time() - t < %s: pass";
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox, format(code, "0.4"), 20000, 600, 0);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_int_equal(result->limit, CLUTCH_LIMIT_NONE);
    clutch_result_free(result);
    result = run_within(sandbox, format(code, "0.8"), 20000, 600, 0);
    assert_timeout(result, CLUTCH_LIMIT_CPU, 600, false);
    assert_in_range(result->limit_used, 600, 800);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_cpu_time_of_all_threads_counts(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    /* zlib works without the GIL, so the threads run side by side. */
    clutch_result *result = run_within(sandbox,
                                       "import threading, zlib\ndata = bytes(1 << 20)\n"
                                       "def work():\n    while True: zlib.compress(data)\n"
                                       "for i in range(3):\n"
                                       "    threading.Thread(target=work, daemon=True).start()\n"
                                       "threading.Event().wait()", 20000, 400, 0);
    assert_timeout(result, CLUTCH_LIMIT_CPU, 400, false);
    assert_in_range(result->limit_used, 400, 900);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void cpu_time_that_does_not_yield_is_killed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox, hang, 20000, 100, 100);
    assert_timeout(result, CLUTCH_LIMIT_CPU, 100, true);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_first_limit_that_is_reached_is_told(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run_within(sandbox, "while True: pass", 200, 10000, 0);
    assert_timeout(result, CLUTCH_LIMIT_WALL, 200, false);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Memory ---- */

static clutch_sandbox *with_memory(uint64_t memory_bytes)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.memory_bytes = memory_bytes;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    return create(the_engine(), &options);
}

static void the_memory_limit_raises_and_keeps_the_state(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with_memory(256 << 20);
    do_run(sandbox, "kept = bytearray(100 << 20)");
    static const char *const hogs[] = {"hog = bytearray(256 << 20)",
                                       "import numpy; numpy.ones(256 << 20, 'u1')",
                                       "hog = []\nwhile True: hog.append(bytearray(1 << 20))"};
    for (int i = 0; i < 3; i++) {
        clutch_result *result = run(sandbox, hogs[i]);
        assert_outcome(result, CLUTCH_OUTCOME_MEMORY);
        assert_int_equal(result->limit, CLUTCH_LIMIT_MEMORY);
        assert_int_equal(result->limit_value, 256 << 20);
        assert_false(result->sandbox_ended);
        assert_holds(result->exception_type, "MemoryError");
        clutch_result_free(result);
        do_run(sandbox, "hog = None");
    }
    assert_text(answer(sandbox, "print(len(kept) >> 20)"), "100");
    clutch_sandbox_destroy(sandbox);
}

static void below_the_memory_limit_nothing_happens(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with_memory(256 << 20);
    do_run(sandbox, "kept = bytearray(200 << 20)");
    clutch_sandbox_destroy(sandbox);
}

/* How many pages a sandbox of this limit can map at once; what the engine maps comes off the limit. */
static long mappable_pages(uint64_t memory_bytes)
{
    clutch_sandbox *sandbox = with_memory(memory_bytes);
    long pages = atol(answer(sandbox, "import mmap\nbelow, above = 0, 1 << 18\n"
                                      "while above - below > 1:\n"
                                      "    pages = (below + above) // 2\n"
                                      "    try: mmap.mmap(-1, pages * mmap.PAGESIZE).close()\n"
                                      "    except (OSError, MemoryError): above = pages\n"
                                      "    else: below = pages\n"
                                      "print(below)"));
    clutch_sandbox_destroy(sandbox);
    return pages;
}

static void one_page_more_of_memory_is_one_page_more(void **state)
{
    (void)state;
    long page = sysconf(_SC_PAGESIZE);
    uint64_t limit = 256 << 20;
    long below = mappable_pages(limit - (uint64_t)page), at = mappable_pages(limit),
         above = mappable_pages(limit + (uint64_t)page);
    assert_in_range(at * page, 200 << 20, 256 << 20);
    assert_int_equal(at - below, 1);
    assert_int_equal(above - at, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_wall_limit_interrupts_and_keeps_the_state),
        TEST(below_the_wall_limit_nothing_happens_and_above_it_is_interrupted),
        TEST(what_does_not_yield_is_killed_after_the_grace),
        TEST(cleaning_up_within_the_grace_keeps_the_sandbox),
        TEST(below_the_grace_limit_the_sandbox_is_kept_and_above_it_is_killed),
        TEST(a_stopped_process_is_ended_by_the_wall_limit),
        TEST(no_wall_limit_lets_it_run),
        TEST(the_cpu_limit_counts_cpu_time_only),
        TEST(below_the_cpu_limit_nothing_happens_and_above_it_is_interrupted),
        TEST(the_cpu_time_of_all_threads_counts),
        TEST(cpu_time_that_does_not_yield_is_killed),
        TEST(the_first_limit_that_is_reached_is_told),
        TEST(the_memory_limit_raises_and_keeps_the_state),
        TEST(below_the_memory_limit_nothing_happens),
        TEST(one_page_more_of_memory_is_one_page_more),
    };
    return RUN_TESTS(tests);
}
