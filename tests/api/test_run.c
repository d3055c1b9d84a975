/* SPDX-License-Identifier: Apache-2.0 */
/* test_run.c: the fields of a result, for each way in which code ends. */
#include "support.h"

#include <signal.h>

static clutch_sandbox *sandbox;

static void begin(void)
{
    sandbox = fresh();
}

static void end(void)
{
    clutch_sandbox_destroy(sandbox);
    sandbox = NULL;
}

static clutch_result *run_bytes(const char *code, size_t length)
{
    clutch_result *result = NULL;
    clutch_error error;
    if (clutch_sandbox_run(sandbox, code, length, NULL, &result, &error) != 0)
        fail_msg("%s", error.message);
    return result;
}

static void a_fine_execution_has_no_error(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "x = 1 + 1");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_text(result->error, NULL);
    assert_text(result->exception_type, NULL);
    assert_text(result->exception_message, NULL);
    assert_text(result->traceback, NULL);
    assert_text(result->value, NULL);
    assert_int_equal(result->line, 0);
    assert_int_equal(result->output_count, 0);
    assert_int_equal(result->file_count, 0);
    assert_int_equal(result->limit, CLUTCH_LIMIT_NONE);
    assert_int_equal(result->exit_status, 0);
    assert_int_equal(result->signal, 0);
    assert_int_equal(result->serial, 1);
    assert_false(result->sandbox_ended);
    assert_false(result->files_truncated);
    clutch_result_free(result);
    end();
}

static void an_exception_is_told_in_every_field(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "print('before')\n\ndef f():\n    return 1/0\nf()\n");
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_text(result->error, "executing Python code: ZeroDivisionError('division by zero')");
    assert_text(result->exception_type, "ZeroDivisionError");
    assert_text(result->exception_message, "division by zero");
    assert_true(strncmp(result->traceback, "Traceback (most recent call last):\n", 35) == 0);
    assert_holds(result->traceback, "line 5");
    assert_holds(result->traceback, "ZeroDivisionError: division by zero");
    assert_in_range(result->line, 4, 5);
    assert_int_equal(result->output_count, 1);
    assert_text(result->output[0].text, "before");
    clutch_result_free(result);
    end();
}

static void the_value_of_a_last_expression_is_its_own_field(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "print('printed')\n[1, 'two']");
    assert_text(result->value, "[1, 'two']");
    assert_int_equal(result->output_count, 1);
    clutch_result_free(result);
    result = run(sandbox, "'x' * 100000");
    assert_int_equal(strlen(result->value), 64 << 10);
    clutch_result_free(result);
    result = run(sandbox, "None");
    assert_text(result->value, NULL);
    clutch_result_free(result);
    end();
}

static void exits_tell_their_status(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int status;
        bool ended;
    } exits[] = {
        {"import sys; sys.exit()", 0, false},  {"import sys; sys.exit(0)", 0, false},
        {"import sys; sys.exit(7)", 7, false}, {"import sys; sys.exit('text')", 1, false},
        {"raise SystemExit(3)", 3, false},     {"import os; os._exit(0)", 0, true},
        {"import os; os._exit(9)", 9, true},
    };
    begin();
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        clutch_result *result = run(sandbox, exits[i].code);
        assert_outcome(result, CLUTCH_OUTCOME_EXIT);
        assert_int_equal(result->exit_status, exits[i].status);
        assert_int_equal(result->sandbox_ended, exits[i].ended);
        assert_int_equal(result->signal, 0);
        clutch_result_free(result);
        if (exits[i].ended) {
            end();
            begin();
        } else {
            do_run(sandbox, "1");
        }
    }
    end();
}

static void crashes_tell_their_signal_and_keep_the_output(void **state)
{
    (void)state;
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        begin();
        clutch_result *result = run(sandbox, format("import os\nprint('last words')\n"
                                                    "os.kill(os.getpid(), %d)", signals[i]));
        assert_outcome(result, CLUTCH_OUTCOME_CRASHED);
        assert_int_equal(result->signal, signals[i]);
        assert_true(result->sandbox_ended);
        assert_true(result->output_count > 0);
        assert_text(result->output[0].text, "last words");
        assert_holds(result->error, "executing Python code: ");
        assert_holds(result->error, sigabbrev_np(signals[i]));
        clutch_result_free(result);
        end();
    }
}

static void a_sandbox_killed_from_outside_is_told(void **state)
{
    (void)state;
    begin();
    clutch_execution *execution = start(sandbox, "print('so far', flush=True)\nwhile True: pass");
    sleep_ms(100);
    kill(clutch_sandbox_pid(sandbox), SIGKILL);
    clutch_result *result = wait_for(execution);
    assert_outcome(result, CLUTCH_OUTCOME_KILLED);
    assert_int_equal(result->signal, SIGKILL);
    assert_true(result->sandbox_ended);
    assert_text(result->output[0].text, "so far");
    assert_holds(result->error, "killed from outside");
    assert_true(result->cpu_ns == 0 && result->memory_peak_bytes == 0);
    clutch_result_free(result);
    end();
}

static void after_its_end_a_sandbox_refuses_with_ended(void **state)
{
    (void)state;
    begin();
    clutch_result_free(run(sandbox, "import os; os._exit(1)"));
    for (int i = 0; i < 2; i++) {
        clutch_result *result = UNTOUCHED;
        clutch_execution *execution = UNTOUCHED;
        clutch_error error;
        assert_refused(clutch_sandbox_run(sandbox, "1", 1, NULL, &result, &error), CLUTCH_E_ENDED, &error);
        assert_refused(clutch_execution_start(sandbox, "1", 1, NULL, &execution, &error), CLUTCH_E_ENDED,
                       &error);
        assert_holds(error.message, clutch_sandbox_id(sandbox));
        assert_true(result == UNTOUCHED && execution == UNTOUCHED);
    }
    end();
}

static void a_death_between_executions_is_told_by_the_next(void **state)
{
    (void)state;
    begin();
    do_run(sandbox, "1");
    pid_t pid = clutch_sandbox_pid(sandbox);
    kill(pid, SIGKILL);
    assert_true(dies(pid, 1000));
    clutch_result *result = run(sandbox, "print('never')");
    assert_outcome(result, CLUTCH_OUTCOME_KILLED);
    assert_true(result->sandbox_ended);
    assert_int_equal(result->output_count, 0);
    clutch_result_free(result);
    end();
}

static void code_may_hold_any_bytes(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run_bytes("print(1)\0print(2)", 17);
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_text(result->exception_type, "SyntaxError");
    assert_int_equal(result->output_count, 0);
    clutch_result_free(result);
    result = run_bytes("print('\xff\xfe')", 11);
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    clutch_result_free(result);
    result = run_bytes("\xef\xbb\xbfprint('Ö')", 14);
    assert_text(result->output[0].text, "Ö");
    clutch_result_free(result);
    result = run_bytes("print(1)junk behind the length", 8);
    assert_text(result->output[0].text, "1");
    clutch_result_free(result);
    do_run(sandbox, "1");
    end();
}

static void texts_of_an_exception_are_bounded(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "raise ValueError('x' * (50 << 20))");
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_in_range(strlen(result->error), 1000, 65 << 10);
    assert_in_range(strlen(result->exception_message), 1000, 65 << 10);
    assert_in_range(strlen(result->traceback), 1000, 257 << 10);
    clutch_result_free(result);
    do_run(sandbox, "1");
    end();
}

static void usage_is_plausible(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "import time; time.sleep(0.2)");
    assert_in_range(result->wall_ns, 200000000, 2000000000);
    assert_in_range(result->cpu_ns, 1000, 150000000);
    assert_in_range(result->memory_peak_bytes, 8 << 20, 1 << 30);
    uint64_t peak_bytes = result->memory_peak_bytes;
    clutch_result_free(result);
    result = run(sandbox, "import time; t = time.process_time()\nwhile time.process_time() - t < 0.2: pass\n"
                          "del t; m = b'x' * (200 << 20); del m");
    assert_in_range(result->cpu_ns, 200000000, 5000000000);
    assert_true(result->wall_ns >= result->cpu_ns * 9 / 10);
    assert_true(result->memory_peak_bytes > peak_bytes + (100 << 20));
    clutch_result_free(result);
    end();
}

static void changed_files_are_listed(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "import os\nos.makedirs('sub')\n"
                                         "open('sub/a file.csv', 'w').write('12345')\n"
                                         "open('line\\nbreak', 'w').close()\n"
                                         "open(b'bad\\xff', 'w').close()\n");
    assert_int_equal(result->file_count, 3);
    for (size_t i = 0; i < result->file_count; i++) {
        const clutch_file *file = &result->files[i];
        bool is_csv = strcmp(file->name, "sub/a file.csv") == 0;
        assert_true(is_csv || strcmp(file->name, "line\nbreak") == 0 ||
                    strcmp(file->name, "bad\xef\xbf\xbd") == 0);
        assert_text(file->mime_type, is_csv ? "text/csv" : "application/octet-stream");
        assert_int_equal(file->size_bytes, is_csv ? 5 : 0);
        assert_true(strncmp(file->url, "file:///", 8) == 0);
        assert_null(strpbrk(file->url, " \n\""));
        if (is_csv)
            assert_text(file->url, format("file://%s/sub/a%%20file.csv", clutch_sandbox_workdir(sandbox)));
    }
    clutch_result_free(result);
    result = run(sandbox, "open('sub/a file.csv').read()");
    assert_int_equal(result->file_count, 0);
    clutch_result_free(result);
    end();
}

static void names_of_files_too_long_to_clean_do_no_harm(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "import os\n"
                                         "for i in range(15):\n"
                                         "    os.mkdir(b'\\xff' * 250); os.chdir(b'\\xff' * 250)\n"
                                         "open('f', 'w').close()");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_int_equal(result->file_count, 1);
    clutch_result_free(result);
    end();
}

static void a_thousand_files_are_listed_and_more_are_said_to_be(void **state)
{
    (void)state;
    begin();
    clutch_result *result = run(sandbox, "for i in range(1000): open(f'f{i}', 'w').close()");
    assert_int_equal(result->file_count, 1000);
    assert_false(result->files_truncated);
    clutch_result_free(result);
    result = run(sandbox, "for i in range(1001): open(f'g{i}', 'w').close()");
    assert_int_equal(result->file_count, 1000);
    assert_true(result->files_truncated);
    clutch_result_free(result);
    end();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_fine_execution_has_no_error),
        TEST(an_exception_is_told_in_every_field),
        TEST(the_value_of_a_last_expression_is_its_own_field),
        TEST(exits_tell_their_status),
        TEST(crashes_tell_their_signal_and_keep_the_output),
        TEST(a_sandbox_killed_from_outside_is_told),
        TEST(after_its_end_a_sandbox_refuses_with_ended),
        TEST(a_death_between_executions_is_told_by_the_next),
        TEST(code_may_hold_any_bytes),
        TEST(texts_of_an_exception_are_bounded),
        TEST(usage_is_plausible),
        TEST(changed_files_are_listed),
        TEST(names_of_files_too_long_to_clean_do_no_harm),
        TEST(a_thousand_files_are_listed_and_more_are_said_to_be),
    };
    return RUN_TESTS(tests);
}
