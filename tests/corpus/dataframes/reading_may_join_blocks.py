# Columns added one by one lie in blocks of their own; some reads make pandas join them.
import numpy as np
import pandas as pd
df = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
for name in "bcdef":
    df[name] = [4.0, 5.0, 6.0]
df["s"] = ["x", "y", "z"]
df["n"] = [1, 2, 3]
df["m"] = [4, 5, 6]
blocks = len(df._mgr.blocks)
# dataframes: [["df", 3, 9]]
# ---
held = [df.values, df.describe(), df.to_numpy(), df.sum(numeric_only=True), df.isna().any()]
# dataframes: []
# ---
held = [df.quantile(0.5, numeric_only=True), df.rank(numeric_only=True), df.iloc[0], df.T]
# dataframes: []
# ---
held = None
df._consolidate_inplace()
print(len(df._mgr.blocks) < blocks)
# output: ["True"]
# dataframes: []
# ---
df.loc[1, "d"] = -1.0
# dataframes: [["df", 3, 9]]
# ---
df["late"] = 1.0
# dataframes: [["df", 3, 10]]
# ---
df._consolidate_inplace()
df.loc[0, "late"] = 2.0
# dataframes: [["df", 3, 10]]
# ---
# The same with arrays of megabytes, of which the first lies the other way round in memory.
big = pd.DataFrame(np.arange(600000.0).reshape(300000, 2), columns=["a", "b"], copy=False)
big["c"] = np.arange(300000.0)
big["d"] = np.arange(300000.0)
# dataframes: [["big", 300000, 4]]
# ---
big.describe()
big.values.sum()
# dataframes: []
# ---
big._consolidate_inplace()
print(len(big._mgr.blocks))
# output: ["1"]
# dataframes: []
# ---
big.iloc[299999, 3] = -1.0
# dataframes: [["big", 300000, 4]]
# ---
# And one bigger than what is read twice only when it has to be.
huge = pd.DataFrame(np.zeros((1500000, 1)), columns=["a"])
huge["b"] = 1.0
# dataframes: [["huge", 1500000, 2]]
# ---
huge._consolidate_inplace()
# dataframes: []
