# SPDX-License-Identifier: Apache-2.0
"""Claims about `clutch repl`, at a terminal of its own and with lines from a pipe."""

import os
import pty
import re
import select
import signal
import stat
import subprocess
import termios
import time

from support import CLUTCH, Case, SECONDS, wait_until

UP = "\x1b[A"
CRASH = "import ctypes; ctypes.string_at(0)\n"


def plain(text):
    """What a person reads: without the terminal's control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]", "", text).replace("\r", "")


class Terminal:
    """The program at a pseudo-terminal, as the foreground process of its session."""

    def __init__(self, case, *arguments):
        self.seen = ""
        self.taken = 0
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [CLUTCH, "repl", "--preload", "none", *arguments], stdin=slave, stdout=slave,
            stderr=slave, cwd=case.cwd, env=case.environment, start_new_session=True,
            preexec_fn=self.take_terminal)
        case.addCleanup(self.close)

    @staticmethod
    def take_terminal():
        import fcntl
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        self.seen += os.read(self.master, 65536).decode(errors="replace")
        return True

    def expect(self, pattern, seconds=SECONDS):
        """Waits until what was shown since the last call matches, and returns it up to there."""
        deadline = time.monotonic() + seconds
        while True:
            text = plain(self.seen)[self.taken:]
            found = re.search(pattern, text)
            if found:
                self.taken += found.end()
                return text[:found.end()]
            if not self.read(max(0, deadline - time.monotonic())):
                raise AssertionError(f"{pattern!r} is not in {text!r}")

    def prompt(self):
        return self.expect(r"(?m)^>>> \Z")

    def run(self, line):
        """Types a line and returns what was shown below it, before the next prompt."""
        self.type(line + "\n")
        shown = self.prompt()
        return shown.partition("\n")[2].removesuffix(">>> ")

    def status(self):
        """Reads on until the program has ended."""
        wait_until(lambda: not self.read(0) and self.process.poll() is not None, "the end")
        return self.process.returncode


class AtTerminal(Case):
    def terminal(self, *arguments):
        terminal = Terminal(self, *arguments)
        self.greeting = terminal.prompt()
        return terminal

    def test_repl_greets_with_versions_and_a_prompt(self):
        self.terminal()
        self.assertRegex(self.greeting, r"clutch \d+\.\d+\.\d+, Python 3\.\d+\.\d+")

    def test_repl_prints_the_value_of_an_expression(self):
        terminal = self.terminal()
        self.assertEqual(terminal.run("6 * 7"), "42\n")
        self.assertEqual(terminal.run("'a' + 'b'"), "'ab'\n")
        self.assertEqual(terminal.run("None"), "")
        self.assertEqual(terminal.run("x = 5"), "")
        self.assertEqual(terminal.run("x"), "5\n")

    def test_repl_prints_output_before_the_value(self):
        self.assertEqual(self.terminal().run("print('out') or 1"), "out\n1\n")

    def test_repl_shows_output_while_code_runs(self):
        terminal = self.terminal()
        terminal.type("import time; print('fir' + 'st'); time.sleep(30)\n")
        terminal.expect("(?m)^first\n", 20)

    def test_repl_shows_tracebacks_and_goes_on(self):
        terminal = self.terminal()
        shown = terminal.run("1/0")
        self.assertTrue(shown.startswith("Traceback (most recent call last):\n"), shown)
        self.assertTrue(shown.endswith("ZeroDivisionError: division by zero\n"), shown)
        self.assertEqual(terminal.run("1"), "1\n")

    def test_repl_shows_a_syntax_error_at_once(self):
        self.assertIn("SyntaxError", self.terminal().run("x = = 1"))

    def test_repl_runs_a_compound_statement_at_a_blank_line(self):
        terminal = self.terminal()
        terminal.type("for i in range(2):\n")
        terminal.expect(r"\n\.\.\. \Z")
        terminal.type("    print('i', i)\n")
        terminal.expect(r"\n\.\.\. \Z")
        terminal.type("    print('j', i)\n")
        shown = terminal.expect(r"\n\.\.\. \Z")
        self.assertNotIn("i 0", shown)
        self.assertEqual(terminal.run(""), "i 0\nj 0\ni 1\nj 1\n")

    def test_repl_runs_brackets_and_strings_as_soon_as_they_close(self):
        terminal = self.terminal()
        for lines in (["(1 +", "  2)"], ["'''a", "", "b'''"], ["1 + \\", "2"]):
            for line in lines[:-1]:
                terminal.type(line + "\n")
                terminal.expect(r"\n\.\.\. \Z")
            self.assertRegex(terminal.run(lines[-1]), r"\A(3|'a\\n\\nb')\n\Z")

    def test_repl_keeps_functions_and_decorators_together(self):
        terminal = self.terminal()
        for line in ("@staticmethod", "def f(a,", "      b=')'):", "    # comment", "    return a"):
            terminal.type(line + "\n")
            terminal.expect(r"\n\.\.\. \Z")
        self.assertEqual(terminal.run(""), "")
        self.assertEqual(terminal.run("f(7)"), "7\n")

    def test_repl_ignores_blank_lines_and_comments(self):
        terminal = self.terminal()
        self.assertEqual(terminal.run(""), "")
        self.assertEqual(terminal.run("   "), "")
        self.assertEqual(terminal.run("# nothing"), "")

    def test_repl_takes_unicode(self):
        terminal = self.terminal()
        self.assertEqual(terminal.run("len('ü€🐍')"), "3\n")
        self.assertEqual(terminal.run("print('ü€🐍')"), "ü€🐍\n")

    def test_interrupt_at_the_prompt_clears_the_line(self):
        terminal = self.terminal()
        terminal.type("1/0")
        terminal.expect("1/0")
        terminal.type("\x03")
        terminal.prompt()
        self.assertEqual(terminal.run("2 + 2"), "4\n")

    def test_interrupt_in_a_block_drops_the_block(self):
        terminal = self.terminal()
        terminal.type("while True:\n")
        terminal.expect(r"\n\.\.\. \Z")
        terminal.type("\x03")
        terminal.prompt()
        self.assertEqual(terminal.run("2 + 2"), "4\n")

    def test_interrupt_stops_running_code_and_keeps_the_state(self):
        terminal = self.terminal()
        terminal.run("x = 41")
        for code in ("while True: x", "import time; time.sleep(60)"):
            terminal.type(f"print('st' + 'art')\n{code}\n")
            terminal.expect("start\n")
            terminal.expect(re.escape(code) + "\n")
            time.sleep(0.2)
            terminal.type("\x03")
            self.assertIn("KeyboardInterrupt", terminal.prompt())
        self.assertEqual(terminal.run("x + 1"), "42\n")

    def test_second_interrupt_kills_and_a_fresh_sandbox_takes_over(self):
        terminal = self.terminal()
        terminal.type("import time\n")
        terminal.prompt()
        terminal.type("while True:\n try: time.sleep(60)\n"
                      " except KeyboardInterrupt: print('n'+'o')\n\n")
        time.sleep(0.5)
        terminal.type("\x03")
        terminal.expect("no\n")
        terminal.type("\x03")
        self.assertIn("this is a fresh one", terminal.prompt())
        self.assertIn("NameError", terminal.run("time"))

    def test_crash_is_shown_and_a_fresh_sandbox_takes_over(self):
        terminal = self.terminal()
        shown = terminal.run(CRASH.strip())
        self.assertIn("crashed by SIGSEGV", shown)
        self.assertIn("its variables are lost", shown)
        self.assertEqual(terminal.run("1 + 1"), "2\n")

    def test_end_of_input_leaves_with_status_0(self):
        terminal = self.terminal()
        terminal.run("1/0")
        terminal.type("\x04")
        self.assertEqual(terminal.status(), 0)

    def test_exit_functions_leave_with_their_status(self):
        for code, status in (("exit()", 0), ("quit()", 0), ("exit(4)", 4),
                             ("import sys; sys.exit(3)", 3), ("raise SystemExit(2)", 2)):
            terminal = self.terminal()
            terminal.type(code + "\n")
            self.assertEqual(terminal.status(), status, code)

    def test_terminal_is_left_as_it_was(self):
        for ending in ("\x04", "exit()\n"):
            terminal = self.terminal()
            terminal.type(ending)
            terminal.status()
            self.assertEqual(termios.tcgetattr(terminal.slave), terminal.before)

    def test_terminal_is_left_as_it_was_when_terminated_at_the_prompt(self):
        terminal = self.terminal()
        terminal.process.send_signal(signal.SIGTERM)
        self.assertEqual(terminal.status(), -signal.SIGTERM)
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.before)
        self.assertEqual(os.listdir(self.tmp), [])

    def test_stopped_repl_goes_on_when_it_is_continued(self):
        terminal = self.terminal()
        terminal.type("6 *")
        terminal.expect(r"6 \*")
        terminal.process.send_signal(signal.SIGSTOP)
        os.waitpid(terminal.process.pid, os.WUNTRACED)
        termios.tcsetattr(terminal.slave, termios.TCSANOW, terminal.before)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.expect(r"6 \*")
        self.assertEqual(terminal.run(" 7"), "42\n")

    def test_resized_terminal_wraps_the_line_at_its_new_width(self):
        terminal = self.terminal()
        terminal.type("6 *")
        terminal.expect(r"6 \*")
        self.assertNotIn(" \b", terminal.seen)
        termios.tcsetwinsize(terminal.slave, (24, 20))
        time.sleep(0.2)
        self.assertIn("42\n", terminal.run(" 7" + " " * 20))
        self.assertIn(" \b", terminal.seen)

    def test_files_are_named_with_their_url(self):
        terminal = self.terminal()
        shown = terminal.run("open('made.txt', 'w').close()")
        self.assertIn(f"clutch: file file://{self.tmp}/clutch-files-", shown)

    def test_options_reach_the_sandbox(self):
        terminal = self.terminal("--env", "A=1", "--timeout", "0.3", "--workdir", ".")
        self.assertEqual(terminal.run("import os; os.environ['A'], os.getcwd()"),
                         f"('1', {self.cwd!r})\n")
        self.assertRegex(terminal.run("while True: pass\n"), r"timeout: used \d+ of 300 wall_ms")


class History(Case):
    terminal = AtTerminal.terminal

    def test_history_brings_back_lines_of_this_session(self):
        terminal = self.terminal()
        terminal.run("x = 20")
        terminal.run("x + 1")
        terminal.type(UP + UP)
        self.assertEqual(terminal.run("; x * 2"), "40\n")

    def test_history_brings_back_lines_of_an_earlier_session(self):
        first = self.terminal()
        first.run("print('ear' + 'lier')")
        first.type("\x04")
        first.status()
        second = self.terminal()
        second.type(UP)
        second.expect("lier")
        self.assertEqual(second.run(""), "earlier\n")

    def test_history_is_kept_when_the_terminal_goes_away(self):
        first = self.terminal()
        first.run("'kept'")
        first.process.kill()
        second = self.terminal()
        second.type(UP)
        second.expect("kept")

    def test_history_is_private_and_lies_in_the_state_folder(self):
        self.terminal().run("1")
        path = os.path.join(self.state, "clutch", "history")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.state).st_mode), 0o700)

    def test_history_lies_below_home_without_a_state_folder(self):
        for value in (None, "", "relative"):
            self.environment.pop("XDG_STATE_HOME", None)
            if value is not None:
                self.environment["XDG_STATE_HOME"] = value
            self.terminal().run("1")
            path = os.path.join(self.folder, ".local", "state", "clutch", "history")
            self.assertTrue(os.path.exists(path))
            os.remove(path)
        self.assertFalse(os.path.exists(os.path.join(self.cwd, "relative")))

    def test_history_that_cannot_be_written_is_no_failure(self):
        self.environment["XDG_STATE_HOME"] = "/dev/null/nowhere"
        terminal = self.terminal()
        self.assertEqual(terminal.run("1"), "1\n")
        del self.environment["XDG_STATE_HOME"], self.environment["HOME"]
        self.assertEqual(self.terminal().run("2"), "2\n")

    def test_history_file_that_is_damaged_is_no_failure(self):
        os.makedirs(os.path.join(self.state, "clutch"))
        with open(os.path.join(self.state, "clutch", "history"), "wb") as file:
            file.write(os.urandom(4096))
        self.assertEqual(self.terminal().run("1"), "1\n")


class FromPipe(Case):
    def repl(self, text, *arguments):
        return self.clutch("repl", "--preload", "none", *arguments, stdin=text)

    def test_pipe_gets_values_and_output_without_prompts(self):
        done = self.repl("x = 1\nprint('x')\nx + 1\n")
        self.assert_done(done, 0, "x\n2\n", "")

    def test_pipe_goes_on_after_a_failure(self):
        done = self.repl("1/0\n2\n")
        self.assert_done(done, 0, "2\n")
        self.assertIn("ZeroDivisionError", done.err)

    def test_pipe_may_end_without_a_newline_or_inside_a_block(self):
        self.assert_done(self.repl("3"), 0, "3\n", "")
        self.assert_done(self.repl("for i in range(2):\n    print(i)"), 0, "0\n1\n", "")
        self.assertIn("SyntaxError", self.repl("f(").err)

    def test_pipe_that_is_empty_is_fine(self):
        self.assert_done(self.repl(""), 0, "", "")

    def test_pipe_ends_with_the_status_of_exit(self):
        self.assert_done(self.repl("import sys\nsys.exit(7)\nprint(1)\n"), 7, "", "")

    def test_pipe_goes_on_in_a_fresh_sandbox_after_a_crash(self):
        done = self.repl("x = 1\n" + CRASH + "'x' in globals()\n")
        self.assert_done(done, 0, "False\n")
        self.assertIn("crashed by SIGSEGV", done.err)

    def test_pipe_shows_output_while_it_stays_open(self):
        process = self.start("repl", "--preload", "none", stdin=subprocess.PIPE)
        for number in range(3):
            process.stdin.write(f"print({number})\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), f"{number}\n")

    def test_pipe_is_left_at_an_interrupt(self):
        process = self.start("repl", "--preload", "none", stdin=subprocess.PIPE)
        process.stdin.write("1\n")
        process.stdin.flush()
        process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        wait_until(lambda: process.poll() is not None, "the end", 20)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(os.listdir(self.tmp), [])

    def test_pipe_with_an_engine_that_does_not_open_is_status_3(self):
        done = self.clutch("repl", "--venv", "/nonexistent", stdin="1\n")
        self.assert_done(done, 3, "")
        self.assertIn("/nonexistent", done.err)
