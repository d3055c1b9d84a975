/* SPDX-License-Identifier: Apache-2.0 */
/* test_refusals.c: what the kernel refuses is told, with its kind, name and line. */
#include "support.h"

static void assert_refusal(const clutch_result *result, size_t index, uint32_t kind, const char *what,
                           uint32_t line)
{
    assert_true(result->refusal_count > index);
    assert_int_equal(result->refusals[index].kind, kind);
    assert_text(result->refusals[index].what, what);
    assert_int_equal(result->refusals[index].line, line);
}

static void a_refused_socket_is_told_with_its_line(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "import socket\n\nsocket.create_connection(('127.0.0.1', 80))");
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_refusal(result, 0, CLUTCH_REFUSAL_NETWORK, "socket", 3);
    assert_false(result->refusals_truncated);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_refused_program_is_told_by_its_name(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "import subprocess\nsubprocess.run(['date'])");
    assert_refusal(result, 0, CLUTCH_REFUSAL_PROCESS, "date", 2);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_refused_file_is_told_by_its_path(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "x = 1\nopen('/etc/clutch', 'w')");
    assert_outcome(result, CLUTCH_OUTCOME_EXCEPTION);
    assert_refusal(result, 0, CLUTCH_REFUSAL_FILE, "/etc/clutch", 2);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_refused_system_call_is_told_by_its_number(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "import ctypes\nctypes.CDLL(None).syscall(101, 0, 0, 0, 0)");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_refusal(result, 0, CLUTCH_REFUSAL_SYSCALL, "system call 101", 2);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void a_refusal_is_told_also_when_the_code_copes_and_from_other_threads(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "import socket, threading\n"
                                         "def probe():\n"
                                         " try: socket.socket()\n"
                                         " except PermissionError: pass\n"
                                         "t = threading.Thread(target=probe); t.start(); t.join()");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_refusal(result, 0, CLUTCH_REFUSAL_NETWORK, "socket", 3);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void the_same_refusal_in_the_same_line_is_told_once(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "import socket\n"
                                         "for i in range(50):\n"
                                         " try: socket.socket()\n"
                                         " except PermissionError: pass");
    assert_int_equal(result->refusal_count, 1);
    clutch_result_free(result);
    result = run(sandbox, "pass");
    assert_int_equal(result->refusal_count, 0);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void many_refusals_are_cut_and_the_cut_is_told(void **state)
{
    (void)state;
    clutch_sandbox *sandbox = fresh();
    clutch_result *result = run(sandbox, "for i in range(150):\n"
                                         " try: open(f'/etc/{i}', 'w')\n"
                                         " except OSError: pass");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_int_equal(result->refusal_count, 100);
    assert_true(result->refusals_truncated);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

static void what_is_allowed_is_no_refusal(void **state)
{
    (void)state;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.network = CLUTCH_NETWORK_ALL;
    options.processes = true;
    clutch_sandbox *sandbox = create(the_engine(), &options);
    clutch_result *result = run(sandbox, "import socket, subprocess\nsocket.socket()\n"
                                         "subprocess.run(['true'])");
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    assert_int_equal(result->refusal_count, 0);
    clutch_result_free(result);
    clutch_sandbox_destroy(sandbox);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_refused_socket_is_told_with_its_line),
        TEST(a_refused_program_is_told_by_its_name),
        TEST(a_refused_file_is_told_by_its_path),
        TEST(a_refused_system_call_is_told_by_its_number),
        TEST(a_refusal_is_told_also_when_the_code_copes_and_from_other_threads),
        TEST(the_same_refusal_in_the_same_line_is_told_once),
        TEST(many_refusals_are_cut_and_the_cut_is_told),
        TEST(what_is_allowed_is_no_refusal),
    };
    return RUN_TESTS(tests);
}
