# SPDX-License-Identifier: Apache-2.0
"""Whether clutch is about as fast as it was: its ratios to what runs beside it, against recorded ones.

    check.py PREFIX PYTHON        measures, and prints TAP
    check.py --record PREFIX      takes the ratios of PREFIX.jsonl as the recorded ones

A ratio may be twice the recorded one. On a noisy machine a measurement can be unlucky, so the best of some
attempts counts; they end as soon as every ratio is fine.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import report  # noqa: E402
import run  # noqa: E402

RECORDED = os.path.join(HERE, "recorded.json")
MARGIN, ATTEMPTS = 2, 6
# figure of clutch: figure and subject that it stands beside; None: by itself, where noise does not matter
RATIOS = {
    "create": ("create", "fork"), "create_pooled": ("create", "fork"),
    "first_dataframe": ("create", "fork"), "first_dataframe_pooled": ("create", "fork"),
    "execute_warm": ("execute_warm", "pingpong"), "print_10000": ("print_10000", "inprocess"),
    "output_1mib": ("output_1mib", "inprocess"), "groupby_1m": ("groupby_1m", "inprocess"),
    "list_100_dataframes": ("list_100_dataframes", "inprocess"), "clone_100mb": ("clone_100mb", "fork"),
    "idle_private_kib": None, "used_private_kib": None,
}
TASKS = ["create", "create_pooled", "first_dataframe", "first_dataframe_pooled", "execute_warm",
         "print_10000", "output_1mib", "groupby_1m", "list_100_dataframes", "copies_100mb", "memory"]
SUBJECTS = ["clutch", "fork", "pingpong", "inprocess"]


def ratios(medians):
    """medians: {(figure, subject): value}"""
    found = {}
    for figure, other in RATIOS.items():
        if (figure, "clutch") in medians and (other is None or other in medians):
            found[figure] = medians[figure, "clutch"] / (medians[other] if other else 1)
    return found


def record(prefix):
    with open(prefix + ".jsonl") as log:
        facts, *lines = map(json.loads, log)
    found = ratios({(line["figure"], line["subject"]): line["p50"] for line in lines})
    if facts["quick"]:
        sys.exit("bench: a quick run is not good enough to be recorded: make bench")
    with open(RECORDED, "w") as file:
        rounded = {name: float("%.3g" % value) for name, value in found.items()}
        json.dump({"commit": facts["commit"], "ratios": rounded}, file, indent=4)
        file.write("\n")


def measure(prefix, python):
    bench = run.Bench(prefix, python, True, TASKS, SUBJECTS)
    try:
        bench.run()
    finally:
        bench.end()
    for subject, why in bench.left_out.items():
        print("# %s: %s" % (subject, why))
    return ratios({key: report.median(values) for key, values in bench.samples.items()})


def main():
    if sys.argv[1] == "--record":
        return record(sys.argv[2])
    with open(RECORDED) as file:
        recorded = json.load(file)["ratios"]
    best = {}
    for attempt in range(1, ATTEMPTS + 1):
        for figure, value in measure(*sys.argv[1:]).items():
            best[figure] = min(value, best.get(figure, value))
        if all(figure in best and best[figure] <= MARGIN * recorded[figure] for figure in recorded):
            break
    print("# attempts: %d" % attempt)
    for number, (figure, value) in enumerate(recorded.items(), 1):
        other = " of %s's %s" % RATIOS[figure][::-1] if RATIOS[figure] else ""
        print("# %s: %.3g%s, recorded %.3g" % (figure, best.get(figure, -1), other, value))
        fine = figure in best and best[figure] <= MARGIN * value
        verdict = "ok" if fine else "not ok"
        print("%s %d - bench: %s costs at most twice what it did" % (verdict, number, figure))
    print("1..%d" % len(recorded))
    return 0


if __name__ == "__main__":
    sys.exit(main())
