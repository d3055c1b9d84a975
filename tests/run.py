# SPDX-License-Identifier: Apache-2.0
"""Runs test programs that speak TAP and sums up: run.py PROGRAM [ARGUMENT ...] [-- PROGRAM ...]

Prints the failures with their diagnostics, the reasons of what was skipped, a line per program and, last,
the counts. A program that dies, prints no plan or breaks its plan is a failure too. CLUTCH_MUST_WORK=1
makes skipped tests failures; V=1 shows all that the programs print; CLUTCH_TEST_TIMEOUT_S is how long one
program may take, 600 by default.
"""

import os
import re
import signal
import subprocess
import sys
import time

TIMEOUT_S = int(os.environ.get("CLUTCH_TEST_TIMEOUT_S", "600"))
LINE = re.compile(r"^(not )?ok\b(?:\s+\d+)?(?:\s*-)?\s*(.*?)(?:\s*#\s*(skip)\b\s*(.*))?$", re.IGNORECASE)
verbose = os.environ.get("V")
must_work = os.environ.get("CLUTCH_MUST_WORK") == "1"


def split(arguments):
    programs = [[]]
    for argument in arguments:
        if argument == "--":
            programs.append([])
        else:
            programs[-1].append(argument)
    return [program for program in programs if program]


def run(program):
    """Returns what a program printed and its exit status, or a word about its end."""
    try:
        done = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S,
                              stdin=subprocess.DEVNULL)
        return done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace"), "no end after %d s" % TIMEOUT_S
    except OSError as error:
        return "", str(error)


def judge(text, status):
    """Counts one program's tests; returns passed, failed, skipped and the lines worth showing."""
    passed = failed = skipped = 0
    plan = None
    shown, pending = [], []  # diagnostics come before or after their test's line
    failing = False
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            name, skip, reason = found.group(2), found.group(3), found.group(4)
            failing = bool(skip and must_work) if skip else bool(found.group(1))
            if failing:
                failed += 1
                shown += ["FAILED: " + name + (" (skipped: %s)" % reason if skip else "")] + pending
            elif skip:
                skipped += 1
                shown.append("skipped: %s: %s" % (name, reason or "no reason given"))
            else:
                passed += 1
            pending = []
        elif re.match(r"^1\.\.\d+$", line.strip()):
            plan = (plan or 0) + int(line.strip()[3:])
        elif failing and line.startswith(("#", " ")):
            shown.append("    " + line)
        else:
            pending = (pending + ["    " + line])[-30:]
    total = passed + failed + skipped
    if plan != total or (status != 0 and not failed):
        failed += 1
        shown += ["FAILED: it ended with %s after %s of %s tests" % (status, total, plan)] + pending
    return passed, failed, skipped, shown


def take_back_signals():
    """What a shell in the background ignores, all that we start would ignore as well."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


def main():
    take_back_signals()
    sums = [0, 0, 0]
    for program in split(sys.argv[1:]):
        name = " ".join(program).replace(os.getcwd() + "/", "")
        started = time.monotonic()
        text, status = run(program)
        passed, failed, skipped, shown = judge(text, status)
        if verbose:
            print(text)
        print("%-4s %4d passed %3d failed %3d skipped %6.1f s  %s" % (
            "ok" if not failed else "FAIL", passed, failed, skipped, time.monotonic() - started, name[:160]))
        for line in shown:
            print("     " + line)
        sys.stdout.flush()
        sums = [a + b for a, b in zip(sums, (passed, failed, skipped))]
    print("%d passed, %d failed, %d skipped" % tuple(sums))
    return 1 if sums[1] else 0


sys.exit(main())
