import copy, io, pickle
import numpy as np
import pandas as pd
df = pd.DataFrame({
    "k": ["a", "b", "a", "c"], "i": [1, 2, 3, 4], "f": [1.5, np.nan, 2.5, 3.5],
    "d": pd.date_range("2020-01-01", periods=4), "c": pd.Categorical(["u", "v", "u", "u"]),
    "o": pd.Series([1, "x", None, 2.5], dtype=object), "b": [True, False, True, True],
})
right = pd.DataFrame({"k": ["a", "b"], "w": [10, 20]})
# dataframes: [["df", 4, 7], ["right", 2, 2]]
# ---
text = repr(df) + str(df) + df.to_string() + df.to_html()
# dataframes: []
# ---
held = [df.head(), df.tail(2), df.sample(2, random_state=1), df.describe(include="all")]
# dataframes: []
# ---
held = [df.groupby("k")["f"].sum(), df.groupby("k").agg({"i": "max", "f": "mean"}),
        df.groupby("c", observed=True).size(), [g for _, g in df.groupby("k")]]
# dataframes: []
# ---
held = [df.merge(right, on="k"), right.merge(df, how="outer", on="k"), pd.concat([df, df]),
        df.join(right.set_index("k"), on="k")]
# dataframes: []
# ---
held = [df.to_csv(), df.to_json(), df.to_dict(), df.to_records(), pickle.dumps(df),
        df.to_csv(io.StringIO())]
# dataframes: []
# ---
held = [df.values, df.to_numpy(), np.asarray(df), df["i"].values, df["k"].array, df.index.values,
        df.columns.values, df[["i", "f"]].values]
# dataframes: []
# ---
held = [c for c in df] + [r for r in df.iterrows()] + [t for t in df.itertuples()] + list(df.items())
# dataframes: []
# ---
held = [df.loc[1], df.iloc[1:3], df.at[0, "i"], df.iat[0, 1], df[df["i"] > 2], df["i"], df[["i", "f"]],
        df.i, df.get("missing"), df.query("i > 2"), df.eval("i + f"), df.loc[df["b"], "k"]]
# dataframes: []
# ---
held = [df.sort_values("i", ascending=False), df.sort_index(ascending=False), df.drop(columns="i"),
        df.rename(columns={"i": "j"}), df.reset_index(), df.set_index("k"), df.fillna(0.0, limit=None)
        if False else df["f"].fillna(0), df.dropna(), df.drop_duplicates(), df.assign(x=1), df.T,
        df.astype({"i": float}), df.reindex([3, 2, 1, 0]), df.replace({"i": {1: 9}})]
# dataframes: []
# ---
held = [df.dtypes, df.shape, df.size, df.ndim, df.empty, df.columns, df.index, df.axes, df.attrs,
        df.memory_usage(deep=True), df.info(buf=io.StringIO()), df.flags, len(df), "i" in df,
        df.columns.is_unique, df.columns.get_loc("i"), df.index.get_loc(2), df.index.is_monotonic_increasing]
# dataframes: []
# ---
held = [df.isna(), df.notna(), df.nunique(), df.duplicated(), df["k"].value_counts(), df["i"].rank(),
        df[["i", "f"]].corr(), df[["i", "f"]].cov(), df[["i", "f"]].quantile(0.5), df["f"].interpolate(),
        df["i"].cumsum(), df["i"].rolling(2).mean(), df.select_dtypes("number").sum(),
        df["d"].dt.year, df["k"].str.upper(), df["c"].cat.codes]
# dataframes: []
# ---
held = [df.apply(lambda column: column.isna().sum()), df.apply(lambda row: row["i"], axis=1),
        df["i"].map(str), df["i"].apply(float), df.pipe(len)]
# dataframes: []
# ---
held = [df.pivot_table(index="k", columns="c", values="i", observed=False), df.melt(id_vars="k"),
        df.set_index(["k", "i"])["f"].unstack(), df[["i", "f"]].stack(), pd.get_dummies(df["k"]),
        pd.crosstab(df["k"], df["c"]), df.set_index("d")["i"].resample("2D").sum(),
        pd.cut(df["i"], 2), df.explode("o"), df.groupby("k")["i"].transform("sum")]
# dataframes: []
# ---
held = [df.copy(), copy.copy(df), copy.deepcopy(df), df.equals(df.copy()), df == df, df[["i"]] + 1,
        pd.util.hash_pandas_object(df[["i", "k"]]), pickle.loads(pickle.dumps(df))]
del held, text
# dataframes: []
# ---
def total(frame):
    part = frame[["i", "f"]]
    part = part.copy()
    part["i"] = 0
    part.loc[0, "f"] = 100
    return part.sum()

answer = total(df)
# dataframes: []
# ---
# An element of an extracted copy, and of a result, is not an element of the frame.
values = df[["i", "f"]].to_numpy(copy=True)
values[0, 0] = 77
table = {"x": df["i"].tolist()}
table["x"][0] = 55
# dataframes: []
