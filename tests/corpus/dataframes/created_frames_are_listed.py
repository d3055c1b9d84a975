import numpy as np
import pandas as pd
# dataframes: []
# ---
df = pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})
# dataframes: [["df", 3, 2]]
# ---
# Two names for one frame are two rows, in the order of the globals.
z = pd.DataFrame(np.zeros((4, 1)))
y = z
# dataframes: [["z", 4, 1], ["y", 4, 1]]
# ---
empty = pd.DataFrame()
no_rows = pd.DataFrame({"a": [], "b": []})
no_columns = pd.DataFrame(index=range(5))
# dataframes: [["empty", 0, 0], ["no_rows", 0, 2], ["no_columns", 5, 0]]
# ---
# One underscore is a name like others, two are not; what is no frame is not listed.
_one = df.copy()
__two = df.copy()
__three__ = df.copy()
series = df["a"].copy()
index = df.index
held = [df.copy()]
kind = pd.DataFrame
globals()[5] = df.copy()
globals()[("a", "b")] = df.copy()
# dataframes: [["_one", 3, 2]]
# ---
class Frame(pd.DataFrame):
    pass

sub = Frame({"x": [1]})
# dataframes: [["sub", 1, 1]]
# ---
for n in range(3):
    globals()["made_%d" % n] = pd.DataFrame({"v": range(n)})
del n
# dataframes: [["made_0", 0, 1], ["made_1", 1, 1], ["made_2", 2, 1]]
# ---
def make():
    global inner
    inner = pd.DataFrame({"v": [1, 2]})
    local = inner.copy()
    return None

make()
exec("by_exec = pd.DataFrame({'q': [1]})")
# dataframes: [["inner", 2, 1], ["by_exec", 1, 1]]
# ---
import threading
def work():
    globals()["by_thread"] = pd.DataFrame({"t": [1, 2, 3]})
thread = threading.Thread(target=work)
thread.start()
thread.join()
# dataframes: [["by_thread", 3, 1]]
# ---
# What came before the exception counts.
before = pd.DataFrame({"a": [1]})
1 / 0
after = pd.DataFrame({"a": [1]})
# outcome: "exception"
# error: "executing Python code: ZeroDivisionError('division by zero')"
# dataframes: [["before", 1, 1]]
# ---
gone = pd.DataFrame({"a": [1]})
del gone
# dataframes: []
# ---
größe = pd.DataFrame({"ä": [1, 2]})
# dataframes: [["größe", 2, 1]]
