import numpy as np
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0], "s": ["x", "y", "z"]})
still = df.copy()
# dataframes: [["df", 3, 3], ["still", 3, 3]]
# ---
df["new"] = 0
# dataframes: [["df", 3, 4]]
# ---
df["a"] = [7, 8, 9]
# dataframes: [["df", 3, 4]]
# ---
df["a"] = df["a"] * 2
# dataframes: [["df", 3, 4]]
# ---
df["a"] += 1
# dataframes: [["df", 3, 4]]
# ---
df.a = [0, 0, 1]
# dataframes: [["df", 3, 4]]
# ---
df.loc[0, "a"] = 100
# dataframes: [["df", 3, 4]]
# ---
df.loc[df["b"] > 1.5, "b"] = -1.0
# dataframes: [["df", 3, 4]]
# ---
df.iloc[0, 1] = 55.0
# dataframes: [["df", 3, 4]]
# ---
df.at[1, "b"] = 56.0
# dataframes: [["df", 3, 4]]
# ---
df.iat[2, 1] = 57.0
# dataframes: [["df", 3, 4]]
# ---
df.loc[1, "s"] = "changed"
# dataframes: [["df", 3, 4]]
# ---
df.loc[:, "a"] = [4, 5, 6]
# dataframes: [["df", 3, 4]]
# ---
numbers = df[["a", "b"]].copy()
# dataframes: [["numbers", 3, 2]]
# ---
numbers[numbers > 55] = 0
# dataframes: [["numbers", 3, 2]]
# ---
df[1:2] = df[0:1].values
# dataframes: [["df", 3, 4]]
# ---
df[["p", "q"]] = np.arange(6).reshape(3, 2)
# dataframes: [["df", 3, 6]]
# ---
df.insert(0, "first", "f")
# dataframes: [["df", 3, 7]]
# ---
del df["first"]
# dataframes: [["df", 3, 6]]
# ---
popped = df.pop("q")
# dataframes: [["df", 3, 5]]
# ---
df.loc[3] = [1, 2.0, "w", 5, 6]
# dataframes: [["df", 4, 5]]
# ---
df.loc[4, "a"] = 1
# dataframes: [["df", 5, 5]]
# ---
df.loc[0, "another"] = 1.0
# dataframes: [["df", 5, 6]]
# ---
df["a"], df["b"] = df["b"].copy(), df["a"].copy()
# dataframes: [["df", 5, 6]]
# ---
df.loc[0, "b"] = None
# dataframes: [["df", 5, 6]]
# ---
df = df[["s", "a"]]
# dataframes: [["df", 5, 2]]
# ---
# -0.0 equals 0.0, but it is another value.
zero = pd.DataFrame({"z": [0.0, 1.0]})
# dataframes: [["zero", 2, 1]]
# ---
zero.loc[0, "z"] = -0.0
# dataframes: [["zero", 2, 1]]
# ---
print(still.equals(pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0], "s": ["x", "y", "z"]})))
# output: ["True"]
# dataframes: []
