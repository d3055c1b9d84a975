/* SPDX-License-Identifier: Apache-2.0 */
/* test_close.c: closing an engine whatever its sandboxes do. */
#include "support.h"

#include <pthread.h>
#include <signal.h>

/* Endless in Python, and endless where Python cannot interrupt it. */
static const char spin[] = "while True: pass";
static const char hang[] = "import itertools; sum(itertools.repeat(1))";

static void closing_ends_idle_sandboxes(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandboxes[10];
    pid_t pids[10];
    for (int i = 0; i < 10; i++) {
        sandboxes[i] = create(engine, NULL);
        pids[i] = clutch_sandbox_pid(sandboxes[i]);
    }
    clutch_engine_close(engine);
    for (int i = 0; i < 10; i++) {
        assert_false(is_alive(pids[i]));
        assert_int_equal(clutch_sandbox_pid(sandboxes[i]), 0);
        clutch_sandbox_destroy(sandboxes[i]);
    }
    assert_int_equal(orphan_count(), 0);
}

static void handles_of_a_closed_engine_fail_with_closed(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    static const char *const labels[] = {"k=v", NULL};
    options.name = "still here";
    options.labels = labels;
    clutch_sandbox *sandbox = create(engine, &options);
    clutch_execution *execution = start(sandbox, spin);
    clutch_engine_close(engine);
    clutch_error error;
    clutch_result *result = UNTOUCHED;
    clutch_execution *other = UNTOUCHED;
    clutch_status *status = UNTOUCHED;
    assert_refused(clutch_execution_poll(execution, &result, &error), CLUTCH_E_CLOSED, &error);
    assert_refused(clutch_execution_wait(execution, 10, &result, &error), CLUTCH_E_CLOSED, &error);
    assert_refused(clutch_sandbox_run(sandbox, "1", 1, NULL, &result, &error), CLUTCH_E_CLOSED, &error);
    assert_refused(clutch_execution_start(sandbox, "1", 1, NULL, &other, &error), CLUTCH_E_CLOSED, &error);
    assert_refused(clutch_sandbox_status(sandbox, &status, &error), CLUTCH_E_CLOSED, &error);
    assert_true(result == UNTOUCHED && other == UNTOUCHED && status == UNTOUCHED);
    clutch_execution_cancel(execution);
    clutch_sandbox_cancel(sandbox);
    assert_text(clutch_sandbox_name(sandbox), "still here");
    assert_text(clutch_sandbox_label(sandbox, "k"), "v");
    assert_int_equal(clutch_sandbox_pid(sandbox), 0);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void handles_of_a_closed_engine_are_freed_in_any_order(void **state)
{
    (void)state;
    enum { COUNT = 6 };
    static const int orders[][COUNT] = {{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 5, 1, 4, 2}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        clutch_engine *engine = open_bare(NULL);
        clutch_sandbox *sandboxes[COUNT];
        clutch_execution *executions[COUNT];
        for (int j = 0; j < COUNT; j++) {
            sandboxes[j] = create(engine, NULL);
            executions[j] = start(sandboxes[j], j % 2 ? spin : "1");
        }
        clutch_engine_close(engine);
        for (int j = 0; j < COUNT; j++)
            clutch_execution_free(executions[orders[i][j]]);
        for (int j = 0; j < COUNT; j++)
            clutch_sandbox_destroy(sandboxes[orders[i][j]]);
    }
}

static void a_result_outlives_its_sandbox_and_engine(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    clutch_result *result = run(sandbox, "print('kept'); open('f.csv', 'w').close(); 1/0");
    clutch_status *status = look_at(sandbox);
    clutch_engine_close(engine);
    clutch_sandbox_destroy(sandbox);
    assert_text(result->output[0].text, "kept");
    assert_text(result->files[0].name, "f.csv");
    assert_text(result->exception_type, "ZeroDivisionError");
    assert_int_equal(status->state, CLUTCH_STATE_RUNNING);
    clutch_result_free(result);
    clutch_status_free(status);
}

/* ---- While other threads are inside calls ---- */

struct call {
    clutch_sandbox *sandbox;
    const char *code;
    int returned; /* the code; 1 until it has returned */
    pthread_t thread;
};

static void *make_call(void *argument)
{
    struct call *call = argument;
    clutch_result *result = NULL;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.when_busy = CLUTCH_BUSY_WAIT;
    int code = clutch_sandbox_run(call->sandbox, call->code, strlen(call->code), &options, &result, NULL);
    clutch_result_free(result);
    __atomic_store_n(&call->returned, code, __ATOMIC_SEQ_CST);
    return NULL;
}

static void make_calls(struct call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        calls[i].returned = 1;
        assert_int_equal(pthread_create(&calls[i].thread, NULL, make_call, &calls[i]), 0);
    }
}

static bool are_all_executing(void *sandboxes)
{
    for (clutch_sandbox **sandbox = sandboxes; *sandbox; sandbox++) {
        clutch_status *status = look_at(*sandbox);
        bool executing = status->executing;
        clutch_status_free(status);
        if (!executing)
            return false;
    }
    return true;
}

static void closing_while_fifty_executions_run_returns_closed_to_all(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandboxes[COUNT + 1] = {0};
    struct call calls[COUNT];
    pid_t template = clutch_engine_describe(engine)->template_pid, children[COUNT];
    for (int i = 0; i < COUNT; i++) {
        sandboxes[i] = create(engine, NULL);
        children[i] = clutch_sandbox_pid(sandboxes[i]);
        calls[i] = (struct call){.sandbox = sandboxes[i], .code = i % 5 == 0 ? hang : spin};
    }
    make_calls(calls, COUNT);
    assert_true(eventually(are_all_executing, sandboxes, 20000));
    uint64_t before_ms = now_ms();
    clutch_engine_close(engine);
    assert_in_range(now_ms() - before_ms, 0, 4000);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(__atomic_load_n(&calls[i].returned, __ATOMIC_SEQ_CST), CLUTCH_E_CLOSED);
    assert_false(is_alive(template));
    for (int i = 0; i < COUNT; i++) {
        assert_false(is_alive(children[i]));
        pthread_join(calls[i].thread, NULL);
        clutch_sandbox_destroy(sandboxes[i]);
    }
}

static bool is_executing(void *sandbox)
{
    clutch_sandbox *list[] = {sandbox, NULL};
    return are_all_executing(list);
}

static void calls_that_wait_their_turn_return_closed_too(void **state)
{
    (void)state;
    enum { COUNT = 8 };
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    struct call calls[COUNT];
    for (int i = 0; i < COUNT; i++)
        calls[i] = (struct call){.sandbox = sandbox, .code = spin};
    make_calls(calls, COUNT);
    assert_true(eventually(is_executing, sandbox, 5000));
    sleep_ms(50);
    clutch_engine_close(engine);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(__atomic_load_n(&calls[i].returned, __ATOMIC_SEQ_CST), CLUTCH_E_CLOSED);
        pthread_join(calls[i].thread, NULL);
    }
    clutch_sandbox_destroy(sandbox);
}

static void *wait_long(void *argument)
{
    struct call *call = argument;
    clutch_execution *execution = start(call->sandbox, call->code);
    clutch_result *result = NULL;
    int code = clutch_execution_wait(execution, UINT64_MAX, &result, NULL);
    clutch_execution_free(execution);
    clutch_result_free(result);
    __atomic_store_n(&call->returned, code, __ATOMIC_SEQ_CST);
    return NULL;
}

static void a_wait_without_end_returns_closed(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    struct call call = {.sandbox = create(engine, NULL), .code = spin, .returned = 1};
    assert_int_equal(pthread_create(&call.thread, NULL, wait_long, &call), 0);
    assert_true(eventually(is_executing, call.sandbox, 5000));
    clutch_engine_close(engine);
    pthread_join(call.thread, NULL);
    assert_int_equal(call.returned, CLUTCH_E_CLOSED);
    clutch_sandbox_destroy(call.sandbox);
}

static void an_execution_that_ended_before_is_closed_all_the_same(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    clutch_execution *execution = start(sandbox, "1");
    sleep_ms(100);
    clutch_engine_close(engine);
    clutch_result *result = UNTOUCHED;
    assert_int_equal(clutch_execution_poll(execution, &result, NULL), CLUTCH_E_CLOSED);
    assert_ptr_equal(result, UNTOUCHED);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Processes that do not go by themselves ---- */

static void a_template_that_stands_still_is_killed(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    pid_t template = clutch_engine_describe(engine)->template_pid;
    pid_t child = clutch_sandbox_pid(sandbox);
    assert_int_equal(kill(template, SIGSTOP), 0);
    uint64_t before_ms = now_ms();
    clutch_engine_close(engine);
    assert_in_range(now_ms() - before_ms, 0, 7000);
    assert_false(is_alive(template));
    assert_true(dies(child, 1000));
    clutch_sandbox_destroy(sandbox);
}

static void stopped_sandboxes_end_with_their_engine(void **state)
{
    (void)state;
    clutch_engine *engine = open_bare(NULL);
    clutch_sandbox *sandbox = create(engine, NULL);
    pid_t child = clutch_sandbox_pid(sandbox);
    assert_int_equal(kill(child, SIGSTOP), 0);
    uint64_t before_ms = now_ms();
    clutch_engine_close(engine);
    assert_in_range(now_ms() - before_ms, 0, 3000);
    assert_false(is_alive(child));
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(closing_ends_idle_sandboxes),
        TEST(handles_of_a_closed_engine_fail_with_closed),
        TEST(handles_of_a_closed_engine_are_freed_in_any_order),
        TEST(a_result_outlives_its_sandbox_and_engine),
        TEST(closing_while_fifty_executions_run_returns_closed_to_all),
        TEST(calls_that_wait_their_turn_return_closed_too),
        TEST(a_wait_without_end_returns_closed),
        TEST(an_execution_that_ended_before_is_closed_all_the_same),
        TEST(a_template_that_stands_still_is_killed),
        TEST(stopped_sandboxes_end_with_their_engine),
    };
    return RUN_TESTS(tests);
}
