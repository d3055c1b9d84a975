# SPDX-License-Identifier: Apache-2.0
"""What is measured: the subjects, the tasks that they take turns at, and how figures are read."""

from dataclasses import dataclass

# In the order in which they take turns and are shown.
SUBJECTS = ("clutch", "unconfined", "hashing", "fork", "pingpong", "disk", "inprocess", "forkserver",
            "python", "bubblewrap", "jupyter", "http", "jupyter_server")
PEERS = ("forkserver", "python", "bubblewrap", "jupyter")


@dataclass
class Task:
    """One thing that a subject is asked to do; it may yield several figures."""

    name: str
    subjects: tuple
    seconds: float = 0.5  # for one turn; the count follows from what the turns before took
    most: int = 10000     # the highest count of one turn
    count: int = 0        # a count that is given and not found
    rounds: int = 10      # in how many of the rounds it is done
    quick: int = 2        # the same for a quick run


ALL = ("inprocess",) + PEERS
TASKS = (
    Task("create", ("clutch", "unconfined", "fork") + PEERS),
    Task("first_dataframe", ("clutch", "unconfined") + PEERS),
    Task("create_pooled", ("clutch",)),
    Task("first_dataframe_pooled", ("clutch",)),
    Task("create_from_point", ("clutch",), 0.2),
    Task("execute_warm", ("clutch", "unconfined", "pingpong") + ALL, 0.2),
    Task("print_1", ("clutch",) + ALL, 0.1),
    Task("print_10000", ("clutch",) + ALL, 0.2),
    Task("output_1mib", ("clutch",) + ALL, 0.2),
    Task("groupby_1m", ("clutch",) + ALL, 0.3),
    Task("list_100_dataframes", ("clutch",) + ALL, 0.3),
    Task("interrupt", ("clutch",) + ALL, 0.2),
    Task("pause", ("clutch",), 0.1),
    Task("executions_per_s", ("clutch", "pingpong") + ALL, count=500, rounds=5),
    Task("http_execute_warm", ("http", "jupyter_server"), 0.3),
    Task("http_print_1", ("http", "jupyter_server"), 0.1),
    Task("http_create", ("http",), 0.5),
    Task("http_executions_per_s", ("http", "jupyter_server"), count=500, rounds=5),
    Task("memory", ("clutch", "unconfined", "fork") + PEERS, 2.5, 10, rounds=3, quick=1),
    Task("untouched_1gb", ("clutch", "hashing"), count=20, rounds=1, quick=1),
    Task("copies_10mb", ("clutch", "fork", "python", "jupyter"), 0.8, 10, rounds=5, quick=1),
    Task("copies_100mb", ("clutch", "fork", "python", "jupyter"), 1.0, 10, rounds=4, quick=1),
    Task("copies_1gb", ("clutch", "fork", "python", "jupyter"), 2.5, 5, rounds=3, quick=1),
    Task("stop_1gb", ("clutch", "disk"), count=1, rounds=3, quick=0),
    Task("template", ("clutch", "fork"), count=20, rounds=2, quick=1),
    Task("burst_100", ("clutch", "fork") + PEERS, count=1, rounds=5, quick=1),
    Task("burst_100_pooled", ("clutch",), count=1, rounds=5, quick=1),
    Task("live_1000", ("clutch", "fork", "forkserver", "python", "bubblewrap"), count=1, rounds=2, quick=1),
    Task("growth", ("clutch", "fork") + PEERS, rounds=1, quick=1, count=2000),
    Task("busy", ("clutch", "fork"), rounds=1, quick=1, count=2000),
)

# What would need more memory or time than there is: how often, or how many at most, for whom.
ROUNDS_OF = {("burst_100", "jupyter"): 1, ("burst_100", "bubblewrap"): 2, ("burst_100", "python"): 2,
             ("live_1000", "forkserver"): 1, ("live_1000", "python"): 1, ("live_1000", "bubblewrap"): 1}
NOT_QUICK = {("burst_100", "jupyter"), ("burst_100", "bubblewrap"), ("burst_100", "python"),
             ("live_1000", "forkserver"),
             ("live_1000", "python"), ("live_1000", "bubblewrap"), ("growth", "jupyter"),
             ("growth", "python"), ("growth", "bubblewrap"), ("copies_1gb", "python"),
             ("copies_1gb", "jupyter"), ("copies_100mb", "jupyter")}
COUNT_OF = {("growth", "forkserver"): 100, ("growth", "python"): 100, ("growth", "bubblewrap"): 100,
            ("growth", "jupyter"): 10}
QUICK_COUNT_OF = {"growth": 100, "busy": 100, "executions_per_s": 300, "http_executions_per_s": 300,
                  "template": 5, "untouched_1gb": 5}

# figure: (title, what clutch's median stands beside)
FIGURES = {
    "create": ("create a sandbox", "fork"),
    "create_pooled": ("create from the pool", "fork"),
    "create_from_point": ("create from a starting point", "fork"),
    "first_dataframe": ("create to first DataFrame result", "fork"),
    "first_dataframe_pooled": ("the same from the pool", "fork"),
    "execute_warm": ("x = 1 in a warm sandbox", "pingpong"),
    "print_1": ("print one line", "inprocess"),
    "print_10000": ("print 10,000 lines", "inprocess"),
    "output_1mib": ("print 1 MiB", "inprocess"),
    "groupby_1m": ("groupby over 1 M rows", "inprocess"),
    "list_100_dataframes": ("list 100 DataFrames", "inprocess"),
    "interrupt": ("interrupt a loop", "inprocess"),
    "pause": ("pause", None),
    "resume": ("resume", None),
    "executions_per_s": ("executions, all processors", "pingpong"),
    "http_execute_warm": ("x = 1 over HTTP", None),
    "http_more": ("the same, more than the library's call", None),
    "http_print_1": ("print one line over HTTP", None),
    "http_create": ("create from the pool over HTTP", None),
    "http_executions_per_s": ("executions over 32 connections", None),
    "idle_private_kib": ("private memory, idle", "fork"),
    "used_private_kib": ("private memory after a groupby", "forkserver"),
    "untouched_1gb": ("x = 1 beside an untouched 1 GB", "hashing"),
    "clone_10mb": ("clone a session of 10 MB", "fork"),
    "clone_100mb": ("clone a session of 100 MB", "fork"),
    "clone_1gb": ("clone a session of 1 GB", "fork"),
    "checkpoint_10mb": ("x = 1 with a checkpoint of 10 MB", "python"),
    "checkpoint_100mb": ("x = 1 with a checkpoint of 100 MB", "python"),
    "checkpoint_1gb": ("x = 1 with a checkpoint of 1 GB", "python"),
    "roll_back_10mb": ("roll back 10 MB", "python"),
    "roll_back_100mb": ("roll back 100 MB", "python"),
    "roll_back_1gb": ("roll back 1 GB", "python"),
    "stop_1gb": ("stop a session of 1 GB", "disk"),
    "start_1gb": ("start a session of 1 GB", "disk"),
    "burst_100": ("100 creates at once", "fork"),
    "burst_100_pooled": ("the same with a pool", "fork"),
    "live_1000": ("1,000 live, each answered", "fork"),
    "create_busy": ("create among many, all processors busy", "fork"),
    "execute_busy": ("x = 1 among many, all processors busy", "fork"),
}
# What is measured at several sizes: (title, figure, sizes)
LIVE = (1, 10, 100, 1000, 2000, 5000)
GROWTH = (
    ("create beside so many live", "create_at_%d", LIVE),
    ("x = 1 in one of so many live", "execute_at_%d", LIVE),
    ("private memory of each of so many", "private_kib_at_%d", LIVE),
    ("private memory of the host", "host_private_kib_at_%d", LIVE),
    ("create, template larger by so many MB", "create_template_%d", (50, 200, 1000)),
)

# What DESIGN asks: (what, figure, at most, of which subject's median; None: an absolute figure). A higher
# executions_per_s is better, so it has a floor: a negative number.
BUDGETS = (
    ("create without a pool, of a bare fork", "create", 1.5, "create", "fork"),
    ("create from the pool, us", "create_pooled", 100, None, None),
    ("first DataFrame, pool, us", "first_dataframe_pooled", 3000, None, None),
    ("first DataFrame, pool, of a Jupyter kernel's", "first_dataframe_pooled", 1 / 400, "first_dataframe",
     "jupyter"),
    ("first DataFrame, no pool, us", "first_dataframe", 8000, None, None),
    ("first DataFrame, no pool, of a Jupyter kernel's", "first_dataframe", 1 / 150, "first_dataframe",
     "jupyter"),
    ("warm execution, us", "execute_warm", 25, None, None),
    ("warm execution, of a ping-pong", "execute_warm", 3, "execute_warm", "pingpong"),
    ("private memory of an idle sandbox, KiB", "idle_private_kib", 1024, None, None),
    ("clone of 10 MB, of a bare fork", "clone_10mb", 1.5, "clone_10mb", "fork"),
    ("clone of 100 MB, of a bare fork", "clone_100mb", 1.5, "clone_100mb", "fork"),
    ("clone of 1 GB, us", "clone_1gb", 10000, None, None),
    ("x = 1 with a checkpoint of 10 MB, of a bare fork", "checkpoint_10mb", 1.5, "clone_10mb", "fork"),
    ("x = 1 with a checkpoint of 100 MB, of a bare fork", "checkpoint_100mb", 1.5, "clone_100mb", "fork"),
    ("roll back 1 GB, us", "roll_back_1gb", 5000, None, None),
    ("create from a starting point, of a create", "create_from_point", 1, "create", "clutch"),
    ("pause, us", "pause", 1000, None, None),
    ("list 100 DataFrames, us", "list_100_dataframes", 1000, None, None),
    ("interrupt, us", "interrupt", 20000, None, None),
    ("executions a second on all processors", "executions_per_s", -50000, None, None),
    ("execution over HTTP, more than the call, us", "http_more", 150, None, None),
    ("create from the pool over HTTP, us", "http_create", 1000, None, None),
    ("executions a second over 32 connections", "http_executions_per_s", -5000, None, None),
)


def subject_of(figure):
    """The one of ours that a figure is about, beside which the others stand."""
    return "http" if figure.startswith("http_") else "clutch"


def unit_of(figure):
    return "1/s" if figure.endswith("executions_per_s") else "KiB" if "_kib" in figure else "us"
