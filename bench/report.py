# SPDX-License-Identifier: Apache-2.0
"""Figures for programs (jsonl) and for people (a table)."""

import json
import math
import os
import platform
import subprocess
import time

import figures

KEPT = 2000  # samples of a figure that the file for the plots holds at most


def quantile(values, share):
    """The smallest value that so many of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values):
    return quantile(values, 0.5)


def command(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def machine(engine, quick):
    commit = command("git", "rev-parse", "--short", "HEAD")
    if commit and command("git", "status", "--porcelain", "--untracked-files=no"):
        commit += " with changes"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"machine": platform.machine(), "processor": processor(), "processors": os.cpu_count(),
            "memory_gib": round(memory / 2**30, 1), "kernel": platform.release(), "commit": commit,
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "quick": quick, **engine}


def order(samples):
    """(figure, subjects) in the order of the tables in figures.py."""
    growing = [stem % size for _, stem, sizes in figures.GROWTH for size in sizes]
    for figure in [*figures.FIGURES, *growing]:
        found = [subject for subject in figures.SUBJECTS if (figure, subject) in samples]
        if found:
            yield figure, found


def write(prefix, facts, samples):
    with open(prefix + ".jsonl", "w") as log:
        log.write(json.dumps(facts) + "\n")
        for figure, subjects in order(samples):
            for subject in subjects:
                values = samples[figure, subject]
                log.write(json.dumps({
                    "figure": figure, "subject": subject, "unit": figures.unit_of(figure),
                    "p50": round(median(values), 2), "p99": round(quantile(values, 0.99), 2),
                    "n": len(values)}) + "\n")
    with open(prefix + "-samples.json", "w") as file:
        kept = {}
        for (figure, subject), values in samples.items():
            step = max(1, len(values) // KEPT)
            kept.setdefault(figure, {})[subject] = [round(value, 2) for value in values[::step]]
        json.dump({"machine": facts, "samples": kept}, file)


def human(value, unit):
    if unit == "1/s":
        return "{:,.0f} /s".format(value)
    steps = (("KiB", 1), ("MiB", 1024), ("GiB", 1024**2)) if unit == "KiB" else (
        ("us", 1), ("ms", 1e3), ("s", 1e6))
    name, size = [step for step in steps if abs(value) >= step[1] or step is steps[0]][-1]
    number = value / size
    return "%.*f %s" % (0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2, number, name)


def ratio(value, base):
    number = value / base
    return "%.3g" % number if number < 100 else "{:,.0f}".format(number)


def beside(figure, subject, samples):
    """How a median stands: clutch's beside the figure's reference, all others beside clutch's."""
    plain = figure.replace("_pooled", "").replace("create_from_point", "create")
    reference = figures.FIGURES[figure][1]
    if subject == "clutch":
        other = next((samples[name, reference] for name in (figure, plain, "create")
                      if (name, reference) in samples), None) if reference else None
        own = median(samples[figure, subject])
        return "%s x %s" % (ratio(own, median(other)), reference) if other else ""
    own = figures.subject_of(figure)
    if subject == own or (figure, own) not in samples:
        return ""
    return "%s x %s" % (ratio(median(samples[figure, subject]), median(samples[figure, own])), own)


def show(facts, samples):
    print("%(processors)d x %(processor)s, %(memory_gib)s GiB, kernel %(kernel)s" % facts)
    print("Python %(python)s, pandas %(pandas)s, clutch %(clutch)s (%(commit)s), template "
          "%(template_anonymous_kib)d KiB anonymous" % facts)
    print("spread: half of all values lie within so much of the median; "
          "p99 of fewer than 100 values is their largest\n")
    print("%-40s %-11s %10s %10s %8s %6s" % ("", "", "median", "p99", "spread", "n"))
    for figure, subjects in order(samples):
        if figure not in figures.FIGURES:
            continue
        unit = figures.unit_of(figure)
        for place, subject in enumerate(subjects):
            values = samples[figure, subject]
            middle = median(values)
            spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / middle if middle else 0
            print("%-40s %-11s %10s %10s %7.0f%% %6d   %s" % (
                figures.FIGURES[figure][0] if place == 0 else "", subject, human(middle, unit),
                human(quantile(values, 0.99), unit), 100 * abs(spread), len(values),
                beside(figure, subject, samples)))
    show_growth(samples)
    show_budgets(samples)
    for subject, why in facts.get("left_out", {}).items():
        print("left out: %s: %s" % (subject, why))
    print("%d rounds, %d s in all" % (facts["rounds"], facts["seconds"]))


def show_growth(samples):
    """Medians, with a column for each size."""
    for title, stem, sizes in figures.GROWTH:
        sizes = [size for size in sizes if any(stem % size == figure for figure, _ in samples)]
        if sizes:
            print("\n%-40s %-11s" % (title, "") + "".join("%11s" % "{:,}".format(size) for size in sizes))
        for subject in figures.SUBJECTS:
            row = [samples.get((stem % size, subject)) for size in sizes]
            if any(row):
                unit = figures.unit_of(stem)
                print("%-40s %-11s" % ("", subject) + "".join(
                    "%11s" % (human(median(values), unit) if values else "") for values in row))


def show_budgets(samples):
    print("\n%-50s %10s %10s" % ("budget", "at most", "now"))
    for what, figure, limit, other, subject in figures.BUDGETS:
        own = figures.subject_of(figure)
        if (figure, own) not in samples or (other and (other, subject) not in samples):
            print("%-50s %10.4g %10s" % (what, abs(limit), "not here"))
            continue
        value = median(samples[figure, own])
        if other:
            value /= median(samples[other, subject])
        met = value <= limit if limit > 0 else value >= -limit
        print("%-50s %10.4g %10.4g   %s" % (what, abs(limit), value, "met" if met else "NOT MET"))
