import datetime, decimal
import numpy as np
import pandas as pd
df = pd.DataFrame({"o": pd.Series(["a", 1, 2.5, None], dtype=object)})
# dataframes: [["df", 4, 1]]
# ---
df.at[0, "o"] = "b"
# dataframes: [["df", 4, 1]]
# ---
# The same value as another type, and numbers with the same hash.
df.at[1, "o"] = 1.0
# dataframes: [["df", 4, 1]]
# ---
df.at[1, "o"] = True
# dataframes: [["df", 4, 1]]
# ---
df.at[1, "o"] = -1
# dataframes: [["df", 4, 1]]
# ---
df.at[1, "o"] = -2
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = float("nan")
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = decimal.Decimal("1.10")
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = decimal.Decimal("1.11")
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = datetime.date(2020, 1, 1)
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = datetime.date(2020, 1, 2)
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = [1, [2, 3]]
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"][1].append(4)
# dataframes: [["df", 4, 1]]
# ---
len(df.at[3, "o"])
# dataframes: []
# ---
df.at[3, "o"] = {"k": {1, 2}}
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"]["k"].add(3)
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"] = np.zeros(3)
# dataframes: [["df", 4, 1]]
# ---
df.at[3, "o"][1] = 5
# dataframes: [["df", 4, 1]]
# ---
# Objects that are freed and made anew may get the same address.
for i in range(1000, 1020):
    df.at[2, "o"] = i * 1.5
# dataframes: [["df", 4, 1]]
# ---
for i in range(2000, 2020):
    df.at[2, "o"] = "text %d" % i
# dataframes: [["df", 4, 1]]
# ---
for i in range(3000, 3020):
    df.at[2, "o"] = "text %d" % i
# dataframes: [["df", 4, 1]]
# ---
many = pd.DataFrame({"s": pd.Series(["row %d" % i for i in range(50000)], dtype=object)})
# dataframes: [["many", 50000, 1]]
# ---
held = many["s"].str.len().sum(), many["s"].nunique(), many.sort_values("s"), many["s"].tolist()
del held
# dataframes: []
# ---
many.at[31234, "s"] = "other"
# dataframes: [["many", 50000, 1]]
# ---
many.at[0, "s"] = ["a list"]
# dataframes: [["many", 50000, 1]]
# ---
many.at[0, "s"].append("more")
# dataframes: [["many", 50000, 1]]
# ---
class Thing:
    value = 1
many.at[1, "s"] = Thing()
# dataframes: [["many", 50000, 1]]
# ---
many.at[1, "s"] = Thing()
# dataframes: [["many", 50000, 1]]
