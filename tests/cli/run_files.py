# SPDX-License-Identifier: Apache-2.0
"""Claims about what `clutch run` gives to a sandbox: folder, variables, modules, environment."""

import os
import subprocess
import sys
import urllib.parse
import urllib.request

from support import CLUTCH, Case


def path_of(url):
    parts = urllib.parse.urlsplit(url)
    assert parts.scheme == "file", url
    return urllib.request.url2pathname(parts.path)


class Workdir(Case):
    def test_workdir_is_where_code_works_and_files_stay(self):
        os.mkdir(os.path.join(self.cwd, "work"))
        done = self.run_code("--workdir", "work", "-c",
                             "import os; print(os.getcwd()); open('made.txt', 'w').write('hi')")
        self.assert_done(done, 0, f"{self.cwd}/work\n", "")
        with open(os.path.join(self.cwd, "work", "made.txt")) as file:
            self.assertEqual(file.read(), "hi")

    def test_files_of_workdir_can_be_read(self):
        self.file("data.csv", "a,b\n1,2\n")
        done = self.run_code("--workdir", self.cwd, "-c", "print(open('data.csv').read())")
        self.assert_done(done, 0, "a,b\n1,2\n\n", "")

    def test_without_workdir_code_does_not_work_in_the_callers_folder(self):
        done = self.run_code("-c", "import os; print(os.getcwd()); open('made', 'w').close()")
        self.assert_done(done, 0)
        self.assertNotEqual(done.out.strip(), self.cwd)
        self.assertEqual(os.listdir(self.cwd), [])

    def test_without_workdir_a_folder_with_files_is_kept_and_named(self):
        done = self.run_code("-c", "open('made.txt', 'w').write('hi')")
        self.assert_done(done, 0, "")
        self.assertRegex(done.err, r"\Aclutch: files are kept in \S+\n\Z")
        folder = done.err.split()[-1]
        self.assertEqual(os.path.dirname(folder), self.tmp)
        with open(os.path.join(folder, "made.txt")) as file:
            self.assertEqual(file.read(), "hi")

    def test_without_workdir_nothing_is_left_when_no_files_were_made(self):
        done = self.run_code("-c", "print(1)", "-c", "1/0")
        self.assert_done(done, 1)
        self.assertNotIn("kept", done.err)
        self.assertEqual(os.listdir(self.tmp), [])

    def test_urls_of_files_hold_after_the_command_has_ended(self):
        for options in ((), ("--workdir", ".")):
            done = self.run_code("--json", *options, "-c", "open('ä b.txt', 'w').write('hi')")
            self.assert_done(done, 0)
            (made,) = self.objects(done)[0]["files"]
            self.assertEqual(made["name"], "ä b.txt")
            self.assertEqual(made["mime_type"], "text/plain")
            with open(path_of(made["url"])) as file:
                self.assertEqual(file.read(), "hi")

    def test_chart_lies_where_its_url_says(self):
        code = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"
        done = self.clutch("run", "--json", "-c", "import matplotlib", "-c", code)
        if done.status == 1 and "No module named" in done.out:
            self.skipTest("the environment has no matplotlib")
        self.assert_done(done, 0)
        (chart,) = self.objects(done)[1]["files"]
        self.assertEqual(chart["mime_type"], "image/png")
        with open(path_of(chart["url"]), "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")


class Environment(Case):
    def test_env_sets_variables_and_may_be_repeated(self):
        done = self.run_code("--env", "A=1", "--env", "B=x=y z", "--env", "C=", "-c",
                             "import os; print(*(repr(os.environ[k]) for k in 'ABC'))")
        self.assert_done(done, 0, "'1' 'x=y z' ''\n", "")

    def test_variables_of_the_caller_do_not_reach_the_sandbox(self):
        self.environment["CALLERS_SECRET"] = "s"
        done = self.run_code("-c", "import os; print(os.environ.get('CALLERS_SECRET'))")
        self.assert_done(done, 0, "None\n", "")

    def test_venv_that_is_none_is_an_engine_error_that_names_it(self):
        done = self.clutch("run", "--venv", "/nonexistent", "-c", "print(1)")
        self.assert_done(done, 3, "")
        self.assertRegex(done.err, r"\Aclutch: [^\n]*/nonexistent[^\n]*\n\Z")

    def test_venv_is_where_python_comes_from(self):
        prefix = self.run_code("-c", "import sys; print(sys.prefix)").out.strip()
        done = self.run_code("--venv", prefix, "-c", "import sys; print(sys.prefix)")
        self.assert_done(done, 0, prefix + "\n", "")


LOADED = "import sys; print(*(name in sys.modules for name in ('numpy', 'pandas', 'wave', 'this')))"


class Preload(Case):
    def test_preload_default_is_numpy_and_pandas(self):
        self.assert_done(self.clutch("run", "-c", LOADED), 0, "True True False False\n", "")

    def test_preload_adds_to_the_default(self):
        done = self.clutch("run", "--preload", "wave", "-c", LOADED)
        self.assert_done(done, 0, "True True True False\n", "")

    def test_preload_none_is_nothing(self):
        """But numpy from CPython 3.13 on, where it could not be imported later together with pandas."""
        minor = int(self.clutch("--version").out.partition("Python 3.")[2].partition(",")[0])
        done = self.clutch("run", "--preload", "none", "-c", LOADED)
        self.assert_done(done, 0, f"{minor >= 13} False False False\n", "")

    def test_preload_takes_commas_and_may_be_repeated(self):
        done = self.clutch("run", "--preload", "none", "--preload", "wave,csv",
                           "--preload", "numpy", "-c", LOADED)
        self.assert_done(done, 0, "True False True False\n", "")

    def test_preload_that_cannot_be_imported_is_an_engine_error_that_names_it(self):
        done = self.clutch("run", "--preload", "no_such_module", "-c", "print(1)")
        self.assert_done(done, 3, "")
        self.assertRegex(done.err, r"\Aclutch: [^\n]*no_such_module[^\n]*\n\Z")


class MainJob(Case):
    def test_main_job_does_what_it_says(self):
        """`make run` without make: real data, one mistake on purpose, a chart; the job checks itself."""
        job = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "weather", "job.py")
        done = subprocess.run([sys.executable, "-I", job, CLUTCH, os.path.join(self.cwd, "weather")],
                              capture_output=True, text=True, env=self.environment)
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)
        chart = done.stdout.rpartition("Chart: ")[2].strip()
        with open(chart, "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
