# SPDX-License-Identifier: Apache-2.0
"""Claims about the command line: help, versions, and what is refused before anything runs."""

import os
import re
import unittest

from support import Case

SESSIONS = ("ls", "status", "log", "start", "stop", "clone", "undo", "archive", "rm")
COMMANDS = ("run", "repl", "doctor", *SESSIONS)


class Help(Case):
    def test_version_is_the_first_line_of_the_version_output(self):
        for option in ("--version", "-V"):
            done = self.clutch(option)
            self.assert_done(done, 0, err="")
            self.assertRegex(done.out.splitlines()[0], r"^clutch \d+\.\d+\.\d+$")
            self.assertIn("Python", done.out)

    def test_help_goes_to_standard_output_with_status_0(self):
        for arguments in ((), *((command,) for command in COMMANDS)):
            for option in ("--help", "-h"):
                done = self.clutch(*arguments, option)
                self.assert_done(done, 0, err="")
                self.assertTrue(done.out.startswith("usage: clutch"), done.out)

    def test_help_fits_a_terminal_of_80_columns(self):
        for arguments in ((), *((command,) for command in COMMANDS)):
            lines = self.clutch(*arguments, "--help").out.splitlines()
            self.assertEqual([line for line in lines if len(line) > 81], [])

    def test_help_of_run_names_every_option(self):
        out = self.clutch("run", "--help").out
        for option in ("-c", "--json", "--status", "--timeout", "--memory", "--output", "--workdir",
                       "--venv", "--env", "--keep-going", "--preload", "--name", "--state", "--undo",
                       "--repo", "--branch", "-h, --help", "--"):
            self.assertIn(f"\n  {option} ", out)

    def test_help_tells_the_exit_statuses(self):
        for arguments in ((), *((command,) for command in COMMANDS)):
            self.assertIn("Exit status: ", self.clutch(*arguments, "--help").out)

    def test_help_wins_over_code_and_runs_nothing(self):
        done = self.clutch("run", "-c", "print(1)", "--help")
        self.assert_done(done, 0, err="")
        self.assertTrue(done.out.startswith("usage: "))


class Refusals(Case):
    def test_no_command_is_a_usage_error(self):
        self.assert_usage(self.clutch(), "--help")

    def test_unknown_command_is_named(self):
        self.assert_usage(self.clutch("walk"), "'walk'", "clutch --help")

    def test_unknown_global_option_is_named(self):
        self.assert_usage(self.clutch("--walk"), "option '--walk'", "clutch --help")

    def test_unknown_option_is_named_and_points_to_the_commands_help(self):
        for command in COMMANDS:
            for option in ("--walk", "-x"):
                done = self.clutch(command, option)
                self.assert_usage(done, f"'{option}'", f"clutch {command} --help")

    def test_abbreviated_options_are_refused(self):
        for arguments in (("--jso",), ("--time", "1"), ("--keep",), ("--time=1",)):
            done = self.clutch("run", *arguments, "-c", "print(1)")
            self.assert_usage(done, arguments[0])

    def test_option_without_its_value_is_named(self):
        for option in ("-c", "--timeout", "--memory", "--output", "--workdir", "--venv", "--env",
                       "--preload"):
            self.assert_usage(self.clutch("run", option), f"'{option}'")

    def test_option_with_a_value_too_many_is_named(self):
        for option in ("--json", "--status", "--keep-going"):
            self.assert_usage(self.clutch("run", option + "=1"), f"'{option}=1'")

    def test_run_options_are_unknown_to_the_other_commands(self):
        for command in ("repl", "doctor"):
            self.assert_usage(self.clutch(command, "--json"), "'--json'")

    def test_repl_and_doctor_take_no_arguments(self):
        for command in ("repl", "doctor"):
            self.assert_usage(self.clutch(command, "x.py"), "'x.py'")
            self.assert_usage(self.clutch(command, "--", "x.py"), "'x.py'")

    def test_timeout_that_is_no_duration_is_refused_by_its_text(self):
        for text in ("abc", "-1", "0", "0.0", "", " 1", "1 ", "1s", "1e3", "inf", "nan", "0x10",
                     ".", "1.5.2", "1000000001", "99999999999999999999999999", "None", "1,5"):
            self.assert_usage(self.clutch("run", f"--timeout={text}", "-c", ""), f"'{text}'",
                              "--timeout")

    def test_size_that_is_no_size_is_refused_by_its_text(self):
        for option in ("--memory", "--output"):
            for text in ("abc", "-1", "0", "0M", "", " 1", "M", "1X", "1MX", "1MM", "1.5", "1e3",
                         "8388608T", "99999999999999999999999999", "18446744073709551616"):
                self.assert_usage(self.clutch("run", f"{option}={text}", "-c", ""), f"'{text}'",
                                  option)

    def test_env_without_name_or_equals_sign_is_refused(self):
        for text in ("NAME", "=value", ""):
            self.assert_usage(self.clutch("run", "--env", text, "-c", ""), f"'{text}'", "--env")

    def test_preload_with_an_empty_name_is_refused(self):
        for text in ("", "json,", ",json", "json,,csv"):
            self.assert_usage(self.clutch("run", "--preload", text, "-c", ""), f"'{text}'")

    def test_workdir_that_is_no_folder_is_refused(self):
        self.assert_usage(self.clutch("run", "--workdir", "nowhere", "-c", ""), "'nowhere'",
                          "No such file")
        self.file("file", "")
        self.assert_usage(self.clutch("run", "--workdir", "file", "-c", ""), "'file'",
                          "Not a directory")


class UnreadableFiles(Case):
    def test_missing_file_is_named(self):
        self.assert_usage(self.clutch("run", "missing.py"), "missing.py", "No such file")

    def test_folder_in_place_of_a_file_is_named(self):
        self.assert_usage(self.clutch("run", self.cwd), self.cwd, "Is a directory")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable_file_is_named(self):
        os.chmod(self.file("secret.py", "print(1)"), 0)
        self.assert_usage(self.clutch("run", "secret.py"), "secret.py", "Permission denied")

    def test_file_longer_than_the_limit_is_refused(self):
        os.truncate(self.file("long.py", ""), (64 << 20) + 1)
        self.assert_usage(self.clutch("run", "long.py"), "long.py", "64 MiB")

    def test_nothing_runs_when_a_later_file_is_missing(self):
        done = self.clutch("run", "--workdir", ".", "-c", "open('made', 'w')", "missing.py")
        self.assert_usage(done, "missing.py")
        self.assertFalse(os.path.exists(os.path.join(self.cwd, "made")))

    def test_standard_input_twice_is_refused(self):
        self.assert_usage(self.clutch("run", "-", "-", stdin="print(1)"), "'-'", "twice")

    def test_closed_standard_input_is_reported(self):
        def close_input():
            os.close(0)

        done = self.clutch("run", preexec_fn=close_input)
        self.assert_usage(done, "standard input")


class Shape(Case):
    def test_usage_errors_never_make_a_folder(self):
        self.clutch("run", "--timeout", "abc", "-c", "1")
        self.assertEqual(os.listdir(self.tmp), [])

    def test_option_lines_of_help_are_aligned(self):
        for command in COMMANDS:
            for line in self.clutch(command, "--help").out.splitlines():
                if re.match(r"  --?\w", line):
                    self.assertRegex(line, r"^  .{1,18}  +\S|^  .{19,}$")
