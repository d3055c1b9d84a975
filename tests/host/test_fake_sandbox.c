/* SPDX-License-Identifier: Apache-2.0 */
/* test_fake_sandbox.c: sandboxes that break the protocol in every way cost their own end and a typed
 * error, in bounded time and memory; others on the same engine do not notice. */
#include "support.h"

#include <sys/resource.h>

static clutch_engine *engine;
static clutch_sandbox *bystander;
static size_t descriptors;

static clutch_sandbox *fake(const char *scenario, clutch_error *error)
{
    const char *env[] = {format("FAKE=%s", scenario), NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = 400;
    limits.grace_ms = 100;
    options.env = env;
    options.limits = &limits;
    clutch_sandbox *sandbox = NULL;
    int code = clutch_sandbox_create(engine, &options, &sandbox, error);
    return code == 0 ? sandbox : NULL;
}

static void begin(void)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.worker_path = program("fake_worker");
    options.environment = "none:none";
    clutch_error error;
    if (clutch_engine_open(&options, &engine, &error) != 0)
        fail_msg("the fake worker: %s", error.message);
    bystander = fake("none:none", &error);
    assert_non_null(bystander);
    descriptors = descriptor_count();
}

/* The engine is as it was: nothing of the broken sandbox is left, and another one still answers. */
static void assert_all_is_well(const char *scenario)
{
    clutch_error error;
    clutch_result *result = NULL;
    pid_t template = clutch_engine_describe(engine)->template_pid;
    if (clutch_sandbox_run(bystander, "1", 1, NULL, &result, &error) != 0)
        fail_msg("after %s: %s", scenario, error.message);
    assert_text(result->output[0].text, "fake");
    clutch_result_free(result);
    if (descriptor_count() != descriptors)
        fail_msg("after %s there are %zu descriptors and not %zu", scenario, descriptor_count(), descriptors);
    if (!is_alive(template) || children_of(template, NULL, 0) != 1)
        fail_msg("after %s the template has %zu children", scenario, children_of(template, NULL, 0));
    assert_int_equal(home_count(clutch_engine_describe(engine)->state_dir), 1);
}

static void end(void)
{
    clutch_sandbox_destroy(bystander);
    clutch_engine_close(engine);
    assert_int_equal(orphan_count(), 0);
}

/* Runs once; the code of the call, and the outcome when it gave a result. */
static int run_once(clutch_sandbox *sandbox, uint32_t *outcome, clutch_error *error)
{
    clutch_result *result = UNTOUCHED;
    int code = clutch_sandbox_run(sandbox, "1", 1, NULL, &result, error);
    if (code == 0) {
        *outcome = result->outcome;
        clutch_result_free(result);
    } else {
        assert_ptr_equal(result, UNTOUCHED);
    }
    return code;
}

struct expected {
    const char *scenario;
    int code;
    uint32_t outcome; /* with code 0 */
};

static void expect(const struct expected *expected)
{
    clutch_error error;
    uint32_t outcome = 99;
    clutch_sandbox *sandbox = fake(expected->scenario, &error);
    if (!sandbox)
        fail_msg("%s: %s", expected->scenario, error.message);
    uint64_t before_ms = now_ms();
    int code = run_once(sandbox, &outcome, &error);
    if (now_ms() - before_ms > 3000)
        fail_msg("%s took %llu ms", expected->scenario, (unsigned long long)(now_ms() - before_ms));
    if (code != expected->code || (code == 0 && outcome != expected->outcome))
        fail_msg("%s: %s %s %s", expected->scenario, clutch_error_name(code), clutch_outcome_name(outcome),
                 code ? error.message : "");
    if (code)
        assert_refused(code, expected->code, &error);
    bool ended = code == CLUTCH_E_PROTOCOL;
    if (ended) {
        assert_int_equal(clutch_sandbox_pid(sandbox), 0);
        assert_int_equal(run_once(sandbox, &outcome, &error), CLUTCH_E_ENDED);
    }
    clutch_sandbox_destroy(sandbox);
    assert_all_is_well(expected->scenario);
}

#define EXPECT(...)                                                                                \
    do {                                                                                           \
        static const struct expected list[] = {__VA_ARGS__};                                       \
        for (size_t i = 0; i < sizeof list / sizeof *list; i++)                                    \
            expect(&list[i]);                                                                      \
    } while (0)

/* ---- Claims ---- */

static void frames_that_are_none_end_the_sandbox(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:garbage", CLUTCH_E_PROTOCOL, 0}, {"execute:huge", CLUTCH_E_PROTOCOL, 0},
           {"execute:too-long", CLUTCH_E_PROTOCOL, 0}, {"execute:reserved", CLUTCH_E_PROTOCOL, 0},
           {"execute:empty", CLUTCH_E_PROTOCOL, 0}, {"execute:trailing", CLUTCH_E_PROTOCOL, 0},
           {"execute:short", CLUTCH_E_PROTOCOL, 0}, {"output:garbage", CLUTCH_E_PROTOCOL, 0},
           {"output:huge", CLUTCH_E_PROTOCOL, 0}, {"output:too-long", CLUTCH_E_PROTOCOL, 0},
           {"output:reserved", CLUTCH_E_PROTOCOL, 0}, {"output:empty", CLUTCH_E_PROTOCOL, 0},
           {"output:trailing", CLUTCH_E_PROTOCOL, 0}, {"output:short", CLUTCH_E_PROTOCOL, 0});
    end();
}

static void kinds_that_may_not_come_end_the_sandbox(void **state)
{
    (void)state;
    begin();
    /* All numbers but those of OUTPUT and DONE. */
    for (int kind = 0; kind < 70; kind++) {
        if (kind == 17 || kind == 19)
            continue;
        const struct expected expected = {format("execute:kind:%d", kind), CLUTCH_E_PROTOCOL, 0};
        expect(&expected);
    }
    EXPECT({"execute:kind:65535", CLUTCH_E_PROTOCOL, 0});
    end();
}

static void descriptors_that_nobody_asked_for_end_the_sandbox(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:descriptors:1", CLUTCH_E_PROTOCOL, 0}, {"execute:descriptors:2", CLUTCH_E_PROTOCOL, 0},
           {"execute:descriptors:4", CLUTCH_E_PROTOCOL, 0}, {"execute:descriptors:5", CLUTCH_E_PROTOCOL, 0},
           {"execute:descriptors:16", CLUTCH_E_PROTOCOL, 0}, {"output:descriptors:1", CLUTCH_E_PROTOCOL, 0},
           {"output:descriptors:16", CLUTCH_E_PROTOCOL, 0});
    end();
}

static void malformed_output_ends_the_sandbox(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:stream:0", CLUTCH_E_PROTOCOL, 0}, {"execute:stream:3", CLUTCH_E_PROTOCOL, 0},
           {"execute:more:2", CLUTCH_E_PROTOCOL, 0}, {"execute:more-nothing", CLUTCH_E_PROTOCOL, 0},
           {"execute:long-output", CLUTCH_E_PROTOCOL, 0}, {"execute:not-utf8", CLUTCH_E_PROTOCOL, 0},
           {"execute:surrogate", CLUTCH_E_PROTOCOL, 0}, {"execute:cut-character", CLUTCH_E_PROTOCOL, 0},
           {"execute:stream-changes", CLUTCH_E_PROTOCOL, 0});
    end();
}

static void malformed_ends_end_the_sandbox(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:serial:1", CLUTCH_E_PROTOCOL, 0}, {"execute:serial:-1", CLUTCH_E_PROTOCOL, 0},
           {"execute:ending:6", CLUTCH_E_PROTOCOL, 0}, {"execute:limit:9", CLUTCH_E_PROTOCOL, 0},
           {"execute:truncated:8", CLUTCH_E_PROTOCOL, 0}, {"execute:count:2", CLUTCH_E_PROTOCOL, 0},
           {"execute:count:0", CLUTCH_E_PROTOCOL, 0}, {"execute:count:10001", CLUTCH_E_PROTOCOL, 0},
           {"execute:count:-1", CLUTCH_E_PROTOCOL, 0}, {"execute:negative-rows", CLUTCH_E_PROTOCOL, 0},
           {"execute:item-length", CLUTCH_E_PROTOCOL, 0}, {"execute:half-item", CLUTCH_E_PROTOCOL, 0},
           {"execute:not-utf8-name", CLUTCH_E_PROTOCOL, 0}, {"execute:refusal-kind:0", CLUTCH_E_PROTOCOL, 0},
           {"execute:refusal-kind:5", CLUTCH_E_PROTOCOL, 0});
    end();
}

static void file_names_that_lead_out_end_the_sandbox(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 19; i++) {
        const struct expected expected = {format("execute:file:%d", i), i < 15 ? CLUTCH_E_PROTOCOL : 0,
                                          CLUTCH_OUTCOME_OK};
        expect(&expected);
    }
    end();
}

static void floods_are_bounded(void **state)
{
    (void)state;
    begin();
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    EXPECT({"execute:flood-bytes", CLUTCH_E_PROTOCOL, 0});
    /* A million elements, or a mebibyte byte by byte, or the wall limit, whatever comes first here. */
    static const char *const floods[] = {"execute:flood-elements", "execute:flood-pieces"};
    for (int i = 0; i < 2; i++) {
        clutch_error error;
        uint32_t outcome = 99;
        clutch_sandbox *sandbox = fake(floods[i], &error);
        int code = run_once(sandbox, &outcome, &error);
        if (code != CLUTCH_E_PROTOCOL && (code != 0 || outcome != CLUTCH_OUTCOME_TIMEOUT))
            fail_msg("%s: %s %s", floods[i], clutch_error_name(code), clutch_outcome_name(outcome));
        clutch_sandbox_destroy(sandbox);
        assert_all_is_well(floods[i]);
    }
    getrusage(RUSAGE_SELF, &after);
    if (!support_sanitized())
        assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 128 << 10);
    end();
}

static void standing_still_ends_at_the_wall_limit(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:silent", 0, CLUTCH_OUTCOME_TIMEOUT}, {"execute:half", 0, CLUTCH_OUTCOME_TIMEOUT},
           {"output:silent", 0, CLUTCH_OUTCOME_TIMEOUT}, {"output:half", 0, CLUTCH_OUTCOME_TIMEOUT});
    end();
}

static void closing_the_channel_ends_the_sandbox(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:close", 0, CLUTCH_OUTCOME_KILLED}, {"output:close", 0, CLUTCH_OUTCOME_KILLED});
    end();
}

static void slow_bytes_are_fine(void **state)
{
    (void)state;
    begin();
    EXPECT({"execute:slow", 0, CLUTCH_OUTCOME_OK}, {"output:slow", 0, CLUTCH_OUTCOME_OK},
           {"ready:slow", 0, CLUTCH_OUTCOME_OK}, {"execute:large", 0, CLUTCH_OUTCOME_EXCEPTION},
           {"execute:open-element", 0, CLUTCH_OUTCOME_OK});
    end();
}

/* Dead at every byte of what it sends. */
static void dying_at_any_byte_is_an_outcome(void **state)
{
    (void)state;
    begin();
    EXPECT({"output:die", 0, CLUTCH_OUTCOME_EXIT}, {"output:die-after", 0, CLUTCH_OUTCOME_EXIT},
           {"execute:die", 0, CLUTCH_OUTCOME_EXIT}, {"execute:exit:7", 0, CLUTCH_OUTCOME_EXIT},
           {"execute:signal:11", 0, CLUTCH_OUTCOME_CRASHED}, {"execute:signal:9", 0, CLUTCH_OUTCOME_KILLED});
    for (int i = 0; i < 24; i++) {
        const struct expected expected = {format("output:cut:%d", i), 0, CLUTCH_OUTCOME_EXIT};
        expect(&expected);
    }
    for (int i = 0; i < 120; i += 3) { /* as long as the shortest DONE */
        const struct expected expected = {format("execute:cut:%d", i), 0, CLUTCH_OUTCOME_EXIT};
        expect(&expected);
    }
    end();
}

/* The first execution is as it should be; what came after its end spoils the next one at most. */
static void what_comes_too_late_spoils_the_next_execution_at_most(void **state)
{
    (void)state;
    static const struct {
        const char *scenario;
        int next;
    } cases[] = {
        {"execute:two-dones", CLUTCH_E_PROTOCOL},
        {"execute:twice", CLUTCH_E_PROTOCOL},
        {"execute:die-after", 0},
        {"idle:die", 0},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clutch_error error;
        uint32_t outcome = 99;
        clutch_sandbox *sandbox = fake(cases[i].scenario, &error);
        if (strncmp(cases[i].scenario, "idle", 4) != 0) {
            assert_int_equal(run_once(sandbox, &outcome, &error), 0);
            assert_int_equal(outcome, CLUTCH_OUTCOME_OK);
        }
        sleep_ms(20);
        int code = run_once(sandbox, &outcome, &error);
        if (code != cases[i].next)
            fail_msg("%s: %s", cases[i].scenario, clutch_error_name(code));
        if (code == 0)
            assert_int_equal(outcome, CLUTCH_OUTCOME_EXIT);
        clutch_sandbox_destroy(sandbox);
        assert_all_is_well(cases[i].scenario);
    }
    end();
}

static void late_output_never_reaches_beyond_its_sandbox(void **state)
{
    (void)state;
    begin();
    clutch_error error;
    uint32_t outcome = 99;
    clutch_sandbox *sandbox = fake("execute:late-output", &error);
    for (int i = 0; i < 3; i++) {
        int code = run_once(sandbox, &outcome, &error);
        assert_true(code == 0 || code == CLUTCH_E_PROTOCOL || code == CLUTCH_E_ENDED);
    }
    clutch_sandbox_destroy(sandbox);
    assert_all_is_well("execute:late-output");
    end();
}

/* ---- Starting and looking ---- */

static void sandboxes_that_start_wrong_are_not_created(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"ready:die", CLUTCH_E_TEMPLATE, 0},        {"ready:close", CLUTCH_E_TEMPLATE, 0},
        {"ready:cut:1", CLUTCH_E_TEMPLATE, 0},      {"ready:cut:7", CLUTCH_E_TEMPLATE, 0},
        {"ready:garbage", CLUTCH_E_PROTOCOL, 0},    {"ready:huge", CLUTCH_E_PROTOCOL, 0},
        {"ready:too-long", CLUTCH_E_PROTOCOL, 0},   {"ready:reserved", CLUTCH_E_PROTOCOL, 0},
        {"ready:trailing", CLUTCH_E_PROTOCOL, 0},   {"ready:kind:17", CLUTCH_E_PROTOCOL, 0},
        {"ready:kind:19", CLUTCH_E_PROTOCOL, 0},    {"ready:kind:7", CLUTCH_E_PROTOCOL, 0},
        {"ready:kind:15", CLUTCH_E_PROTOCOL, 0},    {"ready:kind:23", CLUTCH_E_PROTOCOL, 0},
        {"ready:descriptors:1", CLUTCH_E_PROTOCOL, 0}, {"ready:descriptors:16", CLUTCH_E_PROTOCOL, 0},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clutch_error error = {0};
        clutch_sandbox *sandbox = fake(cases[i].scenario, &error);
        if (sandbox || error.code != cases[i].code)
            fail_msg("%s: %s", cases[i].scenario, error.message);
        assert_refused(error.code, cases[i].code, &error);
        assert_all_is_well(cases[i].scenario);
    }
    end();
}

static void sandboxes_that_answer_a_look_wrong_are_ended(void **state)
{
    (void)state;
    static const char *const cases[] = {"look:garbage",  "look:huge",     "look:too-long",
                                        "look:reserved", "look:empty",    "look:trailing",
                                        "look:short",    "look:kind:19",  "look:kind:17",
                                        "look:count:2",  "look:count:-1", "look:descriptors:1",
                                        "look:negative"};
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clutch_error error;
        clutch_status *status = UNTOUCHED;
        clutch_sandbox *sandbox = fake(cases[i], &error);
        int code = clutch_sandbox_status(sandbox, &status, &error);
        if (code != CLUTCH_E_PROTOCOL)
            fail_msg("%s: %s", cases[i], clutch_error_name(code));
        assert_refused(code, CLUTCH_E_PROTOCOL, &error);
        assert_ptr_equal(status, UNTOUCHED);
        assert_int_equal(clutch_sandbox_status(sandbox, &status, &error), 0);
        assert_int_equal(status->state, CLUTCH_STATE_STOPPED);
        clutch_status_free(status);
        clutch_sandbox_destroy(sandbox);
        assert_all_is_well(cases[i]);
    }
    end();
}

static void sandboxes_that_die_of_a_look_are_stopped(void **state)
{
    (void)state;
    static const char *const cases[] = {"look:die", "look:close", "look:cut:5", "look:cut:20", "idle:die"};
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clutch_error error;
        clutch_status *status = NULL;
        clutch_sandbox *sandbox = fake(cases[i], &error);
        int code = clutch_sandbox_status(sandbox, &status, &error);
        if (code != 0 || status->state != CLUTCH_STATE_STOPPED || status->dataframe_count != 0)
            fail_msg("%s: %s", cases[i], clutch_error_name(code));
        clutch_status_free(status);
        clutch_sandbox_destroy(sandbox);
        assert_all_is_well(cases[i]);
    }
    end();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(frames_that_are_none_end_the_sandbox),
        TEST(kinds_that_may_not_come_end_the_sandbox),
        TEST(descriptors_that_nobody_asked_for_end_the_sandbox),
        TEST(malformed_output_ends_the_sandbox),
        TEST(malformed_ends_end_the_sandbox),
        TEST(file_names_that_lead_out_end_the_sandbox),
        TEST(floods_are_bounded),
        TEST(standing_still_ends_at_the_wall_limit),
        TEST(closing_the_channel_ends_the_sandbox),
        TEST(slow_bytes_are_fine),
        TEST(dying_at_any_byte_is_an_outcome),
        TEST(what_comes_too_late_spoils_the_next_execution_at_most),
        TEST(late_output_never_reaches_beyond_its_sandbox),
        TEST(sandboxes_that_start_wrong_are_not_created),
        TEST(sandboxes_that_answer_a_look_wrong_are_ended),
        TEST(sandboxes_that_die_of_a_look_are_stopped),
    };
    return RUN_TESTS(tests);
}
