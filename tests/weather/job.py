# SPDX-License-Identifier: Apache-2.0
"""Runs the main job with the clutch command, shows what it prints, and checks it.

    job.py CLUTCH WORKDIR [OPTION...]    options go to `clutch run`

The sixth execution fails on purpose, so the command must end with status 1.
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

HERE = pathlib.Path(os.path.relpath(os.path.dirname(__file__)))
FRAMES = {"weather", "yearly", "monthly", "seasons", "rain", "average", "snow_days"}
MISTAKE = "executing Python code: KeyError('snowfall')"
PNG = b"\x89PNG\r\n\x1a\n"


def run(clutch, workdir, options):
    """Runs the scripts in one sandbox; shows each line and returns all of them and the status."""
    workdir.mkdir(parents=True, exist_ok=True)
    for chart in workdir.glob("figure-*.png"):
        chart.unlink()  # of an earlier run
    shutil.copy(HERE / "seattle-weather.csv", workdir)
    command = [clutch, "run", "--json", "--status", "--keep-going", "--preload", "matplotlib"]
    command += ["--workdir", str(workdir), *options, *map(str, sorted(HERE.glob("[0-9]*.py")))]
    print("$", shlex.join(command), flush=True)
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(json.loads(line))
    return lines, process.returncode


def check(name, holds, seen):
    if not holds:
        sys.exit(f"clutch: the main job went wrong: {name}; seen: {seen}")


def main(clutch, workdir, *options):
    workdir = pathlib.Path(workdir)
    lines, status = run(clutch, workdir, options)
    if status > 1:
        sys.exit(status)  # the command has said why
    check("status 1, for the mistake", status == 1, status)
    check("seven executions and the status", len(lines) == 8, len(lines))

    *replies, last = lines
    errors = [reply.get("error") for reply in replies]
    check("one error, in the sixth", errors == [None] * 5 + [MISTAKE, None], errors)
    check("no output beside an error", replies[5]["output"] is None, replies[5]["output"])
    check("the first line", replies[0]["output"][0].startswith("1461 days"), replies[0]["output"])
    check("the state is kept", "driest year: 2013" in replies[6]["output"], replies[6]["output"])

    made = [[frame["name"] for frame in reply["dataframes"] or []] for reply in replies]
    check("read makes weather, clean changes it", made[0] == made[1] == ["weather"], made)
    check("the mistake changes no frame", made[5] == [], made)
    frames = {frame["name"]: frame for frame in last["dataframes"]}
    check("the frames in the end", frames.keys() == FRAMES, sorted(frames))
    check("the size of weather", frames["weather"]["num_rows"] == 1461, frames["weather"])

    charts = [f["name"] for f in replies[4]["files"] if f["mime_type"] == "image/png"]
    check("one chart", len(charts) == 1, replies[4]["files"])
    chart = workdir / charts[0]
    check("the chart is a PNG", chart.is_file() and chart.read_bytes().startswith(PNG), chart)
    print(f"The main job is right: the deliberate mistake failed, the rest went on. Chart: {chart}")


if __name__ == "__main__":
    main(*sys.argv[1:])
