import numpy as np
import pandas as pd
df = pd.DataFrame({"k": [3, 1, 2, 2], "f": [1.0, np.nan, 3.0, 3.0], "s": ["c", "a", "b", "b"]})
# dataframes: [["df", 4, 3]]
# ---
df.sort_values("k", inplace=True)
# dataframes: [["df", 4, 3]]
# ---
df.sort_index(inplace=True)
# dataframes: [["df", 4, 3]]
# ---
df.drop_duplicates(subset="s", inplace=True)
# dataframes: [["df", 3, 3]]
# ---
df.fillna(0.0, inplace=True)
# dataframes: [["df", 3, 3]]
# ---
df.rename(columns={"f": "g"}, inplace=True)
# dataframes: [["df", 3, 3]]
# ---
df.rename(index={0: 50}, inplace=True)
# dataframes: [["df", 3, 3]]
# ---
df.replace({"k": {3: 33}}, inplace=True)
# dataframes: [["df", 3, 3]]
# ---
df.set_index("s", inplace=True)
# dataframes: [["df", 3, 2]]
# ---
df.reset_index(inplace=True)
# dataframes: [["df", 3, 3]]
# ---
df.drop(index=0, inplace=True)
# dataframes: [["df", 2, 3]]
# ---
df.reset_index(drop=True, inplace=True)
# dataframes: [["df", 2, 3]]
# ---
df.eval("t = k * 2", inplace=True)
# dataframes: [["df", 2, 4]]
# ---
df.drop(columns="t", inplace=True)
# dataframes: [["df", 2, 3]]
# ---
df.query("k > 1", inplace=True)
# dataframes: [["df", 1, 3]]
# ---
df.update(pd.DataFrame({"k": [1000]}, index=df.index))
# dataframes: [["df", 1, 3]]
# ---
numbers = pd.DataFrame({"x": [1.0, 5.0, np.nan], "y": [2.0, 6.0, 8.0]})
# dataframes: [["numbers", 3, 2]]
# ---
numbers.clip(upper=5.5, inplace=True)
# dataframes: [["numbers", 3, 2]]
# ---
numbers.mask(numbers > 5, -1.0, inplace=True)
# dataframes: [["numbers", 3, 2]]
# ---
numbers.where(numbers > 0, 100.0, inplace=True)
# dataframes: [["numbers", 3, 2]]
# ---
numbers.loc[0, "x"] = np.nan
numbers.interpolate(inplace=True, limit_direction="both")
# dataframes: [["numbers", 3, 2]]
# ---
numbers *= 2
# dataframes: [["numbers", 3, 2]]
# ---
numbers.loc[0, "x"] = np.nan
# dataframes: [["numbers", 3, 2]]
# ---
numbers.dropna(inplace=True)
# dataframes: [["numbers", 2, 2]]
# ---
# With nothing to do, nothing is modified.
numbers.dropna(inplace=True)
numbers.fillna(0.0, inplace=True)
numbers.sort_index(inplace=True)
numbers.drop_duplicates(inplace=True)
# dataframes: []
