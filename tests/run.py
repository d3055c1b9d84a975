# SPDX-License-Identifier: Apache-2.0
"""Runs test programs that speak TAP and sums up: run.py PROGRAM [ARGUMENT ...] [-- PROGRAM ...]

Prints the failures with their diagnostics, the reasons of what was skipped, a line per program and, last,
the counts. A program that dies, prints no plan or breaks its plan is a failure too. Two programs run at a
time where there are two processors, since most of what tests do is wait. CLUTCH_TEST_JOBS is another number
of them; CLUTCH_MUST_WORK=1 makes skipped tests failures; V=1 shows all that the programs print;
CLUTCH_TEST_TIMEOUT_S is how long one program may take, 600 by default.
"""

import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time

JOBS = int(os.environ.get("CLUTCH_TEST_JOBS") or min(2, os.cpu_count() or 1))
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
    """Returns what a program printed, its exit status or a word about its end, and its seconds."""
    started = time.monotonic()
    try:
        done = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S,
                              stdin=subprocess.DEVNULL)
        text, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        text, status = late.stdout or b"", "no end after %d s" % TIMEOUT_S
    except OSError as error:
        text, status = b"", str(error)
    return text.decode(errors="replace"), status, time.monotonic() - started


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


def tell(program, text, status, took_s):
    """Prints what there is to say of one program; returns its counts."""
    name = " ".join(program).replace(os.getcwd() + "/", "")
    passed, failed, skipped, shown = judge(text, status)
    if verbose:
        print(text)
    print("%-4s %4d passed %3d failed %3d skipped %6.1f s  %s" % (
        "ok" if not failed else "FAIL", passed, failed, skipped, took_s, name[:160]))
    for line in shown:
        print("     " + line)
    sys.stdout.flush()
    return passed, failed, skipped


def main():
    take_back_signals()
    sums = [0, 0, 0]
    programs = split(sys.argv[1:])
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for program, ran in zip(programs, pool.map(run, programs)):
            sums = [a + b for a, b in zip(sums, tell(program, *ran))]
    print("%d passed, %d failed, %d skipped" % tuple(sums))
    return 1 if sums[1] else 0


sys.exit(main())
