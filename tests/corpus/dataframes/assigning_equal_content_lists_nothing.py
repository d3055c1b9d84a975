import numpy as np
import pandas as pd
df = pd.DataFrame({"i": [1, 2], "f": [1.0, np.nan], "s": ["a", "b"], "d": pd.date_range("2020", periods=2),
                   "c": pd.Categorical(["u", "v"]), "n": pd.array([1, None], dtype="Int64")})
# dataframes: [["df", 2, 6]]
# ---
df["i"] = df["i"]
df["f"] = df["f"].copy()
df["d"] = df["d"].copy()
df["c"] = df["c"].copy()
df["n"] = df["n"].copy()
# dataframes: []
# ---
df.loc[0, "i"] = 1
df.iloc[0, 1] = 1.0
df.at[0, "s"] = df.at[0, "s"]
# dataframes: []
# ---
df["i"] = [1, 2]
# dataframes: []
# ---
df.columns = list(df.columns)
df.index = pd.RangeIndex(2)
# dataframes: []
# ---
df = df
df.attrs["note"] = "not a value"
# dataframes: []
