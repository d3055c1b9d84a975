# SPDX-License-Identifier: Apache-2.0
"""Runs unittest cases and reports them as TAP on standard output, one claim a line."""

import sys
import unittest


class TapResult(unittest.TestResult):
    """Prints each test as it ends: a method's name, read as a sentence, is its claim."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def report(self, test, ok, note="", details=""):
        self.number += 1
        method = getattr(test, "_testMethodName", str(test))  # what sets up a whole class has no method
        claim = method.removeprefix("test_").replace("_", " ")
        print(f"{'ok' if ok else 'not ok'} {self.number} - {claim}{note}")
        for line in details.splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    def addSuccess(self, test):
        self.report(test, True)

    def addSkip(self, test, reason):
        self.report(test, True, f" # SKIP {reason}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.report(test, False, details=self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.report(test, False, details=self.errors[-1][1])


def main(modules, wanted=()):
    """Runs the cases of the modules; with words, only those whose names hold one of them."""
    loader = unittest.TestLoader()
    if wanted:
        loader.testNamePatterns = [f"*{word}*" for word in wanted]
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in modules)
    print(f"1..{suite.countTestCases()}")
    result = TapResult()
    suite.run(result)
    return 0 if result.wasSuccessful() else 1
