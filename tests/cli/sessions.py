# SPDX-License-Identifier: Apache-2.0
"""Claims about sessions: what lasts from one command to the next, and the commands about them."""

import os
import re
import signal
import subprocess
import sys
import unittest

from support import Case, SECONDS

CRASH = "import ctypes; ctypes.string_at(0)"
WORK = """
import pandas as pd, threading, time
df = pd.DataFrame({'city': ['Ulm', 'Bern'], 'rain': [749, 1022]})
wet = df[df.rain > 1000]
factor = 2
def double(x):
    return factor * x
class Gauge:
    def __init__(self, city):
        self.city = city
    def __repr__(self):
        return f'<{self.city}>'
gauge = Gauge('Ulm')
notes = open('notes.txt', 'w')
waiter = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
waiter.start()
"""


class SessionCase(Case):
    def setUp(self):
        super().setUp()
        self.sessions = os.path.join(self.folder, "sessions")
        os.mkdir(self.sessions)
        self.environment["CLUTCH_STATE"] = self.sessions

    def named(self, name, *arguments, **options):
        return self.run_code("--name", name, *arguments, **options)

    def make(self, *names):
        for name in names:
            self.assert_done(self.named(name, "-c", f"who = {name!r}"), 0)

    def listed(self):
        done = self.clutch("ls", "--json")
        self.assert_done(done, 0, err="")
        return {row["name"]: row for row in self.objects(done)} if done.out else {}

    def assert_refused(self, done, status, *words):
        """That status and one line that holds all of the words, and nothing on standard output."""
        self.assert_done(done, status, "")
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertTrue(done.err.startswith("clutch: "), done.err)
        for word in words:
            self.assertIn(word, done.err)


class Lasting(SessionCase):
    def test_session_goes_on_with_all_but_the_open_file_and_the_thread_after_the_host_was_killed(self):
        done = self.clutch("run", "--name", "work", "-c", WORK)
        self.assert_done(done, 0, "")
        self.assertRegex(done.err, r"(?m)^clutch: not kept: notes \(_io\.TextIOWrapper\): .*open file")
        self.assertRegex(done.err, r"(?m)^clutch: not kept: waiter \(threading\.Thread\): .*thread")
        self.assertEqual(done.err.count("not kept"), 2, done.err)

        host = self.start_code("--name", "other", "-c", "print(1, flush=True)\nwhile True: pass")
        host.stdout.readline()
        host.kill()
        host.wait(SECONDS)

        self.assertEqual(self.listed()["work"]["state"], "stopped")
        done = self.clutch("start", "work")
        self.assert_done(done, 0, "")
        self.assertRegex(done.err, r"^clutch: not brought back: notes .*\n"
                                   r"clutch: not brought back: waiter .*\n$")
        code = ("print(wet.city.tolist(), double(21), gauge, type(gauge) is Gauge)\n"
                "df.loc[0, 'rain'] = 0; print(df.rain.sum())\n"
                "print('notes' in globals(), 'waiter' in globals())")
        done = self.clutch("run", "--name", "work", "-c", code)
        self.assert_done(done, 0, "['Bern'] 42 <Ulm> True\n1022\nFalse False\n")
        self.assertIn("not brought back: notes", done.err)
        done = self.clutch("run", "--name", "work", "-c", "print(df.rain.sum())")
        self.assert_done(done, 0, "1022\n", "")

    def test_only_a_new_session_is_announced(self):
        self.assert_done(self.named("a", "-c", "x = 1"), 0, "", "clutch: session 'a' is new\n")
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "1\n", "")

    def test_files_last(self):
        self.named("a", "-c", "open('made', 'w').write('here')")
        self.assert_done(self.named("a", "-c", "print(open('made').read())"), 0, "here\n", "")
        self.assertEqual(os.listdir(self.tmp), [])

    def test_files_on_a_limited_disk_last_too_and_so_does_the_limit(self):
        self.named("a", "--disk", "1M", "-c", "open('made', 'w').write('here')")
        self.assert_done(self.named("a", "-c", "print(open('made').read())"), 0, "here\n", "")
        done = self.named("a", "-c", "open('big', 'wb').write(bytes(2 << 20))")
        self.assert_done(done, 1)
        self.assertIn("No space left", done.err)
        self.assert_done(self.named("a", "-c", "print(open('made').read())"), 0, "here\n", "")

    def test_executions_are_counted_on(self):
        self.named("a", "-c", "1", "-c", "2")
        done = self.named("a", "-c", "1/0")
        self.assertIn('"<execution 1>"', done.err)
        self.assertEqual(self.listed()["a"]["executions"], 3)

    def test_exceptions_and_exits_are_saved_too(self):
        done = self.named("a", "-c", "x = 1\n1/0")
        self.assert_done(done, 1, "")
        self.assert_done(self.named("a", "-c", "print(x); x = 2; raise SystemExit(4)"), 1, "1\n")
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "2\n", "")

    def test_repl_goes_on_with_a_session_of_run(self):
        self.named("a", "-c", "x = 1")
        done = self.clutch("repl", "--preload", "none", "--name", "a", stdin="x + 1\nx = 5\n")
        self.assert_done(done, 0, "2\n", "")
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "5\n", "")

    def test_run_without_a_name_leaves_nothing_in_the_state_folder(self):
        self.assert_done(self.run_code("-c", "print(1)"), 0, "1\n", "")
        self.assertEqual(os.listdir(self.sessions), [])

    def test_state_option_wins_over_the_environment(self):
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        self.assert_done(self.named("a", "--state", other, "-c", "1"), 0)
        self.assertEqual(os.listdir(self.sessions), [])
        self.assertEqual(self.listed(), {})
        self.assertIn("a", self.clutch("ls", "--state", other).out)

    def test_limits_of_time_and_output_are_those_of_the_command(self):
        self.named("a", "--timeout", "0.2", "-c", "1")
        self.assert_done(self.named("a", "-c", "import time; time.sleep(0.4); print(1)"), 0, "1\n")
        done = self.named("a", "--timeout", "0.2", "-c", "time.sleep(60)")
        self.assert_done(done, 1)
        self.assertIn("timeout: used", done.err)

    def test_options_that_come_too_late_are_named(self):
        self.make("a")
        done = self.named("a", "--env", "A=B", "--network", "-c", "print(1)")
        self.assert_done(done, 0, "1\n")
        self.assertEqual(re.findall(r"session 'a' exists: (--\w+) counts only", done.err),
                         ["--env", "--network"])

    def test_status_at_the_end_tells_how_the_session_came_to_run(self):
        last = self.objects(self.named("a", "--status", "-c", "f = open('f', 'w')"))[-1]
        self.assertEqual((last["status"], last["session"]["ready"]), ("running", "created"))
        last = self.objects(self.named("a", "--status", "-c", "1"))[-1]["session"]
        self.assertEqual((last["name"], last["ready"]), ("a", "started"))
        self.assertIsInstance(last["ready_ms"], int)
        self.assertEqual([row["name"] for row in last["left_out"]], ["f"])
        self.assert_done(self.clutch("archive", "a"), 0, "", "")
        last = self.objects(self.named("a", "--status", "-c", "1"))[-1]["session"]
        self.assertEqual(last["ready"], "restored")

    def test_names_of_variables_cannot_write_to_the_terminal(self):
        code = "globals()['\\x1b[31m\\nclutch: all is well\\x9b1m'] = open('f', 'w')"
        done = self.named("a", "-c", code)
        self.assert_done(done, 0, "")
        self.assertEqual(len(re.findall("(?m)^clutch: not kept: ", done.err)), 1, done.err)
        self.assertEqual(done.err.count("\n"), 2, done.err)
        self.assertNotRegex(done.err, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")

    def test_session_of_a_repository_begins_with_its_files(self):
        root = os.path.join(self.folder, "git")
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-C")
        for command in (("git", "init", "-q", "-b", "main", root + "/clone"),
                        (*git, root + "/clone", "commit", "-q", "--allow-empty", "-m", "one"),
                        (*git, root + "/clone", "switch", "-q", "-c", "side"),
                        ("sh", "-c", "echo 7 > %s/clone/data && git -C %s/clone add data" % (root, root)),
                        (*git, root + "/clone", "commit", "-q", "-m", "two"),
                        ("git", "clone", "-q", "--bare", root + "/clone", root + "/data.git")):
            subprocess.run(command, check=True, env={**os.environ, "HOME": self.folder})
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../host/git_server.py")
        server = subprocess.Popen([sys.executable, program, root], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_server, server)
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/data.git"
        done = self.named("a", "--repo", url, "--branch", "side", "-c", "print(open('data').read().strip())")
        self.assert_done(done, 0, "7\n")
        row = self.listed()["a"]
        self.assertEqual((row["repository_url"], row["current_branch"]), (url, "side"))
        done = self.named("b", "--repo", url, "--branch", "none", "-c", "print(1)")
        self.assert_refused(done, 3, "none")
        self.assert_refused(self.named("b", "--repo", "file://" + root + "/data.git", "-c", "1"), 2, "http")
        self.assertEqual(list(self.listed()), ["a"])

    def end_server(self, server):
        server.kill()
        server.wait()
        server.stdout.close()


class Commands(SessionCase):
    def test_ls_is_a_table_with_the_session_used_last_on_top(self):
        self.assertEqual(len(self.clutch("ls").out.splitlines()), 1)
        self.make("first", "zweite-ü")
        self.make("first")
        lines = self.clutch("ls").out.splitlines()
        self.assertRegex(lines[0], r"^NAME +STATE +OWNER +UPDATED +EXECUTIONS +SAVED$")
        self.assertRegex(lines[1], r"^first     stopped +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +2 +[\d.]+ k?B$")
        self.assertRegex(lines[2], r"^zweite-ü  stopped ")
        self.assertEqual(len({len(line) for line in lines}), 1)

    def test_status_tells_what_was_left_out(self):
        self.named("a", "-c", "f = open('f', 'w')")
        done = self.clutch("status", "a")
        self.assert_done(done, 0, err="")
        self.assertRegex(done.out, r"(?m)^name +a$")
        self.assertRegex(done.out, r"(?m)^state +stopped: ")
        self.assertRegex(done.out, r"(?m)^left out +f \(_io\.TextIOWrapper\): ")
        (row,) = self.objects(self.clutch("status", "a", "--json"))
        self.assertEqual([left["name"] for left in row["left_out"]], ["f"])
        self.assert_done(self.clutch("status", row["id"]), 0, done.out, "")

    def test_log_has_the_newest_first_and_code_in_full(self):
        self.named("a", "-c", "print('one')", "-c", "x = 1\n1/0")
        done = self.clutch("log", "a", "--json")
        self.assert_done(done, 0, err="")
        second, first = self.objects(done)
        self.assertEqual((first["serial"], first["code"], first["output_preview"], first["error"],
                          first["outcome"]), (1, "print('one')", "one", None, "ok"))
        self.assertEqual((second["code"], second["outcome"]), ("x = 1\n1/0", "exception"))
        self.assertIn("ZeroDivisionError", second["error"])
        self.assertRegex(second["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        lines = self.clutch("log", "a").out.splitlines()
        self.assertRegex(lines[1], r"^ +2  .* exception .* ms  x = 1 1/0$")
        self.assertRegex(lines[2], r"^ +1  .* ok .* ms  print\('one'\)$")

    def test_log_is_read_page_by_page(self):
        code = "".join(f"x = {number}\n" for number in range(420))
        self.clutch("repl", "--preload", "none", "--name", "a", stdin=code)
        serials = [row["serial"] for row in self.objects(self.clutch("log", "a", "--json"))]
        self.assertEqual(serials, list(range(420, 0, -1)))

    def test_start_changes_nothing_that_is_saved(self):
        self.named("a", "-c", "x = 1; f = open('f', 'w')")
        keys = ("state", "saved_at", "saved_bytes", "executions", "left_out")
        before = self.listed()["a"]
        for _ in range(2):
            done = self.clutch("start", "a", "--preload", "none")
            self.assert_done(done, 0, "")
            self.assertRegex(done.err, r"^clutch: not brought back: f .*\n$")
        after = self.listed()["a"]
        self.assertEqual([after[key] for key in keys], [before[key] for key in keys])
        self.assertEqual([row["name"] for row in after["left_out"]], ["f"])

    def test_stop_of_a_stopped_session_does_nothing(self):
        self.make("a")
        before = self.listed()
        self.assert_done(self.clutch("stop", "a"), 0, "", "")
        self.assertEqual(self.listed(), before)

    def test_archive_makes_one_file_and_the_session_goes_on_from_it(self):
        self.make("a")
        self.named("a", "-c", "open('made', 'w').close()")
        self.assert_done(self.clutch("archive", "a"), 0, "", "")
        row = self.listed()["a"]
        self.assertEqual(row["state"], "archived")
        self.assertFalse(os.path.exists(os.path.join(self.sessions, row["id"])))
        self.assertEqual(os.listdir(os.path.join(self.sessions, "archives")), [row["id"] + ".clutch"])
        self.assert_done(self.clutch("archive", "a"), 0, "", "")
        done = self.named("a", "-c", "import os; print(who, os.listdir())")
        self.assert_done(done, 0, "a ['made']\n", "")
        self.assertEqual(self.listed()["a"]["state"], "stopped")
        self.assertEqual(os.listdir(os.path.join(self.sessions, "archives")), [])

    def test_archive_names_the_files_that_it_has_not(self):
        self.named("a", "-c", "import os; open('a', 'w').close(); os.link('a', 'b'); open('c', 'w').close()")
        done = self.clutch("archive", "a")
        self.assertEqual(done.status, 0)
        self.assertRegex(done.err, r"^clutch: not kept: file a \(hard link\): .*\n"
                                   r"clutch: not kept: file b \(hard link\): .*\n$")
        done = self.named("a", "-c", "print(os.listdir())")
        self.assertEqual((done.status, done.out), (0, "['c']\n"))
        self.assertEqual(done.err.count("not brought back: file"), 2, done.err)

    def test_rm_leaves_nothing_of_a_session_but_others(self):
        self.make("a", "b")
        gone = self.listed()["a"]["id"]
        self.assert_done(self.clutch("rm", "a"), 0, "", "")
        self.assertEqual(list(self.listed()), ["b"])
        self.assertNotIn(gone, os.listdir(self.sessions))
        self.assert_done(self.named("a", "-c", "print('who' in globals())"), 0, "False\n",
                         "clutch: session 'a' is new\n")

    def test_undo_takes_back_what_the_last_command_did(self):
        self.make("a")
        self.assert_refused(self.clutch("undo", "a"), 1, "'a'", "--undo")
        self.named("a", "-c", "x = 1")
        self.named("a", "--undo", "-c", "x = 2; print(len(range(x)))")
        self.assert_done(self.clutch("undo", "a"), 0, "",
                         "clutch: session 'a': 1 execution taken back; files are as they were too\n")
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "1\n")
        self.assert_refused(self.clutch("undo", "a"), 1, "'a'", "--undo")

    def test_undo_goes_back_several_commands_of_a_session_made_for_it(self):
        for value in range(1, 5):
            self.named("a", "--undo", "-c", f"x = {value}")
        for value in (3, 2):
            self.assertEqual(self.clutch("undo", "a").returncode, 0)
            self.assertEqual(self.clutch("log", "a").out.count("undone"), 4 - value)
        self.assert_done(self.named("a", "-c", "print(x)"), 0, "2\n")

    def test_session_that_is_not_there_is_named_with_status_1(self):
        for command in ("status", "log", "start", "stop", "undo", "archive", "rm"):
            self.assert_refused(self.clutch(command, "nobody"), 1, "nobody")
        self.assert_refused(self.clutch("clone", "nobody", "b"), 1, "nobody")
        self.assertEqual(self.listed(), {})

    def test_commands_that_run_no_python_import_nothing(self):
        self.make("a")
        self.assert_done(self.clutch("status", "a", "--preload", "no_such_module"), 3, "")
        self.assert_done(self.clutch("status", "a"), 0, err="")


class Misuse(SessionCase):
    def test_name_without_a_state_folder_says_what_to_do(self):
        for state in (None, ""):
            self.environment.pop("CLUTCH_STATE", None)
            if state is not None:
                self.environment["CLUTCH_STATE"] = state
            for arguments in (("run", "--name", "a", "-c", "1"), ("repl", "--name", "a"), ("ls",),
                              ("rm", "a")):
                self.assert_usage(self.clutch(*arguments), "--state DIR", "CLUTCH_STATE",
                                  f"clutch {arguments[0]} --help")

    def test_options_that_want_a_name_say_so(self):
        self.assert_usage(self.clutch("run", "--state", self.sessions, "-c", "1"), "--name")
        self.assert_usage(self.clutch("run", "--repo", "https://a/b", "-c", "1"), "--name")
        self.assert_usage(self.clutch("run", "--name", "a", "--branch", "b", "-c", "1"), "--repo")

    def test_state_folder_that_is_none_is_named(self):
        self.file("file", "")
        for path, why in (("nowhere", "No such file"), ("file", "Not a directory")):
            self.assert_usage(self.clutch("ls", "--state", path), f"'{path}'", "--state", why)
            self.environment["CLUTCH_STATE"] = path
            self.assert_usage(self.clutch("ls"), f"'{path}'", "CLUTCH_STATE", why)
            self.assert_usage(self.clutch("run", "--name", "a", "-c", "1"), "CLUTCH_STATE", why)
            self.assert_done(self.run_code("-c", "print(1)"), 0, "1\n", "")

    def test_names_that_cannot_be_names_are_refused(self):
        for name in ("", "a\nb", "\x1b[31m", "\x7f", "n" * 256, "ü" * 128, b"\xff\xfe"):
            shown = name if isinstance(name, bytes) else name.encode()
            for arguments in (("run", "-c", "1", "--name", name), ("status", name), ("clone", "a", name)):
                done = self.clutch(*arguments)
                self.assert_done(done, 2, "")
                self.assertIn("1 to 255 bytes", done.err, shown)
        self.assertEqual(os.listdir(self.sessions), [])
        self.make("n" * 255, "ü b", "a/../b", "--x")
        self.assertEqual(len(self.listed()), 4)
        self.assert_done(self.clutch("rm", "--", "--x"), 0, "", "")

    def test_names_too_few_and_too_many_are_refused(self):
        self.assert_usage(self.clutch("status"), "name is missing", "clutch status --help")
        self.assert_usage(self.clutch("clone", "a"), "name is missing", "clutch clone --help")
        self.assert_usage(self.clutch("status", "a", "b"), "'b'", "clutch status --help")
        self.assert_usage(self.clutch("clone", "a", "b", "c"), "'c'", "clutch clone --help")
        self.assert_usage(self.clutch("ls", "a"), "'a'", "clutch ls --help")
