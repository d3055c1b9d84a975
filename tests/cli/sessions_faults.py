# SPDX-License-Identifier: Apache-2.0
"""Claims about sessions when something goes wrong: crashes, kills, interrupts, locks and full disks."""

import os
import signal
import subprocess
import time
import unittest

from run_endings import is_alive, processes_below
from sessions import CRASH, SessionCase
from support import CLUTCH, SECONDS, wait_until

ENDLESS = "print(1, flush=True)\nwhile True: pass"
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")


def can_mount():
    try:
        return subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL,
                              timeout=SECONDS, check=False).returncode == 0
    except OSError:
        return False


class Undo(SessionCase):
    def test_crash_under_undo_leaves_the_dataframe_as_it_was(self):
        done = self.clutch("run", "--name", "a", "--undo", "--keep-going",
                           "-c", "import pandas as pd; df = pd.DataFrame({'x': [1, 2, 3]})",
                           "-c", "df = None; import ctypes; ctypes.string_at(0)",
                           "-c", "df.loc[3] = 4; print(df.x.sum())")
        self.assert_done(done, 1, "10\n")
        self.assertIn("<execution 2>: crashed by SIGSEGV", done.err)
        self.assertRegex(done.err, r"<execution 2>: taken back: variables are as they were before it, "
                                   r"files (too|are not)\n")
        self.assertNotIn("went on", done.err)
        self.assert_done(self.clutch("run", "--name", "a", "-c", "print(df.x.tolist())"), 0,
                         "[1, 2, 3, 4]\n", "")
        log = self.objects(self.clutch("log", "a", "--json"))
        undone = {row["serial"]: row["rolled_back"] for row in log}
        self.assertEqual(undone, {1: False, 2: True, 3: False, 4: False})

    def test_crash_under_undo_as_the_last_execution_is_saved_as_it_was_before(self):
        done = self.named("a", "--undo", "-c", "x = 1", "-c", f"x = 2; {CRASH}", "-c", "print('no')")
        self.assert_done(done, 1, "")
        self.assertNotIn("not saved", done.err)
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "1\n", "")

    def test_json_tells_what_was_taken_back(self):
        done = self.named("a", "--undo", "--json", "--keep-going", "-c", CRASH, "-c", "print(1)")
        crash, fine = self.objects(done)
        self.assertIs(crash["rolled_back"], True)
        self.assertIsInstance(crash["files_rolled_back"], bool)
        self.assertIn("SIGSEGV", crash["error"])
        self.assertEqual((fine["output"], "rolled_back" in fine), (["1"], False))

    def test_undo_works_in_a_sandbox_without_a_name_and_at_the_prompt(self):
        del self.environment["CLUTCH_STATE"]
        done = self.run_code("--undo", "--keep-going", "-c", "x = 1", "-c", CRASH, "-c", "print(x)")
        self.assert_done(done, 1, "1\n")
        done = self.clutch("repl", "--preload", "none", "--undo", stdin=f"x = 1\n{CRASH}\nx\n")
        self.assert_done(done, 0, "1\n")
        self.assertIn("taken back: ", done.err)

    def test_time_out_that_does_not_yield_is_taken_back(self):
        code = "x = 2; import re; re.match('(a+)+$', 'a' * 40 + 'b')"
        done = self.named("a", "--undo", "--timeout", "0.3", "--keep-going", "-c", "x = 1", "-c", code,
                          "-c", "print(x)")
        self.assert_done(done, 1, "1\n")
        self.assertRegex(done.err, "<execution 2>: timeout: (.*\n)*clutch: <execution 2>: taken back: ")

    def test_exception_is_not_taken_back(self):
        done = self.named("a", "--undo", "--keep-going", "-c", "x = 1", "-c", "x = 2; 1/0", "-c", "print(x)")
        self.assert_done(done, 1, "2\n")

    def test_execution_without_its_checkpoint_does_not_run_and_the_thread_is_named(self):
        code = ("import threading, time\n"
                "threading.Thread(target=time.sleep, args=(1000,), name='sleeper', daemon=True).start()")
        done = self.named("a", "--undo", "-c", code, "-c", "open('ran', 'w')")
        self.assert_done(done, 1, "")
        self.assertRegex(done.err, "<execution 2>: not run, .*sleeper")
        done = self.named("a", "-c", "import os; print(os.listdir())")
        self.assert_done(done, 0, "[]\n")

    def test_clone_goes_on_apart_from_its_origin(self):
        self.named("a", "-c", "x = [1]; open('made', 'w').write('a')")
        self.assert_done(self.clutch("clone", "a", "b", "--preload", "none"), 0, "", "")
        done = self.named("b", "-c", "x.append(2); open('made', 'a').write('b'); print(x)")
        self.assert_done(done, 0, "[1, 2]\n", "")
        done = self.named("a", "-c", "print(x, open('made').read())")
        self.assert_done(done, 0, "[1] a\n", "")
        rows = self.listed()
        self.assertEqual(rows["b"]["origin"], rows["a"]["id"])
        self.assertEqual((rows["a"]["executions"], rows["b"]["executions"]), (2, 2))
        self.assert_done(self.clutch("rm", "a"), 0)
        self.assert_done(self.named("b", "-c", "print(x, open('made').read())"), 0, "[1, 2] ab\n", "")

    def test_clone_onto_another_session_is_refused_and_changes_nothing(self):
        self.make("a", "b")
        before = {name: row["saved_at"] for name, row in self.listed().items()}
        self.assert_refused(self.clutch("clone", "a", "b"), 1, "b")
        self.assert_refused(self.clutch("clone", "a", "a"), 1, "a")
        self.assertEqual({name: row["saved_at"] for name, row in self.listed().items()}, before)
        self.assert_done(self.named("b", "-c", "print(who)"), 0, "b\n", "")


class Crashes(SessionCase):
    def test_crash_without_undo_leaves_the_session_as_it_was_saved(self):
        self.named("a", "-c", "x = 1")
        done = self.named("a", "-c", "x = 2", "-c", CRASH)
        self.assert_done(done, 1, "")
        self.assertTrue(done.err.endswith(
            "clutch: session 'a' was not saved: its process has ended\n"), done.err)
        done = self.named("a", "-c", "print(x)")
        self.assert_done(done, 0, "1\n")
        self.assertRegex(done.err, "^clutch: session 'a' was not saved after its last 2 executions: .*SIGSEGV"
                                   ".*; clutch log a shows what ran\n$")
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "1\n", "")

    def test_keep_going_after_a_crash_goes_on_with_what_was_saved(self):
        self.named("a", "-c", "x = 1")
        done = self.named("a", "--keep-going", "-c", "x = 2", "-c", CRASH, "-c", "print(x); x = 3")
        self.assert_done(done, 1, "1\n")
        self.assertIn("going on with what was last saved", done.err)
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "3\n", "")

    def test_hard_exit_is_a_failure_for_nothing_was_saved(self):
        done = self.named("a", "-c", "x = 1; import os; os._exit(0)")
        self.assert_done(done, 1, "")
        self.assertIn("session 'a' was not saved", done.err)
        done = self.named("a", "-c", "print('x' in globals())")
        self.assert_done(done, 0, "False\n")
        self.assertIn("begins without variables", done.err)

    def test_killed_command_leaves_what_was_saved_before_it(self):
        self.named("a", "-c", "x = 1; open('made', 'w').write('1')")
        process = self.start_code("--name", "a", "-c", "x = 2", "-c", ENDLESS)
        process.stdout.readline()
        (sandbox,) = processes_below(self.sessions)
        process.kill()
        process.wait(SECONDS)
        wait_until(lambda: not is_alive(sandbox), "the sandbox's end", 5)
        self.assertEqual(self.listed()["a"]["state"], "stopped")
        log = self.objects(self.clutch("log", "a", "--json"))
        self.assertEqual([row["code"] for row in log[-2:]], ["x = 2", "x = 1; open('made', 'w').write('1')"])
        done = self.named("a", "-c", "print(x, open('made').read())")
        self.assert_done(done, 0, "1 1\n")
        self.assertIn("session 'a' was not saved after its last ", done.err)

    def test_killed_first_command_leaves_a_session_without_variables(self):
        process = self.start_code("--name", "a", "-c", "x = 1; print(1, flush=True)\nwhile True: pass")
        process.stdout.readline()
        process.kill()
        process.wait(SECONDS)
        done = self.named("a", "-c", "print('x' in globals())")
        self.assert_done(done, 0, "False\n")
        self.assertIn("begins without variables", done.err)

    def test_kills_at_any_moment_never_cost_what_was_saved(self):
        self.named("a", "-c", "x = 0")
        for number in range(20):
            process = self.start_code("--name", "a", "-c", "x += 1")
            time.sleep(0.01 + 0.012 * number)
            process.kill()
            process.communicate(timeout=SECONDS)
        done = self.named("a", "-c", "print(0 <= x <= 20)")
        self.assert_done(done, 0, "True\n")

    def test_interrupt_and_terminate_save_the_session(self):
        for number, status in ((signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM)):
            process = self.start_code("--name", "a", "-c", f"x = {int(number)}; print(1, flush=True)\n"
                                      "while True: pass")
            process.stdout.readline()
            process.send_signal(number)
            process.communicate(timeout=SECONDS)
            self.assertEqual(process.returncode, status)
            self.assert_done(self.named("a", "-c", "print(x)"), 0, f"{int(number)}\n", "")


class Folders(SessionCase):
    def test_second_command_on_the_folder_is_told_who_uses_it(self):
        process = self.start_code("--name", "a", "-c", ENDLESS)
        process.stdout.readline()
        for arguments in (("ls",), ("run", "--name", "b", "-c", "1"), ("rm", "a"), ("start", "a")):
            self.assert_refused(self.clutch(*arguments), 3, str(process.pid), self.sessions)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
        self.assertEqual(list(self.listed()), ["a"])

    def test_folder_that_cannot_be_written_is_named(self):
        for arguments in (("ls",), ("run", "--name", "a", "-c", "1")):
            self.assert_refused(self.clutch(*arguments, "--state", "/proc"), 3, "/proc")

    def test_damaged_session_is_refused_and_hurts_no_other(self):
        self.make("a", "b")
        path = os.path.join(self.sessions, self.listed()["a"]["id"], "session")
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)
        done = self.clutch("start", "a", "--preload", "none")
        self.assert_refused(done, 3, "damaged")
        self.assertEqual(self.listed()["a"]["state"], "failed")
        self.assert_refused(self.named("a", "-c", "print(1)"), 3, "damaged")
        self.assert_refused(self.clutch("archive", "a"), 1, "failed")
        self.assert_done(self.clutch("stop", "a"), 0, "", "")
        self.assertEqual(self.listed()["a"]["state"], "stopped")
        self.assert_done(self.named("b", "-c", "print(who)"), 0, "b\n", "")
        self.assert_done(self.clutch("rm", "a"), 0, "", "")

    def test_folder_of_something_else_is_refused_and_left_as_it_is(self):
        path = os.path.join(self.sessions, "clutch.db")
        with open(path, "wb") as file:
            file.write(b"not ours" * 1000)
        self.assert_refused(self.clutch("ls"), 3, "clutch.db")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"not ours" * 1000)


@unittest.skipUnless(can_mount(), "no small file system can be mounted")
class Disks(SessionCase):
    def on_disk(self, size, *lines):
        """Runs lines of a shell with the state folder on a disk of that size."""
        mount = f'mount -t tmpfs -o size={size},mode=700 none "$CLUTCH_STATE"'
        run = 'run() { "$CLUTCH" run --preload none --name "$@"; }'
        done = subprocess.run([*UNSHARE, "sh", "-c", "\n".join((mount, run, *lines))], cwd=self.cwd,
                              env={**self.environment, "CLUTCH": CLUTCH}, timeout=SECONDS,
                              capture_output=True, text=True, check=False)
        done.status, done.out, done.err = done.returncode, done.stdout, done.stderr
        return done

    def test_save_that_finds_no_room_says_so_and_leaves_the_one_before(self):
        done = self.on_disk("2m", "run a -c 'x = 1' 2>/dev/null; echo $?",
                            "run a -c 'import random; x = random.randbytes(5 << 20)'; echo $?",
                            "run a -c 'print(x)' 2>/dev/null; echo $?")
        self.assert_done(done, 0, "0\n3\n1\n0\n")
        self.assertRegex(done.err, r"^clutch: .*No space left on device\n$")

    def test_full_disk_lets_sessions_be_listed_and_deleted(self):
        done = self.on_disk("8m", "run a -c "
                            "'import random; x = random.randbytes(4 << 20)' 2>/dev/null; echo $?",
                            'head -c 16M /dev/zero > "$CLUTCH_STATE/fill" 2>/dev/null',
                            "run b -c 1; echo $?",
                            '"$CLUTCH" ls --json | wc -l', '"$CLUTCH" rm a; echo $?',
                            '"$CLUTCH" ls --json | wc -l',
                            "run b -c 'print(2)' 2>/dev/null; echo $?")
        self.assert_done(done, 0, "0\n3\n1\n0\n0\n2\n0\n")
        self.assertRegex(done.err, r"^clutch: .*\n$")

    def test_rm_that_cannot_be_recorded_says_so_and_is_completed_later(self):
        done = self.on_disk("2m", "run a -c 1 2>/dev/null; echo $?",
                            'head -c 16M /dev/zero > "$CLUTCH_STATE/fill" 2>/dev/null',
                            '"$CLUTCH" rm a; echo $?', 'rm "$CLUTCH_STATE/fill"',
                            '"$CLUTCH" rm a; echo $?', '"$CLUTCH" ls --json | wc -l')
        self.assert_done(done, 0, "0\n3\n0\n0\n")
        self.assertRegex(done.err, r"^clutch: session 'a' is deleted, but .*\n$")

    def test_read_only_disk_is_named(self):
        done = self.on_disk("8m", "run a -c 1 2>/dev/null; echo $?",
                            'mount -o remount,bind,ro "$CLUTCH_STATE"', '"$CLUTCH" ls; echo $?',
                            "run a -c 1; echo $?")
        self.assert_done(done, 0, "0\n3\n3\n")
        self.assertEqual(done.err.count("Read-only"), 2, done.err)
        self.assertEqual(done.err.count("\n"), 2, done.err)
