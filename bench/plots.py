# SPDX-License-Identifier: Apache-2.0
"""Draws the samples of a run: plots.py PREFIX reads PREFIX-samples.json and writes PREFIX-latency.svg,
PREFIX-growth.svg, PREFIX-sizes.svg and PREFIX-crowd.svg. Time axes are logarithmic: each grid line is ten
times the one before."""

import json
import sys

import matplotlib
import numpy

matplotlib.use("svg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator  # noqa: E402

import figures  # noqa: E402
import report  # noqa: E402

# clutch stands out; peers are cool, bare references grey.
COLOURS = {"clutch": "#d1495b", "clutch, pool": "#8c1c3a", "unconfined": "#eda2ac", "hashing": "#eda2ac",
           "fork": "#8d99ae", "pingpong": "#8d99ae", "disk": "#8d99ae", "inprocess": "#5c677d",
           "forkserver": "#2a9d8f", "python": "#3d77b8", "bubblewrap": "#7456b3", "jupyter": "#e09f3e"}
NAMES = {"fork": "bare fork", "pingpong": "ping-pong", "inprocess": "PyRun_String", "python": "python3 -c",
         "hashing": "clutch, hashing"}
INK, FAINT = "#22262e", "#e6e8ee"
LATENCIES = ("create", "first_dataframe", "execute_warm", "interrupt", "print_10000", "output_1mib",
             "groupby_1m", "list_100_dataframes")

STYLE = {
    "font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.labelcolor": INK,
    "axes.edgecolor": "#b8bdc9", "xtick.color": "#596273", "ytick.color": INK, "axes.titlesize": 10.5,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.spines.top": False,
    "axes.spines.right": False, "axes.spines.left": False, "axes.axisbelow": True, "axes.grid": True,
    "grid.color": FAINT, "grid.linewidth": 0.8, "xtick.major.size": 0, "ytick.major.size": 0,
    "legend.frameon": False, "figure.facecolor": "white", "svg.hashsalt": "clutch",
}


def name_of(subject):
    return NAMES.get(subject, subject)


def tick(unit):
    def text(value, _):
        words = report.human(value, unit).split(" ")
        return "%g %s" % (float(words[0].replace(",", "")), words[1].replace("us", "µs"))

    return FuncFormatter(text)


def label(value, unit):
    return report.human(value, unit).replace("us", "µs")


def logarithmic(axis, unit):
    """Few ticks over many decades, more over few."""
    low, high = axis.get_view_interval()
    decades = numpy.log10(high / low)
    if unit == "KiB":
        axis.set_major_locator(LogLocator(4 if decades > 1.5 else 2))
    else:
        steps = (1,) if decades > 2.2 else (1, 3) if decades > 1 else (1, 2, 5)
        axis.set_major_locator(LogLocator(10, steps))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(tick(unit))
    axis.set_minor_formatter(NullFormatter())


def leave_room(figure):
    """For the title above and the line of facts below."""
    height = figure.get_size_inches()[1]
    figure.get_layout_engine().set(rect=(0.006, 0.2 / height, 0.988, 1 - 0.6 / height), w_pad=0.13,
                                   h_pad=0.12)


def finish(figure, facts, title, path):
    height = figure.get_size_inches()[1]
    figure.text(0.012, 1 - 0.2 / height, title, va="center", fontsize=14, fontweight="bold")
    figure.text(0.012, 0.09 / height, "clutch %s (%s) · Python %s · pandas %s · kernel %s · %d × %s" % (
        facts["clutch"], facts["commit"] or "no commit", facts["python"], facts["pandas"], facts["kernel"],
        facts["processors"], facts["processor"]), fontsize=7.5, color="#7a8294")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


# ---- Distributions -------------------------------------------------------------------------------


def ridge(axes, values, height, colour):
    """How often which time was seen, as a hill on a logarithmic axis; few values are dots."""
    logs = numpy.log10(numpy.clip(values, 1e-2, None))
    if len(values) < 12:
        axes.scatter(values, numpy.full(len(values), height + 0.12), s=16, color=colour, alpha=0.75, lw=0)
        return
    width = max(0.02, 0.9 * min(logs.std(), (numpy.subtract(*numpy.percentile(logs, [75, 25])) or 1) / 1.34)
                * len(logs) ** -0.2)
    where = numpy.linspace(logs.min() - 4 * width, logs.max() + 4 * width, 160)
    density = numpy.zeros_like(where)
    for chunk in numpy.array_split(logs, max(1, len(logs) // 500)):
        density += numpy.exp(-0.5 * ((where[:, None] - chunk) / width) ** 2).sum(1)
    hill = height + 0.72 * density / density.max()
    axes.fill_between(10**where, height, hill, color=colour, alpha=0.55, lw=0)
    axes.plot(10**where, hill, color=colour, lw=0.9)


def latency_rows(samples, figure):
    """(name, colour, values) from the bottom up: the slowest lowest."""
    rows = [(name_of(subject), COLOURS[subject], values) for subject, values in samples[figure].items()
            if subject != "unconfined"]
    if figure + "_pooled" in samples:
        rows.append(("clutch, pool", COLOURS["clutch, pool"], samples[figure + "_pooled"]["clutch"]))
    return sorted(rows, key=lambda row: -report.median(row[2]))


def latency_panel(axes, samples, figure):
    rows = latency_rows(samples, figure)
    for height, (name, colour, values) in enumerate(rows):
        middle = report.median(values)
        ridge(axes, numpy.asarray(values), height, colour)
        axes.plot([middle, middle], [height, height + 0.3], color=INK, lw=1.2)
        axes.annotate(label(middle, "us"), (1.005, height + 0.22), xycoords=("axes fraction", "data"),
                      fontsize=8.5, va="center", color=colour if "clutch" in name else INK,
                      fontweight="bold" if "clutch" in name else "normal")
    axes.set_xscale("log")
    axes.set_yticks([height + 0.22 for height in range(len(rows))], [name for name, _, _ in rows])
    for text in axes.get_yticklabels():
        text.set_fontweight("bold" if "clutch" in text.get_text() else "normal")
    axes.grid(axis="y", visible=False)
    axes.set_ylim(-0.15, len(rows))
    low = min(numpy.percentile(values, 0.5) for _, _, values in rows)
    high = max(numpy.percentile(values, 99.5) for _, _, values in rows)
    axes.set_xlim(low / 1.8, high * 1.8)
    logarithmic(axes.xaxis, "us")
    axes.set_title(figures.FIGURES[figure][0])


def draw_latency(prefix, facts, samples):
    wanted = [figure for figure in LATENCIES if figure in samples]
    if not wanted:
        return
    rows = (len(wanted) + 1) // 2
    sheet, grid = pyplot.subplots(rows, 2, figsize=(13, 2.75 * rows + 0.6), squeeze=False,
                                  layout="constrained")
    leave_room(sheet)
    for axes, figure in zip(grid.flat, wanted):
        latency_panel(axes, samples, figure)
    for axes in grid.flat[len(wanted):]:
        axes.set_visible(False)
    finish(sheet, facts, "How long it takes: each hill is one subject's distribution, the line its median",
           prefix + "-latency.svg")


# ---- Growth --------------------------------------------------------------------------------------


def lines(axes, samples, stem, sizes, unit, subjects=figures.SUBJECTS):
    """Medians over sizes, with a band up to p99; each line is named at its end."""
    ends = []
    sizes = [size for size in sizes if stem % size in samples]
    for subject in subjects:
        points = [(size, samples[stem % size][subject]) for size in sizes
                  if subject in samples.get(stem % size, {})]
        if not points:
            continue
        where = [size for size, _ in points]
        middle = [report.median(values) for _, values in points]
        own = subject == "clutch"
        axes.fill_between(where, middle, [report.quantile(values, 0.99) for _, values in points],
                          color=COLOURS[subject], alpha=0.14 if own else 0.06, lw=0)
        axes.plot(where, middle, color=COLOURS[subject], lw=2.4 if own else 1.4, marker="o",
                  ms=4.5 if own else 3, zorder=3 if own else 2)
        ends.append([middle[-1], where[-1], subject])
    axes.set_xscale("log")
    axes.set_yscale("log")
    logarithmic(axes.yaxis, unit)
    axes.set_xticks(sizes, ["%dk" % (size // 1000) if size >= 1000 else str(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(min(sizes) / 1.25, max(sizes) * 1.25)
    name_ends(axes, ends, unit)


def name_ends(axes, ends, unit):
    """Writes the lines' names beside the plot, pushed apart where they would overlap."""
    low, high = (numpy.log10(limit) for limit in axes.get_ylim())
    taken = -1.0
    for value, where, subject in sorted(ends):
        height = max((numpy.log10(max(value, 1e-3)) - low) / (high - low), taken + 0.062)
        taken = height
        axes.annotate("%s  %s" % (name_of(subject), label(value, unit)), (1.015, height),
                      xycoords="axes fraction", va="center", fontsize=8.5, color=COLOURS[subject],
                      fontweight="bold" if subject == "clutch" else "normal")


def draw_lines(prefix, facts, samples, suffix, title, panels):
    """panels: (title, name of the x axis, figure with %d for the size, sizes, unit)"""
    panels = [panel for panel in panels if any(panel[2] % size in samples for size in panel[3])]
    if not panels:
        return
    columns = 2 if len(panels) in (2, 4) else min(3, len(panels))
    rows = -(-len(panels) // columns)
    width = 13 if columns == 2 else 5.2 * columns
    sheet, grid = pyplot.subplots(rows, columns, figsize=(width, 3.9 * rows + 0.7), squeeze=False,
                                  layout="constrained")
    leave_room(sheet)
    for axes, (heading, below, stem, sizes, unit) in zip(grid.flat, panels):
        lines(axes, samples, stem, sizes, unit)
        axes.set_title(heading)
        axes.set_xlabel(below)
    finish(sheet, facts, title, prefix + suffix)


def draw_growth(prefix, facts, samples):
    draw_lines(prefix, facts, samples, "-growth.svg", "How cost grows: medians, with a band up to p99", [
        ("create one more", "live sandboxes", "create_at_%d", figures.LIVE, "us"),
        ("x = 1 in one of them", "live sandboxes", "execute_at_%d", figures.LIVE, "us"),
        ("private memory of each", "live sandboxes", "private_kib_at_%d", figures.LIVE, "KiB"),
        ("create with a larger template", "MB more than Python and pandas", "create_template_%d",
         (50, 200, 1000), "us")])


def draw_sizes(prefix, facts, samples):
    sizes = (10, 100, 1000)
    renamed = {figure.replace("1gb", "1000mb"): found for figure, found in samples.items()}
    draw_lines(prefix, facts, renamed, "-sizes.svg", "Copying and undoing a session, by its size", [
        (title, "MB in a DataFrame", figure + "_%dmb", sizes, "us")
        for figure, title in (("clone", "clone"), ("checkpoint", "checkpoint before an execution"),
                              ("roll_back", "roll back"))])


# ---- Single values -------------------------------------------------------------------------------


def dots(axes, found, unit):
    rows = sorted(((report.median(values), subject) for subject, values in found.items()),
                  reverse=unit != "1/s")
    least = min(value for value, _ in rows) / 2.5
    for height, (value, subject) in enumerate(rows):
        own = subject == "clutch"
        axes.plot([least, value], [height, height], color=COLOURS[subject], lw=4 if own else 2.4, alpha=0.85,
                  solid_capstyle="round")
        axes.plot([value], [height], "o", color=COLOURS[subject], ms=9 if own else 7)
        axes.annotate(label(value, unit), (1.005, height), xycoords=("axes fraction", "data"), fontsize=8.5,
                      va="center", fontweight="bold" if own else "normal")
    axes.set_xscale("log")
    axes.set_xlim(least, max(value for value, _ in rows) * 1.6)
    logarithmic(axes.xaxis, unit)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks(range(len(rows)), [name_of(subject) for _, subject in rows])
    for text in axes.get_yticklabels():
        text.set_fontweight("bold" if text.get_text() == "clutch" else "normal")
    axes.grid(axis="y", visible=False)


def draw_crowd(prefix, facts, samples):
    wanted = [figure for figure in ("idle_private_kib", "used_private_kib", "burst_100", "live_1000",
                                    "executions_per_s", "clone_1gb") if figure in samples]
    if not wanted:
        return
    rows = (len(wanted) + 1) // 2
    sheet, grid = pyplot.subplots(rows, 2, figsize=(13, 2.4 * rows + 0.6), squeeze=False,
                                  layout="constrained")
    leave_room(sheet)
    for axes, figure in zip(grid.flat, wanted):
        dots(axes, samples[figure], figures.unit_of(figure))
        axes.set_title(figures.FIGURES[figure][0])
    for axes in grid.flat[len(wanted):]:
        axes.set_visible(False)
    finish(sheet, facts, "Memory and many at once: medians", prefix + "-crowd.svg")


def draw(prefix):
    with open(prefix + "-samples.json") as file:
        kept = json.load(file)
    with pyplot.rc_context(STYLE):
        for part in (draw_latency, draw_growth, draw_sizes, draw_crowd):
            part(prefix, kept["machine"], kept["samples"])


if __name__ == "__main__":
    draw(sys.argv[1])
