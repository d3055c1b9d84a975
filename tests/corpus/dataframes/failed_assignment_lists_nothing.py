import numpy as np
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
# dataframes: [["df", 3, 2]]
# ---
df["c"] = [1, 2]
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: []
# ---
df.loc[0, ["a", "missing"]]
# outcome: "exception"
# error_contains: "KeyError"
# dataframes: []
# ---
df.columns = ["only one"]
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: []
# ---
df.index = [1, 2]
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: []
# ---
df.drop(columns="missing", inplace=True)
# outcome: "exception"
# error_contains: "KeyError"
# dataframes: []
# ---
df.insert(0, "a", 5)
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: []
# ---
df["a"] = df["b"].astype(int)
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: []
# ---
df.iloc[10, 0] = 5
# outcome: "exception"
# error_contains: "IndexError"
# dataframes: []
# ---
df.index[0] = 7
# outcome: "exception"
# error_contains: "TypeError"
# dataframes: []
# ---
df.rename(columns={"missing": "q"}, errors="raise", inplace=True)
# outcome: "exception"
# error_contains: "KeyError"
# dataframes: []
# ---
del df["missing"]
# outcome: "exception"
# error_contains: "KeyError"
# dataframes: []
# ---
values = df["a"].to_numpy().view()
values.flags.writeable = False
values[0] = 9
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: []
# ---
df.loc[0, "a"] = undefined
# outcome: "exception"
# error_contains: "NameError"
# dataframes: []
# ---
# But the part that was done before the failure is.
df.loc[0, "a"] = 9
df["c"] = [1, 2]
# outcome: "exception"
# error_contains: "ValueError"
# dataframes: [["df", 3, 2]]
