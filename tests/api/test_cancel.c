/* SPDX-License-Identifier: Apache-2.0 */
/* test_cancel.c: interrupting executions, from everywhere and at every moment. */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>

static void assert_cancelled(clutch_result *result)
{
    assert_outcome(result, CLUTCH_OUTCOME_CANCELLED);
    assert_false(result->sandbox_ended);
    assert_text(result->error, "executing Python code: KeyboardInterrupt()");
    assert_int_equal(result->limit, CLUTCH_LIMIT_NONE);
    clutch_result_free(result);
}

static void a_cancelled_loop_ends_soon_and_keeps_the_state(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "kept = 1\nwhile True: pass",
        "kept = 1\nimport time\ntime.sleep(1000)",
        "kept = 1\nimport threading\nthreading.Event().wait()",
        "kept = 1\nwhile True: sum(range(1000))",
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        clutch_sandbox *sandbox = fresh();
        clutch_execution *execution = start(sandbox, codes[i]);
        sleep_ms(50);
        uint64_t before_ms = now_ms();
        clutch_execution_cancel(execution);
        assert_cancelled(wait_for(execution));
        assert_in_range(now_ms() - before_ms, 0, 300);
        assert_text(answer(sandbox, "print(kept)"), "1");
        clutch_sandbox_destroy(sandbox);
    }
}

static void code_that_does_not_yield_is_killed_after_its_grace(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.grace_ms = 100;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_execution *execution = start(sandbox, "print('kept', flush=True)\n"
                                                 "import itertools; sum(itertools.repeat(1))");
    sleep_ms(50);
    uint64_t before_ms = now_ms();
    clutch_execution_cancel(execution);
    clutch_result *result = wait_for(execution);
    assert_in_range(now_ms() - before_ms, 100, 600);
    assert_outcome(result, CLUTCH_OUTCOME_KILLED);
    assert_true(result->sandbox_ended);
    assert_int_equal(result->signal, 9);
    assert_text(result->output[0].text, "kept");
    assert_holds(result->error, "100 ms");
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void code_that_handles_the_interrupt_ends_as_it_likes(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time\ntry:\n    for i in range(10**12): x = i\n"
                                                 "except KeyboardInterrupt: print('handled')");
    sleep_ms(50);
    clutch_execution_cancel(execution);
    clutch_result *result = wait_for(execution);
    assert_false(result->sandbox_ended);
    assert_int_equal(result->output_count, 1);
    assert_text(result->output[0].text, "handled");
    clutch_result_free(result);
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
}

/* ---- From where ---- */

static void cancel_on_first_output(const clutch_output *element, void *user)
{
    assert_text(element->text, "go");
    clutch_execution_cancel(*(clutch_execution **)user);
}

static void the_output_callback_may_cancel(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = NULL;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.on_output = cancel_on_first_output;
    options.user = &execution;
    static const char code[] = "print('go')\nwhile True: pass";
    assert_int_equal(clutch_execution_start(sandbox, code, strlen(code), &options, &execution, NULL), 0);
    assert_cancelled(wait_for(execution));
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
}

struct canceller {
    clutch_sandbox *sandbox;
    clutch_execution *execution;
    unsigned after_ms;
    pthread_t thread;
};

static void *cancel_later(void *argument)
{
    struct canceller *canceller = argument;
    sleep_ms(canceller->after_ms);
    if (canceller->execution)
        clutch_execution_cancel(canceller->execution);
    else
        clutch_sandbox_cancel(canceller->sandbox);
    return NULL;
}

static void another_thread_may_cancel_a_run(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct canceller canceller = {.sandbox = sandbox, .after_ms = 80};
    assert_int_equal(pthread_create(&canceller.thread, NULL, cancel_later, &canceller), 0);
    assert_cancelled(run(sandbox, "while True: pass"));
    pthread_join(canceller.thread, NULL);
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
}

static void another_thread_may_cancel_a_wait(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct canceller canceller = {.after_ms = 80};
    canceller.execution = start(sandbox, "import time; time.sleep(1000)");
    assert_int_equal(pthread_create(&canceller.thread, NULL, cancel_later, &canceller), 0);
    clutch_result *result = NULL;
    assert_int_equal(clutch_execution_wait(canceller.execution, UINT64_MAX, &result, NULL), 0);
    assert_cancelled(result);
    pthread_join(canceller.thread, NULL);
    clutch_execution_free(canceller.execution);
    clutch_sandbox_destroy(sandbox);
}

/* The cancel comes at any point of an event loop's turn, also between its look at the execution and
 * its going back to sleep. */
static void no_cancel_is_lost_on_an_event_loop(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (int i = 0; i < 30; i++) {
        struct canceller canceller = {.after_ms = (unsigned)i % 7};
        canceller.execution = start(sandbox, "while True: print('.', flush=True)");
        int fd = clutch_execution_fd(canceller.execution, NULL), got;
        assert_int_equal(pthread_create(&canceller.thread, NULL, cancel_later, &canceller), 0);
        clutch_result *result = NULL;
        uint64_t before_ms = now_ms();
        while ((got = clutch_execution_poll(canceller.execution, &result, NULL)) == 0) {
            struct pollfd waiting = {fd, POLLIN, 0};
            poll(&waiting, 1, 5000);
        }
        assert_in_range(now_ms() - before_ms, 0, 1000);
        assert_int_equal(got, 1);
        pthread_join(canceller.thread, NULL);
        assert_cancelled(result);
        clutch_execution_free(canceller.execution);
    }
    clutch_sandbox_destroy(sandbox);
}

/* ---- When ---- */

static void cancelling_twice_is_cancelling_once(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "while True: pass");
    for (int i = 0; i < 10; i++) {
        clutch_execution_cancel(execution);
        clutch_sandbox_cancel(sandbox);
        sleep_ms(1);
    }
    assert_cancelled(wait_for(execution));
    do_run(sandbox, "1");
    clutch_sandbox_destroy(sandbox);
}

static void cancelling_at_once_is_not_too_early(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (int i = 0; i < 50; i++) {
        clutch_execution *execution = start(sandbox, "import time\nwhile True: time.sleep(0.001)");
        clutch_execution_cancel(execution);
        assert_cancelled(wait_for(execution));
    }
    clutch_sandbox_destroy(sandbox);
}

static int64_t cpu_now_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

static void cancelling_after_the_end_changes_nothing(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "x = 5");
    clutch_result *result = NULL;
    assert_int_equal(clutch_execution_wait(execution, 5000, &result, NULL), 0);
    clutch_execution_cancel(execution);
    clutch_sandbox_cancel(sandbox);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    assert_text(answer(sandbox, "print(x)"), "5");
    /* Nor does it keep the next wait awake. */
    int64_t before_ms = cpu_now_ms();
    do_run(sandbox, "import time; time.sleep(0.5)");
    assert_in_range(cpu_now_ms() - before_ms, 0, 100);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void cancelling_an_idle_sandbox_is_nothing(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_sandbox_cancel(sandbox);
    do_run(sandbox, "import time; time.sleep(0.05)");
    clutch_sandbox_cancel(sandbox);
    do_run(sandbox, "import time; time.sleep(0.05)");
    clutch_sandbox_destroy(sandbox);
}

/* A cancel that crosses the end must never hit the execution after it. */
static void a_late_cancel_never_hits_the_next_execution(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (int i = 0; i < 150; i++) {
        clutch_execution *execution = start(sandbox, format("for i in range(%d): pass", i * 200));
        clutch_execution_cancel(execution);
        clutch_result *result = wait_for(execution);
        assert_true(result->outcome == CLUTCH_OUTCOME_OK || result->outcome == CLUTCH_OUTCOME_CANCELLED);
        clutch_result_free(result);
        do_run(sandbox, "for i in range(2000): pass");
    }
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_cancelled_loop_ends_soon_and_keeps_the_state),
        TEST(code_that_does_not_yield_is_killed_after_its_grace),
        TEST(code_that_handles_the_interrupt_ends_as_it_likes),
        TEST(the_output_callback_may_cancel),
        TEST(another_thread_may_cancel_a_run),
        TEST(another_thread_may_cancel_a_wait),
        TEST(no_cancel_is_lost_on_an_event_loop),
        TEST(cancelling_twice_is_cancelling_once),
        TEST(cancelling_at_once_is_not_too_early),
        TEST(cancelling_after_the_end_changes_nothing),
        TEST(cancelling_an_idle_sandbox_is_nothing),
        TEST(a_late_cancel_never_hits_the_next_execution),
    };
    return RUN_TESTS(tests);
}
