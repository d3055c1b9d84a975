# SPDX-License-Identifier: Apache-2.0
"""A backend of matplotlib that keeps what was shown, as data and as a picture.

It is compiled in a sandbox when its first name is wanted, and stands in for the engine's own, clutch_figures.
"""

import base64
import io
import json
import math

from matplotlib.axes import Axes
from matplotlib.backends import backend_agg
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.patches import Wedge

MOST = 64  # figures
VALUES = 250_000  # that the server reads of all of them together, and some to spare

FigureCanvas = backend_agg.FigureCanvasAgg
charts = []


def plain(value):
    """A number or a text for JSON."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def label_of(artist):
    """Labels that nobody has given begin with an underscore."""
    label = str(artist.get_label())
    return "" if label.startswith("_") else label


def points(pairs):
    return [[plain(x), plain(y)] for x, y in pairs]


def lines(axes):
    return [{"label": label_of(line), "points": points(zip(*line.get_data(orig=True)))}
            for line in axes.get_lines()]


def scatters(axes):
    return [{"label": label_of(each), "points": points(each.get_offsets())}
            for each in axes.collections if isinstance(each, PathCollection)]


def tick_labels(axis):
    """By position: ticks that a bar chart of names has set."""
    return {plain(at): label.get_text() for at, label in zip(axis.get_ticklocs(), axis.get_ticklabels())}


def bars(axes):
    found = []
    for group in (each for each in axes.containers if isinstance(each, BarContainer)):
        upright = getattr(group, "orientation", "vertical") != "horizontal"
        names = tick_labels(axes.xaxis if upright else axes.yaxis)
        for bar in group:
            middle = bar.get_x() + bar.get_width() / 2 if upright else bar.get_y() + bar.get_height() / 2
            found.append({"label": names.get(plain(middle), str(plain(middle))),
                          "group": label_of(group),
                          "value": plain(bar.get_height() if upright else bar.get_width())})
    return found


def wedges(axes):
    return [{"label": label_of(each), "angle": plain(abs(each.theta2 - each.theta1)),
             "radius": plain(each.r)} for each in axes.patches if isinstance(each, Wedge)]


def boxes(axes):
    return [{"label": str(each.get("label", "")), "min": plain(each["whislo"]),
             "first_quartile": plain(each["q1"]), "median": plain(each["med"]),
             "third_quartile": plain(each["q3"]), "max": plain(each["whishi"]),
             "outliers": [plain(value) for value in each.get("fliers", [])]}
            for each in getattr(axes, "_clutch_boxes", [])]


KINDS = (("pie", wedges), ("box_and_whisker", boxes), ("bar", bars), ("scatter", scatters), ("line", lines))


def chart_of(axes):
    kind, elements = next(((name, found) for name, find in KINDS if (found := find(axes))), ("unknown", []))
    chart = {"type": kind, "title": axes.get_title(), "elements": elements}
    if kind in ("bar", "scatter", "line", "box_and_whisker"):
        chart["x_label"], chart["y_label"] = axes.get_xlabel(), axes.get_ylabel()
    if kind in ("scatter", "line"):
        for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
            chart[f"{name}_ticks"] = [plain(at) for at in axis.get_ticklocs()]
            chart[f"{name}_tick_labels"] = [label.get_text() for label in axis.get_ticklabels()]
            chart[f"{name}_scale"] = axis.get_scale()
    return chart


def keep(figure):
    """Once for each time that a figure is shown."""
    if len(charts) >= MOST:
        return
    picture = io.BytesIO()
    FigureCanvas(figure).print_png(picture)  # lays the figure out, which the ticks' texts need
    axes = [chart_of(each) for each in figure.axes]
    chart = axes[0] if len(axes) == 1 else {"type": "composite_chart", "title": "", "elements": axes}
    chart["title"] = chart["title"] or getattr(figure, "get_suptitle", str)()
    chart["png"] = base64.b64encode(picture.getvalue()).decode()
    charts.append(chart)


def show(*_, **__):
    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        keep(pyplot.figure(number))
    pyplot.close("all")


show_open = show  # what the engine has Agg's show() do


def tell():
    """Also what was drawn and not shown."""
    show()
    text = json.dumps(charts, allow_nan=False)
    if sum(map(text.count, ",[{")) > VALUES:
        text = json.dumps([{**chart, "elements": []} for chart in charts], allow_nan=False)
    print(text)


def bxp(self, bxpstats, *arguments, **options):
    self._clutch_boxes = [*getattr(self, "_clutch_boxes", []), *bxpstats]
    return draw_boxes(self, bxpstats, *arguments, **options)


draw_boxes, Axes.bxp = Axes.bxp, bxp


def __getattr__(name):
    return getattr(backend_agg, name)
