# SPDX-License-Identifier: Apache-2.0
"""A test case that runs the program in a world of its own: home, state and temporary folders."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

CLUTCH = os.path.abspath(os.environ.get("CLUTCH", "build/clutch"))
SECONDS = 60  # no test takes this long: more is a hang


def default_signals():
    """For preexec_fn: what a runner in the background ignores is ignored by its children too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="clutch-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tmp = os.path.join(self.folder, "tmp")
        self.cwd = os.path.join(self.folder, "cwd")
        self.state = os.path.join(self.folder, "state")
        os.mkdir(self.tmp)
        os.mkdir(self.cwd)
        self.environment = {
            key: value for key, value in os.environ.items()
            if key in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
        }
        self.environment.update(
            HOME=self.folder, TMPDIR=self.tmp, XDG_STATE_HOME=self.state, LANG="C.UTF-8",
            TERM="xterm")

    def file(self, name, content):
        path = os.path.join(self.cwd, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def start(self, *arguments, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(
            [CLUTCH, *arguments], stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE), cwd=self.cwd, env=self.environment,
            preexec_fn=options.pop("preexec_fn", default_signals), text=True, errors="replace",
            **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def clutch(self, *arguments, stdin=None, **options):
        """Runs the program to its end; `out`, `err` and `status` are added to what is returned."""
        if stdin is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*arguments, **options)
        process.out, process.err = process.communicate(stdin, timeout=SECONDS)
        process.status = process.returncode
        return process

    def run_code(self, *arguments, **options):
        """`clutch run` without pandas, for tests that do not need it: ten times as fast."""
        return self.clutch("run", "--preload", "none", *arguments, **options)

    def start_code(self, *arguments, **options):
        return self.start("run", "--preload", "none", *arguments, **options)

    def objects(self, done):
        return [json.loads(line) for line in done.out.removesuffix("\n").split("\n")]

    def assert_done(self, done, status, out=None, err=None):
        seen = f"status {done.status}\nout: {done.out!r}\nerr: {done.err!r}"
        self.assertEqual(done.status, status, seen)
        if out is not None:
            self.assertEqual(done.out, out, seen)
        if err is not None:
            self.assertEqual(done.err, err, seen)

    def assert_usage(self, done, *words):
        """Status 2, nothing on standard output and one line that holds all of the words."""
        self.assert_done(done, 2, "")
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertTrue(done.err.startswith("clutch: "), done.err)
        for word in words:
            self.assertIn(word, done.err)


def wait_until(condition, what, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not after {seconds} s")
        time.sleep(0.02)
