# SPDX-License-Identifier: Apache-2.0
"""Measures clutch and what one would use instead, in turns, on the same machine at the same time.

    run.py [--quick] [--only TASK,..] [--subjects NAME,..] [--live N] PREFIX PYTHON

PREFIX-clutch, PREFIX-http, PREFIX-kernel and PREFIX-inprocess are the programs that `make bench` builds;
PYTHON has pandas. Writes PREFIX.jsonl, PREFIX-samples.json and PREFIX-*.svg, and prints a table.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import figures  # noqa: E402
import report  # noqa: E402

ROUNDS, QUICK_ROUNDS = 10, 2
ENOUGH_S, QUICK_ENOUGH_S = 720, 90  # no further round begins after that
DROPPED_S = 0.5  # what takes less than this is not counted the first time


class Subject:
    """A process that measures when it is asked."""

    def __init__(self, name, command):
        self.name, self.cost, self.error = name, {}, None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.PIPE)

    def ask(self, task, count):
        """Returns {figure: values}; None when the subject has no such task, or has ended."""
        started = time.monotonic()
        try:
            self.process.stdin.write("%s %d\n" % (task, count))
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            words = self.process.stderr.read().strip().split("\n")[-1]
            self.error = "%s: %s" % (task, words.removeprefix("bench: ") or "it has ended")
            return None
        self.cost[task] = (time.monotonic() - started) / count
        return json.loads(answer)

    def end(self):
        try:
            self.process.stdin.close()
            self.process.wait(60)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class Bench:
    def __init__(self, prefix, python, quick, only, subjects):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # the peers are interrupted by it
        self.prefix, self.python, self.quick, self.only = prefix, python, quick, only
        self.folder = tempfile.mkdtemp(prefix="clutch-bench-", dir=os.path.dirname(os.path.abspath(prefix)))
        described = subprocess.run([prefix + "-clutch", "describe", self.folder], stdout=subprocess.PIPE)
        if described.returncode != 0:
            sys.exit(1)
        self.machine = report.machine(json.loads(described.stdout), quick)
        self.names = [name for name in figures.SUBJECTS if not subjects or name in subjects]
        self.subjects, self.samples, self.left_out = {}, {}, {}

    def command(self, name):
        if name in ("fork", "pingpong"):
            return [self.prefix + "-kernel", name, str(self.machine["template_anonymous_kib"])]
        if name == "disk":
            return [self.prefix + "-kernel", name, self.folder]
        if name == "inprocess":
            return [self.prefix + "-inprocess", self.python]
        if name in figures.PEERS:
            return [sys.executable, "-I", os.path.join(HERE, "peers.py"), name, self.python, self.folder]
        if name == "jupyter_server":
            return [sys.executable, "-I", os.path.join(HERE, name + ".py"), name, self.python, self.folder]
        state = os.path.join(self.folder, name)
        os.mkdir(state)
        return [self.prefix + ("-http" if name == "http" else "-clutch"), name, state]

    def subject(self, name):
        if name not in self.subjects:
            self.subjects[name] = Subject(name, self.command(name))
        return self.subjects[name]

    def count(self, task, subject):
        if self.quick and task.name in figures.QUICK_COUNT_OF:
            return figures.QUICK_COUNT_OF[task.name]
        if task.count:
            return figures.COUNT_OF.get((task.name, subject.name), task.count)
        return max(1, min(task.most, int(task.seconds / subject.cost[task.name])))

    def warm_up(self, task, name):
        """Finds what a task costs a subject. Only what takes long is counted the first time already."""
        for count in (1, 1, 10, 100):
            answer = self.turn(task, name, count)
            cost = self.subjects[name].cost.get(task.name, 0) if name in self.subjects else 0
            if not answer:
                return
            if cost > DROPPED_S:
                self.keep(name, answer)
            if cost * 10 * count > task.seconds:
                return

    def keep(self, name, answer):
        for figure, values in answer.items():
            self.samples.setdefault((figure, name), []).extend(values)

    def turn(self, task, name, count):
        """Lets a subject do its part; returns {figure: values}, None if it could not."""
        if name in self.left_out:
            return None
        subject = self.subject(name)
        answer = subject.ask(task.name, count or self.count(task, subject))
        if subject.error:
            self.left_out[name] = subject.error
            print("left out from here on: %s: %s" % (name, subject.error), file=sys.stderr)
        return answer

    def rounds_of(self, task, name):
        if self.quick:
            return 0 if (task.name, name) in figures.NOT_QUICK else task.quick
        return figures.ROUNDS_OF.get((task.name, name), task.rounds)

    def wanted(self, task):
        return not self.only or task.name in self.only

    def run(self):
        """A first round warms up and finds what things cost; in the others, subjects take turns, each time
        from another one on."""
        tasks = [task for task in figures.TASKS if self.wanted(task)]
        for task in tasks:
            for name in task.subjects:
                if name in self.names and not task.count and self.rounds_of(task, name):
                    self.warm_up(task, name)
        rounds = QUICK_ROUNDS if self.quick else ROUNDS
        enough = time.monotonic() + (QUICK_ENOUGH_S if self.quick else ENOUGH_S)
        for number in range(rounds):
            if number > 0 and time.monotonic() > enough:
                break
            self.machine["rounds"] = number + 1
            for task in tasks:
                started = time.monotonic()
                names = [name for name in task.subjects if name in self.names]
                for name in names[number % len(names):] + names[:number % len(names)] if names else ():
                    if number < self.rounds_of(task, name):
                        self.keep(name, self.turn(task, name, None) or {})
                if os.environ.get("V"):
                    print("round %d: %s took %.1f s" % (number, task.name, time.monotonic() - started),
                          file=sys.stderr)
            if sys.stderr.isatty():
                print("\rround %d of %d " % (number + 1, rounds), end="", file=sys.stderr, flush=True)

    def end(self):
        for subject in self.subjects.values():
            subject.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--subjects", default="")
    parser.add_argument("--live", type=int, default=2000, help="sandboxes of growth and busy: 100 to 5,000")
    parser.add_argument("prefix")
    parser.add_argument("python")
    given = parser.parse_args()
    for task in figures.TASKS:
        if task.name in ("growth", "busy"):
            task.count = given.live
    started = time.monotonic()
    bench = Bench(given.prefix, given.python, given.quick, list(filter(None, given.only.split(","))),
                  list(filter(None, given.subjects.split(","))))
    try:
        bench.run()
    finally:
        bench.end()
    bench.machine["seconds"] = round(time.monotonic() - started)
    bench.machine["left_out"] = bench.left_out
    report.write(given.prefix, bench.machine, bench.samples)
    report.show(bench.machine, bench.samples)
    try:
        import plots
    except ImportError as error:
        print("no plots: %s" % error, file=sys.stderr)
    else:
        plots.draw(given.prefix)
    return 1 if "clutch" in bench.left_out else 0


if __name__ == "__main__":
    sys.exit(main())
