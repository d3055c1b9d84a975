/* SPDX-License-Identifier: Apache-2.0 */
/* test_pool.c: sandboxes that are ready before they are asked for. */
#include "sessions.h"

#include <signal.h>
#include <sys/wait.h>

enum { PATIENCE_MS = 15000 };

static clutch_engine *engine;

static clutch_engine_options pool_options(uint32_t min, uint32_t max)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.pool_min = min;
    options.pool_max = max;
    return options;
}

static clutch_pool_info pool(void)
{
    clutch_pool_info info;
    clutch_engine_pool(engine, &info);
    return info;
}

static bool is_full(void *user)
{
    (void)user;
    return pool().ready == pool().target;
}

static void fill(void)
{
    if (!eventually(is_full, NULL, PATIENCE_MS))
        fail_msg("%u are ready, not %u", pool().ready, pool().target);
}

static int open_pool(void **state)
{
    (void)state;
    clutch_engine_options options = pool_options(3, 8);
    clutch_error error;
    if (clutch_engine_open(&options, &engine, &error))
        fail_msg("%s", error.message);
    fill();
    return 0;
}

static int close_pool(void **state)
{
    (void)state;
    clutch_engine_close(engine);
    return 0;
}

/* ---- What comes out of it ---- */

static void one_of_the_pool_is_like_any_other(void **state)
{
    (void)state;
    static const char look[] = "import os, sys\n"
                               "print(sorted(globals()), os.listdir(), sys.argv, len(os.environ))";
    const char *const labels[] = {"a=1", NULL};
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "ours";
    options.owner = "we";
    options.labels = labels;
    options.undo_depth = 1;
    clutch_sandbox *pooled = create(engine, &options);
    assert_int_equal(pool().hits, 1);
    clutch_sandbox_options own = CLUTCH_SANDBOX_OPTIONS_INIT;
    own.id = "123e4567-e89b-42d3-a456-426614174000";
    clutch_sandbox *forked = create(engine, &own);
    assert_int_equal(pool().hits + pool().misses, 1);
    clutch_result *first = run(pooled, look), *second = run(forked, look);
    assert_outcome(first, CLUTCH_OUTCOME_OK);
    assert_int_equal(first->serial, 1);
    assert_int_equal(first->output_count, 1);
    assert_text(first->output[0].text, second->output[0].text);
    assert_int_equal(first->dataframe_count + first->file_count + first->refusal_count, 0);
    clutch_result_free(first);
    clutch_result_free(second);
    clutch_sandbox_info *info = describe(pooled);
    assert_text(info->name, "ours");
    assert_text(info->owner, "we");
    assert_text(info->labels[0], "a=1");
    assert_int_equal(info->state, CLUTCH_STATE_RUNNING);
    clutch_sandbox_info_free(info);
    clutch_sandbox_destroy(pooled);
    clutch_sandbox_destroy(forked);
}

static void those_of_the_pool_differ(void **state)
{
    (void)state;
    static const char draw[] = "import random, numpy, os, uuid, tempfile\n"
                               "print(random.random(), numpy.random.rand(), uuid.uuid1(), os.getpid(), "
                               "os.getcwd(), tempfile.mktemp())";
    clutch_sandbox *one = create(engine, NULL), *other = create(engine, NULL);
    const char *drawn = format("%s", answer(one, draw));
    char *left = strdup(drawn), *right = strdup(answer(other, draw)), *left_at, *right_at;
    char *a = strtok_r(left, " ", &left_at), *b = strtok_r(right, " ", &right_at);
    for (; a && b; a = strtok_r(NULL, " ", &left_at), b = strtok_r(NULL, " ", &right_at))
        assert_string_not_equal(a, b);
    free(left);
    free(right);
    assert_string_not_equal(clutch_sandbox_id(one), clutch_sandbox_id(other));
    clutch_sandbox_destroy(one);
    clutch_sandbox_destroy(other);
}

static void a_stop_and_a_start_make_no_difference(void **state)
{
    (void)state;
    fill();
    uint64_t hits = pool().hits;
    clutch_sandbox *sandbox = create(engine, NULL);
    assert_int_equal(pool().hits, hits + 1);
    do_run(sandbox, "x = 1; open('file', 'w').write('kept')");
    do_stop(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x, open('file').read())"), "1 kept");
    clutch_sandbox_destroy(sandbox);
}

/* ---- What does not ---- */

static void check_forked(const clutch_sandbox_options *options)
{
    clutch_pool_info before = pool();
    clutch_sandbox *sandbox = create(engine, options);
    assert_int_equal(pool().hits, before.hits);
    assert_int_equal(pool().misses, before.misses);
    do_run(sandbox, "x = 1");
    clutch_sandbox_destroy(sandbox);
}

static void what_wants_something_else_is_forked(void **state)
{
    (void)state;
    fill();
    const char *const env[] = {"A=1", NULL};
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.memory_bytes = 700 << 20;
    clutch_sandbox_options options[4];
    for (size_t i = 0; i < 4; i++)
        clutch_sandbox_options_init(&options[i]);
    options[0].env = env;
    options[1].limits = &limits;
    options[2].network = CLUTCH_NETWORK_ALL;
    options[3].processes = true;
    for (size_t i = 0; i < 4; i++)
        check_forked(&options[i]);
    clutch_limits of_host = CLUTCH_LIMITS_INIT; /* what the host keeps watch of goes with any process */
    of_host.wall_ms = 100;
    clutch_sandbox_options fitting = CLUTCH_SANDBOX_OPTIONS_INIT;
    fitting.limits = &of_host;
    uint64_t hits = pool().hits;
    clutch_sandbox *sandbox = create(engine, &fitting);
    assert_int_equal(pool().hits, hits + 1);
    clutch_result *result = run(sandbox, "import time; time.sleep(60)");
    assert_outcome(result, CLUTCH_OUTCOME_TIMEOUT);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_pool_can_be_of_another_kind(void **state)
{
    (void)state;
    const char *const env[] = {"A=of the pool", NULL};
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.disk_bytes = 1 << 20;
    clutch_sandbox_options like = CLUTCH_SANDBOX_OPTIONS_INIT;
    like.env = env;
    like.limits = &limits;
    clutch_engine_options options = pool_options(1, 2);
    options.pool_sandbox = &like;
    clutch_engine *before = engine;
    clutch_error error;
    assert_int_equal(clutch_engine_open(&options, &engine, &error), 0);
    fill();
    clutch_sandbox *sandbox = create(engine, &like);
    assert_int_equal(pool().hits, 1);
    assert_text(answer(sandbox, "import os\nprint(os.environ['A'])"), "of the pool");
    clutch_result *result = run(sandbox, "open('big', 'wb').write(bytes(2 << 20))");
    assert_int_equal(result->limit, CLUTCH_LIMIT_DISK);
    clutch_result_free(result);
    check_forked(NULL);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    engine = before;
}

static void a_name_that_is_taken_costs_nothing(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "taken";
    clutch_sandbox *sandbox = create(engine, &options), *none = UNTOUCHED;
    fill();
    uint32_t ready = pool().ready;
    clutch_error error;
    assert_refused(clutch_sandbox_create(engine, &options, &none, &error), CLUTCH_E_EXISTS, &error);
    assert_ptr_equal(none, UNTOUCHED);
    assert_int_equal(pool().ready, ready);
    options.name = "\xff";
    assert_refused(clutch_sandbox_create(engine, &options, &none, &error), CLUTCH_E_INVALID, &error);
    assert_int_equal(pool().ready, ready);
    clutch_sandbox_destroy(sandbox);
}

static void bad_bounds_and_kinds_are_refused(void **state)
{
    (void)state;
    clutch_engine *none = UNTOUCHED;
    clutch_error error;
    clutch_engine_options options = pool_options(3, 2);
    assert_refused(clutch_engine_open(&options, &none, &error), CLUTCH_E_INVALID, &error);
    options = pool_options(0, 100000);
    assert_refused(clutch_engine_open(&options, &none, &error), CLUTCH_E_INVALID, &error);
    clutch_sandbox_options like = CLUTCH_SANDBOX_OPTIONS_INIT;
    like.workdir = "/tmp";
    options = pool_options(1, 2);
    options.pool_sandbox = &like;
    assert_refused(clutch_engine_open(&options, &none, &error), CLUTCH_E_INVALID, &error);
    assert_ptr_equal(none, UNTOUCHED);
}

/* ---- How many ---- */

static void demand_makes_it_larger_within_its_bounds_and_rest_smaller(void **state)
{
    (void)state;
    clutch_sandbox *all[24];
    assert_int_equal(pool().target, 3);
    fill();
    for (size_t i = 0; i < 24; i++)
        all[i] = create(engine, NULL);
    assert_int_equal(pool().target, 8);
    assert_true(pool().misses > 0);
    for (size_t i = 0; i < 24; i++)
        clutch_sandbox_destroy(all[i]);
    fill();
    assert_int_equal(pool().ready, 8);
    for (uint64_t begun_ms = now_ms(); pool().target == 8 && now_ms() - begun_ms < PATIENCE_MS;)
        sleep_ms(100);
    assert_in_range(pool().target, 3, 7);
    fill();
}

/* ---- Faults ---- */

static void those_that_were_killed_are_not_handed_out(void **state)
{
    (void)state;
    fill();
    pid_t pids[64];
    size_t count = children_of(clutch_engine_describe(engine)->template_pid, pids, 64);
    assert_true(count >= 4);
    pid_t holder = pids[0]; /* of the namespaces: the template's first child, with which all others end */
    for (size_t i = 1; i < count; i++)
        holder = pids[i] < holder ? pids[i] : holder;
    for (size_t i = 0; i < count; i++)
        if (pids[i] != holder)
            kill(pids[i], SIGKILL);
    for (size_t i = 0; i < count; i++) {
        assert_true(pids[i] == holder || dies(pids[i], PATIENCE_MS));
        while (pids[i] != holder && entry_count(format("/proc/%d/task", (int)pids[i])) > 1)
            sleep_ms(1); /* its second thread */
    }
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, "x = 1");
    clutch_sandbox_destroy(sandbox);
    fill();
}

static void a_template_that_dies_is_replaced_and_its_pool_too(void **state)
{
    (void)state;
    pid_t template = clutch_engine_describe(engine)->template_pid;
    kill(template, SIGKILL);
    assert_true(dies(template, PATIENCE_MS));
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, "import pandas");
    clutch_sandbox_destroy(sandbox);
    fill();
    sandbox = create(engine, NULL);
    do_run(sandbox, "import pandas");
    clutch_sandbox_destroy(sandbox);
}

static void a_killed_host_leaves_no_folders_of_its_pool(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    pid_t host = fork();
    if (host == 0) {
        clutch_engine_options options = pool_options(4, 4);
        clutch_error error;
        options.state_dir = folder;
        if (clutch_engine_open(&options, &engine, &error) == 0 && eventually(is_full, NULL, PATIENCE_MS) &&
            create(engine, NULL) && eventually(is_full, NULL, PATIENCE_MS))
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status;
    waitpid(host, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_in_range(entry_count(folder), 5, 9);
    clutch_engine *next = engine_on(folder);
    clutch_sandbox_page *page;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_engine_list(next, NULL, &page, &error), &error);
    assert_int_equal(page->count, 1);
    assert_true(file_exists(format("%s/%s/work", folder, page->sandboxes[0]->id)));
    clutch_sandbox *sandbox = open_it(next, NULL, page->sandboxes[0]->id);
    clutch_sandbox_page_free(page);
    do_start(sandbox);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(next);
    assert_int_equal(entry_count(folder), 2); /* records and lock */
    remove_tree(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_of_the_pool_is_like_any_other, open_pool),
        TEST(those_of_the_pool_differ),
        TEST(a_stop_and_a_start_make_no_difference),
        TEST(what_wants_something_else_is_forked),
        TEST(a_pool_can_be_of_another_kind),
        TEST(a_name_that_is_taken_costs_nothing),
        TEST(bad_bounds_and_kinds_are_refused),
        TEST(those_that_were_killed_are_not_handed_out),
        cmocka_unit_test_teardown(a_template_that_dies_is_replaced_and_its_pool_too, close_pool),
        cmocka_unit_test_setup_teardown(demand_makes_it_larger_within_its_bounds_and_rest_smaller, open_pool,
                                        close_pool),
        TEST(a_killed_host_leaves_no_folders_of_its_pool),
    };
    return RUN_TESTS(tests);
}
