# SPDX-License-Identifier: Apache-2.0
"""Claims about `clutch run`: what runs, in which order, and what is printed where."""

import json
import os
import re
import subprocess
import threading

from support import Case, SECONDS

TIMED = "import time\nprint('first', flush=True)\ntime.sleep(30)\nprint('second')\n"
ALTERNATING = "import sys\nfor i in range(300): print(i, file=(sys.stdout, sys.stderr)[i % 2])"


class Json(Case):
    def test_environment_may_be_given_relative_to_the_callers_folder(self):
        environment = re.search(r"environment (/.*)", self.clutch("--version").out)[1].rstrip()
        relative = os.path.relpath(environment, self.cwd)
        self.assert_done(self.clutch("run", "--venv", relative, "-c", "print(1)"), 0, "1\n", "")

    def test_json_prints_the_execute_reply_of_the_contract(self):
        done = self.run_code("--json", "-c", "print(1, 2)", "-c", "1/0")
        first, second = self.objects(done)
        self.assert_done(done, 1, err="")
        self.assertEqual(first["output"], ["1 2"])
        self.assertEqual(set(first), {"output", "execution_time_ms", "files", "dataframes"})
        self.assertIsNone(second["output"])
        self.assertEqual(second["error"],
                         "executing Python code: ZeroDivisionError('division by zero')")
        self.assertEqual(set(second), set(first) | {"error"})

    def test_json_is_one_line_for_each_execution(self):
        done = self.run_code("--json", "-c", "print('a\\nb')", "-c", "pass",
                             "-c", "print('\\u2028')")
        self.assert_done(done, 0)
        self.assertEqual(done.out.count("\n"), 3)
        self.assertEqual([reply["output"] for reply in self.objects(done)],
                         [["a\nb"], [], ["\u2028"]])

    def test_json_keeps_both_streams_in_the_reply_and_off_standard_error(self):
        done = self.run_code("--json", "-c", "import sys; print('e', file=sys.stderr); print('o')")
        self.assert_done(done, 0, err="")
        self.assertEqual(self.objects(done)[0]["output"], ["e", "o"])

    def test_json_lines_arrive_when_their_execution_ends(self):
        process = self.start_code("--json", "-c", "print('now')", "-c", TIMED)
        self.assertEqual(json.loads(process.stdout.readline())["output"], ["now"])
        self.assertIsNone(process.poll())

    def test_json_lists_dataframes_that_an_execution_made(self):
        code = "import pandas; frame = pandas.DataFrame({'a': [1, 2, 3], 'b': 'xyz'})"
        done = self.clutch("run", "--json", "-c", code, "-c", "frame.sum()")
        self.assert_done(done, 0)
        first, second = self.objects(done)
        self.assertEqual(first["dataframes"], [{"name": "frame", "num_rows": 3, "num_cols": 2}])
        self.assertEqual(second["dataframes"], [])


class Status(Case):
    def test_status_is_the_last_line_and_the_status_reply(self):
        code = "import pandas; frame = pandas.DataFrame({'a': range(1000)}); print('made')"
        size = "print(int(frame.memory_usage(index=True, deep=True).sum()))"
        done = self.clutch("run", "--status", "-c", code, "-c", size)
        self.assert_done(done, 0, err="")
        made, memory, status = done.out.splitlines()
        self.assertEqual(made, "made")
        reply = json.loads(status)
        self.assertEqual(reply["status"], "running")
        self.assertRegex(reply["memory_usage"], r"^\d+(\.\d+)? [KMG]?i?B$")
        self.assertEqual(reply["dataframes"], [
            {"name": "frame", "num_rows": 1000, "num_cols": 1, "memory_usage_bytes": int(memory)}])

    def test_status_follows_the_replies_of_json(self):
        done = self.run_code("--json", "--status", "-c", "print(1)", "-c", "print(2)")
        self.assert_done(done, 0, err="")
        replies = self.objects(done)
        self.assertEqual([set(reply) & {"output", "status"} for reply in replies],
                         [{"output"}, {"output"}, {"status"}])

    def test_status_comes_also_after_a_failed_execution(self):
        done = self.run_code("--json", "--status", "-c", "1/0", "-c", "print(2)")
        self.assert_done(done, 1)
        self.assertEqual([reply.get("status") for reply in self.objects(done)], [None, "running"])

    def test_status_of_a_sandbox_that_crashed_is_stopped(self):
        done = self.run_code("--json", "--status", "-c", "import os; os.abort()")
        self.assert_done(done, 1)
        self.assertEqual(self.objects(done)[-1], {"status": "stopped"})


class Order(Case):
    def test_code_and_files_run_in_the_order_of_the_command_line(self):
        self.file("two.py", "print(2)")
        self.file("four.py", "print(4)")
        done = self.run_code("-c", "print(1)", "two.py", "-c", "print(3)", "four.py")
        self.assert_done(done, 0, "1\n2\n3\n4\n", "")

    def test_standard_input_runs_in_its_place(self):
        done = self.run_code("-c", "print(1)", "-", "-c", "print(3)", stdin="print(2)")
        self.assert_done(done, 0, "1\n2\n3\n", "")

    def test_options_may_come_after_code_and_files(self):
        self.file("two.py", "print(2)")
        done = self.run_code("-c", "print(1)", "two.py", "--json", "--timeout", "5")
        self.assert_done(done, 0, err="")
        self.assertEqual([reply["output"] for reply in self.objects(done)], [["1"], ["2"]])

    def test_two_dashes_end_the_options(self):
        self.file("--json", "print('file')")
        self.file("-c", "print('another')")
        done = self.run_code("-c", "print('code')", "--", "--json", "-c")
        self.assert_done(done, 0, "code\nfile\nanother\n", "")

    def test_variables_last_from_one_execution_to_the_next(self):
        self.file("add.py", "x += 1")
        self.assert_done(self.run_code("-c", "x = 1", "add.py", "-c", "print(x)"), 0, "2\n", "")

    def test_each_run_starts_in_a_fresh_sandbox(self):
        self.run_code("-c", "x = 1")
        done = self.run_code("-c", "print('x' in globals())")
        self.assert_done(done, 0, "False\n", "")

    def test_without_code_standard_input_is_run(self):
        done = self.run_code(stdin="for i in range(2):\n    print(i)\n")
        self.assert_done(done, 0, "0\n1\n", "")

    def test_empty_code_is_fine(self):
        self.assert_done(self.run_code(stdin=""), 0, "", "")
        self.assert_done(self.run_code("-c", "", "/dev/null"), 0, "", "")

    def test_a_file_may_be_a_pipe(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.write(writer, b"print('piped')")
        os.close(writer)
        done = self.run_code(f"/dev/fd/{reader}", pass_fds=[reader])
        self.assert_done(done, 0, "piped\n", "")


class Streams(Case):
    def test_output_and_errors_go_to_their_own_streams(self):
        done = self.run_code("-c", "import sys; print('o'); print('e', file=sys.stderr)")
        self.assert_done(done, 0, "o\n", "e\n")

    def test_streams_are_not_mixed_up_when_they_alternate(self):
        done = self.run_code("-c", ALTERNATING)
        self.assert_done(done, 0, "".join(f"{i}\n" for i in range(0, 300, 2)),
                         "".join(f"{i}\n" for i in range(1, 300, 2)))

    def test_both_streams_keep_their_order_in_one_pipe(self):
        done = self.run_code("-c", ALTERNATING, stderr=subprocess.STDOUT)
        self.assert_done(done, 0, "".join(f"{i}\n" for i in range(300)))

    def test_each_print_ends_with_a_newline_whatever_its_end_was(self):
        done = self.run_code("-c", "print('a', end=''); print('b'); print('c\\nd')")
        self.assert_done(done, 0, "a\nb\nc\nd\n", "")

    def test_output_arrives_before_the_execution_ends(self):
        process = self.start_code("-c", TIMED)
        self.assertEqual(process.stdout.readline(), "first\n")
        self.assertIsNone(process.poll())

    def test_value_of_a_last_expression_is_not_printed(self):
        self.assert_done(self.run_code("-c", "6 * 7"), 0, "", "")

    def test_nul_and_unicode_output_passes_unchanged(self):
        done = self.run_code("-c", "print('a\\0b', 'ü€🐍')")
        self.assert_done(done, 0, "a\0b ü€🐍\n", "")

    def test_many_lines_arrive_complete(self):
        done = self.run_code("--output", "16M", "-c", "for i in range(100000): print(i)")
        self.assert_done(done, 0, "".join(f"{i}\n" for i in range(100000)), "")

    def test_reader_that_leaves_early_ends_it_quietly(self):
        process = self.start_code("--output", "none", "-c", "while True: print('x' * 1000)",
                                  "-c", "print('next')", "--keep-going")
        self.assertEqual(process.stdout.readline(), "x" * 1000 + "\n")
        process.stdout.close()
        self.assertEqual(process.stderr.read(), "")
        self.assertEqual(process.wait(SECONDS), 1)

    def test_full_disk_is_reported_with_status_3(self):
        with open("/dev/full", "w") as full:
            done = self.run_code("-c", "print(1)", stdout=full)
        self.assertEqual(done.status, 3)
        self.assertEqual(done.err, "clutch: standard output: No space left on device\n")

    def test_closed_standard_output_is_reported_with_status_3(self):
        done = self.run_code("-c", "print(1)", preexec_fn=lambda: os.close(1))
        self.assertEqual(done.status, 3)
        self.assertIn("clutch: standard output: ", done.err)

    def test_standard_error_that_nobody_reads_does_no_harm(self):
        process = self.start_code("-c", "import sys\nfor i in range(9): print(i, file=sys.stderr)",
                                  "-c", "print('on')")
        process.stderr.close()
        self.assertEqual(process.stdout.read(), "on\n")
        self.assertEqual(process.wait(SECONDS), 0)

    def test_slow_reader_gets_everything(self):
        process = self.start_code("--output", "none", "-c",
                                  "for i in range(2000): print(str(i) * 100)")
        lines = []
        reader = threading.Timer(0.5, lambda: lines.extend(process.stdout))
        reader.start()
        reader.join(SECONDS)
        self.assertEqual(process.wait(SECONDS), 0)
        self.assertEqual(lines, [str(i) * 100 + "\n" for i in range(2000)])


class Names(Case):
    def test_traceback_names_the_file_and_the_line(self):
        self.file("wrong.py", "x = 1\ndef f():\n    return x / 0\nf()\n")
        done = self.run_code("wrong.py")
        self.assert_done(done, 1, "")
        self.assertIn('File "wrong.py", line 3, in f', done.err)
        self.assertIn("return x / 0", done.err)
        self.assertEqual(done.err.splitlines()[-1], "ZeroDivisionError: division by zero")
        self.assertTrue(done.err.startswith("Traceback (most recent call last):\n"), done.err)

    def test_traceback_names_standard_input(self):
        self.assertIn('File "<stdin>", line 2', self.run_code(stdin="\n1/0").err)

    def test_traceback_names_code_by_its_place_on_the_command_line(self):
        done = self.run_code("-c", "x = 1", "-c", "1/0")
        self.assertIn('File "<execution 2>", line 1', done.err)

    def test_syntax_error_is_shown_with_its_place(self):
        done = self.run_code("-c", "x = = 1")
        self.assert_done(done, 1, "")
        self.assertIn("x = = 1", done.err)
        self.assertIn("SyntaxError", done.err)

    def test_output_before_an_error_is_kept(self):
        done = self.run_code("-c", "print('before'); 1/0")
        self.assert_done(done, 1, "before\n")

    def test_nul_bytes_are_judged_by_python(self):
        done = self.run_code(self.file("nul.py", b"print(1)\0\nprint(2)\n"))
        self.assert_done(done, 1, "")
        self.assertIn("null byte", done.err)

    def test_invalid_utf8_is_judged_by_python(self):
        done = self.run_code(self.file("bad.py", b"x = '\xff'\n"))
        self.assert_done(done, 1, "")
        self.assertRegex(done.err, "SyntaxError|UnicodeDecodeError")
