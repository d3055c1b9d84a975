/* SPDX-License-Identifier: Apache-2.0 */
/* test_intervals.c: what happens to sandboxes by itself, when, and what keeps it from happening.
 *
 * Intervals are whole seconds: each test lets several sandboxes wait at once. */
#include "sessions.h"

static const char *folder;
static clutch_engine *engine;

enum { PATIENCE_MS = 15000 }; /* on a busy machine; a sandbox that is forgotten fails all the same */

static int open_engine(void **state)
{
    (void)state;
    folder = lasting_folder();
    engine = engine_on(folder);
    return 0;
}

static void the_engine_ends(void **state)
{
    (void)state;
    end_engine(engine);
}

static clutch_intervals every(uint32_t pause_s, uint32_t stop_s, uint32_t archive_s, uint32_t delete_s,
                              uint32_t lifetime_s)
{
    return (clutch_intervals){sizeof(clutch_intervals), pause_s, stop_s, archive_s, delete_s, lifetime_s};
}

static clutch_sandbox *with(clutch_intervals intervals)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.intervals = &intervals;
    return create(engine, &options);
}

static void set(clutch_sandbox *sandbox, clutch_intervals intervals)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_set_intervals(sandbox, &intervals, &error), &error);
}

struct goal {
    clutch_sandbox *sandbox;
    uint32_t state;
};

static bool is_reached(void *user)
{
    const struct goal *goal = user;
    return state_of(goal->sandbox) == goal->state;
}

static void becomes(clutch_sandbox *sandbox, uint32_t state)
{
    struct goal goal = {sandbox, state};
    if (!eventually(is_reached, &goal, PATIENCE_MS))
        fail_msg("it is %s and never became %s", clutch_state_name(state_of(sandbox)),
                 clutch_state_name(state));
}

/* ---- What is due ---- */

static void idle_sandboxes_come_to_rest_in_their_time(void **state)
{
    (void)state;
    uint64_t begun_ms = now_ms();
    clutch_sandbox *pausing = with(every(1, 0, 0, 0, 0)), *stopping = with(every(0, 1, 0, 0, 0)),
                   *archiving = with(every(0, 1, 1, 0, 0)), *deleting = with(every(0, 1, 0, 1, 0)),
                   *staying = with(every(0, 0, 1, 1, 0));
    do_run(stopping, "x = 1");
    sleep_ms(300);
    if (now_ms() - begun_ms < 900)
        assert_state(pausing, CLUTCH_STATE_RUNNING);
    becomes(pausing, CLUTCH_STATE_PAUSED);
    assert_in_range(now_ms() - begun_ms, 1000, PATIENCE_MS);
    assert_text(reason_of(pausing), "idle for 1 s");
    becomes(stopping, CLUTCH_STATE_STOPPED);
    assert_text(reason_of(stopping), "idle for 1 s");
    becomes(archiving, CLUTCH_STATE_ARCHIVED);
    assert_text(reason_of(archiving), "stopped for 1 s");
    becomes(deleting, CLUTCH_STATE_DELETED);
    assert_text(reason_of(deleting), "stopped for 1 s");
    assert_state(staying, CLUTCH_STATE_RUNNING); /* what counts from a stop does not count before it */
    do_start(stopping);
    assert_text(answer(stopping, "print(x)"), "1");
    clutch_sandbox *all[] = {pausing, stopping, archiving, deleting, staying};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        clutch_sandbox_destroy(all[i]);
}

static void a_paused_sandbox_is_stopped_too(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with(every(1, 2, 0, 0, 0));
    do_run(sandbox, "x = 1");
    becomes(sandbox, CLUTCH_STATE_PAUSED);
    becomes(sandbox, CLUTCH_STATE_STOPPED);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_sandbox_destroy(sandbox);
}

static void a_lifetime_ends_whatever_it_does(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with(every(0, 0, 0, 0, 1));
    uint64_t begun_ms = now_ms();
    do_run(sandbox, "x = 1");
    clutch_result *result = run(sandbox, "import time\nprint('kept')\ntime.sleep(60)");
    assert_in_range(now_ms() - begun_ms, 900, PATIENCE_MS);
    assert_outcome(result, CLUTCH_OUTCOME_CANCELLED);
    assert_text(result->output[0].text, "kept");
    clutch_result_free(result);
    becomes(sandbox, CLUTCH_STATE_STOPPED);
    assert_text(reason_of(sandbox), "it has run for 1 s");
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x)"), "1");
    becomes(sandbox, CLUTCH_STATE_STOPPED); /* it counts from each start */
    clutch_sandbox_destroy(sandbox);
}

static void at_once_means_at_the_stop(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with(every(0, 0, 0, CLUTCH_AT_ONCE, 0));
    do_run(sandbox, "x = 1");
    do_stop(sandbox);
    assert_state(sandbox, CLUTCH_STATE_DELETED);
    clutch_sandbox_release(sandbox);
}

/* ---- What keeps it from happening ---- */

static void touch(clutch_sandbox *sandbox)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_touch(sandbox, &error), &error);
}

static void read_a_file(clutch_sandbox *sandbox)
{
    clutch_entry *entries = NULL;
    size_t count;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_list_files(sandbox, "", &entries, &count, &error), &error);
    clutch_free(entries);
}

static void look(clutch_sandbox *sandbox)
{
    clutch_status_free(look_at(sandbox));
    clutch_sandbox_info_free(describe(sandbox));
}

static void touching_and_file_calls_are_activity(void **state)
{
    (void)state;
    clutch_sandbox *touched = with(every(0, 2, 0, 0, 0)), *read = with(every(0, 2, 0, 0, 0));
    for (uint64_t begun_ms = now_ms(); now_ms() - begun_ms < 3000;) {
        touch(touched);
        read_a_file(read);
        sleep_ms(200);
    }
    assert_state(touched, CLUTCH_STATE_RUNNING);
    assert_state(read, CLUTCH_STATE_RUNNING);
    becomes(touched, CLUTCH_STATE_STOPPED);
    becomes(read, CLUTCH_STATE_STOPPED);
    clutch_sandbox_destroy(touched);
    clutch_sandbox_destroy(read);
}

static void a_running_execution_is_activity(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with(every(0, 1, 0, 0, 0));
    uint64_t begun_ms = now_ms();
    assert_text(answer(sandbox, "import time\ntime.sleep(2.5)\nprint('done')"), "done");
    assert_in_range(now_ms() - begun_ms, 2500, PATIENCE_MS);
    if (state_of(sandbox) == CLUTCH_STATE_RUNNING)
        becomes(sandbox, CLUTCH_STATE_STOPPED);
    assert_text(reason_of(sandbox), "idle for 1 s");
    clutch_sandbox_destroy(sandbox);
}

static void looking_is_no_activity(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with(every(0, 1, 0, 0, 0));
    for (uint64_t begun_ms = now_ms(); state_of(sandbox) == CLUTCH_STATE_RUNNING;) {
        look(sandbox);
        sleep_ms(100);
        assert_in_range(now_ms() - begun_ms, 0, PATIENCE_MS);
    }
    becomes(sandbox, CLUTCH_STATE_STOPPED);
    clutch_sandbox_destroy(sandbox);
}

/* ---- Intervals as such ---- */

static void presets_are_the_services_own(void **state)
{
    (void)state;
    const clutch_intervals daytona = CLUTCH_INTERVALS_DAYTONA, recoup = CLUTCH_INTERVALS_RECOUP,
                           textql = CLUTCH_INTERVALS_TEXTQL;
    assert_int_equal(daytona.auto_stop_s, 15 * 60);
    assert_int_equal(daytona.auto_archive_s, 7 * 24 * 3600);
    assert_int_equal(daytona.auto_delete_s, 0);
    assert_int_equal(recoup.auto_stop_s, 5 * 60);
    assert_int_equal(recoup.lifetime_s, 30 * 60);
    assert_int_equal(textql.auto_stop_s, 3600);
    clutch_sandbox *sandbox = with((clutch_intervals)CLUTCH_INTERVALS_DAYTONA);
    clutch_sandbox_info *info = describe(sandbox);
    assert_int_equal(info->intervals.auto_stop_s, daytona.auto_stop_s);
    assert_int_equal(info->intervals.auto_archive_s, daytona.auto_archive_s);
    clutch_sandbox_info_free(info);
    clutch_sandbox_destroy(sandbox);
}

static void intervals_are_changed_and_count_from_the_last_activity(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = with(every(0, 1000, 0, 0, 0));
    do_run(sandbox, "x = 1");
    sleep_ms(1500);
    set(sandbox, every(0, 1, 0, 0, 0));
    becomes(sandbox, CLUTCH_STATE_STOPPED);
    set(sandbox, every(0, 0, 1, 0, 0));
    becomes(sandbox, CLUTCH_STATE_ARCHIVED);
    set(sandbox, every(0, 0, 0, 0, 0));
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_sandbox_destroy(sandbox);
}

static void what_became_due_without_an_engine_is_done_by_the_next(void **state)
{
    (void)state;
    clutch_sandbox *archiving = with(every(0, 0, 1, 0, 0)), *deleting = with(every(0, 0, 0, 1, 0));
    const char *first = format("%s", clutch_sandbox_id(archiving)),
               *second = format("%s", clutch_sandbox_id(deleting));
    do_stop(archiving);
    do_stop(deleting);
    clutch_sandbox_release(archiving);
    clutch_sandbox_release(deleting);
    clutch_engine_close(engine);
    sleep_ms(1200);
    engine = engine_on(folder);
    archiving = open_it(engine, NULL, first);
    becomes(archiving, CLUTCH_STATE_ARCHIVED);
    clutch_sandbox_destroy(archiving);
    clutch_sandbox *gone = UNTOUCHED;
    clutch_error error;
    int code = 0;
    for (uint64_t begun_ms = now_ms(); code == 0 && now_ms() - begun_ms < PATIENCE_MS; sleep_ms(50)) {
        code = clutch_sandbox_open(engine, NULL, second, &gone, &error);
        if (code == 0)
            clutch_sandbox_release(gone);
    }
    assert_refused(code, CLUTCH_E_NOT_FOUND, &error);
}

static void without_intervals_there_is_no_thread(void **state)
{
    (void)state;
    size_t before = entry_count("/proc/self/task");
    clutch_engine *other = open_bare(NULL);
    clutch_sandbox *sandbox = create(other, NULL);
    do_run(sandbox, "x = 1");
    assert_int_equal(entry_count("/proc/self/task"), before);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(other);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(idle_sandboxes_come_to_rest_in_their_time, open_engine),
        TEST(a_paused_sandbox_is_stopped_too),
        TEST(a_lifetime_ends_whatever_it_does),
        TEST(at_once_means_at_the_stop),
        TEST(touching_and_file_calls_are_activity),
        TEST(a_running_execution_is_activity),
        TEST(looking_is_no_activity),
        TEST(presets_are_the_services_own),
        TEST(intervals_are_changed_and_count_from_the_last_activity),
        TEST(what_became_due_without_an_engine_is_done_by_the_next),
        TEST(without_intervals_there_is_no_thread),
        TEST(the_engine_ends),
    };
    return RUN_TESTS(tests);
}
