/* SPDX-License-Identifier: Apache-2.0 */
/* test_epoll.c: executions on a host's own event loop. */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

static bool is_readable(int fd, unsigned patience_ms)
{
    struct pollfd waiting = {fd, POLLIN, 0};
    return poll(&waiting, 1, (int)patience_ms) == 1;
}

static clutch_execution *start_limited(clutch_sandbox *sandbox, const char *code, uint64_t wall_ms,
                                       uint64_t cpu_ms)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = wall_ms;
    limits.cpu_ms = cpu_ms;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &limits;
    clutch_execution *execution = NULL;
    assert_int_equal(clutch_execution_start(sandbox, code, strlen(code), &options, &execution, NULL), 0);
    return execution;
}

/* What an event loop does: sleep on the descriptor alone, and poll only when it is readable. Counts the
 * times it was woken. */
static clutch_result *loop(clutch_execution *execution, unsigned patience_ms, unsigned *wakes)
{
    clutch_result *result = NULL;
    clutch_error error;
    int fd = clutch_execution_fd(execution, &error), got;
    assert_true(fd >= 0);
    while (is_readable(fd, patience_ms)) {
        ++*wakes;
        got = clutch_execution_poll(execution, &result, &error);
        if (got < 0)
            fail_msg("%s", error.message);
        if (got == 1)
            return result;
    }
    fail_msg("the descriptor was not readable within %u ms", patience_ms);
    return NULL;
}

static void three_hundred_sandboxes_run_in_one_thread(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    static clutch_sandbox *sandboxes[COUNT];
    static clutch_execution *executions[COUNT];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int loop_fd = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < COUNT; i++) {
        sandboxes[i] = fresh();
        executions[i] = start(sandboxes[i], format("import time; time.sleep(0.01 * %d); print(%d)",
                                                   i % 7, i));
        struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = (uint32_t)i}};
        int fd = clutch_execution_fd(executions[i], NULL);
        assert_true(fd >= 0);
        assert_int_equal(epoll_ctl(loop_fd, EPOLL_CTL_ADD, fd, &event), 0);
    }
    int left = COUNT;
    while (left > 0) {
        struct epoll_event events[32];
        int ready = epoll_wait(loop_fd, events, 32, 20000);
        assert_true(ready > 0);
        for (int j = 0; j < ready; j++) {
            uint32_t i = events[j].data.u32;
            clutch_result *result = NULL;
            int got = clutch_execution_poll(executions[i], &result, NULL);
            assert_in_range(got, 0, 1);
            if (!got)
                continue;
            assert_text(result->output[0].text, format("%d", i));
            clutch_result_free(result);
            epoll_ctl(loop_fd, EPOLL_CTL_DEL, clutch_execution_fd(executions[i], NULL), NULL);
            clutch_execution_free(executions[i]);
            left--;
        }
    }
    close(loop_fd);
    for (int i = 0; i < COUNT; i++)
        clutch_sandbox_destroy(sandboxes[i]);
}

static void the_end_makes_it_readable(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    for (int i = 0; i < 20; i++) {
        unsigned wakes = 0;
        clutch_execution *execution = start(sandbox, "1");
        clutch_result *result = loop(execution, 5000, &wakes);
        assert_outcome(result, CLUTCH_OUTCOME_OK);
        clutch_result_free(result);
        clutch_execution_free(execution);
    }
    clutch_sandbox_destroy(sandbox);
}

static void output_makes_it_readable_before_the_end(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "print('now', flush=True)\nimport time; time.sleep(30)");
    int fd = clutch_execution_fd(execution, NULL);
    clutch_result *result = NULL;
    assert_true(is_readable(fd, 5000));
    assert_int_equal(clutch_execution_poll(execution, &result, NULL), 0);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void nothing_to_do_leaves_it_unreadable(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "import time; time.sleep(30)");
    int fd = clutch_execution_fd(execution, NULL);
    clutch_result *result = NULL;
    assert_int_equal(clutch_execution_poll(execution, &result, NULL), 0);
    assert_false(is_readable(fd, 200));
    clutch_execution_cancel(execution);
    unsigned wakes = 0;
    clutch_result_free(loop(execution, 5000, &wakes));
    assert_in_range(wakes, 1, 10);
    assert_false(is_readable(fd, 100)); /* the sandbox is idle */
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void it_is_one_descriptor_for_all_executions(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    int first = -1;
    for (int i = 0; i < 5; i++) {
        clutch_execution *execution = start(sandbox, "1");
        int fd = clutch_execution_fd(execution, NULL);
        assert_int_equal(clutch_execution_fd(execution, NULL), fd);
        assert_true(first == -1 || fd == first);
        first = fd;
        clutch_result_free(wait_for(execution));
    }
    clutch_sandbox_destroy(sandbox);
}

struct asker {
    clutch_execution *execution;
    pthread_t thread;
    int fd;
};

static void *ask(void *argument)
{
    struct asker *asker = argument;
    asker->fd = clutch_execution_fd(asker->execution, NULL);
    return NULL;
}

static void threads_that_ask_at_once_get_the_same(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        clutch_sandbox *sandbox = fresh();
        struct asker askers[6];
        clutch_execution *execution = start(sandbox, "1");
        size_t before = descriptor_count();
        for (int i = 0; i < 6; i++) {
            askers[i].execution = execution;
            assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
        }
        for (int i = 0; i < 6; i++) {
            pthread_join(askers[i].thread, NULL);
            assert_int_equal(askers[i].fd, askers[0].fd);
        }
        assert_int_equal(descriptor_count(), before + 1);
        clutch_execution_free(execution);
        clutch_sandbox_destroy(sandbox);
    }
}

static void it_may_be_asked_for_after_the_end_was_noticed(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start(sandbox, "1");
    sleep_ms(100); /* the end is in the channel */
    unsigned wakes = 0;
    clutch_result *result = loop(execution, 1000, &wakes);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Deadlines ---- */

static void a_wall_limit_makes_it_readable(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start_limited(sandbox, "import time; time.sleep(30)", 100, 0);
    unsigned wakes = 0;
    clutch_result *result = loop(execution, 5000, &wakes);
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_false(result->sandbox_ended);
    assert_in_range(wakes, 1, 10);
    clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void a_grace_limit_makes_it_readable(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution =
        start_limited(sandbox, "import itertools; sum(itertools.repeat(1))", 100, 0);
    unsigned wakes = 0;
    clutch_result *result = loop(execution, 5000, &wakes);
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_true(result->sandbox_ended);
    assert_in_range(wakes, 2, 10);
    clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

static void a_cpu_limit_makes_it_readable(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start_limited(sandbox, "while True: pass", 0, 150);
    unsigned wakes = 0;
    clutch_result *result = loop(execution, 10000, &wakes);
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    assert_int_equal(result->limit, CLUTCH_LIMIT_CPU);
    assert_in_range(wakes, 2, 1000);
    clutch_result_free(result);
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

/* A limit of an execution that has ended must not ring for the next one. */
static void deadlines_end_with_their_execution(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execution *execution = start_limited(sandbox, "1", 200, 0);
    int fd = clutch_execution_fd(execution, NULL);
    unsigned wakes = 0;
    clutch_result_free(loop(execution, 5000, &wakes));
    clutch_execution_free(execution);
    assert_false(is_readable(fd, 300));
    execution = start(sandbox, "import time; time.sleep(30)");
    assert_false(is_readable(fd, 100));
    clutch_execution_free(execution);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Death ---- */

static void a_death_makes_it_readable(void **state)
{
    (void)state;
    static const char *const ways[] = {"import os; os._exit(3)", "import os; os.abort()",
                                       "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
                                       "import os; os.close(3); import time; time.sleep(100)", NULL};
    for (int i = 0; i < 5; i++) {
        clutch_sandbox *sandbox = fresh();
        clutch_execution *execution = start(sandbox, ways[i] ? ways[i] : "import time; time.sleep(30)");
        assert_true(clutch_execution_fd(execution, NULL) >= 0);
        if (!ways[i])
            kill(clutch_sandbox_pid(sandbox), SIGKILL);
        unsigned wakes = 0;
        clutch_result *result = loop(execution, 5000, &wakes);
        assert_true(result->sandbox_ended);
        assert_in_range(wakes, 1, 50);
        clutch_result_free(result);
        clutch_execution_free(execution);
        clutch_sandbox_destroy(sandbox);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(three_hundred_sandboxes_run_in_one_thread),
        TEST(the_end_makes_it_readable),
        TEST(output_makes_it_readable_before_the_end),
        TEST(nothing_to_do_leaves_it_unreadable),
        TEST(it_is_one_descriptor_for_all_executions),
        TEST(threads_that_ask_at_once_get_the_same),
        TEST(it_may_be_asked_for_after_the_end_was_noticed),
        TEST(a_wall_limit_makes_it_readable),
        TEST(a_grace_limit_makes_it_readable),
        TEST(a_cpu_limit_makes_it_readable),
        TEST(deadlines_end_with_their_execution),
        TEST(a_death_makes_it_readable),
    };
    return RUN_TESTS(tests);
}
