/* SPDX-License-Identifier: Apache-2.0 */
/* test_execution.c: starting, polling, waiting for and freeing executions. */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

/* ---- Start, poll, wait, free ---- */

static void poll_says_zero_until_the_end_and_one_then(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time; time.sleep(0.2); print('done')");
    clutch_result *result = UNTOUCHED;
    int polls = 0, got;
    while ((got = clutch_execution_poll(execution, &result, NULL)) == 0) {
        assert_ptr_equal(result, UNTOUCHED);
        polls++;
        sleep_ms(5);
    }
    assert_int_equal(got, 1);
    assert_in_range(polls, 5, 1000);
    assert_text(result->output[0].text, "done");
    clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void a_result_is_handed_out_once(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "1");
    clutch_result *result = NULL, *again = UNTOUCHED;
    clutch_error error;
    assert_int_equal(clutch_execution_wait(execution, 5000, &result, &error), 0);
    assert_refused(clutch_execution_wait(execution, 5000, &again, &error), CLUTCH_E_INVALID, &error);
    assert_refused(clutch_execution_poll(execution, &again, &error), CLUTCH_E_INVALID, &error);
    assert_ptr_equal(again, UNTOUCHED);
    clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void a_wait_that_times_out_leaves_it_running(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time; time.sleep(0.3); print('ended by itself')");
    static const unsigned timeouts_ms[] = {0, 1, 50};
    for (size_t i = 0; i < 3; i++) {
        clutch_result *result = UNTOUCHED;
        clutch_error error;
        uint64_t before_ms = now_ms();
        assert_refused(clutch_execution_wait(execution, timeouts_ms[i], &result, &error), CLUTCH_E_TIMEOUT,
                       &error);
        assert_in_range(now_ms() - before_ms, timeouts_ms[i], timeouts_ms[i] + 100);
        assert_ptr_equal(result, UNTOUCHED);
    }
    clutch_result *result = wait_for(execution);
    assert_text(result->output[0].text, "ended by itself");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void freeing_a_running_execution_ends_the_sandbox(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    pid_t pid = clutch_sandbox_pid(sandbox);
    clutch_execution *execution = start(sandbox, "import itertools; sum(itertools.repeat(1))");
    sleep_ms(20);
    clutch_execution_free(execution);
    assert_false(is_alive(pid));
    clutch_result *result = UNTOUCHED;
    assert_int_equal(clutch_sandbox_run(sandbox, "1", 1, NULL, &result, NULL), CLUTCH_E_ENDED);
    clutch_sandbox_destroy(sandbox);
}

static void freeing_an_ended_execution_keeps_the_sandbox(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "x = 1");
    clutch_result *result = NULL;
    assert_int_equal(clutch_execution_wait(execution, 5000, &result, NULL), 0);
    clutch_result_free(result);
    clutch_execution_free(execution);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_sandbox_destroy(sandbox);
}

/* Nobody has noticed its end yet, so freeing it still ends the sandbox. */
static void an_end_counts_when_it_was_collected(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "x = 1");
    sleep_ms(100);
    clutch_execution_free(execution);
    assert_int_equal(clutch_sandbox_pid(sandbox), 0);
    clutch_sandbox_destroy(sandbox);
}

static void a_second_start_is_refused_as_busy(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time; time.sleep(0.1)");
    clutch_execution *other = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_execution_start(sandbox, "1", 1, NULL, &other, &error), CLUTCH_E_BUSY, &error);
    assert_ptr_equal(other, UNTOUCHED);
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.when_busy = CLUTCH_BUSY_REFUSE;
    clutch_result *result = UNTOUCHED;
    assert_refused(clutch_sandbox_run(sandbox, "1", 1, &options, &result, &error), CLUTCH_E_BUSY, &error);
    assert_ptr_equal(result, UNTOUCHED);
    clutch_result_free(wait_for(execution));
    clutch_result_free(wait_for(start(sandbox, "1")));
    clutch_sandbox_destroy(sandbox);
}

/* ---- Turns, from several threads ---- */

struct caller {
    clutch_sandbox *sandbox;
    const char *code;
    uint32_t when_busy;
    pthread_t thread;
    int returned;
    uint64_t serial;
};

static void *call_run(void *argument)
{
    struct caller *caller = argument;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.when_busy = caller->when_busy;
    clutch_result *result = NULL;
    caller->returned = clutch_sandbox_run(caller->sandbox, caller->code, strlen(caller->code), &options,
                                          &result, NULL);
    caller->serial = result ? result->serial : 0;
    clutch_result_free(result);
    return NULL;
}

static void runs_wait_their_turn_by_default(void **state)
{
    (void)state;
    enum { CALLERS = 6 };
    clutch_sandbox *sandbox = fresh();
    do_run(sandbox, "inside = most = count = 0");
    struct caller callers[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.sandbox = sandbox, .when_busy = i % 2 ? CLUTCH_BUSY_WAIT : 0};
        callers[i].code = "import time\ninside += 1; most = max(most, inside)\ntime.sleep(0.02)\n"
                          "count += 1; inside -= 1";
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_run, &callers[i]), 0);
    }
    uint64_t serials = 0;
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].returned, 0);
        serials |= (uint64_t)1 << callers[i].serial;
    }
    assert_int_equal(serials, 0xfc);
    assert_text(answer(sandbox, format("print(most, count == %d)", CALLERS)), "1 True");
    clutch_sandbox_destroy(sandbox);
}

static void a_start_may_wait_its_turn_too(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct caller caller = {.sandbox = sandbox, .code = "import time; time.sleep(0.3)"};
    assert_int_equal(pthread_create(&caller.thread, NULL, call_run, &caller), 0);
    sleep_ms(100);
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.when_busy = CLUTCH_BUSY_WAIT;
    clutch_execution *execution = NULL;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_execution_start(sandbox, "print('second')", 15, &options, &execution, &error),
                  &error);
    pthread_join(caller.thread, NULL);
    clutch_result *result = wait_for(execution);
    assert_text(result->output[0].text, "second");
    assert_int_equal(result->serial, 2);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void all_who_wait_hear_of_the_sandboxs_end(void **state)
{
    (void)state;
    enum { CALLERS = 5 };
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time, os; time.sleep(0.3); os._exit(0)");
    struct caller callers[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.sandbox = sandbox, .code = "1"};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_run, &callers[i]), 0);
    }
    sleep_ms(100);
    clutch_result_free(wait_for(execution));
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].returned, CLUTCH_E_ENDED);
    }
    clutch_sandbox_destroy(sandbox);
}

/* ---- In parallel ---- */

/* Two CPU-bound sandboxes are both runnable all the time: neither ever waits for the other, as two
 * threads of one interpreter would. How much CPU they get is the machine's business. */
static void different_sandboxes_run_truly_in_parallel(void **state)
{
    (void)state;
    static const char spin[] = "while True: pass";
    clutch_sandbox *sandboxes[2] = {fresh(), fresh()};
    clutch_execution *executions[2];
    for (int i = 0; i < 2; i++)
        executions[i] = start(sandboxes[i], spin);
    sleep_ms(50);
    int both = 0;
    for (int i = 0; i < 100; i++) {
        sleep_ms(2);
        both += process_state(clutch_sandbox_pid(sandboxes[0])) == 'R' &&
                process_state(clutch_sandbox_pid(sandboxes[1])) == 'R';
    }
    assert_in_range(both, 90, 100);
    for (int i = 0; i < 2; i++) {
        clutch_execution_cancel(executions[i]);
        clutch_result *result = wait_for(executions[i]);
        assert_outcome(result, CLUTCH_OUTCOME_CANCELLED);
        clutch_result_free(result);
        clutch_sandbox_destroy(sandboxes[i]);
    }
}

/* A host that waits spends no CPU time. */
static void waiting_costs_no_cpu_time(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    do_run(sandbox, "import time; time.sleep(0.5)");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    int64_t used_ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    assert_in_range(used_ms, 0, 100);
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(poll_says_zero_until_the_end_and_one_then),
        TEST(a_result_is_handed_out_once),
        TEST(a_wait_that_times_out_leaves_it_running),
        TEST(freeing_a_running_execution_ends_the_sandbox),
        TEST(freeing_an_ended_execution_keeps_the_sandbox),
        TEST(an_end_counts_when_it_was_collected),
        TEST(a_second_start_is_refused_as_busy),
        TEST(runs_wait_their_turn_by_default),
        TEST(a_start_may_wait_its_turn_too),
        TEST(all_who_wait_hear_of_the_sandboxs_end),
        TEST(different_sandboxes_run_truly_in_parallel),
        TEST(waiting_costs_no_cpu_time),
    };
    return RUN_TESTS(tests);
}
