import threading
import pandas as pd
df = pd.DataFrame({"a": [3, 1, 2]})
alias = df
bystander = df.copy()
box = {"frame": df}
# dataframes: [["df", 3, 1], ["alias", 3, 1], ["bystander", 3, 1]]
# ---
# One frame, two names: both show the change.
alias.loc[0, "a"] = 10
# dataframes: [["df", 3, 1], ["alias", 3, 1]]
# ---
box["frame"]["b"] = 1
# dataframes: [["df", 3, 2], ["alias", 3, 2]]
# ---
del alias
def change(frame):
    frame.loc[1, "b"] = 7
change(df)
# dataframes: [["df", 3, 2]]
# ---
def closure():
    def inner():
        df["c"] = "text"
    return inner
closure()()
# dataframes: [["df", 3, 3]]
# ---
class Holder:
    def __init__(self, frame):
        self.frame = frame
    def sort(self):
        self.frame.sort_values("a", inplace=True)
holder = Holder(df)
# dataframes: []
# ---
holder.sort()
# dataframes: [["df", 3, 3]]
# ---
thread = threading.Thread(target=lambda: df.drop(columns="c", inplace=True))
thread.start()
thread.join()
# dataframes: [["df", 3, 2]]
# ---
import ctypes, gc
found = [o for o in gc.get_objects() if type(o) is pd.DataFrame and o is df][0]
found.iloc[0, 0] = -5
del found
# dataframes: [["df", 3, 2]]
# ---
# A change made while the name meant something else shows when it means the frame again.
kept, df = df, None
# dataframes: [["kept", 3, 2]]
# ---
kept["z"] = 1
df = kept
# dataframes: [["df", 3, 3], ["kept", 3, 3]]
# ---
try:
    df["late"] = 1
    raise ValueError("after the change")
except ValueError:
    pass
# dataframes: [["df", 3, 4], ["kept", 3, 4]]
# ---
# Undone within the same execution: as it was.
df["temporary"] = 1
del df["temporary"]
value = df.loc[0, "a"]
df.loc[0, "a"] = 99
df.loc[0, "a"] = value
# dataframes: []
