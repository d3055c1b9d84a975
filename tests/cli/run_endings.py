# SPDX-License-Identifier: Apache-2.0
"""Claims about how executions of `clutch run` end: failures, limits, crashes, signals."""

import os
import signal
import time

from support import Case, SECONDS, wait_until

CRASH = "import ctypes; ctypes.string_at(0)"
LOST = "clutch: the sandbox has ended and its variables are lost; going on in a fresh one\n"
STUBBORN = ("import time\nwords = ['on']\nwhile True:\n    try:\n"
            "        if words: print(words.pop(), flush=True)\n        time.sleep(60)\n"
            "    except KeyboardInterrupt:\n        print('not yet', flush=True)\n")


def stat_of(pid):
    """State and parent of a process, or None."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return state, int(parent)


def is_alive(pid):
    stat = stat_of(pid)
    return stat is not None and stat[0] not in "ZX"


def processes_below(folder):
    """Those that work in the folder. A sandbox cannot say its own number: it has another one inside."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            where = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            continue
        if where.startswith(folder + "/"):
            found.append(int(pid))
    return found


class Failures(Case):
    def test_status_is_0_when_all_is_fine(self):
        self.assert_done(self.run_code("-c", "pass", "-c", "x = 1"), 0, "", "")

    def test_status_is_1_when_an_execution_failed(self):
        self.assert_done(self.run_code("-c", "1/0"), 1, "")

    def test_first_failure_stops_the_rest(self):
        done = self.run_code("-c", "print(1)", "-c", "1/0", "-c", "print(3)")
        self.assert_done(done, 1, "1\n")

    def test_keep_going_goes_on_and_still_tells_the_failure(self):
        done = self.run_code("-c", "x = 1", "-c", "1/0", "-c", "print(x)", "--keep-going")
        self.assert_done(done, 1, "1\n")
        self.assertIn("ZeroDivisionError", done.err)

    def test_keep_going_with_json_prints_every_reply(self):
        done = self.run_code("--json", "--keep-going", "-c", "1/0", "-c", "print(2)", "-c", "x")
        self.assert_done(done, 1)
        self.assertEqual([reply["output"] for reply in self.objects(done)], [None, ["2"], None])

    def test_exit_with_status_0_is_fine_and_the_next_runs(self):
        for code in ("import sys; sys.exit()", "raise SystemExit(0)"):
            done = self.run_code("-c", "x = 1", "-c", code, "-c", "print(x)")
            self.assert_done(done, 0, "1\n", "")

    def test_exit_with_another_status_is_a_failure_that_is_named(self):
        done = self.run_code("-c", "import sys; sys.exit(3)", "-c", "print(2)")
        self.assert_done(done, 1, "", "clutch: <execution 1>: exit status 3\n")

    def test_exit_with_a_message_prints_it_on_standard_error(self):
        done = self.run_code("-c", "import sys; sys.exit('too late')")
        self.assert_done(done, 1, "", "too late\nclutch: <execution 1>: exit status 1\n")


class Crashes(Case):
    def test_crash_is_reported_with_its_signal_and_the_next_runs_in_a_fresh_sandbox(self):
        done = self.run_code("-c", CRASH, "-c", "print(1)", "--keep-going")
        self.assert_done(done, 1, "1\n")
        self.assertIn("<execution 1>: crashed by SIGSEGV", done.err)
        self.assertTrue(done.err.endswith(LOST), done.err)

    def test_crash_of_the_default_engine_is_reported_alike(self):
        done = self.clutch("run", "-c", CRASH, "-c", "print(1)", "--keep-going")
        self.assert_done(done, 1, "1\n")
        self.assertIn("crashed by SIGSEGV", done.err)

    def test_crash_without_keep_going_stops_the_rest(self):
        done = self.run_code("-c", CRASH, "-c", "print(1)")
        self.assert_done(done, 1, "")
        self.assertNotIn("fresh one", done.err)

    def test_crash_keeps_the_output_printed_before(self):
        done = self.run_code("-c", "print('before'); import os; os.abort()")
        self.assert_done(done, 1, "before\n")
        self.assertIn("crashed by SIGABRT", done.err)

    def test_crash_loses_the_variables(self):
        done = self.run_code("-c", "x = 1", "-c", CRASH, "-c", "print('x' in globals())",
                             "--keep-going")
        self.assert_done(done, 1, "False\n")

    def test_crash_keeps_the_files(self):
        done = self.run_code("-c", "open('made', 'w').close()", "-c", CRASH,
                             "-c", "import os; print(os.listdir())", "--keep-going")
        self.assert_done(done, 1, "['made']\n")

    def test_crash_with_json_is_an_error_with_null_output(self):
        done = self.run_code("--json", "--keep-going", "-c", CRASH, "-c", "print(1)")
        self.assert_done(done, 1, err=LOST)
        crash, fine = self.objects(done)
        self.assertIsNone(crash["output"])
        self.assertIn("SIGSEGV", crash["error"])
        self.assertEqual(fine["output"], ["1"])

    def test_hard_exit_with_status_0_is_fine_and_the_next_runs_in_a_fresh_sandbox(self):
        done = self.run_code("-c", "import os; os._exit(0)", "-c", "print(1)")
        self.assert_done(done, 0, "1\n", LOST)

    def test_sandbox_that_ends_between_executions_is_replaced_when_going_on(self):
        code = "import os, threading, time\n" \
               "threading.Thread(target=lambda: (time.sleep(0.1), os._exit(5))).start()"
        wait = self.file("wait.py", "import time; time.sleep(0.5)")
        done = self.run_code("--keep-going", "-c", code, wait, "-c", "print('on')")
        self.assert_done(done, 1, "on\n")
        self.assertIn(LOST, done.err)


class Limits(Case):
    def test_timeout_ends_an_execution_and_keeps_the_state(self):
        start = time.monotonic()
        done = self.run_code("--timeout", "0.3", "-c", "x = 1\nwhile True: pass", "-c", "print(x)",
                             "--keep-going")
        self.assertLess(time.monotonic() - start, 20)
        self.assert_done(done, 1, "1\n")
        self.assertRegex(done.err, r"clutch: <execution 1>: timeout: used \d+ of 300 wall_ms; "
                                   r"--timeout SECONDS sets the limit\n")

    def test_timeout_counts_for_each_execution_alone(self):
        code = "import time; time.sleep(0.6)"
        done = self.run_code("--timeout", "1", "-c", code, "-c", code, "-c", "print('all')")
        self.assert_done(done, 0, "all\n", "")

    def test_timeout_none_and_fractions_are_taken(self):
        for text in ("none", ".5", "5.", "2.0001", "1000000000"):
            self.assert_done(self.run_code("--timeout", text, "-c", "print(1)"), 0, "1\n", "")

    def test_timeout_with_json_is_an_error_with_null_output(self):
        done = self.run_code("--json", "--timeout", "0.3", "-c", "while True: pass")
        self.assert_done(done, 1, err="")
        self.assertIsNone(self.objects(done)[0]["output"])
        self.assertIn("error", self.objects(done)[0])

    def test_memory_is_limited_and_the_state_is_kept(self):
        done = self.run_code("--memory", "512M", "--keep-going", "-c", "x = 1",
                             "-c", "y = bytearray(1 << 30)", "-c", "print(x)")
        self.assert_done(done, 1, "1\n")
        self.assertIn("MemoryError", done.err)

    def test_memory_sizes_with_every_unit_are_taken(self):
        for text in ("1073741824", "1048576k", "1024M", "1G", "1GiB", "1gb", "1.5g", "none"):
            done = self.run_code("--memory", text, "-c", "x = bytearray(256 << 20); print(len(x))")
            self.assert_done(done, 0, f"{256 << 20}\n", "")

    def test_output_beyond_the_cap_is_left_out_with_an_exact_count(self):
        code = "for i in range(100): print('x' * 100)\nopen('went_on', 'w').close()"
        done = self.run_code("--output", "1K", "--workdir", ".", "-c", code)
        self.assertEqual(done.status, 0)
        kept = len(done.out.replace("\n", ""))
        self.assertLessEqual(kept, 1024)
        self.assertGreater(kept, 900)
        self.assertIn(f"clutch: <execution 1>: {100 * 100 - kept} bytes of output were left out",
                      done.err)
        self.assertTrue(os.path.exists(os.path.join(self.cwd, "went_on")))


class Interrupts(Case):
    def interrupt_after_first_line(self, *arguments):
        process = self.start_code(*arguments)
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        return process, line

    def finish(self, process):
        process.out, process.err = process.communicate(timeout=SECONDS)
        process.status = process.returncode
        return process

    def test_interrupt_cancels_the_execution_and_stops_the_rest(self):
        code = "import time\nprint('on', flush=True)\ntime.sleep(60)\nprint('not')"
        process, line = self.interrupt_after_first_line("--keep-going", "-c", code,
                                                        "-c", "print(2)")
        done = self.finish(process)
        self.assertEqual(line, "on\n")
        self.assert_done(done, 1, "")
        self.assertTrue(done.err.endswith("clutch: <execution 1>: cancelled\n"), done.err)

    def test_interrupt_with_json_still_prints_the_reply(self):
        process = self.start_code("--json", "-c", "print(1)", "-c", "while True: pass")
        process.stdout.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        done = self.finish(process)
        self.assert_done(done, 1, err="")
        self.assertIsNone(self.objects(done)[0]["output"])

    def test_interrupted_code_that_does_not_yield_is_killed(self):
        process, _ = self.interrupt_after_first_line("-c", STUBBORN)
        done = self.finish(process)
        self.assert_done(done, 1)
        self.assertIn("killed by SIGKILL", done.err)

    def test_second_interrupt_kills_at_once(self):
        process, _ = self.interrupt_after_first_line("-c", STUBBORN)
        self.assertEqual(process.stdout.readline(), "not yet\n")
        process.send_signal(signal.SIGINT)
        done = self.finish(process)
        self.assert_done(done, 1)
        self.assertIn("<execution 1>: killed by the second Ctrl-C, its result is lost", done.err)

    def test_interrupt_leaves_no_folder_behind(self):
        process, _ = self.interrupt_after_first_line("-c", "print(1, flush=True)\nwhile True: pass")
        self.finish(process)
        self.assertEqual(os.listdir(self.tmp), [])

    def test_interrupt_while_the_engine_opens_runs_nothing_and_leaves_nothing_behind(self):
        for seconds in (0.02, 0.05, 0.1):
            process = self.start("run", "-c", "while True: pass")
            time.sleep(seconds)
            ready = os.listdir(self.tmp) != []
            process.send_signal(signal.SIGINT)
            done = self.finish(process)
            self.assertIn(done.status, (1,) if ready else (1, -signal.SIGINT))
            self.assertEqual(done.out, "")
            self.assertEqual(os.listdir(self.tmp), [])

    def test_terminate_ends_it_by_that_signal_and_leaves_no_folder_behind(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            process = self.start_code("-c", "print(1, flush=True)\nwhile True: pass")
            process.stdout.readline()
            process.send_signal(number)
            self.assertEqual(process.wait(SECONDS), -number)
            self.assertEqual(os.listdir(self.tmp), [])

    def test_kill_of_the_command_leaves_no_process_behind(self):
        process = self.start_code("-c", "print(1, flush=True)\nwhile True: pass")
        process.stdout.readline()
        (sandbox,) = processes_below(self.tmp)
        template = stat_of(sandbox)[1]
        self.assertTrue(is_alive(sandbox) and is_alive(template) and template > 1)
        process.kill()
        process.wait(SECONDS)
        wait_until(lambda: not is_alive(sandbox) and not is_alive(template), "their end", 5)
