/* SPDX-License-Identifier: Apache-2.0 */
/* test_fake_template.c: templates that break the protocol at every step give typed errors, and the
 * engine starts another one. */
#include "support.h"

#include <pthread.h>
#include <signal.h>

static int open_fake(const char *scenario, uint32_t timeout_ms, clutch_engine **out, clutch_error *error)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.worker_path = program("fake_worker");
    options.environment = scenario;
    options.open_timeout_ms = timeout_ms;
    return clutch_engine_open(&options, out, error);
}

/* ---- Opening ---- */

struct expected {
    const char *scenario;
    int code;
    const char *word;
};

static void refuse_opening(const struct expected *expected)
{
    clutch_engine *engine = UNTOUCHED;
    clutch_error error = {0};
    size_t descriptors = descriptor_count();
    uint64_t before_ms = now_ms();
    int code = open_fake(expected->scenario, 300, &engine, &error);
    if (code != expected->code || !strstr(error.message, expected->word))
        fail_msg("%s: %s: %s", expected->scenario, clutch_error_name(code), error.message);
    assert_refused(code, expected->code, &error);
    assert_ptr_equal(engine, UNTOUCHED);
    if (now_ms() - before_ms > 1500)
        fail_msg("%s took %llu ms", expected->scenario, (unsigned long long)(now_ms() - before_ms));
    assert_int_equal(descriptor_count(), descriptors);
    if (!no_orphan_is_left(1000))
        fail_msg("%s left a process", expected->scenario);
    assert_int_equal(entry_count(getenv("TMPDIR")), 0);
}

static void a_template_that_starts_wrong_is_refused(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"warm:garbage", CLUTCH_E_PROTOCOL, "protocol"},   {"warm:huge", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:too-long", CLUTCH_E_PROTOCOL, "protocol"},  {"warm:reserved", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:empty", CLUTCH_E_PROTOCOL, "protocol"},     {"warm:trailing", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:short", CLUTCH_E_PROTOCOL, "protocol"},     {"warm:kind:7", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:kind:13", CLUTCH_E_PROTOCOL, "protocol"},   {"warm:kind:2", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:descriptors:1", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:descriptors:16", CLUTCH_E_PROTOCOL, "protocol"},
        {"warm:die", CLUTCH_E_WORKER, "ended"},            {"warm:close", CLUTCH_E_WORKER, "ended"},
        {"warm:silent", CLUTCH_E_TIMEOUT, "300 ms"},       {"warm:half", CLUTCH_E_TIMEOUT, "300 ms"},
        {"warm:refuse:1", CLUTCH_E_ENVIRONMENT, "refused by \xc3\xa4 fake"},
        {"warm:refuse:2", CLUTCH_E_PRELOAD, "refused by"}, {"warm:refuse:3", CLUTCH_E_WORKER, "refused by"},
        {"warm:refuse:4", CLUTCH_E_UNSUPPORTED, "refused by"},
        {"warm:refuse:77", CLUTCH_E_WORKER, "refused by"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse_opening(&cases[i]);
}

static void a_template_that_dies_at_any_byte_of_its_start_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i += 3) {
        const struct expected expected = {format("warm:cut:%d", i), CLUTCH_E_WORKER, "ended"};
        refuse_opening(&expected);
    }
}

static void slow_bytes_are_fine(void **state)
{
    (void)state;
    static const char *const cases[] = {"warm:slow", "fork:slow", "reap:slow"};
    for (int i = 0; i < 3; i++) {
        clutch_engine *engine = NULL;
        clutch_error error;
        if (open_fake(cases[i], 5000, &engine, &error) != 0)
            fail_msg("%s: %s", cases[i], error.message);
        assert_text(clutch_engine_describe(engine)->python_version, "3.99.0");
        clutch_sandbox *sandbox = create(engine, NULL);
        assert_text(answer(sandbox, "1"), "fake");
        clutch_sandbox_destroy(sandbox);
        clutch_engine_close(engine);
    }
}

/* ---- Forking ---- */

/* The first create fails with a code; the engine heals as far as its template lets it, and closes. */
static void refuse_creating(const struct expected *expected)
{
    clutch_engine *engine = NULL;
    clutch_error error = {0};
    if (open_fake(expected->scenario, 5000, &engine, &error) != 0)
        fail_msg("%s: %s", expected->scenario, error.message);
    size_t descriptors = descriptor_count();
    for (int round = 0; round < 2; round++) {
        clutch_sandbox *sandbox = UNTOUCHED;
        uint64_t before_ms = now_ms();
        int code = clutch_sandbox_create(engine, NULL, &sandbox, &error);
        if (code != expected->code || !strstr(error.message, expected->word))
            fail_msg("%s: %s: %s", expected->scenario, clutch_error_name(code), error.message);
        assert_refused(code, expected->code, &error);
        assert_ptr_equal(sandbox, UNTOUCHED);
        if (now_ms() - before_ms > 3000)
            fail_msg("%s took %llu ms", expected->scenario, (unsigned long long)(now_ms() - before_ms));
    }
    assert_true(descriptor_count() <= descriptors); /* fewer when the template has been ended */
    assert_int_equal(home_count(clutch_engine_describe(engine)->state_dir), 0);
    clutch_engine_close(engine);
    if (!no_orphan_is_left(1000))
        fail_msg("%s left a process", expected->scenario);
}

static void a_template_that_forks_wrong_gives_typed_errors(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"fork:garbage", CLUTCH_E_TEMPLATE, "template"},   {"fork:huge", CLUTCH_E_TEMPLATE, "template"},
        {"fork:too-long", CLUTCH_E_TEMPLATE, "template"},  {"fork:reserved", CLUTCH_E_TEMPLATE, "template"},
        {"fork:empty", CLUTCH_E_TEMPLATE, "template"},     {"fork:kind:11", CLUTCH_E_PROTOCOL, "protocol"},
        {"fork:kind:9", CLUTCH_E_PROTOCOL, "protocol"},    {"fork:kind:3", CLUTCH_E_TEMPLATE, "template"},
        {"fork:kind:6", CLUTCH_E_TEMPLATE, "template"},    {"fork:trailing", CLUTCH_E_TEMPLATE, "template"},
        {"fork:no-descriptor", CLUTCH_E_TEMPLATE, "template"},
        {"fork:descriptors:2", CLUTCH_E_TEMPLATE, "template"},
        {"fork:descriptors:16", CLUTCH_E_TEMPLATE, "template"},
        {"fork:die", CLUTCH_E_TEMPLATE, "template"},       {"fork:close", CLUTCH_E_TEMPLATE, "template"},
        {"fork:pid:0", CLUTCH_E_PROTOCOL, "protocol"},     {"fork:pid:-1", CLUTCH_E_PROTOCOL, "protocol"},
        {"fork:refuse", CLUTCH_E_SYSTEM, "two lines of   refusal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse_creating(&cases[i]);
}

static void a_template_that_dies_at_any_byte_of_a_fork_gives_a_typed_error(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        const struct expected expected = {format("fork:cut:%d", i), CLUTCH_E_TEMPLATE, "template"};
        refuse_creating(&expected);
    }
}

/* What is passed as the process's descriptor is none: the sandbox is taken for dead, and no harm done. */
static void a_descriptor_that_is_no_process_does_no_harm(void **state)
{
    (void)state;
    clutch_engine *engine = NULL;
    clutch_error error;
    assert_int_equal(open_fake("fork:descriptors:1", 5000, &engine, &error), 0);
    clutch_sandbox *sandbox = NULL;
    clutch_result *result = NULL;
    assert_int_equal(clutch_sandbox_create(engine, NULL, &sandbox, &error), 0);
    assert_int_equal(clutch_sandbox_pid(sandbox), 0);
    int code = clutch_sandbox_run(sandbox, "1", 1, NULL, &result, &error);
    assert_true(code == 0 || code == CLUTCH_E_PROTOCOL);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    assert_true(no_orphan_is_left(1000));
}

static void two_answers_to_one_fork_are_noticed(void **state)
{
    (void)state;
    clutch_engine *engine = NULL;
    clutch_error error;
    assert_int_equal(open_fake("fork:twice", 5000, &engine, &error), 0);
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = NULL;
        int code = clutch_sandbox_create(engine, NULL, &sandbox, &error);
        if (code)
            assert_true(code == CLUTCH_E_TEMPLATE || code == CLUTCH_E_PROTOCOL);
        clutch_sandbox_destroy(sandbox);
    }
    clutch_engine_close(engine);
    assert_true(no_orphan_is_left(1000));
}

/* ---- Reaping ---- */

static void a_template_that_reaps_wrong_still_lets_sandboxes_end(void **state)
{
    (void)state;
    static const char *const cases[] = {"reap:garbage", "reap:huge", "reap:reserved", "reap:empty",
                                        "reap:kind:9", "reap:kind:7", "reap:descriptors:1", "reap:die",
                                        "reap:close", "reap:cut:9", "reap:number:2", "reap:twice",
                                        "reap:die-after"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clutch_engine *engine = NULL;
        clutch_error error;
        if (open_fake(cases[i], 5000, &engine, &error) != 0)
            fail_msg("%s: %s", cases[i], error.message);
        for (int round = 0; round < 2; round++) {
            clutch_sandbox *sandbox = NULL;
            clutch_result *result = NULL;
            int code = clutch_sandbox_create(engine, NULL, &sandbox, &error);
            if (code && code != CLUTCH_E_TEMPLATE && code != CLUTCH_E_PROTOCOL)
                fail_msg("%s: %s", cases[i], error.message);
            if (code)
                continue;
            pid_t pid = clutch_sandbox_pid(sandbox);
            kill(pid, SIGKILL);
            assert_true(dies(pid, 1000));
            assert_int_equal(clutch_sandbox_run(sandbox, "1", 1, NULL, &result, &error), 0);
            assert_outcome(result, CLUTCH_OUTCOME_KILLED);
            assert_true(result->sandbox_ended);
            clutch_result_free(result);
            clutch_sandbox_destroy(sandbox);
        }
        clutch_engine_close(engine);
        if (!no_orphan_is_left(1000))
            fail_msg("%s left a process", cases[i]);
    }
}

/* ---- Standing still: each waits for one of the engine's own time limits, so all do at once ---- */

struct waiter {
    const char *scenario, *sandbox_scenario;
    pthread_t thread;
    int opened, created, again;
    uint64_t took_ms;
};

static void *wait_for_one(void *argument)
{
    struct waiter *waiter = argument;
    clutch_engine *engine = NULL;
    waiter->opened = open_fake(waiter->scenario, 5000, &engine, NULL);
    if (waiter->opened != 0)
        return NULL;
    char variable[64];
    snprintf(variable, sizeof variable, "FAKE=%s", waiter->sandbox_scenario);
    const char *env[] = {variable, NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.env = env;
    clutch_sandbox *sandbox = NULL;
    uint64_t before_ms = now_ms();
    waiter->created = clutch_sandbox_create(engine, &options, &sandbox, NULL);
    clutch_sandbox_destroy(sandbox);
    sandbox = NULL;
    waiter->took_ms = now_ms() - before_ms;
    options.env = NULL;
    if (strncmp(waiter->scenario, "none", 4) == 0) /* a good template of a bad sandbox goes on */
        waiter->again = clutch_sandbox_create(engine, &options, &sandbox, NULL);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    return NULL;
}

static void templates_and_sandboxes_that_stand_still_are_given_up_in_time(void **state)
{
    (void)state;
    struct waiter waiters[] = {
        {.scenario = "fork:silent", .sandbox_scenario = "none:none", .created = 1},
        {.scenario = "fork:half", .sandbox_scenario = "none:none", .created = 1},
        {.scenario = "none:none", .sandbox_scenario = "ready:silent", .created = 1},
        {.scenario = "none:none", .sandbox_scenario = "ready:half", .created = 1},
        {.scenario = "reap:silent", .sandbox_scenario = "none:none", .created = 1},
    };
    enum { COUNT = sizeof waiters / sizeof *waiters };
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_for_one, &waiters[i]), 0);
    for (int i = 0; i < COUNT; i++)
        pthread_join(waiters[i].thread, NULL);
    for (int i = 0; i < COUNT; i++) {
        struct waiter *waiter = &waiters[i];
        int expected = i < 2 ? CLUTCH_E_TEMPLATE : i < 4 ? CLUTCH_E_TIMEOUT : 0;
        if (waiter->opened != 0 || waiter->created != expected || waiter->again != 0)
            fail_msg("%s, %s: %d %d %d", waiter->scenario, waiter->sandbox_scenario, waiter->opened,
                     waiter->created, waiter->again);
        assert_in_range(waiter->took_ms, 1000, 22000);
    }
    assert_true(no_orphan_is_left(1000));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_template_that_starts_wrong_is_refused),
        TEST(a_template_that_dies_at_any_byte_of_its_start_is_refused),
        TEST(slow_bytes_are_fine),
        TEST(a_template_that_forks_wrong_gives_typed_errors),
        TEST(a_template_that_dies_at_any_byte_of_a_fork_gives_a_typed_error),
        TEST(a_descriptor_that_is_no_process_does_no_harm),
        TEST(two_answers_to_one_fork_are_noticed),
        TEST(a_template_that_reaps_wrong_still_lets_sandboxes_end),
        TEST(templates_and_sandboxes_that_stand_still_are_given_up_in_time),
    };
    return RUN_TESTS(tests);
}
