/* SPDX-License-Identifier: Apache-2.0 */
/* test_undo.c: checkpoints, and executions that are taken back. */
#include "sessions.h"

#include <signal.h>
#include <unistd.h>

static clutch_sandbox *undoing(uint32_t depth)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.undo_depth = depth;
    return create(the_engine(), &options);
}

/* Runs what is to be taken back, and looks that it was. */
static void check_taken_back(clutch_sandbox *sandbox, const char *code,
                             const clutch_execute_options *options, uint32_t outcome)
{
    clutch_result *result = run_with(sandbox, code, options);
    assert_outcome(result, outcome);
    assert_true(result->checkpointed);
    assert_true(result->rolled_back);
    assert_false(result->sandbox_ended);
    clutch_result_free(result);
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
}

static void undo(clutch_sandbox *sandbox, uint32_t steps, clutch_undone *out)
{
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_undo(sandbox, steps, out, &error), &error);
}

/* ---- By itself ---- */

static void a_crash_costs_one_execution(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(1);
    do_run(sandbox, "import pandas as pd\ndf = pd.DataFrame({'a': range(100)})");
    for (int i = 0; i < 3; i++) {
        check_taken_back(sandbox, "df = None; import ctypes; ctypes.string_at(0)", NULL,
                         CLUTCH_OUTCOME_CRASHED);
        assert_text(answer(sandbox, "print(df.a.sum())"), "4950");
    }
    clutch_sandbox_destroy(sandbox);
}

static void so_does_every_other_loss_of_the_process(void **state)
{
    (void)state;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.wall_ms = 200;
    limits.grace_ms = 100;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.limits = &limits;
    clutch_sandbox *sandbox = undoing(1);
    do_run(sandbox, "import os, signal\nx = 1");
    check_taken_back(sandbox, "x = 2; os.kill(os.getpid(), signal.SIGKILL)", NULL, CLUTCH_OUTCOME_KILLED);
    check_taken_back(sandbox, "x = 3; os._exit(4)", NULL, CLUTCH_OUTCOME_EXIT);
    check_taken_back(sandbox, "x = 4; import itertools; sum(itertools.repeat(1))", &options,
                     CLUTCH_OUTCOME_TIMEOUT);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_sandbox_destroy(sandbox);
}

static void what_only_fails_is_kept_unless_asked_for(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(1);
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    do_run(sandbox, "x = 1");
    clutch_result *result = run(sandbox, "x = 2; 1/0");
    assert_false(result->rolled_back);
    clutch_result_free(result);
    assert_text(answer(sandbox, "print(x)"), "2");
    options.rollback = CLUTCH_ROLLBACK_FAILURE;
    check_taken_back(sandbox, "x = 3; 1/0", &options, CLUTCH_OUTCOME_EXCEPTION);
    assert_text(answer(sandbox, "print(x)"), "2");
    result = run_with(sandbox, "x = 4; raise SystemExit(1)", &options);
    assert_outcome(result, CLUTCH_OUTCOME_EXIT);
    assert_false(result->rolled_back);
    clutch_result_free(result);
    assert_text(answer(sandbox, "print(x)"), "4");
    clutch_sandbox_destroy(sandbox);
}

static void a_process_lost_between_executions_goes_back_too(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(2);
    do_run(sandbox, "x = 1");
    do_run(sandbox, "x = 2");
    kill(clutch_sandbox_pid(sandbox), 9);
    clutch_result *result = run(sandbox, "x = 3");
    assert_outcome(result, CLUTCH_OUTCOME_KILLED);
    assert_true(result->rolled_back);
    clutch_result_free(result);
    assert_text(answer(sandbox, "print(x)"), "1"); /* the newest checkpoint was made before x = 2 */
    clutch_sandbox_destroy(sandbox);
}

static void by_status(clutch_sandbox *sandbox)
{
    clutch_status *status;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_status(sandbox, &status, &error), &error);
    assert_int_equal(status->state, CLUTCH_STATE_RUNNING);
    clutch_status_free(status);
}

static void by_describe(clutch_sandbox *sandbox)
{
    assert_int_equal(state_of(sandbox), CLUTCH_STATE_RUNNING);
}

static void by_start(clutch_sandbox *sandbox)
{
    clutch_session_report *report = start_it(sandbox);
    assert_int_equal(report->ready, CLUTCH_READY_FOUND);
    clutch_session_report_free(report);
}

static void by_pause(clutch_sandbox *sandbox)
{
    do_pause(sandbox);
}

static void by_stop(clutch_sandbox *sandbox)
{
    clutch_session_report *report = stop_it(sandbox);
    assert_true(report->saved);
    clutch_session_report_free(report);
    do_start(sandbox);
}

static void by_clone(clutch_sandbox *sandbox)
{
    clutch_sandbox *copy;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_clone(sandbox, NULL, &copy, &error), &error);
    assert_text(answer(copy, "print(x)"), "1");
    clutch_sandbox_destroy(copy);
}

static void while_paused(clutch_sandbox *sandbox)
{
    do_resume(sandbox);
}

/* Whoever meets a lost process first finds the sandbox in its checkpoint. */
static void whatever_notices_the_loss_finds_it_gone_back(void **state)
{
    (void)state;
    void (*const notices[])(clutch_sandbox *) = {by_status, by_describe, by_start, by_pause,
                                                 by_stop,   by_clone,    while_paused};
    for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++) {
        clutch_sandbox *sandbox = undoing(2);
        do_run(sandbox, "x = 1");
        do_run(sandbox, "x = 2");
        if (notices[i] == while_paused)
            do_pause(sandbox);
        kill(clutch_sandbox_pid(sandbox), 9);
        while (clutch_sandbox_pid(sandbox) != 0)
            usleep(1000);
        notices[i](sandbox);
        assert_text(answer(sandbox, "print(x)"), "1");
        clutch_sandbox_destroy(sandbox);
    }
}

static void code_that_ends_the_process_while_it_is_saved_costs_one_execution(void **state)
{
    (void)state;
    /* The second one does not yield. */
    static const char *const traps[] = {"os._exit(1)", "sum(itertools.repeat(1))"};
    clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
    options.timeout_ms = 300;
    for (size_t i = 0; i < 2; i++) {
        clutch_sandbox *sandbox = undoing(1);
        clutch_session_report *report;
        clutch_error error = ERROR_UNTOUCHED;
        do_run(sandbox, "x = 1");
        do_run(sandbox, format("import os, itertools\nclass Trap:\n    def __reduce__(self): %s\nx = Trap()",
                               traps[i]));
        assert_worked(clutch_sandbox_stop(sandbox, &options, &report, &error), &error);
        assert_true(report->saved);
        clutch_session_report_free(report);
        do_start(sandbox);
        assert_text(answer(sandbox, "print(x)"), "1");
        clutch_sandbox_destroy(sandbox);
    }
}

static void without_a_checkpoint_it_is_lost(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "import os; os._exit(1)");
    assert_false(result->checkpointed);
    assert_false(result->rolled_back);
    assert_true(result->sandbox_ended);
    clutch_result_free(result);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    clutch_sandbox_destroy(sandbox);
}

static void threads_keep_a_checkpoint_from_being_made(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(1);
    clutch_error error = ERROR_UNTOUCHED;
    do_run(sandbox, "import threading\ngo = threading.Event()\n"
                    "t = threading.Thread(target=go.wait, name='weaver'); t.start()");
    clutch_result *result = run(sandbox, "x = 1");
    assert_outcome(result, CLUTCH_OUTCOME_OK); /* the execution goes on without */
    assert_false(result->checkpointed);
    clutch_result_free(result);
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.checkpoint = true; /* but not when it was asked for */
    clutch_result *none = UNTOUCHED;
    assert_refused(clutch_sandbox_run(sandbox, "x = 2", 5, &options, &none, &error), CLUTCH_E_UNCLONABLE,
                   &error);
    assert_holds(error.message, "weaver");
    assert_ptr_equal(none, UNTOUCHED);
    assert_text(answer(sandbox, "print(x)\ngo.set(); t.join()"), "1");
    clutch_sandbox_destroy(sandbox);
}

/* ---- By hand ---- */

static void the_last_executions_can_be_taken_back(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(3);
    clutch_undone undone;
    clutch_error error = ERROR_UNTOUCHED, refused;
    for (int i = 1; i <= 6; i++)
        do_run(sandbox, format("x = %d", i));
    assert_refused(clutch_sandbox_undo(sandbox, 4, &undone, &refused), CLUTCH_E_NOT_FOUND, &refused);
    undo(sandbox, 2, &undone);
    assert_int_equal(undone.steps, 2);
    assert_int_equal(undone.left, 1);
    assert_text(answer(sandbox, "print(x)"), "4");
    undo(sandbox, 1, NULL); /* the print */
    undo(sandbox, 1, &undone);
    assert_int_equal(undone.left, 0);
    assert_text(answer(sandbox, "print(x)"), "3");
    clutch_record_page *page;
    assert_worked(clutch_sandbox_log(sandbox, 0, NULL, &page, &error), &error);
    assert_int_equal(page->count, 8);
    for (size_t i = 0; i < page->count; i++) {
        uint64_t serial = page->records[i].serial;
        assert_int_equal(page->records[i].rolled_back, serial >= 4 && serial <= 7);
    }
    clutch_record_page_free(page);
    assert_refused(clutch_sandbox_undo(sandbox, 0, NULL, &error), CLUTCH_E_INVALID, &error);
    clutch_sandbox_destroy(sandbox);
}

static void one_execution_can_have_a_checkpoint(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_error error = ERROR_UNTOUCHED;
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    options.checkpoint = true;
    do_run(sandbox, "x = 1");
    check_taken_back(sandbox, "x = 2; import os; os.abort()", &options, CLUTCH_OUTCOME_CRASHED);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_result_free(run_with(sandbox, "x = 3", &options));
    undo(sandbox, 1, NULL);
    assert_text(answer(sandbox, "print(x)"), "1");
    assert_refused(clutch_sandbox_undo(sandbox, 1, NULL, &error), CLUTCH_E_NOT_FOUND, &error);
    clutch_sandbox_destroy(sandbox);
}

/* Where the file system cannot share blocks only an empty folder is cheap to keep. */
static void files_go_back_where_that_is_cheap_or_it_is_said(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(1);
    clutch_undone undone;
    do_run(sandbox, "x = 1");
    do_run(sandbox, "open('file', 'w').write('1'); import os; os.mkdir('folder')");
    undo(sandbox, 1, &undone);
    assert_true(undone.files_rolled_back);
    assert_text(answer(sandbox, "import os\nprint(os.listdir())"), "[]");
    do_run(sandbox, "open('file', 'w').write('1')");
    do_run(sandbox, "open('file', 'w').write('22')");
    undo(sandbox, 1, &undone);
    assert_text(answer(sandbox, "print(open('file').read())"), undone.files_rolled_back ? "1" : "22");
    clutch_sandbox_destroy(sandbox);
}

/* A file with a second name, or a pipe, is in no copy: putting the rest back would remove it. */
static void files_that_cannot_be_copied_are_not_taken_back(void **state)
{
    (void)state;
    static const char *const special[] = {"os.link('file', 'second')", "os.mkfifo('second')"};
    for (size_t i = 0; i < 2; i++) {
        clutch_sandbox *sandbox = undoing(1);
        clutch_undone undone;
        do_run(sandbox, format("import os; open('file', 'w').close(); %s", special[i]));
        do_run(sandbox, "x = 2");
        undo(sandbox, 1, &undone);
        assert_false(undone.files_rolled_back);
        assert_text(answer(sandbox, "print(sorted(os.listdir()))"), "['file', 'second']");
        clutch_sandbox_destroy(sandbox);
    }
}

static void checkpoints_end_with_the_process(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(3);
    clutch_error error = ERROR_UNTOUCHED;
    for (int i = 0; i < 3; i++)
        do_run(sandbox, "x = 1");
    pid_t template = clutch_engine_describe(the_engine())->template_pid;
    size_t before = children_of(template, NULL, 0);
    do_stop(sandbox);
    assert_int_equal(children_of(template, NULL, 0), before - 4);
    do_start(sandbox);
    assert_refused(clutch_sandbox_undo(sandbox, 1, NULL, &error), CLUTCH_E_NOT_FOUND, &error);
    clutch_sandbox_destroy(sandbox);
}

/* Nobody waits for them, but the template does when it is asked for something next. */
static void checkpoints_that_are_more_than_are_kept_end(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(2);
    pid_t template = clutch_engine_describe(the_engine())->template_pid;
    size_t before = children_of(template, NULL, 0);
    for (int i = 0; i < 100; i++)
        do_run(sandbox, "x = 1");
    assert_in_range(children_of(template, NULL, 0), before + 2, before + 5);
    undo(sandbox, 2, NULL);
    clutch_sandbox_destroy(sandbox);
    assert_in_range(children_of(template, NULL, 0), before - 1, before);
}

/* ---- Of a stopped sandbox ---- */

static void over_stops_and_engines_one_step_is_one_run(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    clutch_engine *engine = engine_on(folder);
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.undo_depth = 2;
    clutch_sandbox *sandbox = create(engine, &options);
    const char *id = format("%s", clutch_sandbox_id(sandbox));
    clutch_undone undone;
    clutch_error error, fine = ERROR_UNTOUCHED;
    do_run(sandbox, "x = 1");
    do_stop(sandbox);
    assert_refused(clutch_sandbox_undo(sandbox, 1, &undone, &error), CLUTCH_E_NOT_FOUND, &error);
    for (int i = 2; i <= 4; i++) {
        do_start(sandbox);
        do_run(sandbox, format("x = %d", i));
        do_run(sandbox, "y = x");
        do_stop(sandbox);
    }
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    engine = engine_on(folder);
    sandbox = open_it(engine, NULL, id);
    assert_refused(clutch_sandbox_undo(sandbox, 3, &undone, &error), CLUTCH_E_NOT_FOUND, &error);
    assert_worked(clutch_sandbox_undo(sandbox, 1, &undone, &fine), &fine);
    assert_int_equal(undone.steps, 2);
    assert_int_equal(undone.left, 1);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x, y)"), "3 3");
    clutch_record_page *page;
    assert_worked(clutch_sandbox_log(sandbox, 0, NULL, &page, &fine), &fine);
    for (size_t i = 0; i < page->count; i++)
        assert_int_equal(page->records[i].rolled_back,
                         page->records[i].serial == 6 || page->records[i].serial == 7);
    clutch_record_page_free(page);
    clutch_sandbox_destroy(sandbox);
    clutch_engine_close(engine);
    remove_tree(folder);
}

/* What was done without a checkpoint is not what an undo may take back with something else. */
static void a_run_without_a_checkpoint_leaves_nothing_to_go_back_to(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    clutch_error error, fine = ERROR_UNTOUCHED;
    options.checkpoint = true;
    do_run(sandbox, "x = 1");
    do_stop(sandbox);
    do_start(sandbox);
    clutch_result_free(run_with(sandbox, "x = 2", &options));
    do_stop(sandbox);
    do_start(sandbox); /* nothing is executed: that is no step */
    do_stop(sandbox);
    assert_worked(clutch_sandbox_undo(sandbox, 1, NULL, &fine), &fine);
    do_start(sandbox);
    assert_text(answer(sandbox, "print(x)"), "1");
    clutch_result_free(run_with(sandbox, "x = 3", &options));
    do_stop(sandbox);
    do_start(sandbox);
    do_run(sandbox, "x = 4");
    do_stop(sandbox);
    assert_refused(clutch_sandbox_undo(sandbox, 1, NULL, &error), CLUTCH_E_NOT_FOUND, &error);
    clutch_sandbox_destroy(sandbox);
}

static void a_host_with_an_event_loop_sees_it_too(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = undoing(1);
    do_run(sandbox, "x = 1");
    for (int i = 0; i < 3; i++) {
        clutch_execution *execution = start(sandbox, "x = 2; import os; os.abort()");
        assert_true(clutch_execution_fd(execution, NULL) >= 0);
        clutch_result *result = wait_for(execution);
        assert_true(result->rolled_back);
        clutch_result_free(result);
        assert_text(answer(sandbox, "print(x)"), "1");
    }
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_crash_costs_one_execution),
        TEST(so_does_every_other_loss_of_the_process),
        TEST(what_only_fails_is_kept_unless_asked_for),
        TEST(a_process_lost_between_executions_goes_back_too),
        TEST(whatever_notices_the_loss_finds_it_gone_back),
        TEST(code_that_ends_the_process_while_it_is_saved_costs_one_execution),
        TEST(without_a_checkpoint_it_is_lost),
        TEST(threads_keep_a_checkpoint_from_being_made),
        TEST(the_last_executions_can_be_taken_back),
        TEST(one_execution_can_have_a_checkpoint),
        TEST(files_go_back_where_that_is_cheap_or_it_is_said),
        TEST(files_that_cannot_be_copied_are_not_taken_back),
        TEST(checkpoints_end_with_the_process),
        TEST(checkpoints_that_are_more_than_are_kept_end),
        TEST(over_stops_and_engines_one_step_is_one_run),
        TEST(a_run_without_a_checkpoint_leaves_nothing_to_go_back_to),
        TEST(a_host_with_an_event_loop_sees_it_too),
    };
    return RUN_TESTS(tests);
}
