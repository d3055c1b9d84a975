# The values look the same before and after.
import numpy as np
import pandas as pd
df = pd.DataFrame({"i": [0, 1, 2], "f": [0.0, 1.0, 2.0], "s": ["a", "b", "a"], "b": [0, 1, 1]})
# dataframes: [["df", 3, 4]]
# ---
df["i"] = df["i"].astype("int32")
# dataframes: [["df", 3, 4]]
# ---
df["i"] = df["i"].astype("uint32")
# dataframes: [["df", 3, 4]]
# ---
df["f"] = df["f"].astype("float32")
# dataframes: [["df", 3, 4]]
# ---
df["b"] = df["b"].astype(bool)
# dataframes: [["df", 3, 4]]
# ---
df["s"] = df["s"].astype("category")
# dataframes: [["df", 3, 4]]
# ---
df["s"] = df["s"].cat.as_ordered()
# dataframes: [["df", 3, 4]]
# ---
df["s"] = df["s"].cat.add_categories(["never"])
# dataframes: [["df", 3, 4]]
# ---
df["s"] = df["s"].cat.rename_categories({"a": "A"})
# dataframes: [["df", 3, 4]]
# ---
df["s"] = df["s"].astype(object)
# dataframes: [["df", 3, 4]]
# ---
df["s"] = df["s"].astype("string")
# dataframes: [["df", 3, 4]]
# ---
df["i"] = df["i"].astype("Int64")
# dataframes: [["df", 3, 4]]
# ---
df["i"] = df["i"].astype("Int32")
# dataframes: [["df", 3, 4]]
# ---
df["i"] = df["i"].astype(object)
# dataframes: [["df", 3, 4]]
# ---
df["i"] = df["i"].astype(float).astype(object)
# dataframes: [["df", 3, 4]]
# ---
df["t"] = pd.to_datetime(["2020-01-01"] * 3)
# dataframes: [["df", 3, 5]]
# ---
df["t"] = df["t"].dt.tz_localize("UTC")
# dataframes: [["df", 3, 5]]
# ---
df["t"] = df["t"].dt.tz_convert("Asia/Tokyo")
# dataframes: [["df", 3, 5]]
# ---
df["t"] = df["t"].dt.tz_localize(None).dt.to_period("D")
# dataframes: [["df", 3, 5]]
# ---
df["f"] = pd.arrays.SparseArray(df["f"])
# dataframes: [["df", 3, 5]]
# ---
raw = pd.DataFrame({"x": np.array([1, 2, 3], dtype="int64")})
# dataframes: [["raw", 3, 1]]
# ---
values = raw._mgr.blocks[0].values
values.dtype = "uint64"
# dataframes: [["raw", 3, 1]]
