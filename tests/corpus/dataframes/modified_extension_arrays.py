import numpy as np
import pandas as pd
df = pd.DataFrame({
    "i": pd.array([1, None, 3], dtype="Int64"), "b": pd.array([True, None, False], dtype="boolean"),
    "s": pd.array(["x", None, "z"], dtype="string"), "c": pd.Categorical(["u", "v", "u"]),
    "d": pd.date_range("2020", periods=3), "z": pd.date_range("2020", periods=3, tz="UTC"),
    "t": pd.to_timedelta([1, 2, 3], unit="D"), "p": pd.period_range("2020-01", periods=3, freq="M"),
    "v": pd.interval_range(0, 3), "e": pd.arrays.SparseArray([0, 0, 1]),
})
plain = df[["d"]].copy()
# dataframes: [["df", 3, 10], ["plain", 3, 1]]
# ---
held = [df.isna(), df.drop(columns="e").describe(include="all"), repr(df), df["c"].cat.categories, df["d"].dt.day, df["v"].array.left,
        df["e"].sparse.density, df["i"].sum(), df["s"].str.len(), df.copy(), df["p"].dt.start_time,
        df["z"].dt.tz_convert("Asia/Tokyo"), df["c"].value_counts(), df.memory_usage(deep=True)]
del held
# dataframes: []
# ---
df.loc[0, "i"] = 2
# dataframes: [["df", 3, 10]]
# ---
df.loc[0, "i"] = pd.NA
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "b"] = True
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "s"] = "y"
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "c"] = "u"
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "d"] = pd.Timestamp("2021-05-05")
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "z"] = pd.NaT
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "t"] = pd.Timedelta(0)
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "p"] = pd.Period("2022-02", freq="M")
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "v"] = pd.Interval(5, 6)
# dataframes: [["df", 3, 10]]
# ---
df.loc[1, "v"] = pd.Interval(5, 7)
# dataframes: [["df", 3, 10]]
# ---
df["e"] = pd.arrays.SparseArray([0, 1, 0])
# dataframes: [["df", 3, 10]]
# ---
df["c"] = df["c"].cat.reorder_categories(["v", "u"])
# dataframes: [["df", 3, 10]]
# ---
df["i"].array[2] = 77
df["i"]._values[2] = 77
# dataframes: [["df", 3, 10]]
# ---
text = pd.DataFrame({"s": ["one", "two", "three"]})
# dataframes: [["text", 3, 1]]
# ---
held = [text["s"].str.upper(), text["s"] == "two", text.sort_values("s"), text["s"].tolist(), text.values]
del held
# dataframes: []
# ---
text.loc[1, "s"] = "TWO"
# dataframes: [["text", 3, 1]]
# ---
text["s"] = text["s"].str.lower()
# dataframes: [["text", 3, 1]]
# ---
text.iloc[0, 0] = None
# dataframes: [["text", 3, 1]]
