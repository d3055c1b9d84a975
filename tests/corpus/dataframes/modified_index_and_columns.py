import numpy as np
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
# dataframes: [["df", 3, 2]]
# ---
df.index = [10, 20, 30]
# dataframes: [["df", 3, 2]]
# ---
df.index = df.index + 1
# dataframes: [["df", 3, 2]]
# ---
df.columns = ["a", "c"]
# dataframes: [["df", 3, 2]]
# ---
df.index.name = "key"
# dataframes: [["df", 3, 2]]
# ---
df.columns.name = "field"
# dataframes: [["df", 3, 2]]
# ---
df.index.name = "key"
df.columns.name = "field"
# dataframes: []
# ---
df.rename_axis(index="other", inplace=True)
# dataframes: [["df", 3, 2]]
# ---
df.index.rename("again", inplace=True)
# dataframes: [["df", 3, 2]]
# ---
df.columns = df.columns.str.upper()
# dataframes: [["df", 3, 2]]
# ---
df.columns = pd.MultiIndex.from_tuples([("x", "A"), ("x", "C")])
# dataframes: [["df", 3, 2]]
# ---
df.columns.names = ["outer", None]
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.MultiIndex.from_tuples([(1, "p"), (1, "q"), (2, "p")], names=["n", "t"])
# dataframes: [["df", 3, 2]]
# ---
df.index.names = ["n", "u"]
# dataframes: [["df", 3, 2]]
# ---
df.index.set_names("v", level=1, inplace=True)
# dataframes: [["df", 3, 2]]
# ---
held = [df.index.get_loc((1, "q")), df.loc[(1, "q")], df.xs("p", level="v"), df.index.levels, df.swaplevel(),
        df.unstack(), df.index.get_level_values(0), df.index.to_frame(), df.index.nbytes]
del held
# dataframes: []
# ---
df.index = pd.RangeIndex(3)
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.RangeIndex(1, 4)
# dataframes: [["df", 3, 2]]
# ---
# The same labels as other dtypes.
df.index = df.index.astype(float)
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.date_range("2020-01-01", periods=3)
# dataframes: [["df", 3, 2]]
# ---
held = [df.index.year, df.index.freq, df.loc["2020-01-02"], df.resample("D").sum(), df.index.inferred_freq,
        df.index.is_unique, df.index.hasnans]
del held
# dataframes: []
# ---
df.index.freq = None
# dataframes: [["df", 3, 2]]
# ---
df.index = df.index.tz_localize("UTC")
# dataframes: [["df", 3, 2]]
# ---
df.index = df.index.tz_convert("Europe/Berlin")
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.CategoricalIndex(["u", "v", "u"])
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.interval_range(0, 3)
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.interval_range(0, 3, closed="left")
# dataframes: [["df", 3, 2]]
# ---
df.index = pd.interval_range(0, 3, closed="left")
# dataframes: []
# ---
# An index that two frames share: its name is of both.
left = pd.DataFrame({"a": [1, 2]}, index=pd.Index([5, 6]))
right = pd.DataFrame({"b": [3, 4]}, index=pd.Index([5, 6]))
right.index.name = "own"
# dataframes: [["left", 2, 1], ["right", 2, 1]]
# ---
left.index.name = "left only"
# dataframes: [["left", 2, 1]]
# ---
left.index.values.flags.writeable, left.index.is_unique, 5 in left.index, left.loc[5]
# dataframes: []
