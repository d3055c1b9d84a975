/* SPDX-License-Identifier: Apache-2.0 */
/* test_stopping.c: stop and delete always end, whatever a sandbox does and whoever does what beside it. */
#include "sessions.h"

#include <pthread.h>
#include <signal.h>

enum { GRACE_MS = 500, BOUND_MS = GRACE_MS + 1000 + 500 };

static clutch_engine *engine;

static int open_engine(void **state)
{
    (void)state;
    engine = engine_on(lasting_folder());
    return 0;
}

static void the_engine_ends(void **state)
{
    (void)state;
    end_engine(engine);
}

/* ---- Whatever the sandbox does ---- */

/* Each needs another kind of end. */
static const struct running {
    const char *name, *code; /* NULL: it executes nothing */
    bool waited; /* by another thread */
    bool paused, dead;
    enum { LOST, KEPT, EITHER } saves; /* by a stop; which, can lie in CPython's version */
} kinds[] = {
    {"idle", NULL, false, false, false, KEPT},
    {"yields", "import time; time.sleep(100)", true, false, false, KEPT},
    {"yields, and nobody polls", "import time; time.sleep(100)", false, false, false, KEPT},
    {"does not yield", "import itertools; sum(itertools.repeat(1))", true, false, false, LOST},
    {"does not yield, and nobody polls", "import itertools; sum(itertools.repeat(1))", false, false, false,
     LOST},
    {"prints on, and nobody polls", "while True: print('x' * 1000)", false, false, false, KEPT},
    {"catches its interrupts", "while True:\n try:\n  while True: pass\n except BaseException: pass", true,
     false, false, EITHER},
    {"paused", NULL, false, true, false, KEPT},
    {"killed from outside", NULL, false, false, true, LOST},
    {"killed from outside when paused", NULL, false, true, true, LOST},
};

struct waiting {
    clutch_execution *execution;
    clutch_result *result;
    pthread_t thread;
};

static void *wait_aside(void *argument)
{
    struct waiting *waiting = argument;
    waiting->result = wait_for(waiting->execution);
    return NULL;
}

static clutch_sandbox *sandbox_doing(const struct running *kind, struct waiting *waiting)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    limits.grace_ms = GRACE_MS;
    options.limits = &limits;
    clutch_sandbox *sandbox = create(engine, &options);
    do_run(sandbox, "word = 'kept'");
    waiting->execution = kind->code ? start(sandbox, kind->code) : NULL;
    if (kind->waited)
        assert_int_equal(pthread_create(&waiting->thread, NULL, wait_aside, waiting), 0);
    if (kind->code)
        sleep_ms(30);
    if (kind->paused)
        do_pause(sandbox);
    if (kind->dead)
        kill(clutch_sandbox_pid(sandbox), SIGKILL);
    return sandbox;
}

/* Its end is still handed out. */
static void collect(const struct running *kind, struct waiting *waiting, bool killed)
{
    if (!kind->code)
        return;
    if (kind->waited)
        pthread_join(waiting->thread, NULL);
    else
        waiting->result = wait_for(waiting->execution);
    assert_outcome(waiting->result, killed || kind->saves == LOST ? CLUTCH_OUTCOME_KILLED
                                                           : CLUTCH_OUTCOME_CANCELLED);
    assert_true(waiting->result->recorded);
    clutch_result_free(waiting->result);
}

static void a_stop_ends_in_time_whatever_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct waiting waiting;
        clutch_sandbox *sandbox = sandbox_doing(&kinds[i], &waiting);
        pid_t pid = clutch_sandbox_pid(sandbox);
        uint64_t begun_ms = now_ms();
        clutch_session_report *report = stop_it(sandbox);
        uint64_t took_ms = now_ms() - begun_ms;
        bool saved = report->saved;
        if (took_ms > BOUND_MS || (saved != kinds[i].saves && kinds[i].saves != EITHER))
            fail_msg("%s: stopped in %u ms, %s: %s", kinds[i].name, (unsigned)took_ms,
                     report->saved ? "saved" : "not saved", report->why_not_saved);
        assert_int_equal(strlen(report->why_not_saved) == 0, report->saved);
        assert_int_equal(report->ready, 0);
        assert_false(pid && is_alive(pid));
        clutch_session_report_free(report);
        assert_state(sandbox, CLUTCH_STATE_STOPPED);
        collect(&kinds[i], &waiting, !saved);
        report = start_it(sandbox);
        assert_int_equal(report->saved, saved);
        clutch_session_report_free(report);
        assert_text(answer(sandbox, "print(globals().get('word'))"), saved ? "kept" : "None");
        clutch_sandbox_destroy(sandbox);
    }
}

static void a_delete_ends_in_time_whatever_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct waiting waiting;
        clutch_sandbox *sandbox = sandbox_doing(&kinds[i], &waiting);
        pid_t pid = clutch_sandbox_pid(sandbox);
        const char *home = format("%s/%s", clutch_engine_describe(engine)->state_dir,
                                  clutch_sandbox_id(sandbox));
        assert_true(file_exists(home));
        uint64_t begun_ms = now_ms();
        do_delete(sandbox);
        uint64_t took_ms = now_ms() - begun_ms;
        if (took_ms > BOUND_MS - GRACE_MS || (pid && is_alive(pid)))
            fail_msg("%s: deleted in %u ms", kinds[i].name, (unsigned)took_ms);
        assert_false(file_exists(home));
        assert_state(sandbox, CLUTCH_STATE_DELETED);
        assert_int_equal(clutch_sandbox_pid(sandbox), 0);
        collect(&kinds[i], &waiting, true);
        clutch_sandbox_release(sandbox);
    }
}

static bool has_no_process(void *sandbox)
{
    return clutch_sandbox_pid(sandbox) == 0;
}

static void kill_it(clutch_sandbox *sandbox)
{
    kill(clutch_sandbox_pid(sandbox), SIGKILL);
    assert_true(eventually(has_no_process, sandbox, 2000));
}

static void a_process_that_was_killed_is_noticed_and_the_last_stop_comes_back(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = create(engine, NULL);
    do_run(sandbox, "word = 'kept'");
    do_stop(sandbox);
    do_start(sandbox);
    do_run(sandbox, "word = 'lost'");
    kill_it(sandbox);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    assert_text(reason_of(sandbox), "its process ended by itself");
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word)"), "kept");
    kill_it(sandbox);
    clutch_session_report *report = start_it(sandbox); /* it need not be looked at before */
    assert_int_equal(report->ready, CLUTCH_READY_STARTED);
    clutch_session_report_free(report);
    assert_text(answer(sandbox, "print(word)"), "kept");
    clutch_sandbox_destroy(sandbox);
}

/* ---- All at once ---- */

enum { THREADS = 8, TURMOIL_MS = 3000 };

struct turmoil {
    unsigned seed;
    unsigned long done[6];
    int bad; /* a code that no act may give */
    clutch_error error;
};

static bool is_expected(int code)
{
    return code == 0 || code == CLUTCH_E_BUSY || code == CLUTCH_E_ENDED || code == CLUTCH_E_STATE ||
           code == CLUTCH_E_NOT_FOUND;
}

/* One handle is got and given back per act, so that handles come and go too. */
static int do_something(unsigned what, clutch_error *error)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = "turmoil";
    clutch_sandbox *sandbox;
    clutch_result *result;
    clutch_status *status;
    int code = what == 0 ? clutch_sandbox_ensure(engine, &options, &sandbox, NULL, error)
                         : clutch_sandbox_open(engine, NULL, "turmoil", &sandbox, error);
    if (code)
        return code;
    switch (what) {
    case 1:
        code = clutch_sandbox_stop(sandbox, NULL, NULL, error);
        break;
    case 2:
        code = clutch_sandbox_start(sandbox, NULL, error);
        break;
    case 3:
        code = clutch_sandbox_run(sandbox, "n = globals().get('n', 0) + 1", 29, NULL, &result, error);
        if (code == 0)
            clutch_result_free(result);
        break;
    case 4:
        code = clutch_sandbox_status(sandbox, &status, error);
        if (code == 0)
            clutch_status_free(status);
        break;
    case 5:
        code = clutch_sandbox_delete(sandbox, error);
        break;
    default:
        break;
    }
    clutch_sandbox_release(sandbox);
    return code;
}

static void *make_turmoil(void *argument)
{
    /* of 40: ensure, stop, start, run, status; a delete is rare */
    static const unsigned char shares[] = {10, 7, 7, 9, 6, 1};
    struct turmoil *turmoil = argument;
    for (uint64_t until_ms = now_ms() + TURMOIL_MS; now_ms() < until_ms && !turmoil->bad;) {
        unsigned drawn = (unsigned)rand_r(&turmoil->seed) % 40, what = 0;
        while (drawn >= shares[what])
            drawn -= shares[what++];
        int code = do_something(what, &turmoil->error);
        if (what == 0 ? code != 0 : !is_expected(code))
            turmoil->bad = code;
        if (code == 0)
            turmoil->done[what]++;
    }
    return NULL;
}

static void many_threads_at_once_leave_a_sandbox_that_works(void **state)
{
    (void)state;
    struct turmoil turmoils[THREADS] = {0};
    pthread_t threads[THREADS];
    unsigned long done[6] = {0};
    for (unsigned i = 0; i < THREADS; i++) {
        turmoils[i].seed = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, make_turmoil, &turmoils[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        if (turmoils[i].bad)
            fail_msg("an act gave %s: %s", clutch_error_name(turmoils[i].bad), turmoils[i].error.message);
        for (unsigned what = 0; what < 6; what++)
            done[what] += turmoils[i].done[what];
    }
    for (unsigned what = 0; what < 6; what++)
        if (done[what] == 0)
            fail_msg("act %u has never worked", what);
    clutch_error error;
    assert_int_equal(do_something(0, &error), 0);
    clutch_sandbox *sandbox = open_it(engine, "", "turmoil");
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
    do_run(sandbox, "word = 'kept'");
    do_stop(sandbox);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(word)"), "kept");
    clutch_sandbox_destroy(sandbox);
    /* No folder of a sandbox is left: lock, clutch.db and what belongs to it, archives. */
    assert_in_range(home_count(clutch_engine_describe(engine)->state_dir), 2, 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stop_ends_in_time_whatever_runs, open_engine),
        TEST(a_delete_ends_in_time_whatever_runs),
        TEST(a_process_that_was_killed_is_noticed_and_the_last_stop_comes_back),
        TEST(many_threads_at_once_leave_a_sandbox_that_works),
        TEST(the_engine_ends),
    };
    return RUN_TESTS(tests);
}
