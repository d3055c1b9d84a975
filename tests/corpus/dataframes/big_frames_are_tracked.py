# Arrays of megabytes: only what was written is looked at again.
import numpy as np
import pandas as pd
rows = 400000
rng = np.random.default_rng(1)
df = pd.DataFrame({"a": rng.random(rows), "b": rng.random(rows), "i": np.arange(rows)})
turned = pd.DataFrame(rng.random((rows, 4)))
untouched = pd.DataFrame(rng.random((rows, 4)), index=np.arange(rows) * 2)
# dataframes: [["df", 400000, 3], ["turned", 400000, 4], ["untouched", 400000, 4]]
# ---
x = 1
# dataframes: []
# ---
held = [df.sum(), turned.mean(), df.sort_values("a"), df.groupby(df["i"] % 7).sum(), df.describe(),
        turned.corr(), df.merge(df, on="i"), untouched.loc[100]]
del held
# dataframes: []
# ---
df.loc[200000, "a"] = 5.0
# dataframes: [["df", 400000, 3]]
# ---
df.iloc[0, 0] = 5.0
# dataframes: [["df", 400000, 3]]
# ---
df.iloc[-1, 2] = 5
# dataframes: [["df", 400000, 3]]
# ---
turned.iat[399999, 3] = 5.0
# dataframes: [["turned", 400000, 4]]
# ---
turned[2] = turned[2] + 1
# dataframes: [["turned", 400000, 4]]
# ---
df["c"] = 1.0
# dataframes: [["df", 400000, 4]]
# ---
df.sort_values("a", inplace=True)
# dataframes: [["df", 400000, 4]]
# ---
df.drop(columns="c", inplace=True)
# dataframes: [["df", 400000, 3]]
# ---
df *= 2
# dataframes: [["df", 400000, 3]]
# ---
# A copy of part is independent of the rest.
part = df.iloc[:100000].copy()
# dataframes: [["part", 100000, 3]]
# ---
df.iloc[399999, 0] = -1.0
# dataframes: [["df", 400000, 3]]
# ---
part.iloc[50000, 0] = -1.0
# dataframes: [["part", 100000, 3]]
# ---
del df, part
df = pd.DataFrame({"a": rng.random(rows), "b": rng.random(rows), "i": np.arange(rows)})
# dataframes: [["df", 400000, 3]]
# ---
for i in range(5):
    df["a"] = rng.random(rows)
# dataframes: [["df", 400000, 3]]
# ---
untouched.index.values.flags.writeable
x = untouched.index.get_loc(100)
# dataframes: []
# ---
untouched.index = untouched.index + 1
# dataframes: [["untouched", 400000, 4]]
# ---
del df, turned, untouched
y = np.zeros((rows, 4))
# dataframes: []
# ---
shared = np.zeros((rows, 2))
one = pd.DataFrame(shared, copy=False)
two = pd.DataFrame(shared, copy=False)
# dataframes: [["one", 400000, 2], ["two", 400000, 2]]
# ---
# One memory, two frames.
shared[300000, 1] = 1.0
# dataframes: [["one", 400000, 2], ["two", 400000, 2]]
# ---
shared[300000, 1] += 0
# dataframes: []
