# SPDX-License-Identifier: Apache-2.0
"""Claims about `clutch doctor`."""

import os
import resource

from support import Case, default_signals

LINE = r"\A(ok    |warn  |fail  )([a-z0-9_ ]+): (\S.*)\Z"


class Doctor(Case):
    def checks(self, done):
        """Level and fact of each check by its name."""
        checks = {}
        for line in done.out.splitlines():
            self.assertRegex(line, LINE)
            level, _, rest = line.partition("  ")
            name, _, fact = rest.strip().partition(": ")
            self.assertNotIn(name, checks)
            checks[name] = (level, fact)
        return checks

    def test_doctor_tells_each_check_on_a_line_and_ends_with_status_0(self):
        done = self.clutch("doctor")
        self.assert_done(done, 0, err="")
        checks = self.checks(done)
        for name in ("clutch", "built with", "kernel", "processors", "memory", "memory files",
                     "open files", "processes", "temporary folder", "engine", "environment",
                     "python", "pandas", "numpy", "sandbox", "code", "first dataframe"):
            self.assertIn(name, checks)
            self.assertNotEqual(checks[name][0], "fail", checks[name])
        self.assertRegex(checks["engine"][1], r"\Aopened in \d+ ms\Z")
        self.assertRegex(checks["first dataframe"][1], r"\Aran in \d+\.\d ms\Z")

    def test_doctor_tells_the_versions_that_code_sees(self):
        code = "import sys, pandas, numpy; print(sys.version.split()[0], pandas.__version__, " \
               "numpy.__version__)"
        python, pandas, numpy = self.clutch("run", "-c", code).out.split()
        checks = self.checks(self.clutch("doctor"))
        self.assertEqual(checks["python"], ("ok", python))
        self.assertEqual(checks["pandas"], ("ok", pandas))
        self.assertEqual(checks["numpy"], ("ok", numpy))

    def test_doctor_tells_the_kernel(self):
        name = os.uname()
        fact = f"{name.sysname} {name.release} {name.machine}"
        self.assertEqual(self.checks(self.clutch("doctor", "--preload", "none"))["kernel"],
                         ("ok", fact))

    def test_doctor_without_pandas_warns_and_still_runs_code(self):
        done = self.clutch("doctor", "--preload", "none")
        self.assert_done(done, 0, err="")
        checks = self.checks(done)
        self.assertEqual(checks["pandas"][0], "warn")
        self.assertEqual(checks["code"][0], "ok")
        self.assertNotIn("first dataframe", checks)

    def test_doctor_names_what_keeps_the_engine_from_opening_with_status_3(self):
        done = self.clutch("doctor", "--venv", "/nonexistent")
        self.assert_done(done, 3, err="")
        level, fact = self.checks(done)["engine"]
        self.assertEqual(level, "fail")
        self.assertIn("/nonexistent", fact)
        self.assertIn("--venv DIR chooses it", fact)
        self.assertNotIn("code", self.checks(done))

    def test_doctor_names_a_preload_that_is_missing(self):
        done = self.clutch("doctor", "--preload", "no_such_module")
        self.assert_done(done, 3, err="")
        level, fact = self.checks(done)["engine"]
        self.assertEqual(level, "fail")
        self.assertIn("no_such_module", fact)
        self.assertIn("--preload none", fact)

    def test_doctor_warns_of_few_descriptors_and_says_for_how_many_sandboxes(self):
        def limit():
            default_signals()
            resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

        level, fact = self.checks(self.clutch("doctor", "--preload", "none", preexec_fn=limit))[
            "open files"]
        self.assertEqual(level, "warn")
        self.assertRegex(fact, r"\A200, enough for about \d+ sandboxes at once")

    def test_doctor_finds_a_temporary_folder_that_cannot_be_used(self):
        self.environment["TMPDIR"] = "/nonexistent"
        checks = self.checks(self.clutch("doctor", "--preload", "none"))
        self.assertEqual(checks["temporary folder"][0], "fail")
        self.assertIn("/nonexistent", checks["temporary folder"][1])
