# SPDX-License-Identifier: Apache-2.0
"""Runs numpy's and pandas' own tests in sandboxes and with bare Python, and compares them test by test.

compat.py [--sample] [WORD ...]: all groups, or a sample of a few minutes; with words, only the groups whose
names hold one of them. Prints TAP, one test a group. CLUTCH is the command, CLUTCH_BUILD the folder for the
packages and the results. differences.txt holds the explained differences; see there. An entry that explains
nothing is a failure as well, and so is one that names an option with which the test does not pass either.
"""

import argparse
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REQUIREMENTS = [os.path.join(HERE, os.pardir, os.pardir, ".ci", "requirements.txt"),
                os.path.join(HERE, "requirements.txt")]
AT_ONCE = 2  # processes that run tests, one of the sandboxes' and one of bare Python's, as a rule
SAMPLE_S, FULL_S = 240, 2400  # what one side of a group may take
SHOWN = 20  # differences of a group that are printed

# What the packages run when they are asked to test themselves; databases are servers elsewhere.
SELECTED = ["-m", "not slow and not db", "--continue-on-collection-errors"]

# What a sandbox has in its environment as well, as far as tests could see it.
BARE_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_CTYPE": "C.UTF-8",
                    "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
                    "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
                    "ARROW_DEFAULT_MEMORY_POOL": "system"}

# A part of each area that touches the engine or the kernel in its own way, and the hot paths.
SAMPLE = {
    "numpy.core": ["numpy/_core/tests/test_" + name + ".py" for name in (
        "errstate", "memmap", "multithreading", "print", "records", "ufunc", "unicode", "longdouble")],
    "numpy.fft": ["numpy/fft/tests"],
    "numpy.lib": ["numpy/lib/tests/test_" + name + ".py" for name in ("io", "format", "_datasource")],
    "numpy.linalg": ["numpy/linalg/tests"],
    "numpy.ma": ["numpy/ma/tests"],
    "numpy.random": ["numpy/random/tests/test_" + name + ".py" for name in (
        "generator_mt19937", "random", "smoke", "seed_sequence")],
    "pandas.arithmetic": ["pandas/tests/arithmetic/test_numeric.py"],
    "pandas.computation": ["pandas/tests/computation"],
    "pandas.groupby": ["pandas/tests/groupby/test_" + name + ".py" for name in ("groupby", "reductions")],
    "pandas.indexes": ["pandas/tests/indexes/multi"],
    "pandas.io": ["pandas/tests/io/" + name for name in (
        "test_common.py", "test_compression.py", "test_parquet.py", "test_pickle.py", "test_sql.py",
        "json/test_pandas.py", "parser/test_multi_thread.py")],
    "pandas.merge": ["pandas/tests/reshape/merge/test_merge.py"],
    "pandas.plotting": ["pandas/tests/plotting/test_series.py"],
    "pandas.tseries": ["pandas/tests/tseries/holiday", "pandas/tests/tseries/frequencies"],
    "pandas.window": ["pandas/tests/window/test_rolling.py"],
}


def discover(root):
    """All groups: a folder of tests of numpy, a folder below pandas.tests, and what lies between them."""
    groups = {}
    for folder, folders, _ in sorted(os.walk(os.path.join(root, "numpy"))):
        if "tests" in folders:
            name = os.path.relpath(folder, root).replace(os.sep, ".")
            groups[name] = [os.path.relpath(os.path.join(folder, "tests"), root)]
    for part in ("pandas/tests", "pandas/tests/io"):
        for name in sorted(os.listdir(os.path.join(root, part))):
            path = part + "/" + name
            if name.startswith("test_") and name.endswith(".py"):
                groups.setdefault(part.replace("/", "."), []).append(path)
            elif name != "io" and name != "__pycache__" and os.path.isdir(os.path.join(root, path)):
                groups[path.replace("/", ".")] = [path]
    return groups


# ---- The environment that both sides use ---------------------------------------------------------


def environment(build):
    """Makes the virtual environment unless it is there already, made of the same packages."""
    venv = os.path.join(build, "compat-venv")
    stamp = os.path.join(venv, ".complete")
    content = sys.version
    for name in REQUIREMENTS:
        with open(name, "rb") as file:
            content += " " + hashlib.sha256(file.read()).hexdigest()
    try:
        with open(stamp) as file:
            if file.read() == content:
                return venv
    except FileNotFoundError:
        pass
    options = [word for name in REQUIREMENTS for word in ("-r", name)]
    for command in ([sys.executable, "-m", "venv", "--clear", venv],
                    [os.path.join(venv, "bin", "python"), "-m", "pip", "install", "--quiet",
                     "--disable-pip-version-check", *options]):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    with open(stamp, "w") as file:
        file.write(content)
    return venv


def packages(venv):
    """The folder of the packages, and a line that says what is compared."""
    code = ("import json, platform, sysconfig, numpy, pandas\n"
            "versions = platform.python_version(), numpy.__version__, pandas.__version__\n"
            "print(json.dumps([sysconfig.get_path('purelib'), 'Python %s, numpy %s, pandas %s' % versions]))")
    done = subprocess.run([os.path.join(venv, "bin", "python"), "-I", "-c", code], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)


# ---- Running -------------------------------------------------------------------------------------


class Runner:
    def __init__(self, clutch, venv, root, folder, limit_s):
        self.clutch, self.venv, self.root = clutch, venv, root
        self.folder, self.limit_s = folder, limit_s
        self.inside = os.path.join(HERE, "inside.py")
        self.took_s = {}

    def bare(self, workdir):
        temporary = os.path.join(workdir, "tmp")
        os.mkdir(temporary)
        command = [os.path.join(self.venv, "bin", "python"), "-I", "-X", "utf8", self.inside]
        return command, {**BARE_ENVIRONMENT, "HOME": temporary, "TMPDIR": temporary,
                         "MPLCONFIGDIR": temporary}

    def sandboxed(self, workdir, options):
        command = [self.clutch, "run", "--venv", self.venv, "--workdir", workdir, "--memory", "none",
                   "--timeout", "none", *options, self.inside]
        return command, os.environ

    def run(self, side, name, tests, options=()):
        """Returns what became of each test, and a word about an end that was not the end of the tests."""
        workdir = os.path.join(self.folder, name, side)
        shutil.rmtree(workdir, ignore_errors=True)
        os.makedirs(workdir)
        results = os.path.join(workdir, "results.jsonl")
        with open(os.path.join(workdir, "order.json"), "w") as file:
            json.dump({"root": self.root, "tests": tests, "arguments": SELECTED}, file)
        if side == "bare":
            command, env = self.bare(workdir)
        else:
            command, env = self.sandboxed(workdir, options)
        started = time.monotonic()
        with open(os.path.join(self.folder, name, side + ".log"), "w") as log:
            process = subprocess.Popen(command, cwd=workdir, env=env, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT)
            try:
                end = "ended with status %d" % process.wait(self.limit_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                end = "was ended after %d s" % self.limit_s
        self.took_s[name, side] = time.monotonic() - started
        return read_results(results, end)


def read_results(name, end):
    """The tests that were written down; None for the end when pytest reached its own."""
    tests, last = {}, "no test"
    try:
        with open(name) as file:
            for line in file:
                record = json.loads(line)
                if "test" in record:
                    last = record["test"]
                    tests[last] = record["outcome"], record["message"]
                elif record["end"] in (0, 1, 5):  # fine, failures, nothing to run
                    return tests, None
                else:
                    end = "ended with status %d of pytest" % record["end"]
    except (FileNotFoundError, ValueError):
        pass
    return tests, "%s after %s" % (end, last)


# ---- Comparing -----------------------------------------------------------------------------------


def compare(bare, clutch):
    """The tests that did not end alike: name, how bare, how in the sandbox, a message. One that passes in
    the sandbox and is skipped outside is none: some tests avoid the root user, who is none inside."""
    absent = "absent", ""
    for test in sorted(bare.keys() | clutch.keys()):
        (first, said), (second, message) = bare.get(test, absent), clutch.get(test, absent)
        if first != second and (first, second) != ("skipped", "passed"):
            yield test, first, second, " ".join((message or said).split())[:300]


class Explained:
    """The list of explained differences, and which of its entries were of use."""

    def __init__(self, name):
        self.entries, self.used, self.seen = {}, set(), set()
        with open(name) as file:
            for line in file:
                pattern, *rest = line.split(None, 2)[:3] or "#"
                if not pattern.startswith("#"):
                    self.entries[pattern] = rest

    def look(self, tests):
        """Remembers which entries are about tests that were run."""
        self.seen |= {pattern for pattern in self.entries if fnmatch.filter(tests, pattern)}

    def option(self, test):
        """The option with which the test would pass, "-" for none; None if it is not explained."""
        found = [pattern for pattern in self.entries if fnmatch.fnmatchcase(test, pattern)]
        self.used.update(found)
        return self.entries[found[0]][0] if found else None

    def problems(self):
        for pattern, rest in self.entries.items():
            if len(rest) != 2:
                yield pattern + " has no reason"
            elif pattern in self.seen - self.used:
                yield pattern + " explains no difference"

    def strangers(self):
        """Entries about tests that these versions of the packages do not have."""
        return sorted(self.entries.keys() - self.seen)


def judge(runner, name, futures, explained):
    """Compares a group; returns whether it is fine, its summary and lines about it."""
    (bare, bare_end), (clutch, clutch_end) = futures[0].result(), futures[1].result()
    lines = [who + end for who, end in (("bare Python ", bare_end), ("the sandbox ", clutch_end)) if end]
    if lines:
        common = bare.keys() & clutch.keys()
        bare, clutch = ({test: side[test] for test in common} for side in (bare, clutch))
    explained.look(bare.keys() | clutch.keys())
    found = {entry[0]: (entry, explained.option(entry[0])) for entry in compare(bare, clutch)}
    failed = [entry for entry, option in found.values() if option is None]
    if failed and not lines:
        failed, once = repeat(runner, name, failed)
        lines += ["once only, not again: " + test for test in once]
    for option in {option for _, option in found.values()} - {None, "-"}:
        tests = [test for test, (_, wanted) in found.items() if wanted == option]
        failed += allowed(runner, name, tests, bare, option)
    lines += ["%s: bare %s, clutch %s: %s" % entry for entry in failed[:SHOWN]]
    if len(failed) > SHOWN:
        lines.append("and %d more" % (len(failed) - SHOWN))
    alike = (bare.keys() | clutch.keys()) - found.keys()
    summary = "%s: %d the same, %d of them passed" % (name, len(alike), sum(
        clutch[test][0] == "passed" for test in alike))
    count = sum(option is not None for _, option in found.values())
    summary += ", %d explained" % count if count else ""
    fine = not failed and not bare_end and not clutch_end
    return fine, summary + (", %d different" % len(failed) if failed else ""), lines


def repeat(runner, name, differences):
    """Runs the files of differences again, one side after the other. Returns the differences that are there
    again, and the names of the others."""
    files = sorted({entry[0].partition("::")[0] for entry in differences})
    (bare, bare_end), (clutch, clutch_end) = [runner.run(side, name + ".again", files)
                                              for side in ("bare", "clutch")]
    if bare_end or clutch_end:
        return differences, []
    again = {entry[0]: entry for entry in compare(bare, clutch)}
    return ([again[entry[0]] for entry in differences if entry[0] in again],
            [entry[0] for entry in differences if entry[0] not in again])


def allowed(runner, name, tests, bare, option):
    """Runs tests in a sandbox with an option. Returns those that do not end as with bare Python even so."""
    clutch, _ = runner.run("clutch", name + option, tests, [option])
    return [(test, first, second + " with " + option, message) for test, first, second, message in compare(
        {test: bare[test] for test in tests if test in bare},
        {test: clutch[test] for test in tests if test in clutch})]


def main():
    parser = argparse.ArgumentParser(description="numpy's and pandas' own tests, confined and bare")
    parser.add_argument("--sample", action="store_true", help="a few minutes of them")
    parser.add_argument("words", nargs="*", help="only groups whose names hold one of these")
    options = parser.parse_args()
    build = os.path.abspath(os.environ.get("CLUTCH_BUILD", "build"))
    clutch = os.path.abspath(os.environ.get("CLUTCH", os.path.join(build, "clutch")))
    venv = environment(build)
    root, versions = packages(venv)
    groups = SAMPLE if options.sample else discover(root)
    if options.words:
        groups = {name: tests for name, tests in groups.items() if any(w in name for w in options.words)}
    runner = Runner(clutch, venv, root, os.path.join(build, "compat"), SAMPLE_S if options.sample else FULL_S)
    shutil.rmtree(runner.folder, ignore_errors=True)
    explained = Explained(os.path.join(HERE, "differences.txt"))
    print("# %s" % versions)
    print("1..%d" % (len(groups) + 1), flush=True)
    started = time.monotonic()
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {name: [pool.submit(runner.run, side, name, tests) for side in ("bare", "clutch")]
                   for name, tests in groups.items()}
        for number, name in enumerate(groups, 1):
            fine, summary, lines = judge(runner, name, futures[name], explained)
            failures += not fine
            print("%s %d - %s" % ("ok" if fine else "not ok", number, summary))
            print("".join("# %s\n" % line for line in lines), end="")
            print("# bare %.0f s, clutch %.0f s" % (runner.took_s[name, "bare"],
                                                  runner.took_s[name, "clutch"]), flush=True)
    problems = list(explained.problems())
    failures += bool(problems)
    print("%s %d - each explained difference is one" % ("not ok" if problems else "ok", len(groups) + 1))
    if not options.sample and not options.words:
        problems += ["no test is called " + pattern for pattern in explained.strangers()]
    print("".join("# %s\n" % line for line in problems), end="")
    print("# %d s" % (time.monotonic() - started))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
