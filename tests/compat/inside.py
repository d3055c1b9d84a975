# SPDX-License-Identifier: Apache-2.0
"""Runs tests with pytest and writes down how each one ended. The same text runs in a sandbox and bare.

order.json in the working folder says what to run: "root", the folder of the packages, to which the names of
tests are relative; "tests", the files or names; "arguments", more for pytest. results.jsonl gets one JSON
object a line as each test ends, so that a crash loses nothing.
"""

import json
import os
import random

import numpy
import pytest

MESSAGE_MAX = 600  # characters kept of what a test said


class Recorder:
    """Sums up a test's three phases: the worst of them is how it ended."""

    def __init__(self, file):
        self.file = file
        self.ended = {}

    def write(self, **record):
        self.file.write(json.dumps(record) + "\n")
        self.file.flush()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self):
        random.seed(1)
        numpy.random.seed(1)

    def pytest_runtest_logreport(self, report):
        outcome, message = report.outcome, ""
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        if report.failed:
            outcome = "failed" if report.when == "call" else "error"
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
        elif report.skipped and isinstance(report.longrepr, tuple):
            message = report.longrepr[2]
        if report.when == "setup" or outcome not in ("passed", "skipped"):
            self.ended[report.nodeid] = outcome, message
        elif report.when == "call":
            self.ended[report.nodeid] = outcome, message
        if report.when == "teardown":
            outcome, message = self.ended.pop(report.nodeid)
            self.write(test=report.nodeid, outcome=outcome, message=message[:MESSAGE_MAX])

    def pytest_collectreport(self, report):
        """A file that cannot be imported, or that skips itself, counts as one test."""
        if not report.passed:
            text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.write(test=report.nodeid, outcome="skipped" if report.skipped else "error",
                       message=text[-MESSAGE_MAX:])


def main():
    with open("order.json") as file:
        order = json.load(file)
    here = os.getcwd()
    settings = os.path.join(here, "settings.ini")
    with open(settings, "w") as file:
        file.write("[pytest]\ntmp_path_retention_policy = none\n")
    os.mkdir(os.path.join(here, "temporary"))
    arguments = ["-c", settings, "--rootdir", order["root"], "--confcutdir", order["root"],
                 "--basetemp", os.path.join(here, "temporary", "pytest"), "-p", "no:cacheprovider",
                 "-p", "no:terminal", "--hypothesis-seed=1", *order["arguments"]]
    with open("results.jsonl", "w") as file:
        recorder = Recorder(file)
        tests = [os.path.join(order["root"], name) for name in order["tests"]]
        try:
            status = pytest.main(arguments + tests, plugins=[recorder])
        except pytest.skip.Exception as skipped:  # by a conftest.py, for want of another package
            recorder.write(test=order["tests"][0], outcome="skipped", message=str(skipped))
            status = pytest.ExitCode.NO_TESTS_COLLECTED
        recorder.write(end=int(status))


main()
