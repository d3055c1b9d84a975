/* SPDX-License-Identifier: Apache-2.0 */
/* test_status.c: looking at sandboxes that are idle, busy or gone. */
#include "support.h"

#include <pthread.h>
#include <signal.h>

static void an_idle_sandbox_is_running_and_not_executing(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_status *status = look_at(sandbox);
    assert_int_equal(status->state, CLUTCH_STATE_RUNNING);
    assert_false(status->executing);
    assert_int_equal(status->executions, 0);
    assert_int_equal(status->dataframe_count, 0);
    assert_false(status->dataframes_truncated);
    assert_in_range(status->memory_bytes, 100 << 10, 64 << 20);
    clutch_status_free(status);
    clutch_sandbox_destroy(sandbox);
}

static void executions_are_counted_from_their_start(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (uint64_t i = 0; i < 3; i++) {
        clutch_status *status = look_at(sandbox);
        assert_int_equal(status->executions, i);
        clutch_status_free(status);
        clutch_result_free(run(sandbox, i == 1 ? "1/0" : "1"));
    }
    clutch_execution *execution = start(sandbox, "import time; time.sleep(60)");
    clutch_status *status = look_at(sandbox);
    assert_int_equal(status->executions, 4);
    clutch_status_free(status);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void memory_grows_with_what_the_code_keeps(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_status *before = look_at(sandbox);
    do_run(sandbox, "kept = bytearray(b'x') * (64 << 20)");
    clutch_status *after = look_at(sandbox);
    assert_in_range(after->memory_bytes - before->memory_bytes, 60 << 20, 90 << 20);
    clutch_status_free(before);
    clutch_status_free(after);
    clutch_sandbox_destroy(sandbox);
}

static void a_busy_sandbox_is_looked_at_without_waiting(void **state)
{
    (void)state;
    static const char *const codes[] = {"while True: pass", "import itertools; sum(itertools.repeat(1))",
                                        "import time; time.sleep(60)"};
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = fresh();
        clutch_execution *execution = start(sandbox, codes[i]);
        uint64_t before_ms = now_ms();
        clutch_status *status = look_at(sandbox);
        assert_in_range(now_ms() - before_ms, 0, 500);
        assert_int_equal(status->state, CLUTCH_STATE_RUNNING);
        assert_true(status->executing);
        assert_true(status->memory_bytes > 0);
        clutch_status_free(status);
        clutch_execution_free(execution);
        clutch_sandbox_destroy(sandbox);
    }
}

static void looking_does_not_disturb_an_execution(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time\nfor i in range(20):\n    print(i)\n"
                                                 "    time.sleep(0.01)");
    for (int i = 0; i < 10; i++)
        clutch_status_free(look_at(sandbox));
    clutch_result *result = wait_for(execution);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_int_equal(result->output_count, 20);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_sandbox_that_has_ended_is_stopped(void **state)
{
    (void)state;
    static const char *const ways[] = {"import os; os._exit(0)", "import os; os.abort()", NULL};
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = fresh();
        do_run(sandbox, "1");
        if (ways[i]) {
            clutch_result_free(run(sandbox, ways[i]));
        } else {
            pid_t pid = clutch_sandbox_pid(sandbox);
            kill(pid, SIGKILL);
            assert_true(dies(pid, 1000));
        }
        clutch_status *status = look_at(sandbox);
        assert_int_equal(status->state, CLUTCH_STATE_STOPPED);
        assert_false(status->executing);
        assert_true(status->memory_bytes == 0);
        assert_int_equal(status->executions, ways[i] ? 2 : 1);
        assert_int_equal(status->dataframe_count, 0);
        clutch_status_free(status);
        clutch_sandbox_destroy(sandbox);
    }
}

/* ---- From many threads ---- */

struct looker {
    clutch_sandbox *sandbox;
    pthread_t thread;
    int failed, executing;
};

static void *look_often(void *argument)
{
    struct looker *looker = argument;
    for (int i = 0; i < 100; i++) {
        clutch_status *status = NULL;
        if (clutch_sandbox_status(looker->sandbox, &status, NULL) != 0)
            looker->failed++;
        else
            looker->executing += status->executing;
        clutch_status_free(status);
    }
    return NULL;
}

static void looks_from_many_threads_are_no_executions(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct looker lookers[4];
    for (int i = 0; i < 4; i++) {
        lookers[i] = (struct looker){.sandbox = sandbox};
        assert_int_equal(pthread_create(&lookers[i].thread, NULL, look_often, &lookers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(lookers[i].thread, NULL);
        assert_int_equal(lookers[i].failed, 0);
        assert_int_equal(lookers[i].executing, 0);
    }
    clutch_sandbox_destroy(sandbox);
}

static void a_look_makes_no_start_be_refused_as_busy(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    struct looker looker = {.sandbox = sandbox};
    assert_int_equal(pthread_create(&looker.thread, NULL, look_often, &looker), 0);
    for (int i = 0; i < 100; i++)
        clutch_result_free(wait_for(start(sandbox, "1")));
    pthread_join(looker.thread, NULL);
    assert_int_equal(looker.failed, 0);
    clutch_sandbox_destroy(sandbox);
}

/* ---- User code that a look runs into ---- */

static void a_sandbox_that_does_not_answer_a_look_is_ended_in_time(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    pid_t pid = clutch_sandbox_pid(sandbox);
    do_run(sandbox, "1");
    kill(pid, SIGSTOP);
    uint64_t before_ms = now_ms();
    clutch_status *status = UNTOUCHED;
    clutch_error error;
    assert_refused(clutch_sandbox_status(sandbox, &status, &error), CLUTCH_E_PROTOCOL, &error);
    assert_ptr_equal(status, UNTOUCHED);
    assert_in_range(now_ms() - before_ms, 0, 6500);
    assert_false(is_alive(pid));
    status = look_at(sandbox);
    assert_int_equal(status->state, CLUTCH_STATE_STOPPED);
    clutch_status_free(status);
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_idle_sandbox_is_running_and_not_executing),
        TEST(executions_are_counted_from_their_start),
        TEST(memory_grows_with_what_the_code_keeps),
        TEST(a_busy_sandbox_is_looked_at_without_waiting),
        TEST(looking_does_not_disturb_an_execution),
        TEST(a_sandbox_that_has_ended_is_stopped),
        TEST(looks_from_many_threads_are_no_executions),
        TEST(a_look_makes_no_start_be_refused_as_busy),
        TEST(a_sandbox_that_does_not_answer_a_look_is_ended_in_time),
    };
    return RUN_TESTS(tests);
}
